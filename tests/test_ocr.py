"""Scanned pages are read: what the engine makes of a picture of a page whose text is known."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from archive import Archive, Settings
from archive.chinese.text import fold
from archive.evidence.page_image import page_picture, page_text
from benchmarks.ocr import right_share
from ingest.extract import ocr
from ingest.extract.ocr import RecognisedLine, recognise, tidy_text
from ingest.reading.briefing_reader import AS_PRINTED, read_briefing
from ingest.structure.contents_page import bare
from tests.conftest import ROOT, ingest_quietly

PAGES = (1, 2)
SCALE = 200 / 72

needs_engine = pytest.mark.skipif(
    not ocr.is_available(), reason="the extra `ocr` (RapidOCR) is not installed"
)


@pytest.fixture(scope="module")
def sample(samples: list[Path]) -> Path:
    return samples[0]


def scan(pdf: Path, page: int, skew: float = 0.0) -> Image.Image:
    """A page as a scanner gives it: gray, lossily compressed, perhaps askew."""
    picture, _ = page_picture(pdf.read_bytes(), page, SCALE, None)
    if skew:
        picture = picture.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255)
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=60)
    return Image.open(jpeg)


@pytest.fixture(scope="module")
def recognised(sample: Path) -> list[tuple[RecognisedLine, ...]]:
    """The sample's first pages from their scans; the second one lies askew."""
    return [recognise(scan(sample, page, skew=0.7 * (page == 2)), SCALE) for page in PAGES]


@needs_engine
def test_nearly_all_characters_are_right(
    sample: Path, recognised: list[tuple[RecognisedLine, ...]]
) -> None:
    for page, lines in zip(PAGES, recognised, strict=True):
        text = "\n".join(line.text for line in lines)
        assert right_share(page_text(sample, page), text) >= 0.98, f"page {page}:\n{text}"


@needs_engine
def test_headings_are_lines_of_their_own_in_larger_type(
    sample: Path, recognised: list[tuple[RecognisedLine, ...]]
) -> None:
    for page, lines in zip(PAGES, recognised, strict=True):
        sizes = sorted(line.size for line in lines for _ in line.text)
        body = sizes[len(sizes) // 2]
        printed = {squeezed(line) for line in page_text(sample, page).splitlines()}
        headings = [line for line in lines if re.match(r"\d(\.\d)? ?\D", line.text)]
        larger = [line for line in headings if line.size > body]
        assert larger, f"no heading on page {page}: {lines}"
        assert all(squeezed(line.text) in printed for line in larger)


@needs_engine
def test_lines_stand_where_they_are_on_the_page(
    recognised: list[tuple[RecognisedLine, ...]],
) -> None:
    for lines in recognised:
        assert all(0 < line.x < 595 and 0 < line.y < 842 for line in lines)
        heights = [line.y for line in lines]
        assert heights == sorted(heights, reverse=True)
        assert all(0 < line.confidence <= 1 for line in lines)


@needs_engine
def test_left_column_is_read_before_the_right_one() -> None:
    typst = pytest.importorskip("typst")
    source = "#set page(columns: 2)\n#set par(leading: 1em)\n#lorem(420)"
    pdf = typst.compile(source.encode(), format="pdf")
    lines = recognise(*page_picture(pdf, 1, SCALE, None))
    text = " ".join(line.text for line in lines)
    assert text.startswith("Lorem ipsum")
    left = [line.x < 250 for line in lines[:-1]]
    assert left == sorted(left, reverse=True)
    assert True in left
    assert False in left


@needs_engine
def test_an_empty_page_has_no_lines() -> None:
    assert recognise(Image.new("L", (600, 800), 255), 1.0) == ()


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("1.1 Brookings分析:低预期峰会,核心目标", "1.1 Brookings分析：低预期峰会，核心目标"),
        ("关键原材料(尤其是稀土）的依赖", "关键原材料（尤其是稀土）的依赖"),
        ("暂停期至2026年11月),但新框架", "暂停期至2026年11月），但新框架"),
        ("2. Reuters (2026-05-06): What' s next?", "2. Reuters (2026-05-06): What's next?"),
        ("星海财经 (2026-08-18): 首批许可发放", "星海财经 (2026-08-18): 首批许可发放"),
        ("比例为 5:3,共 1,200 家", "比例为 5:3，共 1,200 家"),
        ("深远影响··…··· 5", "深远影响...... 5"),
    ],
)
def test_slips_that_are_plain_are_set_right(text: str, tidied: str) -> None:
    assert tidy_text(text) == tidied


def test_asking_for_the_engine_loads_nothing() -> None:
    assert isinstance(ocr.is_available(), bool)
    code = "import sys, ingest.extract.ocr as o; o.is_available(); sys.exit('cv2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


@needs_engine
def test_a_scanned_briefing_is_taken_in_and_marked(tmp_path: Path, tiny_model: Path) -> None:
    settings = Settings(tmp_path / "home", model=str(tiny_model))
    (report,) = ingest_quietly([ROOT / "tests" / "data" / "scanned.pdf"], settings).files
    assert (report.outcome, report.date) == ("new", "2026-05-07")
    assert {warning.code for warning in report.warnings} >= {"ocr"}
    archive = Archive.open(settings)
    stored, passages, _ = archive.show(str(report.briefing_id))
    assert {page.quality for page in stored.briefing.pages} == {"ocr"}
    assert all(0.9 < (passage.ocr_confidence or 0) <= 1 for passage in passages)
    (first, *_) = archive.search("动力电池回收网点", mode="keyword")
    assert first.passage.ocr_confidence is not None


@needs_engine
def test_the_scanned_example_has_its_sections(example_pdfs: list[Path]) -> None:
    """The real briefing as a scan of 200 dpi: date, section tree, pages, references."""
    path = example_pdfs[0].with_name("briefing_2026-05-07.pdf")
    pages = [scan(path, page) for page in range(1, 8)]
    scanned = io.BytesIO()
    pages[0].save(scanned, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    briefing = read_briefing(Path("scan.pdf"), scanned.getvalue(), AS_PRINTED)
    truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert (briefing.title, briefing.date) == (truth["title"], truth["date"])
    expected = [(s["number"], s["level"], s["page"]) for s in truth["sections"]]
    assert [(s.number, s.level, s.page) for s in briefing.numbered] == expected
    titles = [bare(section["title"]) for section in truth["sections"]]
    assert [bare(section.title) for section in briefing.numbered] == titles
    assert len(briefing.references) == truth["references"]["count"]
    printed = read_briefing(path, path.read_bytes(), AS_PRINTED)
    expected_text, text = (
        "".join(section.text for section in read.sections) for read in (printed, briefing)
    )
    assert right_share(expected_text, text) >= 0.98

"""Reading PDFs: the real briefing in two makes, the samples against their sources, the refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from archive.chinese.text import compact
from archive.errors import ReadError
from archive.records import Briefing
from ingest.extract.cid_tables import cid_to_unicode
from ingest.extract.lines import Line
from ingest.extract.pdf import read_pdf
from ingest.reading.briefing_reader import AS_PRINTED, ReadOptions, read_briefing
from ingest.reading.passages import MAX_WEIGHT, cut_passages
from ingest.structure.furniture import remove_furniture
from ingest.structure.headings import find_headings
from ingest.structure.paragraphs import measure
from ingest.structure.printed_dates import first_date
from ingest.structure.references import read_references
from tests.conftest import SAMPLES


def read(path: Path, options: ReadOptions = AS_PRINTED) -> Briefing:
    return read_briefing(path, path.read_bytes(), options)


def same(one: str, other: str) -> bool:
    """Equal but for white space and the shapes of quotes."""
    return compact(one).text == compact(other).text


# --- the real briefing ---------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["", "_fandol_no_outline"])
def test_example_is_read_as_its_truth_says(example_pdfs: list[Path], make: str) -> None:
    path = example_pdfs[0].with_name(f"briefing_2026-05-07{make}.pdf")
    truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    briefing = read(path)
    assert (briefing.title, briefing.issuer, briefing.date) == (
        truth["title"],
        truth["issuer"],
        truth["date"],
    )
    abstract = compact(briefing.abstract).text
    assert abstract.startswith(compact(truth["abstract"]["first20"]).text)
    assert abstract.endswith(compact(truth["abstract"]["last20"]).text)
    assert len(briefing.numbered) == len(truth["sections"]) == 13
    for section, expected in zip(briefing.numbered, truth["sections"], strict=True):
        assert (section.number, section.level) == (expected["number"], expected["level"])
        assert same(section.title, expected["title"])
        assert (section.page, section.printed) == (expected["page"], expected["printed_page"])
        text = compact(section.text).text
        assert text[:20] == compact(expected["first20"]).text
        assert text[-20:] == compact(expected["last20"]).text
    for reference, expected in zip(briefing.references, truth["references"]["items"], strict=True):
        assert (reference.number, reference.outlet) == (expected["n"], expected["outlet"])
        assert reference.date == expected["date"]
        assert same(reference.title, expected["title"])
    assert briefing.signal == ("contents" if make else "outline")


def test_gb1_table_agrees_with_adobes() -> None:
    """Some of Adobe-GB1-UCS2's own entries: ASCII, symbols, first and last hanzi of GB2312."""
    table = cid_to_unicode("GB1")
    adobe = {34: "A", 96: "\u3000", 97: "、", 98: "。", 940: "啊", 7702: "齄"}
    assert {cid: table[cid] for cid in adobe} == adobe


# --- the samples ---------------------------------------------------------------------------------


def source_of(pdf: Path) -> tuple[dict[str, str], list[tuple[int, str, str]]]:
    """A sample's source: its head, and (level, title, text) of each heading."""
    text = (SAMPLES / "sources" / f"{pdf.stem.removeprefix('briefing-')}.md").read_text("utf-8")
    _, head, body = text.split("---\n", 2)
    fields = dict(re.findall(r"^(\w+):\s*([^#\n]*?)\s*(?:#.*)?$", head, re.MULTILINE))
    parts = re.split(r"^(#{1,2}) (.+)$", body, flags=re.MULTILINE)
    headings = [
        (len(parts[i]), parts[i + 1].strip(), parts[i + 2].strip()) for i in range(1, len(parts), 3)
    ]
    return fields, headings


def test_samples_are_enough(samples: list[Path]) -> None:
    assert len(samples) >= 24
    assert len({path.stem[-10:-3] for path in samples}) >= 4  # months


@pytest.mark.parametrize("pdf", sorted(SAMPLES.glob("*.pdf")), ids=lambda pdf: pdf.stem)
def test_sample_is_read_as_its_source_says(pdf: Path) -> None:
    fields, (abstract, *headings) = source_of(pdf)
    briefing = read(pdf)
    assert (briefing.title, briefing.issuer) == (fields["title"], fields["issuer"])
    assert briefing.date == fields["date"]
    assert same(briefing.abstract, abstract[2])
    assert briefing.signal == ("outline" if fields["outline"] == "true" else "contents")
    assert [(s.level, compact(s.title).text) for s in briefing.numbered] == [
        (level, compact(title).text) for level, title, _ in headings
    ]
    for section, (_, title, text) in zip(briefing.numbered, headings, strict=True):
        if title != "参考文献":
            assert same(section.text, text), section.title
    items = re.findall(r"^\d+\.\s*(.+)$", headings[-1][2], re.MULTILINE)
    assert [compact(r.line).text for r in briefing.references] == [
        compact(item).text for item in items
    ]
    assert not briefing.warnings


@pytest.mark.parametrize("pdf", sorted(SAMPLES.glob("*.pdf"))[::4], ids=lambda pdf: pdf.stem)
def test_other_signals_find_the_same_headings(pdf: Path) -> None:
    """Without its bookmarks, and without its contents page too, a sample reads the same."""
    document = read_pdf(pdf, pdf.read_bytes())
    lines = [line for page in remove_furniture(document.pages) for line in page.lines]
    layout = measure(lines)
    expected = find_headings(lines, document.outline, layout).headings
    by_contents = find_headings(lines, (), layout)
    assert by_contents.signal == "contents"
    assert [h.start for h in by_contents.headings] == [h.start for h in expected]
    start = next(i for i, line in enumerate(lines) if line.text in ("目录", "Contents"))
    without = lines[:start] + lines[expected[0].start :]
    by_size = find_headings(without, (), layout)
    assert by_size.signal == "size"
    assert [h.number for h in by_size.headings] == [h.number for h in expected]


# --- passages ------------------------------------------------------------------------------------


def test_long_sections_are_cut_at_sentence_ends(samples: list[Path]) -> None:
    from dataclasses import replace

    briefing = read(samples[0])
    section = briefing.numbered[1]
    text = section.text.replace("\n", "") * 6
    long = replace(briefing, sections=(replace(section, text=text, page_starts=((0, 1),)),))
    passages = cut_passages(long)
    assert len(passages) > 2
    assert "".join(passage.text for passage in passages) == text
    assert all(len(passage.text) <= 2 * MAX_WEIGHT for passage in passages)
    assert all(passage.text.rstrip().endswith(("。", "”", "！", "？")) for passage in passages)


def test_ids_are_the_same_wherever_the_file_lies(samples: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "别的名字 2031-01-01.pdf"
    copy.write_bytes(samples[0].read_bytes())
    assert cut_passages(read(copy)) == cut_passages(read(samples[0]))


# --- dates and references ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026 年 5 月 7 日", "2026-05-07"),
        ("2026年5 月7 日", "2026-05-07"),
        ("2026-05-07", "2026-05-07"),
        ("2026.5.7", "2026-05-07"),
        ("briefing_20260507_final", "2026-05-07"),
        ("二〇二六年五月七日", "2026-05-07"),
        ("二○二六年十二月三十一日", "2026-12-31"),
        ("2026 年 5 月", "2026-05"),
        ("2026年13月40日", None),
        ("二〇二六年十一一月", None),
        ("二〇二六年十一月三十日", "2026-11-30"),
        ("共 20260 条", None),
        ("第 12 期", None),
    ],
)
def test_find_date(text: str, date: str | None) -> None:
    assert first_date(text) == date


def test_references_over_line_ends() -> None:
    texts = ["1. Reuters (2026-05-01): First", "line", "[2] 星海财经（2026年3月2日）：标题"]
    texts += ["3、无日期"]
    lines = [Line(1, text, 10.0, False, 0.0, 0.0) for text in texts]
    first, second, third = read_references(lines, measure(lines))
    assert (first.outlet, first.date, first.title) == ("Reuters", "2026-05-01", "First line")
    assert (second.outlet, second.date, second.title) == ("星海财经", "2026-03-02", "标题")
    assert (third.outlet, third.date, third.title) == ("", "", "无日期")


# --- refusals ------------------------------------------------------------------------------------


def rewritten(pdf: Path, change: Callable[[PdfWriter], None]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def without_character_tables(writer: PdfWriter) -> None:
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].get_object().values():  # type: ignore[index]
            font.get_object().pop(NameObject("/ToUnicode"), None)


def blank(writer: PdfWriter) -> None:
    while len(writer.pages):
        writer.remove_page(0)
    writer.add_blank_page(595, 842)


def make_bad(kind: str, sample: Path) -> bytes:
    """A file of the kind that ends in that code."""
    data = sample.read_bytes()
    made: dict[str, Callable[[], bytes]] = {
        "not_a_pdf": lambda: "这是一个文本文件。".encode(),
        "damaged": lambda: data[: len(data) // 3],
        "encrypted": lambda: rewritten(sample, lambda w: w.encrypt("秘密", algorithm="AES-256")),
        "no_text": lambda: rewritten(sample, blank),
        "garbled": lambda: rewritten(sample, without_character_tables),
    }
    return made[kind]()


@pytest.mark.parametrize("code", ["not_a_pdf", "damaged", "encrypted", "no_text", "garbled"])
def test_refusals_have_a_code_and_a_cure(samples: list[Path], code: str, tmp_path: Path) -> None:
    path = tmp_path / "2026-01-01.pdf"
    path.write_bytes(make_bad(code, samples[0]))
    with pytest.raises(ReadError) as caught:
        read(path, ReadOptions(ocr=False))
    assert caught.value.code == code
    assert path.name in caught.value.message
    assert caught.value.cure
    assert caught.value.cure_zh


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04word", b"<html></html>"])
def test_not_a_pdf_names_the_kind(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"empty|picture|Office|HTML") as caught:
        read_briefing(Path("a.pdf"), data, AS_PRINTED)
    assert caught.value.code == "not_a_pdf"


def test_a_password_opens(samples: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_bad("encrypted", samples[0]))
    assert read(path, ReadOptions(password="秘密")).date == read(samples[0]).date
    with pytest.raises(ReadError, match="does not open"):
        read(path, ReadOptions(password="falsch"))


def test_no_date_unless_given(tmp_path: Path) -> None:
    import typst

    body = "= A note without any day\n\n" + "Rare earth exports were discussed at length. " * 8
    (tmp_path / "note.typ").write_text(body)
    pdf = tmp_path / "note.pdf"
    pdf.write_bytes(typst.compile(str(tmp_path / "note.typ")))
    with pytest.raises(ReadError) as caught:
        read(pdf)
    assert caught.value.code == "no_date"
    assert read(pdf, ReadOptions(date="2026-05")).date == "2026-05"
    named = pdf.rename(tmp_path / "note 2026年5月7日.pdf")
    briefing = read(named)
    assert briefing.date == "2026-05-07"
    assert {warning.code for warning in briefing.warnings} >= {"date_from_file_name"}


def test_without_headings_each_page_is_a_section(tmp_path: Path) -> None:
    import typst

    pages = ["Plain words with nothing like a heading, on one page. ", "Others on the next. "]
    (tmp_path / "plain.typ").write_text("\n#pagebreak()\n".join(text * 9 for text in pages))
    pdf = tmp_path / "plain 2026-05-07.pdf"
    pdf.write_bytes(typst.compile(str(tmp_path / "plain.typ")))
    briefing = read(pdf)
    assert briefing.signal == "none"
    assert [section.page for section in briefing.numbered] == [1, 2]
    assert "no_headings" in {warning.code for warning in briefing.warnings}

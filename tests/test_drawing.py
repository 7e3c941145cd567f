"""Drawing for readers: in few pixels, in a worker with limits, and as the page is."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.evidence import page_image
from archive.evidence.drawing import draw_page, find_quote, page_text
from archive.evidence.page_image import PageError, mark_quote
from tests.conftest import SAMPLES
from tests.hostile_pages import BOXES, HOSTILE, hostile_page, pdf

MOST_PIXELS = 4_300_000
MOST_BYTES = 6 * 2**20
A4, A3 = (1190, 1684), (2382, 1684)
"""Pixels at 2 a point."""
TOO_MUCH = "a JBIG2 of 60,000 by 60,000"
ENDLESS = "a shading of 60,000 steps a pixel"


def written(folder: Path, data: bytes, name: str = "page") -> Path:
    path = folder / f"{name}.pdf"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["briefing-2026-03-03", "briefing-2026-07-01"])
@pytest.mark.parametrize("quote", ["", "列管元素定为10种，审批时限为20个工作日", "没有的话"])
def test_a_page_is_drawn_and_read_as_in_this_process(name: str, quote: str) -> None:
    sample = SAMPLES / f"{name}.pdf"
    assert draw_page(sample, 1, quote) == mark_quote(sample, 1, quote)
    assert page_text(sample, 2) == page_image.page_text(sample, 2)
    text = page_text(sample, 1)
    assert find_quote(text, text[40:90]) == page_image.find_quote(text, text[40:90])


@pytest.mark.parametrize(("box", "size"), [(b"[0 0 595 842]", A4), (b"[0 0 1190.55 841.89]", A3)])
def test_the_sizes_of_paper_are_drawn_in_full(
    box: bytes, size: tuple[int, int], tmp_path: Path
) -> None:
    image = draw_page(written(tmp_path, pdf(box=box)), HOSTILE, "")
    assert (image.width, image.height) == size


@pytest.mark.parametrize("kind", BOXES)
def test_a_page_of_any_size_has_few_pixels_or_is_told_of(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, hostile_page(kind))
    if kind == "a crop outside the page":
        with pytest.raises(PageError) as raised:
            draw_page(path, HOSTILE, "")
        assert raised.value.reason == "unreadable"
    else:
        image = draw_page(path, HOSTILE, "")
        assert 0 < image.width * image.height <= MOST_PIXELS
        assert max(image.width, image.height) <= 8_192


def test_the_pixels_for_text_recognition_are_few_too() -> None:
    data = hostile_page("box of a thousand million points")
    picture, scale = page_image.page_picture(data, HOSTILE, 200 / 72, None)
    assert picture.width * picture.height <= 2**24 + 2**14
    assert scale == pytest.approx(picture.width / 1e9, rel=1e-3)


def test_a_quote_is_marked_where_it_stands_on_a_page_drawn_smaller(tmp_path: Path) -> None:
    image = draw_page(written(tmp_path, pdf(box=b"[0 0 4000 4000]")), HOSTILE, "Hostile page")
    ((left, top, right, bottom),) = image.boxes
    scale = image.width / 4000
    assert left == pytest.approx(9 * scale, abs=2)
    assert right < 150 * scale
    assert image.height - 40 * scale < top < bottom <= image.height


def test_a_picture_has_few_bytes_whatever_it_shows(tmp_path: Path) -> None:
    image = draw_page(written(tmp_path, hostile_page("noise")), HOSTILE, "")
    assert len(image.png) <= MOST_BYTES


# --- limits ---------------------------------------------------------------------------------------


def test_a_page_that_takes_too_much_is_told_of_and_not_tried_again(tmp_path: Path) -> None:
    path = written(tmp_path, hostile_page(TOO_MUCH))
    for cause in (MemoryError, type(None)):  # the second time it is remembered
        with pytest.raises(PageError) as raised:
            draw_page(path, HOSTILE, "")
        assert raised.value.reason == "too_complex"
        assert isinstance(raised.value.__cause__, cause)
    assert draw_page(path, 1, "").width == A4[0]


def test_pages_without_end_end_and_hold_up_no_other(tmp_path: Path) -> None:
    """Neither one page of a document known to be sound, nor others' first pages."""
    known, *others = sorted(SAMPLES.glob("*.pdf"))[:3]
    assert draw_page(known, 1, "").width
    endless = [written(tmp_path, hostile_page(ENDLESS), str(at)) for at in range(8)]
    with ThreadPoolExecutor(len(endless)) as threads:
        first = threads.submit(draw_page, endless[0], HOSTILE, "")
        for sample in others:
            assert draw_page(sample, 1, "").width
        assert not first.done()
        drawn = [first, *(threads.submit(draw_page, path, HOSTILE, "") for path in endless[1:])]
        assert draw_page(known, 2, "").width
        assert not any(each.done() for each in drawn[1:])
        errors = [each.exception() for each in drawn]
    assert {error.reason for error in errors} <= {"too_complex", "busy"}  # type: ignore[union-attr]
    assert isinstance(errors[0], PageError)
    assert errors[0].reason == "too_complex"
    assert isinstance(errors[0].__cause__, TimeoutError)


def test_a_search_for_a_quote_that_has_no_end_ends() -> None:
    """Each character that pypdf couldn't read may be any or none: 2 to the 60th ways to fail."""
    assert find_quote("稀" * 400, "\ufffd稀" * 60 + "土") == range(0)
    assert find_quote("稀土出口许可", "出口") == range(2, 4)


_SERVER = """
import json, resource, sys
from pathlib import Path
from archive.evidence.drawing import draw_page
from archive.evidence.page_image import PageError
from benchmarks.memory import peak
resource.setrlimit(resource.RLIMIT_AS, (600 * 2**20, resource.RLIM_INFINITY))
for path in sys.argv[1:]:
    try:
        image = draw_page(Path(path), 2, "Hostile page")
        print(json.dumps([image.width, image.height]))
    except PageError as error:
        print(json.dumps(error.reason))
print(json.dumps(peak()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system doesn't limit address space")
def test_the_process_that_asks_stays_small(tmp_path: Path) -> None:
    kinds = (TOO_MUCH, "box of 8,000 points", "50,000 clips", "a gray image of 900 million pixels")
    paths = [written(tmp_path, hostile_page(kind), str(at)) for at, kind in enumerate(kinds)]
    done = subprocess.run(
        [sys.executable, "-c", _SERVER, *map(str, paths)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    *outcomes, most = map(json.loads, done.stdout.splitlines())
    assert outcomes[:3] == ["too_complex", [2048, 2048], "too_complex"]
    assert most < 150 * 2**20

"""Each page judged: its own text, recognised text, or why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from archive.errors import ArchiveError, ReadError
from ingest.extract import ocr
from ingest.extract.lines import Line
from ingest.extract.pdf import PageText, PdfText
from ingest.extract.text_quality import MINIMUM, is_garbled, is_garbled_line, is_nonsense

_SCALE = 200 / 72
"""Pixels a point at which pages are drawn for text recognition."""


def judged_pages(
    path: Path, data: bytes, document: PdfText, password: str | None, *, recognise: bool
) -> tuple[PageText, ...]:
    """The document's pages with their quality; those without text recognised, if they can be.

    Raises ReadError `no_text` or `garbled` when no page can be read.
    """
    pages = [_judge(page) for page in document.pages]
    if is_nonsense("".join(line.text for line in _lines(pages))):
        pages = [replace(page, lines=(), quality="garbled") for page in pages]
    if recognise and ocr.is_available():
        pages = [
            _recognised(page, number, data, password)
            if page.quality in ("no_text", "garbled")
            else page
            for number, page in enumerate(pages, 1)
        ]
    _check(path, pages)
    return tuple(pages)


def _judge(page: PageText) -> PageText:
    """A page with its quality; text that can't be decoded is left out."""
    if page.problem:
        return replace(page, quality="damaged")
    text = "".join(line.text for line in page.lines)
    if is_garbled(text):
        return replace(page, lines=(), quality="garbled")
    garbled = {line for line in page.lines if is_garbled_line(line.text)}
    if garbled:
        kept = tuple(line for line in page.lines if line not in garbled)
        page = replace(page, lines=kept, left_out=len(garbled))
    if page.drawn and len(text) < MINIMUM:
        return replace(page, quality="no_text")
    return replace(page, quality="text" if text else "blank")


def _recognised(page: PageText, number: int, data: bytes, password: str | None) -> PageText:
    """A page by its recognised text; as it was when it can't be drawn or nothing is recognised."""
    from archive.evidence.page_image import page_picture

    try:
        picture, scale = page_picture(data, number, _SCALE, password)
    except ArchiveError:  # the page stays listed as unread, and costs no other
        return page
    found = ocr.recognise(picture, scale)
    lines = tuple(
        Line(number, line.text, line.size, False, line.x, line.y) for line in found if line.text
    )
    if sum(len(line.text) for line in lines) <= sum(len(line.text) for line in page.lines):
        return page
    characters = sum(len(line.text) for line in found)
    confidence = sum(line.confidence * len(line.text) for line in found) / characters
    return replace(page, lines=lines, quality="ocr", confidence=round(confidence, 3))


def _check(path: Path, pages: Sequence[PageText]) -> None:
    """Raise ReadError when there is no text to speak of."""
    qualities = Counter(page.quality for page in pages)
    little = sum(len(line.text) for line in _lines(pages)) < MINIMUM
    if not little and qualities["garbled"] <= qualities["text"] + qualities["ocr"]:
        return
    if qualities["garbled"]:
        raise ReadError(
            "garbled",
            f"{path.name}: its text can't be decoded; the fonts carry no usable character table",
            "export the PDF again with Unicode fonts, or install the extra `ocr` "
            "(pip install 'briefing-archive[ocr]'), which reads the pages as pictures",
        )
    raise ReadError(
        "no_text",
        f"{path.name}: no text on its pages; it is probably a scan",
        "install the extra `ocr` (pip install 'briefing-archive[ocr]'), which reads it, "
        "or export the document as a text PDF",
    )


def _lines(pages: Sequence[PageText]) -> Iterator[Line]:
    return (line for page in pages for line in page.lines)

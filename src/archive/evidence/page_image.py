"""A page of a PDF as a picture, with a quote marked on it; the only module that knows pypdfium2.

The quote comes from pypdf's reading of the file and is looked for in pdfium's, so that a mark on
the picture is a second witness that the quote stands where the citation says.
"""

from __future__ import annotations

import io
import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from ctypes import c_double
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path
from typing import Any, Literal

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

from archive.chinese.text import compact
from archive.errors import ArchiveError

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, from the top left corner."""

Reason = Literal["missing", "unreadable", "no_page", "too_complex", "busy"]
"""The file is gone; it or its page can't be read; there is no such page; drawing it takes more than
one page may; others' pages are being drawn.
"""

_Area = tuple[float, float, float, float]
"""Left, bottom, right, top in points, as the page has them before it is turned."""

_MARKER = (255, 231, 110)
_MOST_PIXELS = 2**22
"""Of a picture for a reader; A3 at 2 pixels a point has less."""
_MOST_TO_RECOGNISE = 2**24
"""Of a picture for text recognition; A2 at 200 dpi has less."""
_LONGEST_SIDE = 2**13
"""In pixels; browsers don't show pictures of any length."""
_MOST_BYTES = 6 * 2**20
"""Of a picture as PNG; A4 at 2 pixels a point has less, even where no pixel is like another."""
_SHORTEST_PART = 8
"""Fewer characters of a quote than this may stand on a page by chance."""
_SHORTEST_AT_EDGE = 4
"""The same at a page's edge, where a page break would have cut the quote."""
_FURNITURE = 120
"""At most so many characters of running heads or feet stand between a page's edge and its body."""
_DEPTH, _HEIGHT = 0.2, 0.9
"""How far the mark of a line reaches below and above its baseline, in sizes of its characters."""
_MISSING = "\ufffd"
_LINE_END_HYPHEN = "\x02"

_pdfium = threading.Lock()  # pdfium may be used by one thread at a time


class PageError(ArchiveError):
    """A page that can't be drawn or read; `reason` says why, the message also of which file."""

    def __init__(self, reason: Reason, message: str, cure: str = "") -> None:
        super().__init__(message, cure)
        self.reason = reason

    def __reduce__(self) -> tuple[type[PageError], tuple[Reason, str, str]]:
        """Survive the way back from a worker process."""
        return PageError, (self.reason, self.message, self.cure)


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as PNG, `width` by `height` pixels, with the boxes marked on it, one a line."""

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]
    marked: bool
    """Whether the quote, or the part of it that stands on this page, was found."""


def mark_quote(pdf: Path, page: int, quote: str, scale: float = 2.0) -> PageImage:
    """Draw a physical page (from 1) at `scale` pixels a point, with a quote marked in yellow.

    A page that would be too large a picture is drawn smaller. Of a quote that runs over a page
    break the part on this page is marked. White space, width, dashes and the shapes of quotation
    marks make no difference. Raises PageError when the file can't be read, has no such page, or
    this can't be drawn.
    """
    with _open_page(pdf, page) as opened, _upright_text(opened) as text:
        chars = _characters(text)
        part = _beside_rest(chars, quote, opened.pdf, page) or find_quote(chars, quote)
        found = [i for i in part if not chars[i].isspace()]
        lines = _lines(_char_box(text, index) for index in found)
        scale = _scale_within(opened, scale, _MOST_PIXELS)
        image = _drawn(opened, lines, scale)
        while len(image.png) > _MOST_BYTES:
            scale /= 2
            image = _drawn(opened, lines, scale)
    return image


def _drawn(page: Any, marked: Sequence[_Area], scale: float) -> PageImage:
    """An opened page as a picture, with places on it marked."""
    with closing(page.render(scale=scale)) as bitmap:
        position = bitmap.get_posconv(page)
        boxes = tuple(_pixels(line, position) for line in marked)
        picture = _marked(bitmap.to_pil().convert("RGB"), boxes)
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=3)  # of text smaller than at 6, and sooner made
    return PageImage(png.getvalue(), *picture.size, boxes, marked=bool(boxes))


def page_picture(
    pdf: bytes, page: int, scale: float, password: str | None
) -> tuple[Image.Image, float]:
    """Draw a physical page (from 1) of a PDF's bytes in shades of gray, for text recognition.

    Returns the picture and its pixels a point: `scale`, or less where it would be too large. Raises
    ArchiveError when pdfium can't read the PDF, it has no such page, or this can't be drawn.
    """
    with _pdfium:
        try:
            with (
                closing(pypdfium2.PdfDocument(pdf, password)) as document,
                closing(document[page - 1]) as opened,
            ):
                scale = _scale_within(opened, scale, _MOST_TO_RECOGNISE)
                with closing(opened.render(scale=scale, grayscale=True)) as bitmap:
                    picture: Image.Image = bitmap.to_pil().copy()  # its memory goes with the bitmap
        except (pypdfium2.PdfiumError, IndexError) as error:
            raise ArchiveError(
                f"page {page} can't be drawn ({error})",
                "open the PDF in a viewer and print it to a new PDF",
            ) from error
    return picture, scale


def _scale_within(page: Any, scale: float, most: int) -> float:
    """The scale at which a page has at most so many pixels, and no side too long, if not `scale`.

    Raises PageError where the page has no size.
    """
    width, height = page.get_size()
    if not (isfinite(width * height) and width > 0 and height > 0):
        raise PageError(
            "unreadable",
            f"the page is {width:g} by {height:g} points",
            "open the PDF in a viewer and print it to a new PDF",
        )
    fitting: float = min(sqrt(most / width / height), _LONGEST_SIDE / max(width, height))
    return min(scale, fitting)


def page_text(pdf: Path, page: int) -> str:
    """Read pdfium's text of a physical page (from 1); raises PageError as `mark_quote` does."""
    with _open_page(pdf, page) as opened, _upright_text(opened) as text:
        return _characters(text)


def find_quote(page: str, quote: str) -> range:
    """The characters of a page's text that are a quote, or the likeliest part of it there.

    A part begins or ends the quote. A long one is likelier than a short one, and one at the page's
    edge likelier than one amid the page. The range is empty where nothing was found.
    """
    body = compact(page)
    # A character that pdfium couldn't read may be any; one that pypdf couldn't, any or none.
    pattern = [
        ".?" if char == _MISSING else f"[{re.escape(char)}{_MISSING}]"
        for char in compact(quote).text
    ]
    # The page may break a Latin word with a hyphen that the quote is without.
    pattern = [
        f"-?{part}" if before.isalpha() and before.isascii() else part
        for before, part in zip(f" {compact(quote).text}", pattern, strict=False)
    ]
    whole = re.search("".join(pattern), body.text) if pattern else None
    spans = [whole.span()] if whole else _parts(pattern, body.text)
    return range(*body.original(*spans[0])) if spans else range(0)


def _beside_rest(chars: str, quote: str, document: Any, page: int) -> range:
    """The part of a quote at a page's edge that the page before or after has the rest of.

    However short it is, it doesn't stand there by chance. Empty where the page has all of it.
    """
    body, wanted = compact(chars), compact(quote).text
    if not wanted or wanted in body.text:
        return range(0)
    rest = _part_on(document, page + 1, quote)
    own = wanted.removesuffix(rest)
    at = body.text.rfind(own)
    if rest and own and at >= 0 and len(body.text) - at - len(own) <= _FURNITURE:
        return range(*body.original(at, at + len(own)))
    rest = _part_on(document, page - 1, quote)
    own = wanted.removeprefix(rest)
    at = body.text.find(own)
    if rest and own and 0 <= at <= _FURNITURE:
        return range(*body.original(at, at + len(own)))
    return range(0)


def _part_on(document: Any, page: int, quote: str) -> str:
    """What of a quote stands on a page (from 1), compact; empty where there is no such page."""
    if not 1 <= page <= len(document):
        return ""
    try:
        with closing(document[page - 1]) as opened, _upright_text(opened) as text:
            chars = _characters(text)
    except pypdfium2.PdfiumError:  # a damaged page takes nothing from its neighbours
        return ""
    part = find_quote(chars, quote)
    return compact(chars[part.start : part.stop]).text


def _parts(pattern: Sequence[str], body: str) -> list[tuple[int, int]]:
    """Where a quote's longest beginning stands last and its longest end first, likelier first."""
    beginnings = _longest(lambda length: "".join(pattern[:length]), len(pattern), body)
    ends = _longest(lambda length: "".join(pattern[-length:]), len(pattern), body)

    def likelihood(span: tuple[int, int]) -> int:
        length, to_edge = span[1] - span[0], min(span[0], len(body) - span[1])
        if to_edge <= _FURNITURE:
            return 3 * length  # amid the page it may be a phrase that begins many sentences
        return length if length >= _SHORTEST_PART else 0

    return sorted(filter(likelihood, beginnings[-1:] + ends[:1]), key=likelihood, reverse=True)


def _longest(part: Callable[[int], str], most: int, body: str) -> list[tuple[int, int]]:
    """Where the longest part that occurs stands; each part is held in the next longer one."""
    lengths = range(_SHORTEST_AT_EDGE, most)
    absent = bisect_left(lengths, True, key=lambda length: not re.search(part(length), body))
    if absent == 0:
        return []
    return [match.span() for match in re.finditer(part(lengths[absent - 1]), body)]


@contextmanager
def _open_page(pdf: Path, page: int) -> Iterator[Any]:
    """A page of pdfium's, closed with its document; nothing else uses pdfium meanwhile."""
    if not pdf.is_file():
        raise PageError(
            "missing", f"the PDF is missing: {pdf}", "ingest it again, or restore it from a backup"
        )
    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except (pypdfium2.PdfiumError, OSError) as error:
            raise PageError(
                "unreadable",
                f"{pdf} can't be read as a PDF ({error})",
                "restore it from a backup, or ingest a sound copy",
            ) from error
        with closing(document):
            if not 1 <= page <= len(document):
                raise PageError(
                    "no_page",
                    f"{pdf} has no page {page}",
                    f"pages are numbered 1 to {len(document)}",
                )
            try:
                with closing(document[page - 1]) as opened:
                    yield opened
            except pypdfium2.PdfiumError as error:
                raise PageError(
                    "unreadable",
                    f"page {page} of {pdf} can't be read ({error})",
                    "restore the file from a backup, or ingest a sound copy",
                ) from error


@contextmanager
def _upright_text(page: Any) -> Iterator[Any]:
    """The page's text page, read as if the page were not turned; a turn would mix up its lines."""
    turned = page.get_rotation()
    page.set_rotation(0)
    with closing(page.get_textpage()) as text:
        page.set_rotation(turned)
        yield text


def _characters(text: Any) -> str:
    """A text page's characters, one for each of pdfium's indexes."""
    codes = (pypdfium2.raw.FPDFText_GetUnicode(text, index) for index in range(text.count_chars()))
    chars = (chr(code) if code else _MISSING for code in codes)
    return "".join("-" if char == _LINE_END_HYPHEN else char for char in chars)


def _char_box(text: Any, index: int) -> _Area:
    """A character's place: as wide as its ink, as high as a line of its size.

    What the font says of its height would take in other lines, since some say three times their
    size, and its width the next character where typesetting squeezes a full stop. A character set
    sideways or downwards is as high as its ink.
    """
    left, bottom, right, top = text.get_charbox(index)
    matrix, x, baseline = pypdfium2.raw.FS_MATRIX(), c_double(), c_double()
    pypdfium2.raw.FPDFText_GetMatrix(text, index, matrix)
    pypdfium2.raw.FPDFText_GetCharOrigin(text, index, x, baseline)
    size = pypdfium2.raw.FPDFText_GetFontSize(text, index) * abs(matrix.d)
    below, above = baseline.value - _DEPTH * size, baseline.value + _HEIGHT * size
    if not below < (bottom + top) / 2 < above:
        return left, bottom, right, top
    return left, below, right, above


def _lines(chars: Iterable[_Area]) -> list[_Area]:
    """The places of characters in reading order, joined to one a line."""
    lines: list[_Area] = []
    for left, bottom, right, top in chars:
        middle = (bottom + top) / 2
        if lines and lines[-1][1] < middle < lines[-1][3]:
            line = lines[-1]
            lines[-1] = (
                min(line[0], left), min(line[1], bottom), max(line[2], right), max(line[3], top)
            )  # fmt: skip
        else:
            lines.append((left, bottom, right, top))
    return lines


def _pixels(area: _Area, position: Any) -> Box:
    """Where a place on the page is on the picture, however the page is turned."""
    (x, y), (other_x, other_y) = position.to_bitmap(*area[:2]), position.to_bitmap(*area[2:])
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def _marked(picture: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    """The picture as if a marker pen had gone over the boxes: black stays black."""
    ink = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(ink)
    for box in boxes:
        draw.rectangle(box, fill=_MARKER)
    return ImageChops.multiply(picture, ink)

"""PDF to lines of text with position and size; the only module that knows pypdf."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from archive.errors import ReadError
from archive.text import tidy_spaces, without_surrogates
from ingest.adobe_gb1 import to_unicode_cmap

MAX_PAGES = 2000
LOST = "\ufffd"
"""Stands for a character whose glyph the PDF lacks, where the page shows an empty box."""

_KINDS = {
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"<": "HTML or XML",
    b"{": "JSON or RTF",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands on the page; size in points, x and y from the lower left corner."""

    page: int
    text: str
    size: float
    bold: bool
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark: level from 1, title, physical page from 1."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF says: the lines of each page, its page labels, its bookmarks, its author."""

    pages: tuple[tuple[Line, ...], ...]
    labels: tuple[str, ...]
    outline: tuple[OutlineEntry, ...]
    author: str


def read_pdf(path: Path, data: bytes, password: str | None = None) -> PdfText:
    """Extract a PDF's text, bookmarks and labels from its bytes.

    Raises ReadError with code `not_a_pdf`, `too_large`, `encrypted` or `damaged`.
    """
    _check_kind(path, data)
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its repairs are not the user's concern
    try:
        reader = PdfReader(BytesIO(data))
        _unlock(reader, path, password)
        if not 0 < len(reader.pages) <= MAX_PAGES:
            raise _page_count_error(path, len(reader.pages))
        pages = []
        for number, page in enumerate(reader.pages, 1):
            _give_gb1_fonts_a_table(page)
            pages.append(tuple(_lines(page, number)))
        return PdfText(
            pages=tuple(pages),
            labels=tuple(reader.page_labels),
            outline=tuple(_outline(reader, reader.outline, 1)),
            author=_author(reader),
        )
    except ReadError:
        raise
    except Exception as error:  # a broken file may raise anything, also KeyError or RecursionError
        raise ReadError(
            "damaged",
            f"{path.name}: the PDF is damaged ({type(error).__name__}: {error})",
            "open it in a PDF viewer and save or print it to a new PDF, or get it again",
        ) from error


def _check_kind(path: Path, data: bytes) -> None:
    if b"%PDF-" in data[:1024]:
        return
    found = next((kind for magic, kind in _KINDS.items() if data.lstrip().startswith(magic)), None)
    what = "empty" if not data else found or "of another kind"
    raise ReadError(
        "not_a_pdf", f"{path.name}: not a PDF; the file is {what}", "export the document as PDF"
    )


def _unlock(reader: Any, path: Path, password: str | None) -> None:
    if not reader.is_encrypted or reader.decrypt(password or ""):
        return
    raise ReadError(
        "encrypted",
        f"{path.name}: " + ("the password does not open it" if password else "needs a password"),
        "save a copy without password protection and ingest that",
    )


def _page_count_error(path: Path, count: int) -> ReadError:
    if count == 0:
        return ReadError("damaged", f"{path.name}: the PDF has no pages", "get the file again")
    return ReadError(
        "too_large", f"{path.name}: {count} pages, the limit is {MAX_PAGES}", "split the file"
    )


def _give_gb1_fonts_a_table(page: Any) -> None:
    """Add the ToUnicode table that Adobe-GB1 fonts lack, also to fonts of form XObjects."""
    from pypdf.generic import NameObject, StreamObject

    for font in _fonts(page.get("/Resources")):
        descendants = font.get("/DescendantFonts")
        if not descendants or "/ToUnicode" in font:
            continue
        system = descendants[0].get_object().get("/CIDSystemInfo", {}).get_object()
        encoding = str(font.get("/Encoding", ""))
        if system.get("/Ordering") == "GB1" and encoding in ("/Identity-H", "/Identity-V"):
            table = StreamObject()
            table.set_data(to_unicode_cmap())
            font[NameObject("/ToUnicode")] = table


def _fonts(resources: Any, depth: int = 0) -> Iterator[Any]:
    if resources is None or depth > 4:  # forms may nest, and a damaged file may nest them in a ring
        return
    resources = resources.get_object()
    for font in resources["/Font"].get_object().values() if "/Font" in resources else ():
        yield font.get_object()
    for item in resources["/XObject"].get_object().values() if "/XObject" in resources else ():
        form = item.get_object()
        if form.get("/Subtype") == "/Form":
            yield from _fonts(form.get("/Resources"), depth + 1)


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    size: float
    bold: bool
    x: float
    y: float


def _lines(page: Any, number: int) -> Iterator[Line]:
    """The page's lines in one extraction pass."""
    rows: list[list[_Run]] = [[]]

    def visit(text: str, ctm: list[float], tm: list[float], font: Any, size: float) -> None:
        for index, piece in enumerate(_readable(text).split("\n")):
            if index:
                rows.append([])
            if piece:
                scale = math.hypot(tm[1] * ctm[0] + tm[3] * ctm[2], tm[1] * ctm[1] + tm[3] * ctm[3])
                x = tm[4] * ctm[0] + tm[5] * ctm[2] + ctm[4]
                y = tm[4] * ctm[1] + tm[5] * ctm[3] + ctm[5]
                name = str((font or {}).get("/BaseFont", ""))
                rows[-1].append(_Run(piece, abs(size * scale), "bold" in name.casefold(), x, y))

    page.extract_text(visitor_text=visit)
    for row in rows:
        text = tidy_spaces("".join(run.text for run in row))
        if text:
            yield _line(number, text, [run for run in row if run.text.strip()])


def _line(page: int, text: str, runs: list[_Run]) -> Line:
    sizes: Counter[float] = Counter()
    for run in runs:
        sizes[round(run.size, 1)] += len(run.text.strip())
    bold = sum(len(run.text) for run in runs if run.bold) * 2 > sum(len(run.text) for run in runs)
    return Line(page, text, sizes.most_common(1)[0][0], bold, runs[0].x, runs[0].y)


def _outline(reader: Any, items: list[Any], level: int) -> Iterator[OutlineEntry]:
    for item in items:
        if isinstance(item, list):
            yield from _outline(reader, item, level + 1)
            continue
        page = reader.get_destination_page_number(item)
        if page is not None and item.title:
            yield OutlineEntry(level, tidy_spaces(_readable(str(item.title))), page + 1)


def _author(reader: Any) -> str:
    metadata = reader.metadata
    return _readable(str(metadata.author or "")) if metadata else ""


def _readable(text: str) -> str:
    """Text without what no page shows: NULs stand for glyphs that are missing."""
    return without_surrogates(text.replace("\x00", LOST))

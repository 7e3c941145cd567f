"""PDF to lines of text with position and size; the only module that knows pypdf."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from struct import iter_unpack
from typing import Any

from archive.chinese.text import tidy_spaces
from archive.errors import ReadError
from archive.records import Quality
from ingest.extract.cid_tables import COLLECTIONS, to_unicode_cmap
from ingest.extract.limits import STANDARD, Limits
from ingest.extract.lines import Line, Run, lines_of, top_down
from ingest.extract.repair import as_shown

_KINDS = {
    b"PK\x03\x04": "a ZIP archive or an Office or OFD document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"II*\x00": "a TIFF picture",
    b"AT&TFORM": "a DjVu document",
    b"CAJ": "a CAJ document",
    b"%!PS": "a PostScript file",
    b"<": "HTML or XML",
    b"{": "JSON or RTF",
}
_ENCODINGS = {"/GBKp-EUC-H": "/GBK-EUC-H", "/GBKp-EUC-V": "/GBK-EUC-V"}
"""Encodings pypdf doesn't know, and those it does that give the same characters."""
_DRAWING = 1000
"""Bytes of drawing beyond which a page without text shows something."""
_MOST_FORMS = 500
"""Forms drawn on a page, more than producers draw: a damaged file may draw them without end."""
_LONGEST_PROPERTY = 500
_GIVEN = "/BriefingArchive"
"""Marks the tables given to fonts here."""


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark: level from 1, title, physical page from 1."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class PageText:
    """A page's lines, its label, whether it shows more than text, and why it couldn't be read.

    `quality` and `confidence` are those of `archive.records.Page`.
    """

    lines: tuple[Line, ...]
    label: str
    drawn: bool = False
    problem: str = ""
    quality: Quality = "text"
    confidence: float | None = None
    left_out: int = 0
    """Lines that can't be decoded."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Title and author as the file's properties have them: often empty, or wrong."""

    title: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF says: its pages, its bookmarks, and what it says of itself."""

    pages: tuple[PageText, ...]
    outline: tuple[OutlineEntry, ...]
    metadata: Metadata


def read_pdf(
    path: Path, data: bytes, password: str | None = None, limits: Limits = STANDARD
) -> PdfText:
    """Extract a PDF's text, bookmarks and labels from its bytes.

    Raises ReadError with code `not_a_pdf`, `too_large`, `encrypted` or `damaged`.
    """
    check_kind(path, data)
    from pypdf import PdfReader, overwrite_configuration

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its repairs are not the user's concern
    overwrite_configuration(xform_maximum_invocations_per_extraction=_MOST_FORMS)
    try:
        reader = PdfReader(BytesIO(data))
        _unlock(reader, path, password)
        count = len(reader.pages)
        if not 0 < count <= limits.pages:
            raise _page_count_error(path, count, limits.pages)
        labels = _labels(reader)
        pages = tuple(_page(reader, index, labels[index]) for index in range(count))
    except (ReadError, MemoryError):
        raise
    except Exception as error:  # a broken file may raise anything, also KeyError or RecursionError
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    if all(page.problem for page in pages):
        raise _damaged(path, f"page 1: {pages[0].problem}")
    return PdfText(pages, _outline(reader), _metadata(reader))


def _damaged(path: Path, why: str) -> ReadError:
    return ReadError(
        "damaged",
        f"{path.name}: the PDF is damaged ({as_shown(why)})",
        "open it in a PDF viewer and save or print it to a new PDF, or get it again",
    )


def check_kind(path: Path, data: bytes) -> None:
    """Raise ReadError `not_a_pdf` for what doesn't begin as a PDF does; the first KB will do."""
    if b"%PDF-" in data[:1024]:
        return
    found = next((kind for magic, kind in _KINDS.items() if data.lstrip().startswith(magic)), None)
    what = "empty" if not data else found or "of another kind"
    raise ReadError(
        "not_a_pdf", f"{path.name}: not a PDF; the file is {what}", "export the document as PDF"
    )


def _unlock(reader: Any, path: Path, password: str | None) -> None:
    try:
        if not reader.is_encrypted or reader.decrypt(password or ""):
            return
        why = "the password does not open it" if password else "needs a password"
    except NotImplementedError as error:
        why = f"is protected in a way no open program can undo ({error})"
    raise ReadError(
        "encrypted",
        f"{path.name}: {why}",
        "give the password with --password or --password-file, or save a copy without protection",
    )


def _page_count_error(path: Path, count: int, most: int) -> ReadError:
    if count == 0:
        return ReadError("damaged", f"{path.name}: the PDF has no pages", "get the file again")
    return ReadError(
        "too_large",
        f"{path.name}: {count} pages, the limit is {most}",
        "split the file, or allow more with --max-pages",
    )


# --- one page ------------------------------------------------------------------------------------


def _page(reader: Any, index: int, label: str) -> PageText:
    """One page; what makes it unreadable costs only this page."""
    try:
        page = reader.pages[index]
        _repair_fonts(page, reader)
        lines = tuple(lines_of(_rows(page), index + 1))
        if not _has_form(page):  # whose lines have places of their own
            lines = top_down(lines)
        return PageText(lines, label, drawn=_is_drawn(page, lines))
    except MemoryError:
        raise
    except Exception as error:
        return PageText((), label, problem=as_shown(f"{type(error).__name__}: {error}"))


def _repair_fonts(page: Any, reader: Any) -> None:
    """Repair what can be; fonts too damaged for that are read as they are."""
    try:
        _give_cid_fonts_a_table(page, reader)
    except MemoryError:
        raise
    except Exception as error:
        logging.getLogger(__name__).debug("fonts not repaired: %s", error)


def _rows(page: Any) -> list[list[Run]]:
    """The page's rows of runs, in one extraction pass."""
    rows: list[list[Run]] = [[]]

    def visit(text: str, ctm: list[float], tm: list[float], font: Any, size: float) -> None:
        # Chromium's pages call this once a character: only what tells rows apart is done here.
        first, *others = text.split("\n")
        if first:
            rows[-1].append(Run(first, ctm, tm, font, size))
        for piece in others:
            rows.append([Run(piece, ctm, tm, font, size)] if piece else [])

    page.extract_text(visitor_text=visit)
    return rows


def _has_form(page: Any) -> bool:
    return any(item.get("/Subtype") == "/Form" for item in _x_objects(page.get("/Resources")))


def _is_drawn(page: Any, lines: tuple[Line, ...]) -> bool:
    """Whether a page with little text shows something else: a picture, or much drawing."""
    if sum(len(line.text) for line in lines) > 200:
        return False
    if any(item.get("/Subtype") == "/Image" for item in _x_objects(page.get("/Resources"))):
        return True
    contents = page.get_contents()
    return contents is not None and len(contents.get_data()) > _DRAWING


# --- fonts ---------------------------------------------------------------------------------------


def _give_cid_fonts_a_table(page: Any, reader: Any) -> None:
    """Add the ToUnicode table that fonts of Adobe's collections lack, also in form XObjects."""
    from pypdf.generic import ContentStream, NameObject, StreamObject

    used: dict[int, tuple[Any, str, set[int]]] = {}
    for part, resources in _parts(page):
        fonts = dict(_named(resources, "/Font"))
        for font in fonts.values():
            if (encoding := str(font.get("/Encoding", ""))) in _ENCODINGS:
                font[NameObject("/Encoding")] = NameObject(_ENCODINGS[encoding])
        collections = {name: found for name, font in fonts.items() if (found := _collection(font))}
        if not collections:
            continue
        content = part["/Contents"].get_object() if part is page else part
        content = ContentStream(content, reader, "bytes")
        if part is page:  # so that it isn't parsed a second time
            page[NameObject("/Contents")] = content
        for name, cids in _cids(content).items():
            if name in collections:
                font = fonts[name]
                used.setdefault(id(font), (font, collections[name], set()))[2].update(cids)
    for font, collection, cids in used.values():
        table = StreamObject()
        table[NameObject("/CMapName")] = NameObject(_GIVEN)
        table.set_data(to_unicode_cmap(collection, cids))
        font[NameObject("/ToUnicode")] = table


def _parts(page: Any) -> Iterator[tuple[Any, Any]]:
    """The page and its form XObjects, each with its resources."""
    resources = page.get("/Resources")
    yield page, resources
    for item in _x_objects(resources):
        if item.get("/Subtype") == "/Form":
            yield item, item.get("/Resources")


def _x_objects(resources: Any) -> Iterator[Any]:
    """Pictures and forms, also those inside forms; each once, as a damaged file nests them."""
    seen = set()
    waiting = [resources]
    while waiting:
        for _, item in _named(waiting.pop(), "/XObject"):
            if id(item) not in seen:
                seen.add(id(item))
                yield item
                if item.get("/Subtype") == "/Form":
                    waiting.append(item.get("/Resources"))


def _named(resources: Any, kind: str) -> Iterator[tuple[str, Any]]:
    """The dictionaries that resources hold of a kind, such as `/Font`, with their names.

    In a damaged file other things may stand there; they are left out.
    """
    found = resources.get_object() if resources is not None else None
    entries = found.get(kind) if isinstance(found, dict) else None
    entries = entries.get_object() if entries is not None else None
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        resolved = entry.get_object()
        if isinstance(resolved, dict):
            yield name, resolved


def _collection(font: Any) -> str | None:
    """Adobe's character collection by which a font without a table numbers its glyphs."""
    if str(font.get("/Encoding", "")) not in ("/Identity-H", "/Identity-V"):
        return None
    table = font.get("/ToUnicode")
    table = table.get_object() if table is not None else None
    if isinstance(table, dict) and table.get("/CMapName") != _GIVEN:
        return None
    descendants = font.get("/DescendantFonts")
    descendants = descendants.get_object() if descendants is not None else None
    if not isinstance(descendants, list) or not descendants:
        return None
    descendant = descendants[0].get_object()
    system = descendant.get("/CIDSystemInfo") if isinstance(descendant, dict) else None
    system = system.get_object() if system is not None else None
    ordering = system.get("/Ordering") if isinstance(system, dict) else None
    return next((name for name in COLLECTIONS if ordering == name), None)


def _cids(content: Any) -> dict[str, set[int]]:
    """The two-byte codes that a content stream shows in each of its fonts."""
    cids: dict[str, set[int]] = {}
    current: set[int] = set()
    outer: list[set[int]] = []
    for operands, operator in content.operations:
        if operator == b"Tf" and operands:
            current = cids.setdefault(str(operands[0]), set())
        elif operator == b"q":
            outer.append(current)
        elif operator == b"Q" and outer:
            current = outer.pop()
        elif operator in (b"Tj", b"TJ", b"'", b'"') and operands:
            shown = operands[-1] if isinstance(operands[-1], list) else operands
            for item in shown:
                if isinstance(item, bytes):
                    current.update(
                        code for (code,) in iter_unpack(">H", item[: len(item) // 2 * 2])
                    )
    return cids


def _outline(reader: Any) -> tuple[OutlineEntry, ...]:
    """The bookmarks; none where they can't be followed."""
    try:
        return tuple(_outline_entries(reader, reader.outline, 1))
    except MemoryError:
        raise
    except Exception:  # the other signals find the headings
        return ()


def _outline_entries(reader: Any, items: list[Any], level: int) -> Iterator[OutlineEntry]:
    for item in items:
        if isinstance(item, list):
            yield from _outline_entries(reader, item, level + 1)
            continue
        page = reader.get_destination_page_number(item)
        if page is not None and page >= 0 and item.title:
            yield OutlineEntry(level, tidy_spaces(as_shown(str(item.title))), page + 1)


def _labels(reader: Any) -> list[str]:
    """Each page's label, its number where the file gives none."""
    numbers = [str(number) for number in range(1, len(reader.pages) + 1)]
    try:
        labels = [as_shown(str(label)) for label in reader.page_labels]
    except MemoryError:
        raise
    except Exception:
        return numbers
    return labels if len(labels) == len(numbers) else numbers


def _property(value: Any) -> str:
    """A property on one line, which a hostile file makes megabytes long."""
    return " ".join(as_shown(str(value or "")[:_LONGEST_PROPERTY]).split())


def _metadata(reader: Any) -> Metadata:
    try:
        found = reader.metadata
        return Metadata(_property(found.title), _property(found.author))
    except MemoryError:
        raise
    except Exception:  # none, or none that can be read
        return Metadata()

"""A PDF's bytes as a Briefing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive.errors import ReadError
from archive.records import ABSTRACT_TITLE, Briefing, Page, Reference, Section, Signal, Warning
from archive.text import compact
from ingest.furniture import CleanPage, remove_furniture
from ingest.pdf import LOST, Line, read_pdf
from ingest.quality import check_quality
from ingest.references import BACK_PAGE, read_references
from ingest.references import TITLE as REFERENCES_TITLE
from ingest.sections import Heading, build_sections, contents_range, find_headings, join_lines
from ingest.title_block import TitleBlock, read_title_block, split_front


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says of a file that overrides what it says of itself."""

    date: str | None = None
    series: str | None = None
    password: str | None = None


MAX_BYTES = 200 * 2**20
AS_PRINTED = ReadOptions()


def read_briefing(path: Path, data: bytes, options: ReadOptions) -> Briefing:
    """Read a PDF's bytes as a Briefing; `path` gives its name, which may hold a date.

    Raises ReadError with one of the contract's codes when it can't be read as one.
    """
    document = read_pdf(path, data, options.password)
    pages = remove_furniture(document)
    lines = [line for page in pages for line in page.lines]
    check_quality("".join(line.text for line in lines), path.name)

    headings, signal = find_headings(lines, document.outline)
    first = headings[0].start if headings else len(lines)
    front, abstract_lines = split_front(lines, contents_range(lines, first), first)
    block = read_title_block(front, pages, document.author, path.stem)
    date = options.date or block.date
    if date is None:
        raise ReadError(
            "no_date",
            f"{path.name}: no date in its title block, running head or file name",
            "give it with --date 2026-05-07, or put it into the file name",
        )
    numbered, references = _sections_and_references(headings, lines, pages)
    abstract, abstract_starts = join_lines(abstract_lines)
    sections = tuple(_abstract_section(abstract, abstract_starts, pages)) + (
        numbered or tuple(_page_sections(pages, (*front, *abstract_lines) if abstract else ()))
    )
    file_hash = hashlib.sha256(data).hexdigest()
    return Briefing(
        id=f"{date}-{file_hash[:8]}",
        series=options.series or series_name(block.title, block.issuer),
        title=block.title,
        issuer=block.issuer,
        date=date,
        abstract=abstract,
        sections=sections,
        references=references,
        pages=tuple(_page(page) for page in pages),
        signal=signal,
        warnings=tuple(_warnings(pages, signal, block, options)),
        file_hash=file_hash,
    )


def read_bytes(path: Path) -> bytes:
    """A file's bytes; raises ReadError `not_found`, `unreadable` or `too_large`."""
    try:
        if not path.is_file() and path.exists():  # a pipe would never end
            raise ReadError("unreadable", f"{path.name}: not a file", "give a PDF file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReadError(
                "too_large",
                f"{path.name}: {size / 2**20:.0f} MB, the limit is {MAX_BYTES / 2**20:.0f} MB",
                "split the file or reduce its pictures",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError("not_found", f"{path.name}: no such file", "check the path") from error
    except OSError as error:
        raise ReadError(
            "unreadable",
            f"{path.name}: can't be read ({error.strerror})",
            "check the file's permissions and the disk",
        ) from error


def series_name(title: str, issuer: str) -> str:
    """A series as its normalised title and issuer."""
    return f"{compact(title).text}/{compact(issuer).text}"


def _abstract_section(
    text: str, starts: tuple[tuple[int, int], ...], pages: Sequence[CleanPage]
) -> Iterator[Section]:
    if text:
        page = starts[0][1]
        printed = pages[page - 1].printed
        yield Section("", ABSTRACT_TITLE, 0, (ABSTRACT_TITLE,), page, printed, text, starts)


def _sections_and_references(
    headings: Sequence[Heading], lines: Sequence[Line], pages: Sequence[CleanPage]
) -> tuple[tuple[Section, ...], tuple[Reference, ...]]:
    """The numbered sections, the references' with empty text, and the references."""
    if not headings:
        return (), ()
    end = _back_page_start(lines, headings[-1].end)
    sections = []
    references: tuple[Reference, ...] = ()
    for section, heading in zip(build_sections(headings, lines, end, pages), headings, strict=True):
        if REFERENCES_TITLE.fullmatch(section.title):
            references = read_references(lines[heading.end : end])
            section = replace(section, text="", page_starts=())
        sections.append(section)
    return tuple(sections), references


def _back_page_start(lines: Sequence[Line], start: int) -> int:
    """The line at which the back page (联系我们 and the like) begins after the last heading."""
    return next(
        (index for index in range(start, len(lines)) if BACK_PAGE.search(lines[index].text)),
        len(lines),
    )


def _page_sections(pages: Sequence[CleanPage], front: Sequence[Line]) -> Iterator[Section]:
    """One section a page, for a document without recoverable headings."""
    for page in pages:
        text, starts = join_lines([line for line in page.lines if line not in front])
        if text:
            title = f"第 {page.printed} 页"
            yield Section("", title, 1, (title,), page.number, page.printed, text, starts)


def _page(page: CleanPage) -> Page:
    return Page(page.number, page.printed, "\n".join(line.text for line in page.lines))


def _warnings(
    pages: Sequence[CleanPage], signal: Signal, block: TitleBlock, options: ReadOptions
) -> Iterator[Warning]:
    if signal == "none":
        yield Warning("no_headings", None, "no headings recovered: each page is one section")
    if block.date_from == "file name" and not options.date:
        yield Warning("date_from_file_name", None, f"the date {block.date} is from the file name")
    for page in pages:
        if not page.lines:
            yield Warning("no_text", page.number, "no text on this page; it may be a picture")
        lost = sum(line.text.count(LOST) for line in page.lines)
        if lost:
            yield Warning("lost_characters", page.number, f"{lost} characters have no glyph")

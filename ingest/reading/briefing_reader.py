"""Reads a PDF's bytes as a Briefing, through the stages from lines to sections."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive.chinese.text import compact
from archive.errors import ReadError
from archive.records import ABSTRACT_TITLE, Briefing, Page, Quality, Reference, Section, Warning
from archive.untrusted_text import without_surrogates
from ingest.extract.limits import STANDARD, Limits
from ingest.extract.lines import Line
from ingest.extract.pages import judged_pages
from ingest.extract.pdf import read_pdf
from ingest.extract.repair import LOST
from ingest.structure.announced_headings import Heading
from ingest.structure.furniture import CleanPage, remove_furniture
from ingest.structure.headings import HeadingTree, find_headings
from ingest.structure.paragraphs import Layout, measure
from ingest.structure.references import read_references, references_end
from ingest.structure.sections import build_sections, lead_section, page_sections
from ingest.structure.standard_parts import BACK_PAGE, REFERENCES
from ingest.structure.title_block import TitleBlock, read_title_block, split_front


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says of a file that overrides what it says of itself, and how to read it."""

    date: str | None = None
    series: str | None = None
    password: str | None = None
    ocr: bool = True
    """Recognise the text of pages that have none, where the extra `ocr` is installed."""


AS_PRINTED = ReadOptions()
_UNSURE = 0.5


def read_briefing(
    path: Path, data: bytes, options: ReadOptions, limits: Limits = STANDARD
) -> Briefing:
    """Read a PDF's bytes as a Briefing; `path` gives its name, which may hold a date.

    Raises ReadError with one of the contract's codes when it can't be read as one.
    """
    document = read_pdf(path, data, options.password, limits)
    judged = judged_pages(path, data, document, options.password, recognise=options.ocr)
    pages = remove_furniture(judged)
    lines = [line for page in pages for line in page.lines]
    layout = measure(lines)

    tree = find_headings(lines, document.outline, layout)
    first = tree.headings[0].start if tree.headings else len(lines)
    front = split_front(lines, _contents_range(tree, first), first, layout)
    block = read_title_block(front.title_block, pages, document.metadata, path.stem)
    date = options.date or block.date
    if date is None:
        raise ReadError(
            "no_date",
            f"{path.name}: no date in its title block, running head or file name",
            "give it with --date 2026-05-07, or put it into the file name",
        )
    numbered, references = _sections_and_references(tree.headings, lines, pages, layout, block)
    abstract = tuple(lead_section(ABSTRACT_TITLE, front.abstract, 0, pages, layout))
    if numbered:
        body = (*lead_section(block.title, front.lead, 1, pages, layout), *numbered)
    else:
        read_already = (*front.title_block, *front.abstract) if abstract else ()
        body = tuple(page_sections(pages, read_already, layout))
    file_hash = hashlib.sha256(data).hexdigest()
    return Briefing(
        id=f"{date}-{file_hash[:8]}",
        series=options.series or series_name(block.title, block.issuer),
        title=block.title,
        issuer=block.issuer,
        date=date,
        abstract=abstract[0].text if abstract else "",
        sections=(*abstract, *body),
        references=references,
        pages=tuple(map(_page, pages)),
        signal=tree.signal,
        warnings=tuple(_warnings(pages, tree, block, options)),
        file_hash=file_hash,
        confidence=tree.confidence,
        issue_number=block.issue_number,
        dates=block.dates,
        file_name=without_surrogates(path.name),
    )


def series_name(title: str, issuer: str) -> str:
    """A series as its normalised title and issuer."""
    return f"{compact(title).text}/{compact(issuer).text}"


def _contents_range(tree: HeadingTree, body_start: int) -> range:
    """The lines the contents list takes up; empty, at the body's start, without one."""
    contents = tree.contents
    if contents is None or contents.start >= body_start:
        return range(body_start, body_start)
    return range(contents.start, min(contents.stop, body_start))


def _sections_and_references(
    headings: Sequence[Heading],
    lines: Sequence[Line],
    pages: Sequence[CleanPage],
    layout: Layout,
    block: TitleBlock,
) -> tuple[tuple[Section, ...], tuple[Reference, ...]]:
    """The sections, the references' with empty text, and the references."""
    if not headings:
        return (), ()
    end = _back_page_start(lines, headings[-1], pages)
    sections = []
    references: tuple[Reference, ...] = ()
    built = build_sections(headings, lines, end, pages, layout)
    for index, section in enumerate(built):
        if REFERENCES.fullmatch(section.title) and not references:
            stop = headings[index + 1].start if index + 1 < len(headings) else end
            entries = lines[headings[index].end : stop]
            entries = entries[: references_end(entries, block.issuer)]
            references = read_references(entries, layout)
            if references:
                section = replace(section, text="", page_starts=())
        sections.append(section)
    return tuple(sections), references


def _back_page_start(lines: Sequence[Line], last: Heading, pages: Sequence[CleanPage]) -> int:
    """The line at which the back page (联系我们 and the like) begins after the last heading."""
    return next(
        (
            index
            for index in range(last.end, len(lines))
            if BACK_PAGE.fullmatch(lines[index].text) and lines[index].page >= len(pages) - 1
        ),
        len(lines),
    )


def _page(page: CleanPage) -> Page:
    text = "\n".join(line.text for line in page.lines)
    return Page(page.number, page.printed, text, page.quality, page.confidence)


_PAGE_WARNINGS: dict[Quality, str] = {
    "no_text": "no text on this page; it may be a picture (the extra `ocr` reads it)",
    "garbled": "the text of this page can't be decoded and was left out (the extra `ocr` reads it)",
    "damaged": "this page can't be read and was left out",
}


def _warnings(
    pages: Sequence[CleanPage], tree: HeadingTree, block: TitleBlock, options: ReadOptions
) -> Iterator[Warning]:
    yield from tree.warnings
    if tree.signal == "none":
        yield Warning("no_headings", None, "no headings recovered: each page is one section")
    elif tree.confidence < _UNSURE:
        yield Warning(
            "uncertain_headings",
            None,
            f"the headings are uncertain (from {tree.signal}, confidence {tree.confidence})",
        )
    if not options.date:
        yield from block.warnings
    for page in pages:
        if page.quality in _PAGE_WARNINGS:
            yield Warning(page.quality, page.number, _PAGE_WARNINGS[page.quality])
        if page.confidence is not None:
            message = f"the text was recognised (OCR) with confidence {page.confidence:.2f}"
            yield Warning("ocr", page.number, message)
        if page.left_out:
            message = f"{page.left_out} lines of this page can't be decoded and were left out"
            yield Warning("garbled_lines", page.number, message)
        lost = sum(line.text.count(LOST) for line in page.lines)
        if lost:
            yield Warning("lost_characters", page.number, f"{lost} characters have no glyph")

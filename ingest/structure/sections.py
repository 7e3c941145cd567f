"""From headings to sections with their own text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.records import Section
from ingest.extract.lines import Line
from ingest.structure.announced_headings import Heading
from ingest.structure.furniture import CleanPage
from ingest.structure.paragraphs import Layout, join_lines


def build_sections(
    headings: Sequence[Heading],
    lines: Sequence[Line],
    end: int,
    pages: Sequence[CleanPage],
    layout: Layout,
) -> Iterator[Section]:
    """Sections with their own text: what stands between a heading and the next, or `end`."""
    path: list[str] = []
    for heading, following in zip(headings, (*headings[1:], None), strict=True):
        path = [*path[: heading.level - 1], heading.title]
        text, starts = join_lines(
            lines[heading.end : following.start if following else end], layout
        )
        page = lines[heading.start].page
        yield Section(
            number=heading.number,
            title=heading.title,
            level=heading.level,
            path=tuple(path),
            page=page,
            printed=pages[page - 1].printed,
            text=text,
            page_starts=starts,
        )


def lead_section(
    title: str, lines: Sequence[Line], level: int, pages: Sequence[CleanPage], layout: Layout
) -> Iterator[Section]:
    """The abstract, or what else stands before the first heading; nothing without text."""
    text, starts = join_lines(lines, layout)
    if text:
        page = starts[0][1]
        yield Section("", title, level, (title,), page, pages[page - 1].printed, text, starts)


def page_sections(
    pages: Sequence[CleanPage], front: Sequence[Line], layout: Layout
) -> Iterator[Section]:
    """One section a page, for a document without recoverable headings."""
    taken = set(front)
    for page in pages:
        lines = [line for line in page.lines if line not in taken]
        yield from lead_section(f"第 {page.printed} 页", lines, 1, pages, layout)

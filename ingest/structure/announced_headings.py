"""Headings that a document announces, in its outline or its contents list, found in its body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.extract.lines import Line
from ingest.extract.pdf import OutlineEntry
from ingest.structure.contents_page import MOST_LINES, Entry, bare, joined
from ingest.structure.numbering import Label, follow, split_label
from ingest.structure.standard_parts import ABSTRACT, CONTENTS


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found in the body: number and title, and the lines [start, end) it takes up."""

    number: str
    title: str
    level: int
    start: int
    end: int


def outline_entries(outline: Sequence[OutlineEntry]) -> list[Entry]:
    """Bookmarks as entries: without 摘要 and 目录, and without the document's title above all."""
    entries = [
        Entry(*split_label(_without_doubling(item.title)), item.level, item.page)
        for item in outline
        if not (ABSTRACT.fullmatch(item.title) or CONTENTS.fullmatch(item.title))
    ]
    top = [entry for entry in entries if entry.level == 1]
    if len(top) == 1 and len(entries) > 3 and entries[0] is top[0] and not top[0].label:
        entries = entries[1:]
    return _with_levels(entries)


def _without_doubling(title: str) -> str:
    """A bookmark's title; Chromium doubles that of a heading moved to the next page."""
    half = len(title) // 2
    return title[:half] if len(title) > 3 and title[:half] == title[half:] else title


def _with_levels(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with levels from 1 without gaps; where all have the same, their labels tell."""
    levels = sorted({entry.level for entry in entries})
    if len(levels) > 1:
        return [replace(entry, level=levels.index(entry.level) + 1) for entry in entries]
    path: tuple[Label, ...] = ()
    result = []
    for entry in entries:
        path = (follow(path, entry.label, skips=1) if entry.label else None) or ()
        result.append(replace(entry, level=max(1, len(path))))
    return result


def locate_headings(
    entries: Sequence[Entry], lines: Sequence[Line], texts: Sequence[str], start: int
) -> list[Heading]:
    """Each entry's place in the lines, in order; an entry that isn't found is left out."""
    headings = []
    position = start
    for entry in entries:
        heading = next(
            (
                heading
                for index in range(position, len(lines))
                # A heading moved over the page break takes its bookmark along too late.
                if (entry.page is None or 0 <= lines[index].page - entry.page <= 1)
                and (heading := _heading_at(lines, texts, index, entry))
            ),
            None,
        )
        if heading:
            headings.append(heading)
            position = heading.end
    return headings


def _heading_at(
    lines: Sequence[Line], texts: Sequence[str], index: int, entry: Entry
) -> Heading | None:
    """The entry as a heading at this line, if the next one to four lines read so and no more."""
    title = bare(entry.title)
    wanted = bare(entry.label.text) + title if entry.label else title
    if not title or not _may_begin(texts[index], wanted, title):
        return None
    text = ""
    for end in range(index + 1, min(index + MOST_LINES, len(lines)) + 1):
        text += texts[end - 1]
        label, rest = split_label(joined(lines[index:end]))
        same_label = not (entry.label and label) or entry.label.values == label.values
        if text in (wanted, title) or (same_label and bare(rest) == title):
            number = (label or entry.label).text if label or entry.label else ""  # type: ignore[union-attr]
            return Heading(number, entry.title, entry.level, index, end)
        if len(text) > len(wanted) + 8:
            break
    return None


def _may_begin(line: str, wanted: str, title: str) -> bool:
    """Whether a heading may begin with a line, by its first characters: most lines don't."""
    start = line[:6]
    return wanted.startswith(start) or title.startswith(start) or title[:6] in line[:20]

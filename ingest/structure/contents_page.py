"""The contents list (目录): the headings it announces, and the lines it takes up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.chinese.text import fold, join_gap, tidy_spaces
from ingest.extract.lines import Line
from ingest.structure.numbering import Label, follow, split_label
from ingest.structure.standard_parts import ABSTRACT, CONTENTS

_LEADER_AND_PAGE = re.compile(
    r"\s*(?:[.．·•…‥⋯⋅∙┈┄_]\s*){2,}[(（]?(\d{1,4}|[ivxlc]{1,6})?[)）]?\s*$"
)
_TRAILING_PAGE = re.compile(r"[\s/／]+(\d{1,4})\s*$")
MOST_LINES = 4
"""Lines a heading takes up at most, here and in the body."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading as an outline or a contents list announces it; `page` is physical where known."""

    label: Label | None
    title: str
    level: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ContentsList:
    """The announced headings, and the half-open range of lines that announce them."""

    entries: tuple[Entry, ...]
    start: int
    stop: int


@lru_cache(maxsize=10_000)  # each signal asks it of each line
def bare(text: str) -> str:
    """A heading for comparing: folded, without white space and quotation marks.

    LibreOffice displaces quotation marks, and XeLaTeX turns opening ones into closing ones.
    """
    return re.sub(r"[\s\"']+", "", fold(text))


def joined(lines: Sequence[Line]) -> str:
    """The lines of one heading as one text."""
    text = ""
    for line in lines:
        text += join_gap(text, line.text) + line.text
    return tidy_spaces(text)


def find_contents(lines: Sequence[Line]) -> ContentsList | None:
    """The document's contents list; None without one."""
    starts = [index for index, line in enumerate(lines) if CONTENTS.fullmatch(line.text)]
    if not starts:
        return None
    # The word may stand elsewhere too, such as in a running head.
    found = {start: _rows(lines, start + 1) for start in starts[:3]}
    start = max(found, key=lambda start: (len(found[start][0]), -start))
    rows, stop = found[start]
    margins = sorted({_margin(row[0]) for row in rows})
    entries = []
    path: tuple[Label, ...] = ()
    for row in rows:
        label, title = split_label(_without_page(joined(row))[0])
        if ABSTRACT.fullmatch(title):
            continue
        following = follow(path, label, skips=1) if label else None
        path = following or path
        level = len(path) if following else margins.index(_margin(row[0])) + 1
        entries.append(Entry(label, title, level))
    return ContentsList(tuple(entries), start, stop)


def _rows(lines: Sequence[Line], first: int) -> tuple[list[list[Line]], int]:
    """The lines of each entry, and the line after the list.

    An entry runs until the next label in order, or until its page number; the list ends where
    an entry comes again, as a heading of the body, or where an entry would take more
    lines than headings do.
    """
    rows: list[list[Line]] = []
    titles: set[str] = set()
    path: tuple[Label, ...] = ()
    paged = False
    for index in range(first, len(lines)):
        line = lines[index]
        text, page = _without_page(line.text)
        if not text or CONTENTS.fullmatch(text):
            continue  # a leader set apart from its title, or the list's head on another page
        label, _ = split_label(text)
        if page is None and _is_any(titles, lines, index):
            return rows, index
        following = follow(path, label) if label else None
        whole = bool(rows) and _is_whole(rows[-1], paged=paged)
        if following is not None:
            rows.append([line])
            path = following
        elif rows and not whole and (paged or path):
            rows[-1].append(line)
        elif not rows or page is not None or not (paged or path):
            rows.append([line])
        else:
            return rows, index
        paged = paged or page is not None
        if len(rows) > 1:
            titles.add(_title(rows[-2]))
        if len(rows[-1]) > MOST_LINES:
            return [*rows[:-1], rows[-1][:1]], index + 2 - len(rows[-1])
    # A list that never comes again as headings is none, unless page numbers or labels tell.
    return (rows, len(lines)) if paged or path else ([], first)


def _is_whole(row: Sequence[Line], *, paged: bool) -> bool:
    """Whether an entry can't go on: its page number is there, or it is long enough."""
    return _without_page(joined(row))[1] is not None if paged else len(row) >= MOST_LINES


def _title(row: Sequence[Line]) -> str:
    return bare(_without_page(joined(row))[0])


def _is_any(titles: set[str], lines: Sequence[Line], index: int) -> bool:
    """Whether the lines from here on read like one of the entries, without its page number."""
    return any(
        bare(joined(lines[index:stop])) in titles
        for stop in range(index + 1, min(index + MOST_LINES, len(lines)) + 1)
    )


def _without_page(text: str) -> tuple[str, str | None]:
    """An entry without leader and page number, and that number where there is one."""
    for pattern in (_LEADER_AND_PAGE, _TRAILING_PAGE):
        match = pattern.search(text)
        if match and (match.start() or pattern is _LEADER_AND_PAGE):
            return text[: match.start()].strip(), match[1] or ""
    return text.strip(), None


def _margin(line: Line) -> int:
    return round(line.x / 4)


def is_listed(line: Line) -> bool:
    """Whether a line is a row of some list with leaders, as lists of figures have."""
    return bool(_LEADER_AND_PAGE.search(line.text))

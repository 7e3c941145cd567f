"""The section tree, recovered from the outline, the contents page, type size or numbering.

Each signal proposes headings as positions in the body's lines; the first that holds wins, in the
order in which they proved right: outline, contents, size, numbering.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.records import PageStarts, Section, Signal
from archive.text import compact, join_gap, tidy_spaces
from ingest.furniture import CleanPage
from ingest.pdf import Line, OutlineEntry

CONTENTS = re.compile(r"(?:目\s*录|目\s*次|contents|table of contents)[:：]?", re.IGNORECASE)
_NUMBER = re.compile(
    r"(\d{1,2}(?:\.\d{1,2}){0,3})(?:[.、．]?(?=[^\d\s.%％])|[.、．]?\s+(?=[^\s.%％]))"
)
_LEADER_AND_PAGE = re.compile(r"(?:\s*[.．·•…‥⋯_]\s*){2,}(\d{1,4})?\s*$")
_TRAILING_PAGE = re.compile(r"\s+(\d{1,4})\s*$")
_HEADING_LINES = 3
_LARGER_THAN_BODY = 1.04
_LONGEST_HEADING = 90


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found in the body: number and title, and the lines [start, end) it takes up."""

    number: str
    title: str
    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A heading as an outline or a contents page announces it; `page` is physical where known."""

    number: str
    title: str
    level: int
    page: int | None


def body_size(lines: Sequence[Line]) -> float:
    """The type size most of the text is set in, in points."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def find_headings(
    lines: Sequence[Line], outline: Sequence[OutlineEntry]
) -> tuple[tuple[Heading, ...], Signal]:
    """Locate the headings in a document's lines, and say which signal they come from."""
    body_start = _contents_entries(lines)[1]
    signals: tuple[tuple[Signal, list[Heading]], ...] = (
        ("outline", _by_outline(lines, outline)),
        ("contents", _by_contents(lines)),
        ("size", _by_look(lines, body_start)),
        ("numbering", _by_numbering(lines, body_start)),
    )
    for signal, headings in signals:
        if headings:
            return tuple(headings), signal
    return (), "none"


def contents_start(lines: Sequence[Line]) -> int | None:
    """The line that opens the contents list, None without one."""
    return next((i for i, line in enumerate(lines) if CONTENTS.fullmatch(line.text)), None)


def contents_range(lines: Sequence[Line], body_start: int) -> range:
    """The lines the contents list takes up; empty, at the body's start, without one."""
    start = contents_start(lines)
    if start is None or start >= body_start:
        return range(body_start, body_start)
    return range(start, min(_contents_entries(lines)[1], body_start))


def split_number(text: str) -> tuple[str, str]:
    """A heading's number and title; the number is empty where there is none."""
    match = _NUMBER.match(text)
    return (match[1], text[match.end() :].strip()) if match else ("", text.strip())


def _level(number: str) -> int:
    return number.count(".") + 1


# --- outline -------------------------------------------------------------------------------------


def _by_outline(lines: Sequence[Line], outline: Sequence[OutlineEntry]) -> list[Heading]:
    """The bookmarks, where there are at least three and four fifths stand on their pages."""
    if len(outline) < 3:
        return []
    entries = []
    for item in outline:
        number, title = split_number(item.title)
        entries.append(_Entry(number, title, item.level, item.page))
    found = _locate(entries, lines, contents_start(lines) or 0)
    return found if len(found) >= 0.8 * len(entries) else []


def _locate(entries: Sequence[_Entry], lines: Sequence[Line], start: int) -> list[Heading]:
    """Each entry's place in the lines, in order; an entry that isn't found is left out."""
    headings = []
    position = start
    for entry in entries:
        heading = next(
            (
                heading
                for index in range(position, len(lines))
                if (entry.page is None or lines[index].page == entry.page)
                and (heading := _heading_at(lines, index, entry))
            ),
            None,
        )
        if heading:
            headings.append(heading)
            position = heading.end
    return headings


def _heading_at(lines: Sequence[Line], index: int, entry: _Entry) -> Heading | None:
    """The entry as a heading at this line, if the next one to three lines read so and no more."""
    wanted = compact(entry.number + entry.title).text
    unnumbered = compact(entry.title).text
    text = ""
    for end in range(index + 1, min(index + _HEADING_LINES, len(lines)) + 1):
        text += compact(lines[end - 1].text).text
        number, rest = split_number(_joined(lines[index:end]))
        same_title = compact(rest).text == unnumbered
        if text == wanted or (same_title and entry.number in ("", number)):
            shown = _display_title(entry.title, rest if same_title else entry.title)
            return Heading(entry.number or number, shown, entry.level, index, end)
        if len(text) > len(wanted) + 8:
            break
    return None


def _display_title(announced: str, printed: str) -> str:
    """The announced title: a bookmark keeps the quotation marks that typesetting displaces."""
    return tidy_spaces(announced) or printed


def _joined(lines: Sequence[Line]) -> str:
    text = ""
    for line in lines:
        text += join_gap(text, line.text) + line.text
    return tidy_spaces(text)


# --- contents page -------------------------------------------------------------------------------


def _by_contents(lines: Sequence[Line]) -> list[Heading]:
    entries, end = _contents_entries(lines)
    if len(entries) < 2:
        return []
    found = _locate(entries, lines, end)
    return found if len(found) >= 0.8 * len(entries) else []


def _contents_entries(lines: Sequence[Line]) -> tuple[list[_Entry], int]:
    """The contents list's entries, and the line at which the list ends.

    An entry runs until the next number in order; the list ends where the first number comes again
    (the body's first heading) or where an entry would take more lines than headings do.
    """
    start = contents_start(lines)
    if start is None:
        return [], 0
    rows: list[list[str]] = []
    index = start + 1
    while index < len(lines):
        number = split_number(lines[index].text)[0]
        previous = split_number(rows[-1][0])[0] if rows else ""
        if number and _follows(number, previous):
            rows.append([lines[index].text])
        elif not rows or number == split_number(rows[0][0])[0] or _is_whole(rows[-1]):
            break
        else:
            rows[-1].append(lines[index].text)
        index += 1
    return [_contents_entry(row) for row in rows], index


def _is_whole(row: list[str]) -> bool:
    """Whether a contents entry can't go on: its page number is there, or it is long enough."""
    return bool(_LEADER_AND_PAGE.search(row[-1])) or len(row) >= _HEADING_LINES


def _contents_entry(row: list[str]) -> _Entry:
    text = ""
    for line in row:
        text += join_gap(text, line) + line
    bare = _LEADER_AND_PAGE.sub("", text)
    if bare == text:
        bare = _TRAILING_PAGE.sub("", text)
    number, title = split_number(bare)
    return _Entry(number, tidy_spaces(title), _level(number), None)


def _follows(number: str, previous: str) -> bool:
    """Whether a heading number may come right after another: 1 → 1.1, 1.1 → 1.2 or 2, 2.3 → 3."""
    if not previous:
        return number == "1"
    new, old = ([int(part) for part in text.split(".")] for text in (number, previous))
    if len(new) > len(old):
        return new == [*old, 1]
    return new[:-1] == old[: len(new) - 1] and new[-1] == old[len(new) - 1] + 1


# --- size and numbering --------------------------------------------------------------------------


def _by_look(lines: Sequence[Line], start: int) -> list[Heading]:
    """Numbered lines in a larger or bolder type than the body."""
    body = body_size(lines)

    def stands_out(line: Line) -> bool:
        return line.size > _LARGER_THAN_BODY * body or line.bold

    headings: list[Heading] = []
    for index in range(start, len(lines)):
        number = split_number(lines[index].text)[0]
        last = headings[-1].number if headings else ""
        if not (number and stands_out(lines[index]) and _follows(number, last)):
            continue
        end = index + 1
        while (
            end < min(index + _HEADING_LINES, len(lines))
            and stands_out(lines[end])
            and lines[end].size == lines[index].size
            and not split_number(lines[end].text)[0]
        ):
            end += 1
        _, title = split_number(_joined(lines[index:end]))
        headings.append(Heading(number, title, _level(number), index, end))
    return headings if len(headings) >= 2 else []


def _by_numbering(lines: Sequence[Line], start: int) -> list[Heading]:
    """Short lines that open with the next number and don't end like a sentence."""
    headings: list[Heading] = []
    for index in range(start, len(lines)):
        number, title = split_number(lines[index].text)
        last = headings[-1].number if headings else ""
        if (
            number
            and _follows(number, last)
            and len(title) <= _LONGEST_HEADING
            and not title.endswith(("。", "；", "，", "."))
        ):
            headings.append(Heading(number, title, _level(number), index, index + 1))
    return headings if len(headings) >= 2 else []


# --- from headings to sections -------------------------------------------------------------------


def join_lines(lines: Sequence[Line]) -> tuple[str, PageStarts]:
    """Paragraphs' text joined from lines, and where each page begins in it.

    A new paragraph begins with an indented line after one that ends a sentence; paragraphs are
    parted by a line feed.
    """
    if not lines:
        return "", ()
    left = Counter(round(line.x) for line in lines).most_common(1)[0][0]
    text = ""
    starts: list[tuple[int, int]] = []
    for line in lines:
        if text:
            indented = line.x > left + 0.8 * line.size
            ends = text.rstrip('”"’』」）)').endswith(("。", "！", "？", ".", "!", "?", "：", ":"))
            text += "\n" if indented and ends else join_gap(text, line.text)
        if not starts or starts[-1][1] != line.page:
            starts.append((len(text), line.page))
        text += line.text
    return text, tuple(starts)


def build_sections(
    headings: Sequence[Heading], lines: Sequence[Line], end: int, pages: Sequence[CleanPage]
) -> Iterator[Section]:
    """Sections with their own text: what stands between a heading and the next, or `end`."""
    path: list[str] = []
    for heading, following in zip(headings, (*headings[1:], None), strict=True):
        path = [*path[: heading.level - 1], heading.title]
        text, starts = join_lines(lines[heading.end : following.start if following else end])
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

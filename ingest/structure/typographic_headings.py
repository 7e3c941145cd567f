"""Headings told by their type, or by nothing but their numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.extract.lines import Line
from ingest.structure.announced_headings import Heading
from ingest.structure.contents_page import MOST_LINES, joined
from ingest.structure.numbering import Label, follow, split_label
from ingest.structure.paragraphs import Layout, is_full, is_indented
from ingest.structure.printed_dates import first_date
from ingest.structure.standard_parts import ABSTRACT, BACK_PAGE, CAPTION, REFERENCES, abstract_text

_LARGER_THAN_BODY = 1.04
_LONGEST = 90
_LONGEST_UNNUMBERED = 60
_ENDS_LIKE_TEXT = re.compile(r"[。；;，,！!：:、]$|[a-z]{3}\.$")
_UNIT = re.compile(r"[年月日时个家亿万千元倍项名人次天周成点]")


def _body_type(lines: Sequence[Line]) -> tuple[float, bool]:
    """The type most of the text is set in: size in points, and whether it is bold."""
    types: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        types[line.size, line.bold] += len(line.text)
    return types.most_common(1)[0][0] if types else (0.0, False)


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines [start, end) in one type that stands out, with label and title."""

    typeface: tuple[float, bool]
    label: Label | None
    title: str
    start: int
    end: int


def typographic_headings(lines: Sequence[Line], start: int) -> list[Heading]:
    """Lines in a larger or bolder type than the body: the labelled ones in order, else all."""
    groups = list(_groups(lines, start))
    numbered: list[tuple[_Group, int]] = []
    path: tuple[Label, ...] = ()
    for group in groups:
        following = follow(path, group.label, skips=1) if group.label else None
        if following:
            path = following
            numbered.append((group, len(path)))
    if len(numbered) < 2:
        return _unnumbered_headings(lines, groups)
    # 结语 and 附录 stand between numbered headings, in the type of one of their levels.
    body = _body_type(lines)[0]
    levels = {group.typeface: level for group, level in reversed(numbered)}
    found = {group.start: (group, level) for group, level in numbered}
    for group in groups:
        if (
            group.start > numbered[0][0].start
            and group.start not in found
            and group.typeface in levels
            and group.typeface[0] > _LARGER_THAN_BODY * body
            and _is_title(group.title)
            and not group.label
        ):
            found[group.start] = group, levels[group.typeface]
    return [_heading(*found[key]) for key in sorted(found)]


def _unnumbered_headings(lines: Sequence[Line], groups: Sequence[_Group]) -> list[Heading]:
    """Unnumbered headings: each type that stands out is a level, the largest the first."""
    first = _first_place(lines, groups)
    titles = [group for group in groups if group.start >= first and _is_title(group.title)]
    typefaces = sorted(
        {g.typeface for g in titles if not BACK_PAGE.fullmatch(g.title)}, reverse=True
    )
    titles = [group for group in titles if group.typeface in typefaces]
    if len(titles) < 2 or len(typefaces) > 4 or len(titles) * 4 > len(lines):
        return []
    return [_heading(group, typefaces.index(group.typeface) + 1) for group in titles]


def _first_place(lines: Sequence[Line], groups: Sequence[_Group]) -> int:
    """Where the first heading may be: after the abstract, else after the title block."""
    for index, line in enumerate(lines):
        if abstract_text(line.text) is not None:
            return index + 1
    on_first = [group for group in groups if lines[group.start].page == lines[0].page]
    if not on_first:
        return 0
    title = max(on_first, key=lambda group: group.typeface)
    later = [group for group in on_first if group.start > title.start]
    dated = [group for group in later[:3] if first_date(group.title)]
    return (dated[-1] if dated else title).end


def _heading(group: _Group, level: int) -> Heading:
    number = group.label.text if group.label else ""
    return Heading(number, group.title, level, group.start, group.end)


def _groups(lines: Sequence[Line], start: int) -> Iterator[_Group]:
    """Runs of up to four lines in one type that stands out from the body's."""
    body, _ = _body_type(lines)
    size = sum(len(line.text) for line in lines)
    # Bold type stands out only where it is rare.
    body_bold = sum(len(line.text) for line in lines if line.bold) > 0.25 * size

    def stands_out(line: Line) -> bool:
        larger = line.size > _LARGER_THAN_BODY * body
        return (larger or (line.bold and not body_bold)) and not line.slanting

    index = start
    while index < len(lines):
        first = lines[index]
        end = index + 1
        if stands_out(first):
            while (
                end < min(index + MOST_LINES, len(lines))
                and _continues_heading(lines[end - 1], lines[end])
                and not split_label(lines[end].text)[0]
            ):
                end += 1
            label, title = split_label(joined(lines[index:end]))
            if title:
                yield _Group((first.size, first.bold), label, title, index, end)
        index = end


def _continues_heading(line: Line, following: Line) -> bool:
    """Whether a heading's next line is in the same type, right below."""
    return (line.size, line.bold, line.page) == (
        following.size,
        following.bold,
        following.page,
    ) and 0 < line.y - following.y < 2.2 * line.size


def _is_title(text: str) -> bool:
    return (
        2 <= len(text) <= _LONGEST_UNNUMBERED
        and not _ENDS_LIKE_TEXT.search(text)
        and not CAPTION.match(text)
        and not ABSTRACT.fullmatch(text)
        and bool(re.search(r"[^\W\d_]{2}", text))
    )


def numbered_headings(lines: Sequence[Line], start: int, layout: Layout) -> list[Heading]:
    """Short paragraphs that open with the next number and don't end like a sentence."""
    headings: list[Heading] = []
    path: tuple[Label, ...] = ()
    for index in range(start, len(lines)):
        label, title = split_label(lines[index].text)
        if REFERENCES.fullmatch(title):  # its entries are numbered too
            break
        following = follow(path, label) if label else None
        if not (following and label) or _UNIT.match(title):
            continue
        end = _paragraph_end(lines, index, layout)
        _, title = split_label(joined(lines[index:end]))
        if len(title) <= _LONGEST and not _ENDS_LIKE_TEXT.search(title):
            path = following
            headings.append(Heading(label.text, title, len(path), index, end))
    return headings if len(headings) >= 2 else []


def _paragraph_end(lines: Sequence[Line], index: int, layout: Layout) -> int:
    """The line after a paragraph of up to four, told by full lines that the next goes on from."""
    end = index + 1
    while (
        end < min(index + MOST_LINES, len(lines))
        and is_full(lines[end - 1], layout)
        and not is_indented(lines[end], layout)
        and not split_label(lines[end].text)[0]
    ):
        end += 1
    return end

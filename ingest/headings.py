"""The headings of a document, found by four signals that vote.

A signal proposes headings as positions in the document's lines: the outline, the contents list,
type that stands out, numbers in order. Each heading of a proposal has the support of the signals
that propose it too, and the proposal with the most support wins. What the weights rest on: over
26 makes of one briefing (338 headings) the outline named 247 of 247 right with 3 false, the
contents list 338 with none, size 331 with none, numbers alone 227 with 100.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.records import Signal, Warning
from ingest.contents_page import ContentsList, Entry, bare, find_contents, joined
from ingest.dates import find_date
from ingest.landmarks import (
    ABSTRACT,
    BACK_PAGE,
    CAPTION,
    CONTENTS,
    REFERENCES,
    abstract_text,
)
from ingest.numbering import Label, follow, split_label
from ingest.paragraphs import Layout, is_full, is_indented
from ingest.pdf import Line, OutlineEntry

_WEIGHTS: dict[Signal, float] = {"outline": 3, "contents": 3, "size": 2, "numbering": 1}
_RELIABILITY: dict[Signal, float] = {
    "outline": 0.99, "contents": 0.99, "size": 0.9, "numbering": 0.6, "none": 0.0,
}  # fmt: skip
_DOUBT = 0.4
"""Support below which a heading speaks against its proposal rather than for it."""
_LINES = 4
_LARGER_THAN_BODY = 1.04
_LONGEST = 90
_LONGEST_UNNUMBERED = 60
_ENDS_LIKE_TEXT = re.compile(r"[。；;，,！!：:、]$|[a-z]{3}\.$")
_UNIT = re.compile(r"[年月日时个家亿万千元倍项名人次天周成点]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found in the body: number and title, and the lines [start, end) it takes up."""

    number: str
    title: str
    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class HeadingTree:
    """The headings, the signal they come from, how far the others agree (0 to 1)."""

    headings: tuple[Heading, ...]
    signal: Signal
    confidence: float
    contents: ContentsList | None
    warnings: tuple[Warning, ...] = ()


def find_headings(
    lines: Sequence[Line], outline: Sequence[OutlineEntry], layout: Layout
) -> HeadingTree:
    """Locate a document's headings, by vote of the signals."""
    contents = find_contents(lines)
    body_start = contents.stop if contents else 0
    texts = [bare(line.text) for line in lines]
    announced: dict[Signal, list[Entry]] = {
        "outline": _outline_entries(outline),
        "contents": list(contents.entries) if contents else [],
    }
    starts = {"outline": contents.start if contents else 0, "contents": body_start}
    proposals: dict[Signal, list[Heading]] = {}
    warnings = []
    for signal, entries in announced.items():
        found = _locate(entries, lines, texts, starts[signal])
        if len(entries) >= (3 if signal == "outline" else 2):
            if len(found) >= 0.8 * len(entries):
                proposals[signal] = found
            else:
                warnings.append(
                    Warning(
                        f"{signal}_unreliable",
                        None,
                        f"{len(entries) - len(found)} of {len(entries)} headings of the {signal} "
                        "were not found on the pages",
                    )
                )
    proposals["size"] = _by_look(lines, body_start)
    proposals["numbering"] = _by_numbering(lines, body_start, layout)
    speaking = {
        signal: kept for signal, found in proposals.items() if (kept := _without_back_page(found))
    }
    if not speaking:
        return HeadingTree((), "none", 0.0, contents, tuple(warnings))
    signal = _elected(speaking)
    headings = _with_references(_with_labels_above(speaking[signal], lines), lines)
    confidence = round(_RELIABILITY[signal] * _agreement(speaking, signal), 2)
    warnings += _dissent(speaking, signal, lines)
    return HeadingTree(tuple(headings), signal, confidence, contents, tuple(warnings))


# --- the vote ------------------------------------------------------------------------------------


def _elected(proposals: dict[Signal, list[Heading]]) -> Signal:
    """The signal whose headings have the most support; the more reliable one of equals."""
    total = sum(_WEIGHTS[signal] for signal in proposals)
    support: Counter[int] = Counter()
    for signal, headings in proposals.items():
        for heading in headings:
            support[heading.start] += _WEIGHTS[signal]  # type: ignore[assignment]
    scores = {
        signal: sum(support[heading.start] / total - _DOUBT for heading in headings)
        for signal, headings in proposals.items()
    }
    return max(proposals, key=lambda signal: (round(scores[signal], 6), _WEIGHTS[signal]))


def _agreement(proposals: dict[Signal, list[Heading]], chosen: Signal) -> float:
    """How far the signals propose the chosen headings: their F1 scores, weighted."""
    total = sum(_WEIGHTS[signal] for signal in proposals)
    own = {heading.start for heading in proposals[chosen]}
    agreement = 0.0
    for signal, headings in proposals.items():
        other = {heading.start for heading in headings}
        agreement += _WEIGHTS[signal] * 2 * len(own & other) / (len(own) + len(other))
    return agreement / total


def _dissent(
    proposals: dict[Signal, list[Heading]], chosen: Signal, lines: Sequence[Line]
) -> Iterator[Warning]:
    """Where outline or contents list announce other headings than those chosen."""
    own = {heading.start for heading in proposals[chosen]}
    for signal in ("outline", "contents"):
        if signal == chosen or signal not in proposals:
            continue
        others = proposals[signal]
        absent = [heading for heading in others if heading.start not in own]
        added = len(own - {heading.start for heading in others})
        if absent or added:
            names = "".join(f", such as {heading.title!r}" for heading in absent[:1])
            yield Warning(
                "signals_disagree",
                lines[absent[0].start].page if absent else None,
                f"headings are from the {chosen}; the {signal} has {len(absent)} others{names}, "
                f"and lacks {added}",
            )


def _without_back_page(headings: Sequence[Heading]) -> list[Heading]:
    """The headings up to 联系我们 and the like, which open the back page."""
    last = len(headings)
    while last and BACK_PAGE.fullmatch(headings[last - 1].title):
        last -= 1
    return list(headings[:last])


def _with_labels_above(headings: Sequence[Heading], lines: Sequence[Line]) -> list[Heading]:
    """The headings with the line above that says only `Chapter 3` or 第三章, where there is one."""
    result: list[Heading] = []
    for heading in headings:
        above = heading.start - 1
        label, title = split_label(lines[above].text) if above >= 0 else (None, "")
        taken = bool(result) and result[-1].end > above
        if label and not title and not taken and lines[above].page == lines[heading.start].page:
            heading = replace(heading, start=above, number=heading.number or label.text)
        result.append(heading)
    return result


def _with_references(headings: Sequence[Heading], lines: Sequence[Line]) -> list[Heading]:
    """The headings and that of the references, which often stands outside of their order."""
    if any(REFERENCES.fullmatch(heading.title) for heading in headings):
        return list(headings)
    last = headings[-1]
    for index in range(len(lines) - 1, last.end - 1, -1):
        label, title = split_label(lines[index].text)
        if REFERENCES.fullmatch(title):
            number = label.text if label else ""
            return [*headings, Heading(number, title, 1, index, index + 1)]
    return list(headings)


# --- what outline and contents list announce -----------------------------------------------------


def _outline_entries(outline: Sequence[OutlineEntry]) -> list[Entry]:
    """Bookmarks as entries: without 摘要 and 目录, and without the document's title above all."""
    entries = [
        Entry(*split_label(_said_once(item.title)), item.level, item.page)
        for item in outline
        if not (ABSTRACT.fullmatch(item.title) or CONTENTS.fullmatch(item.title))
    ]
    top = [entry for entry in entries if entry.level == 1]
    if len(top) == 1 and len(entries) > 3 and entries[0] is top[0] and not top[0].label:
        entries = entries[1:]
    return _with_levels(entries)


def _said_once(title: str) -> str:
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
        path = (follow(path, entry.label, skips=1) if entry.label else None) or path[:0]
        result.append(replace(entry, level=max(1, len(path))))
    return result


def _locate(
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
    """The entry as a heading at this line, if the next one to three lines read so and no more."""
    title = bare(entry.title)
    wanted = bare(entry.label.text) + title if entry.label else title
    if not title or not (texts[index][:2] in wanted or title[:2] in texts[index]):
        return None
    text = ""
    for end in range(index + 1, min(index + _LINES, len(lines)) + 1):
        text += texts[end - 1]
        label, rest = split_label(joined(lines[index:end]))
        same_label = not (entry.label and label) or entry.label.values == label.values
        if text in (wanted, title) or (same_label and bare(rest) == title):
            number = (label or entry.label).text if label or entry.label else ""  # type: ignore[union-attr]
            return Heading(number, entry.title, entry.level, index, end)
        if len(text) > len(wanted) + 8:
            break
    return None


# --- size and numbering --------------------------------------------------------------------------


def body_type(lines: Sequence[Line]) -> tuple[float, bool]:
    """The type most of the text is set in: size in points, and whether it is bold."""
    types: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        types[line.size, line.bold] += len(line.text)
    return types.most_common(1)[0][0] if types else (0.0, False)


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines [start, end) in one type that stands out, with label and title."""

    look: tuple[float, bool]
    label: Label | None
    title: str
    start: int
    end: int


def _by_look(lines: Sequence[Line], start: int) -> list[Heading]:
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
        return _by_size_alone(lines, groups)
    # 结语 and 附录 stand between numbered headings, in the type of one of their levels.
    body = body_type(lines)[0]
    levels = {group.look: level for group, level in reversed(numbered)}
    found = {group.start: (group, level) for group, level in numbered}
    for group in groups:
        if (
            group.start > numbered[0][0].start
            and group.start not in found
            and group.look in levels
            and group.look[0] > _LARGER_THAN_BODY * body
            and _is_title(group.title)
            and not group.label
        ):
            found[group.start] = group, levels[group.look]
    return [_heading(*found[key]) for key in sorted(found)]


def _by_size_alone(lines: Sequence[Line], groups: Sequence[_Group]) -> list[Heading]:
    """Unnumbered headings: each type that stands out is a level, the largest the first."""
    first = _first_place(lines, groups)
    titles = [group for group in groups if group.start >= first and _is_title(group.title)]
    looks = sorted({g.look for g in titles if not BACK_PAGE.fullmatch(g.title)}, reverse=True)
    titles = [group for group in titles if group.look in looks]
    if len(titles) < 2 or len(looks) > 4 or len(titles) * 4 > len(lines):
        return []
    return [_heading(group, looks.index(group.look) + 1) for group in titles]


def _first_place(lines: Sequence[Line], groups: Sequence[_Group]) -> int:
    """Where the first heading may be: after the abstract, else after the title block."""
    for index, line in enumerate(lines):
        if abstract_text(line.text) is not None:
            return index + 1
    on_first = [group for group in groups if lines[group.start].page == lines[0].page]
    if not on_first:
        return 0
    title = max(on_first, key=lambda group: group.look)
    later = [group for group in on_first if group.start > title.start]
    dated = [group for group in later[:3] if find_date(group.title)]
    return (dated[-1] if dated else title).end


def _heading(group: _Group, level: int) -> Heading:
    number = group.label.text if group.label else ""
    return Heading(number, group.title, level, group.start, group.end)


def _groups(lines: Sequence[Line], start: int) -> Iterator[_Group]:
    """Runs of up to three lines in one type that stands out from the body's."""
    body, _ = body_type(lines)
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
                end < min(index + _LINES, len(lines))
                and _goes_on(lines[end - 1], lines[end])
                and not split_label(lines[end].text)[0]
            ):
                end += 1
            label, title = split_label(joined(lines[index:end]))
            if title:
                yield _Group((first.size, first.bold), label, title, index, end)
        index = end


def _goes_on(line: Line, following: Line) -> bool:
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


def _by_numbering(lines: Sequence[Line], start: int, layout: Layout) -> list[Heading]:
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
        end < min(index + _LINES, len(lines))
        and is_full(lines[end - 1], layout)
        and not is_indented(lines[end], layout)
        and not split_label(lines[end].text)[0]
    ):
        end += 1
    return end

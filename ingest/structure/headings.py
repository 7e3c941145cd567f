"""The headings of a document, found by four signals that vote.

A signal proposes headings as positions in the document's lines: the outline, the contents list,
type that stands out, numbers in order. Each heading of a proposal has the support of the signals
that propose it too, and the proposal with the most support wins. What the weights rest on: over
26 makes of one briefing (338 headings) the outline named 247 of 247 right with 3 false, the
contents list 338 with none, size 331 with none, numbers alone 227 with 100.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.records import Signal, Warning
from ingest.extract.lines import Line
from ingest.extract.pdf import OutlineEntry
from ingest.structure.announced_headings import Heading, locate_headings, outline_entries
from ingest.structure.contents_page import ContentsList, Entry, bare, find_contents
from ingest.structure.numbering import split_label
from ingest.structure.paragraphs import Layout
from ingest.structure.standard_parts import BACK_PAGE, REFERENCES
from ingest.structure.typographic_headings import numbered_headings, typographic_headings

_WEIGHTS: dict[Signal, float] = {"outline": 3, "contents": 3, "size": 2, "numbering": 1}
_RELIABILITY: dict[Signal, float] = {
    "outline": 0.99, "contents": 0.99, "size": 0.9, "numbering": 0.6, "none": 0.0,
}  # fmt: skip
_LEAST: dict[Signal, int] = {"outline": 3, "contents": 2}
"""Entries that an outline or a contents list has at least."""
_SHARE_FOUND = 0.8
"""The share of them that must be found in the body."""
_DOUBT = 0.4
"""Support below which a heading speaks against its proposal rather than for it."""


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
    announced: tuple[tuple[Signal, Sequence[Entry], int], ...] = (
        ("outline", outline_entries(outline), contents.start if contents else 0),
        ("contents", contents.entries if contents else (), body_start),
    )
    proposals: dict[Signal, list[Heading]] = {}
    warnings = []
    for signal, entries, start in announced:
        found = locate_headings(entries, lines, texts, start)
        if len(entries) < _LEAST[signal]:
            continue
        if len(found) >= _SHARE_FOUND * len(entries):
            proposals[signal] = found
        else:
            warnings.append(_unreliable(signal, len(entries) - len(found), len(entries)))
    proposals["size"] = typographic_headings(lines, body_start)
    proposals["numbering"] = numbered_headings(lines, body_start, layout)
    speaking = {
        signal: kept for signal, found in proposals.items() if (kept := _without_back_page(found))
    }
    if not speaking:
        return HeadingTree((), "none", 0.0, contents, tuple(warnings))
    signal = _elected_signal(speaking)
    headings = _with_references(_with_labels_above(speaking[signal], lines), lines)
    confidence = round(_RELIABILITY[signal] * _agreement(speaking, signal), 2)
    warnings += _disagreements(speaking, signal, lines)
    return HeadingTree(tuple(headings), signal, confidence, contents, tuple(warnings))


def _unreliable(signal: Signal, absent: int, announced: int) -> Warning:
    message = f"{absent} of {announced} headings of the {signal} were not found on the pages"
    return Warning(f"{signal}_unreliable", None, message)


# --- the vote ------------------------------------------------------------------------------------


def _elected_signal(proposals: dict[Signal, list[Heading]]) -> Signal:
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


def _disagreements(
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

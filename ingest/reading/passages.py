"""Cutting sections into passages that an encoder can read whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from archive.chinese.text import ems, sentences
from archive.records import Briefing, BriefingCard, PageStarts, Passage, Section, SectionCard

MAX_WEIGHT = 420
"""Weight a passage may have: 1 for a CJK character, a half for any other.

An encoder of 512 tokens reads that with its headings: the default one takes up to one token for a
CJK character and about a quarter for a Latin one. Measured in characters rather than tokens, a
passage and its id stay the same whatever encoder the archive uses.
"""


def cut_passages(briefing: Briefing) -> tuple[Passage, ...]:
    """A briefing's passages; those of one section, joined, are the section's text."""
    card = BriefingCard(briefing.id, briefing.title, briefing.issuer, briefing.date)
    pages = {page.number: page for page in briefing.pages}
    passages = []
    for ordinal, section in enumerate(briefing.sections):
        for part, (start, end) in enumerate(_ranges(section.text)):
            text = section.text[start:end]
            starts = _page_starts(section, start, end)
            own = [pages[page] for _, page in starts]
            passages.append(
                Passage(
                    id=_passage_id(briefing.id, ordinal, part, text),
                    briefing=card,
                    section=SectionCard(section.number, section.title, section.path),
                    text=text,
                    page_starts=starts,
                    printed=(
                        min(own, key=lambda page: page.number).printed,
                        max(own, key=lambda page: page.number).printed,
                    ),
                    ocr_confidence=min(
                        (page.confidence for page in own if page.confidence is not None),
                        default=None,
                    ),
                )
            )
    return tuple(passages)


def _passage_id(briefing_id: str, ordinal: int, part: int, text: str) -> str:
    digest = hashlib.sha256(f"{ordinal}\n{part}\n{text}".encode()).hexdigest()
    return f"{briefing_id}-{digest[:10]}"


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    """Half-open ranges covering the text: few, of about equal weight, cut at sentence ends."""
    if not text.strip():
        return
    pieces = [piece for sentence in sentences(text) for piece in _fitting(text, *sentence)]
    total = ems(text)
    share = total / max(1, -(-total // MAX_WEIGHT))
    start, weight = 0, 0.0
    for first, last in pieces:
        piece = ems(text[first:last])
        # Close the passage where its share is reached, or where the next piece would overflow it.
        if weight and (weight + piece > MAX_WEIGHT or weight + piece / 2 > share):
            yield start, first
            start, weight = first, 0.0
        weight += piece
    yield start, len(text)


def _fitting(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence, cut hard where it alone is heavier than a passage may be."""
    while ems(text[start:end]) > MAX_WEIGHT:
        yield start, start + MAX_WEIGHT
        start += MAX_WEIGHT
    if start < end:
        yield start, end


def _page_starts(section: Section, start: int, end: int) -> PageStarts:
    """The section's page starts within [start, end), counted from `start`."""
    before = [page for offset, page in section.page_starts if offset <= start]
    inside = [
        (offset - start, page) for offset, page in section.page_starts if start < offset < end
    ]
    return ((0, before[-1]), *inside)

"""A storyline told in order of days: what each passage says first, and what it gives otherwise."""

from __future__ import annotations

from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.following.changes import find_changes
from archive.following.records import Change, Story, StoryEntry
from archive.following.sentence_comparison import cite_change
from archive.following.similarity import Tokenise
from archive.records import Passage

_LOOKED_BACK = 6
"""Earlier passages of a storyline that a later one is held against."""
_MOST_CHANGES = 4
_SURE = 0.7
"""The chance of a change from which a chronology tells it: nobody asked for it there."""
_SHORT = 15
"""Characters up to which a first sentence says little, so that the next one is quoted too."""


def chronology(story: Story, quoter: Quoter, tokenise: Tokenise) -> list[StoryEntry]:
    """The entries of a storyline, oldest first, their citations numbered from 1.

    A passage whose first sentence isn't found on its page is left out.
    """
    entries: list[StoryEntry] = []
    number = 1
    for at, passage in enumerate(story.passages):
        lead = _lead(passage)
        citation = quoter.cite(number, lead.passage, lead.start, lead.end) if lead else None
        if citation is None:
            continue
        number += 1
        before = [p for p in story.passages[:at] if p.briefing.id != passage.briefing.id]
        changes: list[Change] = []
        found = find_changes(passage.text, before[-_LOOKED_BACK:], tokenise, enough=_SURE)
        for change in found[:_MOST_CHANGES]:
            if cited := cite_change(change, passage.text, number, quoter):
                changes.append(cited)
                number += 1
        entries.append(StoryEntry(citation, tuple(changes)))
    return entries


def _lead(passage: Passage) -> Sentence | None:
    found = passage_sentences(passage)
    if not found:
        return None
    first = found[0]
    if first.end - first.start <= _SHORT and len(found) > 1:
        return Sentence(passage, first.start, found[1].end)
    return first

"""Watches: saved queries that tell what came in since they were last read, repeats left out."""

from __future__ import annotations

from collections.abc import Sequence

from archive.errors import UsageError
from archive.following.coverage import CoverageReader
from archive.following.draft_parts import DraftPart, DraftSection
from archive.records import ABSTRACT_TITLE, Passage
from archive.store.catalog import Catalog
from archive.store.records import Watch
from archive.store.selection import Selection

_LONGEST_NAME = 60


def check_name(name: str) -> str:
    """A watch's name without blanks around it; raises UsageError for one that can't be."""
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(
            f"a watch can't be called {name!r}", f"give it 1 to {_LONGEST_NAME} characters"
        )
    return name


def find_watch(catalog: Catalog, name: str) -> Watch:
    """A saved query; raises UsageError where there is none of the name."""
    for watch in catalog.notes.watches():
        if watch.name == " ".join(name.split()):
            return watch
    raise UsageError(f"there is no watch {name!r}", "`archive watch list` shows them")


def without_repeats(
    passages: Sequence[Passage], selection: Selection, reader: CoverageReader
) -> list[Passage]:
    """The passages that say something earlier briefings didn't; of those alike the first.

    An abstract repeats its own briefing, so that it is left out where that has other passages.
    """
    told = {p.briefing.id for p in passages if p.section.title != ABSTRACT_TITLE}
    kept = []
    for passage in passages:
        if passage.section.title == ABSTRACT_TITLE and passage.briefing.id in told:
            continue
        earlier = selection.in_before(passage.id).without_briefings([passage.briefing.id])
        part = DraftPart(passage.heading, passage.text)
        section = DraftSection(" ".join(passage.section.path), (part,))
        if any(p.status != "covered" for p in reader.check([section], earlier)):
            kept.append(passage)
    return kept

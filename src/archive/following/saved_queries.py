"""Watches: saved queries that tell what came in since they were last read, repeats left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from archive.errors import UsageError
from archive.following.coverage import CoverageReader
from archive.following.draft_parts import DraftPart, DraftSection
from archive.records import ABSTRACT_TITLE, Passage
from archive.store.catalog import Catalog
from archive.store.records import Watch
from archive.store.snapshot import Rows, Selection, Snapshot

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


def last_key(snapshot: Snapshot) -> int:
    """The catalogue's number of the live passage that came in last: what a reader may have seen."""
    return int(snapshot.keys[-1]) if len(snapshot) else 0


def since_seen(watch: Watch, rows: Rows, snapshot: Snapshot) -> Rows:
    """Those of the rows found that came in since a watch was last read, newest first."""
    new = rows[snapshot.keys[rows] > watch.seen_key]
    return new[np.argsort(-snapshot.first_day[new], kind="stable")]


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
        earlier = _before(passage, selection)
        part = DraftPart(passage.heading, passage.text)
        section = DraftSection(" ".join(passage.section.path), (part,))
        if any(p.status != "covered" for p in reader.check([section], earlier)):
            kept.append(passage)
    return kept


def _before(passage: Passage, selection: Selection) -> Selection:
    """The passages of briefings that came in before a passage's own."""
    snapshot = selection.snapshot
    row = snapshot.row_of[passage.id]
    own: NDArray[np.bool_] = snapshot.briefing.of == snapshot.briefing.of[row]
    return replace(selection, mask=(snapshot.keys < snapshot.keys[row]) & ~own)

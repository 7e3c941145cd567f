"""Matters told across briefings: lists of storylines, one as a chronology, how often by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date

import numpy as np

from archive.errors import UsageError, unknown_briefing
from archive.evidence.quote_check import Quoter
from archive.following.chronology import chronology
from archive.following.records import Period, Story, StoryEntry, Timeline
from archive.following.storylines import Storylines
from archive.following.timeline import make_timeline
from archive.index.keyword_index import KeywordIndex
from archive.records import Filter
from archive.search.searcher import Searcher
from archive.store.catalog import Catalog
from archive.store.snapshot import Rows, Selection, Snapshot


class Matters:
    """Follows matters through an archive."""

    def __init__(
        self,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        searcher: Searcher,
        storylines: Storylines,
        quoter: Quoter,
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._searcher = searcher
        self._storylines = storylines
        self._quoter = quoter

    def stories(
        self,
        snapshot: Snapshot,
        *,
        where: Filter,
        briefing_id: str | None,
        singles: bool,
        limit: int,
        offset: int,
    ) -> tuple[list[Story], int]:
        """A page of storylines and how many there are, as `Archive.stories` says."""
        self._searcher.check(where, limit, offset)
        selection = Selection.of(snapshot, where)
        if briefing_id is not None:
            if self._catalog.briefings.find(briefing_id) is None:
                raise unknown_briefing(briefing_id)
            selection = selection.only_briefings([briefing_id])
        groups = self._storylines.groups(selection)
        if not singles:
            groups = [rows for rows in groups if snapshot.briefing.distinct(rows) > 1]
        shown = groups[offset : offset + limit]
        return [self._storylines.story(snapshot, rows) for rows in shown], len(groups)

    def story(self, snapshot: Snapshot, name: str) -> tuple[Story, list[StoryEntry]]:
        """A storyline and its chronology, as `Archive.story` says."""
        story = self._storylines.story(snapshot, self._rows(snapshot, name))
        return story, chronology(story, self._quoter, self._keyword_index.terms)

    def timeline(
        self,
        snapshot: Snapshot,
        queries: Sequence[str],
        stories: Sequence[str],
        by: Period,
        where: Filter,
        today: Date,
    ) -> Timeline:
        """How often each thing was written of, as `Archive.timeline` says."""
        self._searcher.check(where)
        rows_of: dict[str, Rows] = {}
        selection = Selection.of(snapshot, where)
        for query in queries:
            _, found = self._searcher.find(snapshot, query, mode="hybrid", where=where, today=today)
            rows_of[query] = found.ranking.rows
        for name in stories:
            rows = self._rows(snapshot, name)
            story = self._storylines.story(snapshot, rows)
            called = story.name if story.name not in rows_of else f"{story.name}（{story.id}）"
            rows_of[called] = rows[selection.mask[rows]]
        if not rows_of:
            for topic in where.topics:
                own = Selection.of(snapshot, replace(where, topics=(topic,)))
                rows_of[topic] = np.flatnonzero(own.mask)
        return make_timeline(rows_of or {"全部": np.flatnonzero(selection.mask)}, snapshot, by)

    def _rows(self, snapshot: Snapshot, name: str) -> Rows:
        rows = self._storylines.find(snapshot, name)
        if not len(rows):
            raise UsageError(f"there is no storyline {name!r}", "`archive stories` shows the ids")
        return rows

"""Matters told across briefings: lists of storylines, one as a chronology, how often by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date

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
from archive.store.selection import PassageList, Selection
from archive.store.snapshot import Snapshot


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
            groups = [group for group in groups if group.briefings > 1]
        shown = groups[offset : offset + limit]
        return [self._storylines.story(group) for group in shown], len(groups)

    def story(self, snapshot: Snapshot, name: str) -> tuple[Story, list[StoryEntry]]:
        """A storyline and its chronology, as `Archive.story` says."""
        story = self._storylines.story(self._told_in(snapshot, name))
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
        told_of: dict[str, PassageList] = {}
        selection = Selection.of(snapshot, where)
        for query in queries:
            _, found = self._searcher.find(snapshot, query, mode="hybrid", where=where, today=today)
            told_of[query] = found.ranking
        for name in stories:
            told = self._told_in(snapshot, name)
            story = self._storylines.story(told)
            called = story.name if story.name not in told_of else f"{story.name}（{story.id}）"
            told_of[called] = told.among(selection)
        if not told_of:
            for topic in where.topics:
                own = Selection.of(snapshot, replace(where, topics=(topic,)))
                told_of[topic] = own.passages()
        return make_timeline(told_of or {"全部": selection.passages()}, by)

    def _told_in(self, snapshot: Snapshot, name: str) -> PassageList:
        told = self._storylines.find(snapshot, name)
        if not len(told):
            raise UsageError(f"there is no storyline {name!r}", "`archive stories` shows the ids")
        return told

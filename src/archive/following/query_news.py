"""Saved queries of an archive: kept, forgotten, and what came in for one since it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date

from archive.errors import UsageError
from archive.following.coverage import CoverageReader
from archive.following.records import WatchNews
from archive.following.saved_queries import (
    check_name,
    find_watch,
    without_repeats,
)
from archive.index.keyword_index import KeywordIndex
from archive.index.query import plain_query
from archive.records import Filter, Mode
from archive.search.records import Result
from archive.search.results import make_results
from archive.search.search import Found
from archive.search.searcher import Searcher
from archive.store.catalog import Catalog
from archive.store.records import Watch
from archive.store.selection import PassageList, Ranking, Selection
from archive.store.snapshot import Snapshot
from archive.untrusted_text import without_surrogates


class SavedQueries:
    """The saved queries of an archive: notes, so that they may be kept while another writes."""

    def __init__(
        self,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        searcher: Searcher,
        coverage_reader: CoverageReader,
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._searcher = searcher
        self._coverage_reader = coverage_reader

    def save(
        self,
        snapshot: Snapshot,
        name: str,
        query: str,
        *,
        mode: Mode,
        where: Filter,
        today: Date,
    ) -> Watch:
        """Save a query under a name, as `Archive.save_watch` says."""
        name = check_name(name)
        query = without_surrogates(query).strip()
        if not query and where.is_empty:
            raise UsageError("there is nothing to watch", "give a query, or a filter")
        self._searcher.check(where)
        self._searcher.find(snapshot, query, mode=mode, where=where, today=today)
        watch = Watch(name, query, mode, where, today.isoformat(), snapshot.last_key)
        self._catalog.notes.save_watch(watch)
        return watch

    def remove(self, name: str) -> None:
        """Forget a saved query; raises UsageError where there is none of the name."""
        self._catalog.notes.remove_watch(find_watch(self._catalog, name).name)

    def find(self, name: str) -> Watch:
        """The saved query of a name; raises UsageError where there is none."""
        return find_watch(self._catalog, name)

    def mark_read(self, name: str, seen_key: int) -> None:
        """Count what was in up to a key as read; raises UsageError where there is no such query."""
        watch = self.find(name)
        self._catalog.notes.save_watch(replace(watch, seen_key=max(watch.seen_key, seen_key)))

    def news(self, snapshot: Snapshot, watch: Watch, today: Date) -> WatchNews:
        """What came in for a saved query since its `seen_key`."""
        self._searcher.check(watch.where)
        found = self._found(snapshot, watch, today).in_after(watch.seen_key)
        new = found.by_day(newest_first=True).ids
        passages = self._catalog.passages.get(new)
        everything = Selection.of(snapshot)
        kept = {p.id for p in without_repeats(passages, everything, self._coverage_reader)}
        results = self._results(snapshot, watch, [each for each in new if each in kept])
        return WatchNews(watch, tuple(results), len(new) - len(results), snapshot.last_key)

    def _found(self, snapshot: Snapshot, watch: Watch, today: Date) -> PassageList:
        if not watch.query:
            return Selection.of(snapshot, watch.where).passages()
        _, found = self._searcher.find(
            snapshot, watch.query, mode=watch.mode, where=watch.where, today=today
        )
        return found.ranking

    def _results(self, snapshot: Snapshot, watch: Watch, ids: Sequence[str]) -> list[Result]:
        nothing = Ranking.nothing(snapshot)  # by day, so that no index's rank says anything
        words = self._keyword_index.words(snapshot, plain_query(watch.query))
        found = Found(nothing, nothing, nothing)
        return make_results(list(enumerate(ids, 1)), found, words, self._catalog)

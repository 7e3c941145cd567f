"""Saved queries of an archive: kept, forgotten, and what came in for one since it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date

import numpy as np

from archive.errors import UsageError
from archive.following.coverage import CoverageReader
from archive.following.records import WatchNews
from archive.following.saved_queries import (
    check_name,
    find_watch,
    last_key,
    since_seen,
    without_repeats,
)
from archive.index.keyword_index import KeywordIndex
from archive.index.query import plain_query
from archive.records import NO_FILTER, Filter, Mode
from archive.search.records import Result
from archive.search.results import make_results
from archive.search.search import Found
from archive.search.searcher import Searcher
from archive.store.catalog import Catalog
from archive.store.records import Watch
from archive.store.snapshot import Ranking, Rows, Selection, Snapshot
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
        watch = Watch(name, query, mode, where, today.isoformat(), last_key(snapshot))
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
        new = since_seen(watch, self._found(snapshot, watch, today), snapshot)
        passages = self._catalog.passages.get([snapshot.ids[row] for row in new.tolist()])
        everything = Selection.of(snapshot, NO_FILTER)
        kept = {p.id for p in without_repeats(passages, everything, self._coverage_reader)}
        shown = [
            (rank, row)
            for rank, row in enumerate(
                (row for row in new.tolist() if snapshot.ids[row] in kept), 1
            )
        ]
        results = self._results(snapshot, watch, shown, new)
        return WatchNews(watch, tuple(results), len(new) - len(results), last_key(snapshot))

    def _found(self, snapshot: Snapshot, watch: Watch, today: Date) -> Rows:
        if not watch.query:
            return np.flatnonzero(snapshot.allowed(watch.where))
        _, found = self._searcher.find(
            snapshot, watch.query, mode=watch.mode, where=watch.where, today=today
        )
        return found.ranking.rows

    def _results(
        self, snapshot: Snapshot, watch: Watch, shown: Sequence[tuple[int, int]], new: Rows
    ) -> list[Result]:
        found = Found(Ranking(new, np.zeros(len(new))))
        words = self._keyword_index.words(snapshot, plain_query(watch.query))
        return make_results(shown, found, words, snapshot, self._catalog)

"""A page of results: from what was typed, through what both indexes find, to what is shown."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date

from archive.chinese.spelling import suggest
from archive.errors import UsageError
from archive.index.keyword_index import KeywordIndex
from archive.index.query import Query
from archive.index.vector_index import VectorIndex
from archive.records import Filter, Mode
from archive.search.interpretation import Understood, understand
from archive.search.records import SearchPage, Sort
from archive.search.results import MOST_OF_A_BRIEFING, make_groups, make_results
from archive.search.search import DEPTH, Found, find, in_order, near_enough
from archive.store.catalog import Catalog
from archive.store.selection import Ranking
from archive.store.snapshot import Snapshot
from archive.untrusted_text import without_surrogates

MOST_RESULTS = 1000
_BY_MEANING_ONLY = "没有段落含有查询的字词，以下按意思相近排列。"


class Searcher:
    """Searches with an archive's catalogue and both its indexes."""

    def __init__(
        self,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        topics: Sequence[str],
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._topics = tuple(topics)

    def page(
        self,
        snapshot: Snapshot,
        query: str,
        *,
        mode: Mode,
        where: Filter,
        sort: Sort,
        limit: int,
        offset: int,
        by_briefing: bool,
        today: Date,
        infer_dates: bool,
    ) -> SearchPage:
        """One page of the results of a query, as `Archive.search_page` says."""
        clock = time.perf_counter()
        self.check(where, limit, offset)
        understood, found = self.find(
            snapshot, query, mode=mode, where=where, today=today, infer_dates=infer_dates
        )
        page = self._page(found, understood, mode, sort, limit, offset, by_briefing)
        if mode == "hybrid" and len(found.by_meaning) and not len(found.by_word):
            page = replace(page, message=page.message + _BY_MEANING_ONLY)
        return replace(page, took_ms=_since(clock))

    def similar(
        self, snapshot: Snapshot, passage_id: str, *, where: Filter, limit: int, offset: int
    ) -> SearchPage:
        """The passages nearest in meaning to one of the archive, that one left out.

        Raises UsageError for an unknown passage, and for what `check` refuses.
        """
        clock = time.perf_counter()
        self.check(where, limit, offset)
        passages = self._catalog.passages.get([passage_id])
        if not passages or self._catalog.briefings.state(passages[0].briefing.id) == "removed":
            raise UsageError(
                f"there is no passage {passage_id!r} in the archive",
                "take the `passage_id` of a search result",
            )
        query = Query(passages[0].heading)
        selection = self._keyword_index.select(snapshot, query, where).without(passage_id)
        _, vectors = self._catalog.passages.vectors([passage_id])
        near = near_enough(self._vector_index.rank_vector(vectors[0], selection, DEPTH))
        found = Found(near, Ranking.nothing(snapshot), near)
        understood = Understood(query, selection, where)
        page = self._page(
            found, understood, "semantic", "relevance", limit, offset, by_briefing=False
        )
        return replace(page, took_ms=_since(clock))

    def find(
        self,
        snapshot: Snapshot,
        query: str,
        *,
        mode: Mode,
        where: Filter,
        today: Date,
        infer_dates: bool = True,
    ) -> tuple[Understood, Found]:
        """How a query is understood, and all that it finds."""
        understood = understand(
            snapshot,
            without_surrogates(query),
            where,
            topics=self._topics,
            today=today,
            infer_dates=infer_dates,
            keyword_index=self._keyword_index,
        )
        found = find(
            understood.query,
            understood.selection,
            mode=mode,
            keyword_index=self._keyword_index,
            vector_index=self._vector_index,
        )
        return understood, found

    def suggestion(self, snapshot: Snapshot, query: Query) -> str:
        """The query as it may have been meant, where some word of it is in no passage."""
        unknown = self._keyword_index.unknown(snapshot, query)
        if not unknown:
            return ""
        spelling = self._keyword_index.spelling(snapshot)
        return suggest(query.text, unknown, spelling, self._keyword_index.stands)

    def check(self, where: Filter, limit: int = 1, offset: int = 0) -> None:
        """Raise UsageError for a page out of range, a range of days the wrong way round, or an
        unknown topic.
        """
        if not (1 <= limit <= MOST_RESULTS and offset >= 0):
            raise UsageError(
                f"limit {limit}, offset {offset}: out of range",
                f"a limit is 1 to {MOST_RESULTS}, an offset 0 or more",
            )
        if where.since and where.until and where.since > where.until:
            raise UsageError(
                f"the range begins ({where.since}) after it ends ({where.until})",
                "exchange the two dates",
            )
        if where.topics:
            known = {*self._topics, *self._catalog.passages.topic_counts()}
            for topic in where.topics:
                if topic not in known:
                    raise UsageError(f"unknown topic: {topic!r}", "`archive topics` lists them")

    def _page(
        self,
        found: Found,
        understood: Understood,
        mode: Mode,
        sort: Sort,
        limit: int,
        offset: int,
        by_briefing: bool,
    ) -> SearchPage:
        """The results [offset, offset + limit) of what was found, and what is said about all."""
        snapshot = understood.selection.snapshot
        ordered = in_order(found.ranking, sort)
        words = self._keyword_index.words(snapshot, understood.query)
        members: list[list[str]] = []
        if by_briefing:
            groups = ordered.by_briefing()[offset : offset + limit]
            members = [group.ids for group in groups]
            best = {passage for group in members for passage in group[:MOST_OF_A_BRIEFING]}
            shown = [each for each in enumerate(ordered.ids, 1) if each[1] in best]
        else:
            shown = list(enumerate(ordered.part(offset, offset + limit).ids, offset + 1))
        results = make_results(shown, found, words, self._catalog)
        # Of those near in meaning alone a chart would say nothing.
        counted = found.by_word if len(found.by_meaning) and mode == "hybrid" else ordered
        why_empty = "" if results else self._why_empty(understood, len(ordered))
        return SearchPage(
            query=understood.query.text,
            mode=mode,
            where=understood.where,
            total=len(ordered),
            took_ms=0.0,
            results=tuple(results),
            message=understood.note + why_empty,
            facets=counted.facets,
            holding=len(found.by_word),
            briefings=ordered.briefings,
            groups=make_groups(members, results),
            inferred=understood.inferred,
            suggestion=self.suggestion(snapshot, understood.query),
        )

    def _why_empty(self, understood: Understood, total: int) -> str:
        query, snapshot = understood.query, understood.selection.snapshot
        if total:
            return f"只有 {total} 条结果，起始位置超出了范围。"
        says_only_where = bool(query.text.strip()) and not query.wanted
        if not (says_only_where or query.binding or self._keyword_index.words(snapshot, query)):
            return "查询里没有可检索的字词。"
        if not snapshot.coverage(understood.where).briefings:
            return "所选日期与主题范围内没有简报。"
        return "没有找到相符的段落；可以换个说法，或放宽日期与主题。"


def _since(clock: float) -> float:
    """Milliseconds since a moment."""
    return round((time.perf_counter() - clock) * 1000, 1)

"""The archive as a whole: what a page, a terminal or a script asks of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from archive.answer import answer, passages_to_read
from archive.catalog import Catalog, StoredBriefing
from archive.encoder import open_encoder
from archive.errors import UsageError
from archive.keyword_index import KeywordIndex
from archive.lexicon import load_lexicon
from archive.query import Query, plain_query
from archive.records import (
    NO_FILTER,
    Answer,
    BriefingEntry,
    Filter,
    Mode,
    Passage,
    Result,
    SearchPage,
    Sort,
    Topic,
)
from archive.resources import data_file
from archive.results import MOST_OF_A_BRIEFING, group_rows, make_groups, make_results
from archive.search import DEPTH, Found, find, in_order, near_enough
from archive.settings import Settings
from archive.spelling import Vocabulary, suggest
from archive.text import without_surrogates
from archive.topics import load_topics
from archive.understanding import Understood, understand
from archive.vector_index import VectorIndex, collection_name, reader_collection
from archive.writer import ARCHIVE_ID, TOPICS, unknown_briefing

MOST_RESULTS = 1000
_BY_MEANING_ONLY = "没有段落含有查询的字词，以下按意思相近排列。"


class Archive:
    """A readable archive. Writing is `archive.writer`'s; both may go on at once."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        topic_list: Sequence[Topic],
        files: Path,
    ) -> None:
        self.catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._topics = tuple(topic_list)
        self._files = files
        self._spelling: tuple[int, Vocabulary] | None = None

    @staticmethod
    def open(settings: Settings) -> Archive:
        """Open an archive for reading.

        Raises UsageError when there is none at `settings.home`, or when what is there isn't one.
        """
        catalog = Catalog.open(settings.catalog)
        archive_id = catalog.meta(ARCHIVE_ID) or ""
        return Archive(
            catalog=catalog,
            keyword_index=KeywordIndex(catalog, load_lexicon(settings.home)),
            vector_index=VectorIndex(
                catalog,
                lambda: open_encoder(settings.model),
                lambda encoder: reader_collection(settings, collection_name(archive_id, encoder)),
            ),
            topic_list=load_topics(data_file(TOPICS, settings.home)),
            files=settings.files,
        )

    def search(
        self, query: str, *, mode: Mode = "hybrid", where: Filter = NO_FILTER, limit: int = 10
    ) -> list[Result]:
        """The best passages for a query (see `archive.query` for its language) under a filter.

        Raises UsageError for an unknown topic, a date range the wrong way round, a bad limit or
        an index built with another encoder.
        """
        return list(self.search_page(query, mode=mode, where=where, limit=limit).results)

    def search_page(
        self,
        query: str,
        *,
        mode: Mode = "hybrid",
        where: Filter = NO_FILTER,
        sort: Sort = "relevance",
        limit: int = 10,
        offset: int = 0,
        by_briefing: bool = False,
        today: Date | None = None,
        infer_dates: bool = True,
    ) -> SearchPage:
        """As `search`, with what a reader of the results wants to know besides.

        Words such as 上周 are taken as a date, seen from `today` (by default in Shanghai), unless
        the filter or the query has dates already. With `by_briefing`, limit and offset count
        briefings, each with its best passages.
        """
        clock = time.perf_counter()
        self._check(where, limit, offset)
        understood = understand(
            without_surrogates(query),
            where,
            topics=[topic.name for topic in self._topics],
            today=today or today_here(),
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
        page = self._page(found, understood, sort, limit, offset, by_briefing)
        if mode == "hybrid" and found.semantic_ranks and not found.keyword_ranks:
            page = replace(page, message=page.message + _BY_MEANING_ONLY)
        took = round((time.perf_counter() - clock) * 1000, 1)
        return replace(page, mode=mode, took_ms=took)

    def similar(
        self, passage_id: str, *, where: Filter = NO_FILTER, limit: int = 10, offset: int = 0
    ) -> SearchPage:
        """The passages nearest in meaning to one of the archive, that one left out.

        Raises UsageError for an unknown passage, and as `search` does.
        """
        clock = time.perf_counter()
        self._check(where, limit, offset)
        passages = self.catalog.passages([passage_id])
        if not passages:
            raise UsageError(
                f"there is no passage {passage_id!r} in the archive",
                "take the `passage_id` of a search result",
            )
        query = Query(passages[0].heading)
        selection = self._keyword_index.select(query, where).without(passage_id)
        _, vectors = self.catalog.vectors([passage_id])
        found = near_enough(self._vector_index.rank_vector(vectors[0], selection, DEPTH))
        understood = Understood(query, selection, where)
        page = self._page(found, understood, "relevance", limit, offset, by_briefing=False)
        took = round((time.perf_counter() - clock) * 1000, 1)
        return replace(page, mode="semantic", took_ms=took)

    def _page(
        self,
        found: Found,
        understood: Understood,
        sort: Sort,
        limit: int,
        offset: int,
        by_briefing: bool,
    ) -> SearchPage:
        """The results [offset, offset + limit) of what was found, and what is said about all."""
        live = understood.selection.live
        rows = in_order(found.ranking, understood.selection, sort)
        words = self._keyword_index.words(understood.query)
        members: list[list[int]] = []
        if by_briefing:
            members = group_rows(rows, live)[offset : offset + limit]
            best = [row for group in members for row in group[:MOST_OF_A_BRIEFING]]
            shown = [(rank, row) for rank, row in enumerate(rows.tolist(), 1) if row in best]
        else:
            shown = list(enumerate(rows[offset : offset + limit].tolist(), offset + 1))
        results = make_results(shown, found, words, live, self.catalog)
        why_empty = "" if results else self._why_empty(understood, len(rows))
        return SearchPage(
            query=understood.query.text,
            mode="hybrid",
            where=understood.where,
            total=len(rows),
            took_ms=0.0,
            results=tuple(results),
            message=understood.note + why_empty,
            facets=live.facets(rows),
            briefings=live.briefing.distinct(rows),
            groups=make_groups(members, results, live),
            inferred=understood.inferred,
            suggestion=self._suggestion(understood.query),
        )

    def ask(self, question: str, *, where: Filter = NO_FILTER) -> Answer:
        """Answer a question with citations, or refuse; raises as `search` does."""
        clock = time.perf_counter()
        question = without_surrogates(question)
        self._check(where)
        query = plain_query(question)
        selection = self._keyword_index.select(query, where)
        found = find(
            query,
            selection,
            mode="hybrid",
            keyword_index=self._keyword_index,
            vector_index=self._vector_index,
        )
        best = enumerate(found.ranking.rows[: passages_to_read(question)].tolist(), 1)
        words = self._keyword_index.words(query)
        answered = answer(
            question,
            where,
            make_results(list(best), found, words, selection.live, self.catalog),
            catalog=self.catalog,
            keyword_index=self._keyword_index,
            encoder=self._vector_index.encoder,
            background=self._topic_vectors,
        )
        return replace(answered, took_ms=round((time.perf_counter() - clock) * 1000, 1))

    def briefings(self) -> list[BriefingEntry]:
        """All briefings, newest first; those replaced by a revision are among them."""
        return self.catalog.briefings()

    def show(self, briefing_id: str) -> tuple[StoredBriefing, list[Passage], Path]:
        """A briefing, its passages and its PDF; raises UsageError for an unknown id."""
        stored = self.catalog.briefing(briefing_id)
        if stored is None:
            raise unknown_briefing(briefing_id)
        passages = self.catalog.passages_of(briefing_id)
        return stored, passages, self._files / f"{stored.briefing.file_hash}.pdf"

    def topics(self) -> list[tuple[str, int]]:
        """The archive's topics with how many passages each has, in the order of its list."""
        counts = self.catalog.topic_counts()
        names = [topic.name for topic in self._topics]
        return [(name, counts.get(name, 0)) for name in dict.fromkeys((*names, *counts))]

    def _suggestion(self, query: Query) -> str:
        """The query as it may have been meant, where some word of it is in no passage."""
        unknown = self._keyword_index.unknown(query)
        if not unknown:
            return ""
        generation = self.catalog.generation()
        spelling = self._spelling
        if spelling is None or spelling[0] != generation:
            spelling = self._spelling = generation, self._keyword_index.spelling()
        return suggest(query.text, unknown, spelling[1], self._keyword_index.stands)

    @cached_property
    def _topic_vectors(self) -> NDArray[np.float32]:
        return self._vector_index.encoder.encode_sentences([t.description for t in self._topics])

    def _check(self, where: Filter, limit: int = 1, offset: int = 0) -> None:
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
        known = [name for name, _ in self.topics()] if where.topics else []
        for topic in where.topics:
            if topic not in known:
                raise UsageError(f"unknown topic: {topic!r}", "`archive topics` lists them")

    def _why_empty(self, understood: Understood, total: int) -> str:
        query = understood.query
        if total:
            return f"只有 {total} 条结果，起始位置超出了范围。"
        says_only_where = bool(query.text.strip()) and not query.wanted
        if not (says_only_where or query.binding or self._keyword_index.words(query)):
            return "查询里没有可检索的字词。"
        if not self.catalog.coverage(understood.where).briefings:
            return "所选日期与主题范围内没有简报。"
        return "没有找到相符的段落；可以换个说法，或放宽日期与主题。"


def today_here() -> Date:
    """Today in Asia/Shanghai, from where 上周 and the like are seen."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()

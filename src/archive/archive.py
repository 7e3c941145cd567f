"""The archive as a whole: what a page, a terminal or a script asks of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.answer import answer, passages_to_read
from archive.catalog import Catalog, StoredBriefing
from archive.encoder import open_encoder
from archive.errors import UsageError
from archive.keyword_index import KeywordIndex
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
from archive.search import search
from archive.settings import Settings
from archive.text import without_surrogates
from archive.topics import load_topics
from archive.vector_index import VectorIndex, collection_name, reader_collection
from archive.writer import ARCHIVE_ID, LEXICON, TOPICS, unknown_briefing

MOST_RESULTS = 1000


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

    @staticmethod
    def open(settings: Settings) -> Archive:
        """Open an archive for reading.

        Raises UsageError when there is none at `settings.home`, or when what is there isn't one.
        """
        catalog = Catalog.open(settings.catalog)
        archive_id = catalog.meta(ARCHIVE_ID) or ""
        return Archive(
            catalog=catalog,
            keyword_index=KeywordIndex(catalog, data_file(LEXICON, settings.home)),
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
        """The best passages for a query under a filter.

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
    ) -> SearchPage:
        """As `search`, with what a reader of the results wants to know besides."""
        clock = time.perf_counter()
        query = without_surrogates(query)
        self._check(where)
        if not (1 <= limit <= MOST_RESULTS and offset >= 0):
            raise UsageError(
                f"limit {limit}, offset {offset}: out of range",
                f"a limit is 1 to {MOST_RESULTS}, an offset 0 or more",
            )
        results, total = search(
            query,
            mode=mode,
            where=where,
            sort=sort,
            limit=limit,
            offset=offset,
            catalog=self.catalog,
            keyword_index=self._keyword_index,
            vector_index=self._vector_index,
        )
        return SearchPage(
            query=query,
            mode=mode,
            where=where,
            total=total,
            took_ms=round((time.perf_counter() - clock) * 1000, 1),
            results=tuple(results),
            message="" if results else self._why_empty(query, where, total),
        )

    def ask(self, question: str, *, where: Filter = NO_FILTER) -> Answer:
        """Answer a question with citations, or refuse; raises as `search` does."""
        clock = time.perf_counter()
        question = without_surrogates(question)
        results = self.search(question, where=where, limit=passages_to_read(question))
        answered = answer(
            question,
            where,
            results,
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

    @cached_property
    def _topic_vectors(self) -> NDArray[np.float32]:
        return self._vector_index.encoder.encode_sentences([t.description for t in self._topics])

    def _check(self, where: Filter) -> None:
        if where.since and where.until and where.since > where.until:
            raise UsageError(
                f"the range begins ({where.since}) after it ends ({where.until})",
                "exchange the two dates",
            )
        known = [name for name, _ in self.topics()] if where.topics else []
        for topic in where.topics:
            if topic not in known:
                raise UsageError(f"unknown topic: {topic!r}", "`archive topics` lists them")

    def _why_empty(self, query: str, where: Filter, total: int) -> str:
        if total:
            return f"只有 {total} 条结果，起始位置超出了范围。"
        if not self._keyword_index.terms(query):
            return "查询里没有可检索的字词。"
        if not self.catalog.coverage(where).briefings:
            return "所选日期与主题范围内没有简报。"
        return "没有找到相符的段落；可以换个说法，或放宽日期与主题。"

"""Keyword, semantic and hybrid search: from a question to ranked results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from archive.catalog import Catalog
from archive.fusion import blend
from archive.keyword_index import KeywordIndex
from archive.records import Filter, Mode, Passage, Result, Sort

ALL = 2**31
DEPTH = 200
"""How many of the nearest passages a search considers, beside all that hold its words."""

_FAR = 0.05
"""How much less near than the nearest passage one may be, in cosine, to count as found."""


class Index(Protocol):
    """What both indexes can do."""

    def add(self, ids: Sequence[str]) -> None: ...
    def remove(self, ids: Sequence[str]) -> None: ...
    def rank(self, question: str, where: Filter, limit: int) -> list[tuple[str, float]]: ...


def search(
    question: str,
    *,
    mode: Mode,
    where: Filter,
    sort: Sort,
    limit: int,
    offset: int,
    catalog: Catalog,
    keyword_index: KeywordIndex,
    vector_index: Index,
) -> tuple[list[Result], int]:
    """Results [offset, offset + limit) and how many there are in all.

    Keyword mode never touches the vector index, nor semantic mode the keyword index's ranking.
    """
    if not keyword_index.terms(question):
        return [], 0
    by_word = dict(keyword_index.rank(question, where, ALL)) if mode != "semantic" else {}
    by_meaning = dict(vector_index.rank(question, where, DEPTH)) if mode != "keyword" else {}
    scores = blend(by_word, by_meaning) if mode == "hybrid" else by_word or by_meaning
    floor = max(by_meaning.values(), default=0.0) - _FAR
    ranked = sorted(
        (passage for passage in scores if passage in by_word or by_meaning[passage] >= floor),
        key=lambda passage: -scores[passage],
    )
    passages = catalog.passages(ranked if sort != "relevance" else ranked[offset : offset + limit])
    if sort != "relevance":
        passages = _by_date(passages, newest=sort == "newest")[offset : offset + limit]
    word_ranks, meaning_ranks = _ranks(by_word), _ranks(by_meaning)
    results = [
        Result(
            rank=rank,
            score=round(scores[passage.id], 6),
            keyword_rank=word_ranks.get(passage.id),
            semantic_rank=meaning_ranks.get(passage.id),
            passage=passage,
            highlights=keyword_index.highlights(question, passage.text),
        )
        for rank, passage in enumerate(passages, offset + 1)
    ]
    return results, len(ranked)


def _ranks(scores: dict[str, float]) -> dict[str, int]:
    """Ranks from 1; an index gives its passages best first."""
    return {passage: rank for rank, passage in enumerate(scores, 1)}


def _by_date(passages: Sequence[Passage], *, newest: bool) -> list[Passage]:
    """By date, keeping the order of relevance within a day."""
    return sorted(passages, key=lambda p: p.briefing.date, reverse=newest)

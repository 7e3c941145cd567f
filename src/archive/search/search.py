"""Keyword, semantic and hybrid search: from a query to ranked passages."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from archive.index.keyword_index import COPIES_AMONG, KeywordIndex
from archive.index.query import Query
from archive.index.vector_index import VectorIndex
from archive.records import Mode
from archive.search.fusion import Scores, fuse
from archive.search.records import Sort
from archive.store.snapshot import Ranking, Rows, Selection

NO_RANKING = Ranking.nothing()
ALL = 2**31
DEPTH = 200
"""How many of the nearest passages a search considers, beside all that hold its words."""

_FAR = 0.03
"""How much less near than the nearest passage one may be, in cosine, to count as found.

Of the passages judged to answer a query (tune half of `benchmarks/queries/samples.json`) 95 % are
within it, of all others 8 %.
"""


class Index(Protocol):
    """What both indexes can do."""

    def add(self, ids: Sequence[str]) -> None: ...
    def remove(self, ids: Sequence[str]) -> None: ...
    def rank(self, query: Query, selection: Selection, limit: int) -> Ranking: ...


@dataclass(frozen=True)
class Found:
    """All passages found, best first, and what each index that was asked ranked.

    `expected` is about the score by words of a passage that holds every word of the query.
    """

    ranking: Ranking
    by_word: Ranking = NO_RANKING
    by_meaning: Ranking = NO_RANKING
    expected: float = 0.0

    @cached_property
    def keyword_ranks(self) -> dict[int, int]:
        return self.by_word.places()

    @cached_property
    def semantic_ranks(self) -> dict[int, int]:
        return self.by_meaning.places()

    def score(self, row: int) -> float:
        """The score of a row that was found."""
        return float(self.ranking.scores[self.ranking.rows == row][0])


NOTHING = Found(NO_RANKING)


def find(
    query: Query,
    selection: Selection,
    *,
    mode: Mode,
    keyword_index: KeywordIndex,
    vector_index: VectorIndex,
) -> Found:
    """All that a query finds among the passages selected.

    Keyword mode never touches the vector index, nor semantic mode the keyword index's ranking.
    """
    if not query.wanted:
        return _everything(selection) if query.text.strip() else NOTHING
    if not keyword_index.words(selection.snapshot, query):
        return NOTHING
    if mode == "keyword":
        by_word = keyword_index.rank(query, selection, ALL)
        return Found(by_word, by_word=by_word)
    vector_index.check()
    if mode == "semantic":
        return near_enough(vector_index.rank(query, selection, DEPTH))
    with ThreadPoolExecutor(1) as beside:  # the encoder and SQLite each leave the other its core
        encoding = beside.submit(vector_index.encode, query)
        by_word = keyword_index.rank(query, selection, ALL)
        vector = encoding.result()
    by_meaning = vector_index.rank_vector(vector, selection, DEPTH)
    near = near_enough(by_meaning)
    candidates = np.union1d(by_word.rows[:DEPTH], by_meaning.rows)
    if not len(candidates):
        return NOTHING
    words = np.zeros(len(selection.snapshot))
    words[by_word.rows] = by_word.scores
    cosines = vector_index.cosines(vector, selection.snapshot, candidates)
    expected = keyword_index.expected_score(selection.snapshot, query)
    best = by_word.rows[:COPIES_AMONG]
    copied = best[keyword_index.copies(query, best, selection.snapshot)]
    fused = fuse(words[candidates], cosines, expected)
    scores = _spread(fused + np.ptp(fused) * np.isin(candidates, copied))
    found = np.isin(candidates, np.union1d(by_word.rows, near.ranking.rows))
    candidates, scores = candidates[found], scores[found]
    order = np.lexsort((candidates, -scores))
    rest = by_word.rows[DEPTH:]
    rest = rest[~np.isin(rest, candidates)]
    ranking = Ranking(
        np.concatenate((candidates[order], rest)),
        np.concatenate((scores[order], np.zeros(len(rest)))),
    )
    return Found(ranking, by_word, by_meaning, expected)


def _spread(scores: Scores) -> Scores:
    """Scores moved and scaled to run from 0 for the last considered to 1 for the first."""
    spread = float(np.ptp(scores)) if len(scores) else 0.0
    scaled: Scores = (scores - scores.min()) / spread if spread else np.ones_like(scores)
    return scaled


def _everything(selection: Selection) -> Found:
    """All passages selected, newest first, for a query that only says where to look."""
    rows = np.flatnonzero(selection.mask)
    newest = np.lexsort((rows, -selection.snapshot.first_day[rows]))
    return Found(Ranking(rows[newest], np.zeros(len(rows))))


def near_enough(by_meaning: Ranking) -> Found:
    """Of the nearest passages those not much farther than the nearest of all."""
    floor = by_meaning.scores.max(initial=0.0) - _FAR
    near = by_meaning.head(int((by_meaning.scores >= floor).sum()))
    return Found(near, by_meaning=near)


def in_order(found: Ranking, selection: Selection, sort: Sort) -> Rows:
    """The rows found in the order asked for; by date, those of a day in order of relevance."""
    if sort == "relevance":
        return found.rows
    days = selection.snapshot.first_day[found.rows]
    return found.rows[np.argsort(-days if sort == "newest" else days, kind="stable")]

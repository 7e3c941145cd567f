"""Keyword, semantic and hybrid search: from a query to ranked passages."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress
from typing import Protocol

import numpy as np

from archive.index.keyword_index import KeywordIndex
from archive.index.query import Query
from archive.index.vector_index import VectorIndex
from archive.records import Mode
from archive.search.fusion import Scores, fuse
from archive.search.records import Sort
from archive.store.selection import PassageList, Ranking, Selection

ALL = 2**31
DEPTH = 200
"""How many of the nearest passages a search considers, beside all that hold its words."""

_NEAR_ALONE = 20
"""How many of the nearest passages are found where none holds a word of the query."""
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


@dataclass(frozen=True, slots=True)
class Found:
    """All passages found, best first, and what each index that was asked ranked.

    `expected` is about the score by words of a passage that holds every word of the query.
    """

    ranking: Ranking
    by_word: Ranking
    by_meaning: Ranking
    expected: float = 0.0


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
    snapshot = selection.snapshot
    nothing = Ranking.nothing(snapshot)
    if not query.wanted and query.text.strip():
        newest = selection.passages().by_day(newest_first=True)
        return Found(nothing.then(newest), nothing, nothing)
    if not query.wanted or not keyword_index.words(snapshot, query):
        return Found(nothing, nothing, nothing)
    if mode == "keyword":
        by_word = keyword_index.rank(query, selection, ALL)
        return Found(by_word, by_word, nothing)
    vector_index.check()
    if mode == "semantic":
        near = near_enough(vector_index.rank(query, selection, DEPTH))
        return Found(near, nothing, near)
    with ThreadPoolExecutor(1) as beside:  # the encoder and SQLite each leave the other its core
        encoding = beside.submit(vector_index.encode, query)
        by_word = keyword_index.rank(query, selection, ALL)
        vector = encoding.result()
    by_meaning = vector_index.rank_vector(vector, selection, DEPTH)
    candidates = by_word.head(DEPTH).united(by_meaning)
    if not candidates:
        return Found(nothing, nothing, nothing)
    expected = keyword_index.expected_score(snapshot, query)
    cosines = vector_index.cosines(vector, snapshot, candidates)
    fused = fuse(by_word.scores_of(candidates), cosines, expected)
    copies = keyword_index.copies(query, by_word)
    scores = _spread(fused + np.ptp(fused) * np.array([each in copies for each in candidates]))
    near = near_enough(by_meaning)
    near = near if len(by_word) else near.head(_NEAR_ALONE)
    found = by_word.holds(candidates) | near.holds(candidates)
    ranking = Ranking.best_first(snapshot, list(compress(candidates, found)), scores[found])
    return Found(ranking.then(by_word), by_word, by_meaning, expected)


def _spread(scores: Scores) -> Scores:
    """Scores moved and scaled to run from 0 for the last considered to 1 for the first."""
    spread = float(np.ptp(scores)) if len(scores) else 0.0
    scaled: Scores = (scores - scores.min()) / spread if spread else np.ones_like(scores)
    return scaled


def near_enough(by_meaning: Ranking) -> Ranking:
    """Of the nearest passages those not much farther than the nearest of all."""
    floor = by_meaning.scores.max(initial=0.0) - _FAR
    return by_meaning.head(int((by_meaning.scores >= floor).sum()))


def in_order(found: PassageList, sort: Sort) -> PassageList:
    """The passages found in the order asked for; by date, those of a day in order of relevance."""
    return found if sort == "relevance" else found.by_day(newest_first=sort == "newest")

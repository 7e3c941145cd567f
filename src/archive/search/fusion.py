"""Joining two rankings into one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

COSINE_WEIGHT = 14.0
"""What a whole unit of cosine weighs against the best that words can give, which is 1."""
ENOUGH_WORDS = 0.5
"""The share of the query's words, by rarity, that a passage should hold for words to weigh fully.
"""


def fuse(
    keyword: Scores,
    cosine: Scores,
    expected: float,
    *,
    weight: float = COSINE_WEIGHT,
    enough: float = ENOUGH_WORDS,
) -> Scores:
    """One score of each passage out of its BM25 score and its cosine to the query.

    BM25 counts as a share of the best one found, or of `enough` of what all words of the query
    would give (`expected`) where that is more. So the weight follows the query: rare terms that
    stand in a passage lean on words; a sentence of whose words no passage holds many, on meaning.
    A convex combination of scores, as Bruch, Gai and Ingber (An Analysis of Fusion Functions for
    Hybrid Retrieval, 2023) found better than rank fusion; measured in `benchmarks/README.md`.
    """
    full = max(float(keyword.max(initial=0.0)), enough * expected)
    by_words = keyword / full if full > 0 else np.zeros_like(keyword)
    fused: Scores = by_words + weight * cosine
    return fused

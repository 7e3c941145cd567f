"""Measures of a ranking against judgements, and how far to trust their means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
NAMES = ("R@1", "R@5", "R@10", "MRR@10", "nDCG@10")
_RESAMPLES = 2000


def measure(ranked: Sequence[str], grades: Mapping[str, int]) -> tuple[float, ...]:
    """The measures of `NAMES` for one question: ids ranked, and the grade of each relevant one.

    R@k and MRR count the ids of the highest grade given, nDCG all: R@k is 1 where any of them is
    among the first k, which is recall where there is but one.
    """
    ranked = list(dict.fromkeys(ranked))[:DEPTH]
    best = max(grades.values())
    rank = next((n for n, found in enumerate(ranked, 1) if grades.get(found) == best), math.inf)
    gained = _discounted([grades.get(found, 0) for found in ranked])
    ideal = _discounted(sorted(grades.values(), reverse=True)[:DEPTH])
    return float(rank <= 1), float(rank <= 5), float(rank <= 10), 1 / rank, gained / ideal


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.4f} [{self.low:.4f}, {self.high:.4f}]"


def estimate(values: NDArray[np.float64], groups: Sequence[str]) -> Estimate:
    """The mean of one value a question, resampled by group: questions of one passage hang together.

    Of the differences of two systems on the same questions it is the paired bootstrap.
    """
    _, group_of = np.unique(np.array(groups), return_inverse=True)
    sums = np.bincount(group_of, weights=values)
    sizes = np.bincount(group_of)
    drawn = np.random.default_rng(0).integers(len(sums), size=(_RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high))

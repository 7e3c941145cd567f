"""Figures that two texts give differently for what seems to be the same thing."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.chinese.figure import Figure, agree
from archive.chinese.figures import find_figures
from archive.evidence.question import Question, pairs

SAME = 0.6
"""The share of its pairs that a text has in common with one that is about the same."""
_BESIDE_FIGURE = 10
"""Characters before a figure that say what it is the figure of."""


@lru_cache(maxsize=1 << 10)
def pairs_of(text: str) -> frozenset[str]:
    """The distinct pairs of characters of a text."""
    return frozenset(pairs(text))


def at_odds(
    one: str, other: str, asked: frozenset[str] | None = None
) -> list[tuple[Figure, Figure]]:
    """The figures of two texts that differ though they seem to be of one thing.

    Of something `asked` for, where the pairs of a question are given.
    """
    mine, yours = find_figures(one), find_figures(other)
    return [
        (figure, another)
        for figure, another in of_one_thing(one, other)
        if (asked is None or pairs_of(about(one, figure)) & asked)
        and not any(agree(figure, also) or agree(also, figure) for also in yours)
        and not any(agree(another, also) or agree(also, another) for also in mine)
    ]


def asked_at_odds(one: str, other: str, question: Question) -> list[tuple[Figure, Figure]]:
    """The figures asked for that two texts give differently."""
    if not question.kinds & {"amount", "money", "share"}:
        return []
    return at_odds(one, other, frozenset(question.pairs))


def of_one_thing(one: str, other: str) -> list[tuple[Figure, Figure]]:
    """The figures of two texts, no dates, that are in one unit and seem to be of one thing."""
    mine, yours = (
        [(f, about(text, f)) for f in find_figures(text) if f.kind != "date"]
        for text in (one, other)
    )
    return [
        (figure, another)
        for figure, of in mine
        for another, of_other in yours
        if (figure.kind, figure.unit) == (another.kind, another.unit) and _alike(of, of_other)
    ]


def about(text: str, figure: Figure) -> str:
    """What a figure is the figure of: the characters before it, without figures of their own."""
    before = text[max(0, figure.start - 2 * _BESIDE_FIGURE) : figure.start]
    return re.sub(r"[\d,.%\s]", "", before)[-_BESIDE_FIGURE:]


def _alike(one: str, other: str) -> bool:
    mine, yours = pairs_of(one), pairs_of(other)
    return len(mine & yours) >= 3 and len(mine & yours) >= SAME * min(len(mine), len(yours))

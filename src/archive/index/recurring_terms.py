"""Terms that recur in headings: neighbouring words that keep together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from archive.chinese.text import has_han
from archive.index.segmenter import STOP_WORDS

_RECURS, _TOGETHER = 3, 0.6


def recurring_terms(headings: Iterable[Sequence[str]]) -> list[str]:
    """Terms of three characters or more that stand in several of these headings, given as words.

    Their two words stand so nearly wherever the rarer of them does; the most frequent go first.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    singles: Counter[str] = Counter()
    for words in headings:
        singles.update(set(words))
        pairs.update(set(pairwise(words)))
    return [
        "".join(pair)
        for pair, count in pairs.most_common()
        if count >= _RECURS
        and count >= _TOGETHER * min(singles[word] for word in pair)
        and all(has_han(word) and word not in STOP_WORDS for word in pair)
        and len("".join(pair)) > 2
    ]

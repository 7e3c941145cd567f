"""Sketches of texts: a few hundred bytes each, by which it is told how far two texts agree.

A sketch is a minhash: for each of 128 orders of all strings of eight characters, the first of those
that stand in the text. The share of places in which two sketches agree estimates the share of such
strings that the texts have in common (Jaccard), to within some .04.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from archive.chinese.text import fold

Hashes = NDArray[np.uint64]

NEARLY_ALL = 0.5
"""How far texts agree of which one is the other with another date or a few changes.

No two of the 29 sample briefings, which share series, headings and phrases, agree by more than .02.
One with another date and nothing else changed agrees with the first by 1, with a sixth of its
sections written anew by .7 to 1, with a third by .5 to .7, with a half by .25 to .5.
"""
_PLACES = 128
LENGTH = 4 * _PLACES
"""Bytes of a sketch that isn't empty."""
_LENGTH = 8
"""Characters of a string: long enough that few stand in two texts by chance."""
_FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
"""Of the mixing of SplitMix64."""
_STEP = np.uint64(0x9E3779B97F4A7C15)


@lru_cache(maxsize=64)
def minhash_of(text: str) -> bytes:
    """The sketch of a text, whatever its white space, width and case; empty for a short one.

    The last ones are remembered, since a briefing's is asked for some times while it comes in.
    """
    characters = np.frombuffer("".join(fold(text).split()).encode("utf-32-le"), dtype=np.uint32)
    if len(characters) < _LENGTH:
        return b""
    strings = np.zeros(len(characters) - _LENGTH + 1, dtype=np.uint64)
    for at in range(_LENGTH):
        strings = _mixed(strings + characters[at : at + len(strings)])
    strings = np.unique(strings)
    orders = np.arange(1, _PLACES + 1, dtype=np.uint64) * _STEP
    firsts = [_mixed(strings ^ order).min() >> np.uint64(32) for order in orders]
    return np.array(firsts, dtype="<u4").tobytes()


def agreement(sketch: bytes, others: bytes) -> NDArray[np.float64]:
    """How far a text agrees, 0 to 1, with each of those whose sketches are joined in `others`."""
    own = np.frombuffer(sketch, dtype="<u4")
    matrix = np.frombuffer(others, dtype="<u4").reshape(-1, _PLACES)
    agreed: NDArray[np.float64] = (matrix == own).mean(axis=1)
    return agreed


def _mixed(values: Hashes) -> Hashes:
    values = values + _STEP
    for factor, shift in zip(_FACTORS, (30, 27), strict=True):
        values = (values ^ (values >> np.uint64(shift))) * factor
    return values ^ (values >> np.uint64(31))

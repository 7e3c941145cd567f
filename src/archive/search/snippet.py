"""The stretch of a passage worth showing: the sentences that hold most of the words sought."""

from __future__ import annotations

from collections.abc import Sequence

from archive.chinese.text import sentences

LENGTH = 160
"""About how many characters are shown; whole sentences, so a long one is shown longer."""

Range = tuple[int, int]


def best_stretch(text: str, hits: Sequence[Sequence[Range]]) -> Range:
    """The first stretch of whole sentences that holds most of the words.

    `hits` are the places of each word, half-open ranges of the text; so is what is returned. A
    sentence of more than twice `LENGTH` is cut around its first hit.
    """
    bounds = list(sentences(text))
    stretches = [_stretch(bounds, first) for first in range(len(bounds))]
    if not stretches:
        return 0, len(text)
    start, end = max(stretches, key=lambda stretch: _held(hits, stretch))
    if end - start <= 2 * LENGTH:
        return start, end
    inside = [low for places in hits for low, _ in places if start <= low < end]
    around = min(inside, default=start)
    start = max(start, min(around - LENGTH // 4, end - LENGTH))
    return start, min(end, start + LENGTH)


def _stretch(bounds: Sequence[Range], first: int) -> Range:
    """As many sentences from this one on as fit, at least itself."""
    start, end = bounds[first]
    for _, after in bounds[first + 1 :]:
        if after - start > LENGTH:
            break
        end = after
    return start, end


def _held(hits: Sequence[Sequence[Range]], stretch: Range) -> int:
    start, end = stretch
    return sum(any(start <= low and high <= end for low, high in places) for places in hits)

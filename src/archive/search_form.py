"""The form in which the keyword index sees a text: one spelling for all that readers take as one.

Width, case, quotes, dashes, traditional characters, thousands separators and the spaces beside han
make no difference here. What is shown and quoted is always the text itself.
"""

from __future__ import annotations

import re
from itertools import pairwise

from archive.simplified import simplified
from archive.text import HAN, compact, fold, normalise

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_CHARACTER = re.compile(rf"\d+(?:\.\d+)*|[{HAN}]|[^\W\d_{HAN}]+|\S")


def search_form(text: str) -> str:
    """A text as the keyword index reads it."""
    visible = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return _THOUSANDS.sub("", simplified(normalise(visible)))


def squeezed(text: str) -> str:
    """The search form without its spaces, for asking whether one text stands in another."""
    return search_form(text).replace(" ", "")


def characters(text: str) -> list[str]:
    """A text's han characters, Latin words, numbers and marks, in order.

    A phrase stands in a text, white space aside, when its characters stand there in a row: `B300`
    is the word and the number `b 300` just as `B 300` is, and 5% is no part of 3.5%.
    """
    return _CHARACTER.findall(search_form(text))


def places(word: str, text: str) -> list[tuple[int, int]]:
    """Where a word of search form stands in a text: half-open ranges of the original.

    No Latin word and no number is cut in two.
    """
    letters = [re.escape(char) for char in squeezed(word)]
    if not letters:
        return []
    # A thousands separator may stand in the text where the word has none.
    pattern = letters[0]
    for before, char in pairwise(letters):
        pattern += f",?{char}" if before.isdigit() and char.isdigit() else char
    folded = compact(text)
    found = re.finditer(pattern, simplified(folded.text))
    ranges = (folded.original(match.start(), match.end()) for match in found)
    return [place for place in ranges if _stands_whole(text, *place)]


def _stands_whole(text: str, start: int, end: int) -> bool:
    before = start > 0 and _joined(text[start - 1], text[start])
    after = end < len(text) and _joined(text[end - 1], text[end])
    return not before and not after


def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one Latin word or one number."""
    one, other = fold(left)[-1:], fold(right)[:1]
    if not (one.isascii() and other.isascii()):
        return False
    return (one.isalpha() and other.isalpha()) or (one.isdigit() and other.isdigit())

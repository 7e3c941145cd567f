"""The form in which the keyword index sees a text: one spelling for all that readers take as one.

Width, case, quotes, dashes, traditional characters, thousands separators and the spaces beside han
make no difference here. What is shown and quoted is always the text itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from archive.chinese.simplified import simplified
from archive.chinese.text import HAN, Compact, compact, fold, normalise

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BEFORE_PER_CENT = re.compile(r"(?<=\d) (?=[%‰℃])")
_LONG_NUMBER = re.compile(r"\d{4}")
_CHARACTER = re.compile(rf"\d+(?:\.\d+)*|[{HAN}]|[^\W\d_{HAN}]+|\S")


def search_form(text: str) -> str:
    """A text as the keyword index reads it."""
    visible = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return _BEFORE_PER_CENT.sub("", _THOUSANDS.sub("", simplified(normalise(visible))))


@lru_cache(maxsize=1 << 11)
def squeezed(text: str) -> str:
    """The search form without its spaces, for asking whether one text stands in another."""
    return search_form(text).replace(" ", "")


def characters(text: str) -> list[str]:
    """A text's han characters, Latin words, numbers and marks, in order.

    A phrase stands in a text, white space aside, when its characters stand there in a row: `B300`
    is the word and the number `b 300` just as `B 300` is, and 5% is no part of 3.5%.
    """
    return _CHARACTER.findall(search_form(text))


@dataclass(frozen=True, slots=True)
class Findable:
    """A text made ready for finding words in it."""

    text: str
    folded: Compact

    @staticmethod
    def make(text: str) -> Findable:
        folded = compact(text)
        return Findable(text, Compact(simplified(folded.text), folded.offsets))

    def places(self, word: str) -> list[tuple[int, int]]:
        """Where a word of search form stands: half-open ranges of the text.

        No Latin word and no number is cut in two.
        """
        plain, pattern = _sought(word)
        if not plain or (pattern is None and plain not in self.folded.text):
            return []
        found = re.finditer(pattern or re.escape(plain), self.folded.text)
        ranges = [self.folded.original(match.start(), match.end()) for match in found]
        if not (plain[0].isascii() or plain[-1].isascii()):
            return ranges
        return [place for place in ranges if _stands_whole(self.text, *place)]


@lru_cache(maxsize=1 << 12)
def _sought(word: str) -> tuple[str, str | None]:
    """A word without spaces; and as a regular expression where its number may have separators."""
    plain = word.replace(" ", "")
    if not _LONG_NUMBER.search(plain):
        return plain, None
    pattern = re.escape(plain[0])
    for before, char in pairwise(plain):
        between = ",?" if before.isdigit() and char.isdigit() else ""
        pattern += between + re.escape(char)
    return plain, pattern


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

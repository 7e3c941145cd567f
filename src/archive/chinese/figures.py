"""The figures of a text: amounts, shares and dates, so read that 700 万元 is 7 million yuan."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from archive.chinese.amounts import (
    AMOUNT,
    SHARE,
    read_amount,
    read_half,
    read_half_price,
    read_half_year,
    read_share,
)
from archive.chinese.figure import Figure, ReadFigures
from archive.chinese.figure_dates import DATE_FORMS
from archive.chinese.text import fold
from archive.chinese.units import spaced

_READ = "\0"
"""Stands where a character has been read, out of sight of the forms that follow."""


@lru_cache(maxsize=1 << 10)
def find_figures(text: str) -> tuple[Figure, ...]:
    """The figures of a text in order; they don't overlap.

    Numbers that are parts of names (B300, 6G, GB/T 7714), versions, list numbers and citation
    marks are none; nor is a Chinese numeral without a measure word, or the 一 of 一家, an article.
    """
    folded, offsets = folded_with_offsets(text)
    found: list[Figure] = []
    for form, read in _COMPILED:
        pieces: list[str] = []
        end = 0
        for match in form.finditer(folded):
            figures = tuple(read(match))
            found += figures
            if figures or read is _none:
                pieces += (folded[end : match.start()], _READ * len(match[0]))
                end = match.end()
        folded = "".join((*pieces, folded[end:]))
    found.sort(key=lambda figure: figure.start)
    return tuple(
        replace(figure, start=offsets[figure.start], end=offsets[figure.end - 1] + 1)
        for figure in found
    )


_FOLDED_KINDS = ("<wide>", "<narrow>", "<square>", "<noBreak>")
"""Characters that are read as what they stand for; ① and ² are no numbers of the text."""


@lru_cache(maxsize=1 << 12)
def _fold_character(char: str) -> str:
    decomposition = unicodedata.decomposition(char)
    if decomposition.startswith("<") and not decomposition.startswith(_FOLDED_KINDS):
        return char
    return fold(char).translate(_SIMPLE)


_SIMPLE = str.maketrans("萬億兩個餘點幾臺種週", "万亿两个余点几台种周")


def folded_with_offsets(text: str) -> tuple[str, list[int]]:
    """A text folded, blanks as single spaces; and where each character came from."""
    chars: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for folded in _fold_character(char):
            blank = folded.isspace() and folded != "\n"
            if not (blank and chars and chars[-1] == " "):
                chars.append(" " if blank else folded)
                offsets.append(offset)
    return "".join(chars), offsets


def _none(match: re.Match[str]) -> Iterator[Figure]:
    yield from ()


# No figures, though they hold digits: addresses, citation marks, list numbers, standards, versions,
# the number of a section before a number.
_NO_FIGURES = (
    r"https?://[^\s<>\"，。；）]+",
    r"[\[【]\^?\s*(?:来源|参考|注)?\s*[0-9]+(?:\s*[-,、;~]\s*[0-9]+)*\s*[\]】]",
    r"\([0-9]{1,2}\)",
    r"(?<![a-z])[a-z]{2,4}/[a-z]\s?[0-9]+(?:[.-][0-9]+)*",
    r"(?<![a-z])(?:gb|iso|iec|ieee|rfc|astm|din|jis)[ -]?[0-9]{3,}(?:[.:-][0-9]+)*",
    r"(?<![0-9a-z.])(?!(?:19|20|21)[0-9]{2}\.)v?[0-9]+(?:\.[0-9]+){2,}(?![0-9])",
    r"(?m)^ ?[0-9]{1,2}(?:\.[0-9]{1,2}){0,3}(?:[.、)](?![0-9])| (?=[0-9]))",
)

_COMPILED: tuple[tuple[re.Pattern[str], ReadFigures], ...] = (
    *((re.compile(form), _none) for form in _NO_FIGURES),
    *((re.compile(spaced(form)), read) for read, form in DATE_FORMS),
    (re.compile(spaced(SHARE)), read_share),
    (re.compile("一半(?!导)|半数|[过近]半(?![年数导天个月小自日点夜世程径场路])"), read_half),
    (re.compile("(?<!针)对折(?![叠旧算合射返断线扣])"), read_half_price),
    (re.compile("(?<![上下前后头大多个一二两三四五六七八九十年])半年(?![报度])"), read_half_year),
    (re.compile(spaced(AMOUNT)), read_amount),
)
"""What is looked for, in this order: a character belongs to the first that reads it."""

"""Whether a briefing is a corrected edition of one that is in, or another document of that day.

A corrected edition is told by its text: what the older one says stands in it too. Headings don't
tell, since a series has standing ones, nor does what a series or any house prints in every issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.chinese.text import compact, sentences
from archive.records import Briefing
from ingest.intake.editions import are_told_apart, edition_of
from ingest.structure.standard_parts import BACK_PAGE, REFERENCES

Verdict = Literal["revision", "unsure", "another"]

_LENGTH = 8
"""Characters of the strings that are looked up: few stand in two texts by chance."""
_FIGURE = 20
"""What a figure weighs, in strings: forms that are filled in anew each time differ in no more."""
_PARAGRAPH = 40
"""Strings of a paragraph from which on it weighs no more, where news is weighed by paragraphs."""
_MOST = 2 / 3
"""The share of what was said that stands in a corrected edition."""
_NEARLY_ALL = 0.95
_LITTLE = 100
"""What fewer strings say must stand nearly all."""
_LEAST = 8
"""Fewer strings say nothing."""
_SOME = 0.3
"""From this share on, what is kept as another document may be a corrected edition."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_IMPRINT = re.compile(
    r"仅供.{0,8}(?:参考|参阅|阅读|使用)|不构成.{0,16}(?:建议|依据|承诺|要约)|不代表.{0,16}(?:观点|立场)"
    r"|免责声明|版权所有|不得转载|转载请|内部(?:资料|刊物)|注意保存|欢迎.{0,8}(?:订阅|投稿|来稿|关注)"
    r"|(?:公众号|电话|传真|邮箱|邮编|网址|地址|e-?mail):"
    r"|(?:编辑|责编|审核|校对|签发|主编|主办|承办|编印|报送|抄送|印发|分送)(?:单位)?:"
    r"|本(?:简报|报告|刊|期).{0,24}(?:整理|编制|编写|公开信息|公开资料)"
)
"""What any house prints in every issue."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a briefing stands to an older one of its series and day."""

    verdict: Verdict
    agreement: float
    """How much of what the older one says stands in the newer, 0 to 1."""
    are_told_apart: bool
    """Whether they bear different issue numbers or marks."""


def compare(older: Briefing, newer: Briefing, others: Sequence[Briefing] = ()) -> Comparison:
    """Tell whether a briefing is a corrected edition of an older one of its series and day.

    `others` are issues of the series of other days: what stands in one of them says nothing of this
    day. Editions that bear different numbers or marks are never versions of one another.
    """
    said = _said(older, others)
    agreement = _agreement(said, newer)
    enough = _MOST if sum(part.weight for part in said) >= _LITTLE else _NEARLY_ALL
    apart = are_told_apart(edition_of(older), edition_of(newer))
    verdict: Verdict = "another"
    if agreement >= enough:
        verdict = "unsure" if apart else "revision"
    elif agreement >= _SOME and not apart:
        verdict = "unsure"
    return Comparison(verdict, agreement, apart)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """What a paragraph says: strings of a few characters, and its figures between two others."""

    strings: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def weight(self) -> int:
        return len(self.strings) + _FIGURE * len(self.figures)


def _agreement(said: Sequence[_Paragraph], newer: Briefing) -> float:
    """The share of what is said that stands in a briefing: of the text, or of the paragraphs.

    It is the lesser of the two: a long standing passage doesn't outweigh the news beside it.
    """
    text = _whole(newer)
    words = _NUMBER.sub("0", text)
    strings = set(_strings(words))
    shares = []
    for part in said:
        stands = sum(s in strings or (len(s) < _LENGTH and s in words) for s in part.strings)
        stands += _FIGURE * sum(figure in text for figure in part.figures)
        shares.append(stands / part.weight)
    if sum(part.weight for part in said) < _LEAST:
        return 0.0

    def mean(weights: Sequence[int]) -> float:
        return sum(w * s for w, s in zip(weights, shares, strict=True)) / sum(weights)

    whole = [part.weight for part in said]
    return min(mean(whole), mean([min(weight, _PARAGRAPH) for weight in whole]))


def _said(briefing: Briefing, others: Sequence[Briefing]) -> list[_Paragraph]:
    """What a briefing says paragraph by paragraph, but for what stands in others and imprints."""
    standing = [_whole(other) for other in others]
    said = []
    for paragraph in _paragraphs(briefing):
        own = [
            sentence
            for first, last in sentences(paragraph)
            if (sentence := compact(paragraph[first:last]).text)
            and not _IMPRINT.search(sentence)
            and not any(sentence in other for other in standing)
        ]
        if own:
            strings = (string for each in own for string in _strings(_NUMBER.sub("0", each)))
            figures = (figure for each in own for figure in _figures(each))
            said.append(_Paragraph(tuple(strings), tuple(figures)))
    return said


def _paragraphs(briefing: Briefing) -> Iterator[str]:
    """The paragraphs of all sections; a heading says something where nothing stands under it."""
    above = {section.path[:-1] for section in briefing.sections}
    for section in briefing.sections:
        if REFERENCES.fullmatch(section.title) or BACK_PAGE.fullmatch(section.title):
            continue
        if section.text.strip() or section.path in above:
            yield from section.text.split("\n")
        else:
            yield section.title


def _whole(briefing: Briefing) -> str:
    sections = (f"{each.number}{each.title}{each.text}" for each in briefing.sections)
    return compact("".join(sections)).text


def _strings(text: str) -> Iterator[str]:
    return (text[at : at + _LENGTH] for at in range(max(1, len(text) - _LENGTH + 1)))


def _figures(text: str) -> Iterator[str]:
    """Each number with the characters before and after it, as far as there are."""
    for found in _NUMBER.finditer(text):
        yield text[max(0, found.start() - 1) : found.end() + 1]

"""What tells the editions of one day apart: the numbers and the marks that each bears.

They are read where an edition says what it is: in its title, its file's name, and the lines of its
first page before the text begins. `第31期` and `第三十一期` are one number, 早报 and 晨报 one mark.
修订, 更正, `v2` and a browser's `(1)` are no marks: a corrected edition bears them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from archive.chinese.numerals import NUMERALS, han_number
from archive.chinese.text import HAN, fold, normalise
from archive.records import Briefing
from ingest.structure.standard_parts import ABSTRACT, CONTENTS, KEYWORDS

_MOST_LINES = 12
_LONGEST_LINE = 40
"""Of a title block, in lines and in characters."""

_HAN_NUMBER = f"[{NUMERALS}]{{1,7}}"
_NUMBER = rf"(?:\d{{1,5}}|{_HAN_NUMBER})"
_ISSUE = re.compile(
    rf"第\s*({_NUMBER})\s*[期号]|期\s*号\s*:?\s*({_NUMBER})|(?<![\d第])(\d{{1,5}})\s*期"
    r"|(?<![a-z])(?:no|issue)\s*[.:#]?\s*(\d{1,5})(?!\d)"
)
_REVISED = re.compile(
    r"[(\[【]?(?:最终|终稿|定稿|修订|修正|更正|订正|勘误|校正|校对|重发|更新|新版|副本|(?<![a-z])(?:final|revised"
    r"|corrected|correction|copy|rev|v)(?=[^a-z]|$)[\s.]*(?:\d+(?:\.\d+)*)?)(?:版|稿|本)?[)\]】]?|\(\d+\)"
)
"""What a corrected edition, or another copy, bears beside the marks."""
_END = rf"(?![{HAN}])"
_MARKS = {
    mark: re.compile(pattern)
    for mark, pattern in {
        "早": rf"[早晨](?:[报间刊版班盘讯参会]|{_END})|上午|盘前|开盘|(?<![a-z])morning(?![a-z])",
        "午": rf"(?<![上下])午(?:[报间刊版盘]|{_END})|(?<![a-z])(?:midday|noon)(?![a-z])",
        "下午": r"下午|(?<![a-z])afternoon(?![a-z])",
        "晚": rf"[晚夜](?:[报间刊版班盘讯]|{_END})|傍晚|盘后|收盘|(?<![a-z])evening(?![a-z])",
        "am": r"(?<![a-z])am(?![a-z])",
        "pm": r"(?<![a-z])pm(?![a-z\d.])",
        "增刊": r"增刊|增页|加刊|(?<![a-z])supplement(?![a-z])",
        "特刊": r"特刊|特辑|(?<![a-z])special(?![a-z])",
        "号外": r"号外|(?<![a-z])extra(?![a-z])",
        "副刊": "副刊|附刊",
        "专刊": "专刊|专号|专辑",
        "快报": "快报|快讯",
        "附件": "附件|附录|附册|补遗",
    }.items()
}
_PART = re.compile(
    rf"(?<=.)[(\[【]\s*([上中下]|{_HAN_NUMBER})\s*[)\]】]|([上中下])[篇册集卷辑编]"
    rf"|[之其]({_HAN_NUMBER}){_END}|第\s*({_NUMBER})\s*(?:部分|分册|[册卷集编篇辑])"
    r"|(?<![a-z])part\s*(\d{1,2})(?!\d)"
)
_LAST = re.compile(r"(?<=[-_\s.·])([上中下甲乙丙丁a-d])$")
"""As a file's name may end: `简报_A`."""
_LETTER = re.compile(r"(?<![a-z])([a-d甲乙丙丁])\s*版")
_PLACE = re.compile(
    rf"([{HAN}][{HAN}])版"
    r"(?<![新旧原初终定稿订正误改再印刷制排出头子络页机描清整对式字色白横竖本年月日早午晚夜间一二三四五六七八九十]版)"
)
"""`华东版`, `海外版`; not `修订版`, `电子版`, `第二版`, `出版`."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The issue numbers and the marks that a briefing bears."""

    numbers: frozenset[int]
    marks: frozenset[str]

    def __str__(self) -> str:
        named = (*(f"第{number}期" for number in sorted(self.numbers)), *sorted(self.marks))
        return "、".join(named) or "no number or mark"


def edition_of(briefing: Briefing) -> Edition:
    """The numbers and marks of a briefing's title, file name and title block."""
    stem = PurePath(briefing.file_name).stem
    numbers = {int(briefing.issue_number)} if briefing.issue_number.isdecimal() else set()
    marks = {found[1] for found in _LAST.finditer(_unrevised(stem))}
    for text in (briefing.title, stem, *_title_block(briefing)):
        # Whether a space beside a han character parts two words isn't known.
        for form in (_unrevised(text), _unrevised(normalise(text))):
            numbers |= set(_numbers(form))
            marks |= set(_marks(form))
    return Edition(frozenset(numbers), frozenset(marks))


def are_told_apart(one: Edition, other: Edition) -> bool:
    """Whether either has a number that the other lacks, or they bear different marks."""
    numbers_differ = bool(one.numbers - other.numbers) and bool(other.numbers - one.numbers)
    return numbers_differ or one.marks != other.marks


def _title_block(briefing: Briefing) -> Iterator[str]:
    """The short lines before text, abstract or contents of the first page that has any."""
    page = next((page.text for page in briefing.pages if page.text.strip()), "")
    headings = {normalise(section.title) for section in briefing.numbered}
    headings -= {normalise(briefing.title)}  # the title of what stands before the first heading
    for line in page.split("\n")[:_MOST_LINES]:
        is_heading = re.sub(r"^[\W\d一二三四五六七八九十第章节]+", "", normalise(line)) in headings
        opens = any(pattern.match(line) for pattern in (ABSTRACT, CONTENTS, KEYWORDS))
        if is_heading or opens or len(line) > _LONGEST_LINE:
            return
        yield line


def _unrevised(text: str) -> str:
    return _REVISED.sub(" ", fold(text)).strip(" _-.")


def _numbers(text: str) -> Iterator[int]:
    for found in _ISSUE.finditer(text):
        yield _value(next(filter(None, found.groups())))


def _marks(text: str) -> Iterator[str]:
    yield from (mark for mark, pattern in _MARKS.items() if pattern.search(text))
    for found in _PART.finditer(text):
        part = next(filter(None, found.groups()))
        yield part if part in "上中下" else str(_value(part))
    for pattern in (_LETTER, _PLACE):
        yield from (found[1] for found in pattern.finditer(text))


def _value(number: str) -> int:
    return int(number) if number.isdecimal() else han_number(number)

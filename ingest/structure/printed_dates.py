"""Dates as Chinese briefings print them, in ISO form, with what they are dates of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date as Date

from archive.chinese.numerals import NINE, digit_by_digit, han_number
from archive.records import DateRole

_NIL = "〇零○Ο0"
_HALF_WIDTH = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
_YEAR = r"(?<!\d)(?P<year>(?:19|20)\d{2})"
_MONTHS = "january february march april may june july august september october november december"
_MONTH_NAME = "|".join(f"{name}|{name[:3]}\\." for name in _MONTHS.split())
_PATTERNS = (
    re.compile(_YEAR + r"\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]"),
    re.compile(
        _YEAR
        + r"\s*(?P<mark>[-./．／_–])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*(?P<day>\d{1,2})(?!\d)"
    ),
    re.compile(_YEAR + r"(?P<month>\d{2})(?P<day>\d{2})(?!\d)"),
    re.compile(
        rf"(?P<year>[{_NIL}{NINE}]{{4}})\s*年\s*(?P<month>十[一二]?|[{NINE}])\s*月"
        rf"(?:\s*(?P<day>三十一?|二?十[{NINE}]?|[{NINE}])\s*[日号])?"
    ),
    re.compile(_YEAR + r"\s*年\s*(?P<month>\d{1,2})\s*月(?!\s*\d)"),
    re.compile(_YEAR + r"(?P<mark>[-./])(?P<month>0[1-9]|1[0-2])(?![\d]|(?P=mark)\d)"),
    re.compile(
        rf"\b(?P<month>{_MONTH_NAME})\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s*(?P<year>(?:19|20)\d\d)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})\s*(?P<month>{_MONTH_NAME}),?\s*(?P<year>(?:19|20)\d\d)\b",
        re.IGNORECASE,
    ),
)
_ROLES: tuple[tuple[DateRole, re.Pattern[str]], ...] = (
    ("updated", re.compile(r"更\s*新|修\s*[订改]|updated|revised|last\s+modified", re.IGNORECASE)),
    ("as_of", re.compile(r"截\s*[至止]|数据日期|as\s+of", re.IGNORECASE)),
    (
        "issued",
        re.compile(r"发\s*布|[印刊签]\s*发|出\s*版|日\s*期|issued|published|date", re.IGNORECASE),
    ),
)


def find_printed_dates(text: str) -> Iterator[tuple[str, int, int]]:
    """The dates in a text, each with where it begins and ends; a month is `2026-05`."""
    text = text.translate(_HALF_WIDTH)
    taken = bytearray(len(text))
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            date = _iso(match["year"], match["month"], match.groupdict().get("day"))
            if date and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append((date, start, end))
    yield from sorted(found, key=lambda item: item[1])


def first_date(text: str) -> str | None:
    """The first day in a text as `2026-05-07`, or the first month where only months are given."""
    dates = [date for date, _, _ in find_printed_dates(text)]
    return next((date for date in dates if len(date) == len("2026-05-07")), next(iter(dates), None))


def dates_with_roles(text: str) -> Iterator[tuple[DateRole, str]]:
    """The dates in a line, each with the role that the words before it give it."""
    end_of_last = 0
    for date, start, end in find_printed_dates(text):
        before, after = text[end_of_last:start], text[end : end + 6]
        yield (
            next(
                (role for role, words in _ROLES if words.search(before)),
                # 2026 年 5 月 7 日印发
                next((role for role, words in _ROLES if words.match(after.lstrip())), "printed"),
            ),
            date,
        )
        end_of_last = end


def without_dates(text: str) -> str:
    """A text without its dates and the brackets that held them."""
    for _, start, end in reversed(list(find_printed_dates(text))):
        text = text[:start] + text[end:]
    return re.sub(r"[(（\[【]\s*[)）\]】]", "", text).strip(" \u3000-–—_·|｜,，")


def _iso(year: str, month: str, day: str | None) -> str | None:
    if month[0].isascii() and month[0].isalpha():
        month = str([name[:3] for name in _MONTHS.split()].index(month[:3].lower()) + 1)
    if not year.isascii():
        year, month = str(digit_by_digit(year)), str(han_number(month))
        day = str(han_number(day)) if day else None
    try:
        valid = Date(int(year), int(month), int(day or 1))
    except ValueError:
        return None
    return valid.isoformat() if day else f"{valid.year:04}-{valid.month:02}"

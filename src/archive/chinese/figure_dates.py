"""Dates among the figures of a text, by pattern: 2026年5月, 5 月 14-15 日, Q3 2026.

To add a way of writing a date, add a pattern to `DATE_FORMS` beside the function that reads its
named groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from archive.chinese.amounts import TO
from archive.chinese.figure import Figure, ReadFigures
from archive.chinese.number_words import HAN_DIGITS, values
from archive.chinese.numerals import NINE

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_PARTS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "上": 1, "下": 2}
_THIRDS = {None: (1, 31), "上": (1, 10), "中": (11, 20), "下": (21, 31)}


def _named(match: re.Match[str], name: str) -> int:
    """The number of a group, 0 where it isn't there."""
    text = match.groupdict().get(name) or ""
    if text[:3] in _MONTHS:
        return _MONTHS.index(text[:3]) + 1
    return _PARTS.get(text) or (int(values(text)[0]) if text else 0)


def _dates(
    match: re.Match[str], single: str, *days: tuple[int, tuple[int, int], tuple[int, int]]
) -> Iterator[Figure]:
    """The one or two dates of a match, each a year with its first and last (month, day).

    The first of two ends with the group `single`, the second begins with the group `to`. There are
    none where one of them can't be.
    """
    for year, low, high in days:
        if not (year or low > (0, 0)) or any(m > 12 or not 1 <= d <= 31 for m, d in (low, high)):
            return
    ends = [match.end()] if len(days) == 1 else [match.end(single), match.end()]
    starts = [match.start()] if len(days) == 1 else [match.start(), match.start("to")]
    for start, end, (year, low, high) in zip(starts, ends, days, strict=True):
        first, last = (Decimal(year * 10000 + month * 100 + day) for month, day in (low, high))
        yield Figure(start, end, "date", first, last, "")


def _read_day(match: re.Match[str]) -> Iterator[Figure]:
    """A day, or the two days of a month that a range runs between."""
    year, month = _named(match, "year"), _named(match, "month")
    days = [(month, _named(match, name)) for name in ("day", "to") if match.groupdict().get(name)]
    return _dates(match, "day", *((year, day, day) for day in days))


def _read_month(match: re.Match[str]) -> Iterator[Figure]:
    """A month or a third of it, or the two months that a range runs between."""
    year = _named(match, "year")
    first, last = _THIRDS[match.groupdict().get("third")]
    months = [_named(match, name) for name in ("month", "to") if match.groupdict().get(name)]
    return _dates(match, "month", *((year, (month, first), (month, last)) for month in months))


def _read_part(match: re.Match[str]) -> Iterator[Figure]:
    """A quarter, the first quarters of a year, or half a year."""
    if half := _named(match, "half"):
        first, last = half * 6 - 5, half * 6
    elif quarters := _named(match, "quarters"):
        first, last = 1, quarters * 3
    else:
        quarter = _named(match, "quarter")
        first, last = quarter * 3 - 2, quarter * 3
    return _dates(match, "", (_named(match, "year"), (first, 1), (last, 31)))


def _read_year(match: re.Match[str]) -> Iterator[Figure]:
    """A year, or the two that a range runs between."""
    years = [_named(match, name) for name in ("year", "to") if match.groupdict().get(name)]
    return _dates(match, "year", *((year, (1, 1), (12, 31)) for year in years))


_YEAR_NUMBER = f"(?<![0-9a-z.])(?:19|20|21)[0-9]{{2}}|(?<![{HAN_DIGITS}])[一二][{HAN_DIGITS}]{{3}}"
_YEAR = f"(?P<year>{_YEAR_NUMBER}) 年度?"
_OF_YEAR = f"(?:{_YEAR} 的? )?"
_ALONE = rf"(?<![0-9.])(?<![0-9],)(?<![第百千万亿十{HAN_DIGITS}])"
_HAN_MONTH = f"(?:1[0-2]|0?[1-9]|十[一二]?|[{NINE}])"
_MONTH = f"{_ALONE}(?P<month>{_HAN_MONTH}) 月(?: 份)?"
_DAY_NUMBER = f"(?:[0-3]?[0-9]|[二三]?十[{NINE}]?|[{NINE}])"
_DAY = "[日号]"
_EN_MONTH = (
    "(?<![a-z])(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_EN_DAY = "[0-3]?[0-9](?![0-9])"
_EN_YEAR = "(?:,? (?:of )?(?P<year>(?:19|20|21)[0-9]{2})(?![0-9a-z年]))"
_EN_LEAD = "|".join(
    rf"(?<=(?<![a-z]){word}\x20)" for word in "in since until by during early late mid of".split()
)
_ISO_YEAR = r"(?<![0-9a-z.])(?P<year>(?:19|20|21)[0-9]{2})"
_TH = "(?:st|nd|rd|th)?"

DATE_FORMS: tuple[tuple[ReadFigures, str], ...] = (
    (_read_day, rf"{_ISO_YEAR}(?P<sep>[-/.])(?P<month>[01]?[0-9])(?P=sep)(?P<day>{_EN_DAY})"),
    (
        _read_day,
        f"{_OF_YEAR}{_MONTH} (?P<day>{_DAY_NUMBER})(?: {_DAY})?(?:{TO}|、)"
        f"(?P<to>{_DAY_NUMBER}) {_DAY}",
    ),
    (_read_day, f"{_OF_YEAR}{_MONTH} (?P<day>{_DAY_NUMBER}) {_DAY}"),
    (
        _read_day,
        f"{_EN_MONTH} (?P<day>{_EN_DAY}){_TH}(?:{TO}(?P<to>{_EN_DAY}){_TH})?(?![a-z]){_EN_YEAR}?",
    ),
    (_read_day, f"(?<![0-9a-z.])(?P<day>{_EN_DAY}){_TH} (?:of )?{_EN_MONTH}{_EN_YEAR}?"),
    (_read_part, f"{_OF_YEAR}前 (?P<quarters>[23二三两]) 个?季度"),
    (_read_part, f"{_OF_YEAR}第? (?P<quarter>[1-4一二三四]) 季度"),
    (_read_part, f"{_YEAR} q(?P<quarter>[1-4])(?![0-9a-z])"),
    (_read_part, f"(?<![a-z0-9])q(?P<quarter>[1-4])(?![0-9a-z]){_EN_YEAR}?"),
    (_read_part, f"{_OF_YEAR}(?P<half>[上下])半年(?!报)"),
    (_read_part, f"(?<![a-z])(?P<quarter>first|second|third|fourth) quarter(?![a-z]){_EN_YEAR}?"),
    (_read_part, f"(?<![a-z])(?P<half>first|second) half(?![a-z]){_EN_YEAR}?"),
    (_read_month, rf"{_ISO_YEAR}-(?P<month>0[1-9]|1[0-2])(?![0-9-])"),
    (
        _read_month,
        f"{_OF_YEAR}{_ALONE}(?P<month>{_HAN_MONTH})(?: 月)?(?: 份)?{TO}(?P<to>{_HAN_MONTH}) 月",
    ),
    (_read_month, f"{_OF_YEAR}{_MONTH}(?: (?P<third>[上中下])旬)?"),
    (_read_month, f"{_EN_MONTH} {_EN_YEAR}"),
    (_read_month, f"(?:{_EN_LEAD}){_EN_MONTH}"),
    (_read_year, f"(?P<year>{_YEAR_NUMBER}) 年?{TO}(?P<to>{_YEAR_NUMBER}) 年度?"),
    (_read_year, _YEAR),
    (
        _read_day,
        f"{_ALONE}(?<![a-z])(?P<day>{_EN_DAY})(?: 日)?(?:{TO}(?P<to>{_EN_DAY}))? 日"
        "(?![内后前以之均耗间本元])",
    ),
)

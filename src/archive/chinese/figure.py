"""A figure of a text, and whether one that is claimed follows from one that is stated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from archive.chinese.units import COUNTING

Kind = Literal["amount", "percent", "date"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at [start, end) of a text, from `low` to `high`, which differ in a range.

    Amounts are in the unit's base, such as 元, 米 or 瓦时; one without a unit has the unit "".
    Dates are numbers YYYYMMDD, with 0 for a year or month that isn't named; every month has 31 days
    here, so that 2026 is 20260101 to 20261231 and 5月 is 501 to 531. A range of dates is two
    figures.
    """

    start: int
    end: int
    kind: Kind
    low: Decimal
    high: Decimal
    unit: str
    size: Decimal = Decimal(1)
    """How many of the unit the unit as written is: 1000 for 3 公里, which is 3000 米."""


ReadFigures = Callable[[re.Match[str]], Iterator[Figure]]
"""Makes figures of a match, at the places they have in the folded text."""


def agree(claimed: Figure, stated: Figure) -> bool:
    """Whether what is claimed follows from what is stated.

    A date may be claimed less precisely than it is stated, never more; a year or month that isn't
    named agrees with any. An amount agrees with the same amount in the same unit, or where one of
    the two names no unit; 个 is any unit of things that are counted.
    """
    if "date" in (claimed.kind, stated.kind):
        claimed, stated = _as_date(claimed), _as_date(stated)
        return claimed.kind == stated.kind and _contains(claimed, stated)
    if not (claimed.unit and stated.unit):
        claimed, stated = _as_written(claimed), _as_written(stated)
    same_value = (claimed.low, claimed.high) == (stated.low, stated.high)
    return same_value and claimed.kind == stated.kind and _same_unit(claimed.unit, stated.unit)


def _as_written(figure: Figure) -> Figure:
    return replace(figure, low=figure.low / figure.size, high=figure.high / figure.size)


def _contains(claimed: Figure, stated: Figure) -> bool:
    """Whether the days claimed hold the days stated, as far as both name year and month."""
    named = min(_place(claimed), _place(stated))
    low, high, first, last = (
        number % named for number in (claimed.low, claimed.high, stated.low, stated.high)
    )
    return low <= first <= last <= high


def _place(date: Figure) -> int:
    """A power of ten above the largest part of a date that is named."""
    return 10**8 if date.low >= 10**4 else 10**4 if date.low >= 100 else 100


def _as_date(figure: Figure) -> Figure:
    """An amount that may be a date otherwise written: `in 2026`, or 为期 3 天 for 为期 3 日."""
    if figure.unit == "天" and figure.size == 1 and figure.low <= 31:
        return replace(figure, kind="date")
    if figure.kind == "amount" and not figure.unit and 1900 <= figure.low == figure.high < 2200:
        year = figure.low * 10000
        return replace(figure, kind="date", low=year + 101, high=year + 1231)
    return figure


def _same_unit(one: str, other: str) -> bool:
    if one == other or not (one and other):
        return True
    return "个" in (one, other) and {one, other} <= COUNTING

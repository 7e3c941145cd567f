"""When a series usually appears: the days that lack an issue, and how fresh the newest one is.

A day is a weekday on which the series usually appears; public holidays and the weekends worked in
return are none, unless the series usually appears on holidays too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date as Date
from datetime import timedelta
from math import ceil

from archive.chinese.calendar import holidays
from archive.following.records import Freshness, MissingDays
from archive.store.records import Issue

LEAST_ISSUES = 10
"""Fewer say nothing about when a series appears."""
_USUAL = 60
"""Per cent of the weeks in which a series appears on a weekday that is expected then."""
_ON_HOLIDAYS = 50
"""Per cent of the holidays on which a series appears that doesn't keep them."""
_MOST_GAPS = 90
_TIMES_THE_GAP = 2
_LEAST_WAIT = 3
"""Days without an issue that are no matter in any archive."""


def missing_days(issues: Iterable[Issue]) -> list[MissingDays]:
    """The days on which an issue was to be expected and isn't there, of each series that lacks one.

    Nothing is expected before a series' first issue and after its last.
    """
    by_series: dict[str, list[Issue]] = {}
    for issue in issues:
        by_series.setdefault(issue.series, []).append(issue)
    found = []
    for series, own in sorted(by_series.items()):
        if len(own) < LEAST_ISSUES:
            continue
        covered = {day for issue in own for day in _days(issue.first, issue.last)}
        weekdays = usual_weekdays(covered)
        missing = tuple(day for day in expected_days(covered) if day not in covered)
        if missing:
            found.append(
                MissingDays(series, min(covered), max(covered), tuple(sorted(weekdays)), missing)
            )
    return found


def usual_weekdays(covered: AbstractSet[Date]) -> frozenset[int]:
    """The weekdays on which a series that covers these days appears in most weeks; Monday is 0."""
    weeks = Counter(day.weekday() for day in _days(min(covered), max(covered)))
    had = Counter(day.weekday() for day in covered)
    return frozenset(day for day in weeks if had[day] * 100 >= _USUAL * weeks[day])


def expected_days(covered: AbstractSet[Date]) -> list[Date]:
    """The days from first to last on which a series that covers these days is to be expected."""
    weekdays = usual_weekdays(covered)
    days = [day for day in _days(min(covered), max(covered)) if day.weekday() in weekdays]
    off = {day for day in days if is_holiday(day)}
    if off and len(off & covered) * 100 >= _ON_HOLIDAYS * len(off):
        return days
    return [day for day in days if day not in off and not _is_worked_weekend(day)]


def freshness(issues: Iterable[Issue], today: Date) -> Freshness:
    """How old the newest issue is on a day; one that is dated later doesn't count.

    It is stale after twice as long as most gaps between issues last, public holidays aside.
    """
    known = sorted(
        (issue for issue in issues if issue.last <= today), key=lambda i: (i.first, i.last)
    )
    if not known:
        return Freshness(None, None, None, is_stale=False)
    gaps = []
    newest = known[0].last
    for issue in known:
        if issue.first > newest:
            gaps.append(_waited(newest, issue.first))
        newest = max(newest, issue.last)
    usual = _percentile(gaps)
    wait = None if usual is None else max(_LEAST_WAIT, _TIMES_THE_GAP * usual)
    is_stale = wait is not None and _waited(newest, today) > wait
    return Freshness(newest, (today - newest).days, usual, is_stale)


def is_holiday(day: Date) -> bool:
    """Whether a day is off as a public holiday in China."""
    return day in holidays(day.year)[0]


def _is_worked_weekend(day: Date) -> bool:
    return day in holidays(day.year)[1]


def _days(first: Date, last: Date) -> Iterator[Date]:
    return (first + timedelta(days) for days in range((last - first).days + 1))


def _waited(after: Date, until: Date) -> int:
    """The days after one up to another, public holidays left out."""
    return sum(not is_holiday(day) for day in _days(after + timedelta(1), until))


def _percentile(gaps: Sequence[int]) -> int | None:
    """The least number that so many of the gaps don't exceed."""
    if not gaps:
        return None
    return sorted(gaps)[ceil(len(gaps) * _MOST_GAPS / 100) - 1]

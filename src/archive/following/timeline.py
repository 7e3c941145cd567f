"""How often something was written of, month by month or week by week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from datetime import timedelta
from functools import cache, partial

from archive.following.records import Period, Series, Timeline
from archive.records import day_range
from archive.store.selection import PassageList


def make_timeline(told_of: Mapping[str, PassageList], by: Period) -> Timeline:
    """The passages of each name by period, none left out between the first and the last."""
    period_of = cache(partial(_period, by=by))  # passages are many, days few
    series = []
    for name, told in told_of.items():
        passages: dict[str, int] = {}
        briefings: dict[str, set[str]] = {}
        for date, briefing in told.days_and_briefings():
            period = period_of(date)
            passages[period] = passages.get(period, 0) + 1
            briefings.setdefault(period, set()).add(briefing)
        series.append((name, passages, briefings))
    periods_told = sorted({period for _, passages, _ in series for period in passages})
    periods = periods_between(periods_told[0], periods_told[-1], by) if periods_told else ()
    return Timeline(
        by=by,
        periods=periods,
        series=tuple(
            Series(
                name,
                tuple(len(briefings.get(period, ())) for period in periods),
                tuple(passages.get(period, 0) for period in periods),
            )
            for name, passages, briefings in series
        ),
    )


def days_of(period: str) -> tuple[Date, Date]:
    """The first and last day of `2026-05` or of the ISO week `2026-W18`."""
    if "W" in period:
        year, week = period.split("-W")
        first = Date.fromisocalendar(int(year), int(week), 1)
        return first, first + timedelta(6)
    return day_range(period)


def _period(date: str, by: Period) -> str:
    first, _ = day_range(date)
    if by == "month":
        return first.isoformat()[: len("2026-05")]
    year, week, _ = first.isocalendar()
    return f"{year}-W{week:02}"


def periods_between(first: str, last: str, by: Period) -> tuple[str, ...]:
    """All periods from one to another."""
    periods = [first]
    while periods[-1] != last:
        _, end = days_of(periods[-1])
        periods.append(_period((end + timedelta(1)).isoformat(), by))
    return tuple(periods)

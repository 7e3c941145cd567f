"""When a series usually appears: the days that lack an issue, how fresh the newest one is."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archive.chinese.calendar import holidays
from archive.following.cadence import (
    LEAST_ISSUES,
    expected_days,
    freshness,
    is_holiday,
    missing_days,
    usual_weekdays,
)
from archive.records import BriefingDate, days_covered
from archive.store.records import Issue

FIRST = Date(2025, 3, 3)  # a Monday
WEEKDAYS = st.sets(st.integers(0, 6), min_size=1)


def daily(days: list[Date], series: str = "日报") -> list[Issue]:
    return [Issue(f"{series} {day}", series, day, day) for day in days]


def days_from(first: Date, weeks: int, weekdays: set[int], *, keeps_holidays: bool) -> list[Date]:
    """Every day of these weekdays, with or without the holidays and the weekends worked."""
    days = [first + timedelta(days) for days in range(weeks * 7)]
    days = [day for day in days if day.weekday() in weekdays]
    if not keeps_holidays:
        return days
    return [day for day in days if not any(day in special for special in holidays(day.year))]


def missing(issues: list[Issue]) -> list[Date]:
    return [day for each in missing_days(issues) for day in each.dates]


@given(
    first=st.dates(Date(2015, 1, 1), Date(2026, 6, 1)),
    weeks=st.integers(1, 80),
    weekdays=WEEKDAYS,
    keeps_holidays=st.booleans(),
)
def test_a_complete_series_lacks_no_day(
    first: Date, weeks: int, weekdays: set[int], keeps_holidays: bool
) -> None:
    assert missing(daily(days_from(first, weeks, weekdays, keeps_holidays=keeps_holidays))) == []


@given(
    weekdays=WEEKDAYS,
    weeks=st.integers(10, 60),
    keeps_holidays=st.booleans(),
    data=st.data(),
)
def test_the_inner_days_taken_out_are_those_that_are_missing(
    weekdays: set[int], weeks: int, keeps_holidays: bool, data: st.DataObject
) -> None:
    complete = days_from(FIRST, weeks, weekdays, keeps_holidays=keeps_holidays)
    out = data.draw(st.sets(st.sampled_from(complete[1:-1]), max_size=len(complete) // 4))
    left = set(complete) - out
    # Only where the days left say the same of when the series appears.
    assume(len(left) >= LEAST_ISSUES and expected_days(left) == expected_days(set(complete)))
    assert missing(daily(sorted(left))) == sorted(out)


@given(days=st.sets(st.dates(Date(2024, 1, 1), Date(2025, 12, 31)), max_size=120))
def test_what_is_missing_was_expected_and_lies_within_the_span(days: set[Date]) -> None:
    for each in missing_days(daily(sorted(days))):
        assert each.since == min(days)
        assert each.until == max(days)
        assert each.dates == tuple(sorted(set(each.dates) - days))
        assert all(each.since < day < each.until for day in each.dates)
        assert {day.weekday() for day in each.dates} <= set(each.weekdays)
        assert set(each.weekdays) == usual_weekdays(days)


def test_too_few_issues_tell_nothing() -> None:
    days = [FIRST + timedelta(7 * week) for week in range(LEAST_ISSUES)]
    del days[4]
    assert missing(daily(days)) == []
    assert missing(daily([*days, days[-1] + timedelta(7)])) == [FIRST + timedelta(28)]


def test_a_series_without_usual_weekdays_lacks_no_day() -> None:
    assert missing(daily([FIRST + timedelta(9 * at) for at in range(40)])) == []


def test_each_series_has_its_own_days() -> None:
    mondays, fridays = (
        [FIRST + timedelta(7 * week + weekday) for week in range(12)] for weekday in (0, 4)
    )
    both = daily([*mondays[:5], *mondays[6:]], "周一报") + daily(fridays, "周五报")
    (only,) = missing_days(both)
    assert (only.series, only.weekdays, only.dates) == ("周一报", (0,), (mondays[5],))


def test_an_issue_of_several_days_stands_for_all_of_them() -> None:
    weekdays = days_from(FIRST, 6, {0, 1, 2, 3, 4}, keeps_holidays=True)
    double = weekdays[7], weekdays[8]
    issues = daily([day for day in weekdays if day not in double])
    assert missing(issues) == list(double)
    assert missing([*issues, Issue("合刊", "日报", *double)]) == []


def test_holidays_and_the_weekends_worked_for_them_are_not_expected() -> None:
    year = [Date(2025, 1, 1) + timedelta(days) for days in range(365)]
    assert Date(2025, 10, 1) in holidays(2025)[0]
    assert Date(2025, 9, 28) in holidays(2025)[1]  # a Sunday worked for the National Day
    off = {day for day in year if is_holiday(day)}
    assert missing(daily([day for day in year if day.weekday() < 5 and day not in off])) == []
    # One that usually appears on holidays is to be expected on each of them.
    always = [day for day in year if day != Date(2025, 10, 3)]
    assert missing(daily(always)) == [Date(2025, 10, 3)]


@pytest.mark.parametrize("year", [1995, 2025, 2040])
def test_every_year_has_about_its_holidays(year: int) -> None:
    off, worked = holidays(year)
    assert {Date(year, 1, 1), Date(year, 5, 1), Date(year, 10, 1)} <= off
    assert not off & worked
    assert all(day.weekday() >= 5 for day in worked)


def test_beyond_the_calendar_no_day_is_a_holiday() -> None:
    assert holidays(2300) == (frozenset(), frozenset())


# --- how fresh the newest is ---------------------------------------------------------------------


@given(
    days=st.sets(st.dates(Date(2024, 1, 1), Date(2025, 12, 31)), min_size=1, max_size=60),
    later=st.integers(0, 500),
)
def test_what_is_stale_stays_so_until_another_issue(days: set[Date], later: int) -> None:
    issues = daily(sorted(days))
    newest = max(days)
    told = [freshness(issues, newest + timedelta(wait)) for wait in (later, later + 1)]
    assert [each.age_days for each in told] == [later, later + 1]
    assert told[0].newest == newest
    assert told[0].is_stale <= told[1].is_stale
    assert not (later <= 3 and told[0].is_stale)


def test_stale_is_twice_as_long_as_most_gaps() -> None:
    days = days_from(FIRST, 20, {0, 1, 2, 3, 4}, keeps_holidays=True)
    issues = [issue for issue in daily(days) if issue.last <= Date(2025, 6, 20)]
    newest = Date(2025, 6, 20)  # a Friday
    told = freshness(issues, newest + timedelta(6))
    assert told.usual_gap == 3  # from Friday to Monday
    assert not told.is_stale
    assert freshness(issues, newest + timedelta(7)).is_stale


def test_holidays_are_no_wait() -> None:
    days = days_from(Date(2025, 7, 1), 14, {0, 1, 2, 3, 4}, keeps_holidays=True)
    issues = [issue for issue in daily(days) if issue.last <= Date(2025, 9, 30)]
    told = freshness(issues, Date(2025, 10, 9))  # the first day after eight off
    assert told.age_days == 9
    assert not told.is_stale


def test_one_issue_or_none_tells_nothing_of_gaps() -> None:
    today = Date(2025, 6, 1)
    assert freshness([], today).newest is None
    assert not freshness([], today).is_stale
    one = freshness(daily([Date(2020, 1, 1)]), today)
    assert one.age_days is not None
    assert one.usual_gap is None
    assert not one.is_stale


def test_an_issue_dated_later_does_not_hide_that_the_others_are_old() -> None:
    days = [FIRST + timedelta(at) for at in range(20)]
    told = freshness(daily([*days, Date(2206, 1, 1)]), days[-1] + timedelta(30))
    assert told.newest == days[-1]
    assert told.is_stale


# --- the days of an issue ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "others", "days"),
    [
        ("2026-05-04", [], ("2026-05-04", "2026-05-04")),
        ("2026-05", [], ("2026-05-01", "2026-05-31")),
        ("2026-05-04", ["2026-05-10"], ("2026-05-04", "2026-05-10")),
        ("2026-05-04", ["2026-05-11"], ("2026-05-04", "2026-05-04")),
        ("2026-05-04", ["2025-05-05"], ("2026-05-04", "2026-05-04")),
    ],
)
def test_the_title_block_may_name_several_days(
    date: str, others: list[str], days: tuple[str, str]
) -> None:
    dates = [BriefingDate(each, "printed", "title block") for each in (date, *others)]
    elsewhere = [
        BriefingDate("2026-05-06", "updated", "title block"),
        BriefingDate("2026-05-06", "printed", "running head"),
    ]
    first, last = days_covered(date, (*dates, *elsewhere))
    assert (str(first), str(last)) == days

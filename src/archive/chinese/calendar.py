"""The Chinese calendar: public holidays with the days off, and today."""

from __future__ import annotations

from contextlib import suppress
from datetime import date as Date
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1990, 2100
DAYS_OFF = {
    "元旦": (0, 2), "春节": (-1, 6), "元宵": (0, 0), "清明": (0, 2), "五一": (0, 4),
    "劳动": (0, 4), "端午": (0, 2), "中秋": (0, 2), "国庆": (0, 6), "十一": (0, 6),
}  # fmt: skip
"""About which days are off, counted from the holiday."""
_SOLAR = {"元旦": (1, 1), "五一": (5, 1), "劳动": (5, 1), "国庆": (10, 1), "十一": (10, 1)}
_LUNAR = {"春节": (1, 1), "元宵": (1, 15), "端午": (5, 5), "中秋": (8, 15)}


def holiday_of(name: str, year: int) -> Date:
    """A public holiday's day; raises ValueError for a year beyond the calendar."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("a year without a calendar")
    if name in _SOLAR:
        return Date(year, *_SOLAR[name])
    from lunar_python import Lunar

    if name in _LUNAR:
        day = Lunar.fromYmd(year, *_LUNAR[name]).getSolar()
    else:
        day = Lunar.fromYmd(year, 3, 1).getJieQiTable()[name]
    return Date(day.getYear(), day.getMonth(), day.getDay())


@cache
def holidays(year: int) -> tuple[frozenset[Date], frozenset[Date]]:
    """The days of a year that are off as public holidays, and the weekends worked in return.

    As they were announced; for a year that the calendar has no announcement of, about the days.
    """
    from lunar_python.util import HolidayUtil

    announced = HolidayUtil.getHolidays(year)
    if announced:
        off, worked = (
            frozenset(Date.fromisoformat(d.getDay()) for d in announced if d.isWork() is at_work)
            for at_work in (False, True)
        )
        return off, worked
    about: set[Date] = set()
    for name in ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆"):
        with suppress(ValueError):
            day = holiday_of(name, year)
            before, behind = DAYS_OFF[name]
            about.update(day + timedelta(days) for days in range(before, behind + 1))
    return frozenset(about), frozenset()


def today_here() -> Date:
    """Today in Asia/Shanghai, from where 上周 and the like are seen."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()

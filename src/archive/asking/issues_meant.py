"""Which issues a request means: the newest, the one before it, that of a day, those of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.asking.records import Composed, Lead, Period, Request, Widening
from archive.records import Filter, day_range
from archive.store.records import Issue


def distance(date: str, period: Period) -> int:
    """Days between an issue and the nearer end of a period."""
    day, _ = day_range(date)
    near = [abs((day - end).days) for end in (period.since, period.until) if end]
    return min(near, default=0)


def issues_meant(request: Request, issues: Sequence[Issue]) -> list[Issue]:
    """The issues that a request names: the newest, the one before it, that of a day."""
    if request.period and request.period.since and request.period.until:
        since, until = request.period.since, request.period.until
        return [issue for issue in issues if issue.first <= until and issue.last >= since]
    newest = [issue for issue in issues if issue.last == issues[-1].last]
    match request.issue:
        case "first":
            return [issue for issue in issues if issue.first == issues[0].first]
        case "previous":
            earlier = [issue for issue in issues if issue.last < issues[-1].last]
            return [issue for issue in earlier if issue.last == earlier[-1].last]
        case _:
            return newest


def no_such_issue(request: Request, issues: Sequence[Issue]) -> Composed | None:
    """That there is no issue of the days named, and which are the nearest."""
    if request.period is None or not issues:
        return None
    since, until = request.period.since, request.period.until
    before = [issue for issue in issues if since and issue.last < since]
    after = [issue for issue in issues if until and issue.first > until]
    near = [f"之前最近的一期是 {before[-1].first}"] if before else []
    near += [f"之后最近的一期是 {after[0].first}"] if after else []
    widen = [
        Widening(f"看 {i.first} 那一期。", f"{i.first} 那一期讲了什么")
        for i in (*before[-1:], *after[:1])
    ]
    lead = f"{request.period.words}没有简报；{'，'.join(near)}。"
    return Composed(Lead(lead), supported=False, widen=tuple(widen))


def within_period(where: Filter, period: Period | None) -> Filter:
    """A filter with the days of a period, where it has none of its own."""
    if period is None or where.since or where.until:
        return where
    return replace(where, since=period.since, until=period.until)

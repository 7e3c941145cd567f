"""What a request wants of what is read, and what is said beside its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date as Date

from archive.asking.reading import Reading
from archive.asking.records import Intent, Request
from archive.chinese.search_form import squeezed
from archive.evidence.question import Wants
from archive.records import Citation, day_range
from archive.search.interpretation import Understood

_TIMES = re.compile("(?:几|多少)(?:次|回|趟|度|轮)|how (?:many times|often)", re.IGNORECASE)
_WANTS: dict[Intent, Wants] = {"latest": "latest", "change": "course", "compare": "times"}
SURE = 0.6
"""The chance of an answer below which it is said to be uncertain."""


def unmet(
    request: Request, understood: Understood, citations: Sequence[Citation]
) -> tuple[str, ...]:
    """That the issues of the days asked for don't hold the answer, where those shown are others."""
    period = request.period
    if period is None or understood.inferred or understood.where.since or understood.where.until:
        return ()
    since, until = period.since or Date.min, period.until or Date.max
    days = [day_range(citation.briefing.date) for citation in citations]
    if any(first <= until and last >= since for first, last in days):
        return ()
    if any(squeezed(period.words) in squeezed(citation.quote) for citation in citations):
        return ()  # told later, of that time
    return (f"{period.words}的简报里没有找到；以下出自其他日期的简报。",)


def wants_of(request: Request) -> Wants | None:
    """In what order, and how much of it, what answers is wanted; None where its words say so."""
    if request.intent == "count" and _TIMES.search(request.text):
        return "times"  # all of it is to be shown
    return _WANTS.get(request.intent)


def sounds_like(subject: str, meant: str) -> bool:
    """Whether a suggestion is the subject but for a character in three."""
    differ = sum(one != other for one, other in zip(subject, meant, strict=False))
    return len(subject) == len(meant) and 0 < differ <= max(1, len(subject) // 3)


def uncertain(readings: Sequence[Reading]) -> tuple[str, ...]:
    """That quotes may not be quite what was asked, where that isn't sure."""
    if min(reading.probability for reading in readings) >= SURE:
        return ()
    return ("没有把握：以下是最接近的说法，请核对是否正是所问。",)

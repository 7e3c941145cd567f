"""Dates in a query: the days that `上周的稀土` or `tariffs since May` proposes to look in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from itertools import islice

from archive.chinese.calendar import FIRST_YEAR, LAST_YEAR
from archive.chinese.date_forms import (
    AND,
    COMPILED,
    LEAD,
    OF,
    SENSES,
    TAIL,
    TO,
    Groups,
    Resolve,
)
from archive.chinese.simplified import simplified
from archive.chinese.text import fold


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date expression in a query: its half-open code-point range, and the days it means."""

    start: int
    end: int
    since: Date | None
    until: Date | None


def find_dates(text: str, today: Date) -> DateMention | None:
    """The one day or range of days a query names; None where it names none, or more than one.

    Days without a year are the latest that have begun: on 15 July 2026 `8月` is August 2025. Days
    named in full may be still to come. `近三个月` ends today; `三个月前` is the month, `两周前` the
    week, that long ago. 之后, 之前 and 以前 leave out the days they stand by, 以后 and 以来 don't.
    Words that make no sense without the date, such as 的, belong to it.
    """
    folded, offsets = _folded(text)
    with suppress(ValueError, OverflowError):
        if found := _read(folded, today):
            start, end, since, until = found
            return DateMention(offsets[start], offsets[end - 1] + 1, since, until)
    return None


def _folded(text: str) -> tuple[str, list[int]]:
    """Simplified, folded, white space as single blanks; and where each character came from."""
    chars: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(simplified(text)):
        for folded in fold(char):
            blank = folded.isspace()
            if not (blank and chars and chars[-1] == " "):
                chars.append(" " if blank else folded)
                offsets.append(offset)
    return "".join(chars), offsets


def _read(text: str, today: Date) -> tuple[int, int, Date | None, Date | None] | None:
    """Range and days of the mention in a folded text; raises ValueError for an impossible date."""
    found = list(islice(_matches(text), 3))
    if len(found) not in (1, 2):
        return None
    match, resolve = found[0]
    first, last = resolve(match.groupdict(""), today, None)
    start, end = match.span()
    lead = LEAD.search(text, max(0, start - 20), start)
    sense = lead.lastgroup if lead else None
    if len(found) == 2:
        match, resolve = found[1]
        begin, stop = resolve(match.groupdict(""), today, first)
        gap = text[end : match.start()]
        adjacent = AND.fullmatch(gap) and begin == last + timedelta(1)
        if not (adjacent or TO.fullmatch(gap)):
            return None
        last, end, sense = stop, match.end(), None
    if first > last or first.year < FIRST_YEAR or last.year > LAST_YEAR:
        return None
    start = lead.start() if lead else start
    tail = TAIL.match(text, end)
    groups: Groups = {}
    if tail:
        end, sense, groups = tail.end(), tail.lastgroup or sense, tail.groupdict("")
    since, until = SENSES[sense](first, last, groups) if sense else (first, last)
    if since and until and since > until:  # 后0天
        return None
    of = OF.match(text, end)
    return start, of.end() if of else end, since, until


def _matches(text: str) -> Iterator[tuple[re.Match[str], Resolve]]:
    """What the forms match, in order; of those that overlap the first and longest."""
    found = [(match, resolve) for form, resolve in COMPILED for match in form.finditer(text)]
    end = 0
    for match, resolve in sorted(found, key=lambda pair: (pair[0].start(), -pair[0].end())):
        if match.start() >= end:
            end = match.end()
            yield match, resolve

"""What somebody wants of the archive, read once from what they typed.

A question is read in simplified script, half width, and as it would be written. To add a way of
asking, add it to the pattern of its intent in `request_patterns`, and what of it is no part of a
subject to `ASKS` there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import date as Date

from archive.asking.records import Focus, Intent, IssueNamed, Period, Request
from archive.asking.request_patterns import (
    ARCHIVE,
    ARCHIVE_AT_LARGE,
    ASKS,
    BEYOND,
    CIRCUMSTANCE,
    COVERAGE,
    DAYS_ISSUE,
    EDGES,
    ENGLISH,
    ISSUES,
    PERIOD,
    READ,
    SOURCES,
    USES_OUTLET,
)
from archive.chinese.colloquial import as_written
from archive.chinese.dates_in_words import find_dates
from archive.chinese.simplified import simplified
from archive.chinese.text import has_han


def read_request(
    question: str,
    today: Date,
    outlets: Collection[str] = (),
    names_something: Callable[[str], bool] = bool,
) -> Request:
    """Read what a question wants.

    Days such as 上周 are seen from `today`; `outlets` are the names of those the archive cites;
    `names_something` says of words whether they can be what a question is about.
    """
    text = as_read(question)
    mention = find_dates(text, today)
    period, rest = None, text
    if mention:
        words = text[mention.start : mention.end].strip().removesuffix("的")
        period = Period(words, mention.since, mention.until)
        rest = f"{text[: mention.start]} {text[mention.end :]}"
    issue = None
    for name, pattern in ISSUES.items():
        if found := pattern.search(rest):
            issue, rest = name, f"{rest[: found.start()]} {rest[found.end() :]}"
            break
    outlet = _outlet(rest, outlets)
    subject = " ".join(filter(names_something, subject_of(rest).split()))
    intent, focus = _intent(text, rest, subject, period, issue, outlet)
    return Request(text, intent, subject, focus, period, issue, outlet)


def as_read(question: str) -> str:
    """A question in simplified script and half width, in one line, its spoken forms as written."""
    return as_written(simplified(unicodedata.normalize("NFKC", question)))


def _intent(
    text: str,
    rest: str,
    subject: str,
    period: Period | None,
    issue: IssueNamed | None,
    outlet: str,
) -> tuple[Intent, Focus]:
    if BEYOND.search(text):
        return "beyond", "whether"
    if (outlet and USES_OUTLET.search(rest)) or SOURCES.search(rest):
        return "sources", "whether"
    is_bare = not subject
    if ARCHIVE_AT_LARGE.search(rest) or (ARCHIVE.search(rest) and is_bare and not issue):
        return "archive", "whether"
    focus = next((focus for focus, pattern in COVERAGE.items() if pattern.search(rest)), None)
    if focus and not is_bare and not issue and not (period and period.is_day):
        return "coverage", focus
    of_day = period is not None and period.is_day
    if issue or (of_day and (is_bare or DAYS_ISSUE.search(rest))):
        return "issue", "whether"
    if period and (is_bare or (PERIOD.search(rest) and not _asks_figure(rest))):
        return "period", "whether"
    for intent, pattern in READ.items():
        if pattern.search(rest):
            return intent, "whether"
    return "fact", "whether"


def _asks_figure(text: str) -> bool:
    return bool(
        re.search("多少(?![期次回])|(?<![那这哪最后])几(?![期天份篇条])|多[大长高久远重]", text)
    )


def _outlet(text: str, outlets: Collection[str]) -> str:
    """The outlet a text names, by its name or the first word of one in Latin letters."""
    folded = text.casefold()
    for name in sorted(outlets, key=len, reverse=True):
        first = name.split()[0] if name.isascii() and name else ""
        if len(name) > 2 and (
            name.casefold() in folded
            or (
                len(first) > 4
                and re.search(rf"(?<![a-z]){re.escape(first.casefold())}(?![a-z])", folded)
            )
        ):
            return name
    return ""


def subject_of(text: str) -> str:
    """What is left of a question without the words that only ask."""
    rest = CIRCUMSTANCE.sub(" ", ASKS.sub(" ", text))
    if not has_han(rest):
        rest = ENGLISH.sub(" ", rest)
    pieces = (
        EDGES.sub("", EDGES.sub("", piece)) for piece in re.split(r"[\s,，。?？!！;；:：、]+", rest)
    )
    return " ".join(filter(None, pieces))

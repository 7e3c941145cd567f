"""What somebody wants of the archive, read once from what they typed.

A question is read in simplified script, half width, and as it would be written. Patterns of
`request_patterns` say what it may want; which of that it is, and which of its words it is about, is
learnt (`intent_model`, `subject_model`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date as Date

from archive.asking.records import Focus, Intent, IssueNamed, Period, Request
from archive.asking.request_patterns import (
    ARCHIVE,
    ARCHIVE_AT_LARGE,
    BEYOND,
    COVERAGE,
    DAYS_ISSUE,
    ISSUES,
    PERIOD,
    READ,
    SOURCES,
    USES_OUTLET,
)
from archive.asking.subject_model import subject_of
from archive.chinese.colloquial import as_written
from archive.chinese.dates_in_words import find_dates
from archive.chinese.simplified import simplified
from archive.index.records import TextWord

Describe = Callable[[str], Sequence[TextWord]]
"""Gives the words of a text, and what an archive knows of each."""
Learnt = Callable[["Request"], Intent]
"""Gives the intent of a request that was read by rules."""


def read_request(
    question: str,
    today: Date,
    describe: Describe,
    outlets: Collection[str] = (),
    learnt: Learnt | None = None,
) -> Request:
    """Read what a question wants.

    Days such as 上周 are seen from `today`; `outlets` are the names of those the archive cites.
    Where no intent is `learnt` the rules' stands.
    """
    text = as_read(question)
    mention = find_dates(without_own_work(text), today)
    period, rest = None, text
    if mention:
        said = text[mention.start : mention.end].strip().removesuffix("的")
        period = Period(said, mention.since, mention.until)
        rest = _blanked(rest, mention.start, mention.end)
    issue = None
    for name, pattern in ISSUES.items():
        if found := pattern.search(rest):
            issue, rest = name, _blanked(rest, found.start(), found.end())
            break
    outlet = _outlet(rest, outlets)
    words = [word for word in describe(text) if rest[word.start : word.end].strip()]
    subject = subject_of(text, words).strip(_MARKS)
    intent, focus = _intent(text, rest, subject, period, issue, outlet)
    request = Request(text, intent, subject, focus, period, issue, outlet)
    if learnt and any(map(str.isalnum, text)) and not _asks_coverage_only(request):
        request = replace(request, intent=learnt(request))
    if not subject and request.intent not in _OF_NO_SUBJECT:
        request = replace(request, subject=subject_of(text, words, is_needed=True).strip(_MARKS))
    if request.intent == "compare":
        request = replace(request, compared=_compared(describe(request.subject)))
    return request


_MARKS = " ?!.,。"
_ASKS_ONLY = re.compile("[吗么呢啊呀吧没有了的过不我们咱你请问在之前以往曾经 ?!。,]*")


def _asks_coverage_only(request: Request) -> bool:
    """Whether a question is nothing but a subject and whether it was written of: 提到过郑砚吗."""
    found = request.intent == "coverage" and COVERAGE[request.focus].search(request.text)
    if not found:
        return False
    left = request.text[: found.start()] + request.text[found.end() :]
    for piece in request.subject.split():
        left = left.replace(piece, "")
    return bool(_ASKS_ONLY.fullmatch(left))


_JOINS = frozenset("和 跟 与 同 比 及 、 还是 以及 vs and than".split())


def _compared(subject: Sequence[TextWord]) -> tuple[str, ...]:
    """The things that a subject's words name, apart by a blank or a word that joins."""
    things = [""]
    for word in subject:
        if word.text in _JOINS or not word.text.strip():
            things.append("")
        else:
            things[-1] += word.text
    named = tuple(dict.fromkeys(filter(None, things)))
    return named if len(named) > 1 else ()


_OWN_WORK = re.compile(
    "(?:正?在|要|想|准备|打算|得)?(?:写|做|编|赶|弄)(?:一?下)?(?:今天|今日|明天|这周|本周)"
    "|(?:今天|今日|明天|这周|本周)的?(?:稿子?|选题|版面|头条|版)(?:里|上)?"
    "|(?:今天|今日|明天|这周|本周|这个月|[0-9一二三四五六七八九十]{1,3}月)"
    "(?:还|也|又)?(?:要|想|准备|打算|得)(?:再|接着)?(?:写|做|发|编|出)"
)
"""The days of what the asker is about to write are no days of the issues wanted."""
_OF_NO_SUBJECT: tuple[Intent, ...] = ("issue", "period", "archive", "sources", "beyond")


def without_own_work(text: str) -> str:
    """A question with blanks in place of what the asker is about to write."""
    return _OWN_WORK.sub(lambda match: " " * len(match[0]), text)


def _blanked(text: str, start: int, end: int) -> str:
    """A text with blanks in place of a part, so that all else stays where it is."""
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"


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

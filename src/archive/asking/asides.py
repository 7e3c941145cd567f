"""What a request wants of what is read, and what is said beside its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date as Date

from archive.asking.figures_at_odds import pairs_of
from archive.asking.moves import ASKS_TIMES
from archive.asking.reading import Reading
from archive.asking.records import Intent, Request
from archive.asking.statements import IN_HARDLY_ANY
from archive.chinese.search_form import squeezed
from archive.evidence.question import Wants
from archive.records import NO_FILTER, Citation, Passage, day_range
from archive.search.interpretation import Understood

_WANTS: dict[Intent, Wants] = {"latest": "latest", "change": "course", "compare": "times"}
BEYOND_DAYS_NAMED: tuple[Intent, ...] = ("change", "compare")
"""Intents whose answers go beyond the days of a question: a course goes on after them."""
_TELLING = 9.0
"""The specificity from which on a word says what is asked for, rather than 公司 or 情况."""
_TO_COME = re.compile("明年|后年|下个月|下周|下季度|下一?年度|明天|将来|未来会")
POINTS = re.compile("[这那哪谁几]|是不|有没|是否")
"""Words that only point or ask."""
_SURE, _SURE_IF_ALL_IS_SAID = 0.75, 0.6
"""The chance of an answer below which it is said to be uncertain: for want of a word of the
question, and where the quotes have them all. Of right answers every eighth has less, of questions
that nothing answers half.
"""


def unmet(
    request: Request, understood: Understood, citations: Sequence[Citation]
) -> tuple[str, ...]:
    """That the issues of the days asked for don't hold the answer, where those shown are others."""
    if _TO_COME.search(request.text):
        return ("问的是以后的事：以下是已出的简报里的说法，档案不作预测。",)
    period = None if request.intent in BEYOND_DAYS_NAMED else request.period
    if period is None or understood.inferred or understood.where.since or understood.where.until:
        return ()
    first_issue = understood.selection.snapshot.coverage(NO_FILTER).since
    if period.until and first_issue and period.until < day_range(first_issue)[0]:
        return ()  # of which there are no issues at all
    since, until = period.since or Date.min, period.until or Date.max
    days = [day_range(citation.briefing.date) for citation in citations]
    if any(first <= until and last >= since for first, last in days):
        return ()
    if any(squeezed(period.words) in squeezed(citation.quote) for citation in citations):
        return ()  # told later, of that time
    return (f"{period.words}的简报里没有找到；以下出自其他日期的简报。",)


def wants_of(request: Request) -> Wants | None:
    """In what order, and how much of it, what answers is wanted; None where its words say so."""
    if request.intent == "count" and ASKS_TIMES.search(request.text):
        return "times"  # all of it is to be shown
    return _WANTS.get(request.intent)


def sounds_like(subject: str, meant: str) -> bool:
    """Whether a suggestion is the subject but for a character in three."""
    differ = sum(one != other for one, other in zip(subject, meant, strict=False))
    return len(subject) == len(meant) and 0 < differ <= max(1, len(subject) // 3)


def doubt(
    readings: Sequence[Reading],
    citations: Sequence[Citation],
    subject: str,
    naming: Callable[[], Sequence[Passage]],
) -> str:
    """That quotes may not be quite what was asked, and words that they lack; mostly empty.

    `naming` gets the passages that name the subject: what stands in none isn't told of it,
    however well a sentence seems to answer.
    """
    chance = min(reading.probability for reading in readings)
    lacking = _unsaid(readings, citations)
    passages = naming() if lacking else ()
    texts = [squeezed(" ".join((*p.section.path, p.text))) for p in passages]
    nowhere = [word for word in lacking if word not in subject and not _in_any(word, texts)]
    if texts and nowhere:
        words = "、".join(f"“{word}”" for word in nowhere[:2])
        return f"写到“{subject}”的地方都没有写到{words}，下面只是最接近的说法。"
    if chance >= _SURE:
        return ""
    if words := "、".join(f"“{word}”" for word in lacking[:2]):
        return f"没有把握：下面的话没有写到{words}，只是最接近的说法。"
    if chance >= _SURE_IF_ALL_IS_SAID:
        return ""
    return "没有把握：以下是最接近的说法，请核对是否正是所问。"


def _unsaid(readings: Sequence[Reading], citations: Sequence[Citation]) -> tuple[str, ...]:
    """The words of a question that the archive has, but neither the quotes nor their headings.

    What it has nowhere is mostly how people talk: 劳驾, 老总.
    """
    said = squeezed(" ".join(part for c in citations for part in (c.quote, *c.section.path)))
    return tuple(
        dict.fromkeys(
            weight.names[0]
            for reading in readings
            for weight in reading.gathered.weights
            if weight.role == "thing"
            and len(weight.names[0]) > 1
            and weight.specificity >= _TELLING
            and weight.rarity < IN_HARDLY_ANY
            and reading.question.seeks(weight.names[0])
            and not POINTS.search(weight.names[0])
            and not any(_stands(name, said) for name in weight.names)
        )
    )


def _in_any(name: str, texts: Sequence[str]) -> bool:
    return any(_stands(name, text) for text in texts)


def _stands(name: str, text: str) -> bool:
    """Whether most pairs of a name's characters are in a text: 下调 for 下调了."""
    own = pairs_of(name)
    return sum(pair in text for pair in own) > len(own) / 2

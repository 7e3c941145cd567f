"""The one line that answers: the clause of a quote that holds what is asked, or old → new."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date as Date
from datetime import timedelta

from archive.asking.figures_at_odds import about, of_one_thing, pairs_of
from archive.asking.moves import telling_extreme, times_moved
from archive.asking.reading import Reading
from archive.asking.records import Lead
from archive.asking.requirements import MONEY, asks_unit, in_unit_asked
from archive.chinese.figure import Figure, agree
from archive.chinese.figures import find_figures
from archive.chinese.text import fold
from archive.evidence.question import Question, pairs
from archive.records import Citation, day_range

_CLAUSE = re.compile(r"(?:[^，；。！？;!?,]|(?<=\d),(?=\d))+")
_SAYS_WHO = re.compile("^据|报道$|报价$|消息$|显示$|表示$|指出$|认为$")
_COMPARES = re.compile("(?:[比较由从]|原来?|此前|与|同)[^，,；;。到至为]{0,16}$")
"""Before a figure that another is compared with, or that it was before."""
_SHORTEST, _LONGEST = 6, 60
_OF_WHAT_IS_ASKED = 0.3
"""The share of a question that a clause must hold where no unit tells what is asked for."""
_MARKED = 4.0
"""The log odds of an answer against there being none from which its clause is the lead: with less
every other is wrong.
"""
_AHEAD = 0.1
"""How much more of the question the clause must hold than the next that has such a figure."""
_DAY_WORD = re.compile("同日|当日|当天|今天|今日|昨天|昨日|上个?月|本月")
_DAY = re.compile(r"(?:\d{4}\s*年\s*)?\d{1,2}\s*月\s*\d{1,2}\s*日")


def lead_of(reading: Reading, citations: Sequence[Citation]) -> Lead | None:
    """The clause of the first quote that holds what is asked for, as it stands there.

    The one in which the span model marks the answer, or that has a figure or day such as is asked
    for. Of a course of events old → new where a figure moved. None where no clause holds what is
    asked: half a sentence that doesn't answer would only mislead.
    """
    if not citations:
        return None
    question = reading.question
    extreme = telling_extreme(question.text)
    if question.wants == "course" and not extreme:
        return _moved(question, citations)
    if often := times_moved(question.text, citations):
        return often
    first = citations[0]
    if not extreme and (marked := _marked(reading, first)):
        return Lead(marked, first.number)
    clauses = [match[0].strip() for match in _CLAUSE.finditer(first.quote)]
    fit = [
        clause
        for clause in clauses
        if _SHORTEST <= len(clause) <= _LONGEST and not _SAYS_WHO.search(clause)
    ]
    names = {pair for pair in question.pairs if pair.isascii() and pair in fold(first.quote)}
    if extreme and (tells := [clause for clause in fit if extreme.search(clause)]):
        fit = [clause for clause in tells if find_figures(clause)]
    else:
        fit = [
            clause
            for clause in fit
            if _holds_asked(question, clause) and names <= _named_by(first.quote, clause)
        ]
    ranked = sorted(((_fitness(question, clause), clause) for clause in fit), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _AHEAD):
        return None
    return Lead(ranked[0][1], first.number)


def _marked(reading: Reading, citation: Citation) -> str:
    """The clause of a quote in which the span model marks the answer; "" where it marks none.

    What asks whether something is so is answered by no span.
    """
    if reading.question.wants not in ("fact", "latest") or "whether" in reading.question.kinds:
        return ""
    at = citation.passage.text.find(citation.quote)
    if at < 0:
        return ""
    odds, start, end = reading.answer_within(citation.passage, at, at + len(citation.quote))
    if odds < _MARKED:
        return ""
    start, end = start - at, end - at
    clauses = [match.span() for match in _CLAUSE.finditer(citation.quote)]
    within = [(first, last) for first, last in clauses if first < end and last > start]
    first, last = within[0][0], within[-1][1]
    if last - first > _LONGEST:
        first, last = start, end
    return citation.quote[first:last].strip()


def _holds_asked(question: Question, clause: str) -> bool:
    """Whether a clause has a figure of the kind asked for, and some words of the question."""
    figures = [f for f in find_figures(clause) if not _COMPARES.search(clause[: f.start])]
    kinds = {figure.kind for figure in figures}
    asked = question.kinds & {"amount", "money", "share", "date"}
    held = len(set(pairs(clause)) & set(question.pairs))
    if asks_unit(question):
        return held > 0 and any(in_unit_asked(question, figure) for figure in figures)
    if asked == {"date"}:
        holds = "date" in kinds
    elif "money" in asked:
        holds = any(figure.unit in MONEY for figure in figures)
    else:
        holds = bool(asked) and bool(kinds - {"date"})
    return holds and held >= _OF_WHAT_IS_ASKED * len(question.pairs)


def _named_by(quote: str, clause: str) -> set[str]:
    """What a quote has named up to the end of a clause, which is said of it."""
    return set(pairs(quote[: quote.find(clause) + len(clause)]))


def _moved(question: Question, citations: Sequence[Citation]) -> Lead | None:
    """What the oldest and the newest quote give for the same thing: old → new, with their dates.

    A figure that a quote only compares with, 比 6 月的 156 万元, is not what it gives.
    """
    in_order = sorted(citations, key=lambda citation: citation.briefing.date)
    new = in_order[-1]
    for old in in_order:
        if old.briefing.date == new.briefing.date:
            break
        moved = [
            (before, after)
            for before, after in of_one_thing(old.quote, new.quote)
            if not (agree(before, after) or agree(after, before))
            and (after.kind == "amount" or "share" in question.kinds)
            and _is_given(old.quote, before)
            and _is_given(new.quote, after)
        ]
        if len(moved) > 1:  # of several things: of the one that is asked about
            asked = frozenset(question.pairs)
            fit = [
                min(
                    len(pairs_of(about(old.quote, before)) & asked),
                    len(pairs_of(about(new.quote, after)) & asked),
                )
                for before, after in moved
            ]
            moved = [moved[fit.index(max(fit))]] if any(fit) else []
        if moved:
            before, after = moved[0]
            said = old.quote[before.start : before.end], new.quote[after.start : after.end]
            line = f"{old.briefing.date} {said[0]} → {new.briefing.date} {said[1]}"
            return Lead(line, new.number)
    return None


def _is_given(quote: str, figure: Figure) -> bool:
    """Whether a quote gives a figure as that of its time, rather than compares with it."""
    return not _COMPARES.search(quote[: figure.start])


def _fitness(question: Question, clause: str) -> float:
    """How much of what is asked a clause holds: the measure it is asked in, and its words."""
    folded = fold(clause)
    held = float(sum(measure in folded for measure in question.measures))
    mine = set(pairs(clause))
    return held + sum(pair in mine for pair in question.pairs) / (len(question.pairs) or 1)


def days_meant(citation: Citation) -> str:
    """What words such as 同日 in a quote mean, for the reader; empty where it says so itself."""
    said = []
    if _DAY.search(citation.quote):
        return ""
    text = citation.passage.text
    start = text.find(citation.quote)
    for match in _DAY_WORD.finditer(citation.quote):
        if day := _meant(match[0], text[: start + match.start()], citation.briefing.date):
            said.append(f"{match[0]}：{day}")
    return f"（{'；'.join(dict.fromkeys(said))}）" if said else ""


def _meant(word: str, before: str, issued: str) -> str:
    """The day or month that a word means in an issue, after the text before it; "" if unknown."""
    issue: Date = day_range(issued)[0]
    if word in ("同日", "当日", "当天"):
        named = _DAY.findall(before)
        return re.sub(r"\s", "", named[-1]) if named else ""
    if word in ("昨天", "昨日"):
        return str(issue - timedelta(1))
    if word.startswith("上"):
        return f"{issue.replace(day=1) - timedelta(1):%Y-%m}"
    return f"{issue:%Y-%m}" if word == "本月" else str(issue)

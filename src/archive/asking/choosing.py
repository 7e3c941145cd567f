"""Chooses what to quote: of the sentences read the fewest that answer, in the order to be told.

A course of events is told from its beginning, the latest from its end, things compared one of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from archive.asking.figures_at_odds import SAME, asked_at_odds, of_one_thing, pairs_of
from archive.asking.moves import asks_moves, moves_told, telling_extreme
from archive.asking.reading import Reading
from archive.asking.requirements import asks_unit, in_unit_asked
from archive.chinese.figure import agree
from archive.chinese.figures import find_figures
from archive.chinese.search_form import squeezed
from archive.evidence.features import REASON, Sentence
from archive.evidence.question import Question
from archive.records import ABSTRACT_TITLE

_MOST_QUOTES, _MOST_STEPS = 3, 6
_SUMS_UP = 0.4
"""The share of pairs that an abstract's sentence has in common with one it sums up."""
_SURE = 0.65
"""Quotes are added until one of them is the answer with this chance, by a softmax of the scores."""
_IN_COURSE, _IN_LATEST, _IN_TIMES, _IN_STATE = 8.0, 5.0, 4.0, 4.0
"""How far behind the best a sentence may be to be a step of a course of events, the latest, one
of the times that something happened, or to tell whether something is so, as of its day.
"""
_MOST_WHOLE, _NEARLY_ALL = 2, 0.8
"""Quotes of sentences that tell of all things compared; characters of a name that one has."""
_IS_IT_SO = re.compile("吗|是不是|是否|有没有|了没|没有$|不$|成了?没|能不能")
"""What asks whether something is so, which may have changed since."""
_OVER_TIME = re.compile(
    "[两三几]期|前后|前头|[两三]稿|同比|[0-9一二三四五六七八九十]月.*[0-9一二三四五六七八九十]月"
)
"""What asks for one thing at two times."""
_OF_A_TIME = re.compile(
    "当初|当时|那时|最早|最初|原[来先本定]|起初|首[次批]|第一|之前|以前|上次|曾"
)
"""What asks for a figure of the past, which a newer one doesn't answer."""
_TELLING = 5.0
"""How far behind the best a sentence may be to be quoted first for giving what is asked for: a
reason, or which was the most or the least.
"""
_AS_MUCH = 0.6
"""The share of what a sentence holds of a question that a newer one must hold to take its place."""
_STATE = re.compile("怎么?样|到哪|哪一?步|进展|近况|情况|如何|咋样|最新动?[态向]?$|how is|status")
"""What asks how a matter stands at large, rather than for one thing about it."""
_AT_ODDS = 4.0
"""How far behind the best a sentence may be to be shown for giving another figure."""


def chosen_groups(reading: Reading, compared: Sequence[str]) -> list[list[Sentence]]:
    """The sentences to quote, in order, each with those that say the same."""
    wants = "fact" if telling_extreme(reading.question.text) else reading.question.wants
    best = list(zip(reading.sentences, reading.scores.tolist(), strict=True))
    if compared and not _OVER_TIME.search(reading.question.text):
        chosen = _of_each(best, compared)
    elif wants == "course":
        chosen = _steps(best, _IN_COURSE, _MOST_STEPS)
        chosen.sort(key=lambda sentence: sentence.passage.briefing.date)
    elif wants == "times":
        moved = _telling_moves(best, reading.question.text)
        chosen = _steps(moved, _IN_COURSE, _MOST_STEPS) or _steps(best, _IN_TIMES, _MOST_STEPS)
        chosen.sort(key=lambda sentence: sentence.passage.briefing.date)
    elif wants == "latest":
        chosen = _steps(best, _IN_LATEST, _MOST_STEPS)
        chosen.sort(key=lambda sentence: sentence.passage.briefing.date, reverse=True)
        chosen = _how_it_stands(chosen, best, reading.question.text)[:_MOST_QUOTES]
        chosen = _brought_up_to_date(chosen, best, reading.question)
    elif _IS_IT_SO.search(reading.question.text):  # what came of it, before what it was
        chosen = _steps(best, _IN_STATE, _MOST_QUOTES)
        chosen += _rivals(chosen, best, reading.question)
        chosen.sort(key=lambda sentence: sentence.passage.briefing.date, reverse=True)
    else:
        chosen = _until_sure(reading)
        chosen += _rivals(chosen, best, reading.question)
        chosen = _brought_up_to_date(chosen, best, reading.question)
    also = [sentence for sentence, _ in best if sentence not in chosen]
    return [[sentence, *_repeats(reading.question, sentence, also)] for sentence in chosen]


def _brought_up_to_date(
    chosen: Sequence[Sentence], best: Sequence[tuple[Sentence, float]], question: Question
) -> list[Sentence]:
    """Before a figure the newest that is given of the same thing, unless a time is asked for."""
    figures = find_figures(question.text)
    if _OF_A_TIME.search(question.text) or any(figure.kind == "date" for figure in figures):
        return list(chosen)
    first = chosen[0]
    newer = [
        sentence
        for sentence, score in best
        if score >= best[0][1] - _TELLING
        and sentence.passage.briefing.date > first.passage.briefing.date
        and (
            any(
                not (agree(one, other) or agree(other, one))
                for one, other in of_one_thing(first.text, sentence.text)
            )
            or (
                _gives_asked(question, first, sentence)
                and _names_as_much(question, sentence, first)
            )
        )
    ]
    if not newer:
        return list(chosen)
    newest = max(newer, key=lambda sentence: sentence.passage.briefing.date)
    return [newest, *(sentence for sentence in chosen if sentence != newest)][:_MOST_QUOTES]


def _gives_asked(question: Question, one: Sentence, other: Sentence) -> bool:
    """Whether two sentences give a figure in the unit asked in, or in one unit where none is."""
    mine, yours = (
        [f for f in find_figures(s.text) if f.kind != "date" and f.unit] for s in (one, other)
    )
    if asks_unit(question):
        return all(any(in_unit_asked(question, f) for f in own) for own in (mine, yours))
    asks_amount = bool(question.kinds & {"amount", "money", "share"})
    return asks_amount and bool({f.unit for f in mine} & {f.unit for f in yours})


def _names_as_much(question: Question, sentence: Sentence, other: Sentence) -> bool:
    """Whether a sentence, with its heading, holds about as much of a question as another."""
    asked = set(question.pairs)
    mine, yours = (
        len(asked & pairs_of(" ".join((*s.passage.section.path, s.text))))
        for s in (sentence, other)
    )
    return mine >= _AS_MUCH * yours


def _how_it_stands(
    chosen: Sequence[Sentence], best: Sequence[tuple[Sentence, float]], question: str
) -> list[Sentence]:
    """Of the newest issue read the likeliest sentence first, where its state at large is asked."""
    if not _STATE.search(question):
        return list(chosen)
    newest = max(sentence.passage.briefing.date for sentence, _ in best)
    latest = next(sentence for sentence, _ in best if sentence.passage.briefing.date == newest)
    return [latest, *(sentence for sentence in chosen if sentence != latest)]


def _telling_moves(
    best: Sequence[tuple[Sentence, float]], question: str
) -> list[tuple[Sentence, float]]:
    """The sentences that tell of a rise or fall of what the likeliest one does, if asked for."""
    if not asks_moves(question):
        return []
    told = [(each, {move.unit for move in moves_told(each[0].text, question)}) for each in best]
    units = next((units for _, units in told if units), set())
    return [each for each, of in told if of & units]


def _of_each(best: Sequence[tuple[Sentence, float]], compared: Sequence[str]) -> list[Sentence]:
    """The likeliest sentences that between them tell of all things compared.

    One that tells of all says most, the newest first; else the likeliest of each.
    """
    whole = [each for each in best if all(_tells_of(each[0], thing) for thing in compared)]
    if whole and whole[0][1] >= best[0][1] - _IN_TIMES:
        steps = _steps(whole, _IN_TIMES, _MOST_WHOLE)
        return sorted(steps, key=lambda s: s.passage.briefing.date, reverse=True)
    near = [sentence for sentence, score in best if score >= best[0][1] - _IN_COURSE]
    chosen: list[Sentence] = []
    missing = set(compared)
    for sentence in near:
        if things := {thing for thing in missing if _tells_of(sentence, thing)}:
            chosen.append(sentence)
            missing -= things
    return chosen or near[:1]


def _tells_of(sentence: Sentence, thing: str) -> bool:
    """Whether a sentence or its heading has nearly all characters of a name: 钠电 of 钠离子电池."""
    text = squeezed(" ".join((*sentence.passage.section.path, sentence.text)))
    characters = squeezed(thing)
    return sum(char in text for char in characters) >= _NEARLY_ALL * len(characters)


def _until_sure(reading: Reading) -> list[Sentence]:
    """The best sentences until one of them answers with good chance, those that repeat left out."""
    chances = np.exp(reading.scores - reading.scores[0])
    chances /= chances.sum()
    chosen = _telling_first(reading)
    sure = 0.0
    for sentence, chance in zip(reading.sentences, chances.tolist(), strict=True):
        if sure >= _SURE or len(chosen) == _MOST_QUOTES:
            break
        sure += chance
        if not any(_answers_the_same(reading.question, sentence, other) for other in chosen):
            chosen.append(sentence)
    return chosen


def _telling_first(reading: Reading) -> list[Sentence]:
    """The likeliest sentence that gives a reason, or the most or least, where one is asked for."""
    text = reading.question.text
    telling = [*filter(None, [telling_extreme(text)])]
    if "why" in reading.question.kinds:
        telling = [REASON]
    for sentence, score in zip(reading.sentences, reading.scores.tolist(), strict=True):
        if score < reading.scores[0] - _TELLING:
            break
        if any(tells.search(sentence.text) for tells in telling):
            return [sentence]
    return []


def _steps(best: Sequence[tuple[Sentence, float]], margin: float, most: int) -> list[Sentence]:
    """The best sentence of each briefing that is not far behind the best of all."""
    chosen: list[Sentence] = []
    for sentence, score in best:
        if score < best[0][1] - margin or len(chosen) == most:
            break
        taken = {other.passage.briefing.id for other in chosen}
        if sentence.passage.briefing.id not in taken and not any(
            _says_the_same(sentence.text, other.text, is_one_briefing=False) for other in chosen
        ):
            chosen.append(sentence)
    return chosen


def _repeats(
    question: Question, sentence: Sentence, others: Sequence[Sentence]
) -> Iterator[Sentence]:
    """Up to two sentences of other passages that say the same, such as in the abstract."""
    found = 0
    for other in others:
        if found == _MOST_QUOTES - 1:
            return
        is_other = other.passage.id != sentence.passage.id
        if is_other and _answers_the_same(question, sentence, other):
            found += 1
            yield other


def _answers_the_same(question: Question, one: Sentence, other: Sentence) -> bool:
    """Whether two sentences say the same, or two of one briefing give the same figure asked for."""
    is_one_briefing = one.passage.briefing.id == other.passage.briefing.id
    if _says_the_same(one.text, other.text, is_one_briefing):
        return True
    titles = {one.passage.section.title, other.passage.section.title}
    if is_one_briefing and ABSTRACT_TITLE in titles and len(titles) > 1:
        few, many = sorted((pairs_of(one.text), pairs_of(other.text)), key=len)
        if len(few & many) > _SUMS_UP * len(few):
            return True
    if not (is_one_briefing and asks_unit(question)):
        return False
    mine, yours = (
        next((f for f in find_figures(text) if in_unit_asked(question, f)), None)
        for text in (one.text, other.text)
    )
    return mine is not None and yours is not None and agree(mine, yours)


def _says_the_same(one: str, other: str, is_one_briefing: bool) -> bool:
    """Whether two sentences share most of their pairs, and their figures.

    In one briefing one may leave figures out, as the abstract does; in two that may be news.
    """
    mine, yours = pairs_of(one), pairs_of(other)
    if len(mine & yours) <= SAME * min(len(mine), len(yours)):
        return False
    few, many = sorted((find_figures(one), find_figures(other)), key=len)
    if not is_one_briefing and len(few) != len(many):
        return False
    return all(any(agree(f, g) or agree(g, f) for g in many) for f in few)


def _rivals(
    chosen: Sequence[Sentence], best: Sequence[tuple[Sentence, float]], question: Question
) -> list[Sentence]:
    """The likeliest sentence that gives another figure for what the first one chosen is about."""
    first = chosen[0]
    for sentence, score in best:
        if score < best[0][1] - _AT_ODDS:
            break
        is_other = sentence.passage.id != first.passage.id and sentence not in chosen
        if is_other and asked_at_odds(first.text, sentence.text, question):
            return [sentence]
    return []

"""Answers without a language model: sentences of the archive, quoted verbatim and cited.

What the sentences are worth is `archive.asking.reading`'s; here the fewest that answer are chosen,
put in
order, and said to be missing or at odds where they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from archive.asking.figures_at_odds import SAME, at_odds, pairs_of
from archive.asking.leads import days_meant
from archive.asking.moves import asks_moves, moves_told
from archive.asking.reading import Reading
from archive.asking.records import Conflict
from archive.asking.requirements import objections, unstated_kind
from archive.chinese.figure import Figure, agree
from archive.chinese.figures import find_figures
from archive.chinese.search_form import squeezed
from archive.evidence.features import REASON, Sentence, passage_sentences
from archive.evidence.question import Question, read_question
from archive.records import ABSTRACT_TITLE, Citation, Passage, day_range

SUPPORTED, SUPPORTED_IF_NAMED = 0.3, 0.1
"""The chance of an answer from which one is given: to refuse one that is there is the worse. Where
the subject is named as it was asked for, what is found of it is seldom beside the question.
"""

_MOST_QUOTES, _MOST_STEPS = 3, 6
_SUMS_UP = 0.4
"""The share of pairs that an abstract's sentence has in common with one it sums up."""
_SURE = 0.8
"""Quotes are added until one of them is the answer with this chance, by a softmax of the scores."""
_IN_COURSE, _IN_LATEST, _IN_TIMES = 8.0, 5.0, 4.0
"""How far behind the best a sentence may be to be a step of a course of events, the latest, or one
of the times that something happened.
"""
_MOST_WHOLE, _NEARLY_ALL = 2, 0.8
"""Quotes of sentences that tell of all things compared; characters of a name that one has."""
_IS_IT_SO = re.compile("吗|是不是|是否|有没有|了没|没有$|不$|成了?没|能不能")
"""What asks whether something is so, which may have changed since."""
_OVER_TIME = re.compile(
    "[两三几]期|前后|前头|[两三]稿|同比|[0-9一二三四五六七八九十]月.*[0-9一二三四五六七八九十]月"
)
"""What asks for one thing at two times."""
_GIVES_REASON = 5.0
"""How far behind the best a sentence may be to be quoted first for giving the reason asked for."""
_AT_ODDS = 4.0
"""How far behind the best a sentence may be to be shown for giving another figure."""
_SAME_TIME = 10
"""Days between two issues whose figures for one thing should agree."""
_LONGEST_QUOTE = 220
_REFERS_BACK = re.compile(
    r"(?:[他她它]们?|其(?![中他它实次余间])|该|此(?![外前后])|这|上述|前述|对此|此举|公司|双方|前者|后者)"
    r"|(?:it|this|that|they|he|she)\b",
    re.IGNORECASE,
)

Cite = Callable[[int, Passage, int, int], Citation | None]


@dataclass(frozen=True, slots=True)
class Quotes:
    """What answers one part of a question: each quote with the citations that say the same.

    `objections` say why the question can't be answered as it is put.
    """

    part: str
    quotes: tuple[tuple[Citation, ...], ...]
    objections: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    is_said: bool = False
    """Whether a part before it quotes what answers this one too."""

    @property
    def is_missing(self) -> bool:
        return not (self.quotes or self.is_said)

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(citation for merged in self.quotes for citation in merged)


def quotes_for(
    part: str,
    reading: Reading,
    cite: Cite,
    before: Sequence[Quotes] = (),
    least: float = SUPPORTED,
    compared: Sequence[str] = (),
) -> Quotes:
    """The quotes that answer a part of a question; none if the chance of that is less than `least`.

    They are numbered on from the parts `before`, and what these quote isn't quoted again. `cite`
    gives None for what doesn't stand on its page, which is then passed over. Of things `compared`
    each is quoted for.
    """
    gathered = reading.gathered
    objected = objections(
        read_question(part),
        gathered.weights,
        [candidate.passage for candidate in gathered.candidates],
        reading.sentences[0].text if reading.sentences else "",
    )
    if objected or reading.probability < least:
        return Quotes(part, (), objected)
    quotes: list[tuple[Citation, ...]] = []
    said = {(c.passage.id, c.quote) for other in before for c in other.citations}
    number = 1 + sum(len(other.citations) for other in before)
    is_said = False
    quoted: list[tuple[str, int, int]] = []
    for group in _groups(reading, compared):
        made: list[Citation] = []
        for sentence in group:
            span = _not_yet_quoted(sentence, quoted)
            if span is None:
                continue
            quoted.append((span[0].id, *span[1:]))
            citation = cite(number + len(made), *span)
            if citation and (citation.passage.id, citation.quote) in said:
                is_said = True
            elif citation:
                made.append(citation)
        if made:
            quotes.append(tuple(made))
            number += len(made)
    unstated = unstated_kind(part, [c.quote for merged in quotes for c in merged])
    if quotes and unstated:
        return Quotes(part, (), unstated)
    conflicts = _conflicts(reading.question, quotes) if reading.question.wants == "fact" else ()
    return Quotes(part, tuple(quotes), (), tuple(conflicts), is_said)


def compose(answered: Sequence[Quotes]) -> str:
    """The answer as text: each quote with the numbers of its citations, then what is to be said."""
    lines = [
        merged[0].quote
        + days_meant(merged[0])
        + "".join(f"[{citation.number}]" for citation in merged)
        for quotes in answered
        for merged in quotes.quotes
    ]
    lines += [conflict.line for quotes in answered for conflict in quotes.conflicts]
    lines += [_not_found(quotes) for quotes in answered if quotes.is_missing]
    return "\n".join(lines)


def _not_found(quotes: Quotes) -> str:
    why = f"（{'；'.join(quotes.objections)}）" if quotes.objections else ""
    return f"关于“{quotes.part.strip('，,。？?； ')}”，档案中没有找到依据{why}。"


# --- choosing ------------------------------------------------------------------------------------


def _groups(reading: Reading, compared: Sequence[str]) -> list[list[Sentence]]:
    """The sentences to quote, in order, each with those that say the same."""
    wants = reading.question.wants
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
        chosen = chosen[:_MOST_QUOTES]
    else:
        chosen = _until_sure(reading)
        chosen += _rivals(chosen, best, reading.question)
        if _IS_IT_SO.search(reading.question.text):  # what came of it, before what it was
            chosen.sort(key=lambda sentence: sentence.passage.briefing.date, reverse=True)
    also = [sentence for sentence, _ in best if sentence not in chosen]
    return [[sentence, *_repeats(reading.question, sentence, also)] for sentence in chosen]


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
    chosen = _telling_why(reading)
    sure = 0.0
    for sentence, chance in zip(reading.sentences, chances.tolist(), strict=True):
        if sure >= _SURE or len(chosen) == _MOST_QUOTES:
            break
        sure += chance
        if not any(_answers_the_same(reading.question, sentence, other) for other in chosen):
            chosen.append(sentence)
    return chosen


def _telling_why(reading: Reading) -> list[Sentence]:
    """The likeliest sentence that gives a reason, where one is asked for."""
    if "why" not in reading.question.kinds:
        return []
    for sentence, score in zip(reading.sentences, reading.scores.tolist(), strict=True):
        if score < reading.scores[0] - _GIVES_REASON:
            break
        if REASON.search(sentence.text):
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
    if not (is_one_briefing and question.measures):
        return False
    mine, yours = (
        next((f for f in find_figures(text) if _is_asked(f, question)), None)
        for text in (one.text, other.text)
    )
    return mine is not None and yours is not None and agree(mine, yours)


def _is_asked(figure: Figure, question: Question) -> bool:
    """Whether a figure is in a measure that the question asks with: 家 of 多少家企业."""
    return bool(figure.unit) and any(m.startswith(figure.unit) for m in question.measures)


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


def _not_yet_quoted(
    sentence: Sentence, quoted: Sequence[tuple[str, int, int]]
) -> tuple[Passage, int, int] | None:
    """What to quote of a sentence beside what is `quoted`; None where that has it already."""
    passage, start, end = with_context(sentence)
    here = [(first, last) for passage_id, first, last in quoted if passage_id == passage.id]
    if any(first < end and start < last for first, last in here):
        start = sentence.start
    if any(first < end and start < last for first, last in here):
        return None
    return passage, start, end


def with_context(sentence: Sentence) -> tuple[Passage, int, int]:
    """What to quote of a sentence: with the one before it where it refers back to that."""
    start = sentence.start
    if _REFERS_BACK.match(sentence.text):
        before = [s for s in passage_sentences(sentence.passage) if s.end <= start]
        if before and sentence.end - before[-1].start <= _LONGEST_QUOTE:
            start = before[-1].start
    return sentence.passage, start, sentence.end


# --- figures at odds -----------------------------------------------------------------------------


def _rivals(
    chosen: Sequence[Sentence], best: Sequence[tuple[Sentence, float]], question: Question
) -> list[Sentence]:
    """The likeliest sentence that gives another figure for what the first one chosen is about."""
    first = chosen[0]
    for sentence, score in best:
        if score < best[0][1] - _AT_ODDS:
            break
        is_other = sentence.passage.id != first.passage.id and sentence not in chosen
        if is_other and _differ(first.text, sentence.text, question):
            return [sentence]
    return []


def _conflicts(question: Question, quotes: Sequence[Sequence[Citation]]) -> Iterator[Conflict]:
    """Where the quotes give different figures for what is asked."""
    leading = [merged[0] for merged in quotes]
    for one, other in combinations(leading, 2):
        if one.passage.id == other.passage.id or _days_apart(one, other) > _SAME_TIME:
            continue  # what changed since is no contradiction
        for figure, another in _differ(one.quote, other.quote, question):
            said = (
                (one.number, one.quote[figure.start : figure.end], one.briefing.date),
                (other.number, other.quote[another.start : another.end], other.briefing.date),
            )
            yield Conflict(tuple(sorted(said, key=lambda each: each[2])))
            break


def _differ(one: str, other: str, question: Question) -> list[tuple[Figure, Figure]]:
    """The figures asked for that two texts give differently."""
    if not question.kinds & {"amount", "money", "share"}:
        return []
    return at_odds(one, other, frozenset(question.pairs))


def _days_apart(one: Citation, other: Citation) -> int:
    first, second = (day_range(citation.briefing.date)[0] for citation in (one, other))
    return abs((first - second).days)

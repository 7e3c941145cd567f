"""Answers without a language model: sentences of the archive, quoted verbatim and cited.

What is quoted is chosen by `archive.asking.choosing`; here it becomes an answer, and is said to be
missing or at odds where it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from archive.asking.choosing import chosen_groups
from archive.asking.figures_at_odds import asked_at_odds
from archive.asking.leads import days_meant
from archive.asking.reading import Reading
from archive.asking.records import Conflict
from archive.asking.requirements import objections, unstated_kind
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.question import Question, read_question
from archive.records import Citation, Passage, day_range

SUPPORTED, SUPPORTED_IF_NAMED, SUPPORTED_IF_UNNAMED = 0.45, 0.35, 0.6
"""The chance of an answer from which one is given: to refuse one that is there is the worse. Where
the subject is named as it was asked for, what is found of it is seldom beside the question; where
not even the word that it begins with stands anywhere, it often is. Of
questions with an answer that nothing was learnt from every twenty-fifth has less.
"""

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
    for group in chosen_groups(reading, compared):
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


def _conflicts(question: Question, quotes: Sequence[Sequence[Citation]]) -> Iterator[Conflict]:
    """Where the quotes give different figures for what is asked."""
    leading = [merged[0] for merged in quotes]
    for one, other in combinations(leading, 2):
        if one.passage.id == other.passage.id or _days_apart(one, other) > _SAME_TIME:
            continue  # what changed since is no contradiction
        for figure, another in asked_at_odds(one.quote, other.quote, question):
            said = (
                (one.number, one.quote[figure.start : figure.end], one.briefing.date),
                (other.number, other.quote[another.start : another.end], other.briefing.date),
            )
            yield Conflict(tuple(sorted(said, key=lambda each: each[2])))
            break


def _days_apart(one: Citation, other: Citation) -> int:
    first, second = (day_range(citation.briefing.date)[0] for citation in (one, other))
    return abs((first - second).days)

"""Answers without a language model: sentences of the archive, quoted verbatim and cited.

The sentences that answer are picked out of the best passages by how much of the question they
hold (weighted by rarity), how near they are in meaning, and whether they hold the kind of thing
asked for. Where the evidence is not there the question is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from archive.catalog import Catalog
from archive.encoder import Encoder
from archive.keyword_index import KeywordIndex
from archive.records import Answer, Citation, Filter, Passage, Reference, Result
from archive.text import compact, fold, has_han, sentences

_PASSAGES, _PASSAGES_FOR_COURSE = 8, 16
_READ_FOR_SUPPORT = 3
_COMPARED = 24
"""How many sentences are compared by meaning; encoding one takes some 30 ms."""
REFUSAL = "档案中没有找到能回答这个问题的依据。"
_NEARBY = "相近的内容见下列段落；可以换个说法，或放宽日期与主题再问。"

# Weights of what makes a sentence an answer. A question without han shares few words with Chinese
# text, and those by chance, so that its meaning counts for more.
_COVER_WEIGHT, _MEANING_WEIGHT = 0.5, 0.3
_FOREIGN_COVER_WEIGHT, _FOREIGN_MEANING_WEIGHT = 0.15, 0.65
_PASSAGE_WEIGHT = 0.2
_KIND_WEIGHT = 0.15

# When the evidence is enough: set on 54 questions, 28 with an answer in the sample archive and 26
# without, for the default encoder. `lift` is how much nearer the best passage is to the question
# than the archive's topics are on average; without han in the question, words can't be counted.
_LIFT_WEIGHT = 7.0
_ENOUGH = 0.94
_ENOUGH_LIFT = 0.032

_SHORTEST_SENTENCE = 8
_CLOSE_TO_BEST, _CLOSE_IN_COURSE = 0.85, 0.6
_MOST_QUOTES = 3
_MOST_STEPS = 6

_COURSE = re.compile(
    r"变化|进展|历程|经过|演变|前后|走势|沿革|过程|how has .* changed|timeline", re.I
)
_LATEST = re.compile(r"最新|目前|现在|当前|最近|如今|latest|current|now\b", re.I)
_NUMBER = r"[\d〇一二三四五六七八九十百千万亿两]"
_KINDS = (
    # what asks, what answers
    (r"何时|哪天|哪一天|什么时候|几月|几号|哪年|when\b", r"\d\s*[年月日]|\d{4}-\d{2}|[季末初]"),
    (r"多少|几|价格|how (?:many|much)|what price", _NUMBER),
    (r"变化|进展|走势|演变", r"\d[\d,.]*\s*[^\s\d,.\-年月日号时分]"),  # a figure that is no date
    (
        r"谁|哪家|哪个|哪些|哪位|who\b|which\b",
        r"公司|集团|委员会|法院|部|局|[A-Z][a-z]+|表示|指出|宣布|会",
    ),
    (r"为什么|为何|原因|why\b", r"因为|由于|原因|因此|旨在|为了|导致|使得|驱动|源于"),
    (r"哪里|何地|哪儿|在哪|where\b", r"[省市县区州港]|北京|上海|位于|在"),
    (r"什么是|何谓|是什么意思|what is\b", r"是指|所谓|即|指的是|定义"),
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a passage, as code points [start, end) of its text."""

    passage: Passage
    start: int
    end: int
    passage_score: float
    score: float = 0.0

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]

    @property
    def in_context(self) -> str:
        """The sentence under its headings, which often name what it only refers to."""
        return f"{' '.join(self.passage.section.path)} {self.text}"


@dataclass(frozen=True, slots=True)
class _Question:
    """A question with its words' weights and its vector."""

    text: str
    weights: dict[str, float]
    vector: NDArray[np.float32]

    def cover(self, text: str) -> float:
        """The share of the question's words, by weight, that a text holds."""
        folded = compact(text).text
        total = sum(self.weights.values())
        held = sum(weight for word, weight in self.weights.items() if word in folded)
        return held / total if total else 0.0


def passages_to_read(question: str) -> int:
    """How many passages an answer is looked for in: a course of events is spread over more."""
    return _PASSAGES_FOR_COURSE if _COURSE.search(question) else _PASSAGES


def answer(
    text: str,
    where: Filter,
    results: Sequence[Result],
    *,
    catalog: Catalog,
    keyword_index: KeywordIndex,
    encoder: Encoder,
    background: NDArray[np.float32],
) -> Answer:
    """Answer a question out of the results of a search for it, or refuse.

    `background` are vectors (n, dimension) of texts that are near to any question of the field,
    such as the topics' descriptions.
    """
    coverage = catalog.coverage(where)
    quotes: Sequence[_Sentence] = ()
    if results:
        question = _Question(
            text, _weights(text, where, catalog, keyword_index), encoder.encode_query(text)
        )
        ranked = _rank_sentences(question, results, encoder)
        if ranked and _is_supported(question, results, catalog, background):
            quotes = _choose(question, ranked)
    citations = tuple(_citation(n, quote, catalog) for n, quote in enumerate(quotes, 1))
    newest = max((citation.passage.briefing.date for citation in citations), default=None)
    return Answer(
        question=text,
        supported=bool(citations),
        text=_compose(citations) if citations else REFUSAL + (_NEARBY if results else ""),
        citations=citations,
        coverage=replace(coverage, newest_evidence=newest),
        results=tuple(results),
        engine="extractive",
    )


def _weights(
    text: str, where: Filter, catalog: Catalog, keyword_index: KeywordIndex
) -> dict[str, float]:
    """The question's words, each with its rarity (inverse document frequency) in the archive.

    Words that ask for a course of events or the latest state are no part of what is sought.
    """
    sought = _LATEST.sub(" ", _COURSE.sub(" ", text))
    total = len(catalog.passage_ids(where))
    return {
        compact(term).text: math.log1p(total / (0.5 + keyword_index.count_term(term, where)))
        for term in keyword_index.terms(sought) or keyword_index.terms(text)
    }


def _rank_sentences(
    question: _Question, results: Sequence[Result], encoder: Encoder
) -> list[_Sentence]:
    """The results' sentences, best first."""
    found = [
        sentence
        for result in results
        for sentence in _sentences(result)
        if sentence.end - sentence.start >= _SHORTEST_SENTENCE
    ]
    if not found:
        return []
    by_cover, by_meaning = _COVER_WEIGHT, _MEANING_WEIGHT
    if not has_han(question.text):
        by_cover, by_meaning = _FOREIGN_COVER_WEIGHT, _FOREIGN_MEANING_WEIGHT

    def by_words(sentence: _Sentence) -> float:
        cover = (question.cover(sentence.text) + question.cover(sentence.in_context)) / 2
        return by_cover * cover + _PASSAGE_WEIGHT * sentence.passage_score

    found = sorted(found, key=by_words, reverse=True)[:_COMPARED]
    meanings = encoder.encode_sentences([sentence.text for sentence in found]) @ question.vector
    kinds = [answers for asks, answers in _KINDS if re.search(asks, question.text, re.I)]
    ranked = []
    for sentence, meaning in zip(found, meanings, strict=True):
        is_kind = bool(kinds) and all(re.search(kind, sentence.in_context) for kind in kinds)
        score = (
            by_words(sentence) + by_meaning * _stretched(float(meaning)) + _KIND_WEIGHT * is_kind
        )
        ranked.append(replace(sentence, score=score))
    return sorted(ranked, key=lambda sentence: -sentence.score)


def _stretched(cosine: float) -> float:
    """A cosine of this family of encoders, which lie between .7 and 1, spread over [0, 1]."""
    return min(1.0, max(0.0, (cosine - 0.7) / 0.25))


def _sentences(result: Result) -> list[_Sentence]:
    passage = result.passage
    found = []
    for start, end in sentences(passage.text):
        text = passage.text[start:end]
        start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
        if start < end:
            found.append(_Sentence(passage, start, end, result.score))
    return found


def _is_supported(
    question: _Question,
    results: Sequence[Result],
    catalog: Catalog,
    background: NDArray[np.float32],
) -> bool:
    """Whether the best passages are evidence for an answer."""
    passages = [result.passage for result in results[:_READ_FOR_SUPPORT]]
    cover = max(question.cover(f"{' '.join(p.section.path)} {p.text}") for p in passages)
    _, vectors = catalog.vectors([passage.id for passage in passages])
    usual = float(np.mean(background @ question.vector)) if len(background) else 0.8
    lift = float(np.max(vectors @ question.vector)) - usual
    if not has_han(question.text) and lift >= _ENOUGH_LIFT:
        return True
    return cover + _LIFT_WEIGHT * lift >= _ENOUGH


def _choose(question: _Question, ranked: Sequence[_Sentence]) -> list[_Sentence]:
    """The fewest sentences that answer: one, or those nearly as good that add something.

    A course of events takes the best sentence of each briefing, in order of date; a question for
    the latest state puts the newest first.
    """
    is_course = bool(_COURSE.search(question.text))
    bar = ranked[0].score * (_CLOSE_IN_COURSE if is_course else _CLOSE_TO_BEST)
    chosen: list[_Sentence] = []
    for sentence in ranked:
        if sentence.score < bar or len(chosen) == (_MOST_STEPS if is_course else _MOST_QUOTES):
            break
        briefing = sentence.passage.briefing.id
        if is_course and briefing in (other.passage.briefing.id for other in chosen):
            continue
        if all(not _says_the_same(sentence.text, other.text) for other in chosen):
            chosen.append(sentence)
    if is_course:
        chosen.sort(key=lambda sentence: sentence.passage.briefing.date)
    elif _LATEST.search(question.text):
        chosen.sort(key=lambda sentence: sentence.passage.briefing.date, reverse=True)
    return chosen


def _says_the_same(one: str, other: str) -> bool:
    """Whether two sentences share most of their character pairs, and one's figures are the
    other's.
    """
    pairs = [{text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other)]
    figures = [set(re.findall(r"\d[\d,.]*", text)) for text in (one, other)]
    alike = len(pairs[0] & pairs[1]) > 0.6 * min(len(pairs[0]), len(pairs[1]))
    return alike and (figures[0] <= figures[1] or figures[1] <= figures[0])


def _compose(citations: Sequence[Citation]) -> str:
    return "\n".join(f"{citation.quote}[{citation.number}]" for citation in citations)


def _citation(number: int, sentence: _Sentence, catalog: Catalog) -> Citation:
    passage = sentence.passage
    first, last = passage.pages_of(sentence.start, sentence.end)
    printed = catalog.printed_numbers(passage.briefing.id)
    return Citation(
        number=number,
        passage=passage,
        quote=sentence.text,
        pages=(first, last),
        printed=(printed[first], printed[last]),
        sources=_sources(passage, catalog.references(passage.briefing.id)),
    )


def _sources(passage: Passage, references: Sequence[Reference]) -> tuple[Reference, ...]:
    """The entries of 参考文献 the passage rests on: those whose outlet it names.

    They are narrowed by the days it names; of several entries of one outlet and day, the one whose
    title has most words in common with the passage is taken.
    """
    text = compact(f"{' '.join(passage.section.path)} {passage.text}").text
    named = [r for r in references if r.outlet and compact(r.outlet).text in text]
    candidates = [r for r in named if _names_day(text, r.date)] or named
    best: dict[tuple[str, str], Reference] = {}
    for reference in candidates:
        key = reference.outlet, reference.date
        if key not in best or _common(reference.title, text) > _common(best[key].title, text):
            best[key] = reference
    return tuple(best.values())


def _common(title: str, text: str) -> int:
    """How many Latin words, numbers and pairs of han of a title stand in a compact text."""
    latin = re.findall(r"[a-z0-9]{2,}", fold(title))
    folded = compact(title).text
    han = [pair for pair in map("".join, pairwise(folded)) if not pair.isascii()]
    return sum(part in text for part in {*latin, *han})


def _names_day(text: str, date: str) -> bool:
    """Whether a compact text names a day, as `4月30日`."""
    parts = date.split("-")
    if len(parts) != 3:
        return False
    return bool(re.search(rf"(?<!\d){int(parts[1])}月{int(parts[2])}日", text))

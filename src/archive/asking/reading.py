"""Reads the passages found for a question: how well each sentence answers, and whether any does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from archive.asking.close_reading import CloseReading, nothing_read, read_closely
from archive.asking.evidence_model import load_answer_model
from archive.asking.span_model import load_span_model
from archive.evidence.features import (
    FOR_ONE_ANSWER,
    Candidate,
    Evidence,
    Matrix,
    Sentence,
    describe_support,
    gather,
)
from archive.evidence.question import Question, Wants, read_question
from archive.evidence.sentence_vectors import SentenceVectors
from archive.index.keyword_index import KeywordIndex
from archive.index.query import plain_query
from archive.index.segmenter import Weight
from archive.index.vector_index import VectorIndex
from archive.records import Passage
from archive.search.search import Found, find
from archive.store.catalog import Catalog
from archive.store.selection import Selection

_PASSAGES, _PASSAGES_FOR_MANY = 8, 16
_MARGIN_WEIGHT, _TOGETHER = 0.5, 0.6
"""What the span model's log odds weigh beside a sentence's score by features, and what makes a
softmax of both the chance that a sentence answers. Of what neither learnt from, CMRC's and our own,
between 0.3 and 1 the most are answered, and at 0.6 the right sentences are likeliest.
"""
_ENOUGH_LIFT, _LIFT_SPREAD = 0.032, 0.006
"""Set on questions in English over the sample archive, for the default encoder."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found for a question, with what speaks for its sentences.

    `weights` are those of its own words, without what it takes over from the part before it.
    """

    question: Question
    weights: tuple[Weight, ...]
    found: Found
    selection: Selection
    candidates: tuple[Candidate, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Reading:
    """A question's sentences, best first, with their scores, and the chance that any answers it."""

    gathered: Gathered
    sentences: tuple[Sentence, ...]
    scores: NDArray[np.float64]
    closely: CloseReading
    probability: float

    @property
    def question(self) -> Question:
        return self.gathered.question

    def answer_within(self, passage: Passage, start: int, end: int) -> tuple[float, int, int]:
        """The likeliest answer that stands in [start, end) of a passage: its log odds and place."""
        found = [
            (margin, *span)
            for sentence, margin, span in zip(
                self.sentences,
                self.closely.margins.tolist(),
                self.closely.spans.tolist(),
                strict=True,
            )
            if sentence.passage.id == passage.id and start <= span[0] < span[1] <= end
        ]
        return max(found, default=(float("-inf"), start, start))


class Reader:
    """Reads with an archive's catalogue and both its indexes.

    `background` are texts near to any question of the field, such as the topics' descriptions.
    """

    def __init__(
        self,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        sentence_vectors: SentenceVectors,
        background: Sequence[str],
    ) -> None:
        self._catalog = catalog
        self._about = tuple(background)
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._vectors = sentence_vectors

    def read(
        self, text: str, selection: Selection, own: str = "", wants: Wants | None = None
    ) -> Reading:
        """Search for a question among the passages selected, and read what is found.

        `own` is what `text` itself asks where it was put into the context of another; `wants` is
        what it is known to want, by default what its words say.
        """
        gathered = self.gather(text, selection, own, wants)
        evidence = gathered.evidence
        if not evidence.sentences:
            return Reading(gathered, (), np.zeros(0), nothing_read(0), 0.0)
        by_features = load_answer_model().score(evidence.features)
        closely = self.read_closely(gathered, by_features)
        is_of_many = gathered.question.wants in ("course", "times")  # one mark is no part of these
        scores = by_features if is_of_many else weighed(by_features, closely)
        order = np.argsort(-scores, kind="stable")
        return Reading(
            gathered=gathered,
            sentences=tuple(evidence.sentences[at] for at in order.tolist()),
            scores=scores[order],
            closely=closely.take(order),
            probability=self._probability(gathered, scores, closely),
        )

    def read_closely(self, gathered: Gathered, scores: NDArray[np.float64]) -> CloseReading:
        """What the span model says of the sentences found, given their scores by features.

        Of words of another script it has learnt nothing.
        """
        sentences = gathered.evidence.sentences
        if gathered.question.is_foreign:
            return nothing_read(len(sentences))
        return read_closely(load_span_model(), gathered.question.text, sentences, scores)

    def _probability(
        self, gathered: Gathered, scores: NDArray[np.float64], closely: CloseReading
    ) -> float:
        """The chance that the archive holds an answer.

        Words of another script can't be compared, so that there meaning alone has to tell: how
        much nearer the best passage is to the question than the archive's topics are on average.
        """
        if gathered.question.is_foreign:
            vector = self._vector_index.encode(plain_query(gathered.question.text))
            usual = float(np.mean(self._background @ vector)) if len(self._background) else 0.8
            nearest = float(gathered.found.by_meaning.scores.max(initial=0.0))
            return float(1 / (1 + np.exp((_ENOUGH_LIFT - (nearest - usual)) / _LIFT_SPREAD)))
        features = self.describe_support(gathered, scores, closely)
        support = load_answer_model().support
        if gathered.question.wants != "fact":
            features[0, FOR_ONE_ANSWER] = np.maximum(
                features[0, FOR_ONE_ANSWER], support.mean[FOR_ONE_ANSWER]
            )
        return float(support.probability(features)[0])

    @cached_property
    def _background(self) -> NDArray[np.float32]:
        return self._vector_index.encoder.encode_sentences(self._about)

    def gather(
        self, text: str, selection: Selection, own: str = "", wants: Wants | None = None
    ) -> Gathered:
        """Search for a question, and describe the sentences of the best passages."""
        question = read_question(text)
        if wants is not None:
            question = replace(question, wants=wants)
        query = plain_query(text)
        weights = self._keyword_index.weights(selection.snapshot, query)
        is_apart = own and own != text
        own_weights = (
            self._keyword_index.weights(selection.snapshot, plain_query(own))
            if is_apart
            else weights
        )
        found = find(
            query,
            selection,
            mode="hybrid",
            keyword_index=self._keyword_index,
            vector_index=self._vector_index,
        )
        most = _PASSAGES if question.wants == "fact" else _PASSAGES_FOR_MANY
        ids = found.ranking.head(most).ids
        if not ids:
            return Gathered(
                question, own_weights, found, selection, (), gather(question, (), (), _nothing)
            )
        vector = self._vector_index.encode(query)
        passages = {passage.id: passage for passage in self._catalog.passages.get(ids)}
        columns = (
            found.ranking.scores_of(ids),
            found.by_word.scores_of(ids) / (found.expected or 1.0),
            self._vector_index.cosines(vector, selection.snapshot, ids),
        )
        candidates = tuple(
            Candidate(passages[passage_id], *described)
            for passage_id, *described in zip(ids, *(c.tolist() for c in columns), strict=True)
            if passage_id in passages  # one removed meanwhile is left out
        )
        evidence = gather(
            question,
            candidates,
            weights,
            lambda likely: self._vectors.of_sentences(likely) @ vector,
        )
        return Gathered(question, own_weights, found, selection, candidates, evidence)

    def describe_support(
        self, gathered: Gathered, scores: NDArray[np.float64], closely: CloseReading
    ) -> Matrix:
        """What speaks for the archive holding an answer, (1, features)."""
        found = gathered.found
        return describe_support(
            gathered.question,
            scores,
            gathered.evidence,
            gathered.candidates,
            found.by_meaning.scores[:50],
            found.by_word.scores[:5] / (found.expected or 1.0),
            gathered.weights,
            np.column_stack((closely.margins, closely.answerable)),
        )


def weighed(by_features: NDArray[np.float64], closely: CloseReading) -> NDArray[np.float64]:
    """The score of sentences out of that by features and what the span model says."""
    if not closely.is_any:
        return by_features
    return _TOGETHER * (by_features + _MARGIN_WEIGHT * closely.margins)


def _nothing(_: Sequence[Sentence]) -> NDArray[np.float32]:
    return np.zeros(0, np.float32)

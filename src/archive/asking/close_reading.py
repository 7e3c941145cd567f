"""Reads the likeliest passages closely: the answer within each sentence, and how likely it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.asking.evidence_model import Scores
from archive.asking.span_model import SpanModel
from archive.evidence.features import Sentence

_PASSAGES = 5
"""Passages that are read, those of the likeliest sentences; each takes some 30 ms. Eight answered
no more questions.
"""
_UNREAD = 3.0
"""How far behind the worst sentence read those of other passages are."""
_FARTHEST = -30.0
"""The log odds of what holds no word that could be an answer."""


@dataclass(frozen=True, slots=True)
class CloseReading:
    """What the span model says of sentences, each (n,).

    `margins` are the log odds of the likeliest answer within each, against there being none;
    `answerable` those that its passage holds any. That answer is `spans`, (n, 2), in code points
    of the passage's text; empty where nothing was read.
    """

    margins: Scores
    answerable: Scores
    spans: NDArray[np.int64]

    @property
    def is_any(self) -> bool:
        """Whether any of them was read."""
        return bool(self.spans.any())

    def take(self, order: NDArray[np.intp]) -> CloseReading:
        """That of the same sentences in another order."""
        return CloseReading(self.margins[order], self.answerable[order], self.spans[order])


def nothing_read(sentences: int) -> CloseReading:
    """Of sentences that the model can't read."""
    return CloseReading(
        np.zeros(sentences), np.zeros(sentences), np.zeros((sentences, 2), np.int64)
    )


def read_closely(
    model: SpanModel, question: str, sentences: Sequence[Sentence], scores: Scores
) -> CloseReading:
    """Read the passages of those sentences that score best."""
    in_order = (sentences[at].passage for at in np.argsort(-scores, kind="stable").tolist())
    passages = {passage.id: passage for passage in in_order}
    read = {
        passage.id: model.read(question, passage.section.title, passage.text)
        for passage in list(passages.values())[:_PASSAGES]
    }
    found = nothing_read(len(sentences))
    is_read = np.array([sentence.passage.id in read for sentence in sentences])
    for at in np.flatnonzero(is_read).tolist():
        spans = read[sentences[at].passage.id]
        odds, *span = spans.best(sentences[at].start, sentences[at].end)
        found.margins[at] = max(odds, _FARTHEST)
        found.answerable[at] = spans.answerable
        found.spans[at] = span
    found.margins[~is_read] = found.margins[is_read].min() - _UNREAD
    found.answerable[~is_read] = found.answerable[is_read].min()
    return found

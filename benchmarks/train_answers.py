"""Learns what weighs how much in an answer: python -m benchmarks.train_answers --data FOLDER

Writes data/answer_model: `sentences.onnx`, gradient-boosted trees (LambdaMART, Burges 2010) that
order the sentences of the passages found, and `support.json`, a logistic regression for the chance
that the archive holds an answer at all. Learnt from the development set of CMRC 2018 (CC BY-SA
4.0), asked of an archive of its passages, each question with and without the passage that answers
it, and from the tune half of `queries/answers.json`, since briefings are asked other things than
an encyclopedia, and those of one field lie closer together. The chance of an answer is learnt only
from questions that the span model wasn't trained on, and also from near misses, questions of SQuAD
2.0 in Chinese that their passages seem to answer. Needs the extra `train`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.asking.close_reading import CloseReading
from archive.asking.evidence_model import Scores, Support, combined
from archive.asking.reading import Gathered, Reader, weighed
from archive.evidence.features import SENTENCE_FEATURES, SUPPORT_FEATURES, Matrix
from archive.evidence.question import in_context, parts
from archive.evidence.sentence_vectors import SentenceVectors
from archive.index.encoder import open_encoder
from archive.index.query import plain_query
from archive.records import NO_FILTER
from benchmarks.answered import (
    FOLDS,
    Asked,
    cmrc_questions,
    fold_of,
    near_misses,
    own_questions,
    typed_questions,
)
from benchmarks.asking import second_archive
from benchmarks.build import Built, temporary
from benchmarks.corpora import ROOT, cmrc2018, sample_archive
from benchmarks.vector_cache import CachedEncoder

MODEL = ROOT / "data" / "answer_model"
_ROUNDS = 200
_TREES = {
    "objective": "lambdarank", "lambdarank_truncation_level": 5, "learning_rate": 0.05,
    "num_leaves": 15, "min_data_in_leaf": 40, "feature_fraction": 0.5, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambda_l2": 5, "verbose": -1, "num_threads": 2, "seed": 1,
    "deterministic": True,
}  # fmt: skip
_NEAR_EVERY = 3
"""Of the near misses every so many is read: each takes a quarter of a second."""
_OWN_IN_ORDER, _OWN_IN_SUPPORT, _NEAR_IN_SUPPORT = 5.0, 10.0, 0.5
"""What one of the few questions over the sample archive, or of the near misses, weighs."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with what was found for it.

    `holds` says which sentences answer it; `answered` whether any that could be found does.
    """

    asked: Asked
    reader: Reader
    gathered: Gathered
    holds: NDArray[np.bool_]
    answered: bool
    is_unseen: bool
    """Whether the span model wasn't trained on it."""

    @property
    def group(self) -> str:
        """What folds are made by: the passage that answers it, else the question's group."""
        if not self.holds.any():
            return self.asked.group
        return self.gathered.evidence.sentences[int(np.argmax(self.holds))].passage.id

    @property
    def features(self) -> Matrix:
        return self.gathered.evidence.features

    def read_closely(self, by_features: Scores) -> CloseReading:
        """What the span model says of its sentences, given their scores by features."""
        return self.reader.read_closely(self.gathered, by_features)

    def describe(self, by_features: Scores, closely: CloseReading) -> Matrix:
        """The features of its support, (1, features)."""
        scores = weighed(by_features, closely)
        return self.reader.describe_support(self.gathered, scores, closely)


Trees = Callable[[Matrix], Scores]


def cmrc_examples(questions: Sequence[Asked], built: Built) -> Iterator[Example]:
    """Each question twice: with the passage that answers it in the archive, and without."""
    reader = reader_of(built)
    for asked in questions:
        everything = built.keyword_index.select(
            built.catalog.snapshot(), plain_query(asked.text), NO_FILTER
        )
        for selection in (everything, everything.without(asked.group)):
            gathered = reader.gather(asked.text, selection)
            holds = [
                sentence.passage.id == asked.group and asked.holds(sentence.text)
                for sentence in gathered.evidence.sentences
            ]
            if holds:
                found = np.array(holds, dtype=np.bool_)
                is_whole = selection is everything
                yield Example(asked, reader, gathered, found, is_whole, asked.is_unseen)


def near_miss_examples(questions: Sequence[Asked], built: Built) -> Iterator[Example]:
    """Each question of SQuAD 2.0, asked of an archive of its passages."""
    reader = reader_of(built)
    for asked in questions[::_NEAR_EVERY]:
        selection = built.keyword_index.select(
            built.catalog.snapshot(), plain_query(asked.text), NO_FILTER
        )
        gathered = reader.gather(asked.text, selection)
        holds = [
            asked.supported and sentence.passage.id == asked.group and asked.holds(sentence.text)
            for sentence in gathered.evidence.sentences
        ]
        if holds:
            held = np.array(holds, np.bool_)
            yield Example(asked, reader, gathered, held, asked.supported, asked.is_unseen)


def own_examples(questions: Sequence[Asked], built: Built) -> Iterator[Example]:
    """Each part of each question in Chinese, asked of the sample archive."""
    reader = reader_of(built)
    for asked in questions:
        selection = built.keyword_index.select(
            built.catalog.snapshot(), plain_query(asked.text), NO_FILTER
        )
        of_question = parts(asked.text)
        for part in of_question:
            gathered = reader.gather(in_context(part, of_question[0]), selection, part)
            if gathered.evidence.sentences and not gathered.question.is_foreign:
                holds = [asked.holds(sentence.text) for sentence in gathered.evidence.sentences]
                is_there = asked.supported and not asked.is_missing(part)
                held = np.array(holds, np.bool_)
                yield Example(asked, reader, gathered, held, is_there, asked.is_unseen)


def reader_of(built: Built) -> Reader:
    """A reader of a benchmark's archive."""
    vectors = SentenceVectors(lambda: built.vector_index.encoder)
    return Reader(built.catalog, built.keyword_index, built.vector_index, vectors, ())


def train_trees(cmrc: Sequence[Example], own: Sequence[Example]) -> Any:
    """Trees learnt from those questions that have an answer, as LightGBM's booster."""
    import lightgbm

    weighed = [
        (e, weight)
        for some, weight in ((cmrc, 1.0), (own, _OWN_IN_ORDER))
        for e in some
        if e.answered and e.holds.any()
    ]
    answered = [example for example, _ in weighed]
    data = lightgbm.Dataset(
        np.concatenate([example.features for example in answered]),
        np.concatenate([example.holds.astype(int) for example in answered]),
        group=[len(example.holds) for example in answered],
        weight=np.concatenate([np.full(len(e.holds), weight) for e, weight in weighed]),
        feature_name=[name.replace(" ", "_") for name in SENTENCE_FEATURES],
    )
    return lightgbm.train(_TREES, data, _ROUNDS)


def scores_of(trees: Any, features: Matrix) -> Scores:
    """The scores of sentences as the archive combines them."""
    return combined(np.asarray(trees.predict(features, raw_score=True), np.float64), features)


@dataclass(frozen=True, slots=True)
class Measured:
    """What trees that didn't learn from an example say of it.

    Its sentences' scores by features, (n,); of one that the span model hasn't seen either, what
    that says and the features of its support, (1, features).
    """

    by_features: Scores
    closely: CloseReading | None
    support: Matrix | None

    @property
    def scores(self) -> Scores:
        """The scores of the sentences, (n,)."""
        return self.by_features if self.closely is None else weighed(self.by_features, self.closely)


def measured(trees: Any, example: Example) -> Measured:
    """What trees, and where it hasn't been trained on it the span model, say of an example."""
    by_features = scores_of(trees, example.features)
    if not example.is_unseen:
        return Measured(by_features, None, None)
    closely = example.read_closely(by_features)
    return Measured(by_features, closely, example.describe(by_features, closely))


def train_support(
    cmrc: Sequence[Example],
    own: Sequence[Example],
    near: Sequence[Example],
    said: Mapping[int, Measured],
) -> Support:
    """A logistic regression on unseen examples, given what is `said` of each by its `id()`.

    No weight is below 0: more of a feature never makes an answer less likely, which so few own
    questions would else suggest of some.
    """
    from scipy.optimize import minimize

    weighted = [
        (example, support, weight)
        for some, weight in ((cmrc, 1.0), (own, _OWN_IN_SUPPORT), (near, _NEAR_IN_SUPPORT))
        for example in some
        if (support := said[id(example)].support) is not None
    ]
    features = np.concatenate([support for _, support, _ in weighted]).astype(np.float64)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scaled = np.column_stack(((features - mean) / scale, np.ones(len(features))))
    signs = np.where([example.answered for example, _, _ in weighted], 1.0, -1.0)
    weights = np.array([weight for _, _, weight in weighted])

    def loss(values: Scores) -> tuple[float, Scores]:
        margins = signs * (scaled @ values)
        slopes = -signs * weights / (1 + np.exp(margins))
        penalty = np.append(values[:-1], 0.0)
        return (
            float((weights * np.logaddexp(0, -margins)).sum() + (penalty**2).sum() / 2),
            scaled.T @ slopes + penalty,
        )

    start = np.zeros(scaled.shape[1])
    bounds = [(0, None)] * (len(start) - 1) + [(None, None)]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return Support(mean, scale, found[:-1], float(found[-1]))


def cross_validated(
    cmrc: Sequence[Example], own: Sequence[Example], near: Sequence[Example]
) -> tuple[dict[int, Measured], dict[int, float]]:
    """What is said of examples not learnt from, and the chances of the unseen, by `id()`.

    No trees learn from the near misses.
    """
    said: dict[int, Measured] = {}
    chances: dict[int, float] = {}

    def without(fold: int, some: Sequence[Example]) -> list[Example]:
        return [e for e in some if fold_of(e.group) != fold]

    def within(fold: int) -> list[Example]:
        return [e for e in (*cmrc, *own, *near) if fold_of(e.group) == fold]

    for fold in range(FOLDS):
        trees = train_trees(without(fold, cmrc), without(fold, own))
        said |= {id(example): measured(trees, example) for example in within(fold)}
    for fold in range(FOLDS):
        model = train_support(without(fold, cmrc), without(fold, own), without(fold, near), said)
        for example in within(fold):
            if (features := said[id(example)].support) is not None:
                chances[id(example)] = float(model.probability(features)[0])
    return said, chances


def write(trees: Any, support: Support) -> None:
    """Write both models to data/answer_model."""
    MODEL.mkdir(parents=True, exist_ok=True)
    (MODEL / "sentences.onnx").write_bytes(as_onnx(trees))
    read = {
        "features": SUPPORT_FEATURES,
        "mean": support.mean.round(6).tolist(),
        "scale": support.scale.round(6).tolist(),
        "weights": support.weights.round(6).tolist(),
        "bias": round(support.bias, 6),
    }
    text = json.dumps(read, ensure_ascii=False, indent=1)
    (MODEL / "support.json").write_text(text + "\n", encoding="utf-8")


def as_onnx(trees: Any) -> bytes:
    """LightGBM's trees as an ONNX model of one output, the raw score."""
    import lightgbm
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    # The converter knows no ranking; the trees and their sum are those of a regression.
    plain = trees.model_to_string().replace("objective=lambdarank", "objective=regression")
    model = convert_lightgbm(
        lightgbm.Booster(model_str=plain),
        initial_types=[("features", FloatTensorType([None, len(SENTENCE_FEATURES)]))],
        target_opset=15,
    )
    written: bytes = model.SerializeToString()
    return written


def main() -> None:
    """Learn from all questions, and write what is learnt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds cmrc2018_dev.json")
    folder = parser.parse_args().data
    encoder = CachedEncoder(open_encoder(None))
    passages, unseen = near_misses(folder)
    with temporary(cmrc2018(folder).passages, encoder) as built, temporary(passages, encoder) as of:
        cmrc = list(cmrc_examples(cmrc_questions(folder), built))
        near = list(near_miss_examples(unseen, of))
        with sample_archive(None) as (_, samples), second_archive(folder / "news") as second:
            own = list(own_examples(own_questions("tune"), samples))
            own += own_examples(typed_questions("tune", "A"), samples)
            own += own_examples(typed_questions("tune", "B"), second)
            trees = train_trees(cmrc, own)
            # Support is learnt from scores that the trees give questions they don't know.
            said, _ = cross_validated(cmrc, own, near)
            write(trees, train_support(cmrc, own, near, said))
    print("written to", MODEL)


if __name__ == "__main__":
    main()

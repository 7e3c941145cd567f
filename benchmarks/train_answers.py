"""Learns what weighs how much in an answer: python -m benchmarks.train_answers --data FOLDER

Writes data/answer_model: `sentences.onnx`, gradient-boosted trees (LambdaMART, Burges 2010) that
order the sentences of the passages found, and `support.json`, a logistic regression for the chance
that the archive holds an answer at all. Learnt from the development set of CMRC 2018 (CC BY-SA
4.0), asked of an archive of its passages, each question with and without the passage that answers
it, and from the tune half of `queries/answers.json`, since briefings are asked other things than
an encyclopedia, and those of one field lie closer together. Needs the extra `train`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.asking.evidence_model import Scores, Support, combined
from archive.asking.reading import Gathered, Reader
from archive.evidence.features import SENTENCE_FEATURES, SUPPORT_FEATURES, Matrix
from archive.evidence.question import in_context, parts
from archive.evidence.sentence_vectors import SentenceVectors
from archive.index.encoder import open_encoder
from archive.index.query import plain_query
from archive.records import NO_FILTER
from benchmarks.answered import Asked, cmrc_questions, own_questions, typed_questions
from benchmarks.asking import second_archive
from benchmarks.build import Built, temporary
from benchmarks.corpora import ROOT, cmrc2018, sample_archive
from benchmarks.vector_cache import CachedEncoder

MODEL = ROOT / "data" / "answer_model"
FOLDS = 5
_ROUNDS = 200
_TREES = {
    "objective": "lambdarank", "lambdarank_truncation_level": 5, "learning_rate": 0.05,
    "num_leaves": 15, "min_data_in_leaf": 40, "feature_fraction": 0.5, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambda_l2": 5, "verbose": -1, "num_threads": 2, "seed": 1,
    "deterministic": True,
}  # fmt: skip
_OWN_IN_ORDER, _OWN_IN_SUPPORT = 5.0, 10.0
"""What one of the few questions over the sample archive weighs in learning each."""


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

    @property
    def group(self) -> str:
        """What folds are made by: the passage that answers it, else the question's group."""
        if not self.holds.any():
            return self.asked.group
        return self.gathered.evidence.sentences[int(np.argmax(self.holds))].passage.id

    @property
    def features(self) -> Matrix:
        return self.gathered.evidence.features

    def describe(self, scores: Scores) -> Matrix:
        """The features of its support, given its sentences' scores."""
        return self.reader.describe_support(self.gathered, scores)


Trees = Callable[[Matrix], Scores]


def fold_of(group: str) -> int:
    """The fold of a passage and of all its questions."""
    return int(hashlib.md5(group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


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
                yield Example(asked, reader, gathered, found, selection is everything)


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
                yield Example(asked, reader, gathered, np.array(holds, np.bool_), is_there)


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


def train_support(
    cmrc: Sequence[Example], own: Sequence[Example], scored: dict[int, Scores]
) -> Support:
    """A logistic regression on examples, given each one's scores by its `id()`.

    No weight is below 0: more of a feature never makes an answer less likely, which so few own
    questions would else suggest of some.
    """
    from scipy.optimize import minimize

    examples = [*cmrc, *own]
    features = np.concatenate([e.describe(scored[id(e)]) for e in examples]).astype(np.float64)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scaled = np.column_stack(((features - mean) / scale, np.ones(len(features))))
    signs = np.where([example.answered for example in examples], 1.0, -1.0)
    weights = np.array([1.0] * len(cmrc) + [_OWN_IN_SUPPORT] * len(own))

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
    cmrc: Sequence[Example], own: Sequence[Example]
) -> tuple[dict[int, Scores], dict[int, float]]:
    """Scores of sentences and chances of support, by `id()`, of what wasn't learnt from."""
    scored: dict[int, Scores] = {}
    chances: dict[int, float] = {}

    def without(fold: int, some: Sequence[Example]) -> list[Example]:
        return [e for e in some if fold_of(e.group) != fold]

    def within(fold: int) -> list[Example]:
        return [e for e in (*cmrc, *own) if fold_of(e.group) == fold]

    for fold in range(FOLDS):
        trees = train_trees(without(fold, cmrc), without(fold, own))
        scored |= {id(e): scores_of(trees, e.features) for e in within(fold)}
    for fold in range(FOLDS):
        model = train_support(without(fold, cmrc), without(fold, own), scored)
        for example in within(fold):
            features = example.describe(scored[id(example)])
            chances[id(example)] = float(model.probability(features)[0])
    return scored, chances


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
    with temporary(cmrc2018(folder).passages, CachedEncoder(open_encoder(None))) as built:
        cmrc = list(cmrc_examples(cmrc_questions(folder), built))
        with sample_archive(None) as (_, samples), second_archive(folder / "news") as second:
            own = list(own_examples(own_questions("tune"), samples))
            own += own_examples(typed_questions("tune", "A"), samples)
            own += own_examples(typed_questions("tune", "B"), second)
            trees = train_trees(cmrc, own)
            # Support is learnt from scores that the trees give questions they don't know.
            scored, _ = cross_validated(cmrc, own)
            write(trees, train_support(cmrc, own, scored))
    print("written to", MODEL)


if __name__ == "__main__":
    main()

"""The learnt weights of an answer's evidence; the only module that knows ONNX Runtime.

`sentences.onnx` orders the sentences of the passages found, `support.json` says how likely the
archive holds an answer at all; `benchmarks/train_answers.py` makes both, and says from what.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import ArchiveError
from archive.evidence.features import SENTENCE_FEATURES, SUPPORT_FEATURES, Matrix, by_rule
from archive.resources import shipped

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Scores = NDArray[np.float64]
Network = Callable[[NDArray[np.float32]], Sequence[Any]]
"""From a network's input to its outputs."""

_RULE_WEIGHT = 3.0
"""What the rule's score, up to about 1, weighs against that of the trees, -6 to 6.

Between 2 and 4 the questions over the sample archive are answered best, and CMRC's hardly worse.
"""

_SHARPNESS = 1.2
"""What makes a softmax of the scores the chance that a sentence answers, of what isn't learnt from.

Between 1.1 and 1.4 the likelihood of the right sentences is highest, CMRC's and our own.
"""


@dataclass(frozen=True, slots=True)
class Support:
    """A logistic regression over `SUPPORT_FEATURES`; `mean` and `scale` make these comparable."""

    mean: Scores
    scale: Scores
    weights: Scores
    bias: float

    def probability(self, features: Matrix) -> Scores:
        """The chance that the archive holds an answer, (n,), of features (n, features)."""
        logit = (features - self.mean) / self.scale @ self.weights + self.bias
        chance: Scores = 1 / (1 + np.exp(-logit))
        return chance

    @staticmethod
    def of(read: Mapping[str, Any]) -> Support:
        """From `support.json`; raises ValueError where it is about other features."""
        if tuple(read["features"]) != SUPPORT_FEATURES:
            raise ValueError("support.json is of other features")
        mean, scale, weights = (np.array(read[n], np.float64) for n in ("mean", "scale", "weights"))
        return Support(mean, scale, weights, float(read["bias"]))


class AnswerModel:
    """Orders sentences as answers, and says how likely there is one."""

    def __init__(self, trees: InferenceSession, support: Support) -> None:
        self._trees = trees
        self.support = support

    def score(self, features: Matrix) -> Scores:
        """How well sentences answer, (n,), of features (n, features); higher is better."""
        return combined(run_trees(self._trees, features), features)


def combined(by_trees: Scores, features: Matrix) -> Scores:
    """The score of sentences, as log odds, out of that of the trees and that of the rule."""
    return _SHARPNESS * (by_trees + _RULE_WEIGHT * by_rule(features))


def open_trees(model: bytes) -> InferenceSession:
    """An ONNX model ready to run; raises ValueError where it is about other features."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a few dozen rows are not worth waking a thread for
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    if session.get_inputs()[0].shape[-1] != len(SENTENCE_FEATURES):
        raise ValueError("sentences.onnx is of other features")
    return session


def open_network(graph: bytes, weights: Mapping[str, NDArray[Any]]) -> Network:
    """An ONNX graph of one input with its weights given apart, ready to run.

    On all cores, or as many as OMP_NUM_THREADS says, as the encoder.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    threads = os.environ.get("OMP_NUM_THREADS", "")
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
    # who waits for the next window would else spin on a core that others need
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    given = {name: onnxruntime.OrtValue.ortvalue_from_numpy(own) for name, own in weights.items()}
    options.add_external_initializers(list(given), list(given.values()))
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda values: session.run(None, {name: values})


def run_trees(session: InferenceSession, features: Matrix) -> Scores:
    """The trees' score of sentences, (n,)."""
    (scores,) = session.run(None, {session.get_inputs()[0].name: features})
    return np.asarray(scores, np.float64).reshape(-1)


@lru_cache(maxsize=1)
def load_answer_model(folder: Path | None = None) -> AnswerModel:
    """The model that comes with the package, or the one in a folder.

    Raises ArchiveError when its files are missing or damaged.
    """
    folder = folder or shipped("answer_model")
    try:
        support = Support.of(json.loads((folder / "support.json").read_text(encoding="utf-8")))
        return AnswerModel(open_trees((folder / "sentences.onnx").read_bytes()), support)
    except Exception as error:  # a damaged model fails in many of ONNX Runtime's ways
        raise ArchiveError(
            f"the model that weighs answers can't be read ({folder}: {error})",
            "install briefing-archive again",
        ) from error

"""A small model that reads question and passage together: where the answer stands, and whether.

It has the default encoder's own architecture and vocabulary (BERT, Devlin et al. 2019): its first
layers are the encoder's, the upper ones were trained on (`benchmarks/train_reader.py`), and what
changed is in `reader.npz`, four bits a weight. The first token stands for "no answer here", as in
SQuAD 2.0 (Rajpurkar et al. 2018). It runs in eight bits, without torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.asking.evidence_model import Network, open_network
from archive.chinese.simplified import simplified
from archive.errors import ArchiveError
from archive.index.default_model import EncoderWeights, default_model_folder
from archive.index.sentencepieces import Cut, open_pieces
from archive.resources import shipped

Floats = NDArray[np.float32]

_LAYERS = 12
_WINDOW, _OVERLAP = 256, 64
"""Tokens read at a time, and those that two windows of a long passage have in common."""
LONGEST_QUESTION, LONGEST_TITLE = 56, 24
LONGEST_ANSWER = 40
TOKEN_START, TOKEN_END = 0, 2
"""The tokens at both ends of a text, in XLM-R's vocabulary."""
_GROUP = 64
"""Weights that share a scale."""
_LEVELS = 63
"""In seven bits: where a processor adds up pairs of products in 16, eight would overflow."""


@dataclass(frozen=True, slots=True)
class Spans:
    """What the model says of a passage's tokens, each standing at [start, end) of its text.

    `begins` and `ends`, (t,), are the log odds, against there being no answer, that it begins or
    ends with the token; `answerable` those that the passage holds one at all.
    """

    places: NDArray[np.int32]
    begins: Floats
    ends: Floats
    answerable: float

    def best(self, start: int, end: int) -> tuple[float, int, int]:
        """The likeliest answer within code points [start, end): log odds, its start and end."""
        inside = np.flatnonzero((self.places[:, 0] >= start) & (self.places[:, 1] <= end))
        if not len(inside):
            return float("-inf"), start, start
        first, last = int(inside[0]), int(inside[-1]) + 1
        odds, at, to = likeliest(self.begins[first:last], self.ends[first:last])
        return odds, int(self.places[first + at, 0]), int(self.places[first + to, 1])


def likeliest(begins: Floats, ends: Floats) -> tuple[float, int, int]:
    """Of the log odds of tokens, (t,), to begin and to end an answer: the best, its first, last."""
    both = begins[:, None] + ends[None]
    short = np.triu(np.ones(both.shape, bool)) & np.tri(len(both), k=LONGEST_ANSWER - 1, dtype=bool)
    both = np.where(short, both, -np.inf)
    first, last = np.unravel_index(int(both.argmax()), both.shape)
    return float(both[first, last]), int(first), int(last)


class SpanModel:
    """Reads passages for a question."""

    def __init__(self, network: Network, encoder: EncoderWeights, cut: Cut) -> None:
        self._network = network
        self._encoder = encoder
        self._cut = cut
        self._asks, self._tells, self._stop = (
            self._cut(text)[0] for text in ("query:", "passage:", "。")
        )

    def read(self, question: str, title: str, text: str) -> Spans:
        """What the model says of the tokens of a passage under a heading."""
        asked = self._cut(simplified(question))[0][:LONGEST_QUESTION]
        heading = self._cut(simplified(title))[0][:LONGEST_TITLE]
        before = [TOKEN_START, *self._asks, *asked, TOKEN_END, *self._tells]
        if heading:
            before += [*heading, *self._stop]
        tokens, places = self._cut(simplified(text))
        begins = np.full(len(tokens), -np.inf, np.float32)
        ends = begins.copy()
        answerable = float("-inf")
        for first, last in _windows(len(tokens), _WINDOW - len(before) - 1):
            odds, holds = self._run([*before, *tokens[first:last], TOKEN_END])
            odds = odds - odds[0]
            inside = odds[len(before) : -1]
            np.maximum(begins[first:last], inside[:, 0], out=begins[first:last])
            np.maximum(ends[first:last], inside[:, 1], out=ends[first:last])
            answerable = max(answerable, holds)
        return Spans(np.array(places, np.int32).reshape(-1, 2), begins, ends, answerable)

    def _run(self, tokens: Sequence[int]) -> tuple[Floats, float]:
        """Log odds of each token to begin and to end the answer, (t, 2), and of there being one."""
        spans, holds = self._network(self._encoder.embed(tokens)[None])
        return np.asarray(spans, np.float32)[0], float(np.asarray(holds)[0, 0])


def _windows(tokens: int, room: int) -> Iterator[tuple[int, int]]:
    """The windows, [first, last), in which so many tokens are read."""
    first = 0
    while True:
        yield first, min(first + room, tokens)
        if first + room >= tokens:
            return
        first += room - _OVERLAP


@lru_cache(maxsize=1)
def load_span_model(folder: Path | None = None) -> SpanModel:
    """The model that comes with the package, or the one in a folder.

    Raises ArchiveError when its files, or the default encoder's, are missing or damaged.
    """
    folder = folder or shipped("answer_model")
    encoder_folder = default_model_folder()
    try:
        encoder = EncoderWeights(encoder_folder)
        with np.load(folder / "reader.npz", allow_pickle=False) as learnt:
            weights = network_weights(encoder, learnt)
        network = open_network((folder / "reader.onnx").read_bytes(), weights)
        return SpanModel(network, encoder, open_pieces(encoder_folder))
    except Exception as error:  # a damaged model fails in many of ONNX Runtime's ways
        raise ArchiveError(
            f"the model that reads passages can't be read ({folder}: {error})",
            "install briefing-archive again",
        ) from error


def network_weights(encoder: EncoderWeights, learnt: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The weights of the graph in `reader.onnx`: the encoder's with what was learnt.

    Matrices are int8, (inputs, outputs), with a scale for each output.
    """
    found: dict[str, NDArray[Any]] = {}

    def matrix(name: str) -> Floats:
        whole = encoder.tensor(f"{name}.weight")
        if f"{name}.weight.packed" not in learnt:
            return whole
        change = learnt[f"{name}.weight.packed"], learnt[f"{name}.weight.scale"]
        return whole + unpacked(*change)

    def vector(name: str) -> Floats:
        return np.asarray(learnt[name], np.float32) if name in learnt else encoder.tensor(name)

    def linear(name: str, *parts: str) -> None:
        rows = np.concatenate([matrix(part) for part in parts])
        scale = np.abs(rows).max(axis=1) / _LEVELS
        found[f"{name}.w"] = np.ascontiguousarray(np.rint(rows / scale[:, None]).astype(np.int8).T)
        found[f"{name}.s"] = scale
        found[f"{name}.b"] = np.concatenate([vector(f"{part}.bias") for part in parts])

    def norm(name: str, part: str) -> None:
        found[f"{name}.g"], found[f"{name}.bb"] = vector(f"{part}.weight"), vector(f"{part}.bias")

    norm("embeddings", "embeddings.LayerNorm")
    for number in range(_LAYERS):
        layer, own = f"encoder.layer.{number}", f"layer{number}"
        attention = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        linear(f"{own}.qkv", *attention)
        linear(f"{own}.out", f"{layer}.attention.output.dense")
        linear(f"{own}.up", f"{layer}.intermediate.dense")
        linear(f"{own}.down", f"{layer}.output.dense")
        norm(f"{own}.ln1", f"{layer}.attention.output.LayerNorm")
        norm(f"{own}.ln2", f"{layer}.output.LayerNorm")
    for name in ("span", "has"):
        weight = np.asarray(learnt[f"{name}.weight"], np.float32)
        found[f"{name}.w"] = np.ascontiguousarray(weight.T)
        found[f"{name}.b"] = np.asarray(learnt[f"{name}.bias"], np.float32)
    return found


def packed(change: Floats) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """A change of weights, (outputs, inputs), in four bits, two to a byte, and its scales."""
    outputs, inputs = change.shape
    grouped = change.reshape(outputs, inputs // _GROUP, _GROUP)
    scale = np.maximum(np.abs(grouped).max(axis=2) / 7, 1e-6).astype(np.float16)
    levels = np.clip(np.rint(grouped / scale[..., None].astype(np.float32)), -7, 7) + 8
    nibbles = levels.reshape(outputs, inputs).astype(np.uint8)
    return nibbles[:, ::2] | (nibbles[:, 1::2] << 4), scale


def unpacked(nibbles: NDArray[np.uint8], scale: NDArray[np.float16]) -> Floats:
    """The change that was `packed`."""
    outputs, bytes_each = nibbles.shape
    change = np.empty((outputs, 2 * bytes_each), np.float32)
    change[:, ::2], change[:, 1::2] = nibbles & 15, nibbles >> 4
    grouped = change.reshape(outputs, -1, _GROUP) - 8
    return (grouped * scale[..., None].astype(np.float32)).reshape(outputs, -1)

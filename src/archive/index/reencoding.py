"""Vectors of a new encoder, kept in files beside the catalogue until all passages have one."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.index.encoder import Encoder
from archive.index.vector_index import encoder_fingerprint
from archive.records import Passage
from archive.store.atomic_file import replacing
from archive.store.catalog import Catalog

FOLDERS = "reindex-*"
"""What the folders of half-built vectors in an archive's home are called."""
_CHUNK = 256
"""Passages to a file: as many as an interruption may cost, some 20 s of the default encoder."""
_KEY_BYTES = 16


class NewVectors:
    """The vectors an encoder has made so far, in a folder of their own in the archive's home.

    They are kept by a hash of the text that was encoded, so that an interrupted run goes on where
    it stopped, and passages edited since are encoded anew. Readers see nothing of them.
    """

    def __init__(self, home: Path, encoder: Encoder) -> None:
        digest = hashlib.sha256(encoder_fingerprint(encoder).encode()).hexdigest()
        self._folder = home / FOLDERS.replace("*", digest[:12])
        self._encoder = encoder
        self._row = np.dtype(
            [("key", f"S{2 * _KEY_BYTES}"), ("vector", np.float32, encoder.identity.dimension)]
        )
        self._vectors: dict[bytes, NDArray[np.float32]] = {}
        for path in self._folder.glob("*.npy"):
            self._read(path)

    def encode(self, catalog: Catalog, ids: Sequence[str], progress: Callable[[int], None]) -> None:
        """Encode those passages that aren't yet; `progress` is told how many are done."""
        self._folder.mkdir(exist_ok=True)
        for left in self._folder.glob("*.tmp"):
            left.unlink()
        for start in range(0, len(ids), _CHUNK):
            passages = catalog.passages.get(ids[start : start + _CHUNK])
            unknown = [p for p in passages if _key(p) not in self._vectors]
            if unknown:
                vectors = self._encoder.encode_documents([p.indexed_text for p in unknown])
                self._keep(unknown, vectors)
            progress(start + len(passages))

    def of(self, passages: Sequence[Passage]) -> NDArray[np.float32]:
        """The vectors of passages that were encoded, (passages, dimension)."""
        return np.array([self._vectors[_key(passage)] for passage in passages], np.float32)

    def _keep(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Write a file of vectors."""
        rows = np.empty(len(passages), self._row)
        rows["key"] = [_key(passage) for passage in passages]
        rows["vector"] = vectors
        path = self._folder / f"{hashlib.sha256(rows['key'].tobytes()).hexdigest()[:16]}.npy"
        with replacing(path) as file:
            np.save(file, rows)
        self._read(path)

    def _read(self, path: Path) -> None:
        """Add a file's vectors, which stay on the disk; a damaged file is deleted."""
        try:
            rows = np.load(path, mmap_mode="r")
            if rows.dtype != self._row or rows.ndim != 1:
                raise ValueError("vectors of another form")
        except (OSError, ValueError, EOFError):
            path.unlink()
            return
        self._vectors.update(zip(rows["key"].tolist(), rows["vector"], strict=True))


def drop_new_vectors(home: Path) -> None:
    """Delete the folders of all encoders' new vectors."""
    for folder in home.glob(FOLDERS):
        shutil.rmtree(folder)


def _key(passage: Passage) -> bytes:
    text = passage.indexed_text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=_KEY_BYTES).hexdigest().encode()

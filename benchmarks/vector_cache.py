"""Vectors kept between runs: encoding a benchmark's passages takes an hour, using them a second.

python -m benchmarks.vector_cache FOLDER [--cache FILE]

encodes the passages of all public data in FOLDER; interrupted, it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from archive.index.encoder import Encoder, EncoderIdentity, open_encoder
from benchmarks.corpora import cmrc2018, news

DEFAULT_CACHE = platformdirs.user_cache_path("briefing-archive") / "benchmark-vectors.sqlite3"
_CHUNK = 128


class CachedEncoder(Encoder):
    """The archive's encoder, with every vector it makes kept in a SQLite file."""

    def __init__(self, encoder: Encoder, file: Path = DEFAULT_CACHE) -> None:
        self.identity: EncoderIdentity = encoder.identity
        self._encoder = encoder
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, timeout=60, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB)")

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """As the encoder's; a text encoded before is not encoded again."""
        keys = [self._key("document", text) for text in texts]
        missing = [at for at, key in enumerate(keys) if self._get(key) is None]
        missing.sort(key=lambda at: -len(texts[at]))
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            vectors = self._encoder.encode_documents([texts[at] for at in chunk])
            with self._db:
                self._db.executemany(
                    "INSERT OR REPLACE INTO vector VALUES (?, ?)",
                    [
                        (keys[at], vector.tobytes())
                        for at, vector in zip(chunk, vectors, strict=True)
                    ],
                )
            if progress is not None:
                progress(len(texts) - len(missing) + start + len(chunk))
        return np.stack([self._known(key) for key in keys])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """As the encoder's, kept too."""
        key = self._key("query", text)
        found = self._get(key)
        if found is not None:
            return found
        vector = self._encoder.encode_query(text)
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO vector VALUES (?, ?)", (key, vector.tobytes()))
        return vector

    def encode_sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the encoder's, kept too."""
        return self.encode_documents(texts)

    def _key(self, kind: str, text: str) -> bytes:
        return hashlib.sha256(f"{self.identity}\n{kind}\n{text}".encode()).digest()

    def _get(self, key: bytes) -> NDArray[np.float32] | None:
        row = self._db.execute("SELECT value FROM vector WHERE key = ?", (key,)).fetchone()
        return np.frombuffer(row[0], np.float32) if row else None

    def _known(self, key: bytes) -> NDArray[np.float32]:
        vector = self._get(key)
        assert vector is not None
        return vector


def main() -> None:
    """Encode the passages of all public data into the cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder with cmrc2018_dev.json and news/")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    arguments = parser.parse_args()
    encoder = CachedEncoder(open_encoder(None), arguments.cache)
    for corpus in (cmrc2018(arguments.folder), news(arguments.folder)):
        texts = list(corpus.passages.values())
        encoder.encode_documents(texts, partial(_say, corpus.name, len(texts)))


def _say(name: str, total: int, done: int) -> None:
    print(name, done, "of", total, flush=True)


if __name__ == "__main__":
    main()

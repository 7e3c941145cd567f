"""Vectors of the archive's sentences, made when they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from archive.evidence.features import Sentence
from archive.index.encoder import Encoder

_REMEMBERED = 20_000
"""Sentences whose vectors are remembered; 384 numbers each, 30 MB in all."""


class SentenceVectors:
    """Vectors of sentences, the last used remembered."""

    def __init__(self, encoder: Callable[[], Encoder]) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int], NDArray[np.float32]] = OrderedDict()

    def of_sentences(self, sentences: Sequence[Sentence]) -> NDArray[np.float32]:
        """The sentences' vectors, (n, dimension)."""
        keys = [(sentence.passage.id, sentence.start) for sentence in sentences]
        with self._lock:
            made = {key: self._known[key] for key in keys if key in self._known}
        missing = [at for at, key in enumerate(keys) if key not in made]
        if missing:
            vectors = self._encoder().encode_sentences([sentences[at].text for at in missing])
            made |= {keys[at]: vector for at, vector in zip(missing, vectors, strict=True)}
        with self._lock:
            for key in keys:
                self._known[key] = made[key]
                self._known.move_to_end(key)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return np.stack([made[key] for key in keys])

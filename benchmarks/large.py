"""Archives of 1,000 and 100,000 passages of Chinese news, made once and kept.

The first passages are the distinct news items with the vectors the encoder gives them. Beyond
these, overlapping windows of the items fill up; encoding them too would take hours, so the vector
of each is its item's with seeded noise (cosine about .94 to it).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from datetime import timedelta
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from archive.index.encoder import open_encoder
from benchmarks.build import Built, Document, build, opened
from benchmarks.corpora import Corpus, news
from benchmarks.vector_cache import CachedEncoder

SIZES = 1_000, 100_000
CACHE = platformdirs.user_cache_path("briefing-archive")
TOPICS = 20
"""As many topics, each of the passages nearest to one vector: correlated with meaning, as real."""
_FIRST_DAY = Date(1999, 1, 1)
_OF_A_BRIEFING = 10
_WINDOW, _STRIDE = 278, 37
_NOISE = 0.36
_SEED = 0


def large(size: int, data: Path) -> tuple[Built, Corpus]:
    """The archive of so many passages, a briefing a day, and the news it is made of."""
    corpus = news(data)
    encoder = CachedEncoder(open_encoder(None))
    home = CACHE / f"archive-{size}"
    done = home / ".done"
    if not done.exists():
        texts, vectors = _passages(size, corpus, encoder)
        build(home, *_briefings(texts, vectors), encoder)
        done.touch()
    return opened(home, encoder), corpus


def _passages(
    size: int, corpus: Corpus, encoder: CachedEncoder
) -> tuple[list[str], NDArray[np.float32]]:
    """Texts and vectors, (size, dimension), in a seeded order."""
    items = list(corpus.passages.values())
    real = encoder.encode_documents(items)
    windows = [
        (text[start : start + _WINDOW], item)
        for item, text in enumerate(items)
        for start in range(0, max(1, len(text) - _WINDOW // 2), _STRIDE)
    ]
    random = np.random.default_rng(_SEED)
    wanted = max(0, size - len(items))
    if wanted > len(windows):
        raise SystemExit(f"the data gives {len(items) + len(windows)} passages, not {size}")
    chosen = [windows[at] for at in random.permutation(len(windows))[:wanted]]
    noise = random.standard_normal((wanted, real.shape[1])).astype(np.float32)
    noise *= _NOISE / np.sqrt(real.shape[1])
    near = real[[item for _, item in chosen]] + noise
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    texts = [*items, *(text for text, _ in chosen)]
    vectors = np.concatenate((real, near))
    order = random.permutation(len(texts))[:size]
    return [texts[at] for at in order], vectors[order]


def _briefings(
    texts: list[str], vectors: NDArray[np.float32]
) -> tuple[Iterator[list[Document]], Iterator[NDArray[np.float32]]]:
    centres = vectors[np.random.default_rng(_SEED).permutation(len(vectors))[:TOPICS]]
    topics = np.argmax(vectors @ centres.T, axis=1)
    starts = range(0, len(texts), _OF_A_BRIEFING)

    def documents() -> Iterator[list[Document]]:
        for number, start in enumerate(starts):
            day = (_FIRST_DAY + timedelta(number)).isoformat()
            yield [
                Document(f"p{at:06}", texts[at], day, topics=(f"topic {topics[at]}",))
                for at in range(start, min(start + _OF_A_BRIEFING, len(texts)))
            ]

    return documents(), (vectors[start : start + _OF_A_BRIEFING] for start in starts)

"""How long an answer takes at 100,000 passages: python -m benchmarks.ask_latency --data FOLDER

Warm, one client, without a language model, each question once, so that no sentence's vector is
known beforehand. Beside it what can't be saved: the search for the same question, and encoding
just the sentences that the answer had encoded, each put to the same process by turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.index.encoder import Encoder, open_encoder
from benchmarks.build import opened
from benchmarks.large import CACHE, SIZES, large
from benchmarks.latency import TERMS

_TITLES = 150
_ASKED = "{}最近有什么变化？", "{}的市场规模是多少？"
RATIO, P50, P95 = 1.3, 600.0, 1500.0


class Recording(Encoder):
    """An encoder that remembers which sentences it was last asked for."""

    def __init__(self, encoder: Encoder) -> None:
        self.identity = encoder.identity
        self._encoder = encoder
        self.texts: Sequence[str] = ()

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """As the encoder's."""
        return self._encoder.encode_query(text)

    def encode_sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the encoder's."""
        self.texts = texts
        return self._encoder.encode_sentences(texts)


def main() -> None:
    """Print the percentiles and their ratio; exit code 1 when one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder with the public data")
    size = SIZES[-1]
    _, corpus = large(size, parser.parse_args().data)
    encoder = Recording(open_encoder(None))
    archive = opened(CACHE / f"archive-{size}", encoder).archive
    step = len(corpus.questions) // _TITLES
    titles = [question.text for question in corpus.questions[::step]][:_TITLES]
    questions = [*titles, *(form.format(term) for term in TERMS for form in _ASKED)]
    for warming in ("稀土出口管制有什么变化？", "低空经济试点有多少个城市？"):
        archive.ask(warming)
        archive.search_page(warming)
    asked, bare, supported = [], [], 0
    for question in questions:
        encoder.texts = ()
        searched = _took(lambda q=question: archive.search_page(q, limit=8))  # type: ignore[misc]
        archive.search_page("低空经济")  # another query, so that nothing of this one is remembered
        answer = archive.ask(question)
        supported += answer.supported
        texts = encoder.texts
        encoded = _took(lambda t=texts: encoder.encode_sentences(t)) if texts else 0.0
        asked.append(answer.took_ms)
        bare.append(searched + encoded)
    print(f"{size} passages, {len(questions)} questions, {supported} of them answered")
    for name, times in (("ask", asked), ("search + encoding its sentences", bare)):
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:34} p50 {statistics.median(times):7.1f} ms  p95 {p95:7.1f} ms")
    ratio = statistics.median(asked) / statistics.median(bare)
    print(f"ratio of the medians {ratio:.2f} (target {RATIO})")
    is_slow = statistics.median(asked) > P50 or statistics.quantiles(asked, n=20)[-1] > P95
    sys.exit(is_slow or ratio > RATIO)


def _took(call: Callable[[], object]) -> float:
    clock = time.perf_counter()
    call()
    return (time.perf_counter() - clock) * 1000


if __name__ == "__main__":
    main()

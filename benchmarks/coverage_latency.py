"""How long a draft of 20 pages takes at 100,000 passages:
python -m benchmarks.coverage_latency --data FOLDER

The draft is made of news that the archive holds, every second item with its figures changed, to as
many characters as 20 pages have; the archive's storylines are linked first, once.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from archive.following.storylines import Linker, starts
from benchmarks.large import SIZES, large

PAGES, PER_PAGE = 20, 700
TARGET = 60.0
_SEED = 0


def main() -> None:
    """Print the time and what was found; exit code 1 when it took longer than the target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder with the public data")
    built, corpus = large(SIZES[-1], parser.parse_args().data)
    clock = time.perf_counter()
    linked = Linker(built.catalog, built.keyword_index, built.vector_index).link_new()
    print(f"{linked} passages linked in {time.perf_counter() - clock:.0f} s")
    live = built.catalog.snapshot()
    sizes = np.unique(starts(live, built.catalog.links(live)), return_counts=True)[1]
    print(f"{len(sizes)} storylines, the largest of {sizes.max()} passages")
    draft = _draft(list(corpus.passages.values()))
    built.archive.coverage("低空经济")
    clock = time.perf_counter()
    found = built.archive.coverage(draft)
    took = time.perf_counter() - clock
    statuses = Counter(part.status for part in found.parts)
    print(f"{len(draft)} characters, {len(found.parts)} parts ({dict(statuses)})")
    print(f"{took:.1f} s (target {TARGET:.0f} s)")
    sys.exit(took > TARGET)


def _draft(items: list[str]) -> str:
    paragraphs: list[str] = []
    for at in np.random.default_rng(_SEED).permutation(len(items)).tolist():
        text = " ".join(items[at].split())
        if len(paragraphs) % 2:
            text = re.sub(r"\d+", lambda match: str(int(match[0]) + 7), text)
        paragraphs.append(text)
        if sum(map(len, paragraphs)) >= PAGES * PER_PAGE:
            break
    return "\n".join(paragraphs)[: PAGES * PER_PAGE]


if __name__ == "__main__":
    main()

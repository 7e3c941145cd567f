"""How well passages are labelled with topics: python -m benchmarks.topics

Two readers who saw the topics' names and descriptions only labelled all 225 passages of the sample
archive (`queries/topics.json`), each without the other. Micro-F1 is over all labels.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from archive import Archive, Settings
from benchmarks.corpora import ingested_samples

LABELS = Path(__file__).parent / "queries" / "topics.json"
TARGET = 0.9
_BANDS = 0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01
Labels = Mapping[str, Sequence[str]]


def micro_f1(one: Labels, other: Labels) -> float:
    """The harmonic mean of precision and recall over all labels of all passages."""
    shared = sum(len(set(one[passage]) & set(other[passage])) for passage in other)
    return 2 * shared / (sum(map(len, one.values())) + sum(map(len, other.values())))


def main() -> None:
    """Print both figures; exit code 1 when one misses the target."""
    rows = json.loads(LABELS.read_text(encoding="utf-8"))
    readers = [{row["passage"]: row[name] for row in rows} for name in ("first", "second")]
    with ingested_samples() as home:
        passages = Archive.open(Settings(home))._catalog.passages.get(list(readers[0]))
    if len(passages) < len(rows):
        raise SystemExit(f"{len(rows) - len(passages)} labelled passages aren't in the archive")
    given = {passage.id: passage.topics for passage in passages}
    figures = [micro_f1(given, reader) for reader in readers]
    print(f"{len(rows)} passages; the readers agree by {micro_f1(*readers):.3f}")
    print(f"micro-F1 {figures[0]:.3f} and {figures[1]:.3f} (target {TARGET})")
    scored = [
        (label.score, label.name in reader[passage.id])
        for passage in passages
        for label in passage.labels
        for reader in readers
    ]
    for low, high in pairwise(_BANDS):
        band = [right for score, right in scored if low <= score < high]
        if band:
            print(
                f"score {low:.2f} to {high:.2f}: {sum(band) / len(band):.2f} of {len(band)} right"
            )
    sys.exit(min(figures) < TARGET)


if __name__ == "__main__":
    main()

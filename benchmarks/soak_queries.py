"""Ask the sample archive thousands of hostile queries: no exception, none slow, nothing changed.

make soak, or: python -m benchmarks.soak_queries [--count 10000] [--seed 0]
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive import Archive, Settings
from archive.records import Mode
from benchmarks.corpora import ingested_samples
from tests.hostile_queries import hostile_query

SLOW_SECONDS = 2.0
MODES: tuple[Mode, ...] = ("keyword", "hybrid", "semantic")


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a query."""

    seed: int
    seconds: float
    error: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.error) or self.seconds > SLOW_SECONDS


def soak(archive: Archive, seeds: Iterable[int]) -> Iterator[Asked]:
    """Ask the query of each seed, in one mode after the other."""
    archive.search_page("稀图")  # loading jieba, pypinyin and the encoder is no query's fault
    for seed in seeds:
        query = hostile_query(seed)
        clock = time.perf_counter()
        error = ""
        try:
            archive.search_page(query, mode=MODES[seed % len(MODES)])
        except Exception as raised:  # whatever it is, no query may raise it
            error = f"{type(raised).__name__}: {raised}"
        yield Asked(seed, time.perf_counter() - clock, error)


def stored(settings: Settings) -> str:
    """A digest of all that the catalogue's file holds."""
    return hashlib.sha256(settings.catalog.read_bytes()).hexdigest()


def main() -> None:
    """Soak, and say what failed; exit code 1 when anything did."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with ingested_samples() as home:
        failed = _soaked(Settings(home), range(arguments.seed, arguments.seed + arguments.count))
    sys.exit(1 if failed else 0)


def _soaked(settings: Settings, seeds: range) -> bool:
    before = stored(settings)
    asked: list[Asked] = []
    for one in soak(Archive.open(settings), seeds):
        asked.append(one)
        if len(asked) % 1000 == 0:
            print(f"{len(asked)} asked", file=sys.stderr, flush=True)
    slowest = sorted(asked, key=lambda one: one.seconds)
    failures = [one for one in asked if one.failed]
    for one in failures[:20]:
        print(f"seed {one.seed}: {one.seconds:.2f} s {one.error}")
    changed = stored(settings) != before
    print(
        f"{len(asked)} queries, {len(failures)} failed; "
        f"median {slowest[len(asked) // 2].seconds:.3f} s, longest {slowest[-1].seconds:.2f} s "
        f"(seed {slowest[-1].seed}); "
        f"the catalogue {'was CHANGED' if changed else 'is unchanged, byte by byte'}"
    )
    return bool(failures) or changed


if __name__ == "__main__":
    main()

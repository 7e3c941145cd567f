"""Read thousands of damaged and hostile PDFs: no crash, no hang, no worker beyond its memory.

make soak, or: python -m benchmarks.soak [--count 2000] [--seed 0] [--workers 2] [--extra FOLDER]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from pypdf import PdfReader

from archive.errors import ReadError
from benchmarks.memory import family, peak
from ingest.extract.limits import Limits
from ingest.reading.briefing_reader import ReadOptions
from ingest.reading.workers import read_files
from tests.mutations import mutate

ROOT = Path(__file__).resolve().parents[1]
LIMITS = Limits(seconds=30.0)
FAILURES = ("crashed", "timeout")
"""Codes that no damage excuses."""
_OPTIONS = ReadOptions(date="2026-01-01", ocr=False)
_BATCH = 100
_SAMPLES = 3
_SLOWEST = 10


@dataclass(frozen=True, slots=True)
class Mutant:
    """A source PDF and the seed of its damage."""

    source: Path
    seed: int

    def __str__(self) -> str:
        inside = self.source.is_relative_to(ROOT)
        return f"{self.source.relative_to(ROOT) if inside else self.source} {self.seed}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How reading a mutant ended: `read` or the code of the error, after how many seconds."""

    mutant: Mutant
    code: str
    seconds: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class Soaked:
    """The outcomes of a run and the most memory a worker took, where the system can tell."""

    outcomes: tuple[Outcome, ...]
    peak: int | None

    @property
    def failures(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.code in FAILURES]

    @property
    def fits(self) -> bool:
        """Whether every worker stayed within its memory."""
        return (self.peak or 0) <= LIMITS.memory


def sources() -> list[Path]:
    """The PDFs in the repository: all fixed ones, and a few samples, which are all alike."""
    samples = sorted((ROOT / "data" / "samples").glob("*.pdf"))[:_SAMPLES]
    return [*sorted((ROOT / "tests" / "data").rglob("*.pdf")), *samples]


def producer(source: Path) -> str | None:
    """The program that wrote a PDF, without its version; None where the file doesn't say."""
    reader = PdfReader(source)
    if reader.is_encrypted and not reader.decrypt(""):
        return None
    metadata = reader.metadata
    name = metadata and (metadata.producer or metadata.creator)
    return name.replace("-", " ").partition(" ")[0] if name else None


def mutants(files: Sequence[Path], count: int, seed: int) -> list[Mutant]:
    """So many mutants, the files in turn."""
    return [Mutant(files[number % len(files)], seed + number) for number in range(count)]


def soak(chosen: Sequence[Mutant], workers: int) -> Soaked:
    """Write the mutants and read them, each worker a share of its own, so that each is timed."""
    outcomes: list[Outcome] = []
    with _watched_workers() as watch, tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(chosen), _BATCH):
            batch = chosen[start : start + _BATCH]
            files = [(mutant, _written(mutant, Path(folder))) for mutant in batch]
            with ThreadPoolExecutor(workers) as pool:
                for found in pool.map(_read, [files[share::workers] for share in range(workers)]):
                    outcomes += found
                    _show([outcome for outcome in found if outcome.code in FAILURES])
            for _, path in files:
                path.unlink()
            if len(chosen) > _BATCH:
                print(f"{len(outcomes)} of {len(chosen)}", file=sys.stderr, flush=True)
    return Soaked(tuple(outcomes), watch.peak)


def _show(failures: Sequence[Outcome]) -> None:
    for outcome in failures:
        print(f"{outcome.code}: {outcome.mutant}: {outcome.message}", file=sys.stderr, flush=True)


def _written(mutant: Mutant, folder: Path) -> Path:
    path = folder / f"{mutant.source.stem}-{mutant.seed}.pdf"
    path.write_bytes(mutate(mutant.source.read_bytes(), mutant.seed))
    return path


def _read(files: Sequence[tuple[Mutant, Path]]) -> list[Outcome]:
    """A worker's share, one after the other."""
    read = timed([path for _, path in files], _OPTIONS, LIMITS)
    return [Outcome(mutant, *found) for (mutant, _), found in zip(files, read, strict=True)]


def timed(
    paths: Sequence[Path], options: ReadOptions, limits: Limits
) -> Iterator[tuple[str, float, str]]:
    """How reading each file in one worker ends, after how many seconds, and what is said of it."""
    start = time.perf_counter()
    for result in read_files(paths, options, workers=1, limits=limits):
        seconds = time.perf_counter() - start
        if isinstance(result, ReadError):
            yield result.code, seconds, result.message
        else:
            yield "read", seconds, ""
        start = time.perf_counter()


class _Watch:
    """Looks at the worker processes until told to stop, and keeps the most memory one took."""

    def __init__(self) -> None:
        self.peak: int | None = None
        self.stopped = Event()

    def look(self) -> None:
        while not self.stopped.wait(0.05):
            peaks = (peak(pid) for pid in family(os.getpid())[1:])
            self.peak = max((found for found in (self.peak, *peaks) if found), default=None)


@contextmanager
def _watched_workers() -> Iterator[_Watch]:
    watch = _Watch()
    thread = Thread(target=watch.look)
    thread.start()
    try:
        yield watch
    finally:
        watch.stopped.set()
        thread.join()


# --- the report ----------------------------------------------------------------------------------


def _report(soaked: Soaked) -> Iterator[str]:
    outcomes = soaked.outcomes
    by_code: defaultdict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        by_code[outcome.code].append(outcome.seconds)
    yield f"{'outcome':14}{'files':>7}{'median s':>10}{'longest s':>11}"
    for code, times in sorted(by_code.items(), key=lambda item: -len(item[1])):
        yield f"{code:14}{len(times):7}{statistics.median(times):10.2f}{max(times):11.2f}"
    times = [outcome.seconds for outcome in outcomes]
    yield f"{'all':14}{len(times):7}{statistics.median(times):10.2f}{max(times):11.2f}"
    most = "unknown" if soaked.peak is None else f"{soaked.peak / 2**20:.0f} MB"
    yield f"most memory of a worker: {most}, of {LIMITS.memory / 2**20:.0f} MB allowed"
    yield "\nslowest:"
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.seconds)[:_SLOWEST]:
        yield f"  {outcome.seconds:6.2f} s  {outcome.code:14}{outcome.mutant}"
    for code in (*FAILURES, "out_of_memory"):
        found = [outcome for outcome in outcomes if outcome.code == code]
        yield f"\n{code}: {len(found) or 'none'}"
        yield from (f"  {outcome.mutant}: {outcome.message}" for outcome in found)


def main() -> int:
    """Soak, print the report; 1 when a mutant crashed, hung, or took too much memory."""
    parser = argparse.ArgumentParser(description="Read damaged PDFs.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--extra", type=Path, help="a folder with more PDFs to damage")
    options = parser.parse_args()
    extra = sorted(options.extra.resolve().rglob("*.pdf")) if options.extra else []
    files = [*sources(), *extra]
    makes = Counter(producer(file) or "(not said)" for file in sources())
    print(f"{len(files)} sources; the repository's are by", ", ".join(sorted(makes)))
    soaked = soak(mutants(files, options.count, options.seed), options.workers)
    print("\n".join(_report(soaked)))
    return 0 if soaked.fits and not soaked.failures else 1


if __name__ == "__main__":
    sys.exit(main())

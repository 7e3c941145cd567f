"""Taking many briefings in, against the bare encoder and two assembled pipelines.

python -m benchmarks.ingest --data FOLDER [--pdfs 200] [--rounds 3] [--no-peers]
python -m benchmarks.ingest --data FOLDER --one [--rounds 5]

Each round makes an archive of the same PDFs, has the encoder alone encode the same passages, and
lets LangChain and LlamaIndex (extra `peers`) take the PDFs in with the same encoder, each in a
process of its own that has loaded the encoder and taken in one PDF before the clock starts. Ratios
are of one round, and the median of the rounds' is reported. `--one` adds one briefing at a time to
an archive of 100,000 passages in a process that has added others before.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event, Thread, get_ident
from typing import TYPE_CHECKING

from benchmarks.process_watch import watched

if TYPE_CHECKING:
    from types import FrameType

    from archive import Settings

RATIO_TARGET = 0.90
"""Of the bare encoder's passages per second."""
MEMORY_TARGET = 5 * 2**29
"""2.5 GB, over all processes."""
ONE_TARGET = 2.0, 1.0
"""Times the time to encode a briefing's passages, and seconds besides, that adding it may take."""
_LARGE = 100_000
_LONGEST = 330
"""Characters of a section, which then is one passage."""
_LOOK = 0.02
_STAGES = {
    "storing": ("_take_in",),
    "linking": ("link",),
    "reconciling": ("reconcile",),
    "waiting for the encoder": ("_encoded", "result"),
    "waiting for the readers": ("read_files",),
}
"""What the main thread is at, by the functions that are all on its stack."""


@dataclass(frozen=True, slots=True)
class Run:
    """One system's run: seconds by the clock and of processors, passages, bytes at most."""

    system: str
    seconds: float
    processor: float
    passages: int
    memory: int
    stages: dict[str, float]

    @property
    def rate(self) -> float:
        return self.passages / self.seconds


# --- in the measured process ----------------------------------------------------------------------


def measure(system: str, pdfs: Sequence[Path]) -> None:
    """Take the PDFs in by a system and print what it took, as JSON."""
    from archive.index.encoder import open_encoder

    encoder = open_encoder(None)
    encoder.encode_documents(["预热" * 100] * 16)
    run = _systems()[system]
    with TemporaryDirectory() as folder:
        run(pdfs[:1], Path(folder) / "warm")
        stages: Counter[str] = Counter()
        prepared = _passages_of(pdfs) if system == "encoder" else None
        with watched(os.getsid(0)) as taken, _sampled(stages):
            begin = time.perf_counter()
            if prepared is None:
                passages = run(pdfs, Path(folder) / "store")
            else:
                passages = len(encoder.encode_documents(prepared))
            seconds = time.perf_counter() - begin
    total = sum(stages.values()) or 1
    shares = {stage: count / total for stage, count in stages.items()}
    print(json.dumps([system, seconds, taken.processor, passages, taken.memory, shares]))


def _systems() -> dict[str, Callable[[Sequence[Path], Path], int]]:
    from archive.index.encoder import open_encoder
    from benchmarks.ingest_peers import langchain, llamaindex

    encoder = open_encoder(None)
    return {
        "archive": _ingest,
        "encoder": lambda pdfs, store: 0,
        "LangChain": lambda pdfs, store: langchain(pdfs, store, encoder),
        "LlamaIndex": lambda pdfs, store: llamaindex(pdfs, store, encoder),
    }


def _ingest(pdfs: Sequence[Path], home: Path) -> int:
    from archive import Settings
    from ingest.intake.bulk import IngestOptions, ingest

    report = ingest(pdfs, Settings(home), IngestOptions(), lambda *_: None)
    assert report.counts["new"] == len(pdfs), report.counts
    return sum(file.passages for file in report.files)


def _passages_of(pdfs: Sequence[Path]) -> list[str]:
    from ingest.reading.briefing_reader import AS_PRINTED
    from ingest.reading.workers import read_file

    files = (read_file(pdf, AS_PRINTED, pdf) for pdf in pdfs)
    return [passage.indexed_text for file in files for passage in file.passages]


@contextmanager
def _sampled(stages: Counter[str]) -> Iterator[None]:
    """Count what the main thread and the encoder's are at, fifty times a second."""
    main, ended = get_ident(), Event()

    def look() -> None:
        while not ended.wait(_LOOK):
            frames = sys._current_frames()
            functions = set(_functions(frames[main]))
            stage = next((s for s, own in _STAGES.items() if functions.issuperset(own)), "other")
            stages[stage] += 1

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _functions(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield frame.f_code.co_name
        frame = frame.f_back


# --- one briefing into a large archive ------------------------------------------------------------


def add_one_by_one(pdfs: Sequence[Path], data: Path) -> bool:
    """Add the PDFs one by one to 100,000 passages; whether the median stays within the target."""
    from archive import Settings
    from archive.index.encoder import open_encoder
    from benchmarks.large import CACHE, large

    large(_LARGE, data)
    encoder = open_encoder(None)
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(CACHE / f"archive-{_LARGE}", home, ignore=shutil.ignore_patterns("chroma"))
        _fill(Settings(home))
        _ingest(pdfs[:1], home)
        over = []
        factor, besides = ONE_TARGET
        for pdf in pdfs[1:]:
            texts = _passages_of([pdf])
            begin = time.perf_counter()
            encoder.encode_documents(texts)
            encoding = time.perf_counter() - begin
            begin = time.perf_counter()
            _ingest([pdf], home)
            adding = time.perf_counter() - begin
            over.append(adding - factor * encoding - besides)
            print(f"{len(texts)} passages: encoding {encoding:.2f} s, adding {adding:.2f} s, "
                  f"allowed {factor * encoding + besides:.2f} s")  # fmt: skip
        return statistics.median(over) <= 0


def _fill(settings: Settings) -> None:
    """Give Chroma all passages; their storylines were linked when the archive was made, or are."""
    from archive.chinese.lexicon import load_lexicon
    from archive.following.storylines import LINKED_BY, STORYLINES
    from archive.index.keyword_index import KeywordIndex
    from archive.index.vector_index import VECTOR_INDEX
    from archive.keeping.writing import open_writer

    with open_writer(settings, "filling") as writer:
        catalog = writer.catalog
        if len(catalog.links(catalog.snapshot())) == _LARGE:
            words = KeywordIndex(catalog, load_lexicon(settings.home)).fingerprint
            catalog.set_meta(STORYLINES, f"{LINKED_BY}; {catalog.meta(VECTOR_INDEX)}; {words}")
        writer.reconcile()


# --- the rounds and the report --------------------------------------------------------------------


def make_pdfs(folder: Path, count: int, data: Path) -> list[Path]:
    """So many briefings of eight sections of news each."""
    from benchmarks.page_load import Item, make_briefings, news_items

    items = [
        Item(item.title, text)
        for item in news_items(data)
        if (text := item.text[:_LONGEST].rpartition("。")[0])
    ]
    make_briefings(folder, items, count, Random(0))
    return sorted(folder.glob("*.pdf"))


def run_in_process(system: str, folder: Path) -> Run:
    """Measure a system in a process and session of its own."""
    command = [sys.executable, "-m", "benchmarks.ingest", "--measure", system, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, start_new_session=True)
    return Run(*json.loads(done.stdout.splitlines()[-1]))


def report(rounds: Sequence[dict[str, Run]], briefings: int) -> Iterator[str]:
    """The figures, system by system: medians over the rounds."""
    yield (
        f"{'':12}{'s':>8}{'briefings/s':>13}{'passages/s':>12}{'processor s':>13}{'memory MB':>11}"
        f"{'passages':>10}"
    )
    for system in rounds[0]:
        runs = [runs[system] for runs in rounds]
        seconds = statistics.median(run.seconds for run in runs)
        yield (
            f"{system:12}{seconds:8.1f}{briefings / seconds:13.2f}"
            f"{statistics.median(run.rate for run in runs):12.2f}"
            f"{statistics.median(run.processor for run in runs):13.1f}"
            f"{max(run.memory for run in runs) / 2**20:11.0f}{runs[0].passages:10}"
        )
    for stage in rounds[0]["archive"].stages:
        share = statistics.median(runs["archive"].stages.get(stage, 0.0) for runs in rounds)
        yield f"the archive's main thread, {stage}: {share:.1%}"
    for system in rounds[0]:
        if system != "archive":
            found = [runs[system].seconds / runs["archive"].seconds for runs in rounds]
            each = ", ".join(f"{ratio:.3f}" for ratio in found)
            yield f"seconds of {system} over the archive's: {statistics.median(found):.3f} ({each})"


def misses(rounds: Sequence[dict[str, Run]]) -> Iterator[str]:
    """The targets that are missed."""
    for system in rounds[0]:
        target = RATIO_TARGET if system == "encoder" else 1.0
        ratios = [runs[system].seconds / runs["archive"].seconds for runs in rounds]
        if system != "archive" and statistics.median(ratios) < target:
            yield f"slower than {target} of {system}'s rate"
    if max(runs["archive"].memory for runs in rounds) > MEMORY_TARGET:
        yield "more than 2.5 GB of memory"


def main() -> int:
    """Measure and report; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the folder with the public data, for its news")
    parser.add_argument("--pdfs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--one", action="store_true", help="one briefing into 100,000 passages")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure[0], sorted(Path(options.measure[1]).glob("*.pdf")))
        return 0
    if options.data is None:
        parser.error("--data is needed")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pdfs = make_pdfs(folder, options.rounds + 1 if options.one else options.pdfs, options.data)
        if options.one:
            return 0 if add_one_by_one(pdfs, options.data) else 1
        systems = ["archive", "encoder"] + ["LangChain", "LlamaIndex"] * (not options.no_peers)
        rounds = []
        for number in range(options.rounds):
            turn = systems if number % 2 == 0 else systems[::-1]
            runs = {system: run_in_process(system, folder) for system in turn}
            rounds.append({system: runs[system] for system in systems})
            print(f"round {number + 1}, load {os.getloadavg()[0]:.2f}", file=sys.stderr, flush=True)
    print("\n".join(report(rounds, len(pdfs))))
    missed = list(misses(rounds))
    print("\n".join(f"missed: {miss}" for miss in missed) or "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Pages per second and memory of reading, kind by kind, against bare pypdf on the same files.

python -m benchmarks.parse [--forms] [--rounds 3] [PDF...]

What reads is imported where it is used: a measured process holds only what it needs.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.memory import peak

if TYPE_CHECKING:
    from ingest.reading.briefing_reader import ReadOptions

ROOT = Path(__file__).resolve().parents[1]
SPEED_TARGET = 0.7
"""Of bare pypdf's pages per second, in one process."""
WORKERS_TARGET = 1.6
"""Times the speed of one worker, with two."""
_SECONDS = 0.8
"""A kind's files are read again and again for about so long."""
_fresh = partial(ProcessPoolExecutor, mp_context=get_context("spawn"))


@dataclass(frozen=True, slots=True)
class Kind:
    """PDFs of one make, and the password that opens them."""

    name: str
    files: tuple[Path, ...]
    password: str = ""


@dataclass(frozen=True, slots=True)
class Speed:
    """Pages read, in how many seconds of the processor, with how much memory so far."""

    pages: int
    seconds: float
    peak: int | None

    @property
    def rate(self) -> float:
        return self.pages / self.seconds


@dataclass(frozen=True, slots=True)
class Compared:
    """Bare pypdf and the whole reading on a kind's files, turn by turn."""

    kind: Kind
    bare: tuple[Speed, ...]
    ours: tuple[Speed, ...]

    @property
    def ratio(self) -> float:
        """Of the speeds; bare and ours of one turn met the same machine."""
        pairs = zip(self.ours, self.bare, strict=True)
        return statistics.median(ours.rate / bare.rate for ours, bare in pairs)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Seconds for all files by one and by two workers, and to start them, turn by turn.

    `ideal` are the seconds of one process that reads with bare pypdf, and of two at once that each
    read as much.
    """

    one: tuple[float, ...]
    two: tuple[float, ...]
    start: tuple[float, ...]
    ideal: tuple[tuple[float, float], ...]

    @property
    def ratio(self) -> float:
        return statistics.median(one / two for one, two in zip(self.one, self.two, strict=True))

    @property
    def ideal_ratio(self) -> float:
        return statistics.median(2 * one / two for one, two in self.ideal)


def kinds(forms: Path | None, more: Sequence[Path]) -> Iterator[Kind]:
    """The kinds in the repository, those made into the folder `forms`, and each of `more`."""
    yield Kind("samples", tuple(sorted((ROOT / "data" / "samples").glob("*.pdf"))))
    data = ROOT / "tests" / "data"
    fixed = sorted(data.glob("*.pdf"))
    yield from (Kind(file.stem, (file,), _password(file)) for file in fixed)
    yield from (Kind(file.stem, (file,)) for file in sorted(data.glob("producers/*.pdf")))
    if forms:
        from tests.forms import FORMS

        known = {file.stem for file in fixed}
        can = (form for form in FORMS.values() if not form.needs and form.name not in known)
        yield from (Kind(form.name, (form.make(forms),)) for form in can)
    yield from (Kind(file.stem, (file,)) for file in more)


def _password(file: Path) -> str:
    truth = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    return str(truth.get("password", ""))


# --- in the measured process ---------------------------------------------------------------------


def read_bare(kind: Kind) -> int:
    """Extract every page's text with pypdf alone; returns the number of pages."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    pages = 0
    for file in kind.files:
        reader = PdfReader(file)
        if reader.is_encrypted:
            reader.decrypt(kind.password)
        for page in reader.pages:
            page.extract_text()
            pages += 1
    return pages


def read_ours(kind: Kind) -> None:
    """Read every file as far as its passages, or to why it can't be read."""
    from archive.errors import ReadError
    from ingest.reading.briefing_reader import read_briefing
    from ingest.reading.passages import cut_passages
    from ingest.reading.pdf_bytes import read_bytes

    options = _options(kind.password)
    for file in kind.files:
        with suppress(ReadError):
            cut_passages(read_briefing(file, read_bytes(file), options))


def _options(password: str = "") -> ReadOptions:
    from ingest.reading.briefing_reader import ReadOptions

    return ReadOptions(date="2026-01-01", ocr=False, password=password)


def timed(read: Callable[[Kind], object], kind: Kind, pages: int) -> Speed:
    """The speed of a way to read, after a first reading that fills its caches."""
    read(kind)
    turns = 0
    start = time.process_time()
    while (seconds := time.process_time() - start) < _SECONDS:
        read(kind)
        turns += 1
    return Speed(turns * pages, seconds, peak())


# --- in the measuring process --------------------------------------------------------------------


def compare(kind: Kind, rounds: int) -> Compared:
    """Measure a kind, each way in a process of its own, by turns."""
    bare, ours = [], []
    with _fresh(1) as plain, _fresh(1) as whole:
        pages = plain.submit(read_bare, kind).result()
        for _ in range(rounds):
            bare.append(plain.submit(timed, read_bare, kind, pages).result())
            ours.append(whole.submit(timed, read_ours, kind, pages).result())
    return Compared(kind, tuple(bare), tuple(ours))


def scale(files: Sequence[Path], rounds: int) -> Scaling:
    """Read all files by one worker, by two, and by bare processes, by turns."""
    one, two, start, ideal = [], [], [], []
    everything = Kind("all", tuple(files))
    with tempfile.TemporaryDirectory() as folder, _fresh(2) as bare:
        nothing = [Path(folder) / name for name in ("a.pdf", "b.pdf")]  # missing: only the start
        first = replace(everything, files=tuple(files[:1]))
        _wall(lambda: [*bare.map(read_bare, [first] * 2)])
        for _ in range(rounds):
            start.append(_wall(lambda: _read_all(nothing, 2)))
            one.append(_wall(lambda: _read_all(files, 1)))
            two.append(_wall(lambda: _read_all(files, 2)))
            alone = _wall(lambda: [*bare.map(read_bare, [everything])])
            both = _wall(lambda: [*bare.map(read_bare, [everything] * 2)])
            ideal.append((alone, both))
    return Scaling(tuple(one), tuple(two), tuple(start), tuple(ideal))


def _read_all(files: Sequence[Path], workers: int) -> None:
    from ingest.reading.workers import read_files

    for _ in read_files(files, _options(), workers):
        pass


def _wall(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# --- the report ----------------------------------------------------------------------------------


def _row(compared: Compared) -> str:
    bare, ours = compared.bare, compared.ours
    rates = (statistics.median(speed.rate for speed in speeds) for speeds in (bare, ours))
    peaks = (_megabytes(speeds[-1].peak) for speeds in (bare, ours))
    missed = "" if compared.ratio >= SPEED_TARGET else "  missed"
    return (
        f"{compared.kind.name:26}{''.join(f'{rate:10.1f}' for rate in rates)}"
        f"{compared.ratio:8.2f}{''.join(f'{found:>9}' for found in peaks)}{missed}"
    )


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 2**20:.0f}"


def _report(scaling: Scaling) -> Iterator[str]:
    one, two, start = map(statistics.median, (scaling.one, scaling.two, scaling.start))
    yield f"all files by one worker {one:.1f} s, by two {two:.1f} s; starting two {start:.1f} s"
    missed = "" if scaling.ratio >= WORKERS_TARGET else "  missed"
    yield f"two workers are {scaling.ratio:.2f} times as fast as one{missed}"
    yield f"two bare processes are {scaling.ideal_ratio:.2f} times as fast as one, on this machine"


def main() -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description="How fast PDFs are read.")
    parser.add_argument("pdfs", metavar="PDF", type=Path, nargs="*", help="more files to measure")
    parser.add_argument("--forms", action="store_true", help="also forms made here and now")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    good = True
    print(f"{'':26}{'pages per second':>20}{'':8}{'memory in MB':>18}")
    print(f"{'kind':26}{'bare':>10}{'ours':>10}{'ratio':>8}{'bare':>9}{'ours':>9}")
    with tempfile.TemporaryDirectory() as folder:
        measured = list(kinds(Path(folder) if options.forms else None, options.pdfs))
        for kind in measured:
            compared = compare(kind, options.rounds)
            good &= compared.ratio >= SPEED_TARGET
            print(_row(compared), flush=True)
        files = [file for kind in measured if not kind.password for file in kind.files]
        scaling = scale(files, options.rounds)
    print("", *_report(scaling), sep="\n")
    return 0 if good and scaling.ratio >= WORKERS_TARGET else 1


if __name__ == "__main__":
    sys.exit(main())

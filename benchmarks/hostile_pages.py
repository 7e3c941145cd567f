"""Pages built to break whatever draws them: python -m benchmarks.hostile_pages

[--seconds 60] [--readers 10] [--table | --attack] [--seed 0]

First a table: what becomes of each page of `tests/hostile_pages.py`, drawn for a reader as the
page does, and of its file where it is read to be taken in. Then `archive serve` with all of them in
the archive: for so many seconds ten readers search and one opens honest pages; then as long again
with ten more readers who do nothing but open hostile pages. The memory is that of the page's
process, and of the workers that draw for it. The encoder has some kilobytes, so that what is
measured is the page.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event, Thread

from archive import Archive, Settings
from archive.errors import ReadError
from archive.evidence.drawing import draw_page
from archive.evidence.page_image import PageError
from benchmarks.memory import family, held, peak
from benchmarks.page_load import (
    SAMPLES,
    Server,
    ingest,
    make_briefings,
    p95,
    sample_items,
    serving,
    vocabulary,
)
from benchmarks.page_session import Session, SessionError, session
from ingest.extract.limits import Limits
from ingest.reading.briefing_reader import ReadOptions
from ingest.reading.workers import read_files
from tests.hostile_pages import HOSTILE, KINDS, hostile_page
from tests.small_encoder import save_encoder

_EVERY = 0.02
_READING = Limits(seconds=20)
_PAUSE = 1.0, 3.0


# --- the table ------------------------------------------------------------------------------------


@contextmanager
def _watched(pid: int, every: float = _EVERY) -> Iterator[dict[int, int]]:
    """The most bytes that a process and its children held at once, each by its number; 0 is all."""
    most: dict[int, int] = {}
    done = Event()

    def look() -> None:
        while not done.wait(every):
            holding = {each: held(each) for each in family(pid)}
            holding[0] = sum(holding.values())
            for each, size in holding.items():
                most[each] = max(most.get(each, 0), size)

    thread = Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def table(folder: Path) -> Iterator[str]:
    """What becomes of each hostile page, line by line."""
    own = os.getpid()
    yield f"{'page':42}{'seconds':>8}{'worker MB':>10}  {'drawn or told':28}reading the file"
    for kind in KINDS:
        pdf = folder / f"{kind.replace('/', ' ')}.pdf"
        pdf.write_bytes(hostile_page(kind))
        hostile_page.cache_clear()
        (read,) = read_files([pdf], ReadOptions(date="2026-05-07", ocr=False), 1, _READING)
        began = time.perf_counter()
        with _watched(own) as most:
            try:
                image = draw_page(pdf, HOSTILE, "Rare earth exports")
                outcome = f"drawn, {image.width} by {image.height}"
            except PageError as error:
                outcome = f"told: {error.reason}"
        seconds = time.perf_counter() - began
        worker = max((size for pid, size in most.items() if pid not in (0, own)), default=0)
        ends = read.code if isinstance(read, ReadError) else "read"
        yield f"{kind:42}{seconds:8.2f}{worker / 2**20:10.0f}  {outcome:28}{ends}"
    own_peak = peak()
    if own_peak is not None:
        yield f"this process, which only asked for them: {own_peak / 2**20:.0f} MB at most"


# --- ten readers of them --------------------------------------------------------------------------


@dataclass(slots=True)
class Phase:
    """What a phase measured: milliseconds of searches and of honest pages, and what went wrong."""

    searches: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    undrawn: list[str] = field(default_factory=list)
    """Honest pages that were told of instead of drawn."""
    errors: list[str] = field(default_factory=list)
    hostile: dict[str, int] = field(default_factory=dict)
    """How often a hostile page was drawn or told of."""
    page_process: int = 0
    workers: int = 0


async def _search(reader: Session, phase: Phase, rng: Random, until: float) -> None:
    queries = [item.title for item in sample_items()]
    while time.monotonic() < until:
        await asyncio.sleep(rng.uniform(*_PAUSE))
        drawn = await reader.search(rng.choice(queries))
        phase.searches.append(drawn.milliseconds)
        phase.errors += drawn.errors


async def _read_honest(
    reader: Session, phase: Phase, pages: Sequence[str], rng: Random, until: float
) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(rng.uniform(*_PAUSE))
        drawn = await reader.look_at(rng.choice(pages))
        phase.pages.append(drawn.milliseconds)
        phase.undrawn += drawn.errors


async def _read_hostile(reader: Session, phase: Phase, pages: Sequence[str], until: float) -> None:
    at = 0
    while time.monotonic() < until:
        drawn = await reader.look_at(pages[at % len(pages)])
        told = drawn.errors[0] if drawn.errors else f"{drawn.pictures} picture"
        phase.hostile[told] = phase.hostile.get(told, 0) + 1
        at += 1


async def attack(
    server: Server, honest: list[str], hostile: list[str], options: argparse.Namespace
) -> list[Phase]:
    """A calm phase and one under attack."""
    assert server.page is not None
    phases = []
    await _warm(server.port)
    async with AsyncExitStack() as stack:
        opened = partial(_opened, stack, server.port)
        searchers = [await opened() for _ in range(10)]
        reader = await opened()
        attackers = [await opened() for _ in range(options.readers)]
        for under_attack in (False, True):
            phase, rng = Phase(), Random(f"{options.seed} {under_attack}")
            until = time.monotonic() + options.seconds
            tasks = [_search(each, phase, rng, until) for each in searchers]
            tasks.append(_read_honest(reader, phase, honest, rng, until))
            if under_attack:
                tasks += [
                    _read_hostile(each, phase, hostile[at * 5 :] + hostile[: at * 5], until)
                    for at, each in enumerate(attackers)
                ]
            with _watched(server.page, 0.25) as most:
                for error in await asyncio.gather(*tasks, return_exceptions=True):
                    if isinstance(error, SessionError):
                        phase.errors.append(str(error))
                    elif isinstance(error, BaseException):
                        raise error
            phase.page_process = peak(server.page) or 0
            others = (size for pid, size in most.items() if pid not in (0, server.page))
            phase.workers = max(others, default=0)
            phases.append(phase)
    return phases


async def _warm(port: int) -> None:
    """Search until it answers: the first search loads what all need, beside others for minutes."""
    for _ in range(5):
        with suppress(SessionError):
            async with session(port) as reader:
                await reader.open()
                await reader.search("稀土")
                return


async def _opened(stack: AsyncExitStack, port: int) -> Session:
    reader = await stack.enter_async_context(session(port))
    await reader.open()
    return reader


def report(name: str, phase: Phase) -> Iterator[str]:
    """A phase's figures, line by line."""
    yield f"{name}:"
    for what, times in (("searches", phase.searches), ("honest pages", phase.pages)):
        if len(times) > 1:
            yield (
                f"  {len(times)} {what}: p50 {statistics.median(times):.0f} ms, "
                f"p95 {p95(times):.0f} ms, at most {max(times):.0f} ms"
            )
    yield f"  honest pages not drawn: {len(phase.undrawn)}; other errors: {len(phase.errors)}"
    yield from (f"    {said}" for said in dict.fromkeys(phase.undrawn + phase.errors))
    yield from (f"  hostile pages: {count} times {said}" for said, count in phase.hostile.items())
    yield (
        f"  the page's process held {phase.page_process / 2**20:.0f} MB at most, "
        f"the largest of its workers {phase.workers / 2**20:.0f} MB"
    )


def prepare(
    folder: Path, environment: Mapping[str, str], home: Path
) -> tuple[list[str], list[str]]:
    """Take in the samples and a briefing for each hostile page, whose file then becomes this one.

    Returns the names of honest pages and of hostile ones, as the page's address has them.
    """
    made = make_briefings(folder, sample_items(), len(KINDS), Random(0))
    asyncio.run(ingest(SAMPLES, environment))
    asyncio.run(ingest(folder, environment))
    archive = Archive.open(Settings(home, model=environment["ARCHIVE_MODEL"]))
    kinds = dict(zip((each.date for each in made), KINDS, strict=True))
    honest, hostile = [], []
    for entry in archive.briefings():
        _, passages, pdf = archive.show(entry.id)
        first = passages[0]
        if kind := kinds.get(entry.date):
            pdf.chmod(0o644)
            pdf.write_bytes(hostile_page(kind))
            hostile_page.cache_clear()
            hostile.append(f"{first.id}@0-9p{HOSTILE}")
        else:
            honest += [f"{each.id}@0-9p{each.pages[0]}" for each in passages]
    return honest, hostile


def main() -> int:
    """Print the table, then the figures of the attack; 1 where a reader met another error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each phase")
    parser.add_argument("--readers", type=int, default=10, help="who open hostile pages")
    parser.add_argument("--seed", type=int, default=0)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--table", action="store_true", help="no attack")
    only.add_argument("--attack", action="store_true", help="no table")
    options = parser.parse_args()
    print(f"{len(KINDS)} hostile pages, load {os.getloadavg()[0]:.2f}", flush=True)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if not options.attack:
            for line in table(folder):
                print(line, flush=True)
        if options.table:
            return 0
        characters = sorted({char for item in sample_items() for char in item.title + item.text})
        save_encoder(folder / "encoder", vocabulary(characters), size=64, length=256)
        (folder / "pdfs").mkdir()
        home = folder / "home"
        own = {"ARCHIVE_HOME": str(home), "ARCHIVE_MODEL": str(folder / "encoder")}
        own["OMP_NUM_THREADS"] = "1"  # threads of so small an encoder would wait for each other
        others = {name: value for name, value in os.environ.items() if name[:8] != "ARCHIVE_"}
        honest, hostile = prepare(folder / "pdfs", others | own, home)
        with serving(others | own) as server:
            phases = asyncio.run(attack(server, honest, hostile, options))
    for name, phase in zip(("calm", "under attack"), phases, strict=True):
        print("\n".join(report(f"{name}, load {os.getloadavg()[0]:.2f}", phase)))
    return 1 if any(phase.errors or phase.undrawn for phase in phases) else 0


if __name__ == "__main__":
    sys.exit(main())

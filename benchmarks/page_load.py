"""Twenty readers at the page while 200 briefings are taken in: python -m benchmarks.page_load

[--sessions 20] [--pdfs 200] [--minutes 1] [--data FOLDER] [--home FOLDER] [--seed 0]

`archive serve` serves an archive of the samples; the readers hold sessions over Streamlit's own
protocol, each searching every 8 to 12 seconds, while `archive ingest` runs in a process of its own,
and for some minutes after it. Then each must find one of the last briefings taken in, by a word
that only this has, and see the new count, in the session it opened before the ingest. Both use an
encoder of some kilobytes, so that what is measured is the page and the archive.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.corpora import ROOT, news
from benchmarks.memory import peak
from benchmarks.page_session import Session, SessionError, session
from tests.made_briefings import make_briefing
from tests.small_encoder import save_encoder

SAMPLES = ROOT / "data" / "samples"
_PAUSE = 8.0, 12.0
_FIRST_DAY = Date(2025, 1, 1)
_SECTIONS = 8
_LAST = 20
"""The readers look for one of so many of the last briefings."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A heading and what stands under it, to make briefings of."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Made:
    """A briefing made for the run: its day, and a word that no other has."""

    date: str
    word: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search in a session: when it began, how long until all was drawn, what went wrong."""

    began: float
    milliseconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Ingest:
    """The bulk ingest: from when to when, its processor seconds, and what became of the files."""

    began: float
    ended: float
    processor: float
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Server:
    """`archive serve` at a port, and its process."""

    port: int
    page: int


# --- what is put in -------------------------------------------------------------------------------


def sample_items() -> list[Item]:
    """The sections of the sample briefings."""
    items = []
    for source in sorted((SAMPLES / "sources").glob("*.md")):
        _, *parts = re.split(r"^#{1,2} (.+)$", source.read_text(encoding="utf-8"), flags=re.M)
        for title, text in zip(parts[::2], parts[1::2], strict=True):
            if text.strip() and title not in ("摘要", "参考文献"):
                items.append(Item(title.strip(), text.strip()))
    return items


def news_items(folder: Path) -> list[Item]:
    """The news of `benchmarks.corpora` that have titles."""
    corpus = news(folder)
    return [
        Item(question.text, corpus.passages[passage])
        for question in corpus.questions
        for passage in question.grades
    ]


def make_briefings(folder: Path, items: Sequence[Item], count: int, random: Random) -> list[Made]:
    """Typeset so many briefings of items drawn by chance, a day each, oldest first."""
    made = []
    for number in range(count):
        briefing = Made((_FIRST_DAY + timedelta(number)).isoformat(), f"QX{number:04}")
        chosen = random.sample(items, _SECTIONS)
        sections = {_as_typst(item.title): _as_typst(item.text) for item in chosen}
        first = next(iter(sections))
        sections[first] += f"\n\n本期的代号是{briefing.word}，只在这一期出现。"
        make_briefing(folder, briefing.date, sections)
        made.append(briefing)
    return made


def _as_typst(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


# --- the processes --------------------------------------------------------------------------------


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[Server]:
    """`archive serve` for the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "archive", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or not process.stdout.readline():
            sys.exit("archive serve did not start")
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _processor_seconds(process: int | None) -> float:
    """How long a process has been at work on a processor; 0 where the system doesn't tell."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


async def ingest(folder: Path, environment: Mapping[str, str]) -> Ingest:
    """Take the folder in by `archive ingest`."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "archive", "ingest", str(folder), "--json",
        env=environment, stdout=subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    ended, after = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ingest(began, ended, processor, json.loads(said)["counts"] if said else {})


# --- the readers ----------------------------------------------------------------------------------


async def read(
    reader: Session, queries: Sequence[str], random: Random, until: asyncio.Event
) -> list[Search]:
    """Search at a reader's pace until told to end, or until the session dies."""
    searches: list[Search] = []
    pause = random.uniform(0, _PAUSE[1])  # so that not all search at once
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(until.wait(), pause)
        if until.is_set():
            return searches
        began, query = time.perf_counter(), random.choice(queries)
        try:
            drawn = await reader.search(query)
        except SessionError as error:
            milliseconds = (time.perf_counter() - began) * 1000
            return [*searches, Search(began, milliseconds, f"{query}: {error}")]
        problem = "; ".join(drawn.errors) or ("" if drawn.dates else "no result")
        searches.append(Search(began, drawn.milliseconds, problem and f"{query}: {problem}"))
        pause = random.uniform(*_PAUSE)


async def look_for(reader: Session, briefing: Made, count: int) -> str:
    """What a session doesn't see of a new briefing and the new count; empty where it sees both."""
    try:
        drawn = await reader.search(f"“{briefing.word}”")
    except SessionError as error:
        return f"{briefing.word}: {error}"
    if drawn.errors:
        return f"{briefing.word}: {'; '.join(drawn.errors)}"
    if drawn.dates != [briefing.date]:
        return f"{briefing.word} of {briefing.date}: found {drawn.dates}"
    return "" if drawn.briefings == count else f"{drawn.briefings} briefings, not {count}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a run measured; `unseen` is what sessions did not see at its end."""

    first: float
    opened: list[float]
    ingest: Ingest
    searches: list[Search]
    unseen: list[str]
    processor: float
    """Seconds the page's process worked while the ingest ran."""
    memory: int | None

    @property
    def failed(self) -> bool:
        return bool(self.unseen) or any(search.error for search in self.searches)


async def load(
    server: Server, folder: Path, made: Sequence[Made], queries: Sequence[str],
    environment: Mapping[str, str], options: argparse.Namespace,
) -> Loaded:  # fmt: skip
    """Let the readers search while the folder is taken in, and for `options.minutes` after."""
    async with AsyncExitStack() as stack:
        begin = time.perf_counter()
        warming = await stack.enter_async_context(session(server.port))
        held = (await warming.open()).briefings
        await warming.search(queries[0])
        first = (time.perf_counter() - begin) * 1000
        readers = [
            await stack.enter_async_context(session(server.port)) for _ in range(options.sessions)
        ]
        opened = await asyncio.gather(*(reader.open() for reader in readers))
        opening = [drawn.milliseconds for drawn in opened]
        until = asyncio.Event()
        reading = [
            asyncio.create_task(read(reader, queries, Random(f"{options.seed} {at}"), until))
            for at, reader in enumerate(readers)
        ]
        before = _processor_seconds(server.page)
        ingested = await ingest(folder, environment)
        processor = _processor_seconds(server.page) - before
        await asyncio.sleep(options.minutes * 60)
        until.set()
        searches = [search for searches in await asyncio.gather(*reading) for search in searches]
        wanted = [made[-1 - at % min(_LAST, len(made))] for at in range(len(readers))]
        looks = [
            await look_for(reader, briefing, held + len(made))
            for reader, briefing in zip(readers, wanted, strict=True)
        ]
        unseen = [look for look in looks if look]
        memory = peak(server.page)
        return Loaded(first, opening, ingested, searches, unseen, processor, memory)


# --- the report -----------------------------------------------------------------------------------


def report(loaded: Loaded, sessions: int) -> Iterator[str]:
    """The figures, line by line."""
    run = loaded.ingest
    seconds = run.ended - run.began
    yield (
        f"ingest: {dict(run.counts)} in {seconds:.1f} s, "
        f"{sum(run.counts.values()) / seconds:.2f} a second, {run.processor:.1f} s of processor"
    )
    yield (
        f"opening the page: {loaded.first:.0f} ms with the first search, "
        f"then {sessions} sessions at once {max(loaded.opened):.0f} ms at most"
    )
    yield f"{'':18}{'searches':>9}{'errors':>8}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}"
    during = [search for search in loaded.searches if search.began < run.ended]
    after = [search for search in loaded.searches if search.began >= run.ended]
    for name, searches in (("during the ingest", during), ("after it", after)):
        errors = sum(bool(search.error) for search in searches)
        times = [search.milliseconds for search in searches]
        figures: tuple[str, ...] = ("-", "-", "-")
        if len(times) > 1:
            figures = tuple(f"{t:.0f}" for t in (statistics.median(times), p95(times), max(times)))
        yield f"{name:18}{len(searches):9}{errors:8}" + "".join(f"{each:>9}" for each in figures)
    seen = sessions - len(loaded.unseen)
    yield f"{seen} of {sessions} sessions found a new briefing and saw the new count"
    most = "unknown" if loaded.memory is None else f"{loaded.memory / 2**20:.0f} MB"
    yield (
        f"the page's process: {loaded.processor:.1f} s of processor during the ingest "
        f"({loaded.processor / seconds:.0%} of one), memory at most {most}"
    )
    errors_said = [search.error for search in loaded.searches if search.error]
    yield from (f"error: {error}" for error in errors_said[:_SHOWN])
    yield from (f"not seen: {look}" for look in loaded.unseen[:_SHOWN])


def p95(times: Sequence[float]) -> float:
    """The time that 19 of 20 keep within."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def main() -> int:
    """Run, print the report; 1 when there was an error or a session didn't see what is new."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--pdfs", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long after the ingest")
    parser.add_argument("--data", type=Path, help="the folder with the public data, for its news")
    parser.add_argument("--home", type=Path, help="where to make the archive; must not exist yet")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    items = news_items(options.data) if options.data else sample_items()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        home: Path = options.home or folder / "home"
        if home.exists():
            parser.error(f"{home} exists already")
        characters = sorted({char for item in items for char in item.title + item.text})
        save_encoder(folder / "encoder", vocabulary(characters), size=64, length=256)
        (folder / "pdfs").mkdir()
        made = make_briefings(folder / "pdfs", items, options.pdfs, Random(options.seed))
        own = {"ARCHIVE_HOME": str(home), "ARCHIVE_MODEL": str(folder / "encoder")}
        own["OMP_NUM_THREADS"] = "1"  # threads of so small an encoder would wait for each other
        others = {name: value for name, value in os.environ.items() if name[:8] != "ARCHIVE_"}
        environment = others | own
        asyncio.run(ingest(SAMPLES, environment))
        queries = [item.title for item in sample_items()]
        print(f"{options.sessions} sessions, {options.pdfs} PDFs, load {os.getloadavg()[0]:.2f}")
        with serving(environment) as server:
            loaded = asyncio.run(load(server, folder / "pdfs", made, queries, environment, options))
    print("\n".join(report(loaded, options.sessions)))
    complete = loaded.ingest.counts.get("new") == options.pdfs
    return 0 if complete and not loaded.failed else 1


def vocabulary(characters: Sequence[str]) -> str:
    """The characters for `save_encoder`, and those of its prompts."""
    return "".join(dict.fromkeys(("\u25a1", "\ufffd", *"问文：", *characters)))


if __name__ == "__main__":
    sys.exit(main())

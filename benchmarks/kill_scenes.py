"""What the ingests to be killed take in, how it ends undisturbed, and a reader beside them."""

from __future__ import annotations

import json
import mmap
import os
import pickle
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.archive_state import State, differences, read_state
from benchmarks.forked import STAGES, Board, Child, command, fork
from benchmarks.kill_reader import Readings, read_on
from tests.made_briefings import make_briefing
from tests.small_encoder import save_encoder

SOME_FAILED = 3
POLL = 0.0002
LONGEST = 240.0
_WORDS = "稀土磷矿锂电光伏风机储能芯片钢材铜价煤炭港口运费关税配额"


@dataclass(frozen=True, slots=True)
class Scene:
    """A folder of PDFs, a home to begin with (None: nothing), and how it ends undisturbed."""

    name: str
    pdfs: Path
    begin: Path | None
    environment: Mapping[str, str]
    expected: State
    exit_code: int
    entries: Mapping[str, int]
    """How often each stage is entered."""
    within: Mapping[str, float]
    """Seconds that a stage takes at a time."""
    seconds: float
    before_the_first: float
    """Seconds until the first stage."""


def _text(rng: Random, sentences: int) -> str:
    """Sentences about a few goods, so that some passages go on with others; all name 简报."""
    told = []
    for _ in range(sentences):
        good, other = rng.sample([_WORDS[i : i + 2] for i in range(0, len(_WORDS), 2)], 2)
        told.append(
            f"本期简报指出，{good}出口许可证数量较上月增加{rng.randint(2, 98)}个，"
            f"{other}市场价格为每吨{rng.randint(1000, 9999)}元。"
        )
    return "".join(told)


def make_pdfs(folder: Path, count: int, seed: int, first_month: int = 1) -> None:
    """Briefings, and what else may lie beside them: a revision, a copy, a long one, damage."""
    folder.mkdir()
    rng = Random(f"pdfs {seed} {first_month}")
    for number in range(count):
        sections = 30 if number == count // 2 else 3
        date = f"2026-{first_month:02}-{number + 1:02}"
        told = {f"第{i + 1}类商品动态": _text(rng, 2 + i % 3) for i in range(sections)}
        made = make_briefing(
            folder,
            date,
            told,
            f"[1] 新华社．某部门发布{rng.choice(_WORDS)}公告．{date}",
        )
        if number == 1:
            scratch = folder / "revision"
            scratch.mkdir()
            more = {title: text + _text(rng, 1) for title, text in told.items()}
            revision = make_briefing(scratch, date, more)
            revision.rename(folder / f"{date} revision.pdf")
            shutil.rmtree(scratch)
        if number == 2:
            shutil.copy(made, folder / f"{date} copy.pdf")
        if number == 3:
            (folder / f"{date} cut.pdf").write_bytes(made.read_bytes()[:3000])
            (folder / f"{date} no.pdf").write_bytes(b"<html>502 Bad Gateway</html>")
    for source in folder.glob("*.typ"):
        source.unlink()


def make_scene(name: str, folder: Path, pdfs: Path, begin: Path | None, model: Path) -> Scene:
    """Ingest undisturbed, and remember how it went and what came out."""
    environment = {"ARCHIVE_MODEL": str(model)}
    home = folder / f"undisturbed {name}"
    begin_anew(home, begin)
    board = Board()
    start = time.monotonic()
    run = ingest(pdfs, home, environment, folder / f"{name}.log", board)
    while not any(board.read(stage)[1] for stage in STAGES) and time.monotonic() - start < 60:
        time.sleep(POLL)
    first = time.monotonic() - start
    code = run.wait()
    seconds = time.monotonic() - start
    if code not in (0, SOME_FAILED):
        raise RuntimeError(f"the undisturbed ingest failed ({code}): {run.said()}")
    entries = {stage: board.read(stage)[1] for stage in STAGES}
    within = {s: board.read(s)[2] / entries[s] for s in STAGES if entries[s]}
    expected = state_of(home, folder)
    return Scene(
        name, pdfs, begin, environment, expected, code, entries, within, seconds, first
    )  # fmt: skip


def ingest(
    pdfs: Path, home: Path, environment: Mapping[str, str], log: Path, board: Board | None = None
) -> Child:
    arguments: list[str | Path] = ["ingest", pdfs, "--home", home, "--no-ocr", "--json"]
    return command(arguments, environment, log, board)


def begin_anew(home: Path, begin: Path | None) -> None:
    shutil.rmtree(home, ignore_errors=True)
    if begin is not None:
        shutil.copytree(begin, home)


def state_of(home: Path, folder: Path) -> State:
    """Read the state of an archive in a child, whose Chroma ends with it."""
    kept = folder / "state.pickle"
    child = fork(lambda: kept.write_bytes(pickle.dumps(read_state(home))), folder / "state.log")
    if child.wait():
        raise RuntimeError(f"the archive can't be read: {child.said()}")
    state: State = pickle.loads(kept.read_bytes())
    return state


def make_scenes(folder: Path, pdfs: int, seed: int, only: str = "") -> dict[str, Scene]:
    """The scenes of all trials: a fresh home, one with other briefings, one without a revision."""
    model = folder / "model"
    characters = "□？" + "".join(sorted({*_WORDS, *_text(Random(0), 9), *"每日动态第类商品"}))
    made = fork(lambda: save_encoder(model, characters, length=64), folder / "model.log")
    if made.wait():
        raise RuntimeError(made.said())
    make_pdfs(folder / "all", pdfs, seed, first_month=3)
    scenes = {"fresh": make_scene("fresh", folder, folder / "all", None, model)}
    if only == "fresh":
        return scenes
    make_pdfs(folder / "earlier", 3, seed, first_month=2)
    make_scene("earlier", folder, folder / "earlier", None, model)
    begin = folder / "undisturbed earlier"
    plain = folder / "without the revision"
    shutil.copytree(folder / "all", plain)
    next(plain.glob("*revision.pdf")).unlink()
    return scenes | {
        "others": make_scene("others", folder, folder / "all", begin, model),
        "plain": make_scene("plain", folder, plain, None, model),
    }


# --- a reader beside it --------------------------------------------------------------------------


@contextmanager
def reader(home: Path, scene: Scene, folder: Path) -> Iterator[Callable[[], Readings]]:
    """A process that reads an archive until the block ends; gives what it has seen by then."""
    stop = mmap.mmap(-1, 1)
    seen = folder / "reader.json"
    seen.unlink(missing_ok=True)
    sizes = Counter(str(p["briefing_id"]) for p in scene.expected.facts["passage"].values())
    model = Path(scene.environment["ARCHIVE_MODEL"])
    log = folder / "reader.log"
    child = fork(lambda: read_on(home, model, sizes, seen, lambda: stop[0] != 0), log)
    ended = False

    def end() -> Readings:
        nonlocal ended
        if not ended:
            ended = True
            stop[0] = 1
            code = child.wait(60)
            if code:
                return Readings(0, (f"the reader ended with {code}: {child.said()[-800:]}",))
        return Readings(**json.loads(seen.read_text(encoding="utf-8")))

    try:
        yield end
    finally:
        if not ended:
            os.killpg(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)


# --- a trial -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Blow:
    """A kill: what was aimed at, who was killed, and what was under way (none: too late)."""

    target: str
    where: str
    victim: str
    fell: tuple[str, ...] | None


@dataclass(slots=True)
class Trial:
    """What was done to an archive, and what was wrong afterwards."""

    name: str
    blows: list[Blow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    queries: int = 0


def finish(
    scene: Scene, home: Path, folder: Path, *, doctor: bool, ordered: bool = True
) -> list[str]:
    """Run undisturbed; how what comes out differs from what was to be expected."""
    run = ingest(scene.pdfs, home, scene.environment, folder / "undisturbed.log")
    if (code := run.wait(LONGEST)) != scene.exit_code:
        return [f"the next run gave {code}: {run.said()[-1500:]}"]
    told = differences(scene.expected, state_of(home, folder), ordered=ordered)
    if doctor:
        log = folder / "doctor.log"
        check = command(["doctor", "--home", home], scene.environment, log)
        if check.wait(LONGEST):
            told.append(f"doctor: {check.said()}")
    return told

"""An ingest is killed, its disk fills or goes read-only: python -m benchmarks.kills

[--kills 200] [--disks 12] [--seed 0] [--pdfs 8] [--folder DIR] [--json]

Each trial ingests made briefings with an encoder of some kilobytes, in a process group of its own,
and kills it at a chosen moment, up to three times in a row, then lets it run undisturbed. The
archive must then equal one that was never disturbed (`benchmarks.archive_state` says what equal
means), and a reader that asks all the while must see whole briefings only, and no error. With
`--disks`, the home lies on a file system of its own (as root, on Linux): one that fills, one that
turns read-only, one that loses what was not yet written through.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import json
import mmap
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.archive_state import State, differences, read_state
from benchmarks.forked import BETWEEN, STAGES, Board, Child, command, fork, load_libraries
from benchmarks.kill_reader import Readings, read_on
from tests.made_briefings import make_briefing
from tests.small_encoder import save_encoder

_SOME_FAILED = 3
_STARTING = "starting"
_ANYWHERE = "anywhere"
_TARGETS = (_STARTING, *STAGES, _ANYWHERE)
_POLL = 0.0002
_LONGEST = 240.0
_EXT4_SHUTDOWN = 0x8004587D
_WITHOUT_THE_LOG = 2
_WORDS = "稀土磷矿锂电光伏风机储能芯片钢材铜价煤炭港口运费关税配额"


class NoDiskError(Exception):
    """No file system of its own can be had here; the message says why."""


# --- what is ingested ----------------------------------------------------------------------------


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
    _begin(home, begin)
    board = Board()
    start = time.monotonic()
    run = ingest(pdfs, home, environment, folder / f"{name}.log", board)
    while not any(board.read(stage)[1] for stage in STAGES) and time.monotonic() - start < 60:
        time.sleep(_POLL)
    first = time.monotonic() - start
    code = run.wait()
    seconds = time.monotonic() - start
    if code not in (0, _SOME_FAILED):
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


def _begin(home: Path, begin: Path | None) -> None:
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


# --- kills ---------------------------------------------------------------------------------------


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


def strike(
    child: Child, board: Board, scene: Scene, target: str, entry: int, victim: str, rng: Random
) -> bool:
    """Wait for a moment within the target and kill; whether there was still what to kill."""
    if target in STAGES:
        while board.read(target)[1] < entry:
            if _has_ended(child):
                return False
            time.sleep(_POLL)
        pause = rng.uniform(0, scene.within.get(target, 0.01))
    elif target == _STARTING:
        pause = rng.uniform(0, scene.before_the_first)
    else:
        pause = rng.uniform(0, scene.seconds)
    end = time.monotonic() + pause
    while time.monotonic() < end and not _has_ended(child):
        time.sleep(min(_POLL, pause))
    try:
        if victim == "group":
            os.killpg(child.pid, signal.SIGKILL)
        elif victim == "main":
            os.kill(child.pid, signal.SIGKILL)
        else:
            os.kill(rng.choice(child.workers()), signal.SIGKILL)
    except (ProcessLookupError, IndexError):  # none any more, or no worker yet
        return False
    return True


def _has_ended(child: Child) -> bool:
    """Whether a child has ended, which leaves it to be waited for."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill_once(
    scene: Scene,
    home: Path,
    folder: Path,
    target: str,
    victim: str,
    rng: Random,
    again: bool = False,
) -> tuple[Blow, list[str]]:
    """Start an ingest and kill it; the blow, and what was wrong with it."""
    board = Board()
    where = rng.choice(("within", "within", "before", "after"))
    if target not in STAGES or victim != "group":
        where = "within"
    # one begun before has less to do, so that it may not come to a stage again
    most = 1 if again else max(1, scene.entries.get(target, 1))
    entry = rng.randint(1, most)
    if where != "within":
        board.die(target, entry, after=where == "after")
    log = folder / "killed.log"
    child = ingest(scene.pdfs, home, scene.environment, log, board)
    struck = False
    if where == "within":
        struck = strike(child, board, scene, target, entry, victim, rng)
    workers = child.workers() if victim == "main" else []
    code = child.wait(_LONGEST)
    problems = [f"a worker outlived its parent: {w}" for w in workers if not _gone(w)]
    if "Traceback" in child.said() and victim != "main":
        problems.append(f"a traceback: {child.said()[-1500:]}")
    if victim == "worker":
        ok = code in (0, 1, _SOME_FAILED)
        problems += [] if ok else [f"a worker was killed, the command gave {code}: {child.said()}"]
        fell: tuple[str, ...] | None = ("a worker",) if struck else None
    elif code != -signal.SIGKILL:
        fell = None
        if code not in (0, scene.exit_code):
            problems.append(f"exit code {code} of a run that wasn't hit: {child.said()[-1500:]}")
    else:
        begun = any(board.read(stage)[1] for stage in STAGES)
        fell = tuple(board.under_way()) or ((BETWEEN if begun else _STARTING),)
    return Blow(target, where, victim, fell), problems


def _gone(pid: int) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return False


def trial(number: int, seed: int, scenes: Mapping[str, Scene], folder: Path, doctor: bool) -> Trial:
    """Kill, up to three times in a row, run undisturbed, compare."""
    rng = Random(f"{seed} {number}")
    victim = "worker" if number % 12 == 11 else "main" if number % 6 == 4 else "group"
    scene = scenes["plain" if victim == "worker" else rng.choice(("fresh", "fresh", "others"))]
    done = Trial(f"seed {seed} trial {number}, {scene.name}")
    home = folder / "home"
    _begin(home, scene.begin)
    with reader(home, scene, folder) as end_reader:
        for row in range(rng.choice((1, 1, 1, 2, 3))):
            target = _TARGETS[(number + 5 * row) % len(_TARGETS)]
            if victim == "worker":
                target = rng.choice(("reading", "encoding", "publishing"))
            if row == 0 and target == "finishing pending":  # there is nothing pending yet
                blow, problems = kill_once(scene, home, folder, "Chroma upsert", "group", rng)
                done.blows.append(blow)
                done.problems += problems
            again = bool(done.blows)
            blow, problems = kill_once(scene, home, folder, target, victim, rng, again)
            done.blows.append(blow)
            done.problems += problems
        done.problems += finish(scene, home, folder, doctor=doctor, ordered=victim != "worker")
        readings = end_reader()
    done.queries = readings.queries
    done.problems += [f"reader: {error}" for error in readings.errors]
    return done


def finish(
    scene: Scene, home: Path, folder: Path, *, doctor: bool, ordered: bool = True
) -> list[str]:
    """Run undisturbed; how what comes out differs from what was to be expected."""
    run = ingest(scene.pdfs, home, scene.environment, folder / "undisturbed.log")
    if (code := run.wait(_LONGEST)) != scene.exit_code:
        return [f"the next run gave {code}: {run.said()[-1500:]}"]
    told = differences(scene.expected, state_of(home, folder), ordered=ordered)
    if doctor:
        log = folder / "doctor.log"
        check = command(["doctor", "--home", home], scene.environment, log)
        if check.wait(_LONGEST):
            told.append(f"doctor: {check.said()}")
    return told


# --- disks ---------------------------------------------------------------------------------------


def _run(*words: str | Path) -> None:
    subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system in memory of so many bytes; raises NoDiskError where that can't be."""
    place = folder / "disk"
    place.mkdir(exist_ok=True)
    with _mounted(place, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        yield place


@contextmanager
def _mounted(place: Path, *options: str | Path) -> Iterator[None]:
    try:
        _run("mount", *options, place)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", error)
        raise NoDiskError(f"nothing can be mounted here ({said})") from error
    try:
        yield
    finally:
        _run("umount", "--lazy", place)


def full_disk(number: int, seed: int, scene: Scene, folder: Path, needs: int) -> Trial:
    """A disk too small, or one that another program fills at some moment; then it has room."""
    rng = Random(f"full {seed} {number}")
    share = rng.uniform(0.02, 0.95)
    by_ballast = number % 2 == 1
    how = "filled at some moment" if by_ballast else f"of {share:.0%} of what is needed"
    done = Trial(f"seed {seed} full disk {number}, {scene.name}, {how}")
    room = max(4 * needs, 64 * 2**20)
    with small_disk(folder, room) as disk:
        home, ballast = disk / "home", disk / "ballast"
        _begin(home, scene.begin)
        held = sum(p.stat().st_size for p in home.rglob("*") if p.is_file())
        if not by_ballast:
            _fill(ballast, leave=int(share * max(needs - held, needs // 4)))
        with reader(home, scene, folder) as end_reader:
            board = Board()
            log = folder / "full.log"
            child = ingest(scene.pdfs, home, scene.environment, log, board)
            if by_ballast:
                target = rng.choice([stage for stage in STAGES if scene.entries[stage]])
                entry = rng.randint(1, scene.entries[target])
                while board.read(target)[1] < entry and not _has_ended(child):
                    time.sleep(_POLL)
                _fill(ballast, leave=0)
                done.name += f" ({target} {entry})"
            try:
                code = child.wait(_LONGEST)
            except TimeoutError as error:
                done.problems.append(f"full disk: {error}")
                code = 1
            done.problems += _judge_error(code, child.said(), scene, ("disk", "space"))
            if home.joinpath("catalog.sqlite3").exists():
                done.problems += look(home, scene, folder)
            ballast.unlink(missing_ok=True)
            done.problems += finish(scene, home, folder, doctor=False)
            readings = end_reader()
    done.queries = readings.queries
    done.problems += [f"reader: {error}" for error in readings.errors]
    return done


def _fill(ballast: Path, leave: int) -> None:
    """Fill a disk but for so many bytes."""
    disk = os.statvfs(ballast.parent)
    length = disk.f_bavail * disk.f_frsize - leave
    with suppress(OSError), ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, length))
        while not leave:
            file.write(bytes(4096))
            file.flush()


def _judge_error(code: int, said: str, scene: Scene, words: Sequence[str]) -> list[str]:
    """What is wrong with how a command ended for which there was no room, or no writing."""
    if code == scene.exit_code and "error:" not in said:
        return []  # it was through by then
    if "Traceback" in said:
        return [f"a traceback: {said[-2500:]}"]
    if code != 1:
        return [f"exit code {code}: {said[-1500:]}"]
    message = said[said.rfind("error:") :]
    if not any(word in message for word in words) or "cure:" not in message:
        return [f"the message names neither cause nor cure: {said[-800:]}"]
    return []


def look(home: Path, scene: Scene, folder: Path) -> list[str]:
    """What is wrong with reading an archive from the command line as it is now."""
    told = []
    for arguments in (
        ["list"],
        ["search", "稀土"],
        ["ask", "稀土如何？"],
    ):
        log = folder / "look.log"
        run = command([*arguments, "--home", home], scene.environment, log)
        code = run.wait(_LONGEST)
        said = run.said()
        nothing_yet = code == 2 and "there is no archive" in said
        if (code not in (0, 4) and not nothing_yet) or "Traceback" in said:
            told.append(f"`archive {' '.join(arguments)}` gave {code}: {said[-800:]}")
    return told


@contextmanager
def loop_disk(folder: Path, size: int) -> Iterator[tuple[Path, Path]]:
    """An ext4 file system in a file, mounted; its place and the file."""
    image, place = folder / "disk.ext4", folder / "disk"
    place.mkdir(exist_ok=True)
    with image.open("wb") as file:
        file.truncate(size)
    try:
        _run("mkfs.ext4", "-q", "-F", image)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoDiskError(f"no ext4 file system can be made here ({error})") from error
    with _mounted(place, "-o", "loop,errors=remount-ro", image):
        yield place, image


def _error_of(place: Path) -> None:
    """Have the kernel find a file system in error, at which it makes it read-only."""
    device = Path(os.path.realpath(_device_of(place))).name
    Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("a test")


def _device_of(place: Path) -> str:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        device, where, *_ = line.split(" ")
        if where.replace("\\040", " ") == str(place):
            return device
    raise OSError(errno.ENOENT, f"{place} is not mounted")


def _lose_power(place: Path) -> None:
    """Stop a file system at once; what it holds in memory is lost, even its journal's end."""
    handle = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, _EXT4_SHUTDOWN, _WITHOUT_THE_LOG.to_bytes(4, sys.byteorder))
    finally:
        os.close(handle)


def bad_disk(number: int, seed: int, scene: Scene, folder: Path, doctor: bool) -> Trial:
    """A disk that is read-only from the start, turns so in the middle, or loses its power."""
    rng = Random(f"disk {seed} {number}")
    kind = ("read-only in the middle", "read-only from the start", "power lost")[number % 3]
    done = Trial(f"seed {seed} disk {number}, {scene.name}, {kind}")
    with loop_disk(folder, 256 * 2**20) as (place, image):
        home = place / "home"
        _begin(home, scene.begin)
        os.sync()
        board = Board()
        log = folder / "bad.log"
        with reader(home, scene, folder) as end_reader:
            if kind == "read-only from the start":
                if number % 2:  # half done by then
                    blow, problems = kill_once(scene, home, folder, _ANYWHERE, "group", rng)
                    done.blows.append(blow)
                    done.problems += problems
                end_reader()
                _run("mount", "-o", "remount,ro", place)
                child = ingest(scene.pdfs, home, scene.environment, log, board)
            else:
                child = ingest(scene.pdfs, home, scene.environment, log, board)
                target = rng.choice([stage for stage in STAGES if scene.entries[stage]])
                entry = rng.randint(1, scene.entries[target])
                while board.read(target)[1] < entry and not _has_ended(child):
                    time.sleep(_POLL)
                time.sleep(rng.uniform(0, scene.within[target]))
                done.name += f" ({target} {entry})"
                if kind == "power lost":
                    _lose_power(place)
                    with suppress(ProcessLookupError):
                        os.killpg(child.pid, signal.SIGKILL)
                else:
                    _error_of(place)
            try:
                code = child.wait(_LONGEST)
            except TimeoutError as error:
                done.problems.append(str(error))
                code = 1
            if kind != "power lost":
                said = child.said()
                done.problems += _judge_error(code, said, scene, ("read-only", "readonly"))
                if home.joinpath("catalog.sqlite3").exists():
                    done.problems += look(home, scene, folder)
                    if doctor:
                        done.problems += _doctor_says(home, scene, folder)
                readings = end_reader()
                done.queries = readings.queries
                done.problems += [f"reader: {error}" for error in readings.errors]
        _run("umount", place)
        subprocess.run(["e2fsck", "-p", "-f", image], check=False, capture_output=True)
        _run("mount", "-o", "loop,errors=remount-ro", image, place)
        done.problems += finish(scene, home, folder, doctor=False)
    return done


def _doctor_says(home: Path, scene: Scene, folder: Path) -> list[str]:
    """Whether doctor tells that an archive can't be written."""
    run = command(["doctor", "--home", home], scene.environment, folder / "doctor.log")
    run.wait(_LONGEST)
    said = run.said()
    is_told = ("read-only" in said or "can't be written" in said) and "Traceback" not in said
    return [] if is_told else [f"doctor does not say that the home is read-only: {said[-2500:]}"]


# --- the whole -----------------------------------------------------------------------------------


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


def run_all(options: argparse.Namespace, folder: Path) -> tuple[list[Trial], str]:
    """All trials asked for, and why those on disks of their own were left out, if they were."""
    chosen = list(range(options.kills)) if options.trial is None else options.trial
    only = "" if chosen or options.disks > 2 else "fresh"
    scenes = make_scenes(folder, options.pdfs, options.seed, only)
    fresh = scenes["fresh"].expected
    _tell(
        f"{len(fresh.facts['briefing'])} briefings, {len(fresh.order)} passages, "
        f"{sum(1 for earlier in fresh.facts['links'].values() if earlier)} storyline links; "
        f"undisturbed in {scenes['fresh'].seconds:.1f} s"
    )
    trials: list[Trial] = []

    def add(make: Callable[[], Trial]) -> None:
        start = time.monotonic()
        done = make()
        trials.append(done)
        fell = "; ".join(", ".join(b.fell or ("missed",)) for b in done.blows)
        _tell(f"{done.name}: {fell} {time.monotonic() - start:.1f} s")
        for problem in done.problems:
            _tell(f"  {problem}")

    for number in chosen:
        is_sample = number % 50 == 49  # it takes 20 s
        add(partial(trial, number, options.seed, scenes, folder, is_sample))
    skipped = ""
    undisturbed = folder / "undisturbed fresh"
    needs = sum(path.stat().st_size for path in undisturbed.rglob("*") if path.is_file())
    try:
        for number in range(options.disks):
            scene = scenes[("fresh", "others")[number // 2 % 2]]
            add(partial(full_disk, number, options.seed, scene, folder, needs))
            add(partial(bad_disk, number, options.seed, scene, folder, number == 1))
    except NoDiskError as error:
        skipped = str(error)
        _tell(f"no disks: {error}")
    return trials, skipped


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def report(trials: Sequence[Trial], skipped: str) -> dict[str, object]:
    """The figures of a run."""
    blows = [blow for done in trials for blow in done.blows]
    fell = Counter(stage for blow in blows for stage in blow.fell or ("missed",))
    return {
        "trials": len(trials),
        "kills": sum(blow.fell is not None for blow in blows),
        "fell": {stage: fell[stage] for stage in (_STARTING, *STAGES, BETWEEN, "a worker")},
        "missed": fell["missed"],
        "queries": sum(done.queries for done in trials),
        "problems": [f"{done.name}: {problem}" for done in trials for problem in done.problems],
        "skipped": skipped,
    }


def main() -> int:
    """Run the trials and print what came of them; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description="Kill ingests, fill disks.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--disks", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pdfs", type=int, default=8)
    parser.add_argument("--trial", type=int, nargs="*", help="only the trials of these numbers")
    parser.add_argument("--folder", type=Path, help="keep everything in this new folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that disks are unmounted
    load_libraries()
    if options.folder:
        options.folder.mkdir(parents=True)
        trials, skipped = run_all(options, options.folder.absolute())
    else:
        with TemporaryDirectory(prefix="kills-") as folder:
            trials, skipped = run_all(options, Path(folder))
    told = report(trials, skipped)
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for name, value in told.items():
            print(f"{name:10}{value}")
    return 1 if told["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""An ingest killed at a chosen moment, up to three times in a row."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

from benchmarks.forked import BETWEEN, STAGES, Board, Child
from benchmarks.kill_scenes import (
    LONGEST,
    POLL,
    SOME_FAILED,
    Blow,
    Scene,
    Trial,
    begin_anew,
    finish,
    ingest,
    reader,
)

STARTING = "starting"
ANYWHERE = "anywhere"
_TARGETS = (STARTING, *STAGES, ANYWHERE)


def strike(
    child: Child, board: Board, scene: Scene, target: str, entry: int, victim: str, rng: Random
) -> bool:
    """Wait for a moment within the target and kill; whether there was still what to kill."""
    if target in STAGES:
        while board.read(target)[1] < entry:
            if has_ended(child):
                return False
            time.sleep(POLL)
        pause = rng.uniform(0, scene.within.get(target, 0.01))
    elif target == STARTING:
        pause = rng.uniform(0, scene.before_the_first)
    else:
        pause = rng.uniform(0, scene.seconds)
    end = time.monotonic() + pause
    while time.monotonic() < end and not has_ended(child):
        time.sleep(min(POLL, pause))
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


def has_ended(child: Child) -> bool:
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
    code = child.wait(LONGEST)
    problems = [f"a worker outlived its parent: {w}" for w in workers if not _gone(w)]
    if "Traceback" in child.said() and victim != "main":
        problems.append(f"a traceback: {child.said()[-1500:]}")
    if victim == "worker":
        ok = code in (0, 1, SOME_FAILED)
        problems += [] if ok else [f"a worker was killed, the command gave {code}: {child.said()}"]
        fell: tuple[str, ...] | None = ("a worker",) if struck else None
    elif code != -signal.SIGKILL:
        fell = None
        if code not in (0, scene.exit_code):
            problems.append(f"exit code {code} of a run that wasn't hit: {child.said()[-1500:]}")
    else:
        begun = any(board.read(stage)[1] for stage in STAGES)
        fell = tuple(board.under_way()) or ((BETWEEN if begun else STARTING),)
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
    begin_anew(home, scene.begin)
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

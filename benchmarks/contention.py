"""Eight readers while two ingests are started at once: python -m benchmarks.contention

[--readers 8] [--rounds 3] [--pdfs 8] [--seed 0] [--json]

In every round two processes ingest the same folder into a new archive. One must do all the work;
the other must end at once with exit code 5 and name the first by its process number or, started
with `--wait`, wait and then find every file unchanged. All the while readers, each a process, list,
search by word and by meaning, ask and show without a pause: none may see an error or part of a
briefing, and in the end the archive must equal one made without company.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.archive_state import differences
from benchmarks.forked import Child, command, load_libraries
from benchmarks.kill_scenes import Scene, Trial, make_scenes, reader, state_of

_BUSY = 5
_LONGEST = 300.0


def contend(scene: Scene, readers: int, folder: Path, *, patient: bool) -> Trial:
    """Two ingests at once beside readers; what was wrong with it."""
    done = Trial(f"{readers} readers, two ingests, {'with --wait' if patient else 'impatient'}")
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    with ExitStack() as stack:
        ends = []
        for number in range(readers):
            own = folder / f"reader {number}"
            own.mkdir(exist_ok=True)
            ends.append(stack.enter_context(reader(home, scene, own)))
        started = [_start(scene, home, folder / f"{n}.log", patient) for n in range(2)]
        codes = _wait(started)
        if patient:
            done.problems += _judge_patient(started, codes, scene)
        else:
            done.problems += _judge_impatient(started, codes, scene)
        time.sleep(1)  # the readers look once more
        for end in ends:
            readings = end()
            done.queries += readings.queries
            done.problems += [f"reader: {error}" for error in readings.errors]
    done.problems += differences(scene.expected, state_of(home, folder))
    return done


def _start(scene: Scene, home: Path, log: Path, patient: bool) -> Child:
    arguments: list[str | Path] = ["ingest", scene.pdfs, "--home", home, "--no-ocr", "--json"]
    return command([*arguments, *(["--wait"] if patient else [])], scene.environment, log)


def _wait(started: list[Child]) -> list[int]:
    """The exit codes of both, in the order in which they were started."""
    codes: dict[int, int] = {}
    end = time.monotonic() + _LONGEST
    while len(codes) < len(started) and time.monotonic() < end:
        for child in started:
            if child.pid not in codes and (code := child.ended()) is not None:
                codes[child.pid] = code
        time.sleep(0.005)
    return [codes[child.pid] if child.pid in codes else child.wait(1) for child in started]


def _judge_impatient(started: list[Child], codes: list[int], scene: Scene) -> list[str]:
    if sorted(codes) != sorted((scene.exit_code, _BUSY)):
        return [f"exit codes {codes}: {[child.said()[-1000:] for child in started]}"]
    winner, loser = sorted(started, key=lambda child: codes[started.index(child)] == _BUSY)
    said = loser.said()
    if f"process {winner.pid} " not in said or "cure:" not in said:
        return [f"the owner, process {winner.pid}, is not named: {said}"]
    return []


def _judge_patient(started: list[Child], codes: list[int], scene: Scene) -> list[str]:
    if codes != [scene.exit_code] * 2:
        return [f"exit codes {codes}: {[child.said()[-1000:] for child in started]}"]
    counts = [_counts(child.said()) for child in started]
    first, second = sorted(counts, key=lambda count: -count["new"])
    if second["new"] or second["replaced"] or not first["new"]:
        return [f"one has {first}, the other {second}"]
    if not any("waiting: " in child.said() for child in started):
        return ["none said that it waits"]
    return []


def _counts(said: str) -> dict[str, int]:
    """The counts of a report in JSON, among what else was printed."""
    report, _ = json.JSONDecoder().raw_decode(said[said.index('{\n "files"') :])
    counts: dict[str, int] = report["counts"]
    return counts


def main() -> int:
    """Run the rounds and print what came of them; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description="Two ingests at once, beside readers.")
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pdfs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    load_libraries()
    rounds: list[Trial] = []
    with TemporaryDirectory(prefix="contention-") as name:
        folder = Path(name)
        scene = make_scenes(folder, options.pdfs, options.seed, only="fresh")["fresh"]
        for _ in range(options.rounds):
            for patient in (False, True):
                rounds.append(contend(scene, options.readers, folder, patient=patient))
                print(rounds[-1].name, rounds[-1].queries, "queries", file=sys.stderr, flush=True)
    told = {
        "rounds": len(rounds),
        "queries": sum(done.queries for done in rounds),
        "problems": [f"{done.name}: {problem}" for done in rounds for problem in done.problems],
    }
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for key, value in told.items():
            print(f"{key:10}{value}")
    return 1 if told["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())

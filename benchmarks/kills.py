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
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.forked import BETWEEN, STAGES, load_libraries
from benchmarks.kill_blows import STARTING, trial
from benchmarks.kill_disks import NoDiskError, bad_disk, full_disk
from benchmarks.kill_scenes import Trial, make_scenes


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
        "fell": {stage: fell[stage] for stage in (STARTING, *STAGES, BETWEEN, "a worker")},
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

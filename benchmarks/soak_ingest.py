"""Hostile PDFs among good ones through `archive ingest`: each costs a line, the good ones are in.

make soak, or: python -m benchmarks.soak_ingest [--count 500] [--seed 0] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from archive.errors import CURES_ZH
from archive.output.csv_tables import files_csv
from archive.store.records import FileReport
from archive.untrusted_text import on_one_line, without_surrogates
from benchmarks.memory import family, held, peak
from benchmarks.soak import ROOT, sources, timed
from ingest.extract.limits import Limits
from ingest.reading.briefing_reader import ReadOptions
from tests.hostile_pdfs import ENDLESS, Placed, place_good, place_hostile, place_oddities
from tests.small_encoder import save_encoder

LIMITS = Limits(seconds=30.0)
MOST_MEMORY = int(2.5 * 2**30)
"""Bytes that all processes of the ingest together may hold."""
_GRACE = 5.0
"""Seconds beyond the limit in which a worker is ended and another begun."""
_USED_FOR_MUTANTS = 3
"""Of the samples; the others are the good ones, which no mutant may pass for a revision of."""
_SLOWEST = 10
_CACHE = (".cache", ".cache/briefing-archive", ".cache/briefing-archive/jieba.cache")
"""What the words are loaded from, once it is made."""
_IN = ("new", "replaced")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_FAILED = re.compile(r"^failed 失败 \[\w+\] ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a soak; only `home` may change."""

    base: Path

    @property
    def files(self) -> Path:
        return self.base / "files"

    @property
    def home(self) -> Path:
        return self.base / "home"

    @property
    def model(self) -> Path:
        return self.base / "model"

    @property
    def elsewhere(self) -> tuple[Path, ...]:
        """The working folder, the user's and that for temporary files: empty but for a cache."""
        return tuple(self.base / name for name in ("work", "user", "temporary"))

    @property
    def environment(self) -> dict[str, str]:
        work, user, temporary = map(str, self.elsewhere)
        return dict(os.environ) | {
            "ARCHIVE_HOME": str(self.home),
            "ARCHIVE_MODEL": str(self.model),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
            "HOME": user,
            "PWD": work,
            "TMPDIR": temporary,
            "OMP_NUM_THREADS": "1",
        }


@dataclass(frozen=True, slots=True)
class Ran:
    """A command as it ended, the seconds it took, and the most that it and its children held."""

    code: int
    out: str
    err: str
    seconds: float = 0.0
    together: int = 0
    largest: int = 0


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak showed: the files, what became of each, the run, and what must not be."""

    placed: tuple[Placed, ...]
    codes: tuple[str, ...]
    run: Ran
    problems: tuple[str, ...]


def prepare(base: Path) -> Place:
    """The folders of a soak, empty, and the encoder."""
    place = Place(base)
    for folder in (place.files, place.model, *place.elsewhere):
        folder.mkdir()
    save_encoder(place.model, "□？问文：降准")
    return place


def fill(
    place: Place, count: int, seed: int, *, good: int | None = None, endless: int = 2
) -> list[Placed]:
    """Put hostile files, odd ones and so many good ones, all where not said, into the folder."""
    samples = sorted((ROOT / "data" / "samples").glob("*.pdf"))
    sound = samples[_USED_FOR_MUTANTS:][:good]
    return [
        *place_good(place.files, sound),
        *place_hostile(place.files, sources(), count, seed, endless=endless),
        *place_oddities(place.files, samples[0].read_bytes()),
    ]


def soak(place: Place, placed: Sequence[Placed]) -> Soaked:
    """Take the folder in by the command itself and look at everything it leaves."""
    changing = place.files / "changing.pdf"
    sound = sources()[-1].read_bytes()
    changing.write_bytes(sound)
    before = _seen(place.files)
    with _rewritten(changing, sound):
        run = _watched(place, "ingest", str(place.files), "--recursive", "--no-ocr", "--json",
                       "--timeout", f"{LIMITS.seconds:g}")  # fmt: skip
    problems = [*_untouched(place, before, _seen(place.files))]
    try:
        files: list[dict[str, Any]] = json.loads(run.out)["files"]
    except (ValueError, KeyError):
        problems.append(f"exit code {run.code}, no JSON document: {run.err[-2000:]}")
        return Soaked((), (), run, tuple(problems))
    placed = [*placed, Placed(changing, "changing")]
    problems += _every_file_once(placed, files)
    ends = {
        file["path"]: file["error"]["code"] if file["error"] else file["outcome"] for file in files
    }
    codes = [ends.get(without_surrogates(str(each.path)), "missing") for each in placed]
    problems += _right_ends(placed, codes, files)
    problems += _clean_screen(run.err, sum(file["error"] is not None for file in files))
    problems += _clean_table(files)
    problems += _sound_archive(place, placed, files)
    if run.code != 3:
        problems.append(f"exit code {run.code}, not 3 (some files failed)")
    if run.together > MOST_MEMORY:
        problems.append(f"{run.together / 2**20:.0f} MB over all processes")
    return Soaked(tuple(placed), tuple(codes), run, tuple(problems))


# --- running -------------------------------------------------------------------------------------


def _watched(place: Place, *arguments: str) -> Ran:
    """Run the command and look at its memory until it ends."""
    command = [sys.executable, "-m", "archive", *arguments]
    together = largest = 0
    start = time.perf_counter()
    with (place.base / "out").open("w+b") as out, (place.base / "err").open("w+b") as err:
        process = subprocess.Popen(
            command, env=place.environment, cwd=place.elsewhere[0],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        )  # fmt: skip
        while process.poll() is None:
            pids = family(process.pid)
            together = max(together, sum(map(held, pids)))
            largest = max(largest, *(peak(pid) or 0 for pid in pids))
            time.sleep(0.2)
        seconds = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        texts = out.read().decode("utf-8"), err.read().decode("utf-8")
    return Ran(process.returncode, texts[0], texts[1], seconds, together, largest)


def _said(place: Place, *arguments: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "archive", *arguments],
        env=place.environment, cwd=place.elsewhere[0],
        stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


class _rewritten:
    """For the block, a file that is cut in half and written whole again, again and again."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._data, self._ended = path, data, Event()
        self._thread = Thread(target=self._work)

    def _work(self) -> None:
        with self._path.open("r+b") as file:
            while not self._ended.wait(0.01):
                file.truncate(len(self._data) // 2)
                if self._ended.wait(0.01):
                    break
                file.seek(0)
                file.write(self._data)
                file.flush()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


# --- what must hold ------------------------------------------------------------------------------

_Seen = dict[str, tuple[int, ...]]


def _seen(folder: Path) -> _Seen:
    """Everything in a folder but the file that changes: kind, size and time of its last change."""
    found: _Seen = {}
    for path in folder.rglob("*"):
        if path.name != "changing.pdf":
            status = path.lstat()
            found[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return found


def _untouched(place: Place, before: _Seen, after: _Seen) -> Iterator[str]:
    yield from (f"changed: {path!r}" for path in before if before[path] != after.get(path))
    yield from (f"written: {path!r}" for path in after if path not in before)
    for folder in place.elsewhere:
        for path in folder.rglob("*"):
            if str(path.relative_to(folder)) not in _CACHE:
                yield f"written outside the home: {str(path)!r}"
    expected = {"files", "home", "model", "out", "err", *(each.name for each in place.elsewhere)}
    yield from (f"written: {path!r}" for path in os.listdir(place.base) if path not in expected)


def _every_file_once(placed: Sequence[Placed], files: Sequence[dict[str, Any]]) -> Iterator[str]:
    wanted = Counter(without_surrogates(str(each.path)) for each in placed)
    got = Counter(file["path"] for file in files)
    yield from (f"no line for {path!r}" for path in wanted - got)
    yield from (f"a line too many for {path!r}" for path in got - wanted)


def _right_ends(
    placed: Sequence[Placed], codes: Sequence[str], files: Sequence[dict[str, Any]]
) -> Iterator[str]:
    messages = {file["path"]: file["error"]["message"] for file in files if file["error"]}
    for each, code in zip(placed, codes, strict=True):
        may_be_slow = each.kind.startswith(ENDLESS)
        if each.good:
            wrong = code not in _IN
        else:
            wrong = code not in (*CURES_ZH, *_IN, "unchanged") or code == "crashed"
            wrong |= code == "timeout" and not may_be_slow
        if wrong:
            said = messages.get(without_surrogates(str(each.path)), "")
            yield f"{code}: {each.kind} {str(each.path)!r}: {said}"
    for file in files:
        error = file["error"]
        if error and not (error["message"] and error["cure"] and error["cure_zh"]):
            yield f"no reason or cure: {file['path']!r}"


def _clean_screen(text: str, failed: int) -> Iterator[str]:
    if found := _CONTROLS.search(text):
        yield f"control characters on the screen: {text[: found.end()].splitlines()[-1]!r}"
    lines = len(_FAILED.findall(text))
    if lines != failed:
        yield f"{lines} lines on the screen for {failed} failed files"


def _clean_table(files: Sequence[dict[str, Any]]) -> Iterator[str]:
    reports = [
        FileReport(
            path=file["path"], outcome=file["outcome"], title=file["title"],
            error_message=(file["error"] or {}).get("message"),
        )
        for file in files
    ]  # fmt: skip
    rows = list(csv.reader(io.StringIO(files_csv(reports), newline="")))[1:]
    if [row[0] for row in rows] != [on_one_line(file["path"]) for file in files]:
        yield "the CSV has other paths than the report"


def _sound_archive(
    place: Place, placed: Sequence[Placed], files: Sequence[dict[str, Any]]
) -> Iterator[str]:
    doctor = _said(place, "doctor", "--json")
    checks = json.loads(doctor.out)["checks"] if doctor.out else []
    yield from (
        f"doctor: {check['name']}: {check['message']}"
        for check in checks
        if check["status"] == "fail" or (check["status"] == "warn" and check["name"] != "disk")
    )
    if doctor.code or not checks:
        yield f"doctor ended with {doctor.code}: {doctor.err[-500:]}"
    listed = json.loads(_said(place, "list", "--json").out)["briefings"]
    live = {entry["id"] for entry in listed if entry["status"] == "live"}
    ids = {file["path"]: file["briefing_id"] for file in files}
    good = [ids.get(without_surrogates(str(each.path))) for each in placed if each.good]
    yield from (f"not live: {briefing}" for briefing in good if briefing not in live)
    table = _said(place, "list").out
    if len(table.splitlines()) != len(listed) + 1:
        yield f"{len(table.splitlines())} lines for {len(listed)} briefings in the list"
    for name, text in (("list", table), ("status", _said(place, "status").out)):
        if found := _CONTROLS.search(text):
            yield f"control characters in `archive {name}`: {found[0]!r}"


# --- the report ----------------------------------------------------------------------------------


def _times(placed: Sequence[Placed]) -> list[float]:
    """Seconds that reading each file takes, two at a time as the command reads them."""
    options = ReadOptions(ocr=False)

    def share(files: Sequence[Placed]) -> list[float]:
        return [seconds for _, seconds, _ in timed([each.path for each in files], options, LIMITS)]

    times = [0.0] * len(placed)
    with ThreadPoolExecutor(2) as pool:
        times[0::2], times[1::2] = pool.map(share, (placed[0::2], placed[1::2]))
    return times


def _report(soaked: Soaked) -> Iterator[str]:
    yield f"{'outcome':14}{'files':>7}"
    for code, count in Counter(soaked.codes).most_common():
        yield f"{code:14}{count:7}"
    good = sum(each.good for each in soaked.placed)
    run = soaked.run
    yield f"{len(soaked.placed)} files, {good} of them good, taken in in {run.seconds:.0f} s"
    yield (
        f"most memory: {run.together / 2**20:.0f} MB over all processes, "
        f"{run.largest / 2**20:.0f} MB of one"
    )
    yield f"\nwrong: {len(soaked.problems) or 'nothing'}"
    yield from (f"  {problem}" for problem in soaked.problems)


def main() -> int:
    """Soak, print the report; 1 when anything that must hold doesn't."""
    parser = argparse.ArgumentParser(description="Take hostile PDFs in among good ones.")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a new folder for the files and the archive")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        base = options.keep or Path(temporary)
        base.mkdir(parents=True, exist_ok=True)
        place = prepare(base)
        placed = fill(place, options.count, options.seed)
        print(f"{len(placed)} files made", file=sys.stderr, flush=True)
        soaked = soak(place, placed)
        print("\n".join(_report(soaked)), flush=True)
        built = [each for each in soaked.placed if not each.kind.startswith(("mutant", "changing"))]
        rows = sorted(zip(_times(built), built, strict=True), key=lambda row: -row[0])
    print("\nslowest to read of those built (`benchmarks.soak` times mutants):")
    for seconds, each in rows[:_SLOWEST]:
        print(f"  {seconds:6.2f} s  {each.kind}")
    hung = bool(rows) and rows[0][0] > LIMITS.seconds + _GRACE
    return 1 if soaked.problems or hung else 0


if __name__ == "__main__":
    sys.exit(main())

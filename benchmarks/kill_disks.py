"""An ingest on a disk that fills, that turns read-only, or that loses its power."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from benchmarks.forked import STAGES, Board, command
from benchmarks.kill_blows import ANYWHERE, has_ended, kill_once
from benchmarks.kill_scenes import LONGEST, POLL, Scene, Trial, begin_anew, finish, ingest, reader

_EXT4_SHUTDOWN = 0x8004587D
_WITHOUT_THE_LOG = 2


class NoDiskError(Exception):
    """No file system of its own can be had here; the message says why."""


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
        begin_anew(home, scene.begin)
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
                while board.read(target)[1] < entry and not has_ended(child):
                    time.sleep(POLL)
                _fill(ballast, leave=0)
                done.name += f" ({target} {entry})"
            try:
                code = child.wait(LONGEST)
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
        code = run.wait(LONGEST)
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
        begin_anew(home, scene.begin)
        os.sync()
        board = Board()
        log = folder / "bad.log"
        with reader(home, scene, folder) as end_reader:
            if kind == "read-only from the start":
                if number % 2:  # half done by then
                    blow, problems = kill_once(scene, home, folder, ANYWHERE, "group", rng)
                    done.blows.append(blow)
                    done.problems += problems
                end_reader()
                _run("mount", "-o", "remount,ro", place)
                child = ingest(scene.pdfs, home, scene.environment, log, board)
            else:
                child = ingest(scene.pdfs, home, scene.environment, log, board)
                target = rng.choice([stage for stage in STAGES if scene.entries[stage]])
                entry = rng.randint(1, scene.entries[target])
                while board.read(target)[1] < entry and not has_ended(child):
                    time.sleep(POLL)
                time.sleep(rng.uniform(0, scene.within[target]))
                done.name += f" ({target} {entry})"
                if kind == "power lost":
                    _lose_power(place)
                    with suppress(ProcessLookupError):
                        os.killpg(child.pid, signal.SIGKILL)
                else:
                    _error_of(place)
            try:
                code = child.wait(LONGEST)
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
    run.wait(LONGEST)
    said = run.said()
    is_told = ("read-only" in said or "can't be written" in said) and "Traceback" not in said
    return [] if is_told else [f"doctor does not say that the home is read-only: {said[-2500:]}"]

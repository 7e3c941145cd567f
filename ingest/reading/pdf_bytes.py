"""A file's bytes, read within limits, with a plain reason where that can't be done."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from archive.errors import ReadError
from ingest.extract.limits import STANDARD, Limits

_PART = 2**20
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_bytes(path: Path, limits: Limits = STANDARD) -> bytes:
    """A file's bytes; raises ReadError `not_found`, `unreadable` or `too_large`."""
    with _opened(path, limits) as (file, size):
        data = file.read(size + 1) or b""  # None of what has nothing to give yet
    if len(data) != size:
        raise ReadError(
            "unreadable",
            f"{path.name}: its size changed while it was read",
            "try again once it is written completely",
        )
    return data


def hash_file(path: Path, limits: Limits = STANDARD) -> str:
    """The SHA-256 of a file's bytes, never all in memory; raises as `read_bytes` does."""
    digest = hashlib.sha256()
    with _opened(path, limits) as (file, _):
        while part := file.read(_PART):
            digest.update(part)
    return digest.hexdigest()


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[tuple[BufferedReader, int]]:
    """A file and its size; what goes wrong within, reading it too, is raised as a ReadError."""
    try:
        _check_is_file(path, path.stat())  # before it is opened, which does things to some devices
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            _check_is_file(path, status)
            check_size(path, status.st_size, limits)
            yield file, status.st_size
    except FileNotFoundError as error:
        raise ReadError("not_found", f"{path.name}: no such file", "check the path") from error
    except OSError as error:
        raise ReadError(
            "unreadable",
            f"{path.name}: can't be read ({error.strerror})",
            "check the file's permissions and the disk",
        ) from error


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe that took its place since the last look must not hold the reader up."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # none on Windows


def _check_is_file(path: Path, status: os.stat_result) -> None:
    """Raise ReadError `unreadable` for what might never end, as a pipe or a device."""
    if stat.S_ISREG(status.st_mode):
        return
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
    raise ReadError("unreadable", f"{path.name}: not a file but {kind}", "give a PDF file")


def check_size(path: Path, size: int, limits: Limits = STANDARD) -> None:
    """Raise ReadError `too_large` for more bytes than one file may have."""
    if size > limits.size:
        most = f"{round(limits.size / 2**20, 2):g} MB"
        raise ReadError(
            "too_large",
            f"{path.name}: {size / 2**20:.1f} MB, the limit is {most}",
            "split the file, reduce its pictures, or allow more with --max-size",
        )

"""Whether a disk is full or read-only, told from an error or by writing to it."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Literal

from archive.errors import ArchiveError

_TRIED = 16 * 2**20
"""Bytes written to see whether a disk is full: Chroma needs so many for some of its steps."""
_NO_SPACE = 2**18
"""Bytes without which not even a watch or a report can be kept."""
_FULL = ("disk is full", "no space left", "quota exceeded")
_READ_ONLY = ("readonly database", "read-only file system")
_PERHAPS = ("disk i/o error", "unable to open database file", "can't be written", "chroma failed")


def disk_trouble(home: Path, error: Exception) -> ArchiveError | None:
    """The error to raise where an archive's disk is the cause of another; None where it isn't."""
    said = str(error).casefold()
    if any(words in said for words in _FULL):
        return _full(home)
    if any(words in said for words in _READ_ONLY):  # said of a catalogue on a full disk too
        return read_only_disk(home) if is_on_read_only_disk(home) else _tried(home)
    if isinstance(error, OSError) or any(words in said for words in _PERHAPS):
        return _tried(home)
    return None


def is_on_read_only_disk(path: Path) -> bool:
    """Whether nobody can write to a file or folder, whatever its permissions."""
    return os.name == "posix" and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


Obstacle = Literal["full", "read-only", "forbidden"]


def obstacle_to_writing(home: Path) -> Obstacle | None:
    """Why nothing can be written to an archive just now; None where nothing seems to stop it."""
    try:
        if is_on_read_only_disk(home):
            return "read-only"
        if not os.access(home, os.W_OK):
            return "forbidden"
        return "full" if shutil.disk_usage(home).free < _NO_SPACE else None
    except OSError:
        return "forbidden"


def _tried(home: Path) -> ArchiveError | None:
    """What is wrong with a disk, found by writing to it; None where that works."""
    try:
        with tempfile.TemporaryFile(dir=home, buffering=0) as file:
            file.write(bytes(_TRIED))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _full(home)
        if error.errno == errno.EROFS:
            return read_only_disk(home)
    return None


def _full(home: Path) -> ArchiveError:
    return ArchiveError(
        f"the disk is full on which the archive lies ({home})",
        "free some space and run the same command again, which goes on where this one stopped; "
        "nothing is lost, and what is in can be searched meanwhile",
    )


def read_only_disk(home: Path) -> ArchiveError:
    """The error for an archive on a read-only disk."""
    return ArchiveError(
        f"the disk is read-only on which the archive lies ({home})",
        "make it writable (a disk with errors turns read-only: check it first) and run the same "
        "command again, which goes on where this one stopped; what is in can be searched meanwhile",
    )

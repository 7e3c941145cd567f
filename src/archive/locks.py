"""One process at a time: file locks that say who holds them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from archive.errors import BusyError


@contextmanager
def hold(path: Path, purpose: str, *, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock at `path` for the block; the system frees it if the process dies.

    Raises BusyError, naming the holder, when another process has it for longer than `patience`,
    in seconds.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    note = path.with_suffix(".holder.json")
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"{path.parent} is in use: {_holder(note)}",
            "wait until it has finished and try again",
        ) from None
    try:
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        note.write_text(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": since}))
        yield
    finally:
        with suppress(OSError):
            note.unlink()
        lock.release()


def _holder(note: Path) -> str:
    """Who holds a lock, as its note says; the note may be a moment late."""
    try:
        holder = json.loads(note.read_text())
        return f"process {holder['pid']} ({holder['purpose']}, since {holder['since']})"
    except (OSError, ValueError, KeyError):
        return "another process holds it"

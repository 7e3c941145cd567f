"""One process at a time: file locks that say who holds them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import BusyError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LOOK_SECONDS = 0.1
_GRACE = 0.3
"""Seconds for which `await_free` of another process may have a lock, so that it isn't busy yet."""


class Patience:
    """How many seconds to wait for other processes in all, and who is told, once, of the wait."""

    def __init__(self, seconds: float = 0.0, tell: Callable[[str], None] = lambda said: None):
        self._until = time.monotonic() + seconds
        self._tell = tell
        self._told = ""

    def telling(self, tell: Callable[[str], None]) -> Patience:
        """The patience that is left, with somebody else told."""
        return Patience(self._until - time.monotonic(), tell)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._until

    def tell(self, message: str) -> None:
        if message != self._told:
            self._tell(message)
            self._told = message


NO_PATIENCE = Patience()


@contextmanager
def hold(path: Path, purpose: str, *, patience: Patience = NO_PATIENCE) -> Iterator[None]:
    """Hold the lock at `path` for the block; the system frees it if the process dies.

    Raises BusyError, naming the holder, when another process has it for longer than `patience`.
    """
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    note = _note(path)
    lock = FileLock(path)
    _acquire(lock, path, patience)
    try:
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        with suppress(OSError):  # of a full disk: the lock holds without the note that tells of it
            note.write_text(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": since}))
        yield
    finally:
        with suppress(OSError):
            note.unlink()
        lock.release()


def await_free(path: Path, patience: Patience = NO_PATIENCE) -> None:
    """Return once no process holds the lock at `path`.

    Raises BusyError as `hold` does. Whoever comes next may take the lock first all the same.
    """
    from filelock import FileLock

    if not path.exists():
        return
    lock = FileLock(path)
    with suppress(OSError):  # a folder that can't be written is for whoever writes to tell of
        _acquire(lock, path, patience)
        lock.release()


def _acquire(lock: BaseFileLock, path: Path, patience: Patience) -> None:
    from filelock import Timeout

    started = time.monotonic()
    while True:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if time.monotonic() - started > _GRACE:
                message = f"{path.parent} is in use: {_holder(_note(path))}"
                if patience.is_over:
                    cure = "wait until it has finished and try again, or let --wait do that"
                    raise BusyError(message, cure) from None
                patience.tell(message)
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _note(path: Path) -> Path:
    return path.with_suffix(".holder.json")


def _holder(note: Path) -> str:
    """Who holds a lock, as its note says; the note may be a moment late."""
    try:
        holder = json.loads(note.read_text())
        return f"process {holder['pid']} ({holder['purpose']}, since {holder['since']})"
    except (OSError, ValueError, KeyError):
        return "another process holds it"

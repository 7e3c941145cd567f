"""What a process and all it started took: seconds of processor, and memory at most (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

_EVERY = 1.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Taken:
    """Seconds of processor, and bytes at most: a page that processes share counts in each."""

    memory: int = 0
    by_process: dict[int, float] = field(default_factory=dict)

    @property
    def processor(self) -> float:
        return sum(self.by_process.values())


@contextmanager
def watched(session: int) -> Iterator[Taken]:
    """What the processes of a session take during the block, looked at once a second.

    A child that a server of processes forked is nobody's whose time the system would add up.
    """
    taken, ended = Taken(), Event()
    before = dict(_processes(session))

    def look() -> None:
        while True:
            memory = 0
            for pid, seconds in _processes(session):
                taken.by_process[pid] = seconds - before.get(pid, 0.0)
                memory += _memory(pid)
            taken.memory = max(taken.memory, memory)
            if ended.wait(_EVERY):
                return

    thread = Thread(target=look)
    thread.start()
    try:
        yield taken
    finally:
        ended.set()
        thread.join()


def _processes(session: int) -> Iterator[tuple[int, float]]:
    """The processes of a session, each with the seconds of processor it has taken."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                yield int(folder.name), (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> int:
    """Bytes in memory; `smaps_rollup` would share pages out, but holds a large process up by it."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return 0

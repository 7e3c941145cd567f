"""What a process and all it started took: seconds of processor, and memory at most (Linux)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

_EVERY = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Taken:
    """Seconds of processor, and bytes at most: a page shared by n processes is an nth of each."""

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
    with suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(found[1]) * 1024 if found else 0
    return 0

"""The memory a process took at most, and what it and its children hold."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def peak(pid: int | str = "self") -> int | None:
    """The most bytes a running process has held in memory; None where the system can't tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return _own_peak() if pid == "self" else None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)  # none once it has ended
    return int(found[1]) * 1024 if found else None


def family(pid: int) -> list[int]:
    """A running process and its children, theirs too; itself alone where the system can't tell."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:  # it has just ended
                continue
    return found


def held(pid: int) -> int:
    """The bytes a process holds, of those it shares its part; 0 where the system can't tell."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _own_peak() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024

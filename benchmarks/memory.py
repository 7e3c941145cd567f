"""The memory a process took at most."""

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


def _own_peak() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024

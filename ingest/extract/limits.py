"""What reading one file may take, so that a hostile one costs a line in the report and no more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes of memory that reading one file may take; pages and bytes it may have.

    Memory is the address space of the process that reads, limited where the system can tell.
    """

    seconds: float = 180.0
    memory: int = 2**30
    pages: int = 2000
    size: int = 200 * 2**20


STANDARD = Limits()
LEAST_MEMORY = 400 * 2**20
"""With less than this a briefing with large pictures could hardly be read."""

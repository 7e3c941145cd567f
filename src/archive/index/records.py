"""What the indexes say of their words, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TermCount:
    """A term and the number of passages it stands in."""

    term: str
    passages: int

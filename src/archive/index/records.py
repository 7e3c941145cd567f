"""What the indexes say of their words, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TermCount:
    """A term and the number of passages it stands in."""

    term: str
    passages: int


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word of a text in search form, its half-open range there, and what is known of it.

    `role` is what it is in a sentence, "mark" for what is no word; `specificity` as in `Weight`.
    """

    text: str
    start: int
    end: int
    role: str
    specificity: float
    stands: bool
    """Whether it stands in any passage; False for a single character."""

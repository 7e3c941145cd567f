"""Answers, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.records import NO_FILTER, Citation, Filter
from archive.search.records import Result
from archive.store.records import CoverageStatement


@dataclass(frozen=True, slots=True)
class Conflict:
    """Different figures for what seems the same thing: (citation, figure, date), oldest first."""

    figures: tuple[tuple[int, str, str], ...]

    @property
    def line(self) -> str:
        """The figures with their dates, as a sentence for the reader."""
        said = "，".join(f"{date} 为 {figure}[{number}]" for number, figure, date in self.figures)
        return f"注意，各处数字不一：{said}。"


@dataclass(frozen=True, slots=True)
class Widening:
    """What to try where evidence is missing, as a sentence; and what to ask then, where known."""

    line: str
    question: str = ""
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A question answered out of the archive, or refused (`supported` false).

    `probability` is the chance that the archive holds the answer, of the part that is least likely.
    """

    question: str
    supported: bool
    text: str
    citations: tuple[Citation, ...]
    coverage: CoverageStatement
    results: tuple[Result, ...]
    engine: Literal["extractive", "llm"]
    took_ms: float = 0.0
    probability: float = 0.0
    understood: str = ""
    """The question as it was read, where it leans on the one before it."""
    where: Filter = NO_FILTER
    """The filter it was asked under, that of the question before it where it leans on that."""
    notes: tuple[str, ...] = ()
    """Sentences for the reader: how the question was taken, and what else to know."""
    missing: tuple[str, ...] = ()
    """The parts of the question that no evidence was found for."""
    conflicts: tuple[Conflict, ...] = ()
    widen: tuple[Widening, ...] = ()
    """What to try where the evidence is missing."""
    replaced: tuple[tuple[str, str], ...] = ()
    """Cited briefings that a revision has replaced since, each with the revision's id."""

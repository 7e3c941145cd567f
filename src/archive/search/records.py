"""What a search gives, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from typing import Literal

from archive.records import BriefingCard, Citation, Filter, Mode, OfPassage, Passage
from archive.store.records import NO_FACETS, Facets

Sort = Literal["relevance", "newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Result(OfPassage):
    """A passage with its rank from 1, and its rank in each index (None: not found there)."""

    rank: int
    score: float
    keyword_rank: int | None
    semantic_rank: int | None
    passage: Passage
    highlights: tuple[tuple[int, int], ...] = ()
    """Half-open code-point ranges of the passage's text."""
    snippet: tuple[int, int] = (0, 0)
    """The half-open range of the passage's text to show: the stretch around the best hit."""
    hits: tuple[str, ...] = ()
    """The words of the query that the passage or its headings hold."""

    @property
    def pages(self) -> tuple[int, int]:
        return self.passage.pages

    @property
    def printed(self) -> tuple[str, str]:
        return self.passage.printed

    @property
    def topics(self) -> tuple[str, ...]:
        return self.passage.topics

    @property
    def text(self) -> str:
        return self.passage.text

    @property
    def citation(self) -> Citation:
        """The passage whole, to be cited."""
        return Citation(self.rank, self.passage, self.text, self.pages, self.printed)


@dataclass(frozen=True, slots=True)
class BriefingGroup:
    """A briefing with its best results, and how many of its passages were found in all."""

    briefing: BriefingCard
    total: int
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class DateInference:
    """Words of a query that were taken for a date, and the days they mean, inclusive."""

    words: str
    since: Date | None
    until: Date | None

    @property
    def line(self) -> str:
        """What was inferred, as a sentence for the reader."""
        first, last = self.since or "最早", self.until or "最新"
        days = f"{first}" if first == last else f"{first} 至 {last}"
        return f"“{self.words}”已作为日期：只看 {days} 的简报。"


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results out of `total` that match.

    `where` is the filter that was in force, what the query itself says of dates and topics
    included. With `groups` a page is so many briefings, else so many results.
    """

    query: str
    mode: Mode
    where: Filter
    total: int
    took_ms: float
    results: tuple[Result, ...]
    message: str = ""
    """A sentence for the reader when there is something to say, such as that nothing matched."""
    facets: Facets = NO_FACETS
    """Of the passages that hold words of the query, where any does."""
    holding: int = 0
    """How many of the results hold words of the query; the others are near in meaning."""
    briefings: int = 0
    """How many briefings the results are from."""
    groups: tuple[BriefingGroup, ...] = ()
    inferred: DateInference | None = None
    """A date read out of the query, which the reader may refuse."""
    suggestion: str = ""
    """What the reader may have meant to type."""

    @property
    def of_which(self) -> str:
        """How the results divide, where some hold words of the query and others don't."""
        near = self.total - self.holding
        return (
            f"（{self.holding} 条含所查字词，{near} 条意思相近）" if self.holding and near else ""
        )

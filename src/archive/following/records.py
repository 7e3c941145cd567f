"""Matters followed from briefing to briefing, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from itertools import pairwise
from typing import Literal

from archive.records import BriefingCard, Citation, Passage, Reference, day_range
from archive.search.records import Result
from archive.store.records import Facet, Watch

Period = Literal["month", "week"]
LONG_GAP = 30
"""Days without a word of a storyline beyond which they are a gap."""


@dataclass(frozen=True, slots=True)
class MissingDays:
    """The days of a series, first to last issue, on which one was to be expected and isn't in."""

    series: str
    since: Date
    until: Date
    weekdays: tuple[int, ...]
    """On which it usually appears; Monday is 0."""
    dates: tuple[Date, ...]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the newest issue is, and whether that is older than usual; None: can't be told."""

    newest: Date | None
    age_days: int | None
    usual_gap: int | None
    """Days between issues, public holidays aside, that nine out of ten gaps don't exceed."""
    is_stale: bool


ChangeKind = Literal["figure", "date", "status"]
SentenceStatus = Literal["stands", "reworded", "changed", "new"]
PartStatus = Literal["covered", "partly", "new"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a draft gives otherwise than the archive did last: as written here and there.

    The citation is of the earlier sentence.
    """

    kind: ChangeKind
    old: str
    new: str
    citation: Citation

    @property
    def line(self) -> str:
        return f"{self.old} → {self.new}（{self.citation.line}）"


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft, and how the archive knows it.

    It `stands` there nearly word for word, is there `reworded`, gives something `changed`, or is
    `new`. The citation is of the earlier sentence most like it.
    """

    text: str
    status: SentenceStatus
    citation: Citation | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Days between two briefings of a storyline without a word of it."""

    since: str
    until: str
    days: int


@dataclass(frozen=True, slots=True)
class Story:
    """A storyline: passages that tell one continuing matter, oldest first."""

    id: str
    name: str
    passages: tuple[Passage, ...]

    @property
    def first(self) -> str:
        return self.passages[0].briefing.date

    @property
    def last(self) -> str:
        return self.passages[-1].briefing.date

    @property
    def briefings(self) -> int:
        return len({passage.briefing.id for passage in self.passages})

    @property
    def line(self) -> str:
        """How long it has been told, as a sentence for the reader."""
        gaps = "、".join(f"{gap.since} 至 {gap.until}（{gap.days} 天）" for gap in self.gaps)
        said = f"{self.first} 至 {self.last}，{self.briefings} 期简报，{len(self.passages)} 段。"
        return said + (f"间断：{gaps}。" if gaps else "")

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The times of more than `LONG_GAP` days that it wasn't written of."""
        dates = list(dict.fromkeys(passage.briefing.date for passage in self.passages))
        found = []
        for one, other in pairwise(dates):
            days = (day_range(other)[0] - day_range(one)[1]).days
            if days > LONG_GAP:
                found.append(Gap(one, other, days))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class CoveredPart:
    """A section or paragraph of a draft with what the archive has on the same matter."""

    part: str
    """What to call it: its heading, or how it begins."""
    text: str
    status: PartStatus
    briefings: tuple[BriefingCard, ...] = ()
    """All that wrote of the same matter, newest first."""
    earlier: tuple[Result, ...] = ()
    """Passages on the same matter, newest first."""
    sentences: tuple[DraftSentence, ...] = ()
    related: tuple[Result, ...] = ()
    """Where it is new, the passages nearest to it."""
    story: Story | None = None
    """The storyline that its section goes on with."""

    @property
    def last(self) -> str | None:
        """The date of the newest briefing that wrote of it."""
        return self.briefings[0].date if self.briefings else None

    @property
    def count(self) -> int:
        """How many briefings wrote of it."""
        return len(self.briefings)

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for sentence in self.sentences for change in sentence.changes)

    @property
    def new_facts(self) -> tuple[str, ...]:
        """The sentences that say what the archive doesn't."""
        return tuple(s.text for s in self.sentences if s.status in ("changed", "new"))


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """A passage of a storyline: how it begins, and what it gives otherwise than those before."""

    citation: Citation
    changes: tuple[Change, ...]

    @property
    def number(self) -> int:
        return self.citation.number


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a draft, or a topic, was covered before, when, and what is new."""

    parts: tuple[CoveredPart, ...]
    timeline: tuple[Facet, ...]
    """Months, in order, each with how many briefings wrote of any part."""
    notes: tuple[str, ...] = ()
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Series:
    """How many briefings, and passages, told of something in each period of a timeline."""

    name: str
    briefings: tuple[int, ...]
    passages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Several things by month (`2026-05`) or ISO week (`2026-W18`), periods in order, none left out
    between the first and the last that any was told of.
    """

    by: Period
    periods: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Citing:
    """A briefing that cites an item, and the number it has among its references."""

    briefing: BriefingCard
    number: int


@dataclass(frozen=True, slots=True)
class SourceItem:
    """What entries of 参考文献 in one briefing or several name: an article, a report."""

    id: str
    outlet: str
    date: str
    title: str
    citing: tuple[Citing, ...]
    """Oldest first."""

    @property
    def first(self) -> str:
        return self.citing[0].briefing.date

    @property
    def last(self) -> str:
        return self.citing[-1].briefing.date

    @property
    def line(self) -> str:
        return Reference(0, self.outlet, self.date, self.title).line


@dataclass(frozen=True, slots=True)
class Outlet:
    """A publisher relied on: its items, how often and in how many briefings they are cited."""

    name: str
    items: int
    citations: int
    briefings: int
    first: str
    last: str
    months: tuple[Facet, ...]
    """Citations by month, in order."""


@dataclass(frozen=True, slots=True)
class WatchNews:
    """What came in since a watch was last read: new passages, and how many merely repeat.

    Whoever has read it has seen what is in up to `last_key`, the catalogue's number of a passage.
    """

    watch: Watch
    results: tuple[Result, ...]
    repeats: int
    last_key: int

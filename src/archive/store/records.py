"""What the catalogue lists, counts and notes down beside the briefings, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from typing import Any, Literal

from archive.records import Filter, Mode, Warning, day_range

Outcome = Literal["new", "unchanged", "replaced", "failed"]
OLD_DAYS = 60
"""Evidence older than the newest briefing by more days is called old."""


@dataclass(frozen=True, slots=True)
class BriefingEntry:
    """One line of `archive list`; `status` is `live` or `replaced`, or `removed`."""

    id: str
    series: str
    title: str
    issuer: str
    date: str
    pages: int
    sections: int
    status: str
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """The days that a live briefing of a series stands for, inclusive."""

    briefing_id: str
    series: str
    first: Date
    last: Date


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that results have, such as a month or a topic, and how many of them have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How all results spread, not only those of the page: months in order, the others by count."""

    months: tuple[Facet, ...] = ()
    topics: tuple[Facet, ...] = ()
    issuers: tuple[Facet, ...] = ()


NO_FACETS = Facets()


@dataclass(frozen=True, slots=True)
class CoverageStatement:
    """What an answer rests on: how many briefings were searched, from when to when."""

    briefings: int
    since: str | None
    until: str | None
    newest_evidence: str | None

    @property
    def line(self) -> str:
        if not self.briefings:
            return "检索范围内没有简报。"
        newest = f"，最新依据 {self.newest_evidence}" if self.newest_evidence else ""
        line = f"检索了 {self.since} 至 {self.until} 的 {self.briefings} 期简报{newest}。"
        if self.is_old:
            line += f"最新依据比最近一期早 {self.days_behind} 天，情况可能已有变化。"
        return line

    @property
    def days_behind(self) -> int:
        """How many days the newest evidence is older than the newest briefing searched."""
        if not (self.until and self.newest_evidence):
            return 0
        return (day_range(self.until)[1] - day_range(self.newest_evidence)[1]).days

    @property
    def is_old(self) -> bool:
        """Whether the newest evidence is so old that things may have changed since."""
        return self.days_behind > OLD_DAYS


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What a reader found wrong with an answer, kept for the staff; `created` is in UTC."""

    id: int
    created: str
    question: str
    answer: str
    """The answer as plain text with its citations."""
    remark: str


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved query with its filter; `seen_key` is the catalogue's number of the last passage that
    was in when it was last read.
    """

    name: str
    query: str
    mode: Mode
    where: Filter
    created: str
    seen_key: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file of an ingest."""

    path: str
    outcome: Outcome
    briefing_id: str | None = None
    date: str | None = None
    title: str | None = None
    sections: int = 0
    passages: int = 0
    pages: int = 0
    warnings: tuple[Warning, ...] = ()
    error_code: str | None = None
    error_message: str | None = None
    cure: str = ""
    cure_zh: str = ""
    original: str | None = None
    """The name under which an unchanged file came in first, where it was kept."""

    @property
    def was_renamed(self) -> bool:
        """Whether the file is in under another name."""
        name = self.original or self.path
        return not self.path.endswith((f"/{name}", f"\\{name}")) and self.path != name


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every file of an ingest."""

    files: tuple[FileReport, ...]
    seconds: float

    @property
    def counts(self) -> dict[str, int]:
        outcomes = [file.outcome for file in self.files]
        return {name: outcomes.count(name) for name in ("new", "unchanged", "replaced", "failed")}


CorrectedField = Literal["date", "title", "series", "topics"]
Action = Literal[
    "new",
    "replaced",
    "removed",
    "restored",
    "edited",
    "reindexed",
    "retagged",
    "imported",
    "mended",
]


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to stand in place of what was read from a file: a text, or names of topics."""

    field: CorrectedField
    section: str
    """The number of the section whose topics are meant, with those inside it; else empty."""
    value: str | tuple[str, ...]
    as_read: str | tuple[str, ...]
    at: str
    """When it was made: ISO, UTC."""

    @property
    def line(self) -> str:
        """The correction as one line."""
        where = f" of {self.section}" if self.section else ""
        return f"{self.field}{where}: {as_words(self.value)} (read: {as_words(self.as_read)})"


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One change of the archive, as `archive log` lists it.

    Title and date are those the briefing had after it; empty where the change is of no one
    briefing. `detail` depends on the action: `file`, `replaces`, `live_again`, `purged`, `changes`
    (of each thing edited what it was and what it is), counts.
    """

    id: int
    at: str
    """ISO, UTC."""
    action: Action
    briefing_id: str | None
    title: str
    date: str
    detail: dict[str, Any]

    @property
    def line(self) -> str:
        """The details as one line."""
        parts = [
            f"{name}: {as_words(old)} → {as_words(new)}"
            for name, (old, new) in self.detail.get("changes", {}).items()
        ]
        parts += [
            name.replace("_", " ")
            if value is True
            else f"{name.replace('_', ' ')} {as_words(value)}"
            for name, value in self.detail.items()
            if name != "changes" and value not in (None, "", [], False)
        ]
        return "; ".join(parts)


def as_words(value: object) -> str:
    """A text, a number, or a list of names as a reader sees it."""
    if isinstance(value, (tuple, list)):
        return "、".join(map(str, value)) or "none"
    return str(value)


@dataclass(frozen=True, slots=True)
class RunFailure:
    """A file that a run of ingestion couldn't take in."""

    path: str
    code: str
    message: str
    cure: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run of ingestion: when it began (ISO, UTC), how long it took, what became of the files."""

    started: str
    seconds: float
    counts: dict[str, int]
    failures: tuple[RunFailure, ...]

"""Answers, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from typing import Literal

from archive.records import NO_FILTER, BriefingCard, Citation, Filter, SectionCard
from archive.search.records import Result
from archive.store.records import CoverageStatement

Intent = Literal[
    "coverage", "issue", "period", "sources", "archive", "beyond",
    "latest", "change", "compare", "count", "list", "person", "yesno", "fact",
]  # fmt: skip
Focus = Literal["whether", "first", "last", "count"]
"""What is wanted of prior coverage."""
IssueNamed = Literal["newest", "previous", "first"]


@dataclass(frozen=True, slots=True)
class Period:
    """Words that say a day or a range of days, and the days they mean, inclusive."""

    words: str
    since: Date | None
    until: Date | None

    @property
    def is_day(self) -> bool:
        return self.since is not None and self.since == self.until


@dataclass(frozen=True, slots=True)
class Request:
    """A question as read: what is wanted, about what, of which time, issue or outlet."""

    text: str
    intent: Intent
    subject: str
    """The words that are about something, with blanks between those that stood apart."""
    focus: Focus = "whether"
    period: Period | None = None
    issue: IssueNamed | None = None
    outlet: str = ""
    compared: tuple[str, ...] = ()
    """The things to be held against each other, where two or more are named."""


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
class Lead:
    """The one line that answers, and the number of the citation it rests on, where it has one."""

    text: str
    citation: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A row of an answer that is a list: an issue, or a section of one, and what it says."""

    briefing: BriefingCard
    section: SectionCard | None
    pages: tuple[int, int] | None
    line: str
    citation: int | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer put together from what the archive holds, before it is an `Answer`."""

    lead: Lead
    items: tuple[Item, ...] = ()
    citations: tuple[Citation, ...] = ()
    supported: bool = True
    left_out: int = 0
    """Rows that there are beside the items."""
    widen: tuple[Widening, ...] = ()

    @property
    def text(self) -> str:
        """The lead and the rows, a line each, with the numbers of their citations."""
        lines = [_marked(self.lead.text, self.lead.citation)]
        is_of_one = len({item.briefing.id for item in self.items}) == 1 < len(self.items)
        for item in self.items:
            section = item.section
            heading = f"{section.number} {section.title}".strip() if section else ""
            page = f"第 {item.pages[0]} 页" if item.pages else ""
            where = "，".join(filter(None, (heading, page)))
            date = "" if is_of_one else item.briefing.date
            place = "　".join(filter(None, (date, where)))
            said = _marked(item.line.replace("\n", " "), item.citation)
            lines.append(f"{place}：{said}" if where else f"{place}　{said}")
        if self.left_out:
            lines.append(f"另有 {self.left_out} 条未列出。")
        return "\n".join(lines)


def _marked(text: str, citation: int | None) -> str:
    return f"{text}[{citation}]" if citation else text


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
    intent: Intent = "fact"
    subject: str = ""
    period: Period | None = None
    lead: Lead | None = None
    items: tuple[Item, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    """Cited briefings that a revision has replaced since, each with the revision's id."""

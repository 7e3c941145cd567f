"""The nouns that every room speaks of, as frozen records. Standard library only.

A record that one room makes is in that room's `records`. Text forms (how a date, a page or a
citation reads) are properties, so that the page, the terminal and files print the same.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date as Date
from datetime import timedelta
from typing import Any, Literal

Mode = Literal["hybrid", "keyword", "semantic"]
Signal = Literal["outline", "contents", "size", "numbering", "none"]
DateRole = Literal["issued", "updated", "as_of", "printed"]
DatePlace = Literal["title block", "running head", "file name"]
Quality = Literal["text", "ocr", "no_text", "garbled", "damaged", "blank"]
PageStarts = tuple[tuple[int, int], ...]
"""Where each page begins in a text: (code-point offset, physical page), ascending."""
ABSTRACT_TITLE = "摘要"


def day_range(text: str) -> tuple[Date, Date]:
    """First and last day of a date written `2026`, `2026-05` or `2026-05-07`.

    Raises ValueError for anything else.
    """
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
        raise ValueError(f"not a date: {text!r}")
    year, *rest = (int(part) for part in text.split("-"))
    if len(rest) == 2:
        return Date(year, *rest), Date(year, *rest)
    first, last = (rest[0], rest[0]) if rest else (1, 12)
    return Date(year, first, 1), Date(year, last, calendar.monthrange(year, last)[1])


def days_covered(date: str, dates: tuple[BriefingDate, ...]) -> tuple[Date, Date]:
    """First and last day an issue stands for: of its date, and of those its title block gives
    alike within a week, as that of a week or a double issue does.
    """
    first, last = day_range(date)
    own = {(d.role, d.place) for d in dates if d.date == date and d.place == "title block"}
    for other in dates:
        if (other.role, other.place) in own:
            begin, end = day_range(other.date)
            if max(last, end) - min(first, begin) < timedelta(7):
                first, last = min(first, begin), max(last, end)
    return first, last


def as_number(day: Date) -> int:
    """A day as the integer YYYYMMDD, the form the indexes filter by."""
    return day.year * 10000 + day.month * 100 + day.day


@dataclass(frozen=True, slots=True)
class Warning:
    """What is wrong without being fatal; `page` is physical, None for the whole file."""

    code: str
    page: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the PDF: physical number from 1, the number printed on it, its cleaned text.

    `quality` says where the text is from or why there is none; `confidence` is that of text
    recognition, 0 to 1, None where the text is the PDF's own.
    """

    number: int
    printed: str
    text: str
    quality: Quality = "text"
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class BriefingDate:
    """A date a briefing carries: ISO, what it is the date of, and where it stands."""

    date: str
    role: DateRole
    place: DatePlace


@dataclass(frozen=True, slots=True)
class Section:
    """A node of the outline with its *own* text; the abstract has no number and level 0."""

    number: str
    title: str
    level: int
    path: tuple[str, ...]
    """Titles from the top level down to this section."""
    page: int
    printed: str
    text: str
    page_starts: PageStarts


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of 参考文献; `date` is ISO or empty."""

    number: int
    outlet: str
    date: str
    title: str

    @property
    def line(self) -> str:
        """The entry as the house prints it."""
        when = f" ({self.date})" if self.date else ""
        return f"{self.outlet}{when}: {self.title}" if self.outlet else self.title


@dataclass(frozen=True, slots=True)
class Briefing:
    """One issue of a series, as read from one PDF."""

    id: str
    series: str
    title: str
    issuer: str
    date: str
    """`2026-05-07`, or `2026-05` where only the month is known."""
    abstract: str
    sections: tuple[Section, ...]
    """All sections in order, the abstract first where there is one."""
    references: tuple[Reference, ...]
    pages: tuple[Page, ...]
    signal: Signal
    warnings: tuple[Warning, ...]
    file_hash: str
    confidence: float = 0.0
    """How sure the headings are, 0 to 1: the signal's reliability, and how far the others agree."""
    issue_number: str = ""
    """The N of 第N期."""
    dates: tuple[BriefingDate, ...] = ()
    file_name: str = ""
    """The name of its PDF when it was read; empty for one taken in before names were kept."""

    @property
    def numbered(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.level > 0)


@dataclass(frozen=True, slots=True)
class BriefingCard:
    """What a result or a list shows of a briefing."""

    id: str
    title: str
    issuer: str
    date: str


@dataclass(frozen=True, slots=True)
class SectionCard:
    """What a result or a citation shows of a section."""

    number: str
    title: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """A topic that a passage has, and the chance, 0 to 1, that a reader would say so too."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    """What is indexed and quoted: one section's text or a part of it."""

    id: str
    briefing: BriefingCard
    section: SectionCard
    text: str
    page_starts: PageStarts
    printed: tuple[str, str]
    """The numbers printed on its first and last page."""
    labels: tuple[TopicLabel, ...] = ()
    """Its topics, the most fitting first."""
    ocr_confidence: float | None = None
    """The least confidence of its pages' text recognition; None where the text is the PDF's own."""

    @property
    def pages(self) -> tuple[int, int]:
        pages = [page for _, page in self.page_starts]
        return min(pages), max(pages)

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)

    @property
    def heading(self) -> str:
        """Section number and title as one line."""
        return f"{self.section.number} {self.section.title}".strip()

    @property
    def indexed_text(self) -> str:
        """What the encoder reads: briefing title, section headings, text."""
        return "\n".join(filter(None, (self.briefing.title, *self.section.path, self.text)))

    def pages_of(self, start: int, end: int) -> tuple[int, int]:
        """First and last physical page of the characters [start, end) of the text."""
        ends = [offset for offset, _ in self.page_starts[1:]] + [len(self.text)]
        pages = [
            page
            for (offset, page), stop in zip(self.page_starts, ends, strict=True)
            if offset < max(end, start + 1) and start < stop
        ]
        return min(pages), max(pages)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to search in, applied before ranking: days inclusive, any of the topics.

    `since` and `until` may be given as `2026-05-07`, `2026-05` or `2026`; raises ValueError for
    text that is no date.
    """

    since: Date | None = None
    until: Date | None = None
    topics: tuple[str, ...] = ()
    series: str | None = None
    issuer: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.since, str):
            object.__setattr__(self, "since", day_range(self.since)[0])
        if isinstance(self.until, str):
            object.__setattr__(self, "until", day_range(self.until)[1])
        object.__setattr__(self, "topics", tuple(self.topics))

    @property
    def is_empty(self) -> bool:
        return self == NO_FILTER


NO_FILTER = Filter()


class OfPassage:
    """What a result and a citation take over from their passage."""

    __slots__ = ()
    passage: Passage

    @property
    def passage_id(self) -> str:
        return self.passage.id

    @property
    def briefing(self) -> BriefingCard:
        return self.passage.briefing

    @property
    def section(self) -> SectionCard:
        return self.passage.section


@dataclass(frozen=True, slots=True)
class Citation(OfPassage):
    """A number in an answer, bound to a passage and to characters that stand on its page."""

    number: int
    passage: Passage
    quote: str
    pages: tuple[int, int]
    printed: tuple[str, str]
    sources: tuple[Reference, ...] = ()

    @property
    def line(self) -> str:
        """Where the quote stands: title, date, section, printed page."""
        title, date = self.briefing.title, self.briefing.date
        return f"《{title}》{date}，{self._place}"

    @property
    def reference_line(self) -> str:
        """The citation as the house prints an entry of 参考文献: issuer, date, what is cited."""
        title, date = self.briefing.title, self.briefing.date
        if not self.briefing.issuer:
            return f"{title} ({date}): {self._place}"
        return f"{self.briefing.issuer} ({date}): 《{title}》{self._place}"

    def gbt7714(self, accessed: Date) -> str:
        """The citation by GB/T 7714-2015, for a report kept as a file: [R/DK], without an address.

        The section is the title's supplement. Place and publisher are left out, as the standard
        lets them be for electronic resources; `accessed` is when the file was read.
        """
        issuer, date = self.briefing.issuer or "佚名", self.briefing.date
        title = f"{self.briefing.title}: {self.passage.heading}"
        return f"{issuer}. {title}[R/DK]. {date[:4]}: {self._printed_pages}({date})[{accessed}]."

    @property
    def _printed_pages(self) -> str:
        first, last = self.printed
        return first if first == last else f"{first}-{last}"

    @property
    def _place(self) -> str:
        ocr = "（文字识别）" if self.passage.ocr_confidence is not None else ""
        return f"{self.passage.heading}，第 {self._printed_pages} 页{ocr}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A term of the archive's own list."""

    name: str
    keywords: tuple[str, ...] = field(default=())
    description: str = ""


def as_plain(value: Any) -> Any:
    """A record as dicts and lists that `json` can write; dates become ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: as_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [as_plain(item) for item in value]
    return value.isoformat() if isinstance(value, Date) else value

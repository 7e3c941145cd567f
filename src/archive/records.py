"""The words of the archive as frozen records. Standard library only.

Text forms (how a date, a page or a citation reads) are properties here, so that the page, the
terminal and files print the same.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date as Date
from datetime import timedelta
from itertools import pairwise
from typing import Any, Literal

Period = Literal["month", "week"]
Mode = Literal["hybrid", "keyword", "semantic"]
Sort = Literal["relevance", "newest", "oldest"]
Outcome = Literal["new", "unchanged", "replaced", "failed"]
Signal = Literal["outline", "contents", "size", "numbering", "none"]
DateRole = Literal["issued", "updated", "as_of", "printed"]
DatePlace = Literal["title block", "running head", "file name"]
Quality = Literal["text", "ocr", "no_text", "garbled", "damaged", "blank"]
PageStarts = tuple[tuple[int, int], ...]
"""Where each page begins in a text: (code-point offset, physical page), ascending."""

ABSTRACT_TITLE = "摘要"
OLD_DAYS = 60
"""Evidence older than the newest briefing by more days is called old."""
LONG_GAP = 30
"""Days without a word of a storyline beyond which they are a gap."""


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


class _OfPassage:
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
class Result(_OfPassage):
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
    facets: Facets = Facets()
    briefings: int = 0
    """How many briefings the results are from."""
    groups: tuple[BriefingGroup, ...] = ()
    inferred: DateInference | None = None
    """A date read out of the query, which the reader may refuse."""
    suggestion: str = ""
    """What the reader may have meant to type."""


@dataclass(frozen=True, slots=True)
class Citation(_OfPassage):
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
class AnswerReport:
    """What a reader found wrong with an answer, kept for the staff; `created` is in UTC."""

    id: int
    created: str
    question: str
    answer: str
    """The answer as plain text with its citations."""
    remark: str


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
class WatchNews:
    """What came in since a watch was last read: new passages, and how many merely repeat.

    Whoever has read it has seen what is in up to `last_key`, the catalogue's number of a passage.
    """

    watch: Watch
    results: tuple[Result, ...]
    repeats: int
    last_key: int


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


@dataclass(frozen=True, slots=True)
class SeriesHolding:
    """How many briefings of a series are in, and the dates of the first and the last."""

    series: str
    briefings: int
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Status:
    """What an archive holds, what it works with, and how it stands."""

    home: str
    briefings: int
    passages: int
    pages: int
    topics: int
    """Topics that some passage has."""
    since: str | None
    until: str | None
    series: tuple[SeriesHolding, ...]
    encoder: str | None
    """What the index was built with; None before the first briefing."""
    encoder_set: str | None
    """What the settings say; None where that can't be loaded, `encoder_error` says why."""
    encoder_error: str
    llm: str | None
    """The language model's name."""
    chroma: Literal["folder", "server"]
    chroma_address: str | None
    bytes: int
    """All files in the archive's folder."""
    free_bytes: int
    freshness: Freshness
    runs: tuple[Run, ...]
    """Newest first."""
    missing: tuple[MissingDays, ...]


@dataclass(frozen=True, slots=True)
class TermCount:
    """A term and the number of passages it stands in."""

    term: str
    passages: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `archive doctor`; that of the lexicon counts terms and proposes new ones.

    What passes has no cure. The Chinese says the same as the English.
    """

    name: str
    status: Literal["pass", "warn", "fail"]
    message: str
    cure: str = ""
    terms: tuple[TermCount, ...] = ()
    proposed: tuple[TermCount, ...] = ()
    message_zh: str = ""
    cure_zh: str = ""
    details: tuple[str, ...] = ()
    """All that it concerns, name by name, or what was said of it."""


@dataclass(frozen=True, slots=True)
class LostPdf:
    """A briefing whose PDF is not among the archive's files as it was taken in, and why."""

    briefing_id: str
    file_hash: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exported:
    """An archive as one file."""

    file: str
    bytes: int
    sha256: str
    briefings: int
    """Live ones, as `passages` are theirs; PDFs are also those of replaced briefings."""
    passages: int
    pdfs: int
    lost: tuple[LostPdf, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """An archive out of a file; `notes` say what is still to be done, each with its cure."""

    home: str
    created: str
    briefings: int
    passages: int
    pdfs: int
    lost: tuple[LostPdf, ...]
    notes: tuple[str, ...]


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

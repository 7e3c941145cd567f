"""Answers that are put together: prior coverage, an issue, a period, the sources, the archive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date as Date
from itertools import islice

from archive.asking.issues_meant import distance, issues_meant, no_such_issue
from archive.asking.records import Composed, Item, Lead, Period, Request, Widening
from archive.asking.statements import StatementFinder, Told
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.following.bibliography import items as cited_items
from archive.following.bibliography import matching, outlets
from archive.following.cadence import missing_days
from archive.following.cited_sources import citations_of
from archive.following.records import SourceItem
from archive.records import ABSTRACT_TITLE, Citation, Filter, Passage
from archive.store.catalog import Catalog
from archive.store.records import Issue
from archive.store.selection import Selection
from archive.store.snapshot import Snapshot

MOST_ITEMS = 40
"""Rows of an answer that are quoted and cited; what there is beside them is counted."""
_MOST_ISSUES, _MOST_OUTLETS, _MOST_SHOWN = 31, 10, 3


class _Citing:
    """Numbers the citations of an answer as they are made."""

    def __init__(self, quoter: Quoter) -> None:
        self._quoter = quoter
        self.made: list[Citation] = []

    def item(self, sentence: Sentence) -> Iterator[Item]:
        """A row with a sentence; none where no page holds it."""
        made = self._quoter.cite(len(self.made) + 1, sentence.passage, sentence.start, sentence.end)
        if made is not None:
            self.made.append(made)
            yield Item(made.briefing, made.section, made.pages, made.quote, made.number)


class Composer:
    """Puts answers together from an archive's catalogue and what its issues say of a subject."""

    def __init__(
        self, catalog: Catalog, finder: StatementFinder, quoter: Quoter, topics: Sequence[str]
    ) -> None:
        self._catalog = catalog
        self._finder = finder
        self._quoter = quoter
        self._topics = tuple(topics)

    def compose(
        self, request: Request, snapshot: Snapshot, where: Filter, today: Date
    ) -> Composed | None:
        """The answer to a request of these intents; None where it is to be read for instead."""
        match request.intent:
            case "coverage":
                return self.coverage(request, snapshot, where)
            case "issue":
                return self.issue(request, snapshot, where)
            case "period":
                return self.period(request, snapshot, where)
            case "sources":
                return self.sources(request, snapshot, where)
            case "archive":
                return self.archive(request, snapshot, where, today)
            case "beyond":
                return _BEYOND
            case _:
                return None

    # --- prior coverage --------------------------------------------------------------------------

    def coverage(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """Whether, when first and last, how often and in which issues a subject was written of."""
        within = _within(where, request.period)
        told = self._finder.find(request.subject, Selection.of(snapshot, within))
        if not told.is_named and request.period:
            ever = self._finder.find(request.subject, Selection.of(snapshot, where))
            return self._not_then(request, request.period, ever)
        if not told.statements:
            return None
        name = told.name
        if not told.is_named:
            lead = f"档案里没有写过“{request.subject}”。沾边的只有“{name}”："
            return self._listed(lead, told.statements[::-1][:_MOST_SHOWN], supported=False)
        dates = [sentence.passage.briefing.date for sentence in told.statements]
        order = told.statements if request.focus == "first" else told.statements[::-1]
        return self._listed(_coverage_line(request, name, dates), order)

    def _not_then(self, request: Request, period: Period, ever: Told) -> Composed | None:
        """That a period has nothing of a subject, and what there is of it at other times."""
        if not ever.is_named:
            return None
        nearest = sorted(ever.statements, key=lambda s: distance(s.passage.briefing.date, period))
        near = nearest[0].passage.briefing.date
        lead = (
            f"{period.words}的简报没有写到“{request.subject}”；离得最近的一次是 {near}，"
            f"档案共有 {len(ever.statements)} 期写过。"
        )
        return self._listed(lead, nearest[:_MOST_SHOWN])

    def _listed(
        self, lead: str, statements: Sequence[Sentence], *, supported: bool = True
    ) -> Composed:
        citing = _Citing(self._quoter)
        items = tuple(i for sentence in statements[:MOST_ITEMS] for i in citing.item(sentence))
        first = next((item.citation for item in items), None)
        left_out = max(0, len(statements) - MOST_ITEMS)
        return Composed(Lead(lead, first), items, tuple(citing.made), supported, left_out)

    def refusal(
        self,
        request: Request,
        selection: Selection,
        nearest: Sequence[Sentence],
        objections: Sequence[str],
    ) -> Composed:
        """Why a question isn't answered, with what is known of its subject.

        It was never written of; it was, but not this of it; or what the question takes for
        granted isn't so, which the `objections` say. `nearest` are the likeliest sentences.
        """
        told = self._finder.find(request.subject, selection)
        shown: Sequence[Sentence] = ()
        if not request.subject:
            lead = "没有找到要问的是什么；请写出它的名称。"
        elif not told.is_named:
            lead = f"档案里没有写过“{request.subject}”，没有找到能回答这个问题的依据。"
        else:
            dates = [sentence.passage.briefing.date for sentence in told.statements]
            often = f"{len(dates)} 期，最近 {dates[-1]}" if len(dates) > 1 else dates[0]
            lead = f"档案写过“{told.name}”（{often}），但没有找到直接回答这个问题的句子。"
            shown = nearest[:2] or told.statements[::-1][:2]
            lead += "最接近的是："
        lead = "".join(f"{reason}。" for reason in objections) + lead
        composed = self._listed(lead, shown, supported=False)
        more = Widening(f"看写过“{told.name}”的各期。", f"有没有写过{told.name}")
        return replace(
            composed, lead=Lead(lead), widen=(more,) if told.is_named and request.subject else ()
        )

    # --- issues ----------------------------------------------------------------------------------

    def issue(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """What one issue says: its abstract and its sections, or what it says of a subject."""
        issues = self._issues(snapshot, where)
        if not issues:
            return None
        chosen = issues_meant(request, issues)
        if not chosen:
            return no_such_issue(request, issues)
        within = Selection.of(snapshot, where).only_briefings([i.briefing_id for i in chosen])
        if request.subject and not _BESIDE.search(request.text):
            told = self._finder.find(request.subject, within)
            if told.is_named_as_such:
                date = told.statements[0].passage.briefing.date
                return self._listed(f"{date} 这一期写到了“{told.name}”。", told.statements)
            ever = self._finder.find(request.subject, Selection.of(snapshot, where))
            if ever.is_named_as_such:
                lead = f"{chosen[0].first} 这一期没有写到“{request.subject}”；"
                lead += f"写到过的有 {len(ever.statements)} 期。"
                return self._listed(lead, ever.statements[::-1][:_MOST_SHOWN])
        citing = _Citing(self._quoter)
        items: list[Item] = []
        for issue in chosen:
            items += self._sections(issue, citing)
        lead = f"{'、'.join(str(issue.first) for issue in chosen)} 这一期的内容如下。"
        return Composed(Lead(lead), tuple(items), tuple(citing.made))

    def _sections(self, issue: Issue, citing: _Citing) -> Iterator[Item]:
        """The abstract of an issue, then its sections, each by its first sentence."""
        seen = set()
        for passage in self._abstract_first(issue):
            sentences = passage_sentences(passage)
            if passage.section in seen or not sentences:
                continue
            seen.add(passage.section)
            if passage.section.title == ABSTRACT_TITLE:
                last = [s for s in sentences if s.end - sentences[0].start <= _LONGEST_ABSTRACT]
                whole = replace(sentences[0], end=(last or sentences[:1])[-1].end)
                yield from citing.item(whole)
            else:
                yield from citing.item(sentences[0])

    def period(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """What the issues of a stretch of time say, an issue a line, or of a subject."""
        assert request.period is not None
        if request.subject:
            return self.coverage(request, snapshot, where)
        issues = self._issues(snapshot, _within(where, request.period))
        if not issues:
            return no_such_issue(request, self._issues(snapshot, where))
        citing = _Citing(self._quoter)
        items: list[Item] = []
        for issue in issues[:_MOST_ISSUES]:
            if first := next(self._openings(issue), None):
                items += citing.item(first)
        lead = f"{request.period.words}共 {len(issues)} 期，"
        lead += f"{issues[0].first} 至 {issues[-1].last}，各期要点如下。"
        left_out = max(0, len(issues) - _MOST_ISSUES)
        return Composed(Lead(lead), tuple(items), tuple(citing.made), left_out=left_out)

    def _openings(self, issue: Issue) -> Iterator[Sentence]:
        """The first sentence of each passage of an issue, that of the abstract first."""
        for passage in self._abstract_first(issue):
            yield from islice(passage_sentences(passage), 1)

    def _abstract_first(self, issue: Issue) -> list[Passage]:
        passages = self._catalog.passages.of_briefing(issue.briefing_id)
        return sorted(passages, key=lambda passage: passage.section.title != ABSTRACT_TITLE)

    def _issues(self, snapshot: Snapshot, where: Filter) -> list[Issue]:
        """The issues that a filter leaves, oldest first."""
        allowed = snapshot.briefing_ids(where)
        return [i for i in self._catalog.briefings.issues() if i.briefing_id in allowed]

    # --- sources ---------------------------------------------------------------------------------

    def sources(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """Which outlets were relied on: for a subject, of one outlet, or those most cited."""
        within = _within(where, request.period)
        allowed = snapshot.briefing_ids(within)
        entries = [e for e in self._catalog.briefings.all_references() if e[0].id in allowed]
        found = cited_items(entries)
        if request.outlet and matching(found, "", request.outlet):
            return self._of_outlet(request.outlet, found)
        if request.subject:
            told = self._finder.find(request.subject, Selection.of(snapshot, within))
            if not told.is_named:
                return None
            listed = self._listed("", told.statements[::-1])
            cited = {s.line: s for c in listed.citations for s in c.sources}
            by = "、".join(dict.fromkeys(source.outlet for source in cited.values()))
            lead = f"关于“{told.name}”，{len(told.statements)} 期简报"
            lead += f"依据的是：{by}。" if by else "没有注明来源。"
            items = tuple(
                replace(i, line=i.line + _relied_on(i, listed.citations)) for i in listed.items
            )
            return replace(listed, lead=Lead(lead, listed.lead.citation), items=items)
        relied_on = outlets(found)
        if not relied_on:
            return None
        most = relied_on[:_MOST_OUTLETS]
        said = "、".join(f"{outlet.name} {outlet.citations} 次" for outlet in most)
        lead = f"共引用 {len(relied_on)} 家来源的 {len(found)} 篇；引用最多的是：{said}。"
        return Composed(Lead(lead))

    def _of_outlet(self, name: str, found: list[SourceItem]) -> Composed:
        own = matching(found, "", name)
        citing = [(item, each) for item in own for each in item.citing]
        issues = {each.briefing.id for _, each in citing}
        dates = sorted(each.briefing.date for _, each in citing)
        lead = f"“{name}”被引用 {len(citing)} 次，见于 {len(issues)} 期简报，"
        lead += f"{dates[0]} 至 {dates[-1]}。"
        citations: list[Citation] = []
        items = []
        for item in own[:MOST_ITEMS]:
            resting = citations_of(self._catalog, self._quoter, item)
            for each in item.citing:
                of_issue = [c for c in resting if c.briefing.id == each.briefing.id]
                number = None
                if of_issue:
                    number = len(citations) + 1
                    citations.append(replace(of_issue[0], number=number))
                section = of_issue[0].section if of_issue else None
                pages = of_issue[0].pages if of_issue else None
                items.append(Item(each.briefing, section, pages, item.line, number))
        return Composed(Lead(lead), tuple(items), tuple(citations))

    # --- the archive itself ----------------------------------------------------------------------

    def archive(self, request: Request, snapshot: Snapshot, where: Filter, today: Date) -> Composed:
        """How many issues there are, from when to when, which days lack one, which topics."""
        within = _within(where, request.period)
        issues = self._issues(snapshot, within)
        text = request.text
        if any(word in text for word in ("主题", "栏目", "分类", "板块", "标签", "话题", "topic")):
            return _topics(self._topics, snapshot, within, "没" in text)
        lead = f"档案共有 {len(issues)} 期简报"
        if issues:
            age = (today - issues[-1].last).days
            lead += f"，{issues[0].first} 至 {issues[-1].last}，最新一期在 {age} 天前"
        lead += "。"
        asks_missing = any(word in text for word in ("缺", "漏", "断", "停", "missing"))
        if not asks_missing and (request.period or re.search("哪天|几天|分别|日期|which", text)):
            lead += f"各期日期：{'、'.join(str(issue.first) for issue in issues[:MOST_ITEMS])}。"
        if days := [str(day) for each in missing_days(issues) for day in each.dates]:
            lead += f"按惯常出刊的日子，缺 {len(days)} 期：{'、'.join(days[:MOST_ITEMS])}。"
        elif asks_missing:
            lead += "按惯常出刊的日子，没有缺期。"
        return Composed(Lead(lead))


_LONGEST_ABSTRACT = 220
_BESIDE = re.compile("除了|除开|以外|之外|还有(?:什么|哪|别的)|其他|其它")
"""What asks for the rest of an issue: all of it is told."""
_BEYOND = Composed(
    Lead(
        "这不是档案能做的事：档案只查找和引用已出的简报，不写稿、不翻译、不预测、不给投资建议。"
        "可以问：写没写过某事、什么时候写的、某一期或某段时间讲了什么、最新的说法、依据哪家来源。"
    ),
    supported=False,
)


def _coverage_line(request: Request, name: str, dates: Sequence[str]) -> str:
    when = request.period.words if request.period else ""
    first, last = dates[0], dates[-1]
    if len(dates) == 1:
        return f"{when}写过“{name}”，只有 1 期：{first}。"
    match request.focus:
        case "first":
            return (
                f"{when}最早写到“{name}”的是 {first} 这一期；共 {len(dates)} 期写过，最近 {last}。"
            )
        case "last":
            return f"{when}最近一次写到“{name}”是 {last}；共 {len(dates)} 期写过，最早 {first}。"
        case "count":
            return f"{when}共有 {len(dates)} 期写到“{name}”，最早 {first}，最近 {last}。"
        case _:
            return f"{when}写过“{name}”，共 {len(dates)} 期：最早 {first}，最近 {last}。"


def _within(where: Filter, period: Period | None) -> Filter:
    """A filter with the days of a period, where it has none of its own."""
    if period is None or where.since or where.until:
        return where
    return replace(where, since=period.since, until=period.until)


def _relied_on(item: Item, citations: Sequence[Citation]) -> str:
    own = next((c for c in citations if c.number == item.citation), None)
    return (
        f"（依据：{'；'.join(source.line for source in own.sources)}）"
        if own and own.sources
        else ""
    )


def _topics(topics: Sequence[str], snapshot: Snapshot, where: Filter, lacking: bool) -> Composed:
    counts = {facet.value: facet.count for facet in snapshot.facets_within(where).topics}
    if lacking:
        never = [topic for topic in topics if not counts.get(topic)]
        said = (
            f"这段时间没有写过的主题：{'、'.join(never)}。" if never else "这段时间每个主题都写过。"
        )
        return Composed(Lead(said))
    listed = "、".join(
        f"{topic}（{counts[topic]} 段）" for topic in sorted(counts, key=lambda t: -counts[t])
    )
    return Composed(Lead(f"主题共 {len(topics)} 个，按段数：{listed}。"))

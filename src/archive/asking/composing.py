"""Answers that are put together: prior coverage, an issue, a period, the sources, the archive."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date as Date

from archive.asking.issues_meant import distance, issues_meant, no_such_issue
from archive.asking.persons import WHO_IS, person_named, who_is
from archive.asking.records import Composed, Item, Lead, Period, Request, Widening
from archive.asking.statements import Each, StatementFinder, Told
from archive.chinese.search_form import squeezed
from archive.chinese.text import has_han
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


Nearest = Callable[[str, Selection], Sequence[Passage]]
"""The passages nearest in meaning to a text, nearest first."""


class Composer:
    """Puts answers together from an archive's catalogue and what its issues say of a subject.

    `nearest` serves where words can't be compared, a subject in Latin letters.
    """

    def __init__(
        self,
        catalog: Catalog,
        finder: StatementFinder,
        quoter: Quoter,
        topics: Sequence[str],
        nearest: Nearest,
    ) -> None:
        self._nearest = nearest
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
            case "person" if WHO_IS.search(request.text):
                name = person_named(request.subject)
                return who_is(name, self._naming(name, snapshot, where), self._quoter)
            case _:
                return None

    def _naming(self, name: str, snapshot: Snapshot, where: Filter) -> list[Passage]:
        """The passages that hold a name as such, oldest first."""
        told = self._finder.find(name, Selection.of(snapshot, where))
        found = self._catalog.passages.get(told.passage_ids if told.is_named_as_such else ())
        return sorted(found, key=lambda passage: passage.briefing.date)

    # --- prior coverage --------------------------------------------------------------------------

    def coverage(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """Whether, when first and last, how often and in which issues a subject was written of."""
        within = _within(where, request.period)
        each: Each = "chapter" if request.intent == "period" else "issue"
        told = self._finder.find(request.subject, Selection.of(snapshot, within), each)
        if not told.is_named and not has_han(request.subject):
            return self._near_in_meaning(request.subject, Selection.of(snapshot, within))
        if not told.is_named and request.period:
            ever = self._finder.find(request.subject, Selection.of(snapshot, where))
            return self._not_then(request, request.period, ever)
        if not told.statements:
            return None
        name = told.name
        if not told.is_named:
            near = (
                f"沾边的只有“{name}”："
                if squeezed(name) != squeezed(request.subject)
                else "近似的有："
            )
            lead = f"档案里没有写过“{request.subject}”。{near}"
            return self._listed(lead, told.statements[::-1][:_MOST_SHOWN], supported=False)
        dates = sorted({sentence.passage.briefing.date for sentence in told.statements})
        order = told.statements if request.focus == "first" else told.statements[::-1]
        return self._listed(_coverage_line(request, name, dates), order)

    def never(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """That a subject was never written of, where next to nothing of it stands anywhere."""
        if not has_han(request.subject):
            return None
        told = self._finder.find(request.subject, Selection.of(snapshot, where))
        if told.share >= _OF_SOMETHING_ELSE:
            return None
        return self.coverage(replace(request, period=None), snapshot, where) or self.refusal(
            request, Selection.of(snapshot, where), (), ()
        )

    def _near_in_meaning(self, subject: str, selection: Selection) -> Composed | None:
        """What is nearest to a subject whose words no passage can hold, an issue a line."""
        first_of = {p.briefing.id: p for p in reversed(self._nearest(subject, selection))}
        near = sorted(first_of.values(), key=lambda passage: passage.briefing.date, reverse=True)
        if not near:
            return None
        lead = f"档案里没有逐字写到“{subject}”；按意思最接近的有 {len(near)} 期："
        openings = [sentence for p in near for sentence in passage_sentences(p)[:1]]
        return self._listed(lead, openings)

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
        if len(chosen) > _MOST_WHOLE:
            return self._each_opening(f"这 {len(chosen)} 期", chosen)
        left_out: Collection[str] | None = None
        days = "、".join(str(issue.first) for issue in chosen)
        lead = f"{days} 这一期的内容如下。"
        if apart := _APART.search(request.text):
            told = self._finder.find(apart["what"], within)
            left_out = told.passage_ids if told.is_named else ()
            lead = f"{days} 这一期，“{apart['what']}”以外的内容如下。"
        citing = _Citing(self._quoter)
        items = [item for issue in chosen for item in self._sections(issue, citing, left_out)]
        if (
            _TOP.search(request.text)
            and not _BESIDE.search(request.text)
            and (top := _top_of(items))
        ):
            lead = f"{days} 这一期的头条：{top[0].section.path[0] if top[0].section else ''}。"
            made = [
                citation for citation in citing.made for i in top if citation.number == i.citation
            ]
            return renumbered(Composed(Lead(lead), tuple(top), tuple(made)))
        return Composed(Lead(lead), tuple(items), tuple(citing.made))

    def _sections(
        self, issue: Issue, citing: _Citing, left_out: Collection[str] | None
    ) -> Iterator[Item]:
        """The abstract of an issue, then its sections, each by its first sentence.

        Where something is to be left out the abstract, which tells of all, is left out too.
        """
        seen = set()
        for passage in self._abstract_first(issue):
            sentences = passage_sentences(passage)
            if passage.section in seen or not sentences:
                continue
            if left_out is not None and (
                passage.id in left_out or passage.section.title == ABSTRACT_TITLE
            ):
                continue
            seen.add(passage.section)
            is_abstract = passage.section.title == ABSTRACT_TITLE
            yield from citing.item(whole_abstract(passage) if is_abstract else sentences[0])

    def period(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """What the issues of a stretch of time say, an issue a line, or of a subject."""
        assert request.period is not None
        if request.subject:
            return self.coverage(request, snapshot, where)
        issues = self._issues(snapshot, _within(where, request.period))
        if not issues:
            return no_such_issue(request, self._issues(snapshot, where))
        return self._each_opening(f"{request.period.words}共 {len(issues)} 期", issues)

    def _each_opening(self, which: str, issues: Sequence[Issue]) -> Composed:
        """The beginning of each of these issues."""
        citing = _Citing(self._quoter)
        items: list[Item] = []
        for issue in issues[:_MOST_ISSUES]:
            if first := next(self._openings(issue), None):
                items += citing.item(first)
        lead = f"{which}，{issues[0].first} 至 {issues[-1].last}，各期要点如下。"
        left_out = max(0, len(issues) - _MOST_ISSUES)
        return Composed(Lead(lead), tuple(items), tuple(citing.made), left_out=left_out)

    def _openings(self, issue: Issue) -> Iterator[Sentence]:
        """The beginning of each passage of an issue, the abstract whole before the others."""
        for passage in self._abstract_first(issue):
            for sentence in passage_sentences(passage)[:1]:
                is_abstract = passage.section.title == ABSTRACT_TITLE
                yield whole_abstract(passage) if is_abstract else sentence

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
            return self._of_outlet(request.outlet, found, self._issues(snapshot, within))
        if request.subject:
            told = self._finder.find(request.subject, Selection.of(snapshot, within))
            if not told.is_named:
                return _most_cited(found, f"没有写到“{request.subject}”；所选范围内")
            listed = self._listed("", told.statements[::-1])
            cited = {s.line: s for c in listed.citations for s in c.sources}
            by = "、".join(dict.fromkeys(source.outlet for source in cited.values()))
            lead = f"关于“{told.name}”，{len(told.statements)} 期简报"
            lead += f"依据的是：{by}。" if by else "没有注明来源。"
            items = tuple(
                replace(i, line=i.line + _relied_on(i, listed.citations)) for i in listed.items
            )
            return replace(listed, lead=Lead(lead, listed.lead.citation), items=items)
        return _most_cited(found)

    def _of_outlet(
        self, name: str, found: Sequence[SourceItem], among: Sequence[Issue]
    ) -> Composed:
        own = matching(found, "", name)
        citing = [(item, each) for item in own for each in item.citing]
        issues = {each.briefing.id for _, each in citing}
        dates = sorted(each.briefing.date for _, each in citing)
        lead = f"“{name}”被引用 {len(citing)} 次，见于 {len(issues)} 期简报，"
        lead += f"{dates[0]} 至 {dates[-1]}。"
        others = [str(issue.first) for issue in among if issue.briefing_id not in issues]
        if 0 < len(others) <= _MOST_OUTLETS:
            lead += f"没有引用的有 {len(others)} 期：{'、'.join(others)}。"
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
        if _ASKS_TOPICS.search(text):
            return _topics(self._topics, snapshot, within, "没" in text)
        lead = f"{request.period.words if request.period else '档案'}共有 {len(issues)} 期简报"
        if issues:
            lead += f"，{issues[0].first} 至 {issues[-1].last}"
        if issues and not request.period:
            lead += f"，最新一期在 {(today - issues[-1].last).days} 天前"
        lead += "。"
        asks_missing = bool(_ASKS_MISSING.search(text))
        if not asks_missing and (request.period or re.search("哪天|几天|分别|日期|which", text)):
            lead += f"各期日期：{'、'.join(str(issue.first) for issue in issues[:MOST_ITEMS])}。"
        if days := [str(day) for each in missing_days(issues) for day in each.dates]:
            lead += f"按惯常出刊的日子，缺 {len(days)} 期：{'、'.join(days[:MOST_ITEMS])}。"
        elif asks_missing:
            lead += "按惯常出刊的日子，没有缺期。"
        return Composed(Lead(lead))


_LONGEST_ABSTRACT = 220
_OF_SOMETHING_ELSE = 0.42
"""With less of a subject than this in any passage the archive is about something else."""
_MOST_WHOLE = 2
"""Issues that are told section by section; of more each by its beginning."""
_ASKS_TOPICS = re.compile("主题|栏目|分类|板块|标签|话题|题目|题材|方面|领域|哪类|topic")
_ASKS_MISSING = re.compile("缺|漏|断|停|没出|没有出|没刊|没发|连着|连续|missing")
_TOP = re.compile("头条|头版|打头|重头|最重要的?(?:是|一条|内容)|top story", re.IGNORECASE)
_APART = re.compile(
    "除(?:了|开|去|却)?(?P<what>[^，,。？?除]{1,14}?)(?:这[件个条]?事?)?"
    "(?:以外|之外|外|，|,| |还(?=[有写讲登说报提]))"
)
_BESIDE = re.compile("除了|除开|除去|以外|之外|还有(?:什么|哪|别的)|后面(?:还|都)?有|其他|其它")
"""What asks for the rest of an issue: all of it is told."""
_BEYOND = Composed(
    Lead(
        "这不是档案能做的事：档案只查找和引用已出的简报，不写稿、不翻译、不预测、不给投资建议。"
        "可以问：写没写过某事、什么时候写的、某一期或某段时间讲了什么、最新的说法、依据哪家来源。"
    ),
    supported=False,
)


def whole_abstract(passage: Passage) -> Sentence:
    """An abstract's sentences as one, as many as are shown."""
    sentences = passage_sentences(passage)
    last = [s for s in sentences if s.end - sentences[0].start <= _LONGEST_ABSTRACT]
    return replace(sentences[0], end=(last or sentences[:1])[-1].end)


def _top_of(items: Sequence[Item]) -> list[Item]:
    """The rows of the first numbered section of an issue, and of those within it."""
    numbered = [item for item in items if item.section and item.section.number]
    if not numbered:
        return list(items[:1])
    first = numbered[0].section.number.split(".")[0] if numbered[0].section else ""
    return [i for i in numbered if i.section and i.section.number.split(".")[0] == first]


def renumbered(composed: Composed) -> Composed:
    """The same with its citations numbered from 1."""
    number = {c.number: at for at, c in enumerate(composed.citations, 1)}
    return replace(
        composed,
        items=tuple(
            replace(i, citation=number.get(i.citation) if i.citation else None)
            for i in composed.items
        ),
        citations=tuple(replace(c, number=number[c.number]) for c in composed.citations),
    )


def _most_cited(found: Sequence[SourceItem], lead: str = "") -> Composed | None:
    """The outlets cited most among these items."""
    relied_on = outlets(found)
    if not relied_on:
        return None
    most = relied_on[:_MOST_OUTLETS]
    said = "、".join(f"{outlet.name} {outlet.citations} 次" for outlet in most)
    lead += f"共引用 {len(relied_on)} 家来源的 {len(found)} 篇；引用最多的是：{said}。"
    return Composed(Lead(lead))


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

"""Answers that are put together: prior coverage, an issue, a period, the sources, the archive."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date as Date

from archive.asking.citing import MOST_ITEMS, listed
from archive.asking.issue_answers import IssueAnswers
from archive.asking.issues_meant import distance, no_such_issue, within_period
from archive.asking.persons import WHAT_SAID, WHO_IS, person_named, what_said, who_is
from archive.asking.records import Composed, Lead, Period, Request, Widening
from archive.asking.source_answers import SourceAnswers
from archive.asking.statements import ALL, Each, StatementFinder, Told
from archive.chinese.search_form import squeezed
from archive.chinese.text import has_han
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.following.cadence import missing_days
from archive.following.records import MissingDays
from archive.records import NO_FILTER, Filter, Passage
from archive.store.catalog import Catalog
from archive.store.selection import Selection
from archive.store.snapshot import Snapshot

_MOST_SHOWN = 3

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
        self._issues = IssueAnswers(catalog, finder, quoter)
        self._sources = SourceAnswers(catalog, finder, quoter)

    def compose(
        self, request: Request, snapshot: Snapshot, where: Filter, today: Date
    ) -> Composed | None:
        """The answer to a request of these intents; None where it is to be read for instead."""
        match request.intent:
            case "coverage":
                return self.coverage(request, snapshot, where)
            case "issue":
                return self._issues.issue(request, snapshot, where)
            case "period":
                return self.period(request, snapshot, where)
            case "sources":
                within = within_period(where, request.period)
                among = self._issues.issues(snapshot, within)
                return self._sources.sources(request, snapshot, within, among)
            case "archive":
                return self.archive(request, snapshot, where, today)
            case "beyond":
                return _BEYOND
            case "person" if WHO_IS.search(request.text):
                name = person_named(request.subject)
                return who_is(name, self._naming(name, snapshot, where), self._quoter)
            case "person" if WHAT_SAID.search(request.text):
                name = person_named(request.subject)
                return what_said(name, self._naming(name, snapshot, where), self._quoter)
            case _:
                return None

    def _naming(self, name: str, snapshot: Snapshot, where: Filter) -> list[Passage]:
        """The passages that hold a name as such, oldest first."""
        told = self._finder.find(name, Selection.of(snapshot, where), most=ALL)
        found = self._catalog.passages.get(told.passage_ids if told.is_named_as_such else ())
        return sorted(found, key=lambda passage: passage.briefing.date)

    # --- prior coverage --------------------------------------------------------------------------

    def coverage(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """Whether, when first and last, how often and in which issues a subject was written of."""
        if not request.subject:
            return None
        within = within_period(where, request.period)
        each: Each = "chapter" if request.intent == "period" else "issue"
        told = self._finder.find(request.subject, Selection.of(snapshot, within), each, most=ALL)
        if not told.is_named and not has_han(request.subject):
            return self._near_in_meaning(request.subject, Selection.of(snapshot, within))
        if not told.is_named and request.period:
            ever = self._finder.find(request.subject, Selection.of(snapshot, where), most=ALL)
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
            lead = self._nowhere(request.subject, Selection.of(snapshot, within)) + near
            return listed(self._quoter, lead, told.statements[::-1][:_MOST_SHOWN], supported=False)
        dates = sorted({sentence.passage.briefing.date for sentence in told.statements})
        order = told.statements if request.focus == "first" else told.statements[::-1]
        return listed(self._quoter, _coverage_line(request, name, dates), order)

    def never(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """That a subject was never written of, where next to nothing of it stands anywhere."""
        if not has_han(request.text):
            return None
        selection = Selection.of(snapshot, where)
        told = self._finder.find(request.subject, selection)
        if told.share >= _OF_SOMETHING_ELSE:
            return None
        of_any = replace(request, period=None)
        covered = self.coverage(of_any, snapshot, where) if has_han(request.subject) else None
        return covered or self.refusal(request, selection, (), ())

    def _near_in_meaning(self, subject: str, selection: Selection) -> Composed | None:
        """What is nearest to a subject whose words no passage can hold, an issue a line."""
        first_of = {p.briefing.id: p for p in reversed(self._nearest(subject, selection))}
        near = sorted(first_of.values(), key=lambda passage: passage.briefing.date, reverse=True)
        if not near:
            return None
        lead = f"档案里没有逐字写到“{subject}”；按意思最接近的有 {len(near)} 期："
        openings = [sentence for p in near for sentence in passage_sentences(p)[:1]]
        return listed(self._quoter, lead, openings)

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
        return listed(self._quoter, lead, nearest[:_MOST_SHOWN])

    def _nowhere(self, subject: str, selection: Selection) -> str:
        """That none of the passages selected name a subject, and how many others do."""
        never = f"档案里没有写过“{subject}”。"
        if selection.is_everything:
            return never
        everything = Selection.of(selection.snapshot, NO_FILTER)
        ever = self._finder.find(subject, everything, most=ALL)
        if not ever.is_named_as_such:
            return never
        latest = ever.statements[-1].passage.briefing.date
        return (
            f"所选的简报里没有写过“{subject}”；档案共有 {len(ever.statements)} 期写过，"
            f"最近 {latest}。"
        )

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
            lead = "没有找到直接回答这个问题的句子；写出要问的是什么，会更准。"
            shown = nearest[:2]
            lead += "最接近的是：" if shown else ""
        elif not told.is_named and told.has_head and nearest:
            lead = f"没有一处写到“{request.subject}”的全部，没有找到直接回答的句子。最接近的是："
            shown = nearest[:2]
        elif not told.is_named:
            lead = self._nowhere(request.subject, selection) + "没有找到能回答这个问题的依据。"
        else:
            dates = [sentence.passage.briefing.date for sentence in told.statements]
            often = f"{len(dates)} 期，最近 {dates[-1]}" if len(dates) > 1 else dates[0]
            lead = f"档案写过“{told.name}”（{often}），但没有找到直接回答这个问题的句子。"
            shown = nearest[:2] or told.statements[::-1][:2]
            lead += "最接近的是："
        lead = "".join(f"{reason}。" for reason in objections) + lead
        composed = listed(self._quoter, lead, shown, supported=False)
        more = Widening(f"看写过“{told.name}”的各期。", f"有没有写过{told.name}")
        return replace(
            composed, lead=Lead(lead), widen=(more,) if told.is_named and request.subject else ()
        )

    # --- issues ----------------------------------------------------------------------------------

    def period(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """What the issues of a stretch of time say, an issue a line, or of a subject."""
        assert request.period is not None
        if request.subject:
            return self.coverage(request, snapshot, where)
        issues = self._issues.issues(snapshot, within_period(where, request.period))
        if not issues:
            return no_such_issue(request, self._issues.issues(snapshot, where))
        return self._issues.each_opening(f"{request.period.words}共 {len(issues)} 期", issues)

    # --- the archive itself ----------------------------------------------------------------------

    def archive(self, request: Request, snapshot: Snapshot, where: Filter, today: Date) -> Composed:
        """How many issues there are, from when to when, which days lack one, which topics."""
        within = within_period(where, request.period)
        issues = self._issues.issues(snapshot, within)
        text = request.text
        if _ASKS_TOPICS.search(text):
            return _topics(self._topics, snapshot, within, "没" in text)
        if request.period and issues and _ASKS_CONTENT.search(text):
            return self._issues.each_opening(f"{request.period.words}共 {len(issues)} 期", issues)
        every = self._issues.issues(snapshot, where)
        if not issues and (none := no_such_issue(request, every)):
            said = none.lead.text + _missing_line(missing_days(every), request.period)
            return replace(none, lead=Lead(said), supported=True)
        lead = f"{request.period.words if request.period else '档案'}共有 {len(issues)} 期简报"
        if issues:
            lead += f"，{issues[0].first} 至 {issues[-1].last}"
        if issues and not request.period:
            lead += f"，最新一期在 {(today - issues[-1].last).days} 天前"
        lead += "。"
        asks_missing = bool(_ASKS_MISSING.search(text))
        if not asks_missing and (request.period or re.search("哪天|几天|分别|日期|which", text)):
            lead += f"各期日期：{'、'.join(str(issue.first) for issue in issues[:MOST_ITEMS])}。"
        if asks_missing or not request.period:
            lead += _missing_line(missing_days(every), request.period, is_asked=asks_missing)
        return Composed(Lead(lead))


_OF_SOMETHING_ELSE = 0.42
"""With less of a subject than this in any passage the archive is about something else."""
_ASKS_TOPICS = re.compile("主题|栏目|分类|板块|标签|话题|题目|题材|方面|领域|哪类|topic")
_ASKS_CONTENT = re.compile("大事|要点|重点|内容|[讲说写登报]了?(?:些|点)?什么|哪些事|happened")
_ASKS_MISSING = re.compile("缺|漏|断|停|没出|没有出|没刊|没发|连着|连续|missing")
_BEYOND = Composed(
    Lead(
        "这不是档案能做的事：档案只查找和引用已出的简报，不写稿、不翻译、不预测、不给投资建议。"
        "可以问：写没写过某事、什么时候写的、某一期或某段时间讲了什么、最新的说法、依据哪家来源。"
    ),
    supported=False,
)


def _missing_line(
    lacking: Sequence[MissingDays], period: Period | None, *, is_asked: bool = True
) -> str:
    """Which usual days of a period, or at all, have no issue; that none lacks one if `is_asked`."""
    days = [
        str(day)
        for each in lacking
        for day in each.dates
        if period is None or (period.since or Date.min) <= day <= (period.until or Date.max)
    ]
    if days:
        return f"按惯常出刊的日子，缺 {len(days)} 期：{'、'.join(days[:MOST_ITEMS])}。"
    return "按惯常出刊的日子，没有缺期。" if is_asked else ""


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

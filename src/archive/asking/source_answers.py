"""Which outlets were relied on: for a subject, in which issues one was, or those most cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.asking.citing import MOST_ITEMS, listed
from archive.asking.records import Composed, Item, Lead, Request
from archive.asking.statements import ALL, StatementFinder
from archive.chinese.figure import agree
from archive.chinese.figures import find_figures
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.following.bibliography import items as cited_items
from archive.following.bibliography import matching, outlets
from archive.following.cited_sources import citations_of
from archive.following.records import SourceItem
from archive.records import Citation, Filter, Passage
from archive.store.catalog import Catalog
from archive.store.records import Issue
from archive.store.selection import Selection
from archive.store.snapshot import Snapshot

_MOST_OUTLETS = 10


class SourceAnswers:
    """Tells what the issues rest on."""

    def __init__(self, catalog: Catalog, finder: StatementFinder, quoter: Quoter) -> None:
        self._catalog = catalog
        self._finder = finder
        self._quoter = quoter

    def sources(
        self, request: Request, snapshot: Snapshot, within: Filter, issues: Sequence[Issue]
    ) -> Composed | None:
        """Which outlets were relied on: for a subject, of one outlet, or those most cited."""
        allowed = snapshot.briefing_ids(within)
        entries = [e for e in self._catalog.briefings.all_references() if e[0].id in allowed]
        found = cited_items(entries)
        if request.outlet and matching(found, "", request.outlet):
            return self._of_outlet(request.outlet, found, issues)
        if request.subject:
            told = self._finder.find(request.subject, Selection.of(snapshot, within), most=ALL)
            if not told.is_named:
                return _most_cited(found, f"没有写到“{request.subject}”；所选范围内")
            passages = self._catalog.passages.get(told.passage_ids)
            said = _stating_figures(request.text, passages)
            told_by = listed(self._quoter, "", (said or told.statements)[::-1])
            cited = {s.line: s for c in told_by.citations for s in c.sources}
            by = "、".join(dict.fromkeys(source.outlet for source in cited.values()))
            lead = f"关于“{told.name}”，{len(said or told.statements)} 期简报"
            lead += f"依据的是：{by}。" if by else "没有注明来源。"
            items = tuple(
                replace(i, line=i.line + _relied_on(i, told_by.citations)) for i in told_by.items
            )
            return replace(told_by, lead=Lead(lead, told_by.lead.citation), items=items)
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


def _stating_figures(question: str, passages: Sequence[Passage]) -> list[Sentence]:
    """The sentences of passages with a figure that a question asks about, oldest first."""
    asked = [figure for figure in find_figures(question) if figure.kind != "date"]
    return [
        sentence
        for passage in sorted(passages, key=lambda passage: passage.briefing.date)
        for sentence in passage_sentences(passage)
        if any(agree(figure, each) for each in find_figures(sentence.text) for figure in asked)
    ]


def _most_cited(found: Sequence[SourceItem], lead: str = "") -> Composed | None:
    """The outlets cited most among these items."""
    relied_on = outlets(found)
    if not relied_on:
        return None
    most = relied_on[:_MOST_OUTLETS]
    said = "、".join(f"{outlet.name} {outlet.citations} 次" for outlet in most)
    lead += f"共引用 {len(relied_on)} 家来源的 {len(found)} 篇；引用最多的是：{said}。"
    return Composed(Lead(lead))


def _relied_on(item: Item, citations: Sequence[Citation]) -> str:
    own = next((c for c in citations if c.number == item.citation), None)
    return (
        f"（依据：{'；'.join(source.line for source in own.sources)}）"
        if own and own.sources
        else ""
    )

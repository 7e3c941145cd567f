"""What an issue says, or each of several: its abstract and sections, its top, all but something."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from archive.asking.citing import Citing, listed, renumbered
from archive.asking.issues_meant import issues_meant, no_such_issue
from archive.asking.records import Composed, Item, Lead, Request
from archive.asking.statements import ALL, StatementFinder
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.records import ABSTRACT_TITLE, Filter, Passage
from archive.store.catalog import Catalog
from archive.store.records import Issue
from archive.store.selection import Selection
from archive.store.snapshot import Snapshot

_MOST_ISSUES, _MOST_SHOWN = 31, 3
_LONGEST_ABSTRACT = 220
_MOST_WHOLE = 2
"""Issues that are told section by section; of more each by its beginning."""
_TOP = re.compile("头条|头版|打头|重头|最重要的?(?:是|一条|内容)|top story", re.IGNORECASE)
_APART = re.compile(
    "除(?:了|开|去|却)?(?P<what>[^，,。？?除]{1,14}?)(?:这[件个条]?事?)?"
    "(?:以外|之外|外|，|,| |还(?=[有写讲登说报提]))"
)
_BESIDE = re.compile("除了|除开|除去|以外|之外|还有(?:什么|哪|别的)|后面(?:还|都)?有|其他|其它")
"""What asks for the rest of an issue: all of it is told."""


class IssueAnswers:
    """Tells what issues say."""

    def __init__(self, catalog: Catalog, finder: StatementFinder, quoter: Quoter) -> None:
        self._catalog = catalog
        self._finder = finder
        self._quoter = quoter

    def issue(self, request: Request, snapshot: Snapshot, where: Filter) -> Composed | None:
        """What one issue says: its abstract and its sections, or what it says of a subject."""
        issues = self.issues(snapshot, where)
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
                return listed(self._quoter, f"{date} 这一期写到了“{told.name}”。", told.statements)
            ever = self._finder.find(request.subject, Selection.of(snapshot, where), most=ALL)
            if ever.is_named_as_such:
                lead = f"{chosen[0].first} 这一期没有写到“{request.subject}”；"
                lead += f"写到过的有 {len(ever.statements)} 期。"
                return listed(self._quoter, lead, ever.statements[::-1][:_MOST_SHOWN])
        if len(chosen) > _MOST_WHOLE:
            return self.each_opening(f"这 {len(chosen)} 期", chosen)
        left_out: Collection[str] | None = None
        days = "、".join(str(issue.first) for issue in chosen)
        lead = f"{days} 这一期的内容如下。"
        if apart := _APART.search(request.text):
            told = self._finder.find(apart["what"], within)
            left_out = told.passage_ids if told.is_named else ()
            lead = f"{days} 这一期，“{apart['what']}”以外的内容如下。"
        citing = Citing(self._quoter)
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
        self, issue: Issue, citing: Citing, left_out: Collection[str] | None
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

    def each_opening(self, which: str, issues: Sequence[Issue]) -> Composed:
        """The beginning of each of these issues."""
        citing = Citing(self._quoter)
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

    def issues(self, snapshot: Snapshot, where: Filter) -> list[Issue]:
        """The issues that a filter leaves, oldest first."""
        allowed = snapshot.briefing_ids(where)
        return [i for i in self._catalog.briefings.issues() if i.briefing_id in allowed]


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

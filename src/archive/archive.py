"""The archive as a whole: what a page, a terminal or a script asks of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from datetime import date as Date
from pathlib import Path

import numpy as np

from archive.asking.asker import Asker
from archive.asking.follow_up import Turn
from archive.asking.language_model import LanguageModel
from archive.asking.reading import Reader
from archive.chinese.dates_in_words import today_here
from archive.chinese.lexicon import load_lexicon
from archive.chinese.spelling import Vocabulary, suggest
from archive.errors import TooManyReportsError, UsageError
from archive.evidence.quote_check import Quoter
from archive.evidence.sentence_vectors import SentenceVectors
from archive.following.bibliography import items, matching, resting
from archive.following.cadence import freshness, missing_days
from archive.following.chronology import chronology
from archive.following.coverage import CoverageReader, months_told
from archive.following.draft_parts import DraftPart, DraftSection, read_briefing, read_text
from archive.following.saved_queries import (
    check_name,
    find_watch,
    last_key,
    since_seen,
    without_repeats,
)
from archive.following.storylines import Storylines
from archive.following.timeline import make_timeline
from archive.index.encoder import open_encoder
from archive.index.keyword_index import KeywordIndex
from archive.index.query import LONGEST, Query, plain_query
from archive.index.topics import load_topics
from archive.index.vector_index import VectorIndex, collection_name, reader_collection
from archive.keeping.corrections import Edit, checked
from archive.keeping.writer import ARCHIVE_ID, TOPICS, removed_briefing, unknown_briefing
from archive.output.markdown import answer_as_text
from archive.records import (
    ABSTRACT_TITLE,
    NO_FILTER,
    Answer,
    AnswerReport,
    Briefing,
    BriefingEntry,
    Citation,
    Correction,
    Coverage,
    CoverageStatement,
    Filter,
    Freshness,
    Issue,
    LoggedChange,
    MissingDays,
    Mode,
    Passage,
    Period,
    Result,
    SearchPage,
    Sort,
    SourceItem,
    Story,
    StoryEntry,
    Timeline,
    Topic,
    Watch,
    WatchNews,
)
from archive.resources import data_file
from archive.search.interpretation import Understood, understand
from archive.search.results import MOST_OF_A_BRIEFING, group_rows, make_groups, make_results
from archive.search.search import DEPTH, Found, find, in_order, near_enough
from archive.settings import Settings
from archive.store.catalog import Catalog, StoredBriefing
from archive.store.snapshot import LivePassages, Ranking, Rows, Selection
from archive.untrusted_text import without_surrogates

MOST_RESULTS = 1000
MOST_REPORTS = 1000
_LONGEST_REMARK, _LONGEST_ANSWER = 2000, 20_000
"""Characters of a report that are kept."""
_FOREIGN_DRAFT = "草稿含外文段落，字词无法与中文档案比对，只比较了意思与数字，结果仅供参考。"
NOTHING_ASKED = plain_query("")
_BY_MEANING_ONLY = "没有段落含有查询的字词，以下按意思相近排列。"


class Archive:
    """A readable archive. Writing is `archive.writer`'s; both may go on at once."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        topic_list: Sequence[Topic],
        files: Path,
        language_model: LanguageModel | None = None,
    ) -> None:
        self.catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._topics = tuple(topic_list)
        self._files = files
        self.language_model = language_model
        about = [topic.description for topic in topic_list]
        self._quoter = Quoter(catalog, files)
        sentence_vectors = SentenceVectors(lambda: vector_index.encoder)
        self._asker = Asker(
            catalog=catalog,
            keyword_index=keyword_index,
            reader=Reader(catalog, keyword_index, vector_index, sentence_vectors, about),
            quoter=self._quoter,
            topics=[topic.name for topic in topic_list],
            suggest=self._suggestion,
        )
        self._storylines = Storylines(catalog, keyword_index)
        self._coverage_reader = CoverageReader(
            catalog,
            keyword_index,
            vector_index,
            sentence_vectors,
            self._storylines,
            self._quoter,
        )
        self._spelling: tuple[int, Vocabulary] | None = None

    @staticmethod
    def open(settings: Settings) -> Archive:
        """Open an archive for reading.

        Raises UsageError when there is none at `settings.home`, or when what is there isn't one.
        """
        catalog = Catalog.open(settings.catalog)
        archive_id = catalog.meta(ARCHIVE_ID) or ""
        return Archive(
            catalog=catalog,
            keyword_index=KeywordIndex(catalog, load_lexicon(settings.home)),
            vector_index=VectorIndex(
                catalog,
                lambda: open_encoder(settings.model),
                lambda load: reader_collection(settings, collection_name(archive_id, load())),
            ),
            topic_list=load_topics(data_file(TOPICS, settings.home)),
            files=settings.files,
            language_model=_language_model(settings),
        )

    def search(
        self, query: str, *, mode: Mode = "hybrid", where: Filter = NO_FILTER, limit: int = 10
    ) -> list[Result]:
        """The best passages for a query (see `archive.query` for its language) under a filter.

        Raises UsageError for an unknown topic, a date range the wrong way round, a bad limit or
        an index built with another encoder.
        """
        return list(self.search_page(query, mode=mode, where=where, limit=limit).results)

    def search_page(
        self,
        query: str,
        *,
        mode: Mode = "hybrid",
        where: Filter = NO_FILTER,
        sort: Sort = "relevance",
        limit: int = 10,
        offset: int = 0,
        by_briefing: bool = False,
        today: Date | None = None,
        infer_dates: bool = True,
    ) -> SearchPage:
        """As `search`, with what a reader of the results wants to know besides.

        Words such as 上周 are taken as a date, seen from `today` (by default in Shanghai), unless
        the filter or the query has dates already. With `by_briefing`, limit and offset count
        briefings, each with its best passages.
        """
        clock = time.perf_counter()
        self._check(where, limit, offset)
        understood, found = self._find(query, mode, where, today, infer_dates)
        page = self._page(found, understood, sort, limit, offset, by_briefing)
        if mode == "hybrid" and found.semantic_ranks and not found.keyword_ranks:
            page = replace(page, message=page.message + _BY_MEANING_ONLY)
        took = round((time.perf_counter() - clock) * 1000, 1)
        return replace(page, mode=mode, took_ms=took)

    def _find(
        self,
        query: str,
        mode: Mode,
        where: Filter,
        today: Date | None = None,
        infer_dates: bool = True,
    ) -> tuple[Understood, Found]:
        """How a query is understood, and all that it finds."""
        understood = understand(
            without_surrogates(query),
            where,
            topics=[topic.name for topic in self._topics],
            today=today or today_here(),
            infer_dates=infer_dates,
            keyword_index=self._keyword_index,
        )
        found = find(
            understood.query,
            understood.selection,
            mode=mode,
            keyword_index=self._keyword_index,
            vector_index=self._vector_index,
        )
        return understood, found

    def similar(
        self, passage_id: str, *, where: Filter = NO_FILTER, limit: int = 10, offset: int = 0
    ) -> SearchPage:
        """The passages nearest in meaning to one of the archive, that one left out.

        Raises UsageError for an unknown passage, and as `search` does.
        """
        clock = time.perf_counter()
        self._check(where, limit, offset)
        passages = self.catalog.passages([passage_id])
        if not passages or self.is_removed(passages[0].briefing.id):
            raise UsageError(
                f"there is no passage {passage_id!r} in the archive",
                "take the `passage_id` of a search result",
            )
        query = Query(passages[0].heading)
        selection = self._keyword_index.select(query, where).without(passage_id)
        _, vectors = self.catalog.vectors([passage_id])
        found = near_enough(self._vector_index.rank_vector(vectors[0], selection, DEPTH))
        understood = Understood(query, selection, where)
        page = self._page(found, understood, "relevance", limit, offset, by_briefing=False)
        took = round((time.perf_counter() - clock) * 1000, 1)
        return replace(page, mode="semantic", took_ms=took)

    def _page(
        self,
        found: Found,
        understood: Understood,
        sort: Sort,
        limit: int,
        offset: int,
        by_briefing: bool,
    ) -> SearchPage:
        """The results [offset, offset + limit) of what was found, and what is said about all."""
        live = understood.selection.live
        rows = in_order(found.ranking, understood.selection, sort)
        words = self._keyword_index.words(understood.query)
        members: list[list[int]] = []
        if by_briefing:
            members = group_rows(rows, live)[offset : offset + limit]
            best = [row for group in members for row in group[:MOST_OF_A_BRIEFING]]
            shown = [(rank, row) for rank, row in enumerate(rows.tolist(), 1) if row in best]
        else:
            shown = list(enumerate(rows[offset : offset + limit].tolist(), offset + 1))
        results = make_results(shown, found, words, live, self.catalog)
        why_empty = "" if results else self._why_empty(understood, len(rows))
        return SearchPage(
            query=understood.query.text,
            mode="hybrid",
            where=understood.where,
            total=len(rows),
            took_ms=0.0,
            results=tuple(results),
            message=understood.note + why_empty,
            facets=live.facets(rows),
            briefings=live.briefing.distinct(rows),
            groups=make_groups(members, results, live),
            inferred=understood.inferred,
            suggestion=self._suggestion(understood.query),
        )

    def ask(
        self,
        question: str,
        *,
        where: Filter = NO_FILTER,
        previous: Turn | None = None,
        use_llm: bool = True,
        today: Date | None = None,
        on_sentence: Callable[[str], None] = lambda sentence: None,
    ) -> Answer:
        """Answer a question with citations, or refuse; raises as `search` does.

        A question that leans on the `previous` one is understood with it. A language model that is
        set writes the answer unless `use_llm` is false; `on_sentence` is then told each sentence
        once it has been checked. Whatever fails there, the archive's own answer is given.
        """
        self._check(where)
        model = self.language_model if use_llm else None
        return self._asker.ask(question, where, previous, model, today or today_here(), on_sentence)

    def coverage(self, draft: str | Briefing, *, where: Filter = NO_FILTER) -> Coverage:
        """Which parts of a draft the archive covered before, when, and what is new or changed.

        A briefing that is in the archive is held against the others; a text that only names
        something asks what was written of it. Raises UsageError for an empty or too long draft,
        and as `search` does.
        """
        clock = time.perf_counter()
        self._check(where)
        self._vector_index.check()
        selection = self._keyword_index.select(NOTHING_ASKED, where)
        notes: list[str] = []
        if isinstance(draft, Briefing):
            sections = read_briefing(draft)
            selection, notes = self._without(draft, selection)
        else:
            sections = read_text(draft)
        if any(part.is_foreign for section in sections for part in section.parts):
            notes.append(_FOREIGN_DRAFT)
        covered = tuple(self._coverage_reader.check(sections, selection))
        took = round((time.perf_counter() - clock) * 1000, 1)
        return Coverage(covered, months_told(covered), tuple(notes), took)

    def coverage_of_topic(self, topic: str, *, where: Filter = NO_FILTER) -> Coverage:
        """When a topic was covered, and what its latest briefing says that is new or changed.

        Raises UsageError for an unknown topic, and as `search` does.
        """
        clock = time.perf_counter()
        where = replace(where, topics=(topic,))
        self._check(where)
        self._vector_index.check()
        selection = self._keyword_index.select(NOTHING_ASKED, where)
        whole = self._coverage_reader.of_topic(topic, selection)
        parts = [whole]
        if whole.briefings:
            latest = whole.briefings[0]
            passages = [
                p
                for p in self.catalog.passages_of(latest.id)
                if topic in p.topics and p.section.title != ABSTRACT_TITLE
            ]
            everything = self._keyword_index.select(NOTHING_ASKED, replace(where, topics=()))
            earlier = _without_briefings(everything, [latest.id])
            sections = [
                DraftSection(
                    " ".join(p.section.path), (DraftPart(f"{latest.date} {p.heading}", p.text),)
                )
                for p in passages
            ]
            parts += self._coverage_reader.check(sections, earlier)
        took = round((time.perf_counter() - clock) * 1000, 1)
        return Coverage(tuple(parts), months_told(parts[:1]), (), took)

    def _without(self, draft: Briefing, selection: Selection) -> tuple[Selection, list[str]]:
        """The passages selected but for those of the draft itself, and what is said of that."""
        live = selection.live
        known = self.catalog.known_file(draft.file_hash)
        same = self.catalog.live_of_issue(draft.series, draft.date)
        own = [known.briefing_id] if known and known.briefing_id in live.briefing.values else same
        if not own:
            return selection, []
        what = "这份 PDF 已在档案中" if known else "档案中已有同一系列同一日期的简报"
        note = f"{what}（{'、'.join(own)}），以下只与其余简报比对。"
        return _without_briefings(selection, own), [note]

    def stories(
        self,
        *,
        where: Filter = NO_FILTER,
        briefing_id: str | None = None,
        singles: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[Story], int]:
        """The storylines that a filter leaves a passage of, the last told first, and how many.

        With a briefing only those that it tells on, which is none for a replaced one. Those told in
        one briefing only are left out unless `singles`. Raises as `search` and `show` do.
        """
        self._check(where, limit, offset)
        selection = self._keyword_index.select(NOTHING_ASKED, where)
        live = selection.live
        if briefing_id is not None:
            if self.catalog.briefing(briefing_id) is None:
                raise unknown_briefing(briefing_id)
            own = live.briefing.mask([value == briefing_id for value in live.briefing.values])
            selection = Selection(live, selection.mask & own)
        groups = self._storylines.groups(selection)
        if not singles:
            groups = [rows for rows in groups if live.briefing.distinct(rows) > 1]
        shown = groups[offset : offset + limit]
        return [self._storylines.story(live, rows) for rows in shown], len(groups)

    def story(self, name: str) -> tuple[Story, list[StoryEntry]]:
        """A storyline, by its id or that of a passage in it, and its chronology.

        Raises UsageError where there is none.
        """
        live = self.catalog.live()
        story = self._storylines.story(live, self._story_rows(name, live))
        return story, chronology(story, self._quoter, self._keyword_index.terms)

    def _story_rows(self, name: str, live: LivePassages) -> Rows:
        rows = self._storylines.find(live, name)
        if not len(rows):
            raise UsageError(f"there is no storyline {name!r}", "`archive stories` shows the ids")
        return rows

    def timeline(
        self,
        queries: Sequence[str] = (),
        *,
        stories: Sequence[str] = (),
        by: Period = "month",
        where: Filter = NO_FILTER,
    ) -> Timeline:
        """How often each query, topic of the filter or storyline was written of, period by period.

        A query counts what a search for it finds. Topics are counted each for itself where there
        are no queries and storylines, and filter these otherwise; with nothing given all is
        counted. Raises UsageError as `search` and `story` do.
        """
        self._check(where)
        rows_of: dict[str, Rows] = {}
        selection = self._keyword_index.select(NOTHING_ASKED, where)
        live = selection.live
        for query in queries:
            rows_of[query] = self._find(query, "hybrid", where)[1].ranking.rows
        for name in stories:
            rows = self._story_rows(name, live)
            story = self._storylines.story(live, rows)
            called = story.name if story.name not in rows_of else f"{story.name}（{story.id}）"
            rows_of[called] = rows[selection.mask[rows]]
        if not rows_of:
            for topic in where.topics:
                own = self._keyword_index.select(NOTHING_ASKED, replace(where, topics=(topic,)))
                rows_of[topic] = np.flatnonzero(own.mask)
        return make_timeline(rows_of or {"全部": np.flatnonzero(selection.mask)}, live, by)

    def sources(
        self, words: str = "", *, outlet: str | None = None, where: Filter = NO_FILTER
    ) -> list[SourceItem]:
        """The items of 参考文献 that briefings cite, entries that look alike merged, first cited
        first.

        Of an outlet, by any of its names, and with all the words given; the filter is on the
        briefings that cite them. Raises UsageError as `search` does.
        """
        self._check(where)
        live = self.catalog.live()
        allowed = live.briefing.of[live.allowed(where)]
        wanted = {live.briefing.values[of] for of in np.unique(allowed)}
        entries = self.catalog.all_references()
        if not where.is_empty:
            entries = [entry for entry in entries if entry[0].id in wanted]
        return matching(items(entries), words, outlet)

    def source(self, item_id: str) -> tuple[SourceItem, list[Citation]]:
        """An item of 参考文献 and the sentences that rest on it, in the order of briefings.

        Raises UsageError where there is none of the id.
        """
        item = next((item for item in self.sources() if item.id == item_id), None)
        if item is None:
            raise UsageError(f"there is no source {item_id!r}", "`archive sources` shows the ids")
        citations: list[Citation] = []
        for citing in item.citing:
            passages = self.catalog.passages_of(citing.briefing.id)
            references = self.catalog.references(citing.briefing.id)
            for passage, start, end in resting(passages, references, citing.number):
                citation = self._quoter.cite(len(citations) + 1, passage, start, end)
                if citation is not None:
                    citations.append(citation)
        return item, citations

    # Watches and reports are notes, so that they may be kept while another process writes.

    def watches(self) -> list[Watch]:
        """The saved queries, by name."""
        return self.catalog.watches()

    def save_watch(
        self, name: str, query: str, *, mode: Mode = "hybrid", where: Filter = NO_FILTER
    ) -> Watch:
        """Save a query under a name, in place of one that had it; what is in now counts as read.

        Raises UsageError for a bad name or an empty query, and as `search` does.
        """
        name = check_name(name)
        query = without_surrogates(query).strip()
        if not query and where.is_empty:
            raise UsageError("there is nothing to watch", "give a query, or a filter")
        self.search_page(query, mode=mode, where=where, limit=1)
        created = today_here().isoformat()
        watch = Watch(name, query, mode, where, created, last_key(self.catalog.live()))
        self.catalog.save_watch(watch)
        return watch

    def remove_watch(self, name: str) -> None:
        """Forget a saved query; raises UsageError where there is none of the name."""
        self.catalog.remove_watch(find_watch(self.catalog, name).name)

    def watch_news(self, name: str, *, mark_read: bool = False) -> WatchNews:
        """What came in since a watch was last read, newest first, without what merely repeats.

        Raises UsageError where there is none of the name, and as `search` does.
        """
        news = self.news_of(find_watch(self.catalog, name))
        if mark_read:
            self.mark_watch_read(name, news.last_key)
        return news

    def mark_watch_read(self, name: str, seen_key: int) -> None:
        """Count what was in up to a key as read; raises UsageError where there is no such watch."""
        watch = find_watch(self.catalog, name)
        self.catalog.save_watch(replace(watch, seen_key=max(watch.seen_key, seen_key)))

    def news_of(self, watch: Watch) -> WatchNews:
        """What came in for a watch since its `seen_key`; raises as `search` does."""
        self._check(watch.where)
        live = self.catalog.live()
        if watch.query:
            rows = self._find(watch.query, watch.mode, watch.where)[1].ranking.rows
        else:
            rows = np.flatnonzero(live.allowed(watch.where))
        new = since_seen(watch, rows, live)
        passages = self.catalog.passages([live.ids[row] for row in new.tolist()])
        everything = self._keyword_index.select(NOTHING_ASKED, NO_FILTER)
        kept = {p.id for p in without_repeats(passages, everything, self._coverage_reader)}
        shown = [
            (rank, row)
            for rank, row in enumerate((r for r in new.tolist() if live.ids[r] in kept), 1)
        ]
        ranking = Ranking(new, np.zeros(len(new)))
        words = self._keyword_index.words(plain_query(watch.query))
        results = make_results(shown, Found(ranking), words, live, self.catalog)
        return WatchNews(watch, tuple(results), len(new) - len(results), last_key(live))

    def report(self, answer: Answer, remark: str) -> AnswerReport:
        """Keep what a reader found wrong with an answer, for the staff.

        Raises UsageError where nothing is said to be wrong, which tells the staff nothing, and
        TooManyReportsError where `MOST_REPORTS` wait for the staff.
        """
        remark = without_surrogates(remark).strip()[:_LONGEST_REMARK]
        if not remark:
            raise UsageError("the report says nothing", "say what is wrong with the answer")
        created = datetime.now(UTC).isoformat(timespec="seconds")
        told = answer.question[:LONGEST], answer_as_text(answer)[:_LONGEST_ANSWER], remark
        kept = self.catalog.add_report(created, *told, most=MOST_REPORTS)
        if kept is None:
            raise TooManyReportsError(
                f"{MOST_REPORTS:,} reports wait for the staff, no more are kept",
                "let the staff deal with some: `archive reports --close ID`",
            )
        return AnswerReport(kept, created, *told)

    def reports(self) -> list[AnswerReport]:
        """What readers found wrong with answers, newest first."""
        return self.catalog.reports()

    def close_report(self, report_id: int) -> None:
        """Forget a report that was dealt with; raises UsageError where there is none."""
        if not self.catalog.remove_report(report_id):
            raise UsageError(f"there is no report {report_id}", "`archive reports` lists them")

    def missing_days(self) -> list[MissingDays]:
        """The days on which a series was to be expected and has no briefing, by series."""
        return missing_days(self.catalog.issues())

    def freshness(self, today: Date | None = None) -> Freshness:
        """How old the newest briefing is on a day, by default today in Shanghai."""
        return freshness(self.catalog.issues(), today or today_here())

    def encoder_set(self) -> str:
        """What an index would be built with now; raises UsageError where it can't be loaded."""
        return self._vector_index.made_by

    def briefings(self) -> list[BriefingEntry]:
        """All briefings, newest first; those replaced by a revision are among them."""
        return self.catalog.briefings()

    def removed(self) -> list[BriefingEntry]:
        """The briefings that were removed and can be restored."""
        return self.catalog.removed()

    def is_removed(self, briefing_id: str) -> bool:
        """Whether a briefing was removed and can be restored."""
        return self.catalog.state(briefing_id) == "removed"

    def corrections(self, briefing_id: str) -> list[Correction]:
        """What was corrected by hand of a briefing, with what had been read."""
        return self.catalog.corrections(self.catalog.file_hash(briefing_id))

    def check_edit(self, briefing_id: str, edit: Edit) -> None:
        """Raise UsageError for an unknown briefing, or what it can't be edited to."""
        _, passages, _ = self.show(briefing_id)
        checked(edit, passages, self._topics)

    def changes(self, briefing_id: str | None = None, *, limit: int = 50) -> list[LoggedChange]:
        """The last changes of the archive or of one briefing, newest first.

        Raises UsageError for an id that was never in.
        """
        changes = self.catalog.changes(briefing_id, limit)
        if briefing_id is not None and not changes and self.catalog.state(briefing_id) is None:
            raise unknown_briefing(briefing_id)
        return changes

    def show(self, briefing_id: str) -> tuple[StoredBriefing, list[Passage], Path]:
        """A briefing, its passages and its PDF; raises UsageError for an unknown id."""
        stored = self.catalog.briefing(briefing_id)
        if stored is None:
            removed = self.is_removed(briefing_id)
            raise removed_briefing(briefing_id) if removed else unknown_briefing(briefing_id)
        passages = self.catalog.passages_of(briefing_id)
        return stored, passages, self._files / f"{stored.briefing.file_hash}.pdf"

    def topics(self) -> list[tuple[str, int]]:
        """The archive's topics with how many passages each has, in the order of its list."""
        counts = self.catalog.topic_counts()
        names = [topic.name for topic in self._topics]
        return [(name, counts.get(name, 0)) for name in dict.fromkeys((*names, *counts))]

    def _suggestion(self, query: Query) -> str:
        """The query as it may have been meant, where some word of it is in no passage."""
        unknown = self._keyword_index.unknown(query)
        if not unknown:
            return ""
        generation = self.catalog.generation()
        spelling = self._spelling
        if spelling is None or spelling[0] != generation:
            spelling = self._spelling = generation, self._keyword_index.spelling()
        return suggest(query.text, unknown, spelling[1], self._keyword_index.stands)

    def _check(self, where: Filter, limit: int = 1, offset: int = 0) -> None:
        if not (1 <= limit <= MOST_RESULTS and offset >= 0):
            raise UsageError(
                f"limit {limit}, offset {offset}: out of range",
                f"a limit is 1 to {MOST_RESULTS}, an offset 0 or more",
            )
        if where.since and where.until and where.since > where.until:
            raise UsageError(
                f"the range begins ({where.since}) after it ends ({where.until})",
                "exchange the two dates",
            )
        known = [name for name, _ in self.topics()] if where.topics else []
        for topic in where.topics:
            if topic not in known:
                raise UsageError(f"unknown topic: {topic!r}", "`archive topics` lists them")

    def _why_empty(self, understood: Understood, total: int) -> str:
        query = understood.query
        if total:
            return f"只有 {total} 条结果，起始位置超出了范围。"
        says_only_where = bool(query.text.strip()) and not query.wanted
        if not (says_only_where or query.binding or self._keyword_index.words(query)):
            return "查询里没有可检索的字词。"
        if not self.catalog.coverage(understood.where).briefings:
            return "所选日期与主题范围内没有简报。"
        return "没有找到相符的段落；可以换个说法，或放宽日期与主题。"

    def generation(self) -> int:
        """A number that changes whenever what can be found changes."""
        return self.catalog.generation()

    def archive_id(self) -> str | None:
        """What tells this archive from others; None before its first briefing."""
        return self.catalog.meta(ARCHIVE_ID)

    def holdings(self) -> CoverageStatement:
        """How many briefings the archive holds, and of which days."""
        return self.catalog.coverage(NO_FILTER)

    def issues(self) -> list[Issue]:
        """The live briefings with the days that they stand for."""
        return self.catalog.issues()

    def abstracts(self, briefing_ids: Sequence[str]) -> dict[str, str]:
        """Briefings' abstracts by their ids."""
        return self.catalog.abstracts(briefing_ids)

    def passages(self, passage_ids: Sequence[str]) -> list[Passage]:
        """The passages of these ids, of those that there are."""
        return self.catalog.passages(passage_ids)


def _without_briefings(selection: Selection, briefings: Sequence[str]) -> Selection:
    live = selection.live
    own = live.briefing.mask([briefing in briefings for briefing in live.briefing.values])
    return Selection(live, selection.mask & ~own)


def _language_model(settings: Settings) -> LanguageModel | None:
    if settings.llm_base_url is None or settings.llm_model is None:
        return None
    return LanguageModel(settings.llm_base_url, settings.llm_model, settings.llm_api_key)

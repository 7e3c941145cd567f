"""The archive as a whole: what a page, a terminal or a script asks of it.

No work is done here: each question is handed to the room that answers it, with one snapshot of
what can be found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

from archive.asking.asker import Asker
from archive.asking.follow_up import Turn
from archive.asking.language_model import LanguageModel
from archive.asking.reading import Reader
from archive.asking.records import Answer
from archive.asking.statements import StatementFinder
from archive.chinese.calendar import today_here
from archive.chinese.lexicon import load_lexicon
from archive.errors import removed_briefing, unknown_briefing
from archive.evidence.quote_check import Quoter
from archive.evidence.sentence_vectors import SentenceVectors
from archive.following.cadence import freshness, missing_days
from archive.following.cited_sources import cited_sources, source_and_citations
from archive.following.coverage import CoverageReader
from archive.following.matters import Matters
from archive.following.prior_coverage import PriorCoverage
from archive.following.query_news import SavedQueries
from archive.following.records import (
    Coverage,
    Freshness,
    MissingDays,
    Period,
    SourceItem,
    Story,
    StoryEntry,
    Timeline,
    WatchNews,
)
from archive.following.storylines import Storylines
from archive.index.chroma import reader_collection
from archive.index.encoder import open_encoder
from archive.index.keyword_index import KeywordIndex
from archive.index.topics import load_topics
from archive.index.vector_index import VectorIndex, collection_name
from archive.keeping.corrections import Edit, checked
from archive.keeping.reports import add_report, close_report
from archive.keeping.writer import ARCHIVE_ID, TOPICS
from archive.output.markdown import answer_as_text
from archive.records import NO_FILTER, Briefing, Citation, Filter, Mode, Passage, Topic
from archive.resources import data_file
from archive.search.records import Result, SearchPage, Sort
from archive.search.searcher import Searcher
from archive.settings import Settings
from archive.store.briefings import StoredBriefing
from archive.store.catalog import Catalog
from archive.store.records import (
    AnswerReport,
    BriefingEntry,
    Correction,
    CoverageStatement,
    Issue,
    LoggedChange,
    Watch,
)


class Archive:
    """A readable archive. Writing is `archive.keeping.writer`'s; both may go on at once."""

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
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._topics = tuple(topic_list)
        self._files = files
        self.language_model = language_model
        names = [topic.name for topic in topic_list]
        about = [topic.description for topic in topic_list]
        self._quoter = Quoter(catalog, files)
        sentences = SentenceVectors(lambda: vector_index.encoder)
        self._searcher = Searcher(catalog, keyword_index, vector_index, names)
        self._asker = Asker(
            catalog=catalog,
            keyword_index=keyword_index,
            vector_index=vector_index,
            reader=Reader(catalog, keyword_index, vector_index, sentences, about),
            quoter=self._quoter,
            topics=names,
            suggest=self._searcher.suggestion,
            finder=StatementFinder(catalog, keyword_index),
        )
        storylines = Storylines(catalog, keyword_index)
        coverage_reader = CoverageReader(
            catalog, keyword_index, vector_index, sentences, storylines, self._quoter
        )
        self._coverage = PriorCoverage(catalog, vector_index, coverage_reader)
        self._matters = Matters(catalog, keyword_index, self._searcher, storylines, self._quoter)
        self._queries = SavedQueries(catalog, keyword_index, self._searcher, coverage_reader)

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
        """The best passages for a query, in `archive.search.query_language`, under a filter.

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
        return self._searcher.page(
            self._catalog.snapshot(),
            query,
            mode=mode,
            where=where,
            sort=sort,
            limit=limit,
            offset=offset,
            by_briefing=by_briefing,
            today=today or today_here(),
            infer_dates=infer_dates,
        )

    def similar(
        self, passage_id: str, *, where: Filter = NO_FILTER, limit: int = 10, offset: int = 0
    ) -> SearchPage:
        """The passages nearest in meaning to one of the archive, that one left out.

        Raises UsageError for an unknown passage, and as `search` does.
        """
        return self._searcher.similar(
            self._catalog.snapshot(), passage_id, where=where, limit=limit, offset=offset
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
        self._searcher.check(where)
        model = self.language_model if use_llm else None
        snapshot, today = self._catalog.snapshot(), today or today_here()
        return self._asker.ask(snapshot, question, where, previous, model, today, on_sentence)

    def coverage(self, draft: str | Briefing, *, where: Filter = NO_FILTER) -> Coverage:
        """Which parts of a draft the archive covered before, when, and what is new or changed.

        A briefing that is in the archive is held against the others; a text that only names
        something asks what was written of it. Raises UsageError for an empty or too long draft,
        and as `search` does.
        """
        self._searcher.check(where)
        return self._coverage.of_draft(self._catalog.snapshot(), draft, where)

    def coverage_of_topic(self, topic: str, *, where: Filter = NO_FILTER) -> Coverage:
        """When a topic was covered, and what its latest briefing says that is new or changed.

        Raises UsageError for an unknown topic, and as `search` does.
        """
        self._searcher.check(replace(where, topics=(topic,)))
        return self._coverage.of_topic(self._catalog.snapshot(), topic, where)

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
        return self._matters.stories(
            self._catalog.snapshot(),
            where=where,
            briefing_id=briefing_id,
            singles=singles,
            limit=limit,
            offset=offset,
        )

    def story(self, name: str) -> tuple[Story, list[StoryEntry]]:
        """A storyline, by its id or that of a passage in it, and its chronology.

        Raises UsageError where there is none.
        """
        return self._matters.story(self._catalog.snapshot(), name)

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
        snapshot, today = self._catalog.snapshot(), today_here()
        return self._matters.timeline(snapshot, queries, stories, by, where, today)

    def sources(
        self, words: str = "", *, outlet: str | None = None, where: Filter = NO_FILTER
    ) -> list[SourceItem]:
        """The items of 参考文献 that briefings cite, entries that look alike merged, first cited
        first.

        Of an outlet, by any of its names, and with all the words given; the filter is on the
        briefings that cite them. Raises UsageError as `search` does.
        """
        self._searcher.check(where)
        return cited_sources(self._catalog, self._catalog.snapshot(), words, outlet, where)

    def source(self, item_id: str) -> tuple[SourceItem, list[Citation]]:
        """An item of 参考文献 and the sentences that rest on it, in the order of briefings.

        Raises UsageError where there is none of the id.
        """
        snapshot = self._catalog.snapshot()
        return source_and_citations(self._catalog, snapshot, self._quoter, item_id)

    # Saved queries and reports are notes, so that they may be kept while another process writes.

    def watches(self) -> list[Watch]:
        """The saved queries, by name."""
        return self._catalog.notes.watches()

    def save_watch(
        self, name: str, query: str, *, mode: Mode = "hybrid", where: Filter = NO_FILTER
    ) -> Watch:
        """Save a query under a name, in place of one that had it; what is in now counts as read.

        Raises UsageError for a bad name or an empty query, and as `search` does.
        """
        snapshot, today = self._catalog.snapshot(), today_here()
        return self._queries.save(snapshot, name, query, mode=mode, where=where, today=today)

    def remove_watch(self, name: str) -> None:
        """Forget a saved query; raises UsageError where there is none of the name."""
        self._queries.remove(name)

    def watch_news(self, name: str, *, mark_read: bool = False) -> WatchNews:
        """What came in since a watch was last read, newest first, without what merely repeats.

        Raises UsageError where there is none of the name, and as `search` does.
        """
        news = self.news_of(self._queries.find(name))
        if mark_read:
            self.mark_watch_read(name, news.last_key)
        return news

    def mark_watch_read(self, name: str, seen_key: int) -> None:
        """Count what was in up to a key as read; raises UsageError where there is no such watch."""
        self._queries.mark_read(name, seen_key)

    def news_of(self, watch: Watch) -> WatchNews:
        """What came in for a watch since its `seen_key`; raises as `search` does."""
        return self._queries.news(self._catalog.snapshot(), watch, today_here())

    def report(self, answer: Answer, remark: str) -> AnswerReport:
        """Keep what a reader found wrong with an answer; raises as `add_report` does."""
        return add_report(self._catalog, answer.question, answer_as_text(answer), remark)

    def reports(self) -> list[AnswerReport]:
        """What readers found wrong with answers, newest first."""
        return self._catalog.notes.reports()

    def close_report(self, report_id: int) -> None:
        """Forget a report that was dealt with; raises UsageError where there is none."""
        close_report(self._catalog, report_id)

    def generation(self) -> int:
        """A number that changes whenever what can be found changes."""
        return self._catalog.generation()

    def archive_id(self) -> str | None:
        """What tells this archive from others; None before its first briefing."""
        return self._catalog.meta(ARCHIVE_ID)

    def holdings(self, where: Filter = NO_FILTER) -> CoverageStatement:
        """How many briefings a filter leaves, from when to when."""
        return self._catalog.snapshot().coverage(where)

    def issues(self) -> list[Issue]:
        """The days that each briefing stands for, in order."""
        return self._catalog.briefings.issues()

    def abstracts(self, briefing_ids: Sequence[str]) -> dict[str, str]:
        """The abstracts of briefings, by their ids."""
        return self._catalog.briefings.abstracts(briefing_ids)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage by its id, also one of a replaced briefing; None for an unknown id."""
        return next(iter(self._catalog.passages.get([passage_id])), None)

    def missing_days(self) -> list[MissingDays]:
        """The days on which a series was to be expected and has no briefing, by series."""
        return missing_days(self._catalog.briefings.issues())

    def freshness(self, today: Date | None = None) -> Freshness:
        """How old the newest briefing is on a day, by default today in Shanghai."""
        return freshness(self._catalog.briefings.issues(), today or today_here())

    def encoder_set(self) -> str:
        """What an index would be built with now; raises UsageError where it can't be loaded."""
        return self._vector_index.fingerprint

    def briefings(self) -> list[BriefingEntry]:
        """All briefings, newest first; those replaced by a revision are among them."""
        return self._catalog.briefings.all()

    def removed(self) -> list[BriefingEntry]:
        """The briefings that were removed and can be restored."""
        return self._catalog.briefings.removed()

    def is_removed(self, briefing_id: str) -> bool:
        """Whether a briefing was removed and can be restored."""
        return self._catalog.briefings.state(briefing_id) == "removed"

    def corrections(self, briefing_id: str) -> list[Correction]:
        """What was corrected by hand of a briefing, with what had been read."""
        return self._catalog.changes.corrections(self._catalog.briefings.file_hash(briefing_id))

    def check_edit(self, briefing_id: str, edit: Edit) -> None:
        """Raise UsageError for an unknown briefing, or what it can't be edited to."""
        _, passages, _ = self.show(briefing_id)
        checked(edit, passages, self._topics)

    def changes(self, briefing_id: str | None = None, *, limit: int = 50) -> list[LoggedChange]:
        """The last changes of the archive or of one briefing, newest first.

        Raises UsageError for an id that was never in.
        """
        changes = self._catalog.notes.changes(briefing_id, limit)
        if (
            briefing_id is not None
            and not changes
            and self._catalog.briefings.state(briefing_id) is None
        ):
            raise unknown_briefing(briefing_id)
        return changes

    def show(self, briefing_id: str) -> tuple[StoredBriefing, list[Passage], Path]:
        """A briefing, its passages and its PDF; raises UsageError for an unknown id."""
        stored = self._catalog.briefings.find(briefing_id)
        if stored is None:
            removed = self.is_removed(briefing_id)
            raise removed_briefing(briefing_id) if removed else unknown_briefing(briefing_id)
        passages = self._catalog.passages.of_briefing(briefing_id)
        return stored, passages, self._files / f"{stored.briefing.file_hash}.pdf"

    def topics(self) -> list[tuple[str, int]]:
        """The archive's topics with how many passages each has, in the order of its list."""
        counts = self._catalog.passages.topic_counts()
        names = [topic.name for topic in self._topics]
        return [(name, counts.get(name, 0)) for name in dict.fromkeys((*names, *counts))]


def _language_model(settings: Settings) -> LanguageModel | None:
    if settings.llm_base_url is None or settings.llm_model is None:
        return None
    return LanguageModel(settings.llm_base_url, settings.llm_model, settings.llm_api_key)

"""Asks the archive: from a question, through what is read for it, to an answer or a refusal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date as Date
from functools import partial
from itertools import zip_longest

from archive.asking.asides import (
    BEYOND_DAYS_NAMED,
    doubt,
    sounds_like,
    unmet,
    wants_of,
)
from archive.asking.composing import Composer
from archive.asking.extractive import (
    SUPPORTED,
    SUPPORTED_IF_NAMED,
    SUPPORTED_IF_UNNAMED,
    Quotes,
    compose,
    quotes_for,
)
from archive.asking.follow_up import Turn, resolve
from archive.asking.intent_model import load_intent_model
from archive.asking.language_model import LanguageModel
from archive.asking.leads import lead_of
from archive.asking.model_answer import answered_by_model
from archive.asking.reading import Reader, Reading
from archive.asking.records import Answer, Composed, Intent, Request, Widening
from archive.asking.request import Learnt, read_request, without_own_work
from archive.asking.request_patterns import ARCHIVE_AT_LARGE
from archive.asking.statements import ALL, StatementFinder, Told
from archive.asking.subject_words import known_words, things_of
from archive.asking.widening import ways_on
from archive.chinese.text import has_han
from archive.evidence.question import in_context, parts
from archive.evidence.quote_check import Quoter
from archive.index.keyword_index import KeywordIndex
from archive.index.query import LONGEST, Query, plain_query
from archive.index.vector_index import VectorIndex
from archive.records import Citation, Filter, Passage
from archive.search.interpretation import Understood, understand
from archive.search.records import Result
from archive.search.results import make_results
from archive.store.catalog import Catalog
from archive.store.selection import Selection
from archive.store.snapshot import Snapshot
from archive.untrusted_text import without_surrogates

_COUNTED: tuple[Intent, ...] = ("coverage", "sources", "archive", "beyond")
"""Intents that a language model has nothing to add to: their rows are complete, and counted."""
_NEAREST, _HARDLY_FARTHER = 12, 0.02
"""Passages looked at for a subject by its meaning, and how much less near one may be, in cosine."""
_SURE_OF_A_PERSON = 0.75
"""The chance of an answer below which the issues that name a person are told instead."""
_SURE_BY_ANOTHER_NAME = 0.85
"""The chance of an answer below which a subject that stands nowhere was never written of."""
_ASKED_OF_IT = "算是说讲写提报登在有也又还这那被把给对跟和与的"
"""Characters that are asked with, and may be cut as a part of the name before them: 程希言算."""
_READ_FOR: tuple[Intent, ...] = ("fact", "latest", "change", "compare", "list", "count", "yesno")
"""Intents whose answers are read for, in the words of the question, whatever its subject."""
_OF_ITS_NAME: tuple[Intent, ...] = ("latest", "change", "person")


class Asker:
    """Answers questions with an archive's reader; `suggest` gives a query as it may be meant."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        reader: Reader,
        quoter: Quoter,
        topics: Sequence[str],
        suggest: Callable[[Snapshot, Query], str],
        finder: StatementFinder,
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._reader = reader
        self._quoter = quoter
        self._topics = tuple(topics)
        self._suggest = suggest
        self._finder = finder
        self._composer = Composer(catalog, finder, quoter, topics, self._nearest)

    def ask(
        self,
        snapshot: Snapshot,
        question: str,
        where: Filter,
        previous: Turn | None,
        model: LanguageModel | None,
        today: Date,
        on_sentence: Callable[[str], None],
    ) -> Answer:
        """Answer a question, as `Archive.ask` says."""
        clock = time.perf_counter()
        question = without_surrogates(question)
        follow_up = resolve(question, previous, today)
        if follow_up.where is not None and where.is_empty:
            where = follow_up.where
        request, corrected = self._corrected(snapshot, follow_up.question, where, today)
        composed = self._composer.compose(request, snapshot, where, today)
        if composed is not None:
            answered, said = self._composed(composed, request, snapshot, where), ("", "")
        else:
            answered, said = self._read_and_extracted(request, snapshot, where, today)
        if model is not None and answered.results and request.intent not in _COUNTED:
            answered = answered_by_model(answered, model, self._quoter, on_sentence)
        notes = filter(None, (follow_up.note, corrected, *said, *answered.notes))
        return replace(
            answered,
            question=question,
            understood=follow_up.question if follow_up.note else "",
            where=where,
            intent=request.intent,
            subject=request.subject,
            period=request.period,
            notes=tuple(notes),
            replaced=self._replaced(answered.citations),
            took_ms=round((time.perf_counter() - clock) * 1000, 1),
        )

    def _read_and_extracted(
        self, request: Request, snapshot: Snapshot, where: Filter, today: Date
    ) -> tuple[Answer, tuple[str, str]]:
        """What is read for a request, and what is said of how its days and words were taken."""
        readings, understood = self._read(snapshot, request, where, today)
        answered = self._extract(request, readings, understood)
        if request.intent == "person" and answered.probability < _SURE_OF_A_PERSON:
            told = self._composer.coverage(request, snapshot, where)
            if told and told.supported:
                return self._composed(told, request, snapshot, where), ("", "")
        is_unsure = answered.probability < _SURE_BY_ANOTHER_NAME
        if is_unsure and (never := self._composer.never(request, snapshot, where)):
            refused = self._composed(never, request, snapshot, where)
            refused = replace(
                refused,
                results=answered.results,
                probability=answered.probability,
                coverage=replace(answered.coverage, newest_evidence=None),
                widen=(*refused.widen, *self._widen(request, understood)),
            )
            return refused, ("", "")
        if understood.inferred:
            is_all = len(understood.selection) == len(Selection.of(snapshot, where))
            return answered, ("" if is_all else understood.inferred.line, understood.note)
        # Days that no issue is of are those of what is told; `unmet` says where that isn't so.
        return answered, ("", "" if request.period else understood.note)

    def _corrected(
        self, snapshot: Snapshot, question: str, where: Filter, today: Date
    ) -> tuple[Request, str]:
        """What a question wants; of a subject misspelt what it sounds like, and a note of that."""
        everything = Selection.of(snapshot, where)
        request = self.read(everything, question, today)
        told = self._finder.find(request.subject, everything)
        if told.is_named_as_such:
            return request, ""
        said = request.subject.rstrip(_ASKED_OF_IT)
        if said != request.subject and self._finder.find(said, everything).is_named_as_such:
            return replace(request, subject=said), ""
        described = self._keyword_index.described(snapshot, request.subject)
        of_things = things_of(described, request.subject)
        if (
            request.intent in _READ_FOR
            and self._finder.find(of_things, everything).is_named_as_such
        ):
            return replace(request, subject=of_things), ""
        if told.is_named:
            return request, ""
        of_any_script = told.has_head and request.intent in _READ_FOR
        known, unknown = known_words(described, request.subject, of_any_script=of_any_script)
        if unknown and self._finder.find(known, everything).is_named_as_such:
            note = f"档案里没有“{unknown}”，按“{known}”回答。"
            return replace(request, subject=known), note
        meant = self._suggest(snapshot, plain_query(request.subject))
        is_meant = sounds_like(request.subject, meant)
        if not (is_meant and self._finder.find(meant, everything).is_named_as_such):
            return request, ""
        text = request.text.replace(request.subject, meant)
        note = f"档案里没有“{request.subject}”，按“{meant}”回答。"
        return replace(request, text=text, subject=meant), note

    def read(self, selection: Selection, question: str, today: Date) -> Request:
        """What a question of some passages wants.

        The intent is by rules where vectors aren't those it is learnt by.
        """
        is_known = self._vector_index.encoder.identity.name == load_intent_model().encoder
        learnt = partial(self._learnt, selection) if is_known else None
        return self.read_by_rules(selection.snapshot, question, today, learnt)

    def read_by_rules(
        self, snapshot: Snapshot, question: str, today: Date, learnt: Learnt | None = None
    ) -> Request:
        """What a question wants, with the intent that is `learnt`, else by rules alone."""
        outlets: frozenset[str] = snapshot.derived.get(
            "outlets",
            lambda: frozenset(r.outlet for _, r in self._catalog.briefings.all_references()),
        )
        describe = partial(self._keyword_index.described, snapshot)
        return read_request(question, today, describe, outlets, learnt)

    def _nearest(self, text: str, selection: Selection) -> Sequence[Passage]:
        """The passages nearest to a text in meaning, those hardly farther than the nearest."""
        ranking = self._vector_index.rank(plain_query(text), selection, _NEAREST)
        near = ranking.scores >= ranking.scores.max(initial=0.0) - _HARDLY_FARTHER
        return self._catalog.passages.get(ranking.head(int(near.sum())).ids)

    def _learnt(self, selection: Selection, request: Request) -> Intent:
        """The learnt intent of a request; the patterns know best what asks for the archive."""
        if not request.subject and ARCHIVE_AT_LARGE.search(request.text):
            return "archive"
        with ThreadPoolExecutor(1) as beside:  # the encoder leaves a core to what is wanted next
            encoding = beside.submit(self._vector_index.encode, plain_query(request.text))
            self._finder.find(request.subject, selection)
            vector = encoding.result()
        return load_intent_model().intent(request, vector)

    def _read(
        self, snapshot: Snapshot, request: Request, where: Filter, today: Date
    ) -> tuple[list[tuple[str, Reading]], Understood]:
        """Read what is found for each part of a question.

        Of a question for what became of something, or who somebody is, only what names it is read.
        Days that the question names are taken as those of the briefings wanted, unless these hold
        no answer: what happened on a day is often told on another. A course of events goes on after
        the days named, and what is compared with them may be of others.
        """
        wants = wants_of(request)
        for infer_dates in (True, False) if request.intent not in BEYOND_DAYS_NAMED else (False,):
            understood = understand(
                snapshot,
                without_own_work(request.text),
                where,
                topics=self._topics,
                today=today,
                infer_dates=infer_dates,
                keyword_index=self._keyword_index,
            )
            selection = understood.selection
            if request.intent in _OF_ITS_NAME:
                told = self._finder.find(request.subject, selection, most=ALL)
                is_course = len(told.statements) > 1  # of one issue there is none to follow
                if told.is_named_as_such and (is_course or request.intent == "person"):
                    selection = selection.only(told.passage_ids)
            asked = parts(request.text[:LONGEST])
            readings = [
                (part, self._reader.read(in_context(part, asked[0]), selection, part, wants))
                for part in asked
            ]
            if not understood.inferred or all(r.probability >= SUPPORTED for _, r in readings):
                break
        return readings, understood

    def _composed(
        self, composed: Composed, request: Request, snapshot: Snapshot, where: Filter
    ) -> Answer:
        """An answer that was put together, with the passages it was made of as its results."""
        newest = max((citation.briefing.date for citation in composed.citations), default=None)
        return Answer(
            question=request.text,
            supported=composed.supported,
            text=composed.text,
            citations=composed.citations,
            coverage=replace(snapshot.coverage(where), newest_evidence=newest),
            results=tuple(
                Result(rank, 1.0, None, None, citation.passage)
                for rank, citation in enumerate(composed.citations, 1)
            ),
            engine="extractive",
            probability=float(composed.supported),
            widen=composed.widen,
            lead=composed.lead,
            items=composed.items,
        )

    def _extract(
        self,
        request: Request,
        readings: Sequence[tuple[str, Reading]],
        understood: Understood,
    ) -> Answer:
        """The answer in the archive's own sentences; a refusal where none of them answers."""
        told = self._finder.find(request.subject, understood.selection)
        least = _least(request, told)
        answered: list[Quotes] = []
        for part, reading in readings:
            answered.append(
                quotes_for(part, reading, self._quoter.cite, answered, least, request.compared)
            )
        citations = tuple(citation for quotes in answered for citation in quotes.citations)
        coverage = understood.selection.snapshot.coverage(understood.where)
        newest = max((citation.briefing.date for citation in citations), default=None)
        results = self._results(readings)
        missing = tuple(quotes.part for quotes in answered if quotes.is_missing)
        if not citations:
            return self._refused(request, readings, understood, answered, results)
        likely = [reading for _, reading in readings]
        ids = told.passage_ids if told.is_named_as_such else ()
        naming = partial(self._catalog.passages.get, ids)
        doubted = doubt(likely, citations, request.subject, naming)
        return Answer(
            question=understood.query.text,
            supported=True,
            text=compose(answered),
            citations=citations,
            coverage=replace(coverage, newest_evidence=newest),
            results=results,
            engine="extractive",
            probability=round(min(reading.probability for _, reading in readings), 4),
            missing=missing,
            conflicts=tuple(conflict for quotes in answered for conflict in quotes.conflicts),
            lead=None if doubted else lead_of(readings[0][1], citations),
            notes=(
                *unmet(request, understood, citations),
                *filter(None, [doubted]),
            ),
            widen=() if not missing else self._widen(request, understood),
        )

    def _refused(
        self,
        request: Request,
        readings: Sequence[tuple[str, Reading]],
        understood: Understood,
        answered: Sequence[Quotes],
        results: tuple[Result, ...],
    ) -> Answer:
        """Why there is no answer, what is nearest to one, and what to try."""
        likeliest = max((reading for _, reading in readings), key=lambda each: each.probability)
        objections = [reason for quotes in answered for reason in quotes.objections]
        # What is nearest to a question of no subject may be far from it.
        is_likely = likeliest.probability >= SUPPORTED_IF_NAMED and has_han(request.text)
        is_near = bool(request.subject) or is_likely
        nearest = likeliest.sentences if is_near else ()
        composed = self._composer.refusal(request, understood.selection, nearest, objections)
        return Answer(
            question=understood.query.text,
            supported=False,
            text=composed.text,
            citations=composed.citations,
            coverage=understood.selection.snapshot.coverage(understood.where),
            results=results,
            engine="extractive",
            probability=round(likeliest.probability, 4),
            items=composed.items,
            lead=composed.lead,
            widen=(*composed.widen, *self._widen(request, understood)),
        )

    def _results(self, readings: Sequence[tuple[str, Reading]]) -> tuple[Result, ...]:
        """The passages read, best first, those of several parts in turn."""
        made: dict[str, Result] = {}
        each = [
            make_results(
                list(enumerate(g.found.ranking.head(len(g.candidates)).ids, 1)),
                g.found,
                self._keyword_index.words(g.selection.snapshot, plain_query(g.question.text)),
                self._catalog,
            )
            for g in (reading.gathered for _, reading in readings)
        ]
        for row in zip_longest(*each):
            for result in filter(None, row):
                made.setdefault(result.passage.id, result)
        return tuple(replace(result, rank=rank) for rank, result in enumerate(made.values(), 1))

    def _widen(self, request: Request, understood: Understood) -> tuple[Widening, ...]:
        snapshot = understood.selection.snapshot
        suggestion = self._suggest(snapshot, plain_query(request.subject))
        said = self._keyword_index.described(snapshot, request.text)
        return ways_on(understood, suggestion, said)

    def _replaced(self, citations: Sequence[Citation]) -> tuple[tuple[str, str], ...]:
        """Cited briefings that a revision has replaced while the answer was made."""
        ids = list(dict.fromkeys(citation.briefing.id for citation in citations))
        return tuple(self._catalog.briefings.replaced_by(ids).items())


def _least(request: Request, told: Told) -> float:
    """The chance of an answer from which one is given, by how far its subject was written of."""
    if told.is_named_as_such:
        return SUPPORTED_IF_NAMED
    is_unnamed = has_han(request.subject) and not (told.is_named or told.has_head)
    return SUPPORTED_IF_UNNAMED if is_unnamed else SUPPORTED

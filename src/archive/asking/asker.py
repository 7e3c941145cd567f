"""Asks the archive: from a question, through what is read for it, to an answer or a refusal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date as Date
from itertools import zip_longest

from archive.asking.extractive import SUPPORTED, Quotes, compose, quotes_for
from archive.asking.follow_up import Turn, resolve
from archive.asking.language_model import LanguageModel
from archive.asking.llm_answer import Span, grounded_answer, with_marks
from archive.asking.reading import Reader, Reading
from archive.asking.records import Answer, Widening
from archive.errors import LanguageModelError
from archive.evidence.question import in_context, parts, read_question
from archive.evidence.quote_check import Quoter
from archive.index.keyword_index import KeywordIndex
from archive.index.query import LONGEST, Query, plain_query
from archive.records import NO_FILTER, Citation, Filter
from archive.search.interpretation import Understood, understand
from archive.search.records import Result
from archive.search.results import make_results
from archive.store.catalog import Catalog
from archive.store.snapshot import Snapshot
from archive.untrusted_text import without_surrogates


class Asker:
    """Answers questions with an archive's reader; `suggest` gives a query as it may be meant."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        reader: Reader,
        quoter: Quoter,
        topics: Sequence[str],
        suggest: Callable[[Snapshot, Query], str],
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._reader = reader
        self._quoter = quoter
        self._topics = tuple(topics)
        self._suggest = suggest

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
        readings, understood = self._read(snapshot, follow_up.question, where, today)
        answered = self._extract(readings, understood)
        if model is not None and answered.results:
            answered = self._by_model(answered, model, on_sentence)
        dated = understood.inferred.line if understood.inferred else ""
        notes = filter(None, (follow_up.note, dated, understood.note, *answered.notes))
        return replace(
            answered,
            question=question,
            understood=follow_up.question if follow_up.note else "",
            where=where,
            notes=tuple(notes),
            took_ms=round((time.perf_counter() - clock) * 1000, 1),
        )

    def _read(
        self, snapshot: Snapshot, question: str, where: Filter, today: Date
    ) -> tuple[list[tuple[str, Reading]], Understood]:
        """Read what is found for each part of a question.

        Days that the question names are taken as those of the briefings wanted, unless these hold
        no answer: what happened on a day is often told on another.
        """
        for infer_dates in (True, False):
            understood = understand(
                snapshot,
                question,
                where,
                topics=self._topics,
                today=today,
                infer_dates=infer_dates,
                keyword_index=self._keyword_index,
            )
            asked = parts(question[:LONGEST])
            readings = [
                (part, self._reader.read(in_context(part, asked[0]), understood.selection, part))
                for part in asked
            ]
            if not understood.inferred or all(r.probability >= SUPPORTED for _, r in readings):
                break
        return readings, understood

    def _extract(self, readings: Sequence[tuple[str, Reading]], understood: Understood) -> Answer:
        """The answer in the archive's own sentences."""
        answered: list[Quotes] = []
        for part, reading in readings:
            answered.append(quotes_for(part, reading, self._quoter.cite, answered))
        citations = tuple(citation for quotes in answered for citation in quotes.citations)
        coverage = understood.selection.snapshot.coverage(understood.where)
        newest = max((citation.briefing.date for citation in citations), default=None)
        results = self._results(readings)
        missing = tuple(quotes.part for quotes in answered if quotes.is_missing)
        return Answer(
            question=understood.query.text,
            supported=bool(citations),
            text=compose(answered, nearby=bool(results)),
            citations=citations,
            coverage=replace(coverage, newest_evidence=newest),
            results=results,
            engine="extractive",
            probability=round(min(reading.probability for _, reading in readings), 4),
            missing=missing if citations else (),
            conflicts=tuple(conflict for quotes in answered for conflict in quotes.conflicts),
            widen=() if not missing else self._widen(understood),
            replaced=self._replaced(citations),
        )

    def _by_model(
        self, extracted: Answer, model: LanguageModel, on_sentence: Callable[[str], None]
    ) -> Answer:
        """The language model's answer, checked; the one extracted where it has none to give."""
        passages = [result.passage for result in extracted.results]
        try:
            grounded = grounded_answer(extracted.question, passages, model, on_sentence)
        except LanguageModelError as error:
            note = f"{error.message}，以下是档案原文摘录。"
            return replace(extracted, notes=(*extracted.notes, note))
        citations: dict[Span, Citation] = {}
        lines: list[str] = []
        for sentence in grounded.sentences:
            spans = []
            for span in sentence.spans:
                index, start, end = span
                made = citations.get(span) or self._quoter.cite(
                    len(citations) + 1, passages[index], start, end
                )
                if made is not None:
                    citations[span] = made
                    spans.append(span)
            stands = sentence.verified and len(spans) == len(sentence.spans)
            numbers = {span: citation.number for span, citation in citations.items()}
            kept = replace(sentence, spans=tuple(spans), verified=stands)
            lines.append(with_marks(kept, numbers))
        if not citations:
            reason = (
                "语言模型没有在段落中找到答案" if grounded.refused else "语言模型的回答未能核实"
            )
            return replace(extracted, notes=(*extracted.notes, f"{reason}，以下是档案原文摘录。"))
        notes = extracted.notes
        if grounded.removed_marks:
            notes = (*notes, f"已去掉语言模型写错的 {grounded.removed_marks} 处引用。")
        cited = tuple(citations.values())
        newest = max(citation.briefing.date for citation in cited)
        return replace(
            extracted,
            supported=True,
            text="\n".join(lines),
            citations=cited,
            coverage=replace(extracted.coverage, newest_evidence=newest),
            engine="llm",
            notes=notes,
            missing=(),
            conflicts=(),
            widen=(),
            replaced=self._replaced(cited),
        )

    def _results(self, readings: Sequence[tuple[str, Reading]]) -> tuple[Result, ...]:
        """The passages read, best first, those of several parts in turn."""
        made: dict[str, Result] = {}
        each = [
            make_results(
                list(enumerate(g.found.ranking.rows[: len(g.candidates)].tolist(), 1)),
                g.found,
                self._keyword_index.words(g.selection.snapshot, plain_query(g.question.text)),
                g.selection.snapshot,
                self._catalog,
            )
            for g in (reading.gathered for _, reading in readings)
        ]
        for row in zip_longest(*each):
            for result in filter(None, row):
                made.setdefault(result.passage.id, result)
        return tuple(replace(result, rank=rank) for rank, result in enumerate(made.values(), 1))

    def _widen(self, understood: Understood) -> tuple[Widening, ...]:
        """What to try where the evidence is missing: other days or topics, other words."""
        where, text = understood.where, understood.query.text
        snapshot = understood.selection.snapshot
        found = []
        everything = snapshot.coverage(NO_FILTER)
        if where.since or where.until:
            line = (
                f"放宽日期：档案有 {everything.since} 至 {everything.until} 的"
                f" {everything.briefings} 期简报。"
            )
            found.append(Widening(line, text, replace(where, since=None, until=None)))
        if where.topics:
            line = f"去掉主题筛选（{'、'.join(where.topics)}）。"
            found.append(Widening(line, text, replace(where, topics=())))
        if where.series or where.issuer:
            wider = replace(where, series=None, issuer=None)
            found.append(Widening("去掉系列或发布单位的筛选。", text, wider))
        if suggestion := self._suggest(snapshot, understood.query):
            found.append(Widening(f"您要问的是不是：{suggestion}", suggestion, where))
        question = read_question(text)
        unknown = filter(question.seeks, self._keyword_index.unknown(snapshot, understood.query))
        if words := "、".join(f"“{word}”" for word in list(unknown)[:3]):
            found.append(Widening(f"换个说法：档案里没有出现过{words}。"))
        return tuple(found) or (Widening("换个说法，或问得更宽一些。"),)

    def _replaced(self, citations: Sequence[Citation]) -> tuple[tuple[str, str], ...]:
        """Cited briefings that a revision has replaced while the answer was made."""
        ids = list(dict.fromkeys(citation.briefing.id for citation in citations))
        return tuple(self._catalog.briefings.replaced_by(ids).items())

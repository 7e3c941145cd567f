"""Have we covered this? A draft compared with the archive, part by part, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from archive.chinese.figures import find_figures
from archive.chinese.search_form import Findable, squeezed
from archive.evidence.quote_check import Quoter
from archive.evidence.sentence_vectors import SentenceVectors
from archive.following.changes import unstated_figures
from archive.following.draft_parts import DraftPart, DraftSection
from archive.following.records import CoveredPart, DraftSentence, PartStatus, Story
from archive.following.sentence_comparison import TELLING_FIGURES, ComparedPassage, SentenceComparer
from archive.following.similarity import (
    COPIED,
    SAME_STORYLINE,
    ComparedText,
    character_ngrams,
    containment,
    is_same_matter,
    matter_score,
    names_another_model,
    passage_terms,
    storyline_score,
)
from archive.following.storylines import Storylines
from archive.index.keyword_index import KeywordIndex
from archive.index.query import plain_query
from archive.index.vector_index import VectorIndex
from archive.records import ABSTRACT_TITLE, Passage
from archive.search.records import Result
from archive.search.results import merged
from archive.store.catalog import Catalog
from archive.store.records import Facet
from archive.store.selection import PassageList, Selection
from archive.store.snapshot import Snapshot

_BY_MEANING, _BY_WORD, _BY_SUBJECT, _BY_STORYLINE = 30, 20, 500, 12
"""Most passages read: for a part by vector, and by its rarest words; for a subject by its words;
for the storyline of a section by vector.
"""
_WORDS = 8
_MOST, _RELATED = 20, 3
"""Most passages shown as earlier ones of a part, and as related to a new part."""
_BRIEFINGS = 2
"""Newest briefings whose other passages of the storyline are searched for changes too."""
_NAMES_IT, _NAMES_SOME = 0.8, 0.3
"""The `containment` of a subject in a passage that covers it, and that covers it partly."""
_MANY = 40
"""More texts than this are worth loading the model that encodes in batches."""
_SUMS_UP = 4.0
"""The `matter_score` from which a sentence of an abstract sums up a section of its draft."""


@dataclass(frozen=True, slots=True)
class _DraftStoryline:
    """The storyline that a section of a draft continues, and its newest passages, newest first."""

    story: Story | None
    candidates: tuple[ComparedPassage, ...]


_NO_STORY = _DraftStoryline(None, ())


class CoverageReader:
    """Compares drafts with an archive."""

    def __init__(
        self,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        sentence_vectors: SentenceVectors,
        storylines: Storylines,
        quoter: Quoter,
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._tokenise = lru_cache(maxsize=1 << 14)(keyword_index.terms)
        self._storylines = storylines
        self._comparer = SentenceComparer(
            self._tokenise,
            quoter,
            sentence_vectors.of_sentences,
            lambda texts: vector_index.encoder.encode_sentences(texts),
        )

    def check(self, draft: Sequence[DraftSection], selection: Selection) -> Iterator[CoveredPart]:
        """Each part of a draft with the selected passages that are about the same matter."""
        texts = [section.text for section in draft]
        texts += [part.text for section in draft for part in section.parts]
        compared_texts = self._compared_texts(texts)
        wholes = [self._headed(section, compared_texts[section.text]) for section in draft]
        storylines = [
            _NO_STORY if section.is_abstract else self._storyline(whole, selection)
            for section, whole in zip(draft, wholes, strict=True)
        ]
        for section, storyline in zip(draft, storylines, strict=True):
            for part in section.parts:
                compared = compared_texts[part.text]
                if section.is_abstract:
                    storyline = _storyline_of_nearest(compared, wholes, storylines)
                yield self._part(part, compared, storyline, selection)

    def _compared_texts(self, texts: Sequence[str]) -> dict[str, ComparedText]:
        """Each distinct text with what of it is compared; a paragraph may be all of its section."""
        encoder = self._vector_index.encoder
        distinct = list(dict.fromkeys(texts))
        encode = encoder.encode_documents if len(distinct) > _MANY else encoder.encode_sentences
        return {
            text: ComparedText(self._tokenise(text), character_ngrams(text), vector)
            for text, vector in zip(distinct, encode(distinct), strict=True)
        }

    def _headed(self, section: DraftSection, whole: ComparedText) -> ComparedText:
        """A section with the words of passages: those of its headings count once more."""
        return replace(whole, terms=passage_terms(self._tokenise, section.headings, section.text))

    def _storyline(self, whole: ComparedText, selection: Selection) -> _DraftStoryline:
        """The storyline that a section continues, with those of its passages that are selected."""
        snapshot = selection.snapshot
        near = self._vector_index.rank_vector(whole.vector, selection, _BY_STORYLINE)
        scored = [
            (storyline_score(cosine, whole.terms, each.compared.terms), each)
            for each in self._read(whole, near.ids, snapshot)
            for cosine in (float(whole.vector @ each.compared.vector),)
            if each.passage.section.title != ABSTRACT_TITLE
        ]
        best = max(scored, key=lambda each: each[0], default=None)
        if best is None or best[0] < SAME_STORYLINE:
            return _NO_STORY
        nearest = [best[1].passage.id]
        told = self._storylines.of(snapshot, nearest)
        story = self._storylines.story(told) if len(told) else None
        known = (told or PassageList.of(snapshot, nearest)).among(selection)
        newest = known.by_day(newest_first=True).part(0, _RELATED)
        return _DraftStoryline(story, tuple(self._read(whole, newest.ids, snapshot)))

    def _part(
        self,
        part: DraftPart,
        compared: ComparedText,
        storyline: _DraftStoryline,
        selection: Selection,
    ) -> CoveredPart:
        looked_at = self._likely(part, compared, selection)
        on_it = [each for each in looked_at if _is_on(part, compared, each)]
        if not part.is_subject:
            on_it = on_it[:_MOST]
        on_it.sort(key=lambda each: each.passage.briefing.date, reverse=True)
        if on_it and part.is_subject:
            is_named = any(each.score >= _NAMES_IT for each in on_it)
            return self._covered(part, on_it, [], storyline, "covered" if is_named else "partly")
        if on_it:
            made = self._comparer.sentences(part.text, on_it, self._beside(on_it, selection))
            return self._covered(part, on_it, made, storyline)
        comparable = [
            each
            for each in storyline.candidates
            if not names_another_model(compared, each.compared)
        ]
        made = self._comparer.sentences(part.text, [], [each.passage for each in comparable])
        cited = {c.citation.passage_id for sentence in made for c in sentence.changes}
        if cited:
            changed = [each for each in comparable if each.passage.id in cited]
            return self._covered(part, changed, made, storyline)
        return _new(
            part,
            made,
            storyline,
            self._results(part, (storyline.candidates or looked_at)[:_RELATED]),
        )

    def _beside(self, candidates: Sequence[ComparedPassage], selection: Selection) -> list[Passage]:
        """The other passages of the same storylines in the newest briefings known."""
        own = [each.passage.id for each in candidates]
        newest = list(dict.fromkeys(each.passage.briefing.id for each in candidates))[:_BRIEFINGS]
        told = self._storylines.of(selection.snapshot, own).without(own)
        others = told.among(selection.only_briefings(newest))
        return self._catalog.passages.get(others.ids)

    def of_topic(self, topic: str, selection: Selection) -> CoveredPart:
        """A topic with all briefings that wrote of it; the selection is of its passages."""
        newest = selection.passages().by_day(newest_first=True)
        one_each = self._catalog.passages.get(newest.first_of_each_briefing().ids)
        cards = tuple(passage.briefing for passage in one_each)
        shown = self._catalog.passages.get(newest.part(0, _MOST).ids)
        nothing = ComparedText({}, frozenset(), np.zeros(0, np.float32))
        return CoveredPart(
            part=topic,
            text=topic,
            status="covered" if cards else "new",
            briefings=cards,
            earlier=self._results(
                DraftPart(topic, topic), [ComparedPassage(p, nothing, 0.0) for p in shown]
            ),
        )

    def _likely(
        self, part: DraftPart, compared: ComparedText, selection: Selection
    ) -> list[ComparedPassage]:
        """The passages that may be about the matter of a part, the highest score first."""
        if part.is_subject:
            by_word = self._keyword_index.rank(plain_query(part.text), selection, _BY_SUBJECT)
            found = self._naming(compared, by_word.ids)
        else:
            near = self._vector_index.rank_vector(compared.vector, selection, _BY_MEANING)
            rarest = sorted(compared.terms, key=lambda term: -compared.terms[term])[:_WORDS]
            query = plain_query(" ".join(rarest))
            by_word = self._keyword_index.rank(query, selection, _BY_WORD)
            found = self._read(compared, near.united(by_word), selection.snapshot)
        found.sort(key=lambda each: -each.score)
        return found

    def _naming(self, subject: ComparedText, ids: Sequence[str]) -> list[ComparedPassage]:
        """Passages with the `containment` of a subject in them as their score."""
        nothing = ComparedText({}, frozenset(), subject.vector)
        return [
            ComparedPassage(
                p,
                nothing,
                containment(subject.terms, squeezed(" ".join((*p.section.path, p.text)))),
            )
            for p in self._catalog.passages.get(ids)
        ]

    def _read(
        self, compared: ComparedText, ids: Sequence[str], snapshot: Snapshot
    ) -> list[ComparedPassage]:
        """Live passages, with the `matter_score` of each for a text.

        One that contains few of its words can't be its copy, so its n-grams aren't made.
        """
        vectors = self._vector_index.vectors(snapshot, ids)
        vector_of = dict(zip(ids, vectors, strict=True))
        terms = self._keyword_index.terms_of(list(vector_of))
        found = []
        for passage in self._catalog.passages.get(list(vector_of)):
            own = terms.get(passage.id, {})
            is_far = containment(compared.terms, own) < COPIED / 2
            ngrams = frozenset[str]() if is_far else character_ngrams(passage.text)
            other = ComparedText(own, ngrams, vector_of[passage.id])
            found.append(ComparedPassage(passage, other, matter_score(compared, other)))
        return found

    def _covered(
        self,
        part: DraftPart,
        candidates: Sequence[ComparedPassage],
        made: Sequence[DraftSentence],
        storyline: _DraftStoryline,
        status: PartStatus | None = None,
    ) -> CoveredPart:
        briefings = {each.passage.briefing.id: each.passage.briefing for each in candidates}
        newest = sorted(briefings.values(), key=lambda card: card.date, reverse=True)
        is_covered = all(sentence.status in ("stands", "reworded") for sentence in made)
        return CoveredPart(
            part=part.name,
            text=part.text,
            status=status or ("covered" if is_covered else "partly"),
            briefings=tuple(newest),
            earlier=self._results(part, candidates[:_MOST]),
            sentences=tuple(made),
            story=storyline.story,
        )

    def _results(
        self, part: DraftPart, candidates: Sequence[ComparedPassage]
    ) -> tuple[Result, ...]:
        """Passages as results, the words of the part highlighted."""
        terms = self._tokenise(part.text)
        made = []
        for rank, each in enumerate(candidates, 1):
            text = Findable.make(each.passage.text)
            places = {term: text.places(term) for term in terms}
            hits = [term for term, found in places.items() if found]
            result = Result(
                rank=rank,
                score=round(each.score, 4),
                keyword_rank=None,
                semantic_rank=None,
                passage=each.passage,
                highlights=merged(sorted(place for term in hits for place in places[term])),
                snippet=(0, len(each.passage.text)),
                hits=tuple(hits),
            )
            made.append(result)
        return tuple(made)


def _new(
    part: DraftPart,
    made: Sequence[DraftSentence],
    storyline: _DraftStoryline,
    related: tuple[Result, ...],
) -> CoveredPart:
    return CoveredPart(
        part.name, part.text, "new", sentences=tuple(made), related=related, story=storyline.story
    )


def _storyline_of_nearest(
    compared: ComparedText, wholes: Sequence[ComparedText], storylines: Sequence[_DraftStoryline]
) -> _DraftStoryline:
    """The storyline of the section that a sentence of its abstract sums up."""
    found = [
        (matter_score(compared, whole), at)
        for at, (whole, storyline) in enumerate(zip(wholes, storylines, strict=True))
        if storyline.candidates
    ]
    best = max(found, default=(0.0, 0))
    return storylines[best[1]] if best[0] >= _SUMS_UP else _NO_STORY


def _is_on(part: DraftPart, compared: ComparedText, other: ComparedPassage) -> bool:
    """Whether a passage is about the matter of a part.

    Of a part without Chinese only the figures are compared.
    """
    if part.is_subject:
        return other.score >= _NAMES_SOME
    if part.is_foreign:
        figures = len(find_figures(part.text))
        stated = figures - len(unstated_figures(part.text, [other.passage]))
        return stated >= max(TELLING_FIGURES, figures / 2)
    return is_same_matter(compared, other.compared)


def months_told(parts: Sequence[CoveredPart]) -> tuple[Facet, ...]:
    """How many briefings of each month wrote of any part, in order of months."""
    months: dict[str, set[str]] = {}
    for part in parts:
        for briefing in part.briefings:
            months.setdefault(briefing.date[:7], set()).add(briefing.id)
    return tuple(Facet(month, len(ids)) for month, ids in sorted(months.items()))

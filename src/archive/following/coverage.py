"""Have we covered this? A draft held against the archive, part by part and sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from archive.chinese.figures import find_figures
from archive.chinese.search_form import Findable, squeezed
from archive.evidence.quote_check import Quoter
from archive.evidence.sentence_vectors import SentenceVectors
from archive.following.changes import unstated
from archive.following.draft_parts import DraftPart, DraftSection
from archive.following.records import CoveredPart, DraftSentence, PartStatus, Story
from archive.following.sentence_comparison import TELLING_FIGURES, Comparer, Known
from archive.following.similarity import (
    COPIED,
    SAME_STORYLINE,
    Matter,
    held,
    is_of_another_model,
    is_same,
    kinship,
    likeness,
    passage_terms,
    runs_of,
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
from archive.store.snapshot import Rows, Selection, Snapshot

_BY_MEANING, _BY_WORD, _BY_SUBJECT, _BY_KINSHIP = 30, 20, 500, 12
"""Passages looked at for a part: the nearest, and those with its rarest words, or with those of a
subject; and the nearest to a section.
"""
_WORDS = 8
_MOST, _RELATED = 20, 3
"""Passages on one matter that are shown, and of those near to what is new."""
_BRIEFINGS = 2
"""Newest briefings on a matter in which what changed may also stand beside what was found."""
_NAMES_IT, _NAMES_SOME = 0.8, 0.3
"""The share of a subject's words, by weight, that a passage on it holds, and one on some of it."""
_MANY = 40
"""Texts from which it is worth loading the model that encodes in batches."""
_SUMS_UP = 4.0
"""From which likeness a sentence of an abstract is about a section of the same draft."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The storyline that a section of a draft goes on with, and its passages, newest first."""

    story: Story | None
    known: tuple[Known, ...]


_NO_STORY = _Line(None, ())


class CoverageReader:
    """Holds drafts against an archive, with its catalogue and both its indexes."""

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
        self._terms = lru_cache(maxsize=1 << 14)(keyword_index.terms)
        self._storylines = storylines
        self._comparer = Comparer(
            self._terms,
            quoter,
            sentence_vectors.of_sentences,
            lambda texts: vector_index.encoder.encode_sentences(texts),
        )

    def check(self, draft: Sequence[DraftSection], selection: Selection) -> Iterator[CoveredPart]:
        """Each part of a draft with the passages selected that are on the same matter."""
        texts = [section.text for section in draft]
        texts += [part.text for section in draft for part in section.parts]
        matters = self._matters(texts)
        wholes = [self._headed(section, matters[section.text]) for section in draft]
        lines = [
            _NO_STORY if section.is_abstract else self._storyline(whole, selection)
            for section, whole in zip(draft, wholes, strict=True)
        ]
        for section, line in zip(draft, lines, strict=True):
            for part in section.parts:
                matter = matters[part.text]
                if section.is_abstract:
                    line = _line_of_likest(matter, wholes, lines)
                yield self._part(part, matter, line, selection)

    def _matters(self, texts: Sequence[str]) -> dict[str, Matter]:
        """Texts ready to be compared, each once: a paragraph may be all of its section."""
        encoder = self._vector_index.encoder
        distinct = list(dict.fromkeys(texts))
        encode = encoder.encode_documents if len(distinct) > _MANY else encoder.encode_sentences
        return {
            text: Matter(self._terms(text), runs_of(text), vector)
            for text, vector in zip(distinct, encode(distinct), strict=True)
        }

    def _headed(self, section: DraftSection, whole: Matter) -> Matter:
        """A section as passages are compared: the words of its headings count once more."""
        return replace(whole, terms=passage_terms(self._terms, section.headings, section.text))

    def _storyline(self, whole: Matter, selection: Selection) -> _Line:
        """The storyline that a section goes on with, as far as its passages are selected."""
        live = selection.snapshot
        near = self._vector_index.rank_vector(whole.vector, selection, _BY_KINSHIP).rows
        akin = [
            (kinship(cosine, whole.terms, each.matter.terms), each)
            for each in self._read(whole, near, live)
            for cosine in (float(whole.vector @ each.matter.vector),)
            if each.passage.section.title != ABSTRACT_TITLE
        ]
        best = max(akin, key=lambda each: each[0], default=None)
        if best is None or best[0] < SAME_STORYLINE:
            return _NO_STORY
        row = np.array([live.row_of[best[1].passage.id]], np.intp)
        rows = self._storylines.of(live, row)
        story = self._storylines.story(live, rows) if len(rows) else None
        rows = np.union1d(rows, row)
        rows = rows[selection.mask[rows]]
        newest = rows[np.argsort(-live.first_day[rows], kind="stable")][:_RELATED]
        return _Line(story, tuple(self._read(whole, newest, live)))

    def _part(
        self, part: DraftPart, matter: Matter, line: _Line, selection: Selection
    ) -> CoveredPart:
        looked_at = self._likely(part, matter, selection)
        on_it = [each for each in looked_at if _is_on(part, matter, each)]
        if not part.is_subject:
            on_it = on_it[:_MOST]
        on_it.sort(key=lambda each: each.passage.briefing.date, reverse=True)
        if on_it and part.is_subject:
            is_named = any(each.likeness >= _NAMES_IT for each in on_it)
            return self._covered(part, on_it, [], line, "covered" if is_named else "partly")
        if on_it:
            made = self._comparer.sentences(part.text, on_it, self._beside(on_it, selection))
            return self._covered(part, on_it, made, line)
        akin = [each for each in line.known if not is_of_another_model(matter, each.matter)]
        made = self._comparer.sentences(part.text, [], [each.passage for each in akin])
        cited = {c.citation.passage_id for sentence in made for c in sentence.changes}
        if cited:
            changed = [each for each in akin if each.passage.id in cited]
            return self._covered(part, changed, made, line)
        return _new(part, made, line, self._results(part, (line.known or looked_at)[:_RELATED]))

    def _beside(self, known: Sequence[Known], selection: Selection) -> list[Passage]:
        """The other passages of the same storylines in the newest briefings known."""
        live = selection.snapshot
        rows = np.array([live.row_of[each.passage.id] for each in known], np.intp)
        newest = np.array(list(dict.fromkeys(live.briefing.of[rows].tolist()))[:_BRIEFINGS])
        others = np.setdiff1d(self._storylines.of(live, rows), rows)
        others = others[np.isin(live.briefing.of[others], newest) & selection.mask[others]]
        return self._catalog.passages.get([live.ids[row] for row in others.tolist()])

    def of_topic(self, topic: str, selection: Selection) -> CoveredPart:
        """A topic with all that wrote of it; the selection is of its passages."""
        live = selection.snapshot
        rows = np.flatnonzero(selection.mask)
        newest = rows[np.argsort(-live.first_day[rows], kind="stable")]
        _, firsts = np.unique(live.briefing.of[newest], return_index=True)
        one_each = [live.ids[row] for row in newest[np.sort(firsts)].tolist()]
        cards = tuple(passage.briefing for passage in self._catalog.passages.get(one_each))
        shown = self._catalog.passages.get([live.ids[row] for row in newest[:_MOST].tolist()])
        nothing = Matter({}, frozenset(), np.zeros(0, np.float32))
        return CoveredPart(
            part=topic,
            text=topic,
            status="covered" if cards else "new",
            briefings=cards,
            earlier=self._results(DraftPart(topic, topic), [Known(p, nothing, 0.0) for p in shown]),
        )

    def _likely(self, part: DraftPart, matter: Matter, selection: Selection) -> list[Known]:
        """The passages that may be on the matter of a part, the likeliest first."""
        live = selection.snapshot
        if part.is_subject:
            rows = self._keyword_index.rank(plain_query(part.text), selection, _BY_SUBJECT).rows
            found = self._naming(matter, [live.ids[row] for row in rows.tolist()])
        else:
            near = self._vector_index.rank_vector(matter.vector, selection, _BY_MEANING).rows
            rarest = sorted(matter.terms, key=lambda term: -matter.terms[term])[:_WORDS]
            query = plain_query(" ".join(rarest))
            by_word = self._keyword_index.rank(query, selection, _BY_WORD).rows
            found = self._read(matter, np.union1d(near, by_word), live)
        found.sort(key=lambda each: -each.likeness)
        return found

    def _naming(self, subject: Matter, ids: Sequence[str]) -> list[Known]:
        """Passages with how much they hold of what names a subject."""
        nothing = Matter({}, frozenset(), subject.vector)
        return [
            Known(p, nothing, held(subject.terms, squeezed(" ".join((*p.section.path, p.text)))))
            for p in self._catalog.passages.get(ids)
        ]

    def _read(self, matter: Matter, rows: Rows, live: Snapshot) -> list[Known]:
        """Passages by their rows, with how alike each is to a text.

        One that holds few of its words can't hold it as a copy, so that its runs aren't looked at.
        """
        vectors = self._vector_index.vectors(live, rows)
        vector_of = {live.ids[row]: vectors[at] for at, row in enumerate(rows.tolist())}
        terms = self._keyword_index.terms_of(list(vector_of))
        found = []
        for passage in self._catalog.passages.get(list(vector_of)):
            own = terms.get(passage.id, {})
            is_far = held(matter.terms, own) < COPIED / 2
            runs = frozenset[str]() if is_far else runs_of(passage.text)
            other = Matter(own, runs, vector_of[passage.id])
            found.append(Known(passage, other, likeness(matter, other)))
        return found

    def _covered(
        self,
        part: DraftPart,
        known: Sequence[Known],
        made: Sequence[DraftSentence],
        line: _Line,
        status: PartStatus | None = None,
    ) -> CoveredPart:
        briefings = {each.passage.briefing.id: each.passage.briefing for each in known}
        newest = sorted(briefings.values(), key=lambda card: card.date, reverse=True)
        is_covered = all(sentence.status in ("stands", "reworded") for sentence in made)
        return CoveredPart(
            part=part.name,
            text=part.text,
            status=status or ("covered" if is_covered else "partly"),
            briefings=tuple(newest),
            earlier=self._results(part, known[:_MOST]),
            sentences=tuple(made),
            story=line.story,
        )

    def _results(self, part: DraftPart, known: Sequence[Known]) -> tuple[Result, ...]:
        """Passages as results, the words that the part has too highlighted."""
        terms = self._terms(part.text)
        made = []
        for rank, each in enumerate(known, 1):
            text = Findable.make(each.passage.text)
            places = {term: text.places(term) for term in terms}
            hits = [term for term, found in places.items() if found]
            result = Result(
                rank=rank,
                score=round(each.likeness, 4),
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
    part: DraftPart, made: Sequence[DraftSentence], line: _Line, related: tuple[Result, ...]
) -> CoveredPart:
    return CoveredPart(
        part.name, part.text, "new", sentences=tuple(made), related=related, story=line.story
    )


def _line_of_likest(matter: Matter, wholes: Sequence[Matter], lines: Sequence[_Line]) -> _Line:
    """The storyline of the draft's own section that a sentence of its abstract sums up."""
    found = [
        (likeness(matter, whole), at)
        for at, (whole, line) in enumerate(zip(wholes, lines, strict=True))
        if line.known
    ]
    best = max(found, default=(0.0, 0))
    return lines[best[1]] if best[0] >= _SUMS_UP else _NO_STORY


def _is_on(part: DraftPart, matter: Matter, other: Known) -> bool:
    """Whether a passage is on the matter of a part.

    Of a part in another language only its figures and its meaning can be compared.
    """
    if part.is_subject:
        return other.likeness >= _NAMES_SOME
    if part.is_foreign:
        figures = len(find_figures(part.text))
        stated = figures - len(unstated(part.text, [other.passage]))
        return stated >= max(TELLING_FIGURES, figures / 2)
    return is_same(matter, other.matter)


def months_told(parts: Sequence[CoveredPart]) -> tuple[Facet, ...]:
    """How many briefings of each month wrote of any part, in order of months."""
    months: dict[str, set[str]] = {}
    for part in parts:
        for briefing in part.briefings:
            months.setdefault(briefing.date[:7], set()).add(briefing.id)
    return tuple(Facet(month, len(ids)) for month, ids in sorted(months.items()))

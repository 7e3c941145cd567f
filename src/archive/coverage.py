"""Have we covered this? A draft held against the archive, part by part and sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from archive.catalog import Catalog
from archive.changes import Found, find_changes, unstated
from archive.draft import DraftPart
from archive.evidence import Sentence, passage_sentences
from archive.figures import find_figures
from archive.keyword_index import KeywordIndex
from archive.live import Selection
from archive.matter import COPIED, Matter, copied, held, is_same, likeness, runs_of, shared
from archive.query import plain_query
from archive.quotation import Quoter
from archive.records import (
    Change,
    Citation,
    CoveredPart,
    DraftSentence,
    Facet,
    Passage,
    Result,
    SentenceStatus,
)
from archive.results import merged
from archive.search_form import Findable
from archive.text import sentences
from archive.vector_index import VectorIndex

_BY_MEANING, _BY_WORD = 30, 20
"""Passages looked at for a part: the nearest, and those with its rarest words."""
_WORDS = 8
_MOST = 20
"""Passages on one matter that are shown."""
_SAID = 0.4
"""The share of a sentence's words, by weight, that passages hold of which it says nothing new."""
_FEW_UNSTATED = 0.34
"""The share of a sentence's figures that may be otherwise written without being news."""
_TELLING_FIGURES = 2
"""So many figures that stand in passages on the matter tell that a sentence says the same."""
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class _Known:
    """A passage on the matter of a part, and how surely it is."""

    passage: Passage
    matter: Matter
    likeness: float


class CoverageReader:
    """Holds drafts against an archive, with its catalogue and both its indexes."""

    def __init__(
        self,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        quoter: Quoter,
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._quoter = quoter
        self._terms = lru_cache(maxsize=1 << 14)(keyword_index.terms)

    def check(self, parts: Sequence[DraftPart], selection: Selection) -> Iterator[CoveredPart]:
        """Each part of a draft with the passages selected that are on the same matter."""
        vectors = self._vector_index.encoder.encode_sentences([part.text for part in parts])
        for part, vector in zip(parts, vectors, strict=True):
            matter = Matter(self._terms(part.text), runs_of(part.text), vector)
            yield self._covered(part, self._on_the_matter(matter, selection))

    def _on_the_matter(self, matter: Matter, selection: Selection) -> list[_Known]:
        """The passages on the matter of a part, newest first."""
        live = selection.live
        near = self._vector_index.rank_vector(matter.vector, selection, _BY_MEANING).rows
        rarest = sorted(matter.terms, key=lambda term: -matter.terms[term])[:_WORDS]
        by_word = self._keyword_index.rank(plain_query(" ".join(rarest)), selection, _BY_WORD).rows
        rows = np.union1d(near, by_word)
        vectors = self._vector_index.vectors(live, rows)
        ids = [live.ids[row] for row in rows.tolist()]
        vector_of = dict(zip(ids, vectors, strict=True))
        known = []
        for passage in self._catalog.passages(ids):
            headed = " ".join((*passage.section.path, passage.text))
            other = Matter(self._terms(headed), runs_of(passage.text), vector_of[passage.id])
            if is_same(matter, other):
                known.append(_Known(passage, other, likeness(matter, other)))
        known.sort(key=lambda each: -each.likeness)
        known = known[:_MOST]
        known.sort(key=lambda each: each.passage.briefing.date, reverse=True)
        return known

    def _covered(self, part: DraftPart, known: Sequence[_Known]) -> CoveredPart:
        if not known:
            said = [part.text[first:last].strip() for first, last in sentences(part.text)]
            new = tuple(DraftSentence(text, "new") for text in said if text)
            return CoveredPart(part.name, part.text, "new", (), new)
        passages = [each.passage for each in known]
        changes = find_changes(part.text, passages, self._terms)
        made: list[DraftSentence] = []
        for first, last in sentences(part.text):
            if part.text[first:last].strip():
                own = [change for change in changes if first <= change.start < last]
                made.append(self._sentence(part.text[first:last].strip(), own, known, part.text))
        is_covered = all(sentence.status in ("stands", "reworded") for sentence in made)
        return CoveredPart(
            part=part.name,
            text=part.text,
            status="covered" if is_covered else "partly",
            earlier=tuple(self._result(rank, part, each) for rank, each in enumerate(known, 1)),
            sentences=tuple(made),
        )

    def _sentence(
        self, text: str, changes: Sequence[Found], known: Sequence[_Known], draft: str
    ) -> DraftSentence:
        cited = [(change, self._cite_around(change)) for change in changes]
        made = tuple(
            Change(change.kind, change.old.text.strip(), draft[change.start : change.end].strip(),
                   citation)
            for change, citation in cited
            if citation
        )  # fmt: skip
        status = "changed" if made else self._status(text, known)
        citation = made[0].citation if made else None
        if status in ("stands", "reworded"):
            citation = self._nearest_sentence(text, known)
        return DraftSentence(text, status, citation, made)

    def _status(self, text: str, known: Sequence[_Known]) -> SentenceStatus:
        """How a sentence stands to what is known, where nothing in it has changed."""
        figures = find_figures(text)
        unknown = unstated(text, [each.passage for each in known])
        runs = runs_of(text)
        if not unknown and any(copied(runs, each.matter.runs) >= COPIED for each in known):
            return "stands"
        if unknown and len(unknown) > _FEW_UNSTATED * len(figures):
            return "new"
        if len(figures) - len(unknown) >= _TELLING_FIGURES:
            return "reworded"
        terms = self._terms(text)
        everything = {term: 1.0 for each in known for term in each.matter.terms}
        is_said = len(text) < _SHORTEST or held(terms, everything) >= _SAID
        return "reworded" if is_said else "new"

    def _nearest_sentence(self, text: str, known: Sequence[_Known]) -> Citation | None:
        """A citation of the earlier sentence most like one of the draft, newer ones first."""
        runs, terms = runs_of(text), self._terms(text)
        found = [sentence for each in known for sentence in passage_sentences(each.passage)]
        found.sort(
            key=lambda sentence: (
                -round(
                    copied(runs, runs_of(sentence.text))
                    + shared(terms, self._terms(sentence.text)),
                    1,
                )
            )
        )
        return next(filter(None, map(self._cite, found[:3])), None)

    def _cite_around(self, change: Found) -> Citation | None:
        """A citation of the earlier sentence that a change is held against."""
        passage, at = change.old.passage, change.old.start
        for first, last in sentences(passage.text):
            if first <= at < last:
                return self._cite(Sentence(passage, first, last))
        return None

    def _cite(self, sentence: Sentence) -> Citation | None:
        text = sentence.text
        start = sentence.start + len(text) - len(text.lstrip())
        end = sentence.end - len(text) + len(text.rstrip())
        return self._quoter.cite(1, sentence.passage, start, end)

    def _result(self, rank: int, part: DraftPart, known: _Known) -> Result:
        """A passage on the matter, its words that the part has too highlighted."""
        text = Findable.make(known.passage.text)
        hits = [term for term in self._terms(part.text) if term in known.matter.terms]
        places = sorted(place for term in hits for place in text.places(term))
        return Result(
            rank=rank,
            score=round(known.likeness, 4),
            keyword_rank=None,
            semantic_rank=None,
            passage=known.passage,
            highlights=merged(places),
            snippet=(0, len(known.passage.text)),
            hits=tuple(hits),
        )


def timeline(parts: Sequence[CoveredPart]) -> tuple[Facet, ...]:
    """How many briefings of each month wrote of any part, in order of months."""
    months: dict[str, set[str]] = {}
    for part in parts:
        for result in part.earlier:
            months.setdefault(result.briefing.date[:7], set()).add(result.briefing.id)
    return tuple(Facet(month, len(ids)) for month, ids in sorted(months.items()))

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
from archive.matter import (
    COPIED,
    Matter,
    copied,
    held,
    is_same,
    likeness,
    passage_terms,
    runs_of,
    shared,
)
from archive.query import plain_query
from archive.quotation import Quoter
from archive.records import (
    BriefingCard,
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

_BY_MEANING, _BY_WORD, _BY_SUBJECT = 30, 20, 500
"""Passages looked at for a part: the nearest, and those with its rarest words, or all its words."""
_WORDS = 8
_MOST, _RELATED = 20, 3
"""Passages on one matter that are shown, and of those near to what is new."""
_NAMES_IT = 0.8
"""The share of a subject's words, by weight, that a passage on it holds."""
_SAID = 0.4
"""The share of a sentence's words, by weight, that passages hold of which it says nothing new."""
_FEW_UNSTATED = 0.34
"""The share of a sentence's figures that may be otherwise written without being news."""
_TELLING_FIGURES = 2
"""So many figures that stand in passages on the matter tell that a sentence says the same."""
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class _Known:
    """A passage beside a part of a draft, and how surely they are on the same matter."""

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
            looked_at = self._likely(part, matter, selection)
            known = [each for each in looked_at if _is_on(part, matter, each)]
            if known:
                yield self._covered(part, known)
            else:
                yield self._uncovered(part, looked_at)

    def of_topic(self, topic: str, selection: Selection) -> CoveredPart:
        """A topic with all that wrote of it; the selection is of its passages."""
        live = selection.live
        rows = np.flatnonzero(selection.mask)
        newest = rows[np.argsort(-live.first_day[rows], kind="stable")]
        cards: dict[str, BriefingCard] = {}
        for passage in self._catalog.passages([live.ids[row] for row in newest.tolist()]):
            cards.setdefault(passage.briefing.id, passage.briefing)
        shown = self._catalog.passages([live.ids[row] for row in newest[:_MOST].tolist()])
        nothing = Matter({}, frozenset(), np.zeros(0, np.float32))
        return CoveredPart(
            part=topic,
            text=topic,
            status="covered" if cards else "new",
            briefings=tuple(cards.values()),
            earlier=self._results(
                DraftPart(topic, topic), [_Known(p, nothing, 0.0) for p in shown]
            ),
        )

    def _likely(self, part: DraftPart, matter: Matter, selection: Selection) -> list[_Known]:
        """The passages that may be on the matter of a part, the likeliest first."""
        live = selection.live
        near = self._vector_index.rank_vector(matter.vector, selection, _BY_MEANING).rows
        rarest = sorted(matter.terms, key=lambda term: -matter.terms[term])[:_WORDS]
        asked = part.text if part.is_subject else " ".join(rarest)
        most = _BY_SUBJECT if part.is_subject else _BY_WORD
        by_word = self._keyword_index.rank(plain_query(asked), selection, most).rows
        rows = np.union1d(near, by_word)
        vectors = self._vector_index.vectors(live, rows)
        vector_of = {live.ids[row]: vectors[at] for at, row in enumerate(rows.tolist())}
        found = []
        for passage in self._catalog.passages(list(vector_of)):
            terms = passage_terms(self._terms, " ".join(passage.section.path), passage.text)
            other = Matter(terms, runs_of(passage.text), vector_of[passage.id])
            found.append(_Known(passage, other, likeness(matter, other)))
        found.sort(key=lambda each: -each.likeness)
        return found

    def _uncovered(self, part: DraftPart, near: Sequence[_Known]) -> CoveredPart:
        said = [part.text[first:last].strip() for first, last in sentences(part.text)]
        return CoveredPart(
            part=part.name,
            text=part.text,
            status="new",
            sentences=tuple(DraftSentence(text, "new") for text in said if text),
            related=self._results(part, near[:_RELATED]),
        )

    def _covered(self, part: DraftPart, known: Sequence[_Known]) -> CoveredPart:
        briefings = {each.passage.briefing.id: each.passage.briefing for each in known}
        newest = sorted(briefings.values(), key=lambda card: card.date, reverse=True)
        shown = sorted(known[:_MOST], key=lambda each: each.passage.briefing.date, reverse=True)
        made = [] if part.is_subject else self._sentences(part.text, shown)
        is_covered = all(sentence.status in ("stands", "reworded") for sentence in made)
        return CoveredPart(
            part=part.name,
            text=part.text,
            status="covered" if is_covered else "partly",
            briefings=tuple(newest),
            earlier=self._results(part, shown),
            sentences=tuple(made),
        )

    def _sentences(self, text: str, known: Sequence[_Known]) -> list[DraftSentence]:
        changes = find_changes(text, [each.passage for each in known], self._terms)
        made = []
        for first, last in sentences(text):
            if text[first:last].strip():
                own = [change for change in changes if first <= change.start < last]
                made.append(self._sentence(text[first:last].strip(), own, known, text))
        return made

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

    def _results(self, part: DraftPart, known: Sequence[_Known]) -> tuple[Result, ...]:
        """Passages as results, the words that the part has too highlighted."""
        terms = self._terms(part.text)
        made = []
        for rank, each in enumerate(known, 1):
            text = Findable.make(each.passage.text)
            hits = [term for term in terms if term in each.matter.terms]
            result = Result(
                rank=rank,
                score=round(each.likeness, 4),
                keyword_rank=None,
                semantic_rank=None,
                passage=each.passage,
                highlights=merged(sorted(place for term in hits for place in text.places(term))),
                snippet=(0, len(each.passage.text)),
                hits=tuple(hits),
            )
            made.append(result)
        return tuple(made)


def _is_on(part: DraftPart, matter: Matter, other: _Known) -> bool:
    """Whether a passage is on the matter of a part.

    Of a part in another language only its figures and its meaning can be compared.
    """
    if part.is_subject:
        return held(matter.terms, other.matter.terms) >= _NAMES_IT
    if part.is_foreign:
        figures = len(find_figures(part.text))
        stated = figures - len(unstated(part.text, [other.passage]))
        return stated >= max(_TELLING_FIGURES, figures / 2)
    return is_same(matter, other.matter)


def timeline(parts: Sequence[CoveredPart]) -> tuple[Facet, ...]:
    """How many briefings of each month wrote of any part, in order of months."""
    months: dict[str, set[str]] = {}
    for part in parts:
        for briefing in part.briefings:
            months.setdefault(briefing.date[:7], set()).add(briefing.id)
    return tuple(Facet(month, len(ids)) for month, ids in sorted(months.items()))

"""Storylines: passages of several briefings that tell one continuing matter.

Every passage goes on with the earlier one it is most similar to, if that is enough, and a storyline
is a passage that goes on with none, and all that go on from it. What a passage goes on with depends
on the passages alone, not on the order in which they came in: a new briefing is linked to earlier
ones, and a later passage to it where it is more similar than what that went on with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from archive.following.records import Story
from archive.following.similarity import (
    COSINE_WEIGHT,
    SAME_STORYLINE,
    Terms,
    squared_norm,
    storyline_score,
)
from archive.index.keyword_index import KeywordIndex
from archive.index.vector_index import VectorIndex
from archive.records import ABSTRACT_TITLE, Passage
from archive.store.catalog import Catalog
from archive.store.snapshot import Links, Mask, Rows, Selection, Snapshot

STORYLINES = "storylines"
LINKED_BY = "storylines 1"
_NEAREST = 50
"""Passages compared by their words: the nearest in meaning."""
_REMEMBERED = 20_000
_BATCH = 256
_NAMING = 40
"""The newest passages of a storyline, by which it is named."""
_NAMED_BY = 3
_AS_OFTEN = 0.8
"""How much of a word's weight a longer one with it inside must have to take its place."""


class Linker:
    """Links passages into storylines; remembers what words those it has compared are indexed by."""

    def __init__(
        self, catalog: Catalog, keyword_index: KeywordIndex, vector_index: VectorIndex
    ) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._terms: dict[str, Terms] = {}
        self._squares: dict[str, float] = {}

    def link_new(self) -> int:
        """Link the live passages that aren't yet, and to them the later ones that are more similar.

        Returns how many were linked.
        """
        snapshot = self._catalog.snapshot()
        links = self._catalog.links(snapshot)
        earlier = np.full(len(snapshot), -1, np.intp)
        scores = np.zeros(len(snapshot))
        linked = np.zeros(len(snapshot), np.bool_)
        earlier[links.rows], scores[links.rows] = links.earlier, links.scores
        linked[links.rows] = True
        new = np.flatnonzero(~linked)
        if not len(new):
            return 0
        changed = set(new.tolist())
        order = _places(snapshot)
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            for row, cosines in zip(
                batch.tolist(), self._vector_index.similarities(snapshot, batch), strict=True
            ):
                before = self._continuable(snapshot, row, cosines, order < order[row])
                earlier[row], scores[row] = max(before, key=lambda each: each[1], default=(-1, 0.0))
                for later, score in self._continuable(
                    snapshot, row, cosines, linked & (order > order[row])
                ):
                    if score > scores[later]:
                        earlier[later], scores[later] = row, score
                        changed.add(later)
        rows = np.array(sorted(changed), np.intp)
        self._catalog.changes.set_links(snapshot, Links(rows, earlier[rows], scores[rows]))
        return len(new)

    def _continuable(
        self, snapshot: Snapshot, row: int, cosines: NDArray[np.float32], among: Mask
    ) -> Iterator[tuple[int, float]]:
        """The passages of a mask that are akin enough to one, with how much."""
        near = np.flatnonzero(among & (COSINE_WEIGHT * cosines > SAME_STORYLINE - 1))
        if len(near) > _NEAREST:
            near = near[np.argpartition(-cosines[near], _NEAREST - 1)[:_NEAREST]]
        if not len(near):
            return
        passage = snapshot.ids[row]
        self._read([passage, *(snapshot.ids[other] for other in near.tolist())])
        own = self._terms[passage]
        for other in near.tolist():
            theirs = self._terms[snapshot.ids[other]]
            squared_norms = self._squares[passage] * self._squares[snapshot.ids[other]]
            score = storyline_score(float(cosines[other]), own, theirs, squared_norms)
            if own and theirs and score >= SAME_STORYLINE:
                yield other, score

    def _read(self, passages: Sequence[str]) -> None:
        """Have passages' terms at hand; an abstract, which tells of many matters, has none."""
        if len(self._terms) > _REMEMBERED:
            self._terms.clear()
            self._squares.clear()
        missing = [passage for passage in passages if passage not in self._terms]
        found = self._keyword_index.terms_of(missing)
        for passage in missing:
            terms = found.get(passage, {})
            is_abstract = [term for term in terms if term[0] == "#"] == [f"#{ABSTRACT_TITLE}"]
            self._terms[passage] = {} if is_abstract else terms
            self._squares[passage] = squared_norm(self._terms[passage])


def _places(snapshot: Snapshot) -> NDArray[np.intp]:
    """The place of each row in the order of days, of briefings of a day, and of their text."""
    names = (
        np.array(snapshot.briefing.values)[snapshot.briefing.of]
        if len(snapshot)
        else np.zeros(0, str)
    )
    order = np.lexsort((np.arange(len(snapshot)), names, snapshot.first_day))
    places = np.empty(len(snapshot), np.intp)
    places[order] = np.arange(len(snapshot))
    return places


def starts(snapshot: Snapshot, links: Links) -> Rows:
    """The row that each row's storyline starts with, -1 for a row not linked."""
    start = np.full(len(snapshot), -1, np.intp)
    start[links.rows] = np.where(links.earlier >= 0, links.earlier, links.rows)
    while True:
        following = np.where(start >= 0, start[start], -1)
        if (following == start).all():
            return start
        start = following


class Storylines:
    """The storylines of an archive as they are linked now."""

    def __init__(self, catalog: Catalog, keyword_index: KeywordIndex) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index

    def groups(self, selection: Selection) -> list[Rows]:
        """The rows of each storyline that has a passage selected, the last told first.

        A storyline is given whole, whatever the selection leaves out of it.
        """
        start = self._starts(selection.snapshot)
        wanted = np.unique(start[selection.mask & (start >= 0)])
        order = np.argsort(start, kind="stable")
        bounds = np.searchsorted(start[order], (wanted, wanted + 1))
        found = [order[first:last] for first, last in bounds.T.tolist()]
        days = selection.snapshot.last_day
        return sorted(found, key=lambda rows: (-int(days[rows].max()), int(rows[0])))

    def of(self, snapshot: Snapshot, rows: Rows) -> Rows:
        """All rows of the storylines that these rows belong to."""
        start = self._starts(snapshot)
        own = np.unique(start[rows])
        return np.flatnonzero(np.isin(start, own[own >= 0]))

    def find(self, snapshot: Snapshot, name: str) -> Rows:
        """The rows of a storyline by its id, or by the id of any passage in it; else none."""
        if name in snapshot.row_of:
            return self.of(snapshot, np.array([snapshot.row_of[name]], np.intp))
        start = self._starts(snapshot)
        for row in np.unique(start[start >= 0]).tolist():
            if story_id(snapshot.ids[row]) == name:
                return np.flatnonzero(start == row)
        return np.zeros(0, np.intp)

    def story(self, snapshot: Snapshot, rows: Rows) -> Story:
        """The storyline of these rows."""
        return snapshot.derived.get(
            ("story", int(rows[0]), len(rows)), lambda: self._make(snapshot, rows)
        )

    def _make(self, snapshot: Snapshot, rows: Rows) -> Story:
        passages = self._catalog.passages.get([snapshot.ids[row] for row in rows.tolist()])
        return make_story(passages, self._keyword_index)

    def _starts(self, snapshot: Snapshot) -> Rows:
        return snapshot.derived.get(
            "starts", lambda: starts(snapshot, self._catalog.links(snapshot))
        )


def story_id(first_passage: str) -> str:
    """The id of the storyline that starts with a passage."""
    return "s-" + hashlib.sha256(first_passage.encode()).hexdigest()[:10]


def make_story(passages: Sequence[Passage], index: KeywordIndex) -> Story:
    """A storyline of these passages, named by the words that most of them have in their headings.

    They may be in any order.
    """
    ordered = sorted(passages, key=lambda p: (p.briefing.date, p.briefing.id, p.page_starts))
    return Story(
        id=story_id(ordered[0].id),
        name="、".join(_telling_terms(ordered, index)),
        passages=tuple(ordered),
    )


def _telling_terms(passages: Sequence[Passage], index: KeywordIndex) -> list[str]:
    """Up to three terms that stand in most passages, rare ones and those of headings first."""
    weights: dict[str, float] = {}
    for passage in passages[-_NAMING:]:
        headings = " ".join(passage.section.path)
        for text in (headings, f"{headings} {passage.text}"):
            for term, weight in index.terms(text, parts=False).items():
                weights[term] = weights.get(term, 0.0) + weight
    chosen: list[str] = []
    for term in sorted(weights, key=lambda term: (-weights[term], term)):
        within = [other for other in chosen if other in term]
        if within and weights[term] > _AS_OFTEN * weights[within[0]]:
            chosen[chosen.index(within[0])] = term  # 反补贴案 tells more than 反补贴
        elif not any(term in other or other in term for other in chosen):
            chosen.append(term)
        if len(chosen) == _NAMED_BY:
            break
    written = " ".join(text for p in passages for text in (*p.section.path, p.text))
    return [_as_written(term, written) for term in chosen]


def _as_written(term: str, text: str) -> str:
    """A term with the capitals it has in a text."""
    match = re.search(re.escape(term), text, re.IGNORECASE) if term.isascii() else None
    return match[0] if match else term

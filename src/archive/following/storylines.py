"""Storylines: passages of several briefings that tell one continuing matter.

Every passage goes on with the earlier one it is most similar to, if that is enough, and a storyline
is a passage that goes on with none, and all that go on from it. What a passage goes on with depends
on the passages alone, not on the order in which they came in: a new briefing is linked to earlier
ones, and a later passage to it where it is more similar than what that went on with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

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
from archive.store.links import Link, Links
from archive.store.selection import PassageList, Ranking, Selection
from archive.store.snapshot import Snapshot

STORYLINES = "storylines"
LINKED_BY = "storylines 1"
_NEAREST = 50
"""Passages compared by their words: the nearest in meaning."""
_LEAST_COSINE = (SAME_STORYLINE - 1) / COSINE_WEIGHT
"""With less than this no likeness of words makes one storyline of two passages."""
_REMEMBERED = 20_000
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
        new = links.unlinked
        everything = Selection.of(snapshot)
        changed: dict[str, Link] = {}
        for passage, near in self._vector_index.neighbours(snapshot, new, _LEAST_COSINE):
            before = near.among(everything.told_before(passage))
            changed[passage] = max(
                (Link(other, score) for other, score in self._continuable(passage, before)),
                key=lambda link: link.score,
                default=Link(None, 0.0),
            )
            after = near.among(links.linked.told_after(passage))
            for later, score in self._continuable(passage, after):
                if score > (changed[later].score if later in changed else links.score(later)):
                    changed[later] = Link(passage, score)
        self._catalog.changes.set_links(snapshot, changed)
        return len(new)

    def _continuable(self, passage: str, near: Ranking) -> Iterator[tuple[str, float]]:
        """Of the passages near to one those similar enough to be its storyline, with how much."""
        nearest = near.head(_NEAREST)
        others = nearest.ids
        self._read([passage, *others] if others else [])
        own = self._terms.get(passage)
        for other, cosine in zip(others, nearest.scores.tolist(), strict=True):
            theirs = self._terms[other]
            squared_norms = self._squares[passage] * self._squares[other]
            if own and theirs:
                score = storyline_score(cosine, own, theirs, squared_norms)
                if score >= SAME_STORYLINE:
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


class Storylines:
    """The storylines of an archive as they are linked now."""

    def __init__(self, catalog: Catalog, keyword_index: KeywordIndex) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index

    def groups(self, selection: Selection) -> list[PassageList]:
        """Each storyline that has a passage selected, the last told first.

        A storyline is given whole, whatever the selection leaves out of it.
        """
        chains = self._links(selection.snapshot).chains(selection)
        return sorted(chains, key=lambda chain: -chain.last_day)

    def of(self, snapshot: Snapshot, ids: Iterable[str]) -> PassageList:
        """All passages of the storylines that these belong to."""
        return self._links(snapshot).chains_of(ids)

    def find(self, snapshot: Snapshot, name: str) -> PassageList:
        """A storyline by its id, or by the id of any passage in it; empty where there is none."""
        if name in snapshot:
            return self.of(snapshot, [name])
        return self.of(snapshot, [i for i in self._links(snapshot).firsts if story_id(i) == name])

    def story(self, told: PassageList) -> Story:
        """The storyline of these passages."""
        ids = told.ids
        return told.snapshot.derived.get(
            ("story", ids[0], len(ids)),
            lambda: make_story(self._catalog.passages.get(ids), self._keyword_index),
        )

    def _links(self, snapshot: Snapshot) -> Links:
        return self._catalog.links(snapshot)


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

"""What each issue says of a subject: the passages that name it, and of each issue one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.chinese.search_form import squeezed
from archive.evidence.features import Sentence, passage_sentences
from archive.index.keyword_index import KeywordIndex
from archive.index.query import Query, Term, plain_query
from archive.index.segmenter import UNSEEN, Role, Weight
from archive.records import ABSTRACT_TITLE, NO_FILTER, Passage
from archive.store.catalog import Catalog
from archive.store.selection import Selection

_READ, ALL = 60, 500
"""Passages that are looked at for a subject, to know whether it was written of, and at most."""
_COMMON, _MOST_SPECIFIC = 8.0, 16.0
"""A word as common in Chinese at large as 事 says nothing of a subject, one from 16 on the most."""
_COUNTS: dict[Role, float] = {"thing": 1.0, "figure": 1.0}
_COUNTS_ELSE = 0.3
"""How much of its weight a word counts by what it is: `thing`s name what a subject is about."""
IN_HARDLY_ANY = 5.5
"""From this rarity on a word stands in no passage, or in one that has it by chance."""
_NEARLY_AS_MUCH, _NAMED, _AS_SUCH = 0.7, 0.6, 0.8
"""The share of a subject that a passage holds, against the most that one does, and at least."""
_IN_HEADING = 0.6
"""What a word counts that stands in the heading only, beside one in the sentence."""


@dataclass(frozen=True, slots=True)
class Told:
    """What issues say of a subject, a sentence of each, oldest first.

    `name` is what of the subject these passages hold; `share` how much that is, 0 to 1.
    """

    name: str = ""
    share: float = 0.0
    statements: tuple[Sentence, ...] = ()
    passage_ids: tuple[str, ...] = ()
    """All passages that hold about as much of the subject as any does."""
    has_word: bool = False
    """Whether they hold some telling word of it whole: 废料 alone is no 核废料."""
    has_head: bool = False
    """Whether a passage holds the telling word that the subject begins with: 玄河 of 玄河造价."""

    @property
    def is_named(self) -> bool:
        """Whether the subject was written of."""
        return bool(self.statements) and self.has_word and self.share >= _NAMED

    @property
    def is_named_as_such(self) -> bool:
        """Whether hardly a word of the subject is missing from what was written of it."""
        return self.is_named and self.share >= _AS_SUCH


Each = Literal["issue", "chapter"]
"""Of what one sentence is given: of an issue, or of each of its sections of the first level."""


class StatementFinder:
    """Finds what an archive says of a subject, by its words."""

    def __init__(self, catalog: Catalog, keyword_index: KeywordIndex) -> None:
        self._catalog = catalog
        self._keyword_index = keyword_index

    def find(
        self, subject: str, selection: Selection, each: Each = "issue", *, most: int = _READ
    ) -> Told:
        """The sentence of each selected issue, or chapter of one, that says most of a subject.

        Of the passages with any of its words those that hold about as much of it as any does, among
        the `most` that a search for it finds.
        """
        key = ("told", subject, each, most, selection.fingerprint)
        return selection.snapshot.derived.get(
            key, lambda: self._find(subject, selection, each, most)
        )

    def _find(self, subject: str, selection: Selection, each: Each, most_read: int) -> Told:
        query = plain_query(subject)
        typed = self._as_typed(subject, selection, most_read)
        words_of = self._keyword_index.weights(selection.snapshot, query)
        weights = {w: weight for w in words_of if (weight := _weight(w, stands=bool(typed)))}
        total = sum(weights.values())
        if not total:
            return Told()
        ranked = self._keyword_index.rank(query, selection, most_read).ids
        ids = list(dict.fromkeys((*ranked, *typed)))
        read = [(p, _text_of(p)) for p in self._catalog.passages.get(ids)]
        shares = [
            sum(weight * w.held_by(text) for w, weight in weights.items()) / total
            for _, text in read
        ]
        most = max(shares, default=0.0)
        chosen = [
            (passage, text)
            for (passage, text), share in zip(read, shares, strict=True)
            if share >= _NEARLY_AS_MUCH * most
        ]
        held = [w for w in weights if any(w.held_by(text) > _NAMED for _, text in chosen)]
        names = [name for weight in held for name in weight.names]
        pieces = [p for p in subject.split() if any(name in squeezed(p) for name in names)]
        words = [weight.names[0] for weight in held]
        return Told(
            name=" ".join(pieces if most >= _AS_SUCH else words) or subject,
            share=most,
            passage_ids=tuple(passage.id for passage, _ in chosen),
            has_head=any(next(iter(weights)).held_by(text) == 1 for _, text in read),
            has_word=any(w.held_by(text) == 1 for w in held for _, text in chosen),
            statements=tuple(_of_each(each, [passage for passage, _ in chosen], weights)),
        )

    def _as_typed(self, subject: str, selection: Selection, most: int) -> list[str]:
        """The passages in which a subject stands as typed, also within longer words: 云鸢航空."""
        typed = Query(subject, tuple((Term(piece, exact=True),) for piece in subject.split()))
        holding = self._keyword_index.select(selection.snapshot, typed, NO_FILTER)
        return holding.passages().among(selection).part(0, most).ids


def _weight(weight: Weight, *, stands: bool) -> float:
    """How much a word tells of what a subject is about; 0 for one that says nothing of it.

    `stands` is whether the subject stands in some passage as it was typed.
    """
    if weight.specificity == UNSEEN and weight.role in _COUNTS:
        # Unknown in Chinese at large: a name, if some passages hold it, else ill cut.
        is_name = stands or weight.rarity < IN_HARDLY_ANY
        return _MOST_SPECIFIC - _COMMON if is_name else 0.0
    telling = max(0.0, min(weight.specificity, _MOST_SPECIFIC) - _COMMON)
    return telling * _COUNTS.get(weight.role, _COUNTS_ELSE)


def _text_of(passage: Passage) -> str:
    return squeezed("\n".join((*passage.section.path, passage.text)))


def _of_each(
    each: Each, passages: Sequence[Passage], weights: Mapping[Weight, float]
) -> list[Sentence]:
    best: dict[tuple[str, str], tuple[float, Sentence]] = {}
    for passage in passages:
        heading = squeezed(" ".join(passage.section.path))
        for sentence in passage_sentences(passage):
            text = squeezed(sentence.text)
            score = sum(
                weight * max(word.held_by(text), _IN_HEADING * word.held_by(heading))
                for word, weight in weights.items()
            )
            # The abstract repeats a section, and is quoted where nothing else says as much.
            score *= 0.9 if passage.section.title == ABSTRACT_TITLE else 1.0
            chapter = passage.section.path[0] if each == "chapter" and passage.section.path else ""
            place = passage.briefing.id, chapter
            if place not in best or score > best[place][0]:
                best[place] = score, sentence
    if each == "chapter":  # which says more than the abstract of its issue
        told = {issue for issue, chapter in best if chapter != ABSTRACT_TITLE}
        best = {
            at: said for at, said in best.items() if at[1] != ABSTRACT_TITLE or at[0] not in told
        }
    found = [sentence for _, sentence in best.values()]
    return sorted(found, key=lambda sentence: sentence.passage.briefing.date)

"""Which sentences of a draft stand in passages on its matter, which give something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.chinese.figures import find_figures
from archive.chinese.text import sentences
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.following.changes import Found, find_changes, unstated
from archive.following.records import Change, DraftSentence, SentenceStatus
from archive.following.similarity import COPIED, CutTerms, Matter, copied, held, runs_of, shared
from archive.records import Citation, Passage

_SAID = 0.4
"""The share of a sentence's words, by weight, that a passage holds of which it says nothing new."""
_BY_WORDS = 0.6, 0.8
"""The same of a sentence without figures, of which words alone can tell, and of a short one that
stands alone.
"""
_SAID_AT_ALL = 0.25
_BY_MEANING = 0.95
"""From which cosine to a passage's sentence one that shares that much of its words says the same;
for the default encoder.
"""
_SHORT = 40
_STATED_TO_UNSTATED = 3
"""For every figure that is otherwise written without being news, so many others must be stated."""
TELLING_FIGURES = 2
"""So many figures that stand in passages on the matter tell that a sentence says the same."""
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class Known:
    """A passage beside a part of a draft, and how surely they are on the same matter."""

    passage: Passage
    matter: Matter
    likeness: float


class Comparer:
    """Holds sentences against passages, and cites these.

    `vectors` gives those of sentences, (n, dimension); it is asked only where words don't tell.
    """

    def __init__(
        self,
        terms: CutTerms,
        quoter: Quoter,
        vectors: Callable[[Sequence[Sentence]], NDArray[np.float32]],
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
    ) -> None:
        self._terms = terms
        self._quoter = quoter
        self._vectors = vectors
        self._encode = encode

    def sentences(
        self, text: str, known: Sequence[Known], beside: Sequence[Passage] = ()
    ) -> list[DraftSentence]:
        """Each sentence of a text with how the passages know it.

        What changed may also have stood in the passages `beside` them.
        """
        passages = [each.passage for each in known]
        changes = find_changes(text, [*passages, *beside], self._terms)
        ranges = [(first, last) for first, last in sentences(text) if text[first:last].strip()]
        made = []
        for first, last in ranges:
            sentence = text[first:last].strip()
            cited = (
                cite_change(change, text, 1, self._quoter)
                for change in changes
                if first <= change.start < last
            )
            own = tuple(filter(None, cited))
            made.append(self._sentence(sentence, own, known, is_alone=len(ranges) == 1))
        return made

    def _sentence(
        self, text: str, changes: tuple[Change, ...], known: Sequence[Known], *, is_alone: bool
    ) -> DraftSentence:
        if changes:
            return DraftSentence(text, "changed", changes[0].citation, changes)
        status, same = self._status(text, known, is_alone=is_alone)
        if same:
            return DraftSentence(text, status, self._cite(same))
        citation = None if status == "new" else self._nearest_sentence(text, known)
        return DraftSentence(text, status, citation)

    def _status(
        self, text: str, known: Sequence[Known], *, is_alone: bool
    ) -> tuple[SentenceStatus, Sentence | None]:
        """How a sentence stands to what is known, where nothing in it has changed.

        With the sentence known that means the same, where only meaning tells.
        """
        runs, terms, figures = runs_of(text), self._terms(text), len(find_figures(text))
        status: SentenceStatus = "new"
        near: list[Passage] = []
        for each in known:
            unknown = len(unstated(text, [each.passage]))
            if not unknown and copied(runs, each.matter.runs) >= COPIED:
                return "stands", None
            said = held(terms, each.matter.terms)
            stated = figures - unknown
            if stated < _STATED_TO_UNSTATED * unknown:
                continue
            enough = _SAID if stated else _BY_WORDS[is_alone and len(text) < _SHORT]
            if stated >= TELLING_FIGURES:
                enough = _SAID / 2 if unknown else 0.0
            if said >= enough or len(text) < _SHORTEST:
                status = "reworded"
            elif not unknown and said >= _SAID_AT_ALL:
                near.append(each.passage)
        same = self._same_in_meaning(text, near) if status == "new" else None
        return ("reworded" if same else status), same

    def _same_in_meaning(self, text: str, passages: Sequence[Passage]) -> Sentence | None:
        """The sentence of the passages that says what a sentence says, in other words."""
        said = [sentence for passage in passages for sentence in passage_sentences(passage)]
        if not said:
            return None
        cosines = self._vectors(said) @ self._encode([text])[0]
        best = int(cosines.argmax())
        return said[best] if float(cosines[best]) >= _BY_MEANING else None

    def _nearest_sentence(self, text: str, known: Sequence[Known]) -> Citation | None:
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

    def _cite(self, sentence: Sentence) -> Citation | None:
        return self._quoter.cite(1, sentence.passage, sentence.start, sentence.end)


def cite_change(change: Found, text: str, number: int, quoter: Quoter) -> Change | None:
    """A change found in a text, the earlier sentence cited; None where no page holds that."""
    passage = change.passage
    for first, last in sentences(passage.text):
        if first <= change.old_start < last:
            end = first + len(passage.text[first:last].rstrip())
            citation = quoter.cite(number, passage, first, end)
            if citation is not None:
                new = text[change.start : change.end].strip()
                return Change(change.kind, change.old, new, citation)
    return None

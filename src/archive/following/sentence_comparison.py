"""Whether each sentence of a draft is known from earlier passages, changed, reworded or new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.chinese.figures import find_figures
from archive.chinese.text import sentences
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.following.changes import FoundChange, find_changes, unstated_figures
from archive.following.records import Change, DraftSentence, SentenceStatus
from archive.following.similarity import (
    COPIED,
    ComparedText,
    Tokenise,
    character_ngrams,
    containment,
    ngram_containment,
    term_cosine,
)
from archive.records import Citation, Passage

_SAID = 0.4
"""The `containment` in a passage from which a sentence with figures says nothing new."""
_BY_WORDS = 0.6, 0.8
"""The same for a sentence without figures, and for a short one that is the whole text."""
_SAID_AT_ALL = 0.25
_BY_MEANING = 0.95
"""The cosine to a passage's sentence from which a sentence with `_SAID_AT_ALL` of its words in the
passage says the same; for the default encoder.
"""
_SHORT = 40
_STATED_TO_UNSTATED = 3
"""For each figure that no passage states, so many others must be stated there."""
TELLING_FIGURES = 2
"""So many figures that a passage states too show that a sentence says the same."""
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class ComparedPassage:
    """A passage that may be about the same matter as a part of a draft; higher scores are surer."""

    passage: Passage
    compared: ComparedText
    score: float


class SentenceComparer:
    """Compares sentences with earlier passages, and cites these.

    `vectors` gives the vectors of stored sentences and `encode` those of texts, (n, dimension)
    each; they are called only where words don't decide.
    """

    def __init__(
        self,
        tokenise: Tokenise,
        quoter: Quoter,
        vectors: Callable[[Sequence[Sentence]], NDArray[np.float32]],
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
    ) -> None:
        self._tokenise = tokenise
        self._quoter = quoter
        self._vectors = vectors
        self._encode = encode

    def sentences(
        self, text: str, candidates: Sequence[ComparedPassage], beside: Sequence[Passage] = ()
    ) -> list[DraftSentence]:
        """Each sentence of a text with its status against the candidates.

        Changes are looked for in the passages `beside` them too.
        """
        passages = [each.passage for each in candidates]
        changes = find_changes(text, [*passages, *beside], self._tokenise)
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
            made.append(self._sentence(sentence, own, candidates, is_alone=len(ranges) == 1))
        return made

    def _sentence(
        self,
        text: str,
        changes: tuple[Change, ...],
        candidates: Sequence[ComparedPassage],
        *,
        is_alone: bool,
    ) -> DraftSentence:
        if changes:
            return DraftSentence(text, "changed", changes[0].citation, changes)
        status, same = self._status(text, candidates, is_alone=is_alone)
        if same:
            return DraftSentence(text, status, self._cite(same))
        citation = None if status == "new" else self._nearest_sentence(text, candidates)
        return DraftSentence(text, status, citation)

    def _status(
        self, text: str, candidates: Sequence[ComparedPassage], *, is_alone: bool
    ) -> tuple[SentenceStatus, Sentence | None]:
        """The status of a sentence without changes.

        With the earlier sentence that means the same, where only the vectors show it.
        """
        ngrams, terms, figures = (
            character_ngrams(text),
            self._tokenise(text),
            len(find_figures(text)),
        )
        status: SentenceStatus = "new"
        near: list[Passage] = []
        for each in candidates:
            unknown = len(unstated_figures(text, [each.passage]))
            if not unknown and ngram_containment(ngrams, each.compared.ngrams) >= COPIED:
                return "stands", None
            said = containment(terms, each.compared.terms)
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
        """The sentence of the passages with the nearest vector, if that is near enough."""
        said = [sentence for passage in passages for sentence in passage_sentences(passage)]
        if not said:
            return None
        cosines = self._vectors(said) @ self._encode([text])[0]
        best = int(cosines.argmax())
        return said[best] if float(cosines[best]) >= _BY_MEANING else None

    def _nearest_sentence(
        self, text: str, candidates: Sequence[ComparedPassage]
    ) -> Citation | None:
        """A citation of the earlier sentence most similar to one of the draft."""
        ngrams, terms = character_ngrams(text), self._tokenise(text)
        found = [sentence for each in candidates for sentence in passage_sentences(each.passage)]
        found.sort(
            key=lambda sentence: (
                -round(
                    ngram_containment(ngrams, character_ngrams(sentence.text))
                    + term_cosine(terms, self._tokenise(sentence.text)),
                    1,
                )
            )
        )
        return next(filter(None, map(self._cite, found[:3])), None)

    def _cite(self, sentence: Sentence) -> Citation | None:
        return self._quoter.cite(1, sentence.passage, sentence.start, sentence.end)


def cite_change(change: FoundChange, text: str, number: int, quoter: Quoter) -> Change | None:
    """A change with its earlier sentence cited; None where the quote isn't found on the page."""
    passage = change.passage
    for first, last in sentences(passage.text):
        if first <= change.old_start < last:
            end = first + len(passage.text[first:last].rstrip())
            citation = quoter.cite(number, passage, first, end)
            if citation is not None:
                new = text[change.start : change.end].strip()
                return Change(change.kind, change.old, new, citation)
    return None

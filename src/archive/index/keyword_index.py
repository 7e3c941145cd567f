"""Keyword search: a query's words in the catalogue's FTS5 tables.

Words are ranked by BM25. What must stand exactly as typed (phrases, exclusions, words in headings,
figures such as 14-15日) is looked up in a second table of single characters, which finds a string
wherever it stands, however the text around it is cut into words.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from archive.chinese.lexicon import Lexicon, as_text, from_text
from archive.chinese.search_form import characters, search_form, squeezed
from archive.chinese.spelling import Vocabulary, build_vocabulary
from archive.chinese.text import has_han
from archive.index.match_expression import (
    all_of,
    any_form,
    any_phrase,
    any_token,
    phrase,
    pieces,
    whole,
)
from archive.index.query import Query, Term
from archive.index.records import TermCount, TextWord
from archive.index.recurring_terms import recurring_terms
from archive.index.segmenter import Segmenter, Weight, Word, is_word
from archive.records import Filter, Passage
from archive.store.catalog import Catalog
from archive.store.full_text import Fields
from archive.store.selection import PassageList, Ranking, Selection
from archive.store.snapshot import Mask, Rows, Snapshot

KEYWORD_INDEX = "keyword index"
LEXICON_USED = "lexicon in the keyword index"
_FINGERPRINT = "jieba 0.42 search mode, characters, search form 1"
SENTENCE = 10
"""Characters from which a query that stands in a passage as a whole is a sentence copied."""
_SHORT = 5
"""Words of a query for which it is looked up character by character which passages hold all."""
_BATCH = 1000
_ONCE = 2.2
"""What BM25 (k1 1.2) gives a word at most, in units of its rarity."""
_PARTIAL = 0.3
"""The share of the best score that a passage needs to be found by some of the words only."""
_COPIES_AMONG = 10
"""How many of the best passages are looked at for a copied sentence."""

_MOST_PROPOSED = 20
_LATIN_AND_FIGURES = "abcdefghijklmnopqrstuvwxyz0123456789."


class KeywordIndex:
    """BM25 over a passage's title, heading and body, as words cut by jieba in search mode."""

    fingerprint = _FINGERPRINT
    """How text is prepared; an index and its questions must agree on it."""

    def __init__(self, catalog: Catalog, lexicon: Lexicon) -> None:
        self._catalog = catalog
        self._lexicon = lexicon
        self._loading = threading.Lock()
        self._cutting: tuple[str, Segmenter] | None = None

    # --- writing ---------------------------------------------------------------------------------

    def add(self, ids: Sequence[str]) -> None:
        """Index passages the catalogue holds, or index them anew."""
        passages = self._catalog.passages.get(ids)
        tokens = cache(self._segmenter.tokens)  # a briefing's passages have its title in common
        self._catalog.full_text.index(
            [passage.id for passage in passages],
            [_fields(passage, tokens) for passage in passages],
            [_fields(passage, characters) for passage in passages],
        )

    def add_all(self) -> int:
        """Index all passages that can be found, and those about to be; returns how many."""
        ids = self._catalog.passages.indexable_ids()
        for start in range(0, len(ids), _BATCH):
            self.add(ids[start : start + _BATCH])
        return len(ids)

    def remove(self, ids: Sequence[str]) -> None:
        self._catalog.full_text.unindex(ids)

    def adopt_lexicon(self) -> int:
        """Cut anew the passages that an edit of the lexicon touches; returns how many.

        A word decides only how text is cut that holds it, so that all other passages stay.
        """
        used = from_text(self._catalog.meta(LEXICON_USED))
        edited = self._segmented
        changed = [word for word in used.keys() | edited.keys() if not _same(word, used, edited)]
        if not changed and self._catalog.meta(LEXICON_USED) is not None:
            return 0
        with self._catalog.transaction():
            touched: set[int] = set()
            for word in changed:
                inner = word.strip(_LATIN_AND_FIGURES)
                # jieba may know a word that begins or ends inside a longer Latin word or number,
                # so that these don't tell where it counts; a word of nothing else may anywhere.
                keys = (
                    self._catalog.full_text.containing(phrase(inner))
                    if characters(inner)
                    else self._catalog.full_text.indexed_keys()
                )
                touched.update(keys.tolist())
            self._catalog.set_meta(LEXICON_USED, as_text(edited))
            self.add(self._catalog.passages.ids(sorted(touched)))
        return len(touched)

    @property
    def lexicon_is_current(self) -> bool:
        """Whether the index is cut by the lexicon as it is now."""
        return from_text(self._catalog.meta(LEXICON_USED)) == self._segmented

    # --- finding ---------------------------------------------------------------------------------

    def select(self, snapshot: Snapshot, query: Query, where: Filter) -> Selection:
        """The passages that a filter and the binding parts of a query leave."""
        mask = snapshot.allowed(where)
        for group in query.binding:
            mask &= snapshot.mask_of(self._holding(term, snapshot) for term in group)
        for term in query.excluded:
            mask &= ~snapshot.mask_of([self._holding(term, snapshot)])
        return Selection(snapshot, mask)

    def rank(self, query: Query, selection: Selection, limit: int) -> Ranking:
        """Passages holding any of the query's words, by BM25; those that hold all come first.

        Those that hold few of them, and these common, are left out.
        Where the whole query stands in a passage as a copied sentence does, that one is the first.
        Raises UsageError when the index was built by another version of the program.
        """
        self._catalog.check_built_with(KEYWORD_INDEX, self.fingerprint)
        words = self.words(selection.snapshot, query)
        scores = self._scores(words, selection)
        if not scores.any():
            # No word of it is known as one: what was typed may still stand in the text.
            typed = [search_form(term.text) for term in query.terms if is_word(term.text)]
            words = tuple(Word(text, (), (), True) for text in typed)
            scores = self._scores(words, selection)
        complete = self._complete(words, selection)
        rows = np.flatnonzero(
            (scores > 0) & (complete | (scores >= _PARTIAL * scores.max(initial=0.0)))
        )
        order = np.lexsort((rows, -scores[rows], ~complete[rows]))
        ranked = rows[order]
        best, rest = ranked[:_COPIES_AMONG], ranked[_COPIES_AMONG:]
        copies = self._are_copies(query, best, selection.snapshot)
        ranked = np.concatenate((best[copies], best[~copies], rest))
        return Ranking(selection.snapshot, ranked, scores[ranked]).head(limit)

    def expected_score(self, snapshot: Snapshot, query: Query) -> float:
        """About the score of a passage that holds every word of a query once."""
        holding = [self._count(word, snapshot) for word in self.words(snapshot, query)]
        return _ONCE * sum(_rarity(count, len(snapshot)) for count in holding)

    def weights(self, snapshot: Snapshot, query: Query) -> tuple[Weight, ...]:
        """How much each word of a query tells."""
        return tuple(
            Weight(
                tuple(form.replace(" ", "") for form in word.forms),
                _rarity(self._count(word, snapshot), len(snapshot)),
                self._segmenter.specificity(word.text),
                self._segmenter.role(word.text),
                word.parts,
            )
            for word in self.words(snapshot, query)
        )

    def _count(self, word: Word, snapshot: Snapshot) -> int:
        """How many passages hold a word."""
        if word.is_figure:
            return len(self._keys_of_figure(word, snapshot))
        return snapshot.derived.get(
            ("count", word), lambda: self._catalog.full_text.count_matching(any_form(word))
        )

    def _scores(self, words: Sequence[Word], selection: Selection) -> NDArray[np.float64]:
        """The score of each row, 0 where it holds no word."""
        scores = np.zeros(len(selection.snapshot), dtype=np.float64)
        telling = [word for word in words if not self._is_exact(word, selection)]
        if expression := any_token(telling):
            keys, found = self._catalog.full_text.match(expression)
            rows, kept = selection.rows(keys)
            scores[rows] = found[kept]
        for word in words:
            if word.is_figure:
                rarity = _rarity(self._count(word, selection.snapshot), len(scores))
                scores[self._rows_of_figure(word, selection)] += rarity
                scores[self._rows_of_figure(replace(word, in_title=True), selection)] += rarity
        return scores

    def _is_exact(self, word: Word, selection: Selection) -> bool:
        """Whether a word counts only as it stands: a figure of several parts that stands anywhere.

        Its parts alone, the 6 and the 3 of 6-3, would find what nobody means.
        """
        return word.is_figure and len(word.parts) > 0 and self._count(word, selection.snapshot) > 0

    def _complete(self, words: Sequence[Word], selection: Selection) -> Mask:
        """The rows that hold every word, of those joined by OR any.

        For a short query it doesn't matter how the text was cut into words.
        """
        units = _units(words)
        if len(words) <= _SHORT:
            expression = all_of([" OR ".join(map(any_phrase, unit)) for unit in units])
            return self._mask(self._catalog.full_text.containing, expression, selection)
        plain = [unit for unit in units if not any(word.is_figure for word in unit)]
        complete = self._mask(
            self._catalog.full_text.matching,
            all_of([" OR ".join(map(any_form, unit)) for unit in plain]),
            selection,
        )
        for unit in units:
            if unit not in plain:
                complete &= selection.snapshot.mask_of(
                    self._rows_of(word, selection) for word in unit
                )
        return complete

    def _mask(
        self, matching: Callable[[str], NDArray[np.int64]], expression: str, selection: Selection
    ) -> Mask:
        """The rows that match an expression; all where there is none."""
        if not expression:
            return np.ones(len(selection.snapshot), dtype=np.bool_)
        rows, _ = selection.rows(matching(expression))
        return selection.snapshot.mask_of([rows])

    def _rows_of(self, word: Word, selection: Selection) -> Rows:
        if word.is_figure:
            return self._rows_of_figure(word, selection)
        rows, _ = selection.rows(self._catalog.full_text.matching(any_form(word)))
        return rows

    def copies(self, query: Query, ranked: PassageList) -> list[str]:
        """Those of the first passages that hold the whole query, a sentence copied from them.

        None where the query is too short to be a sentence.
        """
        best = ranked.part(0, _COPIES_AMONG)
        rows = best.rows[self._are_copies(query, best.rows, best.snapshot)]
        return PassageList(best.snapshot, rows).ids

    def _are_copies(self, query: Query, best: Rows, snapshot: Snapshot) -> Mask:
        sentence = squeezed(query.meaning)
        if len(sentence) < SENTENCE:
            return np.zeros(len(best), dtype=np.bool_)
        texts = self._catalog.passages.texts(snapshot.keys[best].tolist())
        return np.array([sentence in squeezed(text) for text in texts], dtype=np.bool_)

    def _rows_of_figure(self, word: Word, selection: Selection) -> Rows:
        rows, _ = selection.rows(self._keys_of_figure(word, selection.snapshot))
        return rows

    def _keys_of_figure(self, word: Word, snapshot: Snapshot) -> NDArray[np.int64]:
        """The passages with a figure as it stands."""
        keys: NDArray[np.int64] = snapshot.derived.get(
            ("figure", word), lambda: self._catalog.full_text.containing(any_phrase(word))
        )
        return keys

    def _holding(self, term: Term, snapshot: Snapshot) -> Rows:
        """The rows that hold a term as it stands, or by another name unless it was quoted."""
        text = search_form(term.text)
        forms = (text,) if term.exact else (text, *self._other_names.get(squeezed(text), ()))
        keys = [self._catalog.full_text.containing(phrase(form, term.in_title)) for form in forms]
        rows = snapshot.rows(np.concatenate(keys))
        return rows[rows >= 0]

    def stands(self, text: str) -> bool:
        """Whether a text, white space aside, stands in any passage."""
        return bool(characters(text)) and self.count_text(text) > 0

    # --- words -----------------------------------------------------------------------------------

    def words(self, snapshot: Snapshot, query: Query) -> tuple[Word, ...]:
        """The words of a query, without those that carry no meaning of their own."""
        return snapshot.derived.get(
            ("words", query),
            lambda: self._segmenter.words(query, lambda word: self._count(word, snapshot) > 0),
        )

    def described(self, snapshot: Snapshot, text: str) -> tuple[TextWord, ...]:
        """All words of a text, those that carry no meaning too, and what is known of each."""
        cut = self._segmenter
        return tuple(
            TextWord(
                text=word,
                start=start,
                end=end,
                role=cut.role(word) if is_word(word) else "mark",
                specificity=cut.specificity(word) if is_word(word) else 0.0,
                stands=len(word) > 1
                and is_word(word)
                and self._count(Word(word, (word,), (), False), snapshot) > 0,
            )
            for word, start, end in cut.placed(text)
        )

    def terms(self, text: str, *, parts: bool = True) -> dict[str, float]:
        """The telling words of a text, each with how rare it is in Chinese text at large.

        With `parts` the shorter words inside them too.
        """
        return self._segmenter.terms(text, parts=parts)

    def terms_of(self, ids: Sequence[str]) -> dict[str, dict[str, float]]:
        """The telling words of live passages by their ids, as they are indexed.

        Those of the headings are there once more, marked with a #.
        """
        found = {}
        for passage, (heading, body) in self._catalog.full_text.words_of(ids).items():
            headed = self._segmenter.telling(whole(heading))
            found[passage] = self._segmenter.telling(whole(body)) | headed
            found[passage] |= {f"#{term}": weight for term, weight in headed.items()}
        return found

    def unknown(self, snapshot: Snapshot, query: Query) -> list[str]:
        """The words of a query, in search form, that neither a passage nor the lexicon knows."""
        asked = self.words(snapshot, query)
        words = (word.text for word in asked if not self._count(word, snapshot))
        return [word for word in words if word not in self._segmented]

    def spelling(self, snapshot: Snapshot) -> Vocabulary:
        """What a misspelt word may have been: the lexicon's terms and words of headings."""
        return snapshot.derived.get("spelling", self._read_spelling)

    def _read_spelling(self) -> Vocabulary:
        words = self._catalog.full_text.vocabulary("heading")
        often = sorted(words, key=lambda word: -words[word])
        return build_vocabulary(
            dict.fromkeys((*self._segmented, *(word for word in often if len(word) > 2))),
            [word for word in often if len(word) == 2 and has_han(word)],
        )

    def proposed_terms(self) -> tuple[TermCount, ...]:
        """Terms of headings that the lexicon might want, with the number of their passages."""
        headings = map(self._segmenter.tokenise, self._catalog.full_text.headings())
        new = [term for term in recurring_terms(headings) if term not in self._segmented]
        return tuple(TermCount(term, self.count_text(term)) for term in new[:_MOST_PROPOSED])

    def count_text(self, text: str) -> int:
        """How many passages hold a text as it stands, white space aside."""
        return self._catalog.full_text.count_containing(phrase(text))

    @cached_property
    def _segmented(self) -> dict[str, int | None]:
        return self._lexicon.segmented

    @cached_property
    def _other_names(self) -> Mapping[str, tuple[str, ...]]:
        return self._lexicon.other_names

    @property
    def _segmenter(self) -> Segmenter:
        """Cuts by the words the index was cut by, which those of an edited lexicon may not be."""
        used = self._catalog.meta(LEXICON_USED) or as_text(self._segmented)
        with self._loading:  # a page's threads may ask at once
            if self._cutting is None or self._cutting[0] != used:
                self._cutting = used, Segmenter(from_text(used), self._lexicon)
            return self._cutting[1]


def _same(word: str, one: Mapping[str, int | None], other: Mapping[str, int | None]) -> bool:
    return word in one and word in other and one[word] == other[word]


def _fields(passage: Passage, tokens: Callable[[str], Sequence[str]]) -> Fields:
    texts = (passage.briefing.title, " ".join(passage.section.path), passage.text)
    return Fields(*(" ".join(pieces(tokens(text))) for text in texts))


def _units(words: Sequence[Word]) -> list[list[Word]]:
    """Words by what a passage should have: each by itself, those of a choice together."""
    units: dict[int, list[Word]] = {}
    for place, word in enumerate(words):
        units.setdefault(word.choice or -1 - place, []).append(word)
    return list(units.values())


def _rarity(holding: int, total: int) -> float:
    """A word's inverse document frequency, as BM25 counts it.

    Passages of an ingest in progress may hold it too, which `total` doesn't count.
    """
    return math.log1p((max(0, total - holding) + 0.5) / (holding + 0.5))

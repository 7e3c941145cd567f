"""Whether two texts are about the same matter: the words they share, how alike they are in meaning.

Nothing here looks at the rest of the archive, so that what is said of two texts stays true whatever
is added or removed. Words are weighed by how rare they are in Chinese text at large.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.chinese.search_form import squeezed

COSINE_WEIGHT = 4.0
"""What a cosine of 1 weighs, where a passage that contains all words of a text weighs 1."""
SAME_MATTER = 4.17
"""The `matter_score` from which a passage is about what a draft is about.

Set on the drafts of `benchmarks/queries/drafts.json` that were looked at, for the default encoder.
"""
SAME_STORYLINE = 3.91
"""The `storyline_score` from which a passage continues an earlier one.

Set on the storylines of `benchmarks/queries/threads.json`, for the default encoder.
"""
COPIED = 0.8
"""The `ngram_containment` from which a text counts as copied."""
_NGRAM = 4
_MODEL = re.compile(r"(?!q[1-4]$)[a-z]+-?\d+[a-z]*")
"""The name of a model, such as x200 or t1000."""
_LETTERS = re.compile(r"[^\W_]+")

Terms = Mapping[str, float]
"""The telling words of a text, each weighted by how rare it is in Chinese text at large."""
Tokenise = Callable[[str], Terms]


@dataclass(frozen=True, slots=True)
class ComparedText:
    """What of a text is compared: its weighted words, its character 4-grams, its unit vector."""

    terms: Terms
    ngrams: frozenset[str]
    vector: NDArray[np.float32]


def character_ngrams(text: str) -> frozenset[str]:
    """The 4-grams of a text's letters and digits, in search form, punctuation left out."""
    letters = "".join(_LETTERS.findall(squeezed(text)))
    return frozenset(letters[at : at + _NGRAM] for at in range(max(1, len(letters) - _NGRAM + 1)))


def containment(terms: Terms, by: Container[str]) -> float:
    """The share of a text's words that another text contains, 0 to 1, by squared weight.

    `by` is the other's set of words, or its whole text in search form without spaces.
    """
    whole = squared_norm(terms)
    return sum(w**2 for term, w in terms.items() if term in by) / whole if whole else 0.0


def passage_terms(tokenise: Tokenise, headings: str, text: str) -> Terms:
    """The weighted words of a passage; those of its headings come once more, with a `#` before."""
    headed = tokenise(headings)
    return {**tokenise(f"{headings} {text}"), **{f"#{term}": headed[term] for term in headed}}


def term_cosine(one: Terms, other: Terms, squared_norms: float | None = None) -> float:
    """The cosine of two texts' weighted words, 0 to 1.

    `squared_norms` is the product of both texts' `squared_norm`, where it is known already.
    """
    norms = math.sqrt(
        squared_norm(one) * squared_norm(other) if squared_norms is None else squared_norms
    )
    both = one.keys() & other.keys()
    return sum(one[term] * other[term] for term in both) / norms if norms else 0.0


def ngram_containment(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of one text's n-grams that the other contains, 0 to 1."""
    return len(one & other) / len(one) if one else 0.0


def matter_score(draft: ComparedText, passage: ComparedText) -> float:
    """How surely a passage is about the same matter as a draft; see `SAME_MATTER`."""
    cosine = float(draft.vector @ passage.vector)
    return COSINE_WEIGHT * cosine + containment(draft.terms, passage.terms)


def storyline_score(
    cosine: float, one: Terms, other: Terms, squared_norms: float | None = None
) -> float:
    """How surely two passages belong to one storyline; see `SAME_STORYLINE` and `term_cosine`."""
    return COSINE_WEIGHT * cosine + term_cosine(one, other, squared_norms)


def is_same_matter(draft: ComparedText, passage: ComparedText) -> bool:
    """Whether a passage is about what a draft is about, or holds it as a copy.

    A passage that names none of the draft's product models is about another one, however similar.
    """
    if ngram_containment(draft.ngrams, passage.ngrams) >= COPIED:
        return True
    return not names_another_model(draft, passage) and matter_score(draft, passage) >= SAME_MATTER


def names_another_model(draft: ComparedText, passage: ComparedText) -> bool:
    """Whether a draft names product models (X200) and a passage none of them."""
    models = {term for term in draft.terms if _MODEL.fullmatch(term)}
    return bool(models) and not models & passage.terms.keys()


def squared_norm(terms: Terms) -> float:
    """The square of the length of a text's weighted terms."""
    return sum(weight**2 for weight in terms.values())

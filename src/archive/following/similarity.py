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
"""What a whole unit of cosine weighs against a text whose words are all held, which is 1."""
SAME_MATTER = 4.17
"""From which likeness a passage is about what a draft is about.

Set on the drafts of `benchmarks/queries/drafts.json` that were looked at, for the default encoder.
"""
SAME_STORYLINE = 3.91
"""From which kinship a passage goes on with an earlier one.

Set on the storylines of `benchmarks/queries/threads.json`, for the default encoder.
"""
COPIED = 0.8
"""The share of a text's runs of four characters that stands in what it was copied from."""
_RUN = 4
_MODEL = re.compile(r"(?!q[1-4]$)[a-z]+-?\d+[a-z]*")
"""The name of a model, such as x200 or t1000."""
_LETTERS = re.compile(r"[^\W_]+")

Terms = Mapping[str, float]
"""The telling words of a text, each with its specificity."""
CutTerms = Callable[[str], Terms]


@dataclass(frozen=True, slots=True)
class Matter:
    """A text as far as it is compared: its telling words, its runs of characters, its vector."""

    terms: Terms
    runs: frozenset[str]
    vector: NDArray[np.float32]


def runs_of(text: str) -> frozenset[str]:
    """A text's runs of four letters and digits, in search form, marks left out."""
    letters = "".join(_LETTERS.findall(squeezed(text)))
    return frozenset(letters[at : at + _RUN] for at in range(max(1, len(letters) - _RUN + 1)))


def held(terms: Terms, by: Container[str]) -> float:
    """How much of a text's words another holds, 0 to 1, rare ones counting more.

    `by` are that one's words, or itself in search form without spaces.
    """
    whole = square(terms)
    return sum(w**2 for term, w in terms.items() if term in by) / whole if whole else 0.0


def passage_terms(cut: Callable[[str], Terms], headings: str, text: str) -> Terms:
    """The words of a passage; those of its headings count once more, marked as such."""
    headed = cut(headings)
    return {**cut(f"{headings} {text}"), **{f"#{term}": headed[term] for term in headed}}


def shared(one: Terms, other: Terms, squares: float | None = None) -> float:
    """How far two texts are of the same words, 0 to 1: the cosine of their weighted terms.

    `squares` is the product of both `square`s, where it is known already.
    """
    norms = math.sqrt(square(one) * square(other) if squares is None else squares)
    both = one.keys() & other.keys()
    return sum(one[term] * other[term] for term in both) / norms if norms else 0.0


def copied(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of a text's runs that stands in another, 0 to 1."""
    return len(one & other) / len(one) if one else 0.0


def likeness(draft: Matter, passage: Matter) -> float:
    """How surely a passage is about the same matter as a draft; see `SAME_MATTER`."""
    cosine = float(draft.vector @ passage.vector)
    return COSINE_WEIGHT * cosine + held(draft.terms, passage.terms)


def kinship(cosine: float, one: Terms, other: Terms, squares: float | None = None) -> float:
    """How surely two passages belong to one storyline; see `SAME_STORYLINE` and `shared`."""
    return COSINE_WEIGHT * cosine + shared(one, other, squares)


def is_same(draft: Matter, passage: Matter) -> bool:
    """Whether a passage is about what a draft is about, or holds it as a copy.

    One that names none of the draft's models is about another one, be it described alike.
    """
    if copied(draft.runs, passage.runs) >= COPIED:
        return True
    return not is_of_another_model(draft, passage) and likeness(draft, passage) >= SAME_MATTER


def is_of_another_model(draft: Matter, passage: Matter) -> bool:
    """Whether a draft names models (X200) and a passage none of them."""
    models = {term for term in draft.terms if _MODEL.fullmatch(term)}
    return bool(models) and not models & passage.terms.keys()


def square(terms: Terms) -> float:
    """The square of the length of a text's weighted terms."""
    return sum(weight**2 for weight in terms.values())

"""A query in the form that both indexes take: what is wanted, what binds, what is excluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.records import NO_FILTER, Filter

LONGEST = 2000
"""Characters of a query that are read."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing sought: words, or with `exact` characters as they stand; maybe in headings only."""

    text: str
    exact: bool = False
    in_title: bool = False

    @property
    def binds(self) -> bool:
        """Whether a passage must have it to be found at all, by words or by meaning."""
        return self.exact or self.in_title


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood."""

    text: str
    """As typed."""
    wanted: tuple[tuple[Term, ...], ...] = ()
    """What passages should have: of each group any one."""
    excluded: tuple[Term, ...] = ()
    where: Filter = NO_FILTER
    """What the fields 主题: and 日期: say."""
    problem: str = ""
    """Why it was taken as plain words, as a sentence for the reader."""
    note: str = ""
    """What of a well-formed query was taken otherwise than it may be meant, for the reader."""

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(term for group in self.wanted for term in group)

    @property
    def meaning(self) -> str:
        """The words to be compared by meaning."""
        return " ".join(term.text for term in self.terms)

    @property
    def binding(self) -> tuple[tuple[Term, ...], ...]:
        """The groups of which a passage must have one."""
        return tuple(group for group in self.wanted if any(term.binds for term in group))

    @property
    def is_plain(self) -> bool:
        """Whether it is words and nothing else."""
        alone = all(len(group) == 1 and not group[0].binds for group in self.wanted)
        return alone and not self.excluded and self.where.is_empty


def plain_query(text: str, problem: str = "") -> Query:
    """A text as words without any operator."""
    text = text[:LONGEST]
    return Query(text, whole_figures([(Term(word),) for word in text.split()]), problem=problem)


def whole_figures(groups: Sequence[tuple[Term, ...]]) -> tuple[tuple[Term, ...], ...]:
    """The groups with a figure and the word after it as one: 14-15 日, 700 万, B 300."""
    whole: list[tuple[Term, ...]] = []
    for group in groups:
        if whole and _belong_together(whole[-1], group):
            whole[-1] = (Term(f"{whole[-1][0].text} {group[0].text}"),)
        else:
            whole.append(group)
    return tuple(whole)


def _belong_together(one: tuple[Term, ...], other: tuple[Term, ...]) -> bool:
    if len(one) > 1 or len(other) > 1 or one[0].binds or other[0].binds:
        return False
    return one[0].text[-1].isdigit() or other[0].text[0].isdigit()

"""Rows of an answer, each a sentence of a briefing with the number of its citation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archive.asking.records import Composed, Item, Lead
from archive.evidence.features import Sentence
from archive.evidence.quote_check import Quoter
from archive.records import Citation

MOST_ITEMS = 40
"""Rows of an answer that are quoted and cited; what there is beside them is counted."""


class Citing:
    """Numbers the citations of an answer as they are made."""

    def __init__(self, quoter: Quoter) -> None:
        self._quoter = quoter
        self.made: list[Citation] = []

    def item(self, sentence: Sentence) -> Iterator[Item]:
        """A row with a sentence; none where no page holds it."""
        made = self._quoter.cite(len(self.made) + 1, sentence.passage, sentence.start, sentence.end)
        if made is not None:
            self.made.append(made)
            yield Item(made.briefing, made.section, made.pages, made.quote, made.number)


def listed(
    quoter: Quoter, lead: str, statements: Sequence[Sentence], *, supported: bool = True
) -> Composed:
    """A lead with these sentences, each on its page."""
    citing = Citing(quoter)
    items = tuple(i for sentence in statements[:MOST_ITEMS] for i in citing.item(sentence))
    first = next((item.citation for item in items), None)
    left_out = max(0, len(statements) - MOST_ITEMS)
    return Composed(Lead(lead, first), items, tuple(citing.made), supported, left_out)


def renumbered(composed: Composed) -> Composed:
    """The same with its citations numbered from 1."""
    number = {c.number: at for at, c in enumerate(composed.citations, 1)}
    return replace(
        composed,
        items=tuple(
            replace(i, citation=number.get(i.citation) if i.citation else None)
            for i in composed.items
        ),
        citations=tuple(replace(c, number=number[c.number]) for c in composed.citations),
    )

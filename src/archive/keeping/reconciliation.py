"""Chroma held against the catalogue, which is the record."""

from __future__ import annotations

from dataclasses import dataclass

from archive.index.vector_index import VectorIndex
from archive.store.catalog import Catalog

_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What had to be mended in Chroma for it to hold just the live passages."""

    missing: int
    extra: int
    lost: int
    """Passages that did not find themselves, out of the sample asked."""


def reconcile(catalog: Catalog, vector_index: VectorIndex, *, thoroughly: bool) -> Reconciliation:
    """Make Chroma hold just the live passages, and let a sample of them find themselves.

    Ids are compared one by one only if `thoroughly`, or where Chroma holds too many or too few.
    """
    live = catalog.snapshot().ids
    missing: list[str] = []
    extra: list[str] = []
    if thoroughly or vector_index.count() != len(live):
        stored = vector_index.ids()
        missing = [passage_id for passage_id in live if passage_id not in stored]
        extra = sorted(stored.difference(live))
        vector_index.add(missing)
        vector_index.remove(extra)
    newest = list(live[-_SAMPLE:])
    sample = [*live[:: max(1, len(live) // _SAMPLE)][:_SAMPLE], *newest]
    lost = [passage for passage in sample if not vector_index.finds_itself(passage)]
    if lost:
        vector_index.empty()
        vector_index.add(live)
    return Reconciliation(len(missing), len(extra), len(lost))

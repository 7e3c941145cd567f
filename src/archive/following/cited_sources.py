"""The items of 参考文献 that an archive's briefings cite, and the sentences that rest on one."""

from __future__ import annotations

from archive.errors import UsageError
from archive.evidence.quote_check import Quoter
from archive.following.bibliography import items, matching, resting
from archive.following.records import SourceItem
from archive.records import Citation, Filter
from archive.store.catalog import Catalog
from archive.store.snapshot import Snapshot


def cited_sources(
    catalog: Catalog, snapshot: Snapshot, words: str, outlet: str | None, where: Filter
) -> list[SourceItem]:
    """The items cited by the briefings that a filter leaves, as `Archive.sources` says."""
    entries = catalog.briefings.all_references()
    if not where.is_empty:
        wanted = snapshot.briefing_ids(where)
        entries = [entry for entry in entries if entry[0].id in wanted]
    return matching(items(entries), words, outlet)


def source_and_citations(
    catalog: Catalog, snapshot: Snapshot, quoter: Quoter, item_id: str
) -> tuple[SourceItem, list[Citation]]:
    """An item and the sentences that rest on it, as `Archive.source` says."""
    found = cited_sources(catalog, snapshot, "", None, Filter())
    item = next((item for item in found if item.id == item_id), None)
    if item is None:
        raise UsageError(f"there is no source {item_id!r}", "`archive sources` shows the ids")
    return item, citations_of(catalog, quoter, item)


def citations_of(catalog: Catalog, quoter: Quoter, item: SourceItem) -> list[Citation]:
    """The sentences that rest on an item, in the order of briefings."""
    citations: list[Citation] = []
    for citing in item.citing:
        passages = catalog.passages.of_briefing(citing.briefing.id)
        references = catalog.briefings.references(citing.briefing.id)
        for passage, start, end in resting(passages, references, citing.number):
            citation = quoter.cite(len(citations) + 1, passage, start, end)
            if citation is not None:
                citations.append(citation)
    return citations

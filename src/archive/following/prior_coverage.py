"""Have we covered this before: of a draft, and of a topic, the whole answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from archive.following.coverage import CoverageReader, months_told
from archive.following.draft_parts import DraftPart, DraftSection, read_briefing, read_text
from archive.following.records import Coverage, CoveredPart
from archive.index.vector_index import VectorIndex
from archive.records import ABSTRACT_TITLE, Briefing, Filter
from archive.store.catalog import Catalog
from archive.store.selection import Selection
from archive.store.snapshot import Snapshot

_FOREIGN_DRAFT = "草稿含外文段落，字词无法与中文档案比对，只比较了意思与数字，结果仅供参考。"


class PriorCoverage:
    """Holds drafts and topics against an archive."""

    def __init__(
        self, catalog: Catalog, vector_index: VectorIndex, coverage_reader: CoverageReader
    ) -> None:
        self._catalog = catalog
        self._vector_index = vector_index
        self._reader = coverage_reader

    def of_draft(self, snapshot: Snapshot, draft: str | Briefing, where: Filter) -> Coverage:
        """Which parts of a draft were covered before, as `Archive.coverage` says."""
        clock = time.perf_counter()
        self._vector_index.check()
        selection = Selection.of(snapshot, where)
        notes: list[str] = []
        if isinstance(draft, Briefing):
            sections = read_briefing(draft)
            selection, notes = self._without(draft, selection)
        else:
            sections = read_text(draft)
        if any(part.is_foreign for section in sections for part in section.parts):
            notes.append(_FOREIGN_DRAFT)
        return _answer(tuple(self._reader.check(sections, selection)), notes, clock)

    def of_topic(self, snapshot: Snapshot, topic: str, where: Filter) -> Coverage:
        """When a topic was covered, and what its latest briefing says that is new or changed."""
        clock = time.perf_counter()
        self._vector_index.check()
        whole = self._reader.of_topic(
            topic, Selection.of(snapshot, replace(where, topics=(topic,)))
        )
        parts = [whole]
        if whole.briefings:
            latest = whole.briefings[0]
            sections = [
                DraftSection(
                    " ".join(p.section.path), (DraftPart(f"{latest.date} {p.heading}", p.text),)
                )
                for p in self._catalog.passages.of_briefing(latest.id)
                if topic in p.topics and p.section.title != ABSTRACT_TITLE
            ]
            everything = Selection.of(snapshot, replace(where, topics=()))
            parts += self._reader.check(sections, everything.without_briefings([latest.id]))
        return _answer(parts, (), clock, told=parts[:1])

    def _without(self, draft: Briefing, selection: Selection) -> tuple[Selection, list[str]]:
        """The passages selected but for those of the draft itself, and what is said of that."""
        known = self._catalog.briefings.known_file(draft.file_hash)
        same = self._catalog.briefings.of_issue(draft.series, draft.date)
        is_live = known and selection.snapshot.has_briefing(known.briefing_id)
        own = [known.briefing_id] if known and is_live else same
        if not own:
            return selection, []
        what = "这份 PDF 已在档案中" if known else "档案中已有同一系列同一日期的简报"
        note = f"{what}（{'、'.join(own)}），以下只与其余简报比对。"
        return selection.without_briefings(own), [note]


def _answer(
    parts: Sequence[CoveredPart],
    notes: Sequence[str],
    clock: float,
    *,
    told: Sequence[CoveredPart] | None = None,
) -> Coverage:
    """The answer of these parts; the months are those of the parts `told`, by default of all."""
    took = round((time.perf_counter() - clock) * 1000, 1)
    return Coverage(tuple(parts), months_told(told or parts), tuple(notes), took)

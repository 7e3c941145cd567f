"""Everything that changes what an archive holds: taking in, removing, restoring, editing.

A briefing is written in three steps: into the catalogue as pending, into Chroma, in the catalogue
as live. Readers see live briefings only, and whatever an interruption leaves is finished by the
next writer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import UsageError, unknown_briefing
from archive.following.storylines import LINKED_BY, STORYLINES, Linker
from archive.index.encoder import Encoder
from archive.index.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.index.topics import assign_topics
from archive.index.vector_index import VECTOR_INDEX, VectorIndex, encoder_fingerprint
from archive.keeping.corrections import (
    Edit,
    as_corrected,
    changes_between,
    checked,
    texts_corrected,
    topics_corrected,
    uncorrected,
    with_card,
)
from archive.keeping.reconciliation import Reconciliation, reconcile
from archive.records import Briefing, Passage, Topic, TopicLabel
from archive.store.catalog import Catalog

TOPICS = "topics.toml"
ARCHIVE_ID = "archive id"
LABELLED_BY = "topics the passages were labelled by"
_SAMPLE = 5
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Intake:
    """A briefing to take in: its passages with their vectors, (n, dimension), and its PDF."""

    briefing: Briefing
    passages: Sequence[Passage]
    vectors: NDArray[np.float32]
    pdf: bytes
    replaces: str | None = None
    """The id of an older one whose place it takes."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """What restoring a briefing did: whether it is live now, and what it took the place of."""

    briefing_id: str
    is_live: bool
    replaced: str | None


@dataclass(frozen=True, slots=True)
class Editing:
    """What an edit changed, each thing with what it was and what it is."""

    briefing_id: str
    changes: Mapping[str, tuple[Any, Any]]
    beside: tuple[str, ...]
    """Other live briefings that have the same series and date now."""


class Writer:
    """The one process that may change an archive; made by `open_writer`."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        keyword_index: KeywordIndex,
        vector_index: VectorIndex,
        encoder: Encoder,
        topics: tuple[Topic, ...],
        files: Path,
    ) -> None:
        self.catalog = catalog
        self.keyword_index = keyword_index
        self.vector_index = vector_index
        self.encoder = encoder
        self.topics = topics
        self.files = files
        self._linker = Linker(catalog, keyword_index, vector_index)
        self._began_settled = catalog.is_settled()

    def encode(
        self, passages: Sequence[Passage], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """The vectors of passages, (n, dimension), for `add`; may run in a thread of its own."""
        texts = [passage.indexed_text for passage in passages]
        return self.encoder.encode_documents(texts, progress)

    def add(self, intakes: Sequence[Intake]) -> None:
        """Take in briefings, all at once to a reader; none may replace another of them."""
        if not intakes:
            return
        for intake in intakes:
            self._store_file(intake.briefing.file_hash, intake.pdf)
        with self.catalog.transaction():
            for intake in intakes:
                labels = self.labels(intake.passages, intake.vectors)
                labelled = [
                    replace(passage, labels=own)
                    for passage, own in zip(intake.passages, labels, strict=True)
                ]
                self.catalog.changes.insert_pending(
                    intake.briefing, labelled, intake.vectors, intake.replaces
                )
            self.keyword_index.add([p.id for intake in intakes for p in intake.passages])
        self._finish([intake.briefing.id for intake in intakes])

    def finish_pending(self) -> int:
        """Finish what an interrupted run left pending; returns how many briefings."""
        self._catch_up_in_chroma()
        pending = self.catalog.briefings.pending()
        self._finish(pending)
        return len(pending)

    def _finish(self, briefing_ids: Sequence[str]) -> None:
        """Make pending briefings live."""
        if not briefing_ids:
            return
        self.vector_index.add([p for briefing in briefing_ids for p in self._ids_of(briefing)])
        old: list[str] = []
        with self.catalog.transaction():
            for briefing_id in briefing_ids:
                if replaced := self.catalog.changes.publish(briefing_id):
                    old += self._ids_of(replaced)
            self.keyword_index.remove(old)
        self.vector_index.remove(old)

    def remove(self, briefing_id: str, *, purge: bool = False) -> list[str]:
        """Take a briefing out of all that is searched; it is kept to be restored, unless `purge`.

        Returns the briefings it had replaced that are live again.
        """
        stored = self.catalog.briefings.find(briefing_id)
        if stored is None and not (
            purge and self.catalog.briefings.state(briefing_id) == "removed"
        ):
            raise unknown_briefing(briefing_id)
        file_hash = self.catalog.briefings.file_hash(briefing_id)
        ids = self._ids_of(briefing_id)
        with self.catalog.transaction():
            self.keyword_index.remove(ids)
            older = self.catalog.changes.remove(briefing_id, purge=purge)
            back = [passage for restored in older for passage in self._ids_of(restored)]
            self.keyword_index.add(back)
        self.vector_index.remove(ids)
        self.vector_index.add(back)
        if purge:
            self.file(file_hash).unlink(missing_ok=True)
        return older

    def restore(self, briefing_id: str) -> Restoration:
        """Bring back a briefing that was removed, or one that was replaced; nothing is encoded.

        Raises UsageError for one that is live, or unknown.
        """
        state = self.catalog.briefings.state(briefing_id)
        if state == "live":
            raise UsageError(
                f"{briefing_id} is live already",
                "`archive list --removed` shows what can be restored, and `archive list` "
                "what was replaced",
            )
        if state not in ("removed", "replaced"):
            raise unknown_briefing(briefing_id)
        with self.catalog.transaction():
            is_live, replaced = self.catalog.changes.restore(briefing_id)
            back = self._ids_of(briefing_id) if is_live else []
            old = self._ids_of(replaced) if replaced else []
            self.keyword_index.remove(old)
            self.keyword_index.add(back)
        self.vector_index.add(back)
        self.vector_index.remove(old)
        return Restoration(briefing_id, is_live, replaced)

    def edit(self, briefing_id: str, edit: Edit) -> Editing:
        """Correct what was read of a briefing, or bring that back, with all that follows from it.

        Raises UsageError, before anything is changed, for an unknown briefing, topic or section.
        """
        stored = self.catalog.briefings.find(briefing_id)
        if stored is None:
            raise unknown_briefing(briefing_id)
        old, passages = stored.briefing, self.catalog.passages.of_briefing(briefing_id)
        edit = checked(edit, passages, self.topics)
        before = self.catalog.changes.corrections(old.file_hash)
        read = uncorrected(old, before)
        texts = texts_corrected(edit, read, before)
        new = as_corrected(read, texts)
        is_renamed = new.title != old.title
        ids, vectors = self.catalog.passages.vectors([passage.id for passage in passages])
        if is_renamed:
            renamed = with_card(passages, new)
            vectors = self.encoder.encode_documents([passage.indexed_text for passage in renamed])
        assigned = dict(zip(ids, self.labels(passages, vectors), strict=True))
        topics = topics_corrected(edit, before, passages, assigned)
        changes = changes_between(before, (*texts, *topics))
        if not changes:
            return Editing(briefing_id, {}, ())
        with self.catalog.transaction():
            self.catalog.changes.correct(new, [*texts, *topics], changes)
            if is_renamed:
                self.catalog.changes.set_vectors(ids, vectors)
            if is_renamed or any(name.startswith("topics") for name in changes):
                self.catalog.changes.set_labels(
                    assigned | self.catalog.changes.corrected_labels(briefing_id)
                )
            if stored.status == "live":
                if is_renamed:
                    self.keyword_index.add(ids)
                if is_renamed or new.date != old.date:  # storylines go by vectors and days
                    self.catalog.changes.drop_links_of(briefing_id)
                    self.link()
                self.catalog.changes.note_behind_in_chroma(
                    [*self.catalog.changes.behind_in_chroma(), *ids]
                )
        self._catch_up_in_chroma()
        others = self.catalog.briefings.of_issue(new.series, new.date)
        is_moved = (new.series, new.date) != (old.series, old.date) and stored.status == "live"
        beside = tuple(other for other in others if other != briefing_id) if is_moved else ()
        return Editing(briefing_id, changes, beside)

    def _catch_up_in_chroma(self) -> None:
        """Index anew in Chroma what was edited, perhaps by a writer that was interrupted."""
        behind = self.catalog.changes.behind_in_chroma()
        if behind:
            live = self.catalog.snapshot()
            ids = [passage_id for passage_id in behind if passage_id in live]
            self.vector_index.add(ids)
            self.vector_index.relabel(ids)  # topics that are none now
            self.catalog.changes.note_behind_in_chroma([])

    def reconcile(self, *, thoroughly: bool = False) -> Reconciliation:
        """Make Chroma hold just the live passages, and link those that aren't in a storyline.

        Where Chroma agreed before this writer began and holds as many as it should, its ids are
        only compared one by one if that is to be done `thoroughly`.
        """
        done = reconcile(
            self.catalog, self.vector_index, thoroughly=thoroughly or not self._began_settled
        )
        self.link()
        self.catalog.note_settled()
        return done

    def forget_links_read(self) -> None:
        """Compare passages anew by the words they are now indexed by."""
        self._linker = Linker(self.catalog, self.keyword_index, self.vector_index)

    def link(self) -> None:
        """Link passages into storylines that aren't yet, or all where something else made these."""
        linked_with = (
            f"{LINKED_BY}; {self.vector_index.fingerprint}; {self.keyword_index.fingerprint}"
        )
        if self.catalog.meta(STORYLINES) != linked_with:
            with self.catalog.transaction():
                self.catalog.changes.drop_links()
                self.catalog.set_meta(STORYLINES, linked_with)
        self._linker.link_new()

    def labels(
        self, passages: Sequence[Passage], vectors: NDArray[np.float32]
    ) -> list[tuple[TopicLabel, ...]]:
        topic_vectors = _topic_vectors(self.topics, self.encoder)
        return [
            assign_topics(passage, vector, self.topics, topic_vectors)
            for passage, vector in zip(passages, vectors, strict=True)
        ]

    def file(self, file_hash: str) -> Path:
        return self.files / f"{file_hash}.pdf"

    def put_back(self, file_hash: str, pdf: bytes) -> None:
        """Keep the PDF of a briefing anew, where the one stored was lost or damaged."""
        self._store_file(file_hash, pdf)

    def _store_file(self, file_hash: str, pdf: bytes) -> None:
        """Keep the PDF under its hash: whole or not at all."""
        self.files.mkdir(exist_ok=True)
        temporary = self.files / f"{file_hash}.{os.getpid()}.tmp"
        with temporary.open("wb") as stream:
            stream.write(pdf)
            os.fsync(stream.fileno())
        temporary.replace(self.file(file_hash))

    def _ids_of(self, briefing_id: str) -> list[str]:
        return [passage.id for passage in self.catalog.passages.of_briefing(briefing_id)]


@lru_cache(maxsize=1)
def _topic_vectors(topics: tuple[Topic, ...], encoder: Encoder) -> NDArray[np.float32]:
    return encoder.encode_sentences([topic.description for topic in topics])


def note_makers(catalog: Catalog, encoder: Encoder, keyword_index: KeywordIndex) -> None:
    """Remember what both indexes are built with."""
    catalog.set_meta(VECTOR_INDEX, encoder_fingerprint(encoder))
    catalog.set_meta(KEYWORD_INDEX, keyword_index.fingerprint)

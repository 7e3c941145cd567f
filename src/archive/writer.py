"""Everything that changes the archive: taking in, removing, mending, indexing anew.

A briefing is written in three steps: into the catalogue as pending, into Chroma, in the catalogue
as live. Readers see live briefings only, and whatever an interruption leaves is finished by the
next writer.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.catalog import Catalog
from archive.corrections import (
    Edit,
    as_corrected,
    changes_between,
    checked,
    texts_corrected,
    topics_corrected,
    uncorrected,
    with_card,
)
from archive.encoder import Encoder, open_encoder
from archive.errors import ArchiveError, UsageError
from archive.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.lexicon import load_lexicon
from archive.locks import hold
from archive.records import NO_FILTER, Briefing, Passage, Topic, TopicLabel
from archive.resources import data_file
from archive.settings import Settings
from archive.storylines import LINKED_BY, STORYLINES, Linker
from archive.topics import assign_topics, labelled_by, load_topics
from archive.vector_index import (
    VECTOR_INDEX,
    VectorIndex,
    chroma_client,
    collection_name,
    drop_other_collections,
    made_by,
    open_collection,
)

TOPICS = "topics.toml"
ARCHIVE_ID = "archive id"
LABELLED_BY = "topics the passages were labelled by"
_SAMPLE = 5
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What had to be mended in Chroma for it to hold just the live passages."""

    missing: int
    extra: int
    lost: int
    """Passages that did not find themselves, out of the sample asked."""


@dataclass(frozen=True, slots=True)
class Reindexing:
    """How many passages there are, and how many were encoded and cut into words anew."""

    passages: int
    encoded: int
    cut: int


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
        topics: Sequence[Topic],
        files: Path,
    ) -> None:
        self.catalog = catalog
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._encoder = encoder
        self._topics = topics
        self._files = files

    def add(
        self,
        briefing: Briefing,
        passages: Sequence[Passage],
        pdf: bytes,
        *,
        replaces: str | None = None,
    ) -> None:
        """Take in a briefing, its passages and its PDF; `replaces` is the id of an older one."""
        vectors = self._encoder.encode_documents([passage.indexed_text for passage in passages])
        labelled = [
            replace(p, labels=labels)
            for p, labels in zip(passages, self._labels(passages, vectors), strict=True)
        ]
        self._store_file(briefing.file_hash, pdf)
        with self.catalog.transaction():
            self.catalog.insert_pending(briefing, labelled, vectors, replaces)
            self._keyword_index.add([passage.id for passage in passages])
        self._finish(briefing.id)

    def finish_pending(self) -> int:
        """Finish what an interrupted run left pending; returns how many briefings."""
        self._catch_up_in_chroma()
        pending = self.catalog.pending()
        for briefing_id in pending:
            self._finish(briefing_id)
        return len(pending)

    def _finish(self, briefing_id: str) -> None:
        self._vector_index.add(self._ids_of(briefing_id))
        with self.catalog.transaction():
            replaced = self.catalog.publish(briefing_id)
            old = self._ids_of(replaced) if replaced else []
            self._keyword_index.remove(old)
        self._vector_index.remove(old)

    def remove(self, briefing_id: str, *, purge: bool = False) -> list[str]:
        """Take a briefing out of all that is searched; it is kept to be restored, unless `purge`.

        Returns the briefings it had replaced that are live again.
        """
        stored = self.catalog.briefing(briefing_id)
        if stored is None and not (purge and self.catalog.state(briefing_id) == "removed"):
            raise unknown_briefing(briefing_id)
        file_hash = self.catalog.file_hash(briefing_id)
        ids = self._ids_of(briefing_id)
        with self.catalog.transaction():
            self._keyword_index.remove(ids)
            older = self.catalog.remove(briefing_id, purge=purge)
            back = [passage for restored in older for passage in self._ids_of(restored)]
            self._keyword_index.add(back)
        self._vector_index.remove(ids)
        self._vector_index.add(back)
        if purge:
            self.file(file_hash).unlink(missing_ok=True)
        return older

    def restore(self, briefing_id: str) -> Restoration:
        """Bring back a briefing that was removed, or one that was replaced; nothing is encoded.

        Raises UsageError for one that is live, or unknown.
        """
        state = self.catalog.state(briefing_id)
        if state == "live":
            raise UsageError(
                f"{briefing_id} is live already",
                "`archive list --removed` shows what can be restored, and `archive list` "
                "what was replaced",
            )
        if state not in ("removed", "replaced"):
            raise unknown_briefing(briefing_id)
        with self.catalog.transaction():
            is_live, replaced = self.catalog.restore(briefing_id)
            back = self._ids_of(briefing_id) if is_live else []
            old = self._ids_of(replaced) if replaced else []
            self._keyword_index.remove(old)
            self._keyword_index.add(back)
        self._vector_index.add(back)
        self._vector_index.remove(old)
        return Restoration(briefing_id, is_live, replaced)

    def edit(self, briefing_id: str, edit: Edit) -> Editing:
        """Correct what was read of a briefing, or bring that back, with all that follows from it.

        Raises UsageError, before anything is changed, for an unknown briefing, topic or section.
        """
        stored = self.catalog.briefing(briefing_id)
        if stored is None:
            raise unknown_briefing(briefing_id)
        old, passages = stored.briefing, self.catalog.passages_of(briefing_id)
        edit = checked(edit, passages, self._topics)
        before = self.catalog.corrections(old.file_hash)
        read = uncorrected(old, before)
        texts = texts_corrected(edit, read, before)
        new = as_corrected(read, texts)
        is_renamed = new.title != old.title
        ids, vectors = self.catalog.vectors([passage.id for passage in passages])
        if is_renamed:
            renamed = with_card(passages, new)
            vectors = self._encoder.encode_documents([passage.indexed_text for passage in renamed])
        assigned = dict(zip(ids, self._labels(passages, vectors), strict=True))
        topics = topics_corrected(edit, before, passages, assigned)
        changes = changes_between(before, (*texts, *topics))
        if not changes:
            return Editing(briefing_id, {}, ())
        with self.catalog.transaction():
            self.catalog.correct(new, [*texts, *topics], changes)
            if is_renamed:
                self.catalog.set_vectors(ids, vectors)
            if is_renamed or any(name.startswith("topics") for name in changes):
                self.catalog.set_labels(assigned | self.catalog.corrected_labels(briefing_id))
            if stored.status == "live":
                if is_renamed:
                    self._keyword_index.add(ids)
                if is_renamed or new.date != old.date:  # storylines go by vectors and days
                    self.catalog.drop_links_of(briefing_id)
                    self._link()
                self.catalog.note_behind_in_chroma([*self.catalog.behind_in_chroma(), *ids])
        self._catch_up_in_chroma()
        others = self.catalog.live_of_issue(new.series, new.date)
        is_moved = (new.series, new.date) != (old.series, old.date) and stored.status == "live"
        beside = tuple(other for other in others if other != briefing_id) if is_moved else ()
        return Editing(briefing_id, changes, beside)

    def _catch_up_in_chroma(self) -> None:
        """Index anew in Chroma what was edited, perhaps by a writer that was interrupted."""
        behind = self.catalog.behind_in_chroma()
        if behind:
            live = self.catalog.live().row_of
            ids = [passage_id for passage_id in behind if passage_id in live]
            self._vector_index.add(ids)
            self._vector_index.relabel(ids)  # topics that are none now
            self.catalog.note_behind_in_chroma([])

    def reconcile(self) -> Reconciliation:
        """Make Chroma hold just the live passages, and let a sample of them find themselves."""
        live = self.catalog.passage_ids(NO_FILTER)
        stored = self._vector_index.ids()
        missing = [passage_id for passage_id in live if passage_id not in stored]
        extra = sorted(stored.difference(live))
        self._vector_index.add(missing)
        self._vector_index.remove(extra)
        sample = live[:: max(1, len(live) // _SAMPLE)][:_SAMPLE]
        lost = [passage for passage in sample if not self._vector_index.finds_itself(passage)]
        if lost:
            self._vector_index.add(live)
        self._link()
        self.catalog.note_settled()
        return Reconciliation(len(missing), len(extra), len(lost))

    def _link(self) -> None:
        """Link passages into storylines that aren't yet, or all where something else made these."""
        made_by = f"{LINKED_BY}; {self._vector_index.made_by}; {self._keyword_index.made_by}"
        if self.catalog.meta(STORYLINES) != made_by:
            with self.catalog.transaction():
                self.catalog.drop_links()
                self.catalog.set_meta(STORYLINES, made_by)
        Linker(self.catalog, self._keyword_index, self._vector_index).link_new()

    def reindex(self, progress: Callable[[int], None], *, everything: bool = False) -> Reindexing:
        """Bring both indexes up to date with the encoder and the lexicon now set.

        Passages of replaced briefings get vectors too, since they may be live again.
        """
        ids = self.catalog.all_passage_ids()
        encode = everything or not self.catalog.is_made_by(VECTOR_INDEX, made_by(self._encoder))
        cut_all = everything or not self.catalog.is_made_by(
            KEYWORD_INDEX, self._keyword_index.made_by
        )
        if encode:
            passages = self.catalog.passages(ids)
            vectors = self._encoder.encode_documents([p.indexed_text for p in passages], progress)
        with self.catalog.transaction():
            if encode:
                self.catalog.set_vectors(ids, vectors)
            cut = self._keyword_index.adopt_lexicon()
            if cut_all:
                pending = [p for briefing in self.catalog.pending() for p in self._ids_of(briefing)]
                indexed = [*self.catalog.passage_ids(NO_FILTER), *pending]
                self._keyword_index.add(indexed)
                cut = len(indexed)
            _note_makers(self.catalog, self._encoder, self._keyword_index)
            encoded = len(ids) if encode else 0
            self.catalog.note_change("reindexed", encoded=encoded, cut=cut)
        self.finish_pending()
        self.reconcile()
        return Reindexing(len(ids), encoded, cut)

    def retag(self) -> int:
        """Give every passage its topics anew, by the list as it is now; returns how many change.

        Nothing is encoded but the descriptions of the topics.
        """
        ids = self.catalog.all_passage_ids()
        by_hand = self.catalog.corrected_labels()
        changed: dict[str, tuple[TopicLabel, ...]] = {}
        for start in range(0, len(ids), _BATCH):
            batch, vectors = self.catalog.vectors(ids[start : start + _BATCH])
            passages = self.catalog.passages(batch)
            for passage, labels in zip(passages, self._labels(passages, vectors), strict=True):
                labels = by_hand.get(passage.id, labels)
                if passage.labels != labels:
                    changed[passage.id] = labels
        with self.catalog.transaction():
            self.catalog.set_labels(changed)
            self.catalog.note_change("retagged", passages=len(changed))
        self._vector_index.relabel(self.catalog.passage_ids(NO_FILTER))
        self.catalog.set_meta(LABELLED_BY, labelled_by(self._topics))
        self.reconcile()  # an earlier writer may have been interrupted
        return len(changed)

    def _labels(
        self, passages: Sequence[Passage], vectors: NDArray[np.float32]
    ) -> list[tuple[TopicLabel, ...]]:
        return [
            assign_topics(passage, vector, self._topics, self._topic_vectors)
            for passage, vector in zip(passages, vectors, strict=True)
        ]

    def file(self, file_hash: str) -> Path:
        return self._files / f"{file_hash}.pdf"

    def _store_file(self, file_hash: str, pdf: bytes) -> None:
        """Keep the PDF under its hash: whole or not at all."""
        self._files.mkdir(exist_ok=True)
        temporary = self._files / f"{file_hash}.{os.getpid()}.tmp"
        with temporary.open("wb") as stream:
            stream.write(pdf)
            os.fsync(stream.fileno())
        temporary.replace(self.file(file_hash))

    def _ids_of(self, briefing_id: str) -> list[str]:
        return [passage.id for passage in self.catalog.passages_of(briefing_id)]

    @cached_property
    def _topic_vectors(self) -> NDArray[np.float32]:
        return self._encoder.encode_sentences([topic.description for topic in self._topics])


def check_makers(catalog: Catalog, encoder: Encoder, keyword_index: KeywordIndex) -> None:
    """Raise UsageError when an index was built by another encoder or lexicon."""
    catalog.check_made_by(VECTOR_INDEX, made_by(encoder))
    catalog.check_made_by(KEYWORD_INDEX, keyword_index.made_by)


def _note_makers(catalog: Catalog, encoder: Encoder, keyword_index: KeywordIndex) -> None:
    """Remember what both indexes are built with."""
    catalog.set_meta(VECTOR_INDEX, made_by(encoder))
    catalog.set_meta(KEYWORD_INDEX, keyword_index.made_by)


def removed_briefing(briefing_id: str) -> UsageError:
    return UsageError(
        f"the briefing {briefing_id!r} was removed",
        f"`archive restore {briefing_id}` brings it back",
    )


def unknown_briefing(briefing_id: str) -> UsageError:
    return UsageError(
        f"there is no briefing {briefing_id!r} in the archive", "`archive list` shows the ids"
    )


@contextmanager
def open_writer(settings: Settings, purpose: str, *, reindexing: bool = False) -> Iterator[Writer]:
    """Be the archive's one writer for the block; makes the archive if there is none.

    Raises BusyError when another process writes, UsageError when an index was built with another
    encoder or lexicon (unless `reindexing`).
    """
    topics = load_topics(data_file(TOPICS, settings.home))
    catalog = Catalog.open(settings.catalog, create=True)
    try:
        with hold(settings.home / "writer.lock", purpose):
            encoder = open_encoder(settings.model)
            archive_id = catalog.meta(ARCHIVE_ID)
            if archive_id is None:
                archive_id = uuid.uuid4().hex
                catalog.set_meta(ARCHIVE_ID, archive_id)
            keyword_index = KeywordIndex(catalog, load_lexicon(settings.home))
            if not catalog.all_passage_ids():
                _note_makers(catalog, encoder, keyword_index)
                catalog.set_meta(LABELLED_BY, labelled_by(topics))
            elif not reindexing:
                check_makers(catalog, encoder, keyword_index)
            if not reindexing:
                keyword_index.adopt_lexicon()
            for left in settings.files.glob("*.tmp"):  # by a process killed while copying
                left.unlink()
            name = collection_name(archive_id, encoder)
            with chroma_client(settings) as client:
                collection = open_collection(client, name)
                writer = Writer(
                    catalog=catalog,
                    keyword_index=keyword_index,
                    vector_index=VectorIndex(catalog, lambda: encoder, lambda _: collection),
                    encoder=encoder,
                    topics=topics,
                    files=settings.files,
                )
                if not reindexing:
                    writer.finish_pending()
                yield writer
                if reindexing:
                    drop_other_collections(client, name)
    except OSError as error:
        raise ArchiveError(
            f"the archive at {settings.home} can't be written ({error.strerror or error})",
            "check the folder's permissions and the free space on its disk",
        ) from error
    finally:
        catalog.close()

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
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError, UsageError, unknown_briefing
from archive.following.storylines import LINKED_BY, STORYLINES, Linker
from archive.index.encoder import Encoder, open_encoder
from archive.index.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.index.reencoding import NewVectors, drop_new_vectors
from archive.index.topics import assign_topics, labelled_by, load_topics
from archive.index.vector_index import (
    VECTOR_INDEX,
    VectorIndex,
    await_chroma,
    chroma_client,
    collection_name,
    drop_other_collections,
    made_by,
    open_collection,
)
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
from archive.private import close_to_others
from archive.records import Briefing, Passage, Topic, TopicLabel
from archive.resources import data_file
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import Database
from archive.store.disk import disk_trouble
from archive.store.locks import NO_PATIENCE, Patience, await_free, hold

TOPICS = "topics.toml"
WRITER_LOCK = "writer.lock"
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
        self._keyword_index = keyword_index
        self._vector_index = vector_index
        self._encoder = encoder
        self._topics = topics
        self._files = files
        self._linker = Linker(catalog, keyword_index, vector_index)
        self._began_settled = catalog.is_settled()

    def encode(
        self, passages: Sequence[Passage], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """The vectors of passages, (n, dimension), for `add`; may run in a thread of its own."""
        texts = [passage.indexed_text for passage in passages]
        return self._encoder.encode_documents(texts, progress)

    def add(self, intakes: Sequence[Intake]) -> None:
        """Take in briefings, all at once to a reader; none may replace another of them."""
        if not intakes:
            return
        for intake in intakes:
            self._store_file(intake.briefing.file_hash, intake.pdf)
        with self.catalog.transaction():
            for intake in intakes:
                labels = self._labels(intake.passages, intake.vectors)
                labelled = [
                    replace(passage, labels=own)
                    for passage, own in zip(intake.passages, labels, strict=True)
                ]
                self.catalog.changes.insert_pending(
                    intake.briefing, labelled, intake.vectors, intake.replaces
                )
            self._keyword_index.add([p.id for intake in intakes for p in intake.passages])
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
        self._vector_index.add([p for briefing in briefing_ids for p in self._ids_of(briefing)])
        old: list[str] = []
        with self.catalog.transaction():
            for briefing_id in briefing_ids:
                if replaced := self.catalog.changes.publish(briefing_id):
                    old += self._ids_of(replaced)
            self._keyword_index.remove(old)
        self._vector_index.remove(old)

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
            self._keyword_index.remove(ids)
            older = self.catalog.changes.remove(briefing_id, purge=purge)
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
            self._keyword_index.remove(old)
            self._keyword_index.add(back)
        self._vector_index.add(back)
        self._vector_index.remove(old)
        return Restoration(briefing_id, is_live, replaced)

    def edit(self, briefing_id: str, edit: Edit) -> Editing:
        """Correct what was read of a briefing, or bring that back, with all that follows from it.

        Raises UsageError, before anything is changed, for an unknown briefing, topic or section.
        """
        stored = self.catalog.briefings.find(briefing_id)
        if stored is None:
            raise unknown_briefing(briefing_id)
        old, passages = stored.briefing, self.catalog.passages.of_briefing(briefing_id)
        edit = checked(edit, passages, self._topics)
        before = self.catalog.changes.corrections(old.file_hash)
        read = uncorrected(old, before)
        texts = texts_corrected(edit, read, before)
        new = as_corrected(read, texts)
        is_renamed = new.title != old.title
        ids, vectors = self.catalog.passages.vectors([passage.id for passage in passages])
        if is_renamed:
            renamed = with_card(passages, new)
            vectors = self._encoder.encode_documents([passage.indexed_text for passage in renamed])
        assigned = dict(zip(ids, self._labels(passages, vectors), strict=True))
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
                    self._keyword_index.add(ids)
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
            live = self.catalog.snapshot().row_of
            ids = [passage_id for passage_id in behind if passage_id in live]
            self._vector_index.add(ids)
            self._vector_index.relabel(ids)  # topics that are none now
            self.catalog.changes.note_behind_in_chroma([])

    def reconcile(self, *, thoroughly: bool = False) -> Reconciliation:
        """Make Chroma hold just the live passages, and let a sample of them find themselves.

        Where Chroma agreed before this writer began and holds as many as it should, its ids are
        only compared one by one if that is to be done `thoroughly`.
        """
        agrees = (
            self._began_settled and self._vector_index.count() == self.catalog.passages.count_live()
        )
        live = self.catalog.snapshot().ids
        missing: list[str] = []
        extra: list[str] = []
        if thoroughly or not agrees:
            stored = self._vector_index.ids()
            missing = [passage_id for passage_id in live if passage_id not in stored]
            extra = sorted(stored.difference(live))
            self._vector_index.add(missing)
            self._vector_index.remove(extra)
        newest = list(live[-_SAMPLE:])
        sample = [*live[:: max(1, len(live) // _SAMPLE)][:_SAMPLE], *newest]
        lost = [passage for passage in sample if not self._vector_index.finds_itself(passage)]
        if lost:
            self._vector_index.add(live)
        self.link()
        self.catalog.note_settled()
        return Reconciliation(len(missing), len(extra), len(lost))

    def link(self) -> None:
        """Link passages into storylines that aren't yet, or all where something else made these."""
        made_by = f"{LINKED_BY}; {self._vector_index.made_by}; {self._keyword_index.made_by}"
        if self.catalog.meta(STORYLINES) != made_by:
            with self.catalog.transaction():
                self.catalog.changes.drop_links()
                self.catalog.set_meta(STORYLINES, made_by)
        self._linker.link_new()

    def reindex(self, progress: Callable[[int], None], *, everything: bool = False) -> Reindexing:
        """Bring both indexes up to date with the encoder and the lexicon now set.

        Passages of replaced briefings get vectors too, since they may be live again. Another
        encoder's vectors are made beside those in use, which readers go on with until one
        transaction takes the new ones over; an interrupted run is gone on with by the next.
        """
        ids = self.catalog.passages.all_ids()
        is_other = not self.catalog.is_built_with(VECTOR_INDEX, made_by(self._encoder))
        encode = everything or is_other
        cut_all = everything or not self.catalog.is_built_with(
            KEYWORD_INDEX, self._keyword_index.made_by
        )
        home = self._files.parent
        if encode:
            vectors = NewVectors(home, self._encoder)
            vectors.encode(self.catalog, ids, progress)
        if is_other:  # it has a collection of its own
            self._fill_chroma(vectors)
        with self.catalog.transaction():
            if encode:
                for batch in _batches(ids):
                    self.catalog.changes.set_vectors(
                        batch, vectors.of(self.catalog.passages.get(batch))
                    )
            cut = self._keyword_index.adopt_lexicon()
            if cut_all:
                cut = self._keyword_index.add_all()
            _note_makers(self.catalog, self._encoder, self._keyword_index)
            encoded = len(ids) if encode else 0
            self.catalog.notes.note_change("reindexed", encoded=encoded, cut=cut)
        if encode and not is_other:
            self._fill_chroma(vectors)
        drop_new_vectors(home)
        self._linker = Linker(self.catalog, self._keyword_index, self._vector_index)
        self.finish_pending()
        self.reconcile(thoroughly=True)
        return Reindexing(len(ids), encoded, cut)

    def _fill_chroma(self, vectors: NewVectors) -> None:
        """Give Chroma the new vectors of all live passages."""
        for batch in _batches(self.catalog.snapshot().ids):
            self._vector_index.add_vectors(batch, vectors.of(self.catalog.passages.get(batch)))

    def retag(self) -> int:
        """Give every passage its topics anew, by the list as it is now; returns how many change.

        Nothing is encoded but the descriptions of the topics.
        """
        ids = self.catalog.passages.all_ids()
        by_hand = self.catalog.changes.corrected_labels()
        changed: dict[str, tuple[TopicLabel, ...]] = {}
        for start in range(0, len(ids), _BATCH):
            batch, vectors = self.catalog.passages.vectors(ids[start : start + _BATCH])
            passages = self.catalog.passages.get(batch)
            for passage, labels in zip(passages, self._labels(passages, vectors), strict=True):
                labels = by_hand.get(passage.id, labels)
                if passage.labels != labels:
                    changed[passage.id] = labels
        with self.catalog.transaction():
            self.catalog.changes.set_labels(changed)
            self.catalog.notes.note_change("retagged", passages=len(changed))
        self._vector_index.relabel(self.catalog.snapshot().ids)
        self.catalog.set_meta(LABELLED_BY, labelled_by(self._topics))
        self.reconcile()  # an earlier writer may have been interrupted
        return len(changed)

    def _labels(
        self, passages: Sequence[Passage], vectors: NDArray[np.float32]
    ) -> list[tuple[TopicLabel, ...]]:
        topic_vectors = _topic_vectors(self._topics, self._encoder)
        return [
            assign_topics(passage, vector, self._topics, topic_vectors)
            for passage, vector in zip(passages, vectors, strict=True)
        ]

    def file(self, file_hash: str) -> Path:
        return self._files / f"{file_hash}.pdf"

    def put_back(self, file_hash: str, pdf: bytes) -> None:
        """Keep the PDF of a briefing anew, where the one stored was lost or damaged."""
        self._store_file(file_hash, pdf)

    def _store_file(self, file_hash: str, pdf: bytes) -> None:
        """Keep the PDF under its hash: whole or not at all."""
        self._files.mkdir(exist_ok=True)
        temporary = self._files / f"{file_hash}.{os.getpid()}.tmp"
        with temporary.open("wb") as stream:
            stream.write(pdf)
            os.fsync(stream.fileno())
        temporary.replace(self.file(file_hash))

    def _ids_of(self, briefing_id: str) -> list[str]:
        return [passage.id for passage in self.catalog.passages.of_briefing(briefing_id)]


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def check_makers(catalog: Catalog, encoder: Encoder, keyword_index: KeywordIndex) -> None:
    """Raise UsageError when an index was built by another encoder or lexicon."""
    catalog.check_built_with(VECTOR_INDEX, made_by(encoder))
    catalog.check_built_with(KEYWORD_INDEX, keyword_index.made_by)


def _note_makers(catalog: Catalog, encoder: Encoder, keyword_index: KeywordIndex) -> None:
    """Remember what both indexes are built with."""
    catalog.set_meta(VECTOR_INDEX, made_by(encoder))
    catalog.set_meta(KEYWORD_INDEX, keyword_index.made_by)


def await_turn(settings: Settings, patience: Patience = NO_PATIENCE) -> None:
    """Return once no other process writes to the archive or owns its Chroma folder.

    Raises BusyError when one does for longer than `patience`.
    """
    await_free(settings.home / WRITER_LOCK, patience)
    await_chroma(settings, patience=patience)


@lru_cache(maxsize=1)
def _read_before(
    catalog: Path, inode: int, archive_id: str, encoder: Encoder
) -> tuple[Catalog, VectorIndex]:
    """A catalogue and its vectors, with what earlier writers of this process had read of them.

    A process that takes in a briefing now and then reads only what is new each time.
    """
    opened = Catalog(Database(catalog))
    return opened, VectorIndex(opened, lambda: encoder, lambda _: None)


@lru_cache(maxsize=1)
def _topic_vectors(topics: tuple[Topic, ...], encoder: Encoder) -> NDArray[np.float32]:
    return encoder.encode_sentences([topic.description for topic in topics])


@contextmanager
def open_writer(
    settings: Settings,
    purpose: str,
    *,
    reindexing: bool = False,
    patience: Patience = NO_PATIENCE,
) -> Iterator[Writer]:
    """Be the archive's one writer for the block; makes the archive if there is none.

    Raises BusyError when another process writes for longer than `patience`, UsageError when an
    index was built with another encoder or lexicon (unless `reindexing`).
    """
    await_turn(settings, patience)  # before anything slow
    topics = load_topics(data_file(TOPICS, settings.home))
    catalog: Catalog | None = None
    try:
        catalog = Catalog.open(settings.catalog, create=True)
        with hold(settings.home / WRITER_LOCK, purpose, patience=patience):
            close_to_others(settings.home, settings.group_access)
            encoder = open_encoder(settings.model)
            archive_id = catalog.meta(ARCHIVE_ID)
            if archive_id is None:
                archive_id = uuid.uuid4().hex
                catalog.set_meta(ARCHIVE_ID, archive_id)
            inode = settings.catalog.stat().st_ino
            catalog, vector_index = _read_before(settings.catalog, inode, archive_id, encoder)
            keyword_index = KeywordIndex(catalog, load_lexicon(settings.home))
            if not catalog.passages.any():
                _note_makers(catalog, encoder, keyword_index)
                catalog.set_meta(LABELLED_BY, labelled_by(topics))
            elif not reindexing:
                check_makers(catalog, encoder, keyword_index)
            if not reindexing:
                keyword_index.adopt_lexicon()
            for left in settings.files.glob("*.tmp"):  # by a process killed while copying
                left.unlink()
            name = collection_name(archive_id, encoder)
            with (
                chroma_client(settings, patience=patience) as client,
                vector_index.using(open_collection(client, name)),
            ):
                writer = Writer(
                    catalog=catalog,
                    keyword_index=keyword_index,
                    vector_index=vector_index,
                    encoder=encoder,
                    topics=topics,
                    files=settings.files,
                )
                if not reindexing:
                    writer.finish_pending()
                yield writer
                if reindexing:
                    drop_other_collections(client, name)
    except BaseException as error:
        _read_before.cache_clear()  # it may have been read in what was then rolled back
        if not isinstance(error, Exception):
            raise  # an interruption
        # Each library has its own exception for a disk that takes no more.
        if trouble := disk_trouble(settings.home, error):
            raise trouble from error
        if not isinstance(error, OSError):
            raise
        raise ArchiveError(
            f"the archive at {settings.home} can't be written ({error.strerror or error})",
            "check the folder's permissions and the free space on its disk",
        ) from error
    finally:
        if catalog is not None:
            catalog.close()

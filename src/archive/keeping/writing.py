"""Becoming the one process that writes to an archive, and ceasing to be."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError
from archive.index.chroma import (
    await_chroma,
    chroma_client,
    drop_other_collections,
)
from archive.index.encoder import Encoder, open_encoder
from archive.index.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.index.topics import labelled_by, load_topics
from archive.index.vector_index import (
    VECTOR_INDEX,
    VectorIndex,
    collection_name,
    encoder_fingerprint,
)
from archive.keeping.writer import ARCHIVE_ID, LABELLED_BY, TOPICS, Writer, note_makers
from archive.private import close_to_others
from archive.records import Topic
from archive.resources import data_file
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import Database
from archive.store.disk import disk_trouble
from archive.store.locks import NO_PATIENCE, Patience, await_free, hold

WRITER_LOCK = "writer.lock"


def check_makers(catalog: Catalog, encoder: Encoder, keyword_index: KeywordIndex) -> None:
    """Raise UsageError when an index was built by another encoder or lexicon."""
    catalog.check_built_with(VECTOR_INDEX, encoder_fingerprint(encoder))
    catalog.check_built_with(KEYWORD_INDEX, keyword_index.fingerprint)


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


def _agree_on_means(
    catalog: Catalog,
    encoder: Encoder,
    keyword_index: KeywordIndex,
    topics: tuple[Topic, ...],
    *,
    reindexing: bool,
) -> None:
    """Note what an empty archive is to be built with; of another see that it is what it was."""
    if not catalog.passages.any():
        note_makers(catalog, encoder, keyword_index)
        catalog.set_meta(LABELLED_BY, labelled_by(topics))
    elif not reindexing:
        check_makers(catalog, encoder, keyword_index)
    if not reindexing:
        keyword_index.adopt_lexicon()


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
            archive_id = _archive_id(catalog)
            inode = settings.catalog.stat().st_ino
            catalog, vector_index = _read_before(settings.catalog, inode, archive_id, encoder)
            keyword_index = KeywordIndex(catalog, load_lexicon(settings.home))
            _agree_on_means(catalog, encoder, keyword_index, topics, reindexing=reindexing)
            for left in settings.files.glob("*.tmp"):  # by a process killed while copying
                left.unlink()
            name = collection_name(archive_id, encoder)
            with (
                chroma_client(settings, patience=patience) as client,
                vector_index.writing(client, name),
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
        if isinstance(error, Exception):  # no interruption
            _raise_told(settings.home, error)
        raise
    finally:
        if catalog is not None:
            catalog.close()


def _archive_id(catalog: Catalog) -> str:
    """The archive's id, given to it when it is first written."""
    known = catalog.meta(ARCHIVE_ID)
    if known is None:
        known = uuid.uuid4().hex
        catalog.set_meta(ARCHIVE_ID, known)
    return known


def _raise_told(home: Path, error: Exception) -> None:
    """Raise what tells of a disk in place of what the system says of it; nothing for the rest."""
    # Each library has its own exception for a disk that takes no more.
    if trouble := disk_trouble(home, error):
        raise trouble from error
    if isinstance(error, OSError):
        raise ArchiveError(
            f"the archive at {home} can't be written ({error.strerror or error})",
            "check the folder's permissions and the free space on its disk",
        ) from error

"""Examine an archive for damage, and mend what can be mended without loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError, DamagedCatalogueError
from archive.index.chroma import chroma_client, drop_collection
from archive.index.encoder import open_encoder
from archive.index.keyword_index import KeywordIndex
from archive.index.vector_index import collection_name
from archive.keeping import catalogue_checks, file_checks, index_checks
from archive.keeping.catalogue_checks import INDEX_FAULT, damaged_catalogue
from archive.keeping.check_results import restore
from archive.keeping.chroma_probe import probe_chroma
from archive.keeping.records import Check
from archive.keeping.writer import ARCHIVE_ID
from archive.keeping.writing import WRITER_LOCK, check_makers, open_writer
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import DamagedError
from archive.store.locks import hold
from archive.store.pdf_files import DAMAGED, ORPHANS, inspect_files, set_aside

Checking = Callable[[Settings, Catalog], Iterator[Check]]

CHECKS: tuple[Checking, ...] = (
    catalogue_checks.catalogue_file,
    catalogue_checks.dangling_rows,
    catalogue_checks.full_text,
    catalogue_checks.passage_texts,
    catalogue_checks.interrupted,
    file_checks.all_files,
    index_checks.topics,
    index_checks.lexicon_with_counts,
    index_checks.indexes,
    file_checks.disk_space,
    file_checks.permissions,
)
QUICK_CHECKS: tuple[Checking, ...] = (
    catalogue_checks.interrupted,
    file_checks.files_present,
    index_checks.topics,
    index_checks.lexicon,
    index_checks.indexes_by_name,
    file_checks.disk_space,
    file_checks.writable_disk,
)
"""Those that take moments, however large the archive, and say the same to every user."""


def examine(settings: Settings) -> list[Check]:
    """All checks of an archive, in order; changes nothing.

    Raises UsageError when there is no archive to examine.
    """
    return list(_run(settings, CHECKS))


def glance(settings: Settings) -> list[Check]:
    """The checks that take moments, however large the archive; as `examine`."""
    return list(_run(settings, QUICK_CHECKS))


def _run(settings: Settings, checks: Sequence[Checking]) -> Iterator[Check]:
    """What each check finds, up to one that finds the catalogue damaged."""
    try:
        catalog = Catalog.open(settings.catalog)
        for check in checks:
            yield from check(settings, catalog)
    except (DamagedError, DamagedCatalogueError) as error:
        yield damaged_catalogue(settings, error)


def mend(settings: Settings) -> None:
    """Mend what the catalogue, the PDFs or the encoder can give anew.

    A Chroma folder that can't be used, a damaged PDF and one of no briefing are set aside, never
    deleted. Raises UsageError, before anything is touched, when an index was built with another
    encoder or lexicon, ArchiveError when the catalogue's file itself is damaged.
    """
    catalog = Catalog.open(settings.catalog)
    encoder = open_encoder(settings.model)
    keyword_index = KeywordIndex(catalog, load_lexicon(settings.home))
    check_makers(catalog, encoder, keyword_index)
    with hold(settings.home / WRITER_LOCK, "doctor --fix"):
        _mend_catalogue(settings, catalog)
        _mend_full_text(catalog, keyword_index)
        if bad := catalog.audit.bad_vectors(encoder.identity.dimension):
            texts = [passage.indexed_text for passage in catalog.passages.get(bad)]
            catalog.changes.set_vectors(bad, encoder.encode_documents(texts))
        _mend_chroma(settings, collection_name(catalog.meta(ARCHIVE_ID) or "", encoder))
    with open_writer(settings, "doctor --fix") as writer:
        stored = inspect_files(settings.files, writer.catalog.briefings.file_hashes)
        for path in stored.orphans:
            set_aside(path, ORPHANS)
        for path in stored.damaged:
            set_aside(path, DAMAGED)
        mended = writer.reconcile(thoroughly=True)
        if mended.missing or mended.extra or mended.lost:
            writer.catalog.notes.note_change("mended", **asdict(mended))


def _mend_catalogue(settings: Settings, catalog: Catalog) -> None:
    problems = catalog.audit.check_structure()
    if problems and all(INDEX_FAULT.search(problem) for problem in problems):
        catalog.audit.mend_indexes()
        problems = catalog.audit.check_structure()
    if problems:
        raise ArchiveError(
            f"{settings.catalog} is damaged and can't be mended in place: {problems[0]}",
            restore(settings)[0],
        )
    if catalog.audit.dangling():
        catalog.audit.drop_dangling()  # what a briefing's PDF gives again


def _mend_full_text(catalog: Catalog, keyword_index: KeywordIndex) -> None:
    """Make the full-text tables anew from the passages where they are damaged or incomplete."""
    try:
        is_whole = not catalog.audit.check_text_tables() and catalog.audit.text_differences() == (
            0,
            0,
        )
    except DamagedError:
        is_whole = False
    if not is_whole:
        with catalog.transaction():
            catalog.audit.empty_text_tables()
            keyword_index.add_all()


def _mend_chroma(settings: Settings, collection: str) -> None:
    """Take away a store that can't be used; the next writer makes it anew from the catalogue."""
    if not probe_chroma(settings, collection).damage:
        return
    if settings.chroma_url:
        with chroma_client(settings) as client:
            drop_collection(client, collection)
    elif settings.chroma.exists():
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        settings.chroma.rename(settings.home / f"{file_checks.SET_ASIDE}{stamp}")

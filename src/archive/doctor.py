"""Is the archive sound, and if not, what cures it?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from multiprocessing import get_context

from archive.catalog import Catalog
from archive.encoder import open_encoder
from archive.errors import ArchiveError, BusyError
from archive.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.records import NO_FILTER, Check
from archive.resources import data_file
from archive.settings import Settings
from archive.vector_index import (
    VECTOR_INDEX,
    VectorIndex,
    collection_name,
    local_server,
    made_by,
    writer_collection,
)
from archive.writer import ARCHIVE_ID, LEXICON, open_writer

_FIX = "archive doctor --fix"
_LITTLE_SPACE = 500 * 2**20


def examine(settings: Settings) -> list[Check]:
    """All checks of an archive, in order; changes nothing.

    Raises UsageError when there is no archive to examine.
    """
    catalog = Catalog.open(settings.catalog)
    checks: tuple[Callable[[Settings, Catalog], Iterator[Check]], ...] = (
        _catalogue,
        _pending,
        _files,
        _makers,
        _chroma,
        _space,
    )
    return [check for examine_one in checks for check in examine_one(settings, catalog)]


def mend(settings: Settings) -> None:
    """Mend what can be mended without the PDFs: finish pending briefings, rebuild Chroma's index.

    A Chroma folder that can't be opened is set aside, never deleted.
    """
    catalog = Catalog.open(settings.catalog)
    if local_server(settings) is None and not settings.chroma_url:
        state = _probe(settings, catalog.meta(ARCHIVE_ID) or "")
        if isinstance(state, str) and settings.chroma.exists():
            stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
            settings.chroma.rename(settings.home / f"chroma.damaged-{stamp}")
    with open_writer(settings, "doctor --fix") as writer:
        writer.reconcile()


def _catalogue(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    problems = catalog.check_integrity()
    if problems:
        yield Check(
            "catalogue",
            "fail",
            f"{settings.catalog} is damaged: {problems[0]}",
            "restore it from a backup, or ingest the PDFs into a new archive",
        )
        return
    coverage = catalog.coverage(NO_FILTER)
    passages = len(catalog.passage_ids(NO_FILTER))
    yield Check("catalogue", "pass", f"{coverage.briefings} briefings, {passages} passages")


def _pending(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    pending = catalog.pending()
    if pending:
        yield Check("interrupted", "warn", f"{len(pending)} briefings half taken in", _FIX)
    else:
        yield Check("interrupted", "pass", "no ingest was left unfinished")


def _files(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    known = catalog.files()
    stored = {path.stem for path in settings.files.glob("*.pdf")}
    missing = [briefing for file_hash, briefing in known.items() if file_hash not in stored]
    if missing:
        yield Check(
            "files",
            "fail",
            f"{len(missing)} PDFs are missing from {settings.files} (first: {missing[0]})",
            "`archive remove ID` and ingest the PDF again",
        )
    elif orphans := stored.difference(known):
        yield Check("files", "warn", f"{len(orphans)} PDFs belong to no briefing", "delete them")
    else:
        yield Check("files", "pass", f"{len(stored)} PDFs, each with its briefing")


def _makers(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Both indexes are built with what the settings say."""
    keyword_index = KeywordIndex(catalog, data_file(LEXICON, settings.home))
    try:
        yield _made_by(catalog, KEYWORD_INDEX, keyword_index.made_by)
        yield _made_by(catalog, VECTOR_INDEX, made_by(open_encoder(settings.model)))
    except ArchiveError as error:
        yield Check("encoder", "fail", error.message, error.cure)


def _made_by(catalog: Catalog, index: str, made_by: str) -> Check:
    try:
        catalog.check_made_by(index, made_by)
    except ArchiveError as error:
        return Check(index, "fail", error.message, error.cure)
    return Check(index, "pass", f"built with {made_by}")


def _chroma(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Chroma holds just the live passages, and a sample of them find themselves."""
    try:
        state = _probe(settings, catalog.meta(ARCHIVE_ID) or "")
    except BusyError as error:
        yield Check("chroma", "warn", error.message, error.cure)
        return
    if isinstance(state, str):
        yield Check("chroma", "fail", state, _FIX)
        return
    live = set(catalog.passage_ids(NO_FILTER))
    missing, extra = len(live - state), len(state - live)
    if missing or extra:
        message = f"{missing} passages missing from Chroma, {extra} too many in it"
        yield Check("chroma", "fail", message, _FIX)
    else:
        yield Check("chroma", "pass", f"{len(state)} vectors, each of a live passage")


def _probe(settings: Settings, archive_id: str) -> set[str] | str:
    """The ids in Chroma, or what is wrong with it.

    Asked in a child process: a damaged store can end the process that opens it.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_read_chroma, settings, archive_id).result()
        except BrokenProcessPool:
            return f"opening {settings.chroma} ends the process: the store is damaged"
        except BusyError:
            raise
        except Exception as error:  # whatever Chroma raises of a store it can't read
            return f"Chroma can't be read ({type(error).__name__}: {error})"


def _read_chroma(settings: Settings, archive_id: str) -> set[str]:
    catalog = Catalog.open(settings.catalog)
    encoder = open_encoder(settings.model)
    with writer_collection(settings, collection_name(archive_id, encoder)) as collection:
        index = VectorIndex(catalog, lambda: encoder, lambda _: collection)
        ids = index.ids()
        lost = [i for i in sorted(ids)[:: max(1, len(ids) // 5)] if not index.finds_itself(i)]
        if lost:
            raise ArchiveError(f"{len(lost)} of the passages asked don't find themselves", _FIX)
        return ids


def _space(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    free = shutil.disk_usage(settings.home).free
    message = f"{free / 2**30:.1f} GB free where the archive lies"
    if free < _LITTLE_SPACE:
        yield Check("disk", "warn", message, "free some space before the next ingest")
    else:
        yield Check("disk", "pass", message)

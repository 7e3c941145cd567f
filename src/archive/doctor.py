"""Is the archive sound, and if not, what cures it?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Literal

from archive.catalog import Catalog, DamagedError
from archive.encoder import open_encoder
from archive.errors import ArchiveError, BusyError, DamagedCatalogueError
from archive.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.lexicon import load_lexicon
from archive.records import NO_FILTER, Check, TermCount
from archive.resources import data_file
from archive.settings import Settings
from archive.topics import labelled_by, load_topics
from archive.vector_index import (
    VECTOR_INDEX,
    VectorIndex,
    chroma_client,
    collection_name,
    find_collection,
    local_server,
    made_by,
)
from archive.writer import ARCHIVE_ID, LABELLED_BY, TOPICS, check_makers, open_writer

_FIX = "archive doctor --fix"
_RESTORE = "restore it from a backup, or ingest the PDFs in files/ into a new archive"
_LITTLE_SPACE = 500 * 2**20


def examine(settings: Settings) -> list[Check]:
    """All checks of an archive, in order; changes nothing.

    Raises UsageError when there is no archive to examine.
    """
    try:
        catalog = Catalog.open(settings.catalog)
    except DamagedCatalogueError as error:
        return [Check("catalogue", "fail", error.message, error.cure)]
    checks: list[Check] = []
    for examine_one in (_catalogue, _pending, _files, _topics, _lexicon, _makers, _chroma, _space):
        try:
            checks += examine_one(settings, catalog)
        except DamagedError as error:
            checks.append(Check("catalogue", "fail", f"{settings.catalog}: {error}", _RESTORE))
            break
        if checks[-1].status == "fail" and examine_one is _makers:
            break  # Chroma can't be judged by another encoder's collection
    return checks


def mend(settings: Settings) -> None:
    """Mend what can be mended without the PDFs: finish pending briefings, rebuild Chroma's index.

    A Chroma folder that can't be opened is set aside, never deleted. Raises UsageError, before
    anything is touched, when an index was built with another encoder or lexicon.
    """
    catalog = Catalog.open(settings.catalog)
    encoder = open_encoder(settings.model)
    check_makers(catalog, encoder, KeywordIndex(catalog, load_lexicon(settings.home)))
    if local_server(settings) is None and not settings.chroma_url:
        damage = _probe(settings, catalog.meta(ARCHIVE_ID) or "").damage
        if damage and settings.chroma.exists():
            stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
            settings.chroma.rename(settings.home / f"chroma.damaged-{stamp}")
    with open_writer(settings, "doctor --fix") as writer:
        mended = writer.reconcile()
        if mended.missing or mended.extra or mended.lost:
            writer.catalog.note_change("mended", **asdict(mended))


def _catalogue(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    problems = catalog.check_integrity()
    if problems:
        yield Check(
            "catalogue",
            "fail",
            f"{settings.catalog} is damaged: {problems[0]}",
            _RESTORE,
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
    known = catalog.file_hashes()
    stored = {path.stem for path in settings.files.glob("*.pdf")}
    missing = [briefing for file_hash, briefing in known.items() if file_hash not in stored]
    if missing:
        yield Check(
            "files",
            "fail",
            f"{len(missing)} PDFs are missing from {settings.files} (first: {missing[0]})",
            "`archive remove --purge ID` and ingest the PDF again",
        )
    elif orphans := stored.difference(known):
        yield Check("files", "warn", f"{len(orphans)} PDFs belong to no briefing", "delete them")
    else:
        yield Check("files", "pass", f"{len(stored)} PDFs, each with its briefing")


def _lexicon(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """How many passages each term of the lexicon touches, and terms it might want."""
    try:
        lexicon = load_lexicon(settings.home)
    except ArchiveError as error:
        yield Check("lexicon", "fail", error.message, error.cure)
        return
    keyword_index = KeywordIndex(catalog, lexicon)
    if not catalog.is_made_by(KEYWORD_INDEX, keyword_index.made_by):
        return  # the next check says so
    names = (name for group in lexicon.aliases for name in group)
    terms = dict.fromkeys((*lexicon.words, *names))
    touched = tuple(TermCount(term, keyword_index.count_text(term)) for term in terms)
    idle = sum(not term.passages for term in touched)
    message = (
        f"{len(lexicon.words)} words, {len(lexicon.aliases)} groups of names; "
        f"{len(touched) - idle} of {len(touched)} terms stand in some passage"
    )
    status: Literal["pass", "warn"] = "pass"
    cure = ""
    if not keyword_index.lexicon_is_current:
        status, cure = "warn", "`archive reindex` cuts the passages anew that the edit touches"
        message += "; it was edited since the passages were cut into words"
    most = tuple(sorted(touched, key=lambda term: -term.passages))
    yield Check("lexicon", status, message, cure, most, keyword_index.proposed_terms())


def _topics(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages are labelled by the list of topics as it is now."""
    try:
        topics = load_topics(data_file(TOPICS, settings.home))
    except ArchiveError as error:
        yield Check("topics", "fail", error.message, error.cure)
        return
    if catalog.meta(LABELLED_BY) == labelled_by(topics):
        yield Check("topics", "pass", f"passages are labelled by the {len(topics)} topics")
    else:
        message = "the list of topics was edited since passages were labelled"
        yield Check("topics", "warn", message, "`archive topics --retag` labels them anew")


def _makers(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Both indexes are built with what the settings say."""
    keyword_index = KeywordIndex(catalog, load_lexicon(settings.home))
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
    live = set(catalog.passage_ids(NO_FILTER))
    missing, extra = len(live - state.ids), len(state.ids - live)
    if state.damage:
        yield Check("chroma", "fail", state.damage, _FIX)
    elif missing or extra:
        message = f"{missing} passages missing from Chroma, {extra} too many in it"
        yield Check("chroma", "fail", message, _FIX)
    else:
        yield Check("chroma", "pass", f"{len(state.ids)} vectors, each of a live passage")


@dataclass(frozen=True, slots=True)
class _ChromaState:
    """The ids in Chroma, and what is wrong with the store itself."""

    ids: frozenset[str] = frozenset()
    damage: str = ""


def _probe(settings: Settings, archive_id: str) -> _ChromaState:
    """How Chroma is, asked in a child process: a damaged store can end the process that opens it.

    Raises BusyError when another process has the folder.
    """
    if not settings.chroma.exists() and not settings.chroma_url:
        return _ChromaState()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_read_chroma, settings, archive_id).result()
        except BrokenProcessPool:
            return _ChromaState(damage=f"opening {settings.chroma} ends the process")
        except BusyError:
            raise
        except Exception as error:  # whatever Chroma raises of a store it can't read
            return _ChromaState(damage=f"Chroma can't be read ({type(error).__name__}: {error})")


def _read_chroma(settings: Settings, archive_id: str) -> _ChromaState:
    catalog = Catalog.open(settings.catalog)
    encoder = open_encoder(settings.model)
    with chroma_client(settings) as client:
        collection = find_collection(client, collection_name(archive_id, encoder))
        if collection is None:
            return _ChromaState()
        index = VectorIndex(catalog, lambda: encoder, lambda _: collection)
        ids = index.ids()
        known = sorted(ids.intersection(catalog.all_passage_ids()))
        lost = [i for i in known[:: max(1, len(known) // 5)] if not index.finds_itself(i)]
        damage = f"{len(lost)} of the passages asked don't find themselves" if lost else ""
        return _ChromaState(frozenset(ids), damage)


def _space(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    free = shutil.disk_usage(settings.home).free
    message = f"{free / 2**30:.1f} GB free where the archive lies"
    if free < _LITTLE_SPACE:
        yield Check("disk", "warn", message, "free some space before the next ingest")
    else:
        yield Check("disk", "pass", message)

"""Is the archive sound, and if not, what cures it?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

from archive.catalog import Catalog, DamagedError
from archive.disk import is_on_read_only_disk, read_only_disk
from archive.encoder import Encoder, open_encoder
from archive.errors import ArchiveError, BusyError, DamagedCatalogueError
from archive.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.lexicon import load_lexicon
from archive.locks import hold
from archive.new_vectors import FOLDERS
from archive.records import NO_FILTER, Check, TermCount
from archive.resources import data_file
from archive.settings import Settings
from archive.stored_files import DAMAGED, ORPHANS, look_through, set_aside, waiting_aside
from archive.topics import labelled_by, load_topics
from archive.vector_index import (
    VECTOR_INDEX,
    ChromaError,
    VectorIndex,
    chroma_client,
    collection_name,
    drop_collection,
    find_collection,
    made_by,
)
from archive.writer import ARCHIVE_ID, LABELLED_BY, TOPICS, WRITER_LOCK, check_makers, open_writer

_FIX = "archive doctor --fix"
_RESTORE = (
    "bring an export of it back into a new folder (`archive import FILE --home NEW`), or else take "
    "the PDFs it keeps into one: `archive ingest {files} --home NEW`, with --date for any whose "
    "date stood only in its file name"
)
_OF_AN_INDEX = re.compile(r"\bindex\b")
"""In what SQLite finds wrong with one of its own indexes, which it can make anew."""
_SET_ASIDE = "chroma.damaged-"
_LITTLE_SPACE = 500 * 2**20
_FEW_INODES = 1000
_BRIEFINGS_READ = 2000
"""Briefings of which is looked at whether their passages are their text."""
_ASKED = 300
"""Passages that are asked to find themselves in Chroma."""


def examine(settings: Settings) -> list[Check]:
    """All checks of an archive, in order; changes nothing.

    Raises UsageError when there is no archive to examine.
    """
    try:
        catalog = Catalog.open(settings.catalog)
    except DamagedCatalogueError as error:
        return [Check("catalogue", "fail", error.message, _restore(settings))]
    checks: list[Check] = []
    for examine_one in _CHECKS:
        try:
            checks += examine_one(settings, catalog)
        except DamagedError as error:
            message = f"{settings.catalog}: {error}"
            checks.append(Check("catalogue", "fail", message, _restore(settings)))
            break
    return checks


def mend(settings: Settings) -> None:
    """Mend what can be without loss: all that the catalogue, or the encoder, can give anew.

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
        if bad := catalog.bad_vectors(encoder.identity.dimension):
            texts = [passage.indexed_text for passage in catalog.passages(bad)]
            catalog.set_vectors(bad, encoder.encode_documents(texts))
        _mend_chroma(settings, collection_name(catalog.meta(ARCHIVE_ID) or "", encoder))
    with open_writer(settings, "doctor --fix") as writer:
        stored = look_through(settings.files, writer.catalog.file_hashes)
        for path in stored.orphans:
            set_aside(path, ORPHANS)
        for path in stored.damaged:
            set_aside(path, DAMAGED)
        mended = writer.reconcile(thoroughly=True)
        if mended.missing or mended.extra or mended.lost:
            writer.catalog.note_change("mended", **asdict(mended))


def _mend_catalogue(settings: Settings, catalog: Catalog) -> None:
    problems = catalog.check_structure()
    if problems and all(_OF_AN_INDEX.search(problem) for problem in problems):
        catalog.mend_indexes()
        problems = catalog.check_structure()
    if problems:
        raise ArchiveError(
            f"{settings.catalog} is damaged and can't be mended in place: {problems[0]}",
            _restore(settings),
        )
    if catalog.dangling():
        catalog.drop_dangling()  # what a briefing's PDF gives again


def _mend_full_text(catalog: Catalog, keyword_index: KeywordIndex) -> None:
    """Make the full-text tables anew from the passages where they aren't sound."""
    try:
        is_sound = not catalog.check_text_tables() and catalog.text_differences() == (0, 0)
    except DamagedError:
        is_sound = False
    if not is_sound:
        with catalog.transaction():
            catalog.empty_text_tables()
            keyword_index.add_all()


def _mend_chroma(settings: Settings, collection: str) -> None:
    """Take away a store that can't be used; the next writer makes it anew from the catalogue."""
    if not _probe(settings, collection).damage:
        return
    if settings.chroma_url:
        with chroma_client(settings) as client:
            drop_collection(client, collection)
    elif settings.chroma.exists():
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        settings.chroma.rename(settings.home / f"{_SET_ASIDE}{stamp}")


def _restore(settings: Settings) -> str:
    return _RESTORE.format(files=settings.files)


def _catalogue(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    if problems := catalog.check_structure():
        cure = _FIX if all(map(_OF_AN_INDEX.search, problems)) else _restore(settings)
        message = f"{settings.catalog} is damaged: {problems[0]}"
        yield Check("catalogue", "fail", message, cure)
        return
    coverage = catalog.coverage(NO_FILTER)
    passages = len(catalog.passage_ids(NO_FILTER))
    yield Check("catalogue", "pass", f"{coverage.briefings} briefings, {passages} passages")


def _links(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every row belongs to one that is there."""
    if dangling := catalog.dangling():
        told = ", ".join(f"{count} of {table}" for table, count in dangling.items())
        message = f"rows that belong to nothing: {told}"
        cure = f"`{_FIX}` deletes them; then ingest the PDFs anew that it sets aside"
        yield Check("links", "fail", message, cure)
    else:
        yield Check("links", "pass", "every row of the catalogue belongs to one that is there")


def _full_text(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The full-text tables are sound and hold just the passages that may be found."""
    try:
        problems = catalog.check_text_tables()
        lacking, extra = (0, 0) if problems else catalog.text_differences()
    except DamagedError as error:
        problems = [f"keyword index: {error}"]
    except ArchiveError as error:
        yield Check("full text", "warn", error.message, error.cure)
        return
    if problems:
        yield Check("full text", "fail", problems[0], _FIX)
    elif lacking or extra:
        message = f"{lacking} passages missing from the full-text tables, {extra} too many in them"
        yield Check("full text", "fail", message, _FIX)
    else:
        yield Check("full text", "pass", "both tables hold each passage that can be found")


def _text(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages, joined, are the text of their sections, and stand on pages that are there."""
    if wrong := catalog.inconsistent(_BRIEFINGS_READ):
        message = f"{_some(wrong, 'briefings')} whose passages aren't their sections' text"
        cure = "copy its PDF (`archive show ID` names it), `archive remove ID`, and ingest the copy"
        yield Check("text", "fail", message, cure)
    else:
        yield Check("text", "pass", "passages are the text of their sections")


def _pending(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    pending = catalog.pending()
    if pending:
        yield Check("interrupted", "warn", f"{len(pending)} briefings half taken in", _FIX)
    else:
        yield Check("interrupted", "pass", "no ingest was left unfinished")


def _files(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every PDF is there and what its name says; what lies beside them is told apart."""
    stored = look_through(settings.files, catalog.file_hashes)
    briefings = catalog.file_hashes()
    wrong = [
        (len(stored.missing), "PDFs are missing", [briefings[name] for name in stored.missing]),
        (len(stored.damaged), "are damaged", [briefings[path.stem] for path in stored.damaged]),
        (len(stored.unreadable), "can't be read", [path.name for path in stored.unreadable]),
    ]
    if told := [f"{count} {what} (first: {ids[0]})" for count, what, ids in wrong if count]:
        message = f"{', '.join(told)}, of {stored.kept} in {settings.files}"
        cure = "ingest the same PDFs again, from wherever they are: each is put back"
        if stored.damaged:
            cure += f"; `{_FIX}` sets damaged ones aside"
        yield Check("files", "fail", message, cure)
    else:
        yield Check("files", "pass", f"{stored.kept} PDFs, each as it was taken in")
    if stored.orphans:
        message = f"{_some([path.name for path in stored.orphans], 'files')} of no briefing"
        cure = f"`{_FIX}` moves them into {settings.files / ORPHANS}"
        yield Check("orphan files", "warn", message, cure)
    else:
        yield Check("orphan files", "pass", "no PDF is without its briefing")
    yield from _aside(settings, catalog)
    yield from _leftovers(settings, stored.unfinished)


def _aside(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """What was set aside is in the archive again."""
    if waiting := waiting_aside(settings.files, catalog.file_hashes()):
        names = [f"{path.parent.name}/{path.name}" for path in waiting]
        message = f"{_some(names, 'files')} set aside that the archive lacks"
        cure = (
            f"`archive ingest {settings.files / ORPHANS}` takes in those of no briefing; of a "
            "damaged one ingest the right file; or delete them"
        )
        yield Check("set aside", "warn", message, cure)
    else:
        yield Check("set aside", "pass", "nothing set aside is lacking")


def _leftovers(settings: Settings, unfinished: Sequence[Path]) -> Iterator[Check]:
    """What processes left that were killed, or a store that was set aside."""
    drafts = [path for path in (settings.home / "uploads").glob(".*") if path.is_dir()]
    stores = list(settings.home.glob(f"{_SET_ASIDE}*"))
    half_built = list(settings.home.glob(FOLDERS))
    kinds = [
        (unfinished, "half-copied PDFs", "the next ingest clears them away"),
        (drafts, "half-stored uploads", "delete them unless someone is handing in files now"),
        (stores, "Chroma folders set aside", "delete them: Chroma was rebuilt without them"),
        (
            half_built,
            "unfinished indexes for another encoder",
            "`archive reindex` with that ARCHIVE_MODEL goes on with it, or delete it",
        ),
    ]
    found = [(list(paths), what, cure) for paths, what, cure in kinds if paths]
    if found:
        told = "; ".join(_some([path.name for path in paths], what) for paths, what, _ in found)
        yield Check("leftovers", "warn", told, "; ".join(cure for *_, cure in found))
    else:
        yield Check("leftovers", "pass", "no process left anything behind")


def _some(names: Sequence[str], what: str) -> str:
    return f"{len(names)} {what} (first: {names[0]})"


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


def _indexes(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Both indexes are built with what the settings say, and if so, whether they are sound."""
    keyword_index = KeywordIndex(catalog, load_lexicon(settings.home))
    try:
        yield _made_by(catalog, KEYWORD_INDEX, keyword_index.made_by)
        encoder = open_encoder(settings.model)
        check = _made_by(catalog, VECTOR_INDEX, made_by(encoder))
    except ArchiveError as error:
        yield Check("encoder", "fail", error.message, error.cure)
        return
    yield check
    if check.status != "pass":
        return  # neither vectors nor Chroma can be judged by this encoder
    check = _vectors(catalog, encoder)
    yield check
    if check.status == "pass":  # else Chroma can't be asked with them
        yield _chroma(settings, catalog, collection_name(catalog.meta(ARCHIVE_ID) or "", encoder))


def _made_by(catalog: Catalog, index: str, made_by: str) -> Check:
    try:
        catalog.check_made_by(index, made_by)
    except ArchiveError as error:
        return Check(index, "fail", error.message, error.cure)
    return Check(index, "pass", f"built with {made_by}")


def _vectors(catalog: Catalog, encoder: Encoder) -> Check:
    """Every passage has a vector of unit length and of the encoder's dimension."""
    dimension = encoder.identity.dimension
    if bad := catalog.bad_vectors(dimension):
        message = f"{_some(bad, 'passages')} without a sound vector of {dimension} dimensions"
        return Check("vectors", "fail", message, f"`{_FIX}` encodes them anew")
    return Check("vectors", "pass", f"of unit length and {dimension} dimensions")


def _chroma(settings: Settings, catalog: Catalog, collection: str) -> Check:
    """Chroma holds just the live passages, and a sample of them find themselves."""
    try:
        state = _probe(settings, collection)
    except BusyError as error:
        return Check("chroma", "warn", error.message, error.cure)
    except ArchiveError as error:  # of a server
        return Check("chroma", "fail", error.message, error.cure)
    if state.damage:
        return Check("chroma", "fail", state.damage, _FIX)
    live = set(catalog.passage_ids(NO_FILTER))
    missing, extra = len(live - state.ids), len(state.ids - live)
    if missing or extra:
        message = f"{missing} passages missing from Chroma, {extra} too many in it"
        if not catalog.is_settled():
            message += "; an ingest goes on or was interrupted"
        return Check("chroma", "fail", message, _FIX)
    return Check("chroma", "pass", f"{len(state.ids)} vectors, each of a live passage")


@dataclass(frozen=True, slots=True)
class _ChromaState:
    """The ids in Chroma, and what is wrong with the store itself."""

    ids: frozenset[str] = frozenset()
    damage: str = ""


def _probe(settings: Settings, collection: str) -> _ChromaState:
    """How Chroma is, asked in a child process: a damaged store can end the process that opens it.

    Raises BusyError when another process has the folder.
    """
    if not settings.chroma.exists() and not settings.chroma_url:
        return _ChromaState()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_read_chroma, settings, collection).result()
        except BrokenProcessPool:
            return _ChromaState(damage=f"opening {settings.chroma} ends the process")
        except ChromaError as error:
            return _ChromaState(damage=error.message)
        except ArchiveError:
            raise
        except Exception as error:  # whatever Chroma raises of a store it can't read
            return _ChromaState(damage=f"Chroma can't be read ({type(error).__name__}: {error})")


def _read_chroma(settings: Settings, collection: str) -> _ChromaState:
    with chroma_client(settings) as client:
        try:
            return _state_of(find_collection(client, collection), settings)
        except ChromaError as error:
            return _ChromaState(damage=error.message)


def _state_of(collection: Any | None, settings: Settings) -> _ChromaState:
    if collection is None:
        return _ChromaState()
    catalog = Catalog.open(settings.catalog)
    index = VectorIndex(catalog, lambda: open_encoder(settings.model), lambda _: collection)
    ids = index.ids()
    if index.count() != len(ids):
        return _ChromaState(damage=f"Chroma counts {index.count()} vectors and lists {len(ids)}")
    known = [passage_id for passage_id in catalog.passage_ids(NO_FILTER) if passage_id in ids]
    asked = known[:: max(1, -(-len(known) // _ASKED))]
    lost = len(index.lost(asked))
    damage = f"{lost} of {len(asked)} passages asked don't find themselves" if lost else ""
    return _ChromaState(frozenset(ids), damage)


def _space(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    disk = os.statvfs(settings.home)
    free = disk.f_bavail * disk.f_frsize
    message = f"{free / 2**30:.1f} GB free where the archive lies"
    if disk.f_files and disk.f_favail < _FEW_INODES:
        message += f", but room for {disk.f_favail} files only"
    if free < _LITTLE_SPACE or (disk.f_files and disk.f_favail < _FEW_INODES):
        yield Check("disk", "warn", message, "free some space before the next ingest")
    else:
        yield Check("disk", "pass", message)


def _permissions(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The next ingest may write wherever it has to."""
    places = (settings.home, settings.catalog, settings.files, settings.chroma)
    closed = [path for path in places if path.exists() and not os.access(path, os.W_OK)]
    if is_on_read_only_disk(settings.home):
        trouble = read_only_disk(settings.home)
        yield Check("permissions", "warn", trouble.message, trouble.cure)
    elif closed:
        message = f"this user may not write to {', '.join(map(str, closed))}"
        cure = "change the permissions, or ingest as the user who owns the archive"
        yield Check("permissions", "warn", message, cure)
    else:
        yield Check("permissions", "pass", "this user may write to the archive")


_CHECKS = (
    _catalogue, _links, _full_text, _text, _pending, _files, _topics, _lexicon, _indexes, _space,
    _permissions,
)  # fmt: skip

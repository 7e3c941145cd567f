"""An archive out of the one file that `archive export` wrote: `archive import`."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError, DamagedCatalogueError, UsageError
from archive.index.topics import labelled_by, load_topics
from archive.keeping.export_file import LISTS, OpenedExport, Progress, is_pdf, open_export, refused
from archive.keeping.exporting import live_counts
from archive.keeping.import_check import find_fault
from archive.keeping.records import Imported
from archive.keeping.writer import ARCHIVE_ID, LABELLED_BY, TOPICS
from archive.keeping.writing import WRITER_LOCK, open_writer
from archive.resources import data_file
from archive.settings import CATALOG_NAME, Settings
from archive.store.atomic_file import sync_folder
from archive.store.catalog import Catalog
from archive.store.copies import find_oddity, make_anew
from archive.store.database import DamagedError
from archive.store.disk import disk_trouble
from archive.store.locks import hold
from archive.store.schema import SCHEMA_VERSION

_UNPACKING = ".import-"


def import_archive(settings: Settings, file: Path, progress: Progress) -> Imported:
    """Make an archive out of an export where there is none yet, or none with anything in it.

    Everything is checked before anything changes, and the catalogue is taken over last, at once.
    Raises UsageError when the file or the home can't be meant, ArchiveError when the file is
    damaged or the disk is full, BusyError when another process writes to the home.
    """
    _check_unused(settings)
    try:
        with open_export(file) as export:
            contents = export.contents
            if contents.schema > SCHEMA_VERSION:
                raise UsageError(
                    f"{file} has schema version {contents.schema}, this program knows "
                    f"{SCHEMA_VERSION}",
                    "update the program",
                )
            _check_lists_at_home(settings, export)
            with _folder_inside(settings.home) as folder:
                _check_space(settings.home, export)
                export.unpack(folder, progress)
                _check_unpacked(file, folder, export)
                _move_in(settings, file, folder)
    except OSError as error:
        raise ArchiveError(
            f"{file} can't be imported into {settings.home} ({error.strerror or error})",
            "check the permissions and the free space on the disk, then import it again",
        ) from error
    return Imported(
        home=str(settings.home),
        created=contents.created,
        briefings=contents.briefings,
        passages=contents.passages,
        pdfs=sum(is_pdf(member.name) for member in export.members),
        lost=contents.lost,
        notes=tuple(_index(settings)),
    )


def _check_unused(settings: Settings) -> int:
    """The generation of the archive to import into; raises UsageError where it holds anything."""
    if not settings.catalog.exists():
        return 0
    catalog = Catalog.open(settings.catalog, create=True)  # whose making may have been interrupted
    try:
        if not catalog.is_unused():
            raise UsageError(
                f"{settings.home} holds an archive already",
                "import into a new folder (--home DIR), and set ARCHIVE_HOME to it from then on",
            )
        return catalog.generation()
    finally:
        catalog.close()


def _check_lists_at_home(settings: Settings, export: OpenedExport) -> None:
    """Raise UsageError where the home has a list of its own that the export would overwrite."""
    for member in export.members:
        own = settings.home / member.name
        if member.name not in LISTS or not own.exists():
            continue
        if hashlib.sha256(own.read_bytes()).hexdigest() != member.sha256:
            raise UsageError(
                f"{own} is another than the one in the export", "move it away, then import again"
            )


def _check_space(home: Path, export: OpenedExport) -> None:
    # The catalogue is written twice: unpacked, and then into its place.
    twice = sum(member.size for member in export.members if member.name == CATALOG_NAME)
    needed = sum(member.size for member in export.members) + 2 * twice
    free = shutil.disk_usage(home).free
    if needed > free:
        raise ArchiveError(
            f"the archive needs {needed / 2**20:.0f} MB in {home}, {free / 2**20:.0f} MB are free",
            "free some space, or import into a folder on another disk (--home DIR)",
        )


@contextmanager
def _folder_inside(home: Path) -> Iterator[Path]:
    """A hidden folder in a home, gone after the block, as is the home if nothing was put there.

    What an import that was killed has left there goes too.
    """
    new = [folder for folder in (home, *home.parents) if not folder.exists()]
    home.mkdir(parents=True, exist_ok=True)
    try:
        for left in home.glob(f"{_UNPACKING}*"):
            if not _is_running(left.name.removeprefix(_UNPACKING).partition("-")[0]):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{_UNPACKING}{os.getpid()}-", dir=home))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        with suppress(OSError):  # not empty: the archive is there
            for made in new:
                made.rmdir()


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass  # another user's
    return True


def _check_unpacked(file: Path, folder: Path, export: OpenedExport) -> None:
    """Refuse an export that the program couldn't read, or that differs from its manifest.

    In place of the unpacked catalogue, of any version, is then a new one with its rows.
    """
    _check_unpacked_lists(file, folder)
    unpacked, new = folder / CATALOG_NAME, folder / f"{CATALOG_NAME}.new"
    if not unpacked.exists():
        raise refused(file, f"{CATALOG_NAME} isn't in it")
    try:
        if oddity := find_oddity(unpacked):
            raise refused(file, f"{CATALOG_NAME}: {oddity}")
        make_anew(unpacked, new)
        catalog = Catalog.open(new)
    except (UsageError, DamagedCatalogueError, DamagedError) as error:
        if trouble := disk_trouble(folder, error):
            raise trouble from error
        why = error.message if isinstance(error, ArchiveError) else str(error)
        raise refused(file, f"{CATALOG_NAME} can't be read ({why})") from error
    try:
        if fault := find_fault(catalog):
            raise refused(file, f"{CATALOG_NAME}: {fault}")
        if pending := catalog.briefings.pending():
            raise refused(file, f"{CATALOG_NAME}: {pending[0]} is only half in it")
        wanted, size = set(catalog.briefings.file_hashes()), live_counts(catalog)
    finally:
        catalog.close()
    for beside in folder.glob(f"{CATALOG_NAME}-*"):
        beside.unlink()
    new.replace(unpacked)
    contents = export.contents
    if size != (contents.briefings, contents.passages):
        raise refused(file, f"{CATALOG_NAME} holds other briefings than its manifest counts")
    pdfs = {member.name: member.sha256 for member in export.members if is_pdf(member.name)}
    for name, sha256 in pdfs.items():
        if name != f"files/{sha256}.pdf":
            raise refused(file, f"{name} is not the PDF that its name says")
    held, lost = set(pdfs.values()), {pdf.file_hash for pdf in contents.lost}
    for told, hashes in (
        ("isn't in it", wanted - held - lost),
        ("is of no briefing", (held | lost) - wanted),
        ("is said to be lost", held & lost),
    ):
        if hashes:
            raise refused(file, f"files/{min(hashes)}.pdf {told}")


def _check_unpacked_lists(file: Path, home: Path) -> None:
    """Refuse topics or a lexicon that can't be read out of the home they were unpacked into."""
    try:
        load_topics(data_file(TOPICS, home))
        load_lexicon(home)
    except UsageError as error:
        # The message names the file; where it lies for a moment tells nobody anything.
        raise refused(file, error.message.replace(f"{home}/", "")) from error


def _move_in(settings: Settings, file: Path, folder: Path) -> None:
    """Put what was unpacked in its place: files first, then the whole catalogue at once."""
    home = settings.home
    catalog = Catalog.open(settings.catalog, create=True)
    copy = Catalog.open(folder / CATALOG_NAME)
    try:
        with hold(home / WRITER_LOCK, "importing"):
            generation = _check_unused(settings)
            moved = [p for p in folder.rglob("*") if p.is_file() and CATALOG_NAME not in p.name]
            for path in moved:
                place = home / path.relative_to(folder)
                place.parent.mkdir(exist_ok=True)
                path.replace(place)
            for changed in {home, *(home / p.relative_to(folder).parent for p in moved)}:
                sync_folder(changed)
            # A new id is given, since both archives may come to share a Chroma server.
            copy.copies.make_own(generation, ARCHIVE_ID, "settled generation")
            # In the copy, so that the archive is never there without the line that tells of it.
            copy.notes.note_change("imported", file=file.name)
            catalog.copies.take_over(folder / CATALOG_NAME)
    finally:
        copy.close()
        catalog.close()


def _index(settings: Settings) -> Iterator[str]:
    """Build Chroma's index of an archive just imported; gives what is still to be done."""
    try:
        with open_writer(settings, "importing") as writer:
            writer.reconcile(thoroughly=True)
    except ArchiveError as error:
        yield f"the archive is in, but its vector index isn't built yet: {error}"
    try:
        topics = load_topics(data_file(TOPICS, settings.home))
    except ArchiveError as error:
        yield str(error)
        return
    catalog = Catalog.open(settings.catalog)
    try:
        if catalog.meta(LABELLED_BY) != labelled_by(topics):
            yield (
                "passages are labelled by another list of topics than the one here\n"
                "  cure: `archive topics --retag`, or put that list into the home as topics.toml"
            )
    finally:
        catalog.close()

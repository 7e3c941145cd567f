"""The whole archive as one file: `archive export`.

An export holds a copy of the catalogue as it was at one moment, without the briefings that were
only half in, the PDFs of all its briefings, and the archive's own topics and lexicon. It is made
beside readers and a writer, and takes no lock. Not in it are the staff's password, uploads that
wait, sessions, and Chroma's index, which an import builds from the catalogue's vectors.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError, UsageError
from archive.index.topics import load_topics
from archive.keeping.export_file import LISTS, Contents, Packer, Progress
from archive.keeping.import_check import find_fault
from archive.keeping.records import Exported, LostPdf
from archive.keeping.writer import TOPICS
from archive.records import NO_FILTER
from archive.resources import data_file
from archive.settings import CATALOG_NAME, Settings
from archive.store.atomic_file import sync_folder
from archive.store.catalog import Catalog
from archive.store.schema import SCHEMA_VERSION

_ATTEMPTS = 5
_PACKED = "export"


class _PdfGoneError(Exception):
    """A briefing was removed after the catalogue was copied."""


def export_archive(
    settings: Settings, file: Path, progress: Progress, *, force: bool = False
) -> Exported:
    """Write all that an archive holds to one file: whole, or not at all.

    A PDF that is missing or damaged is left out, and told in `lost`. Raises UsageError when there
    is no archive, or when the file can't be made or is there and not `force`; ArchiveError when
    the catalogue is damaged or the disk is full.
    """
    file = file.absolute()
    _check_place(file, force)
    load_topics(data_file(TOPICS, settings.home))  # what couldn't be read couldn't be imported
    load_lexicon(settings.home)
    catalog = Catalog.open(settings.catalog)
    try:
        with tempfile.TemporaryDirectory(
            prefix=".archive-export-", dir=file.parent, ignore_cleanup_errors=True
        ) as scratch:
            folder = Path(scratch)
            exported = _pack(settings, catalog, folder, file, progress)
            _check_place(file, force)  # it may have been made meanwhile
            os.replace(folder / _PACKED, file)
            sync_folder(file.parent)
    except OSError as error:
        raise ArchiveError(
            f"the export {file} can't be written ({error.strerror or error})",
            "check the folder's permissions and the free space on its disk",
        ) from error
    finally:
        catalog.close()
    return exported


def _check_place(file: Path, force: bool) -> None:
    if not file.parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}", "make it, or name another file")
    if file.is_dir():
        raise UsageError(f"{file} is a folder", "name a file in it")
    if os.path.lexists(file) and not force:
        raise UsageError(f"{file} is there already", "name another file, or --force to replace it")


def _pack(
    settings: Settings, catalog: Catalog, folder: Path, file: Path, progress: Progress
) -> Exported:
    for _ in range(_ATTEMPTS):
        try:
            return _pack_once(settings, catalog, folder, file, progress)
        except _PdfGoneError:
            for left in folder.iterdir():
                left.unlink()
    raise ArchiveError(
        f"briefings were removed from {settings.home} each time they were being packed",
        "export once nothing is being removed",
    )


def _pack_once(
    settings: Settings, catalog: Catalog, folder: Path, file: Path, progress: Progress
) -> Exported:
    copy = folder / CATALOG_NAME
    catalog.copies.copy_to(copy)
    hashes, briefings, passages = _prepare_copy(settings, copy)
    packer = Packer(folder / _PACKED)
    try:
        packer.add_file(CATALOG_NAME, copy)
        copy.unlink()
        for name in LISTS:
            with suppress(FileNotFoundError):
                packer.add(name, (settings.home / name).read_bytes())
        lost = []
        for done, (file_hash, briefing_id) in enumerate(sorted(hashes.items()), 1):
            pdf, reason = _read_pdf(settings.files / f"{file_hash}.pdf", file_hash)
            if pdf is None and catalog.briefings.file_hash(briefing_id) != file_hash:
                raise _PdfGoneError
            if pdf is None:
                lost.append(LostPdf(briefing_id, file_hash, reason))
            else:
                packer.add(f"files/{file_hash}.pdf", pdf)
            progress(done)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        made_with = version("briefing-archive")
        sha256 = packer.finish(
            Contents(made_with, SCHEMA_VERSION, created, briefings, passages, tuple(lost))
        )
    finally:
        packer.close()
    return Exported(
        file=str(file),
        bytes=(folder / _PACKED).stat().st_size,
        sha256=sha256,
        briefings=briefings,
        passages=passages,
        pdfs=len(hashes) - len(lost),
        lost=tuple(lost),
    )


def _prepare_copy(settings: Settings, path: Path) -> tuple[dict[str, str], int, int]:
    """Leave in a copy of the catalogue what readers see; its files' hashes, and what it holds."""
    copy = Catalog.open(path)
    try:
        copy.copies.drop_pending()
        if problems := copy.audit.check_integrity():
            raise ArchiveError(
                f"the catalogue {settings.catalog} is damaged: {problems[0]}",
                "import an earlier export into a new folder, or ingest the PDFs in files/ anew",
            )
        if fault := find_fault(copy):
            raise ArchiveError(
                f"an export of {settings.catalog} couldn't be imported again: {fault}",
                "`archive doctor --fix`, then export again",
            )
        return copy.briefings.file_hashes(), *live_counts(copy)
    finally:
        copy.close()


def live_counts(catalog: Catalog) -> tuple[int, int]:
    """How many live briefings and passages there are."""
    return catalog.snapshot().coverage(NO_FILTER).briefings, len(catalog.snapshot().ids)


def _read_pdf(path: Path, file_hash: str) -> tuple[bytes | None, str]:
    """A stored PDF as it was taken in, or None and why not."""
    try:
        pdf = path.read_bytes()
    except OSError as error:
        return None, f"{path} can't be read ({error.strerror})"
    if hashlib.sha256(pdf).hexdigest() != file_hash:
        return None, f"{path} is damaged: it was changed since it was taken in"
    return pdf, ""

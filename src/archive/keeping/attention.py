"""What in an archive needs somebody's attention, told within moments: for monitoring."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date as Date
from pathlib import Path

from archive.chinese.calendar import today_here
from archive.errors import CURES_ZH, DamagedCatalogueError
from archive.following.cadence import freshness
from archive.keeping.catalogue_checks import damaged_catalogue
from archive.keeping.check_results import command, warned
from archive.keeping.doctor import glance
from archive.keeping.records import Check
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import DamagedError
from archive.store.pdf_files import file_hash
from archive.store.records import RunFailure

_RECENT_SECONDS = 600
"""An ingest may be going on where the catalogue was written to within so many seconds."""
_MOST_FAILED = 20
"""Failed files that are told of; more make no difference to whether something needs a hand."""


def needs(settings: Settings, today: Date | None = None) -> list[Check]:
    """The checks that don't pass on a day, by default today in Shanghai, each with its cure.

    They are the doctor's quick ones, a newest briefing that is older than usual, and files that
    could not be taken in and still lie where they were. Changes nothing, and needs no right to
    write. Raises UsageError when there is no archive.
    """
    found = [check for check in glance(settings) if check.status != "pass"]
    if any(check.name == "catalogue" for check in found):
        return found  # nothing more can be asked of it
    catalog = Catalog.open(settings.catalog)
    if _is_being_written(settings):
        found = [check for check in found if check.name != "interrupted"]
    try:
        found += [*_newest(settings, catalog, today), *_failed_files(settings, catalog)]
    except DamagedError as error:
        found.append(damaged_catalogue(settings, error))
    return found


def waiting_reports(settings: Settings) -> int:
    """How many reports of readers wait; 0 of a catalogue that can't be read."""
    try:
        return len(Catalog.open(settings.catalog).notes.reports())
    except (DamagedError, DamagedCatalogueError):
        return 0


def _is_being_written(settings: Settings) -> bool:
    """Whether somebody has written to the catalogue just now, as an ingest does."""
    log = settings.catalog.with_name(f"{settings.catalog.name}-wal")
    for path in (log, settings.catalog):
        with suppress(OSError):
            file = path.stat()  # readers too make a log, an empty one
            if file.st_size and time.time() - file.st_mtime < _RECENT_SECONDS:
                return True
    return False


def _newest(settings: Settings, catalog: Catalog, today: Date | None) -> Iterator[Check]:
    age = freshness(catalog.briefings.issues(), today or today_here())
    if age.is_stale:
        yield warned(
            "newest briefing",
            (
                f"{age.age_days} days old ({age.newest}); most follow within {age.usual_gap}",
                f"{age.newest}，距今 {age.age_days} 天；往常不超过 {age.usual_gap} 天",
            ),
            (
                f"{command(settings, 'ingest FOLDER')} with what came since; or see why what does "
                "that has stopped",
                f"收入新到的简报：{command(settings, 'ingest 文件夹')}；"
                "若有程序自动收入，查明它为何停了",
            ),
        )


def _failed_files(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Files that a run of ingestion couldn't take in, and that still lie where they were."""
    known = catalog.briefings.file_hashes()
    uploads = settings.home / "uploads"  # of these the page tells whoever handed them in
    waiting: list[RunFailure] = []
    for failure in catalog.notes.failures():
        path = Path(failure.path)
        if uploads not in path.parents and _waits(path, known):
            waiting.append(failure)
            if len(waiting) == _MOST_FAILED:
                break
    if not waiting:
        return
    first, more, more_zh = waiting[0], "", ""
    if len(waiting) == _MOST_FAILED:
        more, more_zh = " or more", "或更多"
    again = command(settings, f"ingest {shlex.quote(first.path)}")
    yield warned(
        "failed files",
        (
            f"{len(waiting)}{more} could not be taken in and still lie where they were",
            f"有 {len(waiting)} 份{more_zh}没能收入，还在原处",
        ),
        (
            f"{first.cure or 'mend it'}; then {again}, or move it to another folder",
            f"{CURES_ZH.get(first.code, first.cure)}然后运行 {again}，或把它移到别处",
        ),
        [f"{each.path}: {each.code}" for each in waiting],
    )


def _waits(path: Path, known: dict[str, str]) -> bool:
    """Whether a file that failed lies there still, and isn't in under this or another name."""
    try:
        return file_hash(path) not in known
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True

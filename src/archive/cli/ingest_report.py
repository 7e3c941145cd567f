"""The report of an ingest as a file, and what is missing after it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from archive.archive import Archive
from archive.errors import ArchiveError, UsageError
from archive.output import json_documents
from archive.output.csv_tables import files_csv
from archive.records import IngestReport, MissingDays
from archive.settings import Settings
from archive.store.atomic_file import write_whole

_KINDS = (".csv", ".json")


def check_report_file(path: Path) -> None:
    """Raise UsageError where a report can't be written to a file of this name."""
    if path.suffix.casefold() not in _KINDS:
        raise UsageError(
            f"a report is written as CSV or JSON: {path}", "give it a name in .csv or .json"
        )
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "give --report a file")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} for the report", "make it first")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(
            f"the folder {path.parent} for the report can't be written to",
            "check its permissions, or give another one",
        )


def write_report(path: Path, report: IngestReport, missing: Sequence[MissingDays] | None) -> None:
    """Write what became of every file, and what is missing; raises ArchiveError if that fails."""
    if path.suffix.casefold() == ".csv":
        text = "\ufeff" + files_csv(report.files, missing or ())  # the mark is for spreadsheets
    else:
        text = json.dumps(json_documents.ingest_json(report, missing), ensure_ascii=False, indent=1)
    try:
        write_whole(path, text)
    except OSError as error:
        raise ArchiveError(
            f"the report {path} can't be written ({error.strerror})",
            "the briefings are in all the same; run the command again for a report of that",
        ) from error


def missing_after(settings: Settings) -> list[MissingDays]:
    """The days on which a series was to be expected and isn't in, now that a run has ended."""
    return Archive.open(settings).missing_days() if settings.catalog.exists() else []

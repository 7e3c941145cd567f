"""What became of one file, as the report of a run says it."""

from __future__ import annotations

from pathlib import Path

from archive.errors import ReadError
from archive.records import Briefing
from archive.store.briefings import KnownFile
from archive.store.records import FileReport
from archive.untrusted_text import without_surrogates
from ingest.intake.decision import Decision


def unchanged_report(path: Path, file: KnownFile) -> FileReport:
    """The report of a file that the archive has already."""
    return FileReport(
        path=shown_path(path),
        outcome="unchanged",
        briefing_id=file.briefing_id,
        date=file.date,
        title=file.title,
        sections=file.sections,
        passages=file.passages,
        pages=file.pages,
        original=file.file_name or None,
    )


def stored_report(path: Path, briefing: Briefing, passages: int, decision: Decision) -> FileReport:
    """The report of a file that was stored, as a new briefing or in place of an older one."""
    return FileReport(
        path=shown_path(path),
        outcome="replaced" if decision.replaces else "new",
        briefing_id=briefing.id,
        date=briefing.date,
        title=briefing.title,
        sections=len(briefing.numbered),
        passages=passages,
        pages=len(briefing.pages),
        warnings=briefing.warnings,
    )


def failed_report(path: Path, error: ReadError) -> FileReport:
    """The report of a file that could not be read, with the reason and its cure."""
    return FileReport(
        path=shown_path(path),
        outcome="failed",
        error_code=error.code,
        error_message=without_surrogates(error.message),
        cure=error.cure,
        cure_zh=error.cure_zh,
    )


def shown_path(path: Path) -> str:
    """A path as text; bytes of a name that are not UTF-8 become U+FFFD."""
    return without_surrogates(str(path))

"""Taking uploads in: one at a time, in a child process, again where that dies."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive import log
from archive.errors import ArchiveError, BusyError
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.locks import hold
from archive.store.records import FileReport, IngestReport, Outcome
from ingest.intake.uploads import (
    Upload,
    find_upload,
    finish,
    names_to_read_by,
    note,
    note_done,
    read_events,
    read_upload,
    report_of,
    unfinished,
    uploads_folder,
)

ReportForm = Callable[[IngestReport], dict[str, Any]]
"""A report as the JSON document that is kept of it."""
MOST_DEATHS = 4
"""The first run and three more."""
_BUSY_SECONDS = 5.0
_END_SECONDS = 20.0
_LONGEST_WORDS = 300
_CURE = "see `archive doctor`, then hand the files in again"
_CURE_ZH = "请在终端运行 archive doctor 查明原因，再重新上传这些文件。"


# --- in the child --------------------------------------------------------------------------------


def run_upload(settings: Settings, upload_id: str, form: ReportForm) -> IngestReport:
    """Take an upload's files in, noting each step in its folder, and end it with a report.

    One that a former run began goes on. Raises UsageError where there is none, BusyError when
    another process takes in, ArchiveError where its folder is damaged.
    """
    folder = find_upload(settings.home, upload_id).folder
    with hold(uploads_folder(settings.home) / "run.lock", "taking in an upload"):
        upload = read_upload(folder)
        if upload.state == "damaged":
            raise ArchiveError(f"{folder} is damaged", "hand its files in again and remove it")
        if upload.state == "done":
            return report_of(upload)
        note(folder, "started", pid=os.getpid())
        try:
            seconds = _take_in(settings, upload)
        except BusyError:
            note(folder, "held up")
            raise
        except KeyboardInterrupt:
            note(folder, "interrupted")
            raise
        except ArchiveError as error:
            return give_up(upload, error.message, error.cure, form)
        upload = read_upload(folder)
        report = report_of(upload, seconds)
        finish(upload, form(report))
        return report


def _take_in(settings: Settings, upload: Upload) -> float:
    """Ingest an upload's files; returns the seconds it took."""
    from ingest.intake.bulk import IngestOptions, ingest

    names = names_to_read_by(upload)
    paths = {upload.folder / f"{sha}.pdf": name for sha, name in names.items()}
    options = IngestOptions(on_revision=upload.on_revision, names=paths)
    # What former runs did is what this upload did, also where one died before it could say so.
    taken_in = {
        file.sha
        for file in upload.files
        if file.report and file.report.outcome in ("new", "replaced")
    }
    begun = {e["file"] for e in read_events(upload.folder) if e["stage"] == "storing"}

    def on_file(report: FileReport, done: int, total: int) -> None:
        sha = Path(report.path).stem
        if report.outcome == "unchanged" and sha in taken_in:
            return
        if report.outcome == "unchanged" and sha in begun:
            report = _as_stored(settings, report)
        note_done(upload.folder, sha, replace(report, path=names[sha]))

    report = ingest(
        list(paths),
        settings,
        options,
        on_file,
        lambda path, stage: note(upload.folder, stage, file=path.stem),
    )
    return report.seconds


def _as_stored(settings: Settings, report: FileReport) -> FileReport:
    """The report of a file that a run stored before it died: what this upload did."""
    replaces = (e.replaced_by for e in Catalog.open(settings.catalog).briefings.all())
    outcome: Outcome = "replaced" if report.briefing_id in replaces else "new"
    return replace(report, outcome=outcome)


def give_up(upload: Upload, reason: str, cure: str, form: ReportForm) -> IngestReport:
    """End an upload whose run can't be brought to its end: the files it didn't reach failed."""
    unreached = [file for file in read_upload(upload.folder).files if file.report is None]
    for file in {file.sha: file for file in reversed(unreached)}.values():
        failed = FileReport(
            path=file.name,
            outcome="failed",
            error_code="crashed",
            error_message=reason,
            cure=cure or _CURE,
            cure_zh=_CURE_ZH,
        )
        note_done(upload.folder, file.sha, failed)
    upload = read_upload(upload.folder)
    report = report_of(upload)
    finish(upload, form(report))
    return report


# --- in the server -------------------------------------------------------------------------------


class UploadRunner:
    """Brings the uploads of an archive to their end in the background, the oldest first.

    Each runs in a child process, so that readers are never blocked; where the archive is busy it
    waits, and where the child dies it tries again.
    """

    def __init__(self, settings: Settings, form: ReportForm) -> None:
        self._settings, self._form = settings, form
        self._wake, self._ending = threading.Event(), threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._work, name="uploads", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def wake(self) -> None:
        """Look for uploads: there is a new one."""
        self._wake.set()

    def stop(self) -> None:
        """End the child, gently first; what it hasn't done is left for another runner."""
        self._ending.set()
        self._wake.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
            try:
                child.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()

    def _work(self) -> None:
        told = ""
        while not self._ending.is_set():
            self._wake.clear()
            try:
                uploads = unfinished(self._settings.home)
                upload = next((each for each in uploads if each.state != "damaged"), None)
                if upload is None:
                    self._wake.wait()
                elif not self._bring_on(upload):
                    self._ending.wait(_BUSY_SECONDS)
            except (ArchiveError, OSError) as error:  # the disk may be full for a while
                if str(error) != told:
                    log.note("uploads can't be taken in", level=logging.WARNING, reason=error)
                told = str(error)
                self._ending.wait(_BUSY_SECONDS)

    def _bring_on(self, upload: Upload) -> bool:
        """Run an upload once; whether that took it on, rather than find the archive busy."""
        if len(upload.deaths) >= MOST_DEATHS:
            reason = f"taking it in died {len(upload.deaths)} times ({upload.deaths[-1]})"
            give_up(upload, reason, _CURE, self._form)
            log.note("an upload was given up", level=logging.ERROR, upload=upload.id, reason=reason)
            return True
        code = self._run(upload)
        if self._ending.is_set():
            return True
        if (upload.folder / "report.json").exists():
            log.note("taken in", upload=upload.id, **read_upload(upload.folder).counts)
            return True
        if code == BusyError.exit_code:
            return False
        reason = _reason(code, upload.folder / "run.log")
        note(upload.folder, "died", reason=reason)
        log.note("taking in died", level=logging.ERROR, upload=upload.id, reason=reason)
        return True

    def _run(self, upload: Upload) -> int:
        command = [sys.executable, "-m", "archive", "uploads", "run", upload.id]
        command += ["--parent", str(os.getpid())]
        with (upload.folder / "run.log").open("wb") as said:
            self._child = subprocess.Popen(
                command,
                env=dict(os.environ) | self._settings.environment,
                cwd=self._settings.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            return self._child.wait()


def _reason(code: int, log: Path) -> str:
    """How a process ended, and the last it said."""
    try:
        ended = f"exit code {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"
    except ValueError:
        ended = f"ended by signal {-code}"
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"{ended}: {said[:_LONGEST_WORDS]}" if said else ended

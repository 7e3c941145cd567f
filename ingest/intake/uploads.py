"""Uploads: PDFs handed in on the page, each upload a folder that says how far it is.

`job.json` is what was handed in, `events.ndjson` what has happened since, line by line, and
`report.json` the end. Files lie under their hashes; the names they came with are only shown.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from archive.errors import ArchiveError, ReadError, UsageError
from archive.records import Warning, as_plain
from archive.store.atomic_file import write_whole
from archive.store.records import FileReport, IngestReport
from archive.untrusted_text import without_surrogates
from ingest.extract.pdf import check_kind
from ingest.reading.pdf_bytes import check_size
from ingest.structure.printed_dates import first_date

MAX_FILES = 200
MAX_TOTAL = 2**30
"""Bytes of all files of an upload; those of one are limited by `ingest.extract.limits.STANDARD`."""
_LONGEST_NAME = 255
_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{6}")
_KIND_IS_TOLD_BY = 1024

OnRevision = Literal["replace", "keep"]
FileStage = Literal["waiting", "reading", "storing", "done"]
UploadState = Literal["waiting", "running", "done", "damaged"]


@dataclass(frozen=True, slots=True)
class UploadFile:
    """One file handed in: its name, how far it is, and what became of it once it is done."""

    name: str
    sha: str
    size: int
    stage: FileStage = "waiting"
    report: FileReport | None = None
    at: str = ""
    """When the stage was reached."""
    refused: bool = False
    """Whether it failed when it was handed in and was never kept."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Files handed in together; `started` is when its last run began."""

    id: str
    folder: Path
    state: UploadState
    created: str = ""
    on_revision: OnRevision = "replace"
    files: tuple[UploadFile, ...] = ()
    started: str = ""
    deaths: tuple[str, ...] = ()
    """How each run ended that had no end."""
    is_held_up: bool = False
    """Whether it waits because another process takes in."""

    @property
    def done(self) -> int:
        return sum(file.stage == "done" for file in self.files)

    @property
    def counts(self) -> dict[str, int]:
        """How many files ended in each way."""
        outcomes = [file.report.outcome for file in self.files if file.report]
        return {name: outcomes.count(name) for name in ("new", "unchanged", "replaced", "failed")}


@dataclass(frozen=True, slots=True)
class UploadPace:
    """How fast an upload goes, and the seconds it has left at that."""

    files_a_minute: float
    seconds_left: float


# --- handing in ----------------------------------------------------------------------------------


def store_upload(
    home: Path, files: Sequence[tuple[str, bytes | memoryview]], on_revision: OnRevision
) -> Upload:
    """Keep files, given as name and content, until they are taken in; whole or not at all.

    A file that is no PDF or too large is not kept and has failed from the first. Raises UsageError
    for too many files or bytes, ArchiveError where they can't be written.
    """
    _check(files)
    now = datetime.now(UTC)
    upload_id = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
    folder = uploads_folder(home) / upload_id
    draft = folder.with_name(f".{upload_id}")
    try:
        draft.mkdir(parents=True)
        entries = [_entry(name, content, draft) for name, content in files]
        job = {"created": _text(now), "on_revision": on_revision, "files": entries}
        _write(draft / "job.json", job)
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise ArchiveError(
            f"the upload can't be kept in {folder.parent}: {error.strerror}",
            "make the archive's folder writable, and see that its disk has room",
        ) from error
    return read_upload(folder)


def _check(files: Sequence[tuple[str, bytes | memoryview]]) -> None:
    if not files:
        raise UsageError("no files were handed in", "choose some PDFs first")
    if len(files) > MAX_FILES:
        raise UsageError(
            f"{len(files)} files at once, the limit is {MAX_FILES}", "hand them in by parts"
        )
    total = sum(len(content) for _, content in files)
    if total > MAX_TOTAL:
        raise UsageError(
            f"{total / 2**20:.0f} MB at once, the limit is {MAX_TOTAL / 2**20:.0f} MB",
            "hand them in by parts",
        )


def _entry(name: str, content: bytes | memoryview, folder: Path) -> dict[str, Any]:
    """What `job.json` says of a file, which is kept in the folder unless it is refused."""
    name = without_surrogates(name)[:_LONGEST_NAME]
    sha = hashlib.sha256(content).hexdigest()
    entry: dict[str, Any] = {"sha": sha, "name": name, "bytes": len(content)}
    try:
        check_size(Path(name), len(content))
        check_kind(Path(name), bytes(content[:_KIND_IS_TOLD_BY]))
    except ReadError as error:
        refused = FileReport(
            path=name,
            outcome="failed",
            error_code=error.code,
            error_message=error.message,
            cure=error.cure,
            cure_zh=error.cure_zh,
        )
        return entry | {"refused": as_plain(refused)}
    pdf = folder / f"{sha}.pdf"
    if not pdf.exists():
        pdf.write_bytes(content)
    return entry


# --- how far they are ----------------------------------------------------------------------------


def uploads_folder(home: Path) -> Path:
    return home / "uploads"


def read_uploads(home: Path) -> list[Upload]:
    """All uploads, oldest first."""
    return [read_upload(folder) for folder in _folders(home)]


def unfinished(home: Path) -> list[Upload]:
    """The uploads that have no end yet, oldest first; damaged ones have none either."""
    return [read_upload(folder) for folder in _folders(home) if not _has_end(folder)]


def finished_ids(home: Path) -> list[str]:
    """The ids of the uploads that have come to their end, newest first."""
    return [folder.name for folder in reversed(_folders(home)) if _has_end(folder)]


def find_upload(home: Path, upload_id: str) -> Upload:
    """An upload by its id; raises UsageError where there is none."""
    folder = uploads_folder(home) / upload_id
    if not _ID.fullmatch(upload_id) or not folder.is_dir():
        raise UsageError(f"there is no upload {upload_id!r}", "`archive uploads list` shows them")
    return read_upload(folder)


def read_upload(folder: Path) -> Upload:
    """An upload as its folder tells it; `damaged` where that can't be made out."""
    try:
        job = json.loads((folder / "job.json").read_bytes())
        files = [_handed_in(entry) for entry in job["files"]]
        created, on_revision = str(job["created"]), job["on_revision"]
        if on_revision not in ("replace", "keep"):
            raise ValueError(on_revision)
        events = list(read_events(folder))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Upload(folder.name, folder, "damaged")
    state: UploadState = "waiting"
    started, deaths, is_held_up = "", [], False
    told: dict[str, UploadFile] = {}
    for event in events:
        stage, sha = event["stage"], event.get("file")
        if sha is not None:
            report = _report(event["report"]) if stage == "done" else None
            told[sha] = UploadFile("", sha, 0, stage, report, event["at"])
            continue
        state = "running" if stage == "started" else "waiting"
        started = event["at"] if stage == "started" else started
        is_held_up = stage == "held up"
        if stage == "died":
            deaths.append(str(event.get("reason")))
        told = {sha: file for sha, file in told.items() if file.stage == "done"}
    if _has_end(folder):
        state = "done"
    known = tuple(_as_told(file, told, files[:at]) for at, file in enumerate(files))
    return Upload(
        folder.name, folder, state, created, on_revision, known, started, tuple(deaths), is_held_up
    )


def report_of(upload: Upload, seconds: float = 0.0) -> IngestReport:
    """What became of an upload's files, as far as it is."""
    return IngestReport(tuple(file.report for file in upload.files if file.report), seconds)


def names_to_read_by(upload: Upload) -> dict[str, str]:
    """The name each file is read by, which may hold a date, by its hash; none for refused ones."""
    names: dict[str, str] = {}
    for file in upload.files:
        if not file.refused:
            known = names.setdefault(file.sha, file.name)
            if not first_date(Path(known).stem) and first_date(Path(file.name).stem):
                names[file.sha] = file.name
    return names


def pace(upload: Upload, now: datetime) -> UploadPace | None:
    """How fast a running upload goes, judged by its last run; None before a file was read."""
    read = [f for f in upload.files if f.report and f.report.outcome != "unchanged"]
    done = [file for file in read if file.at > upload.started]
    if upload.state != "running" or not done:
        return None
    seconds = max(1.0, (now - datetime.fromisoformat(upload.started)).total_seconds())
    return UploadPace(
        60 * len(done) / seconds, (len(upload.files) - upload.done) * seconds / len(done)
    )


def _folders(home: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(uploads_folder(home)))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ArchiveError(
            f"{uploads_folder(home)} can't be read: {error.strerror}",
            "give the archive's user the right to read it",
        ) from error
    return [uploads_folder(home) / name for name in names if _ID.fullmatch(name)]


def _has_end(folder: Path) -> bool:
    return (folder / "report.json").exists()


def _handed_in(entry: dict[str, Any]) -> UploadFile:
    name, sha, size = entry["name"], entry["sha"], entry["bytes"]
    if not (isinstance(name, str) and isinstance(size, int) and re.fullmatch("[0-9a-f]{64}", sha)):
        raise ValueError(entry)
    if "refused" in entry:
        return UploadFile(name, sha, size, "done", _report(entry["refused"]), refused=True)
    return UploadFile(name, sha, size)


def _as_told(
    file: UploadFile, told: dict[str, UploadFile], before: Sequence[UploadFile]
) -> UploadFile:
    """A file with its stage; what was handed in twice is in once, so that its copy is unchanged."""
    now = told.get(file.sha)
    if file.refused or now is None:
        return file
    report = now.report and replace(now.report, path=file.name)
    first = next((other for other in before if other.sha == file.sha), None)
    if first and report and report.outcome != "failed":
        original = report.original or Path(first.name).name
        report = replace(report, outcome="unchanged", warnings=(), original=original)
    return replace(file, stage=now.stage, report=report, at=now.at)


def _report(plain: dict[str, Any]) -> FileReport:
    warnings = tuple(Warning(**warning) for warning in plain["warnings"])
    return FileReport(**plain | {"warnings": warnings})


# --- what has happened ---------------------------------------------------------------------------


def read_events(folder: Path) -> Iterator[dict[str, Any]]:
    """What has happened to an upload, in order; a line that a crash cut short is left out."""
    try:
        lines = (folder / "events.ndjson").read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            event = json.loads(line)
            _ = event["at"], event["stage"]
            if event["stage"] == "done":
                _report(event["report"])
            yield event


def note(folder: Path, stage: str, **more: Any) -> None:
    """Add to what has happened to an upload."""
    event = {"at": _text(datetime.now(UTC)), "stage": stage, **more}
    with (folder / "events.ndjson").open("ab") as file:
        # An empty line costs nothing; a line cut short by a crash would spoil the one added to it.
        file.write(b"\n" + json.dumps(event).encode())


def note_done(folder: Path, sha: str, report: FileReport) -> None:
    """Note what became of a file."""
    note(folder, "done", file=sha, outcome=report.outcome, report=as_plain(report))


def finish(upload: Upload, report: dict[str, Any]) -> None:
    """End an upload with its report; of its PDFs those that failed stay."""
    _write(upload.folder / "report.json", report)
    failed = {file.sha for file in upload.files if file.report and file.report.outcome == "failed"}
    for file in upload.files:
        if file.sha not in failed:
            (upload.folder / f"{file.sha}.pdf").unlink(missing_ok=True)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _write(path: Path, document: dict[str, Any]) -> None:
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1))

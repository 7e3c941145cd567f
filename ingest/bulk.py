"""Many files into the archive: each is in, once, or has a plain reason why not."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from archive.catalog import Catalog, KnownFile
from archive.corrections import as_corrected, read_anew, with_card
from archive.errors import ReadError, UsageError
from archive.records import Briefing, FileReport, IngestReport, Warning
from archive.settings import Settings
from archive.text import compact, without_surrogates
from archive.writer import Writer, open_writer
from ingest.read import AS_PRINTED, ReadOptions, read_bytes
from ingest.workers import STANDARD, Limits, ReadFile, read_files

OnFile = Callable[[FileReport, int, int], None]
"""Called after each file with its report, how many are done, and how many there are."""
Stage = Literal["reading", "storing"]
OnStage = Callable[[Path, Stage], None]
"""Called with a file when it is about to be read, and when what was read is about to be stored."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to ingest; `on_revision` says whether a newer file takes the place of an older one."""

    read: ReadOptions = AS_PRINTED
    limits: Limits = STANDARD
    recursive: bool = False
    on_revision: Literal["replace", "keep"] = "replace"
    workers: int = min(2, os.cpu_count() or 1)
    dry_run: bool = False
    names: Mapping[Path, str] = field(default_factory=dict)
    """The files' own names, which may hold a date, where they are stored under others."""


def find_files(paths: Sequence[Path], *, recursive: bool) -> list[Path]:
    """The files given and the PDFs in the folders given, in order of path, each once.

    Raises UsageError when a path doesn't exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"no such file or folder: {path}", "check the path")
        if path.is_dir():
            if not os.access(path, os.R_OK | os.X_OK):
                raise UsageError(f"the folder {path} can't be read", "check its permissions")
            inside = path.rglob("*") if recursive else path.glob("*")
            # A link to nowhere is a file too, one that fails.
            pdfs = [p for p in inside if p.suffix.casefold() == ".pdf" and not p.is_dir()]
            found |= dict.fromkeys(sorted(pdfs))
        else:
            found[path] = None
    return list(found)


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    options: IngestOptions,
    on_file: OnFile,
    on_stage: OnStage = lambda path, stage: None,
) -> IngestReport:
    """Take files into the archive; the outcome of each is in the report, in the order given.

    Raises UsageError for what is wrong with the call, BusyError when another process writes. A
    file that fails never stops the run.
    """
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    files = find_files(paths, recursive=options.recursive)
    if len(files) != 1 and options.read.date:
        raise UsageError(f"--date is for one file, not {len(files)}", "ingest that file alone")
    reports: dict[Path, FileReport] = {}

    def note(path: Path, report: FileReport) -> None:
        reports[path] = report
        on_file(report, len(reports), len(files))

    unread: list[Path] = []
    known = _known_files(settings)
    for path in files:
        if settled := _without_reading(path, known):
            note(path, settled)
        else:
            unread.append(path)
    if options.dry_run:
        catalog = Catalog.open(settings.catalog) if settings.catalog.exists() else None
        for path, result in _read(unread, options, on_stage):
            note(path, _dry(path, result, catalog, options))
    elif unread or not _is_settled(settings, files):
        with open_writer(settings, "ingesting") as writer:
            for path, result in _read(unread, options, on_stage):
                note(path, _take_in(path, result, writer, options, on_stage))
            writer.reconcile()
            report = _report(files, reports, clock)
            failed = [file for file in report.files if file.outcome == "failed"]
            writer.catalog.record_run(started, report.seconds, report.counts, failed)
    return _report(files, reports, clock)


def _report(files: Sequence[Path], reports: dict[Path, FileReport], clock: float) -> IngestReport:
    return IngestReport(tuple(reports[path] for path in files), round(time.monotonic() - clock, 2))


def _known_files(settings: Settings) -> dict[str, KnownFile]:
    """The files in the archive, by hash."""
    if not settings.catalog.exists():
        return {}
    return Catalog.open(settings.catalog).known_files()


def _is_settled(settings: Settings, files: Sequence[Path]) -> bool:
    """Whether there is nothing to finish or mend from an earlier run."""
    if not files or not settings.catalog.exists():
        return True
    return Catalog.open(settings.catalog).is_settled()


def _without_reading(path: Path, known: dict[str, KnownFile]) -> FileReport | None:
    """The report of a file that is in already or can't be opened; None when it must be read."""
    try:
        file = known.get(hashlib.sha256(read_bytes(path)).hexdigest())
    except ReadError as error:
        return _failed(path, error)
    return _unchanged(path, file) if file else None


def _unchanged(path: Path, file: KnownFile) -> FileReport:
    return FileReport(
        path=_shown(path),
        outcome="unchanged",
        briefing_id=file.briefing_id,
        date=file.date,
        title=file.title,
        sections=file.sections,
        passages=file.passages,
        pages=file.pages,
        original=file.file_name or None,
    )


def _shown(path: Path) -> str:
    """A path as text; bytes of a name that are not UTF-8 become U+FFFD."""
    return without_surrogates(str(path))


def _read(
    paths: Sequence[Path], options: IngestOptions, on_stage: OnStage
) -> Iterator[tuple[Path, ReadFile | ReadError]]:
    results = read_files(
        paths,
        options.read,
        options.workers,
        options.limits,
        names=options.names,
        on_reading=lambda path: on_stage(path, "reading"),
    )
    return zip(paths, results, strict=True)


def _take_in(
    path: Path,
    result: ReadFile | ReadError,
    writer: Writer,
    options: IngestOptions,
    on_stage: OnStage,
) -> FileReport:
    if isinstance(result, ReadError):
        return _failed(path, result)
    copy = writer.catalog.known_file(result.briefing.file_hash)
    if copy:  # of a file earlier in the run
        return _unchanged(path, copy)
    on_stage(path, "storing")
    corrections = writer.catalog.corrections(result.briefing.file_hash)
    if corrections:
        anew = read_anew(result.briefing, corrections)
        writer.catalog.set_corrections(result.briefing.file_hash, anew)
    briefing = as_corrected(result.briefing, corrections)
    decision = _decide(briefing, writer.catalog, options)
    briefing = replace(briefing, warnings=(*briefing.warnings, *decision.warnings))
    passages = with_card(result.passages, briefing)
    writer.add(briefing, passages, result.pdf, replaces=decision.replaces)
    return _done(path, briefing, len(passages), decision)


def _dry(
    path: Path, result: ReadFile | ReadError, catalog: Catalog | None, options: IngestOptions
) -> FileReport:
    """What taking the file in would give."""
    if isinstance(result, ReadError):
        return _failed(path, result)
    corrections = catalog.corrections(result.briefing.file_hash) if catalog else []
    briefing = as_corrected(result.briefing, corrections)
    decision = _decide(briefing, catalog, options) if catalog else _Decision()
    briefing = replace(briefing, warnings=(*briefing.warnings, *decision.warnings))
    return _done(path, briefing, len(result.passages), decision)


@dataclass(frozen=True, slots=True)
class _Decision:
    """How a briefing stands to those in the archive."""

    replaces: str | None = None
    warnings: tuple[Warning, ...] = ()


def _decide(briefing: Briefing, catalog: Catalog, options: IngestOptions) -> _Decision:
    """Whether a briefing is a revision of one that is in, stands beside others, or is new."""
    near = tuple(
        Warning("near_identical", None, f"its text is nearly that of {other.id} of {other.date}")
        for other in catalog.nearly_identical(briefing)
    )
    others = catalog.live_of_issue(briefing.series, briefing.date)
    if not others:
        return _Decision(warnings=near)
    for other in others:
        stored = catalog.briefing(other)
        if stored and largely_agree(stored.briefing, briefing) and options.on_revision == "replace":
            return _Decision(other, near)
    message = f"the archive has another document of this series and date: {', '.join(others)}"
    return _Decision(warnings=(Warning("same_issue", None, message), *near))


def largely_agree(one: Briefing, other: Briefing) -> bool:
    """Whether two briefings are versions of one document: half of their titles, or text, agree."""
    titles = [{compact(s.title).text for s in b.numbered} for b in (one, other)]
    texts = [_shingles("".join(s.text for s in b.sections)) for b in (one, other)]
    return _overlap(*titles) >= 0.5 or _overlap(*texts) >= 0.5


def _shingles(text: str, size: int = 8) -> set[str]:
    text = compact(text).text
    return {text[i : i + size] for i in range(max(1, len(text) - size + 1))}


def _overlap(one: set[str], other: set[str]) -> float:
    """Jaccard similarity."""
    return len(one & other) / max(1, len(one | other))


def _done(path: Path, briefing: Briefing, passages: int, decision: _Decision) -> FileReport:
    return FileReport(
        path=_shown(path),
        outcome="replaced" if decision.replaces else "new",
        briefing_id=briefing.id,
        date=briefing.date,
        title=briefing.title,
        sections=len(briefing.numbered),
        passages=passages,
        pages=len(briefing.pages),
        warnings=briefing.warnings,
    )


def _failed(path: Path, error: ReadError) -> FileReport:
    return FileReport(
        path=_shown(path),
        outcome="failed",
        error_code=error.code,
        error_message=without_surrogates(error.message),
        cure=error.cure,
        cure_zh=error.cure_zh,
    )

"""Many files into the archive: each is in, once, or has a plain reason why not."""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from threading import Event
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from archive.chinese.minhash import NEARLY_ALL, agreement, minhash_of
from archive.errors import ReadError, UsageError
from archive.keeping.corrections import as_corrected, read_anew, with_card
from archive.keeping.writer import Intake, Writer
from archive.keeping.writing import await_turn, open_writer
from archive.records import Briefing, Passage, Warning
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.locks import NO_PATIENCE, Patience
from archive.store.pdf_files import holds_just
from archive.store.records import FileReport, IngestReport
from archive.untrusted_text import on_one_line
from ingest.extract.limits import STANDARD, Limits
from ingest.intake.decision import OnRevision, decide
from ingest.intake.file_reports import (
    failed_report,
    shown_path,
    stored_report,
    unchanged_report,
)
from ingest.intake.live_briefings import LiveBriefings
from ingest.reading.briefing_reader import AS_PRINTED, ReadOptions
from ingest.reading.pdf_bytes import hash_file, read_bytes
from ingest.reading.workers import ReadFile, read_files

OnFile = Callable[[FileReport, int, int], None]
"""Called after each file with its report, how many are done, and how many there are."""
Stage = Literal["reading", "storing"]
OnStage = Callable[[Path, Stage], None]
"""Called with a file when it is about to be read, and when what was read is about to be stored."""
Read = tuple[Path, ReadFile | ReadError]
"""A path, and the PDF there as read, or why it wasn't."""
_PASSAGES_AT_ONCE = 192
"""So many passages, or a file more, are encoded together: some seconds of the default encoder."""
_BATCHES_AT_ONCE = 2
"""The next is begun where a core has nothing left of the one before."""
_BYTES_AT_ONCE = 64 * 2**20
"""So many bytes of PDFs, or a file more, wait together."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to ingest; `on_revision` says whether a newer file takes the place of an older one."""

    read: ReadOptions = AS_PRINTED
    limits: Limits = STANDARD
    recursive: bool = False
    on_revision: OnRevision = "replace"
    workers: int = min(2, os.cpu_count() or 1)
    dry_run: bool = False
    names: Mapping[Path, str] = field(default_factory=dict)
    """The files' own names, which may hold a date, where they are stored under others."""
    patience: Patience = NO_PATIENCE


_PUT_BACK = Warning("put_back", None, "the archive's own copy was missing or damaged: put back")


def find_files(paths: Sequence[Path], *, recursive: bool) -> list[Path]:
    """The files given and the PDFs in the folders given, in order of path, each once.

    Raises UsageError when a path doesn't exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"no such file or folder: {on_one_line(str(path))}", "check the path")
        if path.is_dir():
            if not os.access(path, os.R_OK | os.X_OK):
                raise UsageError(
                    f"the folder {on_one_line(str(path))} can't be read", "check its permissions"
                )
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
    if not options.dry_run:
        await_turn(settings, options.patience)
    reports: dict[Path, FileReport] = {}

    def note(path: Path, report: FileReport) -> None:
        reports[path] = report
        on_file(report, len(reports), len(files))

    unread: list[Path] = []
    unkept: list[Path] = []
    catalog = Catalog.open(settings.catalog) if settings.catalog.exists() else None
    for path in files:
        try:
            name = hash_file(path, options.limits)
        except ReadError as error:
            note(path, failed_report(path, error))
            continue
        if catalog is None or (known := catalog.briefings.known_file(name)) is None:
            unread.append(path)
        elif holds_just(settings.files / f"{name}.pdf", path):
            note(path, unchanged_report(path, known))
        else:
            note(path, replace(unchanged_report(path, known), warnings=(_PUT_BACK,)))
            unkept.append(path)
    if options.dry_run:
        for path, planned in _planned(_read(unread, options, on_stage), catalog, options):
            note(path, planned)
    elif unread or unkept or (files and catalog and not catalog.is_settled()):
        with open_writer(settings, "ingesting", patience=options.patience) as writer:
            for path in unkept:
                _put_back(path, writer)
            with closing(_stored(unread, writer, options, on_stage)) as stored:
                for path, taken in stored:
                    note(path, taken)
            writer.reconcile()
            _record_run(writer.catalog, started, _report(files, reports, clock))
    return _report(files, reports, clock)


def _stored(
    paths: Sequence[Path], writer: Writer, options: IngestOptions, on_stage: OnStage
) -> Generator[tuple[Path, FileReport], None, None]:
    """Read, encode and store files; the report of each, in order."""
    reads = _corrected(_read(paths, options, on_stage), writer.catalog)
    with closing(_encoded(reads, writer)) as encoded:
        for number, (batch, vectors) in enumerate(encoded):
            if number:  # those before, while the encoder works and not all at the end
                writer.link()
            yield from _take_in(batch, vectors, writer, options, on_stage)


def _record_run(catalog: Catalog, started: str, report: IngestReport) -> None:
    failed = [  # to be found again from any folder
        replace(file, path=str(Path(file.path).absolute()))
        for file in report.files
        if file.outcome == "failed"
    ]
    catalog.notes.record_run(started, report.seconds, report.counts, failed)


def _report(files: Sequence[Path], reports: dict[Path, FileReport], clock: float) -> IngestReport:
    return IngestReport(tuple(reports[path] for path in files), round(time.monotonic() - clock, 2))


def _put_back(path: Path, writer: Writer) -> None:
    """Store a PDF anew that the archive had lost, unless the file has changed in the meantime."""
    with suppress(ReadError):
        pdf = read_bytes(path)
        name = hashlib.sha256(pdf).hexdigest()
        if writer.catalog.briefings.known_file(name):
            writer.put_back(name, pdf)


def _read(paths: Sequence[Path], options: IngestOptions, on_stage: OnStage) -> Iterator[Read]:
    results = read_files(
        paths,
        options.read,
        options.workers,
        options.limits,
        names=options.names,
        on_reading=lambda path: on_stage(path, "reading"),
    )
    return zip(paths, results, strict=True)


def _corrected(reads: Iterable[Read], catalog: Catalog) -> Iterator[Read]:
    """Files as read, with what was corrected by hand when they were in before."""
    for path, result in reads:
        corrections = (
            catalog.changes.corrections(result.briefing.file_hash)
            if isinstance(result, ReadFile)
            else []
        )
        if isinstance(result, ReadFile) and corrections:
            anew = read_anew(result.briefing, corrections)
            catalog.changes.set_corrections(result.briefing.file_hash, anew)
            briefing = as_corrected(result.briefing, corrections)
            passages = with_card(result.passages, briefing)
            result = replace(result, briefing=briefing, passages=passages)
        yield path, result


def _encoded(
    reads: Iterable[Read], writer: Writer
) -> Generator[tuple[list[Read], NDArray[np.float32]], None, None]:
    """Files as read, in order, some at a time with the vectors of all their passages.

    While some are encoded, the next are read by the workers and those before are stored by whoever
    iterates. As soon as the encoder is free it gets what has been read until then.
    """
    stopped = Event()

    def encode(reads: Sequence[Read]) -> NDArray[np.float32]:
        return writer.encode(_passages(reads), go_on)

    def go_on(done: int) -> None:
        if stopped.is_set():
            raise CancelledError

    waiting: list[Read] = []
    encoding: deque[tuple[list[Read], Future[NDArray[np.float32]]]] = deque()
    with ThreadPoolExecutor(_BATCHES_AT_ONCE, "encoder") as pool:
        try:
            for read in chain(reads, [None]):
                if read is not None:
                    waiting.append(read)
                is_idle = all(vectors.done() for _, vectors in encoding)
                if waiting and (read is None or is_idle or _are_enough(waiting)):
                    encoding.append((waiting, pool.submit(encode, waiting)))
                    waiting = []
                while encoding and (
                    read is None or encoding[0][1].done() or len(encoding) > _BATCHES_AT_ONCE
                ):
                    batch, vectors = encoding.popleft()
                    yield batch, vectors.result()
        finally:
            stopped.set()  # an interruption waits for some texts, not for all


def _are_enough(reads: Sequence[Read]) -> bool:
    files = [result for _, result in reads if isinstance(result, ReadFile)]
    return (
        sum(len(file.passages) for file in files) >= _PASSAGES_AT_ONCE
        or sum(len(file.pdf) for file in files) >= _BYTES_AT_ONCE
    )


def _passages(reads: Iterable[Read]) -> list[Passage]:
    return [
        passage
        for _, result in reads
        if isinstance(result, ReadFile)
        for passage in result.passages
    ]


def _take_in(
    reads: Sequence[Read],
    vectors: NDArray[np.float32],
    writer: Writer,
    options: IngestOptions,
    on_stage: OnStage,
) -> Iterator[tuple[Path, FileReport]]:
    """Store what was read, with the vectors of its passages in this order; the report of each.

    Briefings are stored together, except that one is stored before another that it may concern, or
    that is one more of its day, is held against those in the archive.
    """
    live = LiveBriefings(writer.catalog)
    intakes: list[Intake] = []
    reports: list[tuple[Path, FileReport]] = []
    for path, result in reads:
        if isinstance(result, ReadError):
            reports.append((path, failed_report(path, result)))
            continue
        own, vectors = np.split(vectors, [len(result.passages)])
        briefing = result.briefing
        of_its_day = writer.catalog.briefings.of_issue(briefing.series, briefing.date)
        if of_its_day or any(_may_concern(intake.briefing, briefing) for intake in intakes):
            writer.add(intakes)
            yield from reports
            intakes, reports = [], []
        if copy := writer.catalog.briefings.known_file(
            briefing.file_hash
        ):  # of a file earlier in the run
            reports.append((path, unchanged_report(path, copy)))
            continue
        on_stage(path, "storing")
        decision = decide(briefing, live, options.on_revision)
        briefing = replace(briefing, warnings=(*briefing.warnings, *decision.warnings))
        intakes.append(Intake(briefing, result.passages, own, result.pdf, decision.replaces))
        reports.append((path, stored_report(path, briefing, len(result.passages), decision)))
    writer.add(intakes)
    yield from reports


def _may_concern(one: Briefing, other: Briefing) -> bool:
    """Whether of two briefings one may be a copy or a revision of the other, or nearly its text."""
    is_issue = one.date == other.date or one.file_hash == other.file_hash
    return is_issue or _are_nearly_identical(one, other)


def _are_nearly_identical(one: Briefing, other: Briefing) -> bool:
    texts = ("".join(section.text for section in briefing.sections) for briefing in (one, other))
    first, second = map(minhash_of, texts)
    return bool(first and second) and bool(agreement(first, second)[0] >= NEARLY_ALL)


def _planned(
    reads: Iterable[Read], catalog: Catalog | None, options: IngestOptions
) -> Iterator[tuple[Path, FileReport]]:
    """What taking files in would give, each held against those before it too."""
    live = LiveBriefings(catalog)
    planned: dict[str, FileReport] = {}
    for path, result in reads:
        if isinstance(result, ReadError):
            yield path, failed_report(path, result)
            continue
        briefing = result.briefing
        if copy := planned.get(briefing.file_hash):
            yield path, replace(copy, path=shown_path(path), outcome="unchanged", warnings=())
            continue
        if catalog:
            briefing = as_corrected(briefing, catalog.changes.corrections(briefing.file_hash))
        decision = decide(briefing, live, options.on_revision)
        briefing = replace(briefing, warnings=(*briefing.warnings, *decision.warnings))
        live.plan(briefing, decision.replaces)
        report = stored_report(path, briefing, len(result.passages), decision)
        planned[briefing.file_hash] = replace(report, original=briefing.file_name)
        yield path, report

"""`archive ingest` and `archive inspect`: what reads PDFs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.chinese.text import fold
from archive.cli.folder_watch import watch_until_told
from archive.cli.ingest_report import check_report_file, missing_after, write_report
from archive.cli.ingest_voice import as_event, say, tell_watches
from archive.cli.options import common, day, exit_by, print_json, reading, waiting
from archive.errors import ReadError, UsageError
from archive.output import json_documents
from archive.output.progress import ProgressEvents
from archive.settings import Settings
from archive.store.locks import Patience
from archive.untrusted_text import on_one_line
from ingest.extract.limits import Limits

if TYPE_CHECKING:
    from ingest.intake.bulk import IngestOptions

# Modules that draw or ingest are imported where they're used, so that a search starts fast.


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--recursive", is_flag=True, help="Also the folders inside the folders given.")
@click.option("--date", metavar="DATE", help="The date of the one file given, over what it says.")
@click.option("--series", help="The series, over title and issuer.")
@click.option(
    "--on-revision",
    type=click.Choice(["replace", "keep"]),
    default="replace",
    show_default=True,
    help="When a file revises a briefing: let it take its place, or keep both.",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that read PDFs.")
@reading
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option(
    "--watch",
    is_flag=True,
    help="Keep running: take in what comes into the folders, once it is completely written.",
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="With --watch, the time between two looks at the folders.",
)
@click.option(
    "--progress",
    type=click.Choice(["bar", "none", "json"]),
    default="bar",
    show_default=True,
    help="On stderr: a bar where that is a terminal, nothing, or events as lines of JSON.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what became of each file, and which days are missing, to FILE.csv or FILE.json.",
)
@waiting
@common
def ingest(
    paths: tuple[Path, ...],
    recursive: bool,
    date: str | None,
    series: str | None,
    on_revision: Any,
    workers: int | None,
    password: str | None,
    limits: Limits,
    no_ocr: bool,
    dry_run: bool,
    watch: bool,
    interval: float,
    progress: str,
    report_file: Path | None,
    patience: Patience,
    home: Path | None,
    as_json: bool,
) -> None:
    """Take PDFs, or folders of PDFs, into the archive."""
    from ingest.intake.bulk import IngestOptions
    from ingest.reading.briefing_reader import ReadOptions

    if date is not None:
        day("--date", date, last=False)
        date = fold(date.strip())
        if len(date) < len("2026-05"):
            raise UsageError(f"--date needs a month at least: {date!r}", "write it like 2026-05")
    if report_file is not None:
        check_report_file(report_file)
    options = IngestOptions(
        read=ReadOptions(date=date, series=series, password=password, ocr=not no_ocr),
        limits=limits,
        recursive=recursive,
        on_revision=on_revision,
        dry_run=dry_run,
    )
    if workers:
        options = replace(options, workers=workers)
    settings = Settings.load(home=home)
    events = ProgressEvents(say) if progress == "json" else None
    with as_event(events):
        if watch:
            for name, given in (("date", date), ("dry-run", dry_run), ("report", report_file)):
                if given:
                    raise UsageError(
                        f"--{name} is for a run that ends", f"give --watch without --{name}"
                    )
            watch_until_told(paths, settings, options, interval, events, as_json=as_json)
        else:
            if events:
                patience = patience.telling(events.message)
            options = replace(options, patience=patience)
            _ingest_once(paths, settings, options, progress, events, report_file, as_json)


def _ingest_once(
    paths: tuple[Path, ...],
    settings: Settings,
    options: IngestOptions,
    progress: str,
    events: ProgressEvents | None,
    report_file: Path | None,
    as_json: bool,
) -> None:
    from archive.output.terminal.ingest_screens import (
        ingest_progress,
        print_failures,
        print_ingest,
        print_missing_after,
    )
    from ingest.intake.bulk import find_files
    from ingest.intake.bulk import ingest as run_ingest

    tell = events.message if events else say
    if events:
        events.start(len(find_files(paths, recursive=options.recursive)))
        report = run_ingest(paths, settings, options, events.on_file, events.on_stage)
    else:
        with ingest_progress(is_shown=progress == "bar") as shown:
            report = run_ingest(paths, settings, options, shown.on_file, shown.on_stage)
    missing = None if options.dry_run else missing_after(settings)
    if not report.files:
        tell("no PDFs found in the folders given")
    if as_json:
        print_json(json_documents.ingest_json(report, missing))
    else:
        print_ingest(report)
    if events:
        events.end(report, missing)
    else:
        print_failures(report)
        print_missing_after(missing or ())
    if not options.dry_run and (report.counts["new"] or report.counts["replaced"]):
        tell_watches(settings, tell)
    if report_file is not None:
        write_report(report_file, report, missing)
    exit_by(report)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@reading
@common
def inspect(
    file: Path,
    password: str | None,
    limits: Limits,
    no_ocr: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Show how a PDF is read; stores nothing."""
    from archive.output.terminal.ingest_screens import print_inspect
    from ingest.reading.briefing_reader import ReadOptions
    from ingest.reading.workers import read_files

    if file.is_dir():
        raise UsageError(f"{on_one_line(str(file))} is a folder", "give one PDF file")
    if not file.exists():
        raise UsageError(f"no such file: {on_one_line(str(file))}", "check the path")
    options = ReadOptions(password=password, ocr=not no_ocr)
    result = next(iter(read_files([file], options, workers=1, limits=limits)))
    if isinstance(result, ReadError):
        if as_json:
            print_json(json_documents.inspect_error_json(result))
        raise result
    if as_json:
        print_json(json_documents.inspect_json(result.briefing, len(result.passages)))
    else:
        print_inspect(result.briefing, len(result.passages))

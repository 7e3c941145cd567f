"""`archive ingest` and `archive inspect`: what reads PDFs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from archive import contract
from archive.archive import Archive
from archive.cli.options import common, day, exit_by, print_json, reading
from archive.errors import ArchiveError, ReadError, UsageError
from archive.settings import Settings
from archive.text import fold, on_one_line
from ingest.limits import Limits

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
    home: Path | None,
    as_json: bool,
) -> None:
    """Take PDFs, or folders of PDFs, into the archive."""
    from archive.terminal import ingest_progress, print_failures, print_ingest
    from ingest.bulk import IngestOptions
    from ingest.bulk import ingest as run_ingest
    from ingest.read import ReadOptions

    if date is not None:
        day("--date", date, last=False)
        date = fold(date.strip())
        if len(date) < len("2026-05"):
            raise UsageError(f"--date needs a month at least: {date!r}", "write it like 2026-05")
    options = IngestOptions(
        read=ReadOptions(date=date, series=series, password=password, ocr=not no_ocr),
        limits=limits,
        recursive=recursive,
        on_revision=on_revision,
        dry_run=dry_run,
    )
    if workers:
        options = replace(options, workers=workers)
    with ingest_progress() as on_file:
        report = run_ingest(paths, Settings.load(home=home), options, on_file)
    if not report.files:
        click.echo("no PDFs found in the folders given", err=True)
    if as_json:
        print_json(contract.ingest_json(report))
    else:
        print_ingest(report)
    print_failures(report)
    if not dry_run and (report.counts["new"] or report.counts["replaced"]):
        _tell_watches(Settings.load(home=home))
    exit_by(report)


def _tell_watches(settings: Settings) -> None:
    """Say of each saved query what came in for it."""
    archive = Archive.open(settings)
    for saved in archive.watches():
        try:
            news = archive.watch_news(saved.name)
        except ArchiveError as error:  # its topic may be gone; the files are in all the same
            click.echo(f"watch {saved.name}: {error}", err=True)
            continue
        if news.results:
            click.echo(
                f"watch {saved.name}: {len(news.results)} new passages, "
                f"`archive watch show {saved.name}` lists them",
                err=True,
            )


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
    from archive.terminal import print_inspect
    from ingest.read import ReadOptions
    from ingest.workers import read_files

    if file.is_dir():
        raise UsageError(f"{on_one_line(str(file))} is a folder", "give one PDF file")
    if not file.exists():
        raise UsageError(f"no such file: {on_one_line(str(file))}", "check the path")
    options = ReadOptions(password=password, ocr=not no_ocr)
    result = next(iter(read_files([file], options, workers=1, limits=limits)))
    if isinstance(result, ReadError):
        if as_json:
            print_json(contract.inspect_error_json(result))
        raise result
    if as_json:
        print_json(contract.inspect_json(result.briefing, len(result.passages)))
    else:
        print_inspect(result.briefing, len(result.passages))

"""`archive uploads`: PDFs that were handed in on the page."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from archive.cli.options import common, exit_by, print_json
from archive.output import json_documents
from archive.output.csv_tables import files_csv
from archive.records import as_plain
from archive.settings import Settings
from archive.worker_process import end_with


@click.group()
def uploads() -> None:
    """PDFs that were handed in on the page."""


@uploads.command(name="list")
@common
def list_uploads(home: Path | None, as_json: bool) -> None:
    """List the uploads, oldest first, and how far each is."""
    from ingest.intake.uploads import read_uploads

    found = read_uploads(Settings.load(home=home).home)
    if as_json:
        plain = [as_plain(upload) | {"folder": str(upload.folder)} for upload in found]
        print_json({"uploads": plain})
        return
    for upload in found:
        counts = ", ".join(f"{name} {count}" for name, count in upload.counts.items() if count)
        files = f"{upload.done} of {len(upload.files)} files"
        click.echo("  ".join(filter(None, (upload.id, upload.state, files, counts))))


@uploads.command(name="show")
@click.argument("upload_id", metavar="ID")
@click.option("--csv", "as_csv", is_flag=True, help="Print a line of CSV for each file.")
@common
def show_upload(upload_id: str, as_csv: bool, home: Path | None, as_json: bool) -> None:
    """Show what became of an upload's files, as far as it is."""
    from archive.output.terminal.ingest_screens import print_failures, print_ingest
    from ingest.intake.uploads import find_upload, report_of

    report = report_of(find_upload(Settings.load(home=home).home, upload_id))
    if as_json:
        print_json(json_documents.ingest_json(report))
    elif as_csv:
        click.echo(files_csv(report.files), nl=False)
    else:
        print_ingest(report)
        print_failures(report)


@uploads.command(name="run")
@click.argument("upload_id", metavar="ID")
@click.option("--parent", type=int, hidden=True, help="End when this process does.")
@common
def run_upload(upload_id: str, parent: int | None, home: Path | None, as_json: bool) -> None:
    """Take an upload in, or on where it was interrupted; the page does this by itself."""
    from archive.output.terminal.ingest_screens import print_failures, print_ingest
    from ingest.intake.upload_run import run_upload as run

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if parent is not None:
        end_with(parent, signal.SIGTERM)
    report = run(Settings.load(home=home), upload_id, json_documents.ingest_json)
    if as_json:
        print_json(json_documents.ingest_json(report))
    else:
        print_ingest(report)
    print_failures(report)
    exit_by(report)

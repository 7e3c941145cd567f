"""`archive report` and `archive reports`: what readers found wrong with answers."""

from __future__ import annotations

from pathlib import Path

import click

from archive.archive import Archive
from archive.cli.options import common, print_json
from archive.output import following_json
from archive.settings import Settings


@click.command()
@click.argument("question")
@click.argument("remark")
@common
def report(question: str, remark: str, home: Path | None, as_json: bool) -> None:
    """Keep for the staff what is wrong (REMARK) with the answer to QUESTION."""
    archive = Archive.open(Settings.load(home=home))
    kept = archive.report(archive.ask(question), remark)
    if as_json:
        print_json(following_json.reports_json([kept]))
    else:
        click.echo(f"kept as report {kept.id}")


@click.command()
@click.option("--close", "closed", type=int, metavar="ID", help="Forget a report: it's dealt with.")
@common
def reports(closed: int | None, home: Path | None, as_json: bool) -> None:
    """List what readers found wrong with answers, newest first."""
    archive = Archive.open(Settings.load(home=home))
    if closed is not None:
        archive.close_report(closed)
    kept = archive.reports()
    if as_json:
        print_json(following_json.reports_json(kept))
    else:
        from archive.output.terminal.archive_screens import print_reports

        print_reports(kept)

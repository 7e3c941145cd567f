"""`archive status`: what an archive holds, what it works with, how it stands, what needs a hand."""

from __future__ import annotations

import sys
from datetime import date as Date
from pathlib import Path

import click

from archive.archive import Archive
from archive.cli.options import common, one_day, print_json
from archive.keeping.records import Check
from archive.output import keeping_json
from archive.settings import Settings


@click.command()
@click.option(
    "--check", is_flag=True, help="Say only what needs a hand now; exit code 1 when anything does."
)
@click.option("--today", metavar="DATE", help="The day from which the newest is old.  [today]")
@common
def status(check: bool, today: str | None, home: Path | None, as_json: bool) -> None:
    """Say what is in, with which models, the last runs of ingestion, and which days are missing."""
    seen_from = one_day("--today", today)
    settings = Settings.load(home=home)
    if check:
        _check(settings, seen_from, as_json=as_json)
        return
    from archive.status import status_of

    found = status_of(Archive.open(settings), settings, seen_from)
    if as_json:
        needs = keeping_json.checks_json(_needs(settings, seen_from))
        print_json(keeping_json.status_json(found) | {"needs": needs})
    else:
        from archive.output.terminal.archive_screens import print_status

        print_status(found)


def _check(settings: Settings, today: Date | None, *, as_json: bool) -> None:
    from archive.keeping.attention import waiting_reports

    found, reports = _needs(settings, today), waiting_reports(settings)
    if as_json:
        print_json({"needs": keeping_json.checks_json(found), "reports": reports})
    else:
        from archive.output.terminal.archive_screens import print_needs

        print_needs(found, reports)
    if found:
        sys.exit(1)


def _needs(settings: Settings, today: Date | None) -> list[Check]:
    from archive.keeping.attention import needs
    from ingest.intake.upload_needs import upload_needs

    return [*needs(settings, today), *upload_needs(settings)]

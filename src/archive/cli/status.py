"""`archive status`: what an archive holds, what it works with, and how it stands."""

from __future__ import annotations

from pathlib import Path

import click

from archive import contract
from archive.archive import Archive
from archive.cli.options import common, one_day, print_json
from archive.settings import Settings


@click.command()
@click.option("--today", metavar="DATE", help="The day from which the newest is old.  [today]")
@common
def status(today: str | None, home: Path | None, as_json: bool) -> None:
    """Say what is in, with which models, the last runs of ingestion, and which days are missing."""
    from archive.status import status_of

    seen_from = one_day("--today", today)
    settings = Settings.load(home=home)
    found = status_of(Archive.open(settings), settings, seen_from)
    if as_json:
        print_json(contract.status_json(found))
    else:
        from archive.terminal import print_status

        print_status(found)

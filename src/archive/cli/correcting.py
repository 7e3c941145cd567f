"""`archive remove`, `restore`, `edit`, `log`: changing what is in, and what was changed."""

from __future__ import annotations

import re
from pathlib import Path

import click

from archive.archive import Archive
from archive.cli.options import common, print_json, waiting
from archive.keeping.corrections import Edit
from archive.output import keeping_json
from archive.settings import Settings
from archive.store.locks import Patience


@click.command()
@click.argument("briefing_id", metavar="ID")
@click.option("--purge", is_flag=True, help="Delete it for good, with its PDF.")
@waiting
@common
def remove(
    briefing_id: str, purge: bool, patience: Patience, home: Path | None, as_json: bool
) -> None:
    """Take a briefing out of all that is searched; `archive restore` brings it back."""
    from archive.keeping.writing import open_writer

    settings = Settings.load(home=home)
    archive = Archive.open(settings)
    if not (purge and archive.is_removed(briefing_id)):
        archive.show(briefing_id)
    with open_writer(settings, "removing", patience=patience) as writer:
        again = writer.remove(briefing_id, purge=purge)
        writer.reconcile()
    if as_json:
        print_json({"removed": briefing_id, "purged": purge, "live_again": again})
        return
    click.echo(f"removed {briefing_id}{' for good' if purge else ''}")
    for older in again:
        click.echo(f"{older}, which it had replaced, is live again", err=True)
    if not purge:
        click.echo(f"`archive restore {briefing_id}` brings it back", err=True)


@click.command()
@click.argument("briefing_id", metavar="ID")
@waiting
@common
def restore(briefing_id: str, patience: Patience, home: Path | None, as_json: bool) -> None:
    """Bring back a briefing that was removed, or make one live that was replaced.

    It comes back as it was, with its corrections; nothing is read or encoded again.
    """
    from archive.keeping.writing import open_writer

    settings = Settings.load(home=home)
    archive = Archive.open(settings)
    if not archive.is_removed(briefing_id):
        archive.show(briefing_id)
    with open_writer(settings, "restoring", patience=patience) as writer:
        done = writer.restore(briefing_id)
        writer.reconcile()
    if as_json:
        print_json(keeping_json.restoration_json(done))
        return
    click.echo(f"restored {briefing_id}")
    if not done.is_live:
        click.echo("it is there as a replaced version, as it was before", err=True)
    if done.replaced:
        click.echo(f"{done.replaced} is replaced by it now", err=True)


@click.command()
@click.argument("briefing_id", metavar="ID")
@click.option("--date", metavar="DATE", help="Its day, 2026-05-07, or its month, 2026-05.")
@click.option("--title", help="Its title.")
@click.option("--series", help="The series that it is an issue of.")
@click.option(
    "--topics",
    multiple=True,
    metavar="NAMES",
    help="The topics of its passages, separated by commas; an empty text for none.",
)
@click.option(
    "--section", default="", metavar="NUMBER", help="With --topics: of this section only."
)
@click.option("--undo", "--as-read", "as_read", is_flag=True, help="Bring back all that was read.")
@waiting
@common
def edit(
    briefing_id: str,
    date: str | None,
    title: str | None,
    series: str | None,
    topics: tuple[str, ...],
    section: str,
    as_read: bool,
    patience: Patience,
    home: Path | None,
    as_json: bool,
) -> None:
    """Correct what was read of a briefing.

    The id stays as it is, so that citations hold. Corrections belong to the file: they are kept
    when it is removed, restored, taken in again, labelled or indexed anew.
    """
    from archive.keeping.writing import open_writer

    settings = Settings.load(home=home)
    archive = Archive.open(settings)
    names = tuple(
        name.strip() for each in topics for name in re.split("[,，、]", each) if name.strip()
    )
    said = Edit(date, title, series, names if topics else None, section.strip(), as_read)
    archive.check_edit(briefing_id, said)
    with open_writer(settings, "editing", patience=patience) as writer:
        done = writer.edit(briefing_id, said)
        writer.reconcile()
    for other in done.beside:
        click.echo(f"warning: {other} has the same series and date", err=True)
    if as_json:
        print_json(keeping_json.editing_json(done, archive.corrections(briefing_id)))
        return
    from archive.output.terminal.archive_screens import print_edited

    print_edited(done.changes)


@click.command()
@click.argument("briefing_id", metavar="[ID]", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@common
def log(briefing_id: str | None, limit: int, home: Path | None, as_json: bool) -> None:
    """List what was changed in the archive, or of one briefing, newest first."""
    changes = Archive.open(Settings.load(home=home)).changes(briefing_id, limit=limit)
    if as_json:
        print_json(keeping_json.changes_json(changes))
    else:
        from archive.output.terminal.archive_screens import print_changes

        print_changes(changes)

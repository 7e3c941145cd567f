"""`archive export` and `archive import`: the whole archive as one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.cli.options import common, print_json
from archive.keeping.records import LostPdf
from archive.output import keeping_json
from archive.settings import Settings

_SOME_LOST = 3


@click.command(name="export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@common
def export_command(file: Path, force: bool, home: Path | None, as_json: bool) -> None:
    """Write the whole archive to FILE, while readers and an ingest go on.

    Exit code 3 where a briefing's PDF is missing or damaged and could not be packed.
    """
    from archive.keeping.exporting import export_archive
    from archive.output.terminal.console import counting

    with counting("PDFs packed") as progress:
        exported = export_archive(Settings.load(home=home), file, progress, force=force)
    if as_json:
        print_json(keeping_json.exported_json(exported))
    else:
        click.echo(
            f"exported {exported.briefings} briefings, {exported.passages} passages, "
            f"{exported.pdfs} PDFs to {exported.file} ({exported.bytes / 2**20:.1f} MB)"
        )
    _tell_lost(exported.lost)
    if exported.lost:
        sys.exit(_SOME_LOST)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@common
def import_command(file: Path, home: Path | None, as_json: bool) -> None:
    """Make an archive of an export, in a home that has none; a damaged FILE changes nothing."""
    from archive.keeping.importing import import_archive
    from archive.output.terminal.console import counting

    with counting("files unpacked") as progress:
        imported = import_archive(Settings.load(home=home), file, progress)
    if as_json:
        print_json(keeping_json.imported_json(imported))
    else:
        click.echo(
            f"imported {imported.briefings} briefings, {imported.passages} passages, "
            f"{imported.pdfs} PDFs of {imported.created} into {imported.home}"
        )
    _tell_lost(imported.lost)
    for note in imported.notes:
        click.echo(f"note: {note}", err=True)


def _tell_lost(lost: tuple[LostPdf, ...]) -> None:
    for pdf in lost:
        click.echo(f"without its PDF: {pdf.briefing_id}: {pdf.reason}", err=True)
    if lost:
        click.echo("  cure: ingest the same PDF again: it is put back", err=True)

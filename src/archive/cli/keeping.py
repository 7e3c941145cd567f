"""`archive list`, `show`, `topics`, `reindex`, `doctor`, `serve`: keeping an archive."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.archive import Archive
from archive.cli.options import common, print_json, waiting
from archive.keeping import reindexing
from archive.output import json_documents, keeping_json
from archive.settings import Settings
from archive.store.locks import Patience


@click.command(name="list")
@click.option(
    "--missing", "with_missing", is_flag=True,
    help="In place of the list: the days on which a series was to be expected and isn't there.",
)  # fmt: skip
@click.option("--removed", is_flag=True, help="Those that were removed and can be restored.")
@common
def list_briefings(with_missing: bool, removed: bool, home: Path | None, as_json: bool) -> None:
    """List all briefings, newest first."""
    archive = Archive.open(Settings.load(home=home))
    entries = archive.removed() if removed else archive.briefings()
    missing = archive.missing_days() if with_missing else None
    if as_json:
        print_json(json_documents.list_json(entries, missing))
        return
    from archive.output.terminal.archive_screens import print_list, print_missing

    if missing is None:
        print_list(entries)
    else:
        print_missing(missing)


@click.command()
@click.argument("briefing_id", metavar="ID")
@common
def show(briefing_id: str, home: Path | None, as_json: bool) -> None:
    """Show a briefing: what was read from it, its passages and topics."""
    archive = Archive.open(Settings.load(home=home))
    stored, passages, file = archive.show(briefing_id)
    corrections = archive.corrections(briefing_id)
    if as_json:
        print_json(json_documents.show_json(stored, passages, file, corrections))
        return
    from archive.output.terminal.archive_screens import print_passages
    from archive.output.terminal.ingest_screens import print_inspect

    if stored.replaced_by:
        click.echo(f"replaced by {stored.replaced_by}", err=True)
    for correction in corrections:
        click.echo(f"corrected by hand: {correction.line}")
    print_inspect(stored.briefing, len(passages))
    print_passages(passages)
    click.echo(file)


@click.command()
@click.option("--retag", is_flag=True, help="First label all passages by the list as it is now.")
@waiting
@common
def topics(retag: bool, patience: Patience, home: Path | None, as_json: bool) -> None:
    """List the topics, each with its number of passages.

    The list is topics.toml; a copy in ARCHIVE_HOME overrides it. After an edit, --retag labels the
    passages anew, without encoding them again.
    """
    settings = Settings.load(home=home)
    archive = Archive.open(settings)
    if retag:
        from archive.keeping.writing import open_writer

        with open_writer(settings, "labelling", patience=patience) as writer:
            changed = reindexing.retag(writer)
        click.echo(f"{changed} passages have other topics or scores now", err=True)
    counted = archive.topics()
    if as_json:
        print_json(json_documents.topics_json(counted))
    else:
        from archive.output.terminal.archive_screens import print_topics

        print_topics(counted)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Encode and cut all passages anew.")
@waiting
@common
def reindex(everything: bool, patience: Patience, home: Path | None, as_json: bool) -> None:
    """Bring the indexes up to date with the encoder (ARCHIVE_MODEL) and the lexicon.

    Only what they touch is indexed anew: an edited word, the passages that hold it.
    """
    from archive.keeping.writing import open_writer
    from archive.output.terminal.console import counting

    settings = Settings.load(home=home)
    Archive.open(settings)
    with (
        open_writer(settings, "reindexing", reindexing=True, patience=patience) as writer,
        counting("passages encoded") as progress,
    ):
        done = reindexing.reindex(writer, progress, everything=everything)
    if as_json:
        print_json({"passages": done.passages, "encoded": done.encoded, "cut": done.cut})
    else:
        click.echo(
            f"{done.passages} passages: {done.encoded} encoded anew, {done.cut} cut into words anew"
        )


@click.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended first.")
@click.option("--verbose", is_flag=True, help="Name all that is concerned, and count all terms.")
@waiting
@common
def doctor(fix: bool, verbose: bool, patience: Patience, home: Path | None, as_json: bool) -> None:
    """Check that the archive is sound; exit code 1 when a check fails."""
    from archive.keeping.doctor import examine, mend

    settings = Settings.load(home=home)
    if fix:
        from archive.keeping.writing import await_turn

        await_turn(settings, patience)
        mend(settings)
    checks = examine(settings)
    if as_json:
        print_json(keeping_json.doctor_json(checks))
    else:
        from archive.output.terminal.archive_screens import print_checks

        print_checks(checks, verbose=verbose)
    if any(check.status == "fail" for check in checks):
        sys.exit(1)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--public-host", "public_hosts", metavar="NAME", multiple=True,
    help="A name under which readers reach the page, as through a proxy; may be given repeatedly.",
)  # fmt: skip
@click.option(
    "--log-json", is_flag=True, help="Log to stderr as one JSON object a line, for machines."
)
@click.option("--home", type=click.Path(path_type=Path), help="The archive's folder.")
def serve(
    port: int, host: str, public_hosts: tuple[str, ...], log_json: bool, home: Path | None
) -> None:
    """Run the page until interrupted.

    It answers under its own address, localhost and the names given with --public-host; /health
    tells whether the archive can be read.
    """
    from archive.serve.server import serve as run

    settings = Settings.load(home=home)
    run(settings, host, port, click.echo, public_hosts=public_hosts, log_as_json=log_json)

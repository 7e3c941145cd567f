"""The command line: `archive COMMAND`. Data on stdout, progress and messages on stderr."""

from __future__ import annotations

import io
import sys

import click

from archive.cli.backing_up import export_command, import_command
from archive.cli.correcting import edit, log, remove, restore
from archive.cli.finding import ask, coverage, search
from archive.cli.following import source, sources, stories, story, timeline
from archive.cli.keeping import doctor, list_briefings, reindex, serve, show, topics
from archive.cli.reporting import report, reports
from archive.cli.staff import staff
from archive.cli.status import status
from archive.cli.taking_in import ingest, inspect
from archive.cli.uploading import uploads
from archive.cli.watching import watch
from archive.errors import ArchiveError
from archive.offline import remove_telemetry_files
from archive.private import keep_new_files_private
from archive.settings import Settings
from archive.store.database import DamagedError
from archive.untrusted_text import on_one_line


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="briefing-archive")
def cli() -> None:
    """A searchable archive of Chinese daily briefings, with cited answers.

    The archive lies in ARCHIVE_HOME. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some files
    failed, 4 the archive has no evidence, 5 busy.
    """


for _command in (
    ingest, inspect, search, ask, coverage, stories, story, timeline, sources, source, watch,
    report, reports, list_briefings, show, topics, remove, restore, edit, log, reindex, status,
    doctor, serve, staff, uploads, export_command, import_command,
):  # fmt: skip
    cli.add_command(_command)


def main() -> None:
    """Run the command line; every known failure ends as a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8 by contract, whatever the locale
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        keep_new_files_private(Settings.load().group_access)
        if not {"json", "--progress=json"} & set(sys.argv):  # which leaves stderr to its events
            remove_telemetry_files()
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except ArchiveError as error:
        click.echo("error: " + "\n".join(map(on_one_line, str(error).split("\n"))), err=True)
        sys.exit(error.exit_code)
    except DamagedError as error:
        click.echo(f"error: the catalogue is damaged ({error})", err=True)
        click.echo("  cure: see `archive doctor`", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone; Python would complain at exit
        sys.exit(0)

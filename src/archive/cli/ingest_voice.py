"""What an ingest says on stderr: to a person, or as events to another program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from archive.archive import Archive
from archive.errors import ArchiveError
from archive.output.progress import ProgressEvents
from archive.settings import Settings


def say(message: str) -> None:
    click.echo(message, err=True)


@contextmanager
def as_event(events: ProgressEvents | None) -> Iterator[None]:
    """End with an event, where there are events, in place of a message for what goes wrong."""
    try:
        yield
    except ArchiveError as error:
        if events is None:
            raise
        events.error(error.message, error.cure, error.exit_code)
        sys.exit(error.exit_code)


def tell_watches(settings: Settings, tell: Callable[[str], None]) -> None:
    """Say of each saved query what came in for it."""
    archive = Archive.open(settings)
    for saved in archive.watches():
        try:
            news = archive.watch_news(saved.name)
        except ArchiveError as error:  # its topic may be gone; the files are in all the same
            tell(f"watch {saved.name}: {error}")
            continue
        if news.results:
            tell(
                f"watch {saved.name}: {len(news.results)} new passages, "
                f"`archive watch show {saved.name}` lists them"
            )

"""`archive watch`: saved queries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archive.archive import Archive
from archive.cli.options import common, filtered, print_json
from archive.output import following_json
from archive.records import Filter
from archive.settings import Settings


@click.group()
def watch() -> None:
    """Saved queries that tell what came in since they were last read."""


@watch.command(name="add")
@click.argument("name")
@click.argument("query", required=False, default="")
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "keyword", "semantic"]),
    default="hybrid",
    show_default=True,
)
@filtered
@common
def add_watch(
    name: str, query: str, mode: Any, where: Filter, home: Path | None, as_json: bool
) -> None:
    """Save QUERY with its filter under NAME; what is in now counts as read."""
    saved = Archive.open(Settings.load(home=home)).save_watch(name, query, mode=mode, where=where)
    if as_json:
        print_json(following_json.watches_json([saved]))
    else:
        click.echo(f"watching {saved.name}")


@watch.command(name="list")
@common
def list_watches(home: Path | None, as_json: bool) -> None:
    """List the saved queries."""
    saved = Archive.open(Settings.load(home=home)).watches()
    if as_json:
        print_json(following_json.watches_json(saved))
    else:
        from archive.output.terminal.matter_screens import print_watches

        print_watches(saved)


@watch.command(name="show")
@click.argument("name")
@click.option("--read", is_flag=True, help="Then count what is in now as read.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the new passages as CSV.")
@common
def show_watch(name: str, read: bool, as_csv: bool, home: Path | None, as_json: bool) -> None:
    """List the passages that came in since NAME was last read, without those that repeat."""
    news = Archive.open(Settings.load(home=home)).watch_news(name, mark_read=read)
    if as_json:
        print_json(following_json.watch_news_json(news))
    elif as_csv:
        from archive.output.csv_tables import results_csv

        click.echo(results_csv(news.results), nl=False)
    else:
        from archive.output.terminal.answer_screens import print_watch_news

        print_watch_news(news)


@watch.command(name="remove")
@click.argument("name")
@common
def remove_watch(name: str, home: Path | None, as_json: bool) -> None:
    """Forget a saved query."""
    Archive.open(Settings.load(home=home)).remove_watch(name)
    if as_json:
        print_json({"removed": name})
    else:
        click.echo(f"removed {name}")

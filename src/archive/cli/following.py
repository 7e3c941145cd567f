"""`archive stories`, `timeline`, `sources`: matters and sources through the briefings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archive.archive import Archive
from archive.cli.options import common, filtered, print_json
from archive.output import following_json
from archive.records import Filter
from archive.settings import Settings


@click.command()
@click.option("--briefing", "briefing_id", metavar="ID", help="Only those that it tells on.")
@click.option("--singles", is_flag=True, help="Also those told in one briefing only.")
@click.option("--limit", type=int, default=20, show_default=True)
@click.option("--offset", type=int, default=0, show_default=True)
@filtered
@common
def stories(
    briefing_id: str | None,
    singles: bool,
    limit: int,
    offset: int,
    where: Filter,
    home: Path | None,
    as_json: bool,
) -> None:
    """List the storylines, matters told across briefings, the last told first."""
    archive = Archive.open(Settings.load(home=home))
    found, total = archive.stories(
        where=where, briefing_id=briefing_id, singles=singles, limit=limit, offset=offset
    )
    if as_json:
        print_json(following_json.stories_json(found, total))
    else:
        from archive.output.terminal.matter_screens import print_stories

        print_stories(found, total)


@click.command()
@click.argument("story_id", metavar="ID")
@click.option("--markdown", is_flag=True, help="As Markdown, every quote with a footnote.")
@common
def story(story_id: str, markdown: bool, home: Path | None, as_json: bool) -> None:
    """Tell a storyline in order of days; ID is its own or that of a passage in it."""
    told, entries = Archive.open(Settings.load(home=home)).story(story_id)
    if as_json:
        print_json(following_json.story_json(told, entries))
    elif markdown:
        from archive.output.markdown import story_as_markdown

        click.echo(story_as_markdown(told, entries), nl=False)
    else:
        from archive.output.terminal.matter_screens import print_story

        print_story(told, entries)


@click.command()
@click.argument("queries", nargs=-1, metavar="[QUERY]...")
@click.option("--story", "stories", multiple=True, metavar="ID", help="A storyline; repeatable.")
@click.option("--by", type=click.Choice(["month", "week"]), default="month", show_default=True)
@click.option("--csv", "as_csv", is_flag=True, help="Print a table of briefings as CSV.")
@filtered
@common
def timeline(
    queries: tuple[str, ...], stories: tuple[str, ...], by: Any, as_csv: bool, where: Filter,
    home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Count the briefings that told of each QUERY, --topic or --story, by month or week."""
    archive = Archive.open(Settings.load(home=home))
    counted = archive.timeline(queries, stories=stories, by=by, where=where)
    if as_json:
        print_json(following_json.timeline_json(counted))
    elif as_csv:
        from archive.output.csv_tables import timeline_csv

        click.echo(timeline_csv(counted), nl=False)
    else:
        from archive.output.terminal.matter_screens import print_timeline

        print_timeline(counted)


@click.command()
@click.argument("words", required=False, default="")
@click.option("--outlet", help="Only of this outlet, by any of its names.")
@click.option("--items", is_flag=True, help="List the items, not the outlets.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@filtered
@common
def sources(
    words: str, outlet: str | None, items: bool, limit: int, where: Filter, home: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """List the outlets that briefings rely on, or the items of 参考文献 with these WORDS."""
    from archive.following.bibliography import outlets

    found = Archive.open(Settings.load(home=home)).sources(words, outlet=outlet, where=where)
    if words or outlet or items:
        if as_json:
            print_json(following_json.sources_json(found[:limit], len(found)))
        else:
            from archive.output.terminal.matter_screens import print_sources

            print_sources(found[:limit], len(found))
    elif as_json:
        print_json(following_json.outlets_json(outlets(found)[:limit]))
    else:
        from archive.output.terminal.matter_screens import print_outlets

        print_outlets(outlets(found)[:limit])


@click.command()
@click.argument("source_id", metavar="ID")
@common
def source(source_id: str, home: Path | None, as_json: bool) -> None:
    """Show an item of 参考文献: which briefings cite it, and the sentences that rest on it."""
    item, citations = Archive.open(Settings.load(home=home)).source(source_id)
    if as_json:
        print_json(following_json.source_json(item, citations))
    else:
        from archive.output.terminal.matter_screens import print_source

        print_source(item, citations)

"""Storylines, timelines, sources and watches in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from archive.following.records import Outlet, SourceItem, Story, StoryEntry, Timeline
from archive.output.terminal.console import escape, out, place_of
from archive.records import Citation
from archive.store.records import Watch

_BAR = 40


def print_stories(stories: Sequence[Story], total: int) -> None:
    console = out()
    console.print(f"共 {total} 条脉络", style="dim")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("id", "first", "last", "briefings", "passages", "name"):
        table.add_column(column, no_wrap=column in ("id", "first", "last"))
    for story in stories:
        table.add_row(
            story.id, story.first, story.last, str(story.briefings), str(len(story.passages)),
            Text(story.name),
        )  # fmt: skip
    console.print(table)


def print_story(story: Story, entries: Sequence[StoryEntry]) -> None:
    """A storyline in order of days."""
    console = out()
    console.print(f"[bold]{escape(story.name)}[/]  [dim]{story.id}[/]")
    console.print(story.line, style="dim")
    for entry in entries:
        console.print(f"\n[bold cyan]{escape(place_of(entry.citation.passage))}[/]")
        console.print(Text(f"  {entry.citation.quote}"))
        for change in entry.changes:
            console.print(f"  [yellow]{escape(change.line)}[/]")


def print_timeline(timeline: Timeline) -> None:
    """A bar for each period and thing, as long as there are briefings."""
    console = out()
    most = max((count for series in timeline.series for count in series.briefings), default=0)
    for series in timeline.series:
        console.print(f"[bold]{escape(series.name)}[/]")
        for period, briefings, passages in zip(
            timeline.periods, series.briefings, series.passages, strict=True
        ):
            bar = "█" * round(_BAR * briefings / most) if most else ""
            console.print(f"  {period}  {bar:<{_BAR}} {briefings} 期 {passages} 段")


def print_outlets(outlets: Sequence[Outlet]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("outlet", "items", "citations", "briefings", "first", "last"):
        table.add_column(column, justify="right" if column in ("items", "citations") else "left")
    for outlet in outlets:
        table.add_row(
            Text(outlet.name), str(outlet.items), str(outlet.citations), str(outlet.briefings),
            outlet.first, outlet.last,
        )  # fmt: skip
    out().print(table)


def print_sources(items: Sequence[SourceItem], total: int) -> None:
    console = out()
    console.print(f"共 {total} 项", style="dim")
    for item in items:
        cited = "、".join(each.briefing.date for each in item.citing)
        console.print(f"{item.id}  {escape(item.line)}  [dim]引用：{cited}[/]")


def print_source(item: SourceItem, citations: Sequence[Citation]) -> None:
    console = out()
    console.print(f"[bold]{escape(item.line)}[/]  [dim]{item.id}[/]")
    for each in item.citing:
        cited_in = f"《{each.briefing.title}》{each.briefing.date} 参考文献 {each.number}"
        console.print(f"  {escape(cited_in)}")
    for citation in citations:
        console.print(Text(f"\n{citation.quote}"))
        console.print(f"  {escape(citation.line)}", style="dim")


def print_watches(watches: Sequence[Watch]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("name", "query", "mode", "since", "until", "topics", "created"):
        table.add_column(column)
    for watch in watches:
        where = watch.where
        table.add_row(
            Text(watch.name), Text(watch.query), watch.mode, str(where.since or ""),
            str(where.until or ""), Text("、".join(where.topics)), watch.created,
        )  # fmt: skip
    out().print(table)

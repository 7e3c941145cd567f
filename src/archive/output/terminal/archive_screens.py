"""What the archive holds, how it stands and what was changed in it, in the terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from textwrap import indent

from rich.cells import set_cell_size
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from archive.following.records import MissingDays
from archive.index.records import TermCount
from archive.keeping.records import Check, Status
from archive.output.messages import CHECKS_ZH, VERDICTS_ZH
from archive.output.terminal.console import COLOURS, escape, out, place_of, reads_chinese, safe
from archive.records import Passage
from archive.store.records import AnswerReport, BriefingEntry, LoggedChange, as_words
from archive.untrusted_text import on_one_line

_DETAILS = 3
_VERDICT_WIDTH = 6
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def print_reports(reports: Sequence[AnswerReport]) -> None:
    """Each report: its number, day, question and remark, then the answer that was given."""
    console = out()
    for report in reports:
        console.print(f"[cyan]{report.id}[/]  {report.created}  [bold]{escape(report.question)}[/]")
        console.print(f"  {escape(report.remark)}", style="yellow")
        console.print(Text(indent(report.answer, "    ")), style="dim")
    if not reports:
        console.print("没有报告过有误的答案。")


def print_list(entries: Sequence[BriefingEntry]) -> None:
    """A row for each briefing; outside a terminal it is one line, whatever its title."""
    console = out()
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("id", "date", "title", "issuer", "pages", "sections", "status"):
        table.add_column(
            column, no_wrap=column in ("id", "date") or not console.is_terminal, overflow="ellipsis"
        )
    for entry in entries:
        status = f"replaced by {entry.replaced_by}" if entry.replaced_by else entry.status
        table.add_row(
            entry.id, entry.date, Text(on_one_line(entry.title)), Text(on_one_line(entry.issuer)),
            str(entry.pages),
            str(entry.sections), status,
        )  # fmt: skip
    console.print(table)


def print_edited(changes: Mapping[str, tuple[object, object]]) -> None:
    """What an edit changed."""
    console = out()
    if not changes:
        console.print("nothing to change: it is so already")
    for name, (old, new) in changes.items():
        console.print(f"{safe(name)}: {safe(as_words(old))} → {safe(as_words(new))}")


def print_changes(changes: Sequence[LoggedChange]) -> None:
    """What was changed in the archive."""
    console = out()
    if not changes:
        console.print("no change was written down yet")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("at", "action", "id", "date", "title", "detail"):
        table.add_column(column, no_wrap=column in ("at", "action", "id", "date"))
    for change in changes:
        table.add_row(
            change.at, change.action, change.briefing_id or "", change.date,
            safe(change.title), safe(change.line),
        )  # fmt: skip
    console.print(table)


def print_missing(missing: Sequence[MissingDays]) -> None:
    """The days that lack a briefing, by series."""
    console = out()
    if not missing:
        console.print("no day is missing where a briefing was to be expected")
    for each in missing:
        weekdays = "、".join(_WEEKDAYS[day] for day in each.weekdays)
        console.print(f"[bold]{safe(each.series)}[/]")
        console.print(
            f"  appears on {weekdays}; {len(each.dates)} missing, {each.since} to {each.until}",
            style="dim",
        )
        for day in each.dates:
            console.print(f"  {day} {_WEEKDAYS[day.weekday()]}")


def print_status(status: Status) -> None:
    """What an archive holds, what it works with, and how it stands."""
    console = out()
    age = status.freshness
    if age.is_stale:
        console.print(
            f"[yellow]the newest briefing is {age.age_days} days old[/]; "
            f"most follow each other within {age.usual_gap} days"
        )
    missing = sum(len(each.dates) for each in status.missing)
    agree = status.encoder in (None, status.encoder_set)
    lines = {
        "home": safe(status.home),
        "holds": f"{status.briefings} briefings, {status.pages} pages, {status.passages} passages, "
        f"{status.topics} topics",
        "days": f"{status.since} to {status.until}" if status.since else "none",
        "encoder": safe(status.encoder or "none yet"),
        "encoder set": "the same" if agree and status.encoder_set
        else f"[yellow]{safe(status.encoder_set or status.encoder_error)}[/]",
        "language model": safe(status.llm or "none"),
        "chroma": safe(" ".join(filter(None, (status.chroma, status.chroma_address)))),
        "disk": f"{status.bytes / 2**20:.1f} MB used, {status.free_bytes / 2**30:.1f} GB free",
        "missing": f"{missing} days; see `archive list --missing`" if missing else "no day",
    }  # fmt: skip
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, said in lines.items():
        table.add_row(name, said)
    console.print(table)
    for series in status.series:
        console.print(
            f"  {safe(series.series)}: {series.briefings}, {series.since} to {series.until}",
            style="dim",
        )
    for run in status.runs:
        counts = ", ".join(f"{name} {count}" for name, count in run.counts.items())
        console.print(f"run {safe(run.started)}  {run.seconds:.1f} s  {safe(counts)}")
        for failure in run.failures:
            console.print(
                f"  [red]failed[/] \\[{safe(failure.code)}] {safe(failure.path)}: "
                f"{safe(failure.message)}"
            )
            if failure.cure:
                console.print(f"    cure: {safe(failure.cure)}")


def print_passages(passages: Sequence[Passage]) -> None:
    tree = Tree("passages")
    for passage in passages:
        topics = f"  [dim]{escape('、'.join(passage.topics))}[/]" if passage.topics else ""
        tree.add(f"{passage.id}  {escape(place_of(passage))}{topics}")
    out().print(tree)


def print_topics(topics: Sequence[tuple[str, int]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("topic")
    table.add_column("passages", justify="right")
    for name, count in topics:
        table.add_row(Text(name), str(count))
    out().print(table)


def print_checks(
    checks: Sequence[Check], *, verbose: bool = False, rest: str = "--verbose"
) -> None:
    """A line for each check; of those that don't pass the first things concerned, and the cure.

    In the language of the terminal. `verbose`: all that is concerned, and what is said of terms;
    else the option named by `rest` tells it.
    """
    console, zh = out(), reads_chinese(os.environ)
    for check in checks:
        verdict = VERDICTS_ZH[check.status] if zh else check.status
        name = CHECKS_ZH.get(check.name, check.name) if zh else check.name
        message = check.message_zh if zh else check.message
        console.print(
            f"[{COLOURS[check.status]}]{set_cell_size(verdict, _VERDICT_WIDTH)}[/] "
            f"{name}{'：' if zh else ': '}{safe(message)}"
        )
        for detail in check.details if verbose else check.details[:_DETAILS]:
            console.print(f"      {safe(detail)}", style="dim")
        if not verbose and (more := len(check.details) - _DETAILS) > 0:
            console.print(
                f"      还有 {more} 项：{rest}" if zh else f"      and {more} more: {rest}",
                style="dim",
            )
        if check.status != "pass":
            console.print(
                f"      {f'办法：{safe(check.cure_zh)}' if zh else f'cure: {safe(check.cure)}'}"
            )
        if verbose:
            _print_terms("各词的段数" if zh else "passages per term", check.terms)
            _print_terms("可考虑加入" if zh else "proposed", check.proposed)


def print_needs(needs: Sequence[Check], reports: int) -> None:
    """What needs a hand, in the language of the terminal; one line where nothing does."""
    console, zh = out(), reads_chinese(os.environ)
    if needs:
        print_checks(needs, rest="--json")
    else:
        console.print("没有需要处理的事" if zh else "nothing needs a hand", style="green")
    if reports:
        reading = "`archive reports`"
        console.print(
            f"另有 {reports} 条读者报告待看：{reading}"
            if zh
            else f"reports of readers that wait to be read: {reports} ({reading})",
            style="dim",
        )


def _print_terms(title: str, terms: Sequence[TermCount]) -> None:
    if terms:
        counted = "、".join(f"{term.term} {term.passages}" for term in terms)
        out().print(f"      {title}: {escape(counted)}", style="dim")

"""What an ingest and `inspect` say in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from archive.following.records import MissingDays
from archive.output.messages import FAILURES_ZH, OUTCOMES_ZH
from archive.output.progress import Pace, as_duration
from archive.output.progress import Progress as IngestProgress
from archive.output.terminal.console import COLOURS, err, escape, out, print_warnings, safe
from archive.records import Briefing
from archive.store.records import FileReport, IngestReport

_MISSING_SHOWN = 10


@contextmanager
def ingest_progress(*, is_shown: bool = True) -> Iterator[IngestProgress]:
    """A progress bar with pace and time left on a terminal, nothing elsewhere."""
    console = err()
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )  # fmt: skip
    pace = Pace()
    is_shown = is_shown and console.is_terminal
    with Progress(*columns, console=console, disable=not is_shown) as progress:
        task = progress.add_task("reading", total=None, pace="")

        def advance(report: FileReport, done: int, total: int) -> None:
            pace.note(report, done, total)
            progress.update(
                task, completed=done, total=total, description=report.outcome, pace=_said(pace)
            )

        yield IngestProgress(advance, lambda path, stage: pace.begin())


def _said(pace: Pace) -> str:
    per_minute, left = pace.per_minute, pace.seconds_left
    if per_minute is None or not left:
        return ""
    return f"{per_minute:.0f}/min, {as_duration(left)} left"


def print_ingest(report: IngestReport) -> None:
    """The closing table of counts."""
    console = out()
    if not report.files:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for outcome, count in report.counts.items():
        table.add_row(Text(outcome, style=COLOURS[outcome]), str(count))
    console.print(table)
    console.print(f"{len(report.files)} files in {report.seconds:.1f} s")


def print_failures(report: IngestReport) -> None:
    """The failed files with their reason and cure in both languages, and all warnings."""
    for file in report.files:
        print_failure(file)


def print_failure(file: FileReport) -> None:
    """Why a file failed and what to do, if it did, and its warnings."""
    console = err()
    if file.was_renamed:
        console.print(
            f"[dim]unchanged 已有[/] {safe(file.path)}: in already as {safe(file.original or '')}"
            f" ({file.briefing_id})"
        )
    if file.error_code:
        console.print(f"[red]failed 失败[/] \\[{file.error_code}] {safe(file.path)}")
        console.print(f"  {safe(file.error_message or '')}")
        if file.cure:
            console.print(f"  cure: {safe(file.cure)}")
        if reason := FAILURES_ZH.get(file.error_code):
            console.print(f"  原因：{reason}")
        if file.cure_zh:
            console.print(f"  办法：{safe(file.cure_zh)}")
    print_warnings(console, file.path, file.warnings)


def print_file(file: FileReport) -> None:
    """What became of one file, on one line."""
    said = f"{file.date}《{file.title}》" if file.title else ""
    code = f"\\[{file.error_code}] " if file.error_code else ""
    outcome = f"[{COLOURS[file.outcome]}]{file.outcome} {OUTCOMES_ZH[file.outcome]}[/]"
    out().print(f"{outcome} {code}{safe(file.path)} {safe(said)}".rstrip())


def print_missing_after(missing: Sequence[MissingDays]) -> None:
    """The newest of the days that lack a briefing, by series, as a message after an ingest."""
    console = err()
    for each in missing:
        days = ", ".join(f"{day}" for day in each.dates[-_MISSING_SHOWN:])
        earlier = len(each.dates) - _MISSING_SHOWN
        more = f" and {earlier} earlier (`archive list --missing`)" if earlier > 0 else ""
        console.print(
            f"[yellow]missing 缺期[/] {len(each.dates)} of {safe(each.series)}: {days}{more}"
        )


def print_inspect(briefing: Briefing, passages: int) -> None:
    console = out()
    issue = f"  第 {briefing.issue_number} 期" if briefing.issue_number else ""
    console.print(f"[bold]{safe(briefing.title)}[/]{issue}  {briefing.date}")
    console.print(safe(briefing.issuer))
    qualities = Counter(page.quality for page in briefing.pages)
    quality = "、".join(f"{name} {count}" for name, count in qualities.items())
    console.print(
        f"{len(briefing.pages)} pages ({quality}), {len(briefing.numbered)} sections, "
        f"{passages} passages; headings from: {briefing.signal}, "
        f"confidence {briefing.confidence:.2f}",
        style="dim",
    )
    dates = "; ".join(f"{date.date} ({date.role}, {date.place})" for date in briefing.dates)
    console.print(f"dates: {dates or 'none'}\n", style="dim")
    if briefing.abstract:
        console.print(f"摘要  {escape(briefing.abstract)}\n")
    for section in briefing.numbered:
        indent = "  " * (section.level - 1)
        size = f"{len(section.text)} 字" if section.text else ""
        title = f"{section.number} {section.title}".strip()
        console.print(f"{indent}{safe(title)}  [dim]第 {section.printed} 页 {size}[/]")
    for reference in briefing.references:
        console.print(f"  [dim]{reference.number:>3}.[/] {escape(reference.line)}")
    print_warnings(console, briefing.title, briefing.warnings)

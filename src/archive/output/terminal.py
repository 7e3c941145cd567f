"""What a person sees in the terminal, drawn with rich."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import indent

from rich.cells import set_cell_size
from rich.console import Console
from rich.markup import escape as escape_markup
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from archive.asking.records import Answer
from archive.following.records import (
    Coverage,
    CoveredPart,
    MissingDays,
    Outlet,
    SourceItem,
    Story,
    StoryEntry,
    Timeline,
    WatchNews,
)
from archive.index.records import TermCount
from archive.keeping.records import Check, Status
from archive.output.markdown import SENTENCES, STATUS
from archive.output.messages import CHECKS_ZH, FAILURES_ZH, OUTCOMES_ZH, VERDICTS_ZH, WARNINGS_ZH
from archive.output.progress import Pace, as_duration
from archive.output.progress import Progress as IngestProgress
from archive.records import Briefing, Citation, Passage, Warning
from archive.search.records import BriefingGroup, Result, SearchPage
from archive.store.records import (
    AnswerReport,
    BriefingEntry,
    FileReport,
    IngestReport,
    LoggedChange,
    Watch,
    as_words,
)
from archive.untrusted_text import on_one_line

_FACETS = 6
_EARLIER = 5
_BAR = 40
_MISSING_SHOWN = 10
_DETAILS = 3
_VERDICT_WIDTH = 6
_FILE_WIDTH = 200
"""Columns of a table that goes to a file or another program, where nothing need be cut."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_COLOURS = {
    "new": "green", "unchanged": "dim", "replaced": "cyan", "failed": "red",
    "pass": "green", "warn": "yellow", "fail": "red", "live": "green",
}  # fmt: skip


def out() -> Console:
    """The console for data."""
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    return console


def err() -> Console:
    """The console for progress and messages."""
    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


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


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A running count on a terminal."""
    console = err()
    with console.status(what) as status:
        yield lambda count: status.update(f"{what}: {count}")


def print_ingest(report: IngestReport) -> None:
    """The closing table of counts."""
    console = out()
    if not report.files:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for outcome, count in report.counts.items():
        table.add_row(Text(outcome, style=_COLOURS[outcome]), str(count))
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
            f"[dim]unchanged 已有[/] {_safe(file.path)}: in already as {_safe(file.original or '')}"
            f" ({file.briefing_id})"
        )
    if file.error_code:
        console.print(f"[red]failed 失败[/] \\[{file.error_code}] {_safe(file.path)}")
        console.print(f"  {_safe(file.error_message or '')}")
        if file.cure:
            console.print(f"  cure: {_safe(file.cure)}")
        if reason := FAILURES_ZH.get(file.error_code):
            console.print(f"  原因：{reason}")
        if file.cure_zh:
            console.print(f"  办法：{_safe(file.cure_zh)}")
    _print_warnings(console, file.path, file.warnings)


def print_file(file: FileReport) -> None:
    """What became of one file, on one line."""
    said = f"{file.date}《{file.title}》" if file.title else ""
    code = f"\\[{file.error_code}] " if file.error_code else ""
    outcome = f"[{_COLOURS[file.outcome]}]{file.outcome} {OUTCOMES_ZH[file.outcome]}[/]"
    out().print(f"{outcome} {code}{_safe(file.path)} {_safe(said)}".rstrip())


def print_missing_after(missing: Sequence[MissingDays]) -> None:
    """The newest of the days that lack a briefing, by series, as a message after an ingest."""
    console = err()
    for each in missing:
        days = ", ".join(f"{day}" for day in each.dates[-_MISSING_SHOWN:])
        earlier = len(each.dates) - _MISSING_SHOWN
        more = f" and {earlier} earlier (`archive list --missing`)" if earlier > 0 else ""
        console.print(
            f"[yellow]missing 缺期[/] {len(each.dates)} of {_safe(each.series)}: {days}{more}"
        )


def escape(text: str) -> str:
    """Text, also of several lines, that neither rich nor the terminal takes for commands."""
    return escape_markup("\n".join(map(on_one_line, text.split("\n"))))


def _safe(text: str) -> str:
    """A name or message on one line that neither rich nor the terminal takes for commands."""
    return escape_markup(on_one_line(text))


def _print_warnings(console: Console, name: str, warnings: Sequence[Warning]) -> None:
    for warning in warnings:
        page = f", page {warning.page}" if warning.page else ""
        chinese = f"（{WARNINGS_ZH[warning.code]}）" if warning.code in WARNINGS_ZH else ""
        console.print(
            f"[yellow]warning[/] {_safe(name)}{page}: {_safe(warning.message)}{chinese}",
            soft_wrap=True,
        )


def print_inspect(briefing: Briefing, passages: int) -> None:
    console = out()
    issue = f"  第 {briefing.issue_number} 期" if briefing.issue_number else ""
    console.print(f"[bold]{_safe(briefing.title)}[/]{issue}  {briefing.date}")
    console.print(_safe(briefing.issuer))
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
        console.print(f"{indent}{_safe(title)}  [dim]第 {section.printed} 页 {size}[/]")
    for reference in briefing.references:
        console.print(f"  [dim]{reference.number:>3}.[/] {escape(reference.line)}")
    _print_warnings(console, briefing.title, briefing.warnings)


def print_search(page: SearchPage) -> None:
    """The results, or why there are none; how the query was taken goes to stderr."""
    console = out()
    for note in (page.inferred.line if page.inferred else "", page.message):
        if note:
            err().print(escape(note))
    if page.suggestion:
        err().print(f"您是不是要找：[bold]{escape(page.suggestion)}[/]")
    if not page.results:
        return
    console.print(
        f"共 {page.total} 条，出自 {page.briefings} 期简报，用时 {page.took_ms:.0f} 毫秒",
        style="dim",
    )
    for name, facets in (("月份", page.facets.months[::-1]), ("主题", page.facets.topics)):
        shown = "  ".join(f"{facet.value} {facet.count}" for facet in facets[:_FACETS])
        if shown:
            console.print(f"{name}：{escape(shown)}", style="dim")
    console.print()
    for group in page.groups:
        console.print(f"[bold cyan]{escape(_title(group))}[/]")
        for result in group.results:
            _print_result(console, result)
    if not page.groups:
        for result in page.results:
            _print_result(console, result)


def _title(group: BriefingGroup) -> str:
    return f"{group.briefing.date}《{group.briefing.title}》{group.total} 条"


def _print_result(console: Console, result: Result) -> None:
    passage = result.passage
    console.print(f"[bold]{result.rank}. {escape(_where(passage))}[/]")
    reasons = (
        "、".join(passage.topics),
        f"关键词第 {result.keyword_rank}" if result.keyword_rank else "",
        f"语义第 {result.semantic_rank}" if result.semantic_rank else "",
        f"含 {'、'.join(result.hits)}" if result.hits else "",
        passage.id,
    )
    console.print(f"   {escape('  '.join(filter(None, reasons)))}", style="dim")
    console.print(Text("   ") + _snippet(result))
    console.print()


def _where(passage: Passage) -> str:
    first, last = passage.printed
    pages = first if first == last else f"{first}-{last}"
    return f"{passage.briefing.date} {passage.heading}（第 {pages} 页）"


def _snippet(result: Result) -> Text:
    """The stretch of the text that holds most of the words, with these made bold."""
    text = result.passage.text
    start, end = result.snippet
    snippet = Text(text[start:end].replace("\n", " "))
    for low, high in result.highlights:
        if start <= low and high <= end:
            snippet.stylize("bold yellow", low - start, high - start)
    return Text("…" if start else "") + snippet + Text("…" if end < len(text) else "")


def print_answer(answer: Answer) -> None:
    """An answer with what its numbers stand for; or the refusal, what is near, and what to try."""
    console = out()
    for note in answer.notes:
        console.print(escape(note), style="dim")
    console.print(Text(answer.text))
    console.print()
    replaced = dict(answer.replaced)
    for citation in answer.citations:
        console.print(f"[cyan]\\[{citation.number}][/] {escape(citation.line)}")
        if revision := replaced.get(citation.briefing.id):
            console.print(f"    replaced by {escape(revision)}", style="yellow")
        for source in citation.sources:
            console.print(f"    来源：{escape(source.line)}", style="dim")
    if answer.citations:
        console.print()
    console.print(answer.coverage.line, style="yellow" if answer.coverage.is_old else "dim")
    if not answer.supported and answer.results:
        console.print("\n相近的段落：")
        for result in answer.results[:3]:
            console.print(f"  {escape(_where(result.passage))}")
    for way in answer.widen:
        console.print(f"· {escape(way.line)}", style="dim")


def print_coverage(coverage: Coverage) -> None:
    """Each part with when it was covered, how each sentence stands, and what changed."""
    console = out()
    for note in coverage.notes:
        err().print(escape(note), style="yellow")
    counts = Counter[str](part.status for part in coverage.parts)
    said = "，".join(f"{name} {counts[status]}" for status, name in STATUS.items())
    console.print(f"共 {len(coverage.parts)} 段：{said}", style="dim")
    for part in coverage.parts:
        _print_part(console, part)
    if coverage.timeline:
        months = "  ".join(f"{facet.value} {facet.count}" for facet in coverage.timeline)
        console.print(f"\n各月简报数：{months}", style="dim")


def _print_part(console: Console, part: CoveredPart) -> None:
    colour = {"covered": "dim", "partly": "yellow", "new": "green"}[part.status]
    when = f"，{part.count} 期，最近 {part.last}" if part.last else ""
    console.print(f"\n[bold]{escape(part.part)}[/]  [{colour}]{STATUS[part.status]}[/]{when}")
    if part.story:
        console.print(f"  脉络：{escape(part.story.name)}（{part.story.line}）", style="dim")
    for sentence in part.sentences:
        is_known = sentence.status in ("stands", "reworded")
        name = SENTENCES[sentence.status]
        console.print(Text(f"  [{name}] {sentence.text}", style="dim" if is_known else ""))
        for change in sentence.changes:
            console.print(f"      [yellow]{escape(change.line)}[/]")
        if sentence.citation and not sentence.changes:
            console.print(f"      {escape(sentence.citation.line)}", style="dim")
    for title, results in (("先前", part.earlier), ("相近", part.related)):
        for result in results[:_EARLIER]:
            console.print(f"  {title}：{escape(_where(result.passage))}", style="dim")
        if len(results) > _EARLIER:
            console.print(f"  {title}：另有 {len(results) - _EARLIER} 段", style="dim")


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
        console.print(f"\n[bold cyan]{escape(_where(entry.citation.passage))}[/]")
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


def print_reports(reports: Sequence[AnswerReport]) -> None:
    """Each report: its number, day, question and remark, then the answer that was given."""
    console = out()
    for report in reports:
        console.print(f"[cyan]{report.id}[/]  {report.created}  [bold]{escape(report.question)}[/]")
        console.print(f"  {escape(report.remark)}", style="yellow")
        console.print(Text(indent(report.answer, "    ")), style="dim")
    if not reports:
        console.print("没有报告过有误的答案。")


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


def print_watch_news(news: WatchNews) -> None:
    console = out()
    repeated = f"，另有 {news.repeats} 段只是重复" if news.repeats else ""
    console.print(f"{escape(news.watch.name)}：{len(news.results)} 段新内容{repeated}", style="dim")
    for result in news.results:
        _print_result(console, result)


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
        console.print(f"{_safe(name)}: {_safe(as_words(old))} → {_safe(as_words(new))}")


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
            _safe(change.title), _safe(change.line),
        )  # fmt: skip
    console.print(table)


def print_missing(missing: Sequence[MissingDays]) -> None:
    """The days that lack a briefing, by series."""
    console = out()
    if not missing:
        console.print("no day is missing where a briefing was to be expected")
    for each in missing:
        weekdays = "、".join(_WEEKDAYS[day] for day in each.weekdays)
        console.print(f"[bold]{_safe(each.series)}[/]")
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
        "home": _safe(status.home),
        "holds": f"{status.briefings} briefings, {status.pages} pages, {status.passages} passages, "
        f"{status.topics} topics",
        "days": f"{status.since} to {status.until}" if status.since else "none",
        "encoder": _safe(status.encoder or "none yet"),
        "encoder set": "the same" if agree and status.encoder_set
        else f"[yellow]{_safe(status.encoder_set or status.encoder_error)}[/]",
        "language model": _safe(status.llm or "none"),
        "chroma": _safe(" ".join(filter(None, (status.chroma, status.chroma_address)))),
        "disk": f"{status.bytes / 2**20:.1f} MB used, {status.free_bytes / 2**30:.1f} GB free",
        "missing": f"{missing} days; see `archive list --missing`" if missing else "no day",
    }  # fmt: skip
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, said in lines.items():
        table.add_row(name, said)
    console.print(table)
    for series in status.series:
        console.print(
            f"  {_safe(series.series)}: {series.briefings}, {series.since} to {series.until}",
            style="dim",
        )
    for run in status.runs:
        counts = ", ".join(f"{name} {count}" for name, count in run.counts.items())
        console.print(f"run {_safe(run.started)}  {run.seconds:.1f} s  {_safe(counts)}")
        for failure in run.failures:
            console.print(
                f"  [red]failed[/] \\[{_safe(failure.code)}] {_safe(failure.path)}: "
                f"{_safe(failure.message)}"
            )
            if failure.cure:
                console.print(f"    cure: {_safe(failure.cure)}")


def print_passages(passages: Sequence[Passage]) -> None:
    tree = Tree("passages")
    for passage in passages:
        topics = f"  [dim]{escape('、'.join(passage.topics))}[/]" if passage.topics else ""
        tree.add(f"{passage.id}  {escape(_where(passage))}{topics}")
    out().print(tree)


def print_topics(topics: Sequence[tuple[str, int]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("topic")
    table.add_column("passages", justify="right")
    for name, count in topics:
        table.add_row(Text(name), str(count))
    out().print(table)


def reads_chinese(environ: Mapping[str, str]) -> bool:
    """Whether the terminal's messages are in Chinese by POSIX's variables."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next(filter(None, map(environ.get, names)), "").startswith("zh")


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
            f"[{_COLOURS[check.status]}]{set_cell_size(verdict, _VERDICT_WIDTH)}[/] "
            f"{name}{'：' if zh else ': '}{_safe(message)}"
        )
        for detail in check.details if verbose else check.details[:_DETAILS]:
            console.print(f"      {_safe(detail)}", style="dim")
        if not verbose and (more := len(check.details) - _DETAILS) > 0:
            console.print(
                f"      还有 {more} 项：{rest}" if zh else f"      and {more} more: {rest}",
                style="dim",
            )
        if check.status != "pass":
            console.print(
                f"      {f'办法：{_safe(check.cure_zh)}' if zh else f'cure: {_safe(check.cure)}'}"
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

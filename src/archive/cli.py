"""The command line: `archive COMMAND`. Data on stdout, progress and messages on stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date as Date
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from archive import contract
from archive.archive import Archive
from archive.catalog import DamagedError
from archive.errors import ArchiveError, ReadError, UsageError
from archive.follow_up import Turn
from archive.records import Answer, Filter, day_range
from archive.sessions import is_name, load_turn, save_turn
from archive.settings import Settings
from archive.text import fold

_QUERY_LANGUAGE = """
\b
Words of a QUERY, each in half or full width:
  稀土 出口           passages with both come first, then those with some
  "出口许可"          exactly this, white space aside; also “…” and 「…」
  -美国               without this
  稀土 OR 锂          either of the two
  标题:许可           in the title or a heading
  主题:氢能           of this topic
  日期:2026-05        of these days; also 日期:2026-05-01..2026-05-07
"""
_SESSION = "default"
NO_EVIDENCE = 4
SOME_FAILED = 3
_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="briefing-archive")
def cli() -> None:
    """A searchable archive of Chinese daily briefings, with cited answers.

    The archive lies in ARCHIVE_HOME. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some files
    failed, 4 the archive has no evidence, 5 busy.
    """


def main() -> None:
    """Run the command line; every known failure ends as a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8 by contract, whatever the locale
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
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
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except DamagedError as error:
        click.echo(f"error: the catalogue is damaged ({error})", err=True)
        click.echo("  cure: see `archive doctor`", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone; Python would complain at exit
        sys.exit(0)


def _common(command: _Command) -> _Command:
    """The options every command has."""
    home = click.option("--home", type=click.Path(path_type=Path), help="The archive's folder.")
    as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    return home(as_json(command))


def _filtered(command: _Command) -> _Command:
    """The options of commands that search."""
    since = click.option("--since", metavar="DATE", help="First day: 2026-05-07, 2026-05 or 2026.")
    until = click.option("--until", metavar="DATE", help="Last day, inclusive.")
    topic = click.option("--topic", "topics", multiple=True, help="Any of these topics.")

    @wraps(command)
    def with_filter(
        *args: Any, since: str | None, until: str | None, topics: tuple[str, ...], **rest: Any
    ) -> Any:
        where = Filter(
            since=_day("--since", since, last=False),
            until=_day("--until", until, last=True),
            topics=topics,
        )
        return command(*args, where=where, **rest)

    return cast(_Command, since(until(topic(with_filter))))


def _reading(command: _Command) -> _Command:
    """The options of commands that read PDFs."""
    password = click.option(
        "--password", help="Opens encrypted PDFs; it is neither stored nor logged."
    )
    password_file = click.option(
        "--password-file",
        type=click.Path(path_type=Path),
        help="A file whose first line is the password.",
    )
    timeout = click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=180.0,
        show_default=True,
        help="Seconds that reading one file may take.",
    )
    no_ocr = click.option(
        "--no-ocr",
        is_flag=True,
        help="Leave pages that are pictures unread, where OCR is installed.",
    )

    @wraps(command)
    def with_password(
        *args: Any, password: str | None, password_file: Path | None, **rest: Any
    ) -> Any:
        if password_file:
            if password is not None:
                raise UsageError("--password and --password-file were both given", "give one")
            password = _first_line(password_file)
        return command(*args, password=password, **rest)

    return cast(_Command, password(password_file(timeout(no_ocr(with_password)))))


def _first_line(path: Path) -> str:
    try:
        return (path.read_text(encoding="utf-8-sig").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the password file {path} can't be read ({error})", "check the path and its encoding"
        ) from error


def _day(option: str, text: str | None, *, last: bool) -> Date | None:
    if text is None:
        return None
    try:
        return day_range(fold(text.strip()))[last]
    except ValueError:
        raise UsageError(
            f"{option} is not a date: {text!r}", "write it like 2026-05-07, 2026-05 or 2026"
        ) from None


def _one_day(option: str, text: str | None) -> Date | None:
    first, last = _day(option, text, last=False), _day(option, text, last=True)
    if first != last:
        raise UsageError(f"{option} is not a day: {text!r}", "write it like 2026-05-07")
    return first


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


# Modules that draw or ingest are imported where they're used, so that a search starts fast.


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--recursive", is_flag=True, help="Also the folders inside the folders given.")
@click.option("--date", metavar="DATE", help="The date of the one file given, over what it says.")
@click.option("--series", help="The series, over title and issuer.")
@click.option(
    "--on-revision",
    type=click.Choice(["replace", "keep"]),
    default="replace",
    show_default=True,
    help="When a file revises a briefing: let it take its place, or keep both.",
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that read PDFs.")
@_reading
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@_common
def ingest(
    paths: tuple[Path, ...],
    recursive: bool,
    date: str | None,
    series: str | None,
    on_revision: Any,
    workers: int | None,
    password: str | None,
    timeout: float,
    no_ocr: bool,
    dry_run: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Take PDFs, or folders of PDFs, into the archive."""
    from archive.terminal import ingest_progress, print_failures, print_ingest
    from ingest.bulk import IngestOptions
    from ingest.bulk import ingest as run_ingest
    from ingest.read import ReadOptions
    from ingest.workers import Limits

    if date is not None:
        _day("--date", date, last=False)
        date = fold(date.strip())
        if len(date) < len("2026-05"):
            raise UsageError(f"--date needs a month at least: {date!r}", "write it like 2026-05")
    options = IngestOptions(
        read=ReadOptions(date=date, series=series, password=password, ocr=not no_ocr),
        limits=Limits(seconds=timeout),
        recursive=recursive,
        on_revision=on_revision,
        dry_run=dry_run,
    )
    if workers:
        options = replace(options, workers=workers)
    with ingest_progress() as on_file:
        report = run_ingest(paths, Settings.load(home=home), options, on_file)
    if not report.files:
        click.echo("no PDFs found in the folders given", err=True)
    if as_json:
        _print_json(contract.ingest_json(report))
    else:
        print_ingest(report)
    print_failures(report)
    if not dry_run and (report.counts["new"] or report.counts["replaced"]):
        _tell_watches(Settings.load(home=home))
    failed = report.counts["failed"]
    if failed:
        sys.exit(1 if failed == len(report.files) else SOME_FAILED)


def _tell_watches(settings: Settings) -> None:
    """Say of each saved query what came in for it."""
    archive = Archive.open(settings)
    for saved in archive.watches():
        try:
            news = archive.watch_news(saved.name)
        except ArchiveError as error:  # its topic may be gone; the files are in all the same
            click.echo(f"watch {saved.name}: {error}", err=True)
            continue
        if news.results:
            click.echo(
                f"watch {saved.name}: {len(news.results)} new passages, "
                f"`archive watch show {saved.name}` lists them",
                err=True,
            )


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@_reading
@_common
def inspect(
    file: Path,
    password: str | None,
    timeout: float,
    no_ocr: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Show how a PDF is read; stores nothing."""
    from archive.terminal import print_inspect
    from ingest.read import ReadOptions
    from ingest.workers import Limits, read_files

    if file.is_dir():
        raise UsageError(f"{file} is a folder", "give one PDF file")
    if not file.exists():
        raise UsageError(f"no such file: {file}", "check the path")
    options = ReadOptions(password=password, ocr=not no_ocr)
    limits = Limits(seconds=timeout)
    result = next(iter(read_files([file], options, workers=1, limits=limits)))
    if isinstance(result, ReadError):
        if as_json:
            _print_json(contract.inspect_error_json(result))
        raise result
    if as_json:
        _print_json(contract.inspect_json(result.briefing, len(result.passages)))
    else:
        print_inspect(result.briefing, len(result.passages))


@cli.command(epilog=_QUERY_LANGUAGE)
@click.argument("query", required=False)
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "keyword", "semantic"]),
    default="hybrid",
    show_default=True,
    help="By words and meaning, by words, or by meaning.",
)
@click.option("--series", help="Only this series (or title).")
@click.option("--issuer", help="Only issuers whose name holds this.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "newest", "oldest"]),
    default="relevance",
    show_default=True,
)
@click.option("--limit", type=int, default=10, show_default=True)
@click.option("--offset", type=int, default=0, show_default=True)
@click.option(
    "--by-briefing", is_flag=True, help="Group by briefing; limit and offset count briefings."
)
@click.option("--similar", metavar="PASSAGE_ID", help="In place of QUERY: passages like this one.")
@click.option(
    "--today", metavar="DATE", help="The day from which 上周 and the like are seen.  [today]"
)
@click.option(
    "--no-date-inference", is_flag=True, help="Take 上周, 5月7日 and the like as mere words."
)
@_filtered
@_common
def search(
    query: str | None,
    mode: Any,
    series: str | None,
    issuer: str | None,
    sort: Any,
    limit: int,
    offset: int,
    by_briefing: bool,
    similar: str | None,
    today: str | None,
    no_date_inference: bool,
    where: Filter,
    home: Path | None,
    as_json: bool,
) -> None:
    """Find passages by words, by meaning, or by both."""
    if (query is None) == (similar is None):
        raise UsageError("give a QUERY, or --similar PASSAGE_ID", "one of the two, not both")
    where = replace(where, series=series, issuer=issuer)
    day = _one_day("--today", today)
    archive = Archive.open(Settings.load(home=home))
    if similar is not None:
        page = archive.similar(similar, where=where, limit=limit, offset=offset)
    else:
        page = archive.search_page(
            query or "",
            mode=mode,
            where=where,
            sort=sort,
            limit=limit,
            offset=offset,
            by_briefing=by_briefing,
            today=day,
            infer_dates=not no_date_inference,
        )
    if as_json:
        if page.message:
            click.echo(page.message, err=True)
        _print_json(contract.search_json(page))
    else:
        from archive.terminal import print_search

        print_search(page)


@cli.command()
@click.argument("question", required=False)
@click.option("--no-llm", is_flag=True, help="Quote sentences even where a language model is set.")
@click.option(
    "--session",
    metavar="NAME",
    is_flag=False,
    flag_value=_SESSION,
    help="Understand the question with the last one of this session (那欧盟呢?). "
    "Without a QUESTION they are read from stdin, one a line.",
)
@click.option("--today", metavar="DATE", help="The day from which words like 上周 are seen.")
@_filtered
@_common
def ask(
    question: str | None, no_llm: bool, session: str | None, today: str | None, where: Filter,
    home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Answer a question with citations; exit code 4 where the archive has no evidence."""
    if question is None and session is not None and not is_name(session):
        question, session = session, _SESSION  # `--session 那欧盟呢?`: a name is ASCII
    if question is None and session is None:
        raise click.UsageError("Missing argument 'QUESTION'.")
    settings = Settings.load(home=home)
    archive = Archive.open(settings)
    day = _day("--today", today, last=False)
    asked: Iterable[str] = [question] if question is not None else sys.stdin
    supported = True
    for line in (text.strip() for text in asked if text.strip() or question is not None):
        previous = load_turn(settings.home, session) if session else None
        answer = archive.ask(line, where=where, previous=previous, use_llm=not no_llm, today=day)
        if session:
            save_turn(settings.home, session, Turn(answer.understood or line, answer.where))
        _print_answer(answer, as_json)
        supported = answer.supported
    if not supported:
        click.echo("the archive has no evidence for an answer", err=True)
        sys.exit(NO_EVIDENCE)


@cli.command()
@click.argument("text", required=False)
@click.option(
    "--file",
    type=click.Path(path_type=Path, readable=False),
    help="The draft: a PDF, which is read as `ingest` reads it but not kept, or a text file.",
)
@_reading
@_filtered
@_common
def coverage(
    text: str | None, file: Path | None, password: str | None, timeout: float, no_ocr: bool,
    where: Filter, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Say which parts of a draft were covered before, when, and what is new or changed.

    TEXT is the draft itself, - to read it from stdin, or some words that name a subject. With
    --topic alone it is asked of the topic: when it was covered, and what its latest briefing has
    that earlier ones don't.
    """
    from ingest.draft import read_draft
    from ingest.read import ReadOptions
    from ingest.workers import Limits

    if text is not None and file is not None:
        raise UsageError("a TEXT and a --file were both given", "give one")
    if text is None and file is None and len(where.topics) != 1:
        raise UsageError("there is no draft", "give a TEXT, a --file or one --topic")
    archive = Archive.open(Settings.load(home=home))
    if file is not None:
        options = ReadOptions(password=password, ocr=not no_ocr)
        draft = read_draft(file, options, Limits(seconds=timeout))
        found = archive.coverage(draft, where=where)
    elif text is not None:
        if text.casefold().endswith(".pdf") and Path(text).exists():
            raise UsageError(f"{text} is a file, not a text", f"give it as --file {text}")
        pasted = sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text
        found = archive.coverage(pasted, where=where)
    else:
        found = archive.coverage_of_topic(where.topics[0], where=replace(where, topics=()))
    if as_json:
        _print_json(contract.coverage_json(found))
    else:
        from archive.terminal import print_coverage

        print_coverage(found)


def _print_answer(answer: Answer, as_json: bool) -> None:
    if as_json:
        _print_json(contract.answer_json(answer))
        return
    from archive.terminal import print_answer

    print_answer(answer)


@cli.command()
@click.option("--singles", is_flag=True, help="Also those told in one briefing only.")
@click.option("--limit", type=int, default=20, show_default=True)
@click.option("--offset", type=int, default=0, show_default=True)
@_filtered
@_common
def stories(
    singles: bool, limit: int, offset: int, where: Filter, home: Path | None, as_json: bool
) -> None:
    """List the storylines, matters told across briefings, the last told first."""
    archive = Archive.open(Settings.load(home=home))
    found, total = archive.stories(where=where, singles=singles, limit=limit, offset=offset)
    if as_json:
        _print_json(contract.stories_json(found, total))
    else:
        from archive.terminal import print_stories

        print_stories(found, total)


@cli.command()
@click.argument("story_id", metavar="ID")
@click.option("--markdown", is_flag=True, help="As Markdown, every quote with a footnote.")
@_common
def story(story_id: str, markdown: bool, home: Path | None, as_json: bool) -> None:
    """Tell a storyline in order of days; ID is its own or that of a passage in it."""
    told, entries = Archive.open(Settings.load(home=home)).story(story_id)
    if as_json:
        _print_json(contract.story_json(told, entries))
    elif markdown:
        from archive.chronology import as_markdown

        click.echo(as_markdown(told, entries), nl=False)
    else:
        from archive.terminal import print_story

        print_story(told, entries)


@cli.command()
@click.argument("queries", nargs=-1, metavar="[QUERY]...")
@click.option("--story", "stories", multiple=True, metavar="ID", help="A storyline; repeatable.")
@click.option("--by", type=click.Choice(["month", "week"]), default="month", show_default=True)
@click.option("--csv", "as_csv", is_flag=True, help="Print a table of briefings as CSV.")
@_filtered
@_common
def timeline(
    queries: tuple[str, ...], stories: tuple[str, ...], by: Any, as_csv: bool, where: Filter,
    home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Count the briefings that told of each QUERY, --topic or --story, by month or week."""
    archive = Archive.open(Settings.load(home=home))
    counted = archive.timeline(queries, stories=stories, by=by, where=where)
    if as_json:
        _print_json(contract.timeline_json(counted))
    elif as_csv:
        from archive.tables import timeline_csv

        click.echo(timeline_csv(counted), nl=False)
    else:
        from archive.terminal import print_timeline

        print_timeline(counted)


@cli.command()
@click.argument("words", required=False, default="")
@click.option("--outlet", help="Only of this outlet, by any of its names.")
@click.option("--items", is_flag=True, help="List the items, not the outlets.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@_filtered
@_common
def sources(
    words: str, outlet: str | None, items: bool, limit: int, where: Filter, home: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """List the outlets that briefings rely on, or the items of 参考文献 with these WORDS."""
    from archive.bibliography import outlets

    found = Archive.open(Settings.load(home=home)).sources(words, outlet=outlet, where=where)
    if words or outlet or items:
        if as_json:
            _print_json(contract.sources_json(found[:limit], len(found)))
        else:
            from archive.terminal import print_sources

            print_sources(found[:limit], len(found))
    elif as_json:
        _print_json(contract.outlets_json(outlets(found)[:limit]))
    else:
        from archive.terminal import print_outlets

        print_outlets(outlets(found)[:limit])


@cli.command()
@click.argument("source_id", metavar="ID")
@_common
def source(source_id: str, home: Path | None, as_json: bool) -> None:
    """Show an item of 参考文献: which briefings cite it, and the sentences that rest on it."""
    item, citations = Archive.open(Settings.load(home=home)).source(source_id)
    if as_json:
        _print_json(contract.source_json(item, citations))
    else:
        from archive.terminal import print_source

        print_source(item, citations)


@cli.group()
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
@_filtered
@_common
def add_watch(
    name: str, query: str, mode: Any, where: Filter, home: Path | None, as_json: bool
) -> None:
    """Save QUERY with its filter under NAME; what is in now counts as read."""
    saved = Archive.open(Settings.load(home=home)).save_watch(name, query, mode=mode, where=where)
    if as_json:
        _print_json(contract.watches_json([saved]))
    else:
        click.echo(f"watching {saved.name}")


@watch.command(name="list")
@_common
def list_watches(home: Path | None, as_json: bool) -> None:
    """List the saved queries."""
    saved = Archive.open(Settings.load(home=home)).watches()
    if as_json:
        _print_json(contract.watches_json(saved))
    else:
        from archive.terminal import print_watches

        print_watches(saved)


@watch.command(name="show")
@click.argument("name")
@click.option("--read", is_flag=True, help="Then count what is in now as read.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the new passages as CSV.")
@_common
def show_watch(name: str, read: bool, as_csv: bool, home: Path | None, as_json: bool) -> None:
    """List the passages that came in since NAME was last read, without those that repeat."""
    news = Archive.open(Settings.load(home=home)).watch_news(name, mark_read=read)
    if as_json:
        _print_json(contract.watch_news_json(news))
    elif as_csv:
        from archive.tables import results_csv

        click.echo(results_csv(news.results), nl=False)
    else:
        from archive.terminal import print_watch_news

        print_watch_news(news)


@watch.command(name="remove")
@click.argument("name")
@_common
def remove_watch(name: str, home: Path | None, as_json: bool) -> None:
    """Forget a saved query."""
    Archive.open(Settings.load(home=home)).remove_watch(name)
    if as_json:
        _print_json({"removed": name})
    else:
        click.echo(f"removed {name}")


@cli.command(name="list")
@_common
def list_briefings(home: Path | None, as_json: bool) -> None:
    """List all briefings, newest first."""
    entries = Archive.open(Settings.load(home=home)).briefings()
    if as_json:
        _print_json(contract.list_json(entries))
    else:
        from archive.terminal import print_list

        print_list(entries)


@cli.command()
@click.argument("briefing_id", metavar="ID")
@_common
def show(briefing_id: str, home: Path | None, as_json: bool) -> None:
    """Show a briefing: what was read from it, its passages and topics."""
    stored, passages, file = Archive.open(Settings.load(home=home)).show(briefing_id)
    if as_json:
        _print_json(contract.show_json(stored, passages, file))
        return
    from archive.terminal import print_inspect, print_passages

    if stored.replaced_by:
        click.echo(f"replaced by {stored.replaced_by}", err=True)
    print_inspect(stored.briefing, len(passages))
    print_passages(passages)
    click.echo(file)


@cli.command()
@click.option("--retag", is_flag=True, help="First label all passages by the list as it is now.")
@_common
def topics(retag: bool, home: Path | None, as_json: bool) -> None:
    """List the topics, each with its number of passages.

    The list is topics.toml; a copy in ARCHIVE_HOME overrides it. After an edit, --retag labels the
    passages anew, without encoding them again.
    """
    settings = Settings.load(home=home)
    archive = Archive.open(settings)
    if retag:
        from archive.writer import open_writer

        with open_writer(settings, "labelling") as writer:
            changed = writer.retag()
        click.echo(f"{changed} passages have other topics or scores now", err=True)
    counted = archive.topics()
    if as_json:
        _print_json(contract.topics_json(counted))
    else:
        from archive.terminal import print_topics

        print_topics(counted)


@cli.command()
@click.argument("briefing_id", metavar="ID")
@_common
def remove(briefing_id: str, home: Path | None, as_json: bool) -> None:
    """Take a briefing out of the archive, with its PDF."""
    from archive.writer import open_writer

    settings = Settings.load(home=home)
    Archive.open(settings).show(briefing_id)
    with open_writer(settings, "removing") as writer:
        writer.remove(briefing_id)
        writer.reconcile()
    if as_json:
        _print_json({"removed": briefing_id})
    else:
        click.echo(f"removed {briefing_id}")


@cli.command()
@click.option("--all", "everything", is_flag=True, help="Encode and cut all passages anew.")
@_common
def reindex(everything: bool, home: Path | None, as_json: bool) -> None:
    """Bring the indexes up to date with the encoder (ARCHIVE_MODEL) and the lexicon.

    Only what they touch is indexed anew: an edited word, the passages that hold it.
    """
    from archive.terminal import counting
    from archive.writer import open_writer

    settings = Settings.load(home=home)
    Archive.open(settings)
    with (
        open_writer(settings, "reindexing", reindexing=True) as writer,
        counting("passages encoded") as progress,
    ):
        done = writer.reindex(progress, everything=everything)
    if as_json:
        _print_json({"passages": done.passages, "encoded": done.encoded, "cut": done.cut})
    else:
        click.echo(
            f"{done.passages} passages: {done.encoded} encoded anew, {done.cut} cut into words anew"
        )


@cli.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended first.")
@_common
def doctor(fix: bool, home: Path | None, as_json: bool) -> None:
    """Check that the archive is sound; exit code 1 when a check fails."""
    from archive.doctor import examine, mend

    settings = Settings.load(home=home)
    if fix:
        mend(settings)
    checks = examine(settings)
    if as_json:
        _print_json(contract.doctor_json(checks))
    else:
        from archive.terminal import print_checks

        print_checks(checks)
    if any(check.status == "fail" for check in checks):
        sys.exit(1)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--home", type=click.Path(path_type=Path), help="The archive's folder.")
def serve(port: int, host: str, home: Path | None) -> None:
    """Run the page, with the local Chroma server beside it, until interrupted."""
    from archive.server import serve as run

    run(Settings.load(home=home), host, port, click.echo)

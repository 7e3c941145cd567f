"""`archive search`, `ask` and `coverage`: what the archive says to a query, a question, a draft."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from archive.archive import Archive
from archive.asking.follow_up import Turn
from archive.asking.last_question import is_name, load_turn, save_turn
from archive.asking.records import Answer
from archive.cli.options import common, day, filtered, one_day, print_json, reading
from archive.errors import UsageError
from archive.output import json_documents
from archive.records import Filter
from archive.settings import Settings
from ingest.extract.limits import Limits

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
_NO_EVIDENCE = 4


@click.command(epilog=_QUERY_LANGUAGE)
@click.argument("query", required=False)
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "keyword", "semantic"]),
    default="hybrid",
    show_default=True,
    help="By words and meaning, by words, or by meaning.",
)
@click.option("--series", help="Only this series (or title).")
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
@filtered
@common
def search(
    query: str | None,
    mode: Any,
    series: str | None,
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
    where = replace(where, series=series)
    seen_from = one_day("--today", today)
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
            today=seen_from,
            infer_dates=not no_date_inference,
        )
    if as_json:
        if page.message:
            click.echo(page.message, err=True)
        print_json(json_documents.search_json(page))
    else:
        from archive.output.terminal.answer_screens import print_search

        print_search(page)


@click.command()
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
@click.option("--markdown", is_flag=True, help="As Markdown, every citation a footnote.")
@filtered
@common
def ask(
    question: str | None, no_llm: bool, session: str | None, today: str | None, where: Filter,
    markdown: bool, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Answer a question with citations; exit code 4 where the archive has no evidence."""
    if question is None and session is not None and not is_name(session):
        question, session = session, _SESSION  # `--session 那欧盟呢?`: a name is ASCII
    if question is None and session is None:
        raise click.UsageError("Missing argument 'QUESTION'.")
    settings = Settings.load(home=home)
    archive = Archive.open(settings)
    seen_from = day("--today", today, last=False)
    asked: Iterable[str] = [question] if question is not None else sys.stdin
    supported = True
    for line in (text.strip() for text in asked if text.strip() or question is not None):
        previous = load_turn(settings.home, session) if session else None
        answer = archive.ask(
            line, where=where, previous=previous, use_llm=not no_llm, today=seen_from
        )
        if session:
            save_turn(settings.home, session, Turn(answer.understood or line, answer.where))
        _print_answer(answer, as_json, markdown)
        supported = answer.supported
    if not supported:
        click.echo("the archive has no evidence for an answer", err=True)
        sys.exit(_NO_EVIDENCE)


def _print_answer(answer: Answer, as_json: bool, markdown: bool) -> None:
    if as_json:
        print_json(json_documents.answer_json(answer))
        return
    if markdown:
        from archive.output.markdown import answer_as_markdown

        click.echo(answer_as_markdown(answer), nl=False)
        return
    from archive.output.terminal.answer_screens import print_answer

    print_answer(answer)


@click.command()
@click.argument("text", required=False)
@click.option(
    "--file",
    type=click.Path(path_type=Path, readable=False),
    help="The draft: a PDF, which is read as `ingest` reads it but not kept, or a text file.",
)
@click.option("--markdown", is_flag=True, help="As Markdown, what the archive has as footnotes.")
@reading
@filtered
@common
def coverage(
    text: str | None, file: Path | None, password: str | None, limits: Limits, no_ocr: bool,
    markdown: bool, where: Filter, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Say which parts of a draft were covered before, when, and what is new or changed.

    TEXT is the draft itself, - to read it from stdin, or some words that name a subject. With
    --topic alone it is asked of the topic: when it was covered, and what its latest briefing has
    that earlier ones don't.
    """
    from ingest.reading.briefing_reader import ReadOptions
    from ingest.reading.draft_file import read_draft

    if text is not None and file is not None:
        raise UsageError("a TEXT and a --file were both given", "give one")
    if text is None and file is None and len(where.topics) != 1:
        raise UsageError("there is no draft", "give a TEXT, a --file or one --topic")
    archive = Archive.open(Settings.load(home=home))
    if file is not None:
        options = ReadOptions(password=password, ocr=not no_ocr)
        draft = read_draft(file, options, limits)
        found = archive.coverage(draft, where=where)
    elif text is not None:
        if text.casefold().endswith(".pdf") and Path(text).exists():
            raise UsageError(f"{text} is a file, not a text", f"give it as --file {text}")
        pasted = sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text
        found = archive.coverage(pasted, where=where)
    else:
        found = archive.coverage_of_topic(where.topics[0], where=replace(where, topics=()))
    if as_json:
        print_json(json_documents.coverage_json(found))
    elif markdown:
        from archive.output.markdown import coverage_as_markdown

        click.echo(coverage_as_markdown(found), nl=False)
    else:
        from archive.output.terminal.answer_screens import print_coverage

        print_coverage(found)

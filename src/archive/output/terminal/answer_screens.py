"""Results, answers and checked drafts in the terminal."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.text import Text

from archive.asking.records import Answer
from archive.following.records import Coverage, CoveredPart, WatchNews
from archive.output.markdown import SENTENCES, STATUS
from archive.output.terminal.console import err, escape, out, place_of
from archive.search.records import BriefingGroup, Result, SearchPage

_FACETS = 6
_EARLIER = 5


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
        f"共 {page.total} 条{page.of_which}，出自 {page.briefings} 期简报，"
        f"用时 {page.took_ms:.0f} 毫秒",
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
    console.print(f"[bold]{result.rank}. {escape(place_of(passage))}[/]")
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
            console.print(f"  {escape(place_of(result.passage))}")
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
            console.print(f"  {title}：{escape(place_of(result.passage))}", style="dim")
        if len(results) > _EARLIER:
            console.print(f"  {title}：另有 {len(results) - _EARLIER} 段", style="dim")


def print_watch_news(news: WatchNews) -> None:
    console = out()
    repeated = f"，另有 {news.repeats} 段只是重复" if news.repeats else ""
    console.print(f"{escape(news.watch.name)}：{len(news.results)} 段新内容{repeated}", style="dim")
    for result in news.results:
        _print_result(console, result)

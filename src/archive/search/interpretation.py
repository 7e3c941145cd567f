"""What a query means: its operators, the dates its words say, and the passages these leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

from archive.chinese.dates_in_words import find_dates
from archive.chinese.search_form import squeezed
from archive.index.keyword_index import SENTENCE, KeywordIndex
from archive.index.query import LONGEST, Query, Term, plain_query
from archive.records import Filter
from archive.search.query_language import parse_query
from archive.search.records import DateInference
from archive.store.selection import Selection
from archive.store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Understood:
    """A query, what may be found by it, and what there is to say about how it was taken."""

    query: Query
    selection: Selection
    where: Filter
    """The filter in force: the one given, narrowed by what the query says."""
    inferred: DateInference | None = None
    note: str = ""


def understand(
    snapshot: Snapshot,
    text: str,
    where: Filter,
    *,
    topics: Sequence[str],
    today: Date,
    infer_dates: bool,
    keyword_index: KeywordIndex,
) -> Understood:
    """Read a query: as a sentence copied from a briefing, in the query language, or as words.

    Words that say a date become a filter where none is given, if it leaves any passage.
    """
    note = f"查询过长，只用了前 {LONGEST} 个字。" if len(text) > LONGEST else ""
    query = parse_query(text, topics, today)
    mention = _mention(query, where, topics, today) if infer_dates else None
    if (
        (mention or query.note or not query.is_plain)
        and len(squeezed(query.text)) >= SENTENCE
        and keyword_index.stands(query.text)
    ):
        # A copied sentence may hold quotes, dashes and days of its own.
        query, mention = plain_query(query.text), None
    narrowed = _narrowed(where, query.where)
    if mention:
        inferred, rest = mention
        dated = replace(narrowed, since=inferred.since, until=inferred.until)
        within = keyword_index.select(snapshot, rest, dated)
        if len(within):
            return Understood(rest, within, dated, inferred, note + rest.problem + rest.note)
        note += f"“{inferred.words}”所指的日期没有符合条件的简报，未按日期筛选。"
    selection = keyword_index.select(snapshot, query, narrowed)
    if query.binding and not len(selection):
        # “…” are ordinary quotation marks in Chinese too: a title that quotes is seldom a phrase.
        note += "没有与引号或“标题:”完全相符的段落，已按普通词语检索。"
        loose = tuple((Term(term.text),) for term in query.terms)
        query = replace(query, wanted=loose)
        selection = keyword_index.select(snapshot, query, narrowed)
    return Understood(query, selection, narrowed, None, note + query.problem + query.note)


def _mention(
    query: Query, where: Filter, topics: Sequence[str], today: Date
) -> tuple[DateInference, Query] | None:
    """A date that a query's words say, and the query without them.

    None where the filter or the query has dates already, and where the words are part of something
    that is to be taken as it stands.
    """
    if where.since or where.until or query.where.since or query.where.until:
        return None
    mention = find_dates(query.text, today)
    if mention is None:
        return None
    rest = f"{query.text[: mention.start]} {query.text[mention.end :]}"
    without = plain_query(rest) if query.problem else parse_query(rest, topics, today)
    if (without.binding, without.excluded) != (query.binding, query.excluded):
        return None
    words = query.text[mention.start : mention.end].strip().removesuffix("的")
    inferred = DateInference(words, mention.since, mention.until)
    return inferred, replace(without, text=query.text, problem=query.problem)


def _narrowed(where: Filter, also: Filter) -> Filter:
    """A filter for what both leave; where both name topics, those of either."""
    return replace(
        where,
        since=max(filter(None, (where.since, also.since)), default=None),
        until=min(filter(None, (where.until, also.until)), default=None),
        topics=tuple(dict.fromkeys((*where.topics, *also.topics))),
    )

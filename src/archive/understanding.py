"""What a query means: its operators, the dates its words say, and the passages these leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

from archive.keyword_index import SENTENCE, KeywordIndex
from archive.live import Selection
from archive.query import LONGEST, Query, parse_query, plain_query
from archive.query_dates import find_dates
from archive.records import DateInference, Filter
from archive.search_form import squeezed


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
    narrowed = _narrowed(where, query.where)
    mention = find_dates(query.text, today) if infer_dates and query.is_plain else None
    if (
        (mention or not query.is_plain)
        and len(squeezed(query.text)) >= SENTENCE
        and keyword_index.contains(query.text)
    ):
        # A copied sentence may hold quotes, dashes and days of its own.
        query, narrowed, mention = plain_query(query.text), where, None
    note += query.problem
    selection = keyword_index.select(query, narrowed)
    if mention and not (narrowed.since or narrowed.until):
        rest = f"{query.text[: mention.start]} {query.text[mention.end :]}"
        dated = replace(narrowed, since=mention.since, until=mention.until)
        without = replace(plain_query(rest), text=query.text)
        within = keyword_index.select(without, dated)
        words = query.text[mention.start : mention.end].strip()
        inferred = DateInference(words, mention.since, mention.until)
        if within.mask.any():
            return Understood(without, within, dated, inferred, note)
        note += f"“{words}”所指的日期没有简报，未按日期筛选。"
    return Understood(query, selection, narrowed, None, note)


def _narrowed(where: Filter, also: Filter) -> Filter:
    """A filter for what both leave; where both name topics, those of either."""
    return replace(
        where,
        since=max(filter(None, (where.since, also.since)), default=None),
        until=min(filter(None, (where.until, also.until)), default=None),
        topics=tuple(dict.fromkeys((*where.topics, *also.topics))),
    )

"""The query language: words, "phrases", -exclusions, OR, and fields such as 标题: and 日期:.

    稀土 出口                passages with both words come first, then those with some
    "出口许可" “出口许可”      exactly this, white space aside; within a sentence quotes just quote
    -美国                    without this
    稀土 OR 锂               either; binds its two neighbours only
    标题:许可 主题:氢能        in the title or heading; of a topic
    日期:2026-05             of a month, a day, a year, or a range 2026-05-01..2026-05-07

Every mark may be half or full width. A query that isn't well formed is searched as plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

from archive.chinese.dates_in_words import find_dates
from archive.chinese.search_form import squeezed
from archive.chinese.text import fold
from archive.index.query import LONGEST, Query, Term, plain_query, whole_figures
from archive.records import NO_FILTER, Filter, day_range

_QUOTES = {'"': '"', "＂": "＂", "“": "”", "„": "”", "「": "」", "『": "』", "〝": "〞"}
_FIELDS = {
    "标题": "title", "標題": "title", "title": "title",
    "主题": "topic", "主題": "topic", "topic": "topic",
    "日期": "date", "date": "date",
}  # fmt: skip
_FIELD = re.compile(rf"({'|'.join(_FIELDS)})[ \u3000]?[:：]", re.IGNORECASE)
_MINUS = re.compile(r"[-－﹣−](?=[^\s\-－﹣−])")
_BARE = re.compile(rf"[^\s{''.join(_QUOTES)}{''.join(_QUOTES.values())}]+")
_RUNNING_TEXT = 5
"""Characters beside a quotation, without a space between, that make it part of a sentence."""
_QUOTATION_NOTE = "句中的引号按普通标点处理；如要求原样出现，请在引号前后加空格。"
_RANGE = re.compile(r"\.{2,}|…+|~|至")


class _MalformedError(Exception):
    """What about a query isn't well formed, in Chinese."""


def parse_query(text: str, topics: Sequence[str], today: Date) -> Query:
    """A text in the query language; `topics` are the names that 主题: may give.

    Never raises: where the text isn't well formed the query is plain and has a `problem`.
    """
    text = text[:LONGEST]
    try:
        return _parse(text, topics, today)
    except _MalformedError as malformed:
        return plain_query(text, f"{malformed}，已按普通词语检索。")


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a query: `-` before it, the field it is given for, its value.

    `begins` unless it follows the one before without white space.
    """

    value: str
    exact: bool
    minus: bool
    field: str
    begins: bool


def _parse(text: str, topics: Sequence[str], today: Date) -> Query:
    groups: list[tuple[Term, ...]] = []
    excluded: list[Term] = []
    where = NO_FILTER
    joins = False  # an OR has been read and waits for what it joins
    may_join = False  # the last part was one that OR can join
    parts = list(_parts(text))
    unquoted = _without_quotations(parts)
    for written, part in zip(parts, unquoted, strict=True):
        if _is_or(written):
            if not may_join or joins:
                raise _MalformedError("OR 的两边都要有词")
            joins = True
            continue
        if part.field in ("topic", "date"):
            if joins or part.minus:
                raise _MalformedError("“主题:”“日期:”不能与 OR 或 - 连用")
            where = _narrowed(where, part, topics, today)
            may_join = False
            continue
        term = Term(part.value, part.exact, part.field == "title")
        if part.minus:
            if joins:
                raise _MalformedError("OR 不能与 - 连用")
            excluded.append(term)
            may_join = False
            continue
        if joins:
            groups[-1] = (*groups[-1], term)
        else:
            groups.append((term,))
        joins, may_join = False, True
    if joins:
        raise _MalformedError("OR 的两边都要有词")
    note = _QUOTATION_NOTE if unquoted != parts else ""
    return Query(text, whole_figures(groups), tuple(excluded), where, note=note)


def _parts(text: str) -> Iterator[_Part]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        # An operator stands where a part begins; the minus of 6-3 stands inside one.
        begins = at == 0 or text[at - 1].isspace()
        minus = field = None
        if begins and (minus := _MINUS.match(text, at)):
            at = minus.end()
        if (begins or text[at - 1] in _QUOTES.values()) and (field := _FIELD.match(text, at)):
            at = field.end()
            while at < len(text) and text[at].isspace():
                at += 1
        name = _FIELDS[field.group(1).lower()] if field else ""
        if at < len(text) and text[at] in _QUOTES:
            end = text.find(_QUOTES[text[at]], at + 1)
            if end < 0 or not squeezed(text[at + 1 : end]):
                raise _MalformedError("引号没有成对，或引号里没有字词")
            exact = not name or name == "title"
            yield _Part(text[at + 1 : end], exact, bool(minus), name, begins)
            at = end + 1
        elif bare := _BARE.match(text, at):
            yield _Part(bare.group(), False, bool(minus), name, begins)
            at = bare.end()
        elif field:
            raise _MalformedError(f"“{field.group().strip()}”后面没有内容")
        else:
            raise _MalformedError("引号没有成对")


def _without_quotations(parts: Sequence[_Part]) -> list[_Part]:
    """The parts with phrases that stand in running text as words.

    In Chinese “…” are ordinary punctuation: headlines and questions quote what no passage need
    hold. An operator stands alone, or beside a word or two.
    """
    unquoted: list[_Part] = []
    start = 0
    for end in range(1, len(parts) + 1):
        if end < len(parts) and not parts[end].begins:
            continue
        run = parts[start:end]
        start = end
        beside = "".join(part.value for part in run if not part.exact)
        plain = not any(part.minus or part.field for part in run)
        if plain and len(squeezed(beside)) >= _RUNNING_TEXT:
            run = [replace(part, exact=False) for part in run]
        unquoted += run
    return unquoted


def _is_or(part: _Part) -> bool:
    bare = not (part.exact or part.minus or part.field)
    return bare and part.value in ("OR", "ＯＲ", "|", "｜")


def _narrowed(where: Filter, part: _Part, topics: Sequence[str], today: Date) -> Filter:
    if part.field == "topic":
        topic = next((name for name in topics if squeezed(name) == squeezed(part.value)), None)
        if topic is None:
            raise _MalformedError(f"没有“{part.value}”这个主题")
        return replace(where, topics=(*where.topics, topic))
    since, until = _days(part.value, today)
    if since and until and since > until:
        raise _MalformedError(f"日期“{part.value}”的起止颠倒了")
    return replace(where, since=since, until=until)


def _days(text: str, today: Date) -> tuple[Date | None, Date | None]:
    """First and last day of a date or range, either end of which may be left open."""
    first, *rest = _RANGE.split(fold(text).strip(), maxsplit=1)
    last = rest[0] if rest else first
    try:
        if first or last:
            return (
                day_range(first.strip())[0] if first else None,
                day_range(last.strip())[1] if last else None,
            )
    except ValueError:
        mention = find_dates(text, today)
        if mention and (mention.start, mention.end) == (0, len(text)):
            return mention.since, mention.until
    raise _MalformedError(f"看不懂日期“{text}”")

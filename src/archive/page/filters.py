"""What to search in and how: days, topics, issuer, ways; each limit in force can be taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date as Date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from archive import Filter
from archive.chinese.calendar import today_here
from archive.page.language import say
from archive.page.safe_text import as_markdown
from archive.page.state import (
    SEARCH,
    choose_days,
    choose_labelled,
    choose_one,
    choose_topic,
    of_address,
    recent,
    start_over,
    to_address,
)
from archive.records import Mode
from archive.search.records import Sort

MODES: dict[Mode, tuple[str, str]] = {
    "hybrid": ("综合", "Both"), "keyword": ("关键词", "Words"), "semantic": ("语义", "Meaning"),
}  # fmt: skip
SORTS: dict[Sort, tuple[str, str]] = {
    "relevance": ("相关", "Relevance"), "newest": ("最新", "Newest"), "oldest": ("最早", "Oldest"),
}  # fmt: skip
_EARLIEST, _LATEST = Date(1949, 1, 1), Date(2149, 12, 31)
"""Else none more than ten years from today could be chosen."""


def draw_filters(
    topics: Mapping[str, int], issuers: Sequence[str], view: str
) -> tuple[Filter, Mode, Sort, bool]:
    """What to search in and how; a change takes effect at once."""
    title = say("筛选：日期、主题、发布单位", "Filter: days, topics, issuer")
    with st.expander(title + (say("、检索方式、排序", ", way, order") if view == SEARCH else "")):
        first, second = st.columns(2)
        since = choose_day(first, say("起始日期", "First day"), "since")
        until = choose_day(second, say("截止日期", "Last day"), "until")
        draw_presets(today_here())
        chosen = choose_topics(topics)
        issuer = choose_one_issuer(issuers) if len(issuers) > 1 else None
        mode: Mode = "hybrid"
        sort: Sort = "relevance"
        by_briefing = False
        if view == SEARCH:
            first, second = st.columns(2)
            with first:
                mode = choose_labelled(say("检索方式", "Way"), MODES, "mode")
            with second:
                sort = choose_labelled(say("排序", "Order"), SORTS, "sort")
            label = say("按期归并", "Group by briefing")
            by_briefing = st.toggle(label, key="by", bind="query-params", on_change=start_over)
    where = Filter(since=since, until=until, topics=tuple(chosen), issuer=issuer)
    draw_limits(where, mode, sort)
    return where, mode, sort, by_briefing


def draw_presets(today: Date) -> None:
    """Spans of days that are often wanted."""
    spans = {
        say("近 7 天", "7 days"): recent(7, today),
        say("近 30 天", "30 days"): recent(30, today),
        say("今年", "This year"): (Date(today.year, 1, 1), today),
        say("不限", "Any day"): (None, None),
    }
    with st.container(horizontal=True, gap="small"):
        for label, span in spans.items():
            st.button(label, type="tertiary", on_click=choose_days, args=span)


def draw_limits(where: Filter, mode: Mode, sort: Sort) -> None:
    """What is in force, each with a click that takes it away."""
    limits: list[tuple[str, Callable[[], None]]] = []
    if where.since or where.until:
        first, last = where.since or say("最早", "first"), where.until or say("最新", "last")
        limits.append((f"{first} — {last}", partial(choose_days, None, None)))
    for topic in where.topics:
        limits.append((topic, partial(choose_topic, topic, chosen=False)))
    if where.issuer:
        limits.append((where.issuer, partial(choose_one, "issuer", "")))
    if mode != "hybrid":
        chinese, english = MODES[mode]
        label = say(f"{chinese}检索", f"by {english.casefold()}")
        limits.append((label, partial(choose_one, "mode", "hybrid")))
    if sort != "relevance":
        chinese, english = SORTS[sort]
        label = say(f"{chinese}在前", f"{english} first")
        limits.append((label, partial(choose_one, "sort", "relevance")))
    if not limits:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="limits"):
        st.html(f'<p class="note">{say("只看：", "Only:")}</p>', width="content")
        for at, (label, take_away) in enumerate(limits):
            st.button(
                as_markdown(label), key=f"limit {at} {label}", icon=":material/close:",
                on_click=take_away, help=say("去掉这个筛选", "Remove this filter"),
            )  # fmt: skip


def choose_day(column: DeltaGenerator, label: str, key: str) -> Date | None:
    return column.date_input(
        label, None, key=key, format="YYYY-MM-DD", bind="query-params", on_change=start_over,
        min_value=_EARLIEST, max_value=_LATEST,
    )  # fmt: skip


def choose_one_issuer(issuers: Sequence[str]) -> str | None:
    """One of the issuers, or none."""
    of_address("issuer", ("", *issuers), "")
    chosen = st.selectbox(
        say("发布单位", "Issuer"), ("", *issuers), key="issuer", on_change=start_over,
        format_func=lambda name: name or say("全部发布单位", "All issuers"),
    )  # fmt: skip
    to_address("issuer", chosen)
    return chosen or None


def choose_topics(topics: Mapping[str, int]) -> list[str]:
    """The topics to search in, each shown with its number of passages."""
    offered = [topic for topic, count in topics.items() if count]
    wanted = st.session_state.get("topics", st.query_params.get_all("topic"))
    st.session_state.topics = [topic for topic in wanted if topic in offered]
    chosen = st.multiselect(
        say("主题", "Topics"), offered, key="topics", placeholder=say("全部主题", "All topics"),
        select_all=False, on_change=start_over,
        format_func=lambda topic: f"{topic}（{topics[topic]}）",
    )  # fmt: skip
    to_address("topic", chosen)
    return chosen

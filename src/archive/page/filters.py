"""What to search in and how: days, topics, ways."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from archive import Filter
from archive.page.cards import draw_note
from archive.page.state import SEARCH, start_over
from archive.records import Mode, Sort

MODES: dict[str, Mode] = {"综合": "hybrid", "关键词": "keyword", "语义": "semantic"}
SORTS: dict[str, Sort] = {"相关": "relevance", "最新": "newest", "最早": "oldest"}


def draw_filters(topics: dict[str, int], view: str) -> tuple[Filter, Mode, Sort, bool]:
    """What to search in and how; a change takes effect at once."""
    with st.expander("筛选：日期、主题、检索方式、排序" if view == SEARCH else "筛选：日期、主题"):
        first, second = st.columns(2)
        since = choose_day(first, "起始日期", "since")
        until = choose_day(second, "截止日期", "until")
        chosen = choose_topics(topics)
        mode, sort, by_briefing = "综合", "相关", False
        if view == SEARCH:
            first, second = st.columns(2)
            mode = choose_way(first, "检索方式", MODES, "mode")
            sort = choose_way(second, "排序", SORTS, "sort")
            by_briefing = st.toggle("按期归并", key="by", bind="query-params", on_change=start_over)
    where = Filter(since=since, until=until, topics=tuple(chosen))
    days = f"{since or '最早'} 至 {until or '最新'}" if since or until else ""
    ways = (f"{mode}检索" if mode != "综合" else "", f"{sort}在前" if sort != "相关" else "")
    if limits := "，".join(filter(None, (days, *chosen, *ways))):
        draw_note(f"只看：{limits}")
    return where, MODES[mode], SORTS[sort], by_briefing


def choose_day(column: DeltaGenerator, label: str, key: str) -> Date | None:
    return column.date_input(
        label, None, key=key, format="YYYY-MM-DD", bind="query-params", on_change=start_over
    )


def choose_way(column: DeltaGenerator, label: str, ways: Iterable[str], key: str) -> str:
    """One of some ways, at first the first."""
    names = tuple(ways)
    return column.segmented_control(
        label, names, default=names[0], required=True, key=key, bind="query-params",
        on_change=start_over,
    )  # fmt: skip


def choose_topics(topics: dict[str, int]) -> list[str]:
    """The topics to search in, each shown with its number of passages."""
    offered = [topic for topic, count in topics.items() if count]
    wanted = st.session_state.get("topics", st.query_params.get_all("topic"))
    st.session_state.topics = [topic for topic in wanted if topic in offered]
    chosen = st.multiselect(
        "主题", offered, key="topics", placeholder="全部主题", select_all=False,
        on_change=start_over, format_func=lambda topic: f"{topic}（{topics[topic]}）",
    )  # fmt: skip
    # `bind` would put the label with its number into the address, which an ingest makes stale.
    # Only where it differs: every change is sent to the browser, which may be changing it too.
    if st.query_params.get_all("topic") != chosen:
        st.query_params["topic"] = chosen
    return chosen

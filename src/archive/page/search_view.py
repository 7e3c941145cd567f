"""检索: the passages that a search finds."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from datetime import date as Date
from functools import partial
from math import ceil

import streamlit as st

from archive import Filter
from archive.following.timeline import periods_between
from archive.page.cards import draw_cards, draw_note
from archive.page.chart import draw_bars
from archive.page.language import say
from archive.page.safe_text import as_markdown
from archive.page.state import (
    choose_month,
    choose_one,
    choose_topic,
    open_archive,
    refuse_date,
    search_for,
    show_similar,
)
from archive.page.style import SCROLL_UP
from archive.records import Mode
from archive.search.records import BriefingGroup, DateInference, SearchPage, Sort
from archive.store.records import Facet, Facets

PER_PAGE = 10
MOST_FACETS = 6


# What is found is kept until the archive changes (`generation`), so that to turn a page of a PDF
# doesn't ask the question again.


@st.cache_data(show_spinner="正在检索……", max_entries=200)
def search(
    home: str, generation: int, query: str, mode: Mode, where: Filter, sort: Sort,
    by_briefing: bool, infer_dates: bool, today: Date, page: int,
) -> SearchPage:  # fmt: skip
    """One page (from 1) of what a search finds."""
    return open_archive(home).search_page(
        query, mode=mode, where=where, sort=sort, limit=PER_PAGE, offset=(page - 1) * PER_PAGE,
        by_briefing=by_briefing, infer_dates=infer_dates, today=today,
    )  # fmt: skip


@st.cache_data(show_spinner="正在检索……", max_entries=200)
def similar(home: str, generation: int, passage_id: str, where: Filter) -> SearchPage:
    """The passages nearest in meaning to one."""
    return open_archive(home).similar(passage_id, where=where, limit=PER_PAGE)


def draw_results(search_page: Callable[[int], SearchPage], where: Filter) -> None:
    """The passages found, ten at a time, or as many briefings with their best passages."""
    found = search_page(1)
    draw_remarks(found)
    if not found.results:
        st.info(as_markdown(found.message))
        return
    query, total, briefings, took = found.query, found.total, found.briefings, found.took_ms
    draw_note(
        say(
            f"「{query}」共 {total} 段{found.of_which}，出自 {briefings} 期，用时 {took:.0f} 毫秒",
            f"“{query}”: {total} passages in {briefings} briefings, {took:.0f} ms",
        )
    )
    if len(found.facets.months) > 1:
        draw_months(found.query, found.facets.months)
    draw_facets(found.facets, where)
    cards = st.container()
    count = found.briefings if found.groups else found.total
    if count > PER_PAGE:
        page = st.pagination(ceil(count / PER_PAGE), key="page", bind="query-params")
        found = search_page(page)
        st.html(SCROLL_UP.format(page=page), unsafe_allow_javascript=True)
    with cards:
        if found.groups:
            draw_groups(found.groups)
        else:
            draw_cards(found.results)


def draw_months(query: str, months: Sequence[Facet]) -> None:
    """How many passages each month has, as bars of which a click filters."""
    counts = {month.value: month.count for month in months}
    periods = periods_between(min(counts), max(counts), "month")
    passages = [counts.get(period, 0) for period in periods]
    draw_bars(periods, {query: passages}, "段数", "months", choose_month)


def draw_remarks(found: SearchPage) -> None:
    """How the query was taken, and what may have been meant instead."""
    if found.inferred:
        draw_inferred(found.inferred)
    if found.message and found.results:
        draw_note(found.message)
    if found.suggestion:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            asked = say("您是不是要找：", "Did you mean:")
            st.html(f'<p class="note">{asked}</p>', width="content")
            st.button(
                as_markdown(found.suggestion), key="suggestion", type="tertiary",
                on_click=search_for, args=(found.suggestion,),
            )  # fmt: skip


def draw_inferred(inferred: DateInference) -> None:
    """The days read out of the query, and a click that takes them away."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="inferred"):
        st.html(f'<p class="note">{html.escape(inferred.line)}</p>', width="content")
        label = say("不按日期筛选", "Any day")
        st.button(label, icon=":material/close:", on_click=refuse_date)


def draw_facets(facets: Facets, where: Filter) -> None:
    """How all that was found spreads; a click filters."""
    for name, values, taken, choose in (
        (say("主题：", "Topics:"), facets.topics, where.topics, partial(choose_topic, chosen=True)),
        (
            say("发布单位：", "Issuers:"),
            facets.issuers,
            (where.issuer,),
            partial(choose_one, "issuer"),
        ),
    ):
        offered = [facet for facet in values if facet.value not in taken][:MOST_FACETS]
        if not offered or len(values) < 2:
            continue
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.html(f'<p class="note">{name}</p>', width="content")
            for facet in offered:
                label = f"{as_markdown(facet.value)}（{facet.count}）"
                st.button(
                    label, key=f"facet {name} {facet.value}",
                    type="tertiary", on_click=choose, args=(facet.value,),
                )  # fmt: skip


def draw_groups(groups: tuple[BriefingGroup, ...]) -> None:
    for group in groups:
        count = say(f"共 {group.total} 条", f"{group.total} passages")
        line = f"{group.briefing.date}　《{group.briefing.title}》　{count}"
        st.html(f'<h2 class="group">{html.escape(line)}</h2>')
        draw_cards(group.results)


def draw_similar(search_similar: Callable[[], SearchPage]) -> None:
    """The passages nearest to the one chosen, and the way back."""
    label = say("返回", "Back")
    st.button(label, icon=":material/arrow_back:", on_click=show_similar, args=(None,))
    found = search_similar()
    draw_note(say(f"与「{found.query}」相似的段落", f"Passages like “{found.query}”"))
    if found.results:
        draw_cards(found.results)
    else:
        st.info(as_markdown(found.message))
    st.html(SCROLL_UP.format(page="similar"), unsafe_allow_javascript=True)

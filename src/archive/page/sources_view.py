"""来源: the outlets that briefings rely on, their items, and the sentences that rest on each."""

from __future__ import annotations

import html

import streamlit as st

from archive import Filter
from archive.following.bibliography import matching, outlets
from archive.following.records import SourceItem
from archive.output.csv_tables import guarded
from archive.page.cards import draw_citation, draw_note
from archive.page.language import say
from archive.page.state import open_archive
from archive.records import Citation

_MOST = 100


@st.cache_data(show_spinner=False, max_entries=20)
def all_sources(home: str, generation: int, where: Filter) -> list[SourceItem]:
    """Every item of 参考文献 under a filter."""
    return open_archive(home).sources(where=where)


@st.cache_data(show_spinner=False, max_entries=50)
def rest_on(home: str, generation: int, item_id: str) -> tuple[SourceItem, list[Citation]]:
    """An item and the sentences that rest on it."""
    return open_archive(home).source(item_id)


def draw_sources(home: str, generation: int, where: Filter) -> None:
    """The outlets, and the items of the one chosen or with the words given."""
    with st.spinner(say("正在汇总参考文献……", "Gathering the references …")):
        found = all_sources(home, generation, where)
    words = st.text_input(
        say("来源", "Source"), key="source_words", label_visibility="collapsed",
        placeholder=say("输入媒体、标题里的词或日期", "An outlet, words of a title or a date"),
    )  # fmt: skip
    listed, by_month = outlets(found), say("逐月", "By month")
    rows = [
        {
            say("来源", "Outlet"): guarded(outlet.name), say("条目", "Items"): outlet.items,
            say("引用", "Citations"): outlet.citations,
            say("期数", "Briefings"): outlet.briefings,
            say("最早", "First"): outlet.first, say("最近", "Last"): outlet.last,
            by_month: [month.count for month in outlet.months],
        }
        for outlet in listed
    ]  # fmt: skip
    draw_note(
        say(
            f"共 {len(listed)} 家，{len(found)} 个条目；点选一家看它的条目",
            f"{len(listed)} outlets, {len(found)} items; choose an outlet to see its items",
        )
    )
    chosen = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row", key="outlets",
        column_config={by_month: st.column_config.BarChartColumn(by_month, y_min=0)},
        width="stretch",
    )  # fmt: skip
    selected = chosen["selection"]["rows"]
    outlet = listed[selected[0]].name if selected and selected[0] < len(listed) else None
    if not (words or outlet):
        return
    items = matching(found, words or "", outlet)
    count = say(f"{len(items)} 个条目", f"{len(items)} items")
    first = say(f"，先列 {_MOST} 个", f", the first {_MOST} here") if len(items) > _MOST else ""
    draw_note(count + first)
    for item in items[:_MOST]:
        draw_item(home, generation, item)


def draw_item(home: str, generation: int, item: SourceItem) -> None:
    cited = "、".join(f"{each.briefing.date} [{each.number}]" for each in item.citing)
    label = say("引用它的简报：", "Cited by: ")
    with st.container(gap="xxsmall"):
        st.html(
            f'<div class="card"><p>{html.escape(item.line)}</p>'
            f'<p class="meta">{label}{html.escape(cited)}</p></div>'
        )
        if st.toggle(say("依据它的句子", "Sentences that rest on it"), key=f"resting on {item.id}"):
            with st.spinner(say("正在查找引用……", "Looking for the sentences …")):
                _, citations = rest_on(home, generation, item.id)
            if not citations:
                draw_note(
                    say("正文没有指明哪一句依据它。", "The text doesn't say which sentences do.")
                )
            for citation in citations:
                st.html(f"<p>{html.escape(citation.quote)}</p>")
                draw_citation(citation, None, key=item.id)

"""来源: the outlets that briefings rely on, their items, and the sentences that rest on each."""

from __future__ import annotations

import html

import streamlit as st

from archive import Filter
from archive.bibliography import matching, outlets
from archive.page.cards import draw_citation, draw_note
from archive.page.state import open_archive
from archive.records import Citation, SourceItem

_MOST = 100


@st.cache_data(show_spinner="正在汇总参考文献……", max_entries=20)
def all_sources(home: str, generation: int, where: Filter) -> list[SourceItem]:
    """Every item of 参考文献 under a filter."""
    return open_archive(home).sources(where=where)


@st.cache_data(show_spinner="正在查找引用……", max_entries=50)
def rest_on(home: str, generation: int, item_id: str) -> tuple[SourceItem, list[Citation]]:
    """An item and the sentences that rest on it."""
    return open_archive(home).source(item_id)


def draw_sources(home: str, generation: int, where: Filter) -> None:
    """The outlets, and the items of the one chosen or with the words given."""
    found = all_sources(home, generation, where)
    words = st.text_input(
        "来源", key="source_words", placeholder="输入媒体、标题里的词或日期",
        label_visibility="collapsed",
    )  # fmt: skip
    listed = outlets(found)
    rows = [
        {
            "来源": outlet.name, "条目": outlet.items, "引用": outlet.citations,
            "期数": outlet.briefings, "最早": outlet.first, "最近": outlet.last,
            "逐月": [month.count for month in outlet.months],
        }
        for outlet in listed
    ]  # fmt: skip
    draw_note(f"共 {len(listed)} 家，{len(found)} 个条目；点选一家看它的条目")
    chosen = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row", key="outlets",
        column_config={"逐月": st.column_config.BarChartColumn("逐月", y_min=0)}, width="stretch",
    )  # fmt: skip
    selected = chosen["selection"]["rows"]
    outlet = listed[selected[0]].name if selected and selected[0] < len(listed) else None
    if not (words or outlet):
        return
    items = matching(found, words or "", outlet)
    draw_note(f"{len(items)} 个条目" + (f"，先列 {_MOST} 个" if len(items) > _MOST else ""))
    for item in items[:_MOST]:
        draw_item(home, generation, item)


def draw_item(home: str, generation: int, item: SourceItem) -> None:
    cited = "、".join(f"{each.briefing.date} [{each.number}]" for each in item.citing)
    with st.container(gap="xxsmall"):
        st.html(
            f'<div class="card"><p>{html.escape(item.line)}</p>'
            f'<p class="meta">引用它的简报：{html.escape(cited)}</p></div>'
        )
        if st.toggle("依据它的句子", key=f"依据 {item.id}"):
            _, citations = rest_on(home, generation, item.id)
            if not citations:
                draw_note("正文没有指明哪一句依据它。")
            for citation in citations:
                st.html(f"<p>{html.escape(citation.quote)}</p>")
                draw_citation(citation, None, key=item.id)

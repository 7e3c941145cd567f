"""关注: saved queries, and what came in for each since it was last read."""

from __future__ import annotations

import streamlit as st

from archive import Filter
from archive.errors import ArchiveError
from archive.page.cards import draw_cards, draw_error, draw_note
from archive.page.state import open_archive
from archive.page.text import as_markdown
from archive.records import Watch, WatchNews
from archive.tables import results_csv


@st.cache_data(show_spinner="正在查看有没有新内容……", max_entries=50)
def news_of(home: str, generation: int, watch: Watch) -> WatchNews:
    """What came in for a watch; kept until the archive or the watch changes."""
    return open_archive(home).watch_news(watch.name)


def draw_watches(home: str, generation: int, where: Filter) -> None:
    """A form for a new watch, and the news of each there is."""
    archive = open_archive(home)
    with st.form("watch", clear_on_submit=True), st.container(horizontal=True):
        name = st.text_input("名称", key="watch_name", placeholder="名称，如 稀土")
        query = st.text_input("检索式", key="watch_query", placeholder="检索式；可留空，只按筛选")
        if st.form_submit_button("添加关注", type="primary"):
            try:
                archive.save_watch(name or query or "", query or "", where=where)
            except ArchiveError as error:
                draw_error(error)
    watches = archive.watches()
    if not watches:
        draw_note("还没有关注。添加之后，每次收入新简报，这里只列新的段落，重复旧闻的不列。")
    for watch in watches:
        draw_watch(home, generation, watch)


def draw_watch(home: str, generation: int, watch: Watch) -> None:
    archive = open_archive(home)
    try:
        news = news_of(home, generation, watch)
    except ArchiveError as error:
        draw_error(error)
        return
    repeated = f"，另有 {news.repeats} 段只是重复" if news.repeats else ""
    with st.expander(
        f"**{as_markdown(watch.name)}**　{len(news.results)} 段新内容{repeated}",
        expanded=bool(news.results),
    ):
        where = watch.where
        days = f"{where.since or '最早'} 至 {where.until or '最新'}"
        days = days if where.since or where.until else ""
        said = (watch.query, *where.topics, days, f"{watch.created} 起")
        draw_note("　".join(filter(None, said)))
        with st.container(horizontal=True):
            if news.results:
                st.download_button(
                    "下载 CSV", results_csv(news.results).encode("utf-8-sig"),
                    f"{watch.name}.csv", "text/csv", on_click="ignore", key=f"csv {watch.name}",
                )  # fmt: skip
                st.button(
                    "标为已读", key=f"read {watch.name}", on_click=mark_read,
                    args=(home, watch.name),
                )  # fmt: skip
            st.button(
                "取消关注", key=f"remove {watch.name}", on_click=archive.remove_watch,
                args=(watch.name,),
            )  # fmt: skip
        draw_cards(news.results, prefix=watch.name)


def mark_read(home: str, name: str) -> None:
    open_archive(home).watch_news(name, mark_read=True)

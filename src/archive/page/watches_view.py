"""关注: saved queries, and what came in for each since it was last read."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from archive import Filter
from archive.errors import ArchiveError, UsageError
from archive.page.cards import draw_cards, draw_error, draw_note
from archive.page.language import say
from archive.page.state import open_archive
from archive.page.text import as_markdown
from archive.records import Watch, WatchNews
from archive.tables import results_csv


@st.cache_data(show_spinner=False, max_entries=50)
def news_of(home: str, generation: int, watch: Watch) -> WatchNews:
    """What came in for a watch; kept until the archive or the watch changes."""
    return open_archive(home).watch_news(watch.name)


def draw_watches(home: str, generation: int, where: Filter) -> None:
    """A form for a new watch, and the news of each there is."""
    archive = open_archive(home)
    with st.form("watch", clear_on_submit=True), st.container(horizontal=True):
        name = st.text_input(
            say("名称", "Name"), key="watch_name",
            placeholder=say("名称，如 稀土", "A name, such as 稀土"),
        )  # fmt: skip
        query = st.text_input(
            say("检索式", "Query"), key="watch_query",
            placeholder=say("检索式；可留空，只按筛选", "A query; none: by the filter alone"),
        )  # fmt: skip
        if st.form_submit_button(say("添加关注", "Watch"), type="primary"):
            try:
                archive.save_watch(name or query or "", query or "", where=where)
            except ArchiveError as error:
                draw_error(error)
    watches = archive.watches()
    if not watches:
        draw_note(
            say(
                "还没有关注。添加之后，每次收入新简报，这里只列新的段落，重复旧闻的不列。",
                "No watches yet. For each, the passages of new briefings are listed here, without "
                "those that repeat old news.",
            )
        )
    for watch in watches:
        draw_watch(home, generation, watch)


def draw_watch(home: str, generation: int, watch: Watch) -> None:
    try:
        with st.spinner(say("正在查看有没有新内容……", "Looking for news …")):
            news = news_of(home, generation, watch)
    except ArchiveError as error:
        draw_error(error)
        return
    new, repeats = len(news.results), news.repeats
    found = say(f"{new} 段新内容", f"{new} new passages")
    if repeats:
        found += say(f"，另有 {repeats} 段只是重复", f", {repeats} more that only repeat")
    with st.expander(f"**{as_markdown(watch.name)}**　{found}", expanded=bool(new)):
        where = watch.where
        first, last = where.since or say("最早", "first"), where.until or say("最新", "last")
        days = say(f"{first} 至 {last}", f"{first} to {last}")
        days = days if where.since or where.until else ""
        since = say(f"{watch.created} 起", f"since {watch.created}")
        said = (watch.query, *where.topics, where.issuer, days, since)
        draw_note("　".join(filter(None, said)))
        with st.container(horizontal=True):
            if news.results:
                st.download_button(
                    say("下载 CSV", "Download CSV"), results_csv(news.results).encode("utf-8-sig"),
                    f"{watch.name}.csv", "text/csv", on_click="ignore", key=f"csv {watch.name}",
                )  # fmt: skip
                st.button(
                    say("标为已读", "Mark as read"), key=f"read {watch.name}", on_click=mark_read,
                    args=(home, watch.name),
                )  # fmt: skip
            st.button(
                say("取消关注", "Stop watching"), key=f"remove {watch.name}", on_click=remove,
                args=(home, watch.name),
            )  # fmt: skip
        draw_cards(news.results, prefix=watch.name)


# Where another reader was faster, what was wanted is so.


def mark_read(home: str, name: str) -> None:
    with suppress(UsageError):
        open_archive(home).watch_news(name, mark_read=True)


def remove(home: str, name: str) -> None:
    with suppress(UsageError):
        open_archive(home).remove_watch(name)

"""关注: the staff's saved queries, and what came in for each since its reader last read it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from archive import Filter
from archive.errors import ArchiveError, UsageError
from archive.following.records import WatchNews
from archive.output.csv_tables import results_csv
from archive.page.cards import draw_cards, draw_error, draw_note
from archive.page.language import say
from archive.page.read_marks import as_read_here, draw_marks, mark_read_here
from archive.page.safe_text import as_markdown
from archive.page.sign_in import is_staff, note_by_staff
from archive.page.state import open_archive
from archive.store.records import Watch


@st.cache_data(show_spinner=False, max_entries=100)
def news_of(home: str, generation: int, watch: Watch) -> WatchNews:
    """What came in for a watch; kept until the archive or the watch changes."""
    return open_archive(home).news_of(watch)


def draw_watches(home: str, generation: int, where: Filter) -> None:
    """The news of each watch there is; for staff a form for a new one, too."""
    may_change = is_staff(home)
    if may_change:
        draw_adding(home, where)
    else:
        draw_note(
            say(
                "关注由工作人员设置（在「入库」登录）。您标为已读的，只在您的浏览器里算已读。",
                "The staff choose what is watched (they sign in under Ingest). What you mark as "
                "read is so in your browser only.",
            )
        )
    watches = open_archive(home).watches()
    if not watches:
        draw_note(
            say(
                "还没有关注。添加之后，每次收入新简报，这里只列新的段落，重复旧闻的不列。",
                "No watches yet. For each, the passages of new briefings are listed here, without "
                "those that repeat old news.",
            )
        )
    for watch in watches:
        draw_watch(home, generation, watch, may_change=may_change)
    draw_marks()


def draw_adding(home: str, where: Filter) -> None:
    """A form for a new watch."""
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
                open_archive(home).save_watch(name or query or "", query or "", where=where)
            except ArchiveError as error:
                draw_error(error)


def draw_watch(home: str, generation: int, watch: Watch, *, may_change: bool) -> None:
    try:
        with st.spinner(say("正在查看有没有新内容……", "Looking for news …")):
            news = news_of(home, generation, as_read_here(home, watch))
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
                    say("标为已读", "Mark as read"), key=f"read {watch.name}",
                    on_click=mark_read_here, args=(home, watch, news.last_key),
                )  # fmt: skip
            if may_change:
                draw_changing(home, watch, news.last_key)
        draw_cards(news.results, prefix=watch.name)


def draw_changing(home: str, watch: Watch, last_key: int) -> None:
    """What staff may do to a watch of all readers."""
    archive = open_archive(home)
    st.button(
        say("为所有人标为已读", "Mark as read for all"), key=f"read by all {watch.name}",
        on_click=change, args=(home, archive.mark_watch_read, watch.name, last_key),
    )  # fmt: skip
    st.button(
        say("取消关注", "Stop watching"), key=f"remove {watch.name}", on_click=change,
        args=(home, archive.remove_watch, watch.name),
    )  # fmt: skip


def change(home: str, do: Callable[..., None], *arguments: object) -> None:
    """Change a watch for all; where another of the staff was faster, what was wanted is so."""
    if not is_staff(home):  # signed out since the button was drawn
        return
    try:
        with suppress(UsageError):
            do(*arguments)
            note_by_staff("changed a watch", how=do.__name__)
    except ArchiveError as error:
        draw_error(error)

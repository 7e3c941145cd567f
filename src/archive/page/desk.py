"""The page: search the archive, ask it, check a draft against it, follow a matter through it."""

from __future__ import annotations

import html
from functools import partial
from pathlib import Path

import streamlit as st

from archive import Filter, Settings, log
from archive.chinese.calendar import today_here
from archive.errors import ArchiveError
from archive.page.ask_view import draw_asking
from archive.page.browse_view import draw_browse
from archive.page.cards import draw_error, draw_note
from archive.page.check_view import draw_check
from archive.page.filters import draw_filters
from archive.page.ingest_view import draw_ingest, upload_runner
from archive.page.language import is_english, say, switch
from archive.page.search_view import draw_results, draw_similar, search, similar
from archive.page.sources_view import draw_sources
from archive.page.state import (
    ASK,
    BROWSE,
    CHECK,
    INGEST,
    SEARCH,
    SOURCES,
    STATUS,
    STORIES,
    VIEWS,
    WATCHES,
    choose_labelled,
    open_archive,
    opened_page,
    start_anew,
)
from archive.page.status_view import draw_stale_warning, draw_status
from archive.page.stories_view import draw_stories
from archive.page.style import FOCUS, STYLE, TITLE
from archive.page.viewer import draw_viewer
from archive.page.watches_view import draw_watches
from archive.search.records import SearchPage
from archive.store.database import DamagedError
from archive.store.disk import obstacle_to_writing
from archive.store.records import CoverageStatement

EXAMPLES = (
    "稀土出口许可的审批时限现在是多少？",
    "稀土出口许可的审批时限是怎样变化的？",
    "低空经济试点城市有哪些？",
    "可重复使用火箭何时首飞？",
)
OTHER_VIEWS = {
    BROWSE: draw_browse, CHECK: draw_check, STORIES: draw_stories, SOURCES: draw_sources,
    WATCHES: draw_watches, INGEST: draw_ingest, STATUS: draw_status,
}  # fmt: skip
UNFILTERED = (BROWSE, INGEST, STATUS)


def main() -> None:
    """Draw the page; what is known to go wrong is said in a sentence."""
    st.set_page_config(page_title=TITLE, page_icon="📚", layout="wide")
    st.html(STYLE)
    with st.container(key="scripts"):  # run by the browser when new: when the page is opened
        st.html(FOCUS, unsafe_allow_javascript=True)
    try:
        settings = Settings.load()
        upload_runner(str(settings.home))  # uploads that an earlier server left unfinished go on
        if settings.catalog.exists():
            draw_archive(str(settings.home))
        else:
            draw_beginning(str(settings.home))
    except ArchiveError as error:
        draw_error(error)
    except DamagedError as error:
        log.note_failure("the catalogue is damaged", error)
        damaged = ArchiveError(f"the catalogue is damaged ({error})", "see `archive doctor`")
        draw_error(damaged)
    except OSError as error:
        log.note_failure("a file can't be used", error)
        draw_error(ArchiveError(f"a file can't be used ({error})", "see `archive doctor`"))


def draw_archive(home: str) -> None:
    """The question, what the archive says to it, and beside it the page the reader opened."""
    archive = open_archive(home)
    generation = archive.generation()
    holdings, topics, issuers = held(home, generation)
    if not holdings.briefings:
        draw_beginning(home)
        return
    opened = opened_page(home)
    # Always two columns, the empty one hidden by the style: to move what was drawn to other places
    # would lose where the reader has scrolled to.
    with st.container(key="desk"):
        left, right = st.columns(2, gap="large")
    with left:
        count, since, until = holdings.briefings, holdings.since, holdings.until
        draw_masthead(
            say(
                f"收录 {count} 期简报，{since} 至 {until}", f"{count} briefings, {since} to {until}"
            )
        )
        draw_obstacle(home)
        draw_stale_warning(home, generation)
        view = choose_view()
        query = draw_question(view) if view in (SEARCH, ASK) else ""
        # Hidden, not left out, where they don't apply, so that they are kept for the other views.
        with st.container(key="unfiltered" if view in UNFILTERED else "filters"):
            where, mode, sort, by_briefing = draw_filters(topics, issuers, view)
        swapped = where.since and where.until and where.since > where.until
        if swapped and view not in UNFILTERED:
            st.warning(
                say(
                    "起始日期晚于截止日期，请把两个日期对调。",
                    "The first day is after the last: swap the two.",
                )
            )
        elif view in OTHER_VIEWS:
            OTHER_VIEWS[view](home, generation, where)
        elif like := st.query_params.get("like"):
            draw_similar(partial(similar, home, generation, like, where))
        elif view == ASK:
            draw_asking(home, query, where)
            if not query:
                draw_examples()
        elif not query:
            draw_examples()
        else:
            infer_dates = "nodate" not in st.query_params
            ways = (mode, where, sort, by_briefing, infer_dates, today_here())

            def search_page(page: int) -> SearchPage:
                return search(home, generation, query, *ways, page)

            draw_results(search_page, where)
    if opened:
        with right, st.container(key="viewer"):
            draw_viewer(home, opened)


@st.cache_data(show_spinner=False, max_entries=4)
def held(home: str, generation: int) -> tuple[CoverageStatement, dict[str, int], list[str]]:
    """What is in the archive: the days, the passages of each topic, the issuers."""
    archive = open_archive(home)
    issuers = sorted({entry.issuer for entry in archive.briefings() if entry.issuer})
    return archive.holdings(), dict(archive.topics()), issuers


def draw_masthead(line: str) -> None:
    """The name, what is held, and the switch of languages."""
    with st.container(horizontal=True, vertical_alignment="top", key="masthead"):
        st.html(f'<div class="masthead"><h1>{TITLE}</h1><p>{html.escape(line)}</p></div>')
        st.button(
            "中文" if is_english() else "English", key="language", type="tertiary",
            on_click=switch, width="content",
        )  # fmt: skip


def draw_obstacle(home: str) -> None:
    """Say what can't be done just now, where the archive can only be read."""
    why = obstacle_to_writing(Path(home))
    if why is None:
        return
    reason, english = {
        "full": ("磁盘已满", "the disk is full"),
        "read-only": ("磁盘只读", "the disk is read-only"),
        "forbidden": ("没有写入权限", "it may not be written to"),
    }[why]
    st.warning(
        say(
            f"档案现在只能读（{reason}）：检索和问答照常，暂时不能入库、移除、添加关注和报告错误。",
            f"The archive can only be read just now ({english}): search and ask as ever; taking "
            "in, removing, watches and reports have to wait.",
        ),
        icon=":material/lock:",
    )


def draw_beginning(home: str) -> None:
    """What to do while nothing has been taken in."""
    draw_masthead(say("还没有收录简报", "No briefings yet"))
    st.info(
        say(
            "档案是空的。请在终端里运行下面的命令，把存放简报 PDF 的文件夹收进档案，再刷新本页；"
            "也可以由工作人员在这里上传。",
            "The archive is empty. Run this in a terminal, with your folder of PDFs, and reload; "
            "or let the staff upload them here.",
        )
    )
    st.code("archive ingest 简报文件夹", language=None)
    draw_ingest(home, 0, Filter())


def choose_view() -> str:
    """The view, at first that of the address."""
    return choose_labelled(say("页面", "View"), VIEWS, "view", label_visibility="collapsed")


def draw_question(view: str) -> str:
    """The box for searching and asking, with what can be typed in it."""
    verb, hint = say("检索", "Search"), say("输入要查的词或句子", "Words or a sentence")
    if view == ASK:
        verb, hint = say("提问", "Ask"), say("用一句话提问", "A question in one sentence")
        if st.session_state.get("turns"):
            hint = say("接着问，例如：那欧盟呢？", "Ask on: and the EU?")
    with st.form("question", border=False), st.container(horizontal=True):
        query = st.text_input(
            say("问题", "Question"), key="q", bind="query-params", placeholder=hint,
            label_visibility="collapsed",
        )  # fmt: skip
        st.form_submit_button(verb, type="primary", on_click=start_anew)
    if view == SEARCH:
        draw_query_help()
    return (query or "").strip()


def draw_query_help() -> None:
    with st.popover(say("检索式", "Query language"), type="tertiary", icon=":material/help:"):
        for typed, meaning, english in (
            ("稀土 出口", "两个词都有的排在前面", "passages with both come first"),
            ("“出口许可”", "一字不差", "exactly this"),
            ("-美国", "不含这个词", "without this"),
            ("稀土 OR 锂", "任一个词", "either of the two"),
            ("标题:许可", "在标题里", "in the title or a heading"),
            ("主题:氢能", "属于这个主题", "of this topic"),
            ("日期:2026-05", "在这些天里；也可写 日期:2026-05-01..2026-05-07", "of these days"),
        ):
            st.html(f"<code>{typed}</code>　{say(meaning, english)}")
        draw_note(say("全角、半角都可以。", "Full or half width alike."))


def draw_examples() -> None:
    draw_note(say("可以这样问：", "For example:"))
    with st.container(horizontal=True):
        for example in EXAMPLES:
            st.button(example, on_click=ask_example, args=(example,))


def ask_example(example: str) -> None:
    st.session_state.view, st.session_state.q = ASK, example
    start_anew()

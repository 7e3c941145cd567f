"""The page: search the archive, ask it, check a draft against it, follow a matter through it."""

from __future__ import annotations

import html
from functools import partial

import streamlit as st

from archive import Filter, Settings
from archive.errors import ArchiveError
from archive.page.ask_view import ask, draw_answer
from archive.page.cards import draw_error, draw_note
from archive.page.check_view import draw_check
from archive.page.filters import draw_filters
from archive.page.ingest_view import draw_ingest, upload_runner
from archive.page.search_view import draw_results, draw_similar, search, similar
from archive.page.sources_view import draw_sources
from archive.page.state import (
    ASK,
    CHECK,
    INGEST,
    SEARCH,
    SOURCES,
    STORIES,
    VIEWS,
    WATCHES,
    Opened,
    open_archive,
    start_anew,
    start_over,
)
from archive.page.stories_view import draw_stories
from archive.page.style import STYLE, TITLE
from archive.page.viewer import draw_viewer
from archive.page.watches_view import draw_watches
from archive.query_dates import today_here

EXAMPLES = (
    "稀土出口许可的审批时限现在是多少？",
    "稀土出口许可的审批时限是怎样变化的？",
    "低空经济试点城市有哪些？",
    "可重复使用火箭何时首飞？",
)
LANGUAGE = (
    "多个词以空格分开；“出口许可”一字不差；-美国 不含；稀土 OR 锂 任一；"
    "标题:许可　主题:氢能　日期:2026-05 或 2026-05-01..2026-05-07"
)


OTHER_VIEWS = {
    CHECK: draw_check, STORIES: draw_stories, SOURCES: draw_sources, INGEST: draw_ingest,
    WATCHES: draw_watches,
}  # fmt: skip
UNFILTERED = (INGEST,)


def main() -> None:
    """Draw the page; what is known to go wrong is said in a sentence."""
    st.set_page_config(page_title=TITLE, page_icon="📚", layout="wide")
    st.html(STYLE)
    try:
        settings = Settings.load()
        upload_runner(str(settings.home))  # uploads that an earlier server left unfinished go on
        if settings.catalog.exists():
            draw_archive(str(settings.home))
        else:
            draw_beginning(str(settings.home))
    except ArchiveError as error:
        draw_error(error)


def draw_archive(home: str) -> None:
    """The question, what the archive says to it, and beside it the page the reader opened."""
    archive = open_archive(home)
    generation = archive.catalog.generation()
    holdings = archive.catalog.coverage(Filter())
    if not holdings.briefings:
        draw_beginning(home)
        return
    opened: Opened | None = st.session_state.get("opened")
    # Always two columns, the empty one hidden by the style: to move what was drawn to other places
    # would lose where the reader has scrolled to.
    with st.container(key="desk"):
        left, right = st.columns(2, gap="large")
    with left:
        draw_masthead(f"收录 {holdings.briefings} 期简报，{holdings.since} 至 {holdings.until}")
        view, query = draw_question()
        # Hidden, not left out, where they don't apply, so that they are kept for the other views.
        with st.container(key="unfiltered" if view in UNFILTERED else "filters"):
            where, mode, sort, by_briefing = draw_filters(dict(archive.topics()), view)
        if where.since and where.until and where.since > where.until:
            st.warning("起始日期晚于截止日期，请把两个日期对调。")
        elif view in OTHER_VIEWS:
            OTHER_VIEWS[view](home, generation, where)
        elif not query:
            draw_examples()
        elif like := st.session_state.get("similar"):
            draw_similar(partial(similar, home, generation, like, where))
        elif view == ASK:
            draw_answer(ask(home, generation, query, where))
        else:
            infer_dates = "nodate" not in st.query_params
            ways = (mode, where, sort, by_briefing, infer_dates, today_here())
            draw_results(partial(search, home, generation, query, *ways))
    if opened:
        with right, st.container(key="viewer"):
            draw_viewer(home, opened)


def draw_masthead(line: str) -> None:
    st.html(f'<div class="masthead"><h1>{TITLE}</h1><p>{line}</p></div>')


def draw_beginning(home: str) -> None:
    """What to do while nothing has been taken in."""
    draw_masthead("还没有收录简报")
    st.info(
        "档案是空的。请在终端里运行下面的命令，把存放简报 PDF 的文件夹收进档案，再刷新本页；"
        "也可以由工作人员在这里上传。"
    )
    st.code("archive ingest 简报文件夹", language=None)
    st.html(f'<p class="note">档案的位置：{html.escape(home)}</p>')
    draw_ingest(home, 0, Filter())


def draw_question() -> tuple[str, str]:
    """The choice of a view, and one box for searching and asking."""
    # Not a `default` of the widget, which would quarrel with the examples' setting it.
    if "view" not in st.session_state and "view" not in st.query_params:
        st.session_state.view = SEARCH
    view = st.segmented_control(
        "方式", VIEWS, required=True, key="view", bind="query-params",
        label_visibility="collapsed", on_change=start_over,
    )  # fmt: skip
    if view in OTHER_VIEWS:
        return str(view), ""
    verb, hint = ("提问", "用一句话提问") if view == ASK else ("检索", "输入要查的词或句子")
    with st.form("question", border=False), st.container(horizontal=True):
        query = st.text_input(
            "问题", key="q", bind="query-params", placeholder=hint, label_visibility="collapsed"
        )
        st.form_submit_button(verb, type="primary", on_click=start_anew)
    if view != ASK:
        draw_note(f"检索式：{LANGUAGE}")
    return view or SEARCH, (query or "").strip()


def draw_examples() -> None:
    st.html('<p class="note">可以这样问：</p>')
    with st.container(horizontal=True):
        for example in EXAMPLES:
            st.button(example, on_click=ask_example, args=(example,))


def ask_example(example: str) -> None:
    st.session_state.view, st.session_state.q = ASK, example
    start_anew()

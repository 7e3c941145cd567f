"""The page of a PDF that the reader opened, its quote marked."""

from __future__ import annotations

import html
from dataclasses import replace
from functools import partial

import streamlit as st

from archive.errors import ArchiveError
from archive.page.cards import draw_error
from archive.page.state import Opened, open_archive, open_page
from archive.page_image import PageImage, mark_quote


@st.cache_data(show_spinner=False, max_entries=32)
def picture(home: str, briefing_id: str, page: int, quote: str) -> PageImage:
    """A page of a briefing's PDF with the quote marked on it."""
    return mark_quote(open_archive(home).show(briefing_id)[2], page, quote)


def draw_viewer(home: str, opened: Opened) -> None:
    """The page opened, with its quote marked, and the way to the pages beside it."""
    briefing, page = opened.passage.briefing, opened.page
    quote = opened.quote if opened.pages[0] <= page <= opened.pages[1] else ""
    turn = partial(st.button, on_click=open_page)
    try:
        stored, _, file = open_archive(home).show(briefing.id)
        shown = picture(home, briefing.id, page, quote)
    except ArchiveError as error:
        draw_error(error)
        turn("关闭", args=(None,))
        return
    pages = stored.briefing.pages
    where = f"《{briefing.title}》{briefing.date}，第 {pages[page - 1].printed} 页"
    if stored.replaced_by:
        st.warning(f"这一期已有修订版（{stored.replaced_by}）；这里是引用时的那一版。")
    st.html(f"{html.escape(where)}（共 {len(pages)} 页）")
    with st.container(horizontal=True):
        turn("上一页", disabled=page == 1, args=(replace(opened, page=page - 1),))
        turn("下一页", disabled=page == len(pages), args=(replace(opened, page=page + 1),))
        st.download_button(
            "打开 PDF", file.read_bytes(), f"{briefing.date}.pdf", "application/pdf",
            on_click="ignore",
        )  # fmt: skip
        turn("关闭", args=(None,))
    recognised = pages[page - 1].confidence
    if recognised is not None:
        st.caption(f"本页是扫描件，文字由识别得到（可信度 {recognised:.0%}），请对照图片核对。")
    elif quote and not shown.marked:
        st.caption("这段文字没能在图上标出，请在本页和前后页中核对。")
    st.image(shown.png, width="stretch", alt=where)

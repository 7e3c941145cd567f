"""The page of a PDF that the reader opened, its quote marked."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import streamlit as st

from archive.errors import ArchiveError
from archive.evidence.drawing import draw_page
from archive.evidence.page_image import PageError, PageImage, Reason
from archive.page.cards import draw_error
from archive.page.language import say
from archive.page.state import Opened, open_archive, open_page

_STRIP = 8
"""A picture so many times as high as it is wide is no page but a strip."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What is told of a briefing's pages: of each the number printed on it and, where it was
    recognised, how surely.
    """

    file: Path
    replaced_by: str | None
    printed: tuple[str, ...]
    confidence: tuple[float | None, ...]


# Kept until the archive changes, so that to turn a page doesn't load the whole briefing.


@st.cache_data(show_spinner=False, max_entries=200)
def pages_of(home: str, generation: int, briefing_id: str) -> Pages:
    """A briefing's file and pages."""
    stored, _, file = open_archive(home).show(briefing_id)
    pages = stored.briefing.pages
    printed, confidence = (page.printed for page in pages), (page.confidence for page in pages)
    return Pages(file, stored.replaced_by, tuple(printed), tuple(confidence))


@st.cache_data(show_spinner=False, max_entries=32)
def picture(file: Path, page: int, quote: str) -> PageImage:
    """A page of a PDF with the quote marked on it; one that several ask for is drawn once."""
    return draw_page(file, page, quote)


def draw_viewer(home: str, opened: Opened) -> None:
    """The page opened, with its quote marked, and the way to the pages beside it."""
    briefing, page = opened.passage.briefing, opened.page
    turn = partial(st.button, on_click=open_page)
    close = say("关闭", "Close")
    try:
        told = pages_of(home, open_archive(home).generation(), briefing.id)
    except ArchiveError as error:
        draw_error(error)
        turn(close, args=(None,))
        return
    count = len(told.printed)
    if not 1 <= page <= count:  # as an address may have it
        st.error(say(f"这一期没有第 {page} 个页面。", f"This briefing has no page {page}."))
        turn(close, args=(None,))
        return
    printed = told.printed[page - 1]
    where = say(
        f"《{briefing.title}》{briefing.date}，第 {printed} 页",
        f"《{briefing.title}》 {briefing.date}, p. {printed}",
    )
    if told.replaced_by:
        st.warning(
            say(
                f"这一期已有修订版（{told.replaced_by}）；这里是引用时的那一版。",
                f"Revised since ({told.replaced_by}); this is the version that was cited.",
            )
        )
    st.html(html.escape(where + say(f"（共 {count} 页）", f" (of {count} pages)")))
    with st.container(horizontal=True):
        turn(say("上一页", "Previous"), disabled=page == 1, args=(replace(opened, page=page - 1),))
        turn(say("下一页", "Next"), disabled=page == count, args=(replace(opened, page=page + 1),))
        st.download_button(  # read when it is clicked
            say("打开 PDF", "Open the PDF"), told.file.read_bytes, f"{briefing.date}.pdf",
            "application/pdf", on_click="ignore", disabled=not told.file.is_file(),
        )  # fmt: skip
        turn(close, args=(None,))
    _draw_picture(told, opened, where)


def _draw_picture(told: Pages, opened: Opened, where: str) -> None:
    """The picture, with what is to be said of it, or why there is none."""
    page, recognised = opened.page, told.confidence[opened.page - 1]
    quote = opened.quote if opened.pages[0] <= page <= opened.pages[1] else ""
    try:
        shown = picture(told.file, page, quote)
        told.file.stat()  # the picture may be older than the loss of the file
    except PageError as error:
        st.error(_undrawn(error.reason))
        return
    except OSError:
        st.error(_undrawn("missing" if not told.file.exists() else "unreadable"))
        return
    if recognised is not None:
        st.caption(
            say(
                f"本页是扫描件，文字由识别得到（可信度 {recognised:.0%}），请对照图片核对。",
                f"This page is a scan, its text recognised (confidence {recognised:.0%}): "
                "check it against the picture.",
            )
        )
    elif quote and not shown.marked:
        st.caption(
            say(
                "这段文字没能在图上标出，请在本页和前后页中核对。",
                "This text couldn't be marked on the picture: look for it on this page and the "
                "pages beside it.",
            )
        )
    # A strip as wide as the column would be a page of any length.
    is_strip = shown.height > _STRIP * shown.width
    st.image(shown.png, width="content" if is_strip else "stretch", alt=where)


def _undrawn(reason: Reason) -> str:
    """Why there is no picture of a page, without the places of files."""
    match reason:
        case "missing":
            return say(
                "这一期的 PDF 不见了，请告诉管理档案的人：重新入库，或从备份恢复。",
                "The PDF of this briefing is missing. Tell whoever runs the archive: "
                "ingest it again, or restore it from a backup.",
            )
        case "busy":
            return say(
                "现在打开原页的人太多，请过一会儿再打开这一页。",
                "Too many pages are being opened: open this one again in a moment.",
            )
        case "too_complex":
            return say(
                "这一页太复杂，没能画出来；可以打开 PDF 查看。",
                "This page is too complex to be drawn; open the PDF to see it.",
            )
        case "unreadable" | "no_page":
            return say(
                "这一页没能画出来，PDF 可能已损坏；可以打开 PDF 查看。",
                "This page can't be drawn, its PDF may be damaged; open the PDF to see it.",
            )

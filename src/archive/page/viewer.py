"""The page of a PDF that the reader opened, its quote marked."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import streamlit as st

from archive.errors import ArchiveError
from archive.page.cards import draw_error
from archive.page.language import say
from archive.page.state import Opened, open_archive, open_page
from archive.page_image import PageImage, mark_quote


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
    """A page of a PDF with the quote marked on it."""
    return mark_quote(file, page, quote)


def draw_viewer(home: str, opened: Opened) -> None:
    """The page opened, with its quote marked, and the way to the pages beside it."""
    briefing, page = opened.passage.briefing, opened.page
    quote = opened.quote if opened.pages[0] <= page <= opened.pages[1] else ""
    turn = partial(st.button, on_click=open_page)
    close = say("关闭", "Close")
    try:
        told = pages_of(home, open_archive(home).catalog.generation(), briefing.id)
        shown = picture(told.file, page, quote)
        told.file.stat()  # the picture may be older than the loss of the file
    except (ArchiveError, OSError) as error:
        draw_error(error if isinstance(error, ArchiveError) else unreadable(error))
        turn(close, args=(None,))
        return
    count, printed = len(told.printed), told.printed[page - 1]
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
            "application/pdf", on_click="ignore",
        )  # fmt: skip
        turn(close, args=(None,))
    recognised = told.confidence[page - 1]
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
    st.image(shown.png, width="stretch", alt=where)


def unreadable(error: OSError) -> ArchiveError:
    return ArchiveError(
        f"the PDF can't be read ({error})", "ingest it again, or restore it from a backup"
    )

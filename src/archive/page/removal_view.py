"""A briefing taken out by staff, who are asked once more."""

from __future__ import annotations

import streamlit as st

from archive import Settings
from archive.errors import ArchiveError, BusyError
from archive.page.cards import draw_error
from archive.page.language import say
from archive.page.safe_text import as_markdown
from archive.page.sign_in import is_staff, note_by_staff
from archive.page.state import (
    open_archive,
    open_page,
)
from archive.records import Briefing


def ask_removal(briefing_id: str) -> None:
    st.session_state.removing = briefing_id


def keep_briefing() -> None:
    st.session_state.removing = None


def confirm_removal(home: str, briefing: Briefing) -> None:
    """The dialog that takes a briefing out of the archive, once that is confirmed."""
    if not is_staff(home):  # signed out since it was opened: a dialog is drawn anew by itself
        keep_briefing()
        st.rerun()
    name = f"{briefing.date}《{briefing.title}》"
    st.markdown(as_markdown(say(
        f"{name} 会从档案里移除，检索与问答不再用到它；它的 PDF 仍然保留，"
        f"用 archive restore {briefing.id} 可以恢复。它若取代过较早的一版，那一版会重新启用。",
        f"{name} will be taken out of the archive. Its PDF is kept: "
        f"archive restore {briefing.id} brings it back. "
        "A version that it had replaced counts again.",
    )))  # fmt: skip
    with st.container(horizontal=True):
        confirmed = st.button(say("移除", "Remove"), type="primary", key="confirm removal")
        if st.button(say("不移除", "Keep it"), key="keep", on_click=keep_briefing):
            st.rerun()
    if not confirmed:
        return
    try:
        with st.spinner(say("正在移除……", "Removing…")):
            remove(home, briefing.id)
    except BusyError:
        st.error(say(
            "现在有另一个程序在写入档案（例如正在收入简报），这一期没有移除。请等它结束后再试。",
            "Another process is writing to the archive; nothing was removed. Try again later.",
        ))  # fmt: skip
    except ArchiveError as error:
        draw_error(error)
    else:
        keep_briefing()
        st.session_state.removed = name
        st.session_state.month = briefing.date[: len("2026-05")]
        open_page(None)
        st.query_params.pop("briefing", None)
        st.rerun()


def remove(home: str, briefing_id: str) -> None:
    """Take a briefing out; raises as `archive.keeping.writing.open_writer` does."""
    from archive.keeping.writing import open_writer

    settings = Settings.load(home=home)
    open_archive(home).show(briefing_id)
    with open_writer(settings, "removing") as writer:
        writer.remove(briefing_id)
        writer.reconcile()
    note_by_staff("removed", briefing=briefing_id)

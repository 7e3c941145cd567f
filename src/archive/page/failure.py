"""What goes wrong unforeseen: an id for the reader, the whole story for the log."""

from __future__ import annotations

import streamlit as st

from archive import log
from archive.page.language import say
from archive.page.state import VIEWS


def show_failure(error: BaseException) -> bool:
    """Log an error and show the id it is found by; True, as Streamlit needn't show it too."""
    view = VIEWS.get(str(st.session_state.get("view")), ("", ""))[0]
    number = log.note_failure("the page failed", error, view=view)
    st.error(
        say(
            f"出了意外，已记入日志。出错编号 {number}，请告诉管理档案的人。",
            f"Something went wrong, and was logged. Tell whoever runs the archive: error {number}.",
        )
    )
    return True

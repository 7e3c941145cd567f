"""What a reader has read of each watch, kept in the reader's own browser.

A cookie for each watch, named by a hash, holds a number; the server keeps nothing. A forged one
changes only what its own reader sees.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import streamlit as st

from archive.page.state import open_archive
from archive.store.records import Watch

_MARKS = "read marks"
_KEY = re.compile(r"[0-9]{1,15}")
_A_YEAR = 365 * 86_400


def as_read_here(home: str, watch: Watch) -> Watch:
    """A watch as its reader has left it: what was read for all, or in this browser, is read."""
    name = _cookie(home, watch)
    own = str(_marks().get(name) or st.context.cookies.get(name))
    return replace(watch, seen_key=max(watch.seen_key, int(own) if _KEY.fullmatch(own) else 0))


def mark_read_here(home: str, watch: Watch, last_key: int) -> None:
    """Count what is in up to a key as read, in this browser only."""
    _marks()[_cookie(home, watch)] = str(last_key)


def draw_marks() -> None:
    """Let the browser keep the marks of this session."""
    lines = "".join(
        f"document.cookie = '{name}={key}; SameSite=Strict; Max-Age={_A_YEAR}';"
        for name, key in _marks().items()
    )
    if lines:
        with st.container(key="scripts-marks"):
            st.html(f"<script>{lines}</script>", unsafe_allow_javascript=True)


def _marks() -> dict[str, str]:
    """The marks made in this session: cookies are those that it began with."""
    marks: dict[str, str] = st.session_state.setdefault(_MARKS, {})
    return marks


def _cookie(home: str, watch: Watch) -> str:
    """The name of a watch's cookie: of this watch of this archive, not of one that has its name."""
    archive_id = open_archive(home).archive_id()
    told = repr((archive_id, replace(watch, seen_key=0)))
    return f"read-{hashlib.sha256(told.encode()).hexdigest()[:16]}"

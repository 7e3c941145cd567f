"""The language of the page: Chinese first, English where the reader switches to it."""

from __future__ import annotations

import streamlit as st

ENGLISH = "en"
_KEY = "lang"


def is_english() -> bool:
    """Whether the reader reads the page in English; the address says so."""
    return st.query_params.get(_KEY) == ENGLISH


def say(chinese: str, english: str) -> str:
    """What the page itself says, in the reader's language; what the archive holds stays Chinese."""
    return english if is_english() else chinese


def switch() -> None:
    """To the other language."""
    if is_english():
        st.query_params.pop(_KEY, None)
    else:
        st.query_params[_KEY] = ENGLISH

"""What a reader's session remembers, and how a click changes it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from archive import Archive, Settings
from archive.records import Passage, day_range

SEARCH, ASK, CHECK, STORIES, SOURCES, INGEST, WATCHES = VIEWS = (
    "检索", "问答", "旧稿核对", "脉络", "来源", "入库", "关注"
)  # fmt: skip
BROWSE = "往期"


@dataclass(frozen=True, slots=True)
class Opened:
    """The page of a passage's PDF that the reader looks at, and the quote to mark on `pages`."""

    passage: Passage
    page: int
    quote: str
    pages: tuple[int, int]


@st.cache_resource(show_spinner="正在打开档案……")
def open_archive(home: str) -> Archive:
    """The archive at `home`, one for all readers."""
    return Archive.open(Settings.load(home=home))


def start_over() -> None:
    """Show a new question's first results, with no page open."""
    if "page" in st.session_state:
        st.session_state.page = 1
    st.session_state.opened = st.session_state.similar = None


def start_anew() -> None:
    """Start over with another query, whose date hasn't been refused."""
    st.query_params.pop("nodate", None)
    start_over()


def refuse_date() -> None:
    st.query_params["nodate"] = "1"
    start_over()


def search_for(query: str) -> None:
    st.session_state.q = query
    start_anew()


def show_similar(passage_id: str | None) -> None:
    st.session_state.similar, st.session_state.opened = passage_id, None


def choose_month(month: str) -> None:
    """Filter by a month that was clicked."""
    st.session_state.since, st.session_state.until = day_range(month)
    start_over()


def open_story(story_id: str | None) -> None:
    """Show a storyline, or the list of them."""
    st.session_state.view = STORIES
    st.session_state.opened = None
    if story_id is None:
        st.query_params.pop("story", None)
    else:
        st.query_params["story"] = story_id


def open_briefing(briefing_id: str) -> None:
    """Show a briefing as a whole."""
    st.session_state.view = BROWSE
    st.session_state.opened = None
    st.query_params["briefing"] = briefing_id


def open_page(opened: Opened | None) -> None:
    st.session_state.opened = opened

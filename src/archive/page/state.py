"""What a session remembers, and how a click changes it; what can be shared is in the address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from typing import Literal, TypeVar

import streamlit as st

from archive import Archive, Filter, Settings
from archive.page.language import say
from archive.page.shared import shared
from archive.records import Passage, day_range

SEARCH, ASK, BROWSE, CHECK, STORIES, SOURCES, WATCHES, INGEST, STATUS = (
    "search", "ask", "browse", "check", "stories", "sources", "watches", "ingest", "status"
)  # fmt: skip
VIEWS = {
    SEARCH: ("检索", "Search"), ASK: ("问答", "Ask"), BROWSE: ("往期", "Browse"),
    CHECK: ("旧稿核对", "Check a draft"), STORIES: ("脉络", "Storylines"),
    SOURCES: ("来源", "Sources"), WATCHES: ("关注", "Watches"), INGEST: ("入库", "Ingest"),
    STATUS: ("状态", "Status"),
}  # fmt: skip
"""The views by their identity: the label in Chinese, which addresses carry too, and in English."""
_Choice = TypeVar("_Choice", bound=str)
_OPENED = re.compile(r"([!-~]{1,200})@(\d{1,7})-(\d{1,7})p(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Opened:
    """The page of a passage's PDF that the reader looks at, and the quote to mark on `pages`."""

    passage: Passage
    page: int
    quote: str
    pages: tuple[int, int]


@shared
def open_archive(home: str) -> Archive:
    """The archive at `home`, one for all readers."""
    with st.spinner("正在打开档案……"):
        return Archive.open(Settings.load(home=home))


# --- choices kept in the address ------------------------------------------------------------------
# Not by `bind`, which puts a choice's label into the address: labels follow the language and tell
# numbers that change.


def of_address(
    name: str, offered: Sequence[str], default: str, written: Mapping[str, str] | None = None
) -> str:
    """The choice that the session has made, or the address, or the default.

    `written` tells how an address writes each choice, where not as it is. An address that isn't as
    it was left, after a step back or forward in the browser, wins.
    """
    written = written or {}
    there = st.query_params.get(name, written.get(default, default))
    meant = next((choice for choice, label in written.items() if label == there), there)
    is_new = there != st.session_state.get(_left(name), there)
    chosen = meant if is_new else st.session_state.get(name, meant)
    st.session_state[name] = chosen if chosen in offered else default
    return str(st.session_state[name])


def choose_labelled(
    title: str,
    labels: Mapping[_Choice, tuple[str, str]],
    key: str,
    *,
    label_visibility: Literal["visible", "collapsed"] = "visible",
) -> _Choice:
    """One of some choices, at first that of the address or the first, kept in the address.

    `labels`: each choice with its label in Chinese, as addresses write it, and in English.
    """
    default = next(iter(labels))
    written: dict[str, str] = {choice: chinese for choice, (chinese, _) in labels.items()}
    of_address(key, tuple(labels), default, written)
    chosen = st.segmented_control(
        title, tuple(labels), required=True, key=key, on_change=start_over,
        label_visibility=label_visibility, format_func=lambda choice: say(*labels[choice]),
    ) or default  # fmt: skip
    to_address(key, written[chosen], written[default])
    return chosen


def _left(name: str) -> str:
    """Where a session keeps how it left a name of the address."""
    return f"{name} in address"


def to_address(name: str, value: str | Sequence[str], default: str | Sequence[str] = "") -> None:
    """Keep a choice in the address, unless it's the default; only a change is sent."""
    st.session_state[_left(name)] = value
    if value == default or not value:
        if name in st.query_params:
            del st.query_params[name]
    elif st.query_params.get_all(name) != ([value] if isinstance(value, str) else list(value)):
        st.query_params[name] = value


# --- what a click does ----------------------------------------------------------------------------


def start_over() -> None:
    """Show a new question's first results, with no page open."""
    if "page" in st.session_state:
        st.session_state.page = 1
    open_page(None)
    show_similar(None)


def start_anew() -> None:
    """Start over with another query, whose date hasn't been refused."""
    st.session_state.submitted = True
    st.query_params.pop("nodate", None)
    start_over()


def refuse_date() -> None:
    st.query_params["nodate"] = "1"
    start_over()


def search_for(query: str) -> None:
    st.session_state.q = query
    start_anew()


def ask_again(question: str, where: Filter) -> None:
    """Ask a question under another filter, such as one that a refusal suggests."""
    st.session_state.q = question
    st.session_state.since, st.session_state.until = where.since, where.until
    st.session_state.topics = list(where.topics)
    st.session_state.issuer = where.issuer or ""
    start_anew()


def show_similar(passage_id: str | None) -> None:
    """Show the passages like one, in place of what was searched."""
    if passage_id is None:
        st.query_params.pop("like", None)
    else:
        open_page(None)
        st.session_state.view = SEARCH
        st.query_params["like"] = passage_id


def choose_month(month: str) -> None:
    """Filter by a month that was clicked."""
    st.session_state.since, st.session_state.until = day_range(month)
    start_over()


def choose_days(since: Date | None, until: Date | None) -> None:
    """Filter by days, or by none."""
    st.session_state.since, st.session_state.until = since, until
    start_over()


def recent(days: int, today: Date) -> tuple[Date, Date]:
    """The last so many days up to today."""
    return today - timedelta(days=days - 1), today


def choose_topic(topic: str, *, chosen: bool) -> None:
    """Filter by a topic too, or no longer."""
    others = [other for other in st.session_state.get("topics", []) if other != topic]
    st.session_state.topics = [*others, topic] if chosen else others
    start_over()


def choose_one(name: str, value: str) -> None:
    """Choose an issuer, a way of searching, an order."""
    st.session_state[name] = value
    start_over()


def open_story(story_id: str | None) -> None:
    """Show a storyline, or the list of them."""
    st.session_state.view = STORIES
    open_page(None)
    if story_id is None:
        st.query_params.pop("story", None)
    else:
        st.query_params["story"] = story_id


def open_briefing(briefing_id: str) -> None:
    """Show a briefing as a whole."""
    st.session_state.view = BROWSE
    open_page(None)
    st.query_params["briefing"] = briefing_id


def open_month(month: str | None) -> None:
    """Show the briefings of a month, written `2026-05`, or of the newest."""
    st.session_state.view = BROWSE
    open_page(None)
    if month:
        st.session_state.month = month
    st.query_params.pop("briefing", None)


def open_page(opened: Opened | None) -> None:
    """Open a page of a PDF beside what is read, or close it; the address says which."""
    st.session_state.opened = opened
    named = ""
    if opened is not None:
        start = max(opened.passage.text.find(opened.quote), 0)
        end = start + len(opened.quote)
        named = f"{opened.passage.id}@{start}-{end}p{opened.page}"
    to_address("open", named)


def opened_page(home: str) -> Opened | None:
    """The page that is open; at first the one that the address names, if there is such a one."""
    there = st.query_params.get("open", "")
    if "opened" in st.session_state and there == st.session_state.get(_left("open"), ""):
        return _opened()
    st.session_state.opened, st.session_state[_left("open")] = None, there
    named = _OPENED.fullmatch(there)
    if named is None:
        return None
    archive = open_archive(home)
    passage = archive.passage(named[1])
    if passage and not archive.is_removed(passage.briefing.id):
        start, end, page = map(int, named.groups()[1:])
        quote = passage.text[start:end]
        start = min(start, len(passage.text) - 1)
        pages = passage.pages_of(start, start + len(quote))
        st.session_state.opened = Opened(passage, page, quote, pages)
    return _opened()


def _opened() -> Opened | None:
    opened: Opened | None = st.session_state.opened
    return opened

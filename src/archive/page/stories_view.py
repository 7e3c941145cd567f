"""脉络: matters told across briefings, each as a chronology."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from math import ceil

import streamlit as st

from archive import Filter
from archive.errors import UsageError
from archive.following.records import Story, StoryEntry, Timeline
from archive.output.markdown import story_as_markdown
from archive.page.cards import draw_change, draw_note, draw_open_button
from archive.page.chart import draw_timeline
from archive.page.language import say
from archive.page.state import choose_month, open_archive, open_story

PER_PAGE = 15
_MOST_COMPARED = 5


@st.cache_data(show_spinner=False, max_entries=50)
def list_stories(home: str, generation: int, where: Filter, page: int) -> tuple[list[Story], int]:
    """A page (from 1) of the storylines, and how many there are."""
    offset = (page - 1) * PER_PAGE
    return open_archive(home).stories(where=where, limit=PER_PAGE, offset=offset)


@st.cache_data(show_spinner=False, max_entries=50)
def tell(home: str, generation: int, story_id: str) -> tuple[Story, list[StoryEntry]]:
    """A storyline and its chronology."""
    return open_archive(home).story(story_id)


@st.cache_data(show_spinner=False, max_entries=50)
def count(
    home: str, generation: int, queries: tuple[str, ...], stories: tuple[str, ...], where: Filter
) -> Timeline:
    """How often each query or storyline was written of."""
    return open_archive(home).timeline(queries, stories=stories, where=where)


def draw_stories(home: str, generation: int, where: Filter) -> None:
    """The storyline of the address, or the list of them and a timeline of several things.

    The things are those typed, or else the topics of the filter.
    """
    story_id = st.query_params.get("story")
    if story_id:
        label = say("全部脉络", "All storylines")
        st.button(label, icon=":material/arrow_back:", on_click=open_story, args=(None,))
        draw_story(home, generation, story_id)
        return
    asked = st.text_input(
        say("对比", "Compare"), key="compare", bind="query-params", label_visibility="collapsed",
        placeholder=say(
            "按月对比几件事，用分号隔开：稀土；锂价",
            "Compare several things by month, a semicolon between: 稀土; 锂价",
        ),
    )  # fmt: skip
    queries = [query.strip() for query in (asked or "").replace(";", "；").split("；")]
    compared = tuple(dict.fromkeys(query for query in queries if query))[:_MOST_COMPARED]
    if compared or where.topics:
        draw_counts(partial(count, home, generation, compared, (), where), "compared", choose_month)
    draw_list(home, generation, where)


def draw_counts(
    counted: Callable[[], Timeline], key: str, on_choose: Callable[[str], None]
) -> None:
    with st.spinner(say("正在统计……", "Counting …")):
        timeline = counted()
    draw_timeline(timeline, key, on_choose)


def draw_list(home: str, generation: int, where: Filter) -> None:
    with st.spinner(say("正在梳理脉络……", "Following the storylines …")):
        found, total = list_stories(home, generation, where, 1)
    if not total:
        st.info(
            say(
                "还没有跨期的脉络；收入更多简报后，或放宽筛选再看。",
                "No storylines across briefings yet: take in more of them, or widen the filter.",
            )
        )
        return
    draw_note(
        say(
            f"共 {total} 条跨期脉络，最近报道的在前",
            f"{total} storylines across briefings, the last told first",
        )
    )
    cards = st.container()
    if total > PER_PAGE:
        page = st.pagination(ceil(total / PER_PAGE), key="stories_page")
        found, _ = list_stories(home, generation, where, page)
    with cards:
        for story in found:
            draw_entrance(story)


def draw_entrance(story: Story) -> None:
    """A storyline in the list, and the way to it."""
    with st.container(gap="xxsmall"):
        draw_heading(story)
        st.button(
            say("打开", "Open"), key=f"open story {story.id}", type="tertiary", on_click=open_story,
            args=(story.id,), icon=":material/timeline:",
        )  # fmt: skip


def draw_heading(story: Story) -> None:
    """A storyline's name, and how long it has been told."""
    gaps = ", ".join(f"{gap.since} to {gap.until} ({gap.days} days)" for gap in story.gaps)
    size = f"{story.briefings} briefings, {len(story.passages)} passages."
    english = f"{story.first} to {story.last}, {size}" + (f" Pauses: {gaps}." if gaps else "")
    st.html(
        f'<div class="card"><h3>{html.escape(story.name)}</h3>'
        f'<p class="meta">{html.escape(say(story.line, english))}</p></div>'
    )


def draw_story(home: str, generation: int, story_id: str) -> None:
    """A storyline in order of days, with a bar for each month; a click shows that month's alone."""
    try:
        with st.spinner(say("正在整理时间线……", "Putting it in order …")):
            story, entries = tell(home, generation, story_id)
    except UsageError:
        st.info(
            say(
                "没有这条脉络；它可能因为收入或移除简报而变了，请从列表里重新打开。",
                "There is no such storyline: briefings taken in or removed may have changed it. "
                "Open it again from the list.",
            )
        )
        return
    draw_heading(story)
    counted = partial(count, home, generation, (), (story.id,), Filter())
    draw_counts(counted, f"bars-{story.id}", partial(keep_month, story.id))
    month = st.session_state.get(f"month-{story.id}")
    with st.container(horizontal=True):
        st.download_button(
            say("下载 Markdown", "Download Markdown"), story_as_markdown(story, entries),
            f"{story.id}.md", "text/markdown", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        if month:
            label = say(f"只看 {month}；看全部", f"Only {month}: show all")
            st.button(label, on_click=keep_month, args=(story.id, None))
    day = ""
    for entry in entries:
        date = entry.citation.briefing.date
        if month and not date.startswith(month):
            continue
        if date != day:
            day = date
            st.html(f'<h2 class="group">{date}</h2>')
        draw_entry(entry)


def draw_entry(entry: StoryEntry) -> None:
    """What a passage says first, and what changed in it."""
    citation = entry.citation
    heading, quote = html.escape(citation.passage.heading), html.escape(citation.quote)
    with st.container(gap="xxsmall"):
        st.html(f'<div class="card"><p class="meta">{heading}</p><p>{quote}</p></div>')
        key = f"story {entry.number}"
        label = say("打开原页", "Open the page")
        draw_open_button(label, citation.passage, citation.quote, citation.pages, key=key)
        for change in entry.changes:
            draw_change(f"story {change.citation.number}", change)


def keep_month(story_id: str, month: str | None) -> None:
    st.session_state[f"month-{story_id}"] = month

"""A briefing as a whole: its outline, its text, what it goes on with, its PDF."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import streamlit as st

from archive.chinese.text import sentences
from archive.errors import UsageError
from archive.following.records import Story
from archive.page.cards import draw_note, draw_part_heading
from archive.page.language import is_english, say
from archive.page.paths import without_paths
from archive.page.removal_view import ask_removal, confirm_removal, keep_briefing
from archive.page.safe_text import as_markdown
from archive.page.shelf import dated, shelf
from archive.page.state import (
    Opened,
    open_archive,
    open_briefing,
    open_month,
    open_page,
    open_story,
)
from archive.page.warnings import WARNINGS
from archive.records import Briefing, Passage, Section, Warning
from archive.store.briefings import StoredBriefing
from archive.store.records import BriefingEntry

_MOST_STORIES = 50
_REFERENCES = "参考文献"


@st.cache_data(show_spinner=False, max_entries=20)
def read(home: str, generation: int, briefing_id: str) -> tuple[StoredBriefing, list[Passage], str]:
    """A briefing, its passages and the path of its PDF."""
    stored, passages, file = open_archive(home).show(briefing_id)
    return stored, passages, str(file)


@st.cache_data(show_spinner=False, max_entries=20)
def stories_of(home: str, generation: int, briefing_id: str) -> list[Story]:
    """The storylines across briefings that a briefing tells on."""
    return open_archive(home).stories(briefing_id=briefing_id, limit=_MOST_STORIES)[0]


def draw_briefing(home: str, generation: int, briefing_id: str, *, may_remove: bool) -> None:
    """A briefing as it was read: outline, text, references; and where it leads."""
    try:
        stored, passages, file = read(home, generation, briefing_id)
    except UsageError:
        st.info(say(
            "档案里没有这一期；它可能已被移除。请从往期里重新打开。",
            "This briefing isn't in the archive; it may have been removed.",
        ))  # fmt: skip
        _draw_back(None)
        return
    briefing, entries = stored.briefing, shelf(home, generation)[0]
    _draw_back(briefing.date[: len("2026-05")])
    draw_head(stored, len(passages))
    draw_revisions(stored, entries)
    with st.container(horizontal=True, key="briefing-ways"):
        _draw_neighbours(briefing, entries)
        _draw_download(briefing, file)
        if may_remove:
            st.button(
                say("移除", "Remove"), icon=":material/delete:", key="remove",
                on_click=ask_removal, args=(briefing.id,),
            )  # fmt: skip
    if may_remove and st.session_state.get("removing") == briefing.id:
        title = say("移除这一期？", "Remove this briefing?")
        st.dialog(title, on_dismiss=keep_briefing)(confirm_removal)(home, briefing)
    draw_warnings(briefing.warnings)
    if briefing.abstract:
        draw_part_heading(say("摘要", "Abstract"))
        st.html(f'<div class="reading">{_paragraphs(briefing.abstract)}</div>')
    topics = dict.fromkeys(topic for passage in passages for topic in passage.topics)
    if topics:
        st.html(
            '<div class="topics">'
            + "".join(f"<span>{html.escape(topic)}</span>" for topic in topics)
            + "</div>"
        )
    draw_outline(briefing, passages)
    draw_stories(stories_of(home, generation, briefing.id))
    draw_text(briefing)


def _draw_back(month: str | None) -> None:
    st.button(
        say("全部往期", "All briefings"), icon=":material/arrow_back:", key="back",
        on_click=open_month, args=(month,),
    )  # fmt: skip


def draw_head(stored: StoredBriefing, passages: int) -> None:
    """Title, issuer, date, series, size, and whether it is the version that counts."""
    briefing = stored.briefing
    number = say(f"第 {briefing.issue_number} 期", f"No. {briefing.issue_number}")
    size = say(
        f"{len(briefing.pages)} 页，{len(briefing.numbered)} 节，{passages} 段",
        f"{len(briefing.pages)} pages, {len(briefing.numbered)} sections, {passages} passages",
    )
    status = say("现行", "current") if stored.status == "live" else say("已被取代", "replaced")
    facts = (briefing.issuer, dated(briefing.date), number if briefing.issue_number else "", size)
    st.html(
        f'<div class="briefing"><h2>{html.escape(briefing.title)}'
        f'<span class="status">{status}</span></h2>'
        f'<p class="meta">{html.escape("　".join(filter(None, facts)))}</p>'
        f'<p class="meta">{say("系列：", "Series: ")}{html.escape(briefing.series)}</p></div>'
    )


def draw_revisions(stored: StoredBriefing, entries: Sequence[BriefingEntry]) -> None:
    """The revision that took its place, and the versions whose place it took."""
    if stored.replaced_by:
        st.warning(say(
            "这一期已有修订版，检索与问答只用修订版。",
            "A revision has taken this one's place; searches and answers use only that.",
        ))  # fmt: skip
        _draw_way(say("打开修订版", "Open the revision"), stored.replaced_by)
    for entry in entries:
        if entry.replaced_by == stored.briefing.id:
            draw_note(say(f"取代了较早的一版（{entry.id}）", f"Replaces {entry.id}"))
            _draw_way(say("打开被取代的一版", "Open the version replaced"), entry.id)


def _draw_way(label: str, briefing_id: str) -> None:
    st.button(
        label, key=f"way {briefing_id}", type="tertiary", icon=":material/history:",
        on_click=open_briefing, args=(briefing_id,),
    )  # fmt: skip


def _draw_neighbours(briefing: Briefing, entries: Sequence[BriefingEntry]) -> None:
    """The way to the issues of the series before and after this one."""
    series = [
        entry
        for entry in entries
        if entry.series == briefing.series and (entry.status == "live" or entry.id == briefing.id)
    ]
    at = next(at for at, entry in enumerate(series) if entry.id == briefing.id)
    later = series[at - 1 : at] if at else []
    ways: tuple[tuple[Literal["left", "right"], str, list[BriefingEntry]], ...] = (
        ("left", say("上一期", "Previous"), series[at + 1 : at + 2]),
        ("right", say("下一期", "Next"), later),
    )
    for side, label, beside in ways:
        st.button(
            f"{label} {beside[0].date}" if beside else label, key=f"beside {side}",
            icon=f":material/chevron_{side}:", icon_position=side, disabled=not beside,
            on_click=open_briefing, args=(beside[0].id if beside else briefing.id,),
        )  # fmt: skip


def _draw_download(briefing: Briefing, file: str) -> None:
    if not os.access(file, os.R_OK):
        st.caption(say(
            "PDF 文件不见了或无法读取，请让管理员运行体检。",
            "The PDF is gone or can't be read; have the archive checked.",
        ))  # fmt: skip
        return
    st.download_button(
        say("下载 PDF", "Download PDF"), Path(file).read_bytes, f"{briefing.date}.pdf",
        "application/pdf", on_click="ignore", icon=":material/download:", key="pdf",
    )  # fmt: skip


def draw_warnings(warnings: Sequence[Warning]) -> None:
    """What was uncertain when the PDF was read; the reader's own words follow in full."""
    if not warnings:
        return
    with st.expander(
        say(f"读取时的提示（{len(warnings)}）", f"Notes on the reading ({len(warnings)})"),
        icon=":material/warning:",
    ):
        items = []
        for warning in warnings:
            page = say(f"第 {warning.page} 页：", f"Page {warning.page}: ") if warning.page else ""
            known = WARNINGS.get(warning.code, "") if not is_english() else ""
            message = html.escape(without_paths(warning.message))
            told = f'{known}<br><span class="meta">{message}</span>' if known else message
            items.append(f"<li>{page}{told}</li>")
        st.html(f'<ul class="plain">{"".join(items)}</ul>')


def draw_outline(briefing: Briefing, passages: Sequence[Passage]) -> None:
    """The numbered sections, each the way to its page."""
    if not briefing.numbered:
        return
    draw_part_heading(say("目录（点开看原页）", "Contents (opens the page)"))
    with st.container(gap=None, key="outline"):
        for at, section in enumerate(briefing.numbered):
            name = f"{section.number} {section.title}".strip()
            page = say(f"第 {section.printed} 页", f"p. {section.printed}")
            opened = at_section(section, passages)
            with st.container(key=f"outline-{min(section.level, 4)}-{at}"):
                st.button(
                    f"{as_markdown(name)}　:gray[{as_markdown(page)}]", key=f"section {at}",
                    type="tertiary", disabled=opened is None, on_click=open_page, args=(opened,),
                )  # fmt: skip


def at_section(section: Section, passages: Sequence[Passage]) -> Opened | None:
    """The page a section begins on, with the first sentence of its own text to be marked.

    None in a briefing of which nothing is quoted, so that there is no passage to open.
    """
    for passage in passages:
        own = passage.section
        if (own.number, own.path) == (section.number, section.path):
            start, end = next(iter(sentences(passage.text)), (0, len(passage.text)))
            pages = passage.pages_of(start, end)
            return Opened(passage, section.page, passage.text[start:end], pages)
    page = section.page
    return Opened(passages[0], page, "", (page, page)) if passages else None


def draw_stories(stories: Sequence[Story]) -> None:
    """The matters across briefings that this one tells on."""
    if not stories:
        return
    draw_part_heading(say("所属脉络", "Storylines it belongs to"))
    with st.container(gap=None, key="stories-of"):
        for story in stories:
            span = f"{story.first} – {story.last}"
            size = say(f"{story.briefings} 期", f"{story.briefings} briefings")
            st.button(
                f"{as_markdown(story.name)}　:gray[{as_markdown(f'{span}，{size}')}]",
                key=f"story {story.id}", type="tertiary", icon=":material/timeline:",
                on_click=open_story, args=(story.id,),
            )  # fmt: skip


def draw_text(briefing: Briefing) -> None:
    """All sections' text in one scroll, and the references."""
    parts = []
    for section in briefing.numbered:
        if section.title == _REFERENCES and not section.text:
            continue
        tag = f"h{min(section.level + 2, 6)}"
        name = html.escape(f"{section.number} {section.title}".strip())
        page = html.escape(say(f"第 {section.printed} 页", f"p. {section.printed}"))
        parts.append(f'<{tag}>{name} <span class="meta">{page}</span></{tag}>')
        parts.append(_paragraphs(section.text))
    if parts:
        draw_part_heading(say("正文", "Text"))
        st.html(f'<div class="reading">{"".join(parts)}</div>')
    if briefing.references:
        draw_part_heading(say(_REFERENCES, "References"))
        items = "".join(
            f'<li value="{reference.number}">{html.escape(reference.line)}</li>'
            for reference in briefing.references
        )
        st.html(f'<ol class="plain">{items}</ol>')


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())

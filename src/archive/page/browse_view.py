"""往期: the briefings month by month, and a briefing as a whole."""

from __future__ import annotations

import calendar
import html
import os
from collections.abc import Sequence
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from archive import Filter, Settings
from archive.chinese.text import sentences
from archive.errors import ArchiveError, BusyError, UsageError
from archive.following.cadence import is_holiday
from archive.following.records import MissingDays, Story
from archive.page.cards import draw_error, draw_note
from archive.page.language import ENGLISH, is_english, say
from archive.page.paths import without_paths
from archive.page.safe_text import as_markdown
from archive.page.sign_in import is_staff, note_by_staff
from archive.page.state import (
    BROWSE,
    VIEWS,
    Opened,
    of_address,
    open_archive,
    open_briefing,
    open_month,
    open_page,
    open_story,
    to_address,
)
from archive.page.warnings import WARNINGS
from archive.records import Briefing, Passage, Section, Warning, day_range
from archive.store.briefings import StoredBriefing
from archive.store.records import BriefingEntry, Issue

WEEKDAYS = dict(zip("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun".split(), strict=True))
_BEGINNING = 96
_MOST_STORIES = 50
_REFERENCES = "参考文献"


@st.cache_data(show_spinner=False, max_entries=4)
def shelf(home: str, generation: int) -> tuple[list[BriefingEntry], list[Issue], list[MissingDays]]:
    """All briefings, the days that the live ones stand for, and the days that lack one."""
    archive = open_archive(home)
    return archive.briefings(), archive.issues(), archive.missing_days()


@st.cache_data(show_spinner=False, max_entries=50)
def beginnings(home: str, generation: int, briefing_ids: tuple[str, ...]) -> dict[str, str]:
    """The first words of briefings' abstracts."""
    abstracts = open_archive(home).abstracts(briefing_ids)
    return {
        briefing_id: text if len(text) <= _BEGINNING else f"{text[:_BEGINNING]}…"
        for briefing_id, text in abstracts.items()
    }


@st.cache_data(show_spinner=False, max_entries=20)
def read(home: str, generation: int, briefing_id: str) -> tuple[StoredBriefing, list[Passage], str]:
    """A briefing, its passages and the path of its PDF."""
    stored, passages, file = open_archive(home).show(briefing_id)
    return stored, passages, str(file)


@st.cache_data(show_spinner=False, max_entries=20)
def stories_of(home: str, generation: int, briefing_id: str) -> list[Story]:
    """The storylines across briefings that a briefing tells on."""
    return open_archive(home).stories(briefing_id=briefing_id, limit=_MOST_STORIES)[0]


def draw_browse(home: str, generation: int, where: Filter) -> None:
    """The briefing of the address, or a month of briefings."""
    briefing_id = st.query_params.get("briefing")
    if briefing_id:
        draw_briefing(home, generation, briefing_id, may_remove=is_staff(home))
    else:
        draw_months(home, generation)


# --- a month -------------------------------------------------------------------------------------


def draw_months(home: str, generation: int) -> None:
    """The choice of a month, its calendar, and its briefings, newest first."""
    if removed := st.session_state.pop("removed", None):
        st.success(as_markdown(say(f"已移除 {removed}。", f"Removed {removed}.")))
    entries, issues, missing = shelf(home, generation)
    lacking: dict[Date, list[str]] = {}
    for each in missing:
        for day in each.dates:
            lacking.setdefault(day, []).append(each.series)
    months = sorted({*_months(issues), *(f"{day:%Y-%m}" for day in lacking)}, reverse=True)
    month = choose_month(months)
    first, last = day_range(month)
    own = [issue for issue in issues if issue.first <= last and issue.last >= first]
    by_id = {entry.id: entry for entry in entries}
    # One that came in since the list was read is on the next.
    listed = [by_id[issue.briefing_id] for issue in reversed(own) if issue.briefing_id in by_id]
    of_month = {day: series for day, series in lacking.items() if first <= day <= last}
    st.html(calendar_html(month, own, by_id, of_month))
    _head(say("这个月的简报", "Briefings of this month"))
    words = beginnings(home, generation, tuple(entry.id for entry in listed))
    for entry in listed:
        draw_entry(entry, words.get(entry.id, ""))


def _months(issues: Sequence[Issue]) -> set[str]:
    return {f"{day:%Y-%m}" for issue in issues for day in (issue.first, issue.last)}


def choose_month(months: Sequence[str]) -> str:
    """One of the months, newest first, which the address names; and the way to those beside it."""
    of_address("month", months, months[0])
    with st.container(horizontal=True, vertical_alignment="bottom", key="months"):
        before = st.container(width="content")
        chosen = st.selectbox(
            say("月份", "Month"), months, key="month", label_visibility="collapsed", width=160
        )
        to_address("month", chosen, months[0])
        at = months.index(chosen)
        earlier, later = months[at + 1 : at + 2], months[at - 1 : at] if at else []
        before.button(
            say("上月", "Earlier"), key="earlier", icon=":material/chevron_left:",
            disabled=not earlier, on_click=open_month, args=tuple(earlier) or (None,),
        )  # fmt: skip
        st.button(
            say("下月", "Later"), key="later", icon=":material/chevron_right:",
            icon_position="right", disabled=not later, on_click=open_month,
            args=tuple(later) or (None,),
        )  # fmt: skip
    return months[at]


def calendar_html(
    month: str,
    issues: Sequence[Issue],
    entries: dict[str, BriefingEntry],
    lacking: dict[Date, list[str]],
) -> str:
    """A month as a table of weeks: days with a briefing are links, those that lack one say so."""
    year, number = (int(part) for part in month.split("-"))
    whole = [issue for issue in issues if issue.last - issue.first > timedelta(7)]
    heads = "".join(
        f'<th scope="col">{html.escape(say(zh, en))}</th>' for zh, en in WEEKDAYS.items()
    )
    rows = []
    for week in calendar.Calendar().monthdatescalendar(year, number):
        cells = []
        for day in week:
            if day.month != number:
                cells.append("<td></td>")
                continue
            there = [
                entries[issue.briefing_id]
                for issue in issues
                if issue.first <= day <= issue.last and issue not in whole
            ]
            cells.append(_day_html(day, there, lacking.get(day, ())))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    said = say(f"{year} 年 {number} 月，{len(issues)} 期", f"{month}, {len(issues)} briefings")
    if lacking:
        said += say(
            f"；缺 {len(lacking)} 天（照往常该有而没有收到）",
            f"; {len(lacking)} missing (one was to be expected)",
        )
    return (
        f'<table class="calendar"><caption>{html.escape(said)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _day_html(day: Date, there: Sequence[BriefingEntry], lacking: Sequence[str]) -> str:
    """A cell: the day, and whether there are briefings, some are missing, or it is a holiday."""
    shown, tip = f"{day.day}", ""
    if len(there) == 1:
        shown = _link(there[0], f"<b>{day.day}</b>")
    elif there:
        links = (_link(entry, f"<i>{number}</i>") for number, entry in enumerate(there, 1))
        shown = f"<b>{day.day}</b> {' '.join(links)}"
    if lacking:
        shown += f" <small>{say('缺', 'none')}</small>"
        tip = f' title="{html.escape("、".join(lacking), quote=True)}"'
    elif not there and is_holiday(day):
        shown += f" <small>{say('休', 'off')}</small>"
    kind = " ".join(("has",) * bool(there) + ("lacks",) * bool(lacking))
    return f'<td class="{kind}"{tip}>{shown}</td>'


def _link(entry: BriefingEntry, inner: str) -> str:
    """A link that opens a briefing, in another tab: in this one it would end the session."""
    address = {"view": VIEWS[BROWSE][0], "briefing": entry.id} | (
        {"lang": ENGLISH} if is_english() else {}
    )
    label = html.escape(f"{entry.date} 《{entry.title}》{entry.issuer}", quote=True)
    return (
        f'<a href="?{html.escape(urlencode(address))}" target="_blank" title="{label}">{inner}</a>'
    )


def draw_entry(entry: BriefingEntry, beginning: str) -> None:
    name = html.escape(f"{dated(entry.date)}　《{entry.title}》")
    with st.container(gap="xxsmall"):
        st.html(
            f'<div class="card"><h3>{name}</h3>'
            f'<p class="meta">{html.escape(_facts(entry))}</p>'
            f"<p>{html.escape(beginning)}</p></div>"
        )
        st.button(
            say("打开这一期", "Open"), key=f"open {entry.id}", type="tertiary",
            icon=":material/article:", on_click=open_briefing, args=(entry.id,),
        )  # fmt: skip


def _facts(entry: BriefingEntry) -> str:
    size = say(
        f"{entry.pages} 页，{entry.sections} 节", f"{entry.pages} pages, {entry.sections} sections"
    )
    return "　".join(filter(None, (entry.issuer, size)))


def dated(date: str) -> str:
    """A date with its weekday; a month as it is."""
    first, last = day_range(date)
    if first != last:
        return date
    chinese, english = list(WEEKDAYS.items())[first.weekday()]
    return say(f"{date} 星期{chinese}", f"{date} {english}")


# --- a briefing ----------------------------------------------------------------------------------


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
                on_click=_ask_removal, args=(briefing.id,),
            )  # fmt: skip
    if may_remove and st.session_state.get("removing") == briefing.id:
        title = say("移除这一期？", "Remove this briefing?")
        st.dialog(title, on_dismiss=_keep)(confirm_removal)(home, briefing)
    draw_warnings(briefing.warnings)
    if briefing.abstract:
        _head(say("摘要", "Abstract"))
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


def _head(text: str) -> None:
    st.html(f'<h2 class="group">{html.escape(text)}</h2>')


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
    _head(say("目录（点开看原页）", "Contents (opens the page)"))
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
    _head(say("所属脉络", "Storylines it belongs to"))
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
        _head(say("正文", "Text"))
        st.html(f'<div class="reading">{"".join(parts)}</div>')
    if briefing.references:
        _head(say(_REFERENCES, "References"))
        items = "".join(
            f'<li value="{reference.number}">{html.escape(reference.line)}</li>'
            for reference in briefing.references
        )
        st.html(f'<ol class="plain">{items}</ol>')


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())


# --- taking one out ------------------------------------------------------------------------------


def _ask_removal(briefing_id: str) -> None:
    st.session_state.removing = briefing_id


def _keep() -> None:
    st.session_state.removing = None


def confirm_removal(home: str, briefing: Briefing) -> None:
    """The dialog that takes a briefing out of the archive, once that is confirmed."""
    if not is_staff(home):  # signed out since it was opened: a dialog is drawn anew by itself
        _keep()
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
        if st.button(say("不移除", "Keep it"), key="keep", on_click=_keep):
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
        _keep()
        st.session_state.removed = name
        st.session_state.month = briefing.date[: len("2026-05")]
        open_page(None)
        st.query_params.pop("briefing", None)
        st.rerun()


def remove(home: str, briefing_id: str) -> None:
    """Take a briefing out; raises as `archive.writer.open_writer` does."""
    from archive.keeping.writing import open_writer

    settings = Settings.load(home=home)
    open_archive(home).show(briefing_id)
    with open_writer(settings, "removing") as writer:
        writer.remove(briefing_id)
        writer.reconcile()
    note_by_staff("removed", briefing=briefing_id)

"""往期: the briefings month by month."""

from __future__ import annotations

import calendar
import html
from collections.abc import Sequence
from datetime import date as Date
from datetime import timedelta
from urllib.parse import urlencode

import streamlit as st

from archive import Filter
from archive.following.cadence import is_holiday
from archive.page.briefing_view import draw_briefing
from archive.page.cards import draw_part_heading
from archive.page.language import ENGLISH, is_english, say
from archive.page.safe_text import as_markdown
from archive.page.shelf import WEEKDAYS, dated, shelf
from archive.page.sign_in import is_staff
from archive.page.state import (
    BROWSE,
    VIEWS,
    of_address,
    open_archive,
    open_briefing,
    open_month,
    to_address,
)
from archive.records import day_range
from archive.store.records import BriefingEntry, Issue

_BEGINNING = 96


@st.cache_data(show_spinner=False, max_entries=50)
def beginnings(home: str, generation: int, briefing_ids: tuple[str, ...]) -> dict[str, str]:
    """The first words of briefings' abstracts."""
    abstracts = open_archive(home).abstracts(briefing_ids)
    return {
        briefing_id: text if len(text) <= _BEGINNING else f"{text[:_BEGINNING]}…"
        for briefing_id, text in abstracts.items()
    }


def draw_browse(home: str, generation: int, where: Filter) -> None:
    """The briefing of the address, or a month of briefings."""
    briefing_id = st.query_params.get("briefing")
    if briefing_id:
        draw_briefing(home, generation, briefing_id, may_remove=is_staff(home))
    else:
        draw_months(home, generation)


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
    draw_part_heading(say("这个月的简报", "Briefings of this month"))
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

"""What readers found wrong with answers, for the staff."""

from __future__ import annotations

import html
from contextlib import suppress
from math import ceil

import streamlit as st

from archive.errors import ArchiveError, UsageError
from archive.page.cards import draw_error, draw_note
from archive.page.language import say
from archive.page.sign_in import is_staff, note_by_staff
from archive.page.state import open_archive
from archive.store.records import AnswerReport

PER_PAGE = 20


def draw_reports(home: str) -> None:
    """Each report with the answer it is about, newest first, until it is dealt with."""
    reports = open_archive(home).reports()
    st.html(f'<h2 class="group">{say("读者报告的错误", "What readers found wrong")}</h2>')
    if not reports:
        draw_note(say("没有待处理的报告。", "There is nothing to deal with."))
    page, shown = 1, st.container()
    if len(reports) > PER_PAGE:
        page = st.pagination(ceil(len(reports) / PER_PAGE), key="reports")
    with shown:
        for report in reports[(page - 1) * PER_PAGE : page * PER_PAGE]:
            draw_report(home, report)


def draw_report(home: str, report: AnswerReport) -> None:
    with st.container(gap="xxsmall"):
        st.html(
            f'<div class="card"><p class="meta">{html.escape(report.created)}</p>'
            f"<h3>{html.escape(report.question)}</h3><p>{html.escape(report.remark)}</p></div>"
        )
        with st.expander(say("当时的答案", "The answer that was given")):
            st.code(report.answer, language=None, wrap_lines=True)
        st.button(
            say("已处理", "Dealt with"), key=f"close report {report.id}", type="tertiary",
            icon=":material/check:", on_click=close, args=(home, report.id),
        )  # fmt: skip


def close(home: str, report_id: int) -> None:
    """Forget a report; another of the staff may have been faster."""
    if not is_staff(home):  # signed out since the button was drawn
        return
    try:
        with suppress(UsageError):
            open_archive(home).close_report(report_id)
            note_by_staff("dealt with a report", report=report_id)
    except ArchiveError as error:
        draw_error(error)

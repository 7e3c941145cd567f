"""问答: questions asked one after another, each answer with its citations."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from archive import Filter
from archive.asking.follow_up import Turn
from archive.asking.records import Answer, Widening
from archive.errors import ArchiveError, TooManyReportsError
from archive.keeping.rate_limit import RateLimit
from archive.keeping.reports import MOST_REPORTS
from archive.output.markdown import answer_as_markdown, answer_as_text
from archive.page.cards import draw_cards, draw_citation, draw_error, draw_note
from archive.page.language import say
from archive.page.safe_text import answer_html, as_markdown
from archive.page.shared import shared
from archive.page.sign_in import reader_network
from archive.page.state import SEARCH, ask_again, open_archive, search_for

MOST_TURNS = 20
"""Questions of a session that stay on the page."""
REPORT_LIMITS = ((5, 600.0), (50, 86_400.0))
"""Reports that one network address may send, each with the seconds in which."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a session with its answer."""

    question: str
    where: Filter
    answer: Answer

    @property
    def turn(self) -> Turn:
        return Turn(self.answer.understood or self.question, self.answer.where)


def draw_asking(home: str, question: str, where: Filter) -> None:
    """The answer to the question asked last, then those before it, the newest first."""
    turns: list[Asked] = st.session_state.setdefault("turns", [])
    if question:
        submitted = st.session_state.pop("submitted", False)
        is_last = bool(turns) and (turns[-1].question, turns[-1].where) == (question, where)
        if is_last and submitted:  # asked once more: the archive may hold more by now
            turns.pop()
        if submitted or not is_last:
            previous = turns[-1].turn if turns else None
            turns.append(Asked(question, where, ask(home, question, where, previous)))
            del turns[:-MOST_TURNS]
        draw_answer(home, turns[-1].answer)
    earlier = turns[:-1] if question else turns
    if not earlier:
        return
    draw_note(say("先前的问答", "Asked before"))
    for number, asked in reversed(list(enumerate(earlier))):
        if st.toggle(as_markdown(asked.question), key=f"show turn {number} {asked.question}"):
            draw_answer(home, asked.answer, key=f"turn {number}")
    st.button(
        say("换个话题：清除先前的问答", "Another matter: forget what was asked"), type="tertiary",
        icon=":material/clear_all:", on_click=forget,
    )  # fmt: skip


def ask(home: str, question: str, where: Filter, previous: Turn | None) -> Answer:
    """The answer to a question, which may lean on the one asked before; told as it comes."""
    place = st.empty()
    said: list[str] = []

    def show(sentence: str) -> None:
        said.append(sentence)
        place.html(f'<div class="answer">{answer_html(chr(10).join(said), ())}</div>')

    with st.spinner(say("正在查找依据……", "Looking for evidence …")):
        answer = open_archive(home).ask(question, where=where, previous=previous, on_sentence=show)
    place.empty()
    return answer


def forget() -> None:
    """Begin anew: the next question leans on none."""
    st.session_state.pop("turns", None)
    st.session_state.q = ""


def draw_answer(home: str, answer: Answer, *, key: str = "") -> None:
    """The sentences with their numbers, then what each number stands for; or the refusal."""
    for note in answer.notes:
        st.caption(as_markdown(note))
    if answer.supported:
        lines = answer_html(answer.text, {citation.number for citation in answer.citations})
        st.html(f'<div class="answer">{lines}</div>')
    else:
        st.info(as_markdown(answer.text))
    with st.container(horizontal=True):
        if answer.supported:
            draw_copying(answer)
        remark = draw_reporting(answer, key)
    if remark is not None:
        send_report(home, answer, remark)
    replaced = dict(answer.replaced)
    for citation in answer.citations:
        draw_citation(citation, replaced.get(citation.briefing.id), key=key)
    draw_note(answer.coverage.line)
    for number, way in enumerate(answer.widen):
        draw_widening(way, f"{key} {number}")
    if not answer.supported:
        st.button(
            say("改用检索查这些词", "Search for these words"), key=f"search {key}",
            icon=":material/search:", on_click=search_instead, args=(answer.question,),
        )  # fmt: skip
        draw_cards(answer.results, prefix=key)


def draw_widening(way: Widening, key: str) -> None:
    """What to try, as a button where a click can do it."""
    if way.question:
        st.button(
            as_markdown(way.line), key=f"widen {key}", icon=":material/zoom_out_map:",
            on_click=ask_again, args=(way.question, way.where or Filter()),
        )  # fmt: skip
    else:
        draw_note(way.line)


def search_instead(question: str) -> None:
    """Search for what wasn't answered."""
    st.session_state.view = SEARCH
    search_for(question)


def draw_copying(answer: Answer) -> None:
    """The answer with its footnotes, to be copied."""
    label = say("复制答案", "Copy the answer")
    with st.popover(label, type="tertiary", icon=":material/content_copy:"):
        st.caption(say("Markdown，带脚注", "Markdown with footnotes"))
        st.code(answer_as_markdown(answer), language=None, wrap_lines=True)
        st.caption(say("纯文本", "Plain text"))
        st.code(answer_as_text(answer), language=None, wrap_lines=True)


def draw_reporting(answer: Answer, key: str) -> str | None:
    """A form for what is wrong with the answer; returns what was sent.

    What comes of it is drawn elsewhere, since sending closes the popover.
    """
    label = say("报告此答案有误", "Report this answer")
    name = f"report {key} {answer.question}"  # so that a remark isn't left over for the next one
    with (
        st.popover(label, type="tertiary", icon=":material/flag:"),
        st.form(name, border=False, clear_on_submit=True),
    ):
        remark = st.text_area(say("哪里不对？", "What is wrong?"), key=f"of {name}", max_chars=2000)
        return (remark or "") if st.form_submit_button(say("提交", "Send")) else None


@shared
def report_limit(home: str) -> RateLimit:
    """How many reports an address has sent, counted over all sessions."""
    return RateLimit(*REPORT_LIMITS)


def send_report(home: str, answer: Answer, remark: str) -> None:
    """Keep a report, unless it says nothing or too many come from where the reader is."""
    if not remark.strip():
        st.toast(say("请写明哪里不对。", "Please say what is wrong."))
        return
    network, limit = reader_network(), report_limit(home)
    if not limit.take(network):
        st.error(
            say(
                "没有记下：您的网络地址报告得太多（十分钟最多 5 份，一天最多 50 份），请稍后再报。",
                "Not noted: too many reports come from your network address (5 in ten minutes and "
                "50 a day are the most). Try again later.",
            )
        )
        return
    try:
        open_archive(home).report(answer, remark)
    except ArchiveError as error:
        limit.give_back(network)
        if isinstance(error, TooManyReportsError):
            st.error(
                say(
                    f"没有记下：待处理的报告已有 {MOST_REPORTS} 份，收不下了。请直接告诉工作人员。",
                    f"Not noted: {MOST_REPORTS} reports wait already. Tell the staff yourself.",
                )
            )
        else:
            draw_error(error)
    else:
        st.toast(say("已记下，工作人员会查看。", "Noted: the staff will look at it."))

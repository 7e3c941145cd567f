"""问答: an answer with its citations."""

from __future__ import annotations

import html

import streamlit as st

from archive import Filter
from archive.follow_up import Turn
from archive.page.cards import draw_cards, draw_citation
from archive.page.state import open_archive
from archive.page.text import answer_html, as_markdown
from archive.records import Answer


def ask(home: str, generation: int, question: str, where: Filter) -> Answer:
    """The answer to a question, which may lean on the one asked before; kept while the page is."""
    asked = home, generation, question, where
    known: dict[object, Answer] = st.session_state.setdefault("answers", {})
    if asked not in known:
        place = st.empty()
        said: list[str] = []

        def show(sentence: str) -> None:
            said.append(sentence)
            place.html(f'<div class="answer">{answer_html(chr(10).join(said), ())}</div>')

        with st.spinner("正在查找依据……"):
            known[asked] = open_archive(home).ask(
                question, where=where, previous=st.session_state.get("turn"), on_sentence=show
            )
        place.empty()
        st.session_state.turn = Turn(known[asked].understood or question, known[asked].where)
    return known[asked]


def draw_answer(answer: Answer) -> None:
    """The sentences with their numbers, then what each number stands for; or the refusal."""
    for note in answer.notes:
        st.caption(as_markdown(note))
    if answer.supported:
        lines = answer_html(answer.text, {citation.number for citation in answer.citations})
        st.html(f'<div class="answer">{lines}</div>')
    else:
        st.info(as_markdown(answer.text))
    replaced = dict(answer.replaced)
    for citation in answer.citations:
        draw_citation(citation, replaced.get(citation.briefing.id))
    st.html(f'<p class="note">{html.escape(answer.coverage.line)}</p>')
    if answer.widen:
        ways = "".join(f"<li>{html.escape(way)}</li>" for way in answer.widen)
        st.html(f'<ul class="note">{ways}</ul>')
    if not answer.supported:
        draw_cards(answer.results)

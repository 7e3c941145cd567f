"""What several views draw: notes, errors, passages, citations."""

from __future__ import annotations

import html

import streamlit as st

from archive.chinese.calendar import today_here
from archive.errors import ArchiveError, BusyError
from archive.following.records import Change
from archive.page.language import say
from archive.page.paths import without_paths
from archive.page.safe_text import as_markdown, marked_html, place, why
from archive.page.state import Opened, open_page, show_similar
from archive.records import Citation, Passage
from archive.search.records import Result


def draw_note(line: str) -> None:
    st.html(f'<p class="note">{html.escape(line)}</p>')


def draw_error(error: ArchiveError) -> None:
    """What went wrong and its cure, without a path of the server.

    What the archive says of it is in English.
    """
    if isinstance(error, BusyError):
        failed = say("档案正忙：另一个程序正在写入，请稍后再试。", "The archive is busy: ")
    else:
        failed = say("没有成功：", "That failed: ")
    said, cure = (as_markdown(without_paths(text)) for text in (error.message, error.cure))
    cure = f"  \n{say('解决办法：', 'Cure: ')}{cure}" if cure else ""
    st.error(f"{failed}{said}{cure}")


def draw_cards(results: tuple[Result, ...], *, prefix: str = "") -> None:
    """A card a passage: where it stands, what it says around the words found, its topics.

    `prefix` keeps apart the buttons of a passage that is shown several times.
    """
    for result in results:
        passage, text = result.passage, result.passage.text
        start, end = result.snippet
        shown = marked_html(text, result.highlights, start, end)
        parents = html.escape("".join(f"{title} › " for title in passage.section.path[:-1]))
        topics = "".join(f"<span>{html.escape(topic)}</span>" for topic in passage.topics)
        with st.container(gap="xxsmall"):
            st.html(
                f'<div class="card"><p class="meta">{html.escape(place(passage))}</p>'
                f"<h3><span>{parents}</span>{html.escape(passage.heading)}</h3>"
                f"<p>{'…' * (start > 0)}{shown}{'…' * (end < len(text))}</p>"
                f'<div class="topics">{topics}</div>'
                f'<p class="meta">{html.escape(why(result))}</p></div>'
            )
            with st.container(horizontal=True):
                draw_open_button(
                    say("打开原页", "Open the page"), passage, text[start:end],
                    passage.pages_of(start, end), key=prefix,
                )  # fmt: skip
                st.button(
                    say("相似", "Similar"), key=f"similar {prefix} {passage.id}", type="tertiary",
                    on_click=show_similar, args=(passage.id,),
                )  # fmt: skip
                draw_copy_button(say("复制引用", "Cite"), result.citation)


def draw_citation(citation: Citation, replaced_by: str | None, *, key: str = "") -> None:
    """What a number stands for, the way to its page, and how to cite it."""
    line, mark = html.escape(citation.line), f"[{citation.number}]"
    if replaced_by:
        line += say("（这一期已有修订版）", " (revised since)")
    label = say("来源：", "Source: ")
    sources = (f"{label}{html.escape(source.line)}" for source in citation.sources)
    notes = "".join(f'<p class="source">{source}</p>' for source in sources)
    with st.container(gap="xxsmall"):
        st.html(f'<div class="citation"><b>{mark}</b> {line}{notes}</div>')
        with st.container(horizontal=True):
            draw_open_button(
                f"{mark} {say('打开原页', 'Open the page')}", citation.passage, citation.quote,
                citation.pages, key=key,
            )  # fmt: skip
            draw_copy_button(f"{mark} {say('复制引用', 'Cite')}", citation)


def draw_copy_button(label: str, citation: Citation) -> None:
    """A citation as the house and as the standard write it, each to be copied."""
    with st.popover(label, type="tertiary"):
        st.caption(say("参考文献格式", "As 参考文献"))
        st.code(citation.reference_line, language=None, wrap_lines=True)
        st.caption("GB/T 7714")
        st.code(citation.gbt7714(today_here()), language=None, wrap_lines=True)


def draw_open_button(
    label: str, passage: Passage, quote: str, pages: tuple[int, int], *, key: str = ""
) -> None:
    st.button(
        label, key=f"{label} {key} {passage.id}", type="tertiary", icon=":material/find_in_page:",
        on_click=open_page, args=(Opened(passage, pages[0], quote, pages),),
    )  # fmt: skip


def draw_change(key: str, change: Change) -> None:
    """A change, and the way to the page that has it as it was."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="change"><b>{html.escape(change.old)} → {html.escape(change.new)}</b>'
            f'　<span class="meta">{html.escape(change.citation.line)}</span></div>',
            width="content",
        )
        citation, label = change.citation, say("原文", "As it was")
        draw_open_button(label, citation.passage, citation.quote, citation.pages, key=key)


def draw_part_heading(text: str) -> None:
    """The heading of a part of a view."""
    st.html(f'<h2 class="group">{html.escape(text)}</h2>')

"""旧稿核对: a draft held against the archive, sentence by sentence."""

from __future__ import annotations

import html
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from archive import Filter
from archive.errors import ReadError, UsageError
from archive.following.records import Coverage, CoveredPart
from archive.output.markdown import SENTENCES, STATUS, coverage_as_markdown
from archive.page.cards import draw_cards, draw_change, draw_note
from archive.page.language import is_english, say
from archive.page.safe_text import as_markdown
from archive.page.state import open_archive, open_story
from archive.records import Briefing

_STATUS_IN_ENGLISH = {"covered": "covered", "partly": "partly covered", "new": "not covered"}
_SENTENCES_IN_ENGLISH = {
    "stands": "there already", "reworded": "there in other words", "changed": "changed",
    "new": "new",
}  # fmt: skip
_EARLIER = 5
_TALL = 220


@st.cache_data(show_spinner="正在读取草稿……", max_entries=8)
def handed_in(name: str, data: bytes) -> Briefing | str:
    """A draft as it is read from a file that was handed in; nothing of it is kept.

    Raises UsageError where it can't be read.
    """
    from ingest.reading.draft_file import read_draft

    with TemporaryDirectory() as folder:
        file = Path(folder) / f"draft{Path(name).suffix}"
        file.write_bytes(data)
        try:
            return read_draft(file)
        except ReadError as error:
            raise UsageError(error.message, error.cure_zh or error.cure) from error


@st.cache_data(show_spinner="正在逐句核对……", max_entries=16)
def check(home: str, generation: int, draft: Briefing | str, where: Filter) -> Coverage:
    """What the archive says to a draft; kept until it changes."""
    return open_archive(home).coverage(draft, where=where)


def draw_check(home: str, generation: int, where: Filter) -> None:
    """The box for a draft, and below it what of the draft is known."""
    # What isn't drawn is forgotten, and a look at a storyline shouldn't cost the draft.
    st.session_state.setdefault("draft_text", st.session_state.get("draft", ""))
    # Streamlit's own words in the box are English; the style puts Chinese in their place.
    box = "hand-in-en" if is_english() else "hand-in-zh"
    with st.container(key=box), st.form("draft form", border=False):
        text = st.text_area(
            say("草稿", "Draft"), key="draft_text", height=_TALL, label_visibility="collapsed",
            placeholder=say(
                "粘贴草稿，或在下面上传 PDF；只写几个词，就看这件事以前报道过没有",
                "Paste a draft, or upload a PDF below; a few words ask if a matter was covered",
            ),
        )  # fmt: skip
        file = st.file_uploader(
            say("草稿文件", "File"), type=["pdf", "txt", "md"], label_visibility="collapsed",
            key="draft_file",
        )  # fmt: skip
        st.form_submit_button(say("核对", "Check"), type="primary")
    st.session_state.draft = text
    if file is not None and (text or "").strip():
        draw_note(say("核对的是上传的文件。", "It is the file that is checked."))
    if file is None and not (text or "").strip():
        draw_note(
            say(
                "逐段说明：以前报道过没有、最近是哪一期、哪些句子已有、哪些数字和日期变了。",
                "Part by part: was it covered, when last, which sentences stand, what changed.",
            )
        )
        return
    draft = handed_in(file.name, file.getvalue()) if file is not None else text
    draw_coverage(check(home, generation, draft, where))


def draw_coverage(found: Coverage) -> None:
    """The draft's parts one after the other, its sentences coloured by how they are known."""
    for note in found.notes:
        st.caption(as_markdown(note))
    counts = "，".join(
        f"{said(status)} {sum(part.status == status for part in found.parts)}" for status in STATUS
    )
    total, took = len(found.parts), found.took_ms / 1000
    draw_note(
        say(
            f"共 {total} 段：{counts}；用时 {took:.1f} 秒", f"{total} parts: {counts}; {took:.1f} s"
        )
    )
    st.download_button(
        say("下载核对结果", "Download the report"), coverage_as_markdown(found), "coverage.md",
        "text/markdown", on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    legend = "".join(
        f'<span class="{status}">{say(name, _SENTENCES_IN_ENGLISH[status])}</span>'
        for status, name in SENTENCES.items()
    )
    st.html(f'<p class="note legend draft">{legend}</p>')
    for number, part in enumerate(found.parts):
        draw_part(number, part)


def said(status: str) -> str:
    return say(STATUS[status], _STATUS_IN_ENGLISH[status])


def draw_part(number: int, part: CoveredPart) -> None:
    when = (
        say(f"　{part.count} 期，最近 {part.last}", f"　{part.count} briefings, last {part.last}")
        if part.last
        else ""
    )
    told = "".join(
        f'<span class="{sentence.status}">{html.escape(sentence.text)}</span>'
        for sentence in part.sentences
    )
    with st.container(gap="xxsmall", key=f"part-{number}"):
        st.html(
            f'<div class="card"><h3>{html.escape(part.part)}'
            f'<span class="status {part.status}">{said(part.status)}</span>'
            f'<span class="meta">{html.escape(when)}</span></h3><p class="draft">{told}</p></div>'
        )
        for at, change in enumerate(part.changes):
            draw_change(f"{number}.{at}", change)
        if part.story:
            name, first, last = part.story.name, part.story.first, part.story.last
            st.button(
                say("脉络：", "Storyline: ") + as_markdown(f"{name}（{first} 至 {last}）"),
                key=f"story of part {number}", type="tertiary", icon=":material/timeline:",
                on_click=open_story, args=(part.story.id,),
            )  # fmt: skip
        earlier, near = say("先前的报道", "Earlier"), say("相近的段落", "Near")
        for title, results in ((earlier, part.earlier), (near, part.related)):
            if results:
                with st.expander(f"{title}（{len(results)}）"):
                    draw_cards(results[:_EARLIER], prefix=f"{number}")

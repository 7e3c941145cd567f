"""入库: PDFs handed in by staff, how far they are, and what became of each."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from archive import Filter, Settings
from archive.errors import ArchiveError
from archive.output import json_documents
from archive.output.csv_tables import files_csv
from archive.page.cards import draw_error
from archive.page.language import is_english, say
from archive.page.paths import without_paths
from archive.page.safe_text import as_markdown
from archive.page.shared import shared
from archive.page.sign_in import draw_sign_in, draw_sign_out, is_staff, note_by_staff
from archive.page.state import open_briefing
from archive.page.warnings import warning_line
from archive.store.records import FileReport
from ingest.extract.limits import STANDARD
from ingest.intake.upload_run import UploadRunner
from ingest.intake.uploads import (
    MAX_FILES,
    MAX_TOTAL,
    OnRevision,
    Upload,
    UploadFile,
    UploadPace,
    find_upload,
    finished_ids,
    pace,
    report_of,
    store_upload,
    unfinished,
)

PER_PAGE = 20
_ROUND = "upload round"
_LOOK_EVERY = 1.5
_MOST_EARLIER = 100
_CURES_HERE = {
    "encrypted": "文件已加密：请另存一份不加密的副本再上传，或在终端用 --password 收入。",
    "no_date": "找不到日期：请把日期写进文件名（如 2026-05-07.pdf）再上传。",
    "timeout": "读取超时：请用阅读器打印为新的 PDF 后再上传。",
}
"""Cures that differ from those of the command line, which has options."""
_HERE = ZoneInfo("Asia/Shanghai")


@shared
def upload_runner(home: str) -> UploadRunner:
    """What takes uploads in, one for the server; it goes on with those left unfinished."""
    return UploadRunner(Settings.load(home=home), json_documents.ingest_json)


@st.cache_data(show_spinner=False, max_entries=50)
def finished_upload(home: str, upload_id: str) -> Upload:
    """An upload that has come to its end, which changes no more."""
    return find_upload(Path(home), upload_id)


def draw_ingest(home: str, generation: int, where: Filter) -> None:
    """For staff the box for PDFs and the uploads there are; for others the way to sign in."""
    if not is_staff(home):
        draw_sign_in(home)
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        draw_sign_out()
    # Streamlit's own words in the box are English; the style puts Chinese in their place.
    with st.container(key="hand-in-en" if is_english() else "hand-in-zh"):
        draw_box(home)
    draw_uploads(home)


# --- handing in ----------------------------------------------------------------------------------


def draw_box(home: str) -> None:
    """The box that PDFs are dragged to, and the button that starts taking them in."""
    # Another key makes another, empty box, so that what was handed in isn't so twice.
    files = st.file_uploader(
        say("把简报 PDF 拖到这里，可以一次多份", "Drop briefings here, as PDFs"), type="pdf",
        accept_multiple_files=True, key=f"pdfs {st.session_state.get(_ROUND, 0)}",
        max_upload_size=STANDARD.size // 2**20,
    )  # fmt: skip
    names: dict[OnRevision, str] = {
        "replace": say("新版替换旧版", "A revision replaces the older version"),
        "keep": say("两版都保留", "Keep both versions"),
    }
    on_revision = st.radio(
        say("遇到修订版", "For a revision"), get_args(OnRevision), key="on revision",
        format_func=names.__getitem__, horizontal=True,
    )  # fmt: skip
    problem = too_much(files)
    if problem:
        st.warning(problem)
    started = st.button(
        say("开始入库", "Take in"), type="primary", key="take in",
        disabled=not files or bool(problem),
    )  # fmt: skip
    if started:
        hand_in(home, files, on_revision)


def too_much(files: Sequence[UploadedFile]) -> str:
    """Why files can't be handed in at once; empty where they can."""
    if len(files) > MAX_FILES:
        return say(
            f"一次最多 {MAX_FILES} 份，现在有 {len(files)} 份；请分几次上传。",
            f"{MAX_FILES} files at once are the most, these are {len(files)}: hand in fewer.",
        )
    total = sum(file.size for file in files) / 2**20
    if total > MAX_TOTAL / 2**20:
        return say(
            f"一次最多 {MAX_TOTAL // 2**20} MB，现在有 {total:.0f} MB；请分几次上传。",
            f"{MAX_TOTAL // 2**20} MB at once are the most, these are {total:.0f}: hand in fewer.",
        )
    return ""


def hand_in(home: str, files: Sequence[UploadedFile], on_revision: OnRevision) -> None:
    """Keep the files and let them be taken in."""
    with st.spinner(say("正在保存文件……", "Keeping the files…")):
        try:
            contents = [(file.name, file.getbuffer()) for file in files]
            upload = store_upload(Path(home), contents, on_revision)
        except ArchiveError as error:
            draw_error(error)
            return
        note_by_staff("handed in", upload=upload.id, files=len(files))
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
        upload_runner(home).wake()
    st.rerun()


# --- how far they are ----------------------------------------------------------------------------


def draw_uploads(home: str) -> None:
    """The uploads that are under way, looked at again and again, and those that have ended."""
    uploads = unfinished(Path(home))
    going = tuple(upload.id for upload in uploads if upload.state != "damaged")
    for upload in uploads:
        if upload.state == "damaged":
            draw_damaged(upload)
    if going:
        st.fragment(draw_going, run_every=_LOOK_EVERY)(home, going)
    ended = finished_ids(Path(home))
    if ended:
        draw_ended(finished_upload(home, ended[0]), say("最近一次入库", "The last upload"))
    if len(ended) > 1:
        with st.expander(say(f"更早的入库（{len(ended) - 1}）", f"Earlier ({len(ended) - 1})")):
            chosen = st.selectbox(
                say("入库时间", "Taken in at"), ended[1 : _MOST_EARLIER + 1], key="earlier upload",
                format_func=lambda upload_id: headline(finished_upload(home, upload_id)),
                label_visibility="collapsed",
            )  # fmt: skip
            draw_ended(finished_upload(home, chosen), "")


def draw_going(home: str, ids: tuple[str, ...]) -> None:
    """Uploads under way; once one has ended or its reader isn't staff, the page is drawn anew."""
    uploads = [upload for upload in unfinished(Path(home)) if upload.id in ids]
    if len(uploads) < len(ids) or not is_staff(home):
        st.rerun()
    for upload in uploads:
        total = len(upload.files)
        with st.container(key=f"going {upload.id}"):
            st.progress(upload.done / total, text=as_markdown(progress_line(upload)))
            draw_files(upload)


def progress_line(upload: Upload) -> str:
    """How far an upload is, how fast it goes, and how long it has to go."""
    far = f"{moment(upload.created)}　{upload.done} / {len(upload.files)}"
    if upload.state == "waiting":
        if upload.is_held_up:
            why = say(
                "另一个进程正在写入档案，完成后自动继续",
                "another process writes to the archive; this goes on when it has finished",
            )
        elif upload.deaths:
            why = say("入库程序中断了，即将重试", "it was interrupted and is tried again")
        else:
            why = say("等待", "waiting")
        return f"{far}　{why}"
    now = pace(upload, datetime.now(UTC))
    return f"{far}　{pace_line(now) if now else say('正在准备', 'starting')}"


def pace_line(now: UploadPace) -> str:
    seconds = ceil(now.seconds_left)
    zh = f"{ceil(seconds / 60)} 分钟" if seconds > 90 else f"{seconds} 秒"
    en = f"{ceil(seconds / 60)} min" if seconds > 90 else f"{seconds} s"
    return say(
        f"每分钟 {now.files_a_minute:.1f} 份，约剩 {zh}",
        f"{now.files_a_minute:.1f} files a minute, about {en} left",
    )


def draw_ended(upload: Upload, title: str) -> None:
    """What became of an upload's files."""
    if upload.state == "damaged":
        draw_damaged(upload)
        return
    if title:
        st.html(f'<h2 class="group">{html.escape(title)}</h2>')
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="note">{html.escape(headline(upload))}</p>', width="stretch")
        st.download_button(
            say("下载 CSV", "Download CSV"),
            files_csv(report_of(upload).files).encode("utf-8-sig"),
            f"{say('入库', 'upload')}-{upload.id}.csv", "text/csv", on_click="ignore",
            key=f"csv {upload.id}",
        )  # fmt: skip
    draw_files(upload)


def draw_damaged(upload: Upload) -> None:
    st.warning(
        as_markdown(
            say(
                f"有一次上传的记录损坏，没有入库：uploads/{upload.id}。"
                "请重新上传其中的文件，再请管理档案的人删除档案里的这个文件夹。",
                f"The records of an upload are damaged: uploads/{upload.id}. Hand its files in "
                "again, then let whoever runs the archive remove this folder of it.",
            )
        )
    )


def headline(upload: Upload) -> str:
    """When an upload was handed in, and how many of its files ended in each way."""
    counts = [f"{outcome_name(name)} {count}" for name, count in upload.counts.items() if count]
    files = say(f"{len(upload.files)} 份", f"{len(upload.files)} files")
    return f"{moment(upload.created)}　{files}{say('：', ': ')}{say('，', ', ').join(counts)}"


def moment(text: str) -> str:
    """A time as it is in the archive's country."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(_HERE):%Y-%m-%d %H:%M}"
    except ValueError:
        return text


# --- the files of an upload ----------------------------------------------------------------------


def draw_files(upload: Upload) -> None:
    """Each file with how far it is and what became of it; those that failed first."""
    files = sorted(upload.files, key=lambda file: not is_failed(file))
    page, rows = 1, st.container(gap="xsmall")
    if len(files) > PER_PAGE:
        page = st.pagination(ceil(len(files) / PER_PAGE), key=f"files {upload.id}")
    with rows:
        for at, file in enumerate(files[(page - 1) * PER_PAGE : page * PER_PAGE]):
            draw_file(f"{upload.id} {page} {at}", file)


def is_failed(file: UploadFile) -> bool:
    return file.report is not None and file.report.outcome == "failed"


def draw_file(key: str, file: UploadFile) -> None:
    report = file.report
    with st.container(
        horizontal=True, vertical_alignment="top", gap="small", key=f"upload-row {key}"
    ):
        st.html(file_html(file), width="stretch")
        if report and report.briefing_id:
            opened = st.button(
                say("打开", "Open"), key=f"open {key}", type="tertiary",
                on_click=open_briefing, args=(report.briefing_id,),
            )  # fmt: skip
            if opened:  # the page as a whole, not only what shows how far an upload is
                st.rerun()


def file_html(file: UploadFile) -> str:
    """A file's name, its stage or outcome, and below what there is to say of it."""
    stage = file.report.outcome if file.report else file.stage
    # <bdi>: a name may hold marks that turn the direction of what follows.
    head = (
        f'<p><bdi>{html.escape(file.name)}</bdi><span class="outcome {stage}">'
        f"{html.escape(outcome_name(stage))}</span></p>"
    )
    return f'<div class="upload">{head}{report_html(file.report) if file.report else ""}</div>'


def report_html(report: FileReport) -> str:
    lines = []
    if report.title:
        lines.append(("more", f"{report.date}　《{report.title}》"))
    if report.outcome == "failed":
        cure_zh = _CURES_HERE.get(report.error_code or "", report.cure_zh)
        cure = without_paths(f"{report.error_message}; {report.cure}") if is_english() else cure_zh
        lines.append(("cure", cure))
        if report.error_code == "crashed" and not is_english():
            lines.append(("more", f"原因：{without_paths(report.error_message or '')}"))
    told = say("提示：", "Note: ")
    lines += [("more", f"{told}{warning_line(warning)}") for warning in report.warnings]
    return "".join(f'<p class="{name}">{html.escape(text)}</p>' for name, text in lines)


def outcome_name(stage: str) -> str:
    """A stage or an outcome in the reader's language."""
    return {
        "waiting": say("等待", "waiting"),
        "reading": say("读取中", "being read"),
        "storing": say("写入中", "being stored"),
        "new": say("已收录", "taken in"),
        "unchanged": say("已有", "in already"),
        "replaced": say("已替换", "replaced the older"),
        "failed": say("失败", "failed"),
    }.get(stage, stage)

"""状态: what the archive holds, what it works with, its last runs, and whether it is sound."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date as Date
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from archive import Filter, Settings
from archive.chinese.calendar import today_here
from archive.errors import CURES_ZH, ArchiveError
from archive.following.records import Freshness, MissingDays
from archive.keeping.records import Check, Status
from archive.output.messages import CHECKS_ZH, RUN_COUNTS_ZH, VERDICTS_ZH
from archive.page.cards import draw_error, draw_note, draw_part_heading
from archive.page.language import say
from archive.page.paths import without_paths
from archive.page.reports_view import draw_reports
from archive.page.safe_text import as_markdown
from archive.page.shelf import WEEKDAYS
from archive.page.sign_in import is_staff
from archive.page.state import open_archive, open_month
from archive.status import status_of
from archive.store.records import Run, RunFailure

_SIGNS = {"pass": "✓", "warn": "!", "fail": "✗"}
_DETAILS = 3
_CHROMA = {
    "folder": ("本机文件夹", "folder"),
    "server": ("另设的服务", "server"),
}
_MEMORY_SECONDS = 30


@st.cache_data(show_spinner=False, max_entries=4)
def how_fresh(home: str, generation: int, today: Date) -> Freshness:
    """How old the newest briefing is."""
    return open_archive(home).freshness(today)


@st.cache_data(show_spinner=False, max_entries=4, ttl=_MEMORY_SECONDS)
def status(home: str, generation: int, today: Date) -> Status:
    """How the archive stands; disks and servers change by themselves, so that it isn't kept."""
    return status_of(open_archive(home), Settings.load(home=home), today)


def stale_warning(freshness: Freshness) -> str:
    """The sentence for readers where the newest briefing is older than expected; else empty."""
    if not freshness.is_stale:
        return ""
    return say(
        f"最新一期是 {freshness.newest}，距今 {freshness.age_days} 天；往常相隔一般不超过 "
        f"{freshness.usual_gap} 天。可能有简报还没有收入，结果也许不是最新的。",
        f"The newest briefing is of {freshness.newest}, {freshness.age_days} days ago; most follow "
        f"each other within {freshness.usual_gap}. Some may not have been taken in yet.",
    )


def draw_stale_warning(home: str, generation: int) -> None:
    """Warn where the newest briefing is older than expected."""
    if warning := stale_warning(how_fresh(home, generation, today_here())):
        st.warning(as_markdown(warning), icon=":material/schedule:")


def draw_status(home: str, generation: int, where: Filter) -> None:
    """What is in, with which models, what came in last, what is missing, and the checks."""
    found = status(home, generation, today_here())
    draw_holdings(found)
    draw_runs(found.runs)
    draw_missing(found.missing)
    if is_staff(home):  # a check takes the server minutes
        draw_checkup(home)
        draw_reports(home)


def draw_holdings(found: Status) -> None:
    """The facts, name by name."""
    draw_part_heading(say("馆藏与配置", "Holdings and settings"))
    days = say(f"{found.since} 至 {found.until}", f"{found.since} to {found.until}")
    agree = found.encoder in (None, found.encoder_set)
    facts = [
        (say("简报", "Briefings"), say(f"{found.briefings} 期", f"{found.briefings}")),
        (say("日期", "Days"), days if found.since else say("无", "none")),
        (say("篇幅", "Size"), say(
            f"{found.pages:,} 页，{found.passages:,} 段",
            f"{found.pages:,} pages, {found.passages:,} passages",
        )),
        (say("主题", "Topics"), say(f"{found.topics} 个", f"{found.topics}")),
        (
            say("索引所用模型", "Index built with"),
            without_paths(found.encoder) if found.encoder else say("尚无", "none yet"),
        ),
        (say("现设模型", "Model now set"), _encoder_set(found, agree)),
        (say("语言模型", "Language model"), found.llm or say("未设", "none")),
        (say("向量库", "Chroma"), say(*_CHROMA[found.chroma])),
        (say("磁盘", "Disk"), say(
            f"已用 {_bytes(found.bytes)}，剩余 {_bytes(found.free_bytes)}",
            f"{_bytes(found.bytes)} used, {_bytes(found.free_bytes)} free",
        )),
    ]  # fmt: skip
    facts[4:4] = [
        (
            say("系列", "Series") if not at else "",
            say(
                f"{series.series}：{series.briefings} 期，{series.since} 至 {series.until}",
                f"{series.series}: {series.briefings}, {series.since} to {series.until}",
            ),
        )
        for at, series in enumerate(found.series)
    ]
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(said)}</dd>" for name, said in facts
    )
    st.html(f'<dl class="facts">{rows}</dl>')
    if not agree:
        st.warning(say(
            "索引所用模型与现设的不一致，语义检索会被拒绝：请运行 archive reindex，或改回模型。",
            "The index was built with another model; searches are refused: run archive reindex.",
        ))  # fmt: skip


def _encoder_set(found: Status, agree: bool) -> str:
    if found.encoder_set is None:
        error = without_paths(found.encoder_error)
        return say(f"无法载入：{error}", f"can't be loaded: {error}")
    is_same = agree and found.encoder
    return say("与索引一致", "the same") if is_same else without_paths(found.encoder_set)


def _bytes(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.1f} MB"


def draw_runs(runs: Sequence[Run]) -> None:
    """The last runs of ingestion, each with the files that failed."""
    draw_part_heading(say("最近的收入", "Last runs of ingestion"))
    if not runs:
        draw_note(say("还没有记录。", "None recorded yet."))
    for run in runs:
        counts = say("，", ", ").join(
            f"{say(RUN_COUNTS_ZH.get(outcome, outcome), outcome)} {count}"
            for outcome, count in run.counts.items()
        )
        took = say(f"用时 {run.seconds:.0f} 秒", f"{run.seconds:.0f} s")
        st.html(
            f'<p class="run"><b>{html.escape(_here(run.started))}</b>　{html.escape(counts)}'
            f'　<span class="meta">{took}</span></p>'
        )
        if run.failures:
            items = "".join(map(_failure_html, run.failures))
            failed = len(run.failures)
            with st.expander(
                say(f"没有收入的文件（{failed}）", f"Files not taken in ({failed})"),
                icon=":material/error:",
            ):
                st.html(f'<ul class="plain">{items}</ul>')


def _failure_html(failure: RunFailure) -> str:
    """A file that failed: which, why, and what to do; where it lies is for who runs the archive."""
    path, message, cure = map(without_paths, (failure.path, failure.message, failure.cure))
    cure = say(CURES_ZH.get(failure.code, cure), cure)
    return (
        f"<li><b>{html.escape(path)}</b><br>{html.escape(cure)}<br>"
        f'<span class="meta">{html.escape(f"{failure.code}: {message}")}</span></li>'
    )


def _here(started: str) -> str:
    """When a run began, in Shanghai's time; as it was noted where that is no time."""
    try:
        here = datetime.fromisoformat(started).astimezone(ZoneInfo("Asia/Shanghai"))
    except ValueError:
        return started
    return f"{here:%Y-%m-%d %H:%M}"


def draw_missing(missing: Sequence[MissingDays]) -> None:
    """The days that lack a briefing, by month, each month the way to its calendar."""
    draw_part_heading(say("缺的日期", "Missing days"))
    if not missing:
        draw_note(say(
            "没有：照各系列往常的出刊日，没有哪天该有而没有。",
            "None: no series lacks a day on which it usually appears.",
        ))  # fmt: skip
    for at, each in enumerate(missing):
        days = say("、", ", ").join(
            say(f"星期{zh}", en)
            for number, (zh, en) in enumerate(WEEKDAYS.items())
            if number in each.weekdays
        )
        st.html(
            f"<p><b>{html.escape(each.series)}</b><br>"
            + html.escape(say(
                f"往常在{days}出刊；{each.since} 至 {each.until} 缺 {len(each.dates)} 天：",
                f"usually appears on {days}; {each.since} to {each.until} lacks {len(each.dates)}:",
            ))
            + "</p>"
        )  # fmt: skip
        months: dict[str, list[str]] = {}
        for day in each.dates:
            months.setdefault(f"{day:%Y-%m}", []).append(f"{day.day}")
        with st.container(horizontal=True, gap="small", key=f"missing-{at}"):
            for month, own in reversed(months.items()):
                listed = say(f"{'、'.join(own)} 日", ", ".join(own))
                st.button(
                    as_markdown(f"{month}：{listed}"), key=f"missing {at} {month}",
                    type="tertiary", icon=":material/calendar_month:", on_click=open_month,
                    args=(month,),
                )  # fmt: skip


def draw_checkup(home: str) -> None:
    """The checks of `archive doctor`, when they are asked for."""
    draw_part_heading(say("体检", "Health"))
    if st.button(say("立即体检", "Check now"), icon=":material/health_and_safety:", key="check up"):
        from archive.keeping.doctor import examine

        try:
            with st.spinner(say("正在检查，大档案要一两分钟……", "Checking…")):
                st.session_state.checkup = (
                    datetime.now(ZoneInfo("Asia/Shanghai")),
                    examine(Settings.load(home=home)),
                )
        except ArchiveError as error:
            draw_error(error)
    if done := st.session_state.get("checkup"):
        draw_checks(*done)
    else:
        draw_note(say(
            "检查目录库、文件、索引、向量库是否完好一致；只看不改。",
            "Checks that catalogue, files, indexes and Chroma agree; changes nothing.",
        ))  # fmt: skip


def draw_checks(when: datetime, checks: Sequence[Check]) -> None:
    """Each check with its verdict, the worst first."""
    bad = sum(check.status == "fail" for check in checks)
    warned = sum(check.status == "warn" for check in checks)
    if not bad and not warned:
        verdict = say("一切正常", "all is well")
    else:
        verdict = say(f"{bad} 项有问题，{warned} 项注意", f"{bad} failed, {warned} warnings")
    draw_note(f"{when:%Y-%m-%d %H:%M}　{verdict}")
    order = list(_SIGNS)
    rows = []
    for check in sorted(checks, key=lambda check: -order.index(check.status)):
        name = say(CHECKS_ZH.get(check.name, check.name), check.name)
        rows.append(
            f'<tr class="{check.status}"><td><span class="verdict">{_SIGNS[check.status]} '
            f"{say(VERDICTS_ZH[check.status], check.status)}</span></td>"
            f'<th scope="row">{html.escape(name)}</th><td>{_check_html(check)}</td></tr>'
        )
    st.html(f'<table class="checks">{"".join(rows)}</table>')


def _check_html(check: Check) -> str:
    """What a check says, the first of what it concerns, and the cure."""
    lines = [html.escape(without_paths(say(check.message_zh, check.message)))]
    if check.status != "pass":
        shown = [without_paths(detail) for detail in check.details[:_DETAILS]]
        if (more := len(check.details) - _DETAILS) > 0:
            shown.append(say(
                f"还有 {more} 项，archive doctor --verbose 列出全部",
                f"and {more} more: archive doctor --verbose lists all",
            ))  # fmt: skip
        lines += (f'<span class="meta">{html.escape(line)}</span>' for line in shown)
        cure = html.escape(without_paths(say(check.cure_zh, check.cure)))
        lines.append(f"<b>{say('办法：', 'Cure: ')}</b>{cure}")
    return "<br>".join(lines)

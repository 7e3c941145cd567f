"""Tables as CSV (RFC 4180, lines ended by \\n), for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from archive.following.records import MissingDays, Timeline
from archive.output.messages import FAILURES_ZH, WARNINGS_ZH
from archive.search.records import Result
from archive.store.records import FileReport
from archive.untrusted_text import on_one_line

_RESULT_COLUMNS = ("日期", "标题", "发布单位", "章节", "页", "主题", "段落", "passage_id")
_FILE_COLUMNS = (
    "文件",
    "结果",
    "日期",
    "标题",
    "章节数",
    "段落数",
    "页数",
    "提示",
    "失败原因",
    "办法",
    "briefing_id",
    "code",
    "原因（中文）",
    "提示（中文）",
    "cure",
    "原名",
)
_FORMULA = frozenset("=+-@\u2212")
"""What a formula begins with; the last is the minus that \u207b, \u208b and print stand for."""
_CELL_ENDS = frozenset("\t\n")
"""What parts cells and lines where a table is pasted."""
_UNSEEN = re.compile(
    r"^(?:[\s\x00-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff])+"
)
_MISSING = ("a briefing was to be expected on this day", "这一天应有简报，档案里没有。")


def timeline_csv(timeline: Timeline) -> str:
    """A line for each period, a column of briefings for each name."""
    counts: Sequence[tuple[int, ...]] = [series.briefings for series in timeline.series]
    head = [timeline.by, *(series.name for series in timeline.series)]
    return _csv([head, *zip(timeline.periods, *counts, strict=True)])


def results_csv(results: Iterable[Result]) -> str:
    """A line for each passage, in order."""
    rows = (
        (
            result.briefing.date,
            result.briefing.title,
            result.briefing.issuer,
            result.passage.heading,
            "-".join(dict.fromkeys(result.printed)),
            "、".join(result.topics),
            result.text,
            result.passage_id,
        )
        for result in results
    )
    return _csv([_RESULT_COLUMNS, *rows])


def files_csv(files: Iterable[FileReport], missing: Iterable[MissingDays] = ()) -> str:
    """A line for each file of an ingest, in order, and for each day that lacks a briefing."""
    rows: list[Sequence[object]] = [
        (
            on_one_line(file.path),
            file.outcome,
            file.date or "",
            on_one_line(file.title or ""),
            file.sections,
            file.passages,
            file.pages,
            "；".join(warning.message for warning in file.warnings),
            on_one_line(file.error_message or ""),
            file.cure_zh,
            file.briefing_id or "",
            file.error_code or "",
            FAILURES_ZH.get(file.error_code or "", ""),
            "；".join(WARNINGS_ZH.get(w.code, w.message) for w in file.warnings),
            file.cure,
            file.original or "",
        )
        for file in files
    ]
    english, chinese = _MISSING
    rows += (
        ("", "missing", day, each.series, "", "", "", "", english, "", "", "", chinese, "", "", "")
        for each in missing
        for day in each.dates
    )
    return _csv([_FILE_COLUMNS, *rows])


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue()


def guarded(cell: str) -> str:
    """A text that no spreadsheet takes for a formula, and no reader of CSV for two lines.

    A spreadsheet skips blanks and what can't be seen before a formula, and takes full-width signs
    for what they stand for.
    """
    cell = cell.replace("\r", " ")  # which the csv module leaves unquoted
    begun = _UNSEEN.sub("", cell)[:1]
    is_formula = bool(begun) and unicodedata.normalize("NFKC", begun) in _FORMULA
    return f"'{cell}" if is_formula or cell[:1] in _CELL_ENDS else cell

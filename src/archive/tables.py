"""Tables as CSV (RFC 4180, lines ended by \\n), for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from archive.records import FileReport, Result, Timeline

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
    "原名",
)


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


def files_csv(files: Iterable[FileReport]) -> str:
    """A line for each file of an ingest, in order."""
    rows = (
        (
            file.path,
            file.outcome,
            file.date or "",
            file.title or "",
            file.sections,
            file.passages,
            file.pages,
            "；".join(warning.message for warning in file.warnings),
            file.error_message or "",
            file.cure_zh,
            file.briefing_id or "",
            file.original or "",
        )
        for file in files
    )
    return _csv([_FILE_COLUMNS, *rows])


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue()


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" else cell

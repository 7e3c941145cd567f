"""What the warnings of reading a PDF mean, in the reader's language."""

from __future__ import annotations

from archive.page.language import is_english, say
from archive.records import Warning

WARNINGS = {
    "no_headings": "没有认出标题，每页作为一节",
    "uncertain_headings": "标题认得不太有把握，章节划分可能有误",
    "outline_unreliable": "PDF 书签里有些标题在页面上找不到",
    "contents_unreliable": "目录里有些标题在页面上找不到",
    "signals_disagree": "书签、目录与版面给出的标题不一致",
    "date_from_file_name": "日期取自文件名",
    "date_uncertain": "日期不一定是出刊日期",
    "date_conflict": "文中各处的日期不一致",
    "no_text": "这一页没有文字，可能是图片",
    "garbled": "这一页的文字无法解码，没有收入",
    "damaged": "这一页已损坏，没有收入",
    "ocr": "这一页是扫描件，文字由识别得到，可能有误",
    "garbled_lines": "这一页有几行文字无法解码，没有收入",
    "lost_characters": "这一页有些字没有字形，无法显示",
    "same_issue": "档案里还有同一系列、同一日期的另一份简报",
    "near_identical": "正文与另一日期的一份简报几乎相同，日期可能有误",
}
"""What the codes of warnings mean."""


def warning_line(warning: Warning) -> str:
    """A warning as a line of text."""
    page = say(f"第 {warning.page} 页：", f"Page {warning.page}: ") if warning.page else ""
    known = "" if is_english() else WARNINGS.get(warning.code, "")
    return page + (known or warning.message)

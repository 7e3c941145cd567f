"""What the codes of failures, of warnings and of checks mean, in Chinese."""

from __future__ import annotations

FAILURES_ZH = {
    "not_found": "找不到该文件。",
    "unreadable": "文件无法打开或读取。",
    "not_a_pdf": "文件内容不是 PDF。",
    "too_large": "文件的大小或页数超过上限。",
    "encrypted": "文件已加密，没有密码或密码不对。",
    "damaged": "PDF 的内部结构已损坏，无法读取。",
    "no_text": "页面上没有文字，只有图片。",
    "garbled": "页面上的文字无法解码。",
    "no_date": "题头、页眉和文件名里都没有日期。",
    "timeout": "读取超过了规定的时间。",
    "out_of_memory": "读取所需的内存超过了一份文件的上限。",
    "crashed": "读取时程序出错，没有完成。",
}
"""Why a file isn't in, by the code of its failure."""

WARNINGS_ZH = {
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
    "may_be_revision": "可能是同一天另一份简报的修订版，但不能确定，两份都已保留",
    "near_identical": "正文与另一日期的一份简报几乎相同，日期可能有误",
    "put_back": "档案所存的 PDF 曾缺失或损坏，已用此文件补回",
}
"""What is uncertain in the reading of a file, by the code of the warning."""

OUTCOMES_ZH = {
    "new": "收录",
    "unchanged": "已有",
    "replaced": "替换",
    "failed": "失败",
    "missing": "缺期",
}
"""What became of a file, or of a day on which one was to be expected."""

RUN_COUNTS_ZH = OUTCOMES_ZH | {"new": "新收入", "replaced": "修订"}
"""How the page counts the outcomes of a run."""

CHECKS_ZH = {
    "catalogue": "目录库",
    "links": "目录库内部关联",
    "full text": "全文表",
    "text": "正文",
    "interrupted": "未完成的收入",
    "files": "PDF 文件",
    "orphan files": "无主文件",
    "set aside": "移出的文件",
    "leftovers": "中断遗留",
    "topics": "主题",
    "lexicon": "词表",
    "keyword index": "关键词索引",
    "encoder": "语义模型",
    "vector index": "语义索引",
    "vectors": "向量",
    "chroma": "向量库",
    "disk": "磁盘空间",
    "permissions": "写入权限",
    "newest briefing": "最新一期",
    "failed files": "没有收入的文件",
    "uploads": "页面上传",
}
"""What the checks of `archive doctor`, and of `archive status --check`, are of."""

VERDICTS_ZH = {"pass": "正常", "warn": "注意", "fail": "有问题"}
"""How a check ended."""

"""The lines that open the parts every briefing has, whatever its headings look like."""

from __future__ import annotations

import re

CONTENTS = re.compile(
    r"[【\[]?\s*(?:本[期刊书文]\s*)?(?:目\s*[录錄次]|要\s*目|导\s*[读航])\s*[】\]]?(?:\s*contents)?[:：]?"
    r"|(?:table\s+of\s+)?contents[:：]?",
    re.IGNORECASE,
)
ABSTRACT = re.compile(
    r"[【\[]?\s*(?:内容|本期|文章)?\s*(?:摘\s*要|提\s*要|概\s*要)\s*[】\]]?(?:\s*[:：]?\s*(?P<text>.*))?"
    r"|abstract[:：.]?(?:\s+(?P<latin>.+))?",
    re.IGNORECASE,
)
KEYWORDS = re.compile(
    r"[【\[]?\s*(?:关\s*键\s*[词字]|主题词|key\s*words?)\s*[】\]]?\s*[:：]", re.IGNORECASE
)
REFERENCES = re.compile(
    r"[【\[]?\s*(?:主要)?(?:参\s*考\s*(?:文\s*献|资\s*料|来\s*源)|资料来源|信息来源|引用文献)\s*[】\]]?[:：]?"
    r"|references[:：]?|bibliography[:：]?",
    re.IGNORECASE,
)
BACK_PAGE = re.compile(
    r"[【\[]?\s*(?:联\s*系\s*我\s*们|关于我们|联系方式|(?:版权|免责|法律)声明|编辑部"
    r"|contact us|disclaimer)\s*"
    r"[】\]]?[:：]?.{0,40}"
    r"|.{0,16}(?:扫描|扫一扫|长按|识别).{0,12}二维码.{0,16}|.{0,10}关注.{0,12}公众号.{0,16}"
    r"|(?:本期)?(?:责任编辑|责编|编辑|审核|校对)\s*[:：].{0,40}",
    re.IGNORECASE,
)
CAPTION = re.compile(
    r"(?:附?[图表]|figure|fig\.|table)\s*(?:[\dA-Z]|[一二三四五六七八九十]+)(?:[-－–.．]\d+)*(?!\d)"
    r"(?!\s*[，,、。所中显给列是为表说反可和与及])",
    re.IGNORECASE,
)


def abstract_text(line: str) -> str | None:
    """What follows the word 摘要 on its line; None when the line doesn't open an abstract."""
    match = ABSTRACT.fullmatch(line)
    if not match:
        return None
    text = (match["text"] or match["latin"] or "").strip()
    # `摘要显示…` is a sentence: a text on the same line needs a mark between.
    opened = line[: len(line) - len(text)].rstrip().endswith((":", "：", "】", "]", "."))
    if text and not opened and not line[: len(line) - len(text)].endswith((" ", "\u3000")):
        return None
    return text

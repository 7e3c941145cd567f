"""The entries of 参考文献."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.records import Reference
from archive.text import join_gap, tidy_spaces
from ingest.dates import find_date
from ingest.pdf import Line

TITLE = re.compile(
    r"(?:主要)?参考(?:文献|资料|来源)|references|bibliography|资料来源", re.IGNORECASE
)
_ITEM = re.compile(r"(?:[\[［(（]\s*)?(\d{1,3})(?:\s*[\]］)）]|\s*[.．、])\s*(?=\D)")
_DATED = re.compile(
    r"(?P<outlet>.+?)\s*[(（]\s*(?P<date>[^()（）]*\d[^()（）]*)[)）]\s*[:：,，.]?\s*(?P<title>.*)"
)
BACK_PAGE = re.compile(
    r"联系我们|扫描.*二维码|关注.*公众号|^(?:本期)?(?:编辑|责任编辑|声明|免责声明|版权)[:：]?"
)


def read_references(lines: Sequence[Line]) -> tuple[Reference, ...]:
    """The numbered entries these lines hold; one runs until the next expected number."""
    items: list[str] = []
    for line in lines:
        match = _ITEM.match(line.text)
        if match and int(match[1]) == len(items) + 1:
            items.append(line.text[match.end() :])
        elif items:
            items[-1] += join_gap(items[-1], line.text) + line.text
    return tuple(_reference(number, tidy_spaces(text)) for number, text in enumerate(items, 1))


def _reference(number: int, text: str) -> Reference:
    match = _DATED.fullmatch(text)
    if match and (date := find_date(match["date"])):
        return Reference(number, match["outlet"].strip(" ,，."), date, match["title"])
    return Reference(number, "", find_date(text) or "", text)

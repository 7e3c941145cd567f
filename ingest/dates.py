"""Dates as Chinese briefings print them, in ISO form."""

from __future__ import annotations

import re
from datetime import date as Date

_DIGITS = dict(zip("〇零○一二三四五六七八九", "000123456789", strict=True))
_YEAR = r"(?<!\d)((?:19|20)\d{2})"
_PATTERNS = (
    re.compile(_YEAR + r"\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"),
    re.compile(_YEAR + r"\s*([-./．／_])\s*(\d{1,2})\s*\2\s*(\d{1,2})(?!\d)"),
    re.compile(_YEAR + r"(\d{2})(\d{2})(?!\d)"),
)
_MONTH = re.compile(_YEAR + r"\s*年\s*(\d{1,2})\s*月(?!\s*\d)")
_HAN_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})\s*年\s*(十[一二]?|[一二三四五六七八九])\s*月"
    r"(?:\s*(三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])\s*日)?"
)


def find_date(text: str) -> str | None:
    """The first date in a text as `2026-05-07`, or `2026-05` where only a month is given."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            year, month, day = [part for part in match.groups() if part.isdigit()]
            if found := _iso(int(year), int(month), int(day)):
                return found
    for match in _HAN_DATE.finditer(text):
        year = int("".join(_DIGITS[char] for char in match[1]))
        if found := _iso(year, _han_number(match[2]), _han_number(match[3]) if match[3] else None):
            return found
    for match in _MONTH.finditer(text):
        if found := _iso(int(match[1]), int(match[2]), None):
            return found
    return None


def _iso(year: int, month: int, day: int | None) -> str | None:
    try:
        valid = Date(year, month, day or 1)
    except ValueError:
        return None
    return valid.isoformat() if day else f"{year:04}-{month:02}"


def _han_number(text: str) -> int:
    """一 to 三十一."""
    tens, found, ones = text.partition("十")
    if not found:
        return int(_DIGITS[text[0]])
    return (int(_DIGITS[tens]) if tens else 1) * 10 + (int(_DIGITS[ones]) if ones else 0)

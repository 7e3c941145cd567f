"""Figures that moved, as sentences tell it: 由 19.8 万元下调至 16.5 万元; and their extremes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.asking.records import Lead
from archive.chinese.figures import find_figures
from archive.records import Citation

ASKS_TIMES = re.compile("(?:几|多少)(?:次|回|趟|度|轮)|how (?:many times|often)", re.IGNORECASE)
_UP = re.compile("涨|升|提(?!出|到|过|及)|上调|调高|扩|增|延")
_DOWN = re.compile("降|跌|减|砍|下调|调低|缩|便宜")
_FROM = re.compile("(?:由|从|自)[^，,；;。\\d]{0,12}$")
_TO = re.compile("[^，,；;。\\d]{0,8}[到至为]\\s*")


_EXTREMES = {
    re.compile(asks): re.compile(tells)
    for asks, tells in {
        "最[高多大贵长久快远]|顶点|封顶": "最[高多大贵长久快远]|高点|新高|峰值|高位|顶点|之最",
        "最[低少小短慢]|最便宜|谷底": "最[低少小短慢]|低点|新低|谷底|低位",
    }.items()
}
"""What asks for the most or the least of a figure, and what tells that one was."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a figure was and what it became, as they are written, and as amounts of a unit."""

    old: str
    new: str
    unit: str
    amounts: tuple[float, float]


def asks_moves(question: str) -> bool:
    """Whether it is asked how often something rose, or fell."""
    return bool(ASKS_TIMES.search(question) and (_UP.search(question) or _DOWN.search(question)))


def telling_extreme(question: str) -> re.Pattern[str] | None:
    """What tells that a figure was the most or the least, where that is asked for."""
    return next((tells for asks, tells in _EXTREMES.items() if asks.search(question)), None)


def moves_told(text: str, asked: str) -> Iterator[Move]:
    """The moves that a text tells of, of those only up or only down where that is asked for."""
    figures = [figure for figure in find_figures(text) if figure.kind != "date"]
    up, down = bool(_UP.search(asked)), bool(_DOWN.search(asked))
    for old, new in pairwise(figures):
        is_move = _FROM.search(text[: old.start]) and _TO.fullmatch(text[old.end : new.start])
        if not is_move or old.unit != new.unit or old.low == new.low:
            continue
        if up != down and up != (new.low > old.low):
            continue
        amounts = float(old.low), float(new.low)
        yield Move(text[old.start : old.end], text[new.start : new.end], old.unit, amounts)


def times_moved(question: str, citations: Sequence[Citation]) -> Lead | None:
    """How often a figure moved by what is quoted, and each move with its issue's date, in order."""
    if not asks_moves(question):
        return None
    told: dict[tuple[float, float], tuple[str, int]] = {}
    for citation in sorted(citations, key=lambda citation: citation.briefing.date):
        for move in moves_told(citation.quote, question):
            line = f"{citation.briefing.date} {move.old} → {move.new}"
            told.setdefault(move.amounts, (line, citation.number))
    if not told:
        return None
    lines = [line for line, _ in told.values()]
    last = list(told.values())[-1][1]
    return Lead(f"所引简报写到 {len(lines)} 次：{'；'.join(lines)}", last)

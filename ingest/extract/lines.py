"""Lines of text, made of the runs in which a PDF sets them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from archive.chinese.text import ems, tidy_spaces
from ingest.extract.repair import as_shown, drawn_once, from_gbk

_BOLD = re.compile(
    r"bold|black|heavy|demi|(?<!micro)(?<!zen)(?<!ya)(?<!shan)hei(?!ght)|黑", re.IGNORECASE
)
"""Faces that stand out: 黑体 (hei) sets headings; some of that name set whole texts."""
_CELL_GAP = 1.5
"""Space, in ems, that parts the cells of a table's row."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands on the page; size in points.

    x and y are points from the lower left corner of the page turned so that the line reads from
    left to right; `cells` counts the parts that wide gaps make of it; a slanting line is a
    watermark.
    """

    page: int
    text: str
    size: float
    bold: bool
    x: float
    y: float
    cells: int = 1
    slanting: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Characters set in one go, with their matrices (ISO 32000-1, 8.3.3 and 9.4.4)."""

    text: str
    ctm: list[float]
    tm: list[float]
    font: Any
    size: float


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a run stands on the page turned so that it reads from left to right."""

    x: float
    y: float
    size: float
    slanting: bool


_Placed = tuple[Run, _Place]


def lines_of(rows: Sequence[Sequence[Run]], page: int) -> Iterator[Line]:
    """The lines of a page's rows of runs; rows at one height, one after the other, are one line."""
    return _merged(_lines(rows, page))


def _lines(rows: Sequence[Sequence[Run]], page: int) -> Iterator[Line]:
    placed = [_in_order([(run, _placed(run)) for run in row]) for row in rows]
    texts = ["".join(run.text for run, _ in row) for row in placed]
    bold: dict[int, bool] = {}
    for text, row in zip(from_gbk(texts) or texts, placed, strict=True):
        for part in as_shown(text).split("\n"):
            shown = tidy_spaces(drawn_once(part))
            if shown:
                yield _line(page, shown, part, [run for run in row if run[0].text.strip()], bold)


def _in_order(row: list[_Placed]) -> list[_Placed]:
    """A row's runs from left to right; LibreOffice sets characters of another font last."""
    for (_, one), (_, other) in pairwise(row):
        if other.x < one.x - 0.5 * one.size and abs(other.y - one.y) < 0.2 * one.size:
            return sorted(row, key=lambda run: run[1].x)
    return row


def _merged(lines: Iterator[Line]) -> Iterator[Line]:
    """Lines that follow each other at one height as one, such as a leader and its page number."""
    last: Line | None = None
    for line in lines:
        if last and abs(last.y - line.y) < 0.5 and last.x != line.x and not line.slanting:
            left, right = sorted((last, line), key=lambda part: part.x)
            larger = max(left, right, key=lambda part: len(part.text))
            text = left.text + " " + right.text
            cells = left.cells + right.cells
            last = replace(larger, text=tidy_spaces(text), x=left.x, cells=cells)
            continue
        if last:
            yield last
        last = line
    if last:
        yield last


def _line(page: int, text: str, raw: str, runs: list[_Placed], bold: dict[int, bool]) -> Line:
    """The line that runs make; `bold` keeps what is known of each font."""
    if not runs:
        return Line(page, text, 0.0, False, 0.0, 0.0)
    sizes: Counter[float] = Counter()
    heavy = total = 0
    cells = 1
    before: _Placed | None = None
    for run, place in runs:
        length = len(run.text.strip())
        sizes[place.size] += length
        total += length
        key = id(run.font)
        if key not in bold:
            bold[key] = bool(_BOLD.search(str((run.font or {}).get("/BaseFont", ""))))
        heavy += length * bold[key]
        cells += before is not None and _is_wide_gap(*before, place)
        before = run, place
    first = runs[0][1]
    size = sizes.most_common(1)[0][0]
    indent = len(raw) - len(raw.lstrip("\u3000"))  # typed with full-width spaces
    return Line(
        page=page,
        text=text,
        size=size,
        bold=heavy * 2 > total,
        x=first.x + indent * size,
        y=first.y,
        cells=cells,
        slanting=first.slanting,
    )


def _is_wide_gap(run: Run, place: _Place, following: _Place) -> bool:
    """Whether a run ends more than a cell's gap before the next begins."""
    gap = following.x - place.x - _CELL_GAP * place.size
    # The first test saves measuring most runs: no text is narrower.
    return gap > 0.5 * len(run.text) * place.size and gap > ems(run.text) * place.size


def _placed(run: Run) -> _Place:
    tm, ctm = run.tm, run.ctm
    if tm[1] == tm[2] == ctm[1] == ctm[2] == 0 < tm[0] * ctm[0]:  # upright, as nearly all is
        size = round(abs(run.size * tm[3] * ctm[3]), 1)
        return _Place(tm[4] * ctm[0] + ctm[4], tm[5] * ctm[3] + ctm[5], size, slanting=False)
    across = tm[0] * ctm[0] + tm[1] * ctm[2], tm[0] * ctm[1] + tm[1] * ctm[3]
    up = tm[2] * ctm[0] + tm[3] * ctm[2], tm[2] * ctm[1] + tm[3] * ctm[3]
    x = tm[4] * ctm[0] + tm[5] * ctm[2] + ctm[4]
    y = tm[4] * ctm[1] + tm[5] * ctm[3] + ctm[5]
    turns = math.atan2(across[1], across[0]) / (math.pi / 2)
    quarter = round(turns) % 4
    x, y = ((x, y), (y, -x), (-x, -y), (-y, x))[quarter]
    size = round(abs(run.size) * math.hypot(*up), 1)
    return _Place(x, y, size, slanting=abs(turns - round(turns)) > 0.06)


def top_down(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines in reading order, where a PDF draws what stands at the top of a page last.

    Runs of lines that go down the page stay together; one that stands wholly above another, over
    the same columns, comes before it. Columns stay in the order in which they are drawn.
    """
    runs: list[list[Line]] = []
    for line in lines:
        if runs and line.y <= runs[-1][-1].y + 0.5:
            runs[-1].append(line)
        else:
            runs.append([line])
    ordered: list[list[Line]] = []
    for run in runs:
        place = next((i for i, other in enumerate(ordered) if _is_above(run, other)), len(ordered))
        ordered.insert(place, run)
    return tuple(line for run in ordered for line in run)


def _is_above(run: list[Line], other: list[Line]) -> bool:
    """Whether the lowest line of a run stands above all of another, over the same columns."""
    left, right = _extent(run)
    other_left, other_right = _extent(other)
    margin = 0.7 * max(run[-1].size, other[0].size)
    return run[-1].y > other[0].y + margin and left < other_right and other_left < right


def _extent(run: list[Line]) -> tuple[float, float]:
    return min(line.x for line in run), max(line.x + ems(line.text) * line.size for line in run)

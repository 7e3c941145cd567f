"""The rows of text on a picture of a page, found from the places of its pieces, and cut out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

_DARK = 128
_ROW_HEIGHT = 48
"""Pixels; what the engine's model scales a row to."""
_MARGIN = 0.15
"""Heights of its ink by which a row is cut out larger than that."""
_SPECKS = 0.06
_STROKES = 0.15
"""Shares of a row's densest pixel line: less ink is dirt, or is no measure of the type."""
_REACH = 2.0
"""Heights of a row within which a lone digit beside it belongs to it."""
_WIDE_GAP = 1.2
"""Heights of a row's ink; the model gives no space for a gap, however wide."""
_MANY_CHARACTERS = 6
"""Heights of a row in whose width some character has ink at every height of the type."""
_LARGEST_DOT = 0.25
"""Heights of a row's ink."""
_LEAST_DOTS = 5
_SPECK = 3
"""Pixels of ink that are dirt, where they stand alone."""
_MIDDLE = range(35, 66)
"""Hundredths of a page's width between which the gap between two columns lies."""
_LEAST_ROWS = 6
"""Rows that a column has at least, else what stands side by side is one row."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a picture, in pixels from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.middle < self.bottom
        )

    def joined(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row cut out of the page; its ink's place; how high its type is."""

    parts: tuple[Image | str, ...]
    """What wide gaps part, as pictures, and the leaders between, as the text they are."""
    ink: Box
    strokes: float


def find_rows(boxes: Sequence[Box]) -> Iterator[Box]:
    """Boxes joined to rows in reading order: down the page, and in columns one after the other."""
    gap = _gap(boxes)
    columns: tuple[list[Box], list[Box]] = ([], [])
    for box in sorted(boxes, key=lambda box: box.middle):
        if gap is not None and box.left < gap < box.right:  # it ends the columns above it
            yield from _in_rows(columns)
            columns = ([box], [])
        else:
            columns[gap is not None and box.left >= gap].append(box)
    yield from _in_rows(columns)


def _gap(boxes: Sequence[Box]) -> float | None:
    """Where a page is parted in two columns; None where it is not."""
    if not boxes:
        return None
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    wide = [box for box in boxes if box.right - box.left > 0.25 * (right - left)]
    steps = (left + (right - left) * share / 100 for share in _MIDDLE)
    best = min(steps, key=lambda x: sum(box.left < x < box.right for box in boxes))
    before = sum(box.right <= best for box in wide)
    after = sum(box.left >= best for box in wide)
    across = len(wide) - before - after
    return best if min(before, after) >= max(_LEAST_ROWS, across) else None


def _in_rows(columns: Sequence[Sequence[Box]]) -> Iterator[Box]:
    for column in columns:
        yield from _joined(column)


def _joined(boxes: Sequence[Box]) -> Iterator[Box]:
    """Boxes that stand side by side made one; they come by height."""
    row: list[Box] = []
    whole: Box | None = None
    for box in boxes:
        if whole and whole.top < box.middle < whole.bottom and not _overlaps(row, box):
            row.append(box)
            whole = whole.joined(box)
            continue
        if whole:
            yield whole
        row, whole = [box], box
    if whole:
        yield whole


def _overlaps(row: Sequence[Box], box: Box) -> bool:
    """Whether a box stands above or below part of a row rather than beside it."""
    height = box.bottom - box.top
    return any(min(box.right, other.right) - max(box.left, other.left) > height for other in row)


def grown(page: Image, row: Box, boxes: Sequence[Box]) -> Box:
    """A row with the lone digit before or after it that the engine does not find.

    It may be a heading's number, or the page number at the end of a line of contents.
    """
    reach = _REACH * (row.bottom - row.top)
    before = Box(row.left - reach, row.top, row.left - 1, row.bottom)
    after = Box(row.right + 1, row.top, row.right + reach, row.bottom)
    for side in (before, after):
        if not any(side.meets(box) for box in boxes) and (ink := _lone_ink(page, side)):
            row = row.joined(ink)
    return row


def _lone_ink(page: Image, area: Box) -> Box | None:
    """The ink in an area; None where there is none, or where it runs on beyond the area."""
    import numpy

    left, top = max(0, round(area.left)), max(0, round(area.top))
    right, bottom = min(page.width, round(area.right)), min(page.height, round(area.bottom))
    if right - left < 3 or bottom - top < 3:
        return None
    dark = numpy.asarray(page.crop((left, top, right, bottom))) < _DARK
    columns = numpy.flatnonzero(dark.sum(axis=0) > 1)
    if columns.size < 2 or dark[[0, -1]].any() or dark[:, [0, -1]].any():
        return None
    return Box(left + int(columns[0]), area.top, left + int(columns[-1]) + 1, area.bottom)


def cut_out(page: Image, box: Box) -> Row | None:
    """A row cut out close to its ink, as the model was taught with; None where there is no ink."""
    import numpy
    from PIL.Image import Resampling

    left, top = max(0, int(box.left) - 3), max(0, int(box.top) - 2)
    right, bottom = min(page.width, int(box.right) + 4), min(page.height, int(box.bottom) + 3)
    dark = numpy.asarray(page.crop((left, top, right, bottom))) < _DARK
    profile = dark.sum(axis=1)
    if not profile.any():
        return None
    dense = numpy.quantile(profile[profile > 0], 0.9)
    inked = numpy.flatnonzero(profile > _SPECKS * dense)
    if dark.shape[1] > _MANY_CHARACTERS * len(dark):  # what stands apart is a rule, as under a head
        pieces = numpy.split(inked, numpy.flatnonzero(numpy.diff(inked) > 1) + 1)
        inked = max(pieces, key=len)
    first, last = int(inked[0]), int(inked[-1]) + 1
    strokes = numpy.flatnonzero(profile[first:last] > _STROKES * dense)
    margin = round(_MARGIN * (last - first)) + 1
    above, below = max(0, top + first - margin), min(page.height, top + last + margin)
    ratio = _ROW_HEIGHT / (below - above)
    parts: list[Image | str] = []
    for start, stop, dots in _parts(dark[first:last]):
        if dots:
            parts.append("." * dots)
            continue
        part = page.crop((max(0, left + start - 3), above, min(page.width, left + stop + 3), below))
        size = (max(1, round(part.width * ratio)), _ROW_HEIGHT)
        parts.append(part.resize(size, Resampling.LANCZOS))
    return Row(
        tuple(parts),
        Box(box.left, top + first, box.right, top + last),
        float(strokes[-1] - strokes[0] + 1) if strokes.size else float(last - first),
    )


def _parts(dark: Any) -> Iterator[tuple[int, int, int]]:
    """The columns of a row's parts, from and to; of leaders, which the model misreads, the dots."""
    text: list[tuple[int, int]] = []
    for dotted, group in groupby(_marks(dark), key=lambda mark: _is_dot(dark, *mark)):
        marks = list(group)
        if dotted and len(marks) >= _LEAST_DOTS:
            yield from _apart(text, _WIDE_GAP * len(dark))
            yield marks[0][0], marks[-1][1], len(marks)
            text = []
        else:
            text += marks
    yield from _apart(text, _WIDE_GAP * len(dark))


def _marks(dark: Any) -> Iterator[tuple[int, int]]:
    """The ranges of columns that hold ink, without specks."""
    import numpy

    inked = numpy.concatenate(([False], dark.any(axis=0), [False]))
    edges = numpy.flatnonzero(inked[1:] != inked[:-1])
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if dark[:, start:stop].sum() > _SPECK:
            yield start, stop


def _is_dot(dark: Any, start: int, stop: int) -> bool:
    """Whether the ink of some columns is a dot on the line, such as leaders are made of."""
    import numpy

    rows = numpy.flatnonzero(dark[:, start:stop].any(axis=1))
    largest = _LARGEST_DOT * len(dark)
    return bool(
        stop - start <= largest and rows[0] > len(dark) / 2 and rows[-1] - rows[0] < largest
    )


def _apart(marks: Sequence[tuple[int, int]], gap: float) -> Iterator[tuple[int, int, int]]:
    """The ranges that marks make up, parted where nothing stands for long."""
    begin = 0
    for index in range(1, len(marks) + 1):
        if index == len(marks) or marks[index][0] - marks[index - 1][1] > gap:
            yield marks[begin][0], marks[index - 1][1], 0
            begin = index

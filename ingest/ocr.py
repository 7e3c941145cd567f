"""Text recognition for scanned pages; the only module that knows RapidOCR.

The engine finds where text stands; the rows it stands in are then recognised whole. Recognising the
engine's own pieces one by one loses the leaders of a contents list, and a row's order.
"""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

from archive.text import HAN, has_han, tidy_spaces

if TYPE_CHECKING:
    from PIL.Image import Image

_LONGER_SIDE = 1280
"""Pixels to which a page is shrunk to find its text; more takes longer and finds no more."""
_LEAST_SKEW = 0.1
"""Degrees; a page turned by less is recognised as well as a straight one."""
_MOST_SKEW = 15.0
_WHITE = 255
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
_HAN_HEIGHT = 0.89
_CAPITAL_HEIGHT = 0.69
"""Ems that the ink of a row is high, with han characters and without."""
_TYPE_SIZES = (5.5, 6.5, 7.5, 9.0, 10.5, 12.0, 14.0, 16.0, 18.0, 22.0, 26.0, 36.0, 42.0)
"""The sizes of Chinese typesetting, in points."""
_SAME_SIZE = 1.06
_MIDDLE = range(35, 66)
"""Hundredths of a page's width between which the gap between two columns lies."""
_LEAST_ROWS = 6
"""Rows that a column has at least, else what stands side by side is one row."""


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A line as it was recognised; x, y and size in points, from the page's lower left corner."""

    text: str
    confidence: float
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class _Box:
    """A place on a picture, in pixels from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.middle < self.bottom
        )

    def joined(self, other: _Box) -> _Box:
        return _Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row cut out of the page; its ink's place; how high its type is."""

    parts: tuple[Image | str, ...]
    """What wide gaps part, as pictures, and the leaders between, as the text they are."""
    ink: _Box
    strokes: float


def is_available() -> bool:
    """Whether the engine is installed; loads nothing."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(picture: Image, scale: float) -> tuple[RecognisedLine, ...]:
    """Recognise a page drawn at `scale` pixels a point: its lines in reading order.

    A page that lies askew by a few degrees is set straight before; two columns are read one after
    the other.
    """
    page, boxes = _straight(picture.convert("L"))
    rows = [row for box in _rows(boxes) if (row := _cut(page, _grown(page, box, boxes)))]
    read = [(row, *_read(row)) for row in rows]
    return tuple(_lines([found for found in read if found[1]], page.height, scale))


def _lines(
    read: Sequence[tuple[_Row, str, float]], height: int, scale: float
) -> Iterator[RecognisedLine]:
    sizes = [
        row.strokes / scale / (_HAN_HEIGHT if has_han(text) else _CAPITAL_HEIGHT)
        for row, text, _ in read
    ]
    for (row, text, confidence), size in zip(read, _levelled(sizes), strict=True):
        yield RecognisedLine(
            text=text,
            confidence=confidence,
            x=row.ink.left / scale,
            y=(height - row.ink.bottom) / scale,
            size=size,
        )


def _levelled(sizes: Sequence[float]) -> list[float]:
    """Sizes that differ by no more than measuring does made equal, also from page to page."""
    level: dict[float, float] = {}
    group: list[float] = []
    for size in [*sorted(sizes), math.inf]:
        if group and size > group[0] * _SAME_SIZE**2:
            nearest = min(_TYPE_SIZES, key=lambda known: abs(known - median(group)))
            level |= dict.fromkeys(group, nearest)
            group = []
        group.append(size)
    return [level[size] for size in sizes]


# --- the engine ----------------------------------------------------------------------------------

_NO_MEMORY = ("bad_alloc", "Insufficient memory", "Failed to allocate")

_engine_in_use = threading.Lock()  # a call changes the engine's settings for the next


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    threads = os.environ.get("OMP_NUM_THREADS", "")  # which the engine's runtime does not heed
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": 100_000,  # rows are cut from the page at its full size
            "Global.use_vertical_padding": False,
            "Global.text_score": 0.0,  # what is doubtful is judged by its confidence
            "Det.limit_type": "max",
            "Det.limit_side_len": _LONGER_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": int(threads)
            if threads.isdecimal()
            else -1,
        }
    )


def _run(picture: Image, find: bool) -> Any:
    """What the engine finds on a page, or reads in a row.

    Which way up the text stands is never asked: the model for that turns straight rows over.
    """
    import numpy

    pixels = numpy.asarray(picture.convert("RGB"))
    try:
        with _engine_in_use:
            return _engine()(pixels, use_det=find, use_cls=False, use_rec=not find)
    except Exception as error:  # its libraries have their own ways of saying it
        if any(sign in str(error) for sign in _NO_MEMORY):
            raise MemoryError("no memory for recognising a page") from error
        raise


def _read(row: _Row) -> tuple[str, float]:
    """A row's text and the engine's confidence in it."""
    texts = [(part, 1.0) if isinstance(part, str) else _read_part(part) for part in row.parts]
    length = sum(len(text) for text, _ in texts)
    if not length:
        return "", 0.0
    confidence = sum(len(text) * sure for text, sure in texts) / length
    return tidy_text(" ".join(text for text, _ in texts)), confidence


def _read_part(part: Image) -> tuple[str, float]:
    found = _run(part, find=False)
    return (str(found.txts[0]), float(found.scores[0])) if found.txts else ("", 0.0)


def _quads(picture: Image) -> list[tuple[tuple[float, float], ...]]:
    """Where text stands: the corners from the upper left, clockwise."""
    found = _run(picture, find=True)
    boxes = () if found.boxes is None else found.boxes
    return [tuple((float(x), float(y)) for x, y in corners) for corners in boxes]


def _straight(picture: Image) -> tuple[Image, list[_Box]]:
    """The page turned so that its lines are level, and where its text stands."""
    from PIL.Image import Resampling

    quads = _quads(picture)
    skew = _skew(quads, picture.width)
    if _LEAST_SKEW < abs(skew) < _MOST_SKEW:
        picture = picture.rotate(skew, Resampling.BICUBIC, fillcolor=_WHITE)
        quads = _quads(picture)
    return picture, [_box(quad) for quad in quads]


def _skew(quads: Sequence[tuple[tuple[float, float], ...]], width: int) -> float:
    """Degrees by which the long lines fall to the right."""
    slopes = [
        math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
        for left, right, *_ in quads
        if right[0] - left[0] > 0.2 * width
    ]
    return median(slopes) if slopes else 0.0


def _box(quad: tuple[tuple[float, float], ...]) -> _Box:
    xs, ys = zip(*quad, strict=True)
    return _Box(min(xs), min(ys), max(xs), max(ys))


# --- rows ----------------------------------------------------------------------------------------


def _rows(boxes: Sequence[_Box]) -> Iterator[_Box]:
    """Boxes joined to rows in reading order: down the page, and in columns one after the other."""
    gap = _gap(boxes)
    columns: tuple[list[_Box], list[_Box]] = ([], [])
    for box in sorted(boxes, key=lambda box: box.middle):
        if gap is not None and box.left < gap < box.right:  # it ends the columns above it
            yield from _in_rows(columns)
            columns = ([box], [])
        else:
            columns[gap is not None and box.left >= gap].append(box)
    yield from _in_rows(columns)


def _gap(boxes: Sequence[_Box]) -> float | None:
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


def _in_rows(columns: Sequence[Sequence[_Box]]) -> Iterator[_Box]:
    for column in columns:
        yield from _joined(column)


def _joined(boxes: Sequence[_Box]) -> Iterator[_Box]:
    """Boxes that stand side by side made one; they come by height."""
    row: list[_Box] = []
    whole: _Box | None = None
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


def _overlaps(row: Sequence[_Box], box: _Box) -> bool:
    """Whether a box stands above or below part of a row rather than beside it."""
    height = box.bottom - box.top
    return any(min(box.right, other.right) - max(box.left, other.left) > height for other in row)


def _grown(page: Image, row: _Box, boxes: Sequence[_Box]) -> _Box:
    """A row with the lone digit before or after it that the engine does not find.

    It may be a heading's number, or the page number at the end of a line of contents.
    """
    reach = _REACH * (row.bottom - row.top)
    before = _Box(row.left - reach, row.top, row.left - 1, row.bottom)
    after = _Box(row.right + 1, row.top, row.right + reach, row.bottom)
    for side in (before, after):
        if not any(side.meets(box) for box in boxes) and (ink := _lone_ink(page, side)):
            row = row.joined(ink)
    return row


def _lone_ink(page: Image, area: _Box) -> _Box | None:
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
    return _Box(left + int(columns[0]), area.top, left + int(columns[-1]) + 1, area.bottom)


def _cut(page: Image, box: _Box) -> _Row | None:
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
    return _Row(
        tuple(parts),
        _Box(box.left, top + first, box.right, top + last),
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


# --- text ----------------------------------------------------------------------------------------

_FULL_WIDTH = str.maketrans(",:;?!()", "，：；？！（）")
_MARK_BESIDE_HAN = re.compile(f"(?<=[{HAN}”’》）])[,:;?!]|(?<![).\\s])[,:;?!](?=[{HAN}“])")
_BRACKETED = re.compile(r"[(（][^()（）]*(?:[)）]|$)|^[^()（）]*[)）]")
_LEADER = re.compile(r"[.·•…]{3,}")
_STRAY_SPACE = re.compile(r"(?<=\w['’]) (?=s\b)")


def tidy_text(text: str) -> str:
    """Recognised text without the slips of the engine that are plain from what stands beside them.

    It writes marks of Chinese text as ASCII, dots of leaders as middle dots, and `What' s`.
    """
    text = _LEADER.sub(lambda run: "." * len(run[0]), _STRAY_SPACE.sub("", text))
    if has_han(text):
        text = _BRACKETED.sub(lambda part: _full_width_brackets(part[0]), text)
        text = _MARK_BESIDE_HAN.sub(lambda mark: mark[0].translate(_FULL_WIDTH), text)
    return tidy_spaces(text)


def _full_width_brackets(part: str) -> str:
    """Brackets, with what they hold, made full-width where that is Chinese."""
    if not has_han(part):
        return part
    ends = {0, len(part) - 1}
    return "".join(
        char.translate(_FULL_WIDTH) if index in ends and char in "()" else char
        for index, char in enumerate(part)
    )

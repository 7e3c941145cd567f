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
from statistics import median
from typing import TYPE_CHECKING, Any

from archive.chinese.text import HAN, has_han, tidy_spaces
from ingest.extract.row_detection import Box, Row, cut_out, find_rows, grown

if TYPE_CHECKING:
    from PIL.Image import Image

_LONGER_SIDE = 1280
"""Pixels to which a page is shrunk to find its text; more takes longer and finds no more."""
_LEAST_SKEW = 0.1
"""Degrees; a page turned by less is recognised as well as a straight one."""
_MOST_SKEW = 15.0
_WHITE = 255
_HAN_HEIGHT = 0.89
_CAPITAL_HEIGHT = 0.69
"""Ems that the ink of a row is high, with han characters and without."""
_TYPE_SIZES = (5.5, 6.5, 7.5, 9.0, 10.5, 12.0, 14.0, 16.0, 18.0, 22.0, 26.0, 36.0, 42.0)
"""The sizes of Chinese typesetting, in points."""
_SAME_SIZE = 1.06


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A line as it was recognised; x, y and size in points, from the page's lower left corner."""

    text: str
    confidence: float
    x: float
    y: float
    size: float


def is_available() -> bool:
    """Whether the engine is installed; loads nothing."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(picture: Image, scale: float) -> tuple[RecognisedLine, ...]:
    """Recognise a page drawn at `scale` pixels a point: its lines in reading order.

    A page that lies askew by a few degrees is set straight before; two columns are read one after
    the other.
    """
    page, boxes = _straight(picture.convert("L"))
    rows = [row for box in find_rows(boxes) if (row := cut_out(page, grown(page, box, boxes)))]
    read = [(row, *_read(row)) for row in rows]
    return tuple(_lines([found for found in read if found[1]], page.height, scale))


def _lines(
    read: Sequence[tuple[Row, str, float]], height: int, scale: float
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


def _read(row: Row) -> tuple[str, float]:
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


def _straight(picture: Image) -> tuple[Image, list[Box]]:
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


def _box(quad: tuple[tuple[float, float], ...]) -> Box:
    xs, ys = zip(*quad, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


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

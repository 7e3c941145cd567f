"""What stands under the marks on a page's picture, told by pdfium alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pypdfium2

from archive.chinese.text import compact
from archive.evidence.page_image import Box, PageImage, mark_quote

_SCALE = 1.0
"""At which a test draws; the page's own is twice that, which takes longer to pack."""
_LINE_END_HYPHEN = "\x02"


def text_within(pdf: Path, page: int, boxes: tuple[Box, ...], scale: float = _SCALE) -> str:
    """The compact text whose characters have their middle in one of the boxes.

    Hyphens at which the page breaks a word are left out, since quotes are without them.
    """
    with (
        closing(pypdfium2.PdfDocument(pdf)) as document,
        closing(document[page - 1]) as opened,
    ):
        turned = opened.get_rotation()
        opened.set_rotation(0)  # else the order of the characters is another
        with closing(opened.get_textpage()) as text:
            width, height = opened.get_size()
            left, bottom, _, _ = opened.get_cropbox()
            marked = []
            for index in range(text.count_chars()):
                char = chr(pypdfium2.raw.FPDFText_GetUnicode(text, index))
                west, south, east, north = text.get_charbox(index)
                x, y = (west + east) / 2 - left, height - (south + north) / 2 + bottom
                x, y = _turned(x, y, width, height, turned)
                if (
                    not char.isspace()
                    and char != _LINE_END_HYPHEN
                    and _is_within(x * scale, y * scale, boxes)
                ):
                    marked.append(char)
    return compact("".join(marked)).text


def marks(pdf: Path, pages: Sequence[int], quote: str) -> tuple[list[PageImage], str]:
    """The pictures of pages with a quote marked on them, and the compact text under the marks."""
    images = [mark_quote(pdf, page, quote, _SCALE) for page in pages]
    texts = (text_within(pdf, page, i.boxes) for page, i in zip(pages, images, strict=True))
    return images, "".join(texts)


def _turned(x: float, y: float, width: float, height: float, degrees: int) -> tuple[float, float]:
    """Where a place, from the top left corner, comes to lie when the page is turned clockwise."""
    turns = {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}
    return turns[degrees]


def _is_within(x: float, y: float, boxes: tuple[Box, ...]) -> bool:
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)

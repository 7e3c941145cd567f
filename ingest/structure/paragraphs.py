"""Lines joined to paragraphs, with what interrupts them on the page set beside them.

A caption, a table or a footnote may stand amid a sentence where a page is typeset so. Each becomes
a paragraph of its own after the one it interrupts, so that sentences are whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from archive.chinese.text import count_cjk, ems, join_gap
from archive.records import PageStarts
from ingest.extract.lines import Line
from ingest.structure.standard_parts import CAPTION

_COLUMN_GAP = 8.0
"""Ems by which the left edges of two columns differ at least."""
_INDENT = 0.8
_FULL_LINE = 0.8
"""Share of the column's width beyond which a line is one of running text."""
_SENTENCE_ENDS = ("。", "！", "？", ".", "!", "?", "：", ":", "；", ";", "…")
_CLOSING = "”\"’'』」》）)】]〕"
_BULLET = re.compile(r"[•●○■□◆◇▪▶►➢✓]\s*(?=\S)")
_ITEM = re.compile(r"[·–—-]\s*(?=\S)|[(（]?\d{1,2}[)）、.．]\s*(?=\D)|[①-⑳]|[a-z][)）]")
_NOTE = re.compile(r"\d{1,2}(?!\d|[.．、年月日%])|[*†‡①-⑳]|\[\d{1,2}\]")
_SOURCE = re.compile(
    r"(?:(?:资料|数据|信息)?来源|注释?|说明|source|note)s?\s*\d*\s*[:：]", re.IGNORECASE
)
_BROKEN_WORD = re.compile(r"([A-Za-z]+(?:-[A-Za-z]+)*)-$")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s，。；）]*$")
_ADDRESS_MARKS = tuple("/.-_=&?%#")
_LOOKED_AT = 2000
"""Characters from the end of a text in which a broken word or address is looked for."""
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")

Kind = Literal["text", "caption", "table", "note"]
_Block = tuple[Kind, Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a document is set: size of its body type, width of its columns, left edges, leading."""

    size: float
    width: float
    edges: Mapping[int, tuple[float, ...]]
    """The left edges of each page's columns."""
    leading: float
    words: frozenset[str]
    """The Latin words that stand whole on a line, to tell hyphens from hyphenation."""


def measure(lines: Sequence[Line]) -> Layout:
    """How a document's lines are set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 0.0
    body = [line for line in lines if abs(line.size - size) <= 0.05 * size and not line.slanting]
    chinese = [line for line in body if count_cjk(line.text) > 0.7 * len(line.text)]
    # The width of Chinese is known, that of Latin letters only about.
    widths = sorted(map(text_width, chinese if len(chinese) >= 20 else body))
    drops = Counter(
        round(2 * (one.y - other.y)) / 2
        for one, other in pairwise(body)
        if one.page == other.page and 0 < one.y - other.y < 4 * size
    )
    pages: dict[int, list[float]] = {}
    for line in body:
        pages.setdefault(line.page, []).append(line.x)
    return Layout(
        size=size,
        width=widths[int(len(widths) * 0.9)] if widths else 0.0,
        edges={page: _edges(xs, size) for page, xs in pages.items()},
        leading=drops.most_common(1)[0][0] if drops else 1.5 * size,
        words=frozenset(_whole_words(lines)),
    )


def _whole_words(lines: Sequence[Line]) -> Iterator[str]:
    """The Latin words of lines, without those that a line's end breaks."""
    continued = False
    for line in lines:
        words = _WORD.findall(line.text)
        breaks = _broken_word(line.text) is not None
        yield from words[continued : -1 if breaks else None]
        continued = breaks


def _broken_word(text: str) -> str | None:
    """The Latin word that a hyphen at the end of a text breaks, without the hyphen."""
    if not text.endswith("-"):
        return None  # most lines: looking for the pattern's end from every letter takes minutes
    broken = _BROKEN_WORD.search(text, max(0, len(text) - _LOOKED_AT))
    return broken[1] if broken else None


def _breaks_address(text: str) -> bool:
    """Whether a text ends within a web address, after a mark that none ends with."""
    if not text.endswith(_ADDRESS_MARKS):
        return False
    return bool(_ADDRESS.search(text, max(0, len(text) - _LOOKED_AT)))


def text_width(line: Line) -> float:
    """About how wide a line is, in points."""
    return line.size * ems(line.text)


def _edges(xs: Sequence[float], size: float) -> tuple[float, ...]:
    """The left edge of each column: where several lines begin, after a wide gap."""
    shared = Counter(round(x) for x in xs)
    least = min(3, max(1, len(xs) // 10))
    edges: list[float] = []
    last = float("-inf")
    for x in sorted(x for x in xs if shared[round(x)] >= least):
        if x - last > _COLUMN_GAP * size:
            edges.append(x)
        last = x
    return tuple(edges)


def join_lines(lines: Sequence[Line], layout: Layout) -> tuple[str, PageStarts]:
    """The paragraphs that lines make, and where each page begins in them.

    Paragraphs are parted by a line feed. Nothing is lost but the hyphens of hyphenated words.
    """
    text = ""
    starts: list[tuple[int, int]] = []
    for kind, paragraph in _paragraphs(lines, layout):
        for index, line in enumerate(paragraph):
            if index == 0 or kind == "table":
                text += "\n" if text else ""
            else:
                text = joint(text, line.text, layout)
            if not starts or starts[-1][1] != line.page:
                starts.append((len(text), line.page))
            text += line.text
    return text, tuple(starts)


def ends_sentence(text: str) -> bool:
    """Whether a line may be its paragraph's last, by its last mark."""
    return text.rstrip().rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def is_running_text(line: Line, layout: Layout) -> bool:
    """Whether a line is one of the body's: in its type, at its edge, wide or ending a sentence."""
    return (
        abs(line.size - layout.size) <= 0.05 * layout.size
        and line.cells == 1
        and _from_edge(line, layout) < 3.5 * layout.size
        and (text_width(line) > _FULL_LINE * layout.width or ends_sentence(line.text))
    )


def joint(text: str, following: str, layout: Layout) -> str:
    """The text so far, ready for the next line of its paragraph: a space, or a word made whole."""
    broken = _broken_word(text)
    rest = _WORD.match(following)
    if broken and rest and rest[0][0].islower() and broken[-1].islower():
        if f"{broken}-{rest[0]}" in layout.words:
            return text
        whole = broken + rest[0] in layout.words
        parts = {broken, rest[0]} <= layout.words or "-" in broken
        return text[:-1] if whole or not parts else text
    if _breaks_address(text):
        return text
    return text + join_gap(text, following)


def _paragraphs(lines: Sequence[Line], layout: Layout) -> Iterator[_Block]:
    """Paragraphs in reading order, each interruption after the paragraph it stands in."""
    paragraph: list[Line] = []
    held: list[_Block] = []
    for kind, block in _blocks(lines, layout):
        if kind != "text":
            held.append((kind, block))
            continue
        for line in block:
            if paragraph and _begins(line, paragraph, layout):
                yield from _in_page_order(paragraph, held)
                paragraph, held = [], []
            paragraph.append(line)
    yield from _in_page_order(paragraph, held)


def _in_page_order(paragraph: Sequence[Line], held: Sequence[_Block]) -> Iterator[_Block]:
    """A paragraph and what interrupts it; what stands on an earlier page comes first."""
    if not paragraph:
        yield from held
        return
    last = paragraph[-1].page
    yield from (block for block in held if block[1][0].page < last)
    yield "text", paragraph
    yield from (block for block in held if block[1][0].page >= last)


def _begins(line: Line, paragraph: Sequence[Line], layout: Layout) -> bool:
    """Whether a line begins a new paragraph after these lines of one."""
    last = paragraph[-1]
    ends = ends_sentence(last.text)
    if _BULLET.match(line.text) or (ends and _ITEM.match(line.text)):
        return True
    drop = last.y - line.y if last.page == line.page else 0.0
    if drop > 1.25 * layout.leading and ends:
        return True
    if 0 < drop < 3 * layout.leading and abs(line.size - last.size) > 0.1 * last.size:
        return True
    if drop > 0 and len(paragraph) > 1 and abs(last.x - paragraph[-2].x) < 1 and ends:
        hanging = line.x < last.x - _INDENT * line.size  # out again to where an item begins
        if hanging:
            return True
    short = text_width(last) + _from_edge(last, layout) < 0.75 * layout.width
    further = _from_edge(line, layout) > _from_edge(last, layout) - 0.1
    return is_indented(line, layout) and (ends or (short and further))


def is_indented(line: Line, layout: Layout) -> bool:
    """Whether a line begins right of its column's edge, as a paragraph's first line does."""
    return _INDENT * line.size < _from_edge(line, layout) < 6 * line.size


def is_full(line: Line, layout: Layout) -> bool:
    """Whether a line runs to the right edge of its column."""
    return text_width(line) + _from_edge(line, layout) > 0.88 * layout.width


def _from_edge(line: Line, layout: Layout) -> float:
    """How far a line begins from the left edge of its column, in points."""
    edges = [edge for edge in layout.edges.get(line.page, ()) if edge <= line.x + 0.1]
    return line.x - edges[-1] if edges else 0.0


# --- what interrupts -----------------------------------------------------------------------------


def _blocks(lines: Sequence[Line], layout: Layout) -> Iterator[_Block]:
    """Runs of lines of one kind, in order."""
    index = 0
    while index < len(lines):
        kind, end = _block(lines, index, layout)
        yield kind, lines[index:end]
        index = end


def _block(lines: Sequence[Line], index: int, layout: Layout) -> tuple[Kind, int]:
    """The kind of the block that begins at a line, and the line after it."""
    line = lines[index]
    if _is_caption(line, layout):
        if line.text.lower().startswith(("表", "附表", "table")):
            return "table", _rows_end(lines, index + 1, line.page, layout)
        return "caption", index + 1
    if index + 1 < len(lines) and _is_row(line, layout) and _is_row(lines[index + 1], layout):
        return "table", _rows_end(lines, index, line.page, layout)
    note_end = _note_end(lines, index, layout)
    return ("note", note_end) if note_end else ("text", index + 1)


def _is_caption(line: Line, layout: Layout) -> bool:
    return (
        bool(CAPTION.match(line.text))
        and not line.text.endswith(("。", "；", "，"))
        and text_width(line) < 0.95 * layout.width
    )


def _is_row(line: Line, layout: Layout) -> bool:
    """Whether a line is a row of a table: cells with wide gaps between."""
    narrow = text_width(line) < 0.7 * layout.width  # a full line has no room for gaps
    return line.cells > 1 and narrow and not line.text.endswith("。")


def _rows_end(lines: Sequence[Line], start: int, page: int, layout: Layout) -> int:
    """The line after a table's rows and its source: where running text or another page begins."""
    end = start
    while (
        end < len(lines)
        and lines[end].page == page
        and not is_running_text(lines[end], layout)
        and not _is_caption(lines[end], layout)
    ):
        end += 1
    while start < end < len(lines) and _SOURCE.match(lines[end].text):
        end += 1
    return end


def _note_end(lines: Sequence[Line], index: int, layout: Layout) -> int | None:
    """The line after a footnote: smaller type from a mark to the end of the page; else None."""
    if not (lines[index].size < 0.93 * layout.size and _NOTE.match(lines[index].text)):
        return None
    end = index
    while end < len(lines) and lines[end].page == lines[index].page:
        if lines[end].size >= 0.93 * layout.size:
            return None
        end += 1
    return end

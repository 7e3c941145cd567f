"""Page furniture: running heads, feet and page numbers, told apart from the text they frame."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from archive.records import Quality
from ingest.extract.lines import Line
from ingest.extract.pdf import PageText

_HEAD_LINES = 3
_FOOT_LINES = 4
_PAGE_NUMBER = re.compile(
    r"[-–—·•.\s|~～]*(?:第\s*|page\s*|p\.?\s*)?(?P<number>\d{1,4}|[ivxlc]{1,6})(?:\s*页)?"
    r"(?:\s*[/／|,，]?\s*(?:共|of)?\s*\d{1,4}(?:\s*页)?)?[-–—·•.\s|~～]*",
    re.IGNORECASE,
)
_SAME_HEIGHT = 6.0
"""Points by which a running line's height differs from page to page at most."""
_LONGEST_HEAD = 60


@dataclass(frozen=True, slots=True)
class CleanPage:
    """A page without its furniture; `printed` is its number, `heads` what was removed."""

    number: int
    printed: str
    lines: tuple[Line, ...]
    heads: tuple[str, ...]
    quality: Quality
    confidence: float | None
    left_out: int


def remove_furniture(
    pages: Sequence[PageText],
) -> tuple[CleanPage, ...]:
    """Strip watermarks, the lines that recur at page edges, and the page numbers."""
    texts = [tuple(line for line in page.lines if not line.slanting) for page in pages]
    running = _running_lines(texts)
    offset = _number_offset(texts, running)
    cleaned = []
    for number, (page, lines) in enumerate(zip(pages, texts, strict=True), 1):
        numbers = {
            line: found
            for line in _edges(lines)
            if (found := _page_number(line)) and _is_at(found, number, offset)
        }
        furniture = _peel(lines, running | set(numbers))
        own = [found for line, found in numbers.items() if line in furniture]
        cleaned.append(
            CleanPage(
                number=number,
                printed=own[0] if own else _unprinted(number, offset, page.label),
                lines=tuple(line for line in lines if line not in furniture),
                heads=tuple(line.text for line in lines if line in furniture - set(numbers)),
                quality=page.quality,
                confidence=page.confidence,
                left_out=page.left_out,
            )
        )
    return tuple(cleaned)


def _edges(lines: Sequence[Line]) -> list[Line]:
    return list(dict.fromkeys((*lines[:_HEAD_LINES], *lines[-_FOOT_LINES:])))


def _peel(lines: Sequence[Line], candidates: set[Line]) -> set[Line]:
    """Those of the candidates that lie at the page's edge, with nothing else outside of them."""
    furniture = set()
    for edge in (lines[:_HEAD_LINES], lines[::-1][:_FOOT_LINES]):
        for line in edge:
            if line not in candidates:
                break
            furniture.add(line)
    return furniture


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s", "", text))


def _running_lines(pages: Sequence[Sequence[Line]]) -> set[Line]:
    """Edge lines that stand alike, at one height, on a third of the pages, at least on two.

    A third, because left and right pages may differ and the first has none. A line of digits only
    may be content; page numbers are judged by their order instead.
    """
    alike: dict[str, list[Line]] = {}
    for lines in pages:
        for line in _edges(lines):
            if (shape := _shape(line.text)).strip("#-–—"):
                alike.setdefault(shape, []).append(line)
    running = set()
    for lines in alike.values():
        for line in lines:
            near = {
                other.page
                for other in lines
                if abs(other.y - line.y) < _SAME_HEIGHT and abs(other.size - line.size) < 1
            }
            if len(near) >= max(2, len(pages) / 3):
                running.add(line)
    return running | _changing_heads(pages)


def _changing_heads(pages: Sequence[Sequence[Line]]) -> set[Line]:
    """Running heads that name the chapter: first lines at one height, small or parted by a gap."""
    tops = [lines[:2] for lines in pages if len(lines) >= 2]
    if len(tops) < 4:
        return set()
    body = median(line.size for lines in pages for line in lines)
    drops = [
        one.y - other.y
        for lines in pages
        for one, other in pairwise(lines)
        if 0 < one.y - other.y < 4 * body
    ]
    leading = median(drops) if drops else body
    height = median(first.y for first, _ in tops)
    heads = {
        first
        for first, second in tops
        if abs(first.y - height) < _SAME_HEIGHT / 2
        and first.size <= 1.02 * body
        and (first.size < 0.95 * body or first.y - second.y > 1.5 * leading)
        and len(first.text) < _LONGEST_HEAD
    }
    return heads if len(heads) >= 0.6 * len(tops) else set()


# --- page numbers --------------------------------------------------------------------------------


def _page_number(line: Line) -> str | None:
    match = _PAGE_NUMBER.fullmatch(line.text)
    return match["number"] if match else None


def _number_offset(pages: Sequence[Sequence[Line]], running: set[Line]) -> int | None:
    """Printed minus physical number: the difference most pages agree on, None without any."""
    differences: Counter[int] = Counter()
    for number, lines in enumerate(pages, 1):
        found = {
            int(digits)
            for line in _edges(lines)
            if line in running or _page_number(line)
            for digits in re.findall(r"(?<!\d)\d{1,4}(?!\d)", line.text)
        }
        differences.update(value - number for value in found)
    if not differences:
        return None
    offset, count = max(differences.items(), key=lambda item: (item[1], -abs(item[0])))
    # One agreeing page proves nothing, unless there is only one.
    return offset if count >= min(2, len(pages)) and count * 3 >= len(pages) else None


def _is_at(found: str, number: int, offset: int | None) -> bool:
    return not found.isdigit() or (offset is not None and int(found) == number + offset)


def _unprinted(number: int, offset: int | None, label: str) -> str:
    """The number of a page that prints none: what the others imply, else the PDF's page label."""
    return str(number + offset) if offset is not None and number + offset > 0 else label

"""Page furniture: running heads, feet and page numbers, told apart from the text they frame."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from ingest.pdf import Line, PdfText

_HEAD_LINES = 2
_FOOT_LINES = 3
_PAGE_NUMBER = re.compile(
    r"[-–—·•\s]*(?:第\s*)?(\d{1,4}|[ivxlc]{1,6})(?:\s*页)?(?:\s*[/／]\s*\d+|\s*共\s*\d+\s*页)?[-–—·•\s]*"
)


@dataclass(frozen=True, slots=True)
class CleanPage:
    """A page without its furniture; `printed` is its number, `heads` what was removed."""

    number: int
    printed: str
    lines: tuple[Line, ...]
    heads: tuple[str, ...]


def remove_furniture(document: PdfText) -> tuple[CleanPage, ...]:
    """Strip the lines that recur at page edges and the page numbers."""
    recurring = _recurring(document.pages)
    offset = _number_offset(document.pages)
    cleaned = []
    for index, lines in enumerate(document.pages):
        number = index + 1
        edges = _edges(lines)
        numbers = {
            line: found
            for line in edges
            if (found := _page_number(line)) and _is_at(found, number, offset)
        }
        heads = {line for line in edges if _shape(line.text) in recurring}
        printed = next(iter(numbers.values()), "")
        cleaned.append(
            CleanPage(
                number=number,
                printed=printed or _unprinted(number, offset, document.labels),
                lines=tuple(line for line in lines if line not in heads and line not in numbers),
                heads=tuple(line.text for line in lines if line in heads),
            )
        )
    return tuple(cleaned)


def _edges(lines: tuple[Line, ...]) -> list[Line]:
    return list(dict.fromkeys(lines[:_HEAD_LINES] + lines[-_FOOT_LINES:]))


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s", "", text))


def _recurring(pages: tuple[tuple[Line, ...], ...]) -> set[str]:
    """Shapes of edge lines standing on at least half of the pages, and on at least two."""
    counts = Counter(
        shape for lines in pages for shape in {_shape(ln.text) for ln in _edges(lines)}
    )
    # A line of digits only may be content; page numbers are judged by their order instead.
    return {
        shape
        for shape, count in counts.items()
        if count >= max(2, len(pages) / 2) and shape.strip("#-–—")
    }


def _page_number(line: Line) -> str | None:
    match = _PAGE_NUMBER.fullmatch(line.text)
    return match[1] if match else None


def _number_offset(pages: tuple[tuple[Line, ...], ...]) -> int | None:
    """Printed minus physical number: the difference most pages agree on, None without any."""
    differences = Counter(
        int(found) - number
        for number, lines in enumerate(pages, 1)
        for line in (*lines[:1], *lines[-1:])
        if (found := _page_number(line)) and found.isdigit()
    )
    if not differences:
        return None
    offset, count = differences.most_common(1)[0]
    # One agreeing page proves nothing, unless there is only one.
    return offset if count >= min(2, len(pages)) and count * 3 >= len(pages) else None


def _is_at(found: str, number: int, offset: int | None) -> bool:
    return not found.isdigit() or (offset is not None and int(found) == number + offset)


def _unprinted(number: int, offset: int | None, labels: tuple[str, ...]) -> str:
    """The number of a page that prints none: what the others imply, else the PDF's page label."""
    if offset is not None and number + offset > 0:
        return str(number + offset)
    return labels[number - 1] if number <= len(labels) else str(number)

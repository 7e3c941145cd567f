"""The entries of 参考文献."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archive.chinese.text import has_han, tidy_spaces
from archive.records import Reference
from ingest.extract.lines import Line
from ingest.structure.paragraphs import Layout, joint
from ingest.structure.printed_dates import find_printed_dates
from ingest.structure.standard_parts import BACK_PAGE

_ITEM = re.compile(
    r"[\[［(（【]?\s*(\d{1,3})(?:\s*[\]］)）】]|\s*[.．、])\s*(?=\D)|(?P<circled>[①-⑳])\s*"
    r"|(\d{1,3})\s+(?=[^\d\s年月日.．%])"
)
_DATED = re.compile(
    r"(?P<outlet>.+?)\s*[(（]\s*(?P<date>[^()（）]*\d[^()（）]*)[)）]\s*[:：,，.。]?\s*(?P<title>.*)"
)
_MARKS = " ,，.。;；:：、"


def read_references(lines: Sequence[Line], layout: Layout) -> tuple[Reference, ...]:
    """The numbered entries these lines hold; one runs until the next expected number."""
    items: list[str] = []
    for line in lines:
        number, text = _item(line.text)
        if number == len(items) + 1:
            items.append(text)
        elif items:
            items[-1] = joint(items[-1], line.text, layout) + line.text
    return tuple(_reference(number, tidy_spaces(text)) for number, text in enumerate(items, 1))


def references_end(lines: Sequence[Line], issuer: str) -> int:
    """The line at which the references end: at the back page, the issuer's name, or a paragraph.

    A Chinese paragraph ends them where all entries before it are Latin.
    """
    items = 0
    latin = True
    for index, line in enumerate(lines):
        number, text = _item(line.text)
        if number == items + 1:
            items += 1
            latin = latin and not has_han(text)
        elif (
            BACK_PAGE.fullmatch(line.text)
            or (items and issuer and line.text == issuer)
            or (items and latin and _is_chinese(line.text))
        ):
            return index
    return len(lines)


def _is_chinese(text: str) -> bool:
    return sum(map(has_han, text)) > 0.5 * len(text) and len(text) > 12


def _item(text: str) -> tuple[int | None, str]:
    """The number that a line opens an entry with, and what follows it."""
    match = _ITEM.match(text)
    if not match:
        return None, text
    number = ord(match["circled"]) - ord("①") + 1 if match["circled"] else int(match[1] or match[3])
    return number, text[match.end() :]


def _reference(number: int, text: str) -> Reference:
    match = _DATED.fullmatch(text)
    if match and (dates := list(find_printed_dates(match["date"]))):
        return Reference(number, match["outlet"].strip(_MARKS), dates[0][0], match["title"])
    return next(_loosely_dated(number, text), Reference(number, "", "", text))


def _loosely_dated(number: int, text: str) -> Iterator[Reference]:
    """An entry in another form: outlet, date and title parted by marks, or only a date in it."""
    for date, start, end in find_printed_dates(text):
        before, after = text[:start].strip(_MARKS), text[end:].strip(_MARKS)
        if before and after and not re.search(r"[.。，,：:《]", before):
            yield Reference(number, before, date, after)
        else:
            yield Reference(number, "", date, text)

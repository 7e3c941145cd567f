"""Title, issuer, date and abstract from the first page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.text import join_gap, tidy_spaces
from ingest.dates import find_date
from ingest.furniture import CleanPage
from ingest.pdf import Line
from ingest.sections import CONTENTS

ABSTRACT = re.compile(
    r"(?:内容)?(?:摘\s*要|提\s*要)(?:\s*[:：]\s*(?P<text>.*))?|abstract[:：]?", re.IGNORECASE
)
_ISSUER = re.compile(
    r".*(?:委员会|促进会|协会|学会|联合会|商会|联盟|研究院|研究所|研究中心|中心|大学|办公室|总局|公司|"
    r"集团|部|厅|局|院|社)$"
)


_MOST_LINES = 12
"""A title block is no longer; without headings, the text itself would follow."""


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """What stands before the abstract; `date_from` says which place the date was read from."""

    title: str
    issuer: str
    date: str | None
    date_from: str


def split_front(
    lines: Sequence[Line], contents: range, body_start: int
) -> tuple[Sequence[Line], Sequence[Line]]:
    """The title block's lines and the abstract's; the abstract may stand on either side of the
    contents.
    """
    before, after = lines[: contents.start], lines[contents.stop : body_start]
    for part, title_block in ((before, None), (after, before)):
        for index, line in enumerate(part):
            match = ABSTRACT.fullmatch(line.text)
            if match:
                inline = [replace(line, text=match["text"])] if match["text"] else []
                front = part[:index] if title_block is None else title_block
                return front, [*inline, *part[index + 1 :]]
    return before, ()


def read_title_block(
    lines: Sequence[Line], pages: Sequence[CleanPage], author: str, file_stem: str
) -> TitleBlock:
    """Title by type size, issuer by its kind of name, date by place; never a date of the body."""
    block = [line for line in lines if line.page == 1 and not CONTENTS.fullmatch(line.text)]
    block = block[:_MOST_LINES]
    title_lines = _largest(block)
    title = ""
    for line in title_lines:
        title += join_gap(title, line.text) + line.text
    rest = [line.text for line in block if line not in title_lines]
    date, date_from = _date([line.text for line in block], pages, file_stem)
    return TitleBlock(tidy_spaces(title) or file_stem, _issuer(rest, author), date, date_from)


def _largest(block: Sequence[Line]) -> list[Line]:
    """The first run of lines in the block's largest type."""
    if not block:
        return []
    largest = max(line.size for line in block)
    first = next(index for index, line in enumerate(block) if line.size == largest)
    run = [block[first]]
    for line in block[first + 1 :]:
        if line.size != largest or find_date(line.text):
            break
        run.append(line)
    return run


def _issuer(candidates: Sequence[str], author: str) -> str:
    names = [text for text in candidates if not find_date(text)]
    return next((text for text in names if _ISSUER.match(text)), author or next(iter(names), ""))


def _date(
    block: Sequence[str], pages: Sequence[CleanPage], file_stem: str
) -> tuple[str | None, str]:
    """The issue's date from the title block, else the running head, else the file name."""
    places = (
        ("title block", block),
        ("running head", [head for page in pages for head in page.heads]),
        ("file name", [file_stem]),
    )
    for place, texts in places:
        found = [date for text in texts if (date := find_date(text))]
        if found:
            return max(found, key=len), place  # a day says more than a month
    return None, ""

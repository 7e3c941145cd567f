"""Title, issuer, issue number, dates and abstract from what stands before the first heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.chinese.numerals import NUMERALS, han_number
from archive.chinese.text import HAN, join_gap, tidy_spaces
from archive.records import BriefingDate, Warning, day_range
from ingest.extract.lines import Line
from ingest.extract.pdf import Metadata
from ingest.extract.repair import as_shown
from ingest.structure.contents_page import is_listed
from ingest.structure.furniture import CleanPage
from ingest.structure.paragraphs import Layout, is_running_text
from ingest.structure.printed_dates import dates_with_roles, without_dates
from ingest.structure.standard_parts import CONTENTS, KEYWORDS, abstract_text

_ISSUER = re.compile(
    r".*(?:委员会|促进会|协会|学会|联合会|商会|联盟|研究院|研究所|研究中心|中心|大学|学院|办公室|总局|"
    r"公司|集团|基金会|出版社|编辑部|秘书处|[^\s内全]部|厅|局|院|银行)$"
    r"|.*\b(?:association|committee|council|society|institute|university|federation|academy|"
    r"cent(?:er|re)|ministry|department|bureau|agency|foundation|company|ltd\.?|inc\.?)\b.*$",
    re.IGNORECASE,
)
_NAMES_ISSUER = re.compile(
    r"(?:主办|编印|编制|发布|印发|出品|承办|编辑|主编|发布)?(?:单位|机构|方|人|部门)\s*[:：]\s*"
)
_ISSUE = re.compile(
    r"(?:\d{4}\s*年\s*)?[(（]?(?:总\s*)?第\s*(?P<number>\d{1,5}|["
    + NUMERALS
    + r"]{1,7})\s*期[)）]?"
    r"|No\.\s*(?P<latin>\d{1,5})(?!\d)"
)
_TIME = re.compile(r"\d{1,2}:\d{2}|\b[AP]M\b")
_MOST_LINES = 12
"""A title block is no longer; without headings, the text itself would follow."""
_UNNAMED = "无题"


@dataclass(frozen=True, slots=True)
class Front:
    """What stands before the first heading: title block, abstract, and text beside them."""

    title_block: Sequence[Line]
    abstract: Sequence[Line]
    lead: Sequence[Line]


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """What stands before the abstract; `date` is the issue's, the dates are all that are named."""

    title: str
    issuer: str
    issue_number: str
    date: str | None
    dates: tuple[BriefingDate, ...]
    warnings: tuple[Warning, ...] = ()


def split_front(lines: Sequence[Line], contents: range, body_start: int, layout: Layout) -> Front:
    """What stands before the first heading; the abstract may be on either side of the contents."""
    before, after = lines[: contents.start], lines[contents.stop : body_start]
    for part in (before, after):
        for index, line in enumerate(part):
            inline = abstract_text(line.text)
            if inline is None:
                continue
            rest = part[index + 1 :]
            end = _abstract_end(rest, layout)
            abstract = [*([replace(line, text=inline)] if inline else []), *rest[:end]]
            if part is before:
                start = _text_start(part[:index], layout)
                return Front(
                    part[:start], abstract, _lead((*part[start:index], *rest[end:], *after))
                )
            start = _text_start(before, layout)
            lead = _lead((*before[start:], *part[:index], *rest[end:]))
            return Front(before[:start], abstract, lead)
    start = _text_start(before, layout)
    return Front(before[:start], (), _lead((*before[start:], *after)))


def _abstract_end(lines: Sequence[Line], layout: Layout) -> int:
    """The line after the abstract: keywords, or a heading's larger type."""
    for index, line in enumerate(lines):
        if KEYWORDS.match(line.text) or line.size > 1.15 * layout.size:
            return index
    return len(lines)


def _lead(lines: Sequence[Line]) -> list[Line]:
    """The text between title block and first heading, without keywords and lists of figures."""
    return [line for line in lines if not KEYWORDS.match(line.text) and not is_listed(line)]


def _text_start(lines: Sequence[Line], layout: Layout) -> int:
    """The line at which text follows the title block: a new page, or running text."""
    for index, line in enumerate(lines):
        is_text = is_running_text(line, layout) and not list(dates_with_roles(line.text))
        ends = index >= _MOST_LINES or line.page != lines[0].page
        if ends or (is_text and len(line.text) > 20):
            return index
    return len(lines)


def read_title_block(
    lines: Sequence[Line], pages: Sequence[CleanPage], metadata: Metadata, file_stem: str
) -> TitleBlock:
    """Title by type size, issuer by its kind of name, dates by place; never a date of the body."""
    block = [line for line in lines if not CONTENTS.fullmatch(line.text)]
    title_lines = _largest(block)
    printed_title = ""
    for line in title_lines:
        printed_title += join_gap(printed_title, line.text) + line.text
    rest = [line.text for line in block if line not in title_lines]
    texts = [line.text for line in block]
    # A browser prints the time at which it printed, which is not the issue's date.
    heads = [head for page in pages for head in page.heads if not _TIME.search(head)]
    dates = tuple(_dates(texts, heads, file_stem))
    date = _issue_date(dates)
    return TitleBlock(
        title=_title(printed_title) or _title(metadata.title) or _tidy_name(file_stem),
        issuer=_issuer(rest, metadata.author),
        issue_number=_issue_number([*texts, *heads]),
        date=date.date if date else None,
        dates=dates,
        warnings=tuple(_date_warnings(date, dates)),
    )


def _tidy_name(stem: str) -> str:
    """A file's name as a title: it may hold line breaks, and bytes that are no text."""
    return " ".join(as_shown(stem).split()) or _UNNAMED


def _largest(block: Sequence[Line]) -> list[Line]:
    """The first run of lines in the block's largest type that says more than date and number."""
    named = [line for line in block if _title(line.text)]
    if not named:
        return []
    largest = max(line.size for line in named)
    first = next(
        index for index, line in enumerate(block) if line in named and line.size == largest
    )
    run = [block[first]]
    for line in block[first + 1 :]:
        if line.size != largest or line not in named or _ISSUER.match(line.text):
            break
        run.append(line)
    # Where nothing is larger than the rest, only the first line can be told to be the title.
    return run if any(line.size < largest for line in block) else run[:1]


def _title(printed: str) -> str:
    """A title without the date and the number that make it one issue's."""
    return tidy_spaces(without_dates(_ISSUE.sub("", printed))).strip(" \u3000-–—·|｜")


def _issuer(candidates: Sequence[str], author: str) -> str:
    named = [text for text in candidates if _NAMES_ISSUER.match(text)]
    if named:
        return _NAMES_ISSUER.sub("", named[0]).strip()
    bare = [without_dates(_ISSUE.sub("", text)) for text in candidates]
    names = [text for text in bare if len(text) > 1 and not re.fullmatch(r"[\d\W]+", text)]
    names = [text for text in names if not re.search(r"日期|时间", text)]
    issuers = [text for text in (*names, author) if _ISSUER.match(text)]
    plain = [text for text in names if re.fullmatch(f"[{HAN}]{{4,30}}", text)]
    return next(iter((*issuers, *plain, author)), "")


def _issue_number(texts: Sequence[str]) -> str:
    """The N of 第N期, in digits; empty without one."""
    for text in texts:
        if match := _ISSUE.search(text):
            number = match["number"] or match["latin"]
            return number if number.isdigit() else str(han_number(number))
    return ""


# --- dates ---------------------------------------------------------------------------------------


def _dates(block: Sequence[str], heads: Sequence[str], file_stem: str) -> Iterator[BriefingDate]:
    """Every date of title block, running heads and file name, each once for its place and role."""
    places = (("title block", block), ("running head", heads), ("file name", [file_stem]))
    seen = set()
    for place, texts in places:
        for text in texts:
            for role, date in dates_with_roles(text):
                found = BriefingDate(date, role, place)  # type: ignore[arg-type]
                if found not in seen:
                    seen.add(found)
                    yield found


def _issue_date(dates: Sequence[BriefingDate]) -> BriefingDate | None:
    """The issue's date: of the first place that has one, said to be it rather than merely there."""
    for place in ("title block", "running head", "file name"):
        here = [date for date in dates if date.place == place]
        for role in ("issued", "printed", "updated", "as_of"):
            found = [date for date in here if date.role == role]
            if found:  # a day says more than a month
                return max(found, key=lambda date: len(date.date))
    return None


def _date_warnings(date: BriefingDate | None, dates: Sequence[BriefingDate]) -> Iterator[Warning]:
    if date is None:
        return
    if date.place == "file name":
        yield Warning("date_from_file_name", None, f"the date {date.date} is from the file name")
    if date.role in ("updated", "as_of"):
        yield Warning(
            "date_uncertain", None, f"the date {date.date} is one of {date.role}, no other is given"
        )
    for other in dates:
        if other.place != date.place and not _overlap(date.date, other.date):
            yield Warning(
                "date_conflict",
                None,
                f"the {date.place} says {date.date}, the {other.place} {other.date}; "
                f"{date.date} is taken",
            )


def _overlap(one: str, other: str) -> bool:
    first, second = day_range(one), day_range(other)
    return first[0] <= second[1] and second[0] <= first[1]

"""Times that a text moves and gives in words, such as 年内, which was put off until 明年 3 月."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date as Date

from archive.chinese.figure import Figure
from archive.chinese.figures import find_figures
from archive.chinese.text import compact, sentences
from archive.following.figure_roles import clause_range, term_dice
from archive.following.similarity import Tokenise
from archive.following.stages import Counterpart
from archive.records import Passage, as_number, day_range

MOVED = re.compile(
    "推迟|提前|提早|延期|延后|展期|顺延|改期|延[至到长后]|推[到至]|放宽|改[到为至在]|缩短|[前后]移"
    "|定[于在]|已于|如期|推后|计划[早晚]|没有?等到|没能|赶在"
)
"""What a sentence says that gives a new time for what was planned."""
_OF_YEAR = r"(?:20\d\d\s*年|(?:[今明本]|(?<!以)来|(?<![\d一二两三四五六七八九十])后)年)"
_PART = (
    r"(?:[上下]半年|(?<!前)(?:第\s*)?(?<!前)[一二三四1-4]\s*季度"
    r"|(?<!\d)1?\d\s*月(?:\s*\d{1,2}\s*日|\s*[上中下]旬|份)?|(?<![\d一二两三四五六七八九十几多近])年(?=[底末中内初])"
    r"|[春夏秋冬][季天]|(?:春节|国庆)(?:假期)?)"
)
_EDGE = r"(?:[底末中初](?:之?前)?|之?[前后内])"
_TIME = re.compile(
    rf"{_OF_YEAR}\s*{_PART}?\s*{_EDGE}?|(?:{_PART}|[本下]月)\s*{_EDGE}?|(?<!\d)月[底末](?:之?前)?"
)
_WAS = re.compile(
    r"(?:原[^，。；\d]{0,4}|赶不上|没有?等到|没能在?|由|从|此前[^，。；\d]{0,6}"
    r"|本[应来拟][^，。；\d]{0,4})$"
)
"""What stands before the time that was."""
_PLANNED = re.compile(
    "计划|预计|将|拟|预期|有望|目标|争取|力争|定[于在]|最[早迟晚快]|打算|安排|要求|可能|待"
)
"""What a sentence says that gives a time for what is to come."""
YEAR = 10**4
_HALF_YEAR = 600
"""In dates written as numbers, YYYYMMDD or MMDD."""
_ALIKE_ENOUGH = 0.3
"""From which two sentences, by their words, may give times of one thing."""


def times_moved(text: str, earlier: Sequence[Passage], tokenise: Tokenise) -> Iterator[Counterpart]:
    """Times that a text moves, each with the one that a passage gave; not two dates of a calendar.

    What was is the time the text names as such, else one planned in a sentence much like its own.
    """
    for first, last in sentences(text):
        if not MOVED.search(text, first, last):
            continue
        times = list(_TIME.finditer(text, first, last))
        was = next((time for time in times if _WAS.search(text[first : time.start()])), None)
        new = next((time for time in reversed(times) if time is not was), None)
        if new is None:
            continue
        told = tokenise(_clause_at(text, (was or new).start()))
        given = [
            (term_dice(told, tokenise(clause)), passage, old)
            for passage in earlier
            for old in _TIME.finditer(passage.text)
            if _can_move(old, day_range(passage.briefing.date)[0], new)
            for clause in (_clause_at(passage.text, old.start()),)
            if (_written(old) == _written(was) if was else _PLANNED.search(clause))
        ]
        alike, passage, old = max(given, key=lambda each: each[0], default=(0.0, None, None))
        if passage and old and alike > (0.0 if was else _ALIKE_ENOUGH):
            yield new.start(), new.end(), passage, old.start(), old.end()


def _can_move(old: re.Match[str], issued: Date, new: re.Match[str]) -> bool:
    """Whether a time lay ahead and isn't the new one; two dates are compared as figures."""
    date = _date(old)
    if date and (_date(new) or not is_ahead(date, issued)):
        return False
    one, other = _written(old), _written(new)
    return not (one.startswith(other) or other.startswith(one))


def _clause_at(text: str, at: int) -> str:
    """The clause at a place of a text, with the one before where it is short."""
    return text[slice(*clause_range(text, at, at + 1))]


def _date(time: re.Match[str]) -> Figure | None:
    """The date that a time is, unless there is more to it."""
    figures = find_figures(time[0])
    whole = figures and (figures[0].start, figures[0].end) == (0, len(time[0].rstrip()))
    return figures[0] if whole else None


def is_ahead(date: Figure, issued: Date) -> bool:
    """Whether a date lay ahead when it was written of: a plan, which may change."""
    if date.low >= YEAR:
        return date.low > as_number(issued)
    if date.low < 100:
        return False
    today = as_number(issued) % YEAR
    return date.low > today or date.low < today - _HALF_YEAR


def _written(time: re.Match[str]) -> str:
    return compact(time[0]).text

"""A language model's reply as text: cut into sentences as it streams in, marks read, markup undone.

What the model writes is plain text for the reader and never trusted further than that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from archive.chinese.text import HAN

UNVERIFIED = "（未核实）"

# Sentences of a stream.

# Repetition is bounded: a reply may hold anything, twenty thousand times.
_OPENING, _CLOSING = r"\[［【〔", r"\]］】〕"
_NUMBERS = r"\^?\s?\d{1,4}(?:\s?[-,，、;；–—~～至]\s?\^?\s?\d{1,4}){0,20}"
_SOURCE = r"(?i:来源|资料|段落|passages?|sources?|refs?\.?)\s?[:：]?\s?"
_MARK = (
    rf"(?:[{_OPENING}]\s?(?:{_SOURCE})?{_NUMBERS}(?:†[^{_CLOSING}\n]{{0,40}})?\s?[{_CLOSING}]"
    rf"|[（(]\s?{_SOURCE}{_NUMBERS}\s?[）)])"
)
_CLOSERS = "[”\"’'」』）)》*]{0,4}"
_GAP = r"[^\S\n]{0,4}"
_STOP = re.compile(
    rf"""(?: [。！？]+ {_CLOSERS}
           | [!?]+ {_CLOSERS} (?=\s|$|{_MARK})
           # Not the dot of U.S., Mr. or 3.5.
           | (?<=[a-z0-9%)\]］"”][a-z0-9%)\]］"”]) \. {_CLOSERS} (?=\s+["“A-Z]|\s*$|{_GAP}{_MARK})
           | \n
         ) (?: {_GAP} {_MARK} )* (?: {_GAP}\n\s{{0,4}} (?:{_MARK}{_GAP})+ (?=\n|$) )?""",
    re.VERBOSE,
)
_LONGEST_SENTENCE, _LONGEST_QUOTE, _LONGEST_MARK = 1000, 400, 60


def split(pieces: Iterable[str]) -> Iterator[str]:
    """The sentences of a stream, each with the marks behind it, as soon as it is complete."""
    buffer = ""
    for piece in pieces:
        buffer = (buffer + piece).lstrip()
        while end := _end_of_sentence(buffer, is_whole=False):
            yield buffer[:end]
            buffer = buffer[end:].lstrip()
    while end := _end_of_sentence(buffer, is_whole=True):
        yield buffer[:end]
        buffer = buffer[end:].lstrip()


def _end_of_sentence(buffer: str, is_whole: bool) -> int:
    """Where the first sentence ends; 0 where what comes may still belong to it."""
    for stop in _STOP.finditer(buffer, 0, _LONGEST_SENTENCE):
        end = stop.end()
        if _goes_on(buffer[:end], buffer[end : end + 1]):
            continue
        rest = buffer[end : end + _LONGEST_MARK].lstrip()
        may_be_mark = re.match(rf"[{_OPENING}（(][^{_CLOSING}）)]*$", rest)
        if is_whole or (rest and not (may_be_mark and len(buffer) - end < _LONGEST_MARK)):
            return end
        return 0
    return min(len(buffer), _LONGEST_SENTENCE) * (is_whole or len(buffer) >= _LONGEST_SENTENCE)


def _goes_on(text: str, following: str) -> bool:
    """Whether what ends within a quotation, or with one that bears no mark, is no sentence yet."""
    if len(text) >= _LONGEST_QUOTE:
        return False
    is_open = text.count("“") > text.count("”") or text.count("「") > text.count("」")
    ends_quote = re.search("[。！？][”」』]$", text) and following not in ("", "\n")
    return is_open or bool(ends_quote)


# Plain text.

_LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\)")
ADDRESS = re.compile(
    r"(?:(?:https?|ftp|file|data|javascript|mailto):|www\.)[^\s，。；、！？）」”]+"
    r"|(?<![\w.])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/[^\s，。；、！？）」”]+",
    re.IGNORECASE | re.ASCII,
)
_TAG = re.compile(
    r"<!--.*?(?:-->|$)|</?[a-zA-Z!?][^<>]*>"
    r"|</?(?:a|img|script|iframe|svg|style|link|object|embed|form|input|video|audio|meta)\b[^<>]*$",
    re.DOTALL | re.IGNORECASE,
)
_LINE_START = re.compile(
    r"^\s*(?:>\s*)*(?:#{1,6}\s+|[-*+•·]\s+|\d{1,2}[.)]\s+|\d{1,2}、)?(?:>\s*)*"
)
_EMPHASIS = re.compile(r"\*+|__+|~~+|`+|!\[|\|")
_LEAD_IN = re.compile(
    rf"^\s*(?:根据|按照|据|如|according\s+to|as\s+per|in)\s*(?:{_SOURCE})?"
    rf"(?:{_MARK}\s*(?:[和与、]|and\b)?\s*)+(?:所述|所示|显示|指出)?\s*[，,:：]?\s*",
    re.IGNORECASE,
)


def read_marks(text: str, count: int) -> tuple[str, tuple[int, ...], int]:
    """A sentence without marks, the passages they name (from 0), and how many name none."""
    named: list[int] = []
    removed = 0
    for mark in re.finditer(_MARK, text):
        numbers = re.sub("†.*", "", mark[0])
        for part in re.finditer(r"(\d+)(?:\s?[-–—~～至]\s?\^?\s?(\d+))?", numbers):
            first, last = int(part[1]), int(part[2] or part[1])
            valid = range(max(first, 1), min(last, count) + 1)
            named += (number - 1 for number in valid)
            removed += first < 1 or last > count or first > last
    bare = _LEAD_IN.sub("", text)
    return re.sub(_MARK, "", bare), tuple(dict.fromkeys(named)), removed


def unlinked(text: str) -> str:
    """A text whose links and images are their labels; the label of a linked mark is a mark."""

    def label(link: re.Match[str]) -> str:
        is_mark = re.fullmatch(rf"\s*{_NUMBERS}\s*", link[1])
        return f"[{link[1]}]" if is_mark and not link[0].startswith("!") else link[1]

    return _LINK.sub(label, text)


def plain(text: str, addresses: frozenset[str]) -> str:
    """A text without markup, and without addresses other than those given."""
    for _ in range(2):  # &amp;lt; is twice escaped
        text = _TAG.sub(" ", html.unescape(text))
    text = ADDRESS.sub(lambda found: found[0] if found[0] in addresses else "", text)
    text = _EMPHASIS.sub("", _LINE_START.sub("", text)).replace(UNVERIFIED, "")
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(rf"\s+(?=[。，；：、！？,.;:!?）])|(?<=[{HAN}]) (?=[{HAN}])", "", text)

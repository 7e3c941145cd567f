"""The labels headings carry: 1.1, 一、, （一）, 第一章; and which may follow which.

Styles: decimal numbers, the order 一、（一）1.（1） of Chinese official documents (GB/T 9704-2012),
chapters and sections of books and reports, Roman numerals, appendices.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from archive.chinese.numerals import NUMERALS, han_number

_ROMAN = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "Ⅵ": 6, "Ⅶ": 7, "Ⅷ": 8, "Ⅸ": 9, "Ⅹ": 10}
_LETTERS = {"I": 1, "V": 5, "X": 10}
_AFTER = r"[\s:：、.．]*"

_STYLES = (
    (
        "decimal",
        re.compile(
            r"(?P<label>(?P<number>\d{1,2}(?:[.．]\d{1,3}){0,4}))"
            r"(?:[.．、]?\s+(?=[^\s.%％])|[.．、]?(?=[^\d\s.．%％,，)）\]/:：~～-]))"
        ),
    ),
    (
        "lettered",
        re.compile(r"(?P<label>(?P<number>[A-Z](?:\.\d{1,3}){1,4}))[.．、]?\s*(?=\S)"),
    ),
    ("han", re.compile(rf"(?P<label>(?P<number>[{NUMERALS}]{{1,3}}))\s*[、.．]\s*(?=\S)")),
    (
        "han in brackets",
        re.compile(rf"(?P<label>[(（]\s*(?P<number>[{NUMERALS}]{{1,3}})\s*[)）])\s*"),
    ),
    ("number in brackets", re.compile(r"(?P<label>[(（]\s*(?P<number>\d{1,2})\s*[)）])\s*(?=\S)")),
    *(
        (
            f"第…{unit}",
            re.compile(
                rf"(?P<label>第\s*(?P<number>[{NUMERALS}]{{1,4}}|\d{{1,3}})\s*{unit}){_AFTER}(?=\S|$)"
            ),
        )
        for unit in "编篇章节部"
    ),
    (
        "chapter",
        re.compile(
            rf"(?P<label>(?:chapter|part|section)\s+(?P<number>\d{{1,2}}|[IVX]{{1,5}})){_AFTER}(?=\S|$)",
            re.IGNORECASE,
        ),
    ),
    ("roman", re.compile(r"(?P<label>(?P<number>[Ⅰ-Ⅹ]|[IVX]{1,5}))\s*[、.．]\s*(?=\S)")),
    (
        "appendix",
        re.compile(
            rf"(?P<label>(?:附录|附件|appendix)\s*(?P<number>[{NUMERALS}]|\d{{1,2}}|[A-Z])){_AFTER}(?=\S|$)",
            re.IGNORECASE,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Label:
    """A heading's label: as it is printed, its style, and its value as numbers."""

    text: str
    style: str
    values: tuple[int, ...]

    @property
    def kind(self) -> str:
        """The style; decimal numbers of different depth are different."""
        return f"{self.style} {len(self.values)}"


@lru_cache(maxsize=10_000)  # each signal asks it of each line
def split_label(text: str) -> tuple[Label | None, str]:
    """A heading's label, None where it has none, and its title."""
    for style, pattern in _STYLES:
        match = pattern.match(text)
        if match and (values := _values(match["number"])):
            printed = re.sub(r"\s", "", match["label"]) if style != "chapter" else match["label"]
            label = printed if style.endswith("brackets") else _half_width(printed)
            return Label(label, style, values), text[match.end() :].strip()
    return None, text.strip()


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _values(number: str) -> tuple[int, ...]:
    """What a number is worth, one value for each of its parts; empty when it makes no sense."""
    if number in _ROMAN:
        return (_ROMAN[number],)
    if number[0].isdigit():
        return tuple(int(part) for part in re.split(r"[.．]", number))
    if number[0] in NUMERALS:
        value = han_number(number)
        return (value,) if value else ()
    if "." in number:
        letter, *parts = number.split(".")
        return (ord(letter) - ord("A") + 1, *map(int, parts))
    if set(number.upper()) <= set(_LETTERS):
        worth = [_LETTERS[char] for char in number.upper()]
        pairs = zip(worth, [*worth[1:], 0], strict=True)
        return (sum(-one if one < following else one for one, following in pairs),)
    return (ord(number.upper()) - ord("A") + 1,) if len(number) == 1 else ()


Path = tuple[Label, ...]
"""The labels in force at a place in a document, from the top level down."""


def follow(path: Path, label: Label, *, skips: int = 0) -> Path | None:
    """The labels in force after a label that may come next; None where it may not.

    Next is 1 → 1.1, 1.1 → 1.2 or 2, 2.3 → 3, 一 → （一） or 二; `skips` says how many numbers
    may be missing.
    """
    for depth in range(len(path), 0, -1):
        last = path[depth - 1]
        if last.kind == label.kind:
            rises = label.values[-1] - last.values[-1]
            same_parent = last.values[:-1] == label.values[:-1]
            return (*path[: depth - 1], label) if same_parent and 1 <= rises <= 1 + skips else None
    if label.values[-1] > 1 + skips:
        return None
    parent = label.values[:-1]
    if parent and not (path and _is_parent(path[-1], parent)):
        return None
    return (*path, label)


def _is_parent(label: Label, values: tuple[int, ...]) -> bool:
    """Whether 1.1 may stand under a label: under 1 or 第一章."""
    return label.values == values or (len(values) == 1 and label.values[-1:] == values)

"""Chinese text: what counts as CJK, forms for comparing, sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_QUOTES = dict.fromkeys(map(ord, "“”„‟«»〝〞＂『』「」"), '"')
_QUOTES |= dict.fromkeys(map(ord, "‘’‚‛＇`´"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣"), "-")
_FOLD = _QUOTES | _DASHES

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK = re.compile(f"[{HAN}\u3000-\u303f\uff00-\uffef\u2e80-\u2fdf]")
_CJK_RUN = re.compile(f"{_CJK.pattern}+")
_CJK_CLASS = f"{HAN}\u3000-\u303f\uff01-\uff0f\uff1a-\uff20"
_QUOTE_MARKS = "“”‘’\"'"

_BETWEEN_CJK = re.compile(f"(?<=[{_CJK_CLASS}])[ \t]+(?=[{_CJK_CLASS}])")
_BESIDE_QUOTE = re.compile(
    f"(?<=[{_CJK_CLASS}])[ \t]+(?=[{_QUOTE_MARKS}])|(?<=[{_QUOTE_MARKS}])[ \t]+(?=[{_CJK_CLASS}])"
)
_TOUCHING_CJK = re.compile(f"(?<=[{HAN}])\\s+|\\s+(?=[{HAN}])")

_SENTENCE_END = re.compile(
    r"""(?: [。！？]+
          | [!?]+ (?=[\s”"’)）」』]|$)
          | (?<=[a-z0-9%)\]]{3})\.(?=\s+[A-Z"“]|\s*$)   # not the dot of "U.S." or "Inc. v."
        ) [”"’'」』）)》]* \s*
        | \n\s*""",
    re.VERBOSE,
)


def is_cjk(char: str) -> bool:
    """Whether a character is a han character or a full-width mark."""
    return bool(_CJK.match(char))


def count_cjk(text: str) -> int:
    """How many characters of a text are han characters or full-width marks."""
    return sum(map(len, _CJK_RUN.findall(text)))


def ems(text: str) -> float:
    """About how wide a text is set, in ems: one for a CJK character, a half for any other."""
    return 0.5 * (len(text) + count_cjk(text))


def has_han(text: str) -> bool:
    """Whether a text holds any han character."""
    return bool(re.search(f"[{HAN}]", text))


def fold(text: str) -> str:
    """Width, case, quotes and dashes made equal; for indexes and comparison, never for display."""
    return unicodedata.normalize("NFKC", text.translate(_FOLD)).translate(_FOLD).casefold()


def normalise(text: str) -> str:
    """The form both indexes read: folded, without the spaces that typesetters put beside han."""
    return re.sub(r"\s+", " ", _TOUCHING_CJK.sub("", fold(text))).strip()


_fold_character = lru_cache(maxsize=1 << 16)(fold)
"""Texts are of few different characters."""


@dataclass(frozen=True, slots=True)
class Compact:
    """A text folded and without white space, with where each character came from."""

    text: str
    offsets: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the original that [start, end) of the compact text covers."""
        return self.offsets[start], self.offsets[end - 1] + 1


def compact(text: str) -> Compact:
    """Fold a text and drop its white space, keeping each character's code-point offset."""
    folded = fold(text)
    if len(folded) == len(text) and unicodedata.is_normalized("NFC", text):
        # Nothing was joined or split: the usual case, and ten times as fast.
        kept = tuple(at for at, char in enumerate(folded) if not char.isspace())
        return Compact("".join(folded.split()), kept)
    pairs = [
        (folded, offset)
        for offset, char in enumerate(text)
        if not char.isspace()
        for folded in _fold_character(char)
        if not folded.isspace()
    ]
    return Compact("".join(char for char, _ in pairs), tuple(offset for _, offset in pairs))


def tidy_spaces(text: str) -> str:
    """Remove spaces inside Chinese; keep those between Chinese and Latin as the page shows them."""
    if " " not in text and "\t" not in text:
        return text.strip()
    text = _BETWEEN_CJK.sub("", text)
    return re.sub(r"[ \t]+", " ", _BESIDE_QUOTE.sub("", text)).strip()


def join_gap(before: str, after: str) -> str:
    """What stands between two lines of one paragraph: nothing in Chinese, a space in Latin."""
    if not before or not after or is_cjk(before[-1]) or is_cjk(after[0]) or before[-1] == "-":
        return ""
    return "" if before[-1] in "“‘—" and not after[0].isascii() else " "


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Half-open ranges of a text's sentences; together they are the text, in order."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)

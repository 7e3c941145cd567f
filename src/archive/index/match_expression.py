"""FTS5 expressions for what is sought, in which nothing typed is taken as an operator.

Two tables are asked: of words, where a Latin word and the digits beside it are two tokens, and of
single characters, in which a phrase matches wherever its text stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archive.chinese.search_form import characters
from archive.index.segmenter import STOP_WORDS, Word

_WHOLE = re.compile(r"[a-z]+(?: \d\S*)?|\S+")
_PIECE = re.compile(r"[a-z]+|\d+(?:\.\d+)*|[^a-z\d]+")


def pieces(tokens: Sequence[str]) -> Iterator[str]:
    """Tokens with Latin letters and figures apart, so that CANN8.0 holds the word CANN."""
    for word in tokens:
        yield from _PIECE.findall(word) if word.isascii() else (word,)


def whole(indexed: str) -> Iterator[str]:
    """The tokens of an indexed text, Latin letters and the figure after them as one again."""
    return (found.replace(" ", "") if " " in found else found for found in _WHOLE.findall(indexed))


def token(text: str) -> str:
    """A token of the table of words."""
    return '"' + " ".join(pieces([text])).replace('"', '""') + '"'


def any_form(word: Word) -> str:
    """A word or another of its names, in the table of words."""
    return _in_field(" OR ".join(map(token, word.forms)), word.in_title).join("()")


def any_token(words: Sequence[Word]) -> str:
    """Anything by which a passage is found by any of these words; empty for none."""
    return " OR ".join(dict.fromkeys(_tokens(words)))


def phrase(text: str, in_title: bool = False) -> str:
    """A text as it stands, in the table of characters."""
    inner = " ".join(characters(text)).replace('"', '""')
    return _in_field(f'"{inner}"', in_title)


def any_phrase(word: Word) -> str:
    """A word or another of its names as it stands, in the table of characters."""
    return " OR ".join(phrase(form, word.in_title) for form in word.forms)


def all_of(units: Sequence[str]) -> str:
    """What matches every one of these expressions."""
    return " AND ".join(f"({unit})" for unit in units)


def _tokens(words: Sequence[Word]) -> Iterator[str]:
    for word in words:
        for part in (*word.tokens, *word.names):
            if part not in STOP_WORDS or part == word.text:
                yield _in_field(token(part), word.in_title)


def _in_field(expression: str, in_title: bool) -> str:
    return f"{{title heading}} : ({expression})" if in_title else expression

"""Text from outside, which may hold anything, made safe to print or to store."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMANDS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]"
)
"""What a terminal obeys or can't show: controls, other lines, turns of the writing's direction."""


def without_surrogates(text: str) -> str:
    """A text that has a UTF-8 form: halves of surrogate pairs are joined or become U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def on_one_line(text: str) -> str:
    """A text whose control characters, line breaks and marks of direction stand as escapes."""
    return _COMMANDS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)

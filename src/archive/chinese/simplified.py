"""Traditional script to simplified, for the indexes only; the only module that knows OpenCC."""

from __future__ import annotations

from functools import cache

_HAN = (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)


def simplified(text: str) -> str:
    """A text with each traditional character replaced by its simplified form.

    One character for one, whatever stands beside it: offsets stay, and a word is written the same
    in a question and in a passage, which OpenCC's own conversion by phrases doesn't promise.
    """
    return text if text.isascii() else text.translate(_table())


@cache
def _table() -> dict[int, str]:
    """OpenCC's simplified form of every character that has one."""
    from opencc import OpenCC

    characters = [chr(code) for first, last in _HAN for code in range(first, last + 1)]
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    return {ord(one): other for one, other in pairs if one != other and len(other) == 1}

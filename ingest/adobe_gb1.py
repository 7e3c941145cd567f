"""A /ToUnicode table for fonts of Adobe's GB1 character collection that come without one.

XeLaTeX's ctexart sets Chinese in Fandol fonts, whose glyphs are numbered by Adobe-GB1; without a
/ToUnicode table pypdf takes those numbers for UTF-16. The collection's first characters follow
GB2312, so Python's own codec yields the table (Adobe Technical Note #5079): CID 1-95 are ASCII,
from 96 the GB2312 symbols, from 940 the GB2312 hanzi.
"""

from __future__ import annotations

from functools import cache

_ASCII_CIDS = range(1, 96)
_FIRST_SYMBOL_CID = 96
_FIRST_HAN_CID = 940
_SYMBOL_ROWS = range(0xA1, 0xAA)
_HAN_ROWS = range(0xB0, 0xF8)


def _gb2312(rows: range) -> list[str]:
    """The characters GB2312 assigns in the given rows, in order, with GBK's Unicode values."""
    characters = []
    for row in rows:
        for cell in range(0xA1, 0xFF):
            code = bytes((row, cell))
            try:
                code.decode("gb2312")
            except UnicodeDecodeError:
                continue
            characters.append(code.decode("gbk"))
    return characters


@cache
def cid_to_unicode() -> dict[int, str]:
    """Unicode characters of the collection's GB2312 part, by CID."""
    table = {cid: chr(0x20 + cid - 1) for cid in _ASCII_CIDS}
    table |= dict(enumerate(_gb2312(_SYMBOL_ROWS), _FIRST_SYMBOL_CID))
    table |= dict(enumerate(_gb2312(_HAN_ROWS), _FIRST_HAN_CID))
    return table


@cache
def to_unicode_cmap() -> bytes:
    """The table as a ToUnicode CMap stream (ISO 32000-1, 9.10.3)."""
    entries = [
        f"<{cid:04X}> <{char.encode('utf-16-be').hex().upper()}>"
        for cid, char in sorted(cid_to_unicode().items())
    ]
    blocks = [
        "\n".join((f"{len(block)} beginbfchar", *block, "endbfchar"))
        for block in (entries[i : i + 100] for i in range(0, len(entries), 100))
    ]
    head = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CMapName /Adobe-GB1-UCS2 def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    )
    return "\n".join((head, *blocks, "endcmap end end\n")).encode("ascii")

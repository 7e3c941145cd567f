"""What the glyph numbers of Adobe's character collections stand for; the only user of pdfminer.

A font that numbers its glyphs by a collection (Adobe-GB1 and its kin, Adobe Technical Notes 5079,
5080, 5078 and 5093) needs no table of its own: viewers know the collections. pypdf does not, and
takes the numbers for UTF-16. XeLaTeX sets its default Chinese fonts, Fandol, in this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

COLLECTIONS = ("GB1", "CNS1", "Japan1", "Korea1")


@cache
def cid_to_unicode(collection: str) -> Mapping[int, str]:
    """Unicode characters by glyph number (CID) of a collection of Adobe's, such as `GB1`."""
    from pdfminer.cmapdb import CMapDB

    return CMapDB.get_unicode_map(f"Adobe-{collection}").cid2unichr


def to_unicode_cmap(collection: str, cids: Iterable[int]) -> bytes:
    """The part of a collection's table for these glyph numbers as a ToUnicode CMap stream.

    Form: ISO 32000-1, 9.10.3. Only a part, because pypdf reads the table anew for every page.
    """
    table = cid_to_unicode(collection)
    entries = [
        f"<{cid:04X}> <{table[cid].encode('utf-16-be').hex().upper()}>"
        for cid in sorted(cids)
        if cid in table
    ]
    blocks = [
        "\n".join((f"{len(block)} beginbfchar", *block, "endbfchar"))
        for block in (entries[i : i + 100] for i in range(0, len(entries), 100))
    ]
    head = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CMapName /Adobe-UCS2 def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    )
    return "\n".join((head, *blocks, "endcmap end end\n")).encode("ascii")

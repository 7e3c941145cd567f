"""PDFs built to break a reader, names built to break a terminal: a seed makes the same ones.

Beside `tests/mutations.py`, which damages real PDFs, these are written from nothing: each is about
one attack, in a document that is otherwise a short briefing with a date.

python -m tests.hostile_pdfs KIND SEED TARGET    write one
"""

from __future__ import annotations

import os
import socket
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.mutations import Objects, append, flate, mutate, with_stream, written

_FIRST_DAY = Date(2031, 1, 1)
_DAYS = 3000
_LONGEST_NAME = 255
"""Bytes."""
_BOMB = 120 * 2**20
"""Bytes a bomb unpacks to: more than pypdf unpacks, less than what making 500 of them can bear."""
_TEXT = (
    "Rare earth exports were discussed at some length, and licences are granted within 45 days.",
    "The ministry said that the rules apply to seven elements and to what is made of them.",
    "Firms asked for more time, and the association will report on it in the next issue.",
)
_HUGE = (
    *(b"2147483647", b"-2147483648", b"4294967296", b"9223372036854775808", b"-1", b"1e308"),
    *(b"9" * 400, b"9" * 20_000, b"-" * 50 + b"1", b"0." + b"0" * 500 + b"1", b"9" * 400 + b".0"),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A file put into a folder: what kind it is, and whether it must be taken in."""

    path: Path
    kind: str
    good: bool = False


# --- a short briefing ----------------------------------------------------------------------------
# Objects: 1 catalogue, 2 page tree, 3 page, 4 font, 5 content.


def _briefing(rng: Random, extra: bytes = b"") -> Objects:
    """A page of text that says its date, which differs from seed to seed; `extra` content first."""
    day = _FIRST_DAY + timedelta(rng.randrange(_DAYS))
    lines = [b"BT /F 20 Tf 72 760 Td (Hostile Daily) Tj ET"]
    for number, line in enumerate((f"Issued {day}", *_TEXT, f"Edition {rng.random()}")):
        place = 730 - 20 * number
        lines.append(b"BT /F 11 Tf 72 %d Td (%b) Tj ET" % (place, line.encode()))
    return {
        0: b"<< /Root 1 0 R >>",
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F 4 0 R >> >> >>",
        4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        5: flate(extra + b"\n".join(lines)),
    }


def _with(objects: Objects, number: int, entry: bytes) -> None:
    """Put an entry first into a dictionary, where it counts over a later one of the same key."""
    objects[number] = objects[number].replace(b"<<", b"<< " + entry + b" ", 1)


def packed(unit: bytes, size: int, times: int = 1, head: bytes = b"") -> bytes:
    """`head` and then `size` bytes of a unit again and again, packed as often as said.

    A part packed to a full flush depends on nothing before it, so that it is packed only once.
    """
    part = unit * (2**20 // len(unit))
    packer = zlib.compressobj(9)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.adler32(head)
    for _ in range(count := size // len(part)):
        checksum = zlib.adler32(part, checksum)
    packed = start + block * count + b"\x03\x00" + checksum.to_bytes(4, "big")
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return packed


def _bomb(rng: Random, *units: bytes, head: bytes = b"") -> bytes:
    """The body of a stream of few bytes that unpacks to many."""
    times = rng.choice((1, 1, 2, 3))
    filters = b"/FlateDecode " * times
    entries = b"<< /Filter [%b] %b /Length 0 >>" % (filters, head)
    return with_stream(entries, packed(rng.choice(units), rng.choice((1, 3)) * _BOMB, times))


# --- bombs ---------------------------------------------------------------------------------------


def _bomb_in_content(rng: Random) -> bytes:
    objects = _briefing(rng)
    units = (b"\0", b" ", b"q Q ", b"0 0 m ", b"BT (x) Tj ET ", b"[[", b"(", b"1 ")
    bomb = append(objects, _bomb(rng, *units))
    _with(objects, 3, rng.choice((b"/Contents [%d 0 R 5 0 R]", b"/Contents %d 0 R")) % bomb)
    return written(objects)


def _bomb_in_form(rng: Random) -> bytes:
    objects = _briefing(rng, extra=b"/X Do ")
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F 4 0 R >> >>"
    form = append(objects, _bomb(rng, b" ", b"BT /F 9 Tf (x) Tj ET ", head=head))
    _with(objects, 3, b"/Resources << /Font << /F 4 0 R >> /XObject << /X %d 0 R >> >>" % form)
    return written(objects)


def _bomb_in_font(rng: Random) -> bytes:
    objects = _briefing(rng)
    file = append(objects, _bomb(rng, b"\0", b"\0\1\0\0", b"%!PS-AdobeFont-1.0 "))
    kind = rng.choice((b"FontFile", b"FontFile2", b"FontFile3"))
    descriptor = append(objects, b"<< /Type /FontDescriptor /Flags 4 /%b %d 0 R >>" % (kind, file))
    _with(objects, 4, b"/FontDescriptor %d 0 R" % descriptor)
    if rng.random() < 0.5:
        _with(objects, 4, b"/Subtype /TrueType /FirstChar 0 /LastChar 255 /Widths [500]")
    return written(objects)


def _bomb_in_to_unicode(rng: Random) -> bytes:
    objects = _briefing(rng)
    units = (b" ", b"\0", b"1 beginbfchar <41> <0041> endbfchar\n", b"beginbfrange <41>\n")
    _with(objects, 4, b"/ToUnicode %d 0 R" % append(objects, _bomb(rng, *units)))
    return written(objects)


def _bomb_in_image(rng: Random) -> bytes:
    objects = _briefing(rng, extra=b"/X Do ")
    head = b"/Type /XObject /Subtype /Image /Width 65535 /Height 65535 /BitsPerComponent 8 "
    head += b"/ColorSpace /DeviceRGB"
    image = append(objects, _bomb(rng, b"\0", b"\xff\xd8\xff\xe0", head=head))
    _with(objects, 3, b"/Resources << /Font << /F 4 0 R >> /XObject << /X %d 0 R >> >>" % image)
    if rng.random() < 0.5:  # a page that is nothing but the picture
        objects[5] = flate(b"/X Do")
    return written(objects)


def _bomb_in_properties(rng: Random) -> bytes:
    objects = _briefing(rng)
    xmp = append(objects, _bomb(rng, b"<x>", b" ", head=b"/Type /Metadata /Subtype /XML"))
    _with(objects, 1, b"/Metadata %d 0 R" % xmp)
    info = append(
        objects, b"<< /Title (%b) /Author (%b) >>" % (b"A" * 2**21, b"(" * 500 + b")" * 500)
    )
    _with(objects, 0, b"/Info %d 0 R" % info)
    return written(objects)


def _in_object_stream(rng: Random, filler: bytes, size: int) -> bytes:
    """A file whose page tree lies in an object stream, which `filler` blows up, or its table is."""
    objects = _briefing(rng)
    inside = {number: objects.pop(number) for number in (1, 2, 3, 4)}
    places, bodies = b"", b""
    for number, body in inside.items():
        places += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    first = len(places)
    head = b"<< /Type /ObjStm /N 4 /First %d /Filter /FlateDecode /Length 0 >>" % first
    stream = packed(filler, size, head=places + bodies)
    out = bytearray(b"%PDF-1.7\n")
    starts = {}
    for number, body in ((5, objects[5]), (6, with_stream(head, stream))):
        starts[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    rows = [(0, 0, 65535), *((2, 6, index) for index in range(4))]
    rows += [(1, starts[5], 0), (1, starts[6], 0), (1, start, 0)]
    table = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + last.to_bytes(2, "big")
        for kind, place, last in rows
    )
    return bytes(out) + _table_stream(rng, table, start)


def _table_stream(rng: Random, table: bytes, start: int) -> bytes:
    blown = rng.random() < 0.5
    body = packed(b"\0", _BOMB if blown else 0, head=table)
    size = rng.choice((8, 10_000_000)) if blown else 8
    head = b"<< /Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Filter /FlateDecode /Length 0 >>"
    stream = with_stream(head % size, body)
    return b"7 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream, start)


def _bomb_in_object_stream(rng: Random) -> bytes:
    return _in_object_stream(
        rng, rng.choice((b" ", b"[", b"<< ", b"1 ")), rng.choice((1, 3)) * _BOMB
    )


def _many_filters(rng: Random) -> bytes:
    """A content packed many times over, or filters by the hundred that it isn't packed with."""
    objects = _briefing(rng)
    body = b" " * 2**20
    count = rng.choice((15, 16, 17, 400))
    for _ in range(min(count, 17)):
        body = zlib.compress(body, 9)
    names = (b"/FlateDecode ", b"/LZWDecode ", b"/RunLengthDecode ", b"/ASCII85Decode ")
    name = names[0] if count < 400 else rng.choice(names)
    objects[5] = with_stream(b"<< /Filter [%b] /Length 0 >>" % (name * count), body)
    return written(objects)


def _runs_and_codes(rng: Random) -> bytes:
    """Bombs by other filters: runs of bytes, and codes of ever longer strings."""
    objects = _briefing(rng)
    if rng.random() < 0.5:
        objects[5] = with_stream(b"<< /Filter /RunLengthDecode /Length 0 >>", b"\x81 " * 2_000_000)
    else:
        objects[5] = with_stream(
            b"<< /Filter [/FlateDecode /LZWDecode] /Length 0 >>",
            packed(b"\x20\x10\x08", 20 * 2**20),
        )
    return written(objects)


def _growing_characters(rng: Random) -> bytes:
    """A table by which each character shown becomes thousands."""
    objects = _briefing(rng, extra=b"BT /F 9 Tf 20 20 Td (%b) Tj ET " % (b"A" * 5000))
    table = b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <41> <%b> "
    table = table % (b"4e00" * rng.choice((500, 20_000))) + b"endbfchar endcmap"
    _with(objects, 4, b"/ToUnicode %d 0 R" % append(objects, flate(table)))
    return written(objects)


# --- pages ---------------------------------------------------------------------------------------


def _empty_pages(rng: Random) -> bytes:
    """10,000 pages: objects of their own, one object again and again, or in a tree of tens."""
    objects = _briefing(rng)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    form, count = rng.randrange(3), rng.choice((10_000, 10_000, 1_900))
    kids = [6] * count if form == 0 else list(range(6, 6 + count))
    objects |= dict.fromkeys(kids, page)
    if form == 1:
        while len(kids) > 10:
            groups = [kids[at : at + 10] for at in range(0, len(kids), 10)]
            kids = [
                append(objects, b"<< /Type /Pages /Parent 2 0 R /Count %d /Kids [%b] >>" % (
                    len(group), _references(group)
                ))
                for group in groups
            ]  # fmt: skip
    objects[2] = b"<< /Type /Pages /Count %d /Kids [3 0 R %b] >>" % (count + 1, _references(kids))
    return written(objects)


def _references(numbers: Sequence[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


def _page_cycles(rng: Random) -> bytes:
    """Page trees without an end: of themselves, of each other, upwards, very deep, very bushy."""
    objects = _briefing(rng)
    form = rng.randrange(6)
    if form == 0:
        objects[2] = b"<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 3 >>"
    elif form == 1:
        other = append(objects, b"<< /Type /Pages /Kids [2 0 R] /Parent 2 0 R /Count 1 >>")
        objects[2] = b"<< /Type /Pages /Kids [3 0 R %d 0 R] /Parent %d 0 R /Count 2 >>" % (
            other, other,
        )  # fmt: skip
    elif form == 2:
        _with(objects, 3, b"/Parent 3 0 R /Kids [3 0 R]")
    elif form == 3:
        below = 3
        for _ in range(rng.choice((90, 5000))):
            below = append(objects, b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % below)
        objects[2] = b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % below
    elif form == 4:
        below = 3
        for _ in range(40):
            below = append(objects, b"<< /Type /Pages /Count 1 /Kids [%d 0 R %d 0 R] >>" % (
                below, below,
            ))  # fmt: skip
        objects[2] = b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % below
    else:
        objects[2] = b"<< /Kids 2 0 R /Count 2 0 R >>"
    return written(objects)


def _endless_text(rng: Random) -> bytes:
    """Pages by the thousand that all show one long text: reading it all takes an hour."""
    objects = _briefing(rng)
    text = append(objects, flate(b"BT /F 9 Tf 20 20 Td (rare earth) Tj ET\n" * 20_000))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R " % text
    page += b"/Resources << /Font << /F 4 0 R >> >> >>"
    kids = [append(objects, page)] * 1_500
    objects[2] = b"<< /Type /Pages /Count 1501 /Kids [3 0 R %b] >>" % _references(kids)
    return written(objects)


# --- content -------------------------------------------------------------------------------------


def _form_cycles(rng: Random) -> bytes:
    """Forms that draw themselves, each other, or ever more of each other."""
    objects = _briefing(rng, extra=b"/X Do ")
    first = max(objects) + 1
    count = rng.choice((1, 2, 30))
    for at in range(count):
        following = first + (at + 1) % count
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 "
        head += b"/Resources << /Font << /F 4 0 R >> /XObject << /X %d 0 R >> >> >>" % following
        drawn = b"BT /F 9 Tf (again) Tj ET " + b"/X Do " * rng.choice((1, 2, 50))
        append(objects, with_stream(head, drawn))
    _with(objects, 3, b"/Resources << /Font << /F 4 0 R >> /XObject << /X %d 0 R >> >>" % first)
    return written(objects)


def _odd_content(rng: Random) -> bytes:
    pieces = (
        b"q " * 500_000, b"BT " * 200_000, b"/A << /B " * 100_000, b"[" * 1_000_000,
        b"<" * 1_000_000, b"(" * 500_000 + b")" * 500_000, b"/F 1 Tf " * 200_000,
        b"1 0 0 1 1e300 1e300 cm " * 2000, b"/" + b"N" * 2_000_000 + b" Do ", b"\\" * 1_000_000,
        b"BI /W 100000 /H 100000 /BPC 8 /CS /RGB ID " + b"\0" * 2_000_000,
        b"BT /F 1 Tf " + b"<41>' " * 100_000 + b"ET ", b"% " + b"c" * 3_000_000,
        b"BT /F 9 Tf [" + b"(a) -1000 " * 200_000 + b"] TJ ET ",
    )  # fmt: skip
    return written(_briefing(rng, extra=rng.choice(pieces)))


def _long_text(rng: Random) -> bytes:
    """A page with 200,000 characters of one thing, in one line or many: no pattern may go mad."""
    unit = rng.choice(
        (b"a", b"a-", b". ", b"/ ", b"1.", b"2026-05-07 ", b"http://a.", b"- ", b"p. ")
    )
    count = 200_000 // len(unit)
    if rng.random() < 0.5:
        shown = b"(%b) Tj " % (unit * count)
    else:
        shown = b"0 -0.02 Td (%b) Tj " % (unit * 40) * (count // 40)
    return written(_briefing(rng, extra=b"BT /F 9 Tf 20 700 Td " + shown + b"ET "))


def _huge_numbers(rng: Random) -> bytes:
    """Numbers beyond reason: counts, lengths, boxes, sizes, places, object numbers."""
    huge = rng.choice(_HUGE)
    content = (
        b"%b 0 0 %b 0 0 cm ", b"BT /F %b Tf ET ", b"BT %b %b Td (x) Tj ET ", b"%b Tc %b Tw ",
        b"BT %b TL (x) ' ET ", b"BT %b Tz (x) Tj ET ", b"BT [(x) %b (y)] TJ ET ",
    )  # fmt: skip
    extra = rng.choice(content).replace(b"%b", huge) if rng.random() < 0.4 else b""
    objects = _briefing(rng, extra=extra)
    entries: tuple[tuple[int, bytes], ...] = (
        (2, b"/Count %b"), (3, b"/MediaBox [0 0 %b %b]"), (3, b"/CropBox [%b %b -%b 0]"),
        (3, b"/Rotate %b"), (3, b"/UserUnit %b"), (5, b"/Length %b"), (3, b"/Contents %b 0 R"),
        (4, b"/FirstChar 0 /LastChar %b /Widths [%b]"), (0, b"/Size %b"), (0, b"/Prev %b"),
        (1, b"/PageLabels << /Nums [0 << /S /D /St %b >> %b << /S /r /St 9 >>] >>"),
        (3, b"/Parent 2 %b R"), (1, b"/Version %b"),
        (4, b"/Encoding << /Differences [%b /a /b] >>"),
    )  # fmt: skip
    if not extra:
        number, entry = rng.choice(entries)
        _with(objects, number, entry.replace(b"%b", huge))
    data = written(objects)
    if rng.random() < 0.2:
        data = data.replace(b"5 0 obj", huge[:4000] + b" 0 obj")
    return data


def _deep_nesting(rng: Random) -> bytes:
    """Arrays, dictionaries or strings within each other, closed or not."""
    depth = rng.choice((500, 20_000, 1_000_000))
    opens, closes = rng.choice(((b"[", b"]"), (b"<</A", b">>"), (b"(", b")"), (b"[<</A ", b">>]")))
    nested = opens * depth + b"1 " + (closes * depth if rng.random() < 0.7 else b"")
    objects = _briefing(rng)
    number = rng.choice((0, 1, 2, 3, 4, 5))
    _with(objects, number, b"/Extra " + nested)
    return written(objects)


def _wide_dictionaries(rng: Random) -> bytes:
    """A hundred thousand fonts, entries or kids of one dictionary."""
    objects = _briefing(rng)
    count = rng.choice((50_000, 300_000))
    names = b" ".join(b"/F%d 4 0 R" % number for number in range(count))
    entry = rng.choice((b"/Resources << /Font << /F 4 0 R %b >> >>", b"/Annots [<< %b >>]", b"%b"))
    _with(objects, 3, entry % names)
    return written(objects)


# --- what hangs on a document --------------------------------------------------------------------


def _outline(rng: Random) -> bytes:
    """Bookmarks that follow themselves, lie very deep, or are very many."""
    objects = _briefing(rng)
    form = rng.randrange(5)
    dest = b"/Dest [3 0 R /Fit]"
    root = append(objects, b"null")
    item = root + 1
    if form == 0:
        append(objects, b"<< /Title (A) %b /Parent %d 0 R /Next %d 0 R >>" % (dest, root, item))
    elif form == 1:
        append(objects, b"<< /Title (A) %b /Parent %d 0 R /First %d 0 R /Last %d 0 R >>" % (
            dest, root, root, item,
        ))  # fmt: skip
    elif form == 2:
        for number in range(rng.choice((99, 5000))):
            append(objects, b"<< /Title (L%d) %b /Parent %d 0 R /First %d 0 R /Last %d 0 R >>" % (
                number, dest, item + number - 1, item + number + 1, item + number + 1,
            ))  # fmt: skip
    elif form == 3:
        entry = b"<< /Title (Rare earth exports) %b /Parent %d 0 R /Next %d 0 R >>"
        last = item + rng.choice((10_000, 120_000))
        objects |= {at: entry % (dest, root, at + 1) for at in range(item, last)}
    else:
        title = rng.choice(
            (b"A" * 5_000_000, b"\\000\\033[2J\\n" * 1000, b"\xfe\xff\xd8\x00" * 999)
        )
        append(objects, b"<< /Title (%b) %b /Parent %d 0 R >>" % (title, dest, root))
    objects[root] = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count 9 >>" % (item, item)
    _with(objects, 1, b"/Outlines %d 0 R /PageMode /UseOutlines" % root)
    return written(objects)


def _actions(rng: Random) -> bytes:
    """Scripts, programs to start, forms to send, files inside that are named to lie elsewhere."""
    objects = _briefing(rng)
    actions = (
        b"<< /S /JavaScript /JS (app.launchURL\\('file:///etc/passwd'\\); while\\(1\\);) >>",
        b"<< /S /Launch /F (/bin/sh) /Win << /F (cmd.exe) /P (/c calc) >> >>",
        b"<< /S /URI /URI (http://127.0.0.1:9/) >>",
        b"<< /S /SubmitForm /F << /FS /URL /F (http://127.0.0.1:9/) >> >>",
        b"<< /S /ImportData /F (../../../etc/passwd) >>",
        b"<< /S /GoToR /F (\\\\\\\\127.0.0.1\\\\share\\\\x.pdf) /D [0 /Fit] >>",
    )
    action = rng.choice(actions)
    inside = append(objects, with_stream(b"<< /Type /EmbeddedFile /Length 0 >>", b"#!/bin/sh\n"))
    name = rng.choice((b"../../escaped.sh", b"/tmp/escaped.sh", b"C:\\\\escaped.bat", b"\\000.sh"))
    spec = b"<< /Type /Filespec /F (%b) /UF (%b) /EF << /F %d 0 R >> >>" % (name, name, inside)
    names = b"<< /EmbeddedFiles << /Names [(%b) %b] >> /JavaScript << /Names [(x) %b] >> >>"
    _with(objects, 1, b"/OpenAction %b /AA << /WC %b >>" % (action, action))
    _with(objects, 1, b"/Names " + names % (name, spec, actions[0]))
    _with(objects, 3, b"/AA << /O %b >> /Annots [<< /Subtype /Widget /A %b >>]" % (action, action))
    _with(objects, 1, b"/AcroForm << /XFA (<x/>) /Fields [1 0 R] /NeedAppearances true >>")
    return written(objects)


def _name_cycles(rng: Random) -> bytes:
    """Trees of names, labels, marked content and fonts that hold themselves."""
    objects = _briefing(rng)
    node = append(objects, b"null")
    objects[node] = b"<< /Kids [%d 0 R %d 0 R] /Limits [(a) (z)] /P %d 0 R /K %d 0 R >>" % (
        (node,) * 4
    )
    number, entry = rng.choice((
        (1, b"/Names << /Dests %d 0 R /EmbeddedFiles %d 0 R >>"), (1, b"/Dests %d 0 R"),
        (1, b"/PageLabels %d 0 R"), (1, b"/StructTreeRoot %d 0 R"), (1, b"/AcroForm %d 0 R"),
        (4, b"/Subtype /Type0 /Encoding /Identity-H /DescendantFonts [%d 0 R]"),
        (4, b"/Subtype /Type0 /DescendantFonts [4 0 R] /ToUnicode 4 0 R"),
        (4, b"/Subtype /Type3 /CharProcs %d 0 R /Encoding %d 0 R"),
        (3, b"/Resources %d 0 R"), (3, b"/Contents [%d 0 R [3 0 R]]"),
        (5, b"/Filter %d 0 R /DecodeParms %d 0 R"), (5, b"/Length 5 0 R"),
    ))  # fmt: skip
    _with(objects, number, entry.replace(b"%d", b"%d" % node))
    return written(objects)


def _odd_properties(rng: Random) -> bytes:
    """A title that a terminal, a spreadsheet or a page would obey; no title on the page itself."""
    objects = _briefing(rng)
    titles = (
        "\x1b[2J\x1b[31mred\x07", "=HYPERLINK(\"http://127.0.0.1\")", "<script>alert(1)</script>",
        "line\nbreak\r\ttab", "\u202egnp.exe\u2066", "[bold]x[/bold]", "\x9b31m\x00\x08",
        "题" * 20_000, "%s%n{0}", "'; DROP TABLE briefing; --", "\ud800", "🏳️‍🌈" * 50,
    )  # fmt: skip
    title = rng.choice(titles).encode("utf-16-be", "surrogatepass")
    hexed = b"<FEFF%b>" % title.hex().encode()
    _with(
        objects,
        0,
        b"/Info %d 0 R" % append(objects, b"<< /Title %b /Author %b >>" % (hexed, hexed)),
    )
    day = _FIRST_DAY + timedelta(rng.randrange(_DAYS))
    lines = [b"BT /F 11 Tf 72 760 Td (%b) Tj ET" % str(day).encode()]
    for at, line in enumerate(_TEXT):
        lines.append(b"BT /F 11 Tf 72 %d Td (%b) Tj ET" % (700 - 20 * at, line.encode()))
    objects[5] = flate(b"\n".join(lines))
    return written(objects)


# --- the file itself -----------------------------------------------------------------------------


def _table_cycles(rng: Random) -> bytes:
    """Cross-reference tables that follow themselves, or lie about how much they hold."""
    data = written(_briefing(rng))
    start = data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
    form = rng.randrange(5)
    if form == 0:
        return data.replace(b"trailer\n<<", b"trailer\n<< /Prev %d " % start)
    if form == 1:
        return data.replace(b"trailer\n<<", b"trailer\n<< /XRefStm %d " % start)
    if form == 2:
        return data.replace(b"xref\n0 1\n", b"xref\n0 99999999\n", 1)
    if form == 3:
        updates = [data]
        size = len(data)
        for _ in range(2000):
            before = size
            update = b"xref\n0 0\ntrailer\n<< /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
            update %= (start, before)
            updates.append(update)
            start, size = before, size + len(update)
        return b"".join(updates)
    return data[: data.rindex(b"startxref")] + b"startxref\n%b\n%%%%EOF\n" % rng.choice(_HUGE)


def _no_real_pdf(rng: Random) -> bytes:
    """Little more than a header, or another kind of file with one."""
    return rng.choice((
        b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n", b"%PDF-", b" " * 1019 + b"%PDF-1.7\n" + b"x" * 5000,
        b"PK\x03\x04" + b"\0" * 99 + b"%PDF-1.4\n" + b"\0" * 3000, b"<html>%PDF-1.4</html>",
        b"%PDF-1.7\n" + b"1 0 obj\n" * 100_000, b"%PDF-1.7\n" + b"\0" * 2_000_000,
        b"%PDF-1.7\n" + b"startxref\n0\n" * 50_000 + b"%%EOF", b"%PDF-1.7\n" + b"xref " * 300_000,
        b"%PDF-1.7\ntrailer\n<< /Root << /Pages << /Kids [] /Count 0 >> >> >>\n%%EOF",
        b"%PDF-1.7\n" + b"9" * 1_000_000 + b" 0 obj\n", b"%PDF-1.7\r" + b"endobj " * 300_000,
        rng.randbytes(20_000), b"%PDF-1.7\n" + rng.randbytes(200_000), b"",
    ))  # fmt: skip


KINDS: dict[str, Callable[[Random], bytes]] = {
    "bomb in content": _bomb_in_content,
    "bomb in form": _bomb_in_form,
    "bomb in font": _bomb_in_font,
    "bomb in ToUnicode": _bomb_in_to_unicode,
    "bomb in image": _bomb_in_image,
    "bomb in properties": _bomb_in_properties,
    "bomb in object stream": _bomb_in_object_stream,
    "many filters": _many_filters,
    "runs and codes": _runs_and_codes,
    "growing characters": _growing_characters,
    "empty pages": _empty_pages,
    "page cycles": _page_cycles,
    "form cycles": _form_cycles,
    "odd content": _odd_content,
    "long text": _long_text,
    "huge numbers": _huge_numbers,
    "deep nesting": _deep_nesting,
    "wide dictionaries": _wide_dictionaries,
    "outline": _outline,
    "actions": _actions,
    "name cycles": _name_cycles,
    "odd properties": _odd_properties,
    "table cycles": _table_cycles,
    "no real PDF": _no_real_pdf,
}
ENDLESS = "endless text"
"""The one kind that is only slow: nothing tells it from a long briefing but the time it takes."""


def hostile_pdf(kind: str, seed: int) -> bytes:
    """A PDF of a kind; the same seed makes the same bytes."""
    rng = Random(f"{kind} {seed}")
    return _endless_text(rng) if kind == ENDLESS else KINDS[kind](rng)


# --- names ---------------------------------------------------------------------------------------

ODD_NAMES: tuple[bytes, ...] = (
    b"line\nbreak", b"carriage\rreturn", b"a\ttab", b"\x1b[2J\x1b[31mred", b"bell\x07back\x08\x08",
    b"..\\..\\up", b"..%2f..%2fup", b"....", b"-rf", b"--help", b"--", b" leading", b"trailing ",
    b"\xff\xfe\x80", b"half \xe9\x99", b"\xc2\x9b31m", "\u202egnp.exe".encode(),
    "\u2066left\u2069\u200f".encode(), "两行\u2028之间".encode(), "🏳️‍🌈 👩‍👩‍👧 🀄".encode(),
    b"n" * 251, ("名" * 83).encode() + b"ab", b"$(touch escaped)", b"`touch escaped`", b"a;b|c&d",
    b"quote'\"s", b"[red]markup", b"[bold]", b"*?[!a]", b"=1+1", b"%s%n%d{0}", b"CON",
    "e\u0301 decomposed".encode(), "\u00e9 composed".encode(), b".hidden", b"9999-99-99",
    b"\x7f\x01\x02", "﻿bom".encode(), "Ａ１ ｆｕｌｌ　ｗｉｄｔｈ".encode(), b"~", b"#", b"a.pdf",
)  # fmt: skip
"""Names before the suffix; the longest make 255 bytes with it."""


def named(folder: Path, number: int, prefix: str = "") -> Path:
    """A place in a folder under an odd name, by turns; later rounds have a number before it."""
    turn, at = divmod(number, len(ODD_NAMES))
    suffix = (".pdf", ".PDF", ".Pdf")[number % 3]
    front = f"{prefix}{turn} " if turn else prefix
    stem = front + os.fsdecode(ODD_NAMES[at])
    while len(os.fsencode(stem)) + len(suffix) > _LONGEST_NAME:
        stem = stem[:-1]
    return folder / f"{stem}{suffix}"


# --- a folder of it all --------------------------------------------------------------------------


def place_good(folder: Path, sources: Sequence[Path]) -> list[Placed]:
    """Sound PDFs, each under an odd name, some in folders of odd names: all must be taken in."""
    placed = []
    for number, source in enumerate(sources):
        parent = folder
        if number % 4 == 3:
            parent = folder / os.fsdecode((b"folder\n", b"\xff folder", b"folder.pdf")[number % 3])
            parent.mkdir(exist_ok=True)
        path = named(parent, number)
        path.write_bytes(source.read_bytes())
        placed.append(Placed(path, "good", good=True))
    return placed


def place_hostile(
    folder: Path, sources: Sequence[Path], count: int, seed: int, *, endless: int = 2
) -> list[Placed]:
    """So many hostile PDFs: mutants of the sources and built ones by turns, and a few endless."""
    kinds = list(KINDS)
    placed = []
    for number in range(count):
        path = named(folder, number, prefix=f"h{number % 7} ")
        own = seed + number
        if number < endless:
            kind = ENDLESS
        elif number % 2:
            kind = kinds[number // 2 % len(kinds)]
        else:
            source = sources[number // 2 % len(sources)]
            path.write_bytes(mutate(source.read_bytes(), own))
            placed.append(Placed(path, f"mutant of {source.name} {own}"))
            continue
        path.write_bytes(hostile_pdf(kind, own))
        placed.append(Placed(path, f"{kind} {own}"))
    return placed


def place_oddities(folder: Path, sound: bytes) -> list[Placed]:
    """What isn't a file, or is one only by half; each must end in a line, a folder in none."""
    odd = folder / "oddities"
    odd.mkdir()
    os.mkfifo(odd / "pipe.pdf")
    _bind_socket(odd)
    (odd / "folder.pdf").mkdir()
    (odd / "itself.pdf").symlink_to(odd / "itself.pdf")
    (odd / "one.pdf").symlink_to(odd / "other.pdf")
    (odd / "other.pdf").symlink_to(odd / "one.pdf")
    (odd / "nowhere.pdf").symlink_to(odd / "gone")
    (odd / "to a folder.pdf").symlink_to(odd)
    for device in ("zero", "null", "random", "tty", "stdin"):
        (odd / f"{device}.pdf").symlink_to(f"/dev/{device}")
    for name in ("self/mem", "self/status", "kmsg"):
        (odd / f"{name.replace('/', ' ')}.pdf").symlink_to(f"/proc/{name}")
    (odd / "empty.pdf").touch()
    (odd / "half.pdf").write_bytes(sound[: len(sound) // 2])
    with (odd / "hole.pdf").open("wb") as file:  # no disk is used
        file.truncate(300 * 2**20)
    closed = odd / "closed.pdf"
    closed.write_bytes(sound)
    closed.chmod(0)  # a superuser may read it nevertheless
    return [
        Placed(path, f"oddity {path.name}")
        for path in sorted(odd.iterdir())
        if path.name not in ("folder.pdf", "to a folder.pdf")
    ]


def _bind_socket(folder: Path) -> None:
    """A socket's file; its path may be only some hundred bytes long, so it is bound from within."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind("socket.pdf")
    finally:
        os.chdir(before)


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(hostile_pdf(sys.argv[1], int(sys.argv[2])))

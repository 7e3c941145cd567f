"""Damaged and hostile variants of PDFs: the same seed makes the same bytes.

Most mutants stay openable: the file is written anew as plain objects, these are edited, and a right
cross-reference table is put behind them. The others have bytes of the file itself damaged.

python -m tests.mutations SOURCE SEED TARGET    write one mutant
"""

from __future__ import annotations

import base64
import logging
import re
import sys
import zlib
from collections.abc import Callable
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from random import Random

from pypdf import PdfReader, PdfWriter

Objects = dict[int, bytes]
"""Objects by their number; 0 is the trailer."""

_NUMBER = re.compile(rb"(?<![\w.+-])-?\d+(?:\.\d+)?(?![\w.]| \d+ R)")
_REFERENCE = re.compile(rb"\b\d+ 0 R\b")
_NAME = re.compile(rb"/[A-Za-z][\w+-]*")
_BOMB = 200 * 2**20
_EXTREMES = (
    *(b"0", b"-1", b"1", b"2", b"65535", b"1000000", b"2147483647", b"-2147483648", b"4294967296"),
    *(b"9" * 30, b"9" * 5000, b"0.0000000001", b"-1e308", b"1" + b"0" * 308 + b".0", b"null"),
)
_FILTERS = (
    *(b"/FlateDecode", b"/LZWDecode", b"/ASCII85Decode", b"/ASCIIHexDecode", b"/RunLengthDecode"),
    *(b"/DCTDecode", b"/JPXDecode", b"/JBIG2Decode", b"/CCITTFaxDecode", b"/Crypt", b"/Nonsense"),
)
# An entry, and what the dictionary must hold that gets it; SELF is the dictionary's own number.
_HOSTILE_ENTRIES = (
    (b"/Catalog", b"/PageLabels << /Nums [0 << /S /r /St 2147483647 >>] >>"),
    (b"/Catalog", b"/PageLabels << /Nums [0 << /S /A /St 2147483647 >>] >>"),
    (b"/Catalog", b"/PageLabels << /Kids [SELF SELF] /Limits [0 9] >>"),
    (b"/Catalog", b"/PageLabels SELF /Nums [-5 SELF 2147483647 null]"),
    (b"/Catalog", b"/Outlines << /First SELF /Last SELF /Count 9 >> /Title () /Next SELF"),
    (b"/Catalog", b"/Names << /Dests << /Kids [SELF SELF] >> >> /Kids [SELF SELF]"),
    (b"/Title", b"/Next SELF"),
    (b"/Title", b"/First SELF /Last SELF"),
    (b"/Pages", b"/Kids [SELF SELF]"),
    (b"/Pages", b"/Count 2147483647"),
    (b"/Pages", b"/Count -7 /Parent SELF"),
    (b"/Page", b"/Parent SELF"),
    (b"/Page", b"/Resources SELF /Font SELF /XObject SELF"),
    (b"/Page", b"/Rotate 45.5 /UserUnit 1e30 /MediaBox [0 0 1e308 -1e308]"),
    (b"/Page", b"/Rotate /Left /MediaBox [null (x) SELF] /CropBox 7"),
    (b"/Page", b"/Contents [SELF SELF [SELF] null 9999 0 R]"),
    (b"/Font", b"/ToUnicode SELF"),
    (b"/Font", b"/DescendantFonts [SELF]"),
    (b"/Font", b"/DescendantFonts []"),
    (b"/Font", b"/Encoding << /Differences [2147483647 /a -5 /b (c) /uFFFFFFFF /uni] >>"),
    (b"/Font", b"/Encoding SELF /BaseEncoding SELF"),
    (b"/Font", b"/FirstChar -2147483648 /LastChar 2147483647 /Widths [1 null SELF /x]"),
    (b"/CIDSystemInfo", b"/W [0 2147483647 500]"),
    (b"/CIDSystemInfo", b"/W [0 [(a) /b null] 9 SELF -3 2 1 7] /DW -1e30"),
    (b"/CIDSystemInfo", b"/CIDSystemInfo [SELF] /DW2 7 /W2 [SELF]"),
    (b"stream", b"/Filter [" + b"/FlateDecode " * 500 + b"]"),
    (b"stream", b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 2147483647 >>"),
    (b"stream", b"/Filter /LZWDecode /DecodeParms [null << /EarlyChange -1 >>]"),
    (b"stream", b"/Length SELF"),
    (b"stream", b"/Subtype /Form /Matrix [0 0 0 0 0 0] /Resources SELF /XObject << /X SELF >>"),
)
_HOSTILE_CONTENTS = (
    b"q " * 200_000,
    b"[" * 50_000,
    b"<<" * 50_000,
    b"(" * 50_000,
    b"/X BDC " * 20_000,
    b"9" * 100_000 + b" Tc ",
    b"Q Q Q ET ET (x) Tj ",
    b"BT /F1 1e308 Tf 1e308 0 0 1e308 1e308 1e308 Tm (x) Tj 1e308 1e308 Td [(x) -1e308 (y)] TJ ET ",
    b"BT /None null Tf (x) Tj [null [1] /x (y)] TJ Tm Td Tf ET cm ",
    b"0 0 0 0 0 0 cm BT 0 0 0 0 0 0 Tm (x) Tj ET ",
    b"BI /W 2147483647 /H 2147483647 /F /A85 ID ",
    b"BI /F [/Fl /LZW] /W (x) ID x EI ",
)
_HOSTILE_TABLES = (
    b"1 begincodespacerange <00> <FFFFFFFFFF> endcodespacerange ",
    b"1 beginbfrange <00000000> <FFFFFFFF> <0000> endbfrange ",
    b"1 beginbfrange <0000> <FFFF> <D800> endbfrange ",
    b"1 beginbfrange <FFFF> <0000> [<0041> <0042>] endbfrange ",
    b"1 beginbfrange <0000> <FFFF> [] endbfrange ",
    b"1 beginbfchar <> <> <zz> <1> endbfchar ",
    b"9 beginbfchar <0041> <" + b"0041" * 100_000 + b"> endbfchar ",
    b"beginbfrange beginbfchar endbfchar endbfrange <",
)


def mutate(data: bytes, seed: int) -> bytes:
    """A variant of a PDF: several edits of its objects, else damage to its bytes, or both."""
    rng = Random(seed)
    plain = _plain_objects(data)
    if not plain or rng.random() < 0.3:
        return rng.choice(_DAMAGES)(data, rng)
    objects = dict(plain)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        rng.choice(_EDITS)(objects, rng)
    data = written(objects)
    return rng.choice(_DAMAGES)(data, rng) if rng.random() < 0.1 else data


# --- objects -------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _plain_objects(data: bytes) -> Objects:
    """The file's objects, none in an object stream; nothing where the file can't be opened."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it repairs doesn't matter here
    try:
        out = BytesIO()
        PdfWriter(clone_from=PdfReader(BytesIO(data))).write(out)
    except Exception:  # what pypdf can't copy is damaged as it is
        return {}
    plain = out.getvalue()
    objects = re.findall(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj(?=\n)", plain, re.DOTALL)
    trailer = plain[plain.rindex(b"trailer") + 7 : plain.rindex(b"startxref")]
    return {0: trailer.strip()} | {int(number): body for number, body in objects}


def written(objects: Objects) -> bytes:
    """A PDF of these objects with a right cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    table = []
    for number, body in sorted(objects.items()):
        if number:
            table.append(b"%d 1\n%010d 00000 n \n" % (number, len(out)))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n" + b"".join(table)
    return bytes(out) + b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (objects[0], start)


def _stream_of(body: bytes) -> tuple[bytes, bytes] | None:
    """An object's dictionary and its stream, None where it has no stream."""
    head, found, rest = body.partition(b"\nstream\n")
    return (head, rest.removesuffix(b"endstream").removesuffix(b"\n")) if found else None


def with_stream(head: bytes, stream: bytes) -> bytes:
    head = re.sub(rb"/Length \d+(?: 0 R)?", b"/Length %d" % len(stream), head, count=1)
    return head + b"\nstream\n" + stream + b"\nendstream"


def flate(stream: bytes) -> bytes:
    """A new object's body: a compressed stream."""
    return with_stream(b"<< /Filter /FlateDecode /Length 0 >>", zlib.compress(stream, 1))


def _holding(objects: Objects, part: bytes) -> list[int]:
    """The numbers of the objects that hold some bytes outside their stream's data."""
    return [number for number, body in objects.items() if part in body.partition(b"stream\n")[0]]


def _replace_one(
    objects: Objects,
    pattern: re.Pattern[bytes],
    rng: Random,
    put: Callable[[int, bytes], bytes],
) -> None:
    """Replace one match in a dictionary, in an object taken at random, by what `put` gives."""
    numbers = list(objects)
    for number in rng.sample(numbers, len(numbers)):
        head, mark, rest = objects[number].partition(b"\nstream\n")
        if matches := list(pattern.finditer(head)):
            match = rng.choice(matches)
            new = put(number, match[0])
            objects[number] = head[: match.start()] + new + head[match.end() :] + mark + rest
            return


def _insert(objects: Objects, number: int, entry: bytes) -> None:
    """Put an entry first into a dictionary: of an entry that is there twice, the first counts."""
    entry = entry.replace(b"SELF", b"%d 0 R" % number)
    objects[number] = objects[number].replace(b"<<", b"<< " + entry + b" ", 1)


def append(objects: Objects, body: bytes) -> int:
    number = max(objects) + 1
    objects[number] = body
    return number


# --- edits: the file still opens -----------------------------------------------------------------


def _edit_stream(objects: Objects, rng: Random, change: Callable[[bytes], bytes]) -> None:
    """Unpack a stream, change it, pack it."""
    packed = _holding(objects, b"/FlateDecode")
    for number in rng.sample(packed, len(packed)):
        if parts := _stream_of(objects[number]):
            head, stream = parts
            in_letters = b"/ASCII85Decode" in head
            try:
                packed_once = base64.a85decode(b"<~" + stream, adobe=True) if in_letters else stream
                unpacked = zlib.decompress(packed_once)
            except (ValueError, zlib.error):  # an earlier edit's work
                continue
            stream = zlib.compress(change(unpacked), 1)
            if in_letters:
                stream = base64.a85encode(stream, adobe=True).removeprefix(b"<~")
            objects[number] = with_stream(head, stream)
            return


def _flip_unpacked(objects: Objects, rng: Random) -> None:
    _edit_stream(objects, rng, lambda stream: _flipped(stream, rng, 0, len(stream)))


def _change_unpacked_number(objects: Objects, rng: Random) -> None:
    def change(stream: bytes) -> bytes:
        matches = list(re.finditer(rb"-?\d+(?:\.\d+)?", stream[:200_000]))
        if not matches:
            return stream
        match = rng.choice(matches)
        return stream[: match.start()] + rng.choice(_EXTREMES) + stream[match.end() :]

    _edit_stream(objects, rng, change)


def _flip_packed(objects: Objects, rng: Random) -> None:
    if streams := _holding(objects, b"/Length"):
        number = rng.choice(streams)
        body = objects[number]
        objects[number] = _flipped(body, rng, body.find(b"stream\n"), len(body))


def _swap_objects(objects: Objects, rng: Random) -> None:
    one, other = rng.sample(list(objects), 2)
    objects[one], objects[other] = objects[other], objects[one]


def _remove_object(objects: Objects, rng: Random) -> None:
    del objects[rng.choice([number for number in objects if number])]
    objects.setdefault(1, b"null")


def _change_number(objects: Objects, rng: Random) -> None:
    _replace_one(objects, _NUMBER, rng, lambda number, old: rng.choice(_EXTREMES))


def _change_name(objects: Objects, rng: Random) -> None:
    names = _NAME.findall(b" ".join(objects[number][:500] for number in sorted(objects)[:200]))
    _replace_one(objects, _NAME, rng, lambda number, old: rng.choice(names or [b"/X"]))


def _change_filter(objects: Objects, rng: Random) -> None:
    pattern = re.compile(rb"/(?:Flate|LZW|DCT|CCITTFax|ASCII85|JBIG2)Decode")
    _replace_one(objects, pattern, rng, lambda number, old: rng.choice(_FILTERS))


def _redirect(objects: Objects, rng: Random) -> None:
    """Let a reference go to its own object, to any other, or nowhere."""

    def put(number: int, old: bytes) -> bytes:
        return b"%d 0 R" % rng.choice((number, rng.choice(list(objects)), 99999))

    for _ in range(rng.choice((1, 1, 5))):
        _replace_one(objects, _REFERENCE, rng, put)


def _add_hostile_entry(objects: Objects, rng: Random) -> None:
    where, entry = rng.choice(_HOSTILE_ENTRIES)
    holders = [
        number
        for number, body in objects.items()
        if number and re.search(re.escape(where) + rb"\b", body[:3000])
    ]
    if holders:
        _insert(objects, rng.choice(holders), entry)


def _add_hostile_content(objects: Objects, rng: Random) -> None:
    if pages := _holding(objects, b"/Contents"):
        piece = append(objects, flate(rng.choice(_HOSTILE_CONTENTS)))
        page = rng.choice(pages)
        old = re.search(rb"/Contents (\d+ 0 R)", objects[page])
        _insert(objects, page, b"/Contents [%d 0 R %b]" % (piece, old[1] if old else b""))


def _add_hostile_table(objects: Objects, rng: Random) -> None:
    if fonts := _holding(objects, b"/BaseFont"):
        table = b"begincmap " + rng.choice(_HOSTILE_TABLES) + b"endcmap"
        _insert(objects, rng.choice(fonts), b"/ToUnicode %d 0 R" % append(objects, flate(table)))


def _add_nested_forms(objects: Objects, rng: Random) -> None:
    """Forms that each draw the next several times: few bytes, drawn without end."""
    pages = _holding(objects, b"/Contents")
    if not pages:
        return
    width = rng.choice((1, 2, 40))
    form = append(objects, with_stream(b"<< /Subtype /Form /Length 0 >>", b"0 0 9 9 re f"))
    for _ in range(rng.choice((5, 30, 300))):
        uses = b" ".join(b"/X%d %d 0 R" % (use, form) for use in range(width))
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 "
        head += b"/Resources << /XObject << %b >> >> >>" % uses
        drawn = b"".join(b"/X%d Do " % use for use in range(width))
        form = append(objects, with_stream(head, drawn))
    content = append(objects, flate(b"/X0 Do"))
    entries = b"/Resources << /XObject << /X0 %d 0 R >> >> /Contents %d 0 R" % (form, content)
    _insert(objects, rng.choice(pages), entries)


def _plant_bomb(objects: Objects, rng: Random) -> None:
    """Let a stream unpack to more than fits into memory."""
    streams = [number for number, body in objects.items() if b"\nstream\n" in body]
    if streams:
        filters, stream = _bombs()[rng.randrange(3)]
        head = b"<< /Filter [%b] /Length 0 >>" % filters
        objects[rng.choice(streams)] = with_stream(head, stream)


@cache
def _bombs() -> tuple[tuple[bytes, bytes], ...]:
    """Filters and a stream: 200 MB of zeros, the same packed twice, and as numbers."""
    zeros, numbers = (
        b"".join(packer.compress(chunk) for _ in range(_BOMB // len(chunk))) + packer.flush()
        for packer, chunk in (
            (zlib.compressobj(), b"\0" * 2**20),
            (zlib.compressobj(), b"0 " * 2**19),
        )
    )
    flate = b"/FlateDecode "
    return (flate, zeros), (flate * 2, zlib.compress(zeros)), (flate, numbers)


def _nest(objects: Objects, rng: Random) -> None:
    """Put arrays or dictionaries a thousand deep in place of a number or reference."""
    depth = rng.choice((50, 500, 5000, 100_000))
    before, after = rng.choice(((b"[", b"]"), (b"<</A", b">>"), (b"[", b"")))
    pattern = rng.choice((_NUMBER, _REFERENCE))
    _replace_one(objects, pattern, rng, lambda number, old: before * depth + old + after * depth)


def _encrypt(objects: Objects, rng: Random) -> None:
    version, revision = rng.choice(((1, 2), (2, 3), (4, 4), (5, 5), (5, 6), (9, 99)))
    method = rng.choice((b"/Standard", b"/Adobe.PubSec"))
    key = b"<" + rng.randbytes(rng.choice((0, 32, 48))).hex().encode() + b">"
    entry = b"/Encrypt << /Filter %b /V %d /R %d /Length %b /P -4 /O %b /U %b /OE %b /UE %b >>"
    length = rng.choice((b"128", b"256", b"0", b"-8", b"2147483647"))
    _insert(objects, 0, entry % (method, version, revision, length, key, key, key, key))


# --- damage: it may not --------------------------------------------------------------------------


def _flipped(data: bytes, rng: Random, start: int, stop: int) -> bytes:
    """One to a few hundred bits flipped in a part of the data."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 5, 20, 200)) if 0 <= start < stop else 0):
        damaged[rng.randrange(start, stop)] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _flip_anywhere(data: bytes, rng: Random) -> bytes:
    return _flipped(data, rng, 0, len(data))


def _damage_range(data: bytes, rng: Random) -> bytes:
    """Some bytes zeroed, doubled or removed."""
    start = rng.randrange(len(data))
    stop = min(len(data), start + rng.choice((1, 10, 1000, 20_000)))
    part = data[start:stop]
    return data[:start] + rng.choice((bytes(len(part)), part * 2, b"")) + data[stop:]


def _truncate(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _damage_end(data: bytes, rng: Random) -> bytes:
    """Bits flipped where the cross-reference table, its stream or the trailer stands."""
    return _flipped(data, rng, max(0, len(data) - rng.choice((40, 400, 4000))), len(data))


def _change_raw_number(data: bytes, rng: Random) -> bytes:
    """A number that says where things lie, also of object and cross-reference streams."""
    keys = rb"(?:/(?:Size|Index|N|First|Length|Prev|W|XRefStm|Extends|Root|L|H|O|E|T)\b[ \[]*"
    matches = list(re.finditer(keys + rb"|startxref\s+)(\d+)", data))
    if not matches:
        return _flip_anywhere(data, rng)
    match = rng.choice(matches[-20:] + matches[:5])
    return data[: match.start(1)] + rng.choice(_EXTREMES) + data[match.end(1) :]


def _drop_raw_name(data: bytes, rng: Random) -> bytes:
    """An entry of the trailer, or of any dictionary written plainly, under another name."""
    keys = rb"/(?:Root|Size|Info|ID|Prev|Type|Pages|Kids|Count|XRef|ObjStm|W|Index|Encrypt)\b"
    matches = list(re.finditer(keys, data))
    if not matches:
        return _flip_anywhere(data, rng)
    match = rng.choice(matches)
    return data[: match.start() + 1] + b"X" + data[match.start() + 2 :]


def _damage_table(data: bytes, rng: Random) -> bytes:
    """Wrong places in the cross-reference table."""
    entries = list(re.finditer(rb"\d{10} \d{5} [nf]", data))
    if not entries:
        return _damage_end(data, rng)
    damaged = bytearray(data)
    for entry in rng.sample(entries, min(len(entries), rng.choice((1, 3, 50)))):
        damaged[entry.start() : entry.start() + 10] = b"%010d" % rng.randrange(len(data) + 10)
    return bytes(damaged)


_EDITS: tuple[Callable[[Objects, Random], None], ...] = (
    _flip_unpacked,
    _flip_unpacked,
    _change_unpacked_number,
    _flip_packed,
    _swap_objects,
    _remove_object,
    _change_number,
    _change_number,
    _change_name,
    _change_filter,
    _redirect,
    _redirect,
    _add_hostile_entry,
    _add_hostile_entry,
    _add_hostile_content,
    _add_hostile_table,
    _add_nested_forms,
    _plant_bomb,
    _nest,
    _encrypt,
)
_DAMAGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip_anywhere,
    _damage_range,
    _truncate,
    _damage_end,
    _change_raw_number,
    _drop_raw_name,
    _damage_table,
)


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(mutate(Path(sys.argv[1]).read_bytes(), int(sys.argv[2])))

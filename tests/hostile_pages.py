"""Fifty PDFs whose second page is built to break whatever draws it; the first is a short text.

Beside `tests/hostile_pdfs.py`, whose files attack the reading, these attack the picture: boxes of
any size, images, forms, patterns, shadings and texts that grow out of all proportion.

python -m tests.hostile_pages FOLDER    write them all
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image

from tests.hostile_pdfs import packed
from tests.mutations import Objects, append, flate, with_stream, written

HOSTILE = 2
"""The number of the hostile page."""
_A4 = b"[0 0 595 842]"
_GB = 2**30
_HELLO = b"BT /F 20 Tf 9 9 Td (Hostile page) Tj ET\n"

# Objects: 1 catalogue, 2 page tree, 3 the first page, 4 font, 5 its content, 6 the hostile page,
# 7 its content, 8 its resources.


def pdf(
    content: bytes = _HELLO, box: bytes = _A4, entries: bytes = b"", *,
    objects: Objects | None = None, resources: bytes = b"",
) -> bytes:  # fmt: skip
    """A PDF whose second page has this content, media box, further entries and resources.

    `objects` are numbered from 9.
    """
    first = b"BT /F 12 Tf 72 760 Td (Issued 2026-05-07. Rare earth exports were discussed.) Tj ET"
    font = b"/Font << /F 4 0 R >>"
    made: Objects = {
        0: b"<< /Root 1 0 R >>",
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox %b /Contents 5 0 R /Resources << %b >> >>"
        % (_A4, font),
        4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        5: flate(first),
        6: b"<< %b /Type /Page /Parent 2 0 R /MediaBox %b /Contents 7 0 R /Resources 8 0 R >>"
        % (entries, box),
        7: flate(content),
        8: b"<< %b %b >>" % (resources, b"" if b"/Font" in resources else font),
    }
    return written(made | (objects or {}))


def _stream(head: bytes, data: bytes) -> bytes:
    """A stream's object; the data is compressed here."""
    entries = b"<< %b /Filter /FlateDecode /Length 0 >>" % head
    return with_stream(entries, zlib.compress(data, 1))


def _raw(head: bytes, data: bytes) -> bytes:
    """A stream's object of data that is compressed as its entries say."""
    return with_stream(b"<< %b /Length 0 >>" % head, data)


# --- boxes ----------------------------------------------------------------------------------------

BOXES: dict[str, tuple[bytes, bytes]] = {
    "box of 8,000 points": (b"[0 0 8000 8000]", b""),
    "box of 14,400 points, UserUnit 10": (b"[0 0 14400 14400]", b"/UserUnit 10"),
    "box of a thousand million points": (b"[0 0 1000000000 1000000000]", b""),
    "box of 4 thousand million points around 0": (b"[-2000000000 -2000000000 2e9 2000000000]", b""),
    "box beyond any float": (b"[0 0 %b %b]" % (b"9" * 60, b"9" * 60), b""),
    "UserUnit of 1e30": (_A4, b"/UserUnit 1" + b"0" * 30),
    "a strip, tall": (b"[0 0 10 100000]", b""),
    "a strip, wide": (b"[0 0 100000 10]", b"/Rotate 90"),
    "a box of nothing": (b"[0 0 0 0]", b""),
    "a box the wrong way round": (b"[595 842 0 0]", b""),
    "a box of no numbers": (b"[nan -inf inf (x)]", b""),
    "a box smaller than a pixel": (b"[0 0 0.001 0.001]", b""),
    "a crop outside the page": (_A4, b"/CropBox [5000 5000 6000 6000]"),
    "a crop of half a point, turned": (b"[0 0 9000 9000]", b"/CropBox [0 0 0.5 9000] /Rotate 270"),
}


def _boxed(kind: str) -> bytes:
    box, entries = BOXES[kind]
    return pdf(box=box, entries=entries)


# --- images ---------------------------------------------------------------------------------------


def _with_image(image: bytes, content: bytes = b"595 0 0 842 0 0 cm /I Do") -> bytes:
    return pdf(content, objects={9: image}, resources=b"/XObject << /I 9 0 R >>")


def _image_head(side: int, colours: bytes, filters: bytes, entries: bytes = b"") -> bytes:
    return (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 "
        b"/ColorSpace /%b /Filter %b %b" % (side, side, colours, filters, entries)
    )


def _gray_bomb() -> bytes:
    return _with_image(
        _raw(_image_head(30_000, b"DeviceGray", b"/FlateDecode"), packed(b"\x80", 30_000**2))
    )


def _colour_bomb() -> bytes:
    return _with_image(
        _raw(
            _image_head(65_000, b"DeviceRGB", b"[/FlateDecode /FlateDecode]"),
            packed(b"\x80", 3 * _GB, times=2),
        )
    )


def _jpeg(side: int, claimed: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = claimed.to_bytes(2, "big") * 2
    return bytes(data)


def _jpeg_that_lies() -> bytes:
    return _with_image(_raw(_image_head(65_000, b"DeviceRGB", b"/DCTDecode"), _jpeg(64, 65_000)))


def _jpeg_2000(side: int, claimed: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "JPEG2000", no_jp2=True)
    size = side.to_bytes(4, "big") * 2  # the image's, and its one tile's
    data = out.getvalue().replace(size, claimed.to_bytes(4, "big") * 2)
    return _with_image(_raw(_image_head(claimed, b"DeviceRGB", b"/JPXDecode"), data))


def _fax() -> bytes:
    return _with_image(
        _raw(
            b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1 "
            b"/ColorSpace /DeviceGray /Filter /CCITTFaxDecode "
            b"/DecodeParms << /K -1 /Columns 60000 /Rows 60000 >>",
            b"\x00\x10\x01" * 1000,
        )
    )


def _jbig2() -> bytes:
    """A page of 60,000 by 60,000 and a generic region that fills it."""
    side = (60_000).to_bytes(4, "big")
    page = b"\0\0\0\0\x30\0\x01\0\0\0\x13" + side * 2 + b"\0" * 8 + b"\0\0\0"
    region = side * 2 + b"\0" * 9 + b"\0" + b"\x03\xff\xfd\xff\x02\xfe\xfe\xfe" + b"\xff\xac" * 99
    part = b"\0\0\0\x01\x26\0\x01" + len(region).to_bytes(4, "big") + region
    return _with_image(
        _raw(
            b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1 "
            b"/ColorSpace /DeviceGray /Filter /JBIG2Decode",
            page + part,
        )
    )


def _soft_masked_image() -> bytes:
    head = _image_head(4_000, b"DeviceRGB", b"/FlateDecode", b"/SMask 10 0 R")
    image = _raw(head, packed(b"\x80", 48_000_000))
    mask = _raw(_image_head(25_000, b"DeviceGray", b"/FlateDecode"), packed(b"\x40", 25_000**2))
    return pdf(
        b"595 0 0 842 0 0 cm /I Do", objects={9: image, 10: mask},
        resources=b"/XObject << /I 9 0 R >>",
    )  # fmt: skip


def _image_again_and_again() -> bytes:
    image = _raw(_image_head(3_000, b"DeviceRGB", b"/FlateDecode"), packed(b"\x80", 27_000_000))
    return _with_image(image, b"q 595 0 0 842 0 0 cm /I Do Q\n" * 3_000)


def _noise() -> bytes:
    data = Random(5).randbytes(1_400 * 1_400 * 3)
    return pdf(
        b"1000 0 0 1000 0 0 cm /I Do", b"[0 0 1000 1000]",
        objects={9: _stream(_image_head(1_400, b"DeviceRGB", b"/FlateDecode")
                            .replace(b"/Filter /FlateDecode", b""), data)},
        resources=b"/XObject << /I 9 0 R >>",
    )  # fmt: skip


def _inline_images() -> bytes:
    one = b"q 9 0 0 9 0 0 cm BI /W 9 /H 9 /BPC 8 /CS /G ID " + b"\x80" * 81 + b" EI Q\n"
    return pdf(one * 100_000)


def _stencils() -> bytes:
    mask = _raw(
        b"/Type /XObject /Subtype /Image /Width 20000 /Height 20000 /BitsPerComponent 1 "
        b"/ImageMask true /Filter /FlateDecode",
        packed(b"\xaa", 50_000_000),
    )
    return _with_image(mask, b"q 595 0 0 842 0 0 cm /I Do Q\n" * 50)


# --- forms, groups and masks ----------------------------------------------------------------------


def _form(content: bytes, resources: bytes = b"", entries: bytes = b"") -> bytes:
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << %b >> %b"
    return _stream(head % (resources, entries), content)


_GROUP = b"/Group << /S /Transparency /I true /K true >>"


def _forms_of_forms(levels: int, each: int, entries: bytes = b"", extra: bytes = b"") -> bytes:
    """Forms that each draw the next so many times."""
    objects: Objects = {}
    for level in range(levels):
        resources = b"/XObject << /X %d 0 R >> /Font << /F 4 0 R >> %b" % (10 + level, extra)
        content = b"/G gs " if extra else b""
        objects[9 + level] = _form(content + b"/X Do " * each, resources, entries)
    objects[9 + levels] = _form(b"0 0 9 9 re f ", b"", entries)
    return pdf(b"/X Do", objects=objects, resources=b"/XObject << /X 9 0 R >>")


def _form_of_itself() -> bytes:
    objects = {9: _form(b"/X Do /X Do", b"/XObject << /X 9 0 R >>", _GROUP)}
    return pdf(b"/X Do", objects=objects, resources=b"/XObject << /X 9 0 R >>")


def _masks_of_masks() -> bytes:
    objects: Objects = {}
    count = 60
    for at in range(count):
        state = b"<< /SMask << /S /Luminosity /G %d 0 R >> >>" % (10 + at)
        objects[9 + at] = _form(
            b"/G gs 0.5 g 0 0 595 842 re f " * 2, b"/ExtGState << /G %b >>" % state, _GROUP
        )
    objects[9 + count] = _form(b"1 g 0 0 595 842 re f ", b"", _GROUP)
    return pdf(b"/X Do", objects=objects, resources=b"/XObject << /X 9 0 R >>")


# --- patterns and shadings ------------------------------------------------------------------------


def _tiles(step: bytes, content: bytes = b"0 0 1 1 re f", box: bytes = b"[0 0 1 1]") -> bytes:
    head = (
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox %b /XStep %b /YStep %b "
        b"/Resources << >>"
    )
    return pdf(
        b"/Pattern cs /P scn 0 0 595 842 re f",
        objects={9: _stream(head % (box, step, step), content)},
        resources=b"/Pattern << /P 9 0 R >>",
    )


def _tiles_of_tiles() -> bytes:
    head = (
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 50 50] /XStep 3 "
        b"/YStep 3 /Resources << /Pattern << /P %d 0 R >> >>"
    )
    content = b"/Pattern cs /P scn 0 0 50 50 re f"
    objects = {9 + at: _stream(head % (10 + at), content) for at in range(8)}
    objects[17] = _stream(head % 17, b"0 0 9 9 re f")
    return pdf(
        b"/Pattern cs /P scn 0 0 595 842 re f", objects=objects,
        resources=b"/Pattern << /P 9 0 R >>",
    )  # fmt: skip


def _shaded(shading: bytes, function: bytes = b"", times: int = 1) -> bytes:
    return pdf(
        b"/S sh " * times, objects={9: shading, 10: function or b"null"},
        resources=b"/Shading << /S 9 0 R >>",
    )  # fmt: skip


def _calculated_shading() -> bytes:
    """A colour of each place that takes 60,000 steps to calculate."""
    head = b"/FunctionType 4 /Domain [0 595 0 842] /Range [0 1 0 1 0 1] "
    steps = b"dup mul sqrt " * 20_000
    return _shaded(
        b"<< /ShadingType 1 /ColorSpace /DeviceRGB /Domain [0 595 0 842] /Function 10 0 R >>",
        _stream(head, b"{ " + steps + b" 0.5 }"),
    )


def _stitched_shading() -> bytes:
    """Functions that are made of each other, ten of the next in each."""
    objects: Objects = {}
    for at in range(12):
        parts = b"%d 0 R " % (11 + at) * 10
        bounds = b" ".join(b"%.1f" % (part / 10) for part in range(1, 10))
        objects[10 + at] = (
            b"<< /FunctionType 3 /Domain [0 1] /Functions [%b] /Bounds [%b] /Encode [%b] >>"
            % (parts, bounds, b"0 1 " * 10)
        )
    objects[22] = b"<< /FunctionType 2 /Domain [0 1] /C0 [0 0 0] /C1 [1 1 1] /N 1 >>"
    objects[9] = (
        b"<< /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 595 842] /Function 10 0 R >>"
    )
    return pdf(b"/S sh", objects=objects, resources=b"/Shading << /S 9 0 R >>")


def _sampled_shading() -> bytes:
    head = (
        b"/FunctionType 0 /Domain [0 1 0 1] /Range [0 1 0 1 0 1] /Size [30000 30000] "
        b"/BitsPerSample 8 /Filter /FlateDecode"
    )
    return _shaded(
        b"<< /ShadingType 1 /ColorSpace /DeviceRGB /Matrix [595 0 0 842 0 0] /Function 10 0 R >>",
        _raw(head, packed(b"\x7f", 2 * _GB)),
    )


def _mesh(kind: int, size: int) -> bytes:
    head = (
        b"/ShadingType %d /ColorSpace /DeviceRGB /BitsPerCoordinate 8 /BitsPerComponent 8 "
        b"/BitsPerFlag 8 /Decode [0 595 0 842 0 1 0 1 0 1]" % kind
    )
    data = Random(kind).randbytes(60_000)
    if kind in (6, 7):  # each patch anew
        step = 37 if kind == 6 else 45
        data = b"".join(b"\0" + data[at : at + step - 1] for at in range(0, len(data), step))
    return _shaded(_stream(head, data * (size // len(data))))


def _radial_shadings() -> bytes:
    shading = (
        b"<< /ShadingType 3 /ColorSpace /DeviceRGB /Coords [300 400 1 300 400 1e9] "
        b"/Extend [true true] /Function << /FunctionType 2 /Domain [0 1] /C0 [0 0 0] "
        b"/C1 [1 1 1] /N 1 >> >>"
    )
    return _shaded(shading, times=2_000)


# --- paths ----------------------------------------------------------------------------------------


def _lines(count: int) -> bytes:
    rng = Random(7)
    part = b"".join(
        b"%d %d m %d %d l S\n" % tuple(rng.randrange(842) for _ in range(4)) for _ in range(10_000)
    )
    return pdf(part * (count // 10_000))


def _one_long_path() -> bytes:
    rng = Random(8)
    part = b"".join(
        b"%d %d %d %d %d %d c\n" % tuple(rng.randrange(842) for _ in range(6))
        for _ in range(10_000)
    )
    return pdf(b"0 0 m\n" + part * 30 + b"f*")


def _clips() -> bytes:
    rng = Random(9)
    part = b"".join(
        b"q %d %d 300 300 re %d %d 200 0 400 400 v W* n 0 0 595 842 re f\n"
        % tuple(rng.randrange(300) for _ in range(4))
        for _ in range(10_000)
    )
    return pdf(part * 5)


# --- text -----------------------------------------------------------------------------------------


def _characters(count: int) -> bytes:
    line = b"(" + b"Rare earth exports were discussed at some length. " * 2 + b") '\n"
    return pdf(b"BT /F 1 Tf 1 TL 0 842 Td\n" + line * (count // 100) + b"ET")


def _type_3(glyph: bytes, text: bytes) -> bytes:
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] "
        b"/FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 65 /LastChar 65 "
        b"/Widths [1000] /Encoding << /Differences [65 /a] >> "
        b"/CharProcs << /a 10 0 R >> /Resources << /Font << /F 9 0 R >> >> >>"
    )
    return pdf(text, objects={9: font, 10: flate(glyph)}, resources=b"/Font << /F 9 0 R >>")


def _drawn_glyphs() -> bytes:
    glyph = b"1000 0 d0 " + b"0 0 m 900 100 100 900 900 900 c 1 0 0 rg f\n" * 2_000
    return _type_3(glyph, b"BT /F 9 Tf 0 800 Td (" + b"A" * 20_000 + b") Tj ET")


def _glyph_of_itself() -> bytes:
    return _type_3(
        b"1000 0 d0 BT /F 1 Tf (AAAAAAAAAA) Tj ET", b"BT /F 9 Tf 0 800 Td (AAAAAAAAAA) Tj ET"
    )


def _clip_of_text() -> bytes:
    return pdf(
        b"q BT /F 9 Tf 7 Tr 9 TL 0 842 Td\n" + b"(Rare earth exports were discussed) '\n" * 15_000
        + b"ET 0 0 595 842 re f Q"
    )  # fmt: skip


def _font_bomb() -> bytes:
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /Bomb /FontDescriptor 10 0 R >>"
    descriptor = b"<< /Type /FontDescriptor /FontName /Bomb /Flags 4 /FontFile2 11 0 R >>"
    head = b"\0\1\0\0\0\1\0\x10\0\0\0\0glyf\0\0\0\0\0\0\0\x1c\x7f\xff\xff\xff"
    return pdf(
        objects={9: font, 10: descriptor,
                 11: _raw(b"/Filter /FlateDecode", packed(b"\0", _GB, head=head))},
        resources=b"/Font << /F 9 0 R >>",
    )  # fmt: skip


def _to_unicode_bomb() -> bytes:
    table = b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
    unit = b"100 beginbfrange\n" + b"<0000> <ffff> <0000>\n" * 100 + b"endbfrange\n"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 10 0 R >>"
    return pdf(
        objects={9: font, 10: _raw(b"/Filter /FlateDecode", packed(unit, 2**27, head=table))},
        resources=b"/Font << /F 9 0 R >>",
    )


# --- the document ---------------------------------------------------------------------------------


def _deep_tree() -> bytes:
    objects: Objects = {}
    below = 6
    for number in range(9, 5_009):
        objects[number] = b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % below
        below = number
    objects[2] = b"<< /Type /Pages /Kids [3 0 R %d 0 R] /Count 2 >>" % below
    return pdf(objects=objects)


def _content_again_and_again() -> bytes:
    objects: Objects = {9: flate(b"0 0 595 842 re f " * 100_000)}
    return pdf(entries=b"/Contents [%b]" % (b"9 0 R " * 50_000), objects=objects)


def _content_bomb() -> bytes:
    objects: Objects = {9: _raw(b"/Filter /FlateDecode", packed(b"q 0 0 9 9 re f Q ", _GB))}
    return pdf(entries=b"/Contents 9 0 R", objects=objects)


def _annotations() -> bytes:
    objects: Objects = {9: _form(b"0 0 595 842 re f " * 50, b"", _GROUP)}
    annotation = append(
        objects,
        b"<< /Type /Annot /Subtype /Stamp /Rect [0 0 595 842] /F 4 /AP << /N 9 0 R >> >>",
    )
    return pdf(entries=b"/Annots [%b]" % (b"%d 0 R " % annotation * 50_000), objects=objects)


_MADE: dict[str, Callable[[], bytes]] = {
    "a gray image of 900 million pixels": _gray_bomb,
    "a colour image packed twice": _colour_bomb,
    "a JPEG that says 65,000 by 65,000": _jpeg_that_lies,
    "a JPEG 2000 that says 60,000 by 60,000": lambda: _jpeg_2000(64, 60_000),
    "a fax of 60,000 by 60,000": _fax,
    "a JBIG2 of 60,000 by 60,000": _jbig2,
    "a soft mask of 625 million pixels": _soft_masked_image,
    "an image 3,000 times": _image_again_and_again,
    "noise": _noise,
    "100,000 inline images": _inline_images,
    "stencils of 400 million pixels": _stencils,
    "forms of forms, 10 to the 9th": lambda: _forms_of_forms(9, 10),
    "groups of groups, 2 to the 20th": lambda: _forms_of_forms(20, 2, _GROUP),
    "300 groups in each other": lambda: _forms_of_forms(300, 1, _GROUP),
    "a form of itself": _form_of_itself,
    "masks of masks": _masks_of_masks,
    "tiles of a hundredth of a point": lambda: _tiles(b"0.01"),
    "a tile of a million points": lambda: _tiles(b"1", box=b"[0 0 1000000 1000000]"),
    "tiles of tiles": _tiles_of_tiles,
    "a shading of 60,000 steps a pixel": _calculated_shading,
    "a shading of functions of functions": _stitched_shading,
    "a shading of 900 million samples": _sampled_shading,
    "a mesh of triangles": lambda: _mesh(4, 30_000_000),
    "a mesh of patches": lambda: _mesh(7, 12_000_000),
    "2,000 radial shadings": _radial_shadings,
    "500,000 lines": lambda: _lines(500_000),
    "a path of 300,000 curves": _one_long_path,
    "50,000 clips": _clips,
    "a line of a thousand million dashes": lambda: pdf(
        b"[0.00001 0.00001] 0 d 0 0 m 10000 10000 l S\n" * 10
    ),
    "500,000 states in each other": lambda: pdf(b"q 1 0 0 1 0.001 0 cm " * 500_000 + _HELLO),
    "1,000,000 characters": lambda: _characters(1_000_000),
    "glyphs that are drawings": _drawn_glyphs,
    "a glyph of itself": _glyph_of_itself,
    "a clip of 500,000 characters": _clip_of_text,
    "a font of a gigabyte": _font_bomb,
}
_MADE |= {
    "a character table of 128 MB": _to_unicode_bomb,
    "a page 5,000 levels deep": _deep_tree,
    "a content 50,000 times": _content_again_and_again,
    "a content of a gigabyte": _content_bomb,
    "50,000 annotations": _annotations,
}
KINDS = (*BOXES, *_MADE)


@cache
def hostile_page(kind: str) -> bytes:
    """A PDF of a kind."""
    return _boxed(kind) if kind in BOXES else _MADE[kind]()


if __name__ == "__main__":
    for number, kind in enumerate(KINDS):
        (Path(sys.argv[1]) / f"{number:02} {kind}.pdf").write_bytes(hostile_page(kind))

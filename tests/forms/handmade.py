"""The text in fonts whose bytes say little of their characters, as old Chinese programs wrote it.

The pages are laid out here, a line at a time; what differs is the font and how lines become bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from tests.forms.style import ABSTRACT, Heading, Style
from tests.forms.text import TEXT
from tests.forms.truth import Truth
from tests.forms.witness import truth_on

STYLE = Style(outline=False, contents="none", head=False)
_WIDTH, _HEIGHT, _MARGIN, _SIZE = 595, 842, 75, 10.5
_LINES = 36


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float = _SIZE
    heading: Heading | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """How a form writes: the fonts of a page, and a line as parts, each in one font."""

    fonts: dict[str, DictionaryObject]
    parts: Callable[[str], Iterator[tuple[str, bytes]]]


def write(make_script: Callable[[PdfWriter], Script], target: Path) -> None:
    """Write the text into a PDF."""
    writer = PdfWriter()
    script = make_script(writer)
    fonts = DictionaryObject(
        {NameObject(name): writer._add_object(font) for name, font in script.fonts.items()}
    )
    for number, lines in enumerate(_pages(), 1):
        page = writer.add_blank_page(_WIDTH, _HEIGHT)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data("\n".join(_operators(lines, number, script)).encode())
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
    writer.write(target)


def truth() -> Truth:
    """What every file of this module holds."""
    places = [
        page for page, lines in enumerate(_pages(), 1) for line in lines if line.heading is not None
    ]
    return truth_on(STYLE, places)


def gbk_mojibake(_: PdfWriter) -> Script:
    """A western font that was given the bytes of GBK: `目录` reads as `Ä¿Â¼`."""
    widths = ArrayObject([NumberObject(500)] * 256)
    font = _dictionary(
        Type=_name("Font"),
        Subtype=_name("TrueType"),
        BaseFont=_name("SimSun"),
        Encoding=_name("WinAnsiEncoding"),
        FirstChar=NumberObject(0),
        LastChar=NumberObject(255),
        Widths=widths,
    )
    return Script({"/F1": font}, _in_gbk)


def gbkp_euc_h(_: PdfWriter) -> Script:
    """A composite font that isn't embedded, with an encoding few libraries know."""
    system = _dictionary(
        Registry=TextStringObject("Adobe"),
        Ordering=TextStringObject("GB1"),
        Supplement=NumberObject(2),
    )
    latin = ArrayObject([NumberObject(1), NumberObject(95), NumberObject(500)])
    descendant = _dictionary(
        Type=_name("Font"),
        Subtype=_name("CIDFontType0"),
        BaseFont=_name("STSong-Light"),
        CIDSystemInfo=system,
        DW=NumberObject(1000),
        W=latin,
    )
    font = _dictionary(
        Type=_name("Font"),
        Subtype=_name("Type0"),
        BaseFont=_name("STSong-Light-GBKp-EUC-H"),
        Encoding=_name("GBKp-EUC-H"),
        DescendantFonts=ArrayObject([descendant]),
    )
    return Script({"/F1": font}, _in_gbk)


def founder(writer: PdfWriter) -> Script:
    """Fonts of Founder's typesetter: up to 94 glyphs each, named by their place; boxes here."""
    used = sorted({char for lines in _pages() for line in lines for char in line.text} | {*"0123"})
    places = {
        char: (f"/F{at // 94 + 1}", 0x21 + at % 94) for at, char in enumerate(used) if char != " "
    }
    box = DecodedStreamObject()
    box.set_data(b"1000 0 50 -100 950 850 d1 100 0 750 700 re s")
    glyph = writer._add_object(box)
    fonts = {
        name: _founder_font(glyph) for name in dict.fromkeys(name for name, _ in places.values())
    }

    def parts(text: str) -> Iterator[tuple[str, bytes]]:
        for char in text.replace(" ", ""):
            name, code = places[char]
            yield name, bytes([code])

    return Script(fonts, parts)


def _in_gbk(text: str) -> Iterator[tuple[str, bytes]]:
    yield "/F1", text.encode("gbk")


def _founder_font(glyph: IndirectObject) -> DictionaryObject:
    codes = range(0x21, 0x7F)
    names = [_name(f"G{code:02X}") for code in codes]
    return _dictionary(
        Type=_name("Font"),
        Subtype=_name("Type3"),
        FontBBox=ArrayObject(map(NumberObject, (0, -100, 1000, 900))),
        FontMatrix=ArrayObject(map(FloatObject, (0.001, 0, 0, 0.001, 0, 0))),
        CharProcs=DictionaryObject(dict.fromkeys(names, glyph)),
        Encoding=_dictionary(
            Type=_name("Encoding"),
            Differences=ArrayObject([NumberObject(codes[0]), *names]),
        ),
        FirstChar=NumberObject(codes[0]),
        LastChar=NumberObject(codes[-1]),
        Widths=ArrayObject([NumberObject(1000)] * len(codes)),
    )


# --- layout --------------------------------------------------------------------------------------


def _pages() -> list[list[_Line]]:
    """The text's lines, so many a page, the back page apart."""
    body = list(_body())
    pages = [body[start : start + _LINES] for start in range(0, len(body), _LINES)]
    back = TEXT.back_page
    return [*pages, [_Line(back.title, 14), *(_Line(text) for text in _wrapped(back.paragraphs))]]


def _body() -> Iterator[_Line]:
    yield _Line(TEXT.title, 22)
    yield _Line(TEXT.issuer, 12)
    yield _Line(STYLE.date_line, 12)
    yield _Line(ABSTRACT, 12)
    yield from (_Line(text) for text in _wrapped([TEXT.abstract]))
    for heading in STYLE.headings:
        size = 15 if heading.level == 1 else 12.5
        first, *rest = _wrap(heading.line, int(40 * _SIZE / size))
        yield _Line(first, size, heading)
        yield from (_Line(text, size) for text in rest)
        if heading.section:
            yield from (_Line(text) for text in _wrapped(heading.section.paragraphs))
    for reference in TEXT.references:
        yield from (_Line(text) for text in _wrap(f"{reference.number}. {reference.line}", 40))


def _wrapped(paragraphs: Sequence[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from _wrap(f"　　{paragraph}", 40)


def _wrap(text: str, width: int) -> list[str]:
    """Lines of so many full widths; a Latin word stays whole."""
    lines, room = [""], float(width)
    for word in _words(text):
        need = sum(1 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in word)
        if need > room:
            lines.append("")
            room = width
        lines[-1] += word
        room -= need
    return lines


def _words(text: str) -> Iterator[str]:
    word = ""
    for char in text:
        if char.isascii() and char != " ":
            word += char
            continue
        yield from (word, char) if word else (char,)
        word = ""
    if word:
        yield word


def _operators(lines: Sequence[_Line], number: int, script: Script) -> Iterator[str]:
    """A page's content stream: each line where it belongs, and the page's number below."""
    y = float(_HEIGHT - _MARGIN)
    for line in lines:
        yield from _shown(line.text, line.size, _MARGIN, y, script)
        y -= 1.6 * line.size
    yield from _shown(str(number), 9, _WIDTH / 2, 40, script)


def _shown(text: str, size: float, x: float, y: float, script: Script) -> Iterator[str]:
    yield f"BT 1 0 0 1 {x} {y:.2f} Tm"
    for font, data in script.parts(text):
        yield f"{font} {size} Tf <{data.hex()}> Tj"
    yield "ET"


def _name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def _dictionary(**entries: object) -> DictionaryObject:
    return DictionaryObject({_name(key): value for key, value in entries.items()})

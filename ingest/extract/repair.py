"""Characters as the page shows them, where a PDF's fonts say otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from archive.chinese.text import HAN
from archive.untrusted_text import without_surrogates
from ingest.extract.text_quality import common_share

LOST = "\ufffd"
"""Stands for a character whose glyph the PDF lacks, where the page shows an empty box."""

_KANGXI = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
# Unicode's EquivalentUnifiedIdeograph.txt for the blocks that no normalisation form maps:
# CJK Radicals Supplement and CJK Strokes, each character followed by its equivalent.
_RADICALS = (
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇𠘨⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑𡯂⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪𤴔⺫目⺬示"
    "⺭礻⺮𥫗⺯糹⺰纟⺱罓⺲罒⺳㓁⺴冗⺵𦉫⺶羊⺷𦍌⺸𦍋⺹耂⺺肀⺻聿⺼肉⺽𦥑⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇𧢲⻈讠⻉贝⻊𧾷⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕𨸏⻖阝⻗雨⻘青⻙韦⻚页"
    "⻛风⻜飞⻝食⻞𩙿⻟飠⻠饣⻡𩠐⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟㇆𠃌㇏乀㇐一㇑丨㇒丿㇓丿㇔丶㇕𠃍㇖乛㇗𠃊㇘𠃎㇙𠄌㇚亅㇛𡿨㇜𠃋㇝乀㇞𠃑㇟乚㇠乙㇡𠄎"
)
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_INVISIBLE = dict.fromkeys(
    [*range(1, 9), 0xB, 0xC, *range(0xE, 0x20), 0x7F, 0x200B, 0xFEFF, 0x2060]
)
_SHOWN = (
    _KANGXI
    | dict(zip(map(ord, _RADICALS[::2]), _RADICALS[1::2], strict=True))
    | _LIGATURES
    | _INVISIBLE
    | {0x00: LOST, 0xA0: " ", 0x2028: "\n", 0x2029: "\n", 0xAD: "-"}
    # Other characters whose glyph a font shares with a rarer one, which browsers then write.
    | dict(zip(map(ord, "⼾㬵∕‒〜\u2003"), "户胶／–～\u3000", strict=True))
    # Vertical forms, and those that GB18030-2000 had at private code points.
    | dict(zip(range(0xFE10, 0xFE1A), "，、。：；！？〖〗…", strict=True))
    | dict(zip(range(0xE78D, 0xE797), "，。、：；！？〖〗…", strict=True))
    | dict(zip(range(0xFE35, 0xFE45), "（）｛｝〔〕【】《》〈〉「」『』", strict=True))
)

_THRICE = re.compile(rf"([{HAN}\uff00-\uffef\u3000-\u303f])\1{{2}}")
_DRAWN_AGAIN = re.compile(rf"(?:{_THRICE.pattern}){{2}}")
_DOUBLE_LINE = re.compile(r"(?:(\S)\1){3,}")

_MOJIBAKE = re.compile(r"[\u00a1-\u00ff]")
_CP1252 = {byte: bytes((byte,)).decode("cp1252", "replace") for byte in range(0x80, 0xA0)}
_TO_BYTE = {ord(char): chr(byte) for byte, char in _CP1252.items() if char != LOST}


def as_shown(text: str) -> str:
    """A text in the characters its page shows: no radicals for han, no ligatures, no NULs.

    NULs stand for glyphs that are missing and become U+FFFD. Not NFKC: `，：（）` stay as they are.
    """
    text = without_surrogates(text.translate(_SHOWN))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def drawn_once(line: str) -> str:
    """A line without the repetitions of type made bold by drawing it two or three times."""
    if _DRAWN_AGAIN.search(line):  # two in a row are no coincidence
        return _THRICE.sub(r"\1", line)
    if line[:1] == line[1:2] and _DOUBLE_LINE.fullmatch(re.sub(r"\s", "", line)):
        return re.sub(r"(\S)\1", r"\1", line)
    return line


def from_gbk(lines: Sequence[str]) -> list[str] | None:
    """Lines whose GBK bytes were taken for Latin letters; None when they are something else."""
    text = "".join(lines)
    if len(_MOJIBAKE.findall(text)) < 0.2 * len(re.sub(r"\s", "", text)):
        return None
    decoded = [_decoded(line) for line in lines]
    return decoded if common_share("".join(decoded)) > 0.45 else None


def _decoded(line: str) -> str:
    """One line; a byte that belongs to no character is left as it is."""
    data = re.sub(r"(?<=[\u00a1-\u00ff]) (?=[\u00a1-\u00ff])", "", line).translate(_TO_BYTE)
    if any(ord(char) > 0xFF for char in data):
        return line
    return data.encode("latin-1").decode("gbk", "replace")

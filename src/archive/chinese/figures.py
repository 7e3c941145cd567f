"""The figures of a text: amounts, percentages and dates, so read that 700 万元 is 7 million yuan.

To add a unit, add a row to `_MEASURED` or a word to `_COUNTED`; to add a way of writing a date, add
a pattern to `_DATE_FORMS` beside the function that reads its named groups. Patterns are over folded
text, in lower case and half width; in a pattern a blank is a space that may be missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from archive.chinese.text import fold

Kind = Literal["amount", "percent", "date"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at [start, end) of a text, from `low` to `high`, which differ in a range.

    Amounts are in the unit's base, such as 元, 米 or 瓦时; one without a unit has the unit "".
    Dates are numbers YYYYMMDD, with 0 for a year or month that isn't named; every month has 31 days
    here, so that 2026 is 20260101 to 20261231 and 5月 is 501 to 531. A range of dates is two
    figures.
    """

    start: int
    end: int
    kind: Kind
    low: Decimal
    high: Decimal
    unit: str
    size: Decimal = Decimal(1)
    """How many of the unit the unit as written is: 1000 for 3 公里, which is 3000 米."""


@lru_cache(maxsize=1 << 10)
def find_figures(text: str) -> tuple[Figure, ...]:
    """The figures of a text in order; they don't overlap.

    Numbers that are parts of names (B300, 6G, GB/T 7714), versions, list numbers and citation
    marks are none; nor is a Chinese numeral without a measure word, or the 一 of 一家, an article.
    """
    folded, offsets = _folded(text)
    found: list[Figure] = []
    for form, read in _COMPILED:
        pieces: list[str] = []
        end = 0
        for match in form.finditer(folded):
            figures = tuple(read(match))
            found += figures
            if figures or read is _none:
                pieces += (folded[end : match.start()], _READ * len(match[0]))
                end = match.end()
        folded = "".join((*pieces, folded[end:]))
    found.sort(key=lambda figure: figure.start)
    return tuple(
        replace(figure, start=offsets[figure.start], end=offsets[figure.end - 1] + 1)
        for figure in found
    )


def agree(claimed: Figure, stated: Figure) -> bool:
    """Whether what is claimed follows from what is stated.

    A date may be claimed less precisely than it is stated, never more; a year or month that isn't
    named agrees with any. An amount agrees with the same amount in the same unit, or where one of
    the two names no unit; 个 is any unit of things that are counted.
    """
    if "date" in (claimed.kind, stated.kind):
        claimed, stated = _as_date(claimed), _as_date(stated)
        return claimed.kind == stated.kind and _contains(claimed, stated)
    if not (claimed.unit and stated.unit):
        claimed, stated = _as_written(claimed), _as_written(stated)
    same_value = (claimed.low, claimed.high) == (stated.low, stated.high)
    return same_value and claimed.kind == stated.kind and _same_unit(claimed.unit, stated.unit)


def _as_written(figure: Figure) -> Figure:
    return replace(figure, low=figure.low / figure.size, high=figure.high / figure.size)


def _contains(claimed: Figure, stated: Figure) -> bool:
    """Whether the days claimed hold the days stated, as far as both name year and month."""
    named = min(_place(claimed), _place(stated))
    low, high, first, last = (
        number % named for number in (claimed.low, claimed.high, stated.low, stated.high)
    )
    return low <= first <= last <= high


def _place(date: Figure) -> int:
    """A power of ten above the largest part of a date that is named."""
    return 10**8 if date.low >= 10**4 else 10**4 if date.low >= 100 else 100


def _as_date(figure: Figure) -> Figure:
    """An amount that may be a date otherwise written: `in 2026`, or 为期 3 天 for 为期 3 日."""
    if figure.unit == "天" and figure.size == 1 and figure.low <= 31:
        return replace(figure, kind="date")
    if figure.kind == "amount" and not figure.unit and 1900 <= figure.low == figure.high < 2200:
        year = figure.low * 10000
        return replace(figure, kind="date", low=year + 101, high=year + 1231)
    return figure


def _same_unit(one: str, other: str) -> bool:
    if one == other or not (one and other):
        return True
    return "个" in (one, other) and {one, other} <= COUNTING


_Read = Callable[[re.Match[str]], Iterator[Figure]]
"""Makes figures of a match, at the places they have in the folded text."""
_READ = "\0"
"""Stands where a character has been read, out of sight of the forms that follow."""


# Reading characters and numerals.

_FOLDED_KINDS = ("<wide>", "<narrow>", "<square>", "<noBreak>")
"""Characters that are read as what they stand for; ① and ² are no numbers of the text."""


@lru_cache(maxsize=1 << 12)
def _fold_character(char: str) -> str:
    decomposition = unicodedata.decomposition(char)
    if decomposition.startswith("<") and not decomposition.startswith(_FOLDED_KINDS):
        return char
    return fold(char).translate(_SIMPLE)


_SIMPLE = str.maketrans("萬億兩個餘點幾臺種週", "万亿两个余点几台种周")


def _folded(text: str) -> tuple[str, list[int]]:
    """A text folded, blanks as single spaces; and where each character came from."""
    chars: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for folded in _fold_character(char):
            blank = folded.isspace() and folded != "\n"
            if not (blank and chars and chars[-1] == " "):
                chars.append(" " if blank else folded)
                offsets.append(offset)
    return "".join(chars), offsets


_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_SCALES = {name: Decimal(size) for name, size in (_TENS | _MYRIADS).items()}
_SCALES |= {"thousand": Decimal(1000), "million": Decimal(10**6), "billion": Decimal(10**9)}
_SCALES |= {"trillion": Decimal(10**12), "mn": Decimal(10**6), "bn": Decimal(10**9)}
_SCALES |= {"m": Decimal(10**6), "tn": Decimal(10**12), "b": Decimal(10**9)}
_WORDS = {
    word: number
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty".split(),
        2,
    )
} | {
    word: number
    for number, word in zip(
        range(30, 100, 10), "thirty forty fifty sixty seventy eighty ninety".split(), strict=True
    )
}
_SCALE_WORD = re.compile("thousand|million|billion|trillion|[mbt]n|[mb百千万亿]")
_ABOUT = "多余来"
_APPROXIMATE = re.compile("([一二三四五六七八九两])([一二三四五六七八九])")


def _numeral(text: str) -> Decimal:
    """The value of 三千二百亿, 二〇二六, 三点五 or 十二."""
    whole, _, decimals = text.partition("点")
    value = Decimal(_whole(whole))
    if decimals:
        scales = decimals.lstrip("".join(_DIGITS))
        digits = decimals[: len(decimals) - len(scales)]
        value += Decimal("0." + "".join(str(_DIGITS[char]) for char in digits))
        for char in scales:
            value *= _SCALES[char]
    return value


def _whole(text: str) -> int:
    if text and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section, digit = section + (digit or 1) * _TENS[char], 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * _MYRIADS[char], 0, 0
        else:
            total, section, digit = total + (section + digit) * _MYRIADS[char], 0, 0
    return total + section + digit


def _values(text: str) -> tuple[Decimal, Decimal]:
    """From and to what a number goes: 700万, 1亿2000万, 7 million, 三千二百亿, 两三 (2 to 3)."""
    text = re.sub(f"[{_ABOUT}, ]", "", text)
    if text[0] in _DIGITS or text[0] in _TENS:
        pair = _APPROXIMATE.search(text)
        if pair and not re.search(f"[{''.join(_DIGITS)}]{{3}}", text):
            one, other = (text[: pair.start()] + pair[i] + text[pair.end() :] for i in (1, 2))
            if _numeral(one) < _numeral(other):
                return _numeral(one), _numeral(other)
        value = _numeral(text)
        return value, value
    total = Decimal(0)
    for part in re.finditer(r"([0-9.]+)([^0-9.]*)|[a-z]+", text):
        number, scales = (part[1], part[2]) if part[1] else _in_words(part[0])
        value = Decimal(number)
        for scale in _SCALE_WORD.findall(scales):
            value *= _SCALES[scale]
        total += value
    return total, total


def _in_words(text: str) -> tuple[str, str]:
    """An English number word apart from its scale: `twomillion`."""
    word = max((word for word in _WORDS if text.startswith(word)), key=len)
    return str(_WORDS[word]), text[len(word) :]


# Units.

_MEASURED: tuple[tuple[str, str, str], ...] = (
    # Base unit, how many of it one is, how it is written: alternatives of a pattern.
    ("元", "1", "元人民币|人民币元|人民币|元(?![素件器旦宇])|块钱|yuan|rmb|renminbi|cny"),
    ("美元", "1", "美元|美金|(?:us )?dollars?|usd"),
    ("欧元", "1", "欧元|euros?|eur"),
    ("日元", "1", "日元|yen|jpy"),
    ("港元", "1", "港元|港币|hkd"),
    ("英镑", "1", "英镑|pounds?|gbp"),
    ("韩元", "1", "韩元"),
    ("卢布", "1", "卢布"),
    ("%", "1", "%|percent(?!age)|per cent|pct"),
    ("%", "0.1", "‰"),
    ("%", "10", "成(?![为立本果功员都品交份就长分])"),
    ("百分点", "1", "个? 百分点|percentage points?|pp|ppts?"),
    ("百分点", "0.01", "个? 基点|basis points?|bps?"),
    ("倍", "1", "倍|times|x|fold"),
    ("月", "1", "个多?月|months?"),
    ("月", "12", "年(?![级代])|years?"),
    ("季度", "1", "个季度|quarters?"),
    ("工作日", "1", "个? 工作日|(?:working|business) days?"),
    ("天", "1", "天(?![然津空宫舟线])|日(?=[内后前以之均耗间])|days?"),
    ("天", "7", "个星期|星期|周(?![年期岁边])|weeks?"),
    ("秒", "1", "秒钟?|seconds?|s"),
    ("秒", "60", "分钟|minutes?|mins?"),
    ("秒", "3600", "个? 小时|个钟头|hours?|h|hrs?"),
    ("秒", "0.001", "毫秒|milliseconds?|ms"),
    ("秒", "0.000001", "微秒|microseconds?|us|μs"),
    ("秒", "0.000000001", "纳秒|nanoseconds?|ns"),
    ("岁", "1", "周?岁|years old"),
    ("米", "1", "米|met(?:er|re)s?|m"),
    ("米", "1000", "公里|kilomet(?:er|re)s?|km"),
    ("米", "0.01", "厘米|cm"),
    ("米", "0.001", "毫米|mm"),
    ("米", "0.000001", "微米|um|μm"),
    ("米", "0.000000001", "纳米|nanomet(?:er|re)s?|nm"),
    ("英寸", "1", "英寸|吋|inch(?:es)?"),
    ("海里", "1", "海里|nautical miles?"),
    ("英里", "1", "英里|miles?"),
    ("平方米", "1", "平方米|平米|square met(?:er|re)s?|m[2²]"),
    ("平方米", "1000000", "平方公里|平方千米|square kilomet(?:er|re)s?|km[2²]"),
    ("亩", "1", "亩"),
    ("公顷", "1", "公顷|hectares?"),
    ("立方米", "1", "立方米|标方|cubic met(?:er|re)s?|m[3³]"),
    ("升", "1", "升(?![至级值温])|lit(?:er|re)s?"),
    ("克", "1", "克(?![服隆拉])|grams?"),
    ("克", "1000", "公斤|kilograms?|kg"),
    ("克", "0.001", "毫克|mg"),
    ("克", "1000000", "吨|tonn?es?|tons?"),
    ("桶", "1", "桶|barrels?"),
    ("瓦时", "1", "瓦时|瓦·时|wh"),
    ("瓦时", "1000", "度电|kwh"),
    ("瓦时", "1000000", "兆瓦时|mwh"),
    ("瓦时", "1000000000", "吉瓦时|gwh"),
    ("瓦时", "1000000000000", "太瓦时|twh"),
    ("瓦", "1", "瓦|watts?"),
    ("瓦", "1000", "kw|kilowatts?"),
    ("瓦", "1000000", "兆瓦|mw|megawatts?"),
    ("瓦", "1000000000", "吉瓦|gw|gigawatts?"),
    ("伏", "1", "伏特?|volts?|v"),
    ("安", "1", "安培|amp(?:ere)?s?"),
    ("安时", "1", "安时|ah"),
    ("赫兹", "1", "赫兹|赫|hz"),
    ("赫兹", "1000000", "兆赫兹?|mhz"),
    ("赫兹", "1000000000", "吉赫兹?|ghz"),
    ("帕", "1", "帕"),
    ("帕", "1000000", "兆帕|mpa"),
    ("帕", "1000000000", "吉帕|gpa"),
    ("牛", "1", "牛顿?(?!米)"),
    ("摄氏度", "1", "摄氏度|℃|°c|degrees celsius"),
    ("度", "1", "度(?![过假])|°"),
    ("开尔文", "1", "开(?![发始展通放工])|k"),
    ("开尔文", "0.001", "毫开|mk"),
    ("分贝", "1", "分贝|db"),
    ("特斯拉", "1", "特斯拉(?!上)|t"),
    ("比特", "1", "个? (?:量子|物理|逻辑)? 比特|bits?|qubits?"),
    ("比特", "1000000", "兆比特|mbps"),
    ("比特", "1000000000", "吉比特|gbps"),
    ("字节", "1", "字节|bytes?"),
    ("字节", "1000000", "兆字节|mb"),
    ("字节", "1000000000", "吉字节|gb"),
    ("字节", "1000000000000", "太字节|tb"),
    ("词元", "1", "个? 词元|tokens?"),
    ("tops", "1", "tops"),
    ("flops", "1000000000000000000", "eflops|exaflops"),
    ("flops", "1000000000000000", "pflops|petaflops"),
    ("flops", "1000000000000", "tflops|teraflops"),
)
MEASURES = frozenset(unit for unit, _, _ in _MEASURED)
"""The base units of what is measured rather than counted."""
_COUNTED = (
    "个 家 台(?![河县湾北积风州账]) 种 类 项 条(?![件例]) 座 架次 架 人次 班次 次(?![级要元])"
    " 件 份(?![额]) 张 支 枚 颗 片 套 辆 艘 只 头 批(?![准评复]) 轮(?![车胎毂值]) 届"
    " 期(?![间货末权限]) 款 号(?![称召]) 栋 户 篇 章 页 组 卡 层 代(?![表理]) 级 起 笔 宗 例 株"
    " 粒 块 股 场 副 根 手(?![段机工动]) 标箱 城(?![市镇区乡建投])"
    " 地(?![区方点面位下产带域块铁级形理质]) 折(?![叠旧算合射返断线])"
    " 所(?=[高大中小学院医幼科研])"
).split()
_PEOPLE = "个人|名(?![单义为称额])|位(?![于置列数])|人(?![形工民才口大类均])|people|persons?"
_ARTICLED = re.compile(r"[一二](?![零〇一二三四五六七八九十百千万亿点])")
"""Where 一 is an article, and 二 an ordinal."""

_LOOKAHEAD = re.compile(r"\(\?[=!][^)]*\)")
COUNTING = frozenset({"人", *(_LOOKAHEAD.sub("", word) for word in _COUNTED)})
"""The units of what is counted one by one."""
_ROWS: tuple[tuple[str, str, str], ...] = (
    *_MEASURED,
    ("人", "1", _PEOPLE),
    ("省", "1", "个? 省(?![级会内外略电力心])"),
    *((_LOOKAHEAD.sub("", word), "1", word) for word in _COUNTED),
)
_PREFIXES = {
    "元": "rmb|cny|cn¥|¥|人民币",
    "美元": r"us\$|usd|\$|us dollars?",
    "欧元": "€|eur",
    "英镑": "£|gbp",
    "港元": r"hk\$|hkd",
    "日元": "jpy|jp¥",
}


@lru_cache(maxsize=1 << 10)
def _unit(text: str) -> tuple[str, Decimal]:
    """The base unit of a unit as written, and how many of it one is."""
    for name, size, pattern in _ROWS:
        if re.fullmatch(_spaced(_LOOKAHEAD.sub("", pattern)), text):
            return name, Decimal(size)
    raise AssertionError(text)


def _currency(text: str) -> str:
    return next(name for name, pattern in _PREFIXES.items() if re.fullmatch(_spaced(pattern), text))


def _spaced(pattern: str) -> str:
    return pattern.replace(" ", " ?")


def _alternatives() -> str:
    """All units as one pattern, the longest first; Latin ones end with the word."""
    words = [word for _, _, pattern in _ROWS for word in re.split(r"\|(?![^(]*\))", pattern)]
    words.sort(key=lambda word: -len(_LOOKAHEAD.sub("", word)))
    han = [word for word in words if not re.match("[(a-z°μ]", word)]
    latin = [word for word in words if re.match("[(a-z°μ]", word)]
    return f"(?:{'|'.join(han)}|-?(?:{'|'.join(latin)})(?![a-z0-9]))"


# Amounts.

_TO = r" (?:-|~|至|到|\bto\b) "
_HALF = Decimal("0.5")
_DECIMAL = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,12})?(?!\.?[0-9])(?!,[0-9]{3}(?![0-9]))"
)
_HAN_SCALES = "(?:百(?!分)|千(?!兆)|[万亿])+"
_SCALE = f"(?:{_HAN_SCALES}|(?:thousand|million|billion|trillion|[mbt]n)(?![a-z]))"
_ARABIC = f"{_DECIMAL}(?: [{_ABOUT}]? {_SCALE}(?: {_DECIMAL} {_HAN_SCALES})*)?"
_HAN = (
    f"(?<!周)(?<!星期)[一二三四五六七八九两十][零〇一二三四五六七八九两十百千万亿{_ABOUT}]{{0,20}}"
    "(?:点[零〇一二三四五六七八九]{1,8}[百千万亿]{0,2})?"
)
_WORD = f"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?![a-z])(?: {_SCALE})?"
_MONEY = "(?:" + "|".join(_PREFIXES.values()) + ")"


_PLUS = "(?<=[年天倍成])半(?![导年])|(?<=成)[一二三四五六七八九]"
"""Half a unit more, as in 一年半, or a tenth of it for each, as in 三成五."""


def _side(number: int) -> str:
    """The pattern of a number with its currency or unit."""
    return (
        f"(?:(?P<money{number}>{_MONEY}) (?P<paid{number}>{_DECIMAL}(?: {_SCALE}| [mb](?![a-z]))?)"
        f"|(?P<number{number}>{_ARABIC}|{_HAN}|{_WORD}))"
        f"(?:(?P<half{number}>个半(?:月|小时))|(?: [{_ABOUT}几])?"
        f" (?P<unit{number}>{_alternatives()})(?P<plus{number}>{_PLUS})?|(?!-?[a-z_]))"
    )


_AMOUNT = (
    r"(?<![0-9a-z_])(?<![0-9]\.)(?<![0-9],)(?<![a-z]-)(?<![几数])(?P<below>零下 |(?<![0-9%])-)?"
    f"(?P<ordinal>第 )?{_side(1)}(?:{_TO}{_side(2)})?"
)


_FROM = re.compile(r"(?:[从由自]|\bfrom) ?$")
"""From 3 to 5 are two figures; 3 to 5 is one."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One end of what may be a range: a number with the unit it has itself."""

    start: int
    end: int
    text: str
    low: Decimal
    high: Decimal
    unit: str
    size: Decimal
    is_paid: bool
    """Whether its currency stands before it."""

    @property
    def is_numeral(self) -> bool:
        return self.text[0] in _DIGITS or self.text[0] in _TENS

    @property
    def figure(self) -> Figure:
        low, high = self.low * self.size, self.high * self.size
        return Figure(self.start, self.end, _kind(self.unit), low, high, self.unit, self.size)


def _kind(unit: str) -> Kind:
    return "percent" if unit in ("%", "百分点") else "amount"


def _read_amount(match: re.Match[str]) -> Iterator[Figure]:
    """The one or two figures of a number, or the one of a range."""
    sides = [side for side in (_read_side(match, 1), _read_side(match, 2)) if side]
    if match["ordinal"]:
        yield from _ordinals(sides)
        return
    if match["below"] and len(sides) == 1 and sides[0].unit == "摄氏度":
        low = -sides[0].low
        yield Figure(sides[0].start, sides[0].end, "amount", low, low, "摄氏度")
        return
    is_change = _FROM.search(match.string, max(0, match.start() - 6), match.start())
    figure = _range(*sides) if len(sides) == 2 and not is_change else None
    yield from [figure] if figure else (side.figure for side in sides if _counts(side))


def _read_side(match: re.Match[str], number: int) -> _Side | None:
    group = "number" if match[f"number{number}"] else "paid"
    if not (text := match[f"{group}{number}"]):
        return None
    low, high = _values(text)
    unit, size, end = "", Decimal(1), match.end(f"{group}{number}")
    if half := match[f"half{number}"]:
        unit, size = _unit(half.replace("半", ""))
        low, high, end = low + _HALF, high + _HALF, match.end(f"half{number}")
    elif written := match[f"unit{number}"]:
        unit, size = _unit(written.removeprefix("-"))
        end = match.end(f"unit{number}")
        if plus := match[f"plus{number}"]:
            more = Decimal(_DIGITS[plus]) / 10 if plus in _DIGITS else _HALF
            low, high, end = low + more, high + more, match.end(f"plus{number}")
    start = match.start(f"{group}{number}")
    if money := match[f"money{number}"]:
        unit, start = _currency(money), match.start(f"money{number}")
    return _Side(start, end, text, low, high, unit, size, bool(money))


def _counts(side: _Side) -> bool:
    """Whether a number that stands alone is one of the text's figures."""
    if not side.is_numeral:
        return True
    if not side.unit or (side.unit in ("元", "度", "瓦", "伏", "帕") and len(side.text) == 1):
        return False  # 三元材料
    return not (side.unit in COUNTING and _ARTICLED.fullmatch(side.text))


def _range(one: _Side, other: _Side) -> Figure | None:
    """The range between two numbers, of which one may leave out scale and unit."""
    unit = other.unit or (one.unit if one.is_paid else "")
    if (one.is_numeral and not unit) or (one.unit and one.unit != unit):
        return None
    low, high = one.low * (one.size if one.unit else other.size), other.high * other.size
    scaled = low
    largest = max((_SCALES[scale] for scale in _SCALE_WORD.findall(one.text)), default=Decimal(1))
    for scale in _SCALE_WORD.findall(other.text):
        scaled *= _SCALES[scale] if _SCALES[scale] > largest else 1
    if scaled < high:  # not in 5000 至 1 万元
        low = scaled
    if low >= high:
        return None
    return Figure(one.start, other.end, _kind(unit), low, high, unit, other.size)


def _ordinals(sides: list[_Side]) -> Iterator[Figure]:
    """第 301 条 is the 301st, not 301 of them; the first of something is no figure."""
    for side in sides:
        if (side.unit in COUNTING or not side.is_numeral) and side.low > 1:
            yield replace(side.figure, unit=f"第{side.unit}")


def _read_share(match: re.Match[str]) -> Iterator[Figure]:
    """百分之六, 百分之三至五, 四分之一."""
    whole, low = _share_of(match["whole"]), _values(match["part"])[0]
    high = _values(match["to"])[0] if match["to"] else low
    if whole and low <= high:
        low, high = (Decimal(100) * value / whole for value in (low, high))
        yield Figure(match.start(), match.end(), "percent", low, high, "%")


def _share_of(text: str) -> Decimal:
    return _SCALES.get(text) or _values(text)[0]


def _read_half(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure(match.start(), match.end(), "percent", Decimal(50), Decimal(50), "%")


def _read_half_price(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure(match.start(), match.end(), "amount", Decimal(5), Decimal(5), "折")


def _read_half_year(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure(match.start(), match.end(), "amount", Decimal(6), Decimal(6), "月")


# Dates.

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_PARTS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "上": 1, "下": 2}
_THIRDS = {None: (1, 31), "上": (1, 10), "中": (11, 20), "下": (21, 31)}


def _named(match: re.Match[str], name: str) -> int:
    """The number of a group, 0 where it isn't there."""
    text = match.groupdict().get(name) or ""
    if text[:3] in _MONTHS:
        return _MONTHS.index(text[:3]) + 1
    return _PARTS.get(text) or (int(_values(text)[0]) if text else 0)


def _dates(
    match: re.Match[str], single: str, *days: tuple[int, tuple[int, int], tuple[int, int]]
) -> Iterator[Figure]:
    """The one or two dates of a match, each a year with its first and last (month, day).

    The first of two ends with the group `single`, the second begins with the group `to`. There are
    none where one of them can't be.
    """
    for year, low, high in days:
        if not (year or low > (0, 0)) or any(m > 12 or not 1 <= d <= 31 for m, d in (low, high)):
            return
    ends = [match.end()] if len(days) == 1 else [match.end(single), match.end()]
    starts = [match.start()] if len(days) == 1 else [match.start(), match.start("to")]
    for start, end, (year, low, high) in zip(starts, ends, days, strict=True):
        first, last = (Decimal(year * 10000 + month * 100 + day) for month, day in (low, high))
        yield Figure(start, end, "date", first, last, "")


def _read_day(match: re.Match[str]) -> Iterator[Figure]:
    """A day, or the two days of a month that a range runs between."""
    year, month = _named(match, "year"), _named(match, "month")
    days = [(month, _named(match, name)) for name in ("day", "to") if match.groupdict().get(name)]
    return _dates(match, "day", *((year, day, day) for day in days))


def _read_month(match: re.Match[str]) -> Iterator[Figure]:
    """A month or a third of it, or the two months that a range runs between."""
    year = _named(match, "year")
    first, last = _THIRDS[match.groupdict().get("third")]
    months = [_named(match, name) for name in ("month", "to") if match.groupdict().get(name)]
    return _dates(match, "month", *((year, (month, first), (month, last)) for month in months))


def _read_part(match: re.Match[str]) -> Iterator[Figure]:
    """A quarter, the first quarters of a year, or half a year."""
    if half := _named(match, "half"):
        first, last = half * 6 - 5, half * 6
    elif quarters := _named(match, "quarters"):
        first, last = 1, quarters * 3
    else:
        quarter = _named(match, "quarter")
        first, last = quarter * 3 - 2, quarter * 3
    return _dates(match, "", (_named(match, "year"), (first, 1), (last, 31)))


def _read_year(match: re.Match[str]) -> Iterator[Figure]:
    """A year, or the two that a range runs between."""
    years = [_named(match, name) for name in ("year", "to") if match.groupdict().get(name)]
    return _dates(match, "year", *((year, (1, 1), (12, 31)) for year in years))


def _none(match: re.Match[str]) -> Iterator[Figure]:
    yield from ()


# No figures, though they hold digits: addresses, citation marks, list numbers, standards, versions,
# the number of a section before a number.
_NO_FIGURES = (
    r"https?://[^\s<>\"，。；）]+",
    r"[\[【]\^?\s*(?:来源|参考|注)?\s*[0-9]+(?:\s*[-,、;~]\s*[0-9]+)*\s*[\]】]",
    r"\([0-9]{1,2}\)",
    r"(?<![a-z])[a-z]{2,4}/[a-z]\s?[0-9]+(?:[.-][0-9]+)*",
    r"(?<![a-z])(?:gb|iso|iec|ieee|rfc|astm|din|jis)[ -]?[0-9]{3,}(?:[.:-][0-9]+)*",
    r"(?<![0-9a-z.])(?!(?:19|20|21)[0-9]{2}\.)v?[0-9]+(?:\.[0-9]+){2,}(?![0-9])",
    r"(?m)^ ?[0-9]{1,2}(?:\.[0-9]{1,2}){0,3}(?:[.、)](?![0-9])| (?=[0-9]))",
)
_HAN_DIGITS = "".join(_DIGITS)
_YEAR_NUMBER = (
    f"(?<![0-9a-z.])(?:19|20|21)[0-9]{{2}}|(?<![{_HAN_DIGITS}])[一二][{_HAN_DIGITS}]{{3}}"
)
_YEAR = f"(?P<year>{_YEAR_NUMBER}) 年度?"
_OF_YEAR = f"(?:{_YEAR} 的? )?"
_ALONE = rf"(?<![0-9.])(?<![0-9],)(?<![第百千万亿十{_HAN_DIGITS}])"
_HAN_MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_MONTH = f"{_ALONE}(?P<month>{_HAN_MONTH}) 月(?: 份)?"
_DAY_NUMBER = "(?:[0-3]?[0-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_DAY = "[日号]"
_EN_MONTH = (
    "(?<![a-z])(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_EN_DAY = "[0-3]?[0-9](?![0-9])"
_EN_YEAR = "(?:,? (?:of )?(?P<year>(?:19|20|21)[0-9]{2})(?![0-9a-z年]))"
_EN_LEAD = "|".join(
    rf"(?<=(?<![a-z]){word}\x20)" for word in "in since until by during early late mid of".split()
)
_ISO_YEAR = r"(?<![0-9a-z.])(?P<year>(?:19|20|21)[0-9]{2})"
_TH = "(?:st|nd|rd|th)?"

_DATE_FORMS: tuple[tuple[_Read, str], ...] = (
    (_read_day, rf"{_ISO_YEAR}(?P<sep>[-/.])(?P<month>[01]?[0-9])(?P=sep)(?P<day>{_EN_DAY})"),
    (
        _read_day,
        f"{_OF_YEAR}{_MONTH} (?P<day>{_DAY_NUMBER})(?: {_DAY})?(?:{_TO}|、)"
        f"(?P<to>{_DAY_NUMBER}) {_DAY}",
    ),
    (_read_day, f"{_OF_YEAR}{_MONTH} (?P<day>{_DAY_NUMBER}) {_DAY}"),
    (
        _read_day,
        f"{_EN_MONTH} (?P<day>{_EN_DAY}){_TH}(?:{_TO}(?P<to>{_EN_DAY}){_TH})?(?![a-z]){_EN_YEAR}?",
    ),
    (_read_day, f"(?<![0-9a-z.])(?P<day>{_EN_DAY}){_TH} (?:of )?{_EN_MONTH}{_EN_YEAR}?"),
    (_read_part, f"{_OF_YEAR}前 (?P<quarters>[23二三两]) 个?季度"),
    (_read_part, f"{_OF_YEAR}第? (?P<quarter>[1-4一二三四]) 季度"),
    (_read_part, f"{_YEAR} q(?P<quarter>[1-4])(?![0-9a-z])"),
    (_read_part, f"(?<![a-z0-9])q(?P<quarter>[1-4])(?![0-9a-z]){_EN_YEAR}?"),
    (_read_part, f"{_OF_YEAR}(?P<half>[上下])半年(?!报)"),
    (_read_part, f"(?<![a-z])(?P<quarter>first|second|third|fourth) quarter(?![a-z]){_EN_YEAR}?"),
    (_read_part, f"(?<![a-z])(?P<half>first|second) half(?![a-z]){_EN_YEAR}?"),
    (_read_month, rf"{_ISO_YEAR}-(?P<month>0[1-9]|1[0-2])(?![0-9-])"),
    (
        _read_month,
        f"{_OF_YEAR}{_ALONE}(?P<month>{_HAN_MONTH})(?: 月)?(?: 份)?{_TO}(?P<to>{_HAN_MONTH}) 月",
    ),
    (_read_month, f"{_OF_YEAR}{_MONTH}(?: (?P<third>[上中下])旬)?"),
    (_read_month, f"{_EN_MONTH} {_EN_YEAR}"),
    (_read_month, f"(?:{_EN_LEAD}){_EN_MONTH}"),
    (_read_year, f"(?P<year>{_YEAR_NUMBER}) 年?{_TO}(?P<to>{_YEAR_NUMBER}) 年度?"),
    (_read_year, _YEAR),
    (
        _read_day,
        f"{_ALONE}(?<![a-z])(?P<day>{_EN_DAY})(?: 日)?(?:{_TO}(?P<to>{_EN_DAY}))? 日"
        "(?![内后前以之均耗间本元])",
    ),
)
_NUMBER_OF_SHARE = f"[0-9]{{1,6}}|[{_HAN_DIGITS}十百千万]{{1,6}}"
_SHARE = (
    f"(?<![几数])(?P<whole>{_NUMBER_OF_SHARE}) 分 之 (?P<part>{_DECIMAL}|{_HAN}|百)"
    f"(?:{_TO}(?:百分之)?(?P<to>{_DECIMAL}|{_HAN}))?"
)

_COMPILED: tuple[tuple[re.Pattern[str], _Read], ...] = (
    *((re.compile(form), _none) for form in _NO_FIGURES),
    *((re.compile(_spaced(form)), read) for read, form in _DATE_FORMS),
    (re.compile(_spaced(_SHARE)), _read_share),
    (re.compile("一半(?!导)|半数|[过近]半(?![年数导天个月小自日点夜世程径场路])"), _read_half),
    (re.compile("(?<!针)对折(?![叠旧算合射返断线扣])"), _read_half_price),
    (re.compile("(?<![上下前后头大多个一二两三四五六七八九十年])半年(?![报度])"), _read_half_year),
    (re.compile(_spaced(_AMOUNT)), _read_amount),
)
"""What is looked for, in this order: a character belongs to the first that reads it."""

"""Amounts, shares and percentages in a text, by pattern: 700 万元, 百分之六, 3 至 5 家."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from archive.chinese.figure import Figure, Kind
from archive.chinese.number_words import (
    ABOUT,
    HAN_DIGITS,
    NUMBER_WORDS,
    SCALE_WORD,
    SCALES,
    TENS,
    values,
)
from archive.chinese.numerals import DIGITS, NINE
from archive.chinese.units import (
    ARTICLED,
    COUNTING,
    CURRENCY_SIGNS,
    base_unit,
    currency,
    unit_pattern,
)

TO = r" (?:-|~|至|到|\bto\b) "
_HALF = Decimal("0.5")
DECIMAL = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,12})?(?!\.?[0-9])(?!,[0-9]{3}(?![0-9]))"
)
_HAN_SCALES = "(?:百(?!分)|千(?!兆)|[万亿])+"
_SCALE = f"(?:{_HAN_SCALES}|(?:thousand|million|billion|trillion|[mbt]n)(?![a-z]))"
_ARABIC = f"{DECIMAL}(?: [{ABOUT}]? {_SCALE}(?: {DECIMAL} {_HAN_SCALES})*)?"
HAN_NUMBER = (
    f"(?<!周)(?<!星期)[{NINE}两十][零〇{NINE}两十百千万亿{ABOUT}]{{0,20}}"
    f"(?:点[零〇{NINE}]{{1,8}}[百千万亿]{{0,2}})?"
)
_WORD = f"(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})(?![a-z])(?: {_SCALE})?"
_MONEY = "(?:" + "|".join(CURRENCY_SIGNS.values()) + ")"


_PLUS = f"(?<=[年天倍成])半(?![导年])|(?<=成)[{NINE}]"
"""Half a unit more, as in 一年半, or a tenth of it for each, as in 三成五."""


def _side(number: int) -> str:
    """The pattern of a number with its currency or unit."""
    return (
        f"(?:(?P<money{number}>{_MONEY}) (?P<paid{number}>{DECIMAL}(?: {_SCALE}| [mb](?![a-z]))?)"
        f"|(?P<number{number}>{_ARABIC}|{HAN_NUMBER}|{_WORD}))"
        f"(?:(?P<half{number}>个半(?:月|小时))|(?: [{ABOUT}几])?"
        f" (?P<unit{number}>{unit_pattern()})(?P<plus{number}>{_PLUS})?|(?!-?[a-z_]))"
    )


AMOUNT = (
    r"(?<![0-9a-z_])(?<![0-9]\.)(?<![0-9],)(?<![a-z]-)(?<![几数])(?P<below>零下 |(?<![0-9%])-)?"
    f"(?P<ordinal>第 )?{_side(1)}(?:{TO}{_side(2)})?"
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
        return self.text[0] in DIGITS or self.text[0] in TENS

    @property
    def figure(self) -> Figure:
        low, high = self.low * self.size, self.high * self.size
        return Figure(self.start, self.end, _kind(self.unit), low, high, self.unit, self.size)


def _kind(unit: str) -> Kind:
    return "percent" if unit in ("%", "百分点") else "amount"


def read_amount(match: re.Match[str]) -> Iterator[Figure]:
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
    low, high = values(text)
    unit, size, end = "", Decimal(1), match.end(f"{group}{number}")
    if half := match[f"half{number}"]:
        unit, size = base_unit(half.replace("半", ""))
        low, high, end = low + _HALF, high + _HALF, match.end(f"half{number}")
    elif written := match[f"unit{number}"]:
        unit, size = base_unit(written.removeprefix("-"))
        end = match.end(f"unit{number}")
        if plus := match[f"plus{number}"]:
            more = Decimal(DIGITS[plus]) / 10 if plus in DIGITS else _HALF
            low, high, end = low + more, high + more, match.end(f"plus{number}")
    start = match.start(f"{group}{number}")
    if money := match[f"money{number}"]:
        unit, start = currency(money), match.start(f"money{number}")
    return _Side(start, end, text, low, high, unit, size, bool(money))


def _counts(side: _Side) -> bool:
    """Whether a number that stands alone is one of the text's figures."""
    if not side.is_numeral:
        return True
    if not side.unit or (side.unit in ("元", "度", "瓦", "伏", "帕") and len(side.text) == 1):
        return False  # 三元材料
    return not (side.unit in COUNTING and ARTICLED.fullmatch(side.text))


def _range(one: _Side, other: _Side) -> Figure | None:
    """The range between two numbers, of which one may leave out scale and unit."""
    unit = other.unit or (one.unit if one.is_paid else "")
    if (one.is_numeral and not unit) or (one.unit and one.unit != unit):
        return None
    low, high = one.low * (one.size if one.unit else other.size), other.high * other.size
    scaled = low
    largest = max((SCALES[scale] for scale in SCALE_WORD.findall(one.text)), default=Decimal(1))
    for scale in SCALE_WORD.findall(other.text):
        scaled *= SCALES[scale] if SCALES[scale] > largest else 1
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


def read_share(match: re.Match[str]) -> Iterator[Figure]:
    """百分之六, 百分之三至五, 四分之一."""
    whole, low = _share_of(match["whole"]), values(match["part"])[0]
    high = values(match["to"])[0] if match["to"] else low
    if whole and low <= high:
        low, high = (Decimal(100) * value / whole for value in (low, high))
        yield Figure(match.start(), match.end(), "percent", low, high, "%")


def _share_of(text: str) -> Decimal:
    return SCALES.get(text) or values(text)[0]


def read_half(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure(match.start(), match.end(), "percent", Decimal(50), Decimal(50), "%")


def read_half_price(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure(match.start(), match.end(), "amount", Decimal(5), Decimal(5), "折")


def read_half_year(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure(match.start(), match.end(), "amount", Decimal(6), Decimal(6), "月")


_NUMBER_OF_SHARE = f"[0-9]{{1,6}}|[{HAN_DIGITS}十百千万]{{1,6}}"
SHARE = (
    f"(?<![几数])(?P<whole>{_NUMBER_OF_SHARE}) 分 之 (?P<part>{DECIMAL}|{HAN_NUMBER}|百)"
    f"(?:{TO}(?:百分之)?(?P<to>{DECIMAL}|{HAN_NUMBER}))?"
)

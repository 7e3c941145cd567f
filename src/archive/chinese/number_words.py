"""Numbers with their scales, in Chinese and English: 700万, 三千二百亿, 7 million, 两三."""

from __future__ import annotations

import re
from decimal import Decimal

from archive.chinese.numerals import DIGITS, NINE

HAN_DIGITS = f"零{NINE}〇两"
TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
SCALES = {name: Decimal(size) for name, size in (TENS | _MYRIADS).items()}
SCALES |= {"thousand": Decimal(1000), "million": Decimal(10**6), "billion": Decimal(10**9)}
SCALES |= {"trillion": Decimal(10**12), "mn": Decimal(10**6), "bn": Decimal(10**9)}
SCALES |= {"m": Decimal(10**6), "tn": Decimal(10**12), "b": Decimal(10**9)}
NUMBER_WORDS = {
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
SCALE_WORD = re.compile("thousand|million|billion|trillion|[mbt]n|[mb百千万亿]")
ABOUT = "多余来"
_APPROXIMATE = re.compile(f"([{NINE}两])([{NINE}])")


def _numeral(text: str) -> Decimal:
    """The value of 三千二百亿, 二〇二六, 三点五 or 十二."""
    whole, _, decimals = text.partition("点")
    value = Decimal(_whole(whole))
    if decimals:
        scales = decimals.lstrip(HAN_DIGITS)
        digits = decimals[: len(decimals) - len(scales)]
        value += Decimal("0." + "".join(str(DIGITS[char]) for char in digits))
        for char in scales:
            value *= SCALES[char]
    return value


def _whole(text: str) -> int:
    if text and all(char in HAN_DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in TENS:
            section, digit = section + (digit or 1) * TENS[char], 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * _MYRIADS[char], 0, 0
        else:
            total, section, digit = total + (section + digit) * _MYRIADS[char], 0, 0
    return total + section + digit


def values(text: str) -> tuple[Decimal, Decimal]:
    """From and to what a number goes: 700万, 1亿2000万, 7 million, 三千二百亿, 两三 (2 to 3)."""
    text = re.sub(f"[{ABOUT}, ]", "", text)
    if text[0] in DIGITS or text[0] in TENS:
        pair = _APPROXIMATE.search(text)
        if pair and not re.search(f"[{HAN_DIGITS}]{{3}}", text):
            one, other = (text[: pair.start()] + pair[i] + text[pair.end() :] for i in (1, 2))
            if _numeral(one) < _numeral(other):
                return _numeral(one), _numeral(other)
        value = _numeral(text)
        return value, value
    total = Decimal(0)
    for part in re.finditer(r"([0-9.]+)([^0-9.]*)|[a-z]+", text):
        number, scales = (part[1], part[2]) if part[1] else _in_words(part[0])
        value = Decimal(number)
        for scale in SCALE_WORD.findall(scales):
            value *= SCALES[scale]
        total += value
    return total, total


def _in_words(text: str) -> tuple[str, str]:
    """An English number word apart from its scale: `twomillion`."""
    word = max((word for word in NUMBER_WORDS if text.startswith(word)), key=len)
    return str(NUMBER_WORDS[word]), text[len(word) :]

"""Chinese numerals as numbers: 三十一, 一百零二, 二〇二六."""

from __future__ import annotations

NINE = "一二三四五六七八九"
DIGITS = {char: value for value, char in enumerate(NINE, 1)}
DIGITS |= {"零": 0, "〇": 0, "○": 0, "Ο": 0, "两": 2}
NUMERALS = "一二三四五六七八九十百零〇两"
"""The characters of numbers below a thousand, for a class in a pattern."""


def han_number(text: str) -> int:
    """The value of 一 to 九百九十九; 0 for what is no number."""
    total = digit = 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        elif digit:
            return 0
        else:
            digit = DIGITS.get(char, 0)
    return total + digit


def digit_by_digit(text: str) -> int:
    """The value of a number written digit by digit, such as a year: 二〇二六, 二0二六."""
    return int("".join(str(DIGITS.get(char, char)) for char in text))

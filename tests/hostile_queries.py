"""Queries nobody should type, made by the seed: odd Unicode, broken operators, engines' syntax."""

from __future__ import annotations

import random
from collections.abc import Callable

_WORDS = (
    "稀土 出口许可 半導體 低空经济 eVTOL Ｘ２００ 700万 14-15 6-3 21.4% 的 一 GPU 上周 5月7日"
).split()
_MARKS = (
    "\" “ ” „ 「 」 『 』 ＂ ' - － − – — OR ＯＲ AND NOT NEAR | ( ) [ ] { } ^ * "
    ": ： ; , 。 ！ ？ ~ \\ / % _ "
    "标题: 标题： 標題: 主题:氢能 主题:占星 日期:2026-05 日期:2026-13 日期:..2026 date:x title:"
).split()
_SYNTAX = (
    "'; DROP TABLE passage; --",
    '" OR 1=1 --',
    "body:稀土 AND heading:*",
    "NEAR(稀土 出口, 3)",
    "{title heading} : 稀土",
    "^稀土 + 出口*",
    "稀土 NOT (出口 OR",
    "SELECT * FROM words WHERE words MATCH '稀土'",
    "INSERT INTO words (words) VALUES ('delete-all')",
    '"" "" ""',
    "%s %d {0} \\x00 \\u0000",
    "<script>alert(1)</script>",
)


def hostile_query(seed: int) -> str:
    """The query of a seed."""
    chance = random.Random(seed)
    return chance.choice(_MAKERS)(chance)


def _any_unicode(chance: random.Random) -> str:
    return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(1, 80)))


def _odd_unicode(chance: random.Random) -> str:
    blocks = (
        (0, 0x20),
        (0x7F, 0xA0),
        (0x200B, 0x2070),
        (0xD800, 0xE000),
        (0x300, 0x370),
        (0x2F00, 0x2FE0),
        (0xFF00, 0xFFF0),
        (0x1F300, 0x1F700),
        (0x20000, 0x20100),
    )
    return "".join(
        chr(chance.randrange(*chance.choice(blocks))) + chance.choice(("", *_WORDS))
        for _ in range(chance.randrange(1, 30))
    )


def _shuffled_operators(chance: random.Random) -> str:
    parts = chance.choices([*_WORDS, *_MARKS], k=chance.randrange(1, 25))
    return chance.choice(("", " ", "\u3000", "\n")).join(parts)


def _engine_syntax(chance: random.Random) -> str:
    return " ".join(chance.sample(_SYNTAX, chance.randrange(1, 4)))


def _long(chance: random.Random) -> str:
    unit = chance.choice((*_WORDS, *_MARKS, '"稀土" ', "a", "9", "国", " -出", " OR 锂", "\x00"))
    return (unit * 50_000)[: chance.randrange(40_000, 50_001)]


def _long_and_varied(chance: random.Random) -> str:
    return "".join(chr(chance.randrange(0x4E00, 0x9FA6)) for _ in range(50_000))


_MAKERS: tuple[Callable[[random.Random], str], ...] = (
    _any_unicode,
    _odd_unicode,
    _shuffled_operators,
    _shuffled_operators,
    _shuffled_operators,
    _engine_syntax,
    _long,
    _long_and_varied,
)

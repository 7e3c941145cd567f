"""The units of what is measured, counted and paid, and how each is written.

To add a unit, add a row to `_MEASURED` or a word to `_COUNTED`. Patterns are over folded text, in
lower case and half width; in a pattern a blank is a space that may be missing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

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
ARTICLED = re.compile(r"[一二](?![零〇一二三四五六七八九十百千万亿点])")
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
CURRENCY_SIGNS = {
    "元": "rmb|cny|cn¥|¥|人民币",
    "美元": r"us\$|usd|\$|us dollars?",
    "欧元": "€|eur",
    "英镑": "£|gbp",
    "港元": r"hk\$|hkd",
    "日元": "jpy|jp¥",
}


@lru_cache(maxsize=1 << 10)
def base_unit(text: str) -> tuple[str, Decimal]:
    """The base unit of a unit as written, and how many of it one is."""
    for name, size, pattern in _ROWS:
        if re.fullmatch(spaced(_LOOKAHEAD.sub("", pattern)), text):
            return name, Decimal(size)
    raise AssertionError(text)


def currency(text: str) -> str:
    return next(
        name for name, pattern in CURRENCY_SIGNS.items() if re.fullmatch(spaced(pattern), text)
    )


def spaced(pattern: str) -> str:
    return pattern.replace(" ", " ?")


def unit_pattern() -> str:
    """All units as one pattern, the longest first; Latin ones end with the word."""
    words = [word for _, _, pattern in _ROWS for word in re.split(r"\|(?![^(]*\))", pattern)]
    words.sort(key=lambda word: -len(_LOOKAHEAD.sub("", word)))
    han = [word for word in words if not re.match("[(a-z°μ]", word)]
    latin = [word for word in words if re.match("[(a-z°μ]", word)]
    return f"(?:{'|'.join(han)}|-?(?:{'|'.join(latin)})(?![a-z0-9]))"

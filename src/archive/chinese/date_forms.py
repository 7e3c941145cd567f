"""The forms in which a date is written in a query, and the days that each means.

To add a form, add a pattern to `FORMS`, beside the function that turns its named groups into days.
In a pattern a blank is a space that may be missing. A word before or after that turns a date into
an open range goes into `LEAD` or `TAIL`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date as Date
from datetime import timedelta

from archive.chinese.calendar import DAYS_OFF, holiday_of
from archive.chinese.numerals import DIGITS, NINE
from archive.chinese.text import HAN
from archive.records import day_range

Days = tuple[Date, Date]
Groups = dict[str, str]
Resolve = Callable[[Groups, Date, Date | None], Days]
"""The days a match means, given today and, for the end of a range, the first day of the range."""

_NUMBERS = {word: number for number, word in enumerate("a two three four five six".split(), 1)}
_NUMBERS |= {**DIGITS, "几": 3}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_BACK = {"大前": 3, "前": 2, "上上": 2, "昨": 1, "去": 1, "上": 1, "last": 1, "yester": 1}
"""How many units back a word points; this one where it isn't here."""
_UNITS = {"天": "day", "日": "day", "周": "week", "星": "week", "礼": "week", "月": "month"}
_UNITS |= {"季": "quarter", "年": "year"}
_UNITS |= {"d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}
"""By the first letter."""
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "末": 5, "日": 6, "天": 6}
_THIRDS = {"初": 0, "上": 0, "中": 1, "下": 2, "底": 2, "末": 2}


def _number(text: str) -> int:
    """A number in digits, in Chinese up to 99 or digit by digit, or in an English word."""
    if text in _NUMBERS:
        return _NUMBERS[text]
    digits = "".join(str(_NUMBERS.get(char, char)) for char in text)
    tens, ten, ones = digits.partition("十")
    return int(tens or 1) * 10 + int(ones or 0) if ten else int(digits)


def _year(text: str, today: Date) -> int:
    if text in "今本去前":
        return today.year - _BACK.get(text, 0)
    return _number(text) + (2000 if len(text) == 2 else 0)


def _unit(text: str) -> str:
    return _UNITS[text.lstrip("个 ")[0]]


def _shift(day: Date, count: int, unit: str) -> Date:
    """The day so many units later; the last of its month where the month is too short."""
    if unit in ("day", "week"):
        return day + timedelta(count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * _MONTHS_IN[unit]
    first, last = day_range(f"{months // 12:04}-{months % 12 + 1:02}")
    return min(first + timedelta(day.day - 1), last)


def _months(year: int, first: int, last: int) -> Days:
    """All days of some months of a year."""
    return day_range(f"{year:04}-{first:02}")[0], day_range(f"{year:04}-{last:02}")[1]


def _around(day: Date, unit: str) -> Days:
    """The day, week, month, quarter or year a day is in."""
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(day.weekday())
        return monday, monday + timedelta(6)
    size = _MONTHS_IN[unit]
    first = (day.month - 1) // size * size + 1
    return _months(day.year, first, first + size - 1)


def _in_year(groups: Groups, today: Date, after: Date | None, days: Callable[[int], Days]) -> Days:
    """What `days` makes of the year named, else of the latest in which they have begun.

    For the end of a range it is the earliest year in which they begin no sooner than the range.
    """
    if year := groups.get("year"):
        return days(_year(year, today))
    # 29 February may be eight years away, as in 2104.
    for back in range(9):
        with suppress(ValueError):
            first, last = days(after.year + back if after else today.year - back)
            if (first >= after) if after else (first <= today):
                return first, last
    raise ValueError("no such day")


def _issue_day(groups: Groups, today: Date, after: Date | None) -> Days:
    """The latest such day of a month; for the end of a range the first after its beginning."""
    number = int(groups["day"])
    for back in range(-1, 12) if after else range(12):
        month = _shift((after or today).replace(day=1), -back, "month")
        with suppress(ValueError):
            day = month.replace(day=number)
            if (after is None and day <= today) or (
                after and after <= day <= _shift(after, 1, "month")
            ):
                return day, day
    raise ValueError("no such day")


def _ends(groups: Groups, one: str, other: str) -> tuple[int, int]:
    """The numbers a range runs between; raises ValueError for 5、7月, which is none."""
    first, last = _number(groups.get(one) or groups[other]), _number(groups[other])
    if groups.get("and") and groups.get(one) and last != first + 1:
        raise ValueError("not one range")
    return first, last


def _part(days: Days, groups: Groups) -> Days:
    """Of a month, the days or the thirds that are named."""
    first, last = days
    if opening := groups.get("opening"):  # 8月头三天
        return first, first.replace(day=_number(opening))
    if groups.get("day"):
        one, other = _ends(groups, "day", "to" if groups.get("to") else "day")
        return first.replace(day=one), first.replace(day=other)
    if thirds := [_THIRDS[char] for char in groups.get("part", "") if char in _THIRDS]:
        end = last if thirds[-1] == 2 else first.replace(day=10 * thirds[-1] + 10)
        return first.replace(day=10 * thirds[0] + 1), end
    return days


def _month(groups: Groups, today: Date, after: Date | None) -> Days:
    """A month or some of its days."""
    name = groups["month"]
    if name[:3] in _MONTHS:
        one = other = _MONTHS.index(name[:3]) + 1
    else:
        one, other = _ends(groups, "from", "month")
    return _in_year(groups, today, after, lambda year: _part(_months(year, one, other), groups))


def _months_of_year(groups: Groups, today: Date, after: Date | None) -> Days:
    """A quarter, a half, the first or last month, the first N months, or all of a year or years."""
    begin, end = 1, 12
    if start := groups.get("start"):
        return _months(int(start), 1, 12)[0], _months(int(groups["year"]), 1, 12)[1]
    if groups.get("quarter"):
        one, other = _ends(groups, "from", "quarter")
        begin, end = 1 if groups.get("head") else one * 3 - 2, other * 3
    elif part := groups.get("part"):
        begin, end = {"上": (1, 6), "下": (7, 12), "初": (1, 1)}.get(part, (12, 12))
    elif months := groups.get("months"):
        end = _number(months)
    return _in_year(groups, today, after, lambda year: _months(year, begin, end))


def _relative(groups: Groups, today: Date, after: Date | None) -> Days:
    """The day, week, month, quarter or year some units back, or a part of it."""
    back = _number(groups["n"]) if groups.get("n") else _BACK.get(groups.get("back", ""), 0)
    unit = _unit(groups["unit"])
    days = _around(_shift(today, -back, unit), unit)
    if name := groups.get("weekday"):
        first = days[0] + timedelta(_WEEKDAYS[name])
        if first > today and not groups.get("back"):  # 周五: the latest
            first -= timedelta(7)
        return first, first + timedelta(1 if name == "末" else 0)
    return _part(days, groups)


def _rolling(groups: Groups, today: Date, after: Date | None) -> Days:
    """So many units that end today."""
    unit, count = _unit(groups["unit"]), _number(groups.get("n") or "1")
    if groups.get("half"):
        unit, count = ("month", 6) if unit == "year" else ("day", 15)
    return _shift(today, -count, unit) + timedelta(1), today


def _holiday(groups: Groups, today: Date, after: Date | None) -> Days:
    """The days off at a public holiday, or with 当天 the day itself."""
    name = groups["holiday"]
    before, behind = (0, 0) if groups.get("itself") else DAYS_OFF[name]

    def in_year(year: int) -> Days:
        day = holiday_of(name, year)
        return day + timedelta(before), day + timedelta(behind)

    return _in_year(groups, today, after, in_year)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", " ?"))


# Chinese. Many a lookaround keeps out a longer word: 目前天然气, 日本月度, 上周三星, 5月初步数据.
_HAN_NUMBER = f"(?:[{NINE}]?十[{NINE}]?|[{NINE}两])"
_UP_TO_99 = f"(?:[0-9]{{1,2}}|{_HAN_NUMBER})"
_N = f"(?P<n>[0-9]{{1,3}}|{_HAN_NUMBER}|几)"
_UNIT = (
    "(?P<unit>[天日](?!均|线)|周(?![期年岁])|星期|礼拜|(?:个 )?月(?!期)|(?:个 )?季度"
    "|年(?![期级代生]))"
)
_QUARTER = "[1-4一二三四]"
_DASH = " (?:-{1,2}|[~至到]) "
_TO_OR_AND = f"(?:{_DASH}|(?P<and> [、,和与及] ))"
_ALONE = rf"(?<![0-9.第百千万亿零〇十两{NINE}])(?<![0-9][-/])"
_YEAR = (
    r"(?:(?P<year>(?<![0-9a-z.])(?:19|20|21)[0-9]{2}"
    rf"|(?<![0-9a-z.])[0-9]{{2}}(?= 年 (?:{_UP_TO_99} 月|第?{_QUARTER} 季|q[1-4]))"
    rf"|(?<![{NINE}〇零○])[一二][〇零○{NINE}]{{3}}"
    "|(?<!如)今|(?<!日)本|去|(?<![目之以此当空])前(?!年[均产度])) 年)"
)
_IN_YEAR = rf"(?:{_YEAR} 的? |{_ALONE}(?<!年)(?<!年\x20))"  # neither 每年5月 nor 1985年5月
_DAY = f"(?P<day>{_UP_TO_99})(?: [日号]?{_TO_OR_AND}(?P<to>{_UP_TO_99}))? [日号]"
_THIRD = (
    "(?P<part>[上中下]{1,2}旬|月?初(?![步中级创审选])|月?[底末](?![部层线价])"
    f"|月?中(?=[的之起至到]|以[来前后]|[^{HAN}]|$))"
)
_OPENING = f"(?:的 )?[头前] (?P<opening>{_UP_TO_99}) [天日]"
_OF_MONTH = f"(?: (?:{_DAY}|{_THIRD}|{_OPENING}))?"
_MONTH = "月(?: 份(?!额))?(?![球亮饼薪租花]|天(?!然|气)|革命|期(?!间|货))"
_THIS = "(?:(?P<back>这|(?<![日基样成资文])本|(?<![以登晚早网])上{1,2}) 个?)"
_WEEK = "(?P<unit>周|星期|礼拜)"
_WEEKDAY = (
    "(?P<weekday>一(?![带些度批期系])|二(?![十手])|三(?![星大方中十])|四(?![川大方中十])"
    "|五(?![角十矿])|六(?![方国十])|日(?![本元均产韩])|天(?![然津气基舟宫])|末)"
)
_AGO = f"(?:之前|以前|前(?![瞻景沿途端线期身任提锋列后0-9十{NINE}]))"
_HOLIDAY = (
    "(?P<holiday>元旦|春节|元宵|清明(?!上河)|端午|中秋|国庆|劳动(?=节)"
    f"|五一(?![{NINE}广路口])|十一(?= (?:假|小?长假|黄金周|期间|前|后|当)))"
    "(?:劳动节|节)?(?: (?:小?长假|假期|假日|黄金周))?(?P<itself> 当[天日])?"
)
# English.
_B = "(?<![a-z0-9])"
_EN_UNIT = "(?P<unit>(?:day|week|month|quarter|year)s?)(?![a-z])"
_EN_N = "(?P<n>[0-9]{1,3}|a|two|three|four|five|six)"
_EN_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_EN_DAY = (
    f"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:{_DASH}(?P<to>[0-9]{{1,2}})(?:st|nd|rd|th)?)?"
    "(?![0-9a-z])"
)
_EN_YEAR = "(?P<year>20[0-9]{2})(?![0-9])"
_EN_LEAD = "|".join(
    rf"(?<=\b{word}\x20)" for word in "in to from since until after before during".split()
)
# Numbers.
_ISO_YEAR = r"(?<![0-9a-z])(?<![0-9]\.)(?P<year>(?:19|20|21)[0-9]{2})"
_ISO = r"(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})"

FORMS: dict[Resolve, tuple[str, ...]] = {
    _relative: (
        "(?P<back>(?<!如)今)(?P<unit>[天日])(?!下(?!午)|头条)",
        "(?P<back>昨|大?(?<![目之以此日当空年月节])前)(?P<unit>[天日])(?![气然津宫文空])",
        f"{_THIS}{_WEEK}(?!期(?![货权间]))(?:{_WEEKDAY})?",  # 上周 本周五
        f"(?<![0-9a-z每下这上个两{NINE}十]){_WEEK}{_WEEKDAY}",  # 周五 周末
        f"{_THIS} (?P<unit>月)(?![球亮饼薪租]){_OF_MONTH}",  # 上个月 上月底
        f"{_THIS}(?P<unit>季)度",
        f"{_ALONE}(?P<n>{_UP_TO_99}) (?P<unit>天|周|星期|礼拜|个月|年) {_AGO}",  # 两周前
        rf"{_B}(?P<back>to|yester)(?P<unit>day)(?![a-z])",
        rf"{_B}(?P<back>this|last)\x20{_EN_UNIT}",
        rf"{_B}{_EN_N}\x20{_EN_UNIT}\x20ago(?![a-z])",
    ),
    _rolling: (
        "(?:最近|(?<![附接将临靠邻贴相])近|过去|(?<![日号天月])这)"
        f" 的? (?:{_N}|(?P<half>半)) {_UNIT}"
        "(?: 来(?![自源华临]))?",  # 近三个月 这几天
        rf"{_B}(?:last|past)\x20{_EN_N}\x20{_EN_UNIT}",
        rf"{_B}past\x20{_EN_UNIT}",
    ),
    _month: (
        f"{_IN_YEAR}(?P<month>{_UP_TO_99}) {_MONTH}{_OF_MONTH}",  # 5月 2026年5月7日 5月7-9日
        f"{_IN_YEAR}(?P<from>{_UP_TO_99}){_TO_OR_AND}(?P<month>{_UP_TO_99}) {_MONTH}",  # 3-5月
        # 8月20那期 6/16那期
        f"{_IN_YEAR}(?P<month>[0-9]{{1,2}}) 月 (?P<day>[0-9]{{1,2}})"
        "(?= ?(?:[那这当]一?[期天日]|的?一?期))",
        r"(?<![0-9/.])(?P<month>[0-9]{1,2})\.(?P<day>[0-9]{1,2})(?= ?(?:[那这]一?[期天]|的?一?期))",
        "(?<![0-9/.])(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})"
        "(?= ?(?:[那这]一?[期天]|的?一?期|的?头[条版]|的?简报|$))",
        "(?<![0-9/.-])(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?= ?(?:[那这]一?[期天]|的?一?期))",
        # 0820那期
        "(?<![0-9])(?P<month>0[1-9]|1[0-2])(?P<day>[0-3][0-9])(?= ?(?:[那这]一?[期天]|的?一?期))",
        rf"{_ISO_YEAR}{_ISO}(?![0-9a-z]|(?P=sep)[0-9]{{1,3}}(?![0-9]))",  # 2026-05-07
        rf"{_ISO_YEAR}[-/](?P<month>[0-9]{{1,2}})(?![0-9a-z]|[-/.年][0-9])",  # 2026-05
        rf"{_ISO_YEAR}(?P<month>[01][0-9])(?P<day>[0-3][0-9])(?![0-9a-z])(?!\.[0-9])",  # 20260507
        rf"{_B}{_EN_MONTH} {_EN_DAY}(?:,? {_EN_YEAR})?",  # May 7, 2026
        rf"{_B}{_EN_DAY} {_EN_MONTH}(?:,? {_EN_YEAR})?",  # 7 May 2026
        rf"{_B}{_EN_MONTH},? {_EN_YEAR}",
        rf"(?:{_EN_LEAD}){_EN_MONTH}",  # since May
    ),
    _issue_day: (
        # Of an issue, as it is spoken of: 17号那期, 5号到7号.
        "(?<![0-9.月第每])(?P<day>[0-9]{1,2})[日号]"
        f"(?= ?(?:[那这]|的? ?(?:简报|一期)|{_DASH}[0-9]))",
        "(?<=[0-9][日号][到至])(?P<day>[0-9]{1,2})[日号]",
    ),
    _months_of_year: (
        f"{_YEAR}(?! 报(?![道告]))(?: 度)?",  # 去年 2026年
        f"(?:{_YEAR} 年?|(?<![{HAN}0-9])年)(?P<part>初(?![步中级创审])|[底末])",
        # 2024-2025年
        rf"(?<![0-9a-z.])(?P<start>20[0-9]{{2}}) 年?{_DASH}(?P<year>20[0-9]{{2}}) 年",
        f"{_IN_YEAR}(?P<part>[上下])半年",
        f"{_YEAR} 前 (?P<months>{_UP_TO_99}) 个?月",  # 今年前5个月
        f"{_IN_YEAR}第?(?:(?P<from>{_QUARTER})(?: 季度)?{_TO_OR_AND}第?)?"
        f"(?P<quarter>{_QUARTER}) 季度",
        f"{_IN_YEAR}(?P<head>前) (?P<quarter>[23两二三]) 个? 季度",
        f"(?:{_B}(?P<year>(?:20)?[0-9]{{2}}) 年? -?|{_B}(?<!年))q(?P<quarter>[1-4])(?![0-9a-z_])",
        rf"{_B}q(?P<quarter>[1-4]),? {_EN_YEAR}",
    ),
    _holiday: (f"{_IN_YEAR}{_HOLIDAY}",),
}
COMPILED = [(_form(form), resolve) for resolve, forms in FORMS.items() for form in forms]

TO = _form(r" (?:起|开始)? (?:-{1,2}|[~至到]|\.{2,3}|to|until|through) ")
AND = _form(" (?:和|与|及|、|,|and|&) ")
LEAD = _form(
    "(?:(?P<since>自从|(?<![来源各亲])自|(?<![服跟听遵])从|(?<![a-z])(?:since|from))"
    "|(?P<until>截[至止] [到至]?|(?<![a-z])(?:until|up to|by)"
    "|(?<![谈提达得看想收遇碰找拿做回来去受感遭])到)"
    r"|(?P<after>(?<![a-z])after)|(?P<before>(?<![a-z])before)"
    "|(?<![存现正所实潜])在|(?<![关对由处位属基等高低鉴])于"
    r"|(?<![a-z])(?:(?:in|on|over|during|within|for)(?:\x20the)?|the)) $"
)
TAIL = _form(
    " (?:(?P<since>以来|往后|[到至] (?:现在|目前|今天|如今|今)(?![年日月])|至今(?!年)"
    "|起(?![诉草步码飞伏重降点源])|开始|以后|onwards?)"
    "|(?P<around>前后)|(?P<week>[当那]周|所在周)|(?P<until>为止|止(?![损跌]))"
    f"|(?P<span_before>前 {_N} {_UNIT})"
    f"|(?P<span_after>后 {_N.replace('<n>', '<m>')} {_UNIT.replace('<unit>', '<of>')})"
    f"|(?P<before>{_AGO})|(?P<after>之后|后(?![续市劲果期者来台端方备卫]))"
    f"|期间|[当那][天日月年]|以内|内(?![地需蒙部外阁存贸政卷陆])|里(?![程约斯昂海尔拉])"
    f"|[中间](?=的|[^{HAN}]|$))"
)
OF = _form(" 的")

SENSES: dict[str, Callable[[Date, Date, Groups], tuple[Date | None, Date | None]]] = {
    "since": lambda first, last, _: (first, None),
    "until": lambda first, last, _: (None, last),
    "after": lambda first, last, _: (last + timedelta(1), None),
    "before": lambda first, last, _: (None, first - timedelta(1)),
    "around": lambda first, last, _: (first - timedelta(3), last + timedelta(3)),
    "week": lambda first, last, _: (_around(first, "week")[0], _around(last, "week")[1]),
    "span_before": lambda first, _, groups: (
        _shift(first, -_number(groups["n"]), _unit(groups["unit"])),
        first - timedelta(1),
    ),
    "span_after": lambda _, last, groups: (
        last + timedelta(1),
        _shift(last, _number(groups["m"]), _unit(groups["of"])),
    ),
}

"""What the evidence must state: what a question takes for granted, and the kind it asks for.

Whoever asks why a time limit was extended to 90 days is told that there is no such figure, and
that what was found speaks of a shortening; whoever asks for a sum is given none that isn't there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archive.chinese.figure import Figure, agree
from archive.chinese.figures import find_figures
from archive.chinese.place_names import NAMED_PLACES
from archive.chinese.search_form import squeezed
from archive.chinese.simplified import simplified
from archive.chinese.units import MEASURES
from archive.evidence.question import Question
from archive.index.segmenter import Weight
from archive.records import Passage

_A_YEAR = 10000
"""Dates YYYYMMDD below this name no year."""
_MODEL = re.compile(r"(?P<line>(?!q\d$)[a-z]+-?)\d+[a-z]*")
_GRADE = re.compile(r"(?<![a-z\d])[a-z](?=[类级型款])")
_UP = re.compile(r"涨|上升|升[至到]|提高|提升|上调|调高|增加|增长|扩大|延长|放宽")
_DOWN = re.compile(r"跌|下降|降[至到低]|回落|下调|调低|减少|减为|缩[减小短]|压缩|收紧")
_HOW_FAR = re.compile(rf"(?:{_UP.pattern}|{_DOWN.pattern})(?:了|到|至)?(?:多少|几)")
_MOVED = re.compile(r"[^，。；\d]{0,4}\d")
"""What follows the word for a rise or fall that is reported, rather than wished for."""
_ASKS_AMOUNT = re.compile(
    r"(?:百分之)?(?:多少|(?<![这那近前后头好最十])几)(?P<unit>[^，,。？?；;]{0,6})"
)
_ASKS_THING = re.compile("多少|(?<![这那近前后头好最十])几|什么|哪|谁|何时|如何|怎么?样")
_ASKS_SCORE, _SCORE = re.compile("几比几|比分|几比"), re.compile(r"\d+\s*[:：比\-]\s*\d+")
_OF_ISSUES = ("期", "号", "日")
_STRETCH = re.compile("(?:近|过去|未来)的? ?$")
"""Before the length of a stretch of time that ends or begins today."""
MONEY = frozenset({"元", "美元", "欧元", "日元", "港元", "英镑", "韩元", "卢布"})
_ALIKE = (
    MONEY,
    frozenset({"月", "季度", "工作日", "天", "秒"}),
    frozenset({"%", "百分点", "倍"}),
)
"""Units of which one may stand for another: 多久 is told in days, and in months."""


def objections(
    question: Question, weights: Sequence[Weight], passages: Sequence[Passage], best: str
) -> tuple[str, ...]:
    """Why a question can't be answered from these passages as it is put, in Chinese; mostly none.

    `weights` are those of its words, `best` is the sentence that answers it best.
    """
    texts = [f"{' '.join(p.section.path)}\n{p.text}" for p in passages]
    found = [squeezed(text) for text in texts]
    issued = {passage.briefing.date[:4] for passage in passages}
    figures = (
        figure
        for figure in _figures(question.text, texts, issued)
        if not any(squeezed(figure) in text for text in found)
    )
    models = _models(question.text, weights, found)
    unnamed = dict.fromkeys((*figures, *_places(weights, texts), *models))
    said = []
    if unnamed:
        said.append("相关段落里没有" + "、".join(f"“{name}”" for name in unnamed))
    if turned := _turned(question, best):
        said.append("相关段落说的是“{}”，不是“{}”".format(*turned))
    return tuple(said)


def unstated_kind(question: str, quotes: Sequence[str]) -> tuple[str, ...]:
    """Why quotes can't be the answer: none holds the amount asked for; mostly empty.

    Of several things asked at once (在哪逮住的 跑了多少年) the quotes may answer another.
    """
    if len(_ASKS_THING.findall(question)) > 1:
        return ()
    if _ASKS_SCORE.search(question) and not any(map(_SCORE.search, quotes)):
        return ("相关段落没有写到比分",)
    stated = {figure.unit for quote in quotes for figure in find_figures(quote)}
    for asked, alike in units_asked(question):
        is_money = "元" in alike
        if not stated & alike and not (is_money and any("免费" in quote for quote in quotes)):
            return ("相关段落没有说到" + ("金额" if is_money else f"“{asked}”"),)
    return ()


def units_asked(question: str) -> Iterator[tuple[str, frozenset[str]]]:
    """What a question asks for in some unit, 几天, and the units that may stand for it: 工作日."""
    for asked, unit in _asked_units(question):
        yield asked, next((units for units in _ALIKE if unit in units), frozenset({unit}))


def asks_unit(question: Question) -> bool:
    """Whether a question asks for a figure in a measure: 多少家, 几天, 多少钱."""
    return bool(question.measures) or any(True for _ in units_asked(question.text))


def in_unit_asked(question: Question, figure: Figure) -> bool:
    """Whether a figure is in a measure that a question asks with."""
    if not figure.unit:
        return False
    return any(measure.startswith(figure.unit) for measure in question.measures) or any(
        figure.unit in alike for _, alike in units_asked(question.text)
    )


def _asked_units(question: str) -> Iterator[tuple[str, str]]:
    """What a question asks with, and in which unit: 元 of 多少钱 and 多少亿元, 米 of 几公里."""
    for match in _ASKS_AMOUNT.finditer(question):
        if match[0].startswith("百分之"):
            yield "百分之几", "%"
        elif match["unit"].startswith("钱"):
            yield "多少钱", "元"
        else:
            figures = find_figures("3" + match["unit"])
            if figures and figures[0].start == 0 and figures[0].unit in MEASURES:
                end = match.start("unit") + figures[0].end - 1
                yield question[match.start() : end], figures[0].unit


def _figures(question: str, texts: Sequence[str], issued: set[str]) -> Iterator[str]:
    """The figures that none of the texts states."""
    for figure in find_figures(question):
        if _is_premise(question, figure, issued) and not any(
            _states(other, figure) for text in texts for other in find_figures(text)
        ):
            yield question[figure.start : figure.end].strip()


def _is_premise(question: str, figure: Figure, issued: set[str]) -> bool:
    """Whether a figure of a question is one that its evidence must state."""
    if figure.kind == "date":  # a day may be said otherwise; a year by the briefing's date only
        return figure.low >= _A_YEAR and str(int(figure.low))[:4] not in issued
    before = question[: figure.start]
    if (before.endswith("前") and figure.unit == "月") or _STRETCH.search(before):
        return False  # 前 4 个月 is 1 月至 4 月, 近三个月 is of issues
    said = question[figure.start : figure.end].strip()
    if figure.unit in _OF_ISSUES or re.search("[来多余几两]", said):
        return (
            False  # 三期 are of the archive, 三十来家 is about so many, 两套 are what is compared
        )
    return not said.startswith(("一", "半"))  # 一吨, 一年, 半年 are units


def _states(stated: Figure, claimed: Figure) -> bool:
    if claimed.kind == "date" and stated.low < _A_YEAR:
        return False  # which names no year
    is_points = claimed.unit == "个" and stated.unit == "百分点" and claimed.low == stated.low
    return is_points or agree(claimed, stated)  # 3.6 个点 are 3.6 个百分点


def _places(weights: Sequence[Weight], texts: Sequence[str]) -> Iterator[str]:
    """The countries, provinces and cities among the words that none of the texts names.

    As words: 浙江西湖 doesn't name 江西.
    """
    words = {name for weight in weights for name in (weight.names[0], *weight.parts)}
    for place in NAMED_PLACES:
        if place in words and not any(place in simplified(text) for text in texts):
            yield place


def _models(question: str, weights: Sequence[Weight], found: Sequence[str]) -> Iterator[str]:
    """The models and grades, such as S2 and B 类, of which the texts name only others.

    Where they name no other, such as for CO2, the name may be an unknown one for something there.
    """
    asked = squeezed(question)
    measured = {squeezed(question[f.start : f.end]) for f in find_figures(question)}
    for weight in weights:
        name = weight.names[0]
        model = _MODEL.fullmatch(name)
        if not model or name in measured:
            continue
        is_named = any(other in text for other in weight.names for text in found)
        sibling = re.compile(rf"(?<![a-z\d]){model['line']}\d")
        if not is_named and any(map(sibling.search, found)):
            yield name.upper()
    for match in _GRADE.finditer(asked):
        grade = asked[match.start() : match.end() + 1]
        sibling = re.compile(rf"(?<![a-z\d])[a-z]{grade[1]}")
        if not any(grade in text for text in found) and any(map(sibling.search, found)):
            yield grade.upper()


def _turned(question: Question, best: str) -> tuple[str, str] | None:
    """What the best sentence and the question say where one rises and the other falls."""
    if question.wants != "fact" or "whether" in question.kinds:
        return None
    if "why" not in question.kinds and not _HOW_FAR.search(question.text):
        return None  # 哪些措施能提高… presupposes nothing
    asked = _UP.search(question.text), _DOWN.search(question.text)
    stated = _UP.search(best), _DOWN.search(best)
    for mine, other in ((0, 1), (1, 0)):
        claim, answer = asked[mine], stated[other]
        is_told = answer is not None and _MOVED.match(best, answer.end())
        if claim and answer and is_told and not asked[other] and not stated[mine]:
            return answer.group(), claim.group()
    return None

"""What changed: figures, dates and statuses that a text gives otherwise than earlier passages did.

A figure of the text that no earlier passage states is held against the earlier figures of its unit:
those are the likeliest to have changed into it whose clause says the same, whose value is near, and
whose passage is new.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from decimal import Decimal

from archive.figures import COUNTING, Figure, agree, find_figures
from archive.matter import Terms
from archive.records import ABSTRACT_TITLE, ChangeKind, Passage, as_number, day_range
from archive.text import sentences

WEIGHTS = {
    "clauses": 1.81,
    "around": 0.68,
    "characters": 0.74,
    "ratio": -1.83,
    "better_for_new": -1.68,
    "better_for_old": -2.04,
    "is_named": 1.66,
    "age": -1.0,
    "is_date": -0.45,
    "values": -1.04,
    "has_arrived": 0.37,
    "is_further": -0.21,
    "is_difference": -0.43,
    "place": -1.34,
}
_BIAS = 1.69
"""Of the features of a `Pair`; `python -m benchmarks.coverage --fit` learns them."""
ENOUGH = 0.45
"""The chance of a change from which one is reported."""

_CLAUSE_END = re.compile(r"[，,。；;！？：:\n]")
_SHORTEST_CLAUSE = 10
_BEFORE, _AFTER = 40, 15
"""Characters around a figure, within its sentence, that say what it is the figure of."""
_DIFFERENCE = re.compile(
    r"(?:增加|减少|上[涨升调]|下[降跌调]|提[高升]|降低?|涨|跌|回落|新增|又有|又[降涨增减]|多出?|少|高出?|低"
    r"|缩短|延长|扩大|压缩|[涨跌增降]幅为?|[同环]比.{0,4})(?:了|约|近)*\s*$"
)
"""What stands before a figure that says by how much something moved, not where it is now."""
_ARRIVED = re.compile(
    r"(?:[到至达]|成为|变为|[改升降增减提调]为|累计|[总合]计|总数[^，。；\d]{0,4}|达到|已有|共有?)(?:约|近|了)*\s*$"
)
"""What stands before a figure that says where something is now."""
_FURTHER = re.compile(
    r"(?:新增|新发|又[^，。；\d]{0,3}|再[^，。；\d]{0,3}|另有?|其中[^，。；\d]{0,6})\s*$"
)
"""What stands before a figure that is a part, or comes on top."""
_REPORTED = re.compile(r"\s*的?(?:报|消息|快讯|统计|数据|公布|发布|通报|披露|透露|宣布|表示|当日)")
"""What follows a day that is the report's."""
_AS_OF = re.compile(r"截[至止][^，。]{0,6}$")
_FROM = re.compile(
    r"(?:由(?!于)|从(?![事业])|较|比(?![特例率])|原(?![料油材因])|此前|还[在是有])[^，。；]{0,20}$"
)
"""What stands before a figure that was."""
_LED = 24
_BOUND_BEFORE = re.compile(
    r"(?:不?[低高]于|不?超过|不[少多]于|至少|至多|最[多高低少]|[上下]限)[^，。；]{0,16}$"
)
_BOUND_AFTER = re.compile(r"\s*(?:以[上下]|的?[^\s，。；]{0,4}[上下]限)")
"""What makes a figure a limit, which a value measured isn't held against."""
_MOVED = re.compile(
    "推迟|提前|延期|展期|顺延|改期|延[至到长后]|推到|放宽|提早|改[到为至]|缩短|[前后]移|定[于在]|已于|如期"
)
"""What a sentence says that gives a new date for what was planned."""
_TIMES = frozenset({"月", "季度", "工作日", "天"})
_YEAR = 10**4
_HALF_YEAR = 600
"""In dates written as MMDD."""
_STAGES = tuple(
    tuple(re.compile(stage) for stage in line.split())
    for line in (
        "拟建|计划建设|筹建|筹备 开工|动工|在建|建设中 建成|投产|投用|竣工|正式成立|揭牌",
        "立项|起草|酝酿 征求意见|草案 送审稿|报批 正式稿|正式文本|正式发布|正式印发|正式公布|出台"
        " 施行|实施|生效",
        "立案 初裁|初步裁定 终裁|最终裁定 发回重审 重审结果|重审裁定",
        "暂停|中止|停产|停飞|叫停|停运 恢复|重启|复产|复飞|复工",
        "试运行|试运营|试点|试行 正式运营|正式运行|全面推开|全面实施|推广到全国|转为正式",
        "受理|申请|待批|审查中 获批|获准|核准|批准|通过审查|获证",
        "谈判|磋商|意向 签约|签署|达成协议 交割|完成收购",
        "内测|公测 商用|上线|开放使用",
    )
)
"""What becomes of rules, cases, works and deals, stage by stage."""
_ALIKE_ENOUGH = 0.25
"""From which two sentences, by their words, may be on one stage after the other."""


@dataclass(frozen=True, slots=True)
class Found:
    """A change: the characters [start, end) of the text, and [old_start, old_end) of a passage."""

    kind: ChangeKind
    start: int
    end: int
    passage: Passage
    old_start: int
    old_end: int

    @property
    def old(self) -> str:
        return self.passage.text[self.old_start : self.old_end].strip()


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure of the text and an earlier one that may have changed into it, with features."""

    new: Figure
    old: Figure
    passage: Passage
    features: Mapping[str, float]

    @property
    def chance(self) -> float:
        total = sum(weight * self.features[name] for name, weight in WEIGHTS.items())
        return 1 / (1 + math.exp(-total - _BIAS))


CutTerms = Callable[[str], Terms]


def find_changes(
    text: str, earlier: Sequence[Passage], terms: CutTerms, *, enough: float = ENOUGH
) -> list[Found]:
    """What a text gives otherwise than passages on the same matter, in the text's order.

    Each figure of the text and of a passage has one counterpart at most, with `enough` chance.
    """
    taken: set[object] = set()
    found: list[Found] = []
    for pair in sorted(pairs(text, earlier, terms), key=_by_chance):
        ends = _value(pair.new), (pair.passage.id, *_value(pair.old))
        if pair.chance < enough or taken.intersection(ends):
            continue
        taken.update(ends)
        kind: ChangeKind = "date" if pair.new.kind == "date" else "figure"
        new, old = pair.new, pair.old
        found.append(Found(kind, new.start, new.end, pair.passage, old.start, old.end))
    found += _statuses(text, earlier, terms)
    return sorted(found, key=lambda change: change.start)


def _value(figure: Figure) -> tuple[object, ...]:
    return figure.kind, figure.unit, figure.low, figure.high


def _by_chance(pair: Pair) -> tuple[float, bool]:
    """The likeliest first; of a section and the abstract that sums it up the section."""
    return -round(pair.chance, 2), pair.passage.section.title == ABSTRACT_TITLE


def unstated(text: str, passages: Sequence[Passage]) -> list[Figure]:
    """The figures of a text that none of the passages states."""
    stated = [figure for passage in passages for figure in find_figures(passage.text)]
    return [
        figure
        for figure in find_figures(text)
        if not _is_article(text, figure)
        and not any(
            restates(figure, other) or _is_first_months(text, figure, other) for other in stated
        )
    ]


def restates(claimed: Figure, stated: Figure) -> bool:
    """Whether a figure is one already stated, be it in other words.

    Unlike in `agree` 97 份 are 97 件, and 10 个 may be of anything counted.
    """
    if agree(claimed, stated) or agree(stated, claimed):
        return True
    units = {claimed.unit, stated.unit}
    if units <= COUNTING or ("个" in units and units <= COUNTING | _TIMES):  # 10 个 of 工作日
        one, other = ((f.low / f.size, f.high / f.size) for f in (claimed, stated))
        if one == other:
            return True
    return False


def _is_first_months(text: str, claimed: Figure, stated: Figure) -> bool:
    """Whether 头四个月 of a text is the 1 至 4 月 of another, or the other way round."""
    if (claimed.kind, claimed.unit, stated.kind) == ("amount", "月", "date"):
        is_first = text[: claimed.start].rstrip().endswith(("前", "头"))
        return is_first and stated.high % _YEAR // 100 == claimed.low
    if (stated.kind, stated.unit, claimed.kind) == ("amount", "月", "date"):
        is_first = bool(re.search(r"1\s*(?:月份?\s*)?[至到~-]\s*$", text[: claimed.start]))
        return is_first and claimed.high % _YEAR // 100 == stated.low
    return False


def _is_article(text: str, figure: Figure) -> bool:
    """Whether a figure only says per what (一年, 每 1 公斤), or is a bare digit (4:4:2)."""
    written = text[figure.start : figure.end].strip()
    if figure.kind == "date":
        return written.isdigit()
    is_one = figure.kind == "amount" and figure.low == figure.high == figure.size
    return is_one or (not figure.unit and figure.low < 10)


# --- figures -------------------------------------------------------------------------------------


def pairs(text: str, earlier: Sequence[Passage], terms: CutTerms) -> list[Pair]:
    """The pairs of a figure that no passage states and an earlier one of its kind and unit."""
    if not earlier:
        return []
    mine = _Reading(text, terms)
    theirs = {passage.id: _Reading(passage.text, terms) for passage in earlier}
    newest = max(day_range(passage.briefing.date)[0] for passage in earlier)
    likely = [
        _Likely(new, old, passage, bool(mine.saying(old, new)), *mine.alike(new, other, old))
        for new in unstated(text, earlier)
        if mine.is_level(new)
        for passage in earlier
        for other in (theirs[passage.id],)
        for old in other.figures
        if _comparable(mine, new, other, old, passage)
    ]
    # A date that the text itself gives as what was planned is the one that moved.
    planned = {each.new.start for each in likely if each.new.kind == "date" and each.is_named}
    likely = [each for each in likely if each.new.start not in planned or each.is_named]
    best: dict[object, float] = {}
    values: dict[int, set[Decimal]] = {}
    places: dict[object, set[int]] = {}
    for each in likely:
        for end in each.ends:
            best[end] = max(best.get(end, 0.0), each.alike)
        for group, start in zip(each.groups, each.starts, strict=True):
            places.setdefault(group, set()).add(start)
        values.setdefault(each.new.start, set()).add(each.old.low)
    found = []
    for each in likely:
        new, old, passage = each.new, each.old, each.passage
        better_for_new, better_for_old = (best[end] - each.alike for end in each.ends)
        new_place, old_place = (
            _place(start, sorted(places[group]))
            for group, start in zip(each.groups, each.starts, strict=True)
        )
        features = {
            "clauses": each.clauses,
            "around": each.around,
            "characters": each.characters,
            "ratio": _ratio(new, old),
            "better_for_new": better_for_new,
            "better_for_old": better_for_old,
            "is_named": float(each.is_named),
            "age": math.log1p((newest - day_range(passage.briefing.date)[0]).days),
            "is_date": float(new.kind == "date"),
            "values": math.log(len(values[new.start])),
            "has_arrived": float(mine.is_arrival(new)),
            "is_further": float(mine.is_further(new)),
            "is_difference": float(mine.is_difference(new)),
            "place": abs(new_place - old_place),
        }
        found.append(Pair(new, old, passage, features))
    return found


@dataclass(frozen=True, slots=True)
class _Likely:
    """Two figures that may be of one thing, and how alike what is said of them is, 0 to 1 each."""

    new: Figure
    old: Figure
    passage: Passage
    is_named: bool
    """Whether the text gives the earlier figure as what was."""
    clauses: float
    around: float
    characters: float

    @property
    def alike(self) -> float:
        return self.clauses + 0.3 * self.around + 0.5 * self.characters

    @property
    def starts(self) -> tuple[int, int]:
        return self.new.start, self.old.start

    @property
    def ends(self) -> tuple[object, object]:
        """The two figures, apart from all others."""
        return self.new.start, (self.passage.id, self.old.start)

    @property
    def groups(self) -> tuple[object, object]:
        """The figures of one kind and unit in the text, and in the passage."""
        new, old = self.new, self.old
        return (new.kind, new.unit), (self.passage.id, old.kind, old.unit)


def _place(start: int, among: Sequence[int]) -> float:
    """Where a figure stands among those of its unit, 0 for the first, 1 for the last."""
    return among.index(start) / max(1, len(among) - 1)


def _comparable(
    mine: _Reading, new: Figure, theirs: _Reading, old: Figure, passage: Passage
) -> bool:
    """Whether an earlier figure can have become one of the text."""
    if new.kind != old.kind or (new.kind != "date" and new.unit != old.unit):
        return False
    if new.kind == "date":
        moved = _MOVED.search(mine.sentence(new)) or mine.saying(old, new)
        return bool(moved) and _is_ahead(old, day_range(passage.briefing.date)[0])
    if not theirs.is_level(old) or theirs.is_past(old):
        return False
    if mine.is_bound(new) != theirs.is_bound(old):
        return False
    if mine.is_difference(new) != theirs.is_difference(old):
        return False
    said = [figure for figure in mine.figures if figure != new and agree(figure, old)]
    # Where the text still gives the earlier figure, it must be as what was.
    return not said or bool(mine.saying(old, new, theirs))


class _Reading:
    """A text with its figures, each in the clause and the sentence it stands in."""

    def __init__(self, text: str, terms: CutTerms) -> None:
        self.text = text
        self.figures = find_figures(text)
        self._terms = terms
        self._sentences = list(sentences(text))
        self._clauses: dict[int, Terms] = {}

    def is_level(self, figure: Figure) -> bool:
        """Whether a figure says where something is, not by how much it moved or when it was told.

        By how many per cent something moved may itself have changed.
        """
        before = self.text[max(0, figure.start - 10) : figure.start]
        if figure.kind == "date":
            after = self.text[figure.end : figure.end + 6]
            return not (_REPORTED.match(after) or _AS_OF.search(before))
        return figure.kind == "percent" or not _DIFFERENCE.search(before)

    def is_difference(self, figure: Figure) -> bool:
        return bool(_DIFFERENCE.search(self.text[max(0, figure.start - 10) : figure.start]))

    def is_arrival(self, figure: Figure) -> bool:
        return bool(_ARRIVED.search(self.text[max(0, figure.start - 12) : figure.start]))

    def is_further(self, figure: Figure) -> bool:
        return bool(_FURTHER.search(self.text[max(0, figure.start - 12) : figure.start]))

    def is_past(self, figure: Figure) -> bool:
        """Whether a figure is what was before another of its sentence: the 8 of 由 8 增至 13."""
        _, last = self._sentence(figure)
        led = self._led_from(figure)
        alike = [
            other.start
            for other in self.figures
            if (other.kind, other.unit) == (figure.kind, figure.unit)
        ]
        return (
            led is not None
            and not any(led <= at < figure.start for at in alike)
            and any(figure.end <= at < last for at in alike)
        )

    def is_bound(self, figure: Figure) -> bool:
        before = self.text[max(0, figure.start - 24) : figure.start]
        after = self.text[figure.end : figure.end + 8]
        return bool(_BOUND_BEFORE.search(before) or _BOUND_AFTER.match(after))

    def saying(self, old: Figure, new: Figure, theirs: _Reading | None = None) -> list[Figure]:
        """The figures that give `old` as what was before `new`.

        They stand after 由, 从 or 较, or in the same sentence in a clause less like that of `old`
        than the new one's.
        """
        first, last = self._sentence(new)
        return [
            figure
            for figure in self.figures
            if figure != new
            and agree(figure, old)
            and (
                self._led_from(figure) is not None
                or (
                    first <= figure.start < last
                    and (
                        theirs is None
                        or self.clause_like(figure, theirs, old)
                        < self.clause_like(new, theirs, old)
                    )
                )
            )
        ]

    def _led_from(self, figure: Figure) -> int | None:
        """Where the 由, 从 or 较 stands that gives a figure as what was."""
        first, _ = self._sentence(figure)
        start = max(first, figure.start - _LED)
        led = _FROM.search(self.text[start : figure.start])
        return start + led.start() if led else None

    def alike(self, figure: Figure, other: _Reading, of: Figure) -> tuple[float, float, float]:
        """How alike two figures' clauses are by words, their surroundings, their clauses by
        characters.
        """
        one, two = self._pairs(figure), other._pairs(of)
        shared = 2 * len(one & two) / max(1, len(one) + len(two))
        return self.clause_like(figure, other, of), self.window_like(figure, other, of), shared

    def clause_like(self, figure: Figure, other: _Reading, of: Figure) -> float:
        return _alike(self._clause(figure), other._clause(of))

    def window_like(self, figure: Figure, other: _Reading, of: Figure) -> float:
        return _alike(self._window(figure), other._window(of))

    def sentence(self, figure: Figure) -> str:
        first, last = self._sentence(figure)
        return self.text[first:last]

    def _sentence(self, figure: Figure) -> tuple[int, int]:
        return next((s for s in self._sentences if s[0] <= figure.start < s[1]), (0, 0))

    def _clause(self, figure: Figure) -> Terms:
        """The words of a figure's clause, without figures."""
        if figure.start not in self._clauses:
            self._clauses[figure.start] = self._terms(self._masked(*self._clause_range(figure)))
        return self._clauses[figure.start]

    def _clause_range(self, figure: Figure) -> tuple[int, int]:
        """The clause a figure stands in, with the one before where it is short."""
        ends = [match.end() for match in _CLAUSE_END.finditer(self.text, 0, figure.start)]
        start = ends[-1] if ends else 0
        following = _CLAUSE_END.search(self.text, figure.end)
        end = following.start() if following else len(self.text)
        if end - start < _SHORTEST_CLAUSE and len(ends) > 1:
            start = ends[-2]
        return start, end

    def _pairs(self, figure: Figure) -> set[str]:
        """The pairs of characters in a figure's clause."""
        start, end = self._clause_range(figure)
        text = "".join(filter(str.isalnum, self._masked(start, end)))
        return {text[at : at + 2] for at in range(len(text) - 1)}

    def _window(self, figure: Figure) -> Terms:
        first, last = self._sentence(figure)
        start, end = max(first, figure.start - _BEFORE), min(last, figure.end + _AFTER)
        return self._terms(self._masked(start, end))

    def _masked(self, start: int, end: int) -> str:
        """The characters [start, end) without the figures in them."""
        kept, at = "", start
        for figure in self.figures:
            if figure.start < end and start < figure.end:
                kept += self.text[at : max(at, figure.start)] + " "
                at = figure.end
        return kept + self.text[at:end]


def _alike(one: Terms, other: Terms) -> float:
    """Dice's coefficient of two texts' words, by weight, 0 to 1."""
    total = sum(one.values()) + sum(other.values())
    return 2 * sum(one[term] for term in one.keys() & other.keys()) / total if total else 0.0


def _ratio(new: Figure, old: Figure) -> float:
    """How far two amounts are apart, as the logarithm of their ratio, 3 at most."""
    if new.kind == "date" or min(new.low, old.low) <= Decimal(0):
        return 0.0
    return min(abs(math.log(new.low / old.low)), 3.0)


def _is_ahead(date: Figure, issued: Date) -> bool:
    """Whether a date lay ahead when it was written of: a plan, which may change."""
    if date.low >= _YEAR:
        return date.low > as_number(issued)
    if date.low < 100:
        return False
    today = as_number(issued) % _YEAR
    return date.low > today or date.low < today - _HALF_YEAR


# --- statuses ------------------------------------------------------------------------------------


def _statuses(text: str, earlier: Sequence[Passage], terms: CutTerms) -> Iterator[Found]:
    """Stages that the text has come to and no earlier passage has, with the one before."""
    for stages in _STAGES:
        for at, stage in reversed(list(enumerate(stages))):
            reached = stage.search(text)
            if not reached:
                continue
            if at and not any(stage.search(passage.text) for passage in earlier):
                around = _sentence_at(text, reached.start())
                was = _earlier_stage(terms(around), stages[:at], earlier, terms)
                if was:
                    yield Found("status", reached.start(), reached.end(), *was)
            break


def _earlier_stage(
    around: Terms, stages: Sequence[re.Pattern[str]], earlier: Sequence[Passage], terms: CutTerms
) -> tuple[Passage, int, int] | None:
    """The stage that a sentence much like the one around the new stage speaks of."""
    best = _ALIKE_ENOUGH
    found: tuple[Passage, int, int] | None = None
    for passage in earlier:
        for first, last in sentences(passage.text):
            for stage in stages:
                match = stage.search(passage.text, first, last)
                if match:
                    alike = _alike(around, terms(passage.text[first:last]))
                    if alike > best:
                        best, found = alike, (passage, match.start(), match.end())
    return found


def _sentence_at(text: str, at: int) -> str:
    return next((text[s:e] for s, e in sentences(text) if s <= at < e), text)

"""What changed: figures, dates and statuses that a text gives otherwise than earlier passages did.

A figure of the text is compared with the earlier ones of its unit, unless one of these states it
already in words as similar. The likeliest to have changed into it are those whose clause says the
same, whose value is near, and whose passage is new.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from archive.chinese.figure import Figure, agree
from archive.chinese.figures import find_figures
from archive.chinese.search_form import squeezed
from archive.chinese.units import COUNTING
from archive.following.figure_roles import FigureRoles, clause_range
from archive.following.postponements import MOVED, YEAR, is_ahead, times_moved
from archive.following.records import ChangeKind
from archive.following.similarity import Tokenise, containment
from archive.following.stages import stages_reached
from archive.records import ABSTRACT_TITLE, Passage, day_range

WEIGHTS = {
    "clauses": 1.37,
    "around": 0.93,
    "characters": 0.73,
    "ratio": -1.95,
    "better_for_new": -1.13,
    "better_for_old": -1.44,
    "is_named": 2.06,
    "age": -0.78,
    "is_date": -0.39,
    "values": -0.8,
    "has_arrived": 1.38,
    "is_further": -0.73,
    "is_difference": -2.09,
    "is_only_one_difference": -0.75,
    "before": 0.46,
    "is_only_one_bound": -1.7,
    "is_only_one_range": -1.04,
    "is_stated_there": -1.14,
    "is_stated": -0.45,
    "place": -1.02,
    "of_text": 2.36,
    "of_passage": 0.21,
}
_BIAS = -1.04
"""Of the features of a `Pair`; `python -m benchmarks.coverage --fit` learns them."""
ENOUGH = 0.3
"""The chance of a change from which one is reported."""

_FULL_WIDTH = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
_HALF_WIDTH = re.compile(r"(?<!\d)[,:]|[,:](?!\d)|[;!?]")
"""Marks that end a clause, not those in 8,600 and 9:30."""
_LISTED = re.compile("、[^，。；、到至为]{1,4}$")
"""What stands before a number that counts what was just named: 内蒙古、成渝两个枢纽."""
_TIMES = frozenset({"月", "季度", "工作日", "天"})


@dataclass(frozen=True, slots=True)
class FoundChange:
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
class FigurePair:
    """A figure of the text and an earlier one that may have changed into it, with features."""

    new: Figure
    old: Figure
    passage: Passage
    features: Mapping[str, float]

    @property
    def chance(self) -> float:
        total = sum(weight * self.features[name] for name, weight in WEIGHTS.items())
        return 1 / (1 + math.exp(-total - _BIAS))


def find_changes(
    text: str, earlier: Sequence[Passage], tokenise: Tokenise, *, enough: float = ENOUGH
) -> list[FoundChange]:
    """What a text gives otherwise than passages on the same matter, in the text's order.

    Each figure has at most one counterpart, whose chance is at least `enough`.
    """
    text = _HALF_WIDTH.sub(lambda mark: _FULL_WIDTH[mark[0]], text)
    taken: set[object] = set()
    found: list[FoundChange] = []
    for pair in sorted(figure_pairs(text, earlier, tokenise), key=_by_chance):
        ends = _value(pair.new), (pair.passage.id, *_value(pair.old))
        if pair.chance < enough or taken.intersection(ends):
            continue
        taken.update(ends)
        kind: ChangeKind = "date" if pair.new.kind == "date" else "figure"
        new, old = pair.new, pair.old
        found.append(FoundChange(kind, new.start, new.end, pair.passage, old.start, old.end))
    others = [FoundChange("date", *where) for where in times_moved(text, earlier, tokenise)]
    others += [FoundChange("status", *where) for where in stages_reached(text, earlier, tokenise)]
    for change in others:
        if not any(_is_told_by(text, change, other) for other in found):
            found.append(change)
    whole = squeezed(text)
    changed = (change for change in found if not _still_stands(change, whole))
    return sorted(changed, key=lambda change: change.start)


def _still_stands(change: FoundChange, text: str) -> bool:
    """Whether a text in search form still has the whole earlier clause of a change."""
    first, last = clause_range(change.passage.text, change.old_start, change.old_end)
    clause = squeezed(change.passage.text[first:last])
    return bool(re.search(rf"(?<![\d.]){re.escape(clause)}(?!\d)", text))


def _is_told_by(text: str, change: FoundChange, other: FoundChange) -> bool:
    """Whether another change is in the same clause, or is of the same earlier words."""
    is_there = (change.kind, change.passage.id) == (other.kind, other.passage.id)
    if is_there and change.old_start < other.old_end and other.old_start < change.old_end:
        return True
    first, last = clause_range(text, change.start, change.end)
    return first <= other.start < last


def _value(figure: Figure) -> tuple[object, ...]:
    return figure.kind, figure.unit, figure.low, figure.high


def _by_chance(pair: FigurePair) -> tuple[float, bool]:
    """The likeliest first; of a section and the abstract that sums it up the section."""
    return -round(pair.chance, 2), pair.passage.section.title == ABSTRACT_TITLE


def unstated_figures(text: str, passages: Sequence[Passage]) -> list[Figure]:
    """The figures of a text that none of the passages states."""
    stated = [figure for passage in passages for figure in find_figures(passage.text)]
    return [
        figure
        for figure in find_figures(text)
        if not _is_article(text, figure)
        and not any(_is_stated(text, figure, other) for other in stated)
    ]


def _is_stated(text: str, figure: Figure, other: Figure) -> bool:
    """Whether a figure of this text is the same as another text's."""
    return restates(figure, other) or _is_first_months(text, figure, other)


def restates(claimed: Figure, stated: Figure) -> bool:
    """Whether two figures are the same, be they written differently.

    Looser than `agree`: 97 份 are 97 件, and 10 个 may be 10 of anything counted.
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
        return is_first and stated.high % YEAR // 100 == claimed.low
    if (stated.kind, stated.unit, claimed.kind) == ("amount", "月", "date"):
        is_first = bool(re.search(r"1\s*(?:月份?\s*)?[至到~-]\s*$", text[: claimed.start]))
        return is_first and claimed.high % YEAR // 100 == stated.low
    return False


def _is_article(text: str, figure: Figure) -> bool:
    """Whether a figure states no value: a mere one (一年, 每 1 公斤) or a bare digit (4:4:2)."""
    written = text[figure.start : figure.end].strip()
    if figure.kind == "date":
        return written.isdigit()
    is_one = figure.kind == "amount" and figure.low == figure.high == figure.size
    is_told = text[: figure.start].rstrip().endswith(("为", "到", "至", "约"))
    if _LISTED.search(text[: figure.start]) and figure.unit in COUNTING:
        return True
    return (is_one and not is_told) or (not figure.unit and figure.low < 10)


# --- figures -------------------------------------------------------------------------------------


def figure_pairs(text: str, earlier: Sequence[Passage], tokenise: Tokenise) -> list[FigurePair]:
    """The pairs of a figure that is new here and an earlier one of its kind and unit."""
    if not earlier:
        return []
    mine = FigureRoles(text, tokenise)
    theirs = {passage.id: FigureRoles(passage.text, tokenise) for passage in earlier}
    newest = max(day_range(passage.briefing.date)[0] for passage in earlier)
    words = tokenise(text)
    containments = {
        passage.id: (containment(words, own), containment(own, words))
        for passage in earlier
        for own in (tokenise(passage.text),)
    }
    stated = {new.start: _stated(mine, new, theirs.values()) for new in mine.figures}
    likely = _likely_pairs(mine, theirs, earlier, stated)
    found = []
    for each, among_others in zip(likely, _features_among(likely), strict=True):
        passage = each.passage
        of_text, of_passage = containments[passage.id]
        features = {
            **_own_features(each, mine, theirs[passage.id]),
            **among_others,
            "age": math.log1p((newest - day_range(passage.briefing.date)[0]).days),
            "is_stated": float(stated[each.new.start] >= 0),
            "of_text": of_text,
            "of_passage": of_passage,
        }
        found.append(FigurePair(each.new, each.old, passage, features))
    return found


def _likely_pairs(
    mine: FigureRoles,
    theirs: Mapping[str, FigureRoles],
    earlier: Sequence[Passage],
    stated: Mapping[int, float],
) -> list[_LikelyPair]:
    """The pairs that may be of one thing; `stated` is `_stated` of each figure by its start."""
    likely = [
        each
        for new in mine.figures
        if mine.is_level(new) and not mine.is_origin(new) and not _is_article(mine.text, new)
        for passage in earlier
        for other in (theirs[passage.id],)
        for old in other.figures
        if _comparable(mine, new, other, old, passage)
        for each in (
            _LikelyPair(
                new,
                old,
                passage,
                bool(mine.former_mentions(old, new)),
                mine.is_given_as_former(old, new),
                *mine.similarities(new, other, old),
            ),
        )
        if (each.is_given_as_former and new.kind == "date") or each.similarity > stated[new.start]
    ]
    # Where the text itself gives what was, that is what changed.
    led = {each.new.start for each in likely if each.is_given_as_former}
    return [each for each in likely if each.new.start not in led or each.is_given_as_former]


def _own_features(pair: _LikelyPair, mine: FigureRoles, theirs: FigureRoles) -> dict[str, float]:
    """The features of a pair that depend on nothing but the two texts."""
    new, old = pair.new, pair.old
    is_stated_there = any(_is_stated(mine.text, new, other) for other in theirs.figures)
    return {
        "clauses": pair.clauses,
        "around": pair.around,
        "characters": pair.characters,
        "ratio": _ratio(new, old),
        "is_named": float(pair.is_named),
        "is_date": float(new.kind == "date"),
        "has_arrived": float(mine.is_arrival(new)),
        "is_further": float(mine.is_further(new)),
        "is_difference": float(mine.is_difference(new)),
        "is_only_one_difference": float(mine.is_difference(new) != theirs.is_difference(old)),
        "before": mine.similarity_before(new, theirs, old),
        "is_only_one_bound": float(mine.is_bound(new) != theirs.is_bound(old)),
        "is_only_one_range": float((new.low == new.high) != (old.low == old.high)),
        "is_stated_there": float(is_stated_there),
    }


def _features_among(likely: Sequence[_LikelyPair]) -> Iterator[dict[str, float]]:
    """The features of each pair that say how it stands among all of them."""
    best: dict[object, float] = {}
    values: dict[int, set[Decimal]] = {}
    places: dict[object, set[int]] = {}
    for each in likely:
        for end in each.ends:
            best[end] = max(best.get(end, 0.0), each.similarity)
        for group, start in zip(each.groups, each.starts, strict=True):
            places.setdefault(group, set()).add(start)
        values.setdefault(each.new.start, set()).add(each.old.low)
    for each in likely:
        better_for_new, better_for_old = (best[end] - each.similarity for end in each.ends)
        new_place, old_place = (
            _place(start, sorted(places[group]))
            for group, start in zip(each.groups, each.starts, strict=True)
        )
        yield {
            "better_for_new": better_for_new,
            "better_for_old": better_for_old,
            "values": math.log(len(values[each.new.start])),
            "place": abs(new_place - old_place),
        }


def _stated(mine: FigureRoles, figure: Figure, theirs: Iterable[FigureRoles]) -> float:
    """How similar the words around a figure are where it stands already; -1 where it doesn't."""
    alike = (
        _similarity(*mine.similarities(figure, other, own))
        for other in theirs
        for own in other.figures
        if _is_stated(mine.text, figure, own)
    )
    return max(alike, default=-1.0)


@dataclass(frozen=True, slots=True)
class _LikelyPair:
    """Two figures that may be of one thing, with the similarities of the words around them."""

    new: Figure
    old: Figure
    passage: Passage
    is_named: bool
    """Whether the text may give the earlier figure as the former value."""
    is_given_as_former: bool
    """Whether it surely does."""
    clauses: float
    around: float
    characters: float

    @property
    def similarity(self) -> float:
        return _similarity(self.clauses, self.around, self.characters)

    @property
    def starts(self) -> tuple[int, int]:
        return self.new.start, self.old.start

    @property
    def ends(self) -> tuple[object, object]:
        """What tells each of the two figures from all others."""
        return self.new.start, (self.passage.id, self.old.start)

    @property
    def groups(self) -> tuple[object, object]:
        """The figures of one kind and unit in the text, and in the passage."""
        new, old = self.new, self.old
        return (new.kind, new.unit), (self.passage.id, old.kind, old.unit)


def _similarity(clauses: float, around: float, characters: float) -> float:
    return clauses + 0.3 * around + 0.5 * characters


def _place(start: int, among: Sequence[int]) -> float:
    """Where a figure stands among those of its unit, 0 for the first, 1 for the last."""
    return among.index(start) / max(1, len(among) - 1)


def _comparable(
    mine: FigureRoles, new: Figure, theirs: FigureRoles, old: Figure, passage: Passage
) -> bool:
    """Whether an earlier figure can have become one of the text."""
    if new.kind != old.kind or (new.kind != "date" and new.unit != old.unit) or restates(new, old):
        return False
    if new.kind == "date":
        moved = MOVED.search(mine.sentence_before(new)) or mine.former_mentions(old, new)
        return bool(moved) and is_ahead(old, day_range(passage.briefing.date)[0])
    if not theirs.is_level(old) or theirs.is_past(old):
        return False
    said = [figure for figure in mine.figures if figure != new and agree(figure, old)]
    if said and any(_is_stated(mine.text, new, other) for other in theirs.figures):
        return False  # both are known: a list that stays, or a change told before
    # Where the text still gives the earlier figure, it must be as what was.
    return not said or bool(mine.former_mentions(old, new, theirs))


def _ratio(new: Figure, old: Figure) -> float:
    """How far two amounts are apart, as the logarithm of their ratio, 3 at most."""
    if new.kind == "date" or min(new.low, old.low) <= Decimal(0):
        return 0.0
    return min(abs(math.log(new.low / old.low)), 3.0)

"""What a text's figures are in it: a current value, a difference, a limit, or a former value."""

from __future__ import annotations

import re

from archive.chinese.figure import Figure, agree
from archive.chinese.figures import find_figures
from archive.chinese.text import sentences
from archive.following.similarity import Terms, Tokenise

_CLAUSE_END = re.compile(r"(?<!\d)[,:]|[,:](?!\d)|[，。；;！？：\n]")
_SHORTEST_CLAUSE = 6
_BEFORE, _AFTER = 40, 15
"""Characters around a figure, within its sentence, that say what it is the figure of."""
_NAMING = 12
"""Characters before a figure that mostly name what it is of."""
_DIFFERENCE = re.compile(
    r"(?:增加|减少|上[涨升调]|下[降跌调]|提[高升]|降低?|涨|跌|回落|新增|又有|又[降涨增减添]|(?<![最至许不大])(?:多出?|少|高出?|低)"
    r"|缩短|延长|扩大|压缩|[涨跌增降]幅为?|[同环]比.{0,4})(?:了|约|近)*\s*$"
)
"""What stands before a figure that says by how much something moved, not where it is now."""
_ARRIVED = re.compile(
    r"(?:[到至达]|成为|变为|[改升降增减提调]为|累计|[总合]计|总数[^，。；\d]{0,4}|达到|已有|共有?)(?:约|近|了)*\s*$"
)
"""What stands before a figure that says where something is now."""
_FURTHER = re.compile(
    r"(?:新[^，。；\d]{0,5}|又[^，。；\d]{0,3}|再[^，。；\d]{0,3}|另有?|其中[^，。；\d]{0,6})\s*$"
)
"""What stands before a figure that is a part, or comes on top."""
_REPORTED = re.compile(r"\s*的?(?:报|消息|快讯|统计|数据|公布|发布|通报|披露|透露|宣布|表示|当日)")
"""What follows a day that is the report's."""
_AS_OF = re.compile(r"截[至止][^，。]{0,6}$")
_FROM = re.compile(
    r"(?:由(?!于)|从(?!事(?!故)|业)|较|比(?![特例率对])|(?<![太高草平中])原(?![料油材因])|此前|还只?[在是有])[^，。；]{0,20}$"
)
"""What stands before a former value."""
_THAN = re.compile(r"(?:较|比(?![特例率对])|此前)[^，。；]{0,20}$")
"""What stands before a figure that another is compared with."""
_TO = re.compile("[到至为]")
_COMPARED = re.compile(r"[^，。；]{0,6}相比")
"""What follows a figure that something is compared with."""
_MARKER_REACH = 24
_CROSSED = re.compile(
    r"(?:[跌升突冲涨击]破|跌穿|失守|站[上稳]|逼近|接近|[卖降涨]不到)[^，。；\d]{0,6}$"
)
"""What stands before a mark that a value has passed or neared, the value being given beside it."""
_BOUND_BEFORE = re.compile(
    r"(?:不[低高]于|不超过|不[少多]于|至少|至多|最[多高低少]|[上下]限)[^，。；]{0,16}$"
)
_BOUND_AFTER = re.compile(r"\s*(?:以[上下]|的?[^\s，。；]{0,4}[上下]限)")
"""What makes a figure a limit, which a value measured isn't held against."""


class FigureRoles:
    """A text with its figures, each in the clause and the sentence it stands in."""

    def __init__(self, text: str, tokenise: Tokenise) -> None:
        self.text = text
        self.figures = find_figures(text)
        self._tokenise = tokenise
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
        is_mark = self.text[figure.start : figure.end] in ("过半", "近半")
        if is_mark or (_CROSSED.search(before) and self._sentence_has_another(figure)):
            return False
        return figure.kind == "percent" or not _DIFFERENCE.search(before)

    def _sentence_has_another(self, figure: Figure) -> bool:
        """Whether the sentence gives another figure of the unit."""
        first, last = self._sentence(figure)
        kind = figure.kind, figure.unit
        return any(
            first <= other.start < last and (other.kind, other.unit) == kind
            for other in self.figures
            if other != figure
        )

    def is_difference(self, figure: Figure) -> bool:
        return bool(_DIFFERENCE.search(self.text[max(0, figure.start - 10) : figure.start]))

    def is_arrival(self, figure: Figure) -> bool:
        return bool(_ARRIVED.search(self.text[max(0, figure.start - 12) : figure.start]))

    def is_further(self, figure: Figure) -> bool:
        return bool(_FURTHER.search(self.text[max(0, figure.start - 12) : figure.start]))

    def is_past(self, figure: Figure) -> bool:
        """Whether a figure is the former value of a later one, as the 8 of 由 8 增至 13."""
        _, last = self._sentence(figure)
        led = self._former_marker(figure)
        similarities = [
            other.start
            for other in self.figures
            if (other.kind, other.unit) == (figure.kind, figure.unit)
        ]
        return (
            led is not None
            and not any(led <= at < figure.start for at in similarities)
            and any(figure.end <= at < last for at in similarities)
        )

    def is_origin(self, figure: Figure) -> bool:
        """Whether a figure is what something is compared with, the 0.43 of 比 5 月的 0.43 元."""
        if _COMPARED.match(self.text, figure.end):
            return True
        if figure.kind == "date" or self.is_difference(figure):
            return False
        first, _ = self._sentence(figure)
        start = max(first, figure.start - _MARKER_REACH)
        than = _THAN.search(self.text[start : figure.start])
        if than is None or _TO.search(than[0]):
            return False
        return not any(
            start + than.start() <= other.start < figure.start
            for other in self.figures
            if (other.kind, other.unit) == (figure.kind, figure.unit)
        )

    def is_bound(self, figure: Figure) -> bool:
        before = self.text[max(0, figure.start - 24) : figure.start]
        after = self.text[figure.end : figure.end + 8]
        return bool(_BOUND_BEFORE.search(before) or _BOUND_AFTER.match(after))

    def former_mentions(
        self, old: Figure, new: Figure, theirs: FigureRoles | None = None
    ) -> list[Figure]:
        """The figures that give `old` as the former value of `new`.

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
                self._former_marker(figure) is not None
                or (
                    first <= figure.start < last
                    and (
                        theirs is None
                        or self._stands_before(figure, new)
                        or self.clause_similarity(figure, theirs, old)
                        < self.clause_similarity(new, theirs, old)
                    )
                )
            )
        ]

    def is_given_as_former(self, old: Figure, new: Figure) -> bool:
        """Whether the clause of `new` (of a date its sentence) gives `old` as its former value."""
        return any(
            self._former_marker(each) is not None
            and self._sentence(each) == self._sentence(new)
            and (new.kind == "date" or self._stands_before(each, new))
            for each in self.former_mentions(old, new)
        )

    def _stands_before(self, figure: Figure, other: Figure) -> bool:
        """Whether two figures stand in one clause, this one before the other."""
        start, _ = self._clause_range(other)
        return start <= figure.start < other.start

    def _former_marker(self, figure: Figure) -> int | None:
        """Where the 由, 从 or 较 stands that marks a figure as a former value; None without one."""
        first, _ = self._sentence(figure)
        start = max(first, figure.start - _MARKER_REACH)
        led = _FROM.search(self.text[start : figure.start])
        if led is None or self.is_difference(figure):
            return None  # 比去年高 45% says by how much, not what was
        # 比一季度 compares with what was then; the date hasn't moved.
        return start + led.start() if figure.kind != "date" or led[0][0] not in "比较" else None

    def similarities(
        self, figure: Figure, other: FigureRoles, of: Figure
    ) -> tuple[float, float, float]:
        """How similar two figures' clauses are by words, their surroundings by words, and their
        clauses by bigrams, 0 to 1 each.
        """
        return (
            self.clause_similarity(figure, other, of),
            self.window_similarity(figure, other, of),
            _bigram_dice(self._clause_bigrams(figure), other._clause_bigrams(of)),
        )

    def similarity_before(self, figure: Figure, other: FigureRoles, of: Figure) -> float:
        """How similar the characters just before two figures are, which name what they are of."""
        return _bigram_dice(self._bigrams_before(figure), other._bigrams_before(of))

    def clause_similarity(self, figure: Figure, other: FigureRoles, of: Figure) -> float:
        return term_dice(self._clause(figure), other._clause(of))

    def window_similarity(self, figure: Figure, other: FigureRoles, of: Figure) -> float:
        return term_dice(self._window(figure), other._window(of))

    def sentence_before(self, figure: Figure) -> str:
        """The sentence of a figure as far as it goes before it."""
        first, _ = self._sentence(figure)
        return self.text[first : figure.start]

    def _sentence(self, figure: Figure) -> tuple[int, int]:
        return next((s for s in self._sentences if s[0] <= figure.start < s[1]), (0, 0))

    def _clause(self, figure: Figure) -> Terms:
        """The words of a figure's clause, without figures."""
        if figure.start not in self._clauses:
            self._clauses[figure.start] = self._tokenise(self._masked(*self._clause_range(figure)))
        return self._clauses[figure.start]

    def _clause_range(self, figure: Figure) -> tuple[int, int]:
        return clause_range(self.text, figure.start, figure.end)

    def _clause_bigrams(self, figure: Figure) -> set[str]:
        return _bigrams(self._masked(*self._clause_range(figure)))

    def _bigrams_before(self, figure: Figure) -> set[str]:
        first, _ = self._sentence(figure)
        return _bigrams(self._masked(max(first, figure.start - _NAMING), figure.start))

    def _window(self, figure: Figure) -> Terms:
        first, last = self._sentence(figure)
        start, end = max(first, figure.start - _BEFORE), min(last, figure.end + _AFTER)
        return self._tokenise(self._masked(start, end))

    def _masked(self, start: int, end: int) -> str:
        """The characters [start, end) without the figures in them."""
        kept, at = "", start
        for figure in self.figures:
            if figure.start < end and start < figure.end:
                kept += self.text[at : max(at, figure.start)] + " "
                at = figure.end
        return kept + self.text[at:end]


def _bigrams(text: str) -> set[str]:
    """The bigrams of a text's letters and digits."""
    text = "".join(filter(str.isalnum, text))
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _bigram_dice(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / max(1, len(one) + len(other))


def term_dice(one: Terms, other: Terms) -> float:
    """Dice's coefficient of two texts' words, by weight, 0 to 1."""
    total = sum(one.values()) + sum(other.values())
    return 2 * sum(one[term] for term in one.keys() & other.keys()) / total if total else 0.0


def clause_range(text: str, first: int, last: int) -> tuple[int, int]:
    """The clause that characters of a text stand in, with the one before where it is short."""
    ends = [match.end() for match in _CLAUSE_END.finditer(text, 0, first)]
    start = ends[-1] if ends else 0
    following = _CLAUSE_END.search(text, last)
    end = following.start() if following else len(text)
    if end - start < _SHORTEST_CLAUSE and len(ends) > 1:
        start = ends[-2]
    return start, end

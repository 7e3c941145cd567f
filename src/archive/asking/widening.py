"""What to try where the evidence is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.asking.asides import POINTS
from archive.asking.records import Widening
from archive.chinese.text import has_han
from archive.evidence.question import read_question
from archive.index.records import TextWord
from archive.records import NO_FILTER
from archive.search.interpretation import Understood


def ways_on(
    understood: Understood, suggestion: str, said: Sequence[TextWord]
) -> tuple[Widening, ...]:
    """What to try where the evidence is missing: other days or topics, other words.

    `suggestion` is what the subject may be misspelt for, `said` are the words of the question.
    """
    where, text = understood.where, understood.query.text
    found = []
    everything = understood.selection.snapshot.coverage(NO_FILTER)
    if where.since or where.until:
        line = (
            f"放宽日期：档案有 {everything.since} 至 {everything.until} 的"
            f" {everything.briefings} 期简报。"
        )
        found.append(Widening(line, text, replace(where, since=None, until=None)))
    if where.topics:
        line = f"去掉主题筛选（{'、'.join(where.topics)}）。"
        found.append(Widening(line, text, replace(where, topics=())))
    if where.series or where.issuer:
        wider = replace(where, series=None, issuer=None)
        found.append(Widening("去掉系列或发布单位的筛选。", text, wider))
    if suggestion:
        found.append(Widening(f"您要问的是不是：{suggestion}", suggestion, where))
    seeks = read_question(text).seeks
    unknown = [
        word.text
        for word in said
        if word.role == "thing"
        and len(word.text) > 1
        and not word.stands
        and seeks(word.text)
        and not POINTS.search(word.text)
    ]
    words = "、".join(f"“{word}”" for word in unknown[:3])
    if words and has_han(text):  # of a question in English hardly a word stands anywhere
        found.append(Widening(f"换个说法：档案里没有出现过{words}。"))
    return tuple(found) or (Widening("换个说法，或问得更宽一些。"),)

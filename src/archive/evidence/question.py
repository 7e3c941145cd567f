"""What a question asks for: a date, an amount, a reason …, a course of events, one thing or two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from archive.chinese.search_form import squeezed
from archive.chinese.text import has_han

Wants = Literal["fact", "course", "latest", "times"]

ASKS: dict[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "date": r"什么时[候间]|何时|哪一?[年月天日]|几[年月日号点]|年份|时间|日期"
        r"|哪[个些](?:月|年|世纪|时)|when\b|what (?:date|year|day)",
        "amount": r"多少|几|多[大长高久远重]|数量|面积|人口|第几|how (?:many|much|long|far|big)",
        "money": r"多少钱|[价费]|金额|资金|投资|融资|how much|cost|price",
        "share": r"比例|占比|占了?多少|[^利税]率|百分之|几成|percent|\bshare\b",
        "who": r"谁|什么人|何人|哪位|哪一?[家个]?(?:公司|企业|机构|人|国|球队|组织|学校|大学)|名字"
        r"|叫什么|who(?:se|m)?\b|which (?:company|firm|institution)",
        "where": r"哪里|哪儿|何地|何处|什么地方|在哪|位于"
        r"|哪[个几些两]?(?:国家|座?城市|省|市|县|地[区方])"
        r"|where\b|which (?:city|cities|country|province)",
        "why": r"为什么|为啥|为何|原因|因何|何以|目的|怎么会|理由|缘故|出于什么|why\b|reason",
        "whether": r"是否|有没有|吗|是不是|能否|会不会"
        r"|(?:^|\s)(?:did|does|do|is|are|was|were|has|have|can)\b",
        "how": r"如何|怎样|怎么|方式|方法|过程|何种|靠什么|how\b",
        "definition": r"什么是|是什么|何谓|指的?是?什么|什么意思|含义|定义|名词解释|what is\b",
        "which": r"哪些|哪[个种]|什么|what\b|which\b",
    }.items()
}
"""Each kind of thing a question may ask for, and the words that ask for it."""

_ASKING = re.compile(
    r"什么时候|什么时间|什么地方|什么人|什么样|为什么|为啥|什么|多少|几|何[时地种人处]|为何|如何|怎么样|怎样"
    r"|怎么|哪[些个家里儿年位]|哪一|哪|谁|是否|有没有|多[大长高久远重]|吗|呢|请问|想了解|想问下"
)
"""The words that only ask, and are no part of what is sought."""
SAYS_LITTLE = frozenset(
    """
    叫 名字 钱 卖 打 想 要 走 到底 算 算数 出来 上 里 花 总共 一共 大约 大概 加 起来 加起来 划算
    缘故 理由 原因 名词解释 含义 意思 过程 一路 来龙去脉 这件 那个 那条 这个 哪天 哪位 几座 几款
    变化 进展 历程 经过 演变 走势 沿革 进度 前后 最新 目前 当前 最近 如今
    段时间 理解 一下 说 又 才 做 进 方面 情况 问题 事 东西 达到 具体 相关 有关 关于
    最多 最少 最低 最高 最迟 最先 打算 能 会 给 那次 那艘 那套 那么 这么 这次 下来 以后 之后 以内
    当初 眼下 将来 现在 今年 国内 我国 地方 案子 麻烦 如果 解释 请解释 各 分别 主要 可以 平均
    截至 开始 数量 不同 区别 相比 价格
    """.split()
)
"""Words of questions that briefings put otherwise, or that say nothing of what is sought."""
_COURSE = re.compile(
    r"变化|进展|历程|后来|后续|一步一步|怎么变|从多少|(?:之前|上次|原先)呢|[跟和与](?:上次|之前|原来)比|经过|演变|前后|走势|沿革|过程|进度|来龙去脉|一步步|一路|怎么推进|如何推进|是怎么推进"
    r"|how (?:has|have) .* (?:changed|moved|developed)|timeline|history of",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"最新|目前|现在|当前|最近|如今|眼下|现阶段|latest|current(?:ly)?\b|now\b", re.IGNORECASE
)
_NEWEST = re.compile(r"最新|latest", re.IGNORECASE)
_MEASURE = re.compile(r"(?:多少|几)(?:个)?([\u4e00-\u9fff]{1,2})")
_KIND_ASKED = re.compile(
    r"(?:哪一?[个家位些种款座两几]?|什么|几[个家位]|多少[个家位]?)([\u4e00-\u9fff]{1,3})"
)
_BESIDE = (6, 4)
"""Characters before and after an asking word that say most of what is asked."""
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9.]+")

_ASKS = re.compile(
    r"什么|为啥|多少|几|何[时地种人处]|为何|如何|怎|哪|谁|是否|有没有|多[大长高久远重]|吗"
    r"|\b(?:what|when|where|who|whom|which|why|how)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"[？?；;]\s*|[，,]\s*(?:又|还有|以及|并且|另外)?|(?<=[\u4e00-\u9fff])(?:以及|还有)"
)
_MOST_PARTS = 4
"""Each part is searched for by itself; what is asked beyond these belongs to the last."""
_CONTEXT = 8
"""A part with fewer characters of its own is about what the part before it is about."""
_APART = re.compile(
    r"^(?P<before>.*?(?:[，,的]|^))(?P<one>[^，,的和与跟]{1,14}?)\s*(?:和|与|跟|、|以及)\s*"
    r"(?P<other>[^，,的]{1,14}?)(?P<after>(?:的[^，,]*?)?(?:分别|各自|各).*)$"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as read: the kinds of thing it asks for, and what it says of them.

    `pairs` are the pairs of han and the Latin words of what is sought, without the words that only
    ask; `beside` those next to an asking word; `measures` what follows 多少 and 几.
    """

    text: str
    kinds: frozenset[str]
    wants: Wants
    sought: str
    pairs: tuple[str, ...]
    beside: tuple[str, ...]
    measures: tuple[str, ...]
    kind_asked: str
    """The characters after asking words, such as 公司 of 哪家公司."""

    def seeks(self, word: str) -> bool:
        """Whether an answer should hold a word of it, rather than what the word asks for."""
        is_asking = word in SAYS_LITTLE or word in self.kind_asked or _ASKING.search(word)
        return not is_asking

    @property
    def is_foreign(self) -> bool:
        """Whether it shares no script with the archive, so that words can't be compared."""
        return not has_han(self.text)


def read_question(text: str) -> Question:
    """Read what a question asks for."""
    sought = _ASKING.sub(" ", text)
    if core := _LATEST.sub(" ", _COURSE.sub(" ", sought)).strip(" 的，。？?"):
        sought = core
    beside = [
        pair
        for match in _ASKING.finditer(text)
        for side in (
            text[max(0, match.start() - _BESIDE[0]) : match.start()],
            text[match.end() : match.end() + _BESIDE[1]],
        )
        for pair in pairs(side)
    ]
    return Question(
        text=text,
        kinds=frozenset(kind for kind, asks in ASKS.items() if asks.search(text)),
        wants=_wants(text),
        sought=squeezed(sought),
        pairs=tuple(dict.fromkeys(pairs(sought))),
        beside=tuple(dict.fromkeys(beside)),
        measures=tuple(_MEASURE.findall(text)),
        kind_asked=" ".join(_KIND_ASKED.findall(text)),
    )


def pairs(text: str) -> Iterator[str]:
    """The neighbouring pairs of han and the Latin words and numbers of a text, in search form."""
    for run in _RUN.findall(squeezed(text)):
        if run[0].isascii() or len(run) == 1:
            yield run
        else:
            yield from (run[at : at + 2] for at in range(len(run) - 1))


def parts(text: str) -> tuple[str, ...]:
    """The things a question asks one after another, each as it stands in it; mostly just one.

    价格和产量分别是多少 asks for two things, and so does 何时发布，由谁发布.
    """
    if apart := _APART.match(text):
        before, one, other, after = apart.groups()
        # Of 镓在国内和欧洲 what goes before 国内 is said of both.
        shared = one[: len(one) - len(other)] if len(one) > len(other) + 1 else ""
        return f"{before}{one}{after}", f"{before}{shared}{other}{after}"
    found: list[tuple[int, int]] = []
    start = 0
    for end, following in (*(m.span() for m in _BETWEEN.finditer(text)), (len(text),) * 2):
        if text[start:end].strip():
            is_own = not found or (_asks(text[start:end]) and _asks(text[slice(*found[-1])]))
            if is_own and len(found) < _MOST_PARTS:
                found.append((start, end))
            else:
                found[-1] = found[-1][0], end
        start = following
    return tuple(text[slice(*span)].strip() for span in found) if len(found) > 1 else (text,)


def in_context(part: str, first: str) -> str:
    """A part of a question with what the first part is about, where it says too little itself."""
    own = squeezed(_ASKING.sub("", part))
    return part if part == first or len(own) >= _CONTEXT else f"{_ASKING.sub(' ', first)} {part}"


def _wants(text: str) -> Wants:
    if _COURSE.search(text) and not _NEWEST.search(text):
        return "course"
    return "latest" if _LATEST.search(text) else "fact"


def _asks(text: str) -> bool:
    return bool(_ASKS.search(text))

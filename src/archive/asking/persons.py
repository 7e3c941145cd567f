"""Who somebody is: the sentences that give a name with what its bearer is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.asking.citing import listed
from archive.asking.records import Composed, Item, Lead
from archive.evidence.features import Sentence, passage_sentences
from archive.evidence.quote_check import Quoter
from archive.records import ABSTRACT_TITLE, Citation, Passage

WHO_IS = re.compile(
    "是谁|谁是|谁[啊呀呢]?[?？]?$|谁啊|什么来头|什么来历|什么背景|什么身份|什么职务|什么职位|头衔|(?:职务|身份|职位)(?:是|怎么)"
    "|什么人|何许人|何方神圣|(?:做|干|管)什么的|哪里的?人|哪家的|\\bwho(?: is|'s)\\b",
    re.IGNORECASE,
)
_ROLE = (
    "长|员|师|官|人|家|者|士|监|总裁|经理|主任|教授|律师|顾问|书记|法官|医生|选手|导演|教练|主席|代表"
    "|书长|总编|主编|先生|主持|秘书|掌门|合伙人|委员"
)
_ASKED_OF = re.compile("头衔|职务|职位|身份|来头|来历|背景|先生|女士")
WHAT_SAID = re.compile(
    "说过|说了|怎么说|说什么|说的什么|讲过|讲了什么|怎么讲|怎么看|表态|评价|原话|观点|意见|看法|\\b(?:say|said)\\b",
    re.IGNORECASE,
)
_SAYS = "表示|说|指出|介绍|认为|称|估计|强调|解释|坦言|透露|回应|提醒|建议|预计|写道|告诉"
_BEFORE = 30
_MOST = 3


def person_named(subject: str) -> str:
    """The name in a subject, without what is asked of its bearer."""
    return " ".join(_ASKED_OF.sub(" ", subject).split())


def who_is(name: str, passages: Sequence[Passage], quoter: Quoter) -> Composed | None:
    """The sentences that say what somebody is, of each issue the best; None where none does."""
    if not name or " " in name:
        return None
    best: dict[str, tuple[float, Sentence]] = {}
    for passage in passages:
        for sentence in passage_sentences(passage):
            told = _tells(name, sentence.text) - 0.1 * (passage.section.title == ABSTRACT_TITLE)
            if told > max(0.0, best.get(passage.briefing.id, (0.0, None))[0]):
                best[passage.briefing.id] = told, sentence
    ranked = sorted(best.values(), key=lambda each: (-each[0], each[1].passage.briefing.date))
    citations: list[Citation] = []
    for _, sentence in ranked[:_MOST]:
        number = len(citations) + 1
        if made := quoter.cite(number, sentence.passage, sentence.start, sentence.end):
            citations.append(made)
    if not citations:
        return None
    called = re.search(
        f"[^，,。；;：:！？!?“”\\s]{{0,{_BEFORE}}}{re.escape(name)}", citations[0].quote
    )
    items = tuple(Item(c.briefing, c.section, c.pages, c.quote, c.number) for c in citations)
    path = citations[0].section.path
    beside = f"（见“{path[0]}”）" if len(path) > 1 else ""
    return Composed(Lead(f"{called[0] if called else name}{beside}", 1), items, tuple(citations))


def what_said(name: str, passages: Sequence[Passage], quoter: Quoter) -> Composed | None:
    """The sentences in which somebody speaks, by issue; None where there is none."""
    if not name or " " in name:
        return None
    speaks = re.compile(f"{re.escape(name)}[^，,。；;]{{0,14}}(?:{_SAYS})")
    said = [
        sentence
        for passage in passages
        if passage.section.title != ABSTRACT_TITLE
        for sentence in passage_sentences(passage)
        if speaks.search(sentence.text)
    ]
    if not said:
        return None
    issues = len({sentence.passage.briefing.id for sentence in said})
    return listed(quoter, f"简报引过“{name}”的话 {len(said)} 处，在 {issues} 期里：", said)


def _tells(name: str, text: str) -> float:
    """How well a sentence says what the bearer of a name is; 0 where it doesn't."""
    named = re.escape(name)
    if found := re.search(f"([^，,。；;：:！？!?“”]{{0,{_BEFORE}}}(?:{_ROLE}))\\s*{named}", text):
        return 1.0 + len(found[1]) / _BEFORE
    return 1.0 if re.search(f"{named}[，,]?(?:是|为|系|任|担任|出任|男|女)", text) else 0.0

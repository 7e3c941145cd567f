"""The stages that rules, cases, works and deals go through: 征求意见稿, then 正式稿."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archive.chinese.text import HAN, sentences
from archive.following.figure_roles import term_dice
from archive.following.similarity import Terms, Tokenise
from archive.records import Passage

_STAGES = tuple(
    tuple(re.compile(stage) for stage in line.split())
    for line in (
        "拟建|计划建设|筹建|筹备 开工|动工|在建|建设中 建成|投产|投用|竣工|正式成立|揭牌",
        "立项|起草|酝酿 征求意见|草案 送审稿|报批 正式稿|正式文本|正式发布|正式印发|正式公布|出台"
        " 施行|实施|生效",
        "立案 初裁|初步裁定 终裁|最终裁定 发回重审 (?<!提交)重审结果(?!的)|重审裁定",
        "暂停|中止|停产|停飞|叫停|停运 恢复|重启|复产|复飞|复工",
        "试运行|试运营|试点|试行|试用|示范条款|示范阶段 正式运营|正式运行|正式条款|全面推开"
        "|全面实施|推广到全国|全国推[开行广]|转为正式|转入批量|批量采用",
        "受理|申请|待批|审查中 获批|获准|核准|批准|通过审查|获证",
        "企业标准 团体标准 行业标准 国家标准",
        "初步共识|意向书|框架协议 正式文本|正式协议|正式生效|正式签署",
        "谈判|磋商|意向 签约|签署|达成协议 交割|完成收购",
        "内测|公测 商用|上线|开放使用",
        "征集|申报|遴选|评审 公示 正式公布|公布名单|最终认定|最终入选|授牌",
        "在研|研制|样机|样件|样片|流片 小试|中试|试制|试生产 量产|批量生产|批量交付",
        "招标 中标|定标|签约 并网|投运|交付使用",
        "预售|预订 开售|发售|开始交付",
        "辅导|申报|受理 过会|注册生效 上市|挂牌",
    )
)
"""What becomes of rules, cases, works and deals, stage by stage."""
_NOT_YET = re.compile(
    "(?:(?:尚|仍|还|均|都|始终|暂|至今|目前|一直|迄今)[未无没]有?|未能|没能)"
    f"(?:正式|最终|完全|全部|能够|[被获经曾能予再将])?(?P<what>(?!得到)[{HAN}]{{2}})"
)
"""What a passage says of something that has not come about."""
_NOT = re.compile(
    "(?:(?:未|没|拟|计划|将|预计|有望|[何几]时|是否)[^，。；]{0,6}"
    "|(?:无(?![人线缝])|不(?![锈断])|非(?![洲金]))[^，。；]?)$"
)
_AHEAD = re.compile(
    "将(?![近士军])|拟(?!合)|计划|打算|有望|建议|正(?:在|(?!在))(?![式常确面规])|暂不|准备|初步|试行|试用|示范"
    "|研究|评估|启动|开始|转入|进入"
)
"""What a passage says of something that is to come, or under way."""
_DONE = re.compile(
    "均?已(?:经|(?!经))(?![故试达近满由有升降累是在])|完成|结束|正式|转入|转为|改用|上线|启用|开始|落地|开工"
    "|尾声|批量|升格|推开|推行|推广|生效"
)
"""What a text says of something that has come about."""
_LATER_ALIKE = 0.42
"""From which two clauses, by their words, may be of one thing that is to come, then done."""
_MOST_QUOTED = 8
_NEAR = 12
"""Characters before a word that may deny it."""
_CLAUSE = re.compile("[^，。；：！？\n]+")
_ALIKE_ENOUGH = 0.25
"""From which two sentences, by their words, may be on one stage after the other."""


Counterpart = tuple[int, int, Passage, int, int]
"""Where a stage stands in a text, the passage, and where the stage before stands in that."""


def stages_reached(
    text: str, earlier: Sequence[Passage], tokenise: Tokenise
) -> Iterator[Counterpart]:
    """Stages that the text has come to and no earlier passage has, with the one before."""
    for stages in _STAGES:
        for at, stage in reversed(list(enumerate(stages))):
            reached = next(_asserted(stage, text, 0, len(text)), None)
            if not reached:
                continue
            if at and not any(stage.search(passage.text) for passage in earlier):
                around = _sentence_at(text, reached.start())
                was = _earlier_stage(tokenise(around), stages[:at], earlier, tokenise)
                if was:
                    yield reached.start(), reached.end(), *was
            break
    yield from _now_done(text, earlier, tokenise)
    yield from _gone_further(text, earlier, tokenise)


def _now_done(text: str, earlier: Sequence[Passage], tokenise: Tokenise) -> Iterator[Counterpart]:
    """What a passage says had not come about, and the text says has: 均未纳入医保, then 纳入."""
    for passage in earlier:
        for clause in _CLAUSE.finditer(passage.text):
            for was in _NOT_YET.finditer(passage.text, clause.start(), clause.end()):
                told = tokenise(passage.text[was.start() : clause.end()])
                for now in _CLAUSE.finditer(text):
                    at = text.find(was["what"], now.start(), now.end())
                    is_so = at >= 0 and not _NOT.search(text[now.start() : at])
                    if is_so and term_dice(told, tokenise(now[0])) > _ALIKE_ENOUGH:
                        yield at, at + len(was["what"]), passage, was.start(), was.end()


def _gone_further(
    text: str, earlier: Sequence[Passage], tokenise: Tokenise
) -> Iterator[Counterpart]:
    """What a passage gives as planned or begun, the text as further: 正在评估, then 开始掺用."""
    for now in _CLAUSE.finditer(text):
        done = next(_asserted(_DONE, text, now.start(), now.end()), None)
        if not done:
            continue
        still = {match[0] for match in _AHEAD.finditer(now[0])} - {done[0]}
        told = tokenise(now[0])
        given = [
            (term_dice(told, tokenise(clause[0])), passage, was.start(), clause.end())
            for passage in earlier
            for clause in _CLAUSE.finditer(passage.text)
            for was in (_AHEAD.search(passage.text, clause.start(), clause.end()),)
            if was and was[0] not in still and done[0] not in clause[0]
        ]
        if given:
            alike, passage, start, end = max(given, key=lambda each: each[0])
            if alike > _LATER_ALIKE:
                yield *_quoted(done.start(), now.end()), passage, *_quoted(start, end)


def _asserted(what: re.Pattern[str], text: str, first: int, last: int) -> Iterator[re.Match[str]]:
    """Where a text says that something is so, not that it isn't or is to be."""
    for match in what.finditer(text, first, last):
        if not _NOT.search(text[max(0, match.start() - _NEAR) : match.start()]):
            yield match


def _quoted(start: int, end: int) -> tuple[int, int]:
    return start, min(end, start + _MOST_QUOTED)


def _earlier_stage(
    around: Terms, stages: Sequence[re.Pattern[str]], earlier: Sequence[Passage], tokenise: Tokenise
) -> tuple[Passage, int, int] | None:
    """The stage that a sentence much like the one around the new stage speaks of."""
    best = _ALIKE_ENOUGH
    found: tuple[Passage, int, int] | None = None
    for passage in earlier:
        for first, last in sentences(passage.text):
            for stage in stages:
                match = stage.search(passage.text, first, last)
                if match:
                    alike = term_dice(around, tokenise(passage.text[first:last]))
                    if alike > best:
                        best, found = alike, (passage, match.start(), match.end())
    return found


def _sentence_at(text: str, at: int) -> str:
    return next((text[s:e] for s, e in sentences(text) if s <= at < e), text)

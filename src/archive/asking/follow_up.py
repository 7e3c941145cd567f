"""Questions that lean on the one before: `那欧盟呢？` after `稀土出口管制什么时候生效？`.

A question that stands on its own is left as it is; where in doubt, it does.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date as Date

from archive.chinese.dates_in_words import DateMention, find_dates
from archive.chinese.place_names import PLACES
from archive.chinese.text import HAN, has_han
from archive.records import NO_FILTER, Filter


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a session, as it was understood, and what was searched."""

    question: str
    where: Filter = NO_FILTER


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question that stands on its own, and how it was taken.

    `where` is the filter in force before, for a question that leans on it; None for a new one.
    """

    question: str
    where: Filter | None = None
    note: str = ""


_ASKING = (
    "(?:是)?(?:什么时候|什么时间|何时|哪一?[天年月日]|几月(?:几[号日])?|为什么|为何|怎么样|怎样|怎么|如何"
    "|在?(?:哪里|哪儿|何地|什么地方)"
    "|多(?:少|久|长|大|高|远|快|重)(?:[家个台套辆架吨元人次件张座颗款项种城天年]|公里|万元)?"
    "|哪(?:些|家|个|位|几[家个位])?|谁|几(?:[家个台辆次项天年种月])?|什么|是否|有没有)"
)
_ADVERBS = "什么时候|什么时间|何时|哪一?[天年]|为什么|为何|怎么|如何|在?哪里|在?哪儿|在什么地方"
_END = re.compile(r"[\s?.。!~]+$")
_POLITE = re.compile(r"^(?:请问|想问(?:一下|下)?|我?想知道|麻烦问(?:一下|下)?)[,\s]*")
_MORE = re.compile(
    r"(?i)那?(?:还有(?:别的|其他的?|更多的?|什么)?[呢吗]?|继续[说讲]?|接着[说讲]"
    r"|更多(?:呢|内容|信息)?|再?(?:详细|具体|展开|多)(?:一?点)?地?(?:[说讲]一下|说说|讲讲|介绍(?:一下)?|呢)"
    r"|说得?详细一?点"
    r"|(?:tell me |say )?more(?: about (?:it|that))?|go on|continue|anything else|what else|and)"
)
_BARE = re.compile(
    rf"(?i)(?:那|那么)?(?:又)?(?P<word>{_ASKING}|什么原因|原因(?:是什么|何在)?|多少钱)(?:呢|啊|呀|的)?"
    r"|(?:and |but )?(?P<english>why(?: not| so)?|when|where|who"
    r"|how(?: much| many| come| so| long)?)(?: exactly)?"
)
_LATER = re.compile(
    r"(?i)那?(?:之后|此后|后来|然后|接下来|再?往后)"
    r"(?:呢|怎么样|如何|有什么(?:进展|变化|动作|消息))?了?"
    r"|(?:and )?(?:then|after that|since then|what happened (?:next|then|after that|later))"
)
_INSTEAD = re.compile(
    r"(?i)(?:(?P<that>那么?|而)\s*,?\s*)?(?:如果是|要是|如果|换成|换作|换做|至于|关于|对于|还有|以及)?"
    r"\s*(?P<other>.{1,16}?)\s*(?:方面|那边|这边)?\s*"
    r"(?:又?(?:怎么样|怎样|如何)|(?P<ending>呢))"
    r"|(?:and|but|(?:and |but )?(?:what|how) about)\s+(?:in |for )?(?P<english>.{1,40}?)"
)
_PRONOUN = re.compile(
    "它们?|他们|她们|(?<![其吉])他(?![人国们山杀])|她(?!们|经济)"
    "|(?:[这那](?:一?[项家个些种款份条次件批座类]|一)|(?<![应因从由至彼如])[该此][项家类]?)"
    "(?:政策|办法|规定|规则|法规|法案|制度|公司|企业"
    "|机构|产品|项目|技术|标准|许可|裁定|裁决|判决|案件|案|事件|事(?!实|项|业|故)|平台|装置|模型|机型|火箭|城市|地区|国家"
    "|数字|比例|报告|文章|会议|计划|方案|措施|举措|决定|消息|变化|清单|名单|试点|协议)"
)
_ITS = re.compile("其(?![中他它实次余间])")
_THIS = re.compile(
    r"(?i)\b(?:its?|they|them|their|he|she|him|his|her"
    r"|(?:this|that|the|these|those) (?:company|firm|policy|rule|measure|agency|product|project"
    r"|case|law|plan)s?)\b"
)
_TIMES = "现在|目前|当前|如今|最新|最近|之前|此前|以前|原来|当时"
_VERBS = (
    "生效|施行|实施|执行|发布|公布|宣布|发生|开始|启动|结束|截止|到期|完成|投产|投用|上市|量产|交付|发射|建成|成立|通过"
    "|决定|批准|负责|参与|受益|反对|支持|提出|申请|获批|获证|上涨|下跌|涨价|降价|恢复|推迟|取消"
)
_SHORT = re.compile(
    rf"(?:那么?)?[是由会将要能]?{_ASKING}[会将要能才来]?"
    rf"(?:{_VERBS}|(?:计算|[定发做造建卖])(?=的))[的了呢啊]?"
    rf"|(?:那么?)?(?:会|将|要|能|已经)?(?:{_VERBS})了?(?:{_ASKING}|吗|没有)"
    rf"|(?:那么?)?(?:又|还)?有(?:什么|哪些)(?:进展|变化|影响|原因|措施|风险|好处|其他的?)?"
    rf"|(?:那么?)?(?:{_TIMES})(?:又?是)?{_ASKING}"
)
_WH = re.compile(
    r"(?i)^(?:(?:and|but|so)\s+)?(?:when|where|why|who|whom|what|which"
    r"|how(?: (?:much|many|long|far|often))?)\b\s*"
)

_WORDLESS = re.compile(rf"{_ASKING}|[那会将对于把被在的是又也还\s]")
_MOST_BEFORE_PRONOUN, _MOST_OWN_WORDS = 4, 3
_ENGLISH_FUNCTION_WORDS = frozenset(
    """
    a an the of in on at to for from by with and or but so is are was were be been do does did has
    have had will would can could should may might must not what when where who whom which why how
    much many long it its they them their he she him his her this that these those there
    """.split()
)

_EDGE = f"(?:^|(?<=[^{HAN}])|(?<=[的和与及对在由据从给向]))"
_KINDS = {
    "place": re.compile(
        rf"(?i)(?:{'|'.join(PLACES)})|{_EDGE}[{HAN}]{{2,3}}[省市县州]"
        r"|\b(?:the )?(?:EU|European Union|US|USA|United States|UK|China|Japan|(?:South )?Korea"
        r"|India|Russia|Germany|France|Europe|Taiwan|Vietnam|Mexico|Canada|Brazil|Australia)\b"
    ),
    "organisation": re.compile(
        rf"{_EDGE}[{HAN}]{{1,8}}?(?:委员会|联合会|协会|学会|商会|法院|研究院|研究所|实验室|大学|央行|总局|总署"
        "|[^内外全一上下]部(?![分门件])|发改委|网信办|证监会|[^结布格大]局(?!部|面)|国资委)"
    ),
    "company": re.compile(
        rf"{_EDGE}[{HAN}]{{2,6}}?(?:公司|集团|科技|机器人|航空|航天|汽车|股份|生物|神经|银行|证券|半导体|能源(?!报))"
    ),
    "product": re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,8}[ -]?[0-9]+[A-Za-z]{0,3}(?![A-Za-z0-9])"),
    "material": re.compile(
        "碳酸锂|多晶硅|碳化硅|氮化镓|磷酸铁锂|稀土|石墨|[镓锗锑铟锂钴镍铜铝钨钼钒钛铌铽镝铀](?!价)"
    ),
    "name": re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z]+(?:\s[A-Z][A-Za-z]+)*(?![A-Za-z0-9])"),
}
"""What a name is the name of, the surest first."""
_LIKE = {"name": ("company",), "company": ("name",), "place": ("organisation",)}
"""Which other kinds a name may take the place of."""
_FIGURES = (
    "单价|售价|均价|价格|锂价|订单|产量|产能|出货量|交付量|销量|成本|审批时限|时限|税率|规模|金额|数量|比例|良率|效率|里程"
    "|投资额?|利润|收入|营收|份额|有效期|交付周期|交期|租金|补贴|人数|费用|上限"
)
_PROPERTIES = (
    f"{_FIGURES}|原因|时间|进展|影响|名单|条件|适用范围|范围|措施|结果|意见|态度|反应|计划|目标|用途|来源|风险"
    "|优势|难点"
)
_FIGURE = re.compile(f"{_FIGURES}|[{HAN}]{{1,4}}[率量额度]")
_PROPERTY = re.compile(f"{_PROPERTIES}|{_FIGURE.pattern}")
_STAGE = re.compile(
    "(?:征求意见|修改|正式|报批|[初终复首]|第?[一二三四五六七八九十]{1,2})([稿裁批期代])"
)
_NOW = re.compile("现在|目前|当前|如今|最新|最近")
_PREDICATE = re.compile(
    rf"{_ASKING}|{_NOW.pattern}|{_VERBS}|首[批次家个]|一共|总共|累计|[将已被把]|[对从了各是]"
    "|(?<![委协学商工大社])会(?![议员计长])|(?<![储智性动功产节氢热核])能(?![源力效耗])"
    "|(?<![稀所拥具])有(?![色机限])|(?<!存)在|(?<![自理])由|(?<![方导])向"
    "|[降升涨][到至]|下调|上调|发给|包括|需要|要求|规定(?!的)|全长|达到"
)
"""Where what a question is about ends."""


def resolve(question: str, previous: Turn | None, today: Date) -> FollowUp:
    """A question made to stand on its own by what the previous one was about."""
    asked = _bare(question)
    if previous is None or not asked:
        return FollowUp(question)
    before = _bare(previous.question)
    if _MORE.fullmatch(asked):
        return FollowUp(previous.question, previous.where, f"接着上一问：{previous.question}")
    resolved = (
        _with_bare_question(asked, before)
        or _with_what_came_later(asked, before)
        or _with_another(asked, before, today)
        or _with_pronoun_filled(asked, before)
        or _with_topic(asked, before)
    )
    if resolved is None:
        return FollowUp(question)
    resolved += "？" if has_han(resolved) else "?"
    where = _moved(previous.where, asked, today)
    return FollowUp(resolved, where, f"按上一问理解为：{resolved}")


def _bare(question: str) -> str:
    """A question in half width, without its end mark and politeness."""
    return _POLITE.sub("", _END.sub("", unicodedata.normalize("NFKC", question).strip()))


def _with_bare_question(asked: str, before: str) -> str | None:
    """`为什么？`: the previous question with another question word."""
    match = _BARE.fullmatch(asked)
    if not match:
        return None
    if english := match["english"]:
        rest = _WH.sub("", before)
        if not has_han(before) and rest != before:
            return f"{english.capitalize()} {rest}"
        return f"{before} – {english}"
    word = match["word"]
    if re.fullmatch(_ADVERBS, word) and re.search(_ADVERBS, before):
        return re.sub(_ADVERBS, word, before, count=1)
    topic = _statement(before)
    if re.fullmatch("为什么|为何", word):
        return f"{word}{topic}"
    return f"{topic}，{word}"


def _with_what_came_later(asked: str, before: str) -> str | None:
    """`后来呢？`: what became of the previous topic."""
    if not _LATER.fullmatch(asked):
        return None
    if has_han(before):
        return f"{_topic(before)}后来有什么进展"
    return f"{_statement(before)} – what happened later"


def _with_another(asked: str, before: str, today: Date) -> str | None:
    """`那欧盟呢？`: the previous question about another thing of the same kind."""
    match = _INSTEAD.fullmatch(asked)
    if not match:
        return None
    other = match["other"] or match["english"]
    if re.search(_ASKING, other) or _PRONOUN.search(other) or _THIS.search(other):
        return None
    if not (match["that"] or match["ending"] or match["english"]):
        return None
    owner, of, held = other.partition("的")
    if of and held and _PROPERTY.fullmatch(held):
        return _about(held, _about(owner, before, today), today)
    return _about(other.removesuffix("的"), before, today)


def _about(other: str, before: str, today: Date) -> str:
    """A question with `other` in the place of what it has of the same kind, or added to it."""
    day = find_dates(other, today)
    if (day and day.end - day.start == len(other)) or re.fullmatch(_TIMES, other):
        return _at_time(other, before, find_dates(before, today))
    if _PROPERTY.fullmatch(other):
        return f"{_topic(before)}的{_asked_for(other)}"
    if stage := _STAGE.fullmatch(other):
        for held in _STAGE.finditer(before):
            if held[1] == stage[1]:
                return before[: held.start()] + other + before[held.end() :]
    names = re.split("[和与及、]", other)
    kind = next((kind for kind, form in _KINDS.items() if all(map(form.fullmatch, names))), "")
    for like in (kind, *_LIKE.get(kind, ())) if kind else ():
        if found := _KINDS[like].search(before):
            return before[: found.start()] + other + before[found.end() :]
    if not kind and (alike := _ending_alike(other, before)):
        return before[: alike[0]] + other + before[alike[1] :]
    if not has_han(before):
        return f"{before} for {other}"
    return f"{other}的{before}" if kind and not re.match(_ASKING, before) else f"{other}：{before}"


def _asked_for(held: str) -> str:
    """A property as the end of a question for it."""
    return f"{held}是{'多少' if _FIGURE.fullmatch(held) else '什么'}"


def _at_time(day: str, before: str, held: DateMention | None) -> str:
    """A question about other days."""
    if held:
        of = "的" if before[held.start : held.end].endswith("的") else ""
        return before[: held.start] + day + of + before[held.end :]
    if now := _NOW.search(before):
        return before[: now.start()] + day + before[now.end() :]
    return f"{day}{before}" if has_han(before) else f"{before} in {day}"


def _ending_alike(other: str, before: str) -> tuple[int, int] | None:
    """The name in a question that ends as another does: 钠离子电池 for 固态电池."""
    ending = other[-2:]
    if len(other) < 3 or not has_han(ending) or (end := before.find(ending)) < 0:
        return None
    start = max(before.rfind(mark, 0, end) for mark in "的、,和与及对在由 ") + 1
    return start, end + len(ending)


def _with_pronoun_filled(asked: str, before: str) -> str | None:
    """`它什么时候生效？`: the previous topic in the place of a pronoun that has no other."""
    if not has_han(asked):
        words = set(re.findall("[a-z]+", asked.casefold())) - _ENGLISH_FUNCTION_WORDS
        if _THIS.search(asked) and len(words) <= _MOST_OWN_WORDS:
            return f"{asked} ({_statement(before)})"
        return None
    match = _ITS.match(asked) or _PRONOUN.search(asked)
    # What stands before a pronoun may be what it means: `北衡和它的对手`.
    if not match or len(_WORDLESS.sub("", asked[: match.start()])) > _MOST_BEFORE_PRONOUN:
        return None
    if re.search("[和与及跟、,]$", asked[: match.start()]):
        return None
    noun = re.sub("^.一?[项家个些种款份条次件批座类]?", "", match[0])
    company = _KINDS["company"].search(before)
    topic = company[0] if noun in ("公司", "企业", "机构") and company else _topic(before)
    of = "的" if match[0] == "其" else ""
    rest = asked[match.end() :]
    if held := re.fullmatch(f"(的?)({_PROPERTIES})呢?", rest):
        of, rest = "的", _asked_for(held[2])
    return asked[: match.start()] + topic + of + rest


def _with_topic(asked: str, before: str) -> str | None:
    """`什么时候生效？`: a question that doesn't say of what."""
    if not _SHORT.fullmatch(asked) or not has_han(before):
        return None
    rest = re.sub("^那么?", "", asked)
    return (_statement(before) if re.match(_TIMES, rest) else _topic(before)) + rest


def _statement(question: str) -> str:
    """A question without what it asks for."""
    if not has_han(question):
        return _WH.sub("", question)
    rest = re.sub(f"{_ASKING}|[吗呢么]$", "", _NOW.sub("", question))
    return re.sub("(?:是|为|有|到|在|了|的)+$", "", rest).strip(" ,")


def _topic(question: str) -> str:
    """What a question is about: what precedes its predicate, without the property asked for."""
    if not has_han(question):
        return _statement(question)
    rest = re.sub(f"^(?:{_ASKING})是?", "", question)
    head = _PREDICATE.split(rest, maxsplit=1)[0].strip(" ,")
    head = re.sub(f"的?(?:{_PROPERTIES})$", "", head).removesuffix("的").strip()
    return head if len(head) > 1 else _statement(question)


def _moved(where: Filter, asked: str, today: Date) -> Filter:
    """The filter of the previous question, moved to the days named now if it had days."""
    day = find_dates(asked, today)
    if day is None or not (where.since or where.until):
        return where
    return replace(where, since=day.since, until=day.until)

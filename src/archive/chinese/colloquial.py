"""How people type: spoken forms of the words that ask, as they are written, and what merely fills.

Only words of a closed class are here. What things are called otherwise is for the lexicon.
"""

from __future__ import annotations

import re

from archive.chinese.numerals import DIGITS, NINE

_WRITTEN = {
    "啥时候": "什么时候", "啥时": "什么时候", "几时": "什么时候", "多会儿": "什么时候",
    "咋样": "怎么样", "咋回事": "怎么回事", "咋整": "怎么办", "咋": "怎么", "干嘛的": "做什么的",
    "干啥的": "做什么的", "是干嘛": "是做什么", "干嘛": "为什么", "为啥": "为什么",
    "因为啥": "因为什么", "凭啥": "为什么", "啥": "什么", "嘛时候": "什么时候", "几回": "几次",
    "多少回": "多少次", "头一回": "第一次", "头一次": "第一次", "头一批": "第一批",
    "头一个": "第一个", "头一家": "第一家", "头一": "第一", "上回": "上次", "这回": "这次",
    "谁家": "哪家", "哪儿": "哪里", "有木有": "有没有", "木有": "没有", "造不造": "知不知道",
    # Cantonese
    "几多": "多少", "边度": "哪里", "边个": "谁", "边间": "哪家", "点解": "为什么",
    "点样": "怎么样", "而家": "现在", "寻日": "昨天", "噚日": "昨天", "今日份": "今天的",
    "有冇": "有没有", "冇": "没有", "系咪": "是不是", "咩": "什么", "乜嘢": "什么", "乜": "什么",
    "咗": "了", "啲": "些", "嘅": "的", "喺": "在", "嗰": "那", "𠮶": "那", "呢个": "这个",
    "呢条": "这条", "呢度": "这里", "哋": "们", "嚟": "来", "俾": "给", "畀": "给", "佢": "他",
    "唔": "不", "㗎": "的", "嘢": "事", "单嘢": "件事",
    # Elsewhere
    "明儿": "明天", "今儿": "今天", "昨儿": "昨天", "前阵子": "最近", "打什么时候": "从什么时候",
    "整了": "写了", "拢共": "一共", "统共": "一共", "攒了": "有了", "俺": "我",
    "咱": "我们", "多老": "多", "恁": "这么", "眼么前": "目前", "眼下": "目前", "这会儿": "现在",
    "如今": "现在",
}  # fmt: skip
_SPOKEN = re.compile("|".join(sorted(_WRITTEN, key=len, reverse=True)))
_LETTERED = re.compile(f"[{NINE}](?=[A-Za-z](?![A-Za-z]))")
"""六G is written 6G."""
_FROM_WHERE = re.compile("(?<![\u4e00-\u9fff])打(?=哪)")
_HAVE_NOT = re.compile("有没(?!有)")
_FILLS = re.compile(
    "来着|求问|话说|敢问|到底|究竟|反正|其实|(?<=[\u4e00-\u9fff])那(?:个|条|档子?|摊子?|码)(?:事儿?|子)?"
    "(?=[\u4e00-\u9fff\\s])|(?:呢|呗|呀|哈|哇|咯|喽|噢|哦)(?=[?？。!！,，\\s]|$)"
)


def as_written(text: str) -> str:
    """A question in simplified script with its spoken forms as they would be written."""
    text = _SPOKEN.sub(lambda match: _WRITTEN[match[0]], text)
    text = _LETTERED.sub(lambda match: str(DIGITS[match[0]]), text)
    text = _FROM_WHERE.sub("从", text)
    text = _HAVE_NOT.sub("有没有", text)
    return " ".join(_FILLS.sub("", text).split())

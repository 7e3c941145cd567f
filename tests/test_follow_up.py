"""Follow-up questions: understood by the one before, and only where they lean on it."""

from __future__ import annotations

from datetime import date as Date

import pytest

from archive.asking.follow_up import Turn, resolve
from archive.records import Filter

TODAY = Date(2026, 9, 1)
RARE = "稀土出口管制什么时候生效？"
LIMIT = "稀土出口许可的审批时限现在是多少？"
PRICE = "Nvidia B300 服务器在中国的价格是多少?"
ORDERS = "北衡机器人的订单有多少台？"
LITHIUM = "5月的碳酸锂价格是多少？"
LICENCES = "通用许可首批发给了多少家企业？"
ENGLISH = "When do the rare earth export controls take effect?"

LEANING = [
    (RARE, "那欧盟呢？", "欧盟的稀土出口管制什么时候生效？"),
    (RARE, "那欧盟呢?", "欧盟的稀土出口管制什么时候生效？"),
    (RARE, "欧盟呢", "欧盟的稀土出口管制什么时候生效？"),
    (RARE, "那么欧盟呢", "欧盟的稀土出口管制什么时候生效？"),
    (RARE, "那欧盟怎么样？", "欧盟的稀土出口管制什么时候生效？"),
    (RARE, "换成欧盟呢？", "欧盟的稀土出口管制什么时候生效？"),
    (RARE, "那镓呢？", "镓出口管制什么时候生效？"),
    (RARE, "为什么？", "稀土出口管制为什么生效？"),
    (RARE, "在哪里？", "稀土出口管制在哪里生效？"),
    (RARE, "那是谁？", "稀土出口管制生效，是谁？"),
    (RARE, "它的范围是什么？", "稀土出口管制的范围是什么？"),
    (RARE, "这项政策影响多少企业？", "稀土出口管制影响多少企业？"),
    (RARE, "其影响有多大？", "稀土出口管制的影响有多大？"),
    (RARE, "后来呢？", "稀土出口管制后来有什么进展？"),
    (RARE, "那之后呢？", "稀土出口管制后来有什么进展？"),
    (RARE, "谁发布的？", "稀土出口管制谁发布的？"),
    (RARE, "还有呢？", RARE),
    (RARE, "继续", RARE),
    (RARE, "详细说说。", RARE),
    (RARE, "更多？", RARE),
    (RARE, "and the EU?", "the EU的稀土出口管制什么时候生效？"),
    (LIMIT, "那3月呢？", "稀土出口许可的审批时限3月是多少？"),
    (LIMIT, "它什么时候生效？", "稀土出口许可什么时候生效？"),
    (LIMIT, "什么时候生效？", "稀土出口许可什么时候生效？"),
    (LIMIT, "那范围呢？", "稀土出口许可的范围是什么？"),
    (LIMIT, "为什么？", "为什么稀土出口许可的审批时限？"),
    (PRICE, "那日本呢？", "Nvidia B300 服务器在日本的价格是多少？"),
    (PRICE, "那 H20 呢？", "Nvidia H20 服务器在中国的价格是多少？"),
    (PRICE, "AMD 呢？", "AMD B300 服务器在中国的价格是多少？"),
    (PRICE, "那Ｈ２０呢？", "Nvidia H20 服务器在中国的价格是多少？"),
    (ORDERS, "那星澜科技呢？", "星澜科技的订单有多少台？"),
    (ORDERS, "该公司的产能呢？", "北衡机器人的产能是多少？"),
    (ORDERS, "单价呢？", "北衡机器人的单价是多少？"),
    (ORDERS, "他们什么时候交付？", "北衡机器人什么时候交付？"),
    (ORDERS, "这家公司在哪里？", "北衡机器人在哪里？"),
    (LITHIUM, "那6月呢？", "6月的碳酸锂价格是多少？"),
    (LITHIUM, "上个月呢？", "上个月的碳酸锂价格是多少？"),
    ("碳酸锂价格是多少？", "那2025年呢？", "2025年碳酸锂价格是多少？"),
    ("钠离子电池出货量是多少？", "那固态电池呢？", "固态电池出货量是多少？"),
    (LICENCES, "什么时候？", "通用许可首批发给了企业，什么时候？"),
    (LICENCES, "它的有效期多长？", "通用许可的有效期多长？"),
    ("什么是通用许可？", "它的有效期是多久？", "通用许可的有效期是多久？"),
    ("商务部什么时候公布正式稿？", "那工信部呢？", "工信部什么时候公布正式稿？"),
    ("储能电池案的初裁税率是多少？", "那终裁呢？", "储能电池案的终裁税率是多少？"),
    (RARE, "那美国和日本呢？", "美国和日本的稀土出口管制什么时候生效？"),
    ("玄河量子计算机有多少比特？", "保真度呢？", "玄河量子计算机的保真度是多少？"),
    ("低空经济试点有哪些城市", "有什么进展？", "低空经济试点有什么进展？"),
    (LIMIT, "之前是多少？", "稀土出口许可的审批时限之前是多少？"),
    ("碳酸锂现在什么价格？", "去年呢？", "碳酸锂去年什么价格？"),
    ("最高法院几比几裁定？", "这一裁决有什么影响？", "最高法院有什么影响？"),
    (ENGLISH, "and the EU?", "When do the rare earth export controls take effect for the EU?"),
    (
        ENGLISH,
        "What about the EU?",
        "When do the rare earth export controls take effect for the EU?",
    ),
    (ENGLISH, "Why?", "Why do the rare earth export controls take effect?"),
    (
        ENGLISH,
        "Who announced it?",
        "Who announced it (do the rare earth export controls take effect)?",
    ),
    ("What is the price in China?", "How about Japan?", "What is the price in Japan?"),
    (ENGLISH, "tell me more", ENGLISH),
]
STANDING = [
    "公共数据授权运营收费上限是多少？",
    "北衡 H2 的单价降到多少了？",
    "什么是中试？",
    "锂价多少？",
    "人形机器人的减速器国产化率是多少呢？",
    "那么稀土出口许可的审批时限是多少？",
    "北衡机器人和它的竞争对手各交付了多少台？",
    "稀土出口许可及其审批时限是什么？",
    "其他国家的关税是多少？",
    "其中涉及审批时限的意见占多少？",
    "企业应该什么时候提交答卷？",
    "尤其值得关注的政策有哪些？",
    "那国家发展改革委什么时候公布收费目录？",
    "因此企业要补交哪些材料？",
    "土耳其的关税是多少？",
    "为什么磁材企业担心审批时限？",
    "谁获得了首张载人 eVTOL 运营许可？",
    "什么时候发放首批通用许可？",
    "低空经济试点有哪些城市？",
    "吉他产业的出口额是多少？",
    "How many cities are in the low-altitude economy pilot?",
    "How long does it take to get a rare earth export licence?",
    "What is the price of the Nvidia B300 server?",
    "稀土",
    "，。？",
    "",
]


@pytest.mark.parametrize(("previous", "question", "resolved"), LEANING)
def test_a_question_that_leans_on_the_one_before(
    previous: str, question: str, resolved: str
) -> None:
    follow_up = resolve(question, Turn(previous), TODAY)
    assert follow_up.question == resolved
    assert follow_up.where == Filter()
    assert resolved in follow_up.note


@pytest.mark.parametrize("question", STANDING)
@pytest.mark.parametrize("previous", [RARE, PRICE, ENGLISH])
def test_a_question_that_stands_on_its_own(previous: str, question: str) -> None:
    follow_up = resolve(question, Turn(previous, Filter(topics=("出口管制",))), TODAY)
    assert (follow_up.question, follow_up.where, follow_up.note) == (question, None, "")


@pytest.mark.parametrize("question", ["那欧盟呢？", "为什么？", "继续", LIMIT])
def test_without_a_question_before(question: str) -> None:
    follow_up = resolve(question, None, TODAY)
    assert (follow_up.question, follow_up.where, follow_up.note) == (question, None, "")


def test_the_note_is_for_the_reader() -> None:
    note = resolve("那欧盟呢？", Turn(RARE), TODAY).note
    assert note == "按上一问理解为：欧盟的稀土出口管制什么时候生效？"
    assert resolve("还有呢？", Turn(RARE), TODAY).note == f"接着上一问：{RARE}"


def test_the_filter_is_kept_and_follows_the_days_named() -> None:
    where = Filter(Date(2026, 5, 1), Date(2026, 5, 31), ("新能源与储能",))
    turn = Turn(LITHIUM, where)
    assert resolve("那六月呢？", turn, TODAY).where == Filter(
        Date(2026, 6, 1), Date(2026, 6, 30), ("新能源与储能",)
    )
    assert resolve("为什么？", turn, TODAY).where == where
    no_days = Turn(LITHIUM, Filter(topics=("新能源与储能",)))
    assert resolve("那六月呢？", no_days, TODAY).where == no_days.where


def test_a_second_follow_up_goes_on_from_the_first() -> None:
    first = resolve("那欧盟呢？", Turn(RARE), TODAY)
    second = resolve("美国呢？", Turn(first.question), TODAY)
    assert second.question == "美国的稀土出口管制什么时候生效？"

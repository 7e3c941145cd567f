"""What a question asks for, and whether it asks two things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.evidence.question import in_context, parts, read_question


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("凌霄三号哪天首飞的", "date"),
        ("通道何时开放？", "date"),
        ("通用许可首批发给了多少家企业？", "amount"),
        ("一张绿证多少钱", "money"),
        ("外资占比是多少", "share"),
        ("凌霄三号的总设计师是谁", "who"),
        ("小时级绿证放在哪两个省试点？", "where"),
        ("镓价为什么掉下来了？", "why"),
        ("是否造成人员伤亡", "whether"),
        ("什么是通用许可？", "definition"),
        ("When was it announced?", "date"),
        ("How many cities are in the pilot?", "amount"),
        ("Why did the price fall?", "why"),
    ],
)
def test_the_kind_of_thing_asked_for(text: str, kind: str) -> None:
    assert kind in read_question(text).kinds


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("稀土出口管制最近有什么变化？", "course"),
        ("储能反补贴案的来龙去脉", "course"),
        ("金属镓的最新报价", "latest"),
        ("合成蛋白最新的进展是什么？", "latest"),
        ("低空经济试点目前有多少个城市", "latest"),
        ("通用许可首批发给了多少家企业？", "fact"),
    ],
)
def test_one_thing_a_course_or_the_latest(text: str, wants: str) -> None:
    assert read_question(text).wants == wants


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H2现在的单价是多少？玄河又扩到了多少比特？",
         ("H2现在的单价是多少", "玄河又扩到了多少比特")),
        ("绿氢管道全长多少公里，总投资多少", ("绿氢管道全长多少公里", "总投资多少")),
        ("S3和S4的总参数分别是多少?", ("S3的总参数分别是多少?", "S4的总参数分别是多少?")),
        ("6月镓在国内和欧洲分别多少钱？",
         ("6月镓在国内分别多少钱？", "6月镓在欧洲分别多少钱？")),
        ("公共数据收费上限按成本加20%核定，依据是什么？", None),
        ("稀土出口许可的审批时限是多少？", None),
        ("据报道，审批时限缩短了，是多少个工作日？", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_parts_of_a_question(text: str, expected: tuple[str, ...] | None) -> None:
    assert parts(text) == (expected or (text,))


def test_a_part_that_says_little_is_read_with_the_first() -> None:
    first, second = parts("绿氢管道全长多少公里，总投资多少")
    assert "绿氢管道" in in_context(second, first)
    assert in_context(first, first) == first


@given(st.text(alphabet="稀土多少和与，？?；;分别是什么 aA1。的\n", max_size=60))
def test_any_text_is_a_question_of_parts(text: str) -> None:
    read = read_question(text)
    assert read.text == text
    found = parts(text)
    assert found
    assert all(isinstance(part, str) for part in found)
    assert len(found) <= 4
    for part in found:
        in_context(part, found[0])

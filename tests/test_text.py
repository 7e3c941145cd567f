"""Laws of the text helpers, and the cases that taught them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.chinese.text import compact, fold, join_gap, normalise, sentences, tidy_spaces

CHINESE = st.text(alphabet="稀土出口，。！？；“”（） \n.Aa1%-—ＡＢ１２", max_size=60)


@given(st.one_of(CHINESE, st.text(max_size=60)))
def test_sentences_joined_are_the_text(text: str) -> None:
    ranges = list(sentences(text))
    assert "".join(text[start:end] for start, end in ranges) == text
    assert all(start < end for start, end in ranges)


@given(st.one_of(CHINESE, st.text(max_size=60)))
def test_compact_knows_where_each_character_came_from(text: str) -> None:
    folded = compact(text)
    assert len(folded.text) == len(folded.offsets)
    assert not any(char.isspace() for char in folded.text)
    for char, offset in zip(folded.text, folded.offsets, strict=True):
        assert char in fold(text[offset])


@given(CHINESE)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("价格约 6.5 万元。第二句！", ["价格约 6.5 万元。", "第二句！"]),
        ("他说：“是的。”然后离开。", ["他说：“是的。”", "然后离开。"]),
        ("Learning Resources, Inc. v. Trump 案。", ["Learning Resources, Inc. v. Trump 案。"]),
        ("Prices rose. Talks went on.", ["Prices rose. ", "Talks went on."]),
        ("第一段\n第二段", ["第一段\n", "第二段"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("核心 目标", "核心目标"),
        ("2026 年 5 月", "2026 年 5 月"),
        ("” 供应绞杀” 格局", "”供应绞杀”格局"),
        ("AI   芯片", "AI 芯片"),
    ],
)
def test_tidy_spaces(page: str, shown: str) -> None:
    assert tidy_spaces(page) == shown


@pytest.mark.parametrize(
    ("before", "after", "gap"),
    [("稀土", "出口", ""), ("出口", "AI", ""), ("Trump", "meets", " "), ("Trump-", "Xi", "")],
)
def test_join_gap(before: str, after: str, gap: str) -> None:
    assert join_gap(before, after) == gap


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("７００ 万元", "700万元"),
        ("Ｂ３００", "b300"),
        ("“护栏”", '"护栏"'),
        ("14—15 日", "14-15日"),
    ],
)
def test_width_case_quotes_and_spaces_are_one(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)

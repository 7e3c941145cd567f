"""A corrected edition is told from another document of its series and day."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.chinese.text import sentences
from archive.records import Briefing, Page, Section
from ingest.intake.editions import Edition, are_told_apart, edition_of
from ingest.intake.revision import compare
from tests.conftest import SAMPLES

HEADINGS = ("国际", "宏观", "产业", "金融", "科技", "社会")
IMPRINT = "本简报由某协会根据公开信息整理，仅供内部参考，不构成任何投资建议。未经授权不得转载。"
NOTE = (
    "统计口径说明：同比按可比价格计算，环比经季节调整，涉及外币的按当日中间价折算为人民币，"
    "由于四舍五入，分项之和与合计之间可能略有出入，不作机械调整。"
)
FORM = (
    "央行开展逆回购操作{}亿元，中标利率{}.{}%，当日有{}亿元到期。\n"
    "人民币对美元中间价报7.{}，上证指数收报{}.{}点，两市成交{}亿元。"
)


def made(
    sections: Mapping[str, str],
    *,
    title: str = "每日动态",
    block: tuple[str, ...] = ("2026 年 3 月 18 日",),
    number: str = "",
    name: str = "",
) -> Briefing:
    """A briefing as it would have been read."""
    read = tuple(
        Section(str(at), heading, 1, (heading,), 1, "1", text, ((0, 1),))
        for at, (heading, text) in enumerate(sections.items(), 1)
    )
    page = "\n".join((title, *block, *(f"{s.number} {s.title}\n{s.text}" for s in read)))
    return Briefing(
        id="", series="某系列", title=title, issuer="某协会", date="2026-03-18", abstract="",
        sections=read, references=(), pages=(Page(1, "1", page),), signal="size", warnings=(),
        file_hash="", issue_number=number, file_name=name,
    )  # fmt: skip


@cache
def paragraphs() -> list[str]:
    """What the samples say, a paragraph each; no two are alike."""
    lines = [
        line
        for source in sorted((SAMPLES / "sources").glob("*.md"))
        for line in source.read_text(encoding="utf-8").split("---", 2)[2].splitlines()
    ]
    return [line for line in lines if len(line) > 60 and line[0] not in "#[|1234567890"]


def document(chance: random.Random, news: list[str]) -> dict[str, str]:
    """Some of the news under the standing headings, with what the series prints every day."""
    sections = {heading: news[at] for at, heading in enumerate(HEADINGS[: len(news)])}
    figures = [chance.randint(1000, 9999) for _ in range(FORM.count("{}"))]
    return {**sections, "行情": FORM.format(*figures), "说明": f"{NOTE}\n{IMPRINT}"}


def one_figure_each(text: str) -> str:
    return re.sub(r"\d+", lambda found: str(int(found[0]) + 1), text, count=1)


def without_last_sentence(text: str) -> str:
    said = [text[first:last] for first, last in sentences(text)]
    return "".join(said[:-1]) if len(said) > 2 else text


CORRECTIONS: dict[str, Callable[[str], str]] = {
    "another make": lambda text: re.sub(r"(.{30})", "\\1\n", text).replace("，", ","),
    "one figure of every section": one_figure_each,
    "a typo": lambda text: text.replace("的", "地", 1),
    "sentences left out": without_last_sentence,
    "more said": lambda text: f"{text}另据了解，有关部门将于下月公布后续安排，并听取企业意见。",
}


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(sorted(CORRECTIONS)))
def test_a_corrected_edition_replaces_just_its_own(seed: int, kind: str) -> None:
    """Of different documents of a series and day none replaces another, in whatever order."""
    chance = random.Random(seed)
    count, size = chance.randint(2, 5), chance.randint(2, len(HEADINGS))
    news = chance.sample(paragraphs(), count * size)
    texts = [document(chance, news[at * size : (at + 1) * size]) for at in range(count)]
    originals = [made(text) for text in texts]
    corrected = [
        made({heading: CORRECTIONS[kind](own) for heading, own in text.items()}) for text in texts
    ]
    for at, new in enumerate(corrected):
        for beside, old in enumerate(originals):
            for one, other in ((old, new), (new, old), (old, originals[at])):
                is_own = beside == at
                assert (compare(one, other).verdict == "revision") == is_own, (kind, at, beside)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"block": ("2026年3月18日　第31期",)}, {"block": ("2026年3月18日　第三十二期",)}),
        ({"number": "31"}, {"number": "32"}),
        ({"name": "简报第31期.pdf"}, {"name": "简报第32期.pdf"}),
        ({"block": ("2026年3月18日 早",)}, {"block": ("2026年3月18日 晚",)}),
        ({"block": ("2026年3月18日上午",)}, {"block": ("2026年3月18日下午",)}),
        ({"name": "每日动态_早.pdf"}, {"name": "每日动态_晚.pdf"}),
        ({"name": "2026-03-18 morning.pdf"}, {"name": "2026-03-18_evening.pdf"}),
        ({}, {"block": ("增刊", "2026年3月18日")}),
        ({}, {"title": "每日动态 特刊"}),
        ({}, {"name": "每日动态号外.pdf"}),
        ({"name": "动态（上）.pdf"}, {"name": "动态（下）.pdf"}),
        ({"name": "动态上篇.pdf"}, {"name": "动态下篇.pdf"}),
        ({"title": "每日动态（一）"}, {"title": "每日动态（二）"}),
        ({"title": "每日动态之一"}, {"title": "每日动态之二"}),
        ({"name": "动态_A.pdf"}, {"name": "动态_B.pdf"}),
        ({"block": ("华东版",)}, {"block": ("华南版",)}),
    ],
)
def test_editions_that_are_marked_apart_are_both_kept(
    one: Mapping[str, str], other: Mapping[str, str]
) -> None:
    """Whatever they say; where it is the same, which of the two was meant is in doubt."""
    chance = random.Random(1)
    text = document(chance, paragraphs()[:3])
    first, second = made(text, **one), made(text, **other)  # type: ignore[arg-type]
    assert compare(first, second).verdict == compare(second, first).verdict == "unsure"
    news = made(document(chance, paragraphs()[3:6]), **other)  # type: ignore[arg-type]
    assert compare(first, news).verdict == "another"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"block": ("2026年3月18日　第31期",)}, {"block": ("二〇二六年三月十八日 第三十一期",)}),
        ({"block": ("第３１期（总第1031期）",)}, {"block": ("第 31 期",), "number": "31"}),
        ({"name": "动态.pdf"}, {"name": "动态(1).pdf"}),
        ({"name": "动态.pdf"}, {"name": "动态 修订版 v2.pdf"}),
        ({"name": "动态.pdf"}, {"name": "动态_更正_最终版.pdf"}),
        ({"name": "20260318.pdf"}, {"name": "9f3c-副本.pdf", "block": ("内部资料 注意保存",)}),
        ({"name": "动态_晚.pdf"}, {"name": "动态_晚修订(2).pdf"}),
        ({"name": "动态_A.pdf"}, {"name": "动态_A_v2.pdf"}),
        ({"name": "动态（上）.pdf"}, {"name": "动态（上）（更正稿）.pdf"}),
        ({"title": "早间动态", "name": "早报.pdf"}, {"title": "早间动态", "name": "更正.pdf"}),
        ({"title": "早稻与晚稻动态"}, {"title": "早稻与晚稻动态", "name": "上海下游.pdf"}),
    ],
)
def test_what_a_corrected_edition_bears_is_no_mark(
    one: Mapping[str, str], other: Mapping[str, str]
) -> None:
    text = document(random.Random(1), paragraphs()[:3])
    first, second = made(text, **one), made(text, **other)  # type: ignore[arg-type]
    assert compare(first, second).verdict == compare(second, first).verdict == "revision"


def test_numbers_and_marks_are_read_where_an_edition_says_what_it_is() -> None:
    text = {"晚间要闻": "早报称，增刊第99期将于下午出版。", "第三期专项债": "（二）说明。"}
    briefing = made(text, block=("2026 年 3 月 18 日 早　第 三 十 一 期（总第１０３１期）",))
    assert edition_of(briefing) == Edition(frozenset({31, 1031}), frozenset({"早"}))


def test_a_number_more_is_no_other_number() -> None:
    both = Edition(frozenset({31, 1031}), frozenset())
    assert not are_told_apart(both, Edition(frozenset({31}), frozenset()))
    assert not are_told_apart(both, Edition(frozenset(), frozenset()))
    assert are_told_apart(both, Edition(frozenset({32, 1031}), frozenset()))


def test_the_older_must_stand_in_the_newer_not_the_other_way_round() -> None:
    short = made({"国际": paragraphs()[0]})
    long = made(dict(zip(HEADINGS, paragraphs(), strict=False)))
    assert compare(short, long).verdict == "revision"
    assert compare(long, short).verdict != "revision"


def test_half_of_it_written_anew_is_in_doubt() -> None:
    news = paragraphs()
    old = made(dict(zip(HEADINGS[:4], news, strict=False)))
    new = made(dict(zip(HEADINGS[:4], (*news[:2], *news[4:]), strict=False)))
    assert compare(old, new).verdict == "unsure"


def test_a_form_that_is_filled_in_anew_is_no_corrected_edition() -> None:
    def filled_in(start: int) -> Briefing:
        figures = [start + 37 * at for at in range(FORM.count("{}"))]
        return made({"行情": FORM.format(*figures) * 2})

    assert compare(filled_in(1000), filled_in(4000)).verdict != "revision"


def test_hardly_any_text_must_stand_altogether() -> None:
    old = "第一件事有了结果，数量为 12 件。"
    assert compare(made({"甲": old}), made({"甲": f"{old}另有后续。"})).verdict == "revision"
    assert compare(made({"甲": old}), made({"甲": old.replace("12", "13")})).verdict != "revision"
    assert compare(made({"甲": ""}), made({"甲": ""})).verdict == "another"
    assert compare(made({"甲": "无。"}), made({"甲": "无。"})).verdict == "another"


def test_headings_say_something_where_nothing_stands_under_them() -> None:
    def headlines(news: list[str]) -> Briefing:
        return made(dict.fromkeys((text[:24] for text in news), ""))

    news = paragraphs()
    assert compare(headlines(news[:8]), headlines(news[:9])).verdict == "revision"
    assert compare(headlines(news[:8]), headlines(news[8:16])).verdict == "another"


def test_what_stands_in_issues_of_other_days_tells_nothing() -> None:
    """A sentence of news among so much that the series prints every day."""
    every_day = [NOTE, *(text[:80] for text in paragraphs()[10:14])]

    def issue(news: str) -> Briefing:
        return made({"要闻": "\n".join([news, *every_day])})

    first, second, before = (issue(text[:60]) for text in paragraphs()[:3])
    assert compare(first, second).verdict == "revision", "as far as the two of them tell"
    assert compare(first, second, [before]).verdict == "another"
    more = replace(second, sections=(*second.sections, *issue(paragraphs()[5]).sections))
    assert compare(second, more, [before]).verdict == "revision"

"""Sources: which entries of 参考文献 a sentence relies on, by the outlets and days named."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.chinese.text import sentences
from archive.evidence.sources import sources_of
from archive.records import BriefingCard, Passage, Reference, SectionCard
from ingest.reading.briefing_reader import AS_PRINTED, read_briefing
from ingest.reading.passages import cut_passages

Entry = tuple[str, str, str]
REUTERS, OTHER_REUTERS = ("Reuters", "2026-05-06", "Chip curbs"), ("Reuters", "2026-05-02", "Soy")
BLOOMBERG = ("Bloomberg", "2026-05-06", "Rare earths")
CAIXIN = ("财新网", "2026-05-05", "稀土出口通用许可发放")
FT = ("Financial Times", "2026-05-04", "Tariffs return")
ENERGY = ("云汀能源报", "2026-05-05", "绿氢管道完成焊接")
TECH = ("云汀科技报", "2026-05-05", "算力网平台试运行")
ALL = (REUTERS, OTHER_REUTERS, BLOOMBERG, CAIXIN, FT, ENERGY, TECH)


def passage(text: str, title: str = "进展", path: tuple[str, ...] = ()) -> Passage:
    briefing = BriefingCard("2026-05-07-00000000", "动态", "促进会", "2026-05-07")
    section = SectionCard("1.1", title, path or (title,))
    return Passage("p", briefing, section, text, ((0, 1),), ("1", "1"))


def found(
    text: str,
    quote: str,
    entries: tuple[Entry, ...] = ALL,
    *,
    title: str = "进展",
    before: str = "",
) -> list[Entry]:
    """The entries that a quote in a text relies on."""
    references = [Reference(number, *entry) for number, entry in enumerate(entries, 1)]
    start = text.index(quote)
    sources = sources_of(passage(text, title), start, start + len(quote), references, before)
    return [(source.outlet, source.date, source.title) for source in sources]


@pytest.mark.parametrize(
    ("attribution", "entries"),
    [
        ("据 Reuters 5 月 6 日独家报道，", [REUTERS]),
        ("据路透社５月２日报道，", [OTHER_REUTERS]),
        ("据REUTERS5月6日报道，", [REUTERS]),
        ("5月2日，路透社报道，", [OTHER_REUTERS]),
        ("路透社（Reuters）5月2日的评论认为，", [OTHER_REUTERS]),
        ("据路透社5月1日至2日报道，", [OTHER_REUTERS]),
        ("据彭博社报道，", [BLOOMBERG]),
        ("据财新 5 月 5 日消息，", [CAIXIN]),
        ("财新传媒援引知情人士称，", [CAIXIN]),
        ("据英国《金融时报》5月4日报道，", [FT]),
        ("据《金融时报》报道，", [FT]),
        ("据 FT 5月4日报道，", [FT]),
        ("据云汀能源报5月5日报道，", [ENERGY]),
        ("据云汀科技报5月5日报道，", [TECH]),
        ("据 Reuters 5 月 6 日报道及 Bloomberg、TNW 5 月初跟进分析，", [REUTERS, BLOOMBERG]),
        ("据彭博社和路透社5月6日报道，", [REUTERS, BLOOMBERG]),
        ("一名采购经理告诉财新网，", [CAIXIN]),
        ("According to Reuters on May 6, ", [REUTERS]),
        # A day or two apart is still the same report; half a year apart it is another.
        ("据财新5月6日报道，", [CAIXIN]),
        ("据财新去年11月5日报道，", []),
        ("据云汀晚报5月5日报道，", []),
    ],
)
def test_outlet_and_day(attribution: str, entries: list[Entry]) -> None:
    quote = f"{attribution}出口许可共发放 38 件。"
    assert found(f"{quote}其余待批。", quote) == entries


def test_an_attribution_holds_until_the_next() -> None:
    text = (
        "据路透社5月6日报道，许可已发放。首批共 38 件。\n企业表示欢迎。"
        "彭博社5月6日评论称，影响有限。该社认为价格将回落。"
    )
    assert found(text, "首批共 38 件。") == [REUTERS]
    assert found(text, "企业表示欢迎。") == [REUTERS]
    assert found(text, "该社认为价格将回落。") == [BLOOMBERG]
    assert found(text, "企业表示欢迎。彭博社5月6日评论称，影响有限。") == [REUTERS, BLOOMBERG]


def test_an_attribution_may_stand_in_an_earlier_passage() -> None:
    assert found("首批共 38 件。", "38 件", before="据财新5月5日报道，许可已发放。") == [CAIXIN]
    assert found("首批共 38 件。", "38 件") == []


def test_an_unlisted_outlet_takes_over() -> None:
    text = "据路透社5月6日报道，许可已发放。远图研究院则提醒企业，规则未稳。"
    assert found(text, "远图研究院则提醒企业，规则未稳。") == []
    text = "据路透社5月6日报道，许可已发放。据海关总署5月6日消息，出口回升。"
    assert found(text, "据海关总署5月6日消息，出口回升。") == []


def test_an_outlet_that_the_news_is_about_is_no_source() -> None:
    text = "据路透社5月6日报道，媒体业在收缩。彭博社将裁员 5%。"
    assert found(text, "彭博社将裁员 5%。") == [REUTERS]


def test_a_heading_may_name_the_source() -> None:
    assert found("许可已发放。", "许可", title="彭博社：许可发放") == [BLOOMBERG]


def test_an_attribution_right_after() -> None:
    assert found("许可已发放。据财新5月5日报道，共 38 件。", "许可已发放。") == [CAIXIN]
    # What only comes later, or in another paragraph, says nothing of what stands before.
    assert found("许可已发放。\n据财新5月5日报道，共 38 件。", "许可已发放。") == []
    assert found("背景如下。许可已发放。财新分析一针见血。", "背景如下。") == []


def test_entries_of_one_outlet_and_day_are_told_apart_by_title() -> None:
    price = ("启衡数据", "2026-05-05", "碳酸锂周报：价格回落")
    supply = ("启衡数据", "2026-05-05", "回收锂供应结构")
    text = "启衡数据5月5日发布的供应结构显示，回收占 13.4%。该机构称还会上升。"
    assert found(text, text, (price, supply)) == [supply]
    text = "据启衡数据5月5日报价，碳酸锂价格为 8.6 万元。"
    assert found(text, text, (price, supply)) == [price]
    text += "启衡数据认为供应结构会变。"
    assert found(text, "启衡数据认为供应结构会变。", (price, supply)) == [price]


def test_names_that_contain_others() -> None:
    views = ("Reuters Breakingviews", "2026-05-06", "Risk")
    text = "据 Reuters Breakingviews 5 月 6 日评论，风险犹存。"
    assert found(text, text, (REUTERS, views)) == [views]
    british = ("英国金融时报", "2026-05-04", "关税")
    chinese = ("金融时报", "2026-05-04", "货币政策")
    for outlet, entry in (("英国《金融时报》", british), ("《金融时报》", chinese)):
        text = f"据{outlet}5月4日报道，消息属实。"
        assert found(text, text, (british, chinese)) == [entry]


def test_without_any_attribution_a_title_may_tell() -> None:
    text = "首批稀土出口通用许可已经发放。共 38 件。"
    assert found(text, "共 38 件。") == [CAIXIN]
    assert found("全国气温回升。", "气温") == []
    twin = ("新材观察", "2026-05-05", "稀土出口通用许可发放")
    assert found(text, "共 38 件。", (CAIXIN, twin)) == []


def test_each_sentence_of_an_abstract_stands_for_itself() -> None:
    text = "据路透社5月6日报道，限制收紧。绿氢管道完成焊接，算力网平台试运行。其他消息不多。"
    assert found(text, "据路透社5月6日报道，限制收紧。", title="摘要") == [REUTERS]
    assert found(text, "绿氢管道完成焊接，算力网平台试运行。", title="摘要") == [ENERGY, TECH]
    assert found(text, "其他消息不多。", title="摘要") == []


@pytest.mark.parametrize(
    "entry",
    [
        ("", "", "无名条目"),
        ("Reuters / 路透社", "", "x"),
        ("(Reuters)", "2026-05", "x"),
        ("的", "", ""),
    ],
)
def test_odd_entries(entry: Entry) -> None:
    text = "据路透社5月6日报道，许可已发放。"
    assert found(text, text, (entry,)) == ([entry] if "Reuters" in entry[0] else [])
    assert found(text, text, ()) == []


REAL = {
    ("摘要", "Brookings 智库"): [1],
    ("摘要", "Reuters Breakingviews 5"): [2],
    ("摘要", "中国工信部 4 月 29 日"): [],
    ("1.1", "这是自拜登以来"): [1],
    ("1.1", "Brookings 分析师 Jonathan"): [1],
    ("1.2", "这一“恐怖平衡”"): [2],
    ("1.2", "世界经济论坛 5 月 2 日"): [3],
    ("2.1", "据 Discovery Alert"): [6],
    ("2.1", "这一举措的时机"): [6],
    ("2.2", "稀土是电动汽车"): [],
    ("3.1", "据 Reuters 4 月 30 日"): [7, 8],
    ("3.1", "Nvidia 官方重申"): [7, 8],
    ("3.2", "第二，长期来看"): [],
    ("4.1", "这一裁决推翻了"): [9],
    ("4.1", "Brookings 分析指出"): [1],
    ("4.2", "机遇在于"): [],
    ("4.2", "世界经济论坛的分析"): [3],
}


def test_the_real_briefing(example_pdfs: list[Path]) -> None:
    pdf = example_pdfs[0].with_name("briefing_2026-05-07.pdf")
    briefing = read_briefing(pdf, pdf.read_bytes(), AS_PRINTED)
    seen: dict[tuple[str, str], list[int]] = {}
    before: dict[str, str] = {}
    for part in cut_passages(briefing):
        section = part.section.number or part.section.title
        for start, end in sentences(part.text):
            for name, opening in REAL:
                if name == section and part.text[start:end].startswith(opening):
                    sources = sources_of(
                        part, start, end, briefing.references, before.get(section, "")
                    )
                    seen[name, opening] = [source.number for source in sources]
        before[section] = before.get(section, "") + part.text
    assert seen == REAL

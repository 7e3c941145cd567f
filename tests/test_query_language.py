"""The query language, in every script and kind of figure, over the sample archive."""

from __future__ import annotations

from datetime import date as Date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import Archive, Filter
from archive.chinese.search_form import characters, squeezed
from archive.index.query import Query, Term
from archive.records import Mode
from archive.search.query_language import parse_query
from tests.commands import archive as command
from tests.conftest import SAMPLES

TODAY = Date(2026, 8, 28)
MODES: tuple[Mode, ...] = ("keyword", "semantic", "hybrid")


def parse(text: str) -> Query:
    return parse_query(text, ["氢能", "AI芯片与算力"], TODAY)


# --- how a query is taken ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted", "excluded"),
    [
        ("稀土 出口", [["稀土"], ["出口"]], []),
        ("稀土　出口", [["稀土"], ["出口"]], []),
        ('"出口许可"', [["=出口许可"]], []),
        ("“出口许可”", [["=出口许可"]], []),
        ("＂出口许可＂", [["=出口许可"]], []),
        ("「出口许可」 稀土", [["=出口许可"], ["稀土"]], []),
        ("什么是“通用许可”", [["什么是"], ["=通用许可"]], []),
        ("稀土 -美国", [["稀土"]], ["美国"]),
        ("稀土 －美国", [["稀土"]], ["美国"]),
        ('稀土 -"对等关税"', [["稀土"]], ["=对等关税"]),
        ("6-3 裁决", [["6-3 裁决"]], []),
        ("14-15 日", [["14-15 日"]], []),
        ("稀土 OR 锂 价格", [["稀土", "锂"], ["价格"]], []),
        ("稀土 ＯＲ 锂 | 镓", [["稀土", "锂", "镓"]], []),
        ("标题:许可", [["^许可"]], []),
        ("標題：“出口许可”", [["^=出口许可"]], []),
        ("-标题:许可 稀土", [["稀土"]], ["^许可"]),
        ("or 稀土", [["or"], ["稀土"]], []),
    ],
)
def test_operators(text: str, wanted: list[list[str]], excluded: list[str]) -> None:
    query = parse(text)
    assert not query.problem
    assert [[shown(term) for term in group] for group in query.wanted] == wanted
    assert [shown(term) for term in query.excluded] == excluded


def shown(term: Term) -> str:
    return "^" * term.in_title + "=" * term.exact + term.text


@pytest.mark.parametrize(
    ("text", "wanted", "told"),
    [
        ("受困企业重返“赛道”", ["受困企业重返", "赛道"], True),
        ("什么是稀土的＂通用许可＂ 火箭", ["什么是稀土的", "通用许可", "火箭"], True),
        ("“枫桥经验”怎样落到实处 “火箭”", ["枫桥经验", "怎样落到实处", "=火箭"], True),
        ("长城公司发布“OR”计划", ["长城公司发布", "OR", "计划"], True),
        ("中国稀土“通用许可”", ["中国稀土", "=通用许可"], False),
        ("“通用许可”“出口”", ["=通用许可", "=出口"], False),
    ],
)
def test_quotes_within_a_sentence_only_quote(text: str, wanted: list[str], told: bool) -> None:
    query = parse(text)
    assert not query.problem
    assert [shown(term) for term in query.terms] == wanted
    assert bool(query.note) is told


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("日期:2026-05", Filter("2026-05", "2026-05")),  # type: ignore[arg-type]
        ("日期：２０２６－０５－０７", Filter("2026-05-07", "2026-05-07")),  # type: ignore[arg-type]
        ("日期:2026-05-01..2026-05-07", Filter("2026-05-01", "2026-05-07")),  # type: ignore[arg-type]
        ("日期:2026-05..", Filter("2026-05")),  # type: ignore[arg-type]
        ("date:..2026-05", Filter(None, "2026-05")),  # type: ignore[arg-type]
        ("日期:上周", Filter("2026-08-17", "2026-08-23")),  # type: ignore[arg-type]
        ("主题:氢能", Filter(topics=("氢能",))),
        ("主題：ai芯片與算力", Filter(topics=("AI芯片与算力",))),
    ],
)
def test_fields_that_filter(text: str, where: Filter) -> None:
    query = parse(f"{text} 稀土")
    assert not query.problem
    assert query.where == where
    assert [term.text for term in query.terms] == ["稀土"]


@pytest.mark.parametrize(
    "text",
    [
        '"出口许可',
        "出口许可”",
        "“”",
        '""',
        "标题:",
        "日期:2026-13 稀土",
        "日期:2026-05..2026-04",
        "主题:占星",
        "OR 稀土",
        "稀土 OR",
        "稀土 OR OR 锂",
        "稀土 OR -锂",
        "-日期:2026",
        "日期: 主题:",
    ],
)
def test_what_is_not_well_formed_is_plain_words_and_says_so(text: str) -> None:
    query = parse(text)
    assert query.problem.endswith("已按普通词语检索。")
    assert query.is_plain
    assert squeezed(query.meaning) == squeezed(text)


@given(st.text(max_size=200))
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    assert query.text == text
    assert query.problem or squeezed(query.meaning) in squeezed(text) or not query.is_plain


# --- what it finds -------------------------------------------------------------------------------

SENTENCE = "氮化镓适合高频、中低压场合，碳化硅则适合高压、大功率场合，二者并非简单的替代关系。"
BROKEN_SENTENCE = "真正的影响在于融资，银行会因税率\n不确定而提高\n项目的风险溢价。"
DATED_SENTENCE = "据新材观察5月9日报道，国内两家服务器电源企业开始批量采用650伏氮化镓功率器件"
QUOTING_SENTENCE = "“我们更在意时限是否真的得到遵守，而不是纸面上的天数”"
COPIED_WITH_QUOTE = (
    "标识解析可以理解为给每个零部件发一张“身份证”，上下游凭编码即可查询来源、批次和检验记录。"
)
FIRST = [
    # (query, date and section of the first result)
    (SENTENCE, "2026-05-12", "2"),
    (BROKEN_SENTENCE, "2026-05-12", "1.3"),
    (DATED_SENTENCE, "2026-05-12", "2"),
    (QUOTING_SENTENCE, "2026-05-20", "1.3"),
    ("6:4", "2026-05-12", "1.2"),
    ("６：４ 分担", "2026-05-12", "1.2"),
    ("5.5千瓦", "2026-05-12", "2"),
    ("5.5 千瓦", "2026-05-12", "2"),
    ("５．５千瓦", "2026-05-12", "2"),
    ("2,100万千瓦时", "2026-05-12", "2"),
    ("2100 万", "2026-05-12", "2"),
    ("２１００万", "2026-05-12", "2"),
    ("1286条", "2026-04-14", "1.1"),
    ("1,286 条意见", "2026-04-14", "1.1"),
    ("97.6%", "2026-05-12", "2"),
    ("97.6 ％", "2026-05-12", "2"),
    ("半導體 氮化鎵 伺服器電源", "2026-05-12", "2"),
    ("GaN 5.5 千瓦", "2026-05-12", "2"),
    ("标题:意见采纳", "2026-05-20", "1.2"),
    ("主题:氢能 日期:2026-05", "2026-05-26", "3"),
    ("5月20日 意见采纳情况", "2026-05-20", "1.2"),
]


@pytest.mark.parametrize("mode", [MODES[0], MODES[2]])
@pytest.mark.parametrize(("query", "date", "section"), FIRST)
def test_what_comes_first(
    sample_archive: Archive, mode: Mode, query: str, date: str, section: str
) -> None:
    page = sample_archive.search_page(query, mode=mode, limit=1, today=TODAY)
    first = page.results[0].passage
    assert (first.briefing.date, first.section.number) == (date, section)


ALIKE = [
    # forms of one query, which find the same in the same order
    ("X200", "x200", "Ｘ２００", "X 200", "ｘ２００"),
    ('"出口许可"', "“出口许可”", "＂出口许可＂", "「出口许可」", "“出口許可”"),
    ("稀土 出口", "稀土　出口", "稀土\n出口"),
    ("稀土 OR 氢能", "稀土 ＯＲ 氢能", "稀土 | 氢能"),
    ("审批 -稀土", "审批 －稀土", "审批 −稀土"),
    ("标题:许可", "标题：许可", "標題：許可", "TITLE:许可"),
    ("半导体", "半導體"),
    ("21.4%", "21.4 %", "２１.４％", "21.4％"),
    ("2100万", "2,100万", "2100 万", "２，１００万"),
    ("日期:2026-05 稀土", "日期：２０２６－０５ 稀土", "日期:2026-05-01..2026-05-31 稀土"),
]


@pytest.mark.parametrize("forms", ALIKE, ids=lambda forms: forms[0])
def test_half_and_full_width_scripts_and_spaces_find_the_same(
    sample_archive: Archive, forms: tuple[str, ...]
) -> None:
    found = [
        [result.passage_id for result in sample_archive.search(form, mode="keyword", limit=50)]
        for form in forms
    ]
    assert found[0]
    assert all(other == found[0] for other in found)


@pytest.mark.parametrize("mode", MODES)
def test_phrases_exclusions_and_headings_bind_both_indexes(
    sample_archive: Archive, mode: Mode
) -> None:
    page = sample_archive.search_page('"出口许可" -通用许可 标题:审批', mode=mode, limit=100)
    assert page.results
    for result in page.results:
        heading = squeezed("".join((result.briefing.title, *result.section.path)))
        everything = heading + squeezed(result.text)
        assert "出口许可" in everything
        assert "审批" in heading
        assert "通用许可" not in everything


def test_a_phrase_finds_all_that_holds_it_however_the_text_is_cut_into_words(
    sample_archive: Archive,
) -> None:
    passages = sample_archive._catalog.passages.get(sample_archive._catalog.snapshot().ids)
    texts = {p.id: characters(p.text) for p in passages}
    for phrase in ("口许", "许可管理办", "储能电", "的", "万元", "。据", "千瓦时", "21.4%，"):
        sought = characters(phrase)
        holding = {
            passage_id
            for passage_id, text in texts.items()
            if any(text[at : at + len(sought)] == sought for at in range(len(text)))
        }
        found = sample_archive.search(f'"{phrase}"', mode="semantic", limit=1000)
        near = {result.passage_id for result in found}
        live = sample_archive._catalog.snapshot()
        selection = sample_archive._keyword_index.select(live, parse(f'"{phrase}"'), Filter())
        allowed = set(selection.passages().ids)
        assert holding <= allowed
        assert near <= allowed
        headings = {p.id for p in passages if squeezed(phrase) in squeezed("".join(p.section.path))}
        assert allowed <= holding | headings


def test_passages_with_all_words_come_before_those_with_some(sample_archive: Archive) -> None:
    results = sample_archive.search("稀土 审批 时限", mode="keyword", limit=50)
    holds_all = [{"稀土", "审批", "时限"} <= set(result.hits) for result in results]
    assert any(holds_all)
    assert holds_all == sorted(holds_all, reverse=True)
    assert not all(holds_all)


def test_either_of_two_words(sample_archive: Archive) -> None:
    results = sample_archive.search("稀土 OR 氢能", mode="keyword", limit=200)
    assert all(set(result.hits) & {"稀土", "氢能"} for result in results)
    assert {"稀土", "氢能"} <= {hit for result in results for hit in result.hits}
    joined = sample_archive.search("稀土 OR 氢能 管道", mode="keyword", limit=50)
    both = [bool({"稀土", "氢能"} & set(r.hits)) and "管道" in r.hits for r in joined]
    assert any(both)
    assert both == sorted(both, reverse=True)


@settings(max_examples=30)
@given(st.data())
def test_any_sentence_of_a_briefing_finds_its_passage_first(
    sample_archive: Archive, data: st.DataObject
) -> None:
    from archive.chinese.text import sentences

    live = sample_archive._catalog.snapshot()
    passage = sample_archive._catalog.passages.get([data.draw(st.sampled_from(live.ids))])[0]
    long = [passage.text[a:b] for a, b in sentences(passage.text) if b - a >= 15]
    if not long:
        return
    sentence = data.draw(st.sampled_from(long))
    broken = sentence.replace("，", "，\n", 1)
    for query, mode in product((sentence, broken), (MODES[0], MODES[2])):
        first = sample_archive.search(query, mode=mode, limit=1)[0]
        assert squeezed(sentence) in squeezed(first.text)


def test_the_command_line_takes_the_same_language(sample_home: object) -> None:
    run = command(
        "search", "稀土 －美国 日期：２０２６－０５", "--mode", "keyword", "--json",
        home=sample_home,  # type: ignore[arg-type]
    )  # fmt: skip
    document = run.json
    assert run.code == 0
    assert document["filter"]["since"] == "2026-05-01"
    assert all(r["briefing"]["date"].startswith("2026-05") for r in document["results"])
    assert document["total"] == len(document["results"]) > 0
    assert SAMPLES.exists()


def test_a_sentence_that_quotes_finds_passages_without_the_quotation(
    sample_archive: Archive,
) -> None:
    page = sample_archive.search_page("火箭一级成功回收，迎来“通用许可”", mode="keyword")
    assert "火箭" in page.results[0].text
    assert "通用许可" not in page.results[0].text
    assert "引号前后加空格" in page.message


def test_a_copied_sentence_that_quotes_needs_no_remark(sample_archive: Archive) -> None:
    page = sample_archive.search_page(COPIED_WITH_QUOTE, mode="keyword")
    assert squeezed(COPIED_WITH_QUOTE) in squeezed(page.results[0].text)
    assert not page.message


def test_a_phrase_that_stands_nowhere_is_searched_as_words_and_says_so(
    sample_archive: Archive,
) -> None:
    page = sample_archive.search_page("“稀土许可出口”的审批 -火箭", mode="keyword")
    assert page.results
    assert "完全相符" in page.message
    assert all("火箭" not in result.text for result in page.results)

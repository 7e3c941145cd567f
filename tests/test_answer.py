"""Answers: the right sentence, verbatim on its page as pdfium reads it, or a refusal."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date as Date
from pathlib import Path

import pytest

from archive import Archive, Filter, Settings
from archive.asking.records import Answer
from archive.chinese.text import compact
from archive.records import Citation
from ingest.intake.bulk import IngestOptions
from tests.conftest import ingest_quietly
from tests.made_briefings import make_briefing

ANSWERABLE = {
    "稀土出口许可的审批时限现在是多少？": "20 个工作日",
    "北衡 H2 的单价降到多少了": "16.5 万元",
    "公共数据授权运营收费上限是多少": "6%",
    "玄河量子计算机有多少比特": "1,024 比特",
    "首张载人 eVTOL 运营许可发给了谁": "云鸢航空",
    "通用许可首批发给了多少家企业": "38 家",
    "什么是通用许可？": "是指",
    "国产CAE在整车碰撞仿真中的国产化率": "27.5%",
    "钠离子电池出货量": "2.3 吉瓦时",
    "绿氢管道全长多少公里": "410 公里",
    "How many cities are in the low-altitude economy pilot?": "城市",
}
UNANSWERABLE = [
    "火星基地什么时候建成?",
    "世界杯冠军是哪个队",
    "红烧肉怎么做",
    "台积电亚利桑那工厂何时投产",
    "比亚迪去年卖了多少辆车",
    "新冠疫苗的有效率是多少",
    "Who won the World Cup?",
    "What is the price of the new iPhone?",
    "，。？",
]


def stands_on_its_pages(archive: Archive, citation: Citation) -> bool:
    """Whether pdfium, which had no part in the quote, reads it on the cited pages.

    Over a page break the quote's beginning ends one page's body and its end begins the next's.
    """
    from archive.evidence.page_image import page_text

    _, _, pdf = archive.show(citation.passage.briefing.id)
    quote = compact(citation.quote).text
    first, last = (compact(page_text(pdf, page)).text for page in citation.pages)
    if citation.pages[0] == citation.pages[1]:
        return quote in first
    return any(quote[:i] in first and quote[i:] in last for i in range(1, len(quote)))


def check(archive: Archive, answer: Answer) -> None:
    """What holds of every answer."""
    numbers = [citation.number for citation in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(mark) for mark in re.findall(r"\[(\d+)\]", answer.text)} == set(numbers)
    quotes = [citation.quote for citation in answer.citations]
    for line in answer.text.splitlines():
        quote = re.sub(r"(?:（[^（）]+：\S+）)?(?:\[\d+\])+$", "", line)
        assert quote in quotes or line.startswith(("注意，", "关于“"))
    for citation in answer.citations:
        assert citation.quote in citation.passage.text
        assert stands_on_its_pages(archive, citation), citation.quote
        first, last = citation.passage.pages
        assert first <= citation.pages[0] <= citation.pages[1] <= last


@pytest.mark.parametrize(("question", "fact"), ANSWERABLE.items())
def test_answers_quote_the_fact(sample_archive: Archive, question: str, fact: str) -> None:
    answer = sample_archive.ask(question)
    assert answer.supported
    assert answer.engine == "extractive"
    assert any(compact(fact).text in compact(c.quote).text for c in answer.citations)
    check(sample_archive, answer)
    assert answer.coverage.briefings == 29
    assert answer.coverage.newest_evidence in {c.passage.briefing.date for c in answer.citations}


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_the_archive_does_not_hold_is_refused(sample_archive: Archive, question: str) -> None:
    answer = sample_archive.ask(question)
    assert not answer.supported
    assert "没有找到" in answer.text or "没有写过" in answer.text
    assert answer.citations == () or "写过" in answer.text
    assert answer.coverage.briefings == 29


def test_a_course_of_events_is_told_in_order(sample_archive: Archive) -> None:
    answer = sample_archive.ask("北衡 H2 在手订单有什么变化？")
    dates = [citation.passage.briefing.date for citation in answer.citations]
    assert len(dates) >= 3
    assert dates == sorted(dates)
    assert len(set(answer.text.splitlines())) >= 3
    assert "2,400 台" in answer.text
    assert "12,000 台" in answer.text


def test_an_answer_keeps_to_its_filter(sample_archive: Archive) -> None:
    where = Filter(until=Date(2026, 3, 31))
    answer = sample_archive.ask("稀土出口许可的审批时限是多少？", where=where)
    assert "45 个工作日" in answer.text
    assert {c.passage.briefing.date[:7] for c in answer.citations} == {"2026-03"}
    assert answer.coverage.until is not None
    assert answer.coverage.until <= "2026-03-31"


def test_the_latest_comes_first(sample_archive: Archive) -> None:
    answer = sample_archive.ask("金属镓的最新报价是多少？")
    dates = [citation.briefing.date for citation in answer.citations]
    assert dates[0] == max(dates) == "2026-08-18"
    assert "1,960 元" in answer.citations[0].quote


@pytest.mark.parametrize(
    "question", ["稀土出口管制最近有什么变化？", "低空经济最近有什么进展", "绿证交易有什么变化"]
)
def test_what_many_briefings_tell_of_is_no_reason_to_refuse(
    sample_archive: Archive, question: str
) -> None:
    answer = sample_archive.ask(question)
    assert answer.supported
    assert len({citation.briefing.id for citation in answer.citations}) >= 2
    check(sample_archive, answer)


def test_one_fact_takes_one_quote_with_all_who_say_it(sample_archive: Archive) -> None:
    answer = sample_archive.ask("通用许可首批发给了多少家企业？")
    (line,) = answer.text.splitlines()
    assert "38 家" in line
    assert "[1][2]" in line
    assert len({citation.passage.id for citation in answer.citations}) == len(answer.citations)


def test_each_half_of_a_question_is_answered(sample_archive: Archive) -> None:
    answer = sample_archive.ask("绿氢管道全长多少公里？玄河又扩到了多少比特？")
    assert "410 公里" in answer.text
    assert "1,024 比特" in answer.text
    assert not answer.missing
    check(sample_archive, answer)


def test_the_half_that_is_not_there_is_named(sample_archive: Archive) -> None:
    answer = sample_archive.ask("绿氢管道全长多少公里，红烧肉要放多少克糖？")
    assert answer.supported
    assert "410 公里" in answer.text
    assert answer.missing == ("红烧肉要放多少克糖",)
    assert "关于“红烧肉要放多少克糖”，档案中没有找到依据" in answer.text
    check(sample_archive, answer)


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("稀土出口许可的审批时限为什么延长到 90 个工作日？", "90 个工作日"),
        ("首批拿到通用许可的380家企业里外资占多少", "380家"),
        ("公共数据收费上限按成本加２０％核定，依据是什么？", "20%"),
    ],
)
def test_a_premise_that_nothing_states_is_named(
    sample_archive: Archive, question: str, figure: str
) -> None:
    answer = sample_archive.ask(question)
    assert not answer.supported
    assert f"没有“{figure}”" in answer.text


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("星澜上一代模型Ｓ２的参数有多大？", "没有“S2”"),
        ("B类外国专家的来华工作许可多少天能办好？", "没有“B类”"),
        ("8月下旬X200服务器的渠道价为什么又涨了？", "不是“涨”"),
        ("沿线首批六座加氢站一共要投多少钱？", "没有说到金额"),
        ("领航级工业互联网平台的营收门槛定在多少亿元？", "没有说到金额"),
        ("玄河的平均退相干时间是多少千瓦？", "没有说到“多少千瓦”"),
    ],
)
def test_evidence_states_what_is_taken_for_granted_and_asked_for(
    sample_archive: Archive, question: str, why: str
) -> None:
    answer = sample_archive.ask(question)
    assert not answer.supported
    assert why in answer.text


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("星澜S3的总参数有多少？", "3,200"),
        ("X200八卡服务器7月下旬为什么回落了？", "国产 HBM"),
        ("储能电池终裁税率比初裁低了3.6个点，原因是什么？", "土地出让"),
        ("绿氢管道总投资多少亿元？", "62 亿元"),
        ("玄河的平均退相干时间提到了多少微秒？", "210 微秒"),
        ("首批低空经济试点是哪几座城市？", "芜湖、青岛、温州"),
        ("国内第一张载人eVTOL运营许可发给了哪家公司？", "云鸢航空"),
        ("截至4月下旬，9家联合体的L3试点车总共跑了多少公里？", "1,536 万公里"),
    ],
)
def test_what_is_stated_is_no_premise_to_object_to(
    sample_archive: Archive, question: str, fact: str
) -> None:
    assert fact in sample_archive.ask(question).text


def test_the_other_half_is_judged_by_its_own_words(sample_archive: Archive) -> None:
    answer = sample_archive.ask("稀土出口许可办法哪天施行，违规出口罚多少钱？")
    assert "9 月 1 日" in answer.text
    assert answer.missing == ("违规出口罚多少钱",)
    (other_words,) = (way for way in answer.widen if "换个说法" in way.line)
    assert "“违规”" in other_words.line
    assert "“哪”" not in other_words.line


def test_a_refusal_says_how_to_widen(sample_archive: Archive) -> None:
    where = Filter(until=Date(2026, 3, 31), topics=("稀土与关键矿产",))
    answer = sample_archive.ask("火星基地什么时候建成？", where=where)
    assert not answer.supported
    assert answer.probability < 0.5
    assert any("放宽日期" in way.line and "2026-08-27" in way.line for way in answer.widen)
    assert any("稀土与关键矿产" in way.line for way in answer.widen)
    assert answer.results


def test_old_evidence_is_said_to_be_old(sample_archive: Archive) -> None:
    old = sample_archive.ask("什么是可信数据空间？")
    assert max(citation.briefing.date for citation in old.citations) == "2026-04-14"
    assert "早 135 天，情况可能已有变化" in old.coverage.line
    newest = sample_archive.ask("金属镓的最新报价是多少？")
    assert "情况可能已有变化" not in newest.coverage.line


def test_days_in_a_question_narrow_the_search_or_are_let_go(sample_archive: Archive) -> None:
    march = sample_archive.ask("3月稀土出口许可的审批时限是多少？")
    assert "45 个工作日" in march.text
    told_later = sample_archive.ask("8月1日北衡投用了什么？")
    assert told_later.supported
    assert "二期产线" in told_later.text


def test_a_quote_that_left_its_page_is_not_shown(own_home: Path) -> None:
    archive = Archive.open(Settings(own_home))
    question = "通用许可首批发给了多少家企业？"
    before = archive.ask(question)
    assert "38 家" in before.text
    with closing(sqlite3.connect(own_home / "catalog.sqlite3")) as db:
        db.execute("UPDATE passage SET text = replace(text, '38 家', '83 家')")
        db.execute("UPDATE page SET text = replace(text, '38 家', '83 家')")
        db.commit()
    after = Archive.open(Settings(own_home)).ask(question)
    assert "83 家" not in after.text
    assert after.citations or not after.supported


def test_sources_behind_a_citation(sample_archive: Archive) -> None:
    answer = sample_archive.ask("通用许可首批发给了多少家企业")
    (source, *_) = answer.citations[0].sources
    assert (source.outlet, source.date) == ("星海财经", "2026-08-18")


@pytest.fixture(scope="module", params=["", "_fandol_no_outline"], ids=["noto", "fandol"])
def example_archive(
    request: pytest.FixtureRequest,
    example_pdfs: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Archive:
    """An archive that holds only the real briefing, in one of its makes."""
    settings = Settings(tmp_path_factory.mktemp("example") / "home")
    pdf = example_pdfs[0].with_name(f"briefing_2026-05-07{request.param}.pdf")
    ingest_quietly([pdf], settings, IngestOptions(workers=1))
    return Archive.open(settings)


@pytest.mark.parametrize(
    ("question", "fact", "sections"),
    [
        ("Nvidia B300 服务器在中国的价格是多少?", "约700万元人民币", {"3.1"}),
        ("IEEPA关税案最高法院几比几裁定?", "6-3", {"4.1"}),
        ("Who did Trump plan to meet in Beijing?", "习近平", {"", "1.1"}),
    ],
)
def test_the_real_briefing_answers(
    example_archive: Archive, question: str, fact: str, sections: set[str]
) -> None:
    answer = example_archive.ask(question)
    assert answer.supported
    first = answer.citations[0]
    assert compact(fact).text in compact(first.quote).text
    assert first.passage.section.number in sections
    check(example_archive, answer)


def test_the_real_briefing_refuses(example_archive: Archive) -> None:
    assert not example_archive.ask("火星基地什么时候建成?").supported


PRICES = {
    "2026-05-07": "据星海财经报道，某型服务器在国内的成交价格约为 700 万元一台。货源依然紧张。",
    "2026-05-12": "据川澜产业网报道，某型服务器在国内的成交价格约为 650 万元一台。订单仍在增加。",
}


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Two briefings that give different prices, and one about something else."""
    folder = tmp_path_factory.mktemp("prices")
    filler = "会议讨论了绿色甲醇加注、碳足迹核算和公共数据授权运营等议题，并部署下一步工作。" * 4
    pdfs = [
        make_briefing(folder, date, {"服务器价格": text, "其他动态": filler})
        for date, text in PRICES.items()
    ]
    settings = Settings(folder / "home")
    ingest_quietly(pdfs, settings, IngestOptions(workers=1))
    return Archive.open(settings)


def test_figures_at_odds_are_both_shown(prices: Archive) -> None:
    answer = prices.ask("某型服务器的成交价格是多少？")
    assert "700 万元" in answer.text
    assert "650 万元" in answer.text
    (conflict,) = answer.conflicts
    assert [(figure, date) for _, figure, date in conflict.figures] == [
        ("700 万元", "2026-05-07"),
        ("650 万元", "2026-05-12"),
    ]
    assert "注意，各处数字不一：2026-05-07 为 700 万元[" in answer.text


def test_a_citation_outlives_the_revision_of_its_briefing(tmp_path: Path) -> None:
    text = "据星海财经 5 月 7 日报道，某型服务器的成交价格约为 700 万元一台。货源依然紧张。" * 3
    settings = Settings(tmp_path / "home")
    old = make_briefing(tmp_path, "2026-05-07", {"服务器价格": text})
    ingest_quietly([old], settings, IngestOptions(workers=1))
    archive = Archive.open(settings)
    cited = archive.ask("某型服务器的成交价格是多少？").citations[0]
    new = make_briefing(tmp_path, "2026-05-07", {"服务器价格": text.replace("700", "705")})
    (report,) = ingest_quietly([new], settings, IngestOptions(workers=1)).files
    assert report.outcome == "replaced"
    stored, passages, _ = archive.show(cited.briefing.id)
    assert stored.replaced_by == report.briefing_id
    assert cited.passage.id in {passage.id for passage in passages}
    assert stands_on_its_pages(archive, cited)
    assert "705 万元" in archive.ask("某型服务器的成交价格是多少？").text

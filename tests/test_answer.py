"""Answers: the right sentence, verbatim on its page as pdfium reads it, or a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive import Archive, Filter, Settings
from archive.records import Answer, Citation
from archive.text import compact
from ingest.bulk import IngestOptions
from tests.conftest import ingest_quietly

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
    from archive.page_image import page_text

    _, _, pdf = archive.show(citation.passage.briefing.id)
    quote = compact(citation.quote).text
    first, last = (compact(page_text(pdf, page)).text for page in citation.pages)
    if citation.pages[0] == citation.pages[1]:
        return quote in first
    return any(quote[:i] in first and quote[i:] in last for i in range(1, len(quote)))


def check(archive: Archive, answer: Answer) -> None:
    """What holds of every answer."""
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in answer.citations:
        assert citation.quote in citation.passage.text
        assert f"{citation.quote}[{citation.number}]" in answer.text
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
    assert answer.citations == ()
    assert "没有找到" in answer.text
    assert answer.coverage.briefings == 29


def test_a_course_of_events_is_told_in_order(sample_archive: Archive) -> None:
    answer = sample_archive.ask("北衡 H2 在手订单有什么变化？")
    dates = [citation.passage.briefing.date for citation in answer.citations]
    assert len(dates) >= 3
    assert dates == sorted(set(dates))
    assert "2,400 台" in answer.text
    assert "12,000 台" in answer.text


def test_an_answer_keeps_to_its_filter(sample_archive: Archive) -> None:
    from datetime import date as Date

    where = Filter(until=Date(2026, 3, 31))
    answer = sample_archive.ask("稀土出口许可的审批时限是多少？", where=where)
    assert "45 个工作日" in answer.text
    assert {c.passage.briefing.date[:7] for c in answer.citations} == {"2026-03"}
    assert answer.coverage.until is not None
    assert answer.coverage.until <= "2026-03-31"


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

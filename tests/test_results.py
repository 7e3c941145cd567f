"""What comes with results: facets, order, groups, snippets, suggestions, dates inferred."""

from __future__ import annotations

from collections import Counter
from datetime import date as Date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive, Filter, Settings
from archive.chinese.lexicon import load_lexicon
from archive.chinese.search_form import squeezed
from archive.chinese.text import sentences
from archive.errors import UsageError
from archive.keeping.writing import open_writer
from archive.records import Mode
from archive.search.records import BriefingGroup, Result, Sort
from archive.search.snippet import LENGTH, best_stretch
from tests.commands import archive

QUERIES = ["稀土出口许可", "人形机器人 订单", "日期:2026-05", "储能电池反补贴"]
TODAY = Date(2026, 3, 18)


def everything(archive: Archive, query: str, sort: Sort = "relevance") -> list[Result]:
    """All pages of results, seven a page."""
    results: list[Result] = []
    while page := archive.search_page(query, sort=sort, limit=7, offset=len(results)).results:
        results += page
    return results


# --- facets, order, groups -----------------------------------------------------------------------


@pytest.mark.parametrize("query", QUERIES)
def test_facets_are_of_all_results(sample_archive: Archive, query: str) -> None:
    results = everything(sample_archive, query)
    first, later = (sample_archive.search_page(query, limit=3, offset=at) for at in (0, 4))
    assert first.total == len(results) > 3
    assert first.facets == later.facets
    months = {f.value: f.count for f in first.facets.months}
    issuers = {f.value: f.count for f in first.facets.issuers}
    topics = {f.value: f.count for f in first.facets.topics}
    assert sum(months.values()) == sum(issuers.values()) == first.total
    assert max(topics.values()) <= first.total
    assert months == Counter(r.briefing.date[:7] for r in results)
    assert issuers == Counter(r.briefing.issuer for r in results)
    assert topics == Counter(topic for r in results for topic in r.topics)
    assert list(months) == sorted(months)
    assert first.briefings == len({r.briefing.id for r in results})


@pytest.mark.parametrize("query", QUERIES)
def test_sorting_is_over_all_results(sample_archive: Archive, query: str) -> None:
    relevant, newest, oldest = (
        everything(sample_archive, query, sort) for sort in ("relevance", "newest", "oldest")
    )
    dates = sorted(r.briefing.date for r in relevant)
    assert len(set(dates)) > 1 or query == "日期:2026-05"
    assert [r.briefing.date for r in oldest] == dates
    assert [r.briefing.date for r in newest] == dates[::-1]
    ids = {r.passage.id for r in relevant}
    assert ids == {r.passage.id for r in newest} == {r.passage.id for r in oldest}
    assert len(ids) == len(relevant)


@pytest.mark.parametrize("query", QUERIES)
def test_groups_are_of_one_briefing_each(sample_archive: Archive, query: str) -> None:
    total = sample_archive.search_page(query).total
    briefings = sample_archive.search_page(query).briefings
    groups: list[BriefingGroup] = []
    for offset in range(0, briefings + 1, 2):
        page = sample_archive.search_page(query, limit=2, offset=offset, by_briefing=True)
        assert len(page.groups) == max(0, min(2, briefings - offset))
        assert (page.total, page.briefings) == (total, briefings)
        groups += page.groups
    assert sum(group.total for group in groups) == total
    assert len({group.briefing.id for group in groups}) == len(groups) == briefings
    for group in groups:
        assert {r.briefing.id for r in group.results} == {group.briefing.id}
        assert len(group.results) == min(3, group.total)
        ranks = [r.rank for r in group.results]
        assert ranks == sorted(ranks)
    best = [group.results[0].rank for group in groups]
    assert best == sorted(best)


# --- snippets and hits ---------------------------------------------------------------------------


@pytest.mark.parametrize("query", [*QUERIES, "MIIT", "澜芯 X200 服务器渠道价 156 万元"])
def test_snippets_and_hits_stand_in_the_passage(
    sample_archive: Archive, sample_home: Path, query: str
) -> None:
    lexicon = load_lexicon(sample_home)
    results = everything(sample_archive, query)
    for result in results:
        start, end = result.snippet
        assert 0 <= start < end <= len(result.text)
        if result.highlights:
            assert any(start <= low and high <= end for low, high in result.highlights)
        path = " ".join(result.passage.section.path)
        around = [squeezed(text) for text in (result.text, result.briefing.title, path)]
        for hit in result.hits:
            forms = [squeezed(form) for form in (hit, *lexicon.other_names.get(squeezed(hit), ()))]
            assert any(form in text for form in forms for text in around), (hit, result.text)
    assert query.startswith("日期") or any(result.hits for result in results)


@st.composite
def texts_with_hits(draw: st.DrawFn) -> tuple[str, list[list[tuple[int, int]]]]:
    text = "".join(
        draw(st.lists(st.sampled_from(["稀土", "许可" * 9, "中" * 200, "。", "！", "a b"])))
    )
    places = st.integers(0, max(0, len(text) - 2)).map(lambda at: (at, min(at + 2, len(text))))
    return text, draw(st.lists(st.lists(places, max_size=3), max_size=3))


@given(texts_with_hits())
def test_a_stretch_is_of_whole_sentences_or_short(
    case: tuple[str, list[list[tuple[int, int]]]],
) -> None:
    text, hits = case
    start, end = best_stretch(text, hits)
    assert 0 <= start <= end <= len(text)
    assert bool(text) == (start < end)
    bounds = list(sentences(text))
    whole = start in {low for low, _ in bounds} and end in {high for _, high in bounds}
    assert end - start <= (2 * LENGTH if whole else LENGTH)


# --- similar passages ----------------------------------------------------------------------------


def test_similar_passages(sample_archive: Archive) -> None:
    own = sample_archive.search("稀土出口许可")[0].passage.id
    page = sample_archive.similar(own, limit=1000)
    scores = [r.score for r in page.results]
    assert page.total == len(scores) > 0
    assert own not in {r.passage.id for r in page.results}
    assert scores == sorted(scores, reverse=True)
    rest = sample_archive.similar(own, limit=1000, offset=1).results
    assert [r.passage.id for r in rest] == [r.passage.id for r in page.results[1:]]
    may = Filter(since=Date(2026, 5, 1), until=Date(2026, 5, 31))
    within = sample_archive.similar(own, where=may).results
    assert within
    assert {r.briefing.date[:7] for r in within} == {"2026-05"}
    with pytest.raises(UsageError, match="no passage 'nonesuch'"):
        sample_archive.similar("nonesuch")


# --- suggestions ---------------------------------------------------------------------------------

MEANT = {
    "稀图出口许可": "稀土出口许可",
    "炭化硅衬底": "碳化硅衬底",
    "人型机器人订单": "人形机器人订单",
    "数字人名币跨境结算": "数字人民币跨境结算",
    "eVTLO": "evtol",
    "东树西算": "东数西算",
    "核巨变装置": "核聚变装置",
    "钠离子电迟": "钠离子电池",
    "锂价回洛": "锂价回落",
    "关税正策": "关税政策",
}


@pytest.mark.parametrize(("typed", "meant"), MEANT.items())
def test_a_suggestion(sample_archive: Archive, typed: str, meant: str) -> None:
    assert sample_archive.search_page(typed, mode="keyword").suggestion == meant
    assert sample_archive.search_page(meant, mode="keyword").suggestion == ""


# --- what is said of the results -----------------------------------------------------------------


def test_results_that_hold_none_of_the_words_are_said_to_be_near_in_meaning_only(
    sample_archive: Archive,
) -> None:
    page = sample_archive.search_page("quantum supremacy milestones")
    assert page.results
    assert "没有段落含有查询的字词" in page.message
    for query, mode in (("稀土", "hybrid"), ("quantum supremacy milestones", "semantic")):
        assert not sample_archive.search_page(query, mode=mode).message  # type: ignore[arg-type]


def test_days_without_a_briefing_are_said_to_have_none(sample_archive: Archive) -> None:
    page = sample_archive.search_page("日期：2026-05-01..2026-05-07")
    assert (page.total, page.message) == (0, "所选日期与主题范围内没有简报。")
    assert "可检索" in sample_archive.search_page("，。！").message


# --- dates inferred ------------------------------------------------------------------------------


def test_a_date_is_inferred_and_may_be_refused(sample_archive: Archive) -> None:
    query = "上周的人形机器人订单"
    page = sample_archive.search_page(query, today=TODAY)
    assert page.inferred
    assert page.inferred.words == "上周"
    assert "“上周”" in page.inferred.line
    assert (page.inferred.since, page.inferred.until) == (Date(2026, 3, 9), Date(2026, 3, 15))
    assert (page.where.since, page.where.until) == (Date(2026, 3, 9), Date(2026, 3, 15))
    assert page.query == query
    assert page.results
    assert all("2026-03-09" <= r.briefing.date <= "2026-03-15" for r in page.results)
    refused = sample_archive.search_page(query, today=TODAY, infer_dates=False)
    assert (refused.inferred, refused.where) == (None, Filter())
    assert refused.total > page.total


def test_dates_given_are_not_inferred_again(sample_archive: Archive) -> None:
    where = Filter(since=Date(2026, 5, 1))
    page = sample_archive.search_page("上周的机器人", where=where, today=TODAY)
    assert (page.inferred, page.where) == (None, where)
    page = sample_archive.search_page("上周的机器人 日期:2026-05", today=TODAY)
    assert page.inferred is None
    assert (page.where.since, page.where.until) == (Date(2026, 5, 1), Date(2026, 5, 31))


def test_a_date_of_no_briefing_is_dropped(sample_archive: Archive) -> None:
    page = sample_archive.search_page("2019年5月的稀土", today=TODAY)
    assert page.inferred is None
    assert page.where == Filter()
    assert page.results
    assert "2019年5月" in page.message


def test_a_copied_sentence_keeps_its_date(sample_archive: Archive) -> None:
    copied = "3 月 3 日，《稀土物项出口许可管理办法》征求意见稿发布"
    page = sample_archive.search_page(copied, today=TODAY)
    assert page.inferred is None
    assert page.where == Filter()
    assert squeezed(copied) in squeezed(page.results[0].text)
    changed = copied.replace("征求意见稿", "征求稿")  # stands nowhere, so that its day is a day
    page = sample_archive.search_page(changed, mode="keyword", today=TODAY)
    assert page.inferred or page.message


# --- the command line ----------------------------------------------------------------------------


def search(home: Path, *args: str) -> Any:
    run = archive("search", *args, "--json", home=home)
    assert run.code == 0, run.err
    return run.json


def test_the_command_infers_dates(sample_home: Path) -> None:
    asked = ("上周的人形机器人订单", "--today", "2026-03-18")
    document = search(sample_home, *asked)
    assert document["filter"]["since"] == "2026-03-09"
    assert document["inferred"]["words"] == "上周"
    refused = search(sample_home, *asked, "--no-date-inference")
    assert refused["inferred"] is None
    assert not any(refused["filter"].values())


def test_the_command_groups_and_finds_similar(sample_home: Path) -> None:
    document = search(sample_home, "稀土出口许可", "--by-briefing", "--limit", "2")
    assert len(document["groups"]) == 2
    own = document["groups"][0]["results"][0]["passage_id"]
    similar = search(sample_home, "--similar", own)
    assert similar["results"]
    assert own not in {result["passage_id"] for result in similar["results"]}


@pytest.mark.parametrize(
    "args", [("稀土", "--similar", "x"), (), ("稀土", "--today", "2026-05")], ids=str
)
def test_the_command_refuses(sample_home: Path, args: tuple[str, ...]) -> None:
    run = archive("search", *args, home=sample_home)
    assert (run.code, run.out) == (2, "")
    assert "error:" in run.err


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
def test_an_archive_emptied_by_removals_finds_nothing_and_says_so(
    own_home: Path, mode: Mode
) -> None:
    with open_writer(Settings(own_home), "testing") as writer:
        for entry in Archive.open(Settings(own_home)).briefings():
            writer.remove(entry.id)
    page = Archive.open(Settings(own_home)).search_page("稀土 “出口许可” -美国", mode=mode)
    assert (page.total, page.results) == (0, ())
    assert page.message


def test_what_is_counted_holds_the_words(sample_archive: Archive) -> None:
    """A chart of what is merely near in meaning would say nothing."""
    found = sample_archive.search_page("固态电池", limit=100)
    by_word = sample_archive.search_page("固态电池", mode="keyword", limit=100)
    assert found.holding == by_word.total
    assert found.facets == by_word.facets
    assert f"{found.holding} 条含所查字词" in found.of_which
    assert sum(month.count for month in found.facets.months) == found.holding


def test_of_what_stands_nowhere_only_the_nearest_are_shown(sample_archive: Archive) -> None:
    found = sample_archive.search_page("梅西 世界杯", limit=100)
    assert 0 < found.total <= 20
    assert (found.holding, found.facets.months, found.of_which) == (0, (), "")
    assert "没有段落含有查询的字词" in found.message

"""Both indexes behave alike; search, filters and highlights over the sample archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from archive import Archive, Filter, Settings
from archive.chinese.lexicon import load_lexicon
from archive.chinese.search_form import Findable
from archive.errors import UsageError
from archive.index.encoder import Encoder
from archive.index.keyword_index import KeywordIndex
from archive.index.query import plain_query
from archive.index.vector_index import VectorIndex
from archive.keeping.writing import open_writer
from archive.records import Mode
from archive.search.fusion import fuse
from archive.search.search import Index
from archive.store.catalog import Catalog
from archive.store.selection import Selection


@pytest.fixture(params=["keyword", "exact", "chroma"])
def index(request: pytest.FixtureRequest, own_home: Path, encoder: Encoder) -> Iterator[Index]:
    """Each index over the same archive; the semantic one ranks exactly or by Chroma."""
    settings = Settings(own_home)
    with open_writer(settings, "testing") as writer:
        collection = writer.vector_index._collection
        made: dict[str, Index] = {
            "keyword": KeywordIndex(writer.catalog, load_lexicon(own_home)),
            "exact": VectorIndex(writer.catalog, lambda: encoder, lambda _: None),
            "chroma": VectorIndex(writer.catalog, lambda: encoder, lambda _: collection),
        }
        yield made[request.param]


QUESTION = plain_query("稀土出口许可的审批时限")


def select(home: Path, where: Filter) -> Selection:
    return Selection.of(Catalog.open(Settings(home).catalog).snapshot(), where)


FILTERS = {
    "none": Filter(),
    "since": Filter(since=Date(2026, 7, 1)),
    "until": Filter(until=Date(2026, 4, 30)),
    "range": Filter(since=Date(2026, 5, 1), until=Date(2026, 5, 31)),
    "topic": Filter(topics=("稀土与关键矿产",)),
    "two topics": Filter(topics=("稀土与关键矿产", "低空经济")),
    "topic and range": Filter(
        since=Date(2026, 7, 1), until=Date(2026, 7, 31), topics=("稀土与关键矿产",)
    ),
    "issuer": Filter(issuer="示例产业促进会"),
    "nothing": Filter(since=Date(2031, 1, 1)),
}


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
def test_an_index_ranks_within_the_filter(index: Index, where: Filter, own_home: Path) -> None:
    selection = select(own_home, where)
    ranked = index.rank(QUESTION, selection, 20)
    ids = ranked.ids
    assert ranked.among(selection).ids == ids
    assert bool(ids) == bool(len(selection))
    assert len(set(ids)) == len(ids) <= 20
    catalog = Catalog.open(Settings(own_home).catalog)
    for passage in catalog.passages.get(ids):
        day = Date.fromisoformat(passage.briefing.date)
        assert (where.since or day) <= day <= (where.until or day)
        assert not where.topics or set(where.topics) & set(passage.topics)


def test_filtering_does_not_change_the_order(index: Index, own_home: Path) -> None:
    selection = select(own_home, FILTERS["topic"])
    everything = index.rank(QUESTION, select(own_home, Filter()), 1000).ids
    filtered = index.rank(QUESTION, selection, 1000).ids
    assert filtered == [each for each in everything if each in set(filtered)]


def test_a_ranking_is_the_head_of_a_longer_one(index: Index, own_home: Path) -> None:
    everything = select(own_home, Filter())
    short, long = (index.rank(QUESTION, everything, limit) for limit in (5, 50))
    assert short.ids == long.head(5).ids


def test_chroma_and_exact_ranking_agree(own_home: Path, encoder: Encoder) -> None:
    with open_writer(Settings(own_home), "testing") as writer:
        collection = writer.vector_index._collection
        chroma = VectorIndex(writer.catalog, lambda: encoder, lambda _: collection)
        exact = VectorIndex(writer.catalog, lambda: encoder, lambda _: None)
        for where in FILTERS.values():
            by_chroma, by_hand = (
                i.rank(QUESTION, select(own_home, where), 10) for i in (chroma, exact)
            )
            assert by_chroma.ids == by_hand.ids
            assert by_chroma.scores == pytest.approx(by_hand.scores, abs=1e-4)


# --- search over the samples ---------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
@pytest.mark.parametrize(
    ("query", "date", "number"),
    [
        ("稀土出口许可审批时限 20 个工作日", "2026-07-01", "1.1"),
        ("澜芯 X200 服务器渠道价 156 万元", "2026-06-09", "1.1"),
        ("国际贸易法院发回重审储能电池反补贴案", "2026-08-20", "1.1"),
        ("首张载人 eVTOL 运营许可", "2026-07-15", "1.1"),
    ],
)
def test_each_mode_finds_the_passage(
    sample_archive: Archive, mode: Mode, query: str, date: str, number: str
) -> None:
    found = [
        (r.passage.briefing.date, r.passage.section.number)
        for r in sample_archive.search(query, mode=mode, limit=5)
    ]
    assert (date, number) in found


@pytest.mark.parametrize("query", ["Ｘ２００　服务器", "x200服务器", "X200 服务器"])
def test_width_and_case_make_no_difference(sample_archive: Archive, query: str) -> None:
    found = [r.passage.id for r in sample_archive.search(query, mode="keyword")]
    assert found == [r.passage.id for r in sample_archive.search("X200服务器", mode="keyword")]


def test_results_carry_their_ranks(sample_archive: Archive) -> None:
    by_mode = {
        mode: sample_archive.search("低空经济试点", mode=mode, limit=10)
        for mode in ("keyword", "semantic", "hybrid")
    }
    assert [r.rank for r in by_mode["hybrid"]] == list(range(1, 11))
    assert all(r.semantic_rank is None and r.keyword_rank for r in by_mode["keyword"])
    assert all(r.keyword_rank is None and r.semantic_rank for r in by_mode["semantic"])
    assert any(r.keyword_rank and r.semantic_rank for r in by_mode["hybrid"])


def test_highlights_cover_the_words_asked(sample_archive: Archive) -> None:
    for result in sample_archive.search("Ｘ２００ 渠道价", mode="keyword"):
        marked = [result.passage.text[start:end] for start, end in result.highlights]
        assert marked
        assert all("X200" in m or "渠道" in m or "价" in m for m in marked), marked
        flat = [offset for pair in result.highlights for offset in pair]
        assert flat == sorted(set(flat))


@pytest.mark.parametrize(
    ("word", "text", "marked"),
    [
        ("ai", "TAIWAN 的 AI 芯片与 OpenAI", ["AI"]),
        ("buyers", "Magnet Buyers Stretch", ["Buyers"]),
        ("2026", "Q3 2026 与 12026", ["2026"]),
        ("b300", "Ｂ３００服务器，AB300", ["Ｂ３００"]),
        ("b300", "B 300 服务器", ["B 300"]),
        ("700万", "约 700 万元，1700 万元", ["700 万"]),
        ("1286", "意见 1,286 条，11,286", ["1,286"]),
        ("半导体", "半導體與半导体", ["半導體", "半导体"]),
        ("14-15日", "5 月 14—15 日", ["14—15 日"]),
    ],
)
def test_where_a_word_stands_in_a_text(word: str, text: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in Findable.make(text).places(word)] == marked


@pytest.mark.parametrize("mode", ["keyword", "hybrid"])
def test_pages_of_a_long_list_have_each_result_once(sample_archive: Archive, mode: Mode) -> None:
    query = "报道 OR 企业 OR 发布 OR 增长 OR 项目 OR 月"
    for sort in ("relevance", "newest"):
        pages = [
            sample_archive.search_page(query, mode=mode, sort=sort, limit=90, offset=offset)
            for offset in (0, 90, 180, 270)
        ]
        ids = [result.passage_id for page in pages for result in page.results]
        assert {page.total for page in pages} == {len(ids)}
        assert len(set(ids)) == len(ids) > 200


def test_paging_and_sorting(sample_archive: Archive) -> None:
    whole = sample_archive.search_page("低空经济", mode="keyword", limit=12)
    second = sample_archive.search_page("低空经济", mode="keyword", limit=6, offset=6)
    assert [r.passage.id for r in second.results] == [r.passage.id for r in whole.results[6:]]
    assert second.results[0].rank == 7
    assert second.total == whole.total
    newest = sample_archive.search_page("低空经济", mode="keyword", sort="newest", limit=50)
    dates = [r.passage.briefing.date for r in newest.results]
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize("query", ["", "   ", "，。！？", '"', "-", "***", "\x00", "“”"])
def test_a_query_without_words_finds_nothing_and_says_so(
    sample_archive: Archive, query: str
) -> None:
    page = sample_archive.search_page(query)
    assert (page.total, page.results) == (0, ())
    assert page.message


@given(st.text(max_size=80))
def test_any_query_is_answered(sample_archive: Archive, query: str) -> None:
    page = sample_archive.search_page(query, mode="keyword")
    assert page.total >= len(page.results)


@pytest.mark.parametrize(
    "query", ["AND", "稀土 OR", "NEAR(稀土", "title:x", "'; DROP TABLE passage; --", "稀土*" * 2000]
)
def test_operators_of_the_engines_are_plain_words(sample_archive: Archive, query: str) -> None:
    sample_archive.search_page(query, mode="keyword")
    assert sample_archive.search("稀土", mode="keyword")


def test_bad_filters_are_refused(sample_archive: Archive) -> None:
    with pytest.raises(UsageError, match="after it ends"):
        sample_archive.search("稀土", where=Filter(since=Date(2026, 5, 2), until=Date(2026, 5, 1)))
    with pytest.raises(UsageError, match="unknown topic"):
        sample_archive.search("稀土", where=Filter(topics=("占星",)))
    with pytest.raises(UsageError, match="limit"):
        sample_archive.search("稀土", limit=0)


def test_topics_are_those_of_the_list(sample_archive: Archive) -> None:
    counted = dict(sample_archive.topics())
    assert len(counted) >= 25
    assert sum(counted.values()) > 200
    passages = sample_archive.search("稀土出口许可管理办法", mode="keyword", limit=5)
    assert all("稀土与关键矿产" in r.passage.topics for r in passages)
    assert all(len(r.passage.topics) <= 3 for r in passages)


# --- fusion --------------------------------------------------------------------------------------

SCORES = st.lists(st.floats(0, 50), min_size=1, max_size=8)


@given(SCORES, st.floats(0, 100))
def test_fusion_of_equal_meanings_keeps_the_order_of_words(
    keyword: list[float], expected: float
) -> None:
    words = np.array(keyword)
    fused = fuse(words, np.full(len(words), 0.8), expected)
    assert all(fused[one] >= fused[two] for one, two in pairs(words))


@given(SCORES)
def test_fusion_without_words_is_the_order_of_meaning(cosines: list[float]) -> None:
    meaning = np.array(cosines)
    fused = fuse(np.zeros(len(meaning)), meaning, 10.0)
    assert all(fused[one] >= fused[two] for one, two in pairs(meaning))


@given(SCORES, st.floats(1, 50))
def test_words_weigh_less_the_fewer_of_the_query_a_passage_holds(
    keyword: list[float], expected: float
) -> None:
    words, meaning = np.array(keyword), np.zeros(len(keyword))
    assert (fuse(words, meaning, expected) >= fuse(words, meaning, 2 * expected)).all()
    assert (fuse(words, meaning, expected) <= 1 + 1e-9).all()


def pairs(scores: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Pairs of places of which the first has the higher score."""
    for one in range(len(scores)):
        yield from ((one, two) for two in range(len(scores)) if scores[one] > scores[two])

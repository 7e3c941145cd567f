"""Dates in a query: a table of what people type, and laws for whatever they type."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.chinese.calendar import FIRST_YEAR, LAST_YEAR
from archive.chinese.dates_in_words import DateMention, find_dates
from tests.conftest import ROOT, assert_in_proportion

TABLE = ROOT / "tests" / "data" / "query_dates.tsv"
LINES = TABLE.read_text(encoding="utf-8").splitlines()
ROWS = [tuple(line.split("\t")) for line in LINES if line and not line.startswith("#")][1:]

# The pieces of dates in any order, so that most texts almost are one.
PIECES = """
今天 昨日 前天 上 上上 本 这 下 个 周 星期 三 日 末 月 月底 中旬 0 5 12 31 2026 1985 年 去年 Q1
季度 半年 上半年 近 最近 过去 两 十 二十一 〇 天 前 后 以来 之前 之后 起 截至 从 自 至 到 - / .
.. ~ 和 、 的 份 号 春节 五一 十一 国庆 期间 当天 前后 前一周 后三天 稀土 ２０２６ ㋄ 週 個 後
last this past since in May 7 weeks ago to
""".split()
ALMOST = st.lists(st.sampled_from([*PIECES, " ", "\u3000", "\n"]), max_size=12).map("".join)
TEXTS = st.one_of(
    ALMOST, st.text(max_size=40), st.text(alphabet="0123456789-/.年月日 ", max_size=20)
)
USUAL_DAYS = st.dates(date(FIRST_YEAR + 80, 1, 1), date(LAST_YEAR - 2, 12, 31))


def rest_of(text: str, mention: DateMention | None) -> str:
    return (text[: mention.start] + text[mention.end :]).strip() if mention else text


@pytest.mark.parametrize(("today", "query", "since", "until", "rest"), ROWS)
def test_what_a_query_means(today: str, query: str, since: str, until: str, rest: str) -> None:
    mention = find_dates(query, date.fromisoformat(today))
    days = (mention.since, mention.until) if mention else (None, None)
    assert [str(day) if day else "-" for day in days] == [since, until]
    assert (rest_of(query, mention) or "-") == rest


def test_no_row_is_there_twice() -> None:
    assert len({row[:2] for row in ROWS}) == len(ROWS) >= 130


@given(TEXTS, st.dates())
def test_whatever_the_text_and_the_day(text: str, today: date) -> None:
    mention = find_dates(text, today)
    assert mention == find_dates(text, today)
    if mention:
        assert 0 <= mention.start < mention.end <= len(text)
        assert not text[mention.start].isspace()
        assert not text[mention.end - 1].isspace()
        days = [day for day in (mention.since, mention.until) if day]
        assert days == sorted(days) != []


@pytest.mark.parametrize("today", [date.min, date.max])
def test_on_the_first_and_the_last_day_there_is(today: date) -> None:
    for query in {row[1] for row in ROWS}:
        mention = find_dates(query, today)
        for day in (mention.since, mention.until) if mention else ():
            assert day is None or FIRST_YEAR - 1 <= day.year <= LAST_YEAR + 1


@given(USUAL_DAYS, st.integers(0, 99))
def test_a_day_is_found_however_it_is_written(day: date, count: int) -> None:
    year, month, number = day.year, day.month, day.day
    for written in (
        f"{year}年{month}月{number}日",
        f"{year} 年 {month} 月 {number} 号",
        f"{year}-{month:02}-{number:02}",
        f"{year}/{month}/{number}",
        f"{year}.{month}.{number}",
        f"{year}{month:02}{number:02}",
        f"{day:%B} {number}, {year}",
    ):
        before, after = "稀土" * count, "，出口"
        mention = find_dates(f"{before} {written}{after}", date(2026, 7, 15))
        start = len(before) + 1
        assert mention == DateMention(start, start + len(written), day, day)


@given(USUAL_DAYS)
def test_days_of_the_year_have_begun_and_ranges_end_today(today: date) -> None:
    for query in (
        "2月29日",
        "8月",
        "下半年",
        "四季度",
        "年底",
        "春节",
        "中秋节当天",
        "周末",
        "周五",
    ):
        mention = find_dates(query, today)
        assert mention
        assert mention.since
        assert mention.since <= today
    for count in (1, 7, 30, 365):
        mention = find_dates(f"近{count}天", today)
        assert mention
        assert (mention.since, mention.until) == (today - timedelta(count - 1), today)


@given(USUAL_DAYS, st.sampled_from(["上周", "本周三", "上上周", "两周前", "这周末"]))
def test_a_week_later_the_same_words_mean_a_week_later(today: date, query: str) -> None:
    now, then = find_dates(query, today), find_dates(query, today + timedelta(7))
    assert now
    assert then
    assert now.since
    assert then.since == now.since + timedelta(7)


@pytest.mark.parametrize(
    "piece",
    [
        "5",
        "5 ",
        " ",
        "从",
        "二",
        "5月",
        "5月到",
        "2026-",
        "2026年",
        "上上",
        "近",
        "的",
        "周",
        "...",
        "a",
    ],
)
def test_a_long_text_takes_time_in_proportion(piece: str) -> None:
    assert_in_proportion(lambda text: find_dates(text, date(2026, 7, 15)), piece)

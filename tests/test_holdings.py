"""Timelines, sources and watches: what the archive holds, counted and followed."""

from __future__ import annotations

import csv
import io
from datetime import date as Date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive, Filter, Settings
from archive.errors import UsageError
from archive.following.bibliography import items, outlets
from archive.following.timeline import days_of, periods_between
from archive.output.csv_tables import results_csv
from archive.records import BriefingCard, Reference
from tests.commands import archive
from tests.conftest import ingest_quietly

# --- timelines -----------------------------------------------------------------------------------


def test_a_timeline_counts_what_a_search_finds(sample_archive: Archive) -> None:
    counted = sample_archive.timeline(["稀土", "X200"])
    for series in counted.series:
        found = sample_archive.search_page(series.name)
        assert sum(series.passages) == found.total
        assert sum(series.briefings) == found.briefings
        facets = {facet.value: facet.count for facet in found.facets.months}
        by_month = zip(counted.periods, series.passages, strict=True)
        assert {period: count for period, count in by_month if count} == facets


def test_all_briefings_by_week(sample_archive: Archive) -> None:
    counted = sample_archive.timeline(by="week")
    (everything,) = counted.series
    assert sum(everything.briefings) == len(sample_archive.briefings())
    assert counted.periods[0] == "2026-W10"
    assert list(counted.periods) == sorted(set(counted.periods))


def test_topics_are_counted_each_for_itself(sample_archive: Archive) -> None:
    counted = sample_archive.timeline(where=Filter(topics=("氢能", "低空经济")))
    assert [series.name for series in counted.series] == ["氢能", "低空经济"]
    topics = dict(sample_archive.topics())
    assert [sum(series.passages) for series in counted.series] == [
        topics["氢能"], topics["低空经济"],
    ]  # fmt: skip


def test_timeline_forms(sample_home: Path) -> None:
    document = archive("timeline", "稀土", "--json", home=sample_home).json
    table = list(
        csv.reader(io.StringIO(archive("timeline", "稀土", "--csv", home=sample_home).out))
    )
    assert table[0] == ["month", "稀土"]
    assert [row[0] for row in table[1:]] == document["periods"]
    assert [int(row[1]) for row in table[1:]] == document["series"][0]["briefings"]
    assert archive("timeline", "没有这样的词语组合", home=sample_home).code == 0
    assert archive("timeline", "--story", "s-0", home=sample_home).code == 2
    assert archive("timeline", "x", "--by", "year", home=sample_home).code == 2


@given(st.dates(Date(1999, 1, 1), Date(2040, 1, 1)), st.integers(0, 900), st.booleans())
def test_no_day_is_outside_the_periods(first: Date, days: int, by_week: bool) -> None:
    last = Date.fromordinal(first.toordinal() + days)

    def period(day: Date) -> str:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}" if by_week else day.isoformat()[:7]

    periods = periods_between(period(first), period(last), "week" if by_week else "month")
    ends = [days_of(name) for name in periods]
    assert ends[0][0] <= first <= ends[0][1]
    assert ends[-1][0] <= last <= ends[-1][1]
    for (_, end), (start, _) in pairwise(ends):
        assert start.toordinal() == end.toordinal() + 1


# --- sources -------------------------------------------------------------------------------------


def entry(number: int, outlet: str, date: str, title: str, briefing: str = "2026-05-07"):  # type: ignore[no-untyped-def]
    return BriefingCard(briefing, "简报", "", briefing), Reference(number, outlet, date, title)


def test_entries_that_look_alike_are_one_item() -> None:
    found = items(
        [
            entry(2, "Reuters", "2026-05-01", "China weighs rare earth licence changes"),
            entry(
                5, "路透社", "2026-05-02", "China weighs rare-earth licence changes", "2026-05-08"
            ),
            entry(1, "Reuters", "2026-05-01", "Chip makers warn of shortage"),
            entry(3, "Bloomberg", "2026-05-01", "China weighs rare earth licence changes"),
            entry(4, "Reuters", "2026-05-09", "China weighs rare earth licence changes"),
            entry(6, "", "", "一份没有日期的报告"),
            entry(7, "", "", "一份没有日期的报告", "2026-05-09"),
        ]
    )
    cited = {(item.title, item.date): len(item.citing) for item in found}
    assert cited["China weighs rare earth licence changes", "2026-05-01"] in (1, 2)
    assert sorted(len(item.citing) for item in found) == [1, 1, 1, 2, 2]
    counted = {outlet.name: outlet for outlet in outlets(found)}
    assert counted["Reuters"].citations == 4
    assert counted["Reuters"].briefings == 2


def test_every_reference_is_of_one_item(sample_archive: Archive) -> None:
    entries = sample_archive._catalog.briefings.all_references()
    found = sample_archive.sources()
    cited = [(c.briefing.id, c.number) for item in found for c in item.citing]
    assert sorted(cited) == sorted((card.id, reference.number) for card, reference in entries)
    assert len({item.id for item in found}) == len(found)


def test_from_an_outlet_to_the_passages(sample_home: Path) -> None:
    listed = archive("sources", "--json", home=sample_home).json["outlets"]
    assert listed[0]["name"] == "星海财经"
    assert sum(month["count"] for month in listed[0]["months"]) == listed[0]["citations"]
    found = archive("sources", "低空", "--outlet", "星海财经", "--json", home=sample_home).json
    assert found["total"] == len(found["sources"]) == 4
    newest = found["sources"][-1]
    source = archive("source", newest["id"], "--json", home=sample_home).json
    assert source["citing"][0]["briefing"]["date"] == "2026-08-27"
    assert any("42.6 万架次" in passage["quote"] for passage in source["passages"])
    for passage in source["passages"]:
        assert newest["title"] in {reference["title"] for reference in passage["sources"]}
    assert archive("source", "r-0", home=sample_home).code == 2
    march = archive("sources", "--items", "--until", "2026-03", "--json", home=sample_home).json
    assert 0 < march["total"] < 60


# --- watches -------------------------------------------------------------------------------------


@pytest.fixture
def growing(samples: list[Path], tmp_path: Path) -> tuple[Path, list[Path]]:
    """An archive of one briefing on server prices, and the later ones."""
    pdfs = [p for p in samples if p.stem[-10:] in ("2026-03-10", "2026-04-21", "2026-06-09")]
    home = tmp_path / "home"
    ingest_quietly(pdfs[:1], Settings(home))
    return home, pdfs


def test_a_watch_lists_only_what_is_new(growing: tuple[Path, list[Path]]) -> None:
    home, pdfs = growing
    assert archive("watch", "add", "服务器", "X200 渠道价", home=home).code == 0
    assert not archive("watch", "show", "服务器", "--json", home=home).json["results"]
    run = archive("ingest", pdfs[1], home=home)
    assert "watch 服务器" in run.err
    news = archive("watch", "show", "服务器", "--json", home=home).json
    assert {result["briefing"]["date"] for result in news["results"]} == {"2026-04-21"}
    assert [result["rank"] for result in news["results"]] == [*range(1, len(news["results"]) + 1)]
    table = list(csv.reader(io.StringIO(
        archive("watch", "show", "服务器", "--csv", "--read", home=home).out
    )))  # fmt: skip
    assert len(table) == 1 + len(news["results"])
    assert not archive("watch", "show", "服务器", "--json", home=home).json["results"]
    archive("ingest", pdfs[2], home=home)
    news = archive("watch", "show", "服务器", "--json", home=home).json
    assert {result["briefing"]["date"] for result in news["results"]} == {"2026-06-09"}


def test_what_merely_repeats_is_left_out(growing: tuple[Path, list[Path]]) -> None:
    home, pdfs = growing
    archive("watch", "add", "服务器", "X200 渠道价", home=home)
    # The same text under another date: another issue that says nothing new.
    archive("ingest", pdfs[1], home=home)
    archive("watch", "show", "服务器", "--read", home=home)
    copy = home.parent / "copy.pdf"
    copy.write_bytes(pdfs[1].read_bytes() + b"\n% another file")
    run = archive("ingest", copy, "--date", "2026-05-01", "--json", home=home)
    assert run.json["counts"]["new"] == 1
    news = archive("watch", "show", "服务器", "--json", home=home).json
    assert not news["results"]
    assert news["repeats"] > 0


def test_a_watch_that_fails_fails_no_ingest(growing: tuple[Path, list[Path]]) -> None:
    home, pdfs = growing
    archive("watch", "add", "算力", "--topic", "AI芯片与算力", home=home)
    (home / "topics.toml").write_text(
        '[[topic]]\nname = "火箭"\nkeywords = ["火箭"]\ndescription = "火箭"', encoding="utf-8"
    )
    assert archive("topics", "--retag", home=home).code == 0
    run = archive("ingest", pdfs[1], home=home)
    assert run.code == 0
    assert "watch 算力: unknown topic" in run.err


def test_watches_are_kept_by_name(sample_home: Path, own_home: Path) -> None:
    assert archive("watch", "add", " 氢 能 ", "--topic", "氢能", home=own_home).code == 0
    assert archive("watch", "add", "氢 能", "绿氢", "--since", "2026-05", home=own_home).code == 0
    (watch,) = archive("watch", "list", "--json", home=own_home).json["watches"]
    assert (watch["name"], watch["query"]) == ("氢 能", "绿氢")
    assert watch["filter"]["since"] == "2026-05-01"
    assert archive("watch", "remove", "氢 能", home=own_home).code == 0
    assert archive("watch", "show", "氢 能", home=own_home).code == 2
    for args in (("",), ("x",), ("x" * 99, "稀土"), ("x", "稀土", "--topic", "没有")):
        assert archive("watch", "add", *args, home=own_home).code == 2


def test_a_cell_is_no_formula(sample_archive: Archive) -> None:
    found = sample_archive.search("稀土", limit=2)
    assert results_csv(found).count("2026-") >= 2
    counted = sample_archive.timeline(["=1+1"])
    from archive.output.csv_tables import timeline_csv

    assert "'=1+1" in timeline_csv(counted)


def test_unknown_names(sample_archive: Archive) -> None:
    with pytest.raises(UsageError):
        sample_archive.watch_news("没有")
    with pytest.raises(UsageError):
        sample_archive.source("r-0000000000")

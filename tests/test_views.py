"""The page's views beside search and answers: drafts, storylines, sources."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pytest
from streamlit.testing.v1 import AppTest

from archive import Archive
from tests.app_page import html, new_page, press, view
from tests.test_coverage import PRICE, UNRELATED


@pytest.fixture
def page(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ARCHIVE_HOME", str(sample_home))
    return new_page()


def bars(page: AppTest) -> list[dict[str, object]]:
    (chart,) = page.get("vega_lite_chart")
    (dataset,) = chart.proto.datasets
    table = pyarrow.ipc.open_stream(dataset.data.data).read_all()
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


def test_a_draft_is_checked(page: AppTest) -> None:
    view(page, "旧稿核对")
    page.text_area[0].input(f"一、算力\n{PRICE}\n二、体育\n{UNRELATED}")
    press(page, "核对")
    body = html(page)
    assert "126 万元 → 119 万元" in body
    assert 'class="status partly"' in body
    assert f'<span class="new">{UNRELATED}</span>' in body
    # The page of the earlier passage opens beside the draft, which stays.
    next(button for button in page.button if button.label == "原文").click().run()
    assert not page.exception
    assert page.session_state.opened.passage.briefing.date == "2026-08-25"
    assert "126 万元 → 119 万元" in html(page)


def test_a_draft_of_marks_is_a_sentence_not_a_trace(page: AppTest) -> None:
    view(page, "旧稿核对")
    page.text_area[0].input("。。。！")
    press(page, "核对")
    assert "没有成功" in page.error[0].value


def test_from_a_draft_to_its_storyline(page: AppTest) -> None:
    view(page, "旧稿核对")
    page.text_area[0].input(f"算力硬件：X200 服务器价格\n{PRICE}")
    press(page, "核对")
    next(button for button in page.button if button.label.startswith("脉络：")).click().run()
    assert not page.exception
    assert "118 万元 → 132 万元" in html(page)
    assert {row["时间"] for row in bars(page)} >= {"2026-03", "2026-08"}


def test_the_list_of_storylines_and_a_comparison(page: AppTest, sample_archive: Archive) -> None:
    view(page, "脉络", compare="稀土;X200")
    counted = sample_archive.timeline(["稀土", "X200"])
    told = {(row["内容"], row["时间"]): row["期数"] for row in bars(page)}
    for series in counted.series:
        for period, count in zip(counted.periods, series.briefings, strict=True):
            assert told[series.name, period] == count
    story = sample_archive.stories()[0][0]
    assert story.name in html(page)
    next(button for button in page.button if button.key == f"open story {story.id}").click().run()
    assert not page.exception
    assert page.query_params["story"] == story.id
    assert story.passages[0].heading in html(page)


def test_a_storyline_that_is_gone(page: AppTest) -> None:
    view(page, "脉络", story="s-0000000000")
    assert "没有这条脉络" in page.info[0].value


def test_sources(page: AppTest, sample_archive: Archive) -> None:
    view(page, "来源")
    assert page.dataframe[0].value.iloc[0]["来源"] == "星海财经"
    page.text_input[0].input("低空 18 城").run()
    (item,) = sample_archive.sources("低空 18 城")
    assert item.line in html(page)
    next(t for t in page.toggle if t.key == f"resting on {item.id}").set_value(True).run()
    assert not page.exception
    assert "累计飞行 42.6 万架次" in html(page)

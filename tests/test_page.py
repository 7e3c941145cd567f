"""The page: its logic by AppTest, a reader's journey in Chromium, quotes marked on pictures."""

from __future__ import annotations

import html
import io
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader, PdfWriter
from streamlit.testing.v1 import AppTest

from archive import Archive
from archive.asking.records import Answer
from archive.chinese.text import compact, sentences
from archive.errors import ArchiveError
from archive.evidence.page_image import Box, find_quote, mark_quote, page_text
from archive.page.safe_text import as_markdown, marked_html
from tests.app_page import drawn, new_page, press
from tests.browsing import chromium, is_listening, keep, serving
from tests.conftest import SAMPLES, wait_until
from tests.hostile_pages import hostile_page
from tests.marks import marks, text_within
from tests.test_views import bars

QUESTION = "稀土出口许可的审批时限现在是多少？"
QUESTIONS = (
    QUESTION,
    "稀土出口许可的审批时限是怎样变化的？",
    "低空经济试点城市有哪些？",
    "可重复使用火箭何时首飞？",
    "星澜科技大模型的调用价格是多少？",
    "生物基尼龙装置在哪里投产？",
    "钠离子储能电站的放电容量保持率是多少？",
    "工业互联网平台怎样分级评价？",
)
UNANSWERABLE = "火星移民计划的预算是多少？"

# --- quotes on pictures ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers(sample_archive: Archive) -> dict[str, Answer]:
    return {question: sample_archive.ask(question) for question in QUESTIONS}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_citation_is_marked_where_it_stands(
    sample_archive: Archive, answers: dict[str, Answer], question: str
) -> None:
    for citation in answers[question].citations:
        pdf = sample_archive.show(citation.passage.briefing.id)[2]
        pages = range(citation.pages[0], citation.pages[1] + 1)
        images, text = marks(pdf, pages, citation.quote)
        assert all(image.marked for image in images)
        assert text == compact(citation.quote).text


def test_the_questions_have_answers(answers: dict[str, Answer]) -> None:
    assert sum(answer.supported for answer in answers.values()) >= 6


def test_a_sentence_over_a_page_break_is_marked_on_both_pages(sample_archive: Archive) -> None:
    over_breaks = [
        (entry.id, passage.text[start:end], passage.pages_of(start, end))
        for entry in sample_archive.briefings()
        for passage in sample_archive.show(entry.id)[1]
        for start, end in sentences(passage.text)
        if len(set(passage.pages_of(start, end))) == 2 and end - start > 16
    ]
    assert len(over_breaks) >= 3
    for briefing_id, sentence, pages in over_breaks:
        pdf = sample_archive.show(briefing_id)[2]
        _, text = marks(pdf, pages, sentence)
        assert text == compact(sentence).text, briefing_id


def test_the_marks_are_yellow_and_the_text_stays_black(sample_archive: Archive) -> None:
    pdf = SAMPLES / "briefing-2026-07-01.pdf"
    quote = page_text(pdf, 1)[:7]
    image = mark_quote(pdf, 1, quote)
    picture = Image.open(io.BytesIO(image.png))
    assert picture.size == (image.width, image.height)
    assert_marked_yellow(picture, image.boxes)
    dark = [p for p in pixels(picture.crop(image.boxes[0])) if max(p) < 60]
    assert dark


def pixels(picture: Image.Image) -> list[tuple[int, int, int]]:
    data = picture.convert("RGB").tobytes()
    return [(data[i], data[i + 1], data[i + 2]) for i in range(0, len(data), 3)]


def is_yellow(pixel: tuple[int, int, int]) -> bool:
    red, green, blue = pixel
    return red > 230 and green > 200 and blue < 160


def assert_marked_yellow(picture: Image.Image, boxes: tuple[Box, ...]) -> None:
    """Most of each box is yellow, and nothing of the picture outside them is."""
    colours = picture.convert("RGB")
    for left, top, right, bottom in boxes:
        inside = pixels(colours.crop((left, top, right + 1, bottom + 1)))
        assert sum(map(is_yellow, inside)) > len(inside) / 3
        colours.paste("white", (left, top, right + 1, bottom + 1))
    assert not any(map(is_yellow, pixels(colours)))


def test_without_a_quote_nothing_is_marked() -> None:
    image = mark_quote(SAMPLES / "briefing-2026-07-01.pdf", 1, "")
    assert not image.marked
    assert image.boxes == ()
    other = mark_quote(
        SAMPLES / "briefing-2026-07-01.pdf", 1, "这句话在这份简报的任何地方都没有出现过"
    )
    assert not other.marked


def test_marks_turn_with_the_page(tmp_path: Path) -> None:
    pdf, turned = SAMPLES / "briefing-2026-07-01.pdf", tmp_path / "turned.pdf"
    writer = PdfWriter()
    writer.add_page(PdfReader(pdf).pages[0]).rotate(90)
    writer.write(turned)
    quote = "列管元素定为10种，审批时限为20个工作日"
    upright, sideways = mark_quote(pdf, 1, quote), mark_quote(turned, 1, quote)
    assert (sideways.width, sideways.height) == (upright.height, upright.width)
    assert len(sideways.boxes) == len(upright.boxes)
    assert_marked_yellow(Image.open(io.BytesIO(sideways.png)), sideways.boxes)


@pytest.mark.parametrize(
    ("page", "quote", "found"),
    [
        ("他说：“好”——这是 2026 年的事。", '他说:"好"--这是2026年', "他说：“好”——这是 2026 年"),
        ("Rare-\nEarth Licences", "rare‐earth licences", "Rare-\nEarth Licences"),
        ("审批时\ufffd为20个工作日", "审批时限为20个工作日", "审批时\ufffd为20个工作日"),
        ("审批时限为20个工作日", "审批时\ufffd为20个工作日", "审批时限为20个工作日"),
        ("审批时限为20个工作日", "审批时限\ufffd为20个工作日", "审批时限为20个工作日"),
        ("审批时限", "审批时限", "审批时限"),
        ("审批时限", "没有出现的话", ""),
        ("审批时限", "", ""),
        ("", "审批时限", ""),
    ],
)
def test_find_quote(page: str, quote: str, found: str) -> None:
    chars = find_quote(page, quote)
    assert page[chars.start : chars.stop] == found


def test_the_part_beside_the_page_break_is_preferred() -> None:
    quote = "据星海财经5月20日报道，商务部当日公布修改稿。"
    filler = "此处是与引文无关的正文。" * 20
    page = f"页眉\n部当日公布修改稿。{filler}据星海财经5月20日报道，另有其事。{filler}第 2 页"
    chars = find_quote(page, quote)
    assert page[chars.start : chars.stop] == "部当日公布修改稿。"
    page = f"页眉\n{filler}据星海财经5月20日报道，商\n第 1 页"
    chars = find_quote(page, quote)
    assert page[chars.start : chars.stop] == "据星海财经5月20日报道，商"


def test_what_a_page_cannot_be_drawn_from(tmp_path: Path) -> None:
    sample, broken = SAMPLES / "briefing-2026-07-01.pdf", tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing more")
    for pdf, page, said in (
        (sample, 0, "no page 0"),
        (sample, 5, "no page 5"),
        (tmp_path / "none.pdf", 1, "missing"),
        (broken, 1, "can't be read"),
    ):
        with pytest.raises(ArchiveError, match=said) as raised:
            mark_quote(pdf, page, "稀土")
        assert str(pdf) in raised.value.message
        assert raised.value.cure


# --- the page's logic -----------------------------------------------------------------------------


@pytest.fixture
def page(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ARCHIVE_HOME", str(sample_home))
    return new_page()


def submit(page: AppTest, query: str) -> AppTest:
    page.text_input(key="q").set_value(query)
    next(button for button in page.button if button.label in ("检索", "提问")).click()
    return drawn(page)


def shown(page: AppTest) -> str:
    """All HTML of the page but its style."""
    return "\n".join(node.body for node in page.html if "<style>" not in node.body)


def card_dates(page: AppTest) -> list[str]:
    return re.findall(r'class="card"><p class="meta">(\S+)', shown(page))


def test_at_first_it_says_what_it_holds_and_what_can_be_asked(page: AppTest) -> None:
    drawn(page)
    assert "收录 29 期简报，2026-03-03 至 2026-08-27" in shown(page)
    assert page.segmented_control(key="view").value == "search"
    assert QUESTION in [button.label for button in page.button]


def test_search_shows_ten_cards_a_page(page: AppTest) -> None:
    submit(drawn(page), "稀土 审批时限")
    assert len(card_dates(page)) == 10
    assert "<mark>稀土</mark>" in shown(page)
    first = shown(page)
    page.pagination(key="page").set_value(2)
    drawn(page)
    assert card_dates(page)
    assert shown(page) != first
    submit(page, "低空经济")
    assert page.session_state["page"] == 1


def test_ways_of_searching_and_sorting(page: AppTest) -> None:
    submit(drawn(page), "稀土 审批时限")
    everything = total(page)
    page.segmented_control(key="mode").set_value("keyword")
    drawn(page)
    assert 0 < total(page) < everything
    page.segmented_control(key="sort").set_value("oldest")
    drawn(page)
    assert card_dates(page) == sorted(card_dates(page))
    press(page, "最早在前")
    assert page.segmented_control(key="sort").value == "relevance"
    assert 0 < total(page) < everything
    press(page, "关键词检索")
    assert total(page) == everything


def total(page: AppTest) -> int:
    found = re.search(r"共 (\d+) 段", shown(page))
    return int(found[1]) if found else 0


def test_filters_of_the_address_are_kept(page: AppTest) -> None:
    page.query_params["q"] = "出口"
    page.query_params["topic"] = ["稀土与关键矿产", "没有这个主题"]
    page.query_params["since"] = "2026-05-01"
    drawn(page)
    dates = card_dates(page)
    assert dates
    assert min(dates) >= "2026-05-01"
    topics = re.findall(r'<div class="topics">(.*?)</div>', shown(page))
    assert all("稀土与关键矿产" in line for line in topics)
    assert page.query_params["topic"] in ("稀土与关键矿产", ["稀土与关键矿产"])


def test_dates_the_wrong_way_round(page: AppTest) -> None:
    page.query_params.update({"q": "稀土", "since": "2026-08-01", "until": "2026-05-01"})
    drawn(page)
    assert any("对调" in warning.value for warning in page.warning)


def test_nothing_found(page: AppTest) -> None:
    page.query_params.update({"q": "稀土", "until": "2020-01-01"})
    assert "没有简报" in plain(drawn(page).info[0].value)


def plain(markdown: str) -> str:
    """What a reader sees of Markdown: without its escapes and characters of no width."""
    return re.sub(r"\\(.)", r"\1", markdown).replace("\u2060", "")


def test_an_answer_with_its_citations_and_the_page_of_one(
    page: AppTest, answers: dict[str, Answer]
) -> None:
    page.query_params.update({"view": "问答", "q": QUESTION})
    drawn(page)
    answer = answers[QUESTION]
    for citation in answer.citations:
        if f"{citation.quote}[{citation.number}]" in answer.text:  # else it says the same
            quote = f"{html.escape(citation.quote)}<sup>[{citation.number}]</sup>"
            assert quote in shown(page)
        assert html.escape(citation.line) in shown(page)
        for source in citation.sources:
            assert html.escape(f"来源：{source.line}") in shown(page)
    assert answer.coverage.line in shown(page)

    page = press(page, "[1] 打开原页")
    assert page.image
    first = answer.citations[0]
    at = (
        f"《{first.passage.briefing.title}》{first.passage.briefing.date}，第 {first.printed[0]} 页"
    )
    assert f"{at}（共 4 页）" in shown(page)
    page = press(page, "下一页")
    assert "第 2 页（共 4 页）" in shown(page)
    page = press(page, "关闭")
    assert not page.image


def test_a_question_is_asked_anew_only_when_it_is_submitted(page: AppTest) -> None:
    page.query_params["view"] = "问答"
    submit(drawn(page), QUESTION)
    (asked,) = page.session_state["turns"]
    press(page, "[1] 打开原页")
    assert page.session_state["turns"] == [asked]
    assert page.session_state["turns"][0] is asked
    submit(page, QUESTION)
    (again,) = page.session_state["turns"]
    assert again is not asked


def test_an_example_fills_the_box_and_runs(page: AppTest) -> None:
    press(drawn(page), QUESTION)
    assert page.text_input(key="q").value == QUESTION
    assert page.segmented_control(key="view").value == "ask"
    assert 'class="answer"' in shown(page)


def test_a_refusal_shows_what_is_near(page: AppTest) -> None:
    page.query_params.update({"view": "问答", "q": UNANSWERABLE})
    drawn(page)
    assert "没有" in plain(page.info[0].value)
    assert card_dates(page)
    assert "检索了 2026-03-03 至 2026-08-27 的 29 期简报。" in shown(page)


def test_a_date_read_out_of_the_query_is_said_and_can_be_refused(page: AppTest) -> None:
    submit(drawn(page), "2026年5月的稀土")
    dated = total(page)
    assert "已作为日期：只看 2026-05-01 至 2026-05-31 的简报。" in shown(page)
    assert {date[:7] for date in card_dates(page)} == {"2026-05"}
    press(page, "不按日期筛选")
    assert "已作为日期" not in shown(page)
    assert total(page) > dated
    submit(page, "2026年5月的稀土出口")
    assert "已作为日期" in shown(page)


def test_a_suggestion_is_offered_and_taken(page: AppTest) -> None:
    submit(drawn(page), "稀图出口许可")
    assert "您是不是要找：" in shown(page)
    press(page, "稀土出口许可")
    assert page.text_input(key="q").value == "稀土出口许可"
    assert "「稀土出口许可」共" in shown(page)
    assert "您是不是要找：" not in shown(page)


def test_a_malformed_query_is_searched_as_words_and_said_so(page: AppTest) -> None:
    submit(drawn(page), "稀土 OR")
    assert "OR 的两边都要有词，已按普通词语检索。" in shown(page)
    assert card_dates(page)


def test_what_was_found_spreads_and_why(page: AppTest, sample_archive: Archive) -> None:
    submit(drawn(page), "稀土 出口")
    found = sample_archive.search_page("稀土 出口")
    assert f"共 {found.total} 段，出自 {found.briefings} 期" in shown(page)
    most = found.facets.topics[0]
    assert {row["时间"]: row["段数"] for row in bars(page) if row["段数"]} == {
        month.value: month.count for month in found.facets.months
    }
    assert f"{most.value}（{most.count}）" in [plain(button.label) for button in page.button]
    first = found.results[0]
    assert f"关键词第 {first.keyword_rank} · " in shown(page)
    assert f" · 含 {'、'.join(first.hits)}" in shown(page)


def test_grouped_by_briefing(page: AppTest, sample_archive: Archive) -> None:
    page.query_params.update({"q": "稀土", "by": "true"})
    drawn(page)
    found = sample_archive.search_page("稀土", by_briefing=True)
    titles = re.findall(r'<h2 class="group">(.*?)</h2>', shown(page))
    assert titles == [
        html.escape(f"{group.briefing.date}　《{group.briefing.title}》　共 {group.total} 条")
        for group in found.groups
    ]
    assert len(card_dates(page)) == sum(len(group.results) for group in found.groups)
    page.toggle(key="by").set_value(False)
    drawn(page)
    assert "<h2" not in shown(page)


def test_similar_passages_and_back(page: AppTest, sample_archive: Archive) -> None:
    submit(drawn(page), "稀土 出口")
    before = card_dates(page)
    chosen = sample_archive.search("稀土 出口")[0].passage
    press(page, "相似")
    assert html.escape(f"与「{chosen.heading}」相似的段落") in shown(page)
    near = [result.briefing.date for result in sample_archive.similar(chosen.id).results]
    assert card_dates(page) == near
    press(page, "返回")
    assert card_dates(page) == before
    press(page, "相似")
    submit(page, "低空经济")
    assert "相似的段落" not in shown(page)


HOSTILE = "稀土 <script>alert(1)</script> **粗** $x^2$ <img src=x onerror=alert(1)>"


@pytest.mark.parametrize("view", ["检索", "问答"])
def test_a_query_is_shown_as_text(page: AppTest, view: str) -> None:
    page.query_params.update({"view": view, "q": HOSTILE})
    drawn(page)
    assert "<script>alert" not in shown(page)
    assert "<img" not in shown(page)
    if view == "检索":
        assert html.escape(HOSTILE) in shown(page)
    assert not page.markdown


def test_text_of_a_pdf_is_shown_as_text() -> None:
    text = "甲<b>乙</b>&丙"
    assert marked_html(text, [(1, 4), (5, 6)], 0, 6) == (
        "甲<mark>&lt;b&gt;</mark>乙<mark>&lt;</mark>"
    )
    assert marked_html(text, [(0, 3)], 1, 4) == "&lt;b&gt;"
    assert as_markdown("a_b* $x$ [l](u)") == r"a\_b\* \$x\$ \[l\]\(u\)"
    joined = as_markdown(":red[x] http://a www.b c@d -> <= --")
    assert plain(joined) == ":red[x] http://a www.b c@d -> <= --"
    assert joined.count("\u2060") == 7


def test_an_error_is_a_sentence_with_its_cure(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_CHROMA_URL", "ftp://*here*")
    said = plain(drawn(page).error[0].value)
    assert "ftp://*here*" in said
    assert "解决办法：write it like http://127.0.0.1:8000" in said


def test_a_page_whose_pdf_is_gone(
    page: AppTest, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pdf in (own_home / "files").iterdir():
        pdf.unlink()
    monkeypatch.setenv("ARCHIVE_HOME", str(own_home))
    page.query_params["q"] = "稀土"
    press(drawn(page), "打开原页")
    assert "PDF 不见了" in page.error[0].value
    assert str(own_home) not in page.error[0].value
    assert card_dates(press(page, "关闭"))
    assert not page.error


def test_a_page_that_cannot_be_drawn_is_told_of_and_the_others_are_shown(
    page: AppTest, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pdf in (own_home / "files").iterdir():
        pdf.write_bytes(hostile_page("a JBIG2 of 60,000 by 60,000"))
    monkeypatch.setenv("ARCHIVE_HOME", str(own_home))
    page.query_params["q"] = "稀土"
    press(drawn(page), "打开原页")
    while "第 2 页（" not in shown(page):  # the second page of each file is hostile
        press(page, "上一页" if "第 1 页（" not in shown(page) else "下一页")
    assert page.error[0].value == "这一页太复杂，没能画出来；可以打开 PDF 查看。"
    assert not page.image
    assert "打开 PDF" in [button.label for button in page.get("download_button")]  # type: ignore[union-attr]
    press(page, "上一页")
    assert page.image
    assert not page.error


@pytest.mark.parametrize("number", ["0", "99"])
def test_a_page_that_a_briefing_lacks(page: AppTest, number: str) -> None:
    page.query_params["q"] = "稀土"
    press(drawn(page), "打开原页")
    named = str(page.query_params["open"]).strip("[]'")
    again = new_page()
    again.query_params["open"] = f"{named.rpartition('p')[0]}p{number}"
    drawn(again)
    assert again.error[0].value == f"这一期没有第 {number} 个页面。"
    press(again, "关闭")
    assert not again.error


def test_without_an_archive_it_says_how_to_begin(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "none"
    monkeypatch.setenv("ARCHIVE_HOME", str(home))
    drawn(page)
    assert "档案是空的" in page.info[0].value
    assert page.code[0].value.startswith("archive ingest")
    assert str(home) not in shown(page)
    assert not home.exists()


# --- a reader's journey ---------------------------------------------------------------------------


@pytest.fixture
def browser_page() -> Iterator[Page]:
    """A page of headless Chromium, 1280 by 1000."""
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 1280, "height": 1000})


def test_a_reader_asks_and_sees_the_sentence_on_its_page(
    browser_page: Page, own_home: Path, sample_archive: Archive, answers: dict[str, Answer]
) -> None:
    asked_outside: list[str] = []
    with serving(own_home) as (process, port):
        url = f"http://127.0.0.1:{port}/"
        browser_page.on(
            "request",
            lambda r: (
                None if r.url.startswith((url, "data:", "blob:")) else asked_outside.append(r.url)
            ),
        )
        browser_page.goto(url)
        browser_page.get_by_text("问答", exact=True).click()
        box = browser_page.get_by_placeholder("用一句话提问")
        box.fill(QUESTION)
        box.press("Enter")
        expect(browser_page.locator(".answer")).to_contain_text("20 个工作日", timeout=120_000)
        expect(browser_page).to_have_url(re.compile("[?&]q="))

        browser_page.get_by_role("button", name="[1] 打开原页").click()
        picture = browser_page.locator(".st-key-viewer img")
        expect(picture).to_be_visible(timeout=60_000)
        wait_until(
            lambda: bool(picture.evaluate("image => image.complete && image.naturalWidth > 0"))
        )
        keep(browser_page, "answer_with_marked_page")
        served = browser_page.request.get(picture.evaluate("image => image.src"))

        quoted = answers[QUESTION].citations[0]
        pdf = sample_archive.show(quoted.passage.briefing.id)[2]
        image = mark_quote(pdf, quoted.pages[0], quoted.quote)
        assert_marked_yellow(Image.open(io.BytesIO(served.body())), image.boxes)
        assert (
            text_within(pdf, quoted.pages[0], image.boxes, scale=2.0) == compact(quoted.quote).text
        )
        assert not asked_outside

        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not is_listening(port)

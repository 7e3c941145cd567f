"""Readers' journeys through the page in a real browser, by phone, in the dark, with a keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Locator, Page, ViewportSize, expect

from archive import Archive, Settings
from archive.keeping.staff import set_password
from archive.page.state import VIEWS
from tests.browsing import PATIENCE, chromium, keep, serving, settle
from tests.conftest import copied
from tests.made_briefings import make_briefing

QUESTION = "首批通用许可有多少家企业？"
WIDE: ViewportSize = {"width": 1280, "height": 1000}
PHONE: ViewportSize = {"width": 390, "height": 844}
SERIOUS = ("serious", "critical")
ADDRESSES = {"检索": "q=稀土出口", "问答": f"q={QUESTION}"}
"""What is in the address of a view beside its name."""
_IS_DARK = """() => getComputedStyle(document.querySelector('.stApp')).backgroundColor
    .match(/\\d+/g).slice(0, 3).every(part => part < 60)"""


@pytest.fixture(scope="module")
def home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample archive, which readers' reports change."""
    return copied(sample_home, tmp_path_factory.mktemp("journeys") / "home")


@pytest.fixture(scope="module")
def password(home: Path) -> str:
    """The staff's."""
    set_password(home, "journeys 2026")
    return "journeys 2026"


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    with serving(home) as (_, port):
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def reader(browser: Browser) -> Iterator[Page]:
    """A page of its own session."""
    context = browser.new_context(viewport=WIDE)
    yield context.new_page()
    context.close()


def go(page: Page, url: str, *, view: str = "检索", rest: str = "") -> None:
    """Open a view by its address and wait until it has been drawn."""
    page.goto(f"{url}?view={quote(view)}&{quote(rest, safe='=&')}")
    settle(page)


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name).first


def test_search_filter_open_the_page_and_share_it(reader: Page, browser: Browser, url: str) -> None:
    reader.goto(url)
    box = reader.get_by_placeholder("输入要查的词或句子")
    expect(box).to_be_focused(timeout=PATIENCE)
    reader.keyboard.type("稀土出口")
    reader.keyboard.press("Enter")
    cards = reader.locator(".card")
    expect(cards.first).to_be_visible(timeout=PATIENCE)
    button(reader, re.compile("^稀土与关键矿产（")).click()
    expect(reader).to_have_url(re.compile("topic="))
    settle(reader)
    expect(reader.locator(".st-key-limits")).to_contain_text("稀土与关键矿产")
    button(reader, "打开原页").click()
    picture = reader.locator(".st-key-viewer img")
    expect(picture).to_be_visible(timeout=PATIENCE)
    expect(reader).to_have_url(re.compile("open="))
    keep(reader, "search_with_open_page")
    headings = cards.locator("h3").all_inner_texts()

    other = browser.new_context(viewport=WIDE).new_page()
    other.goto(reader.url)
    expect(other.locator(".st-key-viewer img")).to_be_visible(timeout=PATIENCE)
    settle(other)
    assert other.locator(".card h3").all_inner_texts() == headings
    expect(other.get_by_placeholder("输入要查的词或句子")).to_have_value("稀土出口")
    other.reload()
    expect(other.locator(".st-key-viewer img")).to_be_visible(timeout=PATIENCE)
    other.context.close()

    reader.locator(".st-key-limits button").first.click()
    settle(reader)
    expect(reader).not_to_have_url(re.compile("topic="))


def test_a_click_on_a_month_filters(reader: Page, url: str) -> None:
    go(reader, url, rest="q=稀土出口")
    bar = reader.locator("[data-testid=stVegaLiteChart] path[aria-label*='2026-05']").first
    bar.click(timeout=PATIENCE)
    expect(reader.locator(".st-key-limits")).to_contain_text(
        "2026-05-01 — 2026-05-31", timeout=PATIENCE
    )
    settle(reader)
    dates = reader.locator(".card .meta:first-child").all_inner_texts()
    assert dates
    assert all(date.startswith("2026-05") for date in dates)


def test_ask_copy_and_report(reader: Page, url: str, home: Path) -> None:
    go(reader, url, view="问答", rest=f"q={QUESTION}")
    expect(reader.locator(".answer").first).to_contain_text("38 家", timeout=PATIENCE)
    button(reader, "复制答案").click()
    copied = reader.locator("[data-testid=stPopoverBody] code").first
    expect(copied).to_contain_text("[^1]: 示例产业促进会新质生产力工作委员会 (2026-08-18)")
    reader.keyboard.press("Escape")
    button(reader, "报告此答案有误").click()
    reader.get_by_label("哪里不对？").fill("这里说的是获证企业 <b>不是</b> 申请企业")
    button(reader, "提交").click()
    expect(reader.get_by_text("已记下")).to_be_visible(timeout=PATIENCE)
    (kept,) = Archive.open(Settings(home)).reports()
    assert kept.remark == "这里说的是获证企业 <b>不是</b> 申请企业"
    assert kept.question == QUESTION
    assert "38 家" in kept.answer

    box = reader.get_by_placeholder(re.compile("接着问"))
    box.fill("其中磁材企业多少家？")
    box.press("Enter")
    earlier = reader.get_by_text("先前的问答", exact=True)
    expect(earlier).to_be_visible(timeout=PATIENCE)
    settle(reader)
    keep(reader, "asked_on")
    button(reader, re.compile("换个话题")).click()
    expect(earlier).not_to_be_visible(timeout=PATIENCE)


def test_a_refusal_is_widened(reader: Page, url: str) -> None:
    go(reader, url, view="问答", rest=f"q={QUESTION}&until=2026-06-30")
    expect(reader.get_by_text("没有找到能回答这个问题的依据")).to_be_visible(timeout=PATIENCE)
    keep(reader, "refused")
    button(reader, re.compile("放宽日期")).click()
    expect(reader.locator(".answer").first).to_contain_text("38 家", timeout=PATIENCE)
    expect(reader).not_to_have_url(re.compile("until="))


def test_a_draft_is_checked_and_the_report_taken_away(reader: Page, url: str) -> None:
    go(reader, url, view="旧稿核对")
    reader.get_by_role("textbox", name="草稿").fill(
        "低空经济试点城市由 18 个增加到 25 个。\n\n某市计划 2027 年建成第一座海上氢能机场。"
    )
    button(reader, "核对").click()
    expect(reader.locator(".change").first).to_contain_text("18 个 → 25 个", timeout=PATIENCE)
    keep(reader, "draft_checked")
    with reader.expect_download() as download:
        button(reader, "下载核对结果").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "18 个 → 25 个[^" in text
    assert "\n[^1]: " in text


def test_enter_that_chooses_characters_does_not_search(reader: Page, url: str) -> None:
    reader.goto(url)
    box = reader.get_by_placeholder("输入要查的词或句子")
    expect(box).to_be_focused(timeout=PATIENCE)
    settle(reader)
    reader.keyboard.type("稀土")
    box.dispatch_event(
        "keydown", {"key": "Enter", "code": "Enter", "keyCode": 229, "isComposing": True}
    )
    reader.wait_for_timeout(300)  # in which a search would begin
    settle(reader)
    assert not reader.locator(".card").count()
    reader.keyboard.press("Enter")
    expect(reader.locator(".card").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("view", [label for label, _ in VIEWS.values()])
def test_a_view_by_day_by_night_and_on_a_phone(browser: Browser, url: str, view: str) -> None:
    """Loaded once: no serious violation in light or dark, and nothing too wide for a phone."""
    page = opened_for_axe(browser, url, view, ADDRESSES.get(view, ""))
    check_by_axe(page, f"light_{view}")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(_IS_DARK)
    check_by_axe(page, f"dark_{view}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    page.wait_for_function(f"innerWidth === {PHONE['width']}")
    keep(page, f"phone_{view}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.context.close()


def test_on_a_phone_the_page_of_the_pdf_covers_the_screen(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    go(page, url, view="检索", rest="q=稀土出口")
    button(page, "打开原页").click()
    picture = page.locator(".st-key-viewer img")
    expect(picture).to_be_visible(timeout=PATIENCE)
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] > PHONE["width"] * 0.8
    keep(page, "phone_open_page")
    button(page, "关闭").click()
    expect(picture).not_to_be_visible(timeout=PATIENCE)
    page.context.close()


def test_axe_finds_no_serious_violation_within_views(
    browser: Browser, url: str, home: Path
) -> None:
    archive = Archive.open(Settings(home))
    passage = archive.search("稀土出口")[0].passage
    story = archive.stories(limit=1)[0][0]
    for at, (view, rest) in enumerate((
        ("检索", f"q=稀土出口&open={passage.id}@0-40p{passage.pages[0]}"),
        ("检索", f"q=稀土出口&like={passage.id}"),
        ("问答", f"q={QUESTION}&until=2026-06-30"),
        ("往期", f"briefing={passage.briefing.id}"),
        ("脉络", f"story={story.id}"),
    )):  # fmt: skip
        page = opened_for_axe(browser, url, view, rest)
        check_by_axe(page, f"within_{at}")
        page.context.close()


def opened_for_axe(browser: Browser, url: str, view: str, rest: str) -> Page:
    """An address by day, in a browser of its own in which nothing moves."""
    page = browser.new_context(
        viewport=WIDE, color_scheme="light", reduced_motion="reduce"
    ).new_page()
    go(page, url, view=view, rest=rest)
    return page


def check_by_axe(page: Page, name: str) -> None:
    """No serious violation by axe-core's rules (WCAG among them)."""
    keep(page, name)
    found = Axe().run(page).response["violations"]
    serious = [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
    assert not serious, "\n".join(serious)


def test_in_the_dark_the_page_is_dark(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport=WIDE, color_scheme="dark").new_page()
    go(page, url, view="检索", rest="q=稀土出口")
    assert page.evaluate(_IS_DARK)
    page.context.close()


def test_the_page_in_english(reader: Page, url: str) -> None:
    go(reader, url, view="检索", rest="q=稀土出口")
    button(reader, "English").click()
    expect(reader.get_by_text(re.compile(r"passages in \d+ briefings"))).to_be_visible(
        timeout=PATIENCE
    )
    expect(reader).to_have_url(re.compile("lang=en"))
    settle(reader)
    keep(reader, "english")
    expect(button(reader, "Open the page")).to_be_visible()
    expect(reader.locator("[data-testid=stButtonGroup]").first).to_contain_text("Check a draft")
    button(reader, "中文").click()
    expect(button(reader, "打开原页")).to_be_visible(timeout=PATIENCE)


def test_three_pdfs_are_handed_in_and_found_and_nothing_in_them_runs(
    reader: Page, url: str, password: str, tmp_path: Path
) -> None:
    said = listen(reader)
    told = "；".join(INJECTIONS).replace("\\", "\\\\").replace('"', '\\"')
    good = [
        make_briefing(
            tmp_path, day, {f'#"量子灯塔<b>{day}</b>"': f'量子灯塔项目编号 {code}。#"{told}"'}
        )
        for day, code in (("2026-09-01", "QX7701"), ("2026-09-02", "QX7702"))
    ]  # fmt: skip
    bad = tmp_path / "坏 <img src=x onerror=alert(1)> $x$ **.pdf"
    bad.write_bytes(b"%PDF-1.7 and nothing more")

    go(reader, url, view="入库")
    expect(reader.get_by_placeholder("管理密码")).to_be_visible(timeout=PATIENCE)
    assert not reader.locator("input[type=file]").count()
    reader.get_by_placeholder("管理密码").fill(password)
    reader.keyboard.press("Enter")
    reader.set_input_files("input[type=file]", [*good, bad], timeout=PATIENCE)
    begin = button(reader, "开始入库")
    expect(begin).to_be_enabled(timeout=PATIENCE)
    begin.click()
    expect(reader.get_by_text("最近一次入库")).to_be_visible(timeout=4 * PATIENCE)
    settle(reader)
    keep(reader, "handed_in")
    assert reader.locator(".upload .outcome.new").count() == 2
    failed = reader.locator(".upload", has=reader.locator(".outcome.failed"))
    expect(failed).to_contain_text(bad.name)
    expect(failed.locator(".cure")).to_contain_text("请")

    button(reader, "打开").click()
    expect(reader.locator(".briefing").first).to_be_visible(timeout=PATIENCE)
    nothing_runs(reader, said)
    reader.get_by_role("radio", name="检索").click()
    box = reader.get_by_placeholder("输入要查的词或句子")
    box.fill("QX7702")
    box.press("Enter")
    expect(reader.locator(".card").first).to_contain_text("量子灯塔<b>2026-09-02</b>")
    nothing_runs(reader, said)
    expect(reader.locator(".masthead")).to_contain_text("收录 31 期简报")


def listen(page: Page) -> list[str]:
    """What dialogs of the page say from now on."""
    said: list[str] = []

    def hear(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    return said


def nothing_runs(page: Page, said: list[str]) -> None:
    """No code, picture, link or formula of others' is on the page."""
    settle(page)
    assert not page.locator(".stMain script", has_text="alert").count()
    assert not page.locator(".stMain :is(iframe, img[src=x], svg[onload])").count()
    assert not page.locator(".stMain a[href^=javascript]").count()
    assert not page.locator(".stMain .katex").count()
    assert not said


def test_nothing_in_a_query_runs(reader: Page, url: str) -> None:
    said = listen(reader)
    for some in batched(INJECTIONS, 3):
        hostile = " ".join(some)
        for view in ("检索", "问答"):
            reader.goto(f"{url}?view={quote(view)}&q={quote(hostile)}")
            nothing_runs(reader, said)
            if view == "检索":
                shown = reader.locator(".stMain").inner_text().replace("\u2060", "")
                assert " ".join(hostile.split()) in " ".join(shown.split())


def batched(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(texts), size):
        yield texts[at : at + size]


INJECTIONS = (
    "稀土<script>alert(1)</script>",
    "<img src=x onerror=alert(1)> 稀土",
    "[稀土](javascript:alert(1)) ![x](x)",
    "稀土 $$\\href{javascript:alert(1)}{x}$$ $x^2$",
    "<iframe src=javascript:alert(1)></iframe>稀土",
    "稀土 :red[x] :material/delete: **粗** `码`",
    "稀土 http://x.example www.x.example x@x.example :streamlit: 甲 -> 乙 <= 丙",
    '"><svg onload=alert(1)>稀土',
    "稀土&lt;script&gt;alert(1)&lt;/script&gt;",
)

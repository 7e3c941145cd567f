"""Several readers of one page: none changes what others see, and the staff can."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from archive import Archive, Settings
from archive.keeping import staff as access
from archive.keeping.reports import MOST_REPORTS
from tests.app_page import drawn, html, new_page, press, view
from tests.browsing import PATIENCE, chromium, serving, settle
from tests.conftest import copied, ingest_quietly, wait_until

PASSWORD = "readers 2026"
QUESTION = "X200 服务器的渠道价是多少？"


@pytest.fixture(scope="module")
def made_home(samples: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a watch and news for it, a report, and staff."""
    home = tmp_path_factory.mktemp("readers") / "made"
    x200 = [pdf for pdf in samples if pdf.stem[-10:] in ("2026-03-10", "2026-04-21")]
    ingest_quietly(x200[:1], Settings(home))
    archive = Archive.open(Settings(home))
    archive.save_watch("服务器", "X200 渠道价")
    archive.report(archive.ask(QUESTION), "不对")
    ingest_quietly(x200, Settings(home))
    access.set_password(home, PASSWORD)
    return home


@pytest.fixture
def home(made_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of its own."""
    home = tmp_path / "home"
    copied(made_home, home)
    monkeypatch.setenv("ARCHIVE_HOME", str(home))
    return home


@pytest.fixture
def reader(home: Path) -> AppTest:
    return new_page()


def staff() -> AppTest:
    """A reader who has signed in."""
    page = view(new_page(), "入库")
    page.text_input[0].set_value(PASSWORD)
    press(page, "登录")
    assert page.file_uploader
    return page


def labels(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def news(page: AppTest) -> str:
    """What is said of the one watch."""
    return str(page.expander[-1].label)


# --- watches -------------------------------------------------------------------------------------


def test_what_a_reader_marks_as_read_is_unread_for_others(home: Path, reader: AppTest) -> None:
    (before,) = Archive.open(Settings(home)).watches()
    view(reader, "关注")
    assert "渠道价升至 132 万元" in html(reader)
    press(reader, "标为已读")
    assert "0 段新内容" in news(reader)
    assert "0 段新内容" in news(drawn(reader))
    assert "渠道价升至 132 万元" not in html(reader)
    assert Archive.open(Settings(home)).watches() == [before]
    assert "0 段新内容" not in news(view(new_page(), "关注"))


def test_a_reader_can_only_read_what_is_watched(reader: AppTest) -> None:
    view(reader, "关注")
    assert "标为已读" in labels(reader)
    assert not labels(reader) & {"添加关注", "取消关注", "为所有人标为已读"}
    assert "关注由工作人员设置" in html(reader)


def test_of_another_watch_by_the_name_nothing_is_read(home: Path, reader: AppTest) -> None:
    view(reader, "关注")
    press(reader, "标为已读")
    with sqlite3.connect(home / "catalog.sqlite3") as db:
        db.execute("UPDATE watch SET query = '渠道价 X200'")
    db.close()
    assert "0 段新内容" not in news(drawn(reader))


def test_staff_watch_from_the_first_word_to_the_last(home: Path, reader: AppTest) -> None:
    page = view(staff(), "关注")
    press(page, "取消关注")
    assert not Archive.open(Settings(home)).watches()
    page.text_input[0].input("算力")
    page.text_input[1].input("X200 渠道价")
    press(page, "添加关注")
    assert "0 段新内容" in news(page)
    assert "算力" in news(view(reader, "关注"))
    with sqlite3.connect(home / "catalog.sqlite3") as db:
        db.execute("UPDATE watch SET seen_key = 0")
    db.close()
    drawn(page)
    assert "0 段新内容" not in news(page)
    press(page, "为所有人标为已读")
    assert "0 段新内容" in news(page)
    assert "0 段新内容" in news(drawn(reader))


@pytest.mark.parametrize("label", ["取消关注", "为所有人标为已读", "添加关注"])
def test_who_was_signed_out_meanwhile_changes_no_watch(home: Path, label: str) -> None:
    page = view(staff(), "关注")
    before = Archive.open(Settings(home)).watches()
    access.set_password(home, "another one")
    if label == "添加关注":
        page.text_input[1].input("X200 渠道价")
    press(page, label)
    assert Archive.open(Settings(home)).watches() == before
    assert "关注由工作人员设置" in html(page)


# --- reports -------------------------------------------------------------------------------------


def send(page: AppTest, remark: str) -> None:
    page.text_area[0].input(remark)
    press(page, "提交")


def test_an_address_sends_so_many_reports(home: Path, reader: AppTest) -> None:
    view(reader, "问答", q=QUESTION)
    for number in range(5):
        send(reader, f"{number}")
        assert not reader.error
    send(reader, " ")
    send(reader, "one too many")
    assert "十分钟最多 5 份" in reader.error[0].value
    other = view(new_page(), "问答", q=QUESTION)
    send(other, "from another session")
    assert "十分钟最多 5 份" in other.error[0].value
    kept = [report.remark for report in Archive.open(Settings(home)).reports()]
    assert kept == ["4", "3", "2", "1", "0", "不对"]


def test_so_many_reports_wait_for_the_staff(home: Path, reader: AppTest) -> None:
    with sqlite3.connect(home / "catalog.sqlite3") as db:
        db.executemany(
            "INSERT INTO report (created, question, answer, remark) VALUES ('', '', '', ?)",
            [(f"{number}",) for number in range(MOST_REPORTS - 1)],
        )
    db.close()
    view(reader, "问答", q=QUESTION)
    for _ in range(6):  # what isn't kept counts for nothing
        send(reader, "one too many")
        assert f"待处理的报告已有 {MOST_REPORTS} 份" in reader.error[0].value
    kept = Archive.open(Settings(home)).reports()
    assert len(kept) == MOST_REPORTS
    assert kept[-1].remark == "不对"
    page = view(staff(), "状态")
    assert sum(label == "已处理" for label in (button.label for button in page.button)) == 20
    press(page, "已处理")
    send(reader, "room again")
    assert Archive.open(Settings(home)).reports()[0].remark == "room again"


def test_who_was_signed_out_meanwhile_closes_no_report(home: Path) -> None:
    page = view(staff(), "状态")
    access.set_password(home, "another one")
    press(page, "已处理")
    assert len(Archive.open(Settings(home)).reports()) == 1
    assert "已处理" not in labels(page)


# --- in browsers, from several addresses ---------------------------------------------------------


@pytest.fixture(scope="module")
def served_home(made_home: Path) -> Path:
    """A copy that is served; no file of it is copied while this process has it open."""
    return copied(made_home, made_home.parent / "served")


@pytest.fixture(scope="module")
def url(served_home: Path) -> Iterator[str]:
    with serving(served_home) as (_, port):
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def come_from(browser: Browser, address: str) -> Page:
    """A reader of an address, as a proxy on this machine tells it."""
    return browser.new_context(extra_http_headers={"X-Forwarded-For": address}).new_page()


def go(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}?view={quote(name)}")
    expect(page.locator(".masthead")).to_be_visible(timeout=PATIENCE)


def sign_in(page: Page, password: str) -> None:
    box = page.get_by_placeholder("管理密码")
    box.fill(password, timeout=PATIENCE)
    box.press("Enter")
    settle(page)


def test_an_address_has_its_limit_whatever_others_do(
    browser: Browser, url: str, served_home: Path
) -> None:
    many, other = come_from(browser, "203.0.113.7"), come_from(browser, "203.0.113.8")
    archive = Archive.open(Settings(served_home))
    for number in range(1, 6):
        report(many, url, f"{number}")
        wait_until(partial(is_last, archive, f"{number}"))
    empty_caches(url)
    report(many, url, "one too many")
    refused = many.get_by_role("alert").filter(has_text="十分钟最多 5 份")
    expect(refused).to_be_visible(timeout=PATIENCE)
    report(other, url, "from elsewhere")
    expect(other.get_by_text("已记下")).to_be_visible(timeout=PATIENCE)
    assert [each.remark for each in archive.reports()[:2]] == ["from elsewhere", "5"]


def report(page: Page, url: str, remark: str) -> None:
    """Send a report, in a session of its own."""
    page.goto(f"{url}?view={quote('问答')}&q={quote(QUESTION)}")
    reporting = page.get_by_role("button", name="报告此答案有误")
    expect(reporting).to_be_visible(timeout=PATIENCE)
    settle(page)
    reporting.click()
    page.get_by_label("哪里不对？").fill(remark, timeout=PATIENCE)
    page.get_by_role("button", name="提交").click()


def is_last(archive: Archive, remark: str) -> bool:
    return archive.reports()[0].remark == remark


def empty_caches(url: str) -> None:
    """What any browser can have Streamlit do, for all sessions."""
    stream = f"{url.replace('http', 'ws')}_stcore/stream"
    with connect(stream, subprotocols=[Subprotocol("streamlit")], max_size=None) as connection:
        connection.send(BackMsg(clear_cache=True).SerializeToString())
        connection.send(BackMsg(app_heartbeat=True).SerializeToString())
        while not ForwardMsg.FromString(connection.recv(60, decode=False)).heartbeat_ack:
            pass


def test_a_browser_keeps_what_its_reader_has_read(browser: Browser, url: str) -> None:
    one, other = come_from(browser, "203.0.113.9"), come_from(browser, "203.0.113.9")
    go(one, url, "关注")
    one.get_by_role("button", name="标为已读").click(timeout=PATIENCE)
    expect(one.get_by_text("0 段新内容")).to_be_visible(timeout=PATIENCE)
    one.reload()
    expect(one.get_by_text("0 段新内容")).to_be_visible(timeout=PATIENCE)
    go(other, url, "关注")
    expect(other.get_by_text(re.compile("[1-9] 段新内容"))).to_be_visible(timeout=PATIENCE)
    (cookie,) = (each for each in one.context.cookies() if each["name"].startswith("read-"))
    assert re.fullmatch("read-[0-9a-f]{16}", cookie["name"])
    assert cookie["sameSite"] == "Strict"
    for forged in ("9" * 400, "-1", "x", ""):
        other.context.add_cookies([{"name": cookie["name"], "value": forged, "url": url}])
        go(other, url, "关注")
        expect(other.get_by_text(re.compile("[1-9] 段新内容"))).to_be_visible(timeout=PATIENCE)


def test_who_was_signed_out_meanwhile_removes_no_briefing(
    browser: Browser, url: str, served_home: Path
) -> None:
    page = come_from(browser, "203.0.113.10")
    go(page, url, "入库")
    sign_in(page, PASSWORD)
    expect(page.locator("input[type=file]")).to_be_attached(timeout=PATIENCE)
    page.get_by_role("radio", name="往期").click()
    page.get_by_role("button", name="打开这一期").first.click(timeout=PATIENCE)
    page.get_by_role("button", name="移除").click(timeout=PATIENCE)
    access.set_password(served_home, "another one")
    page.get_by_role("dialog").get_by_role("button", name="移除", exact=True).click(
        timeout=PATIENCE
    )
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    settle(page)
    expect(page.get_by_role("button", name="移除")).to_have_count(0, timeout=PATIENCE)
    assert len(Archive.open(Settings(served_home)).briefings()) == 2
    access.set_password(served_home, PASSWORD)

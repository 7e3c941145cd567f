"""The briefings month by month, one as a whole, and how the archive stands: page and commands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from archive import Archive, Settings
from archive.cli import cli
from archive.errors import UsageError
from archive.keeping.staff import set_password
from archive.page.safe_text import as_markdown
from archive.store.locks import hold
from archive.store.records import BriefingEntry
from tests.app_page import html, new_page, press, view
from tests.commands import archive
from tests.conftest import SAMPLES, ingest_quietly
from tests.made_briefings import make_briefing

STATUS = {
    "briefings", "passages", "since", "until", "series", "encoder", "encoder_set", "llm", "chroma",
    "home", "bytes", "free_bytes", "stale", "newest_age_days", "runs", "missing",
}  # fmt: skip
TUESDAYS = [
    "2026-03-31", "2026-04-07", "2026-06-02", "2026-06-23", "2026-07-07", "2026-07-14",
    "2026-07-21", "2026-08-04", "2026-08-11",
]  # fmt: skip
"""Without the fifth of May, a holiday."""


@pytest.fixture
def page(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ARCHIVE_HOME", str(sample_home))
    return new_page()


@pytest.fixture(scope="module")
def old_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose newest briefing is years old, and whose last run had a file that failed."""
    folder = tmp_path_factory.mktemp("old")
    for day in ("2020-03-02", "2020-03-03"):
        make_briefing(
            folder,
            day,
            {
                r"甲 \<b\> \*乙\* 的进展": "第一件事有了结果，数量为 12 件。这是第二句。",
                "另一件事的进展": "另一件事还没有结果，数量为 8 件。",
            },
        )
    (folder / "<i>.pdf").write_text("not a PDF")
    ingest_quietly([folder], Settings(folder / "home"))
    return folder / "home"


def run(*args: str, home: Path, **environment: str) -> str:
    """What `archive ARGS` prints; raises what it would say."""
    done = CliRunner().invoke(
        cli, [*args, "--home", str(home)], env=environment, standalone_mode=False
    )
    if done.exception:
        raise done.exception
    return done.stdout


def document(*args: str, home: Path, **environment: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(*args, "--json", home=home, **environment))
    return told


def newest(sample_archive: Archive) -> BriefingEntry:
    return sample_archive.briefings()[0]


def click(page: AppTest, key: str) -> None:
    page.button(key=key).click().run()
    assert not page.exception


# --- the commands --------------------------------------------------------------------------------


def test_the_days_that_lack_a_briefing(sample_home: Path) -> None:
    assert document("list", home=sample_home).keys() == {"briefings"}
    told = document("list", "--missing", home=sample_home)
    assert told.keys() == {"briefings", "missing"}
    assert told["missing"] == [{"series": told["briefings"][0]["series"], "dates": TUESDAYS}]
    printed = run("list", "--missing", home=sample_home)
    assert re.findall(r"^  (\S+) Tue$", printed, re.MULTILINE) == TUESDAYS


def test_no_day_is_missing(old_home: Path) -> None:
    assert "no day is missing" in run("list", "--missing", home=old_home)


def test_status_document(sample_home: Path, sample_archive: Archive) -> None:
    told = document("status", "--today", "2026-09-01", home=sample_home)
    assert told.keys() >= STATUS
    assert told["briefings"] == len(sample_archive.briefings())
    assert (told["since"], told["until"]) == ("2026-03-03", "2026-08-27")
    assert told["encoder"] == told["encoder_set"]
    assert (told["newest_age_days"], told["stale"]) == (5, False)
    assert [series["briefings"] for series in told["series"]] == [told["briefings"]]
    assert [each["dates"] for each in told["missing"]] == [TUESDAYS]
    assert told["runs"][0]["counts"]["new"] == len(list(SAMPLES.glob("*.pdf")))
    assert told["bytes"] > (sample_home / "catalog.sqlite3").stat().st_size
    assert document("status", "--today", "2026-12-01", home=sample_home)["stale"]


def test_status_tells_what_failed_and_with_which_cure(old_home: Path) -> None:
    (last,) = document("status", home=old_home)["runs"]
    assert last["counts"] == {"new": 2, "unchanged": 0, "replaced": 0, "failed": 1}
    (failure,) = last["failures"]
    assert failure["path"].endswith("<i>.pdf")
    assert failure["code"] == "not_a_pdf"
    assert failure["message"]
    assert failure["cure"]
    printed = run("status", home=old_home)
    assert "[not_a_pdf]" in printed
    assert "the newest briefing is" in printed


def test_status_keeps_secrets(sample_home: Path) -> None:
    secrets = {
        "ARCHIVE_LLM_BASE_URL": "http://127.0.0.1:9/v1",
        "ARCHIVE_LLM_MODEL": "模型甲",
        "ARCHIVE_LLM_API_KEY": "sk-geheim",
        "ARCHIVE_CHROMA_URL": "http://leser:geheim@127.0.0.1:9",
    }
    told = document("status", home=sample_home, **secrets)
    assert "geheim" not in json.dumps(told)
    assert told["llm"] == "模型甲"
    assert (told["chroma"], told["chroma_address"]) == ("server", "http://127.0.0.1:9")


def test_status_tells_of_another_model(sample_home: Path, tiny_model: Path) -> None:
    other = document("status", home=sample_home, ARCHIVE_MODEL=str(tiny_model))
    assert other["encoder"] != other["encoder_set"]
    broken = document("status", home=sample_home, ARCHIVE_MODEL="no/such-model")
    assert broken["encoder_set"] is None
    assert "no/such-model" in broken["encoder_error"]


def test_status_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no archive"):
        run("status", home=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_storylines_of_a_briefing(sample_home: Path, sample_archive: Archive) -> None:
    briefing_id = newest(sample_archive).id
    told = document("stories", "--briefing", briefing_id, home=sample_home)
    own = {passage.id for passage in sample_archive.show(briefing_id)[1]}
    everything, _ = sample_archive.stories(limit=1000)
    expected = [story.id for story in everything if own & {p.id for p in story.passages}]
    assert [story["id"] for story in told["stories"]] == expected
    assert told["total"] == len(expected) > 0
    with pytest.raises(UsageError, match="there is no briefing"):
        run("stories", "--briefing", "nope", home=sample_home)


# --- a month -------------------------------------------------------------------------------------


def test_the_newest_month_first(page: AppTest, sample_archive: Archive) -> None:
    view(page, "往期")
    assert page.selectbox(key="month").value == "2026-08"
    shown = html(page)
    of_august = [e for e in sample_archive.briefings() if e.date.startswith("2026-08")]
    for entry in of_august:
        assert f"briefing={entry.id}" in shown
        assert page.button(key=f"open {entry.id}")
    assert "5 期；缺 2 天" in shown
    assert len(re.findall(r'<td class="lacks"[^>]*>(?:4|11) <small>缺', shown)) == 2
    assert shown.count('<th scope="col">') == 7


def test_a_month_of_the_address_and_those_beside_it(page: AppTest) -> None:
    view(page, "往期", month="2026-05")
    assert page.selectbox(key="month").value == "2026-05"
    assert html(page).count("<small>休") == 5
    click(page, "earlier")
    assert page.query_params["month"] == "2026-04"
    click(page, "later")
    click(page, "later")
    assert page.selectbox(key="month").value == "2026-06"


def test_a_month_that_is_none(page: AppTest) -> None:
    view(page, "往期", month="2026-13")
    assert page.selectbox(key="month").value == "2026-08"


def test_the_filter_of_other_views_does_not_apply_and_is_kept(page: AppTest) -> None:
    view(page, "往期", since="2026-12-01", until="2026-01-01")
    assert "5 期" in html(page)
    assert str(page.date_input(key="since").value) == "2026-12-01"


# --- a briefing ----------------------------------------------------------------------------------


def test_a_briefing_as_a_whole(page: AppTest, sample_archive: Archive) -> None:
    entry = newest(sample_archive)
    view(page, "往期")
    click(page, f"open {entry.id}")
    assert page.query_params["briefing"] == entry.id
    stored, passages, _ = sample_archive.show(entry.id)
    shown = html(page)
    for section in stored.briefing.numbered:
        for line in section.text.splitlines():
            assert line in shown
    assert stored.briefing.abstract in shown
    assert all(reference.line in shown for reference in stored.briefing.references)
    assert all(f"<span>{topic}</span>" in shown for p in passages for topic in p.topics)
    # Each section opens its page, with the beginning of its text marked.
    for at, section in enumerate(stored.briefing.numbered):
        click(page, f"section {at}")
        opened = page.session_state.opened
        assert opened.page == section.page
        assert opened.passage.briefing.id == entry.id
        assert section.text.startswith(opened.quote)
    story = sample_archive.stories(briefing_id=entry.id)[0][0]
    click(page, f"story {story.id}")
    assert page.query_params["story"] == story.id


def test_from_briefing_to_briefing(page: AppTest, sample_archive: Archive) -> None:
    entries = sample_archive.briefings()
    view(page, "往期", briefing=entries[0].id)
    assert page.button(key="beside right").disabled
    click(page, "beside left")
    assert page.query_params["briefing"] == entries[1].id
    click(page, "beside right")
    assert page.query_params["briefing"] == entries[0].id
    view(page, "往期", briefing=entries[-1].id)
    assert page.button(key="beside left").disabled
    click(page, "back")
    assert page.selectbox(key="month").value == "2026-03"


def test_a_briefing_that_is_gone(page: AppTest) -> None:
    view(page, "往期", briefing="<script>")
    assert "没有这一期" in page.info[0].value
    click(page, "back")
    assert page.selectbox(key="month").value == "2026-08"


def test_a_revision_and_the_version_it_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, texts = tmp_path / "home", {"甲": "第一件事有了结果，数量为 12 件。"}
    for version in ("", "数量后来改为 13 件。"):
        made = make_briefing(tmp_path, "2020-03-02", {"甲": texts["甲"] + version})
        ingest_quietly([made], Settings(home))
    new, old = sorted(Archive.open(Settings(home)).briefings(), key=lambda entry: entry.status)
    assert (new.status, old.status) == ("live", "replaced")
    monkeypatch.setenv("ARCHIVE_HOME", str(home))
    page = new_page()
    view(page, "往期", briefing=new.id)
    click(page, f"way {old.id}")
    assert "已有修订版" in page.warning[0].value
    click(page, f"way {new.id}")
    assert not page.warning


def test_all_text_is_shown_as_it_is(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE_HOME", str(old_home))
    page = new_page()
    view(page, "往期", briefing=Archive.open(Settings(old_home)).briefings()[0].id)
    assert "甲 &lt;b&gt; *乙*" in html(page)
    assert "甲 <b>" not in html(page)
    assert r"甲 \<b\> \*乙\* 的进展" in page.button(key="section 0").label


def warned() -> None:
    from archive.page.briefing_view import draw_warnings
    from archive.records import Warning

    draw_warnings(
        [Warning("ocr", 3, "recognised <b>"), Warning("of_a_later_version", None, "something new")]
    )


def test_warnings_in_plain_words(page: AppTest) -> None:
    shown = html(AppTest.from_function(warned).run())
    assert "第 3 页：这一页是扫描件" in shown
    assert "recognised &lt;b&gt;" in shown
    assert "<li>something new</li>" in shown


# --- taking one out ------------------------------------------------------------------------------


def staff(home: str, briefing_id: str) -> None:
    """The page of a reader who may remove what is read, and has signed in."""
    from pathlib import Path

    import streamlit as st

    from archive.keeping import staff as access
    from archive.page.briefing_view import draw_briefing
    from archive.page.browse_view import draw_months
    from archive.page.sign_in import _MARK, _mark
    from archive.page.state import open_archive

    st.session_state[_MARK] = _mark(access.staff(Path(home)))
    generation = open_archive(home).generation()
    if "started" not in st.session_state:
        st.session_state.started = st.query_params["briefing"] = briefing_id
    if "briefing" in st.query_params:
        draw_briefing(home, generation, briefing_id, may_remove=True)
    else:
        draw_months(home, generation)


def test_readers_cannot_remove(page: AppTest, sample_archive: Archive) -> None:
    view(page, "往期", briefing=newest(sample_archive).id)
    assert not [button for button in page.button if button.key == "remove"]


def test_staff_remove_a_briefing(own_home: Path) -> None:
    read = Archive.open(Settings(own_home))
    entry = read.briefings()[0]
    file = read.show(entry.id)[2]
    set_password(own_home, "长长的管理密码一二三")
    page = AppTest.from_function(
        staff, default_timeout=120, kwargs={"home": str(own_home), "briefing_id": entry.id}
    ).run()
    click(page, "remove")
    click(page, "keep")
    assert not page.markdown
    click(page, "remove")
    assert as_markdown(entry.date) in page.markdown[0].value
    with hold(own_home / "writer.lock", "a test"):  # as while another process ingests
        click(page, "confirm removal")
    assert "另一个程序在写入" in page.error[0].value
    assert read.briefings()[0] == entry
    click(page, "confirm removal")
    assert entry.id not in [each.id for each in read.briefings()]
    assert file.exists(), "it can be restored"
    assert [each.id for each in read.removed()] == [entry.id]
    assert as_markdown(entry.date) in page.success[0].value
    assert archive("doctor", home=own_home).code == 0


# --- how the archive stands ----------------------------------------------------------------------


def test_the_status_of_the_samples(page: AppTest, sample_archive: Archive) -> None:
    view(page, "状态")
    assert "29 期" in html(page)
    assert "新收入 29，已有 0，修订 0，失败 0" in html(page)
    assert str(sample_archive._catalog.meta("vector index")).split(",")[0] in html(page)
    click(page, "missing 0 2026-06")
    assert page.selectbox(key="month").value == "2026-06"


def test_a_stale_archive_and_its_failures(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE_HOME", str(old_home))
    page = new_page()
    view(page, "状态")
    assert r"最新一期是 2020\-03\-03" in page.warning[0].value
    assert "失败 1" in html(page)
    assert "&lt;i&gt;.pdf" in html(page)
    assert "没有哪天该有而没有" in html(page)


def test_the_checks_of_doctor(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE_HOME", str(own_home))
    next((own_home / "files").glob("*.pdf")).unlink()
    set_password(own_home, "checks 2026")
    page = new_page()
    view(page, "状态")
    assert "检查目录库" not in html(page), "a check takes the server minutes"
    view(page, "入库")
    page.text_input[0].set_value("checks 2026")
    press(page, "登录")
    view(page, "状态")
    assert "检查目录库" in html(page)
    click(page, "check up")
    shown = html(page)
    verdicts = re.findall(r'<tr class="(\w+)">.*?<th scope="row">(.*?)</th>', shown)
    assert verdicts[0] == ("fail", "PDF 文件")
    assert ("pass", "关键词索引") in verdicts
    assert "办法：" in shown
    view(page, "状态", lang="en")
    assert 'scope="row">files</th>' in html(page)

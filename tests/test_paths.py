"""The page tells nobody where anything lies on the server."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from archive import Archive, Settings
from archive.keeping.staff import set_password
from archive.page.paths import hide_paths
from archive.page.state import VIEWS
from tests.app_page import new_page, press
from tests.conftest import copied, ingest_quietly
from tests.made_archive import save_telling_encoder
from tests.test_uploads import PASSWORD

HIDDEN = "档案文件夹"
HOMES = (
    "/zqa/zqb", "/zqa zqb/zqc", "/zqa/简报 zqb（二）", "/zqa's/zq\"b\"", "/zqa", "/zqa.zqb/zq+c[1]",
    "/zqa/(zqb), zqc", "/zqa:zqb/zq;c", "/数据zq/档案zq",
)  # fmt: skip
SAID = (
    "the catalogue {0} is damaged (disk image is malformed)",
    "{0}: no such file",
    "无法读取{0}，请检查",
    "（{0}）",
    "见“{0}”。",
    "rm -r {0}",
    "`archive ingest {0}`",
    "[Errno 2] No such file or directory: {0!r}",
    "the model in {0} can't be loaded: OSError: {0!r}",
    "ARCHIVE_HOME={0}",
    "{0}",
    "file://{0}/x",
    "copied from {0} to /zqz/zqy/last.db",
    '"{0}" is full',
    "PATH={0}:{0}",
)
NAMES = st.text("zq简 .-_ö", min_size=1, max_size=6).map(lambda name: f"zq{name}zq")


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("below", ["", "/files/0a.pdf", "/uploads/20260101T000000000000-abcdef"])
def test_the_archives_folder_has_no_place(home: str, said: str, below: str) -> None:
    shown = hide_paths(said.format(home + below), Path(home), HIDDEN)
    assert "zq" not in shown
    if "file:" not in said:
        assert HIDDEN + below in shown


@pytest.mark.parametrize("write", [str, repr, json.dumps, quote, lambda path: quote(path, "")])
@pytest.mark.parametrize("home", HOMES)
def test_however_it_is_written(home: str, write: Callable[[str], str]) -> None:
    assert "zq" not in hide_paths(f"can't open {write(home)} now", Path(home), HIDDEN)


def test_a_link_to_the_folder(tmp_path: Path) -> None:
    real, link = tmp_path / "zqreal", tmp_path / "zqlink"
    real.mkdir()
    link.symlink_to(real)
    shown = hide_paths(f"{link}/files and {real}/chroma", link, HIDDEN)
    assert shown == f"{HIDDEN}/files and {HIDDEN}/chroma"


@settings(max_examples=300)
@example(["zqa zq", "zqb zq"], SAID[0])
@example(["zqa", "zqa", "zqb.zq"], SAID[7])
@given(folders=st.lists(NAMES, min_size=1, max_size=4), said=st.sampled_from(SAID))
def test_of_another_path_only_the_name_is_left(folders: list[str], said: str) -> None:
    shown = hide_paths(said.format(f"/{'/'.join(folders)}/last.db"), Path("/srv/home"), HIDDEN)
    assert "zq" not in shown
    assert "last.db" in shown or "file:" in said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (r"can't open C:\zqa\zq b\x.db (locked)", "can't open x.db (locked)"),
        (r"'C:\\zqa\\x.db'", "'x.db'"),
        (r"\\zqa\zqb\x.db", "x.db"),
        ("~/zqa/x.db is full", "x.db is full"),
        ("/zqa//zqb///x.db", "x.db"),
        ("x=//zqa/zqb", "x=zqb"),
    ],
)
def test_other_ways_to_write_a_path(said: str, shown: str) -> None:
    assert hide_paths(said, Path("/srv/home"), HIDDEN) == shown


@pytest.mark.parametrize(
    "said",
    [
        "set ARCHIVE_CHROMA_URL to http://127.0.0.1:8000/api, or unset it",
        "TCP/IP 与 12 份/分钟",
        "files/orphans and uploads/x",
        "2026/05/07 或 5/7",
        "新质生产力每日动态/某会",
        "a / b",
        "1/2 and 3/4",
        "`archive doctor --fix`",
        "/",
        "看 a//b",
        "",
    ],
)
def test_what_is_no_path_of_the_server_stays(said: str) -> None:
    assert hide_paths(said, Path("/srv/home"), HIDDEN) == said


# --- the page ------------------------------------------------------------------------------------

TAGS = re.compile(r"<[^<>]*>")
ROOTS = re.compile(rf"(?<![\w.])/(?:{'|'.join(map(re.escape, os.listdir('/')))})\b")
"""How a path of this machine begins."""


def texts(page: AppTest) -> Iterator[str]:
    """All that a reader sees of a page, by what is sent to the browser."""
    for node in page:
        if (proto := getattr(node, "proto", None)) is not None:
            yield from _strings(MessageToDict(proto))


def _strings(sent: object) -> Iterator[str]:
    if isinstance(sent, dict):
        for name, value in sent.items():
            if name not in ("id", "url", "formId"):
                yield from _strings(value)
    elif isinstance(sent, list):
        for value in sent:
            yield from _strings(value)
    elif isinstance(sent, str) and not sent.lstrip().startswith(("<style", "<script")):
        yield html.unescape(TAGS.sub("\n", sent)).replace("\\", "")


def shows_no_path(page: AppTest, home: Path) -> list[str]:
    """Looks through a page; returns the errors it shows."""
    assert not page.exception
    seen = list(texts(page))
    assert seen
    for text in seen:
        assert str(home) not in text
        assert not ROOTS.search(text), text
    return [error.value for error in page.error]


def open_page(name: str, **address: str) -> AppTest:
    page = new_page()
    for key, value in {"view": name, **address}.items():
        page.query_params[key] = value
    return page.run()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, samples: list[Path]) -> Settings:
    """An archive of real PDFs, with a file that failed; read only."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings(folder / "home", model=str(save_telling_encoder(folder / "model")))
    (folder / "broken.pdf").write_text("not a PDF")
    ingest_quietly([*samples[:3], folder / "broken.pdf"], settings)
    return settings


@pytest.fixture
def home(made: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that the page shows."""
    home = tmp_path / "home"
    copied(made.home, home)
    monkeypatch.setenv("ARCHIVE_HOME", str(home))
    monkeypatch.setenv("ARCHIVE_MODEL", str(made.model))
    return home


def test_no_view_shows_a_path(home: Path) -> None:
    (briefing, *_) = Archive.open(Settings.load()).briefings()
    for name, _ in VIEWS.values():
        assert not shows_no_path(open_page(name, q="稀土出口许可"), home)
    for address in ({"lang": "en"}, {}):
        page = open_page("状态", **address)
        shows_no_path(page, home)
        assert any("broken.pdf" in text for text in texts(page))
        assert any("model, 32" in text for text in texts(page))
    shows_no_path(open_page("往期", briefing=briefing.id), home)


def test_staff_see_names_within_the_archive(home: Path) -> None:
    lost, changed = sorted((home / "files").glob("*.pdf"))[:2]
    lost.unlink()
    changed.write_bytes(b"%PDF-")
    (home / "chroma.damaged-20260101-000000").mkdir()
    folder = home / "uploads" / "20260101T000000000000-abcdef"
    folder.mkdir(parents=True)
    (folder / "job.json").write_bytes(b"[]")
    set_password(home, PASSWORD)
    page = open_page("入库")
    page.text_input[0].set_value(PASSWORD)
    press(page, "登录")
    shows_no_path(page, home)
    assert any(f"uploads/{folder.name}" in text for text in texts(page))
    page.query_params["view"] = "状态"
    page.run()
    page.button(key="check up").click().run()
    shows_no_path(page, home)
    shown = " ".join(texts(page))
    assert "有 1 份缺失、1 份损坏" in shown
    assert "rm -r 档案文件夹/chroma.damaged-20260101-000000" in shown
    page.query_params["lang"] = "en"
    shows_no_path(page.run(), home)
    assert "1 missing, 1 damaged, of 3 PDFs" in " ".join(texts(page))


def damaged_catalogue(home: Path) -> None:
    data = bytearray((home / "catalog.sqlite3").read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    (home / "catalog.sqlite3").write_bytes(data)


def foreign_catalogue(home: Path) -> None:
    (home / "catalog.sqlite3").write_bytes(b"no database " * 1000)


def bad_topics(home: Path) -> None:
    (home / "topics.toml").write_text("[[topic]")


def bad_words(home: Path) -> None:
    (home / "lexicon").mkdir()
    (home / "lexicon" / "user_dict.txt").write_text("a b c d\n", encoding="utf-8")


def bad_staff(home: Path) -> None:
    (home / "staff.json").write_text("{")


def bad_uploads(home: Path) -> None:
    (home / "uploads").write_text("not a folder")


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (damaged_catalogue, "检索"), (foreign_catalogue, "检索"), (bad_topics, "检索"),
        (bad_words, "检索"), (bad_staff, "入库"), (bad_uploads, "入库"),
    ],
)  # fmt: skip
def test_what_is_broken_is_told_without_a_path(
    home: Path, damage: Callable[[Path], None], name: str
) -> None:
    set_password(home, PASSWORD)
    damage(home)
    page = open_page(name)
    if damage is bad_uploads and page.text_input:
        page.text_input[0].set_value(PASSWORD)
        press(page, "登录")
    assert shows_no_path(page, home), "the reader is told"


def test_a_lost_pdf_and_one_that_is_none(home: Path) -> None:
    archive = Archive.open(Settings.load())
    for result, damage in zip(archive.search("稀土", limit=2), ("lost", "folder"), strict=True):
        passage = result.passage
        _, _, pdf = archive.show(passage.briefing.id)
        pdf.unlink(missing_ok=True)
        if damage == "folder":
            pdf.mkdir()
        page = open_page("检索", q="稀土", open=f"{passage.id}@0-9p{passage.pages[0]}")
        assert shows_no_path(page, home), "the reader is told"


@pytest.mark.parametrize("model", ["no_such/folder/x", "empty"])
def test_a_model_that_is_not_there(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("ARCHIVE_MODEL", str(tmp_path / model))
    assert shows_no_path(open_page("检索", q="稀土"), home), "the reader is told"
    page = open_page("状态")
    shows_no_path(page, home)
    assert any("无法载入" in text for text in texts(page))


def test_an_empty_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE_HOME", str(tmp_path / "home"))
    page = open_page("检索")
    shows_no_path(page, tmp_path / "home")
    assert page.info

"""`archive status --check`: what needs a hand, its cure, and the exit code a monitor goes by."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive import Settings
from archive.chinese.text import has_han
from archive.cli import cli
from archive.store.catalog import Catalog
from ingest.intake.uploads import finish, note, note_done, read_upload, report_of, store_upload
from tests.conftest import SAMPLES, copied, ingest_quietly
from tests.made_archive import make_archive, save_telling_encoder
from tests.test_doctor import as_nobody, for_all_to_read, sql

DAY_AFTER = "2020-01-13"
BROKEN = b"%PDF-1.7\nbroken"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An archive of twelve days in a row; read only."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings(folder / "home", model=str(save_telling_encoder(folder / "model")))
    make_archive(settings, briefings=12, sections=1)
    return settings


@pytest.fixture
def own(made: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of it, by the settings of the environment."""
    home = tmp_path / "home"
    copied(made.home, home)
    monkeypatch.setenv("ARCHIVE_HOME", str(home))
    monkeypatch.setenv("ARCHIVE_MODEL", str(made.model))
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    return Settings.load()


def needs(today: str = DAY_AFTER) -> list[dict[str, Any]]:
    """What the command says needs a hand, the same as a document and as lines."""
    document = CliRunner().invoke(cli, ["status", "--check", "--json", "--today", today])
    found: list[dict[str, Any]] = json.loads(document.stdout)["needs"]
    printed = CliRunner().invoke(cli, ["status", "--check", "--today", today])
    assert document.exit_code == printed.exit_code == bool(found), printed.output
    for need in found:
        assert need["status"] in ("warn", "fail")
        assert f"{need['name']}: {need['message']}" in printed.stdout
        assert f"cure: {need['cure']}" in printed.stdout
        assert has_han(need["message_zh"])
        assert need["cure_zh"]
    if not found:
        assert printed.stdout == "nothing needs a hand\n"
    return found


def names(today: str = DAY_AFTER) -> list[str]:
    return [need["name"] for need in needs(today)]


def run(command: str) -> None:
    """Carry out a command that a cure names, as it is written."""
    if command.startswith("archive "):
        done = CliRunner().invoke(cli, shlex.split(command)[1:])
        assert not done.exception, done.output
    else:
        subprocess.run(command, shell=True, check=True)


def test_nothing_to_do(own: Settings) -> None:
    before = {path: path.stat().st_mtime_ns for path in own.home.rglob("*")}
    assert needs() == []
    after = {path: path.stat().st_mtime_ns for path in own.home.rglob("*")}
    assert {path for path in before if path.suffix not in (".sqlite3-shm", ".sqlite3-wal")} <= {
        path for path in after if after[path] == before.get(path)
    }


def test_the_newest_is_old(own: Settings) -> None:
    (need,) = needs("2020-03-01")
    assert need["name"] == "newest briefing"
    assert need["message"] == "49 days old (2020-01-12); most follow within 1"


def test_chinese_where_the_terminal_is(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    calm = CliRunner().invoke(cli, ["status", "--check", "--today", DAY_AFTER])
    assert (calm.exit_code, calm.stdout) == (0, "没有需要处理的事\n")
    old = CliRunner().invoke(cli, ["status", "--check", "--today", "2020-03-01"])
    assert old.exit_code == 1
    assert "最新一期：2020-01-12，距今 49 天" in old.stdout


def test_the_status_document_has_them_too(own: Settings) -> None:
    told = CliRunner().invoke(cli, ["status", "--json", "--today", "2020-03-01"])
    assert told.exit_code == 0
    assert [need["name"] for need in json.loads(told.stdout)["needs"]] == ["newest briefing"]


def test_reports_of_readers_are_mentioned(own: Settings) -> None:
    Catalog.open(own.catalog).notes.add_report("2020-01-13", "稀土？", "没有。", "错了", most=1)
    told = CliRunner().invoke(cli, ["status", "--check", "--today", DAY_AFTER])
    assert told.exit_code == 0
    assert "reports of readers that wait to be read: 1 (`archive reports`)" in told.stdout


# --- files that failed ---------------------------------------------------------------------------


def test_a_file_that_failed_until_it_is_in(
    own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "in box"
    inbox.mkdir()
    monkeypatch.chdir(inbox)
    Path("a.pdf").write_bytes(BROKEN)
    ingest_quietly([Path("a.pdf")], own)
    monkeypatch.chdir(tmp_path)
    (need,) = needs()
    assert need["name"] == "failed files"
    assert need["details"] == [f"{inbox / 'a.pdf'}: damaged"]
    # A later run that brings other files doesn't take it in.
    shutil.copy(SAMPLES / "briefing-2026-03-03.pdf", inbox / "b.pdf")
    ingest_quietly([inbox / "b.pdf"], own)
    assert names("2026-03-04") == ["failed files"]
    shutil.copy(SAMPLES / "briefing-2026-03-05.pdf", inbox / "a.pdf")
    assert names("2026-03-04") == ["failed files"]
    (command,) = (c for c in commands_of(need) if c.startswith("archive "))
    run(command)
    assert names("2026-03-06") == []


def test_a_file_that_failed_until_it_is_elsewhere(own: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(BROKEN)
    ingest_quietly([tmp_path / "a.pdf"], own)
    assert names() == ["failed files"]
    (tmp_path / "a.pdf").rename(tmp_path / "aside.pdf")
    assert names() == []


def commands_of(need: dict[str, Any]) -> list[str]:
    return re.findall("`(.+?)`", need["cure"])


# --- uploads -------------------------------------------------------------------------------------


def _damaged(settings: Settings) -> Path:
    folder = settings.home / "uploads" / "20260101T000000000000-abcdef"
    folder.mkdir(parents=True)
    (folder / "job.json").write_bytes(b"[]")
    shutil.copy(SAMPLES / "briefing-2026-03-03.pdf", folder)
    return folder


def _crashed(settings: Settings) -> Path:
    pdf = (SAMPLES / "briefing-2026-03-03.pdf").read_bytes()
    upload = store_upload(settings.home, [("a.pdf", pdf)], "replace")
    from archive.output.json_documents import ingest_json
    from archive.store.records import FileReport

    note(upload.folder, "started", pid=1)
    report = FileReport("a.pdf", "failed", error_code="crashed", error_message="x", cure="y")
    note_done(upload.folder, upload.files[0].sha, report)
    done = read_upload(upload.folder)
    finish(done, ingest_json(report_of(done)))
    return upload.folder


@pytest.mark.parametrize("make", [_damaged, _crashed])
@pytest.mark.parametrize("cure", ["archive", "rm"])
def test_uploads_that_came_to_a_bad_end(
    own: Settings, make: Callable[[Settings], Path], cure: str
) -> None:
    folder = make(own)
    (need,) = needs()
    assert need["name"] == "uploads"
    assert need["details"] == [f"uploads/{folder.name}"]
    if cure == "archive" and make is _damaged:
        return  # what was handed in can't be told, so that only the folder's going ends it
    run(next(command for command in commands_of(need) if command.startswith(cure)))
    assert names("2020-01-13" if cure == "rm" else "2026-03-04") == []


def test_an_upload_that_nobody_takes_in(own: Settings) -> None:
    upload = store_upload(own.home, [("a.pdf", BROKEN)], "replace")
    assert needs() == []
    os.utime(upload.folder / "job.json", (1.6e9, 1.6e9))
    (need,) = needs()
    assert f"archive uploads run {upload.id}" in commands_of(need)


def test_a_file_refused_is_told_to_who_handed_it_in(own: Settings) -> None:
    upload = store_upload(own.home, [("a.txt", b"text")], "replace")
    CliRunner().invoke(cli, ["uploads", "run", upload.id])
    assert needs() == []


# --- what the doctor sees at a glance ------------------------------------------------------------


def _no_pdf(settings: Settings) -> None:
    next(settings.files.glob("*.pdf")).unlink()


def _interrupted(settings: Settings) -> None:
    sql(settings, "UPDATE briefing SET state = 'pending' WHERE rowid = 3")
    for path in settings.home.glob("catalog.sqlite3*"):
        os.utime(path, (1.6e9, 1.6e9))


def _other_model(settings: Settings) -> None:
    sql(settings, "UPDATE meta SET value = 'another, 9 dimensions' WHERE key = 'vector index'")


def _topics(settings: Settings) -> None:
    (settings.home / "topics.toml").write_text("[[topic]")


def _damage(settings: Settings) -> None:
    data = settings.catalog.read_bytes()
    settings.catalog.write_bytes(data[:4096] + b"\xaa" * (len(data) - 4096))


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (_no_pdf, "files"), (_interrupted, "interrupted"), (_other_model, "vector index"),
        (_topics, "topics"), (_damage, "catalogue"),
    ],
)  # fmt: skip
def test_what_the_doctor_sees(own: Settings, harm: Callable[[Settings], None], name: str) -> None:
    harm(own)
    assert names() == [name]


def test_an_ingest_that_goes_on_is_not_interrupted(own: Settings) -> None:
    sql(own, "UPDATE briefing SET state = 'pending' WHERE rowid = 3")
    assert needs() == []


def test_without_an_archive(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["status", "--check", "--home", str(tmp_path / "none")])
    assert done.exit_code
    assert "there is no archive" in str(done.exception)
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="another user's rights")
def test_a_user_who_may_only_read(own: Settings) -> None:
    with for_all_to_read(own) as copy:
        words = ("status", "--check", "--today", DAY_AFTER, "--home", str(copy.home))
        told = as_nobody(*words, model=copy.model)
    assert (told.returncode, told.stdout) == (0, "nothing needs a hand\n"), told.stderr

"""Watched folders, and waiting for one's turn: nothing is lost, nothing is told twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import Settings
from archive.cli import cli
from archive.errors import BusyError, UsageError
from archive.keeping.doctor import examine
from archive.keeping.writing import open_writer
from archive.store.catalog import Catalog
from archive.store.locks import Patience, hold
from archive.store.records import FileReport, Outcome
from ingest.intake import inbox
from ingest.intake.inbox import QUIET_SECONDS, Inbox
from tests.commands import run
from tests.conftest import ROOT, SAMPLES, wait_until

WHOLE = b"%PDF-1.4\nsomething\n%%EOF\n"
DATES = [path.stem.removeprefix("briefing-") for path in sorted(SAMPLES.glob("*.pdf"))[:5]]


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An archive to be, with a model that is quickly there; also for child processes."""
    monkeypatch.setenv("ARCHIVE_MODEL", str(tiny_model))
    monkeypatch.setenv("ARCHIVE_HOME", str(tmp_path / "home"))
    return Settings.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def sample(date: str) -> Path:
    return SAMPLES / f"briefing-{date}.pdf"


# --- which files are ready -----------------------------------------------------------------------


class Looks:
    """An inbox, looked at moment after moment."""

    def __init__(self, *folders: Path, recursive: bool = False) -> None:
        self.said: list[str] = []
        self.inbox = Inbox(folders, recursive=recursive, say=self.said.append)
        self.now = 0.0

    def later(self, seconds: float = QUIET_SECONDS) -> list[str]:
        """The names of the files that are ready after some more seconds."""
        self.now += seconds
        return [path.name for path in self.inbox.ready(self.now)]

    def settle(self, path: Path, outcome: Outcome = "new", code: str | None = None) -> bool:
        report = FileReport(str(path), outcome, error_code=code, error_message=code)
        return self.inbox.settle(report, path, self.now)


def test_a_file_is_ready_once_it_has_been_quiet(folder: Path) -> None:
    looks, path = Looks(folder), folder / "A.PDF"
    path.write_bytes(WHOLE)
    assert looks.later() == []
    assert looks.inbox.is_expecting
    assert looks.later(QUIET_SECONDS / 2) == []
    path.write_bytes(WHOLE + WHOLE)
    assert looks.later(QUIET_SECONDS / 2) == []
    assert looks.later() == ["A.PDF"]
    assert looks.settle(path)
    assert looks.later(1000) == []
    assert not looks.inbox.is_expecting
    # What is taken out of the archive stays out; what has changed is looked at again.
    os.utime(path, (1, 1))
    assert [looks.later(), looks.later()] == [[], ["A.PDF"]]


def test_a_file_without_its_end_is_given_more_time(folder: Path) -> None:
    looks, path = Looks(folder), folder / "a.pdf"
    path.write_bytes(b"%PDF-1.4\n" + bytes(5000))
    assert [looks.later(), looks.later(), looks.later(30)] == [[], [], []]
    assert looks.later(60) == ["a.pdf"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has a file open")
def test_a_file_that_is_still_open_for_writing_is_given_more_time(folder: Path) -> None:
    looks, path = Looks(folder), folder / "a.pdf"
    with path.open("wb") as file:
        file.write(WHOLE)
        file.flush()
        assert [looks.later(), looks.later(), looks.later(60)] == [[], [], []]
        assert looks.inbox.is_expecting
    assert looks.later(0) == ["a.pdf"]
    with path.open("ab"):  # some programs never close theirs
        assert looks.later(0) == []
        assert looks.later(600) == ["a.pdf"]


def test_only_pdfs_that_are_files_count(folder: Path) -> None:
    (folder / "folder.pdf").mkdir()
    (folder / "deep").mkdir()
    (folder / "deep" / "d.pdf").write_bytes(WHOLE)
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "nowhere.pdf").symlink_to(folder / "nothing")
    (folder / "a.txt").write_bytes(WHOLE)
    os.mkfifo(folder / "pipe.pdf")
    (folder / os.fsdecode(b"\xff\n.pdf")).write_bytes(WHOLE)
    flat, deep = Looks(folder), Looks(folder, folder, recursive=True)
    assert [flat.later(), flat.later()] == [[], [os.fsdecode(b"\xff\n.pdf")]]
    assert [deep.later(), deep.later()] == [[], ["d.pdf", os.fsdecode(b"\xff\n.pdf")]]


def test_a_folder_may_go_and_come_back(folder: Path, tmp_path: Path) -> None:
    looks, path = Looks(folder), folder / "a.pdf"
    path.write_bytes(WHOLE)
    looks.later()
    assert looks.later() == ["a.pdf"]
    looks.settle(path)
    folder.rename(tmp_path / "away")
    assert [looks.later(), looks.later(), looks.later()] == [[], [], []]
    folder.mkdir()  # a drive's mount point, empty
    assert looks.later() == []
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert [looks.later(), looks.later()] == [[], []]
    assert ["can't be read (No such file" in said for said in looks.said] == [True, False]


def test_what_failed_is_tried_again_once_its_content_is_another(folder: Path) -> None:
    looks, path = Looks(folder), folder / "a.pdf"
    path.write_bytes(WHOLE)
    looks.later()
    assert looks.later() == ["a.pdf"]
    assert looks.settle(path, "failed", "damaged")
    os.utime(path, (1, 1))
    assert [looks.later(), looks.later(), looks.later()] == [[], [], []]
    path.write_bytes(WHOLE + b"more %%EOF")
    assert [looks.later(), looks.later()] == [[], ["a.pdf"]]
    assert not looks.settle(path, "failed", "damaged")  # no news
    # A file completed while it was being read is not taken for the one that failed.
    path.write_bytes(WHOLE + b"half %%EOF")
    assert [looks.later(), looks.later()] == [[], ["a.pdf"]]
    path.write_bytes(WHOLE + b"all of it %%EOF")
    looks.settle(path, "failed", "damaged")
    assert [looks.later(), looks.later()] == [[], ["a.pdf"]]
    assert looks.settle(path)


def test_what_cannot_be_read_is_tried_again_and_told_once(folder: Path) -> None:
    looks, path = Looks(folder), folder / "a.pdf"
    path.write_bytes(WHOLE)
    looks.later()
    looks.later()
    told = []
    for _ in range(4):
        told.append(looks.settle(path, "failed", "unreadable"))
        assert looks.later(10) == []
        assert looks.later(600) == ["a.pdf"]
    assert told == [True, False, False, False]
    # One that went before it could be read is no failure, and new when it comes back.
    path.unlink()
    assert not looks.settle(path, "failed", "not_found")
    path.write_bytes(WHOLE)
    assert [looks.later(), looks.later()] == [[], ["a.pdf"]]


# --- the watch -----------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that takes a file for ready sooner than for people."""
    monkeypatch.setattr(inbox, "QUIET_SECONDS", 0.5)


def watch(folder: Path, meanwhile: Callable[[], object], *more: str) -> Result:
    """Watch a folder in this process until `meanwhile` has ended, then end it by SIGTERM."""
    failures: list[BaseException] = []
    ended = threading.Event()

    def is_listening() -> bool:
        return signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN

    def act() -> None:
        try:
            meanwhile()
        except BaseException as error:
            failures.append(error)
        finally:
            while not is_listening() and not ended.wait(0.05):
                pass  # what it waited for may have been so before the watch began
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one that comes when the watch has ended
    other = threading.Thread(target=act)
    other.start()
    try:
        arguments = ["ingest", "--watch", str(folder), "--interval", "0.2", *more]
        return CliRunner().invoke(cli, arguments)
    finally:
        ended.set()
        other.join()
        signal.signal(signal.SIGTERM, before)
        assert not failures, failures


def held(settings: Settings) -> list[str]:
    """The dates of the briefings that are in."""
    try:
        catalog = Catalog.open(settings.catalog)
    except UsageError:  # there is no archive yet
        return []
    entries = catalog.briefings.all()
    catalog.close()
    return sorted(entry.date for entry in entries if entry.status == "live")


def is_sound(settings: Settings) -> bool:
    return all(check.status != "fail" for check in examine(settings))


@pytest.mark.usefixtures("impatient")
def test_other_processes_write_in_between(settings: Settings, folder: Path) -> None:
    shutil.copy(sample(DATES[0]), folder)
    taken: list[tuple[str, int, int]] = []

    def meanwhile() -> None:
        wait_until(lambda: held(settings) == [DATES[0]])
        (first,) = (entry.id for entry in Catalog.open(settings.catalog).briefings.all())
        for command in (["ingest", sample(DATES[1]), "--wait"], ["remove", first, "--wait"]):
            assert run(settings, *command).code == 0
        (folder / "bad.pdf").write_bytes(WHOLE)
        shutil.copy(sample(DATES[2]), folder / "c\n.pdf")
        wait_until(lambda: held(settings) == [DATES[1], DATES[2]])
        with hold(settings.home / "writer.lock", "a test"):
            shutil.copy(sample(DATES[3]), folder)
            time.sleep(inbox.QUIET_SECONDS + 2)  # in which it is seen, and has to wait
        wait_until(lambda: held(settings) == [DATES[1], DATES[2], DATES[3]])
        taken.extend(
            (p.name, s.st_mtime_ns, s.st_ino) for p in folder.iterdir() for s in [p.stat()]
        )

    done = watch(folder, meanwhile)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["new", "failed", "new", "new"]
    assert "[damaged]" in lines[1]
    assert r"\n.pdf" in lines[2]
    assert "办法" in done.stderr
    assert done.stderr.count("(a test") == 1
    assert "the watch has ended" in done.stderr
    assert is_sound(settings)
    now = [(p.name, s.st_mtime_ns, s.st_ino) for p in folder.iterdir() for s in [p.stat()]]
    assert now == taken


@pytest.mark.usefixtures("impatient")
def test_it_ends_after_the_file_in_hand_and_goes_on_next_time(
    settings: Settings, folder: Path
) -> None:
    for date in DATES:
        shutil.copy(sample(date), folder)
    done = watch(folder, lambda: wait_until(lambda: held(settings)), "--json")
    assert done.exit_code == 0
    first = [json.loads(line) for line in done.stdout.splitlines()]
    assert {file["outcome"] for file in first} == {"new"}
    assert [file["date"] for file in first] == held(settings)  # nothing is in that wasn't told of
    assert Catalog.open(settings.catalog).is_settled()
    done = watch(folder, lambda: wait_until(lambda: held(settings) == DATES))
    assert done.exit_code == 0
    assert "files are in already" in done.stderr
    assert is_sound(settings)


@pytest.mark.usefixtures("impatient")
def test_a_disk_that_takes_nothing_is_tried_again_and_told_once(
    settings: Settings, folder: Path
) -> None:
    shutil.copy(sample(DATES[0]), folder)

    note = settings.home / "writer.holder.json"

    def meanwhile() -> None:
        wait_until(lambda: note.exists() and "ingesting" in note.read_text())
        wait_until(lambda: not note.exists())
        settings.files.unlink()
        wait_until(lambda: held(settings) == [DATES[0]])

    with open_writer(settings, "a test"):
        pass
    settings.files.write_text("no folder for PDFs")
    done = watch(folder, meanwhile)
    assert done.exit_code == 0
    assert done.stderr.count("can't be written") == 1
    assert "the archive can be written again" in done.stderr
    assert is_sound(settings)


def test_what_no_watch_can_be_is_refused(settings: Settings, folder: Path) -> None:
    (folder / "a.pdf").write_bytes(WHOLE)
    for arguments in (
        [folder / "nowhere"], [folder / "a.pdf"], [folder, "--date", "2026-05-07"],
        [folder, "--dry-run"], [folder, "--report", folder / "r.csv"], [folder, "--interval", "0"],
    ):  # fmt: skip
        done = CliRunner().invoke(cli, ["ingest", "--watch", *map(str, arguments)])
        assert getattr(done.exception, "exit_code", done.exit_code) == 2, arguments
    assert not settings.home.exists()


def test_the_unit_in_the_docs_is_one(tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed")
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    unit = text.split("```ini\n")[1].split("```")[0]
    path = tmp_path / "briefing-archive.service"
    path.write_text(unit.replace("/opt/briefing-archive/bin/archive", sys.executable))
    done = subprocess.run([analyse, "verify", str(path)], capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if path.name in line]
    assert not said, said


# --- waiting for one's turn ----------------------------------------------------------------------


def test_who_waits_says_once_for_whom(tmp_path: Path) -> None:
    told: list[str] = []
    entered, release = threading.Event(), threading.Event()

    def have_it() -> None:
        with hold(tmp_path / "writer.lock", "the first"):
            entered.set()
            release.wait(30)

    other = threading.Thread(target=have_it)
    other.start()
    entered.wait(30)
    with (
        pytest.raises(BusyError, match="the first"),
        hold(tmp_path / "writer.lock", "", patience=Patience(0.5, told.append)),
    ):
        pass
    assert len(told) == 1
    assert f"process {os.getpid()} (the first" in told[0]
    threading.Timer(1, release.set).start()
    with hold(tmp_path / "writer.lock", "the second", patience=Patience(60, told.append)):
        pass
    assert len(told) == 2
    other.join()


@pytest.mark.parametrize("lock", ["writer.lock", "chroma.lock"])
def test_nothing_is_read_while_another_process_has_the_archive(
    settings: Settings, folder: Path, lock: str
) -> None:
    shutil.copy(sample(DATES[0]), folder)
    arguments = ["ingest", str(folder), "--progress", "json"]
    with hold(settings.home / lock, "a test"):
        done = CliRunner().invoke(cli, arguments)
        waited = CliRunner().invoke(cli, [*arguments, "--wait-at-most", "0.5"])
    for refused, wanted in ((done, []), (waited, ["message"])):
        assert refused.exit_code == 5
        events = [json.loads(line) for line in refused.stderr.splitlines()]
        assert [event["event"] for event in events] == ["start", *wanted, "error"]
        assert "(a test" in events[-1]["message"]


def test_an_interrupt_ends_the_waiting(settings: Settings, folder: Path) -> None:
    with hold(settings.home / "writer.lock", "a test"):
        waiting = subprocess.Popen(
            [sys.executable, "-m", "archive", "ingest", str(folder), "--wait"],
            stderr=subprocess.PIPE,
            text=True,
            # What was started in the background ignores it, and what that starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert waiting.stderr is not None
        assert "(a test" in waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(30) == 130
        assert waiting.stderr.read().strip() == "interrupted"
    assert not settings.catalog.exists()

"""What an ingest says of itself: to a person, to another program, and in a file."""

from __future__ import annotations

import csv
import io
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from archive.cli import cli
from archive.errors import CURES_ZH
from archive.index.encoder import open_encoder
from archive.output.json_documents import as_line, file_json
from archive.output.messages import FAILURES_ZH
from archive.output.progress import Pace, ProgressEvents, as_duration
from archive.page.warnings import WARNINGS
from archive.store.records import FileReport, Outcome
from archive.untrusted_text import on_one_line
from tests.conftest import ROOT, SAMPLES

BROKEN = b"%PDF-1.7\nbroken\n%%EOF"
ODD = "a\nb\u2028c\x85 =1+1 <b>.pdf"
MARCH = sorted(SAMPLES.glob("briefing-2026-0[34]-*.pdf"))


@pytest.fixture
def home(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARCHIVE_MODEL", str(tiny_model))
    monkeypatch.setenv("ARCHIVE_HOME", str(tmp_path / "home"))
    # Libraries already imported, by the fixture, draw bars when the model is loaded; by `archive`
    # they are told not to before they are imported.
    open_encoder(str(tiny_model))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two briefings, one of them twice, and a broken file of an odd name."""
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(MARCH[0], folder)
    shutil.copy(MARCH[1], folder)
    shutil.copy(MARCH[1], folder / "copy.pdf")
    (folder / ODD).write_bytes(BROKEN)
    return folder


def ingest(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["ingest", *map(str, arguments)])


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def events_of(stderr: str) -> Iterator[dict[str, Any]]:
    """What a program reads that takes lines as Python does."""
    for line in stderr.splitlines():
        yield json.loads(line)


def test_one_run_told_in_every_way(home: Path, folder: Path, tmp_path: Path) -> None:
    run = ingest(folder, "--json", "--progress", "json", "--report", tmp_path / "r.JSON")
    assert run.exit_code == 3
    document = json.loads(run.stdout)
    assert json.loads((tmp_path / "r.JSON").read_text("utf-8")) == document
    assert document["missing"] == []
    assert sum(document["counts"].values()) == len(document["files"]) == 4
    assert document["counts"]["failed"] == 1
    told = list(events_of(run.stderr))
    assert told[0] | {"at": ""} == {"event": "start", "at": "", "files": 4}
    assert told[-1] == {
        "event": "end", "counts": document["counts"], "seconds": document["seconds"], "missing": [],
    }  # fmt: skip
    assert {event["event"] for event in told[1:-1]} == {"reading", "storing", "file"}
    files = [event for event in told if event["event"] == "file"]
    by_path = {file["path"]: file for file in document["files"]}
    for number, event in enumerate(files, 1):
        assert (event.pop("done"), event.pop("total")) == (number, 4)
        left, rate = event.pop("seconds_left"), event.pop("per_minute")
        assert left is None or left >= 0
        assert rate is None or rate > 0
        assert event.pop("event") == "file"
        assert event == by_path[event["path"]]
    assert len(files) == 4
    (broken,) = (file for file in files if file["error"])
    assert broken["path"] == str(folder / ODD)
    assert broken["error"]["code"] == "damaged"
    assert broken["error"]["message_zh"] == FAILURES_ZH["damaged"]
    # The same once more, to a person and as CSV.
    run = ingest(folder, "--progress", "none", "--report", tmp_path / "r.csv")
    assert run.exit_code == 3
    assert "failed 失败 [damaged]" in run.stderr
    for said in ("cure: open it", "原因：PDF 的内部结构已损坏", "办法：PDF 已损坏"):
        assert said in run.stderr
    told_rows = rows(tmp_path / "r.csv")
    assert sorted(row["结果"] for row in told_rows) == ["failed", *["unchanged"] * 3]
    (failed,) = (row for row in told_rows if row["结果"] == "failed")
    assert failed["文件"] == on_one_line(str(folder / ODD))
    assert failed["code"] == "damaged"
    assert failed["原因（中文）"] == FAILURES_ZH["damaged"]
    assert failed["办法"] == CURES_ZH["damaged"]
    assert failed["cure"].startswith("open it in a PDF viewer")
    assert all(row["失败原因"] == "" for row in told_rows if row is not failed)
    assert not list(tmp_path.glob(".*.tmp"))


def test_missing_days_are_in_every_report(home: Path, tmp_path: Path) -> None:
    """The samples of March and April lack some Tuesdays."""
    run = ingest(*MARCH, "--report", tmp_path / "r.csv")
    assert run.exit_code == 0, run.stderr
    lacking = [row for row in rows(tmp_path / "r.csv") if row["结果"] == "missing"]
    listed = json.loads(CliRunner().invoke(cli, ["list", "--missing", "--json"]).stdout)
    wanted = [(each["series"], each["dates"]) for each in listed["missing"]]
    assert wanted
    assert [(row["标题"], row["日期"]) for row in lacking] == [
        (series, day) for series, days in wanted for day in days
    ]
    assert len(rows(tmp_path / "r.csv")) == len(MARCH) + len(lacking)
    assert "missing 缺期" in run.stderr
    assert wanted[0][1][-1] in run.stderr
    document = json.loads(ingest(MARCH[0], "--json").stdout)
    assert [(each["series"], each["days"]) for each in document["missing"]] == wanted
    assert document["counts"] == {"new": 0, "unchanged": 1, "replaced": 0, "failed": 0}
    assert "missing" not in json.loads(ingest(MARCH[0], "--json", "--dry-run").stdout)


def test_a_report_that_cannot_be_is_refused_first(home: Path, folder: Path, tmp_path: Path) -> None:
    for name in ("r.txt", "r", "nowhere/r.csv", "in"):
        run = ingest(folder, "--report", tmp_path / name)
        assert getattr(run.exception, "exit_code", 0) == 2, name
    (tmp_path / "r.csv").mkdir()
    assert getattr(ingest(folder, "--report", tmp_path / "r.csv").exception, "exit_code", 0) == 2
    assert not home.exists()


def test_an_ingest_that_cannot_be_is_an_event(home: Path, tmp_path: Path) -> None:
    run = ingest(tmp_path / "nowhere\n.pdf", "--progress", "json")
    assert run.exit_code == 2
    (told,) = events_of(run.stderr)
    assert told["event"] == "error"
    assert told["exit_code"] == 2
    assert "no such file" in told["message"]


def test_every_code_has_its_sentence() -> None:
    assert set(FAILURES_ZH) == set(CURES_ZH)
    sources = [*(ROOT / "ingest").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    for code in WARNINGS:
        assert code in text or code.endswith("_unreliable"), code


@pytest.mark.parametrize("name", [ODD, "\ud800.pdf", '"\\\r\t\x00', "中文 😀"])
def test_every_event_is_a_line(name: str) -> None:
    lines: list[str] = []
    events = ProgressEvents(lines.append)
    events.on_stage(Path(name.replace("\x00", "")), "reading")
    report = FileReport(name.replace("\ud800", "\ufffd"), "new", title=name.replace("\ud800", ""))
    events.on_file(report, 1, 1)
    events.message(name)
    events.error(name, "", 1)
    assert len(lines) == 4
    for line in lines:
        assert len(line.splitlines()) == 1
        assert line.encode()
        assert json.loads(line)["event"]
    assert json.loads(as_line(file_json(report)))["path"] == report.path


def test_the_pace_is_that_of_the_files_that_were_read() -> None:
    def note(pace: Pace, outcome: Outcome, done: int) -> None:
        pace.note(FileReport("a.pdf", outcome), done, 100)

    pace = Pace()
    for done in range(1, 91):
        note(pace, "unchanged", done)
    assert (pace.per_minute, pace.seconds_left) == (None, None)
    pace.begin()
    time.sleep(0.02)
    note(pace, "new", 91)
    rate, left = pace.per_minute, pace.seconds_left
    assert rate is not None
    assert left is not None
    assert left >= 9 * 0.02  # nine more that take as long, however fast the ninety went
    assert rate <= 60 / 0.02
    note(pace, "unchanged", 100)
    assert pace.seconds_left == 0
    assert [as_duration(s) for s in (0.2, 59.4, 59.6, 185, 7800)] == [
        "1 s", "59 s", "1:00 min", "3:05 min", "2:10 h",
    ]  # fmt: skip

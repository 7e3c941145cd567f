"""Uploads: handing in, taking in by a child process that may die, and the view of both."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import typst
from click.testing import CliRunner, Result
from streamlit.testing.v1 import AppTest

from archive import Archive, Settings
from archive.cli import cli
from archive.errors import UsageError
from archive.keeping import staff as access
from archive.keeping.doctor import examine
from archive.output import json_documents
from archive.page.safe_text import as_markdown
from archive.store.locks import hold
from ingest.extract.limits import STANDARD
from ingest.intake.upload_run import MOST_DEATHS, UploadRunner
from ingest.intake.uploads import (
    MAX_FILES,
    MAX_TOTAL,
    Upload,
    find_upload,
    read_events,
    read_upload,
    read_uploads,
    store_upload,
)
from tests.app_page import html, new_page, press, view
from tests.conftest import SAMPLES, ingest_quietly, wait_until

PASSWORD = "eight or more"
BROKEN = b"%PDF-1.7\nbroken"
ODD_NAMES = (
    "../../etc/passwd.pdf", "a\nb\x00\x1b[31m.pdf", "<script>alert(1)</script>.pdf",
    "\u202efdp.x 😀 " + "长" * 80 + ".pdf", "\udce4.pdf", "", "..", "/", "C:\\x.pdf",
    "$x^2$ :red[r].pdf",
)  # fmt: skip


def sample(date: str) -> bytes:
    return (SAMPLES / f"briefing-{date}.pdf").read_bytes()


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["uploads", *arguments, "--home", str(home)])


def outcomes(upload: Upload) -> list[str | None]:
    return [file.report.outcome if file.report else None for file in upload.files]


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An archive to be, with a model that is quickly there; also for child processes."""
    monkeypatch.setenv("ARCHIVE_MODEL", str(tiny_model))
    monkeypatch.setenv("ARCHIVE_HOME", str(tmp_path / "home"))
    return Settings.load()


@pytest.fixture
def runner(settings: Settings) -> Iterator[UploadRunner]:
    runner = UploadRunner(settings, json_documents.ingest_json)
    yield runner
    runner.stop()


# --- handing in ----------------------------------------------------------------------------------


def test_what_is_handed_in_lies_under_its_hash_whatever_its_name(tmp_path: Path) -> None:
    files = [(name, b"%PDF-" + str(at).encode()) for at, name in enumerate(ODD_NAMES)]
    upload = store_upload(tmp_path / "home", files, "keep")
    assert upload.state == "waiting"
    assert upload.on_revision == "keep"
    assert [file.name for file in upload.files][:4] == list(ODD_NAMES)[:4]
    kept = {path.name for path in upload.folder.iterdir()}
    assert kept == {"job.json", *(f"{file.sha}.pdf" for file in upload.files)}
    assert [path.name for path in (tmp_path / "home").rglob("*") if path.is_dir()] == [
        "uploads", upload.id,
    ]  # fmt: skip
    assert read_uploads(tmp_path / "home") == [upload]


def test_what_is_no_pdf_or_too_large_fails_alone_and_is_not_kept(tmp_path: Path) -> None:
    files = [
        ("a.pdf", b"PK\x03\x04"), ("b.pdf", b""), ("c.pdf", b" " * 1020 + b"%PDF-1.4"),
        ("d.pdf", bytes(STANDARD.size + 1)), ("e.pdf", sample("2026-03-03")),
    ]  # fmt: skip
    upload = store_upload(tmp_path, files, "replace")
    codes = [file.report and file.report.error_code for file in upload.files]
    assert codes == ["not_a_pdf", "not_a_pdf", "not_a_pdf", "too_large", None]
    assert "导出为 PDF" in upload.files[0].report.cure_zh  # type: ignore[union-attr]
    assert len(list(upload.folder.glob("*.pdf"))) == 1


def test_too_many_or_too_much_is_refused_as_a_whole(tmp_path: Path) -> None:
    large = bytes(STANDARD.size)
    for files in (
        [],
        [("a.pdf", b"%PDF-")] * (MAX_FILES + 1),
        [("a.pdf", large)] * (MAX_TOTAL // STANDARD.size + 1),
    ):
        with pytest.raises(UsageError):
            store_upload(tmp_path, files, "replace")
    assert not list(tmp_path.iterdir())


def test_a_damaged_upload_stops_no_other(tmp_path: Path) -> None:
    good = store_upload(tmp_path, [("a.pdf", BROKEN)], "replace")
    for at, damage in enumerate((b"", b"[]", b'{"files": [{}]}', b'{"files": [1]}')):
        folder = tmp_path / "uploads" / f"20260101T00000000000{at}-abcdef"
        folder.mkdir()
        (folder / "job.json").write_bytes(damage)
    (tmp_path / "uploads" / "not an upload").mkdir()
    assert [upload.state for upload in read_uploads(tmp_path)] == [*["damaged"] * 4, "waiting"]
    listed = json.loads(run(tmp_path, "list", "--json").stdout)["uploads"]
    assert [upload["id"] for upload in listed][-1] == good.id
    for wrong in ("../x", "", good.id[:-1]):
        with pytest.raises(UsageError, match="no upload"):
            find_upload(tmp_path, wrong)


def test_a_line_cut_short_is_left_out(tmp_path: Path) -> None:
    upload = store_upload(tmp_path, [("a.pdf", BROKEN)], "replace")
    events = upload.folder / "events.ndjson"
    events.write_bytes(b'{"at": "1", "stage": "started"}\n{"at": "2", "file": "ab')
    assert read_upload(upload.folder).state == "running"
    events.write_bytes(b'3\nnull\n{"stage": "done"}\n{"at": "1", "stage": "done", "file": "x"}')
    assert read_upload(upload.folder).state == "waiting"


# --- taking in -----------------------------------------------------------------------------------


def test_an_upload_ends_as_an_ingest_by_name_would(settings: Settings, tmp_path: Path) -> None:
    undated = typst.compile(
        b'#set text(font: "Noto Serif CJK SC", lang: "zh")\n'
        + f"#text(size: 22pt)[每日动态]\n\n{'海上风电安装船下水，可装二十兆瓦机组。' * 9}".encode()
    )
    again = sample("2026-03-03")
    files = [
        ("日报 2026-09-01.pdf", undated), ("a.pdf", again), ("b.pdf", again), ("坏.pdf", BROKEN),
    ]  # fmt: skip
    named = tmp_path / "named"
    named.mkdir()
    for name, content in files:
        (named / name).write_bytes(content)
    other = Settings(tmp_path / "other", model=settings.model)
    wanted = ingest_quietly([named / name for name, _ in files], other)
    upload = store_upload(settings.home, files, "replace")
    done = run(settings.home, "run", upload.id, "--json")
    assert done.exit_code == 3
    report = json.loads(done.stdout)
    by_name = json_documents.ingest_json(wanted)["files"]
    assert report["files"] == [
        file | {"path": name} for file, (name, _) in zip(by_name, files, strict=True)
    ]
    assert [file["outcome"] for file in report["files"]] == ["new", "new", "unchanged", "failed"]
    assert report["files"][0]["warnings"][-1]["code"] == "date_from_file_name"
    assert json.loads((upload.folder / "report.json").read_text("utf-8")) == report
    # Of the PDFs only the one that failed stays.
    failed = upload.files[3].sha
    assert [path.stem for path in upload.folder.glob("*.pdf")] == [failed]
    rows = list(csv.DictReader(io.StringIO(run(settings.home, "show", upload.id, "--csv").stdout)))
    assert [row["结果"] for row in rows] == ["new", "new", "unchanged", "failed"]
    assert "PDF 已损坏" in rows[3]["办法"]
    # Once more changes nothing.
    before = (upload.folder / "events.ndjson").read_bytes()
    assert run(settings.home, "run", upload.id).exit_code == 3
    assert (upload.folder / "events.ndjson").read_bytes() == before


def test_the_second_name_of_a_file_may_hold_its_date(tmp_path: Path) -> None:
    from ingest.intake.uploads import names_to_read_by

    files = [("a.pdf", BROKEN), ("b 2026-05-07.pdf", BROKEN), ("c 2026-05-08.pdf", BROKEN)]
    upload = store_upload(tmp_path, files, "replace")
    assert list(names_to_read_by(upload).values()) == ["b 2026-05-07.pdf"]


def test_it_waits_while_another_writes_and_goes_on_after_a_kill(
    settings: Settings, runner: UploadRunner
) -> None:
    dates = ("2026-03-03", "2026-03-05", "2026-03-10")
    upload = store_upload(settings.home, [(f"{d}.pdf", sample(d)) for d in dates], "replace")
    with hold(settings.home / "writer.lock", "a test"):
        runner.wake()
        wait_until(lambda: read_upload(upload.folder).is_held_up)
        assert read_upload(upload.folder).state == "waiting"

    def stored() -> list[dict[str, object]]:
        return [e for e in read_events(upload.folder) if e["stage"] == "storing"]

    wait_until(lambda: len(stored()) >= 2)  # one is in, the next is being stored
    pid = [e["pid"] for e in read_events(upload.folder) if e["stage"] == "started"][-1]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: read_upload(upload.folder).state == "done")
    ended = read_upload(upload.folder)
    assert len(ended.deaths) == 1
    assert "SIGKILL" in ended.deaths[0]
    # What the first run took in before it died counts as taken in, not as there before.
    assert outcomes(ended) == ["new"] * 3
    assert ended.counts["new"] == 3
    archive = Archive.open(settings)
    assert sorted(entry.date for entry in archive.briefings()) == list(dates)
    assert all(check.status != "fail" for check in examine(settings))


def test_a_child_that_always_dies_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # no Python starts with that
    upload = store_upload(settings.home, [("a.pdf", BROKEN), ("b.pdf", b"text")], "replace")
    runner = UploadRunner(settings, json_documents.ingest_json)
    wait_until(lambda: read_upload(upload.folder).state == "done")
    runner.stop()
    ended = read_upload(upload.folder)
    assert len(ended.deaths) == MOST_DEATHS
    first, second = (file.report for file in ended.files)
    assert first is not None
    assert second is not None
    assert (first.error_code, second.error_code) == ("crashed", "not_a_pdf")
    assert f"died {MOST_DEATHS} times (exit code 1" in (first.error_message or "")
    assert "archive doctor" in first.cure_zh
    assert (upload.folder / f"{ended.files[0].sha}.pdf").read_bytes() == BROKEN


def test_an_archive_that_refuses_says_why_at_once(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "holiday.jpg").write_bytes(b"\xff\xd8")
    upload = store_upload(settings.home, [("a.pdf", BROKEN)], "replace")
    assert run(settings.home, "run", upload.id).exit_code == 1
    report = read_upload(upload.folder).files[0].report
    assert report is not None
    assert "is not an archive" in (report.error_message or "")


# --- the view ------------------------------------------------------------------------------------


def open_view(settings: Settings) -> AppTest:
    page = view(new_page(), "入库")
    page.text_input[0].set_value(PASSWORD)
    return press(page, "登录")


def test_from_the_box_to_the_reader(settings: Settings) -> None:
    ingest_quietly([SAMPLES / "briefing-2026-03-03.pdf"], settings)
    access.set_password(settings.home, PASSWORD)
    page = open_view(settings)
    assert next(b for b in page.button if b.label == "开始入库").disabled
    files = [
        ("新 <b>一</b>.pdf", sample("2026-03-05")), ("坏.pdf", BROKEN),
        ("2.pdf", sample("2026-03-10")),
    ]  # fmt: skip
    page.file_uploader[0].set_value([(n, content, "application/pdf") for n, content in files])
    page.run()
    page.radio[0].set_value("keep").run()
    press(page, "开始入库")
    (upload,) = read_uploads(settings.home)
    assert upload.on_revision == "keep"
    # The box is empty, so that another run hands nothing in again.
    assert not page.file_uploader[0].value
    page.run()
    assert len(read_uploads(settings.home)) == 1
    # A reload loses nothing: another session sees it under way, or ended.
    other = open_view(settings)
    assert "新 &lt;b&gt;一&lt;/b&gt;.pdf" in html(other)
    wait_until(lambda: read_upload(upload.folder).state == "done")
    other.run()
    assert not other.exception
    assert "最近一次入库" in html(other)
    assert "3 份：已收录 2，失败 1" in html(other)
    assert "收录 3 期简报" in html(other)
    told = html(other)
    assert "PDF 已损坏：请用阅读器打开后另存或打印为新的 PDF" in told
    assert told.index("坏.pdf") < told.index("2.pdf")  # what failed comes first
    ids = [file.report.briefing_id for file in read_upload(upload.folder).files if file.report]
    press(other, "打开")
    assert other.query_params["briefing"] in (ids[0], [ids[0]])
    found = Archive.open(settings).search("X200", mode="keyword", limit=50)
    assert ids[2] in {result.briefing.id for result in found}
    # Another upload moves this one to the earlier ones.
    again = store_upload(settings.home, [("w.pdf", b"no PDF")], "replace")
    assert run(settings.home, "run", again.id).exit_code == 1
    other = open_view(settings)
    assert "文件不是 PDF" in html(other)
    assert "更早的入库（1）" in [expander.label for expander in other.expander]
    assert "PDF 已损坏" in html(other)


def test_names_are_only_html(settings: Settings) -> None:
    """Also while it waits: the model can't be had, so that nothing runs on."""
    access.set_password(settings.home, PASSWORD)
    files = [(name, b"%PDF-" + str(at).encode()) for at, name in enumerate(ODD_NAMES)]
    upload = store_upload(settings.home, files, "replace")
    with hold(settings.home / "uploads" / "run.lock", "a test"):
        page = open_view(settings)
        told = html(page)
        assert "<script>alert" not in told
        assert "&lt;script&gt;alert(1)&lt;/script&gt;.pdf" in told
        assert "等待" in told
        assert page.get("progress")[0].proto.text.endswith(as_markdown("等待"))
        shutil.rmtree(upload.folder)  # while it is looked at
        page.run()
        assert not page.exception

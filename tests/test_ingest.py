"""Files into the archive: each is in, once, or has a plain reason why not."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import sqlite3
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from archive import Archive, Filter, Settings
from archive.errors import BusyError, UsageError
from archive.keeping.reindexing import reindex
from archive.keeping.writing import open_writer
from archive.store.catalog import Catalog
from archive.store.records import FileReport, IngestReport
from ingest.intake.bulk import IngestOptions, find_files
from ingest.reading.briefing_reader import ReadOptions
from tests.commands import Command, start
from tests.conftest import SHARED, ingest_quietly, verdicts
from tests.made_briefings import make_briefing
from tests.test_read import make_bad


def outcomes(report: IngestReport) -> list[str]:
    return [file.error_code or file.outcome for file in report.files]


def chroma_ids(settings: Settings) -> set[str]:
    with open_writer(settings, "testing") as writer:
        return writer.vector_index.ids()


def live_ids(settings: Settings) -> set[str]:
    return set(Catalog.open(settings.catalog).snapshot().ids)


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path) -> Settings:
    """A new archive with a tiny encoder, where what vectors mean does not matter."""
    return Settings(tmp_path / "home", model=str(tiny_model))


def test_a_folder_goes_in_once(settings: Settings, samples: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "新的 briefings"
    folder.mkdir()
    for pdf in samples[:3]:
        shutil.copy(pdf, folder)
    shutil.copy(samples[0], folder / "同一份.PDF")
    first = ingest_quietly([folder], settings)
    assert outcomes(first) == ["new", "new", "new", "unchanged"]
    assert first.files[3].briefing_id == first.files[0].briefing_id
    again = ingest_quietly([folder], settings)
    assert outcomes(again) == ["unchanged"] * 4
    assert len(Archive.open(settings).briefings()) == 3
    assert live_ids(settings) == chroma_ids(settings)
    assert sum(file.passages for file in first.files[:3]) == len(live_ids(settings))


def test_every_file_ends_in_an_outcome(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    codes = ["damaged", "encrypted", "garbled", "no_text", "not_a_pdf"]
    for code in codes:
        (tmp_path / f"{code}.pdf").write_bytes(make_bad(code, samples[0]))
    paths = [*(tmp_path / f"{code}.pdf" for code in codes), samples[1]]
    seen: list[tuple[str, int, int]] = []

    def on_file(report: FileReport, done: int, total: int) -> None:
        seen.append((report.outcome, done, total))

    from ingest.intake.bulk import ingest

    report = ingest(paths, settings, IngestOptions(read=ReadOptions(ocr=False)), on_file)
    assert outcomes(report) == [*codes, "new"]
    assert report.counts == {"new": 1, "unchanged": 0, "replaced": 0, "failed": 5}
    assert all(file.cure and file.cure_zh and file.error_message for file in report.files[:5])
    assert [done for _, done, _ in seen] == [1, 2, 3, 4, 5, 6]
    kept = sqlite3.connect(settings.catalog).execute("SELECT path, code FROM failure").fetchall()
    assert kept == [(str(tmp_path / f"{code}.pdf"), code) for code in codes]


def test_a_revision_takes_the_place_of_the_older(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    (old,) = ingest_quietly([samples[0]], settings).files
    revised = tmp_path / "revised.pdf"
    writer = PdfWriter(clone_from=PdfReader(samples[0]))
    writer.add_metadata({"/Subject": "second printing"})
    writer.write(revised)
    (new,) = ingest_quietly([revised], settings).files
    assert (new.outcome, new.date) == ("replaced", old.date)
    assert new.briefing_id != old.briefing_id
    archive = Archive.open(settings)
    stored, passages, pdf = archive.show(str(old.briefing_id))
    assert (stored.status, stored.replaced_by) == ("replaced", new.briefing_id)
    assert passages
    assert pdf.read_bytes() == samples[0].read_bytes()
    found = {r.passage.briefing.id for r in archive.search("稀土", mode="keyword", limit=50)}
    assert found == {new.briefing_id}
    assert live_ids(settings) == chroma_ids(settings)
    assert outcomes(ingest_quietly([samples[0], revised], settings)) == ["unchanged"] * 2
    assert archive._catalog.snapshot().coverage(Filter()).briefings == 1


def test_removing_a_revision_brings_the_older_back(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    revised = tmp_path / "revised.pdf"
    writer = PdfWriter(clone_from=PdfReader(samples[0]))
    writer.add_metadata({"/Subject": "second printing"})
    writer.write(revised)
    old, new = ingest_quietly([samples[0], revised], settings).files
    with open_writer(settings, "testing") as archive_writer:
        archive_writer.remove(str(new.briefing_id))
    archive = Archive.open(settings)
    assert [(entry.id, entry.status) for entry in archive.briefings()] == [
        (old.briefing_id, "live")
    ]
    for mode in ("keyword", "semantic"):
        found = archive.search("稀土", mode=mode, limit=50)
        assert {result.passage.briefing.id for result in found} == {old.briefing_id}
    assert live_ids(settings) == chroma_ids(settings)


def revision(pdf: Path, folder: Path, name: str) -> Path:
    """The same document in another file."""
    made = folder / f"{name}.pdf"
    writer = PdfWriter(clone_from=PdfReader(pdf))
    writer.add_metadata({"/Subject": name})
    writer.write(made)
    return made


def test_a_chain_of_revisions_has_one_that_is_live(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    paths = [samples[0], *(revision(samples[0], tmp_path, name) for name in ("b", "c"))]
    first, second, third = (file.briefing_id for file in ingest_quietly(paths, settings).files)
    with open_writer(settings, "testing") as writer:
        writer.remove(str(second))
    archive = Archive.open(settings)
    assert {e.id: (e.status, e.replaced_by) for e in archive.briefings()} == {
        first: ("replaced", third),
        third: ("live", None),
    }


def test_reindexing_reaches_replaced_briefings_too(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    paths = [samples[0], revision(samples[0], tmp_path, "b")]
    old, new = (str(file.briefing_id) for file in ingest_quietly(paths, settings).files)
    other = Settings(settings.home)
    with open_writer(other, "testing", reindexing=True) as writer:
        reindex(writer, lambda done: None)
    with open_writer(other, "testing") as writer:
        writer.remove(new)
    found = Archive.open(other).search("稀土", mode="semantic", limit=50)
    assert {result.briefing.id for result in found} == {old}


def test_another_document_of_the_same_day_is_kept_beside(
    settings: Settings, samples: list[Path]
) -> None:
    ingest_quietly([samples[0]], settings)
    options = IngestOptions(read=ReadOptions(date="2026-03-03"))
    (other,) = ingest_quietly([samples[4]], settings, options).files
    assert other.outcome == "new"
    assert [warning.code for warning in other.warnings] == ["same_issue"]
    assert [entry.status for entry in Archive.open(settings).briefings()] == ["live", "live"]


NEWS = {
    "早": (
        "多地冷库集中投产，北方三省新增库容 12 万吨，苹果与大白菜入库进度快于去年，价格以稳为主。",
        "央行公开市场净投放 1000 亿元，资金面平稳，短端利率下行 2 个基点，票据市场成交回暖。",
        "三号码头完成泊位改造，日均作业量升至 180 艘次，航道疏浚预计汛期前完成主体部分。",
    ),
    "午": (
        "海关总署通报新一批准入名单，樱桃与车厘子检疫时限缩短 3 天，口岸实行预约查验。",
        "社会融资规模存量同比增长 8.1%，企业中长期贷款多增，居民短期贷款由降转升。",
        "两家整车厂公布召回计划，涉及 4.6 万辆，原因是制动助力器在低温下响应延迟。",
    ),
    "晚": (
        "欧洲议会通过电池回收修正案，要求 2 年内披露碳足迹，进口商须登记责任人，过渡期 18 个月。",
        "财政部公布上月收支，土地出让收入同比下降 10%，专项债发行提速，基建支出保持增长。",
        "特高压直流工程双极投运，送端新能源占比过半，调度部门称跨省互济能力增强，弃风率回落。",
    ),
}
"""What three issues of one day say under the same headings."""
FORMS_OF_MARKS = {
    "no mark": dict.fromkeys(NEWS, ("", "")),
    "in the file's name": {mark: ("", f"每日动态_{mark}") for mark in NEWS},
    "by number": {mark: (f"　第{n}期", "") for mark, n in zip(NEWS, "三四五", strict=True)},
}


def issues_of_a_day(folder: Path, form: str) -> dict[str, tuple[Path, Path]]:
    """Three issues of a day by their marks, each and its corrected edition."""
    made = {}
    for at, (mark, news) in enumerate(NEWS.items()):
        beside, name = FORMS_OF_MARKS[form][mark]
        name = name or f"upload {at}"
        sections = dict(zip(("国际", "宏观", "产业"), news, strict=True))
        sections["说明"] = "本简报由某协会根据公开信息整理，仅供内部参考。未经授权不得转载。"
        original = make_briefing(folder, "2026-03-18", sections, beside=beside, name=name)
        sections["国际"] = sections["国际"].replace("，", "，据新华社消息，", 1)
        corrected = make_briefing(folder, "2026-03-18", sections, beside=beside, name=f"{name}修订")
        made[mark] = (original, corrected)
    return made


@pytest.mark.parametrize("form", FORMS_OF_MARKS)
def test_of_issues_of_one_day_each_is_replaced_by_its_own_corrected_edition(
    settings: Settings, tmp_path: Path, form: str
) -> None:
    """Whatever the order in which they come, under the same standing headings."""
    made = issues_of_a_day(tmp_path, form)
    paths = [path for pair in made.values() for path in pair]
    random.Random(form).shuffle(paths)
    planned = ingest_quietly(paths, settings, IngestOptions(dry_run=True, workers=1))
    report = ingest_quietly(paths, settings, IngestOptions(workers=1))
    of = {path: file.briefing_id for path, file in zip(paths, report.files, strict=True)}
    standing = {e.id: e.replaced_by for e in Archive.open(settings).briefings()}
    for pair in made.values():
        first, second = (str(of[path]) for path in sorted(pair, key=paths.index))
        assert (standing[first], standing[second]) == (second, None)
    assert outcomes(planned) == outcomes(report)
    assert [file.warnings for file in planned.files] == [file.warnings for file in report.files]


def test_the_same_text_under_another_number_is_kept_with_a_warning(
    settings: Settings, tmp_path: Path
) -> None:
    sections = dict(zip(("国际", "宏观", "产业"), NEWS["早"], strict=True))
    paths = [
        make_briefing(tmp_path, "2026-03-18", sections, beside=f"　第{number}期", name=number)
        for number in ("31", "32")
    ]
    for options in (IngestOptions(dry_run=True, workers=1), IngestOptions(workers=1)):
        old, new = ingest_quietly(paths, settings, options).files
        assert (old.outcome, new.outcome) == ("new", "new")
        assert [warning.code for warning in new.warnings] == ["same_issue", "may_be_revision"]
        doubt = new.warnings[1].message
        assert f"archive remove {old.briefing_id}" in doubt
        assert "第31期" in doubt
        assert "第32期" in doubt


def test_a_dry_run_tells_of_copies_and_of_revisions_within_the_run(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.pdf"
    shutil.copy(samples[0], copy)
    other = revision(samples[1], tmp_path, "another date")
    paths = [samples[0], copy, revision(samples[0], tmp_path, "b"), samples[1]]
    planned = ingest_quietly(paths, settings, IngestOptions(dry_run=True))
    report = ingest_quietly(paths, settings)
    assert outcomes(planned) == outcomes(report) == ["new", "unchanged", "replaced", "new"]
    assert [file.original for file in planned.files] == [file.original for file in report.files]
    dated = IngestOptions(read=ReadOptions(date="2026-01-05"), dry_run=True)
    (planned_other,) = ingest_quietly([other], settings, dated).files
    assert [warning.code for warning in planned_other.warnings] == ["near_identical"]


def test_a_morning_and_an_evening_issue_are_both_live(settings: Settings) -> None:
    folder = SHARED / "examples" / "failing" / "same_day_two_issues"
    if not folder.exists():
        pytest.skip(f"no {folder}")
    report = ingest_quietly([folder], settings)
    assert outcomes(report) == ["new", "new"]
    assert [warning.code for warning in report.files[1].warnings] == ["same_issue"]
    assert [entry.status for entry in Archive.open(settings).briefings()] == ["live", "live"]


def test_keep_keeps_both(settings: Settings, samples: list[Path], tmp_path: Path) -> None:
    ingest_quietly([samples[0]], settings)
    revised = tmp_path / "revised.pdf"
    writer = PdfWriter(clone_from=PdfReader(samples[0]))
    writer.add_metadata({"/Subject": "second printing"})
    writer.write(revised)
    report = ingest_quietly([revised], settings, IngestOptions(on_revision="keep"))
    assert outcomes(report) == ["new"]
    assert [entry.status for entry in Archive.open(settings).briefings()] == ["live", "live"]


def test_a_dry_run_changes_nothing(settings: Settings, samples: list[Path]) -> None:
    report = ingest_quietly(samples[:2], settings, IngestOptions(dry_run=True))
    assert outcomes(report) == ["new", "new"]
    assert report.files[0].passages > 0
    assert not settings.home.exists()


def test_series_and_month_can_be_given(settings: Settings, samples: list[Path]) -> None:
    options = IngestOptions(read=ReadOptions(date="2026-03", series="专刊"))
    ingest_quietly([samples[0]], settings, options)
    (entry,) = Archive.open(settings).briefings()
    assert (entry.series, entry.date) == ("专刊", "2026-03")
    from datetime import date as Date

    catalog = Catalog.open(settings.catalog)
    assert catalog.snapshot().allowed(Filter(since=Date(2026, 3, 31))).any()
    assert catalog.snapshot().allowed(Filter(until=Date(2026, 3, 1), series="专刊")).any()
    assert not catalog.snapshot().allowed(Filter(since=Date(2026, 4, 1))).any()


def test_finding_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.pdf", "a.PDF", "notes.txt", "in/c.pdf"):
        (tmp_path / name).write_bytes(b"")
    assert [p.name for p in find_files([tmp_path], recursive=False)] == ["a.PDF", "b.pdf"]
    names = [p.name for p in find_files([tmp_path, tmp_path / "b.pdf"], recursive=True)]
    assert names == ["a.PDF", "b.pdf", "c.pdf"]
    with pytest.raises(UsageError, match="no such file"):
        find_files([tmp_path / "nowhere"], recursive=False)


def test_remove(settings: Settings, samples: list[Path]) -> None:
    ingest_quietly(samples[:2], settings)
    kept, gone = Archive.open(settings).briefings()
    with open_writer(settings, "testing") as writer:
        writer.remove(gone.id)
    archive = Archive.open(settings)
    assert [entry.id for entry in archive.briefings()] == [kept.id]
    with pytest.raises(UsageError, match="was removed"):
        archive.show(gone.id)
    assert live_ids(settings) == chroma_ids(settings)
    assert len(list(settings.files.iterdir())) == 2, "it can be restored"
    assert outcomes(ingest_quietly(samples[:1], settings)) == ["new"]
    with open_writer(settings, "testing") as writer:
        writer.remove(gone.id, purge=True)
    assert len(list(settings.files.iterdir())) == 1


def test_an_odd_file_costs_one_line(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "a pipe.pdf")
    (tmp_path / "nowhere.pdf").symlink_to(tmp_path / "gone")
    (tmp_path / os.fsdecode(b"\xff\n[red].pdf")).write_text("junk")
    (tmp_path / "a folder.pdf").mkdir()
    shutil.copy(samples[0], tmp_path / "zz.pdf")
    report = ingest_quietly([tmp_path], settings)
    assert sorted(outcomes(report)) == ["new", "not_a_pdf", "not_found", "unreadable"]
    json.dumps([file.path for file in report.files], ensure_ascii=False).encode("utf-8")


def test_unchanged_files_are_named_in_full(settings: Settings, samples: list[Path]) -> None:
    (new,) = ingest_quietly(samples[:1], settings).files
    (unchanged,) = ingest_quietly(samples[:1], settings).files
    assert unchanged.outcome == "unchanged"
    assert (unchanged.title, unchanged.date) == (new.title, new.date)
    assert (unchanged.sections, unchanged.passages) == (new.sections, new.passages)


def test_a_damaged_catalogue_is_said_to_be_one(settings: Settings, samples: list[Path]) -> None:
    ingest_quietly(samples[:2], settings)
    from archive.keeping.doctor import examine

    gc.collect()  # who wrote it holds it open until then
    for side in settings.home.glob("catalog.sqlite3-*"):
        side.unlink()
    data = bytearray(settings.catalog.read_bytes())
    data[8192:] = b"\xaa" * (len(data) - 8192)
    settings.catalog.write_bytes(data)
    assert examine(settings)[-1].status == "fail"


def test_one_writer_at_a_time(settings: Settings, samples: list[Path]) -> None:
    with (
        open_writer(settings, "the first"),
        pytest.raises(BusyError, match=rf"process {os.getpid()} \(the first"),
    ):
        ingest_quietly(samples[:1], settings)
    assert outcomes(ingest_quietly(samples[:1], settings)) == ["new"]


def test_a_reader_is_not_in_a_writers_way(settings: Settings, samples: list[Path]) -> None:
    ingest_quietly(samples[:2], settings)
    with open_writer(settings, "writing"):
        assert Archive.open(settings).search("稀土", mode="semantic")


def test_another_encoder_is_refused_until_reindexed(
    settings: Settings, samples: list[Path]
) -> None:
    ingest_quietly(samples[:1], settings)
    other = Settings(settings.home)
    for act in (
        lambda: Archive.open(other).search("稀土"),
        lambda: ingest_quietly(samples[1:2], other),
    ):
        with pytest.raises(UsageError, match="multilingual-e5-small") as caught:
            act()
        assert str(settings.model) in caught.value.message
        assert "archive reindex" in caught.value.cure
    assert Archive.open(other).search("稀土", mode="keyword")
    from archive.keeping.doctor import examine, mend

    with pytest.raises(UsageError, match="built with"):
        mend(other)
    assert "fail" in {check.status for check in examine(other)}
    # None of those refusals has touched what is there.
    assert verdicts(settings) == {}
    with open_writer(other, "testing", reindexing=True) as writer:
        reindex(writer, lambda done: None)
    assert Archive.open(other).search("稀土", mode="semantic")
    assert live_ids(other) == chroma_ids(other)


def test_foreign_homes_are_left_alone(samples: list[Path], tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="is not an archive"):
        ingest_quietly(samples[:1], Settings(full))
    assert [path.name for path in full.iterdir()] == ["letter.txt"]
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    sqlite3.connect(foreign / "catalog.sqlite3").execute("CREATE TABLE t (x)").connection.commit()
    before = (foreign / "catalog.sqlite3").read_bytes()
    with pytest.raises(UsageError, match="another program's"):
        Archive.open(Settings(foreign))
    assert (foreign / "catalog.sqlite3").read_bytes() == before
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "catalog.sqlite3").write_bytes(b"not a database at all" * 100)
    with pytest.raises(UsageError, match="not this program's"):
        Archive.open(Settings(broken))
    with pytest.raises(UsageError, match="no archive at"):
        Archive.open(Settings(tmp_path / "missing"))


# --- interrupted ---------------------------------------------------------------------------------


def content(settings: Settings) -> dict[str, Any]:
    """Everything an archive holds that does not depend on when it was made."""
    db = sqlite3.connect(settings.catalog)
    tables = {
        "briefing": "id, series, title, date, state, file_hash",
        "page": "*",
        "section": "*",
        "reference": "*",
        "passage": "id, briefing_id, text, vector",
        "words": "*",
    }
    held: dict[str, Any] = {
        table: sorted(db.execute(f"SELECT {columns} FROM {table}").fetchall())
        for table, columns in tables.items()
    }
    held["topics"] = sorted(
        db.execute(
            "SELECT p.id, topic FROM passage_topic JOIN passage p ON p.key = passage_key"
        ).fetchall()
    )
    held["chroma"] = sorted(chroma_ids(settings))
    held["files"] = sorted(path.name for path in settings.files.iterdir())
    return held


def ingest_in_process(settings: Settings, paths: list[Path]) -> Command:
    return start(*paths, "--json", module="ingest", environment=settings.environment)


def rows(settings: Settings, table: str) -> int:
    """How many rows a table has by now; 0 before there is a catalogue."""
    try:
        db = sqlite3.connect(f"file:{settings.catalog}?mode=ro", uri=True)
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_a_killed_ingest_is_finished_by_the_next(
    samples: list[Path], tmp_path: Path, tiny_model: Path
) -> None:
    """Killed as soon as two briefings have been begun: nothing differs.

    At other moments `test_kills` and `make soak` do.
    """
    settings = Settings(tmp_path / "killed", model=str(tiny_model))
    process = ingest_in_process(settings, samples[:12])
    while rows(settings, "briefing") < 2 and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    assert process.wait().code == -signal.SIGKILL
    assert 0 < rows(settings, "briefing") < 12 or Catalog.open(settings.catalog).briefings.pending()
    report = ingest_quietly(samples[:12], settings)
    assert report.counts["failed"] == 0
    undisturbed = Settings(tmp_path / "undisturbed", model=str(tiny_model))
    ingest_quietly(samples[:12], undisturbed)
    assert content(settings) == content(undisturbed)


def test_python_m_ingest_is_archive_ingest(settings: Settings, samples: list[Path]) -> None:
    assert ingest_in_process(settings, samples[:1]).wait().json["counts"]["new"] == 1


def test_bytes_of_the_stored_file_are_the_ones_read(
    settings: Settings, samples: list[Path]
) -> None:
    (file,) = ingest_quietly(samples[:1], settings).files
    _, _, stored = Archive.open(settings).show(str(file.briefing_id))
    assert BytesIO(stored.read_bytes()).getvalue() == samples[0].read_bytes()


def test_a_catalogue_of_the_first_version_is_brought_up_to_date(own_home: Path) -> None:
    settings = Settings(own_home)
    before = Archive.open(settings).show(Archive.open(settings).briefings()[0].id)[0].briefing
    old = sqlite3.connect(settings.catalog)
    added = {
        "briefing": (
            "confidence",
            "issue_number",
            "dates",
            "file_name",
            "sketch",
            "document",
            "version",
        ),
        "page": ("quality", "confidence"),
        "passage": ("ocr_confidence",),
        "passage_topic": ("score",),
    }
    old.execute("DROP INDEX briefing_version")
    for table, columns in added.items():
        for column in columns:
            old.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in ("characters", "link", "watch", "report", "change", "correction"):
        old.execute(f"DROP TABLE {table}")
    old.execute("UPDATE meta SET value = 'jieba 0.42 search mode' WHERE key = 'keyword index'")
    old.execute("DELETE FROM meta WHERE key = 'lexicon in the keyword index'")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    archive = Archive.open(settings)
    after = archive.show(before.id)[0].briefing
    assert after.sections == before.sections
    assert {page.quality for page in after.pages} == {"text"}
    with pytest.raises(UsageError, match="archive reindex"):
        archive.search("稀土", mode="keyword")
    with open_writer(settings, "testing", reindexing=True) as writer:
        done = reindex(writer, lambda _: None)
    assert (done.encoded, done.cut) == (0, done.passages)
    assert archive.search('"稀土"', mode="keyword")
    assert archive._catalog.is_settled()
    assert archive.stories()[1] > 0, "storylines are linked by the first writer"
    assert archive.watches() == []

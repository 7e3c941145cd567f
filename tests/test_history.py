"""What is removed comes back, what was misread is corrected, and all of it is written down."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader, PdfWriter

from archive import Archive, Filter, Settings
from archive.chinese.minhash import agreement, minhash_of
from archive.cli import cli
from archive.errors import UsageError
from archive.keeping.corrections import Edit
from archive.keeping.writer import Writer
from archive.keeping.writing import open_writer
from archive.output.csv_tables import files_csv
from archive.records import Mode, as_plain
from archive.store.catalog import Catalog
from archive.store.records import FileReport
from ingest.intake.bulk import IngestOptions
from ingest.reading.briefing_reader import ReadOptions
from tests.conftest import copied, ingest_quietly
from tests.made_briefings import make_briefing

QUERIES = ("稀土", "出口管制", "低空经济", "关税")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, samples: list[Path]) -> Path:
    """An archive of four samples with a tiny encoder; copy it to change it."""
    home = tmp_path_factory.mktemp("history") / "home"
    ingest_quietly(samples[:4], Settings(home, model=str(tiny_model)))
    return home


@pytest.fixture
def settings(made: Path, tmp_path: Path, tiny_model: Path) -> Settings:
    home = tmp_path / "home"
    copied(made, home)
    return Settings(home, model=str(tiny_model))


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli,
        [*arguments, "--home", str(settings.home)],
        env={"ARCHIVE_MODEL": str(settings.model)},
        catch_exceptions=True,
    )


def refused(settings: Settings, *arguments: str) -> UsageError:
    """The refusal of a command: exit code 2, and a cure."""
    error = run(settings, *arguments).exception
    assert isinstance(error, UsageError)
    assert error.cure
    return error


def first_id(settings: Settings) -> str:
    """The newest briefing."""
    return Archive.open(settings).briefings()[0].id


def held(settings: Settings, writer: Writer | None = None) -> dict[str, Any]:
    """Everything a reader can get at, and what Chroma has, but for the vectors."""
    if writer is None:
        with open_writer(settings, "testing") as opened:
            return held(settings, opened)
    archive = Archive.open(settings)
    archive._vector_index.encoder = writer.encoder  # which need not be loaded again
    stories, _ = archive.stories()
    live = archive._catalog.snapshot()
    collection = writer.vector_index._connected()
    assert collection is not None
    stored = collection.get(include=["metadatas"])
    return {
        "list": archive.briefings(),
        "show": [as_plain(archive.show(entry.id)) for entry in archive.briefings()],
        "topics": archive.topics(),
        "stories": [[passage.id for passage in story.passages] for story in stories],
        "found": {
            (query, mode): sorted(
                (result.passage_id, round(result.score, 3), result.passage.topics)
                for result in archive.search(query, mode=mode, limit=100)
            )
            for query in QUERIES
            for mode in ("keyword", "semantic")
        },
        "facets": archive.search_page("稀土", mode="keyword").facets,
        "days": sorted(set(live.first_day.tolist())),
        "words": sorted(
            sqlite3.connect(settings.catalog).execute("SELECT * FROM words").fetchall()
        ),
        # A topic that is none now is kept by Chroma as nothing.
        "chroma": {
            key: {name: value for name, value in facts.items() if value is not None}
            for key, facts in zip(stored["ids"], stored["metadatas"], strict=True)
        },
    }


def vectors(settings: Settings) -> np.ndarray[Any, Any]:
    catalog = Catalog.open(settings.catalog)
    return catalog.passages.vectors(catalog.snapshot().ids)[1]


# --- removing and restoring ----------------------------------------------------------------------


def test_what_is_removed_comes_back_as_it_was(settings: Settings) -> None:
    before, encoded = held(settings), vectors(settings)
    gone = first_id(settings)
    removed = run(settings, "remove", gone, "--json")
    assert json.loads(removed.stdout) == {"removed": gone, "purged": False, "live_again": []}
    archive = Archive.open(settings)
    assert gone not in {entry.id for entry in archive.briefings()}
    assert not any(passage.startswith(gone) for passage in held(settings)["chroma"])
    for query in QUERIES:
        for mode in ("keyword", "semantic", "hybrid"):
            results = archive.search(query, mode=mode, limit=100)
            assert gone not in {result.briefing.id for result in results}
    assert f"archive restore {gone}" in refused(settings, "show", gone).cure
    assert "removed" in refused(settings, "edit", gone, "--title", "甲").message
    listed = json.loads(run(settings, "list", "--removed", "--json").stdout)["briefings"]
    assert [(entry["id"], entry["status"]) for entry in listed] == [(gone, "removed")]
    restored = run(settings, "restore", gone, "--json")
    assert json.loads(restored.stdout) == {"restored": gone, "live": True, "replaced": None}
    assert held(settings) == before
    assert np.array_equal(vectors(settings), encoded)
    assert not json.loads(run(settings, "list", "--removed", "--json").stdout)["briefings"]


def test_what_is_purged_is_gone(settings: Settings, samples: list[Path]) -> None:
    ids = [entry.id for entry in Archive.open(settings).briefings()]
    files = len(list(settings.files.iterdir()))
    assert run(settings, "remove", ids[0], "--purge").exit_code == 0
    run(settings, "remove", ids[1])
    assert len(list(settings.files.iterdir())) == files - 1
    assert run(settings, "remove", ids[1], "--purge").exit_code == 0, "also one removed before"
    assert len(list(settings.files.iterdir())) == files - 2
    assert "there is no briefing" in refused(settings, "restore", ids[0]).message
    assert Catalog.open(settings.catalog).briefings.file_hashes().keys() == {
        path.stem for path in settings.files.iterdir()
    }
    counts = ingest_quietly(samples[:4], settings).counts
    assert (counts["new"], counts["unchanged"]) == (2, 2)


def test_a_file_removed_and_taken_in_again_is_new(settings: Settings, samples: list[Path]) -> None:
    before = held(settings)
    gone = first_id(settings)
    run(settings, "edit", gone, "--title", "更正")
    run(settings, "remove", gone)
    assert ingest_quietly(samples[:4], settings).counts["new"] == 1
    archive = Archive.open(settings)
    assert archive.show(gone)[0].briefing.title == "更正"
    assert not archive.removed()
    run(settings, "edit", gone, "--undo")
    assert held(settings)["show"] == before["show"]


def revision(pdf: Path, folder: Path, name: str) -> Path:
    """The same document in another file."""
    made = folder / f"{name}.pdf"
    writer = PdfWriter(clone_from=PdfReader(pdf))
    writer.add_metadata({"/Subject": name})
    writer.write(made)
    return made


def standing(archive: Archive) -> dict[str, tuple[str, str | None]]:
    return {entry.id: (entry.status, entry.replaced_by) for entry in archive.briefings()}


def test_a_replaced_version_can_be_made_the_one_that_counts(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    old = Archive.open(settings).briefings()[-1].id
    (new,) = ingest_quietly([revision(samples[0], tmp_path, "b")], settings).files
    assert new.outcome == "replaced"
    restored = run(settings, "restore", old)
    assert f"{new.briefing_id} is replaced by it now" in restored.stderr
    archive = Archive.open(settings)
    assert standing(archive)[old] == ("live", None)
    assert standing(archive)[str(new.briefing_id)] == ("replaced", old)
    for mode in ("keyword", "semantic"):
        found = {r.briefing.id for r in archive.search("稀土", mode=mode, limit=100)}
        assert old in found
        assert new.briefing_id not in found
    assert "live already" in refused(settings, "restore", old).message
    log = json.loads(run(settings, "log", str(new.briefing_id), "--json").stdout)["changes"]
    assert [change["action"] for change in log] == ["restored", "replaced"]


def test_of_the_versions_of_an_issue_one_counts(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    """Whatever is removed and restored in whatever order, while not all are removed."""
    paths = [revision(samples[0], tmp_path, name) for name in "bcd"]
    ids = [Archive.open(settings).briefings()[-1].id]
    ids += [str(file.briefing_id) for file in ingest_quietly(paths, settings).files]
    catalog = Catalog.open(settings.catalog)
    chance = random.Random(0)
    for _ in range(200):
        chosen = chance.choice(ids)
        state = catalog.briefings.state(chosen)
        if state == "removed" or (state == "replaced" and chance.random() < 0.5):
            catalog.changes.restore(chosen)
        else:
            catalog.changes.remove(chosen)
        standing = {e.id: (e.status, e.replaced_by) for e in catalog.briefings.all() if e.id in ids}
        live = [key for key, (status, _) in standing.items() if status == "live"]
        assert len(live) == (1 if standing else 0), standing
        for key in standing:
            steps = 0
            while standing[key][0] == "replaced":
                key, steps = str(standing[key][1]), steps + 1
                assert steps <= len(ids)
            assert key == live[0]


# --- editing -------------------------------------------------------------------------------------


def test_an_edit_reaches_all_that_follows_from_it(settings: Settings) -> None:
    chosen = first_id(settings)
    said = ("--date", "2025-11-05", "--title", "更正后的题目", "--series", "专刊")
    done = run(settings, "edit", chosen, *said, "--topics", "绿色低碳、出口管制", "--json")
    assert done.exit_code == 0, done.exception
    document = json.loads(done.stdout)
    assert document["changes"]["date"][1] == "2025-11-05"
    assert {each["field"] for each in document["corrections"]} == {
        "date", "title", "series", "topics",
    }  # fmt: skip
    archive = Archive.open(settings)
    (entry,) = [entry for entry in archive.briefings() if entry.id == chosen]
    assert (entry.date, entry.title, entry.series) == ("2025-11-05", "更正后的题目", "专刊")
    own = Filter(since=Date(2025, 11, 5), until=Date(2025, 11, 5))
    snapshot = archive._catalog.snapshot()
    ids = [snapshot.ids[row] for row in snapshot.allowed(own).nonzero()[0]]
    passages = archive._catalog.passages.get(ids)
    assert {passage.briefing.id for passage in passages} == {chosen}
    assert {passage.topics for passage in passages} == {("绿色低碳", "出口管制")}
    assert archive.search("标题:更正后的题目", mode="keyword", limit=100)
    assert archive._catalog.snapshot().allowed(Filter(series="专刊")).any()
    found = held(settings)
    for passage in passages:
        assert found["chroma"][passage.id]["date"] == 20251105
        assert found["chroma"][passage.id]["topics"] == ["绿色低碳", "出口管制"]
        _, (stored,) = archive._catalog.passages.vectors([passage.id])
        with open_writer(settings, "testing") as writer:
            (encoded,) = writer.encoder.encode_documents([passage.indexed_text])
            assert writer.vector_index.finds_itself(passage.id)
        assert np.allclose(stored, encoded, atol=1e-5)
    shown = json.loads(run(settings, "show", chosen, "--json").stdout)
    assert [each["value"] for each in shown["corrections"] if each["field"] == "title"] == [
        "更正后的题目"
    ]
    assert "corrected by hand: date: 2025-11-05" in run(settings, "show", chosen).stdout


def test_an_edit_undone_leaves_nothing(settings: Settings) -> None:
    chosen = first_id(settings)
    encoded = vectors(settings)
    with open_writer(settings, "testing") as writer:
        before = held(settings, writer)
        for edit in (
            Edit(date="2025-11"),
            Edit(title="另一个题目"),
            Edit(series="专刊"),
            Edit(topics=()),
            Edit(topics=("绿色低碳",), section="1"),
            Edit(date="2026-12-31", title="题", topics=("绿色低碳",)),
        ):
            writer.edit(chosen, edit)
            assert held(settings, writer) != before, edit
            writer.edit(chosen, Edit(as_read=True))
            assert held(settings, writer) == before, edit
            assert np.allclose(vectors(settings), encoded, atol=1e-5)
    assert not Archive.open(settings).corrections(chosen)


def test_an_edit_links_storylines_as_if_it_had_been_read_so(settings: Settings) -> None:
    run(settings, "edit", first_id(settings), "--date", "2025-11-05", "--title", "题")
    catalog = Catalog.open(settings.catalog)
    query = "SELECT passage_key, earlier_key FROM link ORDER BY 1"
    linked = sqlite3.connect(settings.catalog).execute(query).fetchall()
    catalog.changes.drop_links()
    with open_writer(settings, "testing") as writer:
        writer.reconcile()
    assert sqlite3.connect(settings.catalog).execute(query).fetchall() == linked


def test_corrections_hold_whatever_is_done(settings: Settings, samples: list[Path]) -> None:
    chosen = Archive.open(settings).briefings()[-1].id
    run(settings, "edit", chosen, "--date", "2025-11-05", "--topics", "绿色低碳")
    run(settings, "edit", chosen, "--topics", "", "--section", "1")

    def check() -> None:
        stored, passages, _ = Archive.open(settings).show(chosen)
        assert stored.briefing.date == "2025-11-05"
        for passage in passages:
            number = passage.section.number
            inside = number == "1" or number.startswith("1.")
            assert passage.topics == (() if inside else ("绿色低碳",)), number

    check()
    run(settings, "topics", "--retag")
    check()
    run(settings, "remove", chosen)
    run(settings, "restore", chosen)
    check()
    run(settings, "reindex", "--all")
    check()
    run(settings, "remove", "--purge", chosen)
    (again,) = ingest_quietly(samples[:1], settings).files
    assert (again.briefing_id, again.date) == (chosen, "2025-11-05")
    check()
    read = {each.field: each.as_read for each in Archive.open(settings).corrections(chosen)}
    assert read["date"] == chosen[: len("2026-05-07")]


def test_a_bad_edit_changes_nothing(settings: Settings) -> None:
    before = Catalog.open(settings.catalog).generation()
    chosen = first_id(settings)
    for said, message in {
        ("--date", "2026-13-01"): "not a briefing's date",
        ("--date", "2026"): "not a briefing's date",
        ("--title", " \n"): "not a briefing's title",
        ("--series", "\x1b[31m"): "not a briefing's series",
        ("--topics", "绿色低碳", "--section", "99"): "no text in a section '99'",
        ("--topics", "氢能,大模型，商业航天、量子科技"): "4 topics were given",
        ("--section", "1"): "without topics",
        ("--undo", "--title", "题"): "something else",
        (): "nothing is said",
    }.items():
        error = refused(settings, "edit", chosen, *said)
        assert (error.exit_code, message in error.message) == (2, True), error
    error = refused(settings, "edit", chosen, "--topics", "出口管")
    assert "no topic '出口管'" in error.message
    assert "出口管制" in error.cure
    assert Catalog.open(settings.catalog).generation() == before


def test_an_edit_may_put_two_briefings_on_one_day(settings: Settings) -> None:
    newest, other = Archive.open(settings).briefings()[:2]
    done = run(settings, "edit", newest.id, "--date", other.date, "--series", other.series)
    assert done.exit_code == 0
    assert f"warning: {other.id} has the same series and date" in done.stderr
    assert standing(Archive.open(settings))[newest.id] == ("live", None)
    again = run(settings, "edit", newest.id, "--date", other.date)
    assert "nothing to change" in again.stdout
    assert "warning" not in again.stderr


def test_an_edit_interrupted_before_chroma_had_it_is_finished_by_the_next_writer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = first_id(settings)

    def interrupt(writer: Writer) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "_catch_up_in_chroma", lambda writer: None)
        with open_writer(settings, "testing") as writer:
            patch.setattr(Writer, "_catch_up_in_chroma", interrupt)
            with pytest.raises(KeyboardInterrupt):
                writer.edit(chosen, Edit(date="2025-11-05", topics=()))
    own = {key: facts for key, facts in held(settings)["chroma"].items() if key.startswith(chosen)}
    assert {facts["date"] for facts in own.values()} == {20251105}
    assert not any(facts.get("topics") for facts in own.values())
    assert not Catalog.open(settings.catalog).changes.behind_in_chroma()


# --- the log -------------------------------------------------------------------------------------


def test_each_change_has_its_line(settings: Settings, samples: list[Path]) -> None:
    chosen = Archive.open(settings).briefings()[-1].id
    for arguments in (
        ("edit", chosen, "--date", "2025-11-05"),
        ("edit", chosen, "--date", "2025-11-05"),  # which changes nothing
        ("edit", chosen, "--undo"),
        ("remove", chosen),
        ("restore", chosen),
        ("topics", "--retag"),
        ("reindex",),
        ("remove", chosen, "--purge"),
    ):
        assert run(settings, *arguments).exit_code == 0, arguments
    ingest_quietly(samples[:1], settings)
    changes = json.loads(run(settings, "log", "--json").stdout)["changes"]
    assert [change["action"] for change in changes] == [
        "new", "removed", "reindexed", "retagged", "restored", "removed", "edited", "edited",
        "new", "new", "new", "new",
    ]  # fmt: skip
    assert [change["id"] for change in changes] == list(range(len(changes), 0, -1))
    assert changes[0]["detail"]["file"] == samples[0].name
    assert changes[1]["detail"]["purged"]
    day = chosen[: len("2026-05-07")]
    assert changes[7]["detail"]["changes"] == {"date": [day, "2025-11-05"]}
    of_one = json.loads(run(settings, "log", chosen, "--json", "--limit", "3").stdout)["changes"]
    assert [change["action"] for change in of_one] == ["new", "removed", "restored"]
    assert all(change["briefing_id"] == chosen and change["title"] for change in of_one)
    assert f"date: {day} → 2025-11-05" in run(settings, "log").stdout
    assert "there is no briefing" in refused(settings, "log", "2020-01-01-00000000").message


# --- the same under other names ------------------------------------------------------------------


def test_a_file_under_another_name_is_named_as_it_came_in(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "另一个名字.pdf"
    shutil.copy(samples[0], other)
    done = run(settings, "ingest", str(other), "--json")
    assert json.loads(done.stdout)["files"][0]["original"] == samples[0].name
    assert f"in already as {samples[0].name}" in done.stderr
    (file,) = ingest_quietly([other], settings).files
    assert samples[0].name in files_csv([file])
    assert "in already" not in run(settings, "ingest", str(samples[0])).stderr
    with sqlite3.connect(settings.catalog) as db:  # as an earlier program left it
        db.execute("UPDATE briefing SET file_name = ''")
    (file,) = ingest_quietly([other], settings).files
    assert file.original is None


def warned(file: FileReport) -> list[str]:
    return [warning.message for warning in file.warnings if warning.code == "near_identical"]


def test_a_briefing_with_another_date_is_flagged(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    other = revision(samples[0], tmp_path, "b")
    options = IngestOptions(read=ReadOptions(date="2026-01-05"), dry_run=True)
    old = Archive.open(settings).briefings()[-1]
    (planned,) = ingest_quietly([other], settings, options).files
    (file,) = ingest_quietly(
        [other], settings, IngestOptions(read=ReadOptions(date="2026-01-05"))
    ).files
    assert file.outcome == planned.outcome == "new"
    assert warned(file) == warned(planned)
    (message,) = warned(file)
    assert old.id in message
    assert old.date in message


def test_no_sample_is_flagged(samples: list[Path], sample_home: Path) -> None:
    """Their series, headings and phrases are the same, their texts aren't."""
    archive = Archive.open(Settings(sample_home))
    for entry in archive.briefings():
        briefing = archive.show(entry.id)[0].briefing
        assert not archive._catalog.briefings.nearly_identical(briefing)
        assert "near_identical" not in {warning.code for warning in briefing.warnings}


def test_what_issues_share_as_a_matter_of_course_is_no_copy(
    tmp_path: Path, tiny_model: Path
) -> None:
    """Short issues with the same headings and a paragraph of boilerplate."""
    house = "本简报由某协会新产业委员会根据公开信息整理，仅供内部参考，不构成任何投资建议。"
    news = (
        "财政部公布上半年收支情况，一般公共预算收入同比增长，税收收入由降转升。",
        "气象台发布台风蓝色预警，沿海多个港口暂停作业，渔船回港避风。",
    )
    folder = tmp_path / "made"
    folder.mkdir()
    paths = [
        make_briefing(folder, f"2026-05-0{day}", {"要闻": text, "说明": house})
        for day, text in enumerate(news, 5)
    ]
    report = ingest_quietly(paths, Settings(tmp_path / "home", model=str(tiny_model)))
    assert [warned(file) for file in report.files] == [[], []]


def test_a_sketch_tells_how_far_texts_agree() -> None:
    chance = random.Random(0)
    letters = [chr(0x4E00 + chance.randrange(3000)) for _ in range(2000)]
    text = "".join(letters)
    other = "".join(letters[:1000]) + "".join(
        chr(0x9000 + chance.randrange(900)) for _ in range(1000)
    )
    sketch = minhash_of(text)
    for compared, expected in (
        (text, 1.0),
        (" ".join(text), 1.0),
        (other, 1 / 3),
        ("甲" * 99, 0.0),
    ):
        (found,) = agreement(sketch, minhash_of(compared))
        assert abs(found - expected) < 0.13
    assert minhash_of("短文") == b""


def test_an_archive_of_an_earlier_program_gets_a_history(
    settings: Settings, samples: list[Path], tmp_path: Path
) -> None:
    """Schema 5 knew no removed briefings, versions, sketches, changes and corrections."""
    old = Archive.open(settings).briefings()[-1].id
    (new,) = ingest_quietly([revision(samples[0], tmp_path, "b")], settings).files
    before = standing(Archive.open(settings))
    with sqlite3.connect(settings.catalog) as db:
        for table in ("change", "correction"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DROP INDEX briefing_version")
        for column in ("file_name", "sketch", "document", "version"):
            db.execute(f"ALTER TABLE briefing DROP COLUMN {column}")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = replace(sql, ', ''removed''', '')")
        db.execute("PRAGMA user_version = 5")
    db.close()
    archive = Archive.open(settings)
    assert standing(archive) == before
    assert archive.changes() == []
    assert run(settings, "remove", str(new.briefing_id)).exit_code == 0
    assert standing(archive)[old] == ("live", None)
    assert run(settings, "restore", str(new.briefing_id)).exit_code == 0
    assert standing(archive) == before
    assert [change.action for change in archive.changes()] == ["restored", "removed"]
    with open_writer(settings, "testing") as writer:
        briefing = archive.show(str(new.briefing_id))[0].briefing
        assert writer.catalog.briefings.nearly_identical(replace(briefing, date="2026-01-05"))
    for problem in sqlite3.connect(settings.catalog).execute("PRAGMA foreign_key_check"):
        pytest.fail(str(problem))


def test_a_reader_kept_open_finds_what_one_opened_now_does(
    settings: Settings, samples: list[Path]
) -> None:
    """A reader reads only what is new where nothing else has changed, so it must know when."""
    random_ = random.Random(8)
    kept = Archive.open(settings)
    unread = [*samples[4:10]]
    gone: list[str] = []

    def found(reader: Archive) -> list[dict[str, Any]]:
        asked: tuple[tuple[str, Mode], ...] = (("稀土", "semantic"), ("出口管制", "keyword"))
        wheres = (Filter(), Filter(topics=("低空经济",)), Filter(since=Date(2026, 6, 1)))
        return [
            as_plain(reader.search_page(query, mode=mode, where=where, limit=50)) | {"took_ms": 0}
            for query, mode in asked
            for where in wheres
        ]

    for _ in range(12):
        step = random_.choice(["take in", "take in", "take in", "remove", "restore", "edit"])
        if step == "take in" and unread:
            ingest_quietly([unread.pop()], settings)
        else:
            with open_writer(settings, "test") as writer:
                live = [b.id for b in kept.briefings() if b.status == "live"]
                if step == "restore" and gone:
                    writer.restore(gone.pop())
                elif step == "edit":
                    writer.edit(random_.choice(live), Edit(topics=("低空经济",)))
                elif len(live) > 2:
                    gone.append(random_.choice(live))
                    writer.remove(gone[-1])
                writer.reconcile()
        assert found(kept) == found(Archive.open(settings)), step


def test_what_an_interrupted_writer_read_is_not_believed_by_the_next(settings: Settings) -> None:
    first, second = (briefing.id for briefing in Archive.open(settings).briefings()[:2])

    def interrupted() -> None:
        with open_writer(settings, "test") as writer, writer.catalog.transaction():
            writer.catalog.changes.remove(first)
            assert first not in writer.catalog.snapshot().briefing.values
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with open_writer(settings, "test") as writer:
        writer.catalog.changes.remove(second)  # the second change of this number
        values = writer.catalog.snapshot().briefing.values
        assert first in values
        assert second not in values

"""The whole archive as one file, and back: the same answers, under load, and never half of it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, Filter, Settings
from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError, BusyError, UsageError
from archive.index.keyword_index import KeywordIndex
from archive.keeping.corrections import Edit
from archive.keeping.doctor import mend
from archive.keeping.export_file import Contents, open_export
from archive.keeping.exporting import export_archive
from archive.keeping.import_check import find_fault
from archive.keeping.importing import import_archive
from archive.keeping.reconciliation import Reconciliation
from archive.keeping.records import Exported, Imported
from archive.keeping.reindexing import reindex
from archive.keeping.writer import ARCHIVE_ID
from archive.keeping.writing import open_writer
from archive.store.catalog import Catalog
from archive.store.locks import hold
from archive.store.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION
from benchmarks.hostile_exports import Export, mutations
from tests.commands import archive, start
from tests.conftest import SAMPLES, copied, ingest_quietly
from tests.small_encoder import save_encoder

TOPICS = '[[topic]]\nname = "降准"\nkeywords = ["降准"]\ndescription = "央行降低准备金率"\n'
OTHER = b"#" * len(TOPICS.encode())


def export(settings: Settings, file: Path) -> Exported:
    return export_archive(settings, file, lambda _: None)


def restore(settings: Settings, file: Path) -> Imported:
    return import_archive(settings, file, lambda _: None)


def tree(folder: Path) -> dict[str, bytes]:
    """All files in a folder by their names."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def all_rows(catalog: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that a catalogue holds, but what is an archive's own."""
    db = sqlite3.connect(catalog)
    # How the full-text tables part their words among segments is no matter.
    names = """SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%_data'
        AND name NOT LIKE '%_idx' ORDER BY name"""
    rows = {
        name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for (name,) in db.execute(names).fetchall()
    }
    db.close()
    own = ("archive id", "generation", "rewrites", "settled generation")
    rows["meta"] = [row for row in rows["meta"] if row[0] not in own]
    rows["change"] = [row for row in rows["change"] if "imported" not in row]
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Settings:
    """An archive of three briefings with topics of its own and a tiny encoder; read only."""
    home = tmp_path_factory.mktemp("made") / "home"
    home.mkdir()
    (home / "topics.toml").write_text(TOPICS, encoding="utf-8")
    settings = Settings(home, model=str(tiny_model))
    ingest_quietly(sorted(SAMPLES.glob("*.pdf"))[:3], settings)
    return settings


@pytest.fixture(scope="module")
def exported(made: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of it."""
    file = tmp_path_factory.mktemp("exported") / "archive.zip"
    export(made, file)
    return file


@pytest.fixture(scope="module")
def full(made: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of it with something in every table."""
    home = tmp_path_factory.mktemp("full") / "home"
    copied(made.home, home)
    settings = replace(made, home=home)
    archive = Archive.open(settings)
    archive.save_watch("稀土", "稀土 出口", mode="keyword")
    archive._catalog.notes.add_report(
        "2026-11-27T10:00:00+00:00", "多少家？", "38 家", "应为 39 家", most=9
    )
    with open_writer(settings, "testing") as writer:
        first = archive.briefings()[0].id
        writer.edit(first, Edit(date="2026-03-09", topics=("降准",)))
    file = home.parent / "full.zip"
    export(settings, file)
    return file


@pytest.fixture
def own(made: Settings, tmp_path: Path) -> Settings:
    """A copy of the archive that a test may change."""
    home = tmp_path / "own"
    copied(made.home, home)
    return replace(made, home=home)


@pytest.fixture
def there(made: Settings, tmp_path: Path) -> Settings:
    """Where to import to: there is nothing yet."""
    return replace(made, home=tmp_path / "new" / "home")


# --- the same archive on both sides --------------------------------------------------------------


def test_everything_gives_the_same_on_both_sides(sample_home: Path, tmp_path: Path) -> None:
    file, home = tmp_path / "备份 one.zip", tmp_path / "new" / "home"
    run = archive("export", file, "--json", home=sample_home)
    assert run.code == 0, run.err
    assert run.json["file"] == str(file)
    assert run.json["bytes"] == file.stat().st_size
    assert run.json["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert run.json["briefings"] == run.json["pdfs"] == 29
    assert [path.name for path in tmp_path.iterdir()] == [file.name]

    run = archive("import", file, "--json", home=home)
    assert run.code == 0, run.err
    assert run.json["briefings"] == run.json["pdfs"] == 29
    assert run.json["lost"] == run.json["notes"] == []
    first = Archive.open(Settings(sample_home)).briefings()[0].id
    for command in (
        ("search", "稀土 出口"), ("search", "管道", "--mode", "semantic"), ("list",), ("topics",),
        ("ask", "通用许可首批发给了多少家企业？"), ("show", first), ("stories",), ("doctor",),
    ):  # fmt: skip
        before, after = (archive(*command, "--json", home=h) for h in (sample_home, home))
        assert before.code == after.code == 0
        assert comparable(before.json, sample_home) == comparable(after.json, home)
    assert all_rows(home / "catalog.sqlite3") == all_rows(sample_home / "catalog.sqlite3")


def comparable(document: dict[str, Any], home: Path) -> str:
    """A document without what differs from run to run and from folder to folder."""
    document.pop("took_ms", None)
    if "checks" in document:
        document["checks"] = [c for c in document["checks"] if c["name"] != "disk"]
    return json.dumps(document).replace(str(home), "HOME")


def test_an_import_is_an_archive_of_its_own(
    made: Settings, exported: Path, there: Settings
) -> None:
    """Two archives with one id would share a collection on a Chroma server."""
    restore(there, exported)
    before, after = (Catalog.open(s.catalog).meta(ARCHIVE_ID) for s in (made, there))
    assert after
    assert after != before
    assert (there.home / "topics.toml").read_text(encoding="utf-8") == TOPICS
    more = ingest_quietly(sorted(SAMPLES.glob("*.pdf"))[:4], there)
    assert more.counts["new"] == 1
    assert more.counts["unchanged"] == 3
    again = there.home.parent / "again.zip"
    assert export(there, again).briefings == 4


def test_what_an_earlier_program_exported_is_brought_up_to_date(
    exported: Path, there: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program of tomorrow has a table more."""
    for module in ("archive.store.database", "archive.store.copies"):
        monkeypatch.setattr(f"{module}.SCHEMA_VERSION", SCHEMA_VERSION + 1)
        monkeypatch.setattr(f"{module}.SCHEMA", SCHEMA + "CREATE TABLE later (what TEXT);\n")
    monkeypatch.setitem(MIGRATIONS, SCHEMA_VERSION, "CREATE TABLE later (what TEXT)")
    assert restore(there, exported).briefings == 3
    assert all_rows(there.catalog)["later"] == []


def test_with_another_encoder_it_is_imported_and_says_so(
    exported: Path, there: Settings, tmp_path: Path
) -> None:
    save_encoder(tmp_path / "other", "□？问文：出口", size=8)
    other = replace(there, model=str(tmp_path / "other"))
    imported = restore(other, exported)
    assert "archive reindex" in imported.notes[0]
    assert Archive.open(other).search("稀土", mode="keyword")
    with open_writer(other, "testing", reindexing=True) as writer:
        reindex(writer, lambda _: None)
    assert Archive.open(other).search("稀土")
    missing = replace(there, model=str(tmp_path / "none"), home=tmp_path / "third")
    assert "vector index" in restore(missing, exported).notes[0]


def test_a_chroma_server_that_is_down_does_not_lose_the_import(
    exported: Path, there: Settings
) -> None:
    away = replace(there, chroma_url="http://127.0.0.1:9")
    assert "does not answer" in restore(away, exported).notes[0]
    with open_writer(there, "testing") as writer:
        assert writer.reconcile().missing > 0


# --- what is packed ------------------------------------------------------------------------------


def test_a_briefing_half_in_is_left_out(own: Settings, there: Settings, tmp_path: Path) -> None:
    whole = export(own, tmp_path / "before.zip")
    catalog = Catalog.open(own.catalog)
    stored = catalog.briefings.find(catalog.briefings.all()[0].id)
    assert stored
    card = replace(catalog.passages.of_briefing(stored.briefing.id)[0].briefing, id="half-in")
    passages = [
        replace(passage, id=f"half-{number}", briefing=card, text=f"半途而废 {passage.text}")
        for number, passage in enumerate(catalog.passages.of_briefing(stored.briefing.id))
    ]
    _, vectors = catalog.passages.vectors(
        [p.id for p in catalog.passages.of_briefing(stored.briefing.id)]
    )
    half = replace(stored.briefing, id="half-in", date="2020-01-01", file_hash="0" * 64)
    with catalog.transaction():
        catalog.changes.insert_pending(half, passages, vectors, None)
        KeywordIndex(catalog, load_lexicon(own.home)).add([passage.id for passage in passages])
    catalog.close()
    export(own, tmp_path / "after.zip")
    restore(there, tmp_path / "after.zip")
    copy = Catalog.open(there.catalog)
    assert len(copy.passages.all_ids()) == len(copy.full_text.indexed_keys()) == whole.passages
    assert "半途而废" not in "".join(map(str, all_rows(there.catalog)["words_content"]))


def test_a_pdf_that_is_gone_or_damaged_is_named(
    own: Settings, there: Settings, tmp_path: Path
) -> None:
    gone, damaged, _ = sorted(own.files.glob("*.pdf"))
    gone.unlink()
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    run = archive("export", tmp_path / "it.zip", "--json", home=own.home)
    assert run.code == 3
    assert run.err.count("without its PDF") == 2
    assert [pdf["file_hash"] for pdf in run.json["lost"]] == [gone.stem, damaged.stem]
    assert run.json["pdfs"] == 1
    imported = restore(there, tmp_path / "it.zip")
    assert (imported.briefings, imported.pdfs, len(imported.lost)) == (3, 1, 2)


def test_a_briefing_removed_meanwhile_is_left_out(
    own: Settings, there: Settings, tmp_path: Path
) -> None:
    file_hash, briefing_id = max(Catalog.open(own.catalog).briefings.file_hashes().items())

    def remove_last(_: int) -> None:
        with sqlite3.connect(own.catalog) as db:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("DELETE FROM briefing WHERE id = ?", (briefing_id,))
        db.close()
        (own.files / f"{file_hash}.pdf").unlink(missing_ok=True)

    done = export_archive(own, tmp_path / "it.zip", remove_last)
    assert (done.briefings, done.pdfs, done.lost) == (2, 2, ())
    restore(there, tmp_path / "it.zip")
    assert Archive.open(there).briefings() == Archive.open(own).briefings()


def test_a_damaged_catalogue_is_not_exported(own: Settings, tmp_path: Path) -> None:
    db = sqlite3.connect(own.catalog)
    db.execute("DELETE FROM words_content WHERE id = 1")
    db.commit()
    db.close()
    with pytest.raises(ArchiveError, match="damaged"):
        export(own, tmp_path / "it.zip")
    assert not list(tmp_path.glob("*.zip"))


def test_where_an_export_can_go(made: Settings, tmp_path: Path) -> None:
    file = tmp_path / "it.zip"
    file.write_text("mine")
    nowhere = replace(made, home=tmp_path / "none")
    for settings, place in (
        (made, file), (made, tmp_path), (made, tmp_path / "none" / "it.zip"),
        (nowhere, tmp_path / "two.zip"),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            export(settings, place)
    assert tree(tmp_path) == {"it.zip": b"mine"}
    assert archive("export", file, "--force", home=made.home).code == 0
    assert zipfile.is_zipfile(file)
    assert [path.name for path in tmp_path.iterdir()] == ["it.zip"]


@pytest.mark.parametrize("part", [0.3, 0.7])
def test_a_full_disk_leaves_nothing(
    made: Settings, exported: Path, tmp_path: Path, part: float
) -> None:
    """A limit on a file's size stands for it: first on the catalogue's copy, then on the export."""
    copy = made.catalog.stat().st_size
    most = int(copy * part) if part < 0.5 else (copy + exported.stat().st_size) // 2
    (tmp_path / "it.zip").write_text("mine")
    run = subprocess.run(
        [sys.executable, "-m", "archive", "export", tmp_path / "it.zip", "--force"],
        env=dict(os.environ) | {"ARCHIVE_HOME": str(made.home)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "free space" in run.stderr
    assert "Traceback" not in run.stderr
    assert tree(tmp_path) == {"it.zip": b"mine"}


# --- under load ----------------------------------------------------------------------------------


def test_exports_during_an_ingest_are_whole(own: Settings, tmp_path: Path) -> None:
    samples = sorted(SAMPLES.glob("*.pdf"))[3:9]
    errors: list[BaseException] = []
    ended = threading.Event()

    def read_on() -> None:
        reader = Archive.open(own)
        try:
            while not ended.is_set():
                assert reader.search("稀土 出口", mode="keyword")
        except BaseException as error:
            errors.append(error)

    reading = threading.Thread(target=read_on)
    reading.start()
    ingest = start("ingest", *samples, environment=own.environment)
    files: list[Path] = []
    try:
        while ingest.poll() is None:
            files.append(tmp_path / f"{len(files)}.zip")
            export(own, files[-1])
            time.sleep(0.1)
    finally:
        ended.set()
        reading.join()
        done = ingest.wait()
    assert done.code == 0, done.err
    assert not errors
    export(own, tmp_path / "last.zip")
    whole = all_rows(own.catalog)["passage"]
    for file in (*files[:: max(1, len(files) // 3)], tmp_path / "last.zip"):
        home = replace(own, home=tmp_path / file.stem)
        imported = restore(home, file)
        passages = all_rows(home.catalog)["passage"]
        owners = {row[2] for row in passages}
        assert len(owners) == imported.briefings
        assert passages == [row for row in whole if row[2] in owners]
    assert imported.briefings == 9


# --- what is refused -----------------------------------------------------------------------------


def test_a_changed_byte_is_refused_or_changes_nothing_that_comes_in(
    exported: Path, there: Settings, tmp_path: Path
) -> None:
    there.home.mkdir(parents=True)
    (there.home / "topics.toml").write_text(TOPICS, encoding="utf-8")
    before = tree(tmp_path)
    whole = bytearray(exported.read_bytes())
    packed, told = unpacked(exported, tmp_path)
    chance = random.Random(8)
    contents = range(100, whole.index(b"PK\1\2"))
    lists = [*range(64), *range(len(whole) - 300, len(whole))]
    bad = tmp_path / "bad.zip"
    for place in [*lists, *chance.sample(contents, 150)]:
        was = whole[place]
        whole[place] ^= 1 << chance.randrange(8)
        bad.write_bytes(whole)
        try:
            assert unpacked(bad, tmp_path) == (packed, told)  # a member's date, say
        except ArchiveError:
            with pytest.raises(ArchiveError, match="whole and sound"):
                restore(there, bad)
        whole[place] = was
    for other in (
        b"", whole[:40], whole[:-1], whole[: len(whole) // 2], whole + b"\n", b"\n" + whole,
        whole + whole, b"not an export of anything at all, but long enough to be one" * 9,
    ):  # fmt: skip
        bad.write_bytes(other)
        with pytest.raises(ArchiveError, match="whole and sound"):
            restore(there, bad)
    bad.unlink()
    assert tree(tmp_path) == before


def unpacked(file: Path, folder: Path) -> tuple[dict[str, bytes], Contents]:
    """All that is in an export, and what it says of itself."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch, open_export(file) as export:
        export.unpack(Path(scratch), lambda _: None)
        return tree(Path(scratch)), export.contents


def test_an_export_with_the_seal_of_earlier_versions_is_imported(
    exported: Path, there: Settings, tmp_path: Path
) -> None:
    sealed = tmp_path / "sealed.zip"
    shutil.copy(exported, sealed)
    with zipfile.ZipFile(sealed, "a") as packed:
        packed.comment = b"sha256:" + b"0" * 64
    assert restore(there, sealed).briefings == 3


def changed(
    file: Path,
    folder: Path,
    *,
    manifest: dict[str, Any] | None = None,
    members: Callable[[dict[str, bytes]], dict[str, bytes]] = lambda packed: packed,
    catalogue: Callable[[sqlite3.Connection], object] | None = None,
    entry: Callable[[zipfile.ZipInfo], object] = lambda entry: None,
    listed: bool = True,
) -> Path:
    """An export made otherwise, with a manifest that fits if `listed`."""
    with zipfile.ZipFile(file) as whole:
        packed = {name: whole.read(name) for name in whole.namelist()}
    told = json.loads(packed.pop("manifest.json"))
    if catalogue:
        path = folder / "changed.sqlite3"
        path.write_bytes(packed["catalog.sqlite3"])
        with sqlite3.connect(path) as db:
            catalogue(db)
        db.close()
        packed["catalog.sqlite3"] = path.read_bytes()
        path.unlink()
    packed = members(packed)
    if listed:
        told["members"] = [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in packed.items()
        ]
    told |= manifest or {}
    made = folder / "changed.zip"
    with zipfile.ZipFile(made, "w") as other:
        for name, data in packed.items():
            info = zipfile.ZipInfo(name)
            entry(info)
            other.writestr(info, data)
        other.writestr("manifest.json", json.dumps(told))
    return made


def without(name: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """What leaves out the first member whose name begins so."""

    def drop(packed: dict[str, bytes]) -> dict[str, bytes]:
        gone = next(each for each in packed if each.startswith(name))
        return {each: data for each, data in packed.items() if each != gone}

    return drop


def also(name: str, data: bytes = b"x") -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda packed: packed | {name: data}


def as_link(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = 0o120777 << 16


def compressed(entry: zipfile.ZipInfo) -> None:
    entry.compress_type = zipfile.ZIP_DEFLATED


def half_in(db: sqlite3.Connection) -> None:
    db.execute("UPDATE briefing SET state = 'pending' WHERE rowid = 1")


def without_words(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM words_content WHERE id = 1")


def with_a_trigger(db: sqlite3.Connection) -> None:
    db.execute("CREATE TRIGGER later AFTER INSERT ON run BEGIN DELETE FROM briefing; END")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"members": also("../outside.pdf")}, "no archive has"),
        ({"members": also("/tmp/outside.pdf")}, "no archive has"),
        ({"members": also("files\\..\\outside.pdf")}, "no archive has"),
        ({"members": also("files/../../outside.pdf")}, "no archive has"),
        ({"members": also("staff.json")}, "no archive has"),
        ({"members": also("lexicon/")}, "no archive has"),
        ({"members": also(f"files/{'0' * 64}.pdf")}, "not the PDF that its name says"),
        ({"members": also(f"files/{hashlib.sha256(b'x').hexdigest()}.pdf")}, "of no briefing"),
        ({"members": also("topics.toml", OTHER), "listed": False}, "not what the manifest says"),
        ({"members": also("lexicon/aliases.txt"), "listed": False}, "what its manifest lists"),
        ({"members": without("files/")}, "pdf isn't in it"),
        ({"members": without("files/"), "listed": False}, "what its manifest lists"),
        ({"members": without("catalog")}, "catalog.sqlite3 isn't in it"),
        ({"members": also("catalog.sqlite3", b"nothing")}, "catalog.sqlite3 can't be read"),
        ({"members": also("catalog.sqlite3", b"")}, "another program's"),
        ({"entry": as_link}, "packs it"),
        ({"entry": compressed}, "unpack to more|packs it"),
        ({"catalogue": half_in}, "half in it"),
        ({"catalogue": without_words}, "lack 1 passages"),
        ({"catalogue": lambda db: db.execute("DROP TABLE page")}, "lacks page"),
        ({"catalogue": with_a_trigger}, "runs by itself"),
        ({"catalogue": lambda db: db.execute("DELETE FROM briefing")}, "belong to nothing"),
        ({"manifest": {"format": "other"}}, "another kind"),
        ({"manifest": {"passages": 1}}, "counts"),
        ({"manifest": {"passages": "1"}}, "another form"),
        ({"manifest": {"members": None}}, "another form"),
        ({"manifest": {"members": [{"name": "catalog.sqlite3"}]}}, "another form"),
        ({"manifest": {"format_version": 2}}, "update the program"),
        ({"manifest": {"schema": 99}}, "update the program"),
    ],
)
def test_what_no_export_has_is_refused(
    exported: Path, there: Settings, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    bad = changed(exported, tmp_path, **change)
    before = tree(tmp_path)
    with pytest.raises(ArchiveError) as refusal:
        restore(there, bad)
    assert any(word in str(refusal.value) for word in why.split("|")), refusal.value
    assert tree(tmp_path) == before
    assert not there.home.parent.exists()


def sql(*statements: str) -> dict[str, Any]:
    """A change of the catalogue by SQL, whatever it makes of it."""

    def change(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            db.execute(statement)

    return {"catalogue": change}


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
WITH_SCHEMA = "PRAGMA writable_schema = ON"
LEXICON, NAMES = "lexicon/user_dict.txt", "lexicon/aliases.txt"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        # The file's form.
        (sql("DROP TABLE report", f"CREATE VIEW report AS {ENDLESS}"), "'report', which runs"),
        (sql("CREATE TABLE more (x)"), "table 'more'"),
        (sql("CREATE INDEX i ON page (hex(zeroblob(9)))"), "index 'i'"),
        (sql("ALTER TABLE page ADD COLUMN g AS (hex(zeroblob(9)))"), "table 'page' is made"),
        (
            sql(
                WITH_SCHEMA,
                "UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE words USING evil(x)' "
                "WHERE name = 'words'",
            ),
            "table 'words' is made",
        ),
        (sql("ALTER TABLE page DROP COLUMN confidence"), "lacks page.confidence"),
        (sql("PRAGMA application_id = 1"), "another program"),
        (sql("PRAGMA user_version = 0"), "schema version 0"),
        (sql("PRAGMA user_version = -3"), "schema version -3"),
        (sql("PRAGMA user_version = 99"), "schema version 99"),
        # Values of another type, or beyond bounds.
        (sql("UPDATE briefing SET title = x'ff00' WHERE rowid = 1"), "briefing.title holds bytes"),
        (sql("UPDATE briefing SET title = CAST(x'ff' AS TEXT)"), "UTF-8"),
        (sql("UPDATE section SET level = 'deep'"), "section.level holds str"),
        (sql("UPDATE passage SET vector = 'x' WHERE key = 1"), "passage.vector holds str"),
        (sql("UPDATE run SET seconds = 9e999"), "run.seconds holds inf"),
        (sql("UPDATE watch SET seen_key = -1"), "watch.seen_key holds -1"),
        (sql("UPDATE section SET level = 1000000"), "level 1000000"),
        (
            sql(
                "UPDATE passage SET text = replace(hex(zeroblob(6000)), '0', '字') WHERE key = 1",
            ),
            "12000 characters",
        ),
        # What is written as JSON, dates, filters.
        (sql("UPDATE briefing SET warnings = '[[1]]'"), "warnings[0] is [1]"),
        (sql("""UPDATE briefing SET warnings = '[{"code": 1}]'"""), "briefing '"),
        (sql("""UPDATE briefing SET dates = '[{"date": "x", "role": "issued",
            "place": "title block"}]'"""), "not a date"),
        (sql("UPDATE briefing SET date = '2026-13'"), "briefing '"),
        (sql("UPDATE briefing SET first_day = 20200101"), "its days aren't"),
        (sql("UPDATE briefing SET sketch = x'01'"), "sketch has 1 bytes"),
        (sql("UPDATE reference SET date = 'yesterday'"), "not a date"),
        (sql("UPDATE section SET path = '{}'"), "section '"),
        (sql("""UPDATE section SET path = '["\\ud800"]'"""), "section '"),
        (sql("UPDATE passage SET page_starts = '[]'"), "no page begins"),
        (sql("UPDATE passage SET page_starts = '[[0, 1], [9999, 1]]'"), "outside its text"),
        (sql(f"UPDATE section SET page_starts = '{'[' * 90000}'"), "RecursionError"),
        (sql("UPDATE page SET quality = 'superb'"), "quality is 'superb'"),
        (sql("""UPDATE watch SET filter = '{"since": "soon"}'"""), "not a date: 'soon'"),
        (sql("""UPDATE watch SET filter = '{"topics": "abc"}'"""), "written otherwise"),
        (sql("UPDATE watch SET mode = 'psychic'"), "mode is 'psychic'"),
        (sql("UPDATE watch SET name = char(27) || '[31m'"), "can't be called"),
        (sql("""UPDATE run SET counts = '{"new": "many"}'"""), "run "),
        (sql("""UPDATE change SET detail = '{"changes": {"date": 5}}'"""), "change "),
        (sql("UPDATE change SET detail = '{\"at\": 9e999}'"), "change "),
        (sql("UPDATE change SET action = 'forged'"), "action is 'forged'"),
        (
            sql("UPDATE correction SET value = '\"soon\"' WHERE field = 'date'"),
            "not a briefing's date",
        ),
        (sql("UPDATE correction SET value = '5'"), "correction '"),
        (sql("UPDATE meta SET value = 'x' WHERE key = 'generation'"), "'generation': 'x'"),
        (sql("UPDATE meta SET value = 'x' WHERE key = 'vector index'"), "is no encoder"),
        (
            sql("""UPDATE meta SET value = json_object(hex(zeroblob(1000000)), 3)
                WHERE key LIKE 'lexicon%'"""),
            "no words of a lexicon",
        ),
        (sql("UPDATE meta SET value = '{' WHERE key LIKE 'passages%'"), "meta"),
        # What doesn't go together.
        (sql("UPDATE passage SET vector = zeroblob(64) WHERE key = 2"), "unit length"),
        (sql("UPDATE passage SET vector = zeroblob(8) WHERE key = 2"), "16 dimensions"),
        (sql("INSERT OR REPLACE INTO link VALUES (1, 2, 1), (2, 1, 1)"), "goes on with itself"),
        (sql("INSERT OR REPLACE INTO link VALUES (1, 9999, 1)"), "rows of link"),
        (sql("UPDATE briefing SET replaced_by = id WHERE rowid = 1"), "replaces itself"),
        (sql("DELETE FROM page"), "on no page of it"),
        (sql("UPDATE passage SET text = '别的' WHERE key = 1"), "aren't the text"),
        # The lists.
        ({"members": also(LEXICON, ("词" * 2_000_000).encode())}, f"{LEXICON} can't be read"),
        ({"members": also(LEXICON, f"词 {'9' * 5000}".encode())}, f"{LEXICON}, line 1"),
        ({"members": also(LEXICON, b"\xff\xfe")}, f"{LEXICON} can't be read"),
        ({"members": also(NAMES, "名 =".encode())}, f"{NAMES}, line 1"),
        ({"members": also("topics.toml", b"[[topic")}, "read from topics.toml"),
        ({"members": also("topics.toml", b"topic = " + b"[" * 5000)}, "read from topics.toml"),
    ],
)  # fmt: skip
def test_what_could_not_be_read_is_refused(
    full: Path, there: Settings, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    bad = changed(full, tmp_path, **change)
    before = tree(tmp_path)
    with pytest.raises(ArchiveError) as refusal:
        restore(there, bad)
    told = str(refusal.value)
    assert why in told
    assert "catalog.sqlite3" in told or "members" in change
    assert len(told) < 1000
    assert tree(tmp_path) == before
    assert not there.home.parent.exists()


@pytest.mark.parametrize("version", [0, -3])
def test_a_catalogue_of_no_version_is_not_opened(own: Settings, version: int) -> None:
    with sqlite3.connect(own.catalog) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()
    with pytest.raises(UsageError, match=f"schema version {version}"):
        Catalog.open(own.catalog)


def test_a_row_beyond_bounds_is_not_read(
    full: Path, there: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.store.untrusted_catalogue.LONGEST_ROW", 10**5)
    bad = changed(full, tmp_path, **sql("UPDATE page SET text = CAST(zeroblob(110000) AS TEXT)"))
    with pytest.raises(
        ArchiveError, match=r"catalog.sqlite3 can't be read \(string or blob too big"
    ):
        restore(there, bad)


def test_only_the_rows_of_a_file_come_in(full: Path, there: Settings, tmp_path: Path) -> None:
    """Neither its settings, nor a constraint, nor the index of its words."""
    odd = sql(
        WITH_SCHEMA,
        "UPDATE sqlite_schema SET sql = replace(sql, 'title TEXT', 'title TEXT CHECK (title IN "
        "(title, date))') WHERE name = 'report'",
        "PRAGMA writable_schema = RESET",
        "DELETE FROM words_data WHERE id > 1",
        "UPDATE words_config SET v = 99",
        "INSERT INTO characters_content VALUES (9999, 'of', 'no', 'passage')",
    )
    restore(there, changed(full, tmp_path, **odd))
    catalog = Catalog.open(there.catalog)
    assert catalog.audit.check_integrity() == []
    assert catalog.audit.text_differences() == (0, 0)
    assert catalog.full_text.matching("稀土").size
    assert Archive.open(there).search("稀土 出口")


def test_what_could_not_be_imported_is_not_exported(own: Settings, tmp_path: Path) -> None:
    with sqlite3.connect(own.catalog) as db:
        db.execute("UPDATE passage SET vector = zeroblob(64) WHERE key = 1")
    db.close()
    with pytest.raises(ArchiveError, match="doctor --fix"):
        export(own, tmp_path / "it.zip")
    mend(own)
    (own.home / "topics.toml").write_text("[[topic", encoding="utf-8")
    with pytest.raises(UsageError, match="topics"):
        export(own, tmp_path / "it.zip")
    (own.home / "topics.toml").write_text(TOPICS, encoding="utf-8")
    assert export(own, tmp_path / "it.zip").briefings == 3


def test_a_list_of_members_beyond_bounds_is_not_read(there: Settings, tmp_path: Path) -> None:
    """Opening a ZIP reads its list whole: 50 bytes of the file become ten times as many."""
    far = tmp_path / "far.zip"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 2**26, 0, 0)
    far.write_bytes(bytes(2**26) + end)
    with pytest.raises(ArchiveError, match="lists members in 64 MB"):
        restore(there, far)


def test_exports_made_otherwise_are_refused_or_as_good_as_any(
    full: Path, there: Settings, tmp_path: Path
) -> None:
    sound, scratch = Export.read(full), tmp_path / "scratch"
    scratch.mkdir()
    became = Counter[bool]()
    """Whether an archive is there after the import: a whole one."""
    for mutation in mutations(sound, scratch, 30, seed=8):
        try:
            mutation.change(sound, scratch).pack(scratch / "it.zip")
        except sqlite3.Error:
            continue
        with suppress(ArchiveError):
            restore(there, scratch / "it.zip")
        became[there.home.parent.exists()] += 1
        if there.home.parent.exists():
            assert find_fault(Catalog.open(there.catalog)) is None, mutation.name
            shutil.rmtree(there.home.parent)
        (scratch / "it.zip").unlink()
        if became.total() == 30:
            break
    assert became[False] > became[True] > 0


def test_a_name_twice_and_a_zip_of_something_else(
    exported: Path, there: Settings, tmp_path: Path
) -> None:
    twice = tmp_path / "twice.zip"
    shutil.copy(exported, twice)
    with zipfile.ZipFile(twice, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("topics.toml", TOPICS)
    with pytest.raises(ArchiveError, match="a name twice"):
        restore(there, twice)
    with zipfile.ZipFile(twice, "w") as packed:
        packed.writestr("a.txt", "a")
    with pytest.raises(ArchiveError, match="no manifest"):
        restore(there, twice)
    for nothing in (tmp_path, tmp_path / "none.zip"):
        with pytest.raises(UsageError, match="can't be read"):
            restore(there, nothing)


# --- where to -------------------------------------------------------------------------------------


def test_an_archive_that_holds_something_is_not_overwritten(
    own: Settings, exported: Path, there: Settings
) -> None:
    before = all_rows(own.catalog)
    run = archive("import", exported, home=own.home)
    assert run.code == 2
    assert "--home" in run.err
    assert all_rows(own.catalog) == before


def test_an_empty_archive_is_filled_under_its_readers(exported: Path, there: Settings) -> None:
    with open_writer(there, "testing"):
        pass
    reader = Archive.open(there)
    assert reader.briefings() == []
    with hold(there.home / "writer.lock", "testing"), pytest.raises(BusyError):
        restore(there, exported)
    assert reader.briefings() == []
    restore(there, exported)
    assert len(reader.briefings()) == 3
    assert reader.search("稀土")


def test_what_a_home_has_of_its_own_stays(exported: Path, there: Settings) -> None:
    there.home.mkdir(parents=True)
    (there.home / "topics.toml").write_text(TOPICS + "# mine\n", encoding="utf-8")
    with pytest.raises(UsageError, match="move it away"):
        restore(there, exported)
    (there.home / "topics.toml").unlink()
    (there.home / "letters.txt").write_text("private")
    with pytest.raises(UsageError, match="not an archive"):
        restore(there, exported)
    assert [path.name for path in there.home.iterdir()] == ["letters.txt"]


@pytest.mark.parametrize("seen", [".import-*", "catalog.sqlite3", "files", "chroma"])
def test_a_killed_import_goes_through_when_run_again(
    made: Settings, exported: Path, there: Settings, seen: str
) -> None:
    killed = start("import", exported, environment=there.environment)
    while not list(there.home.glob(seen)) and killed.poll() is None:
        time.sleep(0.0005)
    killed.kill()
    killed.wait()
    if not is_filled(there):
        restore(there, exported)
        assert not list(there.home.glob(".import-*"))
    with open_writer(there, "testing") as writer:
        writer.reconcile()  # as every ingest does
        assert writer.reconcile(thoroughly=True) == Reconciliation(0, 0, 0)
    assert all_rows(there.catalog) == all_rows(made.catalog)
    assert Archive.open(there).search("稀土", where=Filter())


def is_filled(settings: Settings) -> bool:
    """Whether there is an archive with something in it."""
    try:
        return bool(Archive.open(settings).briefings())
    except UsageError:
        return False

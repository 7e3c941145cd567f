"""Damage done for real: the doctor names it, `--fix` cures what it can, searches find as before."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from archive import Archive, Settings
from archive.chinese.text import has_han
from archive.cli import cli
from archive.errors import ArchiveError
from archive.index.chroma import chroma_client, find_collection
from archive.index.encoder import open_encoder
from archive.index.vector_index import collection_name
from archive.keeping.doctor import examine, mend
from archive.keeping.records import Check
from archive.keeping.writer import ARCHIVE_ID
from archive.output.messages import CHECKS_ZH
from archive.store.catalog import Catalog
from tests.conftest import copied, ingest_quietly
from tests.made_archive import QUERIES, make_archive, save_telling_encoder

LINE = 90
"""Columns that a check's line takes at most."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An archive of which Chroma has written its index to files; read only."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings(folder / "home", model=str(save_telling_encoder(folder / "model")))
    make_archive(settings, briefings=24, sections=50)
    return settings


@pytest.fixture
def own(made: Settings, tmp_path: Path) -> Settings:
    return _copy(made, tmp_path / "home")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, samples: list[Path], made: Settings) -> Settings:
    """An archive of real PDFs; read only."""
    settings = Settings(tmp_path_factory.mktemp("real") / "home", model=made.model)
    ingest_quietly(samples[:4], settings)
    return settings


@pytest.fixture
def own_real(real: Settings, tmp_path: Path) -> Settings:
    return _copy(real, tmp_path / "home")


def _copy(settings: Settings, home: Path) -> Settings:
    copied(settings.home, home)
    return Settings(home, model=settings.model)


def verdicts(settings: Settings) -> dict[str, str]:
    """The checks that don't pass, each with its message and below that what it concerns."""
    checks = examine(settings)
    assert len({check.name for check in checks}) == len(checks)
    for check in checks:
        assert_speaks_to_people(check)
    return {
        check.name: "\n".join((check.message, *check.details))
        for check in checks
        if check.status != "pass"
    }


def assert_speaks_to_people(check: Check) -> None:
    """In both languages a check says something short, and has a cure unless it passes."""
    assert check.name in CHECKS_ZH
    for message, cure in ((check.message, check.cure), (check.message_zh, check.cure_zh)):
        assert message
        assert "\n" not in message + cure
        assert cell_len(f"{check.status}  {check.name}: {message}") <= LINE, message
        assert bool(cure) == (check.status != "pass"), check
        assert cure.count("`") % 2 == 0
    assert has_han(check.message_zh)
    assert not has_han(check.message + check.cure)
    if cured := commands(check):
        # The same commands in both languages, but for the words that stand for what isn't known.
        assert sorted(map(plain, cured)) == sorted(map(plain, re.findall("`(.+?)`", check.cure_zh)))


def commands(check: Check) -> list[str]:
    return re.findall("`(.+?)`", check.cure)


def plain(command: str) -> str:
    return (
        command.replace("文件夹", "FOLDER").replace("导出文件", "FILE").replace("新FOLDER", "NEW")
    )


def carry_out(check: Check) -> None:
    """The commands of `archive` that a cure names, as they are written, in a shell."""
    own = [command for command in commands(check) if command.startswith("archive ")]
    assert own, check
    for command in own:
        words = shlex.split(command)[1:]
        done = CliRunner().invoke(cli, words)
        assert not done.exception, (command, done.output, done.exception)


def found(settings: Settings, *more: str) -> list[list[tuple[str, float]]]:
    """What is found by words and by meaning."""
    archive = Archive.open(settings)
    lists = [
        [(r.passage.id, round(r.score, 5)) for r in archive.search(query, mode=mode, limit=20)]
        for query in (*QUERIES[:2], *more)
        for mode in ("keyword", "semantic")
    ]
    assert any(lists)
    return lists


def the_collection(settings: Settings, client: Any) -> Any:
    archive_id = Catalog.open(settings.catalog).meta(ARCHIVE_ID) or ""
    collection = find_collection(client, collection_name(archive_id, open_encoder(settings.model)))
    assert collection is not None
    return collection


def sql(settings: Settings, *statements: str) -> None:
    db = sqlite3.connect(settings.catalog)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_a_sound_archive_passes(made: Settings, real: Settings) -> None:
    assert verdicts(made) == {}
    assert verdicts(real) == {}


# --- the catalogue -------------------------------------------------------------------------------


def test_what_the_catalogue_can_give_again(own: Settings) -> None:
    before = found(own)
    sql(
        own,
        "DELETE FROM words WHERE rowid < 40",
        "UPDATE passage SET vector = zeroblob(20) WHERE key = 7",
        "UPDATE passage SET vector = zeroblob(128) WHERE key BETWEEN 90 AND 99",
        "UPDATE briefing SET state = 'pending' WHERE rowid = 3",
        "INSERT INTO link VALUES (999999, NULL, 0)",
    )
    catalog = Catalog.open(own.catalog)
    bad = sorted(catalog.passages.ids([7, *range(90, 100)]))
    sick = verdicts(own)
    assert sick.keys() == {"full text", "vectors", "interrupted", "links"}
    assert sick["full text"] == "39 passages missing from the full-text tables, 0 too many"
    message, *named = sick["vectors"].split("\n")
    assert message == "11 passages without a sound vector of 32 dimensions"
    assert sorted(named) == bad
    assert sick["interrupted"].startswith("1 briefing half taken in")
    assert sick["links"] == "rows of the catalogue that belong to nothing: 1\n1 of link"
    mend(own)
    assert verdicts(own) == {}
    assert found(own) == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE words_data SET block = zeroblob(length(block)) WHERE id > 10",
        "UPDATE characters_content SET c2 = '另' WHERE id = 5",
        "DROP TABLE words_idx",
        "INSERT INTO characters (rowid, title, heading, body) VALUES (99999, '多', '余', '的')",
    ],
)
def test_full_text_tables(own_real: Settings, damage: str) -> None:
    before = found(own_real, "稀土")
    sql(own_real, damage)
    (check,) = (c for c in examine(own_real) if c.status != "pass")
    assert check.name == "full text"
    mend(own_real)
    assert found(own_real, "稀土") == before
    assert not Catalog.open(own_real.catalog).audit.check_integrity()


def test_an_index_of_sqlite_is_made_anew(own_real: Settings) -> None:
    own = own_real
    db = sqlite3.connect(own.catalog)
    index = db.execute("SELECT * FROM sqlite_schema WHERE name = 'briefing_day'").fetchone()
    db.executescript("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema "
                     "WHERE name = 'briefing_day'")  # fmt: skip
    db.close()
    sql(own, "UPDATE briefing SET first_day = first_day + 1, last_day = last_day + 1")
    db = sqlite3.connect(own.catalog)
    db.execute("PRAGMA writable_schema = ON")
    db.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", index)
    db.commit()
    db.close()
    sick = verdicts(own)
    assert "briefing_day" in sick["catalogue"]
    mend(own)
    assert verdicts(own) == {}


def test_passages_that_are_not_their_text(
    own_real: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_MODEL", str(own_real.model))
    before = found(own_real, "稀土")
    archive = Archive.open(own_real)
    broken = archive.briefings()[-1].id
    sql(own_real, f"UPDATE passage SET text = text || '。' WHERE briefing_id = '{broken}'")
    assert broken in verdicts(own_real)["text"]
    carry_out(next(check for check in examine(own_real) if check.name == "text"))
    assert verdicts(own_real) == {}
    assert set(found(own_real, "稀土")[0]) == set(before[0])


def test_a_briefing_that_was_lost_comes_back_from_its_pdf(own_real: Settings) -> None:
    before = found(own_real, "稀土")
    sql(own_real, "DELETE FROM briefing WHERE rowid = 2")  # and all its rows stay
    sick = verdicts(own_real)
    assert {"links", "orphan files", "full text"} <= set(sick)
    assert "of page" in sick["links"]
    mend(own_real)
    assert set(verdicts(own_real)) == {"set aside"}
    report = ingest_quietly([own_real.files / "orphans"], own_real)
    assert report.counts["new"] == 1
    assert verdicts(own_real) == {}
    assert sorted(map(sorted, found(own_real, "稀土"))) == sorted(map(sorted, before))


def test_a_lost_write_ahead_log(real: Settings, samples: list[Path], tmp_path: Path) -> None:
    """What was taken in since the last checkpoint is gone from the catalogue, and comes back."""
    live = _copy(real, tmp_path / "live")
    open_reader = sqlite3.connect(live.catalog)
    open_reader.execute("SELECT count(*) FROM briefing").fetchone()  # keeps the log from going
    ingest_quietly(samples[4:5], live)
    before = found(live, "稀土")
    crashed = Settings(tmp_path / "crashed", model=live.model)
    shutil.copytree(live.home, crashed.home, ignore=shutil.ignore_patterns("*.lock", "*-shm"))
    open_reader.close()
    log = crashed.home / "catalog.sqlite3-wal"
    assert log.stat().st_size
    log.write_bytes(bytes(log.stat().st_size))
    sick = verdicts(crashed)
    assert {"orphan files", "chroma"} <= set(sick)
    mend(crashed)
    assert set(verdicts(crashed)) == {"set aside"}
    ingest_quietly([crashed.files / "orphans"], crashed)
    assert verdicts(crashed) == {}
    assert found(crashed, "稀土") == before


def test_a_damaged_file_and_its_cure(own_real: Settings, tmp_path: Path) -> None:
    before = found(own_real, "稀土")
    sqlite3.connect(own_real.catalog).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(own_real.catalog.read_bytes())
    data[4096 * 8 : -4096 * 8] = b"\xaa" * (len(data) - 4096 * 16)
    own_real.catalog.write_bytes(data)
    check = examine(own_real)[-1]
    assert (check.name, check.status) == ("catalogue", "fail")
    assert f"archive ingest {own_real.files} --home" in check.cure
    with pytest.raises((ArchiveError, sqlite3.DatabaseError)):
        mend(own_real)
    anew = Settings(tmp_path / "anew", model=own_real.model)
    ingest_quietly([own_real.files], anew)
    assert verdicts(anew) == {}
    assert [set(one) for one in found(anew, "稀土")] == [set(one) for one in before]


# --- the PDFs ------------------------------------------------------------------------------------


def test_stored_pdfs(own_real: Settings, samples: list[Path]) -> None:
    before = {path.name: path.read_bytes() for path in own_real.files.iterdir()}
    gone, flipped, cut, _ = sorted(own_real.files.iterdir())
    gone.unlink()
    data = bytearray(flipped.read_bytes())
    data[len(data) // 2] ^= 1
    flipped.write_bytes(data)
    cut.write_bytes(cut.read_bytes()[:1000])
    (own_real.files / "stray.pdf").write_bytes(b"%PDF-1.4")
    (own_real.files / f"{gone.stem}.123.tmp").write_bytes(b"%PD")
    (own_real.home / "uploads" / ".20260101T000000000000-abcdef").mkdir(parents=True)
    (own_real.home / "chroma.damaged-20260101-000000").mkdir()
    (own_real.home / "reindex-0123456789ab").mkdir()
    ids = Catalog.open(own_real.catalog).briefings.file_hashes()
    sick = verdicts(own_real)
    message, first, *others = sick["files"].split("\n")
    assert message == "1 missing, 2 damaged, of 4 PDFs"
    assert first.startswith(f"{ids[gone.stem]} (briefing-")
    assert {name.split()[0] for name in others} == {ids[flipped.stem], ids[cut.stem]}
    assert sick["orphan files"] == "1 file of no briefing\nfiles/stray.pdf"
    for what in ("half-copied", "half-stored upload", "Chroma folder", "unfinished reindex"):
        assert what in sick["leftovers"]
    mend(own_real)
    sick = verdicts(own_real)
    assert "3 missing, of 4 PDFs" in sick["files"]
    assert "orphan files" not in sick
    assert (own_real.files / "damaged" / cut.name).stat().st_size == 1000
    assert "3 files set aside" in sick["set aside"]
    assert "files/orphans/stray.pdf" in sick["set aside"]
    # The right files put them back, and nothing is taken in twice.
    report = ingest_quietly(samples[:4], own_real)
    assert report.counts["unchanged"] == 4
    assert [[w.code for w in file.warnings] for file in report.files].count(["put_back"]) == 3
    kept = {path.name: path.read_bytes() for path in own_real.files.glob("*.pdf")}
    assert kept == before
    assert set(verdicts(own_real)) == {"set aside", "leftovers"}
    assert verdicts(own_real)["set aside"].endswith("\nfiles/orphans/stray.pdf")
    leftovers = next(check for check in examine(own_real) if check.name == "leftovers")
    for command in commands(leftovers):
        if command.startswith("rm "):
            subprocess.run(command, shell=True, check=True)
    assert set(verdicts(own_real)) == {"set aside"}


def test_chroma_that_cannot_be_looked_at_is_not_called_damaged(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own.chroma / "chroma.sqlite3").write_bytes(b"broken" * 1000)
    assert "its store is damaged" in verdicts(own)["chroma"]  # whose reader is given up
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "not looked at: no process could be started" in verdicts(own)["chroma"]
    with pytest.raises(ArchiveError, match="no process could be started"):
        mend(own)
    monkeypatch.undo()
    mend(own)
    assert set(verdicts(own)) == {"leftovers"}


def test_ingest_alone_heals_a_damaged_pdf(own_real: Settings, samples: list[Path]) -> None:
    stored = sorted(own_real.files.iterdir())[0]
    data = bytearray(stored.read_bytes())
    data[-1] ^= 1
    stored.write_bytes(data)
    (file,) = [f for f in ingest_quietly(samples[:4], own_real).files if f.warnings]
    assert (file.outcome, file.warnings[0].code) == ("unchanged", "put_back")
    assert verdicts(own_real) == {}


# --- Chroma --------------------------------------------------------------------------------------


def _delete_some(settings: Settings) -> None:
    with chroma_client(settings) as client:
        collection = the_collection(settings, client)
        collection.delete(ids=list(Catalog.open(settings.catalog).snapshot().ids[100:130]))
        collection.upsert(ids=["stray"], embeddings=np.eye(32)[:1])


def _exchange_vectors(settings: Settings) -> None:
    catalog = Catalog.open(settings.catalog)
    ids, vectors = catalog.passages.vectors(catalog.snapshot().ids)
    with chroma_client(settings) as client:
        the_collection(settings, client).upsert(ids=ids[:600], embeddings=-vectors[:600])


def _delete_folder(settings: Settings) -> None:
    shutil.rmtree(settings.chroma)


def _overwrite_database(settings: Settings) -> None:
    (settings.chroma / "chroma.sqlite3").write_bytes(b"broken" * 1000)


def _truncate_index(settings: Settings) -> None:
    files = list(settings.chroma.glob("*/*.bin"))
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def _delete_index(settings: Settings) -> None:
    for path in settings.chroma.glob("*/*"):
        path.unlink()


def _flip_index(settings: Settings) -> None:
    (path,) = settings.chroma.glob("*/data_level0.bin")
    data = np.frombuffer(path.read_bytes(), np.uint8).copy()
    data[len(data) // 4 : len(data) // 2] ^= 0x55
    path.write_bytes(data.tobytes())


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_delete_some, "30 passages missing from Chroma, 1 too many in it"),
        (_exchange_vectors, "don't find themselves"),
        (_delete_folder, "1200 passages missing from Chroma, 0 too many in it"),
        (_overwrite_database, "store is damaged"),
        (_truncate_index, ""),
        (_delete_index, ""),
        (_flip_index, ""),
    ],
)
def test_chroma(own: Settings, damage: Callable[[Settings], None], says: str) -> None:
    before = found(own)
    damage(own)
    sick = verdicts(own)
    assert set(sick) == {"chroma"}
    assert says in sick["chroma"]
    mend(own)
    assert set(verdicts(own)) <= {"leftovers"}
    assert found(own) == before


@pytest.mark.skipif(not Path("/proc/self/mounts").exists() or os.getuid() != 0, reason="mounts")
def test_a_disk_that_is_read_only(own: Settings) -> None:
    home = str(own.home)
    if subprocess.run(["mount", "--bind", home, home], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", home], check=True)
        told = verdicts(own)
        assert found(own)
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)
    assert "the disk is read-only" in told["permissions"]


# --- how it speaks -------------------------------------------------------------------------------


def _words(settings: Settings) -> None:
    (settings.home / "lexicon").mkdir()
    (settings.home / "lexicon" / "user_dict.txt").write_text("深海采矿\n", encoding="utf-8")


def _bad_words(settings: Settings) -> None:
    (settings.home / "lexicon").mkdir()
    (settings.home / "lexicon" / "user_dict.txt").write_text("a b c d\n", encoding="utf-8")


def _topics(settings: Settings) -> None:
    (settings.home / "topics.toml").write_text(
        '[[topic]]\nname = "稀土"\nkeywords = ["稀土"]\ndescription = "稀土"\n', encoding="utf-8"
    )


def _bad_topics(settings: Settings) -> None:
    (settings.home / "topics.toml").write_text("[[topic]", encoding="utf-8")


def _other_words(settings: Settings) -> None:
    sql(settings, "UPDATE meta SET value = 'jieba 0' WHERE key = 'keyword index'")


def _other_model(settings: Settings) -> None:
    sql(settings, "UPDATE meta SET value = 'another, 9 dimensions' WHERE key = 'vector index'")


def _lost_model(settings: Settings) -> None:
    object.__setattr__(settings, "model", str(settings.home / "no model"))


def _lost_server(settings: Settings) -> None:
    object.__setattr__(settings, "chroma_url", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("damage", "name", "status"),
    [
        (_words, "lexicon", "warn"), (_bad_words, "lexicon", "fail"), (_topics, "topics", "warn"),
        (_bad_topics, "topics", "fail"), (_other_words, "keyword index", "fail"),
        (_other_model, "vector index", "fail"), (_lost_model, "encoder", "fail"),
        (_lost_server, "chroma", "fail"),
    ],
)  # fmt: skip
def test_what_is_set_wrong(
    own_real: Settings,
    damage: Callable[[Settings], None],
    name: str,
    status: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damage(own_real)
    assert verdicts(own_real).keys() == {name}
    (check,) = (check for check in examine(own_real) if check.name == name)
    assert check.status == status
    if name in ("lexicon", "topics") and status == "warn":
        monkeypatch.setenv("ARCHIVE_MODEL", str(own_real.model))
        carry_out(check)
        assert verdicts(own_real) == {}


def as_nobody(*words: str, model: str | None) -> subprocess.CompletedProcess[str]:
    """What a command says to a user who may only read; what it imports is imported before."""
    script = (
        "import os, sys; from click.testing import CliRunner; from archive.cli import cli\n"
        "CliRunner().invoke(cli, sys.argv[1:]); os.setgid(65534); os.setuid(65534)\n"
        "done = CliRunner().invoke(cli, sys.argv[1:]); print(done.stdout, end='')\n"
        "print(done.stderr, done.exception, file=sys.stderr); sys.exit(done.exit_code)"
    )
    return subprocess.run(
        [sys.executable, "-c", script, *words], env=os.environ | {"ARCHIVE_MODEL": model or ""},
        capture_output=True, check=False, text=True,
    )  # fmt: skip


@contextmanager
def for_all_to_read(settings: Settings) -> Iterator[Settings]:
    """A copy of an archive and its model that every user may read, and a reader has open.

    Outside of pytest's folder, which the next run of pytest closes to others.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy(settings, Path(folder, "home"))
        model = shutil.copytree(str(settings.model), Path(folder, "model"))
        sql(copy, f"UPDATE meta SET value = replace(value, '{settings.model}', '{model}')")
        db = sqlite3.connect(copy.catalog)  # as the page has, so that the catalogue's log is there
        db.execute("SELECT count(*) FROM briefing").fetchone()
        for path in (Path(folder), *Path(folder).rglob("*")):
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
        yield Settings(copy.home, model=str(model))
        db.close()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="another user's rights")
def test_a_user_who_may_only_read(own_real: Settings) -> None:
    with for_all_to_read(own_real) as copy:
        told = as_nobody("doctor", "--json", "--home", str(copy.home), model=copy.model)
    assert told.stdout, told.stderr
    checks = {c["name"]: Check(**c) for c in json.loads(told.stdout)["checks"]}
    for check in checks.values():
        assert_speaks_to_people(check)
    assert checks["permissions"].message == "this user may not write to the archive"
    assert f"sudo -u root archive ingest FOLDER --home {copy.home}" in checks["permissions"].cure


@pytest.fixture
def sick(own_real: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An archive that lacks all its PDFs."""
    monkeypatch.setenv("ARCHIVE_MODEL", str(own_real.model))
    monkeypatch.setenv("ARCHIVE_HOME", str(own_real.home))
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for pdf in own_real.files.glob("*.pdf"):
        pdf.unlink()
    return own_real


def said(*arguments: str) -> list[str]:
    done = CliRunner().invoke(cli, list(arguments))
    assert done.exit_code == 1
    return done.stdout.splitlines()


def test_lines_are_short(sick: Settings) -> None:
    lines = said("doctor")
    assert [line for line in lines if cell_len(line) > LINE] == []
    assert not any("passages per term" in line for line in lines)
    at = next(at for at, line in enumerate(lines) if line.startswith("fail   files: "))
    assert lines[at] == "fail   files: 4 missing, of 4 PDFs"
    assert lines[at + 4] == "      and 1 more: --verbose"
    cure = "      cure: `archive ingest FOLDER`, FOLDER with the same PDFs, puts each back"
    assert lines[at + 5] == cure


def test_verbose_names_all(sick: Settings) -> None:
    lines = said("doctor", "--verbose")
    for entry in Archive.open(sick).briefings():
        assert any(line.startswith(f"      {entry.id} (") for line in lines)
    assert any(line.startswith("      passages per term: ") for line in lines)
    assert not any("--verbose" in line for line in lines)


@pytest.mark.parametrize(
    ("variables", "is_chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, False),
        ({"LANG": "C", "LC_ALL": "zh_TW"}, True),
    ],
)
def test_in_the_language_of_the_terminal(
    sick: Settings, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_chinese: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    told = "\n".join(said("doctor"))
    assert ("有问题 PDF 文件：4 份 PDF 中有 4 份缺失" in told) == is_chinese
    assert ("办法：把同样的 PDF 放进一个文件夹" in told) == is_chinese
    assert ("fail   files: 4 missing" in told) != is_chinese


def test_the_document_has_both_languages(sick: Settings) -> None:
    checks = json.loads("\n".join(said("doctor", "--json")))["checks"]
    (files,) = (check for check in checks if check["name"] == "files")
    assert files["message"] == "4 missing, of 4 PDFs"
    assert files["message_zh"] == "4 份 PDF 中有 4 份缺失"
    assert len(files["details"]) == 4
    (lexicon,) = (check for check in checks if check["name"] == "lexicon")
    assert lexicon["terms"]

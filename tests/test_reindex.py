"""Another encoder's index is built beside the old one, and takes its place at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archive import Archive, Settings
from archive.errors import BusyError, UsageError
from archive.index.chroma import chroma_client
from archive.index.encoder import open_encoder
from archive.index.reencoding import FOLDERS, NewVectors
from archive.index.vector_index import VECTOR_INDEX, encoder_fingerprint
from archive.keeping.doctor import examine
from archive.keeping.reindexing import reindex
from archive.keeping.writing import open_writer
from archive.records import NO_FILTER
from archive.store.catalog import Catalog
from archive.store.locks import hold
from archive.store.selection import Selection
from tests.commands import Command, start
from tests.conftest import copied, ingest_quietly, verdicts
from tests.made_archive import QUERIES, make_archive, save_telling_encoder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("models")
    one, other = (save_telling_encoder(folder / name, name) for name in ("甲", "辛"))
    return str(one), str(other)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, models: tuple[str, str]) -> Settings:
    """An archive made with the first of the models; read only."""
    settings = Settings(tmp_path_factory.mktemp("made") / "home", model=models[0])
    make_archive(settings, briefings=24, sections=50)
    return settings


@pytest.fixture
def old(made: Settings, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    copied(made.home, home)
    return Settings(home, model=made.model)


@pytest.fixture
def new(old: Settings, models: tuple[str, str]) -> Settings:
    return Settings(old.home, model=models[1])


def found(archive: Archive) -> list[list[tuple[str, float]]]:
    return [
        [(r.passage.id, round(r.score, 5)) for r in archive.search(query, mode=mode, limit=20)]
        for query in QUERIES
        for mode in ("semantic", "hybrid")
    ]


def reindexing(settings: Settings) -> Command:
    return start("reindex", "--json", environment=settings.environment)


def chunks(settings: Settings) -> list[Path]:
    return sorted(settings.home.glob(f"{FOLDERS}/*.npy"))


def collections(settings: Settings) -> list[str]:
    with chroma_client(settings) as client:
        return [collection.name for collection in client.list_collections()]


def expected_vectors(settings: Settings) -> Any:
    catalog = Catalog.open(settings.catalog)
    ids, vectors = catalog.passages.vectors(catalog.snapshot().ids)
    texts = [passage.indexed_text for passage in catalog.passages.get(ids)]
    return vectors, open_encoder(settings.model).encode_documents(texts)


def test_readers_go_on_until_the_switch(old: Settings, new: Settings) -> None:
    reader = Archive.open(old)
    before = found(reader)
    seen = 0

    def look(done: int) -> None:
        nonlocal seen
        seen += 1
        assert found(reader) == before
        assert found(Archive.open(old)) == before
        with pytest.raises(UsageError, match="built with"):
            Archive.open(new).search(QUERIES[0], mode="semantic")
        with pytest.raises(BusyError, match="reindexing"), open_writer(old, "ingesting"):
            pass

    with open_writer(new, "reindexing", reindexing=True) as writer:
        done = reindex(writer, look)
    assert (seen, done.encoded) == (5, 1200)
    with pytest.raises(UsageError, match="built with"):
        reader.search(QUERIES[0], mode="semantic")
    after = found(Archive.open(new))
    assert after != before
    vectors, expected = expected_vectors(new)
    assert np.abs(vectors - expected).max() < 1e-5
    assert not list(new.home.glob(FOLDERS))
    assert len(collections(new)) == 1
    assert verdicts(new) == {}


@pytest.mark.parametrize("files", [3])
def test_killed_it_is_gone_on_with(old: Settings, new: Settings, files: int) -> None:
    before = found(Archive.open(old))
    process = reindexing(new)
    while len(chunks(new)) < files and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in chunks(new)}
    assert len(kept) >= files, "killed before it was done"
    assert Catalog.open(old.catalog).is_built_with(
        VECTOR_INDEX, encoder_fingerprint(open_encoder(old.model))
    )
    assert found(Archive.open(old)) == before
    # Meanwhile the archive is used and written to as it was.
    (check,) = [c for c in examine(old) if c.status != "pass"]
    assert (check.name, "unfinished reindex" in check.details[0]) == ("leftovers", True)
    with open_writer(old, "another writer") as writer:
        first = Archive.open(old).briefings()[0].id
        writer.remove(first, purge=True)
        writer.reconcile()
    with open_writer(new, "reindexing", reindexing=True) as writer:
        vectors = NewVectors(new.home, open_encoder(new.model))
        vectors.encode(writer.catalog, writer.catalog.passages.all_ids(), lambda done: None)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    encoded = sum(len(np.load(path)) for path in chunks(new) if path not in kept)
    assert encoded <= max(0, 1200 - 256 * files)
    finished = reindexing(new).wait()
    assert (finished.code, finished.json["passages"]) == (0, 1150), finished.err
    held, expected = expected_vectors(new)
    assert np.abs(held - expected).max() < 1e-5
    assert verdicts(new) == {}


def test_killed_at_the_switch(old: Settings, new: Settings) -> None:
    """At any moment from the last file to the end: the old index works, or the new one does."""
    before = found(Archive.open(old))
    for delay in (0.0, 0.15, 0.4):
        process = reindexing(new)
        while len(chunks(new)) < 5 and process.poll() is None:
            time.sleep(0.005)
        time.sleep(delay)
        process.kill()
        process.wait()
        old_works = Catalog.open(old.catalog).is_built_with(
            VECTOR_INDEX, encoder_fingerprint(open_encoder(old.model))
        )
        if old_works:
            assert found(Archive.open(old)) == before
        else:
            assert found(Archive.open(new))
            break
    finished = reindexing(new).wait()
    assert finished.code == 0, finished.err
    assert len(collections(new)) == 1
    assert verdicts(new) == {}


def test_a_damaged_file_of_vectors_is_made_anew(old: Settings, new: Settings) -> None:
    with hold(new.home / "writer.lock", "a test"):
        vectors = NewVectors(new.home, open_encoder(new.model))
        catalog = Catalog.open(new.catalog)
        vectors.encode(catalog, catalog.passages.all_ids()[:600], lambda done: None)
    cut, empty, _ = chunks(new)
    cut.write_bytes(cut.read_bytes()[:5000])
    empty.write_bytes(b"")
    with open_writer(new, "reindexing", reindexing=True) as writer:
        reindex(writer, lambda done: None)
    assert verdicts(new) == {}


def test_everything_anew_with_the_same_encoder(old: Settings) -> None:
    before = found(Archive.open(old))
    with open_writer(old, "reindexing", reindexing=True) as writer:
        done = reindex(writer, lambda done: None, everything=True)
    assert (done.encoded, done.cut) == (1200, 1200)
    assert found(Archive.open(old)) == before
    assert verdicts(old) == {}


def test_a_reader_caught_by_the_switch(old: Settings, new: Settings, samples: list[Path]) -> None:
    """Its vectors are those of its encoder, or it says that they can't be."""
    reader = Archive.open(old)
    selection = Selection.of(reader._catalog.snapshot(), NO_FILTER)
    with open_writer(new, "reindexing", reindexing=True) as writer:
        reindex(writer, lambda done: None)
    with pytest.raises(UsageError, match="built with"):
        reader._vector_index.rank_vector(
            reader._vector_index.encoder.encode_query(QUERIES[0]), selection, 10
        )
    assert ingest_quietly(samples[:1], new).counts["new"] == 1

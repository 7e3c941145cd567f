"""Two ingests at once beside readers: one works, the other says who does; nobody sees a half."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from archive.store.catalog import Catalog
from tests.test_kills import run


def test_an_archive_made_by_many_at_once_is_one(tmp_path: Path) -> None:
    path = tmp_path / "home" / "catalog.sqlite3"

    def note(number: int) -> None:
        catalog = Catalog.open(path, create=True)
        catalog.set_meta(str(number), "noted")
        catalog.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(8)))
    found = Catalog.open(path)
    assert [found.meta(str(number)) for number in range(8)] == ["noted"] * 8
    assert not list(path.parent.glob("*.new*"))
    found.close()


def test_of_two_ingests_one_works_and_readers_notice_nothing() -> None:
    report = run("benchmarks.contention", "--readers", "3", "--rounds", "1", "--pdfs", "4")
    assert report["problems"] == []
    assert report["queries"] > 10

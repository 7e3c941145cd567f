"""A seeded sample of the soak of queries: no exception, nothing stored is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive import Archive, Settings
from archive.index.query import LONGEST
from benchmarks.soak_queries import soak, stored
from tests.hostile_queries import hostile_query

SAMPLE = 60  # of the thousands of `make soak`


def test_a_seed_makes_one_query() -> None:
    made = [hostile_query(seed) for seed in range(100)]
    assert made == [hostile_query(seed) for seed in range(100)]
    assert len(set(made)) > 80
    assert max(map(len, made)) >= 40_000


def test_hostile_queries_raise_nothing_and_change_nothing(sample_home: Path) -> None:
    settings = Settings(sample_home)
    before = stored(settings)
    asked = list(soak(Archive.open(settings), range(1_000_000, 1_000_000 + SAMPLE)))
    assert not [one for one in asked if one.error]
    assert stored(settings) == before


@pytest.mark.parametrize("mode", ["keyword", "hybrid"])
def test_a_query_too_long_is_cut_and_the_reader_told(sample_archive: Archive, mode: str) -> None:
    page = sample_archive.search_page("稀土出口许可" + "啊" * 50_000, mode=mode)  # type: ignore[arg-type]
    assert page.results
    assert str(LONGEST) in page.message

"""Two ingests at once beside readers: one works, the other says who does; nobody sees a half."""

from __future__ import annotations

from tests.test_kills import run


def test_of_two_ingests_one_works_and_readers_notice_nothing() -> None:
    report = run("benchmarks.contention", "--readers", "3", "--rounds", "1", "--pdfs", "4")
    assert report["problems"] == []
    assert report["queries"] > 10

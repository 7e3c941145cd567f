"""Ingests killed at chosen moments, a full disk, a read-only one: nothing is lost or half seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands import start

# Numbers of trials of `benchmarks.kills` with its seed 0; all 200 are a part of `make soak`.
KINDS = {
    1: "the group, right after a stage",
    4: "the main process alone, then once more, with other briefings in the archive",
    18: "what a kill left pending is being finished, then twice more",
    19: "the group, right before a stage, three times in a row",
    35: "a worker alone",
}
FAILED_ONCE: tuple[int, ...] = ()
"""Trials after which an archive once differed from one never disturbed."""


def run(module: str, *options: str) -> dict[str, Any]:
    """A benchmark's report; it runs in a process of its own, which has no threads to lose."""
    done = start(*options, "--json", module=module, environment={}).wait(600)
    assert done.out, done.err
    report: dict[str, Any] = done.json
    return report


def test_killed_anywhere_or_out_of_disk_it_is_finished_by_the_next_ingest() -> None:
    trials = (*KINDS, *FAILED_ONCE)
    report = run(
        "benchmarks.kills", "--trial", *map(str, trials), "--disks", "1", "--pdfs", "4"
    )  # fmt: skip
    assert report["problems"] == []
    assert report["kills"] >= len(KINDS)  # some trials are two or three in a row
    assert report["queries"] > 10
    assert sum(count > 0 for count in report["fell"].values()) >= 4
    if report["skipped"]:
        pytest.skip(report["skipped"])
    assert report["trials"] == len(trials) + 2

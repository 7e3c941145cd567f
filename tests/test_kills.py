"""Ingests killed at random moments, a full disk, a read-only one: nothing is lost or half seen."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT


def run(module: str, *options: str) -> dict[str, Any]:
    """A benchmark's report; it runs in a process of its own, which has no threads to lose."""
    done = subprocess.run(
        [sys.executable, "-m", module, *options, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_an_ingest_killed_anywhere_is_finished_by_the_next() -> None:
    report = run("benchmarks.kills", "--kills", "14", "--disks", "0", "--pdfs", "4")
    assert report["problems"] == []
    assert report["kills"] >= 14  # most trials are one kill, some two or three in a row
    assert report["queries"] > 20
    assert sum(count > 0 for count in report["fell"].values()) >= 6


def test_a_disk_that_fills_or_turns_read_only_loses_nothing() -> None:
    report = run("benchmarks.kills", "--kills", "0", "--disks", "1", "--pdfs", "4")
    assert report["problems"] == []
    if report["skipped"]:
        pytest.skip(report["skipped"])
    assert report["trials"] == 2

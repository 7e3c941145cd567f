"""While `archive serve` owns Chroma's folder: others read and write through its server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive import Settings
from archive.vector_index import local_server
from tests.conftest import free_port, ingest_quietly


def environment(settings: Settings) -> dict[str, str]:
    own = {"ARCHIVE_HOME": str(settings.home), "ARCHIVE_MODEL": settings.model or ""}
    return dict(os.environ) | own


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "archive", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, env=environment(settings), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def run(settings: Settings, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "archive", *args],
        env=environment(settings), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_serving_reading_and_writing_at_once(
    samples: list[Path], tmp_path: Path, tiny_model: Path
) -> None:
    settings = Settings(tmp_path / "home", model=str(tiny_model))
    ingest_quietly(samples[:2], settings)
    port = free_port()
    with serving(settings, port) as process:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
            assert answer.read() == b"ok"
        server = local_server(settings)
        assert server is not None
        written = run(settings, "ingest", str(samples[2]), "--json")
        assert (written.returncode, json.loads(written.stdout)["counts"]["new"]) == (0, 1)
        found = run(settings, "search", "稀土", "--mode", "semantic", "--json", "--limit", "50")
        dates = {r["briefing"]["date"] for r in json.loads(found.stdout)["results"]}
        assert "2026-03-10" in dates
        assert "ranking exactly" not in found.stderr
        assert run(settings, "doctor").returncode == 0
        second = run(settings, "serve", "--port", str(free_port()))
        assert second.returncode == 5
        assert str(server.pid) in second.stderr
        # The server dies; readers go on without it.
        os.kill(server.pid, signal.SIGKILL)
        time.sleep(0.2)
        alone = run(settings, "search", "稀土", "--mode", "semantic", "--json", "--limit", "50")
        assert {r["briefing"]["date"] for r in json.loads(alone.stdout)["results"]} == dates
        process.wait(30)  # and `serve` ends, rather than go on by half
        assert process.returncode == 1
    assert local_server(settings) is None
    assert not (settings.home / "serve.json").exists()
    assert run(settings, "doctor").returncode == 0


def test_serve_ends_both_and_frees_the_port(
    samples: list[Path], tmp_path: Path, tiny_model: Path
) -> None:
    settings = Settings(tmp_path / "home", model=str(tiny_model))
    ingest_quietly(samples[:1], settings)
    port = free_port()
    with serving(settings, port) as process:
        server = local_server(settings)
        assert server is not None
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            other = Settings(tmp_path / "other", model=settings.model)
            ingest_quietly(samples[1:2], other)
            blocked = run(other, "serve", "--port", str(taken.getsockname()[1]))
            assert (blocked.returncode, "--port" in blocked.stderr) == (2, True)
    assert process.returncode == 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=2)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)
    assert not (settings.home / "serve.json").exists()

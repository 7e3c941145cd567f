"""`archive serve`: one process, its own names only, beside readers and writers; how it is told."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from archive import Settings
from benchmarks.page_session import session
from ingest.intake.uploads import read_upload, store_upload
from tests.commands import run
from tests.conftest import free_port, ingest_quietly, wait_until

_QUESTION = "某个不该记下的问题"
_UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


def environment(settings: Settings) -> dict[str, str]:
    own = {"ARCHIVE_HOME": str(settings.home), "ARCHIVE_MODEL": settings.model or ""}
    return dict(os.environ) | own


@contextmanager
def serving(
    settings: Settings, port: int, *options: str, log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`archive serve` for the block, with its log beside the home unless it is to be elsewhere."""
    command = [sys.executable, "-m", "archive", "serve", "--port", str(port), *options]
    with (log or settings.home.with_name("serve.log")).open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            command, env=environment(settings), stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        assert process.stdout is not None
        assert f":{port}" in process.stdout.readline()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def logged(settings: Settings) -> str:
    return settings.home.with_name("serve.log").read_text(encoding="utf-8")


def ask_for(port: int, path: str, host: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    """The status and body of an answer to a request with these headers, Host among them."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.putrequest("GET", path, skip_host=True)
        for name, value in {"Host": f"{host}:{port}", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, "" if answer.status == 101 else answer.read().decode()
    finally:
        connection.close()


@pytest.fixture
def settings(samples: list[Path], tmp_path: Path, tiny_model: Path) -> Settings:
    settings = Settings(tmp_path / "home", model=str(tiny_model))
    ingest_quietly(samples[:2], settings)
    return settings


def test_serving_reading_and_writing_at_once(settings: Settings, samples: list[Path]) -> None:
    port = free_port()
    with serving(settings, port) as process:
        assert ask_for(port, "/_stcore/health") == (200, "ok")
        served = psutil.Process(process.pid)
        listening = [c.laddr.port for c in served.net_connections() if c.status == "LISTEN"]
        assert listening == [port]
        written = run(settings, "ingest", str(samples[2]), "--json")
        assert (written.code, written.json["counts"]["new"]) == (0, 1)
        found = run(settings, "search", "稀土", "--mode", "semantic", "--json", "--limit", "50")
        dates = {r["briefing"]["date"] for r in found.json["results"]}
        assert "2026-03-10" in dates
        assert run(settings, "doctor").code == 0
        second = run(settings, "serve", "--port", str(free_port()))
        assert second.code == 5
        assert f"process {process.pid}" in second.err
    assert process.returncode == 0
    assert not psutil.pid_exists(process.pid) or psutil.Process(process.pid) != served
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def test_a_port_that_is_taken_names_who_has_it(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        blocked = run(settings, "serve", "--port", str(taken.getsockname()[1]))
    assert blocked.code == 2
    assert f"process {os.getpid()} " in blocked.err
    assert "--port" in blocked.err


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGHUP])
def test_nothing_is_left_behind_whatever_ends_it(
    settings: Settings, samples: list[Path], ending: signal.Signals
) -> None:
    async def open_page() -> None:
        async with session(port) as reader:
            await reader.open()

    handed_in = [(path.name, path.read_bytes()) for path in samples[2:6]]
    upload = store_upload(settings.home, handed_in, "replace")
    port = free_port()
    with serving(settings, port) as process:
        asyncio.run(open_page())  # with which uploads go on
        served = psutil.Process(process.pid)
        wait_until(lambda: read_upload(upload.folder).state == "running")
        children = served.children(recursive=True)
        assert any("uploads" in child.cmdline() for child in children)
        process.send_signal(ending)
        process.wait(60)
        assert (process.returncode == 0) == (ending != signal.SIGKILL)
        _, alive = psutil.wait_procs(children, timeout=30)
        assert not alive
    with serving(settings, port) as again:  # and the port and the archive are free
        assert ask_for(port, "/health")[0] == 200
        assert again.poll() is None


def test_only_its_own_names_are_answered(settings: Settings) -> None:
    port = free_port()
    with serving(settings, port, "--public-host", "Briefings.Example.org"):
        own = f"127.0.0.1:{port}"
        for host in (own, f"localhost:{port}", "briefings.example.org", "BRIEFINGS.example.org:80"):
            assert ask_for(port, "/", Host=host)[0] == 200, host
        for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}",
                     "", "10.0.0.1", "a@127.0.0.1", "127.0.0.1/x", f"[::2]:{port}"):  # fmt: skip
            status, said = ask_for(port, "/", Host=host)
            assert status == 403, host
            assert "--public-host" in said
            assert ask_for(port, "/health", Host=host)[0] == 403

        def opened(**headers: str) -> int:
            return ask_for(port, "/_stcore/stream", **_UPGRADE, **headers)[0]

        assert opened() == 101
        assert opened(Origin=f"http://{own}") == 101
        assert opened(Origin="https://briefings.example.org", Host="briefings.example.org") == 101
        assert (
            opened(Origin="https://briefings.example.org") == 101
        )  # a proxy that hands no Host on
        for origin in ("http://evil.example", "null", f"http://127.0.0.1:{port + 1}",
                       f"http://{own}.evil.example", "file://",
                       f"http://evil@{own}", ""):  # fmt: skip
            assert opened(Origin=origin) == 403, origin
        assert opened(Host="evil.example", Origin="http://evil.example") == 403


def test_health_opens_the_catalogue(settings: Settings) -> None:
    port = free_port()
    with serving(settings, port):
        status, said = ask_for(port, "/health")
        assert (status, json.loads(said)) == (200, {"status": "ok"})
        aside = settings.catalog.with_name("aside")
        settings.catalog.rename(aside)
        status, said = ask_for(port, "/health")
        assert status == 503
        assert json.loads(said)["reason"]
        assert str(settings.home) not in said
        settings.catalog.write_bytes(b"SQLite format 3\0" + b"\xaa" * 8192)
        assert ask_for(port, "/health")[0] == 503
        aside.rename(settings.catalog)
        assert ask_for(port, "/health")[0] == 200


@pytest.mark.parametrize("as_json", [False, True])
def test_the_log_tells_of_what_happens_and_of_no_question(
    settings: Settings, as_json: bool
) -> None:
    port = free_port()
    with serving(settings, port, *(["--log-json"] if as_json else [])) as process:
        ask_for(port, f"/?q={quote(_QUESTION)}")
    lines = logged(settings).splitlines()
    assert not any(_QUESTION in line or quote(_QUESTION) in line for line in lines)
    if as_json:
        told = [json.loads(line) for line in lines]
        assert {"time", "level", "what"} <= told[0].keys()
        assert (told[0]["what"], told[0]["pid"]) == ("serving", str(process.pid))
    else:
        assert re.fullmatch(r"\S+T\S+ INFO serving pid=\d+ address=.*", lines[0])
    assert "serving ended" in lines[-1]


def test_an_unforeseen_error_has_an_id_for_the_reader_and_a_trace_for_the_log(
    settings: Settings,
) -> None:
    async def seen() -> list[str]:
        async with session(port) as reader:
            return (await reader.open()).errors

    port = free_port()
    with serving(settings, port):
        with closing(sqlite3.connect(settings.catalog)) as db, db:
            db.execute("UPDATE meta SET value = 'neun' WHERE key = 'generation'")
        (error,) = asyncio.run(seen())
        found = re.search(r"出错编号 ([0-9a-f]{4})", error)
        assert found
        assert str(settings.home) not in error
        assert "neun" not in error
    assert f"ERROR the page failed id={found[1]}" in logged(settings)
    assert "ValueError: invalid literal for int() with base 10: 'neun'" in logged(settings)

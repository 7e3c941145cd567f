"""`archive serve`: the page, in one process, so that nothing is left behind when that ends.

It opens no port but the page's own, and takes no part in writing: whoever takes in owns Chroma's
folder meanwhile, and the page ranks as every reader does.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from typing import Any

from archive import log
from archive.errors import ArchiveError, BusyError, UsageError
from archive.private import close_to_others
from archive.resources import page_script
from archive.serve.health import health_route
from archive.serve.host_guard import LOOPBACK, HostGuard
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.locks import hold

_LOCK = "serve.lock"
_BACKLOG = 2048
_PATIENCE = 5
"""Seconds that readers' connections have to end once the server is told to."""
_END_SECONDS = 10.0
"""Seconds after which nobody is waited for any more, such as a language model that is asked."""
_EVERYWHERE = ("0.0.0.0", "::", "")


def serve(
    settings: Settings,
    host: str,
    port: int,
    say: Callable[[str], None],
    *,
    public_hosts: Sequence[str] = (),
    log_as_json: bool = False,
) -> None:
    """Run the page until interrupted or told to end (SIGINT, SIGTERM, SIGHUP).

    It answers under `host`, the loopback's names and `public_hosts`. Raises UsageError when there
    is no archive or the port is taken, BusyError when the archive is served already.
    """
    Catalog.open(settings.catalog).close()
    log.set_up(settings, as_json=log_as_json)
    close_to_others(settings.home, settings.group_access)
    with suppress(OSError):  # of a version of this program that had a server of Chroma's beside it
        (settings.home / "serve.json").unlink()
    for ending in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, ending):  # not on Windows
            signal.signal(getattr(signal, ending), _interrupt)
    with _alone(settings), suppress(KeyboardInterrupt), closing(_bound(host, port)) as listener:
        names = {*LOOPBACK, host} - set(_EVERYWHERE)
        _run(settings, listener, names, public_hosts, lambda: say(_ready(host, port)))
    log.note("serving ended", pid=os.getpid())


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def _ready(host: str, port: int) -> str:
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    reachable = f"[{local}]" if ":" in local else local
    return f"页面已就绪 the page is ready: http://{reachable}:{port}"


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Be the one process that serves an archive; where its disk takes no lock, one of several."""
    with ExitStack() as stack:
        try:
            stack.enter_context(hold(settings.home / _LOCK, "archive serve"))
        except BusyError as error:
            raise BusyError(error.message, "end that one first") from error
        except OSError as error:
            log.note("serving without a lock of its own", reason=error.strerror)
        yield


def _run(
    settings: Settings,
    listener: socket.socket,
    names: Collection[str],
    public_hosts: Sequence[str],
    on_ready: Callable[[], None],
) -> None:
    import uvicorn

    os.environ.update(settings.environment)  # the page reads its settings from there
    os.chdir(page_script().parent)  # where its configuration lies, which Streamlit looks for

    @asynccontextmanager
    async def announced(page: Any) -> AsyncIterator[None]:
        address, port, *_ = listener.getsockname()
        log.note("serving", pid=os.getpid(), address=f"{address} {port}")
        on_ready()
        yield

    from archive.page.application import page_application

    page = page_application(page_script(), [health_route(settings)], announced)
    server = uvicorn.Server(
        uvicorn.Config(
            HostGuard(page, names=names, public=public_hosts),
            backlog=_BACKLOG,
            ws="websockets-sansio",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_PATIENCE,
        )
    )
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, server.handle_exit)
    try:
        server.run(sockets=[listener])
    finally:
        late = threading.Timer(_END_SECONDS, os._exit, (0,))
        late.daemon = True
        late.start()
    if not server.started:
        raise ArchiveError("the page did not start", "see the messages above")


def _bound(host: str, port: int) -> socket.socket:
    """A socket of the address that the page is to be served at."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(_BACKLOG)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        holder = f": {_holder(port)} has it" if error.errno == errno.EADDRINUSE else ""
        raise UsageError(
            f"the page can't be served at {host}:{port} ({error.strerror}{holder})",
            "end that process, or choose another address with --port or --host",
        ) from error
    return bound


def _holder(port: int) -> str:
    """The process that listens at a port, as far as this user may know."""
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                if connection.pid is None:
                    break
                process = psutil.Process(connection.pid)
                return f"process {process.pid} ({' '.join(process.cmdline())[:80]})"
    except psutil.Error:
        pass
    return "a process of another user"

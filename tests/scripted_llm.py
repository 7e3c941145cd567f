"""A server on loopback that speaks the chat-completions protocol as a script tells it to.

A script is what the server does with one request: it gets the `Reply` to write to. Each request is
answered by the next script; the last one answers all that follow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from tests.conftest import free_port


@dataclass
class Reply:
    """One response in the making; raises OSError when the client has gone."""

    handler: BaseHTTPRequestHandler
    over: Event
    """Set when the test has ended, so that no script waits longer."""

    def start(self, status: int = 200, content_type: str = "text/event-stream") -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", content_type)
        self.handler.send_header("Connection", "close")
        self.handler.end_headers()

    def raw(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def event(self, data: object) -> None:
        self.raw(b"data: " + json.dumps(data).encode() + b"\n\n")

    def piece(self, content: object = None, finish: str | None = None, **delta: object) -> None:
        if content is not None:
            delta["content"] = content
        self.event(
            {
                "id": "1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "scripted",
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            }
        )

    def done(self) -> None:
        self.piece(finish="stop")
        self.raw(b"data: [DONE]\n\n")

    def wait(self, seconds: float) -> bool:
        """Wait; whether the test is still on."""
        return not self.over.wait(seconds)


Script = Callable[[Reply], None]


def says(text: str, size: int = 3) -> Script:
    """A good reply, in pieces of so many characters."""

    def script(reply: Reply) -> None:
        reply.start()
        reply.piece(role="assistant")
        for at in range(0, len(text), size):
            reply.piece(text[at : at + size])
        reply.done()

    return script


def fails(status: int, body: object = None) -> Script:
    def script(reply: Reply) -> None:
        reply.start(status, "application/json")
        reply.raw(json.dumps(body or {"error": {"message": "secret of the server"}}).encode())

    return script


@dataclass
class ScriptedServer:
    """A running server: its address, and the requests that it was sent."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    gone: Event = field(default_factory=Event)
    """Set when a client was found gone while a script still wrote to it."""


@contextmanager
def scripted_server(*scripts: Script) -> Iterator[ScriptedServer]:
    """A server for the length of a block."""
    over = Event()
    left = list(scripts)
    server_record = ScriptedServer("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            server_record.requests.append(json.loads(self.rfile.read(length)))
            server_record.headers.append(dict(self.headers))
            script = left.pop(0) if len(left) > 1 else left[0]
            try:
                script(Reply(self, over))
            except OSError:
                server_record.gone.set()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    server.daemon_threads = True
    server_record.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    try:
        yield server_record
    finally:
        over.set()
        server.shutdown()
        with suppress(OSError):
            server.server_close()
        thread.join(5)


def pieces_of(chunks: Iterable[str]) -> Script:
    """A good reply in just these pieces."""

    def script(reply: Reply) -> None:
        reply.start()
        for chunk in chunks:
            reply.piece(chunk)
        reply.done()

    return script


def drips(before: Sequence[str], drop: bytes, every: float) -> Script:
    """Some text, then the same bytes now and then, without end."""

    def script(reply: Reply) -> None:
        reply.start()
        for piece in before:
            reply.piece(piece)
        while reply.wait(every):
            reply.raw(drop)

    return script

"""Requests are answered only under the page's own names, and to its own pages.

Without this a web site anywhere could have its name point to this machine (DNS rebinding) or open
a websocket to it (cross-site hijacking), and read the archive through a reader's browser.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443}
_POLICY_VIOLATION = 1008
"""The code by which a websocket is closed (RFC 6455, 7.4.1)."""


class HostGuard:
    """An ASGI app in front of another, which refuses what isn't meant for it with 403.

    A request must name one of `names` as its host, or the address it came in at. Where it tells of
    a page that it was made from (Origin), that must be a page of the same host, or of one of
    `public` where a proxy in front doesn't hand its own name on.
    """

    def __init__(self, app: App, *, names: Collection[str], public: Collection[str]) -> None:
        self._app = app
        self._public = frozenset(map(_normal, public))
        self._names = frozenset(map(_normal, names)) | self._public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            refusal = self._refusal(scope)
            if refusal:
                await _refuse(scope, send, refusal)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str:
        """Why a request is refused; empty where it isn't."""
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        host = _split(f"//{hosts[0]}") if len(hosts) == 1 else None
        if host is None or not (host.hostname and self._is_own(_normal(host.hostname), scope)):
            return (
                "档案不以这个网址提供服务；管理档案的人可以用 --public-host 加上它。\n"
                "The archive isn't served under this name; whoever runs it can add the name with "
                "archive serve --public-host NAME.\n"
            )
        if not origins:
            return ""
        origin = _split(origins[0]) if len(origins) == 1 else None
        if origin is None or not self._is_own_page(origin, host):
            return "别的网站的网页不能使用档案。\nPages of other web sites can't use the archive.\n"
        # Streamlit compares the two as they are written, and where they differ goes on to ask a
        # server outside for this machine's address.
        scope["headers"] = [
            (name, origin.netloc.encode("latin-1") if name == b"host" else value)
            for name, value in scope["headers"]
        ]
        return ""

    def _is_own(self, name: str, scope: Scope) -> bool:
        own = scope.get("server")
        return name in self._names or bool(own and name == _normal(own[0]))

    def _is_own_page(self, origin: SplitResult, host: SplitResult) -> bool:
        if origin.scheme not in _PORTS or not origin.hostname:
            return False
        port = _PORTS[origin.scheme]
        is_same = _normal(origin.hostname) == _normal(host.hostname or "") and (
            (origin.port or port) == (host.port or port)
        )
        return is_same or _normal(origin.hostname) in self._public


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _split(address: str) -> SplitResult | None:
    """An address in its parts; None for what is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    is_plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return parts if is_plain else None


def _normal(name: str) -> str:
    """A host's name in one form: an address of IPv4 within IPv6 is that of IPv4."""
    name = name.strip("[]").rstrip(".").casefold()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    return str(getattr(address, "ipv4_mapped", None) or address)


async def _refuse(scope: Scope, send: Send, why: str) -> None:
    if scope["type"] == "websocket":  # closed before it was accepted: a server answers 403
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
        return
    body = why.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})

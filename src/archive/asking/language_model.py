"""A language model on an OpenAI-compatible server: its reply as a stream of text.

The only module that knows openai. A reply that isn't complete within the time is an error, whatever
the server does: it is read in a thread of its own, whose connection is cut when the time is over.
"""

from __future__ import annotations

import codecs
import socket
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from queue import Empty, Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, cast

from archive.errors import LanguageModelError
from archive.untrusted_text import without_surrogates

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx2

MOST_CHARACTERS = 20_000
_MOST_BYTES = 16 << 20
"""Each piece of text comes in some 300 bytes, and some models think aloud before they answer."""
_SENT_HEADERS = frozenset(
    "host accept accept-encoding connection content-length content-type user-agent".split()
)
"""Others would tell the server of this machine, or of settings that are meant for openai.com."""

_BY_STATUS = {
    400: "语言模型服务不接受这个请求（400），可能是问题和段落超出了模型的长度",
    401: "语言模型服务不接受密钥（401）",
    403: "语言模型服务拒绝访问（403）",
    404: "语言模型服务没有这个地址或模型（404）",
    413: "语言模型服务认为请求过长（413）",
    429: "语言模型服务请求过多或额度用尽（429）",
}
_BY_FINISH = {
    "length": "语言模型的回答超出长度，没有说完",
    "content_filter": "语言模型的回答被它的内容过滤拦下",
}
_REFUSED = "语言模型拒绝回答"
_TOO_LONG = "语言模型的回答过长"
_EMPTY = "语言模型没有给出回答"
_NO_CONNECTION = "连不上语言模型服务，或连接中断"
_CUT_SHORT = "语言模型的回答中断，没有说完"
_MALFORMED = "语言模型服务的答复格式不对"
_ERROR_IN_REPLY = "语言模型服务在回答途中报错"


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model on a server; `timeout` is how many seconds a whole reply may take."""

    base_url: str
    model: str
    api_key: str | None = field(repr=False)
    timeout: float = 60.0

    def stream(self, messages: Sequence[Mapping[str, str]]) -> Iterator[str]:
        """The pieces of the reply to a chat of `role` and `content`, without control characters.

        Raises LanguageModelError when the reply isn't complete, at the latest when its time is
        over; what it says holds nothing that the server has sent, and no key.
        """
        try:
            import openai  # noqa: F401
        except ImportError:
            raise LanguageModelError(
                "没有安装连接语言模型的 openai 库", "pip install 'briefing-archive[llm]'"
            ) from None
        deadline = time.monotonic() + self.timeout
        pieces: Queue[str | LanguageModelError | None] = Queue()
        connection = _Connection()
        reader = Thread(target=self._read, args=(messages, connection, pieces), daemon=True)
        reader.start()
        try:
            while True:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise self._too_late()
                try:
                    piece = pieces.get(timeout=remaining)
                except Empty:
                    raise self._too_late() from None
                if piece is None:
                    return
                if isinstance(piece, LanguageModelError):
                    raise piece
                yield piece
        finally:
            connection.cut()

    def _too_late(self) -> LanguageModelError:
        return LanguageModelError(f"语言模型 {self.timeout:g} 秒内没有答完")

    def _read(
        self,
        messages: Sequence[Mapping[str, str]],
        connection: _Connection,
        pieces: Queue[str | LanguageModelError | None],
    ) -> None:
        """Put the pieces of the reply and its end, which may be an error, into a queue."""
        try:
            characters = 0
            for piece in _clean(self._contents(messages, connection)):
                characters += len(piece)
                if characters > MOST_CHARACTERS:
                    raise LanguageModelError(_TOO_LONG)
                pieces.put(piece)
            pieces.put(None if characters else LanguageModelError(_EMPTY))
        except Exception as error:
            pieces.put(self._explained(error))

    def _contents(
        self, messages: Sequence[Mapping[str, str]], connection: _Connection
    ) -> Iterator[str]:
        """The text of each chunk until the model says that it has finished."""
        import openai

        hooks: dict[str, list[Any]] = {
            "request": [lambda request: self._prepare(request, connection)],
            "response": [_check_response],
        }
        with openai.OpenAI(
            base_url=self.base_url,
            api_key=self.api_key or "none",
            timeout=self.timeout,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(
                event_hooks=hooks, follow_redirects=False, verify=_trusted_authorities()
            ),
        ) as client:
            chunks = client.chat.completions.create(
                model=self.model, messages=cast(Any, list(messages)), stream=True
            )
            for chunk in chunks:
                for choice in chunk.choices or ():
                    if choice.delta and choice.delta.refusal:
                        raise LanguageModelError(_REFUSED)
                    if choice.delta and choice.delta.content:
                        yield choice.delta.content
                    if choice.finish_reason == "stop":
                        return
                    if choice.finish_reason:
                        raise LanguageModelError(_BY_FINISH.get(choice.finish_reason, _MALFORMED))
        raise LanguageModelError(_CUT_SHORT)

    def _prepare(self, request: httpx2.Request, connection: _Connection) -> None:
        """Take out of a request what the server has no need of, and watch its connection."""
        for name in list(request.headers):
            if name.lower() not in _SENT_HEADERS:
                del request.headers[name]
        request.headers["Accept-Encoding"] = "identity"
        if self.api_key:
            request.headers["Authorization"] = f"Bearer {self.api_key}"
        request.extensions["trace"] = connection.watch

    def _explained(self, error: Exception) -> LanguageModelError:
        """An error to show, which neither holds the original nor quotes it."""
        import openai

        if isinstance(error, LanguageModelError):
            return LanguageModelError(error.message)
        if isinstance(error, openai.APITimeoutError):
            return self._too_late()
        if isinstance(error, openai.APIConnectionError):
            return LanguageModelError(_NO_CONNECTION)
        if isinstance(error, openai.APIError):
            return LanguageModelError(_ERROR_IN_REPLY)
        return LanguageModelError(_MALFORMED)


class _Connection:
    """The connection of a request, which another thread may cut."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Learn of the socket; httpcore calls this with each step of a request."""
        stream = info.get("return_value")
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._socket = stream.get_extra_info("socket") if stream else None
                is_cut = self._is_cut
            if is_cut:
                self.cut()

    def cut(self) -> None:
        """End the connection, now or as soon as there is one; a thread that reads of it wakes."""
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@cache
def _trusted_authorities() -> SSLContext:
    """Whose certificates are believed; reading them takes a tenth of a second."""
    import httpx2

    return httpx2.create_ssl_context()


def _check_response(response: httpx2.Response) -> None:
    """Accept a stream of events, of limited length and valid UTF-8, before any of it is read."""
    status = response.status_code
    if status != 200:
        kind = "出错" if status >= 500 else "转到别处" if status < 400 else "不接受这个请求"
        raise LanguageModelError(_BY_STATUS.get(status, f"语言模型服务{kind}（{status}）"))
    if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
        raise LanguageModelError(_MALFORMED)
    response.stream = _limited(response.stream)


def _limited(stream: Any) -> httpx2.SyncByteStream:
    import httpx2

    class Limited(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            received = 0
            for data in stream:
                received += len(data)
                if received > _MOST_BYTES:
                    raise LanguageModelError(_TOO_LONG)
                yield decoder.decode(data).encode()
            yield decoder.decode(b"", final=True).encode()

        def close(self) -> None:
            stream.close()

    return Limited()


def _clean(pieces: Iterator[str]) -> Iterator[str]:
    """Pieces of text that has a UTF-8 form and shows all it holds: no control characters."""
    half = ""
    for piece in pieces:
        text = half + piece
        # A pair of surrogates may be split over two pieces.
        half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        shown = _visible(text.removesuffix(half))
        if shown:
            yield shown
    if half:
        yield _visible(half)


def _visible(text: str) -> str:
    return "".join(
        char
        for char in without_surrogates(text)
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf")
    )

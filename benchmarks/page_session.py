"""A reader of the page over Streamlit's own protocol, without a browser.

Protobuf messages over a web socket, as in a browser: a BackMsg asks for a run of the page's script,
ForwardMsgs bring what it draws and say when it is done.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

_SUBPROTOCOL = Subprotocol("streamlit")
_VIEW = "检索"
_WAITED = 60.0


class SessionError(Exception):
    """The session died, or the page's script did not come to its end."""


@dataclass(slots=True)
class Drawn:
    """What one run of the page's script drew, and how long after asking for it that was done."""

    milliseconds: float = 0.0
    html: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    pictures: int = 0
    """Of pages of PDFs."""
    box: str = ""
    """The id of the text box in the form."""
    button: str = ""
    """The id of the button that submits it."""

    @property
    def dates(self) -> list[str]:
        """The dates of the passages found, best first."""
        return re.findall(r'class="card"><p class="meta">(\d{4}-\d\d-\d\d)', "\n".join(self.html))

    @property
    def briefings(self) -> int:
        """How many briefings the archive holds, by the masthead; 0 where it says nothing."""
        said = re.search(r"收录 (\d+) 期简报", "\n".join(self.html))
        return int(said[1]) if said else 0

    def take(self, element: Element) -> None:
        """Keep what tells of an element."""
        kind = element.WhichOneof("type")
        if kind == "html":
            self.html.append(element.html.body)
        elif kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.errors.append(element.alert.body)
        elif kind == "imgs":
            self.pictures += len(element.imgs.imgs)
        elif kind == "text_input" and element.text_input.form_id:
            self.box = element.text_input.id
        elif kind == "button" and element.button.is_form_submitter:
            self.button = element.button.id


class Session:
    """A reader's open page; `drawn` is what it shows."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.drawn = Drawn()

    async def open(self) -> Drawn:
        """Run the page for the first time, as a browser does; raises SessionError."""
        return await self._run(_asking({"view": _VIEW}))

    async def look_at(self, opened: str) -> Drawn:
        """Open a page of a PDF, named as the page's address names it; raises SessionError."""
        return await self._run(_asking({"view": _VIEW, "open": opened}))

    async def search(self, query: str) -> Drawn:
        """Type a query into the form and submit it; raises SessionError."""
        if not (self.drawn.box and self.drawn.button):
            raise SessionError("the page shows no form to search with")
        message = _asking({"view": _VIEW, "q": query})
        widgets = message.rerun_script.widget_states.widgets
        widgets.add(id=self.drawn.box, string_value=query)
        widgets.add(id=self.drawn.button, trigger_value=True)
        return await self._run(message)

    async def _run(self, message: BackMsg) -> Drawn:
        clock = time.perf_counter()
        try:
            async with asyncio.timeout(_WAITED):
                await self._socket.send(message.SerializeToString())
                self.drawn = await self._finished()
        except TimeoutError as error:
            raise SessionError(f"no end of the script's run within {_WAITED:.0f} s") from error
        except ConnectionClosed as error:
            raise SessionError(f"the connection was closed ({error})") from error
        self.drawn.milliseconds = (time.perf_counter() - clock) * 1000
        return self.drawn

    async def _finished(self) -> Drawn:
        """What is drawn until the script has ended; a run broken off for another is forgotten."""
        drawn, run = Drawn(), ""
        while True:
            message = ForwardMsg.FromString(await self._received())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                drawn, run = Drawn(), message.metadata.run.script_run_id
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                drawn.take(message.delta.new_element)
            elif kind == "session_event" and message.session_event.HasField(
                "script_compilation_exception"
            ):
                drawn.errors.append(message.session_event.script_compilation_exception.message)
            elif kind == "script_finished" and message.metadata.run.script_run_id == run:
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    drawn.errors.append("the page's script can't be compiled")
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return drawn

    async def _received(self) -> bytes:
        data = await self._socket.recv()
        if isinstance(data, str):
            raise SessionError("the page sent text, not a message")
        return data


@asynccontextmanager
async def session(port: int) -> AsyncIterator[Session]:
    """A session with the page at a port of this machine, for the block; raises SessionError."""
    url = f"ws://127.0.0.1:{port}/_stcore/stream"
    try:
        socket = await connect(
            url, subprotocols=[_SUBPROTOCOL], max_size=None, open_timeout=_WAITED
        )
    except (OSError, TimeoutError) as error:
        raise SessionError(f"no connection ({error})") from error
    async with socket:
        yield Session(socket)


def _asking(address: dict[str, str]) -> BackMsg:
    """The message that asks for a run, with what stands after the ? of the page's address."""
    message = BackMsg()
    state = message.rerun_script
    state.query_string = urlencode(address)
    state.context_info.timezone = "Asia/Shanghai"
    state.context_info.locale = "zh-CN"
    return message

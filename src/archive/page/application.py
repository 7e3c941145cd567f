"""The page as an ASGI application, for `archive serve`."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from archive.page.failure import show_failure

_OPTIONS = {
    "SERVER_HEADLESS": "true",
    "SERVER_FILE_WATCHER_TYPE": "none",
    "BROWSER_GATHER_USAGE_STATS": "false",
    "CLIENT_TOOLBAR_MODE": "minimal",
    "CLIENT_SHOW_ERROR_DETAILS": "none",
    "LOGGER_LEVEL": "warning",
}
"""What no configuration of a user's may change."""


def page_application(
    script: Path, routes: Sequence[Any], lifespan: Callable[[Any], AbstractAsyncContextManager[Any]]
) -> Any:
    """The script as an ASGI app, with more routes; what goes wrong in it is logged."""
    os.environ.update({f"STREAMLIT_{name}": value for name, value in _OPTIONS.items()})
    import streamlit as st

    @asynccontextmanager
    async def begun(page: Any) -> AsyncIterator[None]:
        _log_as_others_do()
        async with lifespan(page):
            yield

    return st.App(script, routes=routes, lifespan=begun, on_script_error=show_failure)


def _log_as_others_do() -> None:
    """Let what Streamlit logs come to the process's one log, in its form, where it is of weight.

    Each request would be told of too, with the question that stands in its address.
    """
    from streamlit import logger

    for own in logger._loggers.values():
        own.handlers.clear()
        own.propagate = True
        own.setLevel(logging.WARNING)

"""The page as an ASGI application, for `archive serve`."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from archive.page.failure import show_failure

_OPTIONS = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.level": "warning",
}
"""What no configuration of a user's may change."""


def page_application(
    script: Path, routes: Sequence[Any], lifespan: Callable[[Any], AbstractAsyncContextManager[Any]]
) -> Any:
    """The script as an ASGI app, with more routes; what goes wrong in it is logged."""
    import streamlit as st
    from streamlit.web import bootstrap

    @asynccontextmanager
    async def begun(page: Any) -> AsyncIterator[None]:
        _log_as_others_do()
        async with lifespan(page):
            yield

    page = st.App(script, routes=routes, lifespan=begun, on_script_error=show_failure)
    bootstrap.load_config_options(_OPTIONS)  # over the script's own, which it now knows
    return page


def _log_as_others_do() -> None:
    """Let what Streamlit logs come to the process's one log, in its form, where it is of weight.

    Each request would be told of too, with the question that stands in its address.
    """
    from streamlit import logger

    for own in logger._loggers.values():
        own.handlers.clear()
        own.propagate = True
        own.setLevel(logging.WARNING)

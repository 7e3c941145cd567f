"""Keeps the libraries from calling out: the list of their switches, and what they left before.

Importing this module sets the switches, for this process and all that it starts. A library reads
its own when it is imported, so `archive` and `ingest` import this before anything else.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from archive.private import user_cache_folder

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime's, else sent from its first import on
    "ANONYMIZED_TELEMETRY": "False",  # Chroma's
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "HF_HUB_OFFLINE": "1",  # models are never downloaded, so nothing is asked of their hub
    "DO_NOT_TRACK": "1",  # heeded by the hub's library, and by others
}
"""Set whatever the environment says, since nothing of this is anyone's wish."""

os.environ.update(SWITCHES)

_logger = logging.getLogger(__name__)
_LEFT = ("deviceid", "deviceid.lock", "deviceid.tmp.*", "onnxruntime.db", "onnxruntime.db-*")
_SESSION = re.compile(r"\d+\n[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\s*")


def remove_telemetry_files() -> None:
    """Remove the files that onnxruntime's telemetry left in the user's folders, and log which.

    Done once, as a mark in the user's cache tells: files that are there again are another
    program's. What can't be removed is tried again by the next call.
    """
    folder = _telemetry_folder()
    left = [path for pattern in _LEFT for path in folder.glob(pattern)]
    if not left or os.path.exists(mark := user_cache_folder() / "telemetry-removed"):
        return
    session = Path(tempfile.gettempdir(), ".ses")
    with suppress(OSError, UnicodeDecodeError):
        if session.is_file() and _SESSION.fullmatch(session.read_text("ascii")):
            left.append(session)
    removed = [path for path in left if _remove(path)]
    with suppress(OSError):  # of the first folder that holds something else
        for empty in (folder, folder.parent, folder.parent.parent):
            empty.rmdir()
    if removed == left:
        with suppress(OSError):
            mark.touch()


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    _logger.warning("removed what onnxruntime's telemetry had left: %s", path)
    return True


def _telemetry_folder() -> Path:
    """Where onnxruntime's telemetry keeps its device id, and its events until they are sent."""
    if sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base, "Microsoft", "DeveloperTools", ".onnxruntime")

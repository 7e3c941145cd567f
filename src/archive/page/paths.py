"""What the page says without telling where anything lies on the server."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from urllib.parse import quote

from archive.errors import ArchiveError
from archive.page.language import say
from archive.settings import Settings
from archive.untrusted_text import on_one_line

_HOME = "\ue000"
"""Stands for the archive's folder while other paths are looked for."""
_QUOTED = re.compile(
    r"""(?P<mark>['"`])~?/(?:(?!(?P=mark)).)*/(?P<last>(?:(?!(?P=mark))[^/])*)(?P=mark)"""
)
_NAME = r"""[^\s/'"`<>|:;,()\[\]{}，。；：、（）“”‘’「」《》]"""
_WITHIN = r"""[^\n'"`<>|:;,()\[\]{}，。；：、（）“”‘’「」《》]"""
# A name may hold spaces, so that a path is taken to go on to the last slash before a mark.
_POSIX = re.compile(
    rf"(?:(?<![\w./~{_HOME}])|(?<=[\u3400-\u9fff])(?=~?/{_WITHIN}+/))"
    rf"~?/(?={_NAME})(?:{_WITHIN}*/)?(?P<last>{_NAME}+)/?"
)
_WINDOWS = re.compile(
    r"""(?<!\w)(?:[A-Za-z]:[\\/]|\\\\)(?:[^\n'"`<>|*?]*[\\/])?(?P<last>[^\s\\/'"`<>|*?]*)"""
)


def without_paths(text: str) -> str:
    """A message as readers may see it, without a path of the server."""
    try:
        home = Settings.load().home
    except ArchiveError:
        home = None
    return hide_paths(text, home, say("档案文件夹", "the archive's folder"))


def hide_paths(text: str, home: Path | None, called: str) -> str:
    """A text that has `called` in place of the archive's folder, and of other paths only the name.

    A relative path says nothing of the server and stays.
    """
    text = text.replace(_HOME, "")
    for known in sorted(_spellings(home), key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9_.~-]){re.escape(known)}(?![\w-]|\.\w)", _HOME, text)
    text = re.sub(r"file:/+", "/", text)
    text = re.sub(r"(?<![A-Za-z0-9_:/])/{2,}", "/", text)
    text = _QUOTED.sub(lambda found: f"{found['mark']}{found['last']}{found['mark']}", text)
    for path in (_WINDOWS, _POSIX):
        text = path.sub(lambda found: found["last"], text)
    return text.replace(_HOME, called)


def _spellings(home: Path | None) -> set[str]:
    """How the archive's folder may be written in a message."""
    if home is None or home == home.parent:
        return set()
    return {
        spelt
        for path in map(str, (home, home.resolve()))
        for spelt in (
            path, on_one_line(path), repr(path)[1:-1], json.dumps(path)[1:-1],
            quote(os.fsencode(path)), quote(os.fsencode(path), ""),
        )
    }  # fmt: skip

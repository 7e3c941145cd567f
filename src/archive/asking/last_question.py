"""Where a session's last question is kept, so that the next one may lean on it."""

from __future__ import annotations

import json
import re
from datetime import date as Date
from itertools import count
from pathlib import Path

from archive.asking.follow_up import Turn
from archive.errors import ArchiveError, UsageError
from archive.records import Filter, as_plain
from archive.store.atomic_file import write_whole
from archive.untrusted_text import without_surrogates

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_name(text: str) -> bool:
    """Whether a text can be a session's name."""
    return bool(_NAME.fullmatch(text))


def load_turn(home: Path, name: str) -> Turn | None:
    """The last question of a session; None where there is none, or no file of this form.

    Raises UsageError for a name that can't be one, ArchiveError where the file can't be read.
    """
    path = _path(home, name)
    try:
        return _turn(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveError(
            f"the session {name} can't be read from {path}: {error.strerror}",
            "give yourself the right to read it, or choose another --session name",
        ) from error


def save_turn(home: Path, name: str, turn: Turn) -> None:
    """Keep a question as the last of a session; a file of another form is moved aside.

    Raises UsageError for a name that can't be one, ArchiveError where nothing can be written.
    """
    path = _path(home, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and _turn(path.read_bytes()) is None:
            path.rename(_free_name(path))
        write_whole(
            path, without_surrogates(json.dumps(as_plain(turn), ensure_ascii=False, indent=1))
        )
    except OSError as error:
        raise ArchiveError(
            f"the session {name} can't be kept in {path.parent}: {error.strerror}",
            "make the archive's folder writable, or ask without --session",
        ) from error


def _path(home: Path, name: str) -> Path:
    if not is_name(name):
        raise UsageError(
            f"not a session's name: {name!r}",
            "use up to 64 letters, digits, - and _, such as --session rare-earths",
        )
    return home / "sessions" / f"{name}.json"


def _turn(data: bytes) -> Turn | None:
    """What a file says; None where it is damaged or not of this form."""
    try:
        plain = json.loads(data)
        question, where = plain["question"], plain["where"]
        since, until = (
            None if where[end] is None else Date.fromisoformat(where[end])
            for end in ("since", "until")
        )
        topics, names = where["topics"], (where["series"], where["issuer"])
        texts = (question, *topics, *(name for name in names if name is not None))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(topics, list) or not all(isinstance(text, str) for text in texts):
        return None
    return Turn(question, Filter(since, until, tuple(topics), *names))


def _free_name(path: Path) -> Path:
    """A name beside a path's that no file has, and no session."""
    names = (path.with_suffix(f".damaged-{number}.json") for number in count(1))
    return next(name for name in names if not name.exists())

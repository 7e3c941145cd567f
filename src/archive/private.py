"""File permissions: other users of the machine can't read an archive's files."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

GroupAccess = Literal["none", "read", "write"]
"""What the group of the archive's home may do; its owner may do all."""
_BITS: dict[GroupAccess, int] = {"none": 0, "read": 0o050, "write": 0o070}
_OWNER_ONLY = ("staff.json", "sessions", "uploads")
"""Closed to the group too: the password's hash, questions asked, uploads that wait."""


def keep_new_files_private(group: GroupAccess) -> None:
    """Have every file and folder that this process makes from now on closed to other users."""
    os.umask(0o077 & ~_BITS[group])


def close_to_others(home: Path, group: GroupAccess) -> None:
    """Set the permissions of a home and of all in it, unless the home's own are right already.

    They alone are looked at, since nothing can be reached below a folder that is closed. Logs what
    was changed; files of another user stay as they are.
    """
    wanted = 0o700 | _BITS[group]
    try:
        if stat.S_IMODE(home.stat().st_mode) & 0o777 == wanted:
            return
        os.chmod(home, wanted | (stat.S_ISGID if group != "none" else 0))
    except OSError:  # not its owner, or a disk without rights
        return
    changed = sum(_set_mode(path, group, home) for path in _inside(home))
    logging.getLogger(__name__).warning(
        "%s and %d files and folders in it are now closed to other users%s (ARCHIVE_GROUP_ACCESS "
        "says what its group may do)",
        home, changed, "" if group == "none" else f" but its group, which may {group}",
    )  # fmt: skip


def is_open_to_others(home: Path, group: GroupAccess) -> bool:
    """Whether others than the owner, and the group as far as it may, can reach into a home."""
    return bool(stat.S_IMODE(home.stat().st_mode) & 0o077 & ~_BITS[group])


def user_cache_folder() -> Path:
    """The folder `briefing-archive` in the user's cache, made if need be."""
    import platformdirs

    cache = platformdirs.user_cache_path("briefing-archive", appauthor=False)
    with suppress(OSError):
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return cache


def only_user_can_write(folder: Path) -> bool:
    """Whether only this user and root can put anything into a folder."""
    if os.name != "posix":
        return True
    try:
        found = folder.stat()
    except OSError:
        return False
    return found.st_uid in (0, os.getuid()) and not found.st_mode & 0o022


def _inside(home: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(home):
        yield from (Path(folder, name) for name in (*folders, *files))


def _set_mode(path: Path, group: GroupAccess, home: Path) -> bool:
    """Set the permissions of a file or folder in a home; returns whether they changed."""
    is_owner_only = path.relative_to(home).parts[0] in _OWNER_ONLY
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return False
        wanted = 0o700 | (0 if is_owner_only else _BITS[group])
        wanted = wanted if stat.S_ISDIR(mode) else wanted & 0o666
        if stat.S_IMODE(mode) & 0o777 == wanted:
            return False
        os.chmod(path, wanted | (mode & stat.S_ISGID))
    except OSError:
        return False
    return True

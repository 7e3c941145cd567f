"""An archive's files are its owner's: other users of the machine see nothing of them."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

GroupAccess = Literal["none", "read", "write"]
"""What the home's group may do beside its owner."""
_BITS: dict[GroupAccess, int] = {"none": 0, "read": 0o050, "write": 0o070}
_OWNERS_ALONE = ("staff.json", "sessions", "uploads")
"""What the group sees nothing of either: a password's hash, what was asked, what waits."""


def keep_new_files_private(group: GroupAccess) -> None:
    """Have every file and folder that this process makes from now on closed to other users."""
    os.umask(0o077 & ~_BITS[group])


def close_to_others(home: Path, group: GroupAccess) -> None:
    """Give a home and all in it the rights that they should have, where the home hasn't them.

    Below a folder that is closed nothing can be reached, so that it alone is looked at. Says in the
    log what was changed; what belongs to another user stays as it is.
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
    """Whether users can reach into a home that shouldn't."""
    return bool(stat.S_IMODE(home.stat().st_mode) & 0o077 & ~_BITS[group])


def own_cache() -> Path:
    """The user's folder for what can be made anew: `briefing-archive` in the platform's cache."""
    import platformdirs

    cache = platformdirs.user_cache_path("briefing-archive", appauthor=False)
    with suppress(OSError):
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return cache


def is_ours_alone(folder: Path) -> bool:
    """Whether nobody but this user and root can have put anything into a folder."""
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
    """Set a file's rights; whether that changed any."""
    is_owners = path.relative_to(home).parts[0] in _OWNERS_ALONE
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return False
        wanted = 0o700 | (0 if is_owners else _BITS[group])
        wanted = wanted if stat.S_ISDIR(mode) else wanted & 0o666
        if stat.S_IMODE(mode) & 0o777 == wanted:
            return False
        os.chmod(path, wanted | (mode & stat.S_ISGID))
    except OSError:
        return False
    return True

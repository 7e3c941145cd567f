"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_OWNER_ONLY = 0o600
_AS_THE_UMASK_SAYS = 0o666


@contextmanager
def replacing(path: Path, mode: int = _AS_THE_UMASK_SAYS) -> Iterator[IO[bytes]]:
    """A new file to write to, which takes the place of `path` after the block, safe on the disk.

    If the block raises, nothing is left of it and what was at `path` before is there still. A
    process that is killed leaves a hidden file `*.tmp` beside it. Raises OSError.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Put a text in a file's place, readable by its owner only.

    Raises OSError where that can't be; what was there before is there still.
    """
    with replacing(path, _OWNER_ONLY) as file:
        file.write(text.encode())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut, where the platform can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Folders into which PDFs come: which are new or changed, and completely written.

Nothing in the folders is moved, renamed, deleted or written to. They are looked at from time to
time rather than announced by the system (inotify), which tells nothing of what other machines write
to a network drive.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive.store.records import FileReport
from ingest.intake.file_reports import shown_path

QUIET_SECONDS = 3.0
"""For so long a file must not change before it is taken for completely written."""
_UNENDED_SECONDS = 60.0
"""The same for a file without a PDF's end; a copy over a network may pause for a while."""
_OPEN_SECONDS = 600.0
"""The same for a file that another program has open for writing; some never close theirs."""
_END_MARK, _END_BYTES = b"%%EOF", 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 600.0
"""Seconds until a file that couldn't be read is tried again: at first, and after many times."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's size and time of change: another stamp means that the file has changed."""

    size: int
    modified: int
    """In nanoseconds."""


@dataclass(slots=True)
class _Seen:
    """A file as it was when last looked at, and since when it has been so."""

    stamp: Stamp
    since: float
    is_settled: bool = False
    failed_as: str = ""
    """The hash of the content that failed."""
    last_error: tuple[str, str] | None = None
    """Code and message of the last failure, which is told once."""
    tries: int = 0
    """How often it couldn't be read."""
    not_before: float = 0.0


class Inbox:
    """The PDFs of some folders, as far as they are not taken in yet.

    Moments are seconds of any clock that only goes forward. `say` hears, once, what is wrong with a
    folder and when it is well again.
    """

    def __init__(
        self, folders: Sequence[Path], *, recursive: bool, say: Callable[[str], None]
    ) -> None:
        self._folders = list(dict.fromkeys(folders))
        self._recursive = recursive
        self._say = say
        # Never forgotten: a drive that is away for a while would be all new otherwise.
        self._seen: dict[Path, _Seen] = {}
        self._troubles: dict[Path, str] = {}
        self.is_expecting = False
        """Whether there was a file, at the last look, that may be ready in a moment."""

    def ready(self, now: float) -> list[Path]:
        """The files to take in now, in order of path."""
        self.is_expecting = False
        found = sorted(self._files())
        return [path for path, stamp in found if self._is_ready(path, stamp, now)]

    def settle(self, report: FileReport, path: Path, now: float) -> bool:
        """Note what became of a file that was ready; whether that is news to tell."""
        seen = self._seen[path]
        if report.error_code == "not_found":  # it went in the meantime, and may come back
            del self._seen[path]
            return False
        error = (report.error_code or "", report.error_message or "")
        is_news = error != seen.last_error
        seen.last_error = error if report.error_code else None
        if report.error_code == "unreadable":
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**seen.tries)
            seen.tries, seen.not_before = seen.tries + 1, now + pause
            return is_news
        seen.is_settled, seen.tries = True, 0
        seen.failed_as = self._hash_as_seen(path) if report.error_code else ""
        return is_news

    def _hash_as_seen(self, path: Path) -> str:
        """The hash of a file's content, empty where that has changed since it was looked at."""
        content = _hash(path)
        with suppress(OSError):
            stat = path.stat()
            if Stamp(stat.st_size, stat.st_mtime_ns) == self._seen[path].stamp:
                return content
        return ""

    def _is_ready(self, path: Path, stamp: Stamp, now: float) -> bool:
        seen = self._seen.get(path)
        if seen is None or seen.stamp != stamp:
            before = seen or _Seen(stamp, now)
            self._seen[path] = _Seen(
                stamp, now, failed_as=before.failed_as, last_error=before.last_error
            )
            self.is_expecting = True
            return False
        if seen.is_settled or now < seen.not_before:
            return False
        if now - seen.since < self._quiet_seconds(path):
            self.is_expecting = True
            return False
        if seen.failed_as and seen.failed_as == _hash(path):  # touched, but as it was
            seen.is_settled = True
            return False
        return True

    def _quiet_seconds(self, path: Path) -> float:
        """How long a file must have been as it is, going by what it is like."""
        try:
            with path.open("rb") as file:
                if _is_open_for_writing(file.fileno()):
                    return _OPEN_SECONDS
                size = os.fstat(file.fileno()).st_size
                file.seek(max(0, size - _END_BYTES))
                return QUIET_SECONDS if _END_MARK in file.read() else _UNENDED_SECONDS
        except OSError:  # whoever takes it in will say so
            return QUIET_SECONDS

    def _files(self) -> Iterator[tuple[Path, Stamp]]:
        """The PDFs there are; what can't be listed now may be another time."""
        folders = list(self._folders)
        while folders:
            folder = folders.pop()
            for entry in self._entries(folder):
                with suppress(OSError):  # it went in the meantime, or is a link to nowhere
                    # A link to a folder might lead back into one it lies in.
                    if entry.is_dir(follow_symlinks=False):
                        folders += [Path(entry.path)] if self._recursive else []
                    elif entry.name.casefold().endswith(".pdf") and entry.is_file():
                        stat = entry.stat()
                        yield Path(entry.path), Stamp(stat.st_size, stat.st_mtime_ns)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                inside = list(entries)
        except FileNotFoundError as error:
            if folder in self._folders:  # one inside them may go
                self._tell_trouble(folder, error)
            return []
        except OSError as error:
            self._tell_trouble(folder, error)
            return []
        if self._troubles.pop(folder, None):
            self._say(f"the folder {shown_path(folder)} can be read again")
        return inside

    def _tell_trouble(self, folder: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        if self._troubles.get(folder) != reason:
            self._troubles[folder] = reason
            self._say(f"the folder {shown_path(folder)} can't be read ({reason}); waiting for it")


def _is_open_for_writing(descriptor: int) -> bool:
    """Whether any process has a file open for writing, where the system tells.

    Linux gives a read lease on a file only while none has. It gives none to others than the file's
    owner, nor on most network drives, which tells nothing.
    """
    try:
        import fcntl
        import signal

        set_lease, set_signal, harmless = fcntl.F_SETLEASE, fcntl.F_SETSIG, signal.SIGURG
    except (ImportError, AttributeError):  # not Linux
        return False
    try:
        # Who opens the file in the very moment of the lease waits for its end, which a signal asks
        # for; the usual one would end this process.
        fcntl.fcntl(descriptor, set_signal, harmless)
        fcntl.fcntl(descriptor, set_lease, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, set_lease, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def _hash(path: Path) -> str:
    """The hash of a file's content, empty where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""

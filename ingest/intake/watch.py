"""Taking in what comes into folders, for as long as the process runs.

The encoder stays loaded; the archive itself is held only while files are taken in, so that other
commands work in between.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from archive.errors import ArchiveError, BusyError, UsageError
from archive.index.encoder import open_encoder
from archive.keeping.writing import open_writer
from archive.settings import Settings
from archive.store.records import FileReport, IngestReport
from ingest.intake.bulk import IngestOptions, Stage, ingest
from ingest.intake.file_reports import shown_path
from ingest.intake.inbox import Inbox

_STEP = 0.2
"""Seconds within which the end that was asked for is noticed."""
_SOON = 1.0
_LONGEST_PAUSE = 300.0


class Watcher(Protocol):
    """Receives what happens during a watch."""

    def say(self, message: str) -> None:
        """Something about the archive or a folder, told once."""

    def on_files(self, count: int) -> None:
        """So many files are about to be taken in."""

    def on_stage(self, path: Path, stage: str) -> None:
        """A file is being read, or stored."""

    def on_file(self, report: FileReport, done: int, total: int) -> None:
        """What became of a file."""

    def on_report(self, report: IngestReport) -> None:
        """What became of all of them."""


def watch(
    folders: Sequence[Path],
    settings: Settings,
    options: IngestOptions,
    watcher: Watcher,
    is_over: Callable[[], bool],
    *,
    interval: float = 10.0,
) -> None:
    """Take in the PDFs of the folders, and those that come, until it is over.

    An archive that is busy and a disk that is full are waited for. Raises UsageError for a folder
    that isn't there, and for settings that no file could be taken in with.
    """
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"no such folder: {folder}", "give --watch folders that are there")
    open_encoder(settings.model)  # what is wrong with it is said now; it stays loaded
    inbox = Inbox(folders, recursive=options.recursive, say=watcher.say)
    archive = _ArchiveInUse(settings, options, watcher, is_over, interval)
    while not is_over():
        now = time.monotonic()
        if archive.is_worth_a_try(now):
            archive.take_in(inbox, now)
        _rest(min(interval, _SOON) if inbox.is_expecting else interval, is_over)


class _OverError(Exception):
    """The end was asked for while files are taken in."""


@dataclass(slots=True)
class _ArchiveInUse:
    """The archive as the watch finds it: ready, busy, or out of order for a while."""

    settings: Settings
    options: IngestOptions
    watcher: Watcher
    is_over: Callable[[], bool]
    interval: float
    has_worked: bool = False
    trouble: str = ""
    failures: int = 0
    not_before: float = 0.0

    def is_worth_a_try(self, now: float) -> bool:
        return now >= self.not_before

    def take_in(self, inbox: Inbox, now: float) -> None:
        """Take in what is ready, or say, once, why that can't be done now."""
        try:
            if not self.has_worked:
                self._tidy_up()
            if ready := inbox.ready(now):
                self._ingest(ready, inbox)
        except _OverError:
            # What is half taken in, and what belongs to no single file, is finished.
            with suppress(ArchiveError, OSError):
                self._tidy_up()
        except BrokenPipeError:  # whoever read what this process says has gone
            raise
        except BusyError as error:
            self._tell(f"waiting: {error.message}")
        except (ArchiveError, OSError) as error:
            if isinstance(error, UsageError) and not self.has_worked:
                raise
            self.failures += 1
            pause = min(_LONGEST_PAUSE, self.interval * 2**self.failures)
            self.not_before = time.monotonic() + pause
            self._tell(f"nothing can be taken in, trying again: {error}")
        else:
            if self.trouble:
                self.watcher.say("the archive can be written again")
            self.has_worked, self.trouble, self.failures = True, "", 0

    def _tell(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.watcher.say(trouble)

    def _tidy_up(self) -> None:
        """Finish what an earlier process left; raises what speaks against writing at all."""
        with open_writer(self.settings, "watching folders") as writer:
            if not writer.catalog.is_settled():
                writer.reconcile()

    def _ingest(self, ready: Sequence[Path], inbox: Inbox) -> None:
        here = [path for path in ready if os.path.lexists(path)]
        by_name: dict[str, list[Path]] = {}
        for path in here:
            by_name.setdefault(shown_path(path), []).append(path)

        def on_stage(path: Path, stage: Stage) -> None:
            # Between two files; those that are stored by now have been told of.
            if self.is_over():
                raise _OverError
            self.watcher.on_stage(path, stage)

        def on_file(report: FileReport, done: int, total: int) -> None:
            path = by_name[report.path].pop(0)
            if self.is_over() and report.error_code == "crashed":
                return  # its worker was ended, as this process is to be
            if inbox.settle(report, path, time.monotonic()):
                self.watcher.on_file(report, done, total)

        self.watcher.on_files(len(here))
        try:
            report = ingest(here, self.settings, self.options, on_file, on_stage)
        except UsageError:
            if all(map(os.path.lexists, here)):
                raise
            return  # one went in the meantime; the next look finds the others
        self.watcher.on_report(report)


def _rest(seconds: float, is_over: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not is_over() and (left := end - time.monotonic()) > 0:
        time.sleep(min(_STEP, left))

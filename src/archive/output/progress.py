"""How far an ingest is: its pace, and its events as lines of JSON for another program."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.following.records import MissingDays
from archive.output.json_documents import as_line, file_json, ingest_json
from archive.store.records import FileReport, IngestReport
from archive.untrusted_text import without_surrogates


class Pace:
    """How fast the files of an ingest go, judged by those that had to be read.

    Files that are in already take next to no time, so that neither their number nor their time
    says anything of those still to come.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._latest = 0.0
        self._read = 0
        self._left = 0

    def begin(self) -> None:
        """Note that a file is about to be read; the first one starts the clock."""
        if self._began is None:
            self._began = time.monotonic()

    def note(self, report: FileReport, done: int, total: int) -> None:
        """Note what became of a file; the files that are in already may come first."""
        self._left = total - done
        if report.outcome == "unchanged":
            return
        self.begin()
        self._read += 1
        self._latest = time.monotonic()

    @property
    def per_minute(self) -> float | None:
        """Files read in a minute; None before there is anything to judge by."""
        if self._began is None or self._latest <= self._began:
            return None
        return 60 * self._read / (self._latest - self._began)

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest will take at this pace; None before there is one."""
        if not self._left:
            return 0.0
        pace = self.per_minute
        return None if pace is None else 60 * self._left / pace


@dataclass(frozen=True, slots=True)
class Progress:
    """Whom an ingest tells how far it is: each file's stages, then what became of it."""

    on_file: Callable[[FileReport, int, int], None]
    on_stage: Callable[[Path, str], None]


class ProgressEvents:
    """The events of an ingest, each written as one line of JSON.

    The names are a contract, as those of `archive.output.json_documents` are.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._pace = Pace()

    def start(self, files: int) -> None:
        self._event("start", at=datetime.now(UTC).isoformat(timespec="seconds"), files=files)

    def on_stage(self, path: Path, stage: str) -> None:
        self._pace.begin()
        self._event(stage, path=without_surrogates(str(path)))

    def on_file(self, report: FileReport, done: int, total: int) -> None:
        self._pace.note(report, done, total)
        self._event(
            "file",
            **file_json(report),
            done=done,
            total=total,
            per_minute=_rounded(self._pace.per_minute),
            seconds_left=_rounded(self._pace.seconds_left),
        )

    def message(self, text: str) -> None:
        """Something for a person to read, such as whom the ingest waits for."""
        self._event("message", text=without_surrogates(text))

    def error(self, message: str, cure: str, exit_code: int) -> None:
        """The end of an ingest that can't go on."""
        self._event("error", message=without_surrogates(message), cure=cure, exit_code=exit_code)

    def end(self, report: IngestReport, missing: Sequence[MissingDays] | None = None) -> None:
        document = ingest_json(report, missing)
        del document["files"]  # each had its event
        self._event("end", **document)

    def _event(self, event: str, **more: Any) -> None:
        self._write(as_line({"event": event} | more))


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)


def as_duration(seconds: float) -> str:
    """A time left in words of the clock: 45 s, 3:05 min, 2:10 h."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02} h"

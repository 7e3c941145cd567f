"""`archive ingest --watch`: what is said of each file, and how the watch ends."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.cli.ingest_voice import say, tell_watches
from archive.output.json_documents import as_line, file_json
from archive.output.progress import ProgressEvents
from archive.settings import Settings
from archive.store.records import FileReport, IngestReport

if TYPE_CHECKING:
    from ingest.intake.bulk import IngestOptions


def watch_until_told(
    folders: Sequence[Path],
    settings: Settings,
    options: IngestOptions,
    interval: float,
    events: ProgressEvents | None,
    *,
    as_json: bool,
) -> None:
    """Take in what comes in until SIGTERM or Ctrl-C; raises as `ingest.intake.watch` does."""
    from ingest.intake.watch import watch

    with _told_to_end() as is_over:
        voice = _Voice(settings, events, as_json=as_json)
        names = ", ".join(str(folder) for folder in folders)
        voice.say(f"watching {names} every {interval:g} s, until Ctrl-C")
        watch(folders, settings, options, voice, is_over, interval=interval)
        voice.say("the watch has ended")


class _Voice:
    """Says what happens: of each file a line on stdout, all else on stderr."""

    def __init__(self, settings: Settings, events: ProgressEvents | None, *, as_json: bool) -> None:
        self._settings, self._events, self._as_json = settings, events, as_json
        self._is_first = True
        self._counts: Counter[str] = Counter()

    def say(self, message: str) -> None:
        (self._events.message if self._events else say)(message)

    def on_files(self, count: int) -> None:
        self._counts.clear()
        if self._events:
            self._events.start(count)

    def on_stage(self, path: Path, stage: str) -> None:
        if self._events:
            self._events.on_stage(path, stage)

    def on_file(self, report: FileReport, done: int, total: int) -> None:
        from archive.output.terminal.ingest_screens import print_failure, print_file

        self._counts[report.outcome] += 1
        if self._as_json:
            click.echo(as_line(file_json(report)))
        elif not (self._is_first and report.outcome == "unchanged"):
            print_file(report)
        if self._events:
            self._events.on_file(report, done, total)
        else:
            print_failure(report)

    def on_report(self, report: IngestReport) -> None:
        if self._is_first and (known := report.counts["unchanged"]):
            self.say(f"{known} files are in already")
        self._is_first = False
        if self._events:
            self._events.end(report)
        if self._counts["new"] or self._counts["replaced"]:
            tell_watches(self._settings, self.say)


@contextmanager
def _told_to_end() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or Ctrl-C has come; a second one ends the process at once."""
    told: list[int] = []

    def note(number: int, frame: object) -> None:
        if told:
            raise KeyboardInterrupt
        told.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

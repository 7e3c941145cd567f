"""Commands in processes of their own that start in milliseconds, and that can be watched and ended.

Importing what an encoder needs takes 10 seconds. `load_libraries` does it once in this process,
which must not compute anything itself, and every command is a fork of it: `python -m archive` with
its arguments, run from its first line in a process group of its own.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import mmap
import os
import runpy
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.chinese.simplified import simplified
from archive.index.encoder import _prepare_libraries

_LIBRARIES = (
    "sentence_transformers",
    "transformers.models.bert.modeling_bert",
    "chromadb.api.rust",
    "rich.progress",
    "archive.cli",
    "archive.output.terminal.ingest_screens",
    "archive.output.terminal.answer_screens",
    "archive.output.terminal.matter_screens",
    "archive.output.terminal.archive_screens",
    "ingest.intake.bulk",
)
_DIE_WITH_PARENT = 1
BROKEN = 70
"""The exit code of a child whose work raised."""


def load_libraries() -> None:
    """Import all that a command may import, and start nothing."""
    os.environ["OMP_NUM_THREADS"] = "1"  # threads of this process would not survive a fork
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    _prepare_libraries()
    for name in _LIBRARIES:
        importlib.import_module(name)
    from transformers.conversion_mapping import get_checkpoint_conversion_mapping

    get_checkpoint_conversion_mapping("bert")  # type: ignore[no-untyped-call]  # made in a second
    simplified("简")  # so is its table


@dataclass(frozen=True, slots=True)
class Child:
    """A forked process, the leader of its group, and the file that takes what it prints."""

    pid: int
    log: Path

    def ended(self) -> int | None:
        """Its exit code, the negative signal that ended it, None while it runs."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def wait(self, seconds: float = 300) -> int:
        """Its exit code; raises TimeoutError, and ends it, after so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (code := self.ended()) is not None:
                return code
            time.sleep(0.005)
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise TimeoutError(f"still running after {seconds} s; {self.said()[-2000:]}")

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[int]:
        """The processes that read PDFs for it."""
        return [
            pid for pid in _children(self.pid) if "archive.worker_process" in _command_line(pid)
        ]


def _children(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it has ended
        return []
    return [int(child) for child in found.split()]


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def fork(work: Callable[[], Any], log: Path) -> Child:
    """Do some work in a child process."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        with suppress(OSError):  # the child may have been first, and has ended perhaps
            os.setpgid(pid, pid)
        return Child(pid, log)
    code = BROKEN
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        work()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def command(
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    log: Path,
    board: Board | None = None,
) -> Child:
    """Run `python -m archive` with these arguments in a child process, stages shown on a board."""

    def run() -> None:
        os.environ.update(environment)
        sys.argv = ["archive", *map(str, arguments)]
        if board is not None:
            board.watch()
        runpy.run_module("archive", run_name="__main__", alter_sys=True)

    return fork(run, log)


# --- what a command is at ------------------------------------------------------------------------

STAGES: Mapping[str, Sequence[str]] = {
    "opening": ("archive.store.catalog:Catalog.open", "archive.index.chroma:_folder_client"),
    "finishing pending": ("archive.keeping.writer:Writer.finish_pending",),
    "reading": ("ingest.reading.workers:_result",),
    "encoding": ("archive.keeping.writer:Writer.encode",),
    "storing the file": ("archive.keeping.writer:Writer._store_file",),
    "inserting pending": ("archive.store.changes:Changes.insert_pending",),
    "indexing words": ("archive.store.full_text:FullText.index",),
    "Chroma upsert": ("archive.index.vector_index:VectorIndex.add",),
    "publishing": ("archive.store.changes:Changes.publish",),
    "Chroma delete": ("archive.index.vector_index:VectorIndex.remove",),
    "reconciling": ("archive.keeping.writer:Writer.reconcile",),
    "linking": ("archive.following.storylines:Linker.link_new",),
    "recording the run": ("archive.store.notes:Notes.record_run",),
    "closing": ("archive.store.catalog:Catalog.close",),
}
"""The stages of an ingest and the functions they are; one within another counts as both."""
BETWEEN = "between stages"
_NAMES = tuple(STAGES)
_ENTRY = struct.Struct("<iid")
"""How often a stage is under way, how often it was entered, seconds in it."""
_ORDER = struct.Struct("<iiq")
"""Where to die: stage, entry, before (0) or after (1) it."""


@dataclass(frozen=True, slots=True)
class Board:
    """Shared memory in which a command shows what it is at; it stays after the command's death."""

    memory: mmap.mmap = field(
        default_factory=lambda: mmap.mmap(-1, len(STAGES) * _ENTRY.size + _ORDER.size)
    )

    def clear(self) -> None:
        self.memory[:] = bytes(len(self.memory))

    def read(self, stage: str) -> tuple[int, int, float]:
        """How often it is under way, how often it was entered, and the seconds in it."""
        under_way, entered, seconds = _ENTRY.unpack_from(self.memory, self._at(stage))
        return under_way, entered, seconds

    def under_way(self) -> list[str]:
        return [stage for stage in STAGES if self.read(stage)[0]]

    def die(self, stage: str, entry: int, *, after: bool) -> None:
        """Have the next command kill its own group right before or after this entry of a stage."""
        place = len(STAGES) * _ENTRY.size
        _ORDER.pack_into(self.memory, place, _NAMES.index(stage) + 1, entry, int(after))

    def watch(self) -> None:
        """Show the stages of this process from now on."""
        lock = threading.Lock()
        for stage, functions in STAGES.items():
            for name in functions:
                module, _, path = name.partition(":")
                owner: Any = importlib.import_module(module)
                *parents, last = path.split(".")
                for parent in parents:
                    owner = getattr(owner, parent)
                # a static method is found as the plain function it is
                is_static = isinstance(vars(owner)[last], staticmethod)
                shown = self._shown(stage, getattr(owner, last), lock)
                setattr(owner, last, staticmethod(shown) if is_static else shown)

    def _shown(
        self, stage: str, function: Callable[..., Any], lock: threading.Lock
    ) -> Callable[..., Any]:
        at = self._at(stage)

        @functools.wraps(function)
        def show(*arguments: Any, **named: Any) -> Any:
            with lock:
                under_way, entered, seconds = _ENTRY.unpack_from(self.memory, at)
                _ENTRY.pack_into(self.memory, at, under_way + 1, entered + 1, seconds)
            self._obey(stage, entered + 1, after=False)
            start = time.perf_counter()
            try:
                result = function(*arguments, **named)
                self._obey(stage, entered + 1, after=True)
                return result
            finally:
                with lock:
                    under_way, now, seconds = _ENTRY.unpack_from(self.memory, at)
                    seconds += time.perf_counter() - start
                    _ENTRY.pack_into(self.memory, at, under_way - 1, now, seconds)

        return show

    def _obey(self, stage: str, entry: int, *, after: bool) -> None:
        ordered = _ORDER.unpack_from(self.memory, len(STAGES) * _ENTRY.size)
        if ordered == (_NAMES.index(stage) + 1, entry, int(after)):
            os.killpg(0, signal.SIGKILL)

    @staticmethod
    def _at(stage: str) -> int:
        return _NAMES.index(stage) * _ENTRY.size

"""Reading PDFs in worker processes with limits, so that a hostile file costs one line.

The only module that knows pebble, whose pool ends a worker that hangs and replaces one that dies.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from archive.errors import ReadError
from archive.records import Briefing, Passage
from ingest import ocr
from ingest.passages import cut_passages
from ingest.read import ReadOptions, read_briefing, read_bytes

_FILES_A_WORKER = 200
"""After so many files a worker is replaced, and with it whatever memory it has kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: seconds, and bytes of memory (where the system can tell).

    Pages and bytes of a file are limited by `ingest.pdf.MAX_PAGES` and `ingest.read.MAX_BYTES`.
    """

    seconds: float = 180.0
    memory: int = 2**30


STANDARD = Limits()
_MEMORY_OF_OCR = 3 * 2**30
"""Address space a worker may have more for the models that recognise text."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One PDF as read: its bytes, its briefing, its passages."""

    pdf: bytes
    briefing: Briefing
    passages: tuple[Passage, ...]


def read_file(path: Path, options: ReadOptions) -> ReadFile:
    """Read one PDF in this process; raises ReadError, also for what no code foresaw."""
    try:
        pdf = read_bytes(path)
        briefing = read_briefing(path, pdf, options)
        return ReadFile(pdf, briefing, cut_passages(briefing))
    except ReadError:
        raise
    except MemoryError:
        raise _out_of_memory(path) from None
    except Exception as error:  # one odd file must not stop a run
        raise ReadError(
            "crashed",
            f"{path.name}: reading it failed ({type(error).__name__}: {error})",
            "report the file; meanwhile, print it from a PDF viewer to a new PDF and try that",
        ) from error


def read_files(
    paths: Sequence[Path], options: ReadOptions, workers: int, limits: Limits = STANDARD
) -> Iterator[ReadFile | ReadError]:
    """Each path as read, or why not, in order; at most a few are held in memory."""
    from pebble import ProcessPool

    if not paths:
        return
    uses_ocr = options.ocr and ocr.is_available()
    pool: Any = ProcessPool(
        min(workers, len(paths)),
        max_tasks=_FILES_A_WORKER,
        initializer=_prepare,
        initargs=(limits.memory + (_MEMORY_OF_OCR if uses_ocr else 0),),
        context=get_context("spawn"),  # a forked child would inherit locks of torch's threads
    )
    try:
        todo = deque(paths)
        window: deque[tuple[Path, Any]] = deque()
        while todo or window:
            while todo and len(window) < 2 * workers:
                path = todo.popleft()
                future = pool.schedule(read_file, args=(path, options), timeout=limits.seconds)
                window.append((path, future))
            yield _result(*window.popleft(), limits)
    finally:
        pool.stop()
        pool.join()


def _prepare(memory: int) -> None:
    """Set up a worker: no more memory than allowed, and no say in interrupts.

    Ctrl-C reaches all processes of a terminal; a worker would print a traceback.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import resource
    except ImportError:  # Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    allowed = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


def _result(path: Path, future: Any, limits: Limits) -> ReadFile | ReadError:
    from pebble import ProcessExpired

    try:
        result: ReadFile = future.result()
    except ReadError as error:
        return error
    except TimeoutError:
        return ReadError(
            "timeout",
            f"{path.name}: reading it took longer than {limits.seconds:g} seconds",
            "give it more time with --timeout, or print it from a PDF viewer to a new PDF",
        )
    except MemoryError:
        return _out_of_memory(path)
    except ProcessExpired as error:
        if error.exitcode == -signal.SIGKILL:  # what a system short of memory does
            return _out_of_memory(path)
        return ReadError(
            "crashed",
            f"{path.name}: reading it ended the worker process (exit code {error.exitcode})",
            "open it in a PDF viewer and save it anew, then try again",
        )
    return result


def _out_of_memory(path: Path) -> ReadError:
    return ReadError(
        "out_of_memory",
        f"{path.name}: reading it needs more memory than one file may take",
        "split the file, or print it from a PDF viewer to a new PDF",
    )

"""Reading PDFs in worker processes with limits, so that a hostile file costs one line."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType

from archive.errors import ReadError
from archive.records import Briefing, Passage
from archive.worker_process import Bounds, Worker, WorkerDiedError
from ingest.extract import ocr
from ingest.extract.limits import STANDARD, Limits
from ingest.reading.briefing_reader import ReadOptions, read_briefing
from ingest.reading.passages import cut_passages
from ingest.reading.pdf_bytes import read_bytes

OnReading = Callable[[Path], None]
"""Called with a path when it is about to be read."""
NO_NAMES: Mapping[Path, str] = MappingProxyType({})

_MEMORY_OF_OCR = 3 * 2**30
"""Address space a worker may have more for the models that recognise text."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One PDF as read: its bytes, its briefing, its passages."""

    pdf: bytes
    briefing: Briefing
    passages: tuple[Passage, ...]


def read_file(
    path: Path, options: ReadOptions, called: Path, limits: Limits = STANDARD
) -> ReadFile:
    """Read one PDF in this process; raises ReadError, also for what no code foresaw.

    `called` is the file's own name, which may hold a date and is the one that messages show.
    """
    try:
        pdf = read_bytes(path, limits)
        briefing = read_briefing(called, pdf, options, limits)
        return ReadFile(pdf, briefing, cut_passages(briefing))
    except ReadError:
        raise
    except MemoryError:
        pass  # raised below, where nothing holds on to what had been read
    except Exception as error:  # one odd file must not stop a run
        raise ReadError(
            "crashed",
            f"{called.name}: reading it failed ({type(error).__name__}: {error})",
            "report the file; meanwhile, print it from a PDF viewer to a new PDF and try that",
        ) from error
    raise _out_of_memory(called)


def read_files(
    paths: Sequence[Path],
    options: ReadOptions,
    workers: int,
    limits: Limits = STANDARD,
    *,
    names: Mapping[Path, str] = NO_NAMES,
    on_reading: OnReading = lambda path: None,
) -> Iterator[ReadFile | ReadError]:
    """Each path as read, or why not, in order; at most a few are held in memory.

    `names` has the files' own names where they are stored under others.
    """
    if not paths:
        return
    count = min(workers, len(paths))
    uses_ocr = options.ocr and ocr.is_available()
    bounds = Bounds(limits.seconds, limits.memory + (_MEMORY_OF_OCR if uses_ocr else 0))
    made = [Worker("ingest.reading.workers", "ingest.extract.pdf") for _ in range(count)]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in made:
        idle.put(worker)
    threads = ThreadPoolExecutor(count, "reading")

    def read(path: Path, called: Path) -> ReadFile:
        worker = idle.get()
        try:
            return worker.call(bounds, read_file, path, options, called, limits)
        finally:
            idle.put(worker)

    try:
        todo = deque(paths)
        window: deque[tuple[Path, Path, Future[ReadFile]]] = deque()
        begun = 0  # the workers take the files in order, so that the first of the window are read
        while todo or window:
            while todo and len(window) < 2 * workers:
                path = todo.popleft()
                called = Path(names.get(path, path))
                window.append((path, called, threads.submit(read, path, called)))
            for path, _, _ in islice(window, begun, workers):
                on_reading(path)
            begun = min(workers, len(window)) - 1
            path, called, future = window.popleft()
            if _was_killed(future):  # perhaps for another's memory: not its fault yet
                future = threads.submit(read, path, called)
            yield _result(called, future, limits)
    finally:
        for worker in made:
            worker.end()
        threads.shutdown(cancel_futures=True)


def _was_killed(future: Future[ReadFile]) -> bool:
    """Whether somebody killed the worker of a task."""
    error = future.exception()
    return isinstance(error, WorkerDiedError) and error.exit_code == -signal.SIGKILL


def _result(path: Path, future: Future[ReadFile], limits: Limits) -> ReadFile | ReadError:
    try:
        return future.result()
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
    except WorkerDiedError as error:
        if error.exit_code == -signal.SIGKILL:  # what a system short of memory does
            return _out_of_memory(path)
        return ReadError(
            "crashed",
            f"{path.name}: reading it ended the worker process (exit code {error.exit_code})",
            "open it in a PDF viewer and save it anew, then try again",
        )


def _out_of_memory(path: Path) -> ReadError:
    return ReadError(
        "out_of_memory",
        f"{path.name}: reading it needs more memory than one file may take",
        "split the file, print it from a PDF viewer to a new PDF, or allow more with --max-memory",
    )

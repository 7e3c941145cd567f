"""Reading many PDFs in worker processes, so that one that takes its worker down costs one file."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from archive.errors import ReadError
from archive.records import Briefing, Passage
from ingest.passages import cut_passages
from ingest.read import ReadOptions, read_briefing, read_bytes


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One PDF as read: its bytes, its briefing, its passages."""

    pdf: bytes
    briefing: Briefing
    passages: tuple[Passage, ...]


def read_file(path: Path, options: ReadOptions) -> ReadFile:
    """Read one PDF; raises ReadError, also for what no code foresaw."""
    try:
        pdf = read_bytes(path)
        briefing = read_briefing(path, pdf, options)
        return ReadFile(pdf, briefing, cut_passages(briefing))
    except ReadError:
        raise
    except Exception as error:  # one odd file must not stop a run
        raise ReadError(
            "crashed",
            f"{path.name}: reading it failed ({type(error).__name__}: {error})",
            "report the file; meanwhile, print it from a PDF viewer to a new PDF and try that",
        ) from error


def read_files(
    paths: Sequence[Path], options: ReadOptions, workers: int
) -> Iterator[ReadFile | ReadError]:
    """Each path as read, or why not, in order; at most a few are held in memory."""
    todo = deque(paths)
    while todo:
        with _pool(workers) as pool:
            window: deque[tuple[Path, Future[ReadFile]]] = deque()
            try:
                while todo or window:
                    while todo and len(window) < 2 * workers:
                        window.append((todo[0], pool.submit(read_file, todo[0], options)))
                        todo.popleft()
                    yield _result(window[0][1])
                    window.popleft()
            except BrokenProcessPool:
                # Which file broke the pool isn't known: the first unread one is tried alone.
                todo.extendleft(path for path, _ in reversed(window))
        if todo:
            yield _read_alone(todo.popleft(), options)


def _read_alone(path: Path, options: ReadOptions) -> ReadFile | ReadError:
    with _pool(1) as pool:
        try:
            return _result(pool.submit(read_file, path, options))
        except BrokenProcessPool:
            return ReadError(
                "crashed",
                f"{path.name}: reading it ended the worker process",
                "open it in a PDF viewer and save it anew, then try again",
            )


def _pool(workers: int) -> ProcessPoolExecutor:
    # A forked child would inherit locks held by torch's threads.
    return ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_parent
    )


def _leave_interrupts_to_parent() -> None:
    """Ctrl-C reaches all processes of a terminal; a worker would print a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _result(future: Future[ReadFile]) -> ReadFile | ReadError:
    try:
        return future.result()
    except ReadError as error:
        return error

"""Reading PDFs in worker processes with limits, so that a hostile file costs one line.

The only module that knows pebble, whose pool ends a worker that hangs and replaces one that dies.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType
from typing import Any

from archive.errors import ReadError
from archive.records import Briefing, Passage
from ingest import ocr
from ingest.limits import STANDARD, Limits
from ingest.passages import cut_passages
from ingest.read import ReadOptions, read_briefing, read_bytes

OnReading = Callable[[Path], None]
"""Called with a path when it is about to be read."""
NO_NAMES: Mapping[Path, str] = MappingProxyType({})

_NEW_POOLS = 4
"""So many times a pool of workers that broke is made anew for one file."""
_FILES_A_WORKER = 200
"""After so many files a worker is replaced, and with it whatever memory it has kept."""


_MEMORY_OF_OCR = 3 * 2**30
"""Address space a worker may have more for the models that recognise text."""
_HEADROOM = 4
"""The part of its memory that a worker may use in excess before the next look at it, as 1 in 4."""
_WATCHED_EVERY = 0.02
_TOO_MUCH_MEMORY = 78
"""The exit code of a worker that used more than it may."""


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
    uses_ocr = options.ocr and ocr.is_available()
    within = replace(limits, memory=limits.memory + (_MEMORY_OF_OCR if uses_ocr else 0))
    pool = _started_pool(min(workers, len(paths)))

    def begin(path: Path, called: Path) -> Any:
        nonlocal pool
        task = (path, options, within, called)
        for _ in range(_NEW_POOLS):
            try:
                return pool.schedule(_read_within, args=task, timeout=limits.seconds)
            except RuntimeError:  # it broke: a process was killed when it was made, or answered
                pool.stop()
                pool = _started_pool(min(workers, len(paths)))
        return pool.schedule(_read_within, args=task, timeout=limits.seconds)

    try:
        todo = deque(paths)
        window: deque[tuple[Path, Path, Any]] = deque()
        begun = 0  # the workers take the files in order, so that the first of the window are read
        while todo or window:
            while todo and len(window) < 2 * workers:
                path = todo.popleft()
                called = Path(names.get(path, path))
                window.append((path, called, begin(path, called)))
            for path, _, _ in islice(window, begun, workers):
                on_reading(path)
            begun = min(workers, len(window)) - 1
            path, called, future = window.popleft()
            if _was_killed(future):  # perhaps for another's memory: not its fault yet
                future = begin(path, called)
            yield _result(called, future, limits)
    finally:
        pool.stop()
        pool.join()


def _started_pool(workers: int) -> Any:
    """A pool whose workers run.

    A plain fork would inherit locks of torch's threads, and a new interpreter takes a second. So
    they are forked, where the system can, from a server that has only imported what they need.
    """
    from pebble import ProcessPool

    contexts: list[BaseContext] = [get_context("spawn")]
    if "forkserver" in get_all_start_methods():  # not on Windows
        contexts.insert(0, get_context("forkserver"))
        contexts[0].set_forkserver_preload(["ingest.workers", "ingest.pdf"])
    for context in contexts:
        pool: Any = ProcessPool(
            workers,
            max_tasks=_FILES_A_WORKER,
            initializer=_leave_interrupts_to_the_parent,
            context=context,
        )
        try:
            pool.schedule(os.getpid)  # which makes the workers
        except BrokenProcessPool:
            pool.stop()
            if context is contexts[-1]:
                raise
        else:
            break
    return pool


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches all processes of a terminal; a worker would print a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read_within(path: Path, options: ReadOptions, limits: Limits, called: Path) -> ReadFile:
    with _limited(limits.memory):
        return read_file(path, options, called, limits)


@contextmanager
def _limited(memory: int) -> Iterator[None]:
    """No more address space than `memory` bytes within, where the system can tell.

    The process ends once it has taken them all: CPython whose smallest allocations fail may unwind
    for ever instead of raising (its `exception_unwind` needs memory itself). A single allocation
    too large for what is left, as of a stream that unpacks to gigabytes, does raise MemoryError.
    Lifted afterwards, since what was read must be sent back.
    """
    try:
        import resource
    except ImportError:  # Windows
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = before[1]
    allowed = memory + memory // _HEADROOM
    allowed = allowed if most == resource.RLIM_INFINITY else min(allowed, most)
    done = Event()
    watch = Thread(target=_end_above, args=(memory, done), daemon=True)
    watch.start()
    resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        done.set()
        watch.join()


def _end_above(memory: int, done: Event) -> None:
    """End this process when it holds more than `memory` bytes of address space, until `done`."""
    try:
        statm = open("/proc/self/statm", "rb", buffering=0)  # noqa: SIM115 - read again and again
    except OSError:  # not Linux
        return
    with statm:
        page = os.sysconf("SC_PAGE_SIZE")
        while not done.wait(_WATCHED_EVERY):
            statm.seek(0)
            if int(statm.read().split()[0]) * page > memory:
                os._exit(_TOO_MUCH_MEMORY)


def _was_killed(future: Any) -> bool:
    """Whether somebody killed the worker of a task, or broke the pool with it."""
    from pebble import ProcessExpired

    error = future.exception()
    is_killed = isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGKILL
    return is_killed or isinstance(error, BrokenProcessPool)


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
    except BrokenProcessPool as error:
        return ReadError(
            "crashed",
            f"{path.name}: reading it broke the workers twice ({error})",
            "try it again alone; if that fails too, save it anew from a PDF viewer",
        )
    except ProcessExpired as error:
        # SIGKILL is what a system short of memory does.
        if error.exitcode in (_TOO_MUCH_MEMORY, -signal.SIGKILL):
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
        "split the file, print it from a PDF viewer to a new PDF, or allow more with --max-memory",
    )

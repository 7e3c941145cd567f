"""Calls functions in worker processes, with limits on their time and memory.

A call that hangs, takes too much memory or crashes ends its worker and nothing else. A worker is an
interpreter of its own. It gets of this process's environment only what it needs to run, so that a
hostile file that takes it over finds no key there, and it ends with the thread that started it.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from threading import Event, Lock, Thread, Timer
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_SCRIPT = "from archive.worker_process import work; work()"
_PASSED_ON = frozenset({
    "PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "TZ",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "OMP_NUM_THREADS", "PYTHONHOME", "PYTHONUTF8",
    "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
})  # fmt: skip
_START_SECONDS = 60
_CALLS_A_PROCESS = 200
"""A process is replaced after so many calls, which gives back the memory that it has kept."""
_HEADROOM = 4
"""One part in so many of its memory is what a call may use in excess before it is looked at."""
_WATCHED_EVERY = 0.02
_TOO_MUCH_MEMORY = 78
"""The exit code of a process that used more than it may."""
_TOO_MUCH_PROCESSOR = getattr(signal, "SIGPROF", None)
"""The signal that ends a process for its time; None on Windows."""
_END_WITH_PARENT = 1
"""Linux's PR_SET_PDEATHSIG."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a call may take: seconds, bytes of address space, and seconds of processor if fewer.

    Memory and processor are limited where they are given and the system can do that.
    """

    seconds: float
    memory: int | None
    processor: float | None = None


class WorkerDiedError(Exception):
    """A worker process ended during a call; a negative exit code is a signal."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code


class Worker:
    """A process that calls functions, one at a time; another takes its place where one ends it."""

    def __init__(self, *modules: str, nice: int = 0) -> None:
        """A worker that imports these modules before its first call, with which it starts.

        It makes way by `nice` for others that want the processor; see nice(2).
        """
        self._modules = modules
        self._nice = nice
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._calls = 0
        self._ended = False
        self._changing = Lock()

    def call(
        self, bounds: Bounds, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What a function of a module returns or raises.

        Raises TimeoutError, MemoryError or WorkerDiedError where the call has ended the process.
        """
        request = pickle.dumps((bounds, function, args, kwargs))
        process = self._running()
        try:
            if not self._is_ready:  # what it takes to start isn't the call's
                _answer_of(process, _START_SECONDS)
                self._is_ready = True
            has_returned, result = _answer_of(process, bounds.seconds, request)
        finally:
            self._calls += 1
            if process.poll() is not None or self._calls >= _CALLS_A_PROCESS:
                self._replace()
        if has_returned:
            return result  # type: ignore[no-any-return]
        raise result

    def restart(self) -> None:
        """Give up the process with all that it remembers; the next call has another."""
        with self._changing:
            self._stop()

    def end(self) -> None:
        """End the process, and the call in it; the worker can't be used afterwards."""
        with self._changing:
            self._ended = True
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        with self._changing:
            if self._ended:
                raise WorkerDiedError(0)
            if self._process is not None and self._process.poll() is None:
                return self._process
            self._stop()
            return self._start()

    def _replace(self) -> None:
        """Start another process at once, so that it is ready when the next call comes."""
        with self._changing:
            self._stop()
            if not self._ended:
                self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-P",
            "-c",
            _SCRIPT,
            str(os.getpid()),
            str(self._nice),
            *self._modules,
        ]
        # In a process group of its own a terminal's Ctrl-C leaves it to its parent.
        self._process = subprocess.Popen(
            command, env=_environment(os.environ), process_group=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._is_ready, self._calls = False, 0
        return self._process

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what it can't take any more
                assert pipe is not None
                pipe.close()
        self._process = None


def _answer_of(process: subprocess.Popen[bytes], seconds: float, request: bytes = b"") -> Any:
    """What a worker process answers to a request, or when it is ready; raises as `Worker.call`."""
    assert process.stdin is not None
    assert process.stdout is not None
    is_late = Event()

    def end() -> None:
        is_late.set()
        process.kill()

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        process.stdin.write(request)
        process.stdin.flush()
        return pickle.load(process.stdout)
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):  # half an answer, or none
        code = process.wait()
    finally:
        timer.cancel()
        timer.join()
        if is_late.is_set():
            process.wait()
    if is_late.is_set():
        raise TimeoutError(f"more than {seconds:g} seconds")
    if _TOO_MUCH_PROCESSOR is not None and code == -_TOO_MUCH_PROCESSOR:
        raise TimeoutError("more of the processor than it may have")
    if code == _TOO_MUCH_MEMORY:
        raise MemoryError
    raise WorkerDiedError(code)


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: what it needs of this process's, and where modules are found."""
    passed = {
        name: value for name, value in own.items() if name in _PASSED_ON or name.startswith("LC_")
    }
    places = (os.path.abspath(place) for place in sys.path)
    return passed | {"PYTHONPATH": os.pathsep.join(places)}


# --- in the worker --------------------------------------------------------------------------------


def work() -> None:
    """Answer the calls that come on stdin until it ends; the whole of a worker process."""
    end_with(int(sys.argv[1]), signal.SIGKILL)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # whatever a library prints is no answer
    if sys.argv[2] != "0" and hasattr(os, "nice"):  # not on Windows
        os.nice(int(sys.argv[2]))
    for module in sys.argv[3:]:
        import_module(module)
    answer = pickle.dumps("ready")
    with suppress(EOFError):
        while True:
            answers.write(answer)
            answers.flush()
            answer = _answer(*pickle.load(requests))


def _answer(
    bounds: Bounds, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> bytes:
    try:
        with _timed(bounds.processor), _limited(bounds.memory):
            result = True, function(*args, **kwargs)
    except Exception as error:
        return pickle.dumps((False, error))
    return pickle.dumps(result)


def end_with(parent: int, by: signal.Signals) -> None:
    """Have a signal sent to this process when the thread that started it ends; see prctl(2).

    Ends it at once where the parent has ended already. Does nothing where the system can't; a
    worker ends there when its stdin does.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_END_WITH_PARENT, by)
        if os.getppid() != parent:  # it was over before that
            os._exit(0)


@contextmanager
def _timed(processor: float | None) -> Iterator[None]:
    """End the process after so many seconds of processor within, where the system can."""
    if processor is None or _TOO_MUCH_PROCESSOR is None:
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, processor)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _limited(memory: int | None) -> Iterator[None]:
    """Limit the address space to `memory` bytes within, where the system can.

    The process ends once it has taken them all: CPython whose smallest allocations fail may unwind
    for ever instead of raising (its `exception_unwind` needs memory itself). A single allocation
    too large for what is left, as of a stream that unpacks to gigabytes, does raise MemoryError.
    Lifted afterwards, since the result must be sent back.
    """
    try:
        import resource
    except ImportError:  # Windows
        memory = None
    if memory is None:
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

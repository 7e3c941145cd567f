"""Pages of PDFs drawn and read in worker processes, so that a hostile page costs its reader a line.

Nearly every page takes a tenth of a second of processor. One that takes long makes way: it is begun
anew in another worker, where only others that take long wait for it. A page that can't be drawn is
not tried again for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from archive import page_image
from archive.limited import Bounds, Worker, WorkerDiedError
from archive.page_image import PageError, PageImage

P = ParamSpec("P")
T = TypeVar("T")

_MEMORY = 512 * 2**20
_QUICK = Bounds(4.0, _MEMORY, processor=0.5)
_SLOW = Bounds(15.0, _MEMORY, processor=6.0)
_TEXT = Bounds(8.0, _MEMORY, processor=3.0)
_PATIENCE = 12.0
"""Seconds after which a reader's page is begun, or not at all."""
_REMEMBERED = 600.0
_MOST_REMEMBERED = 1000


class _Lane:
    """A worker, and the calls that wait for it: the first comes first."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._worker = Worker("archive.page_image")
        self._thread = ThreadPoolExecutor(1, "drawing")  # a worker ends with the thread it has

    def run(self, until: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a function returns or raises; raises as `Worker.call` does.

        Raises PageError where its turn hasn't come at a time of the monotonic clock.
        """
        call = partial(self._worker.call, self._bounds, function, *args, **kwargs)
        called = self._thread.submit(call)
        wait([called], until - time.monotonic())
        if called.cancel():
            raise PageError("busy", "too many pages are being drawn", "try again in a moment")
        return called.result()


_quick, _slow, _text = _Lane(_QUICK), _Lane(_SLOW), _Lane(_TEXT)
_failed: dict[tuple[_Lane, Path, int], float] = {}
"""What took too much, and until when it isn't tried again."""


def draw_page(pdf: Path, page: int, quote: str) -> PageImage:
    """Draw a physical page (from 1) with a quote marked, as `page_image.mark_quote` does.

    Raises PageError where it does, where the page is too complex, and where too many wait.
    """
    until = time.monotonic() + _PATIENCE
    _check_remembered(_slow, pdf, page)
    try:
        return _quick.run(until, page_image.mark_quote, pdf, page, quote)
    except TimeoutError:
        pass
    except (MemoryError, WorkerDiedError) as error:
        raise _too_complex(_slow, pdf, page) from error
    try:
        return _slow.run(until, page_image.mark_quote, pdf, page, quote)
    except (TimeoutError, MemoryError, WorkerDiedError) as error:
        raise _too_complex(_slow, pdf, page) from error


def page_text(pdf: Path, page: int) -> str:
    """Read pdfium's text of a physical page (from 1); raises PageError as `draw_page` does."""
    _check_remembered(_text, pdf, page)
    try:
        return _text.run(time.monotonic() + _PATIENCE, page_image.page_text, pdf, page)
    except (TimeoutError, MemoryError, WorkerDiedError) as error:
        raise _too_complex(_text, pdf, page) from error


def find_quote(page: str, quote: str) -> range:
    """The characters of a page's text that are a quote or part of it, as `page_image` finds them.

    None where to look for them takes too long, as a text made for it can have it.
    """
    try:
        return _text.run(time.monotonic() + _PATIENCE, page_image.find_quote, page, quote)
    except (PageError, TimeoutError, MemoryError, WorkerDiedError):
        return range(0)


def _check_remembered(lane: _Lane, pdf: Path, page: int) -> None:
    if _failed.get((lane, pdf, page), 0.0) > time.monotonic():
        raise _complexity(pdf, page)


def _too_complex(lane: _Lane, pdf: Path, page: int) -> PageError:
    if len(_failed) >= _MOST_REMEMBERED:
        _failed.clear()
    _failed[lane, pdf, page] = time.monotonic() + _REMEMBERED
    return _complexity(pdf, page)


def _complexity(pdf: Path, page: int) -> PageError:
    return PageError(
        "too_complex",
        f"page {page} of {pdf} takes more time or memory than one page may",
        "open the PDF in a viewer",
    )

"""Pages of PDFs drawn and read in worker processes, so that a hostile page costs its reader a line.

Nearly every page takes a tenth of a second of processor. One that takes long makes way: it is begun
anew in another worker, where only others that take long wait for it. Pages of a document that has
been drawn without such trouble wait for no other document's. A page that can't be drawn is not
tried again for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from archive.evidence import page_image
from archive.evidence.page_image import PageError, PageImage
from archive.worker_process import Bounds, Worker, WorkerDiedError

P = ParamSpec("P")
T = TypeVar("T")

_MEMORY = 512 * 2**20
_QUICK = Bounds(4.0, _MEMORY, processor=0.4)
_SLOW = Bounds(15.0, _MEMORY, processor=6.0)
_TEXT = Bounds(8.0, _MEMORY, processor=3.0)
_PATIENCE = 12.0
"""Seconds after which a reader's page is begun, or not at all."""
_REMEMBERED = 600.0
_MOST_REMEMBERED = 1000


class _Lane:
    """A worker, and the calls that wait for it: the first comes first."""

    def __init__(self, bounds: Bounds, nice: int = 0) -> None:
        self._bounds = bounds
        self._worker = Worker("archive.evidence.page_image", nice=nice)
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


_MAKING_WAY = 10
"""By how much drawing what may be hostile makes way for searches."""
_known, _text = _Lane(_QUICK), _Lane(_TEXT)
_new, _slow = _Lane(_QUICK, _MAKING_WAY), _Lane(_SLOW, _MAKING_WAY)
_sound: set[Path] = set()
"""The PDFs of which pages were drawn, none of them in the slow lane."""
_too_much: dict[tuple[_Lane, Path, int], float] = {}
"""The pages that took more than a lane gives, and until when they aren't tried there again."""


def draw_page(pdf: Path, page: int, quote: str) -> PageImage:
    """Draw a physical page (from 1) with a quote marked, as `page_image.mark_quote` does.

    Raises PageError where it does, where the page is too complex, and where too many wait.
    """
    until = time.monotonic() + _PATIENCE
    if not _is_too_much(_new, pdf, page):
        lane = _known if pdf in _sound else _new
        try:
            image = lane.run(until, page_image.mark_quote, pdf, page, quote)
        except TimeoutError:
            _distrust(pdf, page)
        except (MemoryError, WorkerDiedError) as error:
            _distrust(pdf, page)
            _remember(_slow, pdf, page)
            raise _complexity(pdf, page) from error
        else:
            if not any(path == pdf for _, path, _ in tuple(_too_much)):
                _sound.add(pdf)
            return image
    return _run(_slow, until, page_image.mark_quote, pdf, page, quote)


def page_text(pdf: Path, page: int) -> str:
    """Read pdfium's text of a physical page (from 1); raises PageError as `draw_page` does."""
    return _run(_text, time.monotonic() + _PATIENCE, page_image.page_text, pdf, page)


def find_quote(page: str, quote: str) -> range:
    """The characters of a page's text that are a quote or part of it, as `page_image` finds them.

    None where to look for them takes too long, as a text made for it can have it.
    """
    try:
        return _text.run(time.monotonic() + _PATIENCE, page_image.find_quote, page, quote)
    except (PageError, TimeoutError, MemoryError, WorkerDiedError):
        return range(0)


def _run(
    lane: _Lane, until: float, function: Callable[Concatenate[Path, int, P], T], pdf: Path,
    page: int, *args: P.args, **kwargs: P.kwargs,
) -> T:  # fmt: skip
    """What a function says of a page, unless that was too much for a lane, or is now."""
    if _is_too_much(lane, pdf, page):
        raise _complexity(pdf, page)
    try:
        return lane.run(until, function, pdf, page, *args, **kwargs)
    except (TimeoutError, MemoryError, WorkerDiedError) as error:
        _remember(lane, pdf, page)
        raise _complexity(pdf, page) from error


def _is_too_much(lane: _Lane, pdf: Path, page: int) -> bool:
    return _too_much.get((lane, pdf, page), 0.0) > time.monotonic()


def _distrust(pdf: Path, page: int) -> None:
    """Draw a page in the slow lane from now on, and its document's others beside new ones."""
    _remember(_new, pdf, page)
    _sound.discard(pdf)


def _remember(lane: _Lane, pdf: Path, page: int) -> None:
    if len(_too_much) >= _MOST_REMEMBERED:
        _too_much.clear()
    _too_much[lane, pdf, page] = time.monotonic() + _REMEMBERED


def _complexity(pdf: Path, page: int) -> PageError:
    return PageError(
        "too_complex",
        f"page {page} of {pdf} takes more time or memory than one page may",
        "open the PDF in a viewer",
    )

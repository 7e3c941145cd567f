"""What an archive holds, what it works with, and how it stands."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import date as Date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from archive.archive import Archive
from archive.errors import ArchiveError
from archive.index.vector_index import VECTOR_INDEX
from archive.keeping.records import SeriesHolding, Status
from archive.records import NO_FILTER
from archive.settings import Settings
from archive.store.catalog import Catalog

RUNS_SHOWN = 10


def status_of(
    archive: Archive, settings: Settings, today: Date | None = None, *, runs: int = RUNS_SHOWN
) -> Status:
    """How an archive stands on a day, by default today in Shanghai, with its last runs."""
    catalog = Catalog.open(settings.catalog)
    holdings = catalog.snapshot().coverage(NO_FILTER)
    encoder_set, encoder_error = None, ""
    try:
        encoder_set = archive.encoder_set()
    except ArchiveError as error:
        encoder_error = error.message
    chroma, address = _chroma(settings)
    return Status(
        home=str(settings.home),
        briefings=holdings.briefings,
        passages=len(catalog.snapshot().ids),
        pages=catalog.briefings.count_pages(),
        topics=len(catalog.passages.topic_counts()),
        since=holdings.since,
        until=holdings.until,
        series=tuple(_series(archive)),
        encoder=catalog.meta(VECTOR_INDEX),
        encoder_set=encoder_set,
        encoder_error=encoder_error,
        llm=settings.llm_model,
        chroma=chroma,
        chroma_address=address,
        bytes=_size(settings.home),
        free_bytes=shutil.disk_usage(settings.home).free,
        freshness=archive.freshness(today),
        runs=tuple(catalog.notes.runs(runs)),
        missing=tuple(archive.missing_days()),
    )


def _series(archive: Archive) -> list[SeriesHolding]:
    """The series of live briefings, those with most of them first."""
    dates: dict[str, list[str]] = {}
    for entry in archive.briefings():
        if entry.status == "live":
            dates.setdefault(entry.series, []).append(entry.date)
    held = [SeriesHolding(name, len(own), min(own), max(own)) for name, own in dates.items()]
    return sorted(held, key=lambda series: (-series.briefings, series.series))


def _chroma(settings: Settings) -> tuple[Literal["folder", "server"], str | None]:
    """Where Chroma is asked; a name and password in the address are kept to ourselves."""
    if settings.chroma_url:
        parts = urlsplit(settings.chroma_url)
        return "server", parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return "folder", None


def _size(folder: Path) -> int:
    """The bytes of all files in a folder; what goes while they are counted doesn't count."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_size
    return total

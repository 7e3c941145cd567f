"""How an archive stands, and what becomes of its copies, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.following.records import Freshness, MissingDays
from archive.index.records import TermCount
from archive.store.records import Run


@dataclass(frozen=True, slots=True)
class SeriesHolding:
    """How many briefings of a series are in, and the dates of the first and the last."""

    series: str
    briefings: int
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Status:
    """What an archive holds, what it works with, and how it stands."""

    home: str
    briefings: int
    passages: int
    pages: int
    topics: int
    """Topics that some passage has."""
    since: str | None
    until: str | None
    series: tuple[SeriesHolding, ...]
    encoder: str | None
    """What the index was built with; None before the first briefing."""
    encoder_set: str | None
    """What the settings say; None where that can't be loaded, `encoder_error` says why."""
    encoder_error: str
    llm: str | None
    """The language model's name."""
    chroma: Literal["folder", "server"]
    chroma_address: str | None
    bytes: int
    """All files in the archive's folder."""
    free_bytes: int
    freshness: Freshness
    runs: tuple[Run, ...]
    """Newest first."""
    missing: tuple[MissingDays, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `archive doctor`; that of the lexicon counts terms and proposes new ones.

    What passes has no cure. The Chinese says the same as the English.
    """

    name: str
    status: Literal["pass", "warn", "fail"]
    message: str
    cure: str = ""
    terms: tuple[TermCount, ...] = ()
    proposed: tuple[TermCount, ...] = ()
    message_zh: str = ""
    cure_zh: str = ""
    details: tuple[str, ...] = ()
    """All that it concerns, name by name, or what was said of it."""


@dataclass(frozen=True, slots=True)
class LostPdf:
    """A briefing whose PDF is not among the archive's files as it was taken in, and why."""

    briefing_id: str
    file_hash: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exported:
    """An archive as one file."""

    file: str
    bytes: int
    sha256: str
    briefings: int
    """Live ones, as `passages` are theirs; PDFs are also those of replaced briefings."""
    passages: int
    pdfs: int
    lost: tuple[LostPdf, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """An archive out of a file; `notes` say what is still to be done, each with its cure."""

    home: str
    created: str
    briefings: int
    passages: int
    pdfs: int
    lost: tuple[LostPdf, ...]
    notes: tuple[str, ...]

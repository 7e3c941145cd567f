"""The PDFs that an archive keeps, named by their content's hash: missing, damaged, extra."""

from __future__ import annotations

import filecmp
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

ORPHANS, DAMAGED = "orphans", "damaged"
"""Folders beside the PDFs: for files of no briefing, and for those whose content changed."""
UNFINISHED = "*.tmp"


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """How many PDFs the catalogue knows, and those files that aren't as they should be."""

    kept: int
    missing: tuple[str, ...]
    """Hashes of PDFs that the catalogue knows and that aren't there."""
    damaged: tuple[Path, ...] = ()
    """PDFs whose content isn't what their name says."""
    unreadable: tuple[Path, ...] = ()
    orphans: tuple[Path, ...] = ()
    """Files that belong to no briefing."""
    unfinished: tuple[Path, ...] = ()
    """Left by processes that were killed while they copied."""


def inspect_files(folder: Path, known: Callable[[], Collection[str]]) -> StoredFiles:
    """Read every PDF in a folder and compare it with its name.

    `known` gives the hashes that the catalogue knows. It is asked after the folder was listed,
    since an ingest that goes on stores a PDF before it is known.
    """
    found = sorted(path for path in folder.glob("*") if path.is_file() or path.is_symlink())
    unfinished = tuple(path for path in found if path.match(UNFINISHED))
    hashes = known()
    damaged, unreadable = [], []
    for path in found:
        if path.suffix == ".pdf" and path.stem in hashes:
            try:
                if file_hash(path) != path.stem:
                    damaged.append(path)
            except FileNotFoundError:
                pass  # told below
            except OSError:
                unreadable.append(path)
    return StoredFiles(
        kept=len(hashes),
        missing=missing_files(folder, hashes),
        damaged=tuple(damaged),
        unreadable=tuple(unreadable),
        orphans=tuple(
            path
            for path in found
            if path not in unfinished
            and not (path.suffix == ".pdf" and path.stem in hashes)
            and path.exists()
        ),
        unfinished=unfinished,
    )


def missing_files(folder: Path, known: Collection[str]) -> tuple[str, ...]:
    """The hashes of PDFs that the catalogue knows and that aren't there."""
    return tuple(name for name in known if not (folder / f"{name}.pdf").exists())


def file_hash(path: Path) -> str:
    """The SHA-256 of a file, by which PDFs are named."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def holds_just(stored: Path, original: Path) -> bool:
    """Whether a stored PDF is there and the same, byte for byte, as another file."""
    try:
        return filecmp.cmp(stored, original, shallow=False)
    except OSError:
        return False


def set_aside(path: Path, folder: str) -> Path:
    """Move a file into a folder beside it, under another name where its own is taken there."""
    aside = path.parent / folder
    aside.mkdir(exist_ok=True)
    target, number = aside / path.name, 1
    while target.exists():
        number += 1
        target = aside / f"{path.stem}.{number}{path.suffix}"
    path.rename(target)
    return target


def waiting_aside(folder: Path, known: Collection[str]) -> list[Path]:
    """Files set aside that the archive still lacks."""
    orphans = [p for p in (folder / ORPHANS).glob("*") if p.is_file()]
    lacking = [path for path in orphans if path.name.partition(".")[0] not in known]
    damaged = [p for p in (folder / DAMAGED).glob("*") if p.is_file()]
    return lacking + [
        path for path in damaged if not (folder / f"{path.name.partition('.')[0]}.pdf").exists()
    ]

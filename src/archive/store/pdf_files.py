"""The PDFs that an archive keeps, each named by its content's hash: whether they are all sound."""

from __future__ import annotations

import filecmp
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

ORPHANS, DAMAGED = "orphans", "damaged"
"""Folders beside the PDFs in which those are set aside that don't belong there."""
UNFINISHED = "*.tmp"


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """What is wrong with the PDFs kept; the rest is as it should be."""

    kept: int
    missing: tuple[str, ...]
    """Hashes of PDFs that the catalogue knows and that aren't there."""
    damaged: tuple[Path, ...] = ()
    """PDFs whose content isn't what their name says."""
    unreadable: tuple[Path, ...] = ()
    orphans: tuple[Path, ...] = ()
    """Files that belong to no briefing."""
    unfinished: tuple[Path, ...] = ()
    """What a process left that was killed while it copied."""


def inspect_files(folder: Path, known: Callable[[], Collection[str]]) -> StoredFiles:
    """Read every PDF kept; `known` gives the hashes of the catalogue, asked after the folder.

    An ingest may go on meanwhile.
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
    """The hash a PDF is named by."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def holds_just(stored: Path, original: Path) -> bool:
    """Whether a stored PDF is there and the same, byte for byte, as the file it was taken from."""
    try:
        return filecmp.cmp(stored, original, shallow=False)
    except OSError:
        return False


def set_aside(path: Path, folder: str) -> Path:
    """Move a stored file into a folder beside; one that is there already is kept too."""
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

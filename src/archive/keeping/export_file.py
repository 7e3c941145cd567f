"""The file of an export: a plain ZIP in which nothing is compressed, with a manifest.

Its last member, `manifest.json`, names all others with their sizes and hashes, so that a file that
was cut short, that has grown, or whose content has changed is told before anything in it is used.
Since nothing is compressed, nothing in it is larger than the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shortened
from typing import IO, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from archive.chinese.lexicon import ALIASES, WORDS
from archive.errors import ArchiveError, UsageError
from archive.keeping.writer import TOPICS
from archive.records import LostPdf, as_plain
from archive.settings import CATALOG_NAME
from archive.store.atomic_file import sync_folder

Progress = Callable[[int], None]
"""Is told how many files are done."""

LISTS = (TOPICS, WORDS, ALIASES)
"""The files by which an archive's home may replace what comes with the program."""
_PDF = re.compile(r"files/[0-9a-f]{64}\.pdf")
FORMAT = "briefing archive export"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
_MOST_LISTED = 2**25
"""Bytes of the manifest, and of the ZIP's own list: 32 MB, which 140,000 PDFs take. Each byte of
them may become twenty in memory.
"""
_LONGEST_REASON = 300
_BLOCK = 2**20
_END = struct.Struct("<4s4H2LH")
_FAR_END = struct.Struct("<4sQ2H2L4Q20x")
"""What a ZIP ends with before its comment, and what stands before that in a large one."""
_SEAL_START = b"sha256:"
_SEAL_LENGTH = len(_SEAL_START) + 64
"""Earlier versions put a hash of the whole file into the ZIP's comment; it isn't looked at."""
_HASH = re.compile(r"[0-9a-f]{64}")
_BROKEN = (
    BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError,
    OverflowError, struct.error,
)  # fmt: skip
"""What a ZIP or a manifest of another form makes the standard library raise."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an export."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an export says of itself, beside its members."""

    program: str
    """The version of the program that made it."""
    schema: int
    """The catalogue's schema version."""
    created: str
    briefings: int
    passages: int
    lost: tuple[LostPdf, ...]
    """The briefings that are in without their PDF."""


class Packer:
    """Writes an export, member by member; `finish` adds the manifest."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = ZipFile(path, "x", ZIP_STORED)
        self._members: list[Member] = []

    def add_file(self, name: str, source: Path) -> None:
        """Pack a file of any size."""
        with source.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            self._add(name, size, iter(lambda: stream.read(_BLOCK), b""))

    def add(self, name: str, content: bytes) -> None:
        self._add(name, len(content), [content])

    def _add(self, name: str, size: int, blocks: Any) -> None:
        digest = hashlib.sha256()
        with self._zip.open(_entry(name, size), "w") as packed:
            for block in blocks:
                digest.update(block)
                packed.write(block)
        self._members.append(Member(name, size, digest.hexdigest()))

    def finish(self, contents: Contents) -> str:
        """Write the manifest, and all onto the disk; returns the file's SHA-256."""
        told = {"format": FORMAT, "format_version": FORMAT_VERSION, **as_plain(contents)}
        manifest = json.dumps(
            told | {"members": as_plain(self._members)}, ensure_ascii=False, indent=1
        ).encode()
        if len(manifest) > _MOST_LISTED:
            raise ArchiveError(
                f"{len(self._members)} files are more than an export can list",
                "copy the archive's folder while nothing writes to it",
            )
        with self._zip.open(_entry(MANIFEST, len(manifest)), "w") as packed:
            packed.write(manifest)
        self._zip.close()
        with self._path.open("r+b") as file:
            os.fsync(file.fileno())
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """Let go of the file, finished or not."""
        self._zip.close()


class OpenedExport:
    """An export that was checked, but for what its members hold; made by `open_export`."""

    def __init__(
        self, path: Path, archive: ZipFile, contents: Contents, members: Sequence[Member]
    ) -> None:
        self._path = path
        self._zip = archive
        self.contents = contents
        self.members = members

    def unpack(self, folder: Path, progress: Progress) -> None:
        """Unpack all members into a folder, each found to be as the manifest says, onto the disk.

        Raises ArchiveError when one is not.
        """
        for done, member in enumerate(self.members, 1):
            target = folder / member.name
            target.parent.mkdir(exist_ok=True)
            self._unpack(member, target)
            progress(done)
        for changed in {folder, *((folder / member.name).parent for member in self.members)}:
            sync_folder(changed)

    def _unpack(self, member: Member, target: Path) -> None:
        digest = hashlib.sha256()
        with target.open("xb") as unpacked:
            try:
                with self._zip.open(member.name) as packed:
                    while block := packed.read(_BLOCK):
                        digest.update(block)
                        unpacked.write(block)
            except _BROKEN as error:
                raise refused(self._path, f"{member.name} can't be unpacked ({error})") from error
            if digest.hexdigest() != member.sha256:
                raise refused(self._path, f"{member.name} is not what the manifest says")
            unpacked.flush()
            os.fsync(unpacked.fileno())


@contextmanager
def open_export(path: Path) -> Iterator[OpenedExport]:
    """Open an export for the block, all of it checked but the content of its members.

    Raises UsageError when there is no such file or a newer version of the program made it,
    ArchiveError when it is damaged or no export.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror})", "check the path") from error
    with file:
        size = os.fstat(file.fileno()).st_size
        _check_directory(path, file, size)
        try:
            archive = ZipFile(file)
            entries = archive.infolist()
        except (*_BROKEN, OSError) as error:
            raise refused(path, f"it is no ZIP file ({error})") from error
        _check_entries(path, entries, size)
        told = _read_manifest(path, archive)
        try:
            contents, members = _contents(told), [_member(each) for each in told["members"]]
        except _BROKEN as error:
            why = f"its manifest is of another form ({shortened(error)})"
            raise refused(path, why) from error
        packed = {
            entry.filename: entry.file_size for entry in entries if entry.filename != MANIFEST
        }
        named = {member.name: member.size for member in members}
        if len(named) < len(members) or packed != named:
            raise refused(path, "what it holds is not what its manifest lists")
        for name in named:
            if name not in (CATALOG_NAME, *LISTS) and not is_pdf(name):
                raise refused(path, f"it holds a file that no archive has: {shortened(name)}")
        with archive:
            yield OpenedExport(path, archive, contents, members)


def is_pdf(name: str) -> bool:
    """Whether a member of this name is a briefing's PDF."""
    return _PDF.fullmatch(name) is not None


def refused(path: Path, why: str) -> ArchiveError:
    """The error for an export that can't be imported."""
    why = why if len(why) <= _LONGEST_REASON else f"{why[:_LONGEST_REASON]}…"
    return ArchiveError(
        f"{path} is not the whole and sound export of an archive: {why}",
        "copy the file anew from where it was made, or take an earlier export; nothing was changed",
    )


def _entry(name: str, size: int) -> ZipInfo:
    entry = ZipInfo(name)
    entry.file_size = size  # from which zipfile tells whether it needs the form for large files
    return entry


def _check_directory(path: Path, file: IO[bytes], size: int) -> None:
    """Refuse what doesn't end as a ZIP does, or lists more members than can be: all are read."""
    file.seek(max(0, size - _SEAL_LENGTH - _END.size - _FAR_END.size))
    tail = file.read()
    if tail[-_SEAL_LENGTH:].startswith(_SEAL_START):
        tail = tail[:-_SEAL_LENGTH]
    tail = tail[-_END.size - _FAR_END.size :]
    if not tail or tail.rfind(b"PK\5\6") != len(tail) - _END.size:
        raise refused(
            path, "it doesn't end as a ZIP file does (another kind of file, or cut short)"
        )
    length = _END.unpack(tail[-_END.size :])[5]
    if len(tail) == _END.size + _FAR_END.size and tail[56:60] == b"PK\6\7":
        length = _FAR_END.unpack(tail[: _FAR_END.size])[8]
    if length > _MOST_LISTED:
        raise refused(path, f"it lists members in {length / 2**20:.0f} MB")


def _check_entries(path: Path, entries: Sequence[ZipInfo], size: int) -> None:
    """Refuse what no export has: compressed, linked, encrypted or repeated members."""
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise refused(path, "it holds a name twice")
    places = [entry.header_offset for entry in entries]
    if places and (min(places) != 0 or max(places) >= size):
        raise refused(path, "its members don't stand where it says")
    if sum(entry.file_size for entry in entries) > size:
        raise refused(path, "it would unpack to more than it is")
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        is_plain = entry.compress_type == ZIP_STORED and entry.compress_size == entry.file_size
        is_named = entry.orig_filename == entry.filename
        if not (is_plain and is_named) or entry.flag_bits or kind not in (0, stat.S_IFREG):
            raise refused(path, f"{shortened(entry.filename)} is not packed as an export packs it")


def _read_manifest(path: Path, archive: ZipFile) -> dict[str, Any]:
    """The manifest, of the form that this version of the program writes."""
    try:
        if archive.getinfo(MANIFEST).file_size > _MOST_LISTED:
            raise refused(path, "its manifest is too large")
        told = json.loads(archive.read(MANIFEST))
    except (*_BROKEN, RecursionError) as error:
        raise refused(path, f"it has no manifest that can be read ({error})") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise refused(path, "it is another kind of file")
    if told.get("format_version") != FORMAT_VERSION:
        raise UsageError(
            f"{path} has export format {shortened(told.get('format_version'))}, this program knows "
            f"{FORMAT_VERSION}",
            "update the program",
        )
    return told


def _contents(told: dict[str, Any]) -> Contents:
    return Contents(
        program=_text(told["program"]),
        schema=_count(told["schema"]),
        created=_text(told["created"]),
        briefings=_count(told["briefings"]),
        passages=_count(told["passages"]),
        lost=tuple(
            LostPdf(_text(pdf["briefing_id"]), _hash(pdf["file_hash"]), _text(pdf["reason"]))
            for pdf in told["lost"]
        ),
    )


def _member(told: dict[str, Any]) -> Member:
    return Member(_text(told["name"]), _count(told["size"]), _hash(told["sha256"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _hash(value: Any) -> str:
    if not _HASH.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is not a hash")
    return str(value)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"{value!r} is not a count")
    return value

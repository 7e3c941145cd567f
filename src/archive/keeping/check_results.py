"""How a check of the doctor is told: each outcome and each cure in English and in Chinese."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from archive.errors import ArchiveError
from archive.keeping.records import Check
from archive.settings import Settings
from archive.store.pdf_files import ORPHANS

Bilingual = tuple[str, str]
"""A text in English, and the same in Chinese."""


def passed(name: str, english: str, chinese: str) -> Check:
    return Check(name, "pass", english, message_zh=chinese)


def warned(name: str, message: Bilingual, cure: Bilingual, details: Iterable[str] = ()) -> Check:
    return _problem("warn", name, message, cure, details)


def failed(name: str, message: Bilingual, cure: Bilingual, details: Iterable[str] = ()) -> Check:
    return _problem("fail", name, message, cure, details)


def _problem(
    status: Literal["warn", "fail"],
    name: str,
    message: Bilingual,
    cure: Bilingual,
    details: Iterable[str],
) -> Check:
    return Check(
        name, status, message[0], cure[0], message_zh=message[1], cure_zh=cure[1],
        details=tuple(details),
    )  # fmt: skip


# --- parts of messages and cures ------------------------------------------------------------------


def count(number: int, thing: str) -> str:
    """A number of things in English, as `1 file` or `2 files`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def typed(path: Path) -> str:
    """A path as it is typed in a shell."""
    return shlex.quote(str(path))


def command(settings: Settings, words: str) -> str:
    """A command of `archive` on this archive, in backticks."""
    return f"`{settings.command(words)}`"


def fix(settings: Settings, english: str, chinese: str) -> Bilingual:
    """The cure that is `archive doctor --fix`, with what it does."""
    doctor = command(settings, "doctor --fix")
    return f"{doctor} {english}", f"运行 {doctor}，{chinese}"


def restore(settings: Settings) -> Bilingual:
    """The cure of a catalogue that can't be mended in place."""
    ingest = f"archive ingest {typed(settings.files)} --home"
    return (
        f"`archive import FILE --home NEW` with an export of it; without one `{ingest} NEW`, with "
        "--date for a PDF whose date stood only in its file name",
        f"有导出文件：`archive import 导出文件 --home 新文件夹`；没有：`{ingest} 新文件夹`，"
        "日期只写在文件名里的用 --date 给出",
    )


def put_back(settings: Settings) -> Bilingual:
    """The cure for PDFs that are lost or damaged."""
    return (
        f"{command(settings, 'ingest FOLDER')}, FOLDER with the same PDFs, puts each back",
        f"把同样的 PDF 放进一个文件夹，运行 {command(settings, 'ingest 文件夹')} 逐份补回",
    )


def ingest_orphans(settings: Settings) -> str:
    """The command that takes in the PDFs set aside because no briefing had them."""
    return command(settings, f"ingest {typed(settings.files / ORPHANS)}")


def all_of(cures: Sequence[Bilingual]) -> Bilingual:
    """Several cures as one."""
    return "; ".join(en for en, _ in cures), "；".join(zh for _, zh in cures)


def said(error: Exception) -> str:
    """What an error says, without its cure."""
    return error.message if isinstance(error, ArchiveError) else str(error)

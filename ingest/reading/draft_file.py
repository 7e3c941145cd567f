"""A draft as it is read from a file; nothing of it is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from archive.chinese.calendar import today_here
from archive.errors import ReadError, UsageError
from archive.records import Briefing
from ingest.extract.limits import STANDARD, Limits
from ingest.reading.briefing_reader import AS_PRINTED, ReadOptions
from ingest.reading.pdf_bytes import read_bytes
from ingest.reading.workers import read_files

TEXT_FILES = (".txt", ".md")


def read_draft(
    file: Path, options: ReadOptions = AS_PRINTED, limits: Limits = STANDARD
) -> Briefing | str:
    """The text of a text file, in UTF-8 or GB 18030; any other file is read as a PDF.

    A PDF without a date is taken as today's. Raises UsageError where there is no such file,
    ReadError where it can't be read.
    """
    if file.is_dir():
        raise UsageError(f"{file} is a folder", "give one file")
    if not file.exists():
        raise UsageError(f"no such file: {file}", "check the path")
    if file.suffix.casefold() in TEXT_FILES:
        data = read_bytes(file, limits)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("gb18030", "replace")
    (result,) = read_files([file], options, workers=1, limits=limits)
    if isinstance(result, ReadError) and result.code == "no_date" and not options.date:
        return read_draft(file, replace(options, date=today_here().isoformat()), limits)
    if isinstance(result, ReadError):
        raise result
    return result.briefing

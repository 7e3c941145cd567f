"""What commands share: the options of all, of those that search, of those that read PDFs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from datetime import date as Date
from functools import wraps
from math import inf
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from archive.chinese.text import fold
from archive.errors import UsageError
from archive.records import Filter, day_range
from archive.store.locks import Patience
from archive.store.records import IngestReport
from ingest.extract.limits import LEAST_MEMORY, STANDARD, Limits

_SOME_FAILED = 3
_MB = 2**20
_MOST_MEMORY = 2**30
"""MB; more is beyond what systems can count."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


def common(command: _Command) -> _Command:
    """The options every command has."""
    home = click.option("--home", type=click.Path(path_type=Path), help="The archive's folder.")
    as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    return home(as_json(command))


def filtered(command: _Command) -> _Command:
    """The options of commands that search."""
    since = click.option("--since", metavar="DATE", help="First day: 2026-05-07, 2026-05 or 2026.")
    until = click.option("--until", metavar="DATE", help="Last day, inclusive.")
    topic = click.option("--topic", "topics", multiple=True, help="Any of these topics.")
    issuer = click.option("--issuer", help="Only issuers whose name holds this.")

    @wraps(command)
    def with_filter(
        *args: Any, since: str | None, until: str | None, topics: tuple[str, ...],
        issuer: str | None, **rest: Any,
    ) -> Any:  # fmt: skip
        where = Filter(
            since=day("--since", since, last=False),
            until=day("--until", until, last=True),
            topics=topics,
            issuer=issuer,
        )
        return command(*args, where=where, **rest)

    return cast(_Command, since(until(topic(issuer(with_filter)))))


def _finite(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if not math.isfinite(value):  # click's ranges let nan pass
        raise click.BadParameter(f"{value} is not a number to count by.")
    return value


_READING = (
    click.option("--password", help="Opens encrypted PDFs; it is neither stored nor logged."),
    click.option(
        "--password-file",
        type=click.Path(path_type=Path),
        help="A file whose first line is the password.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=STANDARD.seconds,
        show_default=True,
        callback=_finite,
        help="Seconds that reading one file may take.",
    ),
    click.option(
        "--max-pages",
        type=click.IntRange(min=1),
        default=STANDARD.pages,
        show_default=True,
        help="Pages that one file may have.",
    ),
    click.option(
        "--max-size",
        type=click.FloatRange(min=0, min_open=True),
        default=STANDARD.size / _MB,
        show_default=True,
        callback=_finite,
        help="MB that one file may have.",
    ),
    click.option(
        "--max-memory",
        type=click.IntRange(LEAST_MEMORY // _MB, _MOST_MEMORY),
        default=STANDARD.memory // _MB,
        show_default=True,
        help="MB of memory that reading one file may take.",
    ),
    click.option(
        "--no-ocr",
        is_flag=True,
        help="Leave pages that are pictures unread, where OCR is installed.",
    ),
)
"""The options of commands that read PDFs, in the order that help shows them."""


def reading(command: _Command) -> _Command:
    """The options of commands that read PDFs."""

    @wraps(command)
    def with_limits(
        *args: Any, password: str | None, password_file: Path | None, timeout: float,
        max_pages: int, max_size: float, max_memory: int, **rest: Any,
    ) -> Any:  # fmt: skip
        if password_file:
            if password is not None:
                raise UsageError("--password and --password-file were both given", "give one")
            password = _first_line(password_file)
        limits = Limits(timeout, max_memory * _MB, max_pages, int(max_size * _MB))
        return command(*args, password=password, limits=limits, **rest)

    wrapped: Any = with_limits
    for option in reversed(_READING):
        wrapped = option(wrapped)
    return cast(_Command, wrapped)


def waiting(command: _Command) -> _Command:
    """The options of commands that write: what to do while another process does."""
    wait = click.option(
        "--wait", is_flag=True, help="Wait until another process that writes has finished."
    )
    at_most = click.option(
        "--wait-at-most",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="Wait for so long at most.",
    )

    @wraps(command)
    def with_patience(*args: Any, wait: bool, wait_at_most: float | None, **rest: Any) -> Any:
        seconds = wait_at_most if wait_at_most is not None else inf if wait else 0.0
        return command(*args, patience=Patience(seconds, _say_waiting), **rest)

    return cast(_Command, wait(at_most(with_patience)))


def _say_waiting(message: str) -> None:
    click.echo(f"waiting: {message}", err=True)


def _first_line(path: Path) -> str:
    try:
        return (path.read_text(encoding="utf-8-sig").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the password file {path} can't be read ({error})", "check the path and its encoding"
        ) from error


def day(option: str, text: str | None, *, last: bool) -> Date | None:
    if text is None:
        return None
    try:
        return day_range(fold(text.strip()))[last]
    except ValueError:
        raise UsageError(
            f"{option} is not a date: {text!r}", "write it like 2026-05-07, 2026-05 or 2026"
        ) from None


def one_day(option: str, text: str | None) -> Date | None:
    first, last = day(option, text, last=False), day(option, text, last=True)
    if first != last:
        raise UsageError(f"{option} is not a day: {text!r}", "write it like 2026-05-07")
    return first


def exit_by(report: IngestReport) -> None:
    """End with the exit code of what failed, if anything did."""
    if failed := report.counts["failed"]:
        sys.exit(1 if failed == len(report.files) else _SOME_FAILED)


def print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))

"""The consoles, and what every screen of the terminal shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape as escape_markup

from archive.output.messages import WARNINGS_ZH
from archive.records import Passage, Warning
from archive.untrusted_text import on_one_line

_FILE_WIDTH = 200
"""Columns of a table that goes to a file or another program, where nothing need be cut."""
COLOURS = {
    "new": "green", "unchanged": "dim", "replaced": "cyan", "failed": "red",
    "pass": "green", "warn": "yellow", "fail": "red", "live": "green",
}  # fmt: skip


def out() -> Console:
    """The console for data."""
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    return console


def err() -> Console:
    """The console for progress and messages."""
    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A running count on a terminal."""
    console = err()
    with console.status(what) as status:
        yield lambda count: status.update(f"{what}: {count}")


def escape(text: str) -> str:
    """Text, also of several lines, that neither rich nor the terminal takes for commands."""
    return escape_markup("\n".join(map(on_one_line, text.split("\n"))))


def safe(text: str) -> str:
    """A name or message on one line that neither rich nor the terminal takes for commands."""
    return escape_markup(on_one_line(text))


def place_of(passage: Passage) -> str:
    """Date, heading and printed pages of a passage."""
    first, last = passage.printed
    pages = first if first == last else f"{first}-{last}"
    return f"{passage.briefing.date} {passage.heading}（第 {pages} 页）"


def print_warnings(console: Console, name: str, warnings: Sequence[Warning]) -> None:
    for warning in warnings:
        page = f", page {warning.page}" if warning.page else ""
        chinese = f"（{WARNINGS_ZH[warning.code]}）" if warning.code in WARNINGS_ZH else ""
        console.print(
            f"[yellow]warning[/] {safe(name)}{page}: {safe(warning.message)}{chinese}",
            soft_wrap=True,
        )


def reads_chinese(environ: Mapping[str, str]) -> bool:
    """Whether the terminal's messages are in Chinese by POSIX's variables."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next(filter(None, map(environ.get, names)), "").startswith("zh")

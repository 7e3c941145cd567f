"""The one briefing that all forms print, as records; its wording is in text.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """A section; table, figure and note are printed by the forms that have such blocks.

    The table and the figure stand after the first paragraph, the note's mark ends it.
    """

    number: str
    title: str
    level: int
    paragraphs: tuple[str, ...]
    table_caption: str = ""
    table_rows: tuple[tuple[str, ...], ...] = ()
    figure_caption: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of 参考文献."""

    number: int
    outlet: str
    date: str
    title: str

    @property
    def line(self) -> str:
        return f"{self.outlet} ({self.date}): {self.title}"


@dataclass(frozen=True, slots=True)
class BackPage:
    """What stands after the references, on a page of its own."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A briefing before it is typeset; sections don't include 参考文献."""

    title: str
    issuer: str
    issue_number: str
    date: str
    abstract: str
    sections: tuple[Section, ...]
    references: tuple[Reference, ...]
    back_page: BackPage


def load_text(path: Path) -> Text:
    """Read a text; numbers follow from the levels."""
    with path.open("rb") as file:
        source = tomllib.load(file)
    return Text(
        title=source["title"],
        issuer=source["issuer"],
        issue_number=source["issue_number"],
        date=source["date"],
        abstract=source["abstract"],
        sections=_sections(source["sections"]),
        references=tuple(
            Reference(number, **item) for number, item in enumerate(source["references"], 1)
        ),
        back_page=BackPage(source["back_page"]["title"], tuple(source["back_page"]["paragraphs"])),
    )


def _sections(items: list[dict[str, Any]]) -> tuple[Section, ...]:
    sections = []
    chapter = part = 0
    for item in items:
        chapter, part = (chapter + 1, 0) if item["level"] == 1 else (chapter, part + 1)
        rows = tuple(tuple(row) for row in item.pop("table_rows", ()))
        paragraphs = tuple(item.pop("paragraphs"))
        number = f"{chapter}.{part}" if part else str(chapter)
        sections.append(Section(number, paragraphs=paragraphs, table_rows=rows, **item))
    return tuple(sections)


TEXT = load_text(Path(__file__).with_name("text.toml"))

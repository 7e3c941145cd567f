"""What forms differ in, whichever program prints them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.forms.text import TEXT, Section

Numbering = Literal["decimal", "han", "chapter", "none"]
"""`1 / 1.1`, `一、 / （一）`, `第一章 / 第一节`, or headings told by their size only."""

Contents = Literal["dotted", "plain", "none"]
"""A contents list with dot leaders and pages, without page numbers, or no list."""

Block = Literal["table", "figure", "note"]
BLOCKS: tuple[Block, ...] = ("table", "figure", "note")

REFERENCES = "参考文献"
ABSTRACT = "摘要"
_HAN = "零一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as a form prints it: the label with the gap that parts it from the title."""

    label: str
    title: str
    level: int
    section: Section | None
    """None for the references."""

    @property
    def number(self) -> str:
        """The label without what parts it from the title."""
        return self.label.strip(" 、")

    @property
    def line(self) -> str:
        return self.label + self.title


@dataclass(frozen=True, slots=True)
class Style:
    """How one form prints the text; not every program knows every value."""

    numbering: Numbering = "decimal"
    numbered_references: bool = True
    outline: bool = True
    contents: Contents = "dotted"
    contents_title: str = "目录"
    date: str = "2026 年 5 月 7 日"
    """As printed."""
    iso_date: str = "2026-05-07"
    masthead: bool = False
    """The issue number, and an 更新日期 beside the 发布日期, in the title block."""
    cover: bool = False
    """A cover and a roman-numbered contents page before page 1."""
    head: bool = True
    page_number: str = "{page}"
    """`{page}` and `{pages}` stand for numbers; empty for none printed."""
    columns: int = 1
    blocks: tuple[Block, ...] = ()
    """What stands amid the sections beside their text."""
    font: str = "Noto Serif CJK SC"

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings in order, with that of the references."""
        headings = [
            Heading(_label(self.numbering, section.number), section.title, section.level, section)
            for section in TEXT.sections
        ]
        number = str(int(TEXT.sections[-1].number.split(".")[0]) + 1)
        label = _label(self.numbering, number) if self.numbered_references else ""
        return (*headings, Heading(label, REFERENCES, 1, None))

    @property
    def date_line(self) -> str:
        """The dates as the title block prints them."""
        if not self.masthead:
            return self.date
        return f"发布日期：{self.date}　更新日期：{UPDATED}"

    @property
    def front_pages(self) -> int:
        """The pages before page 1."""
        return 2 if self.cover else 0


UPDATED = "2026 年 5 月 9 日"


def _label(numbering: Numbering, number: str) -> str:
    chapter, _, part = number.partition(".")
    own = _HAN[int(part or chapter)]
    match numbering:
        case "decimal":
            return f"{number} "
        case "han":
            return f"（{own}）" if part else f"{own}、"
        case "chapter":
            return f"第{own}{'节' if part else '章'} "
        case "none":
            return ""

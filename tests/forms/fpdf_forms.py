"""The text set by fpdf2, line by line, as small reporting programs do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, WrapMode
from fpdf.outline import OutlineSection

from tests.forms import needs
from tests.forms.style import ABSTRACT, Style
from tests.forms.text import TEXT

STYLES = {
    "fpdf": Style(date="2026.5.7", page_number="- {page} -", font="AR PL SungtiL GB"),
}
_FACE = "body"
_MARGIN = 26.0
_SIZE = 11.0


def write(style: Style, target: Path) -> None:
    """Set the text into a PDF."""
    document = _Document(style)
    document.add_page()
    _line(document, TEXT.title, 22)
    _line(document, TEXT.issuer, 12)
    _line(document, style.date_line, 12)
    _line(document, ABSTRACT, 13)
    _paragraph(document, TEXT.abstract)
    _line(document, style.contents_title, 15)
    document.insert_toc_placeholder(_contents)
    for heading in style.headings:
        document.start_section(heading.line, heading.level - 1)
        document.set_font_size(15 if heading.level == 1 else 13)
        document.ln(3)
        document.multi_cell(0, 8, heading.line, align=Align.L, new_x="LMARGIN", new_y="NEXT")
        for paragraph in heading.section.paragraphs if heading.section else ():
            _paragraph(document, f"　　{paragraph}")
    for reference in TEXT.references:
        _paragraph(document, f"{reference.number}. {reference.line}")
    document.add_page()
    _line(document, TEXT.back_page.title, 14)
    for paragraph in TEXT.back_page.paragraphs:
        _paragraph(document, f"　　{paragraph}")
    document.output(str(target))


def lacks(style: Style) -> str | None:
    """What this machine lacks for the style."""
    return needs.font(style.font)


class _Document(FPDF):
    """A document with a running head and page numbers."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._style = style
        self.set_creation_date(datetime(2026, 5, 7, tzinfo=UTC))
        self.set_margin(_MARGIN)
        self.add_font(_FACE, fname=needs.font_file(style.font))
        self.set_font(_FACE, size=_SIZE)

    def header(self) -> None:
        self.set_font_size(9)
        self.set_y(14)
        self.cell(80, 6, TEXT.title)
        self.cell(0, 6, self._style.date, align=Align.R, new_x="LMARGIN", new_y="NEXT")
        self.set_y(_MARGIN)

    def footer(self) -> None:
        self.set_font_size(9)
        self.set_y(-16)
        foot = self._style.page_number.format(page=self.page_no(), pages="{nb}")
        self.cell(0, 6, foot, align=Align.C)


def _contents(document: FPDF, outline: list[OutlineSection]) -> None:
    """The contents list on the page kept for it: titles, dots to the margin, pages."""
    document.set_font_size(9.5)
    for entry in outline:
        indent = 6.0 * entry.level
        page = str(entry.page_number)
        width = document.epw - indent - document.get_string_width(entry.name + page) - 4
        dots = "." * int(width / document.get_string_width("."))
        document.set_x(_MARGIN + indent)
        document.cell(0, 6.5, f"{entry.name} {dots} {page}", new_x="LMARGIN", new_y="NEXT")


def _line(document: FPDF, text: str, size: float) -> None:
    document.set_font_size(size)
    document.cell(0, 0.7 * size, text, align=Align.C, new_x="LMARGIN", new_y="NEXT")


def _paragraph(document: FPDF, text: str) -> None:
    document.set_font_size(_SIZE)
    document.multi_cell(
        0,
        6.5,
        text,
        align=Align.L,
        wrapmode=WrapMode.CHAR,
        new_x="LMARGIN",
        new_y="NEXT",
        output=MethodReturnValue.PAGE_BREAK,
    )

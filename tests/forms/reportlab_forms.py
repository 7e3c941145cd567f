"""The text set by reportlab in a font that isn't embedded, as reports from Python programs are."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from reportlab.graphics.shapes import Drawing, PolyLine
from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

from tests.forms.style import ABSTRACT, Heading, Style
from tests.forms.text import TEXT, Section

STYLES = {
    "reportlab_song": Style(
        font="STSong-Light", head=False, page_number="第 {page} 页 共 {pages} 页"
    ),
    "reportlab_tables": Style(
        numbering="han",
        numbered_references=False,
        outline=False,
        contents="none",
        masthead=True,
        page_number="- {page} -",
        blocks=("table", "figure"),
        font="STSong-Light",
    ),
}
_SIZE = 10.5
_MARGIN = 2.6 * cm


def write(style: Style, target: Path) -> None:
    """Set the text into a PDF, twice: the first pass counts the pages."""
    pdfmetrics.registerFont(UnicodeCIDFont(style.font))
    pages = 0
    for _ in range(2):
        document = _Document(style, pages, str(target))
        document.multiBuild(list(_story(style)))
        pages = document.page


def lacks(style: Style) -> str | None:
    """Nothing: the font is one that every PDF viewer has to have."""
    return None


class _Document(BaseDocTemplate):  # type: ignore[misc]
    """A document that knows its number of pages and notes its headings."""

    def __init__(self, style: Style, pages: int, target: str) -> None:
        margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN)
        super().__init__(target, pagesize=A4, author=TEXT.issuer, invariant=1, **margins)
        self._style = style
        self._pages = pages
        frame = Frame(self.leftMargin, self.bottomMargin, self.width, self.height)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._furnish))

    def _furnish(self, canvas: Any, document: Any) -> None:
        width, height = A4
        canvas.setFont(self._style.font, 9)
        foot = self._style.page_number.format(page=document.page, pages=self._pages)
        canvas.drawCentredString(width / 2, 1.4 * cm, foot)
        if self._style.head:
            canvas.drawString(_MARGIN, height - 1.6 * cm, TEXT.title)
            canvas.drawRightString(width - _MARGIN, height - 1.6 * cm, self._style.date)

    def afterFlowable(self, flowable: Flowable) -> None:
        """Note a heading in the contents list and the bookmarks."""
        heading = getattr(flowable, "heading", None)
        if heading is None:
            return
        key = f"heading-{self.seq.nextf('heading')}"
        self.canv.bookmarkPage(key)
        self.notify("TOCEntry", (heading.level - 1, escape(heading.line), self.page, key))
        if self._style.outline:
            self.canv.addOutlineEntry(heading.line, key, heading.level - 1)


def _story(style: Style) -> Iterator[Flowable]:
    yield Spacer(1, 0.5 * cm)
    yield _line(TEXT.title, style, 22)
    if style.masthead:
        yield _line(TEXT.issue_number, style, 14)
    yield _line(TEXT.issuer, style, 12)
    yield _line(style.date_line, style, 12)
    yield Spacer(1, 0.5 * cm)
    yield _line(ABSTRACT, style, 12)
    yield _paragraph(TEXT.abstract, style)
    if style.contents != "none":
        yield _line(style.contents_title, style, 15)
        yield _contents(style)
        yield PageBreak()
    for heading in style.headings:
        yield _heading(heading, style)
        if heading.section:
            yield from _section(heading.section, style)
    for reference in TEXT.references:
        yield _paragraph(f"[{reference.number}] {reference.line}", style, indent=0)
    yield PageBreak()
    yield Spacer(1, 6 * cm)
    yield _line(TEXT.back_page.title, style, 13)
    yield from (_paragraph(paragraph, style) for paragraph in TEXT.back_page.paragraphs)


def _section(section: Section, style: Style) -> Iterator[Flowable]:
    for index, paragraph in enumerate(section.paragraphs):
        yield _paragraph(paragraph, style)
        if index:
            continue
        if section.table_rows and "table" in style.blocks:
            yield _line(f"表 1 {section.table_caption}", style, 9)
            look = TableStyle([("FONT", (0, 0), (-1, -1), style.font, 9), _GRID])
            yield Table(section.table_rows, style=look, spaceAfter=10)
        if section.figure_caption and "figure" in style.blocks:
            yield Drawing(300, 80, PolyLine([0, 10, 60, 40, 160, 60, 300, 70]), hAlign="CENTER")
            yield _line(f"图 1 {section.figure_caption}", style, 9)


_GRID = ("GRID", (0, 0), (-1, -1), 0.5, black)


def _contents(style: Style) -> TableOfContents:
    contents = TableOfContents(dotsMinLevel=0)
    contents.levelStyles = [
        _look(style, _SIZE, leftIndent=indent, rightIndent=20) for indent in (0, 16)
    ]
    return contents


def _heading(heading: Heading, style: Style) -> Paragraph:
    size = 15 if heading.level == 1 else 12.5
    look = _look(style, size, spaceBefore=size, spaceAfter=8, keepWithNext=1)
    paragraph = Paragraph(escape(heading.line), look)
    paragraph.heading = heading
    return paragraph


def _paragraph(text: str, style: Style, indent: float = 2 * _SIZE) -> Paragraph:
    return Paragraph(escape(text), _look(style, _SIZE, firstLineIndent=indent, spaceAfter=4))


def _line(text: str, style: Style, size: float) -> Paragraph:
    return Paragraph(escape(text), _look(style, size, alignment=TA_CENTER, spaceAfter=6))


def _look(style: Style, size: float, **changes: Any) -> ParagraphStyle:
    return ParagraphStyle(
        "", fontName=style.font, fontSize=size, leading=1.6 * size, wordWrap="CJK", **changes
    )

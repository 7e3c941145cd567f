"""The text as a Word document with Word's heading styles, printed to PDF by LibreOffice."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from PIL import Image, ImageDraw

from tests.forms import needs, witness
from tests.forms.style import ABSTRACT, Heading, Style
from tests.forms.text import TEXT, Section

SUNG = "Noto Serif CJK SC"
HEI = "Noto Sans CJK SC"
KAI = "AR PL KaitiM GB"

STYLES = {
    "word": Style(font=SUNG),
    "word_cover": Style(
        numbering="chapter",
        outline=False,
        cover=True,
        page_number="第 {page} 页 共 {pages} 页",
        blocks=("table", "figure"),
        font=SUNG,
    ),
    # The look of official papers: headings as large as the body, told by typeface and number.
    "word_styles_numbered_han": Style(
        numbering="han",
        numbered_references=False,
        outline=False,
        contents="none",
        masthead=True,
        head=False,
        page_number="- {page} -",
        font=KAI,
    ),
    "word_unnumbered": Style(
        numbering="none", contents="plain", date="2026.5.7", page_number="{page}/{pages}", font=HEI
    ),
}
_LINE_END = 15.6
"""Where the contents list's page numbers end, in centimetres from the margin."""


def write(style: Style, target: Path) -> None:
    """Print the text into a PDF; the contents list's pages are those of a first print."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "briefing.docx"
        pages = ["0"] * len(style.headings)
        for again in (True, False) if style.contents == "dotted" else (False,):
            _document(style, pages, Path(folder)).save(str(source))
            printed = _print(source, style)
            if again:
                pages = [section.printed for section in witness.truth_of(style, printed).sections]
        shutil.move(printed, target)


def lacks(style: Style) -> str | None:
    """What this machine lacks for the style."""
    return needs.program("soffice") or needs.font(style.font)


def _print(source: Path, style: Style) -> Path:
    options = {"ExportBookmarks": {"type": "boolean", "value": str(style.outline).lower()}}
    command = [
        "soffice",
        f"-env:UserInstallation={(source.parent / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        f"pdf:writer_pdf_Export:{json.dumps(options)}",
        "--outdir",
        str(source.parent),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return source.with_suffix(".pdf")


def _document(style: Style, pages: Sequence[str], folder: Path) -> Any:
    document: Any = docx.Document()
    _set_styles(document, style)
    _title_block(document, style)
    if style.cover:
        _new_section(document, "lowerRoman")
        _contents(document, style, pages)
        _new_section(document, "decimal")
    else:
        _furnish(document.sections[0], style)
    _line(document, ABSTRACT, 12, bold=True)
    document.add_paragraph(TEXT.abstract)
    if not style.cover:
        _contents(document, style, pages)
    for heading in style.headings:
        _heading(document, heading, style)
        if heading.section:
            _section(document, heading.section, style, folder)
    for reference in TEXT.references:
        document.add_paragraph(reference.line, style="List Number")
    document.add_page_break()
    _line(document, TEXT.back_page.title, 14, bold=True)
    for paragraph in TEXT.back_page.paragraphs:
        document.add_paragraph(paragraph)
    if style.cover:
        _furnish(document.sections[-1], style)
    return document


def _set_styles(document: Any, style: Style) -> None:
    official = style.font == KAI
    size = 14 if official else 10.5
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.7)
    body = document.styles["Normal"]
    _set_font(body, style.font, size)
    body.paragraph_format.first_line_indent = Pt(2 * size)
    body.paragraph_format.line_spacing = Pt(28) if official else 1.5
    body.paragraph_format.space_after = Pt(0)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    faces = ((HEI, size), (KAI, size)) if official else ((style.font, 16), (style.font, 13))
    for level, (face, points) in enumerate(faces, 1):
        look = document.styles[f"Heading {level}"]
        _set_font(look, face, points)
        look.font.bold = not official
        look.paragraph_format.first_line_indent = Pt(2 * size) if official else Pt(0)
        look.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    document.styles["List Number"].paragraph_format.first_line_indent = Pt(-18)
    if style.numbering == "decimal":
        _number_headings(document)


def _set_font(look: Any, name: str, size: float) -> None:
    look.font.size = Pt(size)
    look.font.name = name
    look.font.color.rgb = RGBColor(0, 0, 0)
    fonts = look.element.rPr.rFonts
    for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[theme]
    for script in ("eastAsia", "ascii", "hAnsi"):
        fonts.set(qn(f"w:{script}"), name)


def _number_headings(document: Any) -> None:
    """Let Word number the headings itself, as `1` and `1.1`."""
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        f'<w:pStyle w:val="Heading{level + 1}"/><w:suff w:val="space"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for level, text in enumerate(("%1", "%1.%2"))
    )
    numbering = document.part.numbering_part.element
    kind = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>'
    numbering.insert(0, parse_xml(kind))
    use = f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'
    numbering.append(parse_xml(use))
    for level in (0, 1):
        properties = document.styles[f"Heading {level + 1}"].element.get_or_add_pPr()
        link = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>'
        properties.append(parse_xml(link))


def _title_block(document: Any, style: Style) -> None:
    if style.cover:
        for _ in range(8):
            document.add_paragraph()
    _line(document, TEXT.title, 22, bold=True)
    if style.masthead:
        _line(document, TEXT.issue_number, 14)
    _line(document, TEXT.issuer, 12)
    _line(document, style.date_line, 12)


def _contents(document: Any, style: Style, pages: Sequence[str]) -> None:
    if style.contents == "none":
        return
    _line(document, style.contents_title, 16, bold=True)
    for heading, page in zip(style.headings, pages, strict=True):
        number = f"\t{page}" if style.contents == "dotted" else ""
        entry = document.add_paragraph(heading.line + number)
        entry.paragraph_format.first_line_indent = Cm(0)
        entry.paragraph_format.left_indent = Cm(0.8 * (heading.level - 1))
        stops = entry.paragraph_format.tab_stops
        stops.add_tab_stop(Cm(_LINE_END), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _heading(document: Any, heading: Heading, style: Style) -> None:
    text = heading.title if style.numbering == "decimal" else heading.line
    document.add_heading(text, heading.level)


def _section(document: Any, section: Section, style: Style, folder: Path) -> None:
    for index, paragraph in enumerate(section.paragraphs):
        document.add_paragraph(paragraph)
        if index:
            continue
        if section.table_rows and "table" in style.blocks:
            _line(document, f"表 1 {section.table_caption}", 9)
            table = document.add_table(0, len(section.table_rows[0]), style="Table Grid")
            for row in section.table_rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
                    cell.paragraphs[0].paragraph_format.first_line_indent = Cm(0)
        if section.figure_caption and "figure" in style.blocks:
            document.add_picture(str(_picture(folder)), width=Cm(9))
            _line(document, f"图 1 {section.figure_caption}", 9)


def _picture(folder: Path) -> Path:
    picture = Image.new("L", (360, 120), 255)
    ImageDraw.Draw(picture).line([(0, 110), (90, 60), (200, 30), (360, 10)], fill=0, width=2)
    picture.save(folder / "figure.png")
    return folder / "figure.png"


def _line(document: Any, text: str, size: float, *, bold: bool = False) -> None:
    """A centred line."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Cm(0)
    paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold = bold


def _new_section(document: Any, numbers: str) -> None:
    """A section that begins a page, numbered anew from 1."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.footer.is_linked_to_previous = section.header.is_linked_to_previous = False
    kind = f'<w:pgNumType {nsdecls("w")} w:fmt="{numbers}" w:start="1"/>'
    for old in section._sectPr.findall(qn("w:pgNumType")):
        section._sectPr.remove(old)
    section._sectPr.append(parse_xml(kind))
    if numbers == "lowerRoman":
        _add_fields(section.footer.paragraphs[0], "{page}")


def _furnish(section: Any, style: Style) -> None:
    if style.head:
        head = section.header.paragraphs[0]
        head.text = f"{TEXT.title}\t\t{style.date}"
        head.paragraph_format.first_line_indent = Cm(0)
    _add_fields(section.footer.paragraphs[0], style.page_number)


def _add_fields(paragraph: Any, pattern: str) -> None:
    """A pattern with fields where it has `{page}` and `{pages}`, centred."""
    paragraph.paragraph_format.first_line_indent = Cm(0)
    paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    fields = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
    for part in re.split(r"(\{\w+\})", pattern):
        if part in fields:
            run = "<w:r><w:t>0</w:t></w:r>"
            field = f'<w:fldSimple {nsdecls("w")} w:instr="{fields[part]}">{run}</w:fldSimple>'
            paragraph._p.append(parse_xml(field))
        elif part:
            paragraph.add_run(part)

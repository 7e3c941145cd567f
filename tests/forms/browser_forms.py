"""The text as a web page, printed by Chromium."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from tests.forms import needs
from tests.forms.style import ABSTRACT, Style
from tests.forms.text import TEXT, Section

STYLES = {
    # Printed with the browser's own head and foot: print date, title, address, page number.
    "chromium": Style(
        outline=False, contents="plain", page_number="{page}/{pages}", font="Noto Sans CJK SC"
    ),
    "chromium_columns": Style(
        numbering="han",
        outline=False,
        contents="none",
        masthead=True,
        head=False,
        page_number="",
        columns=2,
        blocks=("table", "figure"),
    ),
    "chromium_outline": Style(
        numbering="none", contents="none", date="2026-05-07", page_number="第 {page} 页"
    ),
}
_PRINT = ("--headless", "--no-sandbox", "--disable-gpu")
_STYLE_SHEET = """
@page { size: A4; margin: 2.4cm; }
body { font: 10.5pt/1.8 "$font", serif; text-align: justify; hyphens: auto; }
h1, .issue, .issuer, .date, .abstract-title { text-align: center; }
h1 { font-size: 22pt; } h2 { font-size: 15pt; } h3 { font-size: 12.5pt; }
h2, h3 { break-after: avoid; text-align: left; line-height: 1.4; }
p { text-indent: 2em; margin: 0.4em 0; }
.abstract-title { font-weight: bold; } .issuer, .date, .issue { text-indent: 0; }
nav ol { list-style: none; } main { columns: $columns; }
table { border-collapse: collapse; margin: 1em auto; } td { border: 1px solid; padding: 0 0.6em; }
caption, figcaption { font-size: 9pt; text-align: center; } figure { text-align: center; }
.back { break-before: page; padding-top: 6cm; }
"""


def write(style: Style, target: Path) -> None:
    """Print the text into a PDF."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "briefing.html"
        page.write_text("\n".join(_html(style)), encoding="utf-8")
        if style.outline:
            _print_with_outline(page, style, target)
        else:
            plain = () if style.page_number else ("--no-pdf-header-footer",)
            command = ["chromium", *_PRINT, *plain, f"--print-to-pdf={target}", page.as_uri()]
            subprocess.run(command, check=True, capture_output=True, timeout=120)


def lacks(style: Style) -> str | None:
    """What this machine lacks for the style."""
    return needs.program("chromium") or needs.font(style.font)


def _print_with_outline(page: Path, style: Style, target: Path) -> None:
    """Print with bookmarks from the headings, and a head with the day of printing."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        tab = browser.new_page()
        tab.goto(page.as_uri())
        box = '<div style="font-size: 9px; width: 100%; text-align: center">'
        number = '<span class="pageNumber"></span>'
        tab.pdf(
            path=target,
            prefer_css_page_size=True,
            display_header_footer=True,
            header_template=box + '<span class="date"></span></div>',
            footer_template=box + style.page_number.format(page=number) + "</div>",
            outline=True,
            tagged=True,
        )
        browser.close()


def _html(style: Style) -> Iterator[str]:
    sheet = _STYLE_SHEET.replace("$font", style.font).replace("$columns", str(style.columns))
    yield f'<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>{TEXT.title}</title>'
    yield f"<style>{sheet}</style><h1>{TEXT.title}</h1>"
    if style.masthead:
        yield _paragraph(TEXT.issue_number, "issue")
    yield _paragraph(TEXT.issuer, "issuer")
    yield _paragraph(style.date_line, "date")
    yield _paragraph(ABSTRACT, "abstract-title") + _paragraph(TEXT.abstract)
    if style.contents != "none":
        entries = "".join(f"<li>{escape(heading.line)}</li>" for heading in style.headings)
        yield f"<nav><h2>{style.contents_title}</h2><ol>{entries}</ol></nav>"
    yield "<main>"
    for heading in style.headings:
        rank = heading.level + 1
        yield f"<h{rank}>{escape(heading.line)}</h{rank}>"
        if heading.section:
            yield from _section(heading.section, style)
    yield "<ol>"
    for reference in TEXT.references:
        yield f"<li>{escape(reference.line)}</li>"
    yield f'</ol></main><div class="back"><p class="issue"><b>{TEXT.back_page.title}</b></p>'
    yield from (_paragraph(paragraph) for paragraph in TEXT.back_page.paragraphs)
    yield "</div></html>"


def _section(section: Section, style: Style) -> Iterator[str]:
    for index, paragraph in enumerate(section.paragraphs):
        yield _paragraph(paragraph)
        if index:
            continue
        if section.table_rows and "table" in style.blocks:
            rows = ("".join(f"<td>{cell}</td>" for cell in row) for row in section.table_rows)
            body = "".join(f"<tr>{row}</tr>" for row in rows)
            yield f"<table><caption>表 1 {section.table_caption}</caption>{body}</table>"
        if section.figure_caption and "figure" in style.blocks:
            line = '<polyline points="0,70 40,30 120,15 200,5" fill="none" stroke="black"/>'
            drawing = f'<svg width="200" height="80">{line}</svg>'
            caption = f"<figcaption>图 1 {section.figure_caption}</figcaption>"
            yield f"<figure>{drawing}{caption}</figure>"


def _paragraph(text: str, name: str = "") -> str:
    language = "" if any("\u4e00" <= char <= "\u9fff" for char in text) else ' lang="en"'
    return f'<p class="{name}"{language}>{escape(text)}</p>'

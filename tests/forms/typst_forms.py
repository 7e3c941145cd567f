"""The text set by typst, which needs no program beside its PyPI package."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import typst

from tests.forms import needs
from tests.forms.style import BLOCKS, Style
from tests.forms.text import TEXT

STYLES = {
    "typst_outline": Style(),
    "typst_han": Style(
        numbering="han",
        numbered_references=False,
        outline=False,
        contents="plain",
        date="二〇二六年五月七日",
        masthead=True,
        page_number="- {page} -",
    ),
    "typst_cover": Style(
        numbering="chapter",
        cover=True,
        head=False,
        page_number="第 {page} 页 共 {pages} 页",
        font="Noto Sans CJK SC",
    ),
    "typst_unnumbered": Style(
        numbering="none",
        outline=False,
        contents="none",
        date="2026.5.7",
        page_number="{page}/{pages}",
    ),
    "typst_blocks": Style(outline=False, masthead=True, blocks=BLOCKS, head=False),
    "typst_two_columns": Style(outline=False, columns=2, date="2026-05-07"),
    "typst_month": Style(
        outline=False, contents="none", date="2026 年 5 月", iso_date="2026-05", page_number=""
    ),
}


def write(style: Style, target: Path) -> None:
    """Set the text into a PDF."""
    form = {
        "style": asdict(style),
        "date_line": style.date_line,
        "headings": [asdict(heading) for heading in style.headings],
        "text": asdict(TEXT),
    }
    pdf, warnings = typst.compile_with_warnings(
        Path(__file__).with_name("typst_form.typ"),
        format="pdf",
        sys_inputs={"form": json.dumps(form, ensure_ascii=False)},
        pdf_tags=False,
    )
    if warnings:  # a missing font, for one: the page would not look as meant
        raise RuntimeError(f"typst: {'; '.join(warning.message for warning in warnings)}")
    target.write_bytes(pdf)


def lacks(style: Style) -> str | None:
    """What this machine lacks for the style."""
    return needs.font(style.font)

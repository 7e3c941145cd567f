"""One page as further programs write it, so that mutants come from many makes of PDF.

These pages have no truth of their own: they are what `tests.mutations` damages.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pypdfium2
import typst
from fpdf import FPDF

from tests.forms import needs
from tests.forms.style import ABSTRACT, Style
from tests.forms.text import TEXT

_STYLE = Style()
_FPDF_FONT = "AR PL SungtiL GB"
_TYPST = """
#let page-text = json(bytes(sys.inputs.text))
#set page("a4")
#set text(font: sys.inputs.font)
#align(center)[
  #text(22pt, page-text.title)

  #page-text.issuer

  #sys.inputs.date

  #sys.inputs.abstract
]
#page-text.abstract

#heading(page-text.sections.at(1).title)
#page-text.sections.at(1).paragraphs.first()
"""


def lacks() -> str | None:
    """What this machine lacks for these pages."""
    found = (needs.program(name) for name in ("gs", "pdftocairo", "mutool", "qpdf"))
    fonts = (needs.font(_FPDF_FONT), needs.font(_STYLE.font))
    return next((reason for reason in (*found, *fonts) if reason), None)


def write_all(folder: Path) -> list[Path]:
    """Write a page by each program into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _fpdf(folder / "fpdf.pdf")
    with tempfile.TemporaryDirectory() as made:
        printed = Path(made) / "typst.pdf"
        _typst(printed)
        for name, reprint in _REPRINTS.items():
            reprint(printed, folder / f"{name}.pdf")
    return sorted(folder.glob("*.pdf"))


def _typst(target: Path) -> None:
    inputs = {
        "text": json.dumps(asdict(TEXT), ensure_ascii=False),
        "font": _STYLE.font,
        "date": _STYLE.date,
        "abstract": ABSTRACT,
    }
    target.write_bytes(typst.compile(_TYPST.encode(), format="pdf", sys_inputs=inputs))


def _fpdf(target: Path) -> None:
    document = FPDF()
    document.set_producer("fpdf2")
    document.add_page()
    document.add_font("body", fname=needs.font_file(_FPDF_FONT))
    document.set_font("body", size=11)
    section = TEXT.sections[1]
    front = (TEXT.title, TEXT.issuer, _STYLE.date, ABSTRACT, TEXT.abstract)
    for text in (*front, section.title, section.paragraphs[0]):
        document.multi_cell(0, 6.5, text, new_x="LMARGIN", new_y="NEXT")
    document.output(str(target))


def _pdfium(source: Path, target: Path) -> None:
    with pypdfium2.PdfDocument.new() as document, pypdfium2.PdfDocument(source) as printed:
        document.import_pages(printed)
        document.save(target)


def _by_command(*command: str) -> Callable[[Path, Path], None]:
    """A program that is given the file to read and the file to write."""

    def reprint(source: Path, target: Path) -> None:
        values = {"{source}": str(source), "{target}": str(target)}
        run = [values.get(word, word) for word in command]
        subprocess.run(run, check=True, capture_output=True, timeout=60)

    return reprint


_REPRINTS = {
    "ghostscript": _by_command("gs", "-q", "-sDEVICE=pdfwrite", "-o", "{target}", "{source}"),
    "cairo": _by_command("pdftocairo", "-pdf", "{source}", "{target}"),
    "mupdf": _by_command("mutool", "convert", "-o", "{target}", "{source}"),
    "qpdf_linearized": _by_command(
        "qpdf", "--linearize", "--object-streams=generate", "{source}", "{target}"
    ),
    "pdfium": _pdfium,
}

"""The truth of a form as it was printed; where each heading stands is pdfium's word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2

from archive.chinese.text import compact
from archive.evidence.page_image import page_text
from tests.forms.style import Heading, Style
from tests.forms.text import TEXT, Section
from tests.forms.truth import TrueSection, Truth


@dataclass(frozen=True, slots=True)
class _Witness:
    """A PDF's pages as one text without white space, and where each page begins in it."""

    text: str
    starts: tuple[int, ...]

    def page(self, at: int) -> int:
        return sum(start <= at for start in self.starts)


def truth_of(style: Style, pdf: Path) -> Truth:
    """What a form holds, with the pages its headings were printed on."""
    witness = _read(pdf)
    places = list(_places(style, witness))
    truth = truth_on(style, [witness.page(place) for place in places])
    sections = list(truth.sections)
    notes = []
    for index, section in enumerate(TEXT.sections):
        for caption, cells in _captions(style, section):
            owner = _owner(places, witness.text.index(_bare(caption)))
            parts = (*sections[owner].parts, caption, *cells)
            sections[owner] = replace(sections[owner], parts=parts, interrupted=True)
        if section.note and "note" in style.blocks:
            notes.append(section.note)
            # Its mark stands in one section and itself, at the page's foot, maybe amid another.
            below = _owner(places, witness.text.index(_bare(section.note)))
            for owner in {index, below}:
                sections[owner] = replace(sections[owner], interrupted=True)
    return replace(truth, sections=tuple(sections), notes=tuple(notes))


def truth_on(style: Style, pages: Sequence[int]) -> Truth:
    """What a form without blocks holds, its headings being on these pages."""
    return Truth(
        title=TEXT.title,
        issuer=TEXT.issuer,
        issue_number=re.sub(r"\D", "", TEXT.issue_number) if style.masthead else "",
        date=style.iso_date,
        abstract=TEXT.abstract,
        sections=tuple(
            _section(style, heading, page)
            for heading, page in zip(style.headings, pages, strict=True)
        ),
        references=TEXT.references,
    )


def _read(pdf: Path) -> _Witness:
    text, starts = "", []
    for page in range(1, _page_count(pdf) + 1):
        starts.append(len(text))
        text += _bare(page_text(pdf, page))
    return _Witness(text, tuple(starts))


def _page_count(pdf: Path) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def _places(style: Style, witness: _Witness) -> Iterator[int]:
    """Where each heading stands: after the contents list, which names them all before."""
    at = 0
    if style.contents != "none":
        for heading in style.headings:
            at = witness.text.index(_bare(heading.title), at) + 1
    for heading in style.headings:
        at = witness.text.index(_bare(heading.line), at)
        yield at
        at += 1


def _section(style: Style, heading: Heading, page: int) -> TrueSection:
    return TrueSection(
        number=heading.number,
        title=heading.title,
        level=heading.level,
        page=page,
        printed=str(page - style.front_pages) if style.page_number else "",
        text="\n".join(heading.section.paragraphs) if heading.section else "",
    )


def _captions(style: Style, section: Section) -> Iterator[tuple[str, tuple[str, ...]]]:
    if section.table_caption and "table" in style.blocks:
        cells = tuple(cell for row in section.table_rows for cell in row)
        yield f"表 1 {section.table_caption}", cells
    if section.figure_caption and "figure" in style.blocks:
        yield f"图 1 {section.figure_caption}", ()


def _owner(places: list[int], at: int) -> int:
    """The section that a place in the text belongs to."""
    return sum(place <= at for place in places) - 1


def _bare(text: str) -> str:
    return compact(text).text

"""Marks on page pictures: the text under them is the quote, whoever made the PDF."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import pytest

from archive.chinese.text import compact, sentences
from ingest.reading.briefing_reader import ReadOptions, read_briefing
from ingest.reading.passages import cut_passages
from tests.conftest import ROOT, SAMPLES
from tests.marks import marks

DATA = ROOT / "tests" / "data"
QUOTES = 200
_OF_A_SAMPLE = 7
_OF_ANOTHER = 8
_OVER_BREAKS = 2
"""So many quotes of a file run over a page break, where as many do."""
_ENDS = ("。", "！", "？", "”", ".")
UNDRAWN = {
    "encrypted": "without its password no page of it can be drawn",
    "founder": "its characters are garbled, so that it is refused",
    "gbk_mojibake": "pdfium reads its GBK as Latin letters, so that no quote is found nor marked",
    "mupdf": "its fonts have no character tables, so that it is refused",
    "scanned": "its pages are pictures without text",
}
"""The fixed PDFs that no quote can be marked in, and why."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a briefing and the physical pages it stands on."""

    text: str
    pages: range


@cache
def quotes(pdf: Path) -> tuple[Quote, ...]:
    """All sentences of a PDF's passages, in an order drawn by the file's name."""
    briefing = read_briefing(pdf, pdf.read_bytes(), ReadOptions(date="2026-05-07", ocr=False))
    found = []
    for passage in cut_passages(briefing):
        for start, end in sentences(passage.text):
            first, last = passage.pages_of(start, end)
            text = passage.text[start:end].strip()
            if text.endswith(_ENDS):  # headings that lack their sections may have been joined
                found.append(Quote(text, range(first, last + 1)))
    Random(pdf.name).shuffle(found)
    return tuple(found)


def chosen(pdf: Path, count: int) -> list[Quote]:
    """So many of a PDF's sentences, some that run over a page break first."""
    over = [quote for quote in quotes(pdf) if len(quote.pages) > 1][:_OVER_BREAKS]
    others = [quote for quote in quotes(pdf) if len(quote.pages) == 1]
    return [*over, *others][:count]


def assert_marked(pdf: Path, quote: Quote) -> int:
    """The marks cover the quote and no more; on how many lines."""
    images, text = marks(pdf, quote.pages, quote.text)
    assert text == compact(quote.text).text
    assert all(image.marked for image in images)
    return sum(len(image.boxes) for image in images)


@pytest.mark.parametrize("pdf", sorted(SAMPLES.glob("*.pdf")), ids=lambda pdf: pdf.stem)
def test_quotes_of_a_sample_are_marked_where_they_stand(pdf: Path) -> None:
    lines = [assert_marked(pdf, quote) for quote in chosen(pdf, _OF_A_SAMPLE)]
    assert len(lines) == _OF_A_SAMPLE
    assert max(lines) > 1


def test_the_samples_quotes_are_many_and_run_over_pages(samples: list[Path]) -> None:
    all_chosen = [quote for pdf in samples for quote in chosen(pdf, _OF_A_SAMPLE)]
    assert len(all_chosen) >= QUOTES
    assert sum(len(quote.pages) > 1 for quote in all_chosen) >= 5


def fixed_pdfs() -> list[object]:
    """The fixed PDFs of other programs; those that can't be marked are skipped with the reason."""
    return [
        pytest.param(
            pdf,
            id=pdf.stem,
            marks=[pytest.mark.skip(UNDRAWN[pdf.stem])] if pdf.stem in UNDRAWN else [],
        )
        for pdf in sorted(DATA.rglob("*.pdf"))
    ]


@pytest.mark.parametrize("pdf", fixed_pdfs())
def test_quotes_of_other_programs_pdfs_are_marked_where_they_stand(pdf: Path) -> None:
    found = chosen(pdf, _OF_ANOTHER)
    assert found
    for quote in found:
        assert_marked(pdf, quote)

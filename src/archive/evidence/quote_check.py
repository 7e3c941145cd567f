"""Whether a quote stands on the page it is cited from: asked of the PDF while answering."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archive.chinese.text import compact
from archive.errors import ArchiveError
from archive.evidence.sources import sources_of
from archive.records import Citation, Passage
from archive.store.catalog import Catalog


class Quoter:
    """Makes citations of sentences, of those only that the cited pages hold."""

    def __init__(self, catalog: Catalog, files: Path) -> None:
        self._catalog = catalog
        self._files = files

    def cite(self, number: int, passage: Passage, start: int, end: int) -> Citation | None:
        """A citation of the characters [start, end) of a passage; None where no page holds them."""
        quote = passage.text[start:end]
        first, last = passage.pages_of(start, end)
        if not stands(quote, [self._page(passage, page) for page in range(first, last + 1)]):
            return None
        printed = self._catalog.briefings.printed_numbers(passage.briefing.id)
        return Citation(
            number=number,
            passage=passage,
            quote=quote,
            pages=(first, last),
            printed=(printed.get(first, ""), printed.get(last, "")),
            sources=sources_of(
                passage,
                start,
                end,
                self._catalog.briefings.references(passage.briefing.id),
                self._before(passage),
            ),
        )

    def _page(self, passage: Passage, page: int) -> str:
        """The text of a physical page as pdfium reads it, which had no part in the quote.

        A scanned page has none, nor has a PDF that is gone; what was read of it when it came in is
        then the page's text.
        """
        from archive.evidence.drawing import page_text

        stored = self._catalog.briefings.page(passage.briefing.id, page)
        file_hash = self._catalog.briefings.file_hash(passage.briefing.id)
        if stored is not None and stored.quality != "ocr" and file_hash:
            try:
                if text := page_text(self._files / f"{file_hash}.pdf", page):
                    return text
            except ArchiveError:
                pass
        return stored.text if stored is not None else ""

    def _before(self, passage: Passage) -> str:
        """The text of the passage's section before it."""
        before = []
        for other in self._catalog.passages.of_briefing(passage.briefing.id):
            if other.id == passage.id:
                break
            if other.section == passage.section:
                before.append(other.text)
        return "".join(before)


def stands(quote: str, pages: Sequence[str]) -> bool:
    """Whether a quote stands on a page, or part by part on several; white space and width aside."""
    from archive.evidence.drawing import find_quote

    folded = compact(quote).text
    wanted, found = len(folded), 0
    if any(folded in compact(page).text for page in pages):
        return wanted > 0
    for page in pages:
        part = find_quote(page, quote)
        found += len(compact(page[part.start : part.stop]).text)
    return 0 < wanted <= found

"""A draft cut into the parts that are checked one by one: a section's paragraphs, a paste's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.chinese.text import has_han, sentences
from archive.errors import UsageError
from archive.records import ABSTRACT_TITLE, Briefing
from archive.untrusted_text import without_surrogates

LONGEST = 100_000
"""Characters of a draft that are checked at once: some 120 pages."""
_LONGEST_HEADING = 40
_LONGEST_PART = 400
_LEVELS = 3
_NAMED_BY = 20
_SENTENCE_MARK = re.compile(r"[。！？!?；;：:，,…]\s*[”’」』）)]*$")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_LETTER = re.compile(r"[^\W\d_]")
_HEADING_MARK = re.compile(r"^#{1,6}\s+|\*\*")


@dataclass(frozen=True, slots=True)
class DraftPart:
    """A paragraph, or as many of its sentences as are about one passage long."""

    name: str
    """Its heading, or its first characters."""
    text: str

    @property
    def is_subject(self) -> bool:
        """Whether it only names something, as 稀土出口管制 does, and says nothing of it."""
        return len(self.text) <= _LONGEST_HEADING and not _SENTENCE_MARK.search(self.text)

    @property
    def is_foreign(self) -> bool:
        """Whether it tells something without Chinese, so that its words can't be compared."""
        return not self.is_subject and not has_han(self.text)


@dataclass(frozen=True, slots=True)
class DraftSection:
    """The parts under one heading, which are about one matter, save for those of an abstract."""

    headings: str
    """From the top level down, in one line; empty where there are none."""
    parts: tuple[DraftPart, ...]
    is_abstract: bool = False

    @property
    def text(self) -> str:
        """What of it is compared as a whole."""
        return "\n".join(filter(None, (self.headings, *(part.text for part in self.parts))))


def read_text(text: str) -> list[DraftSection]:
    """The sections of a pasted draft; a short line without a mark at its end is a heading.

    Without headings every paragraph is a section. Raises UsageError when there is nothing to
    compare in it, or when it is longer than `LONGEST`.
    """
    text = _CONTROL.sub(" ", without_surrogates(text).replace("\r\n", "\n").replace("\r", "\n"))
    _check_length(len(text))
    lines = [_HEADING_MARK.sub("", line).strip() for line in text.split("\n")]
    found = list(_sections([line for line in lines if any(map(str.isalnum, line))]))
    if not any(_LETTER.search(section.text) for section in found):
        raise UsageError("the draft is empty", "paste its text, or give its PDF with --file")
    return found


def read_briefing(briefing: Briefing) -> list[DraftSection]:
    """The sections of a draft that was read from a PDF.

    Raises UsageError as `read_text` does. Each sentence of an abstract is a part, since every one
    is about another matter.
    """
    _check_length(sum(len(section.text) for section in briefing.sections))
    found = []
    for section in briefing.sections:
        name = f"{section.number} {section.title}".strip()
        is_abstract = section.title == ABSTRACT_TITLE
        if is_abstract:
            told = (section.text[first:last] for first, last in sentences(section.text))
            each = [piece for text in told for piece in re.split("(?<=[；;])", text)]
        else:
            each = section.text.split("\n")
        parts = _named(name, [text.strip() for text in each if text.strip()])
        if parts:
            found.append(DraftSection(" ".join(section.path), parts, is_abstract))
    if not found:
        raise UsageError("the draft has no text in its sections", "`archive inspect` shows why")
    return found


def _sections(lines: Sequence[str]) -> Iterator[DraftSection]:
    """Lines by the headings they stand under; headings without text in a row are a list."""
    headings: list[str] = []
    own: list[str] = []
    for line in [*lines, None]:
        if line is not None and not DraftPart("", line).is_subject:
            if headings:
                own.append(line)
            else:
                yield from (DraftSection("", (DraftPart(_begins(p), p),)) for p in _pieces(line))
            continue
        if own:
            yield DraftSection(" ".join(headings), _named(headings[-1], own))
            headings, own = [], []
        if line is not None:
            headings.append(line)
        # Three levels of headings may stand above a text; of more lines each names something.
        while len(headings) > (_LEVELS if line is not None else 0):
            subject = headings.pop(0)
            yield DraftSection("", (DraftPart(subject, subject),))


def _named(name: str, paragraphs: Sequence[str]) -> tuple[DraftPart, ...]:
    """Paragraphs under a heading, cut to the length of passages, and numbered if several."""
    texts = [piece for paragraph in paragraphs for piece in _pieces(paragraph)]
    if len(texts) == 1:
        return (DraftPart(name, texts[0]),)
    return tuple(DraftPart(f"{name}（{number}）", text) for number, text in enumerate(texts, 1))


def _pieces(text: str) -> Iterator[str]:
    """A paragraph, cut where it is longer than a passage: between sentences, else clauses."""
    piece = ""
    for first, last in _cut(text):
        if piece and len(piece) + last - first > _LONGEST_PART:
            yield piece.strip()
            piece = ""
        piece += text[first:last]
    if piece.strip():
        yield piece.strip()


def _cut(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text; one that is longer than a passage in several."""
    for first, last in sentences(text):
        while last - first > _LONGEST_PART:
            ends = (text.rfind(mark, first, first + _LONGEST_PART) + 1 for mark in "，,；;、")
            end = max(ends)
            end = end if end > first else first + _LONGEST_PART
            yield first, end
            first = end
        yield first, last


def _begins(text: str) -> str:
    return text if len(text) <= _NAMED_BY else text[:_NAMED_BY] + "…"


def _check_length(length: int) -> None:
    if length > LONGEST:
        raise UsageError(
            f"the draft has {length:,} characters, {LONGEST:,} are checked at once",
            "check it in parts",
        )

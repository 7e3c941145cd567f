"""A draft cut into the parts that are checked one by one: a section's paragraphs, a paste's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.errors import UsageError
from archive.records import ABSTRACT_TITLE, Briefing
from archive.text import has_han, sentences, without_surrogates

LONGEST = 100_000
"""Characters of a draft that are checked at once: some 120 pages."""
_LONGEST_HEADING = 40
_LONGEST_PART = 400
_NAMED_BY = 20
_SENTENCE_MARK = re.compile(r"[。！？!?；;：:，,…]\s*[”’」』）)]*$")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
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
        """Whether it has no Chinese, so that its words can't be compared with the archive's."""
        return not has_han(self.text)


def parts_of_text(text: str) -> list[DraftPart]:
    """The parts of a pasted draft; a short line without a mark at its end is a heading.

    Raises UsageError when there is nothing to compare in it, or when it is longer than `LONGEST`.
    """
    text = _CONTROL.sub(" ", without_surrogates(text).replace("\r\n", "\n").replace("\r", "\n"))
    _check_length(len(text))
    lines = [_HEADING_MARK.sub("", line).strip() for line in text.split("\n")]
    found = list(_parts(line for line in lines if line))
    if not any(re.search(r"[^\W\d_]", part.text) for part in found):
        raise UsageError("the draft is empty", "paste its text, or give its PDF with --file")
    return found


def parts_of_briefing(briefing: Briefing) -> list[DraftPart]:
    """The parts of a draft that was read from a PDF, as sections have paragraphs.

    Raises UsageError as `parts_of_text` does. Each sentence of an abstract is a part, since every
    one is about another matter.
    """
    _check_length(sum(len(section.text) for section in briefing.sections))
    found: list[DraftPart] = []
    for section in briefing.sections:
        name = f"{section.number} {section.title}".strip()
        if section.title == ABSTRACT_TITLE:
            told = (section.text[first:last] for first, last in sentences(section.text))
            each = [piece.strip() for text in told for piece in re.split("(?<=[；;])", text)]
        else:
            each = [line.strip() for line in section.text.split("\n")]
        texts = [piece for text in each if text for piece in _pieces(text)]
        found += [
            DraftPart(name if len(texts) == 1 else f"{name}（{number}）", text)
            for number, text in enumerate(texts, 1)
        ]
    if not found:
        raise UsageError("the draft has no text in its sections", "`archive inspect` shows why")
    return found


def _parts(lines: Iterator[str]) -> Iterator[DraftPart]:
    heading = ""
    waiting = ""
    number = 0
    for line in lines:
        if len(line) <= _LONGEST_HEADING and not _SENTENCE_MARK.search(line):
            if waiting:
                yield DraftPart(waiting, waiting)
            heading, waiting, number = line, line, 0
            continue
        waiting = ""
        for text in _pieces(line):
            number += 1
            name = f"{heading}（{number}）" if heading and number > 1 else heading
            yield DraftPart(name or _begins(text), text)
    if waiting:
        yield DraftPart(waiting, waiting)


def _pieces(text: str) -> Iterator[str]:
    """A paragraph, cut between sentences where it is longer than a passage."""
    piece = ""
    for first, last in sentences(text):
        if piece and len(piece) + last - first > _LONGEST_PART:
            yield piece.strip()
            piece = ""
        piece += text[first:last]
    if piece.strip():
        yield piece.strip()


def _begins(text: str) -> str:
    return text if len(text) <= _NAMED_BY else text[:_NAMED_BY] + "…"


def _check_length(length: int) -> None:
    if length > LONGEST:
        raise UsageError(
            f"the draft has {length:,} characters, {LONGEST:,} are checked at once",
            "check it in parts",
        )

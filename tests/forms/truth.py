"""What a right reading of a form says, and where a reading differs from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.chinese.text import compact, sentences
from tests.forms.text import Reference

_BLOCK = ("title", "issuer", "issue_number", "date", "abstract")
EDGE = 20
"""So many characters of a text's beginning and of its end are shown where it differs."""


@dataclass(frozen=True, slots=True)
class TrueSection:
    """A section as it should be read; paragraphs are parted by a line feed in `text`."""

    number: str
    title: str
    level: int
    page: int
    printed: str
    text: str
    parts: tuple[str, ...] = ()
    """Captions and cells that stand in the section, each to be found in its text unbroken."""
    interrupted: bool = False
    """Whether such blocks, or a footnote, may stand between its paragraphs or lines."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A form's content. With an `error`, the reader should refuse the file with that code."""

    title: str = ""
    issuer: str = ""
    issue_number: str = ""
    """Digits only."""
    date: str = ""
    abstract: str = ""
    sections: tuple[TrueSection, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[str, ...] = ()
    """Footnotes, each to be found unbroken in some section's text."""
    password: str = ""
    pictures: tuple[int, ...] = ()
    """Pages without text: a reader that can't see warns of them and misses what they hold."""
    error: str = ""


def save(truth: Truth, pdf: Path) -> None:
    """Write the truth as JSON beside its PDF, with the field names of `archive inspect --json`."""
    plain = asdict(truth)
    plain["error"] = {"code": truth.error} if truth.error else None
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    pdf.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def load(pdf: Path) -> Truth:
    """Read the truth that stands beside a PDF."""
    plain = json.loads(pdf.with_suffix(".json").read_text(encoding="utf-8"))
    plain["error"] = plain["error"]["code"] if plain["error"] else ""
    plain["references"] = tuple(Reference(**item) for item in plain["references"])
    plain["sections"] = tuple(
        TrueSection(**(item | {"parts": tuple(item["parts"])})) for item in plain["sections"]
    )
    return Truth(**(plain | {name: tuple(plain[name]) for name in ("notes", "pictures")}))


def differences(truth: Truth, read: dict[str, Any]) -> list[str]:
    """What `archive inspect --json` says otherwise than the truth, a line each; white space and the
    shapes of quotation marks make no difference.
    """
    code = read["error"]["code"] if read["error"] else ""
    if truth.error or code:
        return [] if code == truth.error else [_unlike("error", truth.error, code)]
    return [
        *_fields("", asdict(truth), read, _BLOCK),
        *_sections(truth, read["sections"]),
        *_references(truth, read["references"]),
        *_notes(truth, read["sections"]),
        *_warnings(truth, read["warnings"]),
    ]


def _fields(
    where: str, expected: dict[str, Any], found: dict[str, Any], names: Sequence[str]
) -> Iterator[str]:
    for name in names:
        wanted, read = str(expected[name]), str(found.get(name) or "")
        if _bare(wanted) != _bare(read):
            yield _unlike(where + name, wanted, read)


def _sections(truth: Truth, found: list[dict[str, Any]]) -> Iterator[str]:
    """Sections are matched by title, in order, so that one missing doesn't blame all the others."""
    rest = list(found)
    for section, following in zip(truth.sections, (*truth.sections[1:], None), strict=True):
        title = _bare(section.title)
        match = next((item for item in rest if _bare(item["title"]) == title), None)
        if match is None:
            if section.page not in truth.pictures:
                yield f"section missing: {section.number} {section.title}"
            continue
        for extra in rest[: rest.index(match)]:
            yield f"section not in the text: {extra['number']} {extra['title']}"
        rest = rest[rest.index(match) + 1 :]
        last_page = following.page if following else section.page
        if truth.pictures and set(range(section.page, last_page + 1)) & set(truth.pictures):
            continue
        where = f"section {section.number or section.title[:8]}: "
        names = ["number", "title", "level", "page", *(["printed"] if section.printed else [])]
        yield from _fields(where, asdict(section), match, names)
        yield from (where + difference for difference in _text(section, match["text"]))
    for extra in rest:
        yield f"section not in the text: {extra['number']} {extra['title']}"


def _text(section: TrueSection, found: str) -> Iterator[str]:
    """A section's text is as it should be, or every sentence of it is, where blocks stand in it."""
    expected, read = _bare(section.text), _bare(found)
    if section.interrupted:
        pieces = [section.text[start:end] for start, end in sentences(section.text)]
        for piece in (*pieces, *section.parts):
            if _bare(piece) not in read:
                yield f"not in the text unbroken: {piece.strip()!r}"
    elif expected[:EDGE] != read[:EDGE]:
        yield _unlike("text begins", expected[:EDGE], read[:EDGE])
    elif expected[-EDGE:] != read[-EDGE:]:
        yield _unlike("text ends", expected[-EDGE:], read[-EDGE:])
    elif expected != read:
        at = next(i for i, pair in enumerate(zip(expected, read, strict=False)) if len({*pair}) > 1)
        yield _unlike(f"text at {at}", expected[at : at + EDGE], read[at : at + EDGE])


def _references(truth: Truth, found: list[dict[str, Any]]) -> Iterator[str]:
    if len(found) != len(truth.references):
        yield _unlike("references", str(len(truth.references)), str(len(found)))
    for expected, item in zip(truth.references, found, strict=False):
        where = f"reference {expected.number}: "
        yield from _fields(where, asdict(expected), item, ("number", "outlet", "date", "title"))


def _notes(truth: Truth, found: list[dict[str, Any]]) -> Iterator[str]:
    whole = "\n".join(_bare(section["text"]) for section in found)
    for note in truth.notes:
        if _bare(note) not in whole:
            yield f"footnote in no section: {note}"


def _warnings(truth: Truth, found: list[dict[str, Any]]) -> Iterator[str]:
    warned = {warning["page"] for warning in found if warning["code"] == "no_text"}
    for page in truth.pictures:
        if page not in warned:
            yield f"no warning of page {page} without text"


def _bare(text: str) -> str:
    return compact(text).text


def _unlike(name: str, expected: str, found: str) -> str:
    return f"{name}: expected {expected!r}, found {found!r}"

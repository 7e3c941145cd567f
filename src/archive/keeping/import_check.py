"""Checks that the program can read all that a catalogue holds, before it is imported or exported.

Every row is parsed as it is for a reader, and the records that come out must have the form in which
the program writes them. Rows must also agree with each other: a chain of revisions that never ends,
or vectors of two lengths, would only be noticed by whoever reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date as Date
from graphlib import CycleError, TopologicalSorter
from reprlib import repr as shortened
from typing import Any

from archive.chinese.lexicon import could_be, from_text
from archive.chinese.minhash import LENGTH
from archive.errors import ArchiveError
from archive.following.saved_queries import check_name
from archive.index.keyword_index import KEYWORD_INDEX, LEXICON_USED, KeywordIndex
from archive.index.vector_index import VECTOR_INDEX, dimension_of
from archive.keeping.corrections import Edit, checked
from archive.records import (
    Briefing,
    PageStarts,
    Passage,
    as_number,
    as_plain,
    day_range,
    days_covered,
)
from archive.store.catalog import Catalog
from archive.store.database import DamagedError
from archive.store.record_validation import misfit
from archive.store.records import Correction, LoggedChange, Run, Watch
from archive.untrusted_text import on_one_line

LONGEST_PASSAGE = 10_000
"""Characters; a passage of this program has 840 at most."""
_LONGEST_JSON = 2**22
"""Characters; twenty times what the starts of ten thousand pages take."""
_LONGEST_NAME = 200
"""Characters of an id or of a topic's name."""
_DEEPEST = 1000
"""Levels of headings."""
_JSON: Mapping[str, Mapping[str, Any]] = {
    "briefing": {"warnings": list[dict[str, Any]], "dates": list[dict[str, Any]]},
    "section": {"path": list[str], "page_starts": list[list[int]]},
    "passage": {"section_path": list[str], "page_starts": list[list[int]]},
    "watch": {"filter": dict[str, Any]},
    "run": {"counts": dict[str, int]},
    "change": {"detail": dict[str, Any]},
    "correction": {"value": str | list[str], "as_read": str | list[str]},
}
"""The columns that hold JSON, by table, with the type of what they hold."""
_COUNTERS = ("generation", "rewrites", "settled generation")
_UNREADABLE = (
    TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError,
    DamagedError, ArchiveError,
)  # fmt: skip
"""What parsing raises on a text that the program wouldn't write."""


def find_fault(catalog: Catalog) -> str | None:
    """The first thing in a catalogue that couldn't be read, and in which row; None if all can.

    Every row is read, which takes some two seconds for ten thousand passages.
    """
    for check in (_meta, _json, _briefings, _chains, _topics, _watches, _history, _vectors, _agree):
        where = _Place()
        try:
            if fault := next(check(catalog, where), None):
                return f"{where}{fault}"
        except _UNREADABLE as error:
            why = error.message if isinstance(error, ArchiveError) else str(error)
            return f"{where}it can't be read ({type(error).__name__}: {why})"
    return None


class _Place:
    """Which row is being looked at."""

    def __init__(self) -> None:
        self._row = ""

    def at(self, table: str, key: object = None) -> None:
        self._row = f"{table}: " if key is None else f"{table} {shortened(key)}: "

    def __str__(self) -> str:
        return self._row


def _meta(catalog: Catalog, where: _Place) -> Iterator[str]:
    for row in catalog.copies.rows("meta"):
        where.at("meta", row["key"])
        if row["key"] in _COUNTERS and not re.fullmatch(r"[0-9]{1,15}", row["value"]):
            yield f"{shortened(row['value'])} is no number"
    where.at("meta", LEXICON_USED)
    words = from_text(catalog.meta(LEXICON_USED))
    yield from _fits(words, dict[str, int | None], "it")
    if not could_be(words):
        yield "these are no words of a lexicon"
    where.at("meta", "passages to be indexed anew")
    yield from _fits(catalog.changes.behind_in_chroma(), list[str], "it")


def _json(catalog: Catalog, where: _Place) -> Iterator[str]:
    for table, columns in _JSON.items():
        for row in catalog.copies.rows(table):
            where.at(table, next(iter(row.values())))
            for column, hint in columns.items():
                if len(row[column]) > _LONGEST_JSON:
                    yield f"{column} has {len(row[column])} characters"
                yield from _fits(_parsed(row[column]), hint, column)


def _parsed(text: str) -> Any:
    """What a text in JSON says; raises ValueError for lone surrogates and infinite numbers."""
    value = json.loads(text)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


def _briefings(catalog: Catalog, where: _Place) -> Iterator[str]:
    for row in catalog.copies.rows("briefing"):
        where.at("briefing", row["id"])
        yield from _is_name(row["id"], "its id")
        first, last = (as_number(day) for day in day_range(row["date"]))
        if (row["first_day"], row["last_day"]) != (first, last):
            yield "its days aren't those of its date"
        if len(row["sketch"]) not in (0, LENGTH):
            yield f"its sketch has {len(row['sketch'])} bytes"
        if stored := catalog.briefings.stored(row["id"]):
            yield from _briefing(stored.briefing)
        for passage in catalog.passages.of_briefing(row["id"]):
            where.at("passage", passage.id)
            yield from _passage(passage)


def _briefing(briefing: Briefing) -> Iterator[str]:
    yield from _fits(briefing, Briefing, "it")
    for date in briefing.dates:
        day_range(date.date)
    days_covered(briefing.date, briefing.dates)
    for section in briefing.sections:
        if not 0 <= section.level <= _DEEPEST:
            yield f"a section has level {section.level}"
        yield from _starts(section.page_starts, section.text)
    for reference in briefing.references:
        if reference.date:
            day_range(reference.date)


def _passage(passage: Passage) -> Iterator[str]:
    yield from _fits(passage, Passage, "it")
    yield from _is_name(passage.id, "its id")
    if len(passage.text) > LONGEST_PASSAGE:
        yield f"it has {len(passage.text)} characters"
    if not passage.page_starts or passage.page_starts[0][0] != 0:
        yield "no page begins where it does"
    yield from _starts(passage.page_starts, passage.text)


def _starts(starts: PageStarts, text: str) -> Iterator[str]:
    places = [offset for offset, _ in starts]
    if places != sorted(places) or not all(0 <= place <= len(text) for place in places):
        yield "pages begin outside its text"


def _chains(catalog: Catalog, where: _Place) -> Iterator[str]:
    """Neither revisions nor storylines go in circles."""
    where.at("briefing")
    newer = {row["id"]: row["replaced_by"] for row in catalog.copies.rows("briefing")}
    yield from _ends(newer, "replaces")
    where.at("link")
    earlier = {row["passage_key"]: row["earlier_key"] for row in catalog.copies.rows("link")}
    yield from _ends(earlier, "goes on with")


def _ends(next_of: Mapping[Any, Any], what: str) -> Iterator[str]:
    try:
        TopologicalSorter(
            {each: [other] for each, other in next_of.items() if other is not None}
        ).prepare()
    except CycleError as error:
        yield f"{shortened(error.args[1][0])} {what} itself in the end"


def _topics(catalog: Catalog, where: _Place) -> Iterator[str]:
    for topic in catalog.passages.topic_counts():
        where.at("passage_topic", topic)
        yield from _is_name(topic, "the topic")
    for row in catalog.copies.rows("passage_topic"):
        where.at("passage_topic", row["topic"])
        if not 0 <= row["score"] <= 1:
            yield f"its score is {row['score']}"


def _watches(catalog: Catalog, where: _Place) -> Iterator[str]:
    where.at("watch")
    filters = {row["name"]: json.loads(row["filter"]) for row in catalog.copies.rows("watch")}
    for watch in catalog.notes.watches():
        where.at("watch", watch.name)
        yield from _fits(watch, Watch, "it")
        Date.fromisoformat(watch.created)
        if check_name(watch.name) != watch.name:
            yield "its name has blanks around it"
        if as_plain(watch.where) | filters[watch.name] != as_plain(watch.where):
            yield "its filter is written otherwise than by this program"


def _history(catalog: Catalog, where: _Place) -> Iterator[str]:
    """Runs of ingestion, changes and corrections."""
    for row in catalog.copies.rows("run"):
        where.at("run", row["id"])
        run = Run(row["started"], row["seconds"], json.loads(row["counts"]), ())
        yield from _fits(run, Run, "it")
    for row in catalog.copies.rows("change"):
        where.at("change", row["id"])
        change = LoggedChange(**row | {"detail": json.loads(row["detail"])})
        yield from _fits(change, LoggedChange, "it")
        yield from _fits(change.detail.get("changes", {}), dict[str, list[Any]], "changes")
        yield from _fits(change.line, str, "its line")
    hashes = dict.fromkeys(row["file_hash"] for row in catalog.copies.rows("correction"))
    for file_hash in hashes:
        where.at("correction", file_hash)
        for correction in catalog.changes.corrections(file_hash):
            yield from _correction(correction)


def _correction(correction: Correction) -> Iterator[str]:
    yield from _fits(correction, Correction, "it")
    if (correction.field == "topics") != isinstance(correction.value, tuple):
        yield f"its {correction.field} are {shortened(correction.value)}"
    elif correction.field == "topics":
        yield from _fits(correction.as_read, tuple[str, ...], "as_read")
    else:
        checked(Edit(**{correction.field: correction.value}), (), ())  # type: ignore[arg-type]
        if correction.field == "date":
            day_range(str(correction.as_read))


def _vectors(catalog: Catalog, where: _Place) -> Iterator[str]:
    """All vectors have the dimension of the encoder that the catalogue names."""
    where.at("meta", VECTOR_INDEX)
    built_with = catalog.meta(VECTOR_INDEX)
    if built_with is None:
        if catalog.passages.any():
            yield "nothing says what the vectors were made by"
        return
    dimension = dimension_of(built_with)
    if dimension is None:
        yield f"{shortened(built_with)} is no encoder"
    elif bad := catalog.audit.bad_vectors(dimension):
        where.at("passage", bad[0])
        yield f"its vector isn't of unit length and {dimension} dimensions"


def _agree(catalog: Catalog, where: _Place) -> Iterator[str]:
    """Passages agree with their sections, and the full-text tables with the passages."""
    for table, count in catalog.audit.dangling().items():
        yield f"{count} rows of {table} belong to nothing"
    if wrong := catalog.audit.inconsistent(len(catalog.briefings.file_hashes()) or 1):
        where.at("briefing", wrong[0])
        yield "its passages aren't the text of its sections, or stand on no page of it"
    if catalog.is_built_with(KEYWORD_INDEX, KeywordIndex.fingerprint):
        lacking, _ = catalog.audit.text_differences()
        if lacking:
            yield f"the full-text tables lack {lacking} passages"


def _fits(value: Any, hint: Any, name: str) -> Iterable[str]:
    fault = misfit(value, hint, name)
    return () if fault is None else (fault,)


def _is_name(text: str, what: str) -> Sequence[str]:
    is_one = 0 < len(text) <= _LONGEST_NAME and on_one_line(text) == text
    return () if is_one else (f"{what} is {shortened(text)}",)

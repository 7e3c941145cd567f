"""Reading briefings: their issues, sections, pages, references and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from archive.chinese.minhash import NEARLY_ALL, agreement, minhash_of
from archive.records import (
    Briefing,
    BriefingCard,
    BriefingDate,
    Page,
    Reference,
    Section,
    Warning,
    as_number,
    day_range,
    days_covered,
)
from archive.store.database import Part, page_starts
from archive.store.records import BriefingEntry, Issue

_KNOWN_FILES = """
    SELECT file_hash, id, date, title,
        (SELECT count(*) FROM section WHERE briefing_id = b.id AND level > 0),
        (SELECT count(*) FROM passage WHERE briefing_id = b.id),
        (SELECT count(*) FROM page WHERE briefing_id = b.id), file_name
    FROM briefing b
"""

_IS_KEPT = "state IN ('live', 'replaced')"


@dataclass(frozen=True, slots=True)
class StoredBriefing:
    """A briefing as the catalogue keeps it: `status` is live or replaced, or pending or removed."""

    briefing: Briefing
    status: str
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the catalogue knows of a file that is in."""

    briefing_id: str
    date: str
    title: str
    sections: int
    passages: int
    pages: int
    file_name: str
    """The name it had when it came in; empty where that wasn't kept."""


class Briefings(Part):
    """The briefings of a catalogue."""

    def of_issue(self, series: str, date: str) -> list[str]:
        """The live briefings of one series and date."""
        rows = self._db.execute(
            "SELECT id FROM briefing WHERE series = ? AND date = ? AND state = 'live' ORDER BY id",
            (series, date),
        )
        return [row[0] for row in rows]

    def all(self) -> list[BriefingEntry]:
        """All briefings, live and replaced, newest first."""
        return self._entries(_IS_KEPT)

    def removed(self) -> list[BriefingEntry]:
        """The briefings that were removed and can be restored, newest first."""
        return self._entries("state = 'removed'")

    def pending(self) -> list[str]:
        """Briefings whose taking in was interrupted."""
        rows = self._db.execute("SELECT id FROM briefing WHERE state = 'pending' ORDER BY rowid")
        return [row[0] for row in rows]

    def _entries(self, condition: str) -> list[BriefingEntry]:
        rows = self._db.execute(f"""
            SELECT id, series, title, issuer, date,
                (SELECT count(*) FROM page WHERE briefing_id = b.id),
                (SELECT count(*) FROM section WHERE briefing_id = b.id AND level > 0),
                state, replaced_by
            FROM briefing b WHERE {condition} ORDER BY first_day DESC, id
            """)
        return [BriefingEntry(*row) for row in rows]

    def state(self, briefing_id: str) -> str | None:
        """Whether a briefing is pending, live, replaced or removed; None for an unknown id."""
        row = self._db.execute("SELECT state FROM briefing WHERE id = ?", (briefing_id,)).fetchone()
        return str(row[0]) if row else None

    def issues(self) -> list[Issue]:
        """The days that each live briefing stands for, in order."""
        rows = self._db.execute("""
            SELECT id, series, date, dates FROM briefing WHERE state = 'live'
            ORDER BY first_day, id
            """)
        return [
            Issue(
                key,
                series,
                *days_covered(date, tuple(BriefingDate(**d) for d in json.loads(dates))),
            )
            for key, series, date, dates in rows
        ]

    def count_pages(self) -> int:
        """The pages of all live briefings."""
        row = self._db.execute("""
            SELECT count(*) FROM page p JOIN briefing b ON b.id = p.briefing_id
            WHERE b.state = 'live'
            """).fetchone()
        return int(row[0])

    def abstracts(self, briefing_ids: Sequence[str]) -> dict[str, str]:
        """The abstracts of these briefings, each by its id."""
        rows = self._db.execute(
            """SELECT b.id, b.abstract FROM json_each(?) wanted
            JOIN briefing b ON b.id = wanted.value""",
            (json.dumps(list(briefing_ids)),),
        )
        return dict(rows.fetchall())

    def find(self, briefing_id: str) -> StoredBriefing | None:
        """A briefing, live or replaced, by its id."""
        stored = self.stored(briefing_id)
        return stored if stored and stored.status in ("live", "replaced") else None

    def stored(self, briefing_id: str) -> StoredBriefing | None:
        """A briefing by its id, whether it can be seen or not."""
        row = self._db.execute(
            """SELECT id, series, title, issuer, date, abstract, signal, warnings, file_hash,
            confidence, issue_number, dates, file_name, state, replaced_by
            FROM briefing WHERE id = ?""",
            (briefing_id,),
        ).fetchone()
        if row is None:
            return None
        sections = self._db.execute(
            """SELECT number, title, level, path, page, printed, text, page_starts FROM section
            WHERE briefing_id = ? ORDER BY ordinal""",
            (briefing_id,),
        )
        pages = self._db.execute(
            """SELECT number, printed, text, quality, confidence FROM page
            WHERE briefing_id = ? ORDER BY number""",
            (briefing_id,),
        )
        briefing = Briefing(
            id=row[0],
            series=row[1],
            title=row[2],
            issuer=row[3],
            date=row[4],
            abstract=row[5],
            sections=tuple(_section(section) for section in sections),
            references=self.references(briefing_id),
            pages=tuple(Page(*page) for page in pages),
            signal=row[6],
            warnings=tuple(Warning(**warning) for warning in json.loads(row[7])),
            file_hash=row[8],
            confidence=row[9],
            issue_number=row[10],
            dates=tuple(BriefingDate(**date) for date in json.loads(row[11])),
            file_name=row[12],
        )
        return StoredBriefing(briefing, row[13], row[14])

    def references(self, briefing_id: str) -> tuple[Reference, ...]:
        rows = self._db.execute(
            """SELECT number, outlet, date, title FROM reference WHERE briefing_id = ?
            ORDER BY number""",
            (briefing_id,),
        )
        return tuple(Reference(*row) for row in rows)

    def all_references(self) -> list[tuple[BriefingCard, Reference]]:
        """The references of all live briefings."""
        rows = self._db.execute("""
            SELECT b.id, b.title, b.issuer, b.date, r.number, r.outlet, r.date, r.title
            FROM reference r JOIN briefing b ON b.id = r.briefing_id WHERE b.state = 'live'
            """)
        return [(BriefingCard(*row[:4]), Reference(*row[4:])) for row in rows]

    def printed_numbers(self, briefing_id: str) -> dict[int, str]:
        """The number each physical page carries."""
        rows = self._db.execute(
            "SELECT number, printed FROM page WHERE briefing_id = ?", (briefing_id,)
        )
        return dict(rows.fetchall())

    def page(self, briefing_id: str, number: int) -> Page | None:
        """A physical page (from 1) of a briefing, live or replaced."""
        row = self._db.execute(
            """SELECT number, printed, text, quality, confidence FROM page
            WHERE briefing_id = ? AND number = ?""",
            (briefing_id, number),
        ).fetchone()
        return Page(*row) if row else None

    def file_hash(self, briefing_id: str) -> str:
        """The hash that names a briefing's PDF; empty for an unknown id."""
        row = self._db.execute(
            "SELECT file_hash FROM briefing WHERE id = ?", (briefing_id,)
        ).fetchone()
        return str(row[0]) if row else ""

    def file_hashes(self) -> dict[str, str]:
        """The hashes of all stored PDFs, each with its briefing's id.

        Those of pending and of removed briefings are among them.
        """
        return dict(self._db.execute("SELECT file_hash, id FROM briefing").fetchall())

    def known_file(self, file_hash: str) -> KnownFile | None:
        """A file that is in, None if it isn't."""
        row = self._db.execute(
            f"{_KNOWN_FILES} WHERE {_IS_KEPT} AND file_hash = ?", (file_hash,)
        ).fetchone()
        return KnownFile(*row[1:]) if row else None

    def replaced_by(self, briefing_ids: Sequence[str]) -> dict[str, str]:
        """Of these briefings those that a revision replaced, with its id."""
        rows = self._db.execute(
            """SELECT b.id, b.replaced_by FROM briefing b JOIN json_each(?) wanted
            ON b.id = wanted.value WHERE b.replaced_by IS NOT NULL""",
            (json.dumps(list(briefing_ids)),),
        )
        return dict(rows.fetchall())

    def nearly_identical(self, briefing: Briefing) -> list[BriefingCard]:
        """The live briefings of other days whose text largely agrees with this one's."""
        sketch = minhash_of("".join(section.text for section in briefing.sections))
        first, last = day_range(briefing.date)
        rows = self._db.execute(
            """SELECT id, sketch FROM briefing
            WHERE state = 'live' AND (last_day < ? OR first_day > ?) AND length(sketch) > 0""",
            (as_number(first), as_number(last)),
        ).fetchall()
        if not rows or not sketch:
            return []
        near = agreement(sketch, b"".join(row[1] for row in rows)) >= NEARLY_ALL
        cards = self._db.execute(
            """SELECT b.id, b.title, b.issuer, b.date FROM json_each(?) wanted
            JOIN briefing b ON b.id = wanted.value ORDER BY b.first_day, b.id""",
            (json.dumps([rows[place][0] for place in np.flatnonzero(near)]),),
        )
        return [BriefingCard(*card) for card in cards]


def _section(row: Sequence[Any]) -> Section:
    number, title, level, path, page, printed, text, starts = row
    return Section(
        number, title, level, tuple(json.loads(path)), page, printed, text, page_starts(starts)
    )

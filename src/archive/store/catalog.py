"""The catalogue: one SQLite file that is the archive's record. All SQL is here.

It holds briefings, their pages, sections, references and passages, the passages' vectors and
topics, the keyword index (FTS5 over words already segmented), and the runs of ingestion. One
transaction takes in one briefing. Readers may be many, in any process (WAL); writers hold the
archive's writer lock (see `archive.writer`).
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from archive.chinese.fingerprint import NEARLY_ALL, agreement, sketch_of
from archive.errors import ArchiveError, DamagedCatalogueError, UsageError
from archive.records import (
    Briefing,
    BriefingCard,
    BriefingDate,
    Filter,
    Page,
    Passage,
    Reference,
    Section,
    SectionCard,
    TopicLabel,
    Warning,
    as_number,
    as_plain,
    day_range,
    days_covered,
)
from archive.store import history
from archive.store import untrusted_catalogue as catalog_form
from archive.store.disk import disk_trouble, is_on_read_only_disk
from archive.store.records import (
    Action,
    AnswerReport,
    BriefingEntry,
    Correction,
    CoverageStatement,
    FileReport,
    Issue,
    LoggedChange,
    Run,
    RunFailure,
    Watch,
)
from archive.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA, SCHEMA_VERSION
from archive.store.snapshot import Column, LivePassages

DamagedError = sqlite3.DatabaseError
"""What reading a damaged catalogue raises."""
BM25_WEIGHTS = "2.0, 4.0, 1.0"
"""Weights of title, heading and body."""

_PATIENCE = 30
"""Seconds to wait for another process that writes."""
_GIVEN_UP = 3600
"""Seconds after which whoever was making a catalogue isn't any more."""
_SCORE_STEPS = 10_000
"""Steps to a unit of a BM25 score."""
_SCORE_ROOM = 100_000_000
"""More steps than any score has: the 64 words of a query give less than 10,000."""

_TEXT_TABLES = ("words", "characters")
_VECTORS_AT_ONCE = 5000
_UNIT_TOLERANCE = 1e-3
_BLANKS = " \t\r\n\u3000"

_PASSAGE_COLUMNS = """
    p.id, p.section_number, p.section_title, p.section_path, p.text, p.page_starts,
    p.printed_first, p.printed_last, b.id, b.title, b.issuer, b.date,
    (SELECT json_group_array(json_array(topic, score)) FROM (SELECT topic, score
        FROM passage_topic t WHERE t.passage_key = p.key ORDER BY t.rank)),
    p.ocr_confidence
"""


_KNOWN_FILES = """
    SELECT file_hash, id, date, title,
        (SELECT count(*) FROM section WHERE briefing_id = b.id AND level > 0),
        (SELECT count(*) FROM passage WHERE briefing_id = b.id),
        (SELECT count(*) FROM page WHERE briefing_id = b.id), file_name
    FROM briefing b
"""
_IS_KEPT = "state IN ('live', 'replaced')"
_BEHIND = "passages to be indexed in Chroma anew"


FieldName = Literal["title", "heading", "body"]


@dataclass(frozen=True, slots=True)
class Fields:
    """A passage's title, heading and body as the full-text tables take them: tokens and spaces."""

    title: str
    heading: str
    body: str


Matches = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Keys of passages, and a score of each."""


@dataclass(frozen=True, slots=True)
class Links:
    """Passages by their rows, the row of the earlier one that each goes on with, and how surely.

    The earlier row is -1 where a passage starts a storyline.
    """

    rows: NDArray[np.intp]
    earlier: NDArray[np.intp]
    scores: NDArray[np.float64]


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


class Catalog:
    """The archive's SQLite file; one connection per thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._live: LivePassages | None = None

    @staticmethod
    def open(path: Path, *, create: bool = False) -> Catalog:
        """Open the catalogue, or make it when `create`.

        Raises UsageError when there is none, when the file is not a catalogue, or when a newer
        version of the program wrote it, DamagedCatalogueError when it can't be read.
        """
        if not path.exists() and not create:
            raise _no_archive(path)
        catalog = Catalog(path)
        try:
            if create:
                _make_home(path.parent, path)
                _make_catalogue(path)
            catalog._prepare()
        except sqlite3.OperationalError as error:
            raise UsageError(
                f"the catalogue {path} can't be opened ({error})",
                "check the permissions of the file and its folder",
            ) from error
        except sqlite3.DatabaseError as error:
            if "malformed" not in str(error):  # what SQLite says of a file that once was sound
                raise _foreign(path, str(error)) from error
            raise DamagedCatalogueError(
                f"the catalogue {path} is damaged ({error})",
                "restore it from a backup, or ingest the PDFs in files/ into a new archive",
            ) from error
        return catalog

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        application = self._db.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID:
            raise _foreign(self._path, "another program's database")
        if version < 1:
            raise _foreign(self._path, f"it has schema version {version}")
        if version > SCHEMA_VERSION:
            raise UsageError(
                f"{self._path} has schema version {version}, this program knows {SCHEMA_VERSION}",
                "update the program",
            )
        if version < SCHEMA_VERSION:
            self._migrate()

    def _migrate(self) -> None:
        """Bring the catalogue of an earlier version of the program up to date."""
        self._db.execute("PRAGMA foreign_keys = OFF")  # a step may make a table anew
        try:
            with self.transaction() as db:
                version = db.execute("PRAGMA user_version").fetchone()[0]  # another may be first
                for step in range(version, SCHEMA_VERSION):
                    for statement in MIGRATIONS[step].strip().split(";\n"):
                        db.execute(statement)
                if version < SCHEMA_VERSION:
                    _fill_sketches(db)
                    history.number_versions(db)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        finally:
            self._db.execute("PRAGMA foreign_keys = ON")

    @property
    def _db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        frozen = self._local.frozen if connection is not None else None
        if connection is not None and frozen is not None and frozen != _stamp(self._path):
            connection.close()
            connection = None  # somebody can write again, and did
        if connection is None:
            connection, self._local.frozen = _connect(self._path)
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Keep everything written inside, or nothing; inside another transaction, be part of it."""
        db = self._db
        if db.in_transaction:
            yield db
            return
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:  # a full disk, a folder that can't be written
            raise disk_trouble(self._path.parent, error) or ArchiveError(
                f"the catalogue {self._path} can't be written ({error})",
                "check the folder's permissions and the free space on its disk",
            ) from error
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")

    def close(self) -> None:
        """Close this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    # --- what the indexes were built with --------------------------------------------------------

    def meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def is_made_by(self, index: str, made_by: str) -> bool:
        """Whether an index was built by the means now set; so is one not built yet."""
        return self.meta(index) in (None, made_by)

    def check_made_by(self, index: str, made_by: str) -> None:
        """Raise UsageError when an index was built by other means than those now set."""
        if not self.is_made_by(index, made_by):
            raise UsageError(
                f"the {index} was built with: {self.meta(index)}\n"
                f"  but the program and its settings now say: {made_by}",
                "run `archive reindex`, or set ARCHIVE_MODEL back",
            )

    def generation(self) -> int:
        """A number that changes whenever what can be found changes."""
        return int(self.meta("generation") or 0)

    def note_settled(self) -> None:
        """Remember that Chroma was found to agree with what can be found now."""
        self.set_meta("settled generation", str(self.generation()))

    def is_settled(self) -> bool:
        """Whether no writer was interrupted since Chroma was last found to agree."""
        return not self.pending() and self.meta("settled generation") == str(self.generation())

    # --- briefings -------------------------------------------------------------------------------

    def live_of_issue(self, series: str, date: str) -> list[str]:
        """The live briefings of one series and date."""
        rows = self._db.execute(
            "SELECT id FROM briefing WHERE series = ? AND date = ? AND state = 'live' ORDER BY id",
            (series, date),
        )
        return [row[0] for row in rows]

    def briefings(self) -> list[BriefingEntry]:
        """All briefings, live and replaced, newest first."""
        return self._entries(_IS_KEPT)

    def removed(self) -> list[BriefingEntry]:
        """The briefings that were removed and can be restored, newest first."""
        return self._entries("state = 'removed'")

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

    def briefing(self, briefing_id: str) -> StoredBriefing | None:
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

    def replaced_by(self, briefing_ids: Sequence[str]) -> dict[str, str]:
        """Of these briefings those that a revision replaced, with its id."""
        rows = self._db.execute(
            """SELECT b.id, b.replaced_by FROM briefing b JOIN json_each(?) wanted
            ON b.id = wanted.value WHERE b.replaced_by IS NOT NULL""",
            (json.dumps(list(briefing_ids)),),
        )
        return dict(rows.fetchall())

    def coverage(self, where: Filter) -> CoverageStatement:
        """How many live briefings a filter leaves, from when to when."""
        live = self.live()
        rows = np.flatnonzero(live.allowed(where))
        dates = [live.date.values[code] for code in np.unique(live.date.of[rows])]
        return CoverageStatement(
            briefings=live.briefing.distinct(rows),
            since=min(dates, default=None),
            until=max(dates, default=None),
            newest_evidence=None,
        )

    # --- passages --------------------------------------------------------------------------------

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """The passages of these ids, live or replaced, in this order; unknown ids are left out."""
        rows = self._db.execute(
            f"""SELECT {_PASSAGE_COLUMNS} FROM json_each(?) wanted JOIN passage p
            ON p.id = wanted.value JOIN briefing b ON b.id = p.briefing_id ORDER BY wanted.key""",
            (json.dumps(list(ids)),),
        )
        return [_passage(row) for row in rows]

    def passages_of(self, briefing_id: str) -> list[Passage]:
        rows = self._db.execute(
            f"""SELECT {_PASSAGE_COLUMNS} FROM passage p JOIN briefing b ON b.id = p.briefing_id
            WHERE b.id = ? ORDER BY p.key""",
            (briefing_id,),
        )
        return [_passage(row) for row in rows]

    def passage_ids(self, where: Filter) -> list[str]:
        """The live passages a filter leaves, oldest entry first."""
        live = self.live()
        return [live.ids[row] for row in np.flatnonzero(live.allowed(where))]

    def ids_of(self, keys: Sequence[int]) -> list[str]:
        """The ids of passages by their keys, in this order."""
        rows = self._db.execute(
            """SELECT p.id FROM json_each(?) wanted JOIN passage p ON p.key = wanted.value
            ORDER BY wanted.key""",
            (json.dumps(list(keys)),),
        )
        return [row[0] for row in rows]

    def texts(self, keys: Sequence[int]) -> list[str]:
        """The texts of passages by their keys, in this order, each under its headings."""
        rows = self._db.execute(
            """SELECT p.section_path, p.text FROM json_each(?) wanted
            JOIN passage p ON p.key = wanted.value ORDER BY wanted.key""",
            (json.dumps(list(keys)),),
        )
        return ["\n".join((*json.loads(path), text)) for path, text in rows]

    def vectors(self, ids: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
        """Of passages those there are, and their unit vectors, shape (passages, dimension)."""
        rows = self._db.execute(
            """SELECT p.id, p.vector FROM json_each(?) wanted
            JOIN passage p ON p.id = wanted.value ORDER BY wanted.key""",
            (json.dumps(list(ids)),),
        ).fetchall()
        matrix = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float32)
        return [row[0] for row in rows], matrix.reshape(len(rows), -1) if rows else _NO_VECTORS

    def vectors_of(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As `vectors`, of passages by their numbers, ascending: for a hundred thousand of them."""
        if not len(keys):
            return keys, _NO_VECTORS
        rows = self._db.execute(
            "SELECT key, vector FROM passage WHERE key BETWEEN ? AND ? ORDER BY key",
            (int(keys[0]), int(keys[-1])),
        ).fetchall()
        wanted = set(keys.tolist())
        found = [row for row in rows if row[0] in wanted]
        matrix = np.frombuffer(b"".join(row[1] for row in found), dtype=np.float32)
        there = np.array([row[0] for row in found], np.int64)
        return there, matrix.reshape(len(found), -1) if found else _NO_VECTORS

    def has_passages(self) -> bool:
        """Whether there is any passage, if only of a pending or replaced briefing."""
        return bool(self._db.execute("SELECT EXISTS (SELECT 1 FROM passage)").fetchone()[0])

    def count_live(self) -> int:
        """How many passages can be found."""
        return int(
            self._db.execute("""
            SELECT count(*) FROM passage p JOIN briefing b ON b.id = p.briefing_id
            WHERE b.state = 'live'
            """).fetchone()[0]
        )

    def all_passage_ids(self) -> list[str]:
        """All passages, those of pending and replaced briefings among them."""
        return [row[0] for row in self._db.execute("SELECT id FROM passage ORDER BY key")]

    def indexable_ids(self) -> list[str]:
        """The passages that belong into the keyword index: those of live and pending briefings."""
        rows = self._db.execute("""
            SELECT p.id FROM passage p JOIN briefing b ON b.id = p.briefing_id
            WHERE b.state IN ('live', 'pending') ORDER BY p.key
            """)
        return [row[0] for row in rows]

    def topic_counts(self) -> dict[str, int]:
        """Live passages per topic."""
        return dict(
            self._db.execute("""SELECT t.topic, count(*) FROM passage_topic t
            JOIN passage p ON p.key = t.passage_key JOIN briefing b ON b.id = p.briefing_id
            WHERE b.state = 'live' GROUP BY t.topic""").fetchall()
        )

    def live(self) -> LivePassages:
        """What can be found now, read again only when it has changed, and then only what is new
        where nothing else has.
        """
        live = self._live
        if live is None or live.generation != self.generation():
            with self._snapshot() as db:
                live = self._live = self._read_later(db, live) or self._read_live(db)
        return live

    def _read_later(
        self, db: sqlite3.Connection, known: LivePassages | None
    ) -> LivePassages | None:
        """What was known and, after it, what is new; None where that isn't all that has changed."""
        if not known or known.rewrites != self._rewrites():
            return None
        later = self._read_live(db, after=int(known.keys[-1]))
        return known.followed_by(later) if len(known) + len(later) == self.count_live() else None

    def _rewrites(self) -> int:
        return int(self.meta("rewrites") or 0)

    def _read_live(self, db: sqlite3.Connection, after: int = 0) -> LivePassages:
        passages = db.execute(
            """
            SELECT p.key, b.rowid, p.id FROM passage p JOIN briefing b ON b.id = p.briefing_id
            WHERE b.state = 'live' AND p.key > ? ORDER BY p.key
            """,
            (after,),
        ).fetchall()
        briefings = db.execute(
            """
            SELECT rowid, id, series, title, issuer, date, first_day, last_day FROM briefing
            WHERE state = 'live' AND id IN (SELECT briefing_id FROM passage WHERE key > ?)
            ORDER BY rowid
            """,
            (after,),
        ).fetchall()
        rowids, *columns = list(zip(*briefings, strict=True)) or [()] * 8
        keys, owners, ids = list(zip(*passages, strict=True)) or [()] * 3
        # One text of each briefing, spread over its passages: there are ten times as many of these.
        at = np.searchsorted(np.array(rowids, np.int64), np.array(owners, np.int64))
        names = [Column.make(column) for column in columns[:5]]
        briefing, series, title, issuer, date = (Column(c.values, c.of[at]) for c in names)
        month = Column.make(day[: len("2026-05")] for day in columns[4])
        labels: dict[str, list[int]] = {}
        for topic, key in db.execute(
            "SELECT topic, passage_key FROM passage_topic WHERE passage_key > ?", (after,)
        ):
            labels.setdefault(topic, []).append(key)
        live = LivePassages(
            generation=self.generation(),
            rewrites=self._rewrites(),
            ids=ids,
            keys=np.array(keys, dtype=np.int64),
            briefing=briefing,
            series=series,
            title=title,
            issuer=issuer,
            date=date,
            month=Column(month.values, month.of[at]),
            first_day=np.array(columns[5], dtype=np.int32)[at],
            last_day=np.array(columns[6], dtype=np.int32)[at],
            topics={},
            row_of={passage_id: row for row, passage_id in enumerate(ids)},
        )
        for topic, labelled in labels.items():
            of = live.rows(np.array(labelled, dtype=np.int64))
            live.topics[topic] = of[of >= 0]
        return live

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read the same state throughout."""
        db = self._db
        if db.in_transaction:
            yield db
            return
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.execute("ROLLBACK")

    # --- storylines ------------------------------------------------------------------------------

    def links(self) -> Links:
        """For each live passage that is linked its row, that of the one it goes on with, or -1."""
        live = self.live()
        found = self._db.execute("SELECT passage_key, ifnull(earlier_key, -1), score FROM link")
        keys = np.array(found.fetchall(), dtype=np.float64).reshape(-1, 3)
        rows = live.rows(keys[:, 0].astype(np.int64))
        earlier = live.rows(keys[:, 1].astype(np.int64))
        kept = rows >= 0
        return Links(rows[kept], earlier[kept], keys[kept, 2])

    def set_links(self, links: Links) -> None:
        """Enter what live passages, given by their rows, go on with; -1 for those that start."""
        if not len(links.rows):
            return
        keys = self.live().keys.tolist()
        columns = links.rows.tolist(), links.earlier.tolist(), links.scores.tolist()
        with self.transaction() as db:
            _next_generation(db, only_grown=True)
            db.executemany(
                "INSERT OR REPLACE INTO link VALUES (?, ?, ?)",
                [
                    (keys[row], keys[earlier] if earlier >= 0 else None, score)
                    for row, earlier, score in zip(*columns, strict=True)
                ],
            )

    def drop_links(self) -> None:
        """Forget all storylines."""
        with self.transaction() as db:
            db.execute("DELETE FROM link")
            _next_generation(db)

    # --- watches ---------------------------------------------------------------------------------

    def watches(self) -> list[Watch]:
        """The saved queries, by name."""
        rows = self._db.execute(
            "SELECT name, query, mode, filter, created, seen_key FROM watch ORDER BY name"
        )
        return [
            Watch(name, query, mode, Filter(**json.loads(where)), created, seen)
            for name, query, mode, where, created, seen in rows
        ]

    def save_watch(self, watch: Watch) -> None:
        """Keep a saved query, in place of one of its name."""
        with self.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO watch VALUES (?, ?, ?, ?, ?, ?)",
                (
                    watch.name, watch.query, watch.mode, _json(watch.where), watch.created,
                    watch.seen_key,
                ),
            )  # fmt: skip

    def remove_watch(self, name: str) -> bool:
        """Forget a saved query; whether there was one of the name."""
        with self.transaction() as db:
            return db.execute("DELETE FROM watch WHERE name = ?", (name,)).rowcount > 0

    # --- reports of wrong answers ----------------------------------------------------------------

    def reports(self) -> list[AnswerReport]:
        """What readers found wrong, newest first."""
        rows = self._db.execute(
            "SELECT id, created, question, answer, remark FROM report ORDER BY id DESC"
        )
        return [AnswerReport(*row) for row in rows]

    def add_report(
        self, created: str, question: str, answer: str, remark: str, *, most: int
    ) -> int | None:
        """Keep a report; returns its number, or None where there are as many as may be."""
        with self.transaction() as db:
            if db.execute("SELECT count(*) FROM report").fetchone()[0] >= most:
                return None
            cursor = db.execute(
                "INSERT INTO report (created, question, answer, remark) VALUES (?, ?, ?, ?)",
                (created, question, answer, remark),
            )
            return int(cursor.lastrowid or 0)

    def remove_report(self, report_id: int) -> bool:
        """Forget a report; whether there was one of the number."""
        with self.transaction() as db:
            return db.execute("DELETE FROM report WHERE id = ?", (report_id,)).rowcount > 0

    # --- keyword index ---------------------------------------------------------------------------

    def match(self, expression: str) -> Matches:
        """Passages matching an FTS5 expression over words, with their BM25 scores.

        In no order, and whether live or not: pending ones are indexed already.
        """
        # One text of key and score packed into an integer: a row of Python objects for each of
        # 25,000 matches would take a third as long again as the query itself. The subquery's
        # LIMIT keeps SQLite from merging it with the aggregate, where bm25() isn't available.
        packed = self._db.execute(
            f"""SELECT group_concat(packed) FROM (
                SELECT rowid * {_SCORE_ROOM} + CAST(bm25(words, {BM25_WEIGHTS}) * -{_SCORE_STEPS}
                    AS INTEGER) AS packed
                FROM words WHERE words MATCH ? LIMIT -1 OFFSET 0)""",
            (expression,),
        ).fetchone()[0]
        keys, steps = np.divmod(np.fromstring(packed or "", dtype=np.int64, sep=","), _SCORE_ROOM)
        return keys, steps / _SCORE_STEPS

    def matching(self, expression: str) -> NDArray[np.int64]:
        """Keys of passages matching an FTS5 expression over words, without scores."""
        return self._keys("SELECT rowid FROM words WHERE words MATCH ?", expression)

    def containing(self, expression: str) -> NDArray[np.int64]:
        """Keys of passages matching an FTS5 expression over characters."""
        return self._keys("SELECT rowid FROM characters WHERE characters MATCH ?", expression)

    def indexed_keys(self) -> NDArray[np.int64]:
        """Keys of all passages in the full-text tables."""
        return self._keys("SELECT rowid FROM words")

    def _keys(self, query: str, *values: str) -> NDArray[np.int64]:
        rows = self._db.execute(query, values)
        return np.fromiter(rows, dtype=[("key", np.int64)])["key"]

    def count_matching(self, expression: str) -> int:
        """How many passages match an FTS5 expression over words; pending ones are among them."""
        return self._count("SELECT count(*) FROM words WHERE words MATCH ?", expression)

    def count_containing(self, expression: str) -> int:
        """How many passages match one over characters; pending ones are among them."""
        return self._count("SELECT count(*) FROM characters WHERE characters MATCH ?", expression)

    def _count(self, query: str, expression: str) -> int:
        return int(self._db.execute(query, (expression,)).fetchone()[0])

    def headings(self) -> list[str]:
        """The title of every section of a live briefing that has one."""
        rows = self._db.execute("""
            SELECT s.title FROM section s JOIN briefing b ON b.id = s.briefing_id
            WHERE b.state = 'live' AND s.level > 0
            """)
        return [row[0] for row in rows]

    def vocabulary(self, field: FieldName) -> dict[str, int]:
        """The words indexed of a field, each with how many passages have it there."""
        self._db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, col)"
        )
        rows = self._db.execute("SELECT term, doc FROM vocabulary WHERE col = ?", (field,))
        return dict(rows.fetchall())

    def index_text(
        self, ids: Sequence[str], words: Sequence[Fields], characters: Sequence[Fields]
    ) -> None:
        """Enter passages into both full-text tables, or enter them anew."""
        with self.transaction() as db:
            self.unindex_text(ids)
            for table, entries in (("words", words), ("characters", characters)):
                db.executemany(
                    f"""INSERT INTO {table} (rowid, title, heading, body)
                    SELECT key, ?, ?, ? FROM passage WHERE id = ?""",
                    [
                        (entry.title, entry.heading, entry.body, passage_id)
                        for passage_id, entry in zip(ids, entries, strict=True)
                    ],
                )
            _next_generation(db, only_grown=True)

    def indexed_words(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The words indexed of the headings and of the body of passages, spaces between them."""
        rows = self._db.execute(
            """SELECT p.id, w.heading, w.body FROM json_each(?) wanted
            JOIN passage p ON p.id = wanted.value JOIN words w ON w.rowid = p.key""",
            (json.dumps(list(ids)),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def unindex_text(self, ids: Sequence[str]) -> None:
        """Take passages out of both full-text tables."""
        with self.transaction() as db:
            for table in ("words", "characters"):
                db.executemany(
                    f"DELETE FROM {table} WHERE rowid = (SELECT key FROM passage WHERE id = ?)",
                    [(passage_id,) for passage_id in ids],
                )

    # --- writing ---------------------------------------------------------------------------------

    def insert_pending(
        self,
        briefing: Briefing,
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        replaces: str | None,
    ) -> None:
        """Take in a briefing, with a vector for each passage, that readers don't see until
        `publish`.

        It stands in place of what was read of the same file before and then removed.
        """
        first, last = day_range(briefing.date)
        sketch = sketch_of("".join(section.text for section in briefing.sections))
        with self.transaction() as db:
            db.execute(
                "DELETE FROM briefing WHERE file_hash = ? AND state = 'removed'",
                (briefing.file_hash,),
            )
            db.execute(
                """INSERT INTO briefing VALUES
                (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, NULL, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    briefing.id, briefing.series, briefing.title, briefing.issuer, briefing.date,
                    as_number(first), as_number(last), briefing.abstract, briefing.signal,
                    _json(briefing.warnings), briefing.file_hash, replaces, briefing.confidence,
                    briefing.issue_number, _json(briefing.dates), briefing.file_name, sketch,
                    *history.next_version(db, replaces),
                ),
            )  # fmt: skip
            db.executemany(
                "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        briefing.id, page.number, page.printed, page.text, page.quality,
                        page.confidence,
                    )
                    for page in briefing.pages
                ],
            )  # fmt: skip
            db.executemany(
                "INSERT INTO section VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        briefing.id, ordinal, section.number, section.title, section.level,
                        _json(section.path), section.page, section.printed, section.text,
                        _json(section.page_starts),
                    )
                    for ordinal, section in enumerate(briefing.sections)
                ],
            )  # fmt: skip
            db.executemany(
                "INSERT INTO reference VALUES (?, ?, ?, ?, ?)",
                [(briefing.id, r.number, r.outlet, r.date, r.title) for r in briefing.references],
            )
            for passage, vector in zip(passages, vectors, strict=True):
                key = db.execute(
                    "INSERT INTO passage VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        passage.id, briefing.id, passage.section.number, passage.section.title,
                        _json(passage.section.path), passage.text, _json(passage.page_starts),
                        *passage.printed, vector.astype(np.float32).tobytes(),
                        passage.ocr_confidence,
                    ),
                ).lastrowid  # fmt: skip
                _insert_labels(db, key, passage.labels)
            self._set_labels(db, history.corrected_labels(db, briefing.id))

    def pending(self) -> list[str]:
        """Briefings whose taking in was interrupted."""
        rows = self._db.execute("SELECT id FROM briefing WHERE state = 'pending' ORDER BY rowid")
        return [row[0] for row in rows]

    def publish(self, briefing_id: str) -> str | None:
        """Make a pending briefing live; the one it replaces, if any, is returned and not live."""
        with self.transaction() as db:
            replaced: str | None
            replaced, file_name, document = db.execute(
                "SELECT replaces, file_name, document FROM briefing WHERE id = ?", (briefing_id,)
            ).fetchone()
            db.execute("UPDATE briefing SET state = 'live' WHERE id = ?", (briefing_id,))
            history.settle_versions(db, document)
            if replaced:
                history.drop_links(db, replaced)
            action: Action = "replaced" if replaced else "new"
            history.note_change(db, action, briefing_id, file=file_name, replaces=replaced)
            _next_generation(db, only_grown=not replaced)
        return replaced

    def remove(self, briefing_id: str, *, purge: bool = False) -> list[str]:
        """Keep a briefing only to be restored, or delete it and all read from it (`purge`).

        Its words in the keyword index stay. Returns the briefings it had replaced and that are live
        again; if it was itself replaced, what replaced it stands in its place.
        """
        with self.transaction() as db:
            again = history.take_out(db, briefing_id, purge=purge)
            _next_generation(db)
        return again

    def restore(self, briefing_id: str) -> tuple[bool, str | None]:
        """Make a removed briefing what it was, or a replaced one live.

        Returns whether it is live now, and the briefing that it took the place of, if any.
        """
        with self.transaction() as db:
            restored = history.bring_back(db, briefing_id)
            _next_generation(db)
        return restored

    def correct(
        self, briefing: Briefing, corrections: Sequence[Correction], changes: Mapping[str, Any]
    ) -> None:
        """Take over series, title and date of a briefing as corrected, and what corrects them.

        `changes` has what each thing changed was and what it is.
        """
        first, last = day_range(briefing.date)
        with self.transaction() as db:
            db.execute(
                """UPDATE briefing SET series = ?, title = ?, date = ?, first_day = ?, last_day = ?
                WHERE id = ?""",
                (
                    briefing.series, briefing.title, briefing.date, as_number(first),
                    as_number(last), briefing.id,
                ),
            )  # fmt: skip
            history.set_corrections(db, briefing.file_hash, corrections)
            history.note_change(db, "edited", briefing.id, changes=changes)
            _next_generation(db)

    def corrections(self, file_hash: str) -> list[Correction]:
        """What is to stand in place of what was read from a file."""
        return history.corrections(self._db, file_hash)

    def set_corrections(self, file_hash: str, corrections: Sequence[Correction]) -> None:
        """Have just these corrections of a file that is being taken in."""
        with self.transaction() as db:
            history.set_corrections(db, file_hash, corrections)

    def corrected_labels(self, briefing_id: str | None = None) -> dict[str, tuple[TopicLabel, ...]]:
        """The topics that were given by hand, by passage: those of a briefing, or of all."""
        return history.corrected_labels(self._db, briefing_id)

    def drop_links_of(self, briefing_id: str) -> None:
        """Forget what a briefing's passages go on with, and what goes on with them."""
        with self.transaction() as db:
            history.drop_links(db, briefing_id)
            _next_generation(db)

    def note_change(self, action: Action, **detail: Any) -> None:
        """Write down, in the transaction that makes it, a change that is of no one briefing."""
        with self.transaction() as db:
            history.note_change(db, action, **detail)

    def changes(self, briefing_id: str | None, limit: int) -> list[LoggedChange]:
        """The last changes, newest first: all, or those that concern a briefing."""
        return history.changes(self._db, briefing_id, limit)

    def behind_in_chroma(self) -> list[str]:
        """Passages that were changed here and perhaps not yet in Chroma."""
        return list(json.loads(self.meta(_BEHIND) or "[]"))

    def note_behind_in_chroma(self, ids: Sequence[str]) -> None:
        """Remember passages, in the transaction that changes them, to be indexed in Chroma anew."""
        self.set_meta(_BEHIND, json.dumps(list(ids)))

    def nearly_identical(self, briefing: Briefing) -> list[BriefingCard]:
        """The live briefings of other days whose text largely agrees with this one's."""
        sketch = sketch_of("".join(section.text for section in briefing.sections))
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

    def set_vectors(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Replace the vectors of passages, as another encoder gives them."""
        with self.transaction() as db:
            db.executemany(
                "UPDATE passage SET vector = ? WHERE id = ?",
                [
                    (vector.astype(np.float32).tobytes(), passage_id)
                    for passage_id, vector in zip(ids, vectors, strict=True)
                ],
            )
            _next_generation(db)

    def set_labels(self, labels: Mapping[str, Sequence[TopicLabel]]) -> None:
        """Replace the topics of these passages, given by their ids."""
        with self.transaction() as db:
            self._set_labels(db, labels)
            _next_generation(db)

    def _set_labels(
        self, db: sqlite3.Connection, labels: Mapping[str, Sequence[TopicLabel]]
    ) -> None:
        for passage_id, own in labels.items():
            key = db.execute("SELECT key FROM passage WHERE id = ?", (passage_id,)).fetchone()[0]
            db.execute("DELETE FROM passage_topic WHERE passage_key = ?", (key,))
            _insert_labels(db, key, own)

    def record_run(
        self, started: str, seconds: float, counts: dict[str, int], failed: Iterable[FileReport]
    ) -> None:
        """Keep what an ingest did, and each failed file with its reason."""
        with self.transaction() as db:
            run = db.execute(
                "INSERT INTO run VALUES (NULL, ?, ?, ?)", (started, json.dumps(counts), seconds)
            ).lastrowid
            db.executemany(
                "INSERT INTO failure VALUES (?, ?, ?, ?, ?)",
                [(run, f.path, f.error_code, f.error_message, f.cure) for f in failed],
            )

    def runs(self, limit: int) -> list[Run]:
        """The last runs of ingestion, newest first, each with the files that failed."""
        rows = self._db.execute(
            "SELECT id, started, seconds, counts FROM run ORDER BY id DESC LIMIT ?", (limit,)
        ).fetchall()
        failures: dict[int, list[RunFailure]] = {row[0]: [] for row in rows}
        failed = self._db.execute(
            """SELECT run_id, path, code, message, cure FROM failure
            WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY rowid""",
            (json.dumps(list(failures)),),
        )
        for run, *failure in failed:
            failures[run].append(RunFailure(*failure))
        return [
            Run(started, seconds, json.loads(counts), tuple(failures[run]))
            for run, started, seconds, counts in rows
        ]

    def failures(self) -> list[RunFailure]:
        """Every file that a run couldn't take in, as it failed last; the last to fail first."""
        rows = self._db.execute("""
            SELECT path, code, message, cure, max(rowid) AS last FROM failure
            GROUP BY path ORDER BY last DESC
            """)
        return [RunFailure(*row[:4]) for row in rows]

    # --- copies ----------------------------------------------------------------------------------

    def copy_to(self, path: Path) -> None:
        """Write the catalogue as it is at this moment to a new file; nobody waits for it.

        Raises ArchiveError when the file can't be written.
        """
        try:
            # One reading transaction from first to last, which a writer beside it doesn't restart.
            self._db.execute("VACUUM INTO ?", (str(path),))
        except sqlite3.OperationalError as error:
            raise ArchiveError(
                f"the catalogue {self._path} can't be copied to {path.parent} ({error})",
                "check the folder's permissions and the free space on its disk",
            ) from error

    def drop_pending(self) -> None:
        """Forget what readers don't see yet: in a copy, nobody will finish it."""
        self._db.execute("PRAGMA secure_delete = ON")
        with self.transaction() as db:
            for briefing_id in self.pending():
                own = db.execute("SELECT id FROM passage WHERE briefing_id = ?", (briefing_id,))
                self.unindex_text([row[0] for row in own.fetchall()])
                db.execute("DELETE FROM briefing WHERE id = ?", (briefing_id,))

    def is_unused(self) -> bool:
        """Whether nothing was ever put in that is still there."""
        return not (self.file_hashes() or self.watches() or self.reports())

    @staticmethod
    def find_oddity(path: Path) -> str | None:
        """In what a file, which nobody has open, can't be a catalogue that this program made.

        Raises DamagedError where SQLite can't read it.
        """
        uri = f"{path.absolute().as_uri()}?immutable=1"
        with (
            closing(sqlite3.connect(uri, uri=True)) as db,
            closing(sqlite3.connect(":memory:")) as model,
        ):
            model.executescript(f"{SCHEMA} PRAGMA user_version = {SCHEMA_VERSION};")
            _distrust(db)
            oddity = next(catalog_form.oddities(db, model), None)
            return oddity or next(catalog_form.misplaced(db, model), None)

    @staticmethod
    def made_anew(path: Path, new: Path) -> Catalog:
        """A new catalogue with the rows, and nothing else, of a file that has a catalogue's form.

        Raises DamagedError where the rows can't stand in one.
        """
        Catalog.open(path).close()  # brings that of an earlier version up to date
        with closing(sqlite3.connect(new, isolation_level=None)) as db:
            db.executescript(SCHEMA)
            _distrust(db)
            db.execute("PRAGMA journal_mode = OFF")  # nobody has it yet
            db.execute("PRAGMA synchronous = OFF")
            db.execute("BEGIN")
            catalog_form.take_rows(db, str(path))
            db.execute("COMMIT")
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return Catalog.open(new)

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """All rows of a table as they are kept, by column."""
        found = self._db.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in found.description]
        return (dict(zip(names, row, strict=True)) for row in found)

    def make_own(self, generation: int, *forgotten: str) -> None:
        """Make a copy an archive of its own, later than a generation, that forgets some meta."""
        self._db.execute("PRAGMA journal_mode = WAL")
        with self.transaction() as db:
            db.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in forgotten])
            self.set_meta("generation", str(max(generation, self.generation())))
            _next_generation(db)

    def take_over(self, path: Path) -> None:
        """Hold what the catalogue in a file holds, in place of all that is here; whole or not.

        Readers that have this catalogue open see the one or the other. Raises ArchiveError when it
        can't be written.
        """
        try:
            with closing(sqlite3.connect(path)) as other:
                other.backup(self._db)
        except sqlite3.OperationalError as error:
            raise ArchiveError(
                f"the catalogue {self._path} can't be written ({error})",
                "check the folder's permissions and the free space on its disk",
            ) from error

    def check_integrity(self) -> list[str]:
        """What SQLite and its full-text index find wrong; empty when sound."""
        return [*self.check_structure(), *self.check_text_tables()]

    def check_structure(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when sound."""
        problems = [row[0] for row in self._db.execute("PRAGMA integrity_check")]
        return [problem for problem in problems if problem != "ok"]

    def mend_indexes(self) -> None:
        """Make SQLite's own indexes anew from the tables."""
        with self.transaction() as db:
            db.execute("REINDEX")

    def dangling(self) -> dict[str, int]:
        """How many rows of each table belong to a row that isn't there."""
        rows = self._db.execute(
            'SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY "table"'
        )
        return dict(rows.fetchall())

    def drop_dangling(self) -> None:
        """Delete the rows that belong to a row that isn't there."""
        with self.transaction() as db:
            tables = db.execute("""
                SELECT t.name, f."from", f."table",
                    coalesce(f."to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = 1))
                FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
                """).fetchall()
            for table, column, parent, key in tables:
                db.execute(
                    f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {parent})"
                )
            _next_generation(db)

    def check_text_tables(self) -> list[str]:
        """What the full-text tables find wrong with themselves; empty when sound.

        Raises ArchiveError when they can't be asked, which takes writing.
        """
        problems = []
        for table in _TEXT_TABLES:
            try:
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
            except sqlite3.DatabaseError as error:
                if any(word in str(error) for word in ("locked", "readonly")):
                    raise ArchiveError(
                        f"the full-text tables can't be checked now ({error})",
                        "let the running ingest finish, or make the folder writable",
                    ) from error
                problems.append(f"keyword index: {table}: {error}")
        return problems

    def text_differences(self) -> tuple[int, int]:
        """Passages that a full-text table lacks, and entries of passages that can't be found."""
        found = "SELECT key FROM passage p JOIN briefing b ON b.id = p.briefing_id"
        found += " WHERE b.state IN ('live', 'pending')"
        lacking, extra = 0, 0
        for table in _TEXT_TABLES:
            row = self._db.execute(f"""SELECT
                (SELECT count(*) FROM ({found}) WHERE key NOT IN (SELECT rowid FROM {table})),
                (SELECT count(*) FROM {table} WHERE rowid NOT IN ({found}))
                """).fetchone()
            lacking, extra = max(lacking, row[0]), max(extra, row[1])
        return lacking, extra

    def empty_text_tables(self) -> None:
        """Make both full-text tables anew, without an entry."""
        with self.transaction() as db:
            for table in _TEXT_TABLES:
                db.execute(f"DROP TABLE IF EXISTS {table}")
                (made,) = (s for s in SCHEMA.split(";\n") if f"VIRTUAL TABLE {table} " in s)
                db.execute(made)
            _next_generation(db)

    def bad_vectors(self, dimension: int) -> list[str]:
        """Passages whose vector isn't one of unit length and of this dimension."""
        bad: list[str] = []
        rows = self._db.execute("SELECT id, vector FROM passage")
        while batch := rows.fetchmany(_VECTORS_AT_ONCE):
            size = dimension * np.dtype(np.float32).itemsize
            whole = [(key, vector) for key, vector in batch if len(vector) == size]
            bad += [key for key, vector in batch if len(vector) != size]
            matrix = np.frombuffer(b"".join(vector for _, vector in whole), np.float32)
            with np.errstate(all="ignore"):
                lengths = np.linalg.norm(matrix.reshape(len(whole), dimension), axis=1)
            sound = np.abs(lengths - 1) < _UNIT_TOLERANCE  # so is no NaN
            bad += [key for (key, _), is_sound in zip(whole, sound, strict=True) if not is_sound]
        return bad

    def inconsistent(self, most: int) -> list[str]:
        """Briefings, of so many looked at, whose passages aren't the text of their sections.

        Or that point to a page they don't have.
        """
        ids = [row[0] for row in self._db.execute("SELECT id FROM briefing ORDER BY rowid")]
        asked = ids[:: max(1, -(-len(ids) // most))]
        rows = self._db.execute(
            """SELECT b.value FROM json_each(?) b WHERE (
                SELECT group_concat(text, '') FROM (SELECT text FROM section
                    WHERE briefing_id = b.value AND trim(text, ?) != '' ORDER BY ordinal)
            ) IS NOT (
                SELECT group_concat(text, '') FROM (SELECT text FROM passage
                    WHERE briefing_id = b.value ORDER BY key)
            ) OR EXISTS (
                SELECT 1 FROM passage p, json_each(p.page_starts) s WHERE p.briefing_id = b.value
                AND json_extract(s.value, '$[1]') NOT IN
                    (SELECT number FROM page WHERE briefing_id = b.value)
            )""",
            (json.dumps(asked), _BLANKS),
        )
        return [row[0] for row in rows]

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


def _connect(path: Path) -> tuple[sqlite3.Connection, tuple[int, int] | None]:
    """A connection, and the file's stamp where it holds only as long as nobody writes.

    To read a catalogue SQLite makes a file beside it, which it can't on a disk that is read-only
    or full, nor in a folder that this user may only read. Where nobody writes just now it may be
    read as it lies, as long as all of it is in the file itself.
    """
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.OperationalError as error:
        log = path.with_name(f"{path.name}-wal")
        is_full = error.sqlite_errorname == "SQLITE_IOERR_SHMSIZE"
        has_log = log.exists() and log.stat().st_size
        may_write = os.access(path.parent, os.W_OK)
        if has_log or (may_write and not (is_full or is_on_read_only_disk(path))):
            raise
    else:
        return connection, None
    connection.close()
    stamp = _stamp(path)
    uri = f"{path.absolute().as_uri()}?immutable=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None), stamp


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when somebody has written to a catalogue, or is about to."""
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_mtime_ns, log.stat().st_size if log.exists() else 0


_NO_VECTORS = np.empty((0, 0), dtype=np.float32)


def _make_home(home: Path, catalog: Path) -> None:
    """Make ARCHIVE_HOME, but not out of a folder that holds something else."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = list(home.iterdir())  # first: another process may be making the catalogue just now
        foreign = [] if catalog.exists() else [path for path in found if not _is_ours(path)]
    except OSError as error:
        raise UsageError(
            f"the archive's folder {home} can't be made or read ({error.strerror})",
            "set ARCHIVE_HOME (or --home) to a folder you may write to",
        ) from error
    if foreign:
        raise UsageError(
            f"{home} is not an archive: it holds other files ({foreign[0].name}, …)",
            "set ARCHIVE_HOME (or --home) to an empty folder or to an archive",
        )


def _make_catalogue(path: Path) -> None:
    """Make an empty catalogue where there is none, whole: nobody ever finds the half of one."""
    if path.exists():
        return
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}.new")
    db = sqlite3.connect(new, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA.strip().split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        db.execute("COMMIT")
        # Kept by the file; readers never wait. Last, or part of it might lie in a log beside it.
        db.execute("PRAGMA journal_mode = WAL")
    finally:
        db.close()
    try:
        os.link(new, path)  # never in the place of another's, which renaming would be
    except OSError:
        if not path.exists():  # a disk without hard links, such as a memory stick
            new.replace(path)
    new.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.name}.*.new*"):
        with suppress(FileNotFoundError):  # whoever makes it has finished
            if left.stat().st_mtime < time.time() - _GIVEN_UP:
                left.unlink()  # by a process killed while making it


def _is_ours(path: Path) -> bool:
    """What may lie in a home before its catalogue: lists, staff, uploads, locks, hidden files."""
    names = ("topics.toml", "lexicon", "staff.json", "uploads")
    is_lock = path.name.endswith((".lock", ".holder.json"))
    is_half_built = path.name.startswith("reindex-")
    return path.name in names or is_lock or is_half_built or path.name[0] == "."


def _no_archive(path: Path) -> UsageError:
    return UsageError(
        f"there is no archive at {path.parent}",
        "put briefings in with `archive ingest PATH`, or set ARCHIVE_HOME (or --home) "
        "to the folder of an archive",
    )


def _foreign(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path} is not this program's catalogue ({why})",
        "set ARCHIVE_HOME (or --home) to another folder, or restore the file from a backup",
    )


def _distrust(db: sqlite3.Connection) -> None:
    catalog_form.distrust(db)
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, catalog_form.LONGEST_ROW)


def _json(value: Any) -> str:
    return json.dumps(as_plain(value), ensure_ascii=False)


def _starts(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((offset, page) for offset, page in json.loads(text))


def _section(row: Sequence[Any]) -> Section:
    number, title, level, path, page, printed, text, starts = row
    return Section(
        number, title, level, tuple(json.loads(path)), page, printed, text, _starts(starts)
    )


def _passage(row: Sequence[Any]) -> Passage:
    return Passage(
        id=row[0],
        briefing=BriefingCard(*row[8:12]),
        section=SectionCard(row[1], row[2], tuple(json.loads(row[3]))),
        text=row[4],
        page_starts=_starts(row[5]),
        printed=(row[6], row[7]),
        labels=tuple(TopicLabel(*label) for label in json.loads(row[12])),
        ocr_confidence=row[13],
    )


def _insert_labels(db: sqlite3.Connection, key: int | None, labels: Sequence[TopicLabel]) -> None:
    db.executemany(
        "INSERT INTO passage_topic VALUES (?, ?, ?, ?)",
        [(label.name, key, rank, label.score) for rank, label in enumerate(labels)],
    )


def _fill_sketches(db: sqlite3.Connection) -> None:
    """Sketch the briefings that a program without sketches took in."""
    for (briefing_id,) in db.execute("SELECT id FROM briefing WHERE sketch = x''").fetchall():
        texts = db.execute(
            "SELECT text FROM section WHERE briefing_id = ? ORDER BY ordinal", (briefing_id,)
        )
        sketch = sketch_of("".join(text for (text,) in texts))
        db.execute("UPDATE briefing SET sketch = ? WHERE id = ?", (sketch, briefing_id))


def _next_generation(db: sqlite3.Connection, *, only_grown: bool = False) -> None:
    """Note a change of what can be found; `only_grown` where it is the same but for new passages,
    which come after the others.
    """
    for counter in ("generation",) if only_grown else ("generation", "rewrites"):
        db.execute(
            """INSERT INTO meta VALUES (?, '1')
            ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1""",
            (counter,),
        )

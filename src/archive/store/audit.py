"""What `archive doctor` asks a catalogue, and how it mends it."""

from __future__ import annotations

import json

import numpy as np

from archive.errors import ArchiveError
from archive.store.database import DamagedError, Part
from archive.store.schema import SCHEMA

_TEXT_TABLES = ("words", "characters")

_VECTORS_AT_ONCE = 5000

_UNIT_TOLERANCE = 1e-3

_BLANKS = " \t\r\n\u3000"


class Audit(Part):
    """Whether a catalogue is sound."""

    def check_integrity(self) -> list[str]:
        """What SQLite and its full-text index find wrong; empty when sound."""
        return [*self.check_structure(), *self.check_text_tables()]

    def check_structure(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when sound."""
        problems = [row[0] for row in self._db.execute("PRAGMA integrity_check")]
        return [problem for problem in problems if problem != "ok"]

    def mend_indexes(self) -> None:
        """Make SQLite's own indexes anew from the tables."""
        with self._database.transaction() as db:
            db.execute("REINDEX")

    def dangling(self) -> dict[str, int]:
        """How many rows of each table belong to a row that isn't there."""
        rows = self._db.execute(
            'SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY "table"'
        )
        return dict(rows.fetchall())

    def drop_dangling(self) -> None:
        """Delete the rows that belong to a row that isn't there."""
        with self._database.transaction("rewritten") as db:
            tables = db.execute("""
                SELECT t.name, f."from", f."table",
                    coalesce(f."to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = 1))
                FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
                """).fetchall()
            for table, column, parent, key in tables:
                db.execute(
                    f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {parent})"
                )

    def check_text_tables(self) -> list[str]:
        """What the full-text tables find wrong with themselves; empty when sound.

        Raises ArchiveError when they can't be asked, which takes writing.
        """
        problems = []
        for table in _TEXT_TABLES:
            try:
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
            except DamagedError as error:
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
        with self._database.transaction("rewritten") as db:
            for table in _TEXT_TABLES:
                db.execute(f"DROP TABLE IF EXISTS {table}")
                (made,) = (s for s in SCHEMA.split(";\n") if f"VIRTUAL TABLE {table} " in s)
                db.execute(made)

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

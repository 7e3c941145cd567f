"""The full-text tables: passages by the words and by the characters that they hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from archive.store.database import Part

BM25_WEIGHTS = "2.0, 4.0, 1.0"
"""Weights of title, heading and body."""

_SCORE_STEPS = 10_000
"""Steps to a unit of a BM25 score."""

_SCORE_ROOM = 100_000_000
"""More steps than any score has: the 64 words of a query give less than 10,000."""

FieldName = Literal["title", "heading", "body"]


@dataclass(frozen=True, slots=True)
class Fields:
    """A passage's title, heading and body as the full-text tables take them: tokens and spaces."""

    title: str
    heading: str
    body: str


Matches = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Keys of passages, and a score of each."""


class FullText(Part):
    """The full-text tables of a catalogue (FTS5)."""

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

    def index(
        self, ids: Sequence[str], words: Sequence[Fields], characters: Sequence[Fields]
    ) -> None:
        """Enter passages into both full-text tables, or enter them anew."""
        with self._database.transaction("grown") as db:
            self.unindex(ids)
            for table, entries in (("words", words), ("characters", characters)):
                db.executemany(
                    f"""INSERT INTO {table} (rowid, title, heading, body)
                    SELECT key, ?, ?, ? FROM passage WHERE id = ?""",
                    [
                        (entry.title, entry.heading, entry.body, passage_id)
                        for passage_id, entry in zip(ids, entries, strict=True)
                    ],
                )

    def words_of(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The words indexed of the headings and of the body of passages, spaces between them."""
        rows = self._db.execute(
            """SELECT p.id, w.heading, w.body FROM json_each(?) wanted
            JOIN passage p ON p.id = wanted.value JOIN words w ON w.rowid = p.key""",
            (json.dumps(list(ids)),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def unindex(self, ids: Sequence[str]) -> None:
        """Take passages out of both full-text tables."""
        with self._database.transaction() as db:
            for table in ("words", "characters"):
                db.executemany(
                    f"DELETE FROM {table} WHERE rowid = (SELECT key FROM passage WHERE id = ?)",
                    [(passage_id,) for passage_id in ids],
                )

"""Reading passages: their text, vectors and topics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.records import BriefingCard, Passage, SectionCard, TopicLabel
from archive.store.database import Part, page_starts

_PASSAGE_COLUMNS = """
    p.id, p.section_number, p.section_title, p.section_path, p.text, p.page_starts,
    p.printed_first, p.printed_last, b.id, b.title, b.issuer, b.date,
    (SELECT json_group_array(json_array(topic, score)) FROM (SELECT topic, score
        FROM passage_topic t WHERE t.passage_key = p.key ORDER BY t.rank)),
    p.ocr_confidence
"""

_NO_VECTORS = np.empty((0, 0), dtype=np.float32)


class Passages(Part):
    """The passages of a catalogue, live or not."""

    def get(self, ids: Sequence[str]) -> list[Passage]:
        """The passages of these ids, live or replaced, in this order; unknown ids are left out."""
        rows = self._db.execute(
            f"""SELECT {_PASSAGE_COLUMNS} FROM json_each(?) wanted JOIN passage p
            ON p.id = wanted.value JOIN briefing b ON b.id = p.briefing_id ORDER BY wanted.key""",
            (json.dumps(list(ids)),),
        )
        return [_passage(row) for row in rows]

    def of_briefing(self, briefing_id: str) -> list[Passage]:
        rows = self._db.execute(
            f"""SELECT {_PASSAGE_COLUMNS} FROM passage p JOIN briefing b ON b.id = p.briefing_id
            WHERE b.id = ? ORDER BY p.key""",
            (briefing_id,),
        )
        return [_passage(row) for row in rows]

    def ids(self, keys: Sequence[int]) -> list[str]:
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

    def vectors_by_key(
        self, keys: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
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

    def any(self) -> bool:
        """Whether there is any passage, if only of a pending or replaced briefing."""
        return bool(self._db.execute("SELECT EXISTS (SELECT 1 FROM passage)").fetchone()[0])

    def all_ids(self) -> list[str]:
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


def _passage(row: Sequence[Any]) -> Passage:
    return Passage(
        id=row[0],
        briefing=BriefingCard(*row[8:12]),
        section=SectionCard(row[1], row[2], tuple(json.loads(row[3]))),
        text=row[4],
        page_starts=page_starts(row[5]),
        printed=(row[6], row[7]),
        labels=tuple(TopicLabel(*label) for label in json.loads(row[12])),
        ocr_confidence=row[13],
    )

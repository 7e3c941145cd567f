"""Reads the snapshot of what can be found, and of a later generation only what is new."""

from __future__ import annotations

import numpy as np

from archive.store.database import Connection, Database
from archive.store.snapshot import Column, Snapshot


class SnapshotReader:
    """Gives the snapshot of now, read again only when what can be found has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """All that can be found now."""
        latest = self._latest
        if latest is None or latest.generation != self._database.generation():
            with self._database.reading() as db:
                latest = self._latest = self._grown(db, latest) or self._read(db)
        return latest

    def _grown(self, db: Connection, known: Snapshot | None) -> Snapshot | None:
        """What was known and, after it, what is new; None where that isn't all that has changed."""
        if not known or known.rewrites != self._database.rewrites():
            return None
        later = self._read(db, after=int(known.keys[-1]))
        return known.followed_by(later) if len(known) + len(later) == _count_live(db) else None

    def _read(self, db: Connection, after: int = 0) -> Snapshot:
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
        snapshot = Snapshot(
            generation=self._database.generation(),
            rewrites=self._database.rewrites(),
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
            of = snapshot.rows(np.array(labelled, dtype=np.int64))
            snapshot.topics[topic] = of[of >= 0]
        return snapshot


def _count_live(db: Connection) -> int:
    row = db.execute("""
        SELECT count(*) FROM passage p JOIN briefing b ON b.id = p.briefing_id
        WHERE b.state = 'live'
        """).fetchone()
    return int(row[0])

"""Notes beside the briefings: saved queries, reports, runs of ingestion, the log of changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from archive.records import Filter
from archive.store import history
from archive.store.database import Part, json_text
from archive.store.records import (
    Action,
    AnswerReport,
    FileReport,
    LoggedChange,
    Run,
    RunFailure,
    Watch,
)


class Notes(Part):
    """The notes of a catalogue."""

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
        with self._database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO watch VALUES (?, ?, ?, ?, ?, ?)",
                (
                    watch.name, watch.query, watch.mode, json_text(watch.where), watch.created,
                    watch.seen_key,
                ),
            )  # fmt: skip

    def remove_watch(self, name: str) -> bool:
        """Forget a saved query; whether there was one of the name."""
        with self._database.transaction() as db:
            return db.execute("DELETE FROM watch WHERE name = ?", (name,)).rowcount > 0

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
        with self._database.transaction() as db:
            if db.execute("SELECT count(*) FROM report").fetchone()[0] >= most:
                return None
            cursor = db.execute(
                "INSERT INTO report (created, question, answer, remark) VALUES (?, ?, ?, ?)",
                (created, question, answer, remark),
            )
            return int(cursor.lastrowid or 0)

    def remove_report(self, report_id: int) -> bool:
        """Forget a report; whether there was one of the number."""
        with self._database.transaction() as db:
            return db.execute("DELETE FROM report WHERE id = ?", (report_id,)).rowcount > 0

    def record_run(
        self, started: str, seconds: float, counts: dict[str, int], failed: Iterable[FileReport]
    ) -> None:
        """Keep what an ingest did, and each failed file with its reason."""
        with self._database.transaction() as db:
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

    def note_change(self, action: Action, **detail: Any) -> None:
        """Write down, in the transaction that makes it, a change that is of no one briefing."""
        with self._database.transaction() as db:
            history.note_change(db, action, **detail)

    def changes(self, briefing_id: str | None, limit: int) -> list[LoggedChange]:
        """The last changes, newest first: all, or those that concern a briefing."""
        return history.changes(self._db, briefing_id, limit)

"""Changing what can be found: intake, removal, corrections, topics, vectors, links."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.chinese.minhash import minhash_of
from archive.records import Briefing, Passage, TopicLabel, as_number, day_range
from archive.store import history
from archive.store.database import Connection, Part, json_text
from archive.store.links import Link
from archive.store.records import Action, Correction
from archive.store.snapshot import Snapshot

_BEHIND = "passages to be indexed in Chroma anew"


class Changes(Part):
    """The changes of a catalogue, each in a transaction that says what it means to readers."""

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
        sketch = minhash_of("".join(section.text for section in briefing.sections))
        with self._database.transaction() as db:
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
                    json_text(briefing.warnings), briefing.file_hash, replaces, briefing.confidence,
                    briefing.issue_number, json_text(briefing.dates), briefing.file_name, sketch,
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
                        json_text(section.path), section.page, section.printed, section.text,
                        json_text(section.page_starts),
                    )
                    for ordinal, section in enumerate(briefing.sections)
                ],
            )  # fmt: skip
            db.executemany(
                "INSERT INTO reference VALUES (?, ?, ?, ?, ?)",
                [(briefing.id, r.number, r.outlet, r.date, r.title) for r in briefing.references],
            )
            _insert_passages(db, briefing.id, passages, vectors)
            self._set_labels(db, history.corrected_labels(db, briefing.id))

    def publish(self, briefing_id: str) -> str | None:
        """Make a pending briefing live; the one it replaces, if any, is returned and not live."""
        with self._database.transaction() as db:
            replaced: str | None
            replaced, file_name, document = db.execute(
                "SELECT replaces, file_name, document FROM briefing WHERE id = ?", (briefing_id,)
            ).fetchone()
            with self._database.transaction("rewritten" if replaced else "grown"):
                db.execute("UPDATE briefing SET state = 'live' WHERE id = ?", (briefing_id,))
                history.settle_versions(db, document)
            if replaced:
                history.drop_links(db, replaced)
            action: Action = "replaced" if replaced else "new"
            history.note_change(db, action, briefing_id, file=file_name, replaces=replaced)
        return replaced

    def remove(self, briefing_id: str, *, purge: bool = False) -> list[str]:
        """Keep a briefing only to be restored, or delete it and all read from it (`purge`).

        Its words in the keyword index stay. Returns the briefings it had replaced and that are live
        again; if it was itself replaced, what replaced it stands in its place.
        """
        with self._database.transaction("rewritten") as db:
            return history.take_out(db, briefing_id, purge=purge)

    def restore(self, briefing_id: str) -> tuple[bool, str | None]:
        """Make a removed briefing what it was, or a replaced one live.

        Returns whether it is live now, and the briefing that it took the place of, if any.
        """
        with self._database.transaction("rewritten") as db:
            return history.bring_back(db, briefing_id)

    def correct(
        self, briefing: Briefing, corrections: Sequence[Correction], changes: Mapping[str, Any]
    ) -> None:
        """Take over series, title and date of a briefing as corrected, and what corrects them.

        `changes` has what each thing changed was and what it is.
        """
        first, last = day_range(briefing.date)
        with self._database.transaction("rewritten") as db:
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

    def corrections(self, file_hash: str) -> list[Correction]:
        """What is to stand in place of what was read from a file."""
        return history.corrections(self._db, file_hash)

    def set_corrections(self, file_hash: str, corrections: Sequence[Correction]) -> None:
        """Have just these corrections of a file that is being taken in."""
        with self._database.transaction() as db:
            history.set_corrections(db, file_hash, corrections)

    def corrected_labels(self, briefing_id: str | None = None) -> dict[str, tuple[TopicLabel, ...]]:
        """The topics that were given by hand, by passage: those of a briefing, or of all."""
        return history.corrected_labels(self._db, briefing_id)

    def set_vectors(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Replace the vectors of passages, as another encoder gives them."""
        with self._database.transaction("rewritten") as db:
            db.executemany(
                "UPDATE passage SET vector = ? WHERE id = ?",
                [
                    (vector.astype(np.float32).tobytes(), passage_id)
                    for passage_id, vector in zip(ids, vectors, strict=True)
                ],
            )

    def set_labels(self, labels: Mapping[str, Sequence[TopicLabel]]) -> None:
        """Replace the topics of these passages, given by their ids."""
        with self._database.transaction("rewritten") as db:
            self._set_labels(db, labels)

    def _set_labels(self, db: Connection, labels: Mapping[str, Sequence[TopicLabel]]) -> None:
        for passage_id, own in labels.items():
            key = db.execute("SELECT key FROM passage WHERE id = ?", (passage_id,)).fetchone()[0]
            db.execute("DELETE FROM passage_topic WHERE passage_key = ?", (key,))
            _insert_labels(db, key, own)

    def set_links(self, snapshot: Snapshot, links: Mapping[str, Link]) -> None:
        """Enter what live passages, given by their ids, go on with."""
        if not links:
            return

        def key_of(passage: str) -> int:
            return int(snapshot.keys[snapshot.row_of[passage]])

        with self._database.transaction("grown") as db:
            db.executemany(
                "INSERT OR REPLACE INTO link VALUES (?, ?, ?)",
                [
                    (key_of(passage), key_of(link.earlier) if link.earlier else None, link.score)
                    for passage, link in links.items()
                ],
            )

    def drop_links(self) -> None:
        """Forget all storylines."""
        with self._database.transaction("rewritten") as db:
            db.execute("DELETE FROM link")

    def drop_links_of(self, briefing_id: str) -> None:
        """Forget what a briefing's passages go on with, and what goes on with them."""
        with self._database.transaction("rewritten") as db:
            history.drop_links(db, briefing_id)

    def behind_in_chroma(self) -> list[str]:
        """Passages that were changed here and perhaps not yet in Chroma."""
        return list(json.loads(self._database.meta(_BEHIND) or "[]"))

    def note_behind_in_chroma(self, ids: Sequence[str]) -> None:
        """Remember passages, in the transaction that changes them, to be indexed in Chroma anew."""
        self._database.set_meta(_BEHIND, json.dumps(list(ids)))


def _insert_labels(db: Connection, key: int | None, labels: Sequence[TopicLabel]) -> None:
    db.executemany(
        "INSERT INTO passage_topic VALUES (?, ?, ?, ?)",
        [(label.name, key, rank, label.score) for rank, label in enumerate(labels)],
    )


def _insert_passages(
    db: Connection,
    briefing_id: str,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
) -> None:
    for passage, vector in zip(passages, vectors, strict=True):
        key = db.execute(
            "INSERT INTO passage VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                passage.id, briefing_id, passage.section.number, passage.section.title,
                json_text(passage.section.path), passage.text,
                json_text(passage.page_starts),
                *passage.printed, vector.astype(np.float32).tobytes(),
                passage.ocr_confidence,
            ),
        ).lastrowid  # fmt: skip
        _insert_labels(db, key, passage.labels)

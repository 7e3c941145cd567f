"""What was done to an archive: the SQL of its changes, of corrections, of versions.

Each function takes the catalogue's connection and is part of a transaction that the caller begins,
so that a change and the line that tells of it are kept together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from archive.records import TopicLabel
from archive.store.records import Action, Correction, LoggedChange


class Connection(Protocol):
    """What is used of the catalogue's connection."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any: ...

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> Any: ...


# --- changes -------------------------------------------------------------------------------------


def note_change(
    db: Connection, action: Action, briefing_id: str | None = None, **detail: Any
) -> None:
    """Write down a change, with the title and date that the briefing now has."""
    title, date = db.execute(
        "SELECT title, date FROM briefing WHERE id = ?", (briefing_id,)
    ).fetchone() or ("", "")
    db.execute(
        "INSERT INTO change VALUES (NULL, ?, ?, ?, ?, ?, ?)",
        (now(), action, briefing_id, title, date, json.dumps(detail, ensure_ascii=False)),
    )


def changes(db: Connection, briefing_id: str | None, limit: int) -> list[LoggedChange]:
    """The last changes, newest first: all, or those that concern a briefing."""
    rows = db.execute(
        """SELECT id, at, action, briefing_id, title, date, detail FROM change
        WHERE ? IS NULL OR briefing_id = ? OR EXISTS (
            SELECT 1 FROM json_tree(change.detail, '$.replaces') WHERE atom = ?
            UNION ALL SELECT 1 FROM json_tree(change.detail, '$.live_again') WHERE atom = ?)
        ORDER BY id DESC LIMIT ?""",
        (briefing_id, briefing_id, briefing_id, briefing_id, limit),
    )
    return [
        LoggedChange(key, at, action, of, title, date, json.loads(detail))
        for key, at, action, of, title, date, detail in rows
    ]


def now() -> str:
    """The present moment: ISO, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


# --- corrections ---------------------------------------------------------------------------------


def corrections(db: Connection, file_hash: str) -> list[Correction]:
    """What is to stand in place of what was read from a file."""
    rows = db.execute(
        """SELECT field, section, value, as_read, at FROM correction
        WHERE file_hash = ? ORDER BY field, section""",
        (file_hash,),
    )
    return [
        Correction(field, section, _value(value), _value(as_read), at)
        for field, section, value, as_read, at in rows
    ]


def set_corrections(db: Connection, file_hash: str, wanted: Iterable[Correction]) -> None:
    """Have just these corrections of a file."""
    db.execute("DELETE FROM correction WHERE file_hash = ?", (file_hash,))
    db.executemany(
        "INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?)",
        [
            (file_hash, each.field, each.section, _text(each.value), _text(each.as_read), each.at)
            for each in wanted
        ],
    )


def corrected_labels(
    db: Connection, briefing_id: str | None = None
) -> dict[str, tuple[TopicLabel, ...]]:
    """The topics that were given by hand, by passage: those of a briefing, or of all.

    Where both a section and one inside it were given some, those of the latter are its.
    """
    rows = db.execute(
        """SELECT p.id, p.section_number, p.section_title, c.section, c.value
        FROM correction c JOIN briefing b ON b.file_hash = c.file_hash
        JOIN passage p ON p.briefing_id = b.id
        WHERE c.field = 'topics' AND (? IS NULL OR b.id = ?) ORDER BY length(c.section)""",
        (briefing_id, briefing_id),
    )
    return {
        passage: tuple(TopicLabel(name, 1.0) for name in json.loads(value))
        for passage, number, title, section, value in rows
        if is_in_section(number, title, section)
    }


def is_in_section(number: str, title: str, section: str) -> bool:
    """Whether a passage's section is the one meant by a number (or a title), or inside it."""
    return section in ("", number, title) or number.startswith(f"{section}.")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _value(text: str) -> str | tuple[str, ...]:
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else str(value)


# --- versions ------------------------------------------------------------------------------------
#
# The versions of a document are numbered. Of those that are not removed the last is live, and each
# other is replaced by the next.


def next_version(db: Connection, replaces: str | None) -> tuple[int, int]:
    """The document and version that a briefing is to be, which may replace an older one."""
    row = db.execute("SELECT document FROM briefing WHERE id = ?", (replaces,)).fetchone()
    if row is None:
        return db.execute("SELECT ifnull(max(document), 0) + 1 FROM briefing").fetchone()[0], 1
    return row[0], _last_version(db, row[0]) + 1


def take_out(db: Connection, briefing_id: str, *, purge: bool) -> list[str]:
    """Make a briefing one that is removed, or delete it with all read from it.

    Returns the version that is live again in its place, if any.
    """
    document, state, file_name = db.execute(
        "SELECT document, state, file_name FROM briefing WHERE id = ?", (briefing_id,)
    ).fetchone()
    db.execute(
        "UPDATE briefing SET state = 'removed', replaced_by = NULL WHERE id = ?", (briefing_id,)
    )
    now_live = settle_versions(db, document)
    again = [now_live] if state == "live" and now_live else []
    note_change(db, "removed", briefing_id, file=file_name, live_again=again, purged=purge)
    if purge:
        db.execute("DELETE FROM briefing WHERE id = ?", (briefing_id,))
    else:
        drop_links(db, briefing_id)
    return again


def bring_back(db: Connection, briefing_id: str) -> tuple[bool, str | None]:
    """Give a briefing that was removed its place among the versions, or one replaced the last.

    Returns whether it is live now, and the briefing that it took the place of, if any.
    """
    document, state = db.execute(
        "SELECT document, state FROM briefing WHERE id = ?", (briefing_id,)
    ).fetchone()
    was_live = settle_versions(db, document)
    if state == "replaced":
        last = _last_version(db, document)
        db.execute("UPDATE briefing SET version = ? WHERE id = ?", (last + 1, briefing_id))
    db.execute("UPDATE briefing SET state = 'live' WHERE id = ?", (briefing_id,))
    now_live = settle_versions(db, document)
    replaced = was_live if now_live == briefing_id else None
    if replaced:
        drop_links(db, replaced)
    note_change(
        db,
        "restored",
        briefing_id,
        replaces=replaced,
        replaced_by=None if now_live == briefing_id else now_live,
    )
    return now_live == briefing_id, replaced


def settle_versions(db: Connection, document: int) -> str | None:
    """Have the last version of a document live and the others replaced; returns the last's id."""
    rows = db.execute(
        """SELECT id FROM briefing WHERE document = ? AND state IN ('live', 'replaced')
        ORDER BY version""",
        (document,),
    )
    ids = [row[0] for row in rows]
    for each, newer in zip(ids, [*ids[1:], None], strict=False):
        state = "replaced" if newer else "live"
        db.execute(
            "UPDATE briefing SET state = ?, replaced_by = ? WHERE id = ?", (state, newer, each)
        )
    return ids[-1] if ids else None


def number_versions(db: Connection) -> None:
    """Number the versions of each document where only what replaced what is known."""
    rows = db.execute("SELECT id, replaced_by FROM briefing ORDER BY rowid").fetchall()
    newer = {key: above for key, above in rows if above}
    documents: dict[str, list[tuple[int, str]]] = {}
    for key, _ in rows:
        top, steps = key, 0
        while top in newer and steps <= len(rows):
            top, steps = newer[top], steps + 1
        documents.setdefault(top, []).append((-steps, key))
    db.executemany(
        "UPDATE briefing SET document = ?, version = ? WHERE id = ?",
        [
            (document, version, key)
            for document, versions in enumerate(documents.values(), 1)
            for version, (_, key) in enumerate(sorted(versions), 1)
        ],
    )


def _last_version(db: Connection, document: int) -> int:
    row = db.execute("SELECT max(version) FROM briefing WHERE document = ?", (document,)).fetchone()
    return int(row[0])


def drop_links(db: Connection, briefing_id: str) -> None:
    """Forget what a briefing's passages go on with, and what goes on with them."""
    own = "(SELECT key FROM passage WHERE briefing_id = ?)"
    db.execute(
        f"DELETE FROM link WHERE passage_key IN {own} OR earlier_key IN {own}",
        (briefing_id, briefing_id),
    )

"""What was done to an archive: the SQL of its changes, of corrections, of what stands for what.

Each function takes the catalogue's connection and is part of a transaction that the caller begins,
so that a change and the line that tells of it are kept together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from archive.records import Action, Correction, LoggedChange, TopicLabel


class Connection(Protocol):
    """What is used of the catalogue's connection."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any: ...

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> Any: ...


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a briefing stands to others: its state, what it took the place of, and what took its."""

    state: str
    replaces: str | None
    replaced_by: str | None

    @property
    def is_kept(self) -> bool:
        return self.state in ("live", "replaced")


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


# --- what stands for what ------------------------------------------------------------------------


def take_out(db: Connection, briefing_id: str, *, purge: bool) -> list[str]:
    """Make a briefing one that is removed, or delete it with all read from it.

    Returns the briefings that were replaced by it and are live again. Where it was itself replaced,
    what replaced it stands in its place.
    """
    standing = _standings(db)
    own = standing[briefing_id]
    older = [
        key for key, each in standing.items() if each.is_kept and each.replaced_by == briefing_id
    ]
    heir = own.replaced_by
    if own.state == "live" and older:
        heir = own.replaces if own.replaces in older else older[-1]
        db.execute("UPDATE briefing SET state = 'live', replaced_by = NULL WHERE id = ?", (heir,))
    again = [heir] if own.state == "live" and heir else []
    db.executemany(
        "UPDATE briefing SET replaced_by = ? WHERE id = ?",
        [(heir, key) for key in older if key != heir],
    )
    file_name = db.execute(
        "SELECT file_name FROM briefing WHERE id = ?", (briefing_id,)
    ).fetchone()[0]
    note_change(db, "removed", briefing_id, file=file_name, live_again=again, purged=purge)
    if purge:
        db.execute(
            "UPDATE briefing SET replaces = ? WHERE replaces = ?", (own.replaces, briefing_id)
        )
        db.execute("UPDATE briefing SET replaced_by = ? WHERE replaced_by = ?", (heir, briefing_id))
        db.execute("DELETE FROM briefing WHERE id = ?", (briefing_id,))
    else:
        db.execute("UPDATE briefing SET state = 'removed' WHERE id = ?", (briefing_id,))
        drop_links(db, briefing_id)
    return again


def bring_back(db: Connection, briefing_id: str) -> tuple[bool, str | None]:
    """Make a briefing that was removed what it was, or one that was replaced live.

    Returns whether it is live now, and the briefing that it took the place of, if any.
    """
    standing = _standings(db)
    own = standing[briefing_id]
    newer = _kept(standing, own.replaced_by, "replaced_by")
    older = _kept(standing, own.replaces, "replaces")
    if own.state == "removed" and newer:
        if older and standing[older].replaced_by == newer:
            db.execute("UPDATE briefing SET replaced_by = ? WHERE id = ?", (briefing_id, older))
        db.execute(
            "UPDATE briefing SET state = 'replaced', replaced_by = ? WHERE id = ?",
            (newer, briefing_id),
        )
        note_change(db, "restored", briefing_id, replaced_by=newer)
        return False, None
    if own.state == "replaced":  # it goes from its place in the row of versions to the top
        db.execute(
            "UPDATE briefing SET replaced_by = ? WHERE replaced_by = ? AND state = 'replaced'",
            (own.replaced_by, briefing_id),
        )
        db.execute("UPDATE briefing SET replaces = ? WHERE id = ?", (own.replaces, own.replaced_by))
        top: str | None = _top(standing, briefing_id)
    else:
        top = _top(standing, older) if older else None
    if top:
        db.execute(
            "UPDATE briefing SET state = 'replaced', replaced_by = ? WHERE id = ?",
            (briefing_id, top),
        )
        drop_links(db, top)
    db.execute(
        "UPDATE briefing SET state = 'live', replaces = ifnull(?, replaces), replaced_by = NULL "
        "WHERE id = ?",
        (top, briefing_id),
    )
    note_change(db, "restored", briefing_id, replaces=top)
    return True, top


def drop_links(db: Connection, briefing_id: str) -> None:
    """Forget what a briefing's passages go on with, and what goes on with them."""
    own = "(SELECT key FROM passage WHERE briefing_id = ?)"
    db.execute(
        f"DELETE FROM link WHERE passage_key IN {own} OR earlier_key IN {own}",
        (briefing_id, briefing_id),
    )


def _standings(db: Connection) -> Mapping[str, _Standing]:
    """How all briefings stand, in the order they came in."""
    rows = db.execute("SELECT id, state, replaces, replaced_by FROM briefing ORDER BY rowid")
    return {row[0]: _Standing(*row[1:]) for row in rows}


def _kept(standing: Mapping[str, _Standing], start: str | None, way: str) -> str | None:
    """The first from a briefing on, along `replaces` or `replaced_by`, that is not removed."""
    seen: set[str] = set()
    at = start
    while at and at in standing and at not in seen:
        if standing[at].is_kept:
            return at
        seen.add(at)
        at = getattr(standing[at], way)
    return None


def _top(standing: Mapping[str, _Standing], start: str) -> str:
    """The live briefing that has taken the place of one, at once or by way of others."""
    at = start
    while (above := standing[at].replaced_by) and standing[at].state == "replaced":
        at = above
    return at

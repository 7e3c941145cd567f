"""Takes the rows out of a catalogue that somebody else may have made, and nothing but the rows.

Nothing in such a file is relied on: triggers and views are refused before they could run, and the
rows are copied into tables made by this program, so that no constraint or index of the file is
kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from archive.store.history import Connection
from archive.store.record_validation import LARGEST_NUMBER
from archive.store.schema import APPLICATION_ID

LONGEST_ROW = 2**26
"""Bytes: 64 MB, where the text of the 2,000 pages that a PDF may have by default takes 12 MB."""
_TYPES: dict[str, tuple[type, ...]] = {
    "TEXT": (str,), "INTEGER": (int,), "REAL": (float, int), "BLOB": (bytes,), "": (str,)
}  # fmt: skip
_WORD = re.compile(r"\w+")
_TABLES = """
    SELECT name, wr FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND name != 'sqlite_schema'
"""
_FULL_TEXT = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual'"


def distrust(db: Connection) -> None:
    """Have SQLite check each page that it reads, and run no function that the schema names."""
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")


def oddities(db: Connection, model: Connection) -> Iterator[str]:
    """Differences of a file's schema from that of `model`, an empty catalogue of this program's.

    Columns may be missing in a file of an earlier version.
    """
    application, version, encoding = (
        db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version", "encoding")
    )
    if application != APPLICATION_ID:
        yield "it is another program's database"
    known_version = model.execute("PRAGMA user_version").fetchone()[0]
    if not 0 < version <= known_version:
        yield f"it has schema version {version}, this program knows 1 to {known_version}"
    if encoding != "UTF-8":
        yield f"its texts are in {encoding}"
    objects = "SELECT type, name, ifnull(sql, '') FROM sqlite_schema"
    known = {(kind, name): _words(sql) for kind, name, sql in model.execute(objects)}
    for kind, name, sql in db.execute(objects):
        if kind in ("trigger", "view"):
            yield f"it has {name!r}, which runs by itself"
        elif (kind, name) not in known and sql:
            yield f"it has a {kind} {name!r}, which no archive has"
        elif foreign := _words(sql) - known.get((kind, name), set()):
            yield f"its {kind} {name!r} is made otherwise than by this program ({min(foreign)})"
    if version == known_version:
        for table in _tables(model):
            own = {name for name, _, _ in _columns(db, table)}
            for name, _, _ in _columns(model, table):
                if name not in own:
                    yield f"it lacks {table}.{name}"


def _words(sql: str) -> set[str]:
    """The words of a statement; one that has no others than ours can't compute anything else."""
    return set(_WORD.findall(sql.casefold()))


def misplaced(db: Connection, model: Connection) -> Iterator[str]:
    """Columns that hold a value of another type than theirs, or a number out of bounds.

    Every row is read, so that SQLite tells of what it can't read.
    """
    for table in _tables(model):
        types = {name: (kind, null) for name, kind, null in _columns(model, table)}
        own = [name for name, _, _ in _columns(db, table) if name in types]
        if not own:
            continue
        for row in db.execute(f"SELECT {', '.join(own)} FROM {table}"):
            for name, value in zip(own, row, strict=True):
                kind, may_be_null = types[name]
                if not (isinstance(value, _TYPES[kind]) or (value is None and may_be_null)):
                    yield f"{table}.{name} holds {type(value).__name__} where {kind} belongs"
                elif isinstance(value, (int, float)) and not 0 <= value <= LARGEST_NUMBER:
                    yield f"{table}.{name} holds {value}, which is out of all bounds"


def take_rows(db: Connection, other: str) -> None:
    """Copy the rows of another file's tables into those of an empty catalogue, in their order.

    The full-text tables are rebuilt from the words that the file's hold for its passages.
    """
    db.execute("ATTACH ? AS other", (other,))
    for table, is_without_rowid in db.execute(_TABLES).fetchall():
        columns = [name for name, _, _ in _columns(db, table)]
        # Their order is that in which briefings came in.
        rowid = () if is_without_rowid else ("rowid",)
        names = ", ".join(chain(rowid, columns))
        db.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM other.{table}")
    for (table,) in db.execute(_FULL_TEXT).fetchall():
        db.execute(f"""INSERT INTO main.{table} (rowid, title, heading, body)
            SELECT id, c0, c1, c2 FROM other.{table}_content
            WHERE id IN (SELECT key FROM main.passage) ORDER BY id""")


def _tables(model: Connection) -> list[str]:
    """The tables whose rows are the catalogue's, those behind the full-text tables among them."""
    tables = [table for table, _ in model.execute(_TABLES).fetchall()]
    return tables + [f"{table}_content" for (table,) in model.execute(_FULL_TEXT).fetchall()]


def _columns(db: Connection, table: str) -> list[tuple[str, str, bool]]:
    """Each column of a table with its type, and whether it may be empty."""
    rows = db.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,))
    return [(name, kind, not (notnull or pk)) for name, kind, notnull, pk in rows]

"""The catalogue's SQLite file: how it is made, opened and written to; the only user of sqlite3."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from archive.chinese.minhash import minhash_of
from archive.errors import ArchiveError, DamagedCatalogueError, UsageError
from archive.records import as_plain
from archive.store import history
from archive.store.disk import disk_trouble, is_on_read_only_disk
from archive.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA, SCHEMA_VERSION

Connection = sqlite3.Connection
OperationalError = sqlite3.OperationalError
DamagedError = sqlite3.DatabaseError
"""What reading a damaged catalogue raises."""

_PATIENCE = 30
"""Seconds to wait for another process that writes."""

_GIVEN_UP = 3600
"""Seconds after which whoever was making a catalogue isn't any more."""

Effect = Literal["none", "grown", "rewritten"]
"""What a transaction does to what can be found: nothing, it only adds passages after the others, or
anything else."""


class Database:
    """A catalogue's SQLite file; one connection per thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    @staticmethod
    def open(path: Path, *, create: bool = False) -> Database:
        """Open the catalogue, or make it when `create`.

        Raises UsageError when there is none, when the file is not a catalogue, or when a newer
        version of the program wrote it, DamagedCatalogueError when it can't be read.
        """
        if not path.exists() and not create:
            raise _no_archive(path)
        database = Database(path)
        try:
            if create:
                _make_home(path.parent, path)
                _make_catalogue(path)
            database._prepare()
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
        return database

    def _prepare(self) -> None:
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        application = self.connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID:
            raise _foreign(self.path, "another program's database")
        if version < 1:
            raise _foreign(self.path, f"it has schema version {version}")
        if version > SCHEMA_VERSION:
            raise UsageError(
                f"{self.path} has schema version {version}, this program knows {SCHEMA_VERSION}",
                "update the program",
            )
        if version < SCHEMA_VERSION:
            self._migrate()

    def _migrate(self) -> None:
        """Bring the catalogue of an earlier version of the program up to date."""
        self.connection.execute("PRAGMA foreign_keys = OFF")  # a step may make a table anew
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
            self.connection.execute("PRAGMA foreign_keys = ON")

    @property
    def connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        frozen = self._local.frozen if connection is not None else None
        if connection is not None and frozen is not None and frozen != _stamp(self.path):
            connection.close()
            connection = None  # somebody can write again, and did
        if connection is None:
            connection, self._local.frozen = _connect(self.path)
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self, effect: Effect = "none") -> Iterator[sqlite3.Connection]:
        """Keep everything written inside, or nothing; inside another transaction, be part of it.

        Readers are told of its effect on what can be found by a new generation.
        """
        db = self.connection
        if db.in_transaction:
            _count_generation(db, effect)
            yield db
            return
        try:
            db.execute("BEGIN IMMEDIATE")
            _count_generation(db, effect)
            yield db
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:  # a full disk, a folder that can't be written
            raise disk_trouble(self.path.parent, error) or ArchiveError(
                f"the catalogue {self.path} can't be written ({error})",
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

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read the same state throughout."""
        db = self.connection
        if db.in_transaction:
            yield db
            return
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.execute("ROLLBACK")

    def meta(self, key: str) -> str | None:
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def generation(self) -> int:
        """A number that changes whenever what can be found changes."""
        return int(self.meta("generation") or 0)

    def rewrites(self) -> int:
        """A number that stays the same while what can be found only grows."""
        return int(self.meta("rewrites") or 0)


class Part:
    """A part of a catalogue, which asks and changes its database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def _db(self) -> Connection:
        return self._database.connection


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
    return open_file(path, immutable=True), stamp


def open_file(path: Path, *, immutable: bool = False) -> Connection:
    """A plain connection to a file, which this program need not have made."""
    if immutable:
        uri = f"{path.absolute().as_uri()}?immutable=1"
        return sqlite3.connect(uri, uri=True, isolation_level=None)
    return sqlite3.connect(path, isolation_level=None)


def in_memory() -> Connection:
    """A database of its own that is kept nowhere."""
    return sqlite3.connect(":memory:")


def limit_length(db: Connection, most: int) -> None:
    """Refuse to read values, and rows, of more than so many bytes."""
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, most)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when somebody has written to a catalogue, or is about to."""
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_mtime_ns, log.stat().st_size if log.exists() else 0


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


def json_text(value: Any) -> str:
    """A record, or a list of them, as the catalogue keeps it."""
    return json.dumps(as_plain(value), ensure_ascii=False)


def page_starts(text: str) -> tuple[tuple[int, int], ...]:
    """Where pages begin in a text, as the catalogue keeps it."""
    return tuple((offset, page) for offset, page in json.loads(text))


def _fill_sketches(db: sqlite3.Connection) -> None:
    """Sketch the briefings that a program without sketches took in."""
    for (briefing_id,) in db.execute("SELECT id FROM briefing WHERE sketch = x''").fetchall():
        texts = db.execute(
            "SELECT text FROM section WHERE briefing_id = ? ORDER BY ordinal", (briefing_id,)
        )
        sketch = minhash_of("".join(text for (text,) in texts))
        db.execute("UPDATE briefing SET sketch = ? WHERE id = ?", (sketch, briefing_id))


def _count_generation(db: sqlite3.Connection, effect: Effect) -> None:
    counters = {"none": (), "grown": ("generation",), "rewritten": ("generation", "rewrites")}
    for counter in counters[effect]:
        db.execute(
            """INSERT INTO meta VALUES (?, '1')
            ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1""",
            (counter,),
        )

"""Copies of a catalogue: as a file, and out of a file that others may have made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError
from archive.store import untrusted_catalogue
from archive.store.briefings import Briefings
from archive.store.database import (
    Connection,
    Database,
    OperationalError,
    Part,
    in_memory,
    limit_length,
    open_file,
)
from archive.store.full_text import FullText
from archive.store.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION


class Copies(Part):
    """Copying a catalogue, and taking over a copy."""

    def __init__(self, database: Database, briefings: Briefings, full_text: FullText) -> None:
        super().__init__(database)
        self._briefings = briefings
        self._full_text = full_text

    def copy_to(self, path: Path) -> None:
        """Write the catalogue as it is at this moment to a new file; nobody waits for it.

        Raises ArchiveError when the file can't be written.
        """
        try:
            # One reading transaction from first to last, which a writer beside it doesn't restart.
            self._db.execute("VACUUM INTO ?", (str(path),))
        except OperationalError as error:
            raise ArchiveError(
                f"the catalogue {self._database.path} can't be copied to {path.parent} ({error})",
                "check the folder's permissions and the free space on its disk",
            ) from error

    def drop_pending(self) -> None:
        """Forget what readers don't see yet: in a copy, nobody will finish it."""
        self._db.execute("PRAGMA secure_delete = ON")
        with self._database.transaction() as db:
            for briefing_id in self._briefings.pending():
                own = db.execute("SELECT id FROM passage WHERE briefing_id = ?", (briefing_id,))
                self._full_text.unindex([row[0] for row in own.fetchall()])
                db.execute("DELETE FROM briefing WHERE id = ?", (briefing_id,))

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """All rows of a table as they are kept, by column."""
        found = self._db.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in found.description]
        return (dict(zip(names, row, strict=True)) for row in found)

    def make_own(self, generation: int, *forgotten: str) -> None:
        """Make a copy an archive of its own, later than a generation, that forgets some meta."""
        self._db.execute("PRAGMA journal_mode = WAL")
        with self._database.transaction("rewritten") as db:
            db.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in forgotten])
            later = max(generation + 1, self._database.generation())
            self._database.set_meta("generation", str(later))

    def take_over(self, path: Path) -> None:
        """Hold what the catalogue in a file holds, in place of all that is here; whole or not.

        Readers that have this catalogue open see the one or the other. Raises ArchiveError when it
        can't be written.
        """
        try:
            with closing(open_file(path)) as other:
                other.backup(self._db)
        except OperationalError as error:
            raise ArchiveError(
                f"the catalogue {self._database.path} can't be written ({error})",
                "check the folder's permissions and the free space on its disk",
            ) from error


def find_oddity(path: Path) -> str | None:
    """What shows that a file, which nobody has open, isn't a catalogue that this program made.

    Raises DamagedError where SQLite can't read it.
    """
    with closing(open_file(path, immutable=True)) as db, closing(in_memory()) as model:
        model.executescript(f"{SCHEMA} PRAGMA user_version = {SCHEMA_VERSION};")
        _distrust(db)
        oddity = next(untrusted_catalogue.oddities(db, model), None)
        return oddity or next(untrusted_catalogue.misplaced(db, model), None)


def make_anew(path: Path, new: Path) -> None:
    """A new catalogue with the rows, and nothing else, of a file that has a catalogue's form.

    Raises DamagedError where the rows can't stand in one.
    """
    Database.open(path).close()  # brings that of an earlier version up to date
    with closing(open_file(new)) as db:
        db.executescript(SCHEMA)
        _distrust(db)
        db.execute("PRAGMA journal_mode = OFF")  # nobody has it yet
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        untrusted_catalogue.take_rows(db, str(path))
        db.execute("COMMIT")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _distrust(db: Connection) -> None:
    untrusted_catalogue.distrust(db)
    limit_length(db, untrusted_catalogue.LONGEST_ROW)

"""The catalogue: one SQLite file that is the archive's record, by concern.

It holds briefings, their pages, sections, references and passages, the passages' vectors and
topics, the keyword index (FTS5 over words already tokenised), and the runs of ingestion. One
transaction takes in one briefing. Readers may be many, in any process (WAL); writers hold the
archive's writer lock (see `archive.keeping.writer`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from archive.errors import UsageError
from archive.store.audit import Audit
from archive.store.briefings import Briefings
from archive.store.changes import Changes
from archive.store.copies import Copies
from archive.store.database import Connection, Database, Effect
from archive.store.full_text import FullText
from archive.store.links import Links, read_links
from archive.store.notes import Notes
from archive.store.passages import Passages
from archive.store.snapshot import Snapshot
from archive.store.snapshot_reader import SnapshotReader


class Catalog:
    """The archive's SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.briefings = Briefings(database)
        self.passages = Passages(database)
        self.full_text = FullText(database)
        self.notes = Notes(database)
        self.changes = Changes(database)
        self.audit = Audit(database)
        self.copies = Copies(database, self.briefings, self.full_text)
        self._snapshots = SnapshotReader(database)

    @staticmethod
    def open(path: Path, *, create: bool = False) -> Catalog:
        """Open the catalogue, or make it when `create`.

        Raises UsageError when there is none, when the file is not a catalogue, or when a newer
        version of the program wrote it, DamagedCatalogueError when it can't be read.
        """
        return Catalog(Database.open(path, create=create))

    def transaction(self, effect: Effect = "none") -> AbstractContextManager[Connection]:
        """Keep everything written inside, or nothing; inside another transaction, be part of it."""
        return self._database.transaction(effect)

    def close(self) -> None:
        """Close this thread's connection."""
        self._database.close()

    def snapshot(self) -> Snapshot:
        """All that can be found now; a request takes one and passes it down."""
        return self._snapshots.snapshot()

    def links(self, snapshot: Snapshot) -> Links:
        """What each passage of a snapshot goes on with, of those that are linked."""
        return snapshot.derived.get("links", lambda: read_links(self._database, snapshot))

    def meta(self, key: str) -> str | None:
        return self._database.meta(key)

    def set_meta(self, key: str, value: str) -> None:
        self._database.set_meta(key, value)

    def is_built_with(self, index: str, means: str) -> bool:
        """Whether an index was built with the means now set; so is one not built yet."""
        return self.meta(index) in (None, means)

    def check_built_with(self, index: str, means: str) -> None:
        """Raise UsageError when an index was built with other means than those now set."""
        if not self.is_built_with(index, means):
            raise UsageError(
                f"the {index} was built with: {self.meta(index)}\n"
                f"  but the program and its settings now say: {means}",
                "run `archive reindex`, or set ARCHIVE_MODEL back",
            )

    def generation(self) -> int:
        """A number that changes whenever what can be found changes."""
        return self._database.generation()

    def note_settled(self) -> None:
        """Remember that Chroma was found to agree with what can be found now."""
        self.set_meta("settled generation", str(self.generation()))

    def is_settled(self) -> bool:
        """Whether no writer was interrupted since Chroma was last found to agree."""
        settled = self.meta("settled generation") == str(self.generation())
        return settled and not self.briefings.pending()

    def is_unused(self) -> bool:
        """Whether nothing was ever put in that is still there."""
        return not (self.briefings.file_hashes() or self.notes.watches() or self.notes.reports())

"""What each passage goes on with, and the chains that these links make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from archive.store.database import Database
from archive.store.selection import PassageList, Selection
from archive.store.snapshot import Rows, Snapshot


@dataclass(frozen=True, slots=True)
class Link:
    """The passage that one goes on with, None where it starts a chain, and how surely."""

    earlier: str | None
    score: float


@dataclass(frozen=True)
class Links:
    """The links of a snapshot's passages; one not linked is in no chain."""

    snapshot: Snapshot
    earlier: Rows
    """Of each passage the row of the one it goes on with; its own where it starts a chain, -1 where
    it isn't linked.
    """
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return int(np.count_nonzero(self.earlier >= 0))

    @property
    def linked(self) -> Selection:
        """The passages that are linked."""
        return Selection(self.snapshot, self.earlier >= 0)

    @property
    def unlinked(self) -> list[str]:
        """The passages that aren't, in the order they came in."""
        return PassageList(self.snapshot, np.flatnonzero(self.earlier < 0)).ids

    def score(self, passage_id: str) -> float:
        """How surely a passage goes on with another; 0 where it doesn't."""
        return float(self.scores[self.snapshot.row_of[passage_id]])

    @property
    def firsts(self) -> list[str]:
        """The passages that chains start with."""
        starts = np.unique(self._starts[self._starts >= 0])
        return PassageList(self.snapshot, starts).ids

    def chains_of(self, ids: Iterable[str]) -> PassageList:
        """All passages of the chains that these belong to."""
        own = np.unique(self._starts[self.snapshot.rows_of(ids)])
        rows = np.flatnonzero(np.isin(self._starts, own[own >= 0]))
        return PassageList(self.snapshot, rows)

    def chains(self, selection: Selection) -> list[PassageList]:
        """Each chain with a passage selected, whole, in the order their first passages came in."""
        wanted = np.unique(self._starts[selection.mask & (self._starts >= 0)])
        order = np.argsort(self._starts, kind="stable")
        bounds = np.searchsorted(self._starts[order], (wanted, wanted + 1))
        found = [order[first:last] for first, last in bounds.T.tolist()]
        return [PassageList(self.snapshot, rows) for rows in sorted(found, key=lambda r: int(r[0]))]

    @cached_property
    def _starts(self) -> Rows:
        """The row that each passage's chain starts with, -1 for one not linked."""
        start = self.earlier
        while True:
            following = np.where(start >= 0, start[start], -1)
            if (following == start).all():
                return start
            start = following


def read_links(database: Database, snapshot: Snapshot) -> Links:
    """The links of a snapshot's passages, of those that are linked."""
    found = database.connection.execute(
        "SELECT passage_key, ifnull(earlier_key, -1), score FROM link"
    )
    columns = np.array(found.fetchall(), dtype=np.float64).reshape(-1, 3)
    rows = snapshot.rows(columns[:, 0].astype(np.int64))
    before = snapshot.rows(columns[:, 1].astype(np.int64))
    live = rows >= 0
    earlier, scores = np.full(len(snapshot), -1, np.intp), np.zeros(len(snapshot))
    earlier[rows[live]] = np.where(before >= 0, before, rows)[live]
    scores[rows[live]] = columns[live, 2]
    return Links(snapshot, earlier, scores)

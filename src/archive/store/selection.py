"""Passages of a snapshot: those that may be found, and lists of those that were.

Row numbers stay inside `store/` and `index/`; the rooms above ask for ids, scores and counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.records import NO_FILTER, Filter
from archive.store.records import Facets
from archive.store.snapshot import Mask, Rows, Snapshot


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that may be found: those a filter and the binding parts of a query leave."""

    snapshot: Snapshot
    mask: Mask

    @staticmethod
    def of(snapshot: Snapshot, where: Filter = NO_FILTER) -> Selection:
        """The passages that a filter leaves."""
        return Selection(snapshot, snapshot.allowed(where))

    def __len__(self) -> int:
        return int(np.count_nonzero(self.mask))

    @property
    def is_everything(self) -> bool:
        return bool(self.mask.all())

    @property
    def fingerprint(self) -> bytes:
        """The same for the same passages of a snapshot, by which what is worked out is kept."""
        return hashlib.blake2b(self.mask.tobytes(), digest_size=16).digest()

    def without(self, passage_id: str) -> Selection:
        """The same but for one passage."""
        mask = self.mask.copy()
        mask[self.snapshot.rows_of([passage_id])] = False
        return Selection(self.snapshot, mask)

    def only(self, ids: Iterable[str]) -> Selection:
        """Those of them that are these passages."""
        own = self.snapshot.mask_of([self.snapshot.rows_of(ids)])
        return Selection(self.snapshot, self.mask & own)

    def only_briefings(self, ids: Sequence[str]) -> Selection:
        """Those of them that are of these briefings."""
        briefings = self.snapshot.briefing
        own = briefings.mask([briefing in ids for briefing in briefings.values])
        return Selection(self.snapshot, self.mask & own)

    def without_briefings(self, ids: Sequence[str]) -> Selection:
        """Those of them that aren't of these briefings."""
        return Selection(self.snapshot, self.mask & ~self.only_briefings(ids).mask)

    def in_before(self, passage_id: str) -> Selection:
        """Those of them that came in before a passage."""
        snapshot = self.snapshot
        before = snapshot.keys < snapshot.keys[snapshot.row_of[passage_id]]
        return Selection(snapshot, self.mask & before)

    def told_before(self, passage_id: str) -> Selection:
        """Those of them told before a passage: on an earlier day, or earlier in the same text."""
        told = _told(self.snapshot)
        return Selection(self.snapshot, self.mask & (told < told[self.snapshot.row_of[passage_id]]))

    def told_after(self, passage_id: str) -> Selection:
        """Those of them told after a passage."""
        told = _told(self.snapshot)
        return Selection(self.snapshot, self.mask & (told > told[self.snapshot.row_of[passage_id]]))

    def passages(self) -> PassageList:
        """All of them, in the order they came in."""
        return PassageList(self.snapshot, np.flatnonzero(self.mask))

    def rows(self, keys: NDArray[np.int64]) -> tuple[Rows, Mask]:
        """The rows of those of the catalogue's numbers that may be found, and which these are."""
        rows = self.snapshot.rows(keys)
        kept = (
            (rows >= 0) & self.mask[rows] if len(self.snapshot) else np.zeros(len(rows), np.bool_)
        )
        return rows[kept], kept


def _told(snapshot: Snapshot) -> NDArray[np.intp]:
    """The place of each row in the order of days, of briefings of a day, and of their text."""
    return snapshot.derived.get("told", lambda: _read_told(snapshot))


def _read_told(snapshot: Snapshot) -> NDArray[np.intp]:
    names = np.array(snapshot.briefing.values, np.str_)[snapshot.briefing.of]
    order = np.lexsort((np.arange(len(snapshot)), names, snapshot.first_day))
    places = np.empty(len(snapshot), np.intp)
    places[order] = np.arange(len(snapshot))
    return places


@dataclass(frozen=True, slots=True)
class PassageList:
    """Some passages of a snapshot, in an order."""

    snapshot: Snapshot
    rows: Rows

    @staticmethod
    def of(snapshot: Snapshot, ids: Iterable[str]) -> PassageList:
        """The passages of these ids, those that aren't live left out."""
        return PassageList(snapshot, snapshot.rows_of(ids))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def ids(self) -> list[str]:
        return [self.snapshot.ids[row] for row in self.rows.tolist()]

    @property
    def last_day(self) -> int:
        """The latest day of any of them, YYYYMMDD; 0 where there are none."""
        return int(self.snapshot.last_day[self.rows].max(initial=0))

    @property
    def briefings(self) -> int:
        """Of how many briefings they are."""
        return self.snapshot.briefing.distinct(self.rows)

    @property
    def facets(self) -> Facets:
        """How many of them each month, topic and issuer has."""
        return self.snapshot.facets(self.rows)

    def days_and_briefings(self) -> Iterator[tuple[str, str]]:
        """Of each the date and the id of its briefing."""
        dates, briefings = self.snapshot.date, self.snapshot.briefing
        for date, briefing in zip(
            dates.of[self.rows].tolist(), briefings.of[self.rows].tolist(), strict=True
        ):
            yield dates.values[date], briefings.values[briefing]

    def part(self, start: int, stop: int | None = None) -> PassageList:
        """Those from one place to before another."""
        return PassageList(self.snapshot, self.rows[start:stop])

    def among(self, selection: Selection) -> PassageList:
        """Those of them that are selected."""
        return PassageList(self.snapshot, self.rows[selection.mask[self.rows]])

    def without(self, ids: Iterable[str]) -> PassageList:
        """The others than these."""
        left_out = np.isin(self.rows, self.snapshot.rows_of(ids))
        return PassageList(self.snapshot, self.rows[~left_out])

    def in_after(self, key: int) -> PassageList:
        """Those of them that came in after the catalogue's number of a passage."""
        return PassageList(self.snapshot, self.rows[self.snapshot.keys[self.rows] > key])

    def by_day(self, *, newest_first: bool) -> PassageList:
        """By the days of their briefings, those of a day in the order they have."""
        days = self.snapshot.first_day[self.rows]
        order = np.argsort(-days if newest_first else days, kind="stable")
        return PassageList(self.snapshot, self.rows[order])

    def first_of_each_briefing(self) -> PassageList:
        """The first passage of each briefing."""
        _, firsts = np.unique(self.snapshot.briefing.of[self.rows], return_index=True)
        return PassageList(self.snapshot, self.rows[np.sort(firsts)])

    def by_briefing(self) -> list[PassageList]:
        """The passages of each briefing, in the order of each briefing's first."""
        of = self.snapshot.briefing.of[self.rows]
        order = np.argsort(of, kind="stable")
        bounds = np.flatnonzero(np.diff(of[order])) + 1
        groups = np.split(self.rows[order], bounds) if len(order) else []
        places = np.split(order, bounds) if len(order) else []
        ordered = sorted(zip(places, groups, strict=True), key=lambda each: int(each[0][0]))
        return [PassageList(self.snapshot, rows) for _, rows in ordered]


@dataclass(frozen=True, slots=True)
class Ranking(PassageList):
    """Passages with their scores, best first."""

    scores: NDArray[np.float64]

    @staticmethod
    def nothing(snapshot: Snapshot) -> Ranking:
        return Ranking(snapshot, np.zeros(0, np.intp), np.zeros(0, np.float64))

    @staticmethod
    def best_first(snapshot: Snapshot, ids: Sequence[str], scores: NDArray[np.float64]) -> Ranking:
        """Live passages by their scores; of equal ones the one that came in earlier goes first."""
        rows = snapshot.rows_of(ids)
        order = np.lexsort((rows, -scores))
        return Ranking(snapshot, rows[order], scores[order])

    def head(self, limit: int) -> Ranking:
        """The best of them."""
        return Ranking(self.snapshot, self.rows[:limit], self.scores[:limit])

    def among(self, selection: Selection) -> Ranking:
        """Those of them that are selected."""
        kept = selection.mask[self.rows]
        return Ranking(self.snapshot, self.rows[kept], self.scores[kept])

    def then(self, others: PassageList) -> Ranking:
        """These, and after them the others that aren't among them, with a score of 0."""
        rest = others.rows[~np.isin(others.rows, self.rows)]
        return Ranking(
            self.snapshot,
            np.concatenate((self.rows, rest)),
            np.concatenate((self.scores, np.zeros(len(rest)))),
        )

    def united(self, other: PassageList) -> list[str]:
        """The ids of the passages of either, in the order they came in."""
        return [self.snapshot.ids[row] for row in np.union1d(self.rows, other.rows).tolist()]

    def rank_of(self, passage_id: str) -> int | None:
        """A passage's rank, from 1; None where it wasn't found."""
        found = np.flatnonzero(self.rows == self.snapshot.row_of.get(passage_id, -1))
        return int(found[0]) + 1 if len(found) else None

    def scores_of(self, ids: Sequence[str]) -> NDArray[np.float64]:
        """The scores of live passages, 0 for one that wasn't found."""
        scores = np.zeros(len(self.snapshot))
        scores[self.rows] = self.scores
        return scores[self.snapshot.rows_of(ids)]

    def holds(self, ids: Sequence[str]) -> Mask:
        """Of each of these live passages whether it was found."""
        return np.isin(self.snapshot.rows_of(ids), self.rows)

"""All that one generation of the archive holds for reading, immutable, passed down a request.

Passages are kept column by column, on whose rows filters, facets and both indexes work: at 100,000
passages some 20 MB, and a filter or all facets take a millisecond. Rows are known to `store/` and
`index/` only; the rooms above take and give ids. What is worked out from the passages, such as the
counts of words, is kept with them and goes when they go.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from archive.records import Filter, as_number
from archive.store.records import CoverageStatement, Facet, Facets

T = TypeVar("T")

Rows = NDArray[np.intp]
"""Row numbers of passages."""
Mask = NDArray[np.bool_]
"""Which rows are meant."""
_MOST_DERIVED = 2000
"""Things worked out that are kept: most are counts of words, the largest a storyline's text."""
_ROOM = 10
"""Room is kept for one vector more in so many."""


@dataclass(frozen=True, slots=True)
class Column:
    """A text of each row: its values, and which of them a row has."""

    values: tuple[str, ...]
    of: NDArray[np.int32]

    @staticmethod
    def make(texts: Iterable[str]) -> Column:
        """The column of these texts, one a row."""
        places: dict[str, int] = {}
        of = [places.setdefault(text, len(places)) for text in texts]
        return Column(tuple(places), np.array(of, dtype=np.int32))

    def followed_by(self, later: Column) -> Column:
        """The column with the rows of another after its own."""
        places = {value: place for place, value in enumerate(self.values)}
        of = np.array([places.setdefault(value, len(places)) for value in later.values], np.int32)
        return Column(tuple(places), np.concatenate((self.of, of[later.of] if len(of) else of)))

    def mask(self, wanted: Sequence[bool]) -> Mask:
        """The rows whose value is wanted; `wanted` says so of each value."""
        chosen: Mask = np.array(wanted, dtype=np.bool_)
        return chosen[self.of] if len(chosen) else np.zeros(0, dtype=np.bool_)

    def distinct(self, rows: Rows) -> int:
        """How many values occur in these rows."""
        return int(np.count_nonzero(np.bincount(self.of[rows], minlength=1)))

    def count(self, rows: Rows) -> list[Facet]:
        """How often each value occurs in these rows, those that don't left out."""
        counts = np.bincount(self.of[rows], minlength=len(self.values))
        return [Facet(self.values[place], int(counts[place])) for place in np.flatnonzero(counts)]


class Derived:
    """What was worked out from a snapshot, the last used kept; threads may ask at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[Hashable, tuple[threading.RLock, list[Any]]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for each key as long as it is kept."""
        with self._lock:
            lock, made = self._made.setdefault(key, (threading.RLock(), []))
            self._made.move_to_end(key)
            if len(self._made) > _MOST_DERIVED:
                self._made.popitem(last=False)
        if not made:
            with lock:
                if not made:
                    made.append(make())
        value: T = made[0]
        return value


class VectorRows:
    """The vectors of a snapshot's passages, and of those of the snapshots that it grows into.

    They are read when asked for, later ones put after those known, in place where there is room:
    copying 100,000 takes .3 s.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room: NDArray[np.float32] | None = None
        self._known = 0

    def first(self, count: int, read: Callable[[int], NDArray[np.float32]]) -> NDArray[np.float32]:
        """The first vectors, (count, dimension); `read` gives those from a row on."""
        with self._lock:
            if self._room is None or self._known < count:
                self._append(read(self._known))
            assert self._room is not None
            return self._room[:count]

    def _append(self, later: NDArray[np.float32]) -> None:
        total = self._known + len(later)
        if self._room is None or not self._known:
            self._room = later
        else:
            if len(self._room) < total:
                room = np.empty((total + total // _ROOM, later.shape[1]), np.float32)
                room[: self._known] = self._room[: self._known]
                self._room = room
            self._room[self._known : total] = later
        self._known = total


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All live passages in the order they came in; a passage's row is its place among them."""

    generation: int
    """The catalogue's, by which it is told whether this is still what can be found."""
    rewrites: int
    """The catalogue's: with the same number, these are the first of those of a later generation."""
    ids: tuple[str, ...]
    keys: NDArray[np.int64]
    """The catalogue's number of each passage, ascending."""
    briefing: Column
    """Ids of briefings; the columns below are of passages too."""
    series: Column
    title: Column
    issuer: Column
    date: Column
    """ISO, of a day or a month."""
    month: Column
    first_day: NDArray[np.int32]
    last_day: NDArray[np.int32]
    """Days as integers YYYYMMDD."""
    topics: dict[str, Rows]
    """The rows of each topic."""
    row_of: dict[str, int]
    vectors: VectorRows = field(default_factory=VectorRows)
    derived: Derived = field(default_factory=Derived)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, passage_id: object) -> bool:
        return passage_id in self.row_of

    @property
    def last_key(self) -> int:
        """The catalogue's number of the passage that came in last; 0 where there is none."""
        return int(self.keys[-1]) if len(self) else 0

    def followed_by(self, later: Snapshot) -> Snapshot:
        """The passages and, after them, those that came in later, of whose generation it is."""
        topics = dict(self.topics)
        for topic, rows in later.topics.items():
            topics[topic] = np.concatenate((topics.get(topic, rows[:0]), rows + len(self)))
        row_of = {passage_id: len(self) + row for passage_id, row in later.row_of.items()}
        return Snapshot(
            generation=later.generation,
            rewrites=later.rewrites,
            ids=self.ids + later.ids,
            keys=np.concatenate((self.keys, later.keys)),
            briefing=self.briefing.followed_by(later.briefing),
            series=self.series.followed_by(later.series),
            title=self.title.followed_by(later.title),
            issuer=self.issuer.followed_by(later.issuer),
            date=self.date.followed_by(later.date),
            month=self.month.followed_by(later.month),
            first_day=np.concatenate((self.first_day, later.first_day)),
            last_day=np.concatenate((self.last_day, later.last_day)),
            topics=topics,
            row_of=self.row_of | row_of,
            vectors=self.vectors,
        )

    def allowed(self, where: Filter) -> Mask:
        """The passages a filter leaves."""
        mask = np.ones(len(self), dtype=np.bool_)
        if where.since:
            mask &= self.last_day >= as_number(where.since)
        if where.until:
            mask &= self.first_day <= as_number(where.until)
        if where.series:
            mask &= self.series.mask([value == where.series for value in self.series.values]) | (
                self.title.mask([value == where.series for value in self.title.values])
            )
        if where.issuer:
            mask &= self.issuer.mask([where.issuer in value for value in self.issuer.values])
        if where.topics:
            mask &= self.mask_of(self.topics[t] for t in where.topics if t in self.topics)
        return mask

    def has_briefing(self, briefing_id: str) -> bool:
        """Whether a briefing can be found."""
        return briefing_id in self.briefing.values

    def briefing_ids(self, where: Filter) -> frozenset[str]:
        """The briefings that a filter leaves a passage of."""
        of = np.unique(self.briefing.of[self.allowed(where)])
        return frozenset(self.briefing.values[code] for code in of)

    def facets_within(self, where: Filter) -> Facets:
        """How the passages that a filter leaves spread."""
        return self.facets(np.flatnonzero(self.allowed(where)))

    def coverage(self, where: Filter) -> CoverageStatement:
        """How many briefings a filter leaves, from when to when."""
        rows = np.flatnonzero(self.allowed(where))
        dates = [self.date.values[code] for code in np.unique(self.date.of[rows])]
        return CoverageStatement(
            briefings=self.briefing.distinct(rows),
            since=min(dates, default=None),
            until=max(dates, default=None),
            newest_evidence=None,
        )

    def rows_of(self, ids: Iterable[str]) -> Rows:
        """The rows of these passages, those that aren't live left out."""
        return np.array([self.row_of[i] for i in ids if i in self.row_of], np.intp)

    def mask_of(self, groups: Iterable[Rows]) -> Mask:
        """The rows of any of these groups."""
        mask = np.zeros(len(self), dtype=np.bool_)
        for rows in groups:
            mask[rows] = True
        return mask

    def rows(self, keys: NDArray[np.int64]) -> Rows:
        """The rows of the catalogue's numbers; -1 for a passage that isn't live."""
        if not len(self):
            return np.full(len(keys), -1, dtype=np.intp)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self) - 1)
        return np.where(self.keys[places] == keys, places, -1)

    def facets(self, rows: Rows) -> Facets:
        """How many of these passages each month, topic and issuer has."""
        found = self.mask_of([rows])
        topics = [Facet(name, int(found[of].sum())) for name, of in self.topics.items()]
        return Facets(
            months=tuple(sorted(self.month.count(rows), key=lambda month: month.value)),
            topics=_most_first(topics),
            issuers=_most_first(self.issuer.count(rows)),
        )


def _most_first(facets: Iterable[Facet]) -> tuple[Facet, ...]:
    return tuple(sorted((f for f in facets if f.count), key=lambda facet: -facet.count))

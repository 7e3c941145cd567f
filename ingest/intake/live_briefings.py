"""The live briefings that a file is held against before it is taken in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from archive.chinese.minhash import NEARLY_ALL, agreement, minhash_of
from archive.records import Briefing, BriefingCard, day_range, days_covered
from archive.store.catalog import Catalog

_OTHERS = 4
"""So many issues tell what a series prints every day."""


@dataclass(frozen=True, slots=True)
class LiveBriefings:
    """Those of the catalogue, as they are or as what a dry run has planned would leave them."""

    catalog: Catalog | None
    _planned: dict[str, tuple[Briefing, bytes]] = field(default_factory=dict)
    _replaced: set[str] = field(default_factory=set)

    def plan(self, briefing: Briefing, replaces: str | None) -> None:
        """Have what follows held against a briefing as if it had been taken in."""
        if replaces:
            self._replaced.add(replaces)
        opening = [page for page in briefing.pages if page.text.strip()][:1]  # the rest isn't asked
        kept = replace(briefing, pages=tuple(opening), references=())
        self._planned[briefing.id] = kept, _sketch(briefing)

    def of_its_day(self, briefing: Briefing) -> list[Briefing]:
        """Those of its series and date, by id."""
        ids = (
            self.catalog.briefings.of_issue(briefing.series, briefing.date) if self.catalog else []
        )
        planned = (
            other.id
            for other, _ in self._planned.values()
            if (other.series, other.date) == (briefing.series, briefing.date)
        )
        return list(self._read(sorted({*ids, *planned})))

    def of_other_days(self, briefing: Briefing, but_for: Collection[str]) -> list[Briefing]:
        """The nearest issues of its series of other days, but for those of some ids."""
        first, last = day_range(briefing.date)
        days = [
            (issue.first, issue.last, issue.briefing_id)
            for issue in (self.catalog.briefings.issues() if self.catalog else ())
            if issue.series == briefing.series
        ]
        days += [
            (*days_covered(other.date, other.dates), other.id)
            for other, _ in self._planned.values()
            if other.series == briefing.series
        ]
        apart = sorted(
            (max((begin - last).days, (first - end).days), key)
            for begin, end, key in days
            if (begin > last or end < first) and key not in {*but_for, *self._replaced}
        )
        return list(self._read(key for _, key in apart[:_OTHERS]))

    def nearly_identical(self, briefing: Briefing) -> list[BriefingCard]:
        """Those of other days whose text largely agrees with this one's, by day."""
        cards = self.catalog.briefings.nearly_identical(briefing) if self.catalog else []
        first, last = day_range(briefing.date)
        sketch = _sketch(briefing)
        for other, sketched in self._planned.values():
            begin, end = day_range(other.date)
            is_apart = bool(sketch and sketched) and (end < first or begin > last)
            if is_apart and agreement(sketch, sketched)[0] >= NEARLY_ALL:
                cards.append(BriefingCard(other.id, other.title, other.issuer, other.date))
        live = (card for card in cards if card.id not in self._replaced)
        return sorted(live, key=lambda card: (day_range(card.date)[0], card.id))

    def _read(self, ids: Iterable[str]) -> Iterator[Briefing]:
        for key in ids:
            if key in self._planned and key not in self._replaced:
                yield self._planned[key][0]
            elif (
                self.catalog
                and key not in self._replaced
                and (stored := self.catalog.briefings.find(key))
            ):
                yield stored.briefing


def _sketch(briefing: Briefing) -> bytes:
    return minhash_of("".join(section.text for section in briefing.sections))

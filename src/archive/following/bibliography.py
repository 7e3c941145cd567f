"""The archive's 参考文献 as one: outlets, items cited again and again, what rests on each.

Entries of several briefings are one item when they are of one outlet, of the same day or the next,
and have much the same title.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from archive.chinese.search_form import squeezed
from archive.chinese.text import sentences
from archive.evidence.sources import outlet_key, sources_of
from archive.following.records import Citing, Outlet, SourceItem
from archive.records import BriefingCard, Passage, Reference, day_range
from archive.store.records import Facet

_ALIKE = 0.8
"""The share of their pairs of characters that two titles of one item have in common."""
_UNDATED = -10
NO_OUTLET = "（未注明）"

Entry = tuple[BriefingCard, Reference]


def items(entries: Iterable[Entry]) -> list[SourceItem]:
    """The items that entries of 参考文献 name, in the order they were first cited."""
    # By outlet and day, so that an entry is compared with few others.
    groups: dict[tuple[str, int], list[list[Entry]]] = {}
    for entry in sorted(entries, key=lambda e: (e[0].date, e[0].id, e[1].number)):
        reference = entry[1]
        outlet = outlet_key(reference.outlet)
        day = day_range(reference.date)[0].toordinal() if reference.date else _UNDATED
        near = (groups.get((outlet, day + by), []) for by in (0, -1, 1))
        own = next((g for of in near for g in of if _is_one(g[0][1], reference)), None)
        if own is None:
            groups.setdefault((outlet, day), []).append([entry])
        else:
            own.append(entry)
    made = [_item(group) for of_day in groups.values() for group in of_day]
    return sorted(made, key=lambda item: (item.first, item.citing[0].number))


def outlets(found: Sequence[SourceItem]) -> list[Outlet]:
    """The outlets of items, those cited most first."""
    of: dict[str, list[SourceItem]] = {}
    for item in found:
        of.setdefault(outlet_key(item.outlet), []).append(item)
    made = []
    for own in of.values():
        citing = [citing for item in own for citing in item.citing]
        dates = sorted(each.briefing.date for each in citing)
        months: dict[str, int] = {}
        for date in dates:
            months[date[:7]] = months.get(date[:7], 0) + 1
        made.append(
            Outlet(
                name=_usual([item.outlet for item in own]) or NO_OUTLET,
                items=len(own),
                citations=len(citing),
                briefings=len({each.briefing.id for each in citing}),
                first=dates[0],
                last=dates[-1],
                months=tuple(Facet(month, count) for month, count in months.items()),
            )
        )
    return sorted(made, key=lambda outlet: (-outlet.citations, outlet.name))


def matching(found: Iterable[SourceItem], words: str, outlet: str | None) -> list[SourceItem]:
    """The items of an outlet, by any of its names, that hold every word given."""
    wanted = [squeezed(word) for word in words.split()]
    key = outlet_key(outlet) if outlet is not None else None
    return [
        item
        for item in found
        if (key is None or outlet_key(item.outlet) == key or key in squeezed(item.outlet))
        and all(word in squeezed(f"{item.outlet} {item.date} {item.title}") for word in wanted)
    ]


def resting(
    passages: Sequence[Passage], references: Sequence[Reference], number: int
) -> Iterator[tuple[Passage, int, int]]:
    """The sentences of a briefing's passages that rest on one of its references."""
    before: dict[tuple[str, ...], str] = {}
    for passage in passages:
        told = before.get(passage.section.path, "")
        for first, last in sentences(passage.text):
            named = sources_of(passage, first, last, references, told)
            if any(reference.number == number for reference in named):
                text = passage.text[first:last]
                start = first + len(text) - len(text.lstrip())
                yield passage, start, last - len(text) + len(text.rstrip())
        before[passage.section.path] = told + passage.text


def _item(group: Sequence[Entry]) -> SourceItem:
    reference = group[0][1]
    name = f"{outlet_key(reference.outlet)}|{reference.date}|{squeezed(reference.title)}"
    return SourceItem(
        id="r-" + hashlib.sha256(name.encode()).hexdigest()[:10],
        outlet=_usual([entry.outlet for _, entry in group]),
        date=reference.date,
        title=reference.title,
        citing=tuple(Citing(briefing, entry.number) for briefing, entry in group),
    )


def _is_one(one: Reference, other: Reference) -> bool:
    """Whether two entries of an outlet and of about one day are of one item."""
    mine, yours = squeezed(one.title), squeezed(other.title)
    if mine == yours:
        return True
    pairs = [{text[at : at + 2] for at in range(len(text) - 1)} for text in (mine, yours)]
    return len(pairs[0] & pairs[1]) >= _ALIKE * max(1, len(pairs[0] | pairs[1]))


def _usual(names: Sequence[str]) -> str:
    """The name given most, of several the first."""
    return max(dict.fromkeys(names), key=names.count)

"""From rows found to results as they are shown: text, highlights, snippet, why it was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.chinese.search_form import Findable
from archive.index.segmenter import Word
from archive.records import Passage
from archive.search.records import BriefingGroup, Result
from archive.search.search import Found
from archive.search.snippet import best_stretch
from archive.store.catalog import Catalog
from archive.store.snapshot import Rows, Snapshot

MOST_OF_A_BRIEFING = 3
"""How many passages of a briefing are shown where results are grouped."""


def make_results(
    shown: Sequence[tuple[int, int]],
    found: Found,
    words: Sequence[Word],
    snapshot: Snapshot,
    catalog: Catalog,
) -> list[Result]:
    """The results of these rows, each given with its rank; one removed meanwhile is left out."""
    passages = {p.id: p for p in catalog.passages.get([snapshot.ids[row] for _, row in shown])}
    return [
        _result(rank, row, passages[snapshot.ids[row]], found, words)
        for rank, row in shown
        if snapshot.ids[row] in passages
    ]


def _result(rank: int, row: int, passage: Passage, found: Found, words: Sequence[Word]) -> Result:
    text = Findable.make(passage.text)
    around = Findable.make(" ".join((passage.briefing.title, *passage.section.path)))
    hits = [_places(text, word.forms) for word in words]
    # Where a word as a whole doesn't stand, the shorter words in it may.
    marks = [own or _places(text, word.parts) for word, own in zip(words, hits, strict=True)]
    return Result(
        rank=rank,
        score=round(found.score(row), 6),
        keyword_rank=found.keyword_ranks.get(row),
        semantic_rank=found.semantic_ranks.get(row),
        passage=passage,
        highlights=merged(sorted(place for own in marks for place in own)),
        snippet=best_stretch(passage.text, marks),
        hits=tuple(dict.fromkeys(hit for word in words for hit in _held(word, text, around))),
    )


def _held(word: Word, *texts: Findable) -> Iterator[str]:
    """The word, or else the shorter words in it, where any of the texts holds them."""
    if any(_places(text, word.forms) for text in texts):
        yield word.text
        return
    yield from (part for part in word.parts if any(text.places(part) for text in texts))


def _places(text: Findable, forms: Sequence[str]) -> list[tuple[int, int]]:
    return [place for form in forms for place in text.places(form)]


def merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Half-open ranges in order, those that touch joined."""
    joined: list[tuple[int, int]] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def group_rows(rows: Rows, snapshot: Snapshot) -> list[list[int]]:
    """The rows found, those of one briefing together, in the order of each briefing's best."""
    groups: dict[int, list[int]] = {}
    for row, briefing in zip(rows.tolist(), snapshot.briefing.of[rows].tolist(), strict=True):
        groups.setdefault(briefing, []).append(row)
    return list(groups.values())


def make_groups(
    members: Sequence[Sequence[int]], results: Sequence[Result], snapshot: Snapshot
) -> tuple[BriefingGroup, ...]:
    """Each briefing with those of its rows that were made into results."""
    made = {result.passage.id: result for result in results}
    groups = []
    for rows in members:
        own = tuple(made[snapshot.ids[row]] for row in rows if snapshot.ids[row] in made)
        if own:
            groups.append(BriefingGroup(own[0].passage.briefing, len(rows), own))
    return tuple(groups)

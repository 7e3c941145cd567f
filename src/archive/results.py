"""From rows found to results as they are shown: text, highlights, snippet, why it was found."""

from __future__ import annotations

from collections.abc import Sequence

from archive.catalog import Catalog
from archive.keyword_index import Word
from archive.live import LivePassages, Rows
from archive.records import BriefingGroup, Passage, Result
from archive.search import Found
from archive.search_form import places
from archive.snippet import best_stretch

MOST_OF_A_BRIEFING = 3
"""How many passages of a briefing are shown where results are grouped."""


def make_results(
    shown: Sequence[tuple[int, int]],
    found: Found,
    words: Sequence[Word],
    live: LivePassages,
    catalog: Catalog,
) -> list[Result]:
    """The results of these rows, each given with its rank; one removed meanwhile is left out."""
    passages = {p.id: p for p in catalog.passages([live.ids[row] for _, row in shown])}
    return [
        _result(rank, row, passages[live.ids[row]], found, words)
        for rank, row in shown
        if live.ids[row] in passages
    ]


def _result(rank: int, row: int, passage: Passage, found: Found, words: Sequence[Word]) -> Result:
    hits = [_places(word, passage.text) for word in words]
    around = " ".join((passage.briefing.title, *passage.section.path))
    held = [
        word.text for word, own in zip(words, hits, strict=True) if own or _places(word, around)
    ]
    parts = [
        [place for part in word.parts for place in places(part, passage.text)]
        for word, own in zip(words, hits, strict=True)
        if not own
    ]
    marked = sorted(place for own in (*hits, *parts) for place in own)
    return Result(
        rank=rank,
        score=round(found.score(row), 6),
        keyword_rank=found.keyword_ranks.get(row),
        semantic_rank=found.semantic_ranks.get(row),
        passage=passage,
        highlights=merged(marked),
        snippet=best_stretch(passage.text, [*hits, *parts]),
        hits=tuple(held),
    )


def _places(word: Word, text: str) -> list[tuple[int, int]]:
    return [place for form in word.forms for place in places(form, text)]


def merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Half-open ranges in order, those that touch joined."""
    joined: list[tuple[int, int]] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def group_rows(rows: Rows, live: LivePassages) -> list[list[int]]:
    """The rows found, those of one briefing together, in the order of each briefing's best."""
    groups: dict[int, list[int]] = {}
    for row, briefing in zip(rows.tolist(), live.briefing.of[rows].tolist(), strict=True):
        groups.setdefault(briefing, []).append(row)
    return list(groups.values())


def make_groups(
    members: Sequence[Sequence[int]], results: Sequence[Result], live: LivePassages
) -> tuple[BriefingGroup, ...]:
    """Each briefing with those of its rows that were made into results."""
    made = {result.passage.id: result for result in results}
    groups = []
    for rows in members:
        own = tuple(made[live.ids[row]] for row in rows if live.ids[row] in made)
        if own:
            groups.append(BriefingGroup(own[0].passage.briefing, len(rows), own))
    return tuple(groups)

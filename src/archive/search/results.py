"""From passages found to results as they are shown: text, highlights, snippet, why it was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.chinese.search_form import Findable
from archive.index.segmenter import Word
from archive.records import Passage
from archive.search.records import BriefingGroup, Result
from archive.search.search import Found
from archive.search.snippet import best_stretch
from archive.store.catalog import Catalog

MOST_OF_A_BRIEFING = 3
"""How many passages of a briefing are shown where results are grouped."""


def make_results(
    shown: Sequence[tuple[int, str]],
    found: Found,
    words: Sequence[Word],
    catalog: Catalog,
) -> list[Result]:
    """The results of passages given with their ranks; one removed meanwhile is left out."""
    ids = [passage_id for _, passage_id in shown]
    scores = found.ranking.scores_of(ids).tolist()
    passages = {p.id: p for p in catalog.passages.get(ids)}
    return [
        _result(rank, score, passages[passage_id], found, words)
        for (rank, passage_id), score in zip(shown, scores, strict=True)
        if passage_id in passages
    ]


def _result(
    rank: int, score: float, passage: Passage, found: Found, words: Sequence[Word]
) -> Result:
    text = Findable.make(passage.text)
    around = Findable.make(" ".join((passage.briefing.title, *passage.section.path)))
    hits = [_places(text, word.forms) for word in words]
    # Where a word as a whole doesn't stand, the shorter words in it may.
    marks = [own or _places(text, word.parts) for word, own in zip(words, hits, strict=True)]
    return Result(
        rank=rank,
        score=round(score, 6),
        keyword_rank=found.by_word.rank_of(passage.id),
        semantic_rank=found.by_meaning.rank_of(passage.id),
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


def make_groups(
    members: Sequence[Sequence[str]], results: Sequence[Result]
) -> tuple[BriefingGroup, ...]:
    """Each briefing with those of its passages that were made into results."""
    made = {result.passage.id: result for result in results}
    groups = []
    for ids in members:
        own = tuple(made[passage_id] for passage_id in ids if passage_id in made)
        if own:
            groups.append(BriefingGroup(own[0].passage.briefing, len(ids), own))
    return tuple(groups)

"""How well each kind of search finds the right passage, ours beside what one would else assemble.

python -m benchmarks.retrieval cmrc|news|samples [--data FOLDER] [--split tune|held_out]
    [--no-peers] [--failures]

`cmrc` and `news` need the public data in FOLDER (see `benchmarks.corpora`) and keep its vectors
(see `benchmarks.vector_cache`); `samples` is the sample archive with the queries judged in
`benchmarks/queries`. The peers need the extra `peers`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.index.encoder import open_encoder
from archive.index.query import plain_query
from archive.records import NO_FILTER, Mode
from archive.search.fusion import fuse
from benchmarks.build import Built, temporary
from benchmarks.corpora import Corpus, Question, cmrc2018, news, sample_archive
from benchmarks.measures import DEPTH, NAMES, estimate, measure
from benchmarks.vector_cache import CachedEncoder

MODES: tuple[Mode, ...] = ("keyword", "semantic", "hybrid")
_FOLDS = 5
_WEIGHTS = (10.0, 14.0, 20.0)
_ENOUGH = (0.3, 0.5, 0.7)
_CANDIDATES = 200

Ranker = Callable[[Question], Sequence[str]]
Values = NDArray[np.float64]
"""Measures, (questions, measures)."""


def main() -> None:
    """Measure all systems on one set of data and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=["cmrc", "news", "samples"])
    parser.add_argument("--data", type=Path, help="the folder with the public data")
    parser.add_argument(
        "--split", choices=["tune", "held_out"], help="half of the samples' queries"
    )
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--failures", action="store_true", help="list what isn't in the first 5")
    arguments = parser.parse_args()
    if arguments.set != "samples" and arguments.data is None:
        sys.exit("give the folder with the public data by --data")
    with _opened(arguments) as (corpus, built):
        rankers: dict[str, Ranker] = {mode: _ours(built, mode) for mode in MODES}
        if not arguments.no_peers:
            rankers |= _peers(corpus, built)
        values = {name: _measured(corpus, ranker) for name, ranker in rankers.items()}
        print(f"{corpus.name}: {len(corpus.passages)} passages, {len(corpus.questions)} questions")
        if arguments.set == "samples":
            _print_classes(corpus, values["hybrid"])
        else:
            listed = [_scores(built, question) for question in corpus.questions]
            values |= _other_fusions(corpus, listed)
            values["hybrid, cross-validated"] = _cross_validated(corpus, listed)
        _print_table(corpus, values)
        if arguments.failures:
            _print_failures(corpus, rankers["hybrid"], values["hybrid"])


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[tuple[Corpus, Built]]:
    if arguments.set == "samples":
        with sample_archive(arguments.split) as opened:
            yield opened
        return
    corpus = {"cmrc": cmrc2018, "news": news}[arguments.set](arguments.data)
    with temporary(corpus.passages, CachedEncoder(open_encoder(None))) as built:
        yield corpus, built


def _ours(built: Built, mode: Mode) -> Ranker:
    def rank(question: Question) -> list[str]:
        page = built.archive.search_page(
            question.text,
            mode=mode,
            limit=DEPTH,
            today=question.today,
            infer_dates=question.today is not None,
        )
        return [result.passage.id for result in page.results]

    return rank


def _peers(corpus: Corpus, built: Built) -> dict[str, Ranker]:
    from benchmarks.peers import PEERS

    def ranker(peer: Callable[..., object]) -> tuple[str, Ranker]:
        made = peer(corpus.passages, built.encoder)
        return made.name, lambda question: made.rank(question.text, DEPTH)  # type: ignore[attr-defined]

    return dict(map(ranker, PEERS))


def _measured(corpus: Corpus, ranker: Ranker) -> Values:
    return np.array([measure(ranker(question), question.grades) for question in corpus.questions])


# --- fusions over the same two rankings ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scores:
    """What both indexes say of a question's candidates."""

    ids: list[str]
    keyword: Values
    cosine: Values
    expected: float

    def ranked(self, fused: Values) -> list[str]:
        return [self.ids[at] for at in np.argsort(-fused, kind="stable")[:DEPTH]]


def _scores(built: Built, question: Question) -> _Scores:
    query = plain_query(question.text)
    selection = built.keyword_index.select(built.catalog.snapshot(), query, NO_FILTER)
    by_word = built.keyword_index.rank(query, selection, _CANDIDATES)
    vector = built.vector_index.encode(query)
    by_meaning = built.vector_index.rank_vector(vector, selection, _CANDIDATES)
    ids = by_word.united(by_meaning)
    return _Scores(
        ids,
        by_word.scores_of(ids),
        built.vector_index.cosines(vector, selection.snapshot, ids),
        built.keyword_index.expected_score(selection.snapshot, query),
    )


def _other_fusions(corpus: Corpus, listed: Sequence[_Scores]) -> dict[str, Values]:
    """The usual fusions, each with the weight that is best for it on these very questions."""
    best: dict[str, Values] = {}
    normalised = {"rank fusion (k 60)": _reciprocal_ranks, "min-max": _min_max, "z-score": _z}
    for name, normal in normalised.items():
        tried = {
            weight: _fused(corpus, listed, partial(_weighted, normal, weight))
            for weight in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
        }
        reached = {weight: float(values[:, 3].mean()) for weight, values in tried.items()}
        weight = max(reached, key=lambda tried_weight: reached[tried_weight])
        best[f"{name}, weight {weight:.1f}"] = tried[weight]
    return best


def _cross_validated(corpus: Corpus, listed: Sequence[_Scores]) -> Values:
    """Ours, both parameters chosen on the other folds; a passage's questions share a fold."""
    grid = {
        (weight, enough): _fused(corpus, listed, partial(_our_fusion, weight, enough))
        for weight, enough in product(_WEIGHTS, _ENOUGH)
    }
    groups = sorted({question.group for question in corpus.questions})
    shuffled = np.random.default_rng(0).permutation(len(groups))
    fold_of = {groups[at]: number % _FOLDS for number, at in enumerate(shuffled)}
    folds = np.array([fold_of[question.group] for question in corpus.questions])
    values = np.empty((len(folds), len(NAMES)))
    for fold in range(_FOLDS):
        outside = folds != fold
        chosen = max(grid, key=lambda key: grid[key][outside, 3].mean())
        print(f"fold {fold}: weight {chosen[0]:g}, enough {chosen[1]:g}")
        values[~outside] = grid[chosen][~outside]
    return values


def _fused(
    corpus: Corpus, listed: Sequence[_Scores], fusion: Callable[[_Scores], Values]
) -> Values:
    return np.array(
        [
            measure(scores.ranked(fusion(scores)), question.grades)
            for scores, question in zip(listed, corpus.questions, strict=True)
        ]
    )


def _our_fusion(weight: float, enough: float, scores: _Scores) -> Values:
    return fuse(scores.keyword, scores.cosine, scores.expected, weight=weight, enough=enough)


def _weighted(normal: Callable[[Values], Values], weight: float, scores: _Scores) -> Values:
    return (1 - weight) * normal(scores.keyword) + weight * normal(scores.cosine)


def _min_max(scores: Values) -> Values:
    scaled: Values = (scores - scores.min()) / (np.ptp(scores) or 1.0)
    return scaled


def _z(scores: Values) -> Values:
    scaled: Values = (scores - scores.mean()) / (scores.std() or 1.0)
    return scaled


def _reciprocal_ranks(scores: Values) -> Values:
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1 / (60 + ranks)


# --- what is printed -----------------------------------------------------------------------------


def _print_table(corpus: Corpus, values: dict[str, Values]) -> None:
    groups = [question.group for question in corpus.questions]
    print("\nmean and 95 % interval (bootstrap by passage, 2,000 resamples)")
    for name, own in values.items():
        means = (estimate(own[:, at], groups) for at in range(len(NAMES)))
        print(f"{name:32}", *(f"{n} {e}" for n, e in zip(NAMES, means, strict=True)), sep="  ")
    print("\nhybrid minus the other, paired bootstrap; * below 0 beyond the interval")
    for name, own in values.items():
        if name == "hybrid":
            continue
        differences = values["hybrid"] - own
        shown = []
        for at, measured in enumerate(NAMES):
            found = estimate(differences[:, at], groups)
            mark = "*" if found.high < 0 else ""
            shown.append(
                f"{measured} {found.mean:+.4f} [{found.low:+.4f}, {found.high:+.4f}]{mark}"
            )
        print(f"{name:32}", *shown, sep="  ")


def _print_classes(corpus: Corpus, values: Values) -> None:
    print("\nhybrid by class")
    classes = np.array([question.kind for question in corpus.questions])
    for kind in dict.fromkeys(classes.tolist()):
        own = values[classes == kind]
        means = "  ".join(f"{name} {own[:, at].mean():.3f}" for at, name in enumerate(NAMES))
        print(f"{kind:12} {len(own):3}  {means}")


def _print_failures(corpus: Corpus, ranker: Ranker, values: Values) -> None:
    print("\nwhat hybrid search doesn't find among the first 5")
    for question, own in zip(corpus.questions, values, strict=True):
        if not own[1]:
            print(f"{question.kind} {question.text!r}")
            for found in ranker(question)[:3]:
                print(f"    found  {corpus.passages[found][:70]!r}")
            best = max(question.grades.values())
            for wanted, grade in question.grades.items():
                if grade == best:
                    print(f"    wanted {corpus.passages[wanted][:70]!r}")


if __name__ == "__main__":
    main()

"""Have we covered this? python -m benchmarks.coverage [--split tune|held_out] [--home DIR]

384 draft paragraphs over the sample archive (`queries/drafts.json`), written by eight assessors who
saw neither the code nor each other's: verbatim, reworded, the same matter with new figures, the
same topic but another matter, unrelated; README.md says when which were first seen. A change found
is right when the assessor listed these two figures. `--grown` holds each passage of the archive
against the briefings before its own instead (`queries/grown.json`: what two readers say changed).
`--fit` learns the weights of `archive.following.changes` on both and prints them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from archive import Archive, Filter, Settings
from archive.chinese.figure import agree
from archive.chinese.figures import find_figures
from archive.chinese.search_form import squeezed
from archive.following import sentence_comparison
from archive.following.changes import WEIGHTS, FigurePair, FoundChange, figure_pairs, find_changes
from archive.following.records import Change, CoveredPart
from archive.following.similarity import Tokenise
from archive.records import ABSTRACT_TITLE, NO_FILTER, Passage, day_range
from benchmarks.corpora import ingested_samples

QUERIES = Path(__file__).parent / "queries"
ACCURACY, NAMED, PRECISION, RECALL = 0.9, 0.95, 0.95, 0.9


@dataclass(frozen=True, slots=True)
class Draft:
    """A paragraph with what readers say of it; `changed` are pairs of old and new."""

    id: str
    kind: str
    status: str
    text: str
    earlier: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    split: str


def drafts(split: str | None = None) -> list[Draft]:
    """The drafts of a half, or all."""
    return [
        Draft(
            row["id"], row["kind"], row["status"], row["text"], tuple(row["earlier"]),
            tuple((change["old"], change["new"]) for change in row["changed"]), row["split"],
        )
        for row in json.loads((QUERIES / "drafts.json").read_text(encoding="utf-8"))
        if split in (None, row["split"])
    ]  # fmt: skip


def grown(archive: Archive) -> list[tuple[Draft, Filter]]:
    """Each passage but those of abstracts, as a draft held against the briefings before its own."""
    changed: dict[str, list[tuple[str, str]]] = {}
    for row in json.loads((QUERIES / "grown.json").read_text(encoding="utf-8")):
        changed.setdefault(row["passage"], []).append((row["old"], row["new"]))
    return [
        (
            Draft(
                passage.id, "grown", "", passage.text, (), tuple(changed.get(passage.id, ())), ""
            ),
            Filter(until=day_range(passage.briefing.date)[0] - timedelta(days=1)),
        )
        for passage in archive._catalog.passages.get(archive._catalog.passages.all_ids())
        if passage.section.title != ABSTRACT_TITLE
    ]


def status_of(parts: Sequence[CoveredPart]) -> str:
    """The status of a draft of several parts."""
    statuses = {part.status for part in parts}
    return statuses.pop() if len(statuses) == 1 else "partly"


def is_listed(change: Change, draft: Draft) -> bool:
    """Whether a reader lists a change."""
    return any(_same(change.old, old) and _same(change.new, new) for old, new in draft.changed)


def is_found(listed: tuple[str, str], changes: Sequence[Change]) -> bool:
    """Whether a change that a reader lists is among those found."""
    return any(_same(c.old, listed[0]) and _same(c.new, listed[1]) for c in changes)


def _same(one: str, other: str) -> bool:
    mine, yours = find_figures(one), find_figures(other)
    if not mine:
        # A status: 筹备 of the text may be the 筹建 of its heading, or a part of what was listed.
        return (bool(set(one) & set(other)) and not yours) or squeezed(one) in squeezed(other)
    if not yours:
        return False
    if "个" in (mine[0].unit, yours[0].unit):  # 五百个 of 五百个物理比特
        return (mine[0].low, mine[0].high) == (yours[0].low, yours[0].high)
    return agree(mine[0], yours[0]) and agree(yours[0], mine[0])


@contextmanager
def _archive(home: Path | None) -> Iterator[Archive]:
    with nullcontext(home) if home else ingested_samples() as at:
        yield Archive.open(Settings(at))


def main() -> None:
    """Print what is right and every failure; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=["tune", "held_out"])
    parser.add_argument("--home", type=Path, help="an archive of the samples, else one is made")
    parser.add_argument("--grown", action="store_true", help="the archive's own passages instead")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    asked = drafts(options.split)
    with _archive(options.home) as archive:
        if options.fit:
            _fit(archive, asked)
            return
        if options.grown:
            _measure_grown(archive)
            return
        sys.exit(not _measure(archive, asked))


def _measure(archive: Archive, asked: Sequence[Draft]) -> bool:
    right, by_kind = 0, Counter[str]()
    named = nameable = 0
    told: list[tuple[Draft, list[Change]]] = []
    for draft in asked:
        parts = archive.coverage(draft.text).parts
        status = status_of(parts)
        right += status == draft.status
        by_kind[draft.kind] += status == draft.status
        if status != draft.status:
            print(f"{draft.id} {draft.kind}: {status}")
        earlier = [result.passage_id for part in parts for result in part.earlier]
        if draft.earlier:
            nameable += 1
            named += bool(earlier) and earlier[0] in draft.earlier
            if not (earlier and earlier[0] in draft.earlier):
                print(f"{draft.id} {draft.kind}: names {earlier[:1]}")
        told.append((draft, [change for part in parts for change in part.changes]))
    reported, true, listed, found = _count_changes(told)
    of = Counter(draft.kind for draft in asked)
    print("  ".join(f"{kind} {by_kind[kind]}/{of[kind]}" for kind in of))
    figures = (
        ("covered/partly/new", right, len(asked), ACCURACY),
        ("earlier passage named", named, nameable, NAMED),
        ("changes, precision", true, reported, PRECISION),
        ("changes, recall", found, listed, RECALL),
    )
    for name, good, all_, target in figures:
        print(f"{name:22} {good / max(1, all_):.3f} ({good} of {all_}; target {target})")
    return all(good >= target * all_ for _, good, all_, target in figures)


def _measure_grown(archive: Archive) -> None:
    told = [
        (
            draft,
            [c for part in archive.coverage(draft.text, where=where).parts for c in part.changes],
        )
        for draft, where in grown(archive)
    ]
    reported, true, listed, found = _count_changes(told)
    print(f"the archive as it grew: {true} of {reported} reported are listed,", end=" ")
    print(f"{found} of {listed} found")


def _count_changes(told: Sequence[tuple[Draft, Sequence[Change]]]) -> tuple[int, int, int, int]:
    """How many are reported, how many of these right; how many listed, how many of these found."""
    reported = true = listed = found = 0
    for draft, changes in told:
        reported += len(changes)
        true += sum(is_listed(change, draft) for change in changes)
        listed += len(draft.changed)
        found += sum(is_found(change, changes) for change in draft.changed)
        for change in changes:
            if not is_listed(change, draft):
                print(f"{draft.id} {draft.kind}: reports {change.old} -> {change.new}")
        for old, new in draft.changed:
            if not is_found((old, new), changes):
                print(f"{draft.id} {draft.kind}: misses {old} -> {new}")
    return reported, true, listed, found


def _fit(archive: Archive, asked: Sequence[Draft]) -> None:
    """Learn how likely a pair is a change, from drafts and the archive's own passages."""
    from sklearn.linear_model import LogisticRegression

    candidates: list[tuple[FigurePair, bool]] = []
    terms = archive._keyword_index.terms
    for draft, where in [*((draft, NO_FILTER) for draft in asked), *grown(archive)]:
        for text, earlier in _compared(archive, draft.text, where):
            made = figure_pairs(text, earlier, terms)
            candidates += [(pair, _is_change(pair, text, draft)) for pair in made]
    features = [[pair.features[name] for name in WEIGHTS] for pair, _ in candidates]
    right = [is_right for _, is_right in candidates]
    model = LogisticRegression(C=1.0, max_iter=5000).fit(features, right)
    print(len(right), "pairs,", sum(right), "changes")
    weights = zip(WEIGHTS, model.coef_[0].tolist(), strict=True)
    print("WEIGHTS =", {name: round(weight, 2) for name, weight in weights})
    print("_BIAS =", round(float(model.intercept_[0]), 2))


def _compared(archive: Archive, text: str, where: Filter) -> list[tuple[str, list[Passage]]]:
    """The parts of a draft with the passages that each is searched for changes against."""
    made: list[tuple[str, list[Passage]]] = []

    def record(part: str, earlier: Sequence[Passage], tokenise: Tokenise) -> list[FoundChange]:
        made.append((part, list(earlier)))
        return find_changes(part, earlier, tokenise)

    with patch.object(sentence_comparison, "find_changes", record):
        archive.coverage(text, where=where)
    return made


def _is_change(pair: FigurePair, text: str, draft: Draft) -> bool:
    old = pair.passage.text[pair.old.start : pair.old.end]
    new = text[pair.new.start : pair.new.end]
    return any(_same(old, before) and _same(new, after) for before, after in draft.changed)


if __name__ == "__main__":
    main()

"""How well storylines agree with a reader's: python -m benchmarks.threads [--home DIR]

A reader who saw no code put every passage of the sample archive into a storyline
(`queries/threads.json`; two where either is right, none for abstracts). Purity is the share of
passages that are of the storyline most of their thread is of, completeness the share that are in
the thread that most of their storyline is in. Without `--home` the briefings are also taken in one
by one, the newest first, and the threads compared.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import Archive, Settings
from archive.store.selection import Selection
from benchmarks.corpora import ROOT, ingested_samples
from ingest.intake.bulk import IngestOptions, ingest

LABELS = Path(__file__).parent / "queries" / "threads.json"
TARGET = 0.9
Labels = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well threads agree with a reader's storylines, 0 to 1 each."""

    purity: float
    completeness: float
    threads: int
    storylines: int


def labels() -> Labels:
    """The storylines of each passage that has one."""
    rows = json.loads(LABELS.read_text(encoding="utf-8"))
    return {row["passage"]: row["threads"] for row in rows if row["threads"]}


def thread_of(archive: Archive) -> dict[str, str]:
    """Each passage's thread, by the least of its passages' ids."""
    live = archive._catalog.snapshot()
    chains = archive._catalog.links(live).chains(Selection.of(live))
    return {passage: min(chain.ids) for chain in chains for passage in chain.ids}


def agreement(archive: Archive, told: Labels) -> Agreement:
    """Purity and completeness of an archive's threads."""
    thread = thread_of(archive)
    members: dict[str, list[str]] = {}
    storylines: dict[str, list[str]] = {}
    for passage, names in told.items():
        members.setdefault(thread[passage], []).append(passage)
        storylines.setdefault(names[0], []).append(passage)
    pure = sum(
        max(Counter(name for passage in own for name in told[passage]).values())
        for own in members.values()
    )
    whole = sum(
        max(Counter(thread[passage] for passage in own).values()) for own in storylines.values()
    )
    return Agreement(pure / len(told), whole / len(told), len(members), len(storylines))


def main() -> None:
    """Print the figures; exit code 1 when one misses its target or the order makes a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, help="an archive of the samples, else two are made")
    home = parser.parse_args().home
    if home:
        sys.exit(not _report(Archive.open(Settings(home))))
    with ingested_samples() as at_once, TemporaryDirectory() as folder:
        archive = Archive.open(Settings(at_once))
        is_good = _report(archive)
        one_by_one = Settings(Path(folder) / "home")
        for pdf in sorted((ROOT / "data" / "samples").glob("*.pdf"), reverse=True):
            ingest([pdf], one_by_one, IngestOptions(), lambda *_: None)
        one, other = thread_of(archive), thread_of(Archive.open(one_by_one))
        moved = sum(one[passage] != other[passage] for passage in one)
        print(f"one by one, the newest first: {moved} of {len(one)} passages in another thread")
    sys.exit(not is_good or moved > 0)


def _report(archive: Archive) -> bool:
    found = agreement(archive, labels())
    print(f"{found.threads} threads, {found.storylines} storylines")
    print(f"purity {found.purity:.3f}, completeness {found.completeness:.3f} (target {TARGET})")
    return min(found.purity, found.completeness) >= TARGET


if __name__ == "__main__":
    main()

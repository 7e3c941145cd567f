"""A seeded sample of the soak: damaged PDFs of many makes crash nothing, hang nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import CURES_ZH
from benchmarks.soak import ROOT, Mutant, mutants, producer, soak, sources
from tests.mutations import mutate

SAMPLE = 30
FAILED_ONCE = (
    # Forms within forms, each drawn many times over: looking into them took without end.
    ("tests/data/producers/qpdf_linearized.pdf", 15),
    ("data/samples/briefing-2026-03-10.pdf", 95),
    ("tests/data/gbk_mojibake.pdf", 173),
    ("tests/data/word.pdf", 330),
    ("tests/data/founder.pdf", 340),
    ("tests/data/fandol.pdf", 362),
)
"""Sources and seeds of mutants that once crashed the reading or hung it."""


def test_sources_are_of_many_makes() -> None:
    assert len({producer(source) for source in sources()} - {None}) >= 10


@pytest.mark.parametrize("source", sources()[::5], ids=lambda source: source.stem)
def test_a_seed_makes_one_mutant(source: Path) -> None:
    data = source.read_bytes()
    variants = [mutate(data, seed) for seed in range(20)]
    assert variants == [mutate(data, seed) for seed in range(20)]
    assert len({data, *variants}) > 15


def test_damaged_pdfs_end_in_an_outcome() -> None:
    soaked = soak(mutants(sources(), SAMPLE, seed=1_000_000), workers=2)
    assert len(soaked.outcomes) == SAMPLE
    assert not soaked.failures
    assert soaked.fits
    assert {outcome.code for outcome in soaked.outcomes} - {"read"} <= set(CURES_ZH)
    assert sum(outcome.code == "read" for outcome in soaked.outcomes) > SAMPLE / 4


def test_mutants_that_failed_once_end_in_an_outcome() -> None:
    chosen = [Mutant(ROOT / source, seed) for source, seed in FAILED_ONCE]
    assert not soak(chosen, workers=2).failures

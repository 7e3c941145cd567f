"""Storylines: how well they agree with a reader's, and that the order of arrival doesn't matter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive import Archive, Filter, Settings
from archive.errors import UsageError
from archive.evidence.quote_check import stands
from archive.keeping.writing import open_writer
from archive.records import day_range
from benchmarks.threads import agreement, labels
from tests.commands import archive
from tests.conftest import ingest_quietly


def threads_of(home: Path) -> set[frozenset[str]]:
    """The passages of each storyline, those told once too."""
    found, total = Archive.open(Settings(home)).stories(singles=True, limit=1000)
    assert len(found) == total
    return {frozenset(passage.id for passage in story.passages) for story in found}


def test_storylines_are_a_readers(sample_home: Path) -> None:
    found = agreement(Archive.open(Settings(sample_home)), labels())
    assert found.purity >= 0.9
    assert found.completeness >= 0.9


def test_the_order_of_arrival_makes_no_difference(
    samples: list[Path], tmp_path: Path, tiny_model: Path
) -> None:
    some = samples[::4]
    at_once, backwards = tmp_path / "at once", tmp_path / "backwards"
    ingest_quietly(some, Settings(at_once, model=str(tiny_model)))
    for pdf in reversed(some):
        ingest_quietly([pdf], Settings(backwards, model=str(tiny_model)))
    assert threads_of(at_once) == threads_of(backwards)
    assert max(map(len, threads_of(at_once))) > 1


def test_a_removed_briefing_leaves_its_storylines(own_home: Path) -> None:
    before = threads_of(own_home)
    middle = next(b for b in Archive.open(Settings(own_home)).briefings() if b.date == "2026-06-09")
    assert archive("remove", middle.id, home=own_home).code == 0
    after = threads_of(own_home)
    gone = {p for thread in before for p in thread} - {p for thread in after for p in thread}
    assert all(passage.startswith(middle.id) for passage in gone)
    # What it told goes on without it.
    assert max(map(len, after)) >= 10


def test_an_archive_without_storylines_gets_them(own_home: Path, samples: list[Path]) -> None:
    before = threads_of(own_home)
    with open_writer(Settings(own_home), "test") as writer:
        writer.catalog.changes.drop_links()
        assert not Archive.open(Settings(own_home)).stories()[1]
        writer.reconcile()
    assert threads_of(own_home) == before


def test_a_reader_hears_of_new_storylines(own_home: Path) -> None:
    reader = Archive.open(Settings(own_home))
    expected = reader.stories()[1]
    with open_writer(Settings(own_home), "test") as writer:
        writer.catalog.changes.drop_links()
        assert reader.stories()[1] == 0
        writer.reconcile()
    assert reader.stories()[1] == expected


def test_the_list(sample_home: Path) -> None:
    run = archive("stories", "--json", "--limit", "5", home=sample_home).json
    assert run["total"] > 20
    lasts = [story["last"] for story in run["stories"]]
    assert len(lasts) == 5
    assert lasts == sorted(lasts, reverse=True)
    assert all(story["briefings"] > 1 for story in run["stories"])
    assert all(re.fullmatch(r"s-[0-9a-f]{10}", story["id"]) for story in run["stories"])
    july = archive("stories", "--json", "--since", "2026-07", "--until", "2026-07",
                   "--topic", "氢能", home=sample_home).json  # fmt: skip
    assert [story["first"] for story in july["stories"]] == ["2026-03-17"]


def test_a_story(sample_archive: Archive) -> None:
    result = sample_archive.search("澜芯 X200 渠道价", limit=1)[0]
    story, entries = sample_archive.story(result.passage_id)
    assert sample_archive.story(story.id)[0] == story
    assert "X200" in story.name
    dates = [entry.citation.briefing.date for entry in entries]
    assert dates == sorted(dates)
    assert (story.first, story.last) == ("2026-03-10", "2026-08-25")
    changes = [(change.old, change.new) for entry in entries for change in entry.changes]
    for step in ("118 万元", "132 万元"), ("132 万元", "156 万元"), ("141 万元", "126 万元"):
        assert step in changes
    numbers = [e.number for e in entries] + [c.citation.number for e in entries for c in e.changes]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    for gap in story.gaps:
        assert gap.days == (day_range(gap.until)[0] - day_range(gap.since)[1]).days > 30


def test_quotes_of_a_story_stand_on_their_pages(sample_archive: Archive) -> None:
    passage = sample_archive.search("北衡 H2 订单", limit=1)[0].passage_id
    story, entries = sample_archive.story(passage)
    assert len(entries) == len(story.passages)
    for entry in entries:
        for citation in (entry.citation, *(change.citation for change in entry.changes)):
            pages = [
                sample_archive._catalog.briefings.page(citation.briefing.id, number)
                for number in range(citation.pages[0], citation.pages[1] + 1)
            ]
            assert stands(citation.quote, [page.text for page in pages if page])


def test_markdown_has_a_note_for_every_mark(sample_home: Path) -> None:
    story = archive("stories", "--json", home=sample_home).json["stories"][0]["id"]
    text = archive("story", story, "--markdown", home=sample_home).out
    marks = re.findall(r"\[\^(\d+)\](?!:)", text)
    notes = re.findall(r"^\[\^(\d+)\]:", text, re.M)
    assert sorted(marks, key=int) == sorted(notes, key=int) == notes
    assert text.startswith("# ")


def test_an_unknown_story(sample_archive: Archive, sample_home: Path) -> None:
    with pytest.raises(UsageError):
        sample_archive.story("s-0000000000")
    assert archive("story", "没有", home=sample_home).code == 2
    assert sample_archive.stories(where=Filter(until="2020"))[1] == 0  # type: ignore[arg-type]

"""Topics: labels with scores, an edited list, labelling anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive import Archive, Filter, Settings
from archive.errors import UsageError
from archive.index.chroma import chroma_client, find_collection
from archive.index.encoder import Encoder
from archive.index.topics import load_topics
from archive.index.vector_index import collection_name
from archive.keeping.reindexing import retag
from archive.keeping.writer import ARCHIVE_ID
from archive.keeping.writing import open_writer
from benchmarks.topics import LABELS, micro_f1
from tests.commands import archive

ONE_TOPIC = """
[[topic]]
name = "火箭"
keywords = ["火箭", "凌霄", "发射"]
description = "运载火箭的研制与发射。"
"""


def test_labels_agree_with_readers(sample_archive: Archive) -> None:
    rows = json.loads(LABELS.read_text(encoding="utf-8"))
    passages = sample_archive._catalog.passages.get([row["passage"] for row in rows])
    assert len(passages) == len(rows)
    given = {passage.id: passage.topics for passage in passages}
    for reader in ("first", "second"):
        assert micro_f1(given, {row["passage"]: row[reader] for row in rows}) >= 0.9


def test_a_label_has_a_score(sample_home: Path) -> None:
    result = archive("search", "稀土 出口", "--json", home=sample_home).json["results"][0]
    assert len(result["topic_scores"]) == len(result["topics"]) > 0
    assert all(0 < score <= 1 for score in result["topic_scores"])
    assert result["topic_scores"] == sorted(result["topic_scores"], reverse=True)


def test_an_edited_list_labels_anew(own_home: Path) -> None:
    before = archive("topics", "--json", home=own_home).json["topics"]
    catalog = Archive.open(Settings(own_home))._catalog
    passages = catalog.snapshot().ids
    _, vectors = catalog.passages.vectors(passages)
    (own_home / "topics.toml").write_text(ONE_TOPIC, encoding="utf-8")
    doctor = archive("doctor", "--json", home=own_home).json["checks"]
    (check,) = (check for check in doctor if check["name"] == "topics")
    assert check["status"] == "warn"
    assert "--retag" in check["cure"]

    run = archive("topics", "--retag", "--json", home=own_home)
    assert run.code == 0, run.out
    assert [topic["name"] for topic in run.json["topics"]] == ["火箭"]
    assert 0 < run.json["topics"][0]["passages"] < 30
    again = Archive.open(Settings(own_home))
    assert (again._catalog.passages.vectors(passages)[1] == vectors).all(), (
        "nothing is encoded again"
    )
    found = again.search("发射", where=Filter(topics=("火箭",)))
    assert found
    assert all(result.topics == ("火箭",) for result in found)
    assert archive("doctor", home=own_home).code == 0
    assert archive("search", "稀土", "--topic", "稀土与关键矿产", home=own_home).code == 2

    (own_home / "topics.toml").unlink()
    assert archive("topics", "--retag", "--json", home=own_home).json["topics"] == before


def test_chroma_takes_over_the_labels(own_home: Path, encoder: Encoder) -> None:
    settings = Settings(own_home)
    (own_home / "topics.toml").write_text(ONE_TOPIC, encoding="utf-8")
    with open_writer(settings, "test") as writer:
        retag(writer)
        passages = writer.catalog.passages.get(writer.catalog.snapshot().ids)
        name = collection_name(writer.catalog.meta(ARCHIVE_ID) or "", encoder)
    with chroma_client(settings) as client:
        collection = find_collection(client, name)
        assert collection is not None
        stored = collection.get(include=["metadatas"])
    topics = {
        passage_id: tuple(metadata.get("topics") or ())
        for passage_id, metadata in zip(stored["ids"], stored["metadatas"], strict=True)
    }
    assert topics == {passage.id: passage.topics for passage in passages}
    assert all(metadata["date"] for metadata in stored["metadatas"]), "the rest is kept"


@pytest.mark.parametrize("text", ["[[topic]]\nname = 1", "not toml", ONE_TOPIC * 2])
def test_a_bad_list_changes_nothing(own_home: Path, text: str) -> None:
    before = archive("topics", "--json", home=own_home).json
    (own_home / "topics.toml").write_text(text, encoding="utf-8")
    run = archive("topics", "--retag", home=own_home)
    assert run.code == 2
    assert "topics.toml" in run.err
    (own_home / "topics.toml").unlink()
    assert archive("topics", "--json", home=own_home).json == before


TABLE = '[[topic]]\nname = "{}"\nkeywords = ["{}"]\ndescription = "{}"\n'


@pytest.mark.parametrize(
    "text",
    [
        f"topic = {'[' * 5000}{']' * 5000}",
        f"topic = {'9' * 5000}",
        "#" * (2**20 + 1),
        "".join(TABLE.format(number, "词", "") for number in range(501)),
        TABLE.format("名" * 101, "词", ""),
        TABLE.format("", "词", ""),
        TABLE.format("a\\nb", "词", ""),
        TABLE.format("a\\u0000b", "词", ""),
        TABLE.format("名", "词" * 101, ""),
        TABLE.format("名", "", ""),
        TABLE.format("名", "词", "述" * 5001),
    ],
)
def test_a_list_beyond_bounds_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        load_topics(file)
    assert str(file) in str(refusal.value)
    assert len(str(refusal.value)) < 500 + len(str(file))


def test_the_longest_list_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    tables = (TABLE.format(f"{number:0100}", "词" * 100, "述") for number in range(500))
    file.write_text("".join(tables), encoding="utf-8")
    assert len(load_topics(file)) == 500

"""All that an archive holds, in a form in which two archives can be compared.

Equal means: the same briefings with the same pages, sections, references and topics; the same
passages in the same order within their briefing; vectors that differ by 1e-6 at most, since a text
is encoded in other company after an interruption; the same words in both full-text tables; the
same storylines; the same PDFs in files/, and nothing else there; in Chroma the ids, metadata and
vectors of just the live passages. The catalogue's row numbers are compared by what they refer to,
and by the order in which they put all passages. The runs of ingestion, the archive's own id and
its generation tell how it came about and are left out.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TOLERANCE = 1e-6
_TOLERANCE_OF_LINKS = 1e-4
"""Of how akin two passages are, in which their cosine has a weight."""
_OF_THE_RUNS = ("generation", "settled generation", "archive id")
_BY_BRIEFING = ("page", "section", "reference")


@dataclass(frozen=True, slots=True)
class State:
    """What an archive holds: facts by a name, vectors by passage on both sides."""

    facts: Mapping[str, Mapping[str, Any]]
    order: tuple[str, ...]
    """All passages in the order of their rows."""
    vectors: Mapping[str, NDArray[np.float32]]
    chroma: Mapping[str, NDArray[np.float32]]
    akin: Mapping[str, float]
    """How akin a passage is to the one it goes on with."""


def read_state(home: Path) -> State:
    """The state of an archive that nobody writes to; opens its Chroma folder."""
    db = sqlite3.connect(home / "catalog.sqlite3")
    ids = dict(db.execute("SELECT key, id FROM passage ORDER BY key").fetchall())
    facts: dict[str, dict[str, Any]] = {
        "catalogue": {"integrity": db.execute("PRAGMA integrity_check").fetchone()[0]},
        "meta": {k: v for k, v in db.execute("SELECT * FROM meta") if k not in _OF_THE_RUNS},
        "briefing": {row["id"]: row for row in _rows(db, "SELECT * FROM briefing")},
        "passage": {
            row.pop("id"): row
            for row in _rows(db, "SELECT * FROM passage ORDER BY key")
            if row.pop("key") and row.pop("vector")
        },
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((home / "files").glob("*"))
        },
    }
    for row in facts["briefing"].values():  # what a briefing replaced is told by the other one
        row.pop("replaces", None)
    for table in _BY_BRIEFING:
        found: dict[str, Any] = {}
        for row in _rows(db, f"SELECT * FROM {table} ORDER BY briefing_id, 2"):
            found.setdefault(row["briefing_id"], []).append(row)
        facts[table] = found
    facts["topics"] = {}
    for topic, key, rank, score in db.execute(
        "SELECT topic, passage_key, rank, score FROM passage_topic ORDER BY passage_key, rank"
    ):
        facts["topics"].setdefault(ids[key], []).append((rank, topic, round(score, 6)))
    for table in ("words", "characters"):
        rows = db.execute(f"SELECT rowid, title, heading, body FROM {table}").fetchall()
        facts[table] = {ids.get(key, f"row {key}"): fields for key, *fields in rows}
        try:
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            facts["catalogue"][table] = str(error)
        db.rollback()
    links = db.execute("SELECT passage_key, earlier_key, score FROM link").fetchall()
    facts["links"] = {ids[key]: ids.get(earlier) for key, earlier, _ in links}
    akin = {ids[key]: score for key, _, score in links}
    vectors = {
        ids[key]: np.frombuffer(blob, np.float32)
        for key, blob in db.execute("SELECT key, vector FROM passage")
    }
    order = tuple(ids.values())
    db.close()
    metadata, chroma = _read_chroma(home)
    facts["chroma"] = metadata
    return State(facts, order, vectors, chroma, akin)


def _rows(db: sqlite3.Connection, query: str) -> Iterator[dict[str, Any]]:
    cursor = db.execute(query)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _read_chroma(home: Path) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    import chromadb

    metadata: dict[str, Any] = {}
    vectors: dict[str, NDArray[np.float32]] = {}
    for collection in chromadb.PersistentClient(str(home / "chroma")).list_collections():
        found = collection.get(include=["embeddings", "metadatas"])
        for passage, facts, vector in zip(
            found["ids"], found["metadatas"], found["embeddings"], strict=True
        ):
            metadata[passage] = json.loads(json.dumps(facts, sort_keys=True))
            vectors[passage] = np.asarray(vector, np.float32)
    return metadata, vectors


def differences(expected: State, found: State, *, ordered: bool = True) -> list[str]:
    """How an archive differs from what was expected, a line each; empty where they are equal."""
    told = []
    for name in sorted({*expected.facts, *found.facts}):
        old, new = expected.facts.get(name, {}), found.facts.get(name, {})
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                told.append(
                    f"{name} {key}: {_short(old.get(key))} expected, {_short(new.get(key))}"
                )
    if ordered and expected.order != found.order:
        told.append("the passages are in another order")
    live = {p for p in found.vectors if found.facts["briefing"][_of(found, p)]["state"] == "live"}
    if live != set(found.chroma):
        told.append(f"Chroma: {len(live - set(found.chroma))} missing, "
                    f"{len(set(found.chroma) - live)} too many")  # fmt: skip
    for name, ours, theirs in (
        ("vector", expected.vectors, found.vectors),
        ("Chroma's vector", expected.chroma, found.chroma),
        ("the two sides' vectors", found.chroma, found.vectors),
    ):
        for passage in ours.keys() & theirs.keys():
            if np.abs(ours[passage] - theirs[passage]).max() > _TOLERANCE:
                told.append(f"{name} of {passage} differs")
    for passage in expected.akin.keys() & found.akin.keys():
        if abs(expected.akin[passage] - found.akin[passage]) > _TOLERANCE_OF_LINKS:
            told.append(f"how akin {passage} is to what it goes on with differs")
    return told


def _of(state: State, passage: str) -> str:
    return str(state.facts["passage"][passage]["briefing_id"])


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"

"""What share of the 10 nearest passages the vector index finds, at 100,000 passages.

python -m benchmarks.recall --data FOLDER

By the index as the archive uses it, with Chroma beside it (unfiltered by Chroma, filtered by
exact cosine), and by Chroma alone in the ways one might else filter. Questions are titles of news,
encoded by the real encoder. Makes the archive and its Chroma collections the first time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from numpy.typing import NDArray

from archive.index.chroma import HNSW
from archive.index.vector_index import VectorIndex
from archive.records import Filter, as_number
from archive.store.selection import Selection
from benchmarks.build import Built
from benchmarks.large import CACHE, SIZES, large

_QUESTIONS = 200
_DEPTH = 10
_DEFAULTS = {"space": "cosine"}
_BATCH = 2000
_SHARES = (0.5, 0.05, 0.001)

Nearest = Callable[[NDArray[np.float32]], Sequence[str]]


def main() -> None:
    """Print recall and time of each way, unfiltered and under each filter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder with the public data")
    built, corpus = large(SIZES[-1], parser.parse_args().data)
    live = built.catalog.snapshot()
    step = len(corpus.questions) // _QUESTIONS
    questions = [q.text for q in corpus.questions[::step]][:_QUESTIONS]
    vectors = [built.encoder.encode_query(question) for question in questions]
    ours, plain = _collection(built, "ours", HNSW), _collection(built, "defaults", _DEFAULTS)
    product = VectorIndex(built.catalog, lambda: built.encoder, lambda _: ours)
    print(f"{len(live)} passages, {len(vectors)} questions, recall@{_DEPTH} (least), ms (median)")
    for name, where in _filters(live.last_day):
        selection = Selection.of(live, where)
        exact = [_by_index(built.vector_index, selection)(vector) for vector in vectors]
        ways: dict[str, Nearest] = {
            "the archive's index": _by_index(product, selection),
            "Chroma, our parameters": _by_chroma(ours, where, selection),
            "Chroma, its defaults": _by_chroma(plain, where, selection),
        }
        if not where.is_empty:
            ways["Chroma, ids="] = _by_ids(ours, selection)
        print(f"\n{name}: {len(selection)} passages")
        for way, nearest in ways.items():
            _report(way, nearest, vectors, exact)


def _filters(days: NDArray[np.int32]) -> list[tuple[str, Filter]]:
    """No filter, date ranges that leave some shares, and topics, which go with meaning."""
    ordered = np.sort(days)
    made = [("unfiltered", Filter())]
    for share in _SHARES:
        first = int(ordered[int(len(ordered) * (1 - share))])
        last = int(ordered[-1])
        where = Filter(since=_day(first), until=_day(last) + timedelta(1))
        made.append((f"dates, {share:.1%}", where))
    made.append(("a topic", Filter(topics=("topic 3",))))
    return made


def _day(number: int) -> Date:
    return Date(number // 10000, number // 100 % 100, number % 100)


def _by_index(index: VectorIndex, selection: Selection) -> Nearest:
    return lambda vector: index.rank_vector(vector, selection, _DEPTH).ids


def _by_chroma(collection: Any, where: Filter, selection: Selection) -> Nearest:
    """Chroma with the filter as its own `where`."""
    clauses: list[dict[str, Any]] = []
    if where.since and where.until:
        clauses.append({"date": {"$gte": as_number(where.since)}})
        clauses.append({"date": {"$lte": as_number(where.until)}})
    clauses += [{"topics": {"$contains": topic}} for topic in where.topics]
    condition = {"$and": clauses} if len(clauses) > 1 else (clauses[0] if clauses else None)
    return lambda vector: collection.query(
        query_embeddings=vector[None, :], n_results=_DEPTH, where=condition, include=[]
    )["ids"][0]


def _by_ids(collection: Any, selection: Selection) -> Nearest:
    """Chroma with the filter resolved into ids."""
    allowed = selection.passages().ids
    return lambda vector: collection.query(
        query_embeddings=vector[None, :], n_results=_DEPTH, ids=allowed, include=[]
    )["ids"][0]


def _report(
    way: str,
    nearest: Nearest,
    vectors: Sequence[NDArray[np.float32]],
    exact: Sequence[Sequence[str]],
) -> None:
    recalls, times = [], []
    nearest(vectors[0])
    for vector, wanted in zip(vectors, exact, strict=True):
        clock = time.perf_counter()
        found = nearest(vector)
        times.append((time.perf_counter() - clock) * 1000)
        recalls.append(len(set(found) & set(wanted)) / len(wanted))
    mean, least = statistics.mean(recalls), min(recalls)
    print(f"  {way:24} {mean:.4f} ({least:.1f})  {statistics.median(times):7.1f} ms")


def _collection(built: Built, name: str, hnsw: dict[str, Any]) -> Any:
    """A Chroma collection of all passages, made the first time."""
    client = chromadb.PersistentClient(str(CACHE / f"chroma-{name}"))
    collection = client.get_or_create_collection(
        "passages", configuration={"hnsw": hnsw}, embedding_function=None
    )
    live = built.catalog.snapshot()
    topic_of = {row: topic for topic, rows in live.topics.items() for row in rows.tolist()}
    for start in range(collection.count(), len(live), _BATCH):
        rows = range(start, min(start + _BATCH, len(live)))
        ids, vectors = built.catalog.passages.vectors([live.ids[row] for row in rows])
        metadata = [{"date": int(live.first_day[row]), "topics": [topic_of[row]]} for row in rows]
        collection.upsert(ids=ids, embeddings=vectors, metadatas=metadata)
    return collection


if __name__ == "__main__":
    main()

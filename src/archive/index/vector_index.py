"""Semantic search: vectors in Chroma, or exact, ranked by cosine.

Chroma's folder belongs to one process at a time, since two corrupt it silently and a second reader
goes stale; and its server has no authentication, so that any user of the machine could read and
change what it holds. So a reader uses Chroma only where a server is set (ARCHIVE_CHROMA_URL); else
it ranks by exact cosine over the catalogue's vectors, which is as fast up to some 100,000 passages
and has perfect recall. Only a writer opens the folder, under a lock. Chroma's index is derived:
everything in it can be rebuilt from the catalogue.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.chinese.simplified import simplified
from archive.errors import ArchiveError
from archive.index.chroma import chroma_errors, drop_collection, open_collection
from archive.index.encoder import Encoder
from archive.index.query import Query
from archive.records import as_number, day_range
from archive.store.catalog import Catalog
from archive.store.selection import Ranking, Selection
from archive.store.snapshot import Snapshot

VECTOR_INDEX = "vector index"
TEXT_FORM = 1
"""Version of `Passage.indexed_text`, the text an encoder is given."""
_COMPARED = 300
"""Characters of a query that are compared by meaning; 300 take half a second to encode."""
_BATCH = 1000
_AGAIN_SECONDS = 5.0
"""How long a reader does without Chroma before it asks again."""
_SAME = 1e-3
"""A distance of Chroma's below which two vectors are the same."""
_COMPARED_AT_ONCE = 256
_ASKED_AT_ONCE = 100
"""Passages that are asked for themselves in one query."""
_FEW = 4
"""Where less than one in so many vectors is asked for, picking these out first is faster."""
_NOT_LIVE = 100
"""More results than asked for, since an ingest in progress may have entries not yet live."""
_READING_ONLY = "this archive was opened for reading only", "open it as a writer"


def encoder_fingerprint(encoder: Encoder) -> str:
    """An encoder and the form of the text it is given, as one line."""
    i = encoder.identity
    prompts = f"prompts {i.query_prompt!r} and {i.document_prompt!r}"
    return f"{i.name}, {i.dimension} dimensions, {prompts}, text form {TEXT_FORM}"


def dimension_of(text: str) -> int | None:
    """The dimension in an `encoder_fingerprint`; None where a text isn't one."""
    found = re.match(r".+, ([1-9][0-9]{0,4}) dimensions, prompts ", text, re.DOTALL)
    return int(found[1]) if found else None


def collection_name(archive_id: str, encoder: Encoder) -> str:
    """The archive's collection for an encoder; another encoder's vectors go to another one."""
    digest = hashlib.sha256(encoder_fingerprint(encoder).encode()).hexdigest()
    return f"briefings-{archive_id[:12]}-{digest[:12]}"


class VectorIndex:
    """Passages by the cosine of their vectors to the question's.

    `connect` gives a Chroma collection, None for a reader without a server, and raises ArchiveError
    where a server can't be used. Encoder and collection are got when first needed, since keyword
    search does without either; a reader whose server fails ranks exactly and asks again later.
    """

    def __init__(
        self,
        catalog: Catalog,
        load_encoder: Callable[[], Encoder],
        connect: Callable[[Callable[[], Encoder]], Any | None],
    ) -> None:
        self._catalog = catalog
        self._load_encoder = load_encoder
        self._connect = connect
        self._encoded: tuple[str, NDArray[np.float32]] | None = None
        self._collection: Any | None = None
        self._written: tuple[Any, str] | None = None
        self._ask_again = 0.0
        self._is_down = False

    @property
    def fingerprint(self) -> str:
        """What the vectors are made by; an index and its questions must agree on it."""
        return encoder_fingerprint(self.encoder)

    @cached_property
    def encoder(self) -> Encoder:
        return self._load_encoder()

    def add(self, ids: Sequence[str]) -> None:
        """Index passages the catalogue holds, or index them anew."""
        for start in range(0, len(ids), _BATCH):
            self.add_vectors(*self._catalog.passages.vectors(list(ids[start : start + _BATCH])))

    def add_vectors(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Index passages the catalogue holds by other vectors than it has of them."""
        metadata = [
            _metadata(passage.briefing.id, passage.briefing.date, passage.section.number,
                      passage.topics)
            for passage in self._catalog.passages.get(ids)
        ]  # fmt: skip
        self._call("upsert", ids=list(ids), embeddings=vectors, metadatas=metadata)

    def relabel(self, ids: Sequence[str]) -> None:
        """Take over the topics that the catalogue now has of passages."""
        for start in range(0, len(ids), _BATCH):
            passages = self._catalog.passages.get(ids[start : start + _BATCH])
            # A key left out would be kept as it was, and an empty list isn't taken.
            topics = [{"topics": list(passage.topics) or None} for passage in passages]
            self._call("update", ids=[passage.id for passage in passages], metadatas=topics)

    def remove(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _BATCH):
            self._call("delete", ids=list(ids[start : start + _BATCH]))

    def rank(self, query: Query, selection: Selection, limit: int) -> Ranking:
        """The passages nearest in meaning among those selected, by cosine similarity.

        Raises UsageError when the index was built with another encoder.
        """
        self.check()
        return self.rank_vector(self.encode(query), selection, limit)

    def check(self) -> None:
        """Raise UsageError when the index was built with another encoder than the one set."""
        self._catalog.check_built_with(VECTOR_INDEX, self.fingerprint)

    def encode(self, query: Query) -> NDArray[np.float32]:
        """A query's vector, (dimension,), of its first words in simplified script.

        The last one is remembered, since a question is searched for and then compared.
        """
        text = simplified(query.meaning[:_COMPARED])
        last = self._encoded
        if last is None or last[0] != text:
            last = self._encoded = text, self.encoder.encode_query(text)
        return last[1]

    def rank_vector(self, vector: NDArray[np.float32], selection: Selection, limit: int) -> Ranking:
        """As `rank`, for a query already encoded; `vector` has shape (dimension,)."""
        ranking = None
        if selection.is_everything:
            try:
                ranking = self._rank_by_chroma(vector, selection.snapshot, limit)
            except ArchiveError as error:
                # A server that went away, or an id it lost: the catalogue still has every vector.
                self._do_without(error)
        return self._rank_exactly(vector, selection, limit) if ranking is None else ranking

    def cosines(
        self, vector: NDArray[np.float32], snapshot: Snapshot, ids: Sequence[str]
    ) -> NDArray[np.float64]:
        """The similarity of these live passages to an encoded query."""
        return (self.vectors(snapshot, ids) @ vector).astype(np.float64)

    def neighbours(
        self, snapshot: Snapshot, ids: Sequence[str], floor: float
    ) -> Iterator[tuple[str, Ranking]]:
        """Each of these live passages with all that are more similar to it than the floor."""
        matrix = self._matrix(snapshot)
        for start in range(0, len(ids), _COMPARED_AT_ONCE):
            batch = ids[start : start + _COMPARED_AT_ONCE]
            for passage, cosines in zip(
                batch, matrix[snapshot.rows_of(batch)] @ matrix.T, strict=True
            ):
                near = np.flatnonzero(cosines > floor)
                near = near[np.argsort(-cosines[near], kind="stable")]
                yield passage, Ranking(snapshot, near, cosines[near].astype(np.float64))

    def vectors(self, snapshot: Snapshot, ids: Sequence[str]) -> NDArray[np.float32]:
        """The unit vectors of these live passages, (passages, dimension)."""
        return self._matrix(snapshot)[snapshot.rows_of(ids)]

    def count(self) -> int:
        """How many vectors there are in Chroma."""
        return int(self._call("count"))

    def ids(self) -> set[str]:
        """All ids in Chroma."""
        return set(self._call("get", include=[])["ids"])

    def lost(self, ids: Sequence[str]) -> list[str]:
        """Of these passages those that Chroma doesn't find when asked with their own vector."""
        lost: list[str] = []
        for start in range(0, len(ids), _ASKED_AT_ONCE):
            batch, vectors = self._catalog.passages.vectors(ids[start : start + _ASKED_AT_ONCE])
            found = self._call(
                "query", query_embeddings=vectors, n_results=1, include=["distances"]
            )
            for passage_id, distances in zip(batch, found["distances"], strict=True):
                # Another passage may have the very same vector; the distance tells.
                if not distances or not abs(distances[0]) < _SAME:
                    lost.append(passage_id)
        return lost

    def finds_itself(self, passage_id: str) -> bool:
        """Whether asking Chroma with a passage's own vector finds that passage."""
        return not self.lost([passage_id])

    @contextmanager
    def writing(self, client: Any, name: str) -> Iterator[None]:
        """Have this collection of a Chroma client for the block, made if need be."""
        self._written, self._collection = (client, name), open_collection(client, name)
        try:
            yield
        finally:
            self._written = self._collection = None

    def empty(self) -> None:
        """Begin Chroma's collection anew, which is to be filled by `add` then.

        Putting all passages into it a second time instead would leave some that no search of its
        graph reaches.
        """
        if self._written is None:
            raise ArchiveError(*_READING_ONLY)
        drop_collection(*self._written)
        self._collection = open_collection(*self._written)

    def _connected(self) -> Any | None:
        """Chroma's collection; one that couldn't be had is asked for again a little later."""
        if self._collection is None and time.monotonic() >= self._ask_again:
            self._ask_again = time.monotonic() + _AGAIN_SECONDS  # other threads don't wait too
            self._collection = self._connect(lambda: self.encoder)
        return self._collection

    def _do_without(self, error: ArchiveError) -> None:
        """Leave Chroma alone for a while, and say so once until it has answered again."""
        self._collection = None
        self._ask_again = time.monotonic() + _AGAIN_SECONDS
        if not self._is_down:
            self._is_down = True
            logging.getLogger(__name__).warning(
                "Chroma can't answer, ranking exactly instead: %s", error.message
            )

    def _call(self, method: str, **arguments: Any) -> Any:
        """Have Chroma do something."""
        collection = self._connected()
        if collection is None:
            raise ArchiveError(*_READING_ONLY)
        with chroma_errors(method):
            return getattr(collection, method)(**arguments)

    def _rank_by_chroma(
        self, vector: NDArray[np.float32], snapshot: Snapshot, limit: int
    ) -> Ranking | None:
        """None where there is no server, or where an ingest is changing what Chroma holds."""
        if self._connected() is None:
            return None
        found = self._call(
            "query",
            query_embeddings=vector[None, :],
            n_results=limit + _NOT_LIVE,
            include=["distances"],
        )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        ranked = [
            (snapshot.row_of[i], 1 - distance) for i, distance in pairs if i in snapshot.row_of
        ]
        if len(ranked) < min(limit, len(snapshot)):
            if snapshot.generation != self._catalog.generation() or not self._catalog.is_settled():
                return None
            raise ArchiveError("Chroma lacks passages of the archive", "`archive doctor --fix`")
        self._is_down = False
        rows, scores = zip(*ranked, strict=True) if ranked else ((), ())
        found_rows, cosines = np.array(rows, np.intp), np.array(scores, np.float64)
        return Ranking(snapshot, found_rows, cosines).head(limit)

    def _rank_exactly(
        self, vector: NDArray[np.float32], selection: Selection, limit: int
    ) -> Ranking:
        rows = np.flatnonzero(selection.mask)
        matrix = self._matrix(selection.snapshot)
        few = len(rows) < len(matrix) // _FEW
        scores = matrix[rows] @ vector if few else (matrix @ vector)[rows]
        if len(rows) > limit:
            best = np.argpartition(-scores, limit - 1)[:limit]
            rows, scores = rows[best], scores[best]
        order = np.lexsort((rows, -scores))
        return Ranking(selection.snapshot, rows[order], scores[order].astype(np.float64))

    def _matrix(self, snapshot: Snapshot) -> NDArray[np.float32]:
        """The vectors of all live passages, row by row."""
        return snapshot.vectors.first(len(snapshot), partial(self._read_vectors, snapshot))

    def _read_vectors(self, snapshot: Snapshot, start: int) -> NDArray[np.float32]:
        """The vectors of a snapshot's passages from a row on."""
        if "encoder" in self.__dict__:  # another's vectors don't compare with its questions
            self.check()
        keys = snapshot.keys[start:]
        there, vectors = self._catalog.passages.vectors_by_key(keys)
        if len(there) == len(keys) and len(keys):
            return vectors
        found = np.zeros((len(keys), self.encoder.identity.dimension), np.float32)
        if len(there):  # the others were removed since the snapshot was taken
            found[np.isin(keys, there)] = vectors
        return found


def _metadata(briefing_id: str, date: str, section: str, topics: Sequence[str]) -> dict[str, Any]:
    first, _ = day_range(date)
    facts = {"briefing_id": briefing_id, "date": as_number(first), "section": section}
    return {**facts, "topics": list(topics)} if topics else facts  # Chroma has no empty lists

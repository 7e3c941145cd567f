"""Indexes and topics made anew: with another encoder, another lexicon, another list of topics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archive.index.keyword_index import KEYWORD_INDEX
from archive.index.reencoding import NewVectors, drop_new_vectors
from archive.index.topics import labelled_by
from archive.index.vector_index import VECTOR_INDEX, encoder_fingerprint
from archive.keeping.writer import LABELLED_BY, Writer, note_makers
from archive.records import TopicLabel

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Reindexing:
    """How many passages there are, and how many were encoded and cut into words anew."""

    passages: int
    encoded: int
    cut: int


def reindex(
    writer: Writer, progress: Callable[[int], None], *, everything: bool = False
) -> Reindexing:
    """Bring both indexes up to date with the encoder and the lexicon now set.

    Passages of replaced briefings get vectors too, since they may be live again. Another
    encoder's vectors are made beside those in use, which readers go on with until one
    transaction takes the new ones over; an interrupted run is gone on with by the next.
    """
    ids = writer.catalog.passages.all_ids()
    is_other = not writer.catalog.is_built_with(VECTOR_INDEX, encoder_fingerprint(writer.encoder))
    encode = everything or is_other
    cut_all = everything or not writer.catalog.is_built_with(
        KEYWORD_INDEX, writer.keyword_index.fingerprint
    )
    home = writer.files.parent
    if encode:
        vectors = NewVectors(home, writer.encoder)
        vectors.encode(writer.catalog, ids, progress)
    if is_other:  # it has a collection of its own
        _fill_chroma(writer, vectors)
    with writer.catalog.transaction():
        if encode:
            for batch in _batches(ids):
                writer.catalog.changes.set_vectors(
                    batch, vectors.of(writer.catalog.passages.get(batch))
                )
        cut = writer.keyword_index.adopt_lexicon()
        if cut_all:
            cut = writer.keyword_index.add_all()
        note_makers(writer.catalog, writer.encoder, writer.keyword_index)
        encoded = len(ids) if encode else 0
        writer.catalog.notes.note_change("reindexed", encoded=encoded, cut=cut)
    if encode and not is_other:
        writer.vector_index.empty()
        _fill_chroma(writer, vectors)
    drop_new_vectors(home)
    writer.forget_links_read()
    writer.finish_pending()
    writer.reconcile(thoroughly=True)
    return Reindexing(len(ids), encoded, cut)


def retag(writer: Writer) -> int:
    """Give every passage its topics anew, by the list as it is now; returns how many change.

    Nothing is encoded but the descriptions of the topics.
    """
    ids = writer.catalog.passages.all_ids()
    by_hand = writer.catalog.changes.corrected_labels()
    changed: dict[str, tuple[TopicLabel, ...]] = {}
    for start in range(0, len(ids), _BATCH):
        batch, vectors = writer.catalog.passages.vectors(ids[start : start + _BATCH])
        passages = writer.catalog.passages.get(batch)
        for passage, labels in zip(passages, writer.labels(passages, vectors), strict=True):
            labels = by_hand.get(passage.id, labels)
            if passage.labels != labels:
                changed[passage.id] = labels
    with writer.catalog.transaction():
        writer.catalog.changes.set_labels(changed)
        writer.catalog.notes.note_change("retagged", passages=len(changed))
    writer.vector_index.relabel(writer.catalog.snapshot().ids)
    writer.catalog.set_meta(LABELLED_BY, labelled_by(writer.topics))
    writer.reconcile()  # an earlier writer may have been interrupted
    return len(changed)


def _fill_chroma(writer: Writer, vectors: NewVectors) -> None:
    """Give Chroma the new vectors of all live passages."""
    for batch in _batches(writer.catalog.snapshot().ids):
        writer.vector_index.add_vectors(batch, vectors.of(writer.catalog.passages.get(batch)))


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]

"""Archives for benchmarks, made of passages that no PDF was read for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from archive import Archive
from archive.chinese.lexicon import load_lexicon
from archive.index.encoder import Encoder
from archive.index.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.index.vector_index import VECTOR_INDEX, VectorIndex, encoder_fingerprint
from archive.records import Briefing, BriefingCard, Page, Passage, SectionCard, Topic, TopicLabel
from archive.store.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Document:
    """A passage to be: its id, what stands over it, its text and its briefing's date."""

    id: str
    text: str
    date: str = "2023-07-28"
    title: str = ""
    heading: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """An archive with its parts, for measuring these one by one."""

    archive: Archive
    catalog: Catalog
    keyword_index: KeywordIndex
    vector_index: VectorIndex
    encoder: Encoder


def build(
    home: Path,
    briefings: Iterator[Sequence[Document]],
    vectors: Iterator[NDArray[np.float32]],
    encoder: Encoder,
) -> Built:
    """An archive at `home` of briefings, each with its passages' vectors, without Chroma."""
    catalog = Catalog.open(home / "catalog.sqlite3", create=True)
    keyword_index = KeywordIndex(catalog, load_lexicon(home))
    catalog.set_meta(VECTOR_INDEX, encoder_fingerprint(encoder))
    catalog.set_meta(KEYWORD_INDEX, keyword_index.fingerprint)
    keyword_index.adopt_lexicon()
    for number, (documents, own) in enumerate(zip(briefings, vectors, strict=True)):
        briefing = _briefing(f"b{number:06}", documents)
        passages = [_passage(briefing, document) for document in documents]
        with catalog.transaction():
            catalog.changes.insert_pending(briefing, passages, own, None)
            keyword_index.add([passage.id for passage in passages])
            catalog.changes.publish(briefing.id)
    return opened(home, encoder)


def opened(home: Path, encoder: Encoder, topics: Sequence[Topic] = ()) -> Built:
    """The archive at `home`, opened for reading without Chroma."""
    catalog = Catalog.open(home / "catalog.sqlite3")
    keyword_index = KeywordIndex(catalog, load_lexicon(home))
    vector_index = VectorIndex(catalog, lambda: encoder, lambda _: None)
    archive = Archive(
        catalog=catalog,
        keyword_index=keyword_index,
        vector_index=vector_index,
        topic_list=topics,
        files=home / "files",
    )
    return Built(archive, catalog, keyword_index, vector_index, encoder)


@contextmanager
def temporary(passages: dict[str, str], encoder: Encoder) -> Iterator[Built]:
    """An archive of these texts by id, a briefing each, for the block."""
    vectors = encoder.encode_documents(list(passages.values()))
    with TemporaryDirectory() as folder:
        documents = ([Document(passage, text)] for passage, text in passages.items())
        yield build(Path(folder) / "home", documents, (row[None] for row in vectors), encoder)


def _briefing(briefing_id: str, documents: Sequence[Document]) -> Briefing:
    first = documents[0]
    return Briefing(
        id=briefing_id,
        series="benchmark",
        title=first.title,
        issuer="benchmark",
        date=first.date,
        abstract="",
        sections=(),
        references=(),
        pages=(Page(1, "1", "\n".join(document.text for document in documents)),),
        signal="none",
        warnings=(),
        file_hash=briefing_id,
    )


def _passage(briefing: Briefing, document: Document) -> Passage:
    return Passage(
        id=document.id,
        briefing=BriefingCard(briefing.id, briefing.title, briefing.issuer, briefing.date),
        section=SectionCard("", document.heading, (document.heading,) if document.heading else ()),
        text=document.text,
        page_starts=((0, 1),),
        printed=("1", "1"),
        labels=tuple(TopicLabel(topic, 1.0) for topic in document.topics),
    )

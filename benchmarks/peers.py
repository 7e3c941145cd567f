"""The hybrid searches one would otherwise assemble: LangChain's, LlamaIndex's and Haystack's.

Each is built as its documentation shows, over the same passages and the same encoder, needs the
extra `peers`, and asks no network. Where a setting matters it has the one that did better here, on
CMRC and on news: words as jieba cuts them for search, without punctuation (keeping it cost BM25
alone .05 of R@1 on CMRC; dropping stop words changed nothing); 20 passages from each ranking, where
the defaults are 4, 2 and 10 and where 50 did no better; and BM25 before vectors, since reciprocal
ranks often tie and the first ranking then wins.
"""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jieba

from archive.index.encoder import Encoder

_DEPTH = 20
"""Passages from each of the two rankings; a peer ranks no more than both have."""
_WORD = re.compile(r"[^\W_]")

jieba.setLogLevel(logging.WARNING)


class Peer(Protocol):
    """A search over the passages it was built with."""

    @property
    def name(self) -> str:
        """What it is called in a report."""

    def rank(self, question: str, limit: int) -> list[str]:
        """The ids of the passages that fit a question, best first."""


@dataclass(frozen=True, slots=True)
class _Peer:
    name: str
    search: Callable[[str], list[str]]

    def rank(self, question: str, limit: int) -> list[str]:
        return self.search(question)[:limit]


def langchain_ensemble(passages: Mapping[str, str], encoder: Encoder) -> Peer:
    """LangChain's EnsembleRetriever with its default weights, over BM25Retriever and Chroma.

    Chroma looks as far as it takes to find what an exact search finds.
    """
    import chromadb
    from langchain_chroma import Chroma
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

    class EncoderEmbeddings(Embeddings):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return _embed_documents(encoder, texts)

        def embed_query(self, text: str) -> list[float]:
            return _embed_query(encoder, text)

    documents = [
        Document(text, id=passage_id, metadata={"id": passage_id})
        for passage_id, text in passages.items()
    ]
    words = BM25Retriever.from_documents(documents, preprocess_func=_words, k=_DEPTH)
    store = Chroma.from_documents(
        documents,
        EncoderEmbeddings(),
        collection_name=f"peer-{uuid.uuid4()}",
        client=chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False)),
        collection_configuration={"hnsw": {"space": "cosine", "ef_search": 500}},
    )
    vectors = store.as_retriever(search_kwargs={"k": _DEPTH})
    ensemble = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5], id_key="id")
    return _Peer(
        "LangChain EnsembleRetriever",
        lambda question: [found.metadata["id"] for found in ensemble.invoke(question)],
    )


def llamaindex_fusion(passages: Mapping[str, str], encoder: Encoder) -> Peer:
    """LlamaIndex's QueryFusionRetriever over BM25Retriever and an exact vector index in memory.

    Its BM25Retriever ignores `tokenizer`, and what it cuts a question into must be in the question.
    So it is given an index of jieba's words, and questions with jieba's words spaced out; the nodes
    keep their text, since it is by text that the fusion knows a passage again.
    """
    import bm25s
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.schema import QueryBundle, TextNode
    from llama_index.core.vector_stores.utils import node_to_metadata_dict
    from llama_index.retrievers.bm25 import BM25Retriever

    class EncoderEmbedding(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return _embed_documents(encoder, texts)

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return _embed_query(encoder, query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    class ChineseBM25Retriever(BM25Retriever):  # type: ignore[misc]
        def _retrieve(self, query_bundle: QueryBundle) -> Any:
            return super()._retrieve(QueryBundle(" ".join(_words(query_bundle.query_str))))

    nodes = [TextNode(id_=passage_id, text=text) for passage_id, text in passages.items()]
    index = bm25s.BM25(corpus=[node_to_metadata_dict(node) for node in nodes])
    index.index([_words(text) for text in passages.values()], show_progress=False)
    words = ChineseBM25Retriever(
        existing_bm25=index, similarity_top_k=_DEPTH, skip_stemming=True, token_pattern=r"\S+"
    )
    vectors = VectorStoreIndex(
        nodes, embed_model=EncoderEmbedding(model_name=encoder.identity.name, embed_batch_size=2048)
    ).as_retriever(similarity_top_k=_DEPTH)
    fusion = QueryFusionRetriever(
        [words, vectors],
        llm=MockLLM(),
        mode="reciprocal_rerank",
        similarity_top_k=2 * _DEPTH,
        num_queries=1,
        use_async=False,
    )
    return _Peer(
        "LlamaIndex QueryFusionRetriever",
        lambda question: [found.node.node_id for found in fusion.retrieve(question)],
    )


def haystack_hybrid(passages: Mapping[str, str], encoder: Encoder) -> Peer:
    """Haystack's InMemoryBM25Retriever and InMemoryEmbeddingRetriever, joined by DocumentJoiner.

    Its store cuts Chinese into single characters, or as one regular expression says; so documents
    and questions hold jieba's words spaced out, while vectors are of the text as it is.
    """
    os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")
    from haystack import Document, Pipeline, component
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    @component
    class EncoderTextEmbedder:
        @component.output_types(embedding=list[float])  # type: ignore[untyped-decorator]
        def run(self, text: str) -> dict[str, Any]:
            return {"embedding": _embed_query(encoder, text)}

    store = InMemoryDocumentStore(
        bm25_tokenization_regex=r"\S+", shared=False, return_embedding=False
    )
    vectors = _embed_documents(encoder, list(passages.values()))
    store.write_documents(
        [
            Document(id=passage_id, content=" ".join(_words(text)), embedding=vector)
            for (passage_id, text), vector in zip(passages.items(), vectors, strict=True)
        ]
    )
    pipeline = Pipeline()
    pipeline.add_component("embedder", EncoderTextEmbedder())
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=_DEPTH))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=_DEPTH))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("embedder.embedding", "vectors.query_embedding")
    pipeline.connect("words", "joiner")
    pipeline.connect("vectors", "joiner")

    def search(question: str) -> list[str]:
        data = {"embedder": {"text": question}, "words": {"query": " ".join(_words(question))}}
        return [found.id for found in pipeline.run(data)["joiner"]["documents"]]

    return _Peer("Haystack hybrid pipeline", search)


def _embed_documents(encoder: Encoder, texts: list[str]) -> list[list[float]]:
    vectors: list[list[float]] = encoder.encode_documents(texts).tolist()
    return vectors


def _embed_query(encoder: Encoder, text: str) -> list[float]:
    vector: list[float] = encoder.encode_query(text).tolist()
    return vector


def _words(text: str) -> list[str]:
    return [word for word in jieba.cut_for_search(text.lower()) if _WORD.search(word)]


PEERS = (langchain_ensemble, llamaindex_fusion, haystack_hybrid)

"""The hybrid searches one would otherwise assemble: LangChain's, LlamaIndex's and Haystack's.

Each is built as its documentation shows and given the same passages and the same encoder. Needs
the extra `peers`.
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

from archive.encoder import Encoder

_DEPTH = 50
_WORD = re.compile(r"[^\W_]")
jieba.setLogLevel(logging.WARNING)


class Peer(Protocol):
    """A search over the passages it was built with."""

    @property
    def name(self) -> str: ...

    def rank(self, question: str, limit: int) -> list[str]:
        """The ids of the best passages, best first."""


@dataclass(frozen=True, slots=True)
class _Ranker:
    name: str
    ranked: Callable[[str], list[str]]

    def rank(self, question: str, limit: int) -> list[str]:
        return self.ranked(question)[:limit]


def langchain_ensemble(passages: Mapping[str, str], encoder: Encoder) -> Peer:
    """LangChain's EnsembleRetriever over BM25Retriever and Chroma."""
    import chromadb
    from langchain_chroma import Chroma
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

    class EncoderEmbeddings(Embeddings):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return encoder.encode_documents(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return encoder.encode_query(text).tolist()

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
        collection_configuration={"hnsw": {"space": "cosine"}},
    )
    vectors = store.as_retriever(search_kwargs={"k": _DEPTH})
    ensemble = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5], id_key="id")
    return _Ranker(
        "LangChain EnsembleRetriever",
        lambda question: [found.metadata["id"] for found in ensemble.invoke(question)],
    )


def llamaindex_fusion(passages: Mapping[str, str], encoder: Encoder) -> Peer:
    """LlamaIndex's QueryFusionRetriever over a vector index and BM25Retriever."""
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
            return encoder.encode_documents(texts).tolist()

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return encoder.encode_query(query).tolist()

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
        [vectors, words],
        llm=MockLLM(),
        mode="reciprocal_rerank",
        similarity_top_k=2 * _DEPTH,
        num_queries=1,
        use_async=False,
    )
    return _Ranker(
        "LlamaIndex QueryFusionRetriever",
        lambda question: [found.node.node_id for found in fusion.retrieve(question)],
    )


def haystack_hybrid(passages: Mapping[str, str], encoder: Encoder) -> Peer:
    """Haystack's InMemoryBM25Retriever and InMemoryEmbeddingRetriever, joined by DocumentJoiner."""
    os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")
    from haystack import Document, Pipeline, component
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    @component
    class EncoderTextEmbedder:
        @component.output_types(embedding=list[float])
        def run(self, text: str) -> dict[str, Any]:
            return {"embedding": encoder.encode_query(text).tolist()}

    store = InMemoryDocumentStore(
        bm25_tokenization_regex=r"\S+", shared=False, return_embedding=False
    )
    vectors = encoder.encode_documents(list(passages.values())).tolist()
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

    def ranked(question: str) -> list[str]:
        data = {"embedder": {"text": question}, "words": {"query": " ".join(_words(question))}}
        return [found.id for found in pipeline.run(data)["joiner"]["documents"]]

    return _Ranker("Haystack DocumentJoiner", ranked)


def _words(text: str) -> list[str]:
    return [word for word in jieba.lcut(text.lower()) if _WORD.search(word)]


PEERS = (langchain_ensemble, llamaindex_fusion, haystack_hybrid)

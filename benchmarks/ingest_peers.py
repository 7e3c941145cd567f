"""What one would otherwise assemble to take PDFs in: LangChain's and LlamaIndex's pipelines.

Loader, splitter and Chroma as their documentation shows, with the same encoder, in its batches;
nothing overlaps in the splitting, so that they encode no more text than there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archive.index.encoder import Encoder

_CHUNK = 400
"""Characters of a chunk, about as many as the passages of the benchmark's briefings have."""
_TOKENS = 500
"""LlamaIndex counts tokens of another vocabulary; so many come to about as many chunks."""
_CHINESE = ["\n\n", "\n", "。", "！", "？", "；", "，", ""]


def langchain(pdfs: Sequence[Path], store: Path, encoder: Encoder) -> int:
    """PyPDFLoader, RecursiveCharacterTextSplitter, Chroma; returns how many chunks."""
    from langchain_chroma import Chroma
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_core.embeddings import Embeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    class EncoderEmbeddings(Embeddings):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> Any:
            return encoder.encode_documents(texts).tolist()

        def embed_query(self, text: str) -> Any:
            return encoder.encode_query(text).tolist()

    documents = [page for pdf in pdfs for page in PyPDFLoader(str(pdf)).load()]
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=_CHUNK, chunk_overlap=0, separators=_CHINESE, keep_separator="end"
    )
    chunks = splitter.split_documents(documents)
    Chroma.from_documents(chunks, EncoderEmbeddings(), persist_directory=str(store))
    return len(chunks)


def llamaindex(pdfs: Sequence[Path], store: Path, encoder: Encoder) -> int:
    """SimpleDirectoryReader, SentenceSplitter, ChromaVectorStore; returns how many chunks."""
    import chromadb
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.vector_stores.chroma import ChromaVectorStore

    class EncoderEmbedding(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embeddings(self, texts: list[str]) -> Any:
            return encoder.encode_documents(texts).tolist()

        def _get_text_embedding(self, text: str) -> Any:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> Any:
            return encoder.encode_query(query).tolist()

        async def _aget_query_embedding(self, query: str) -> Any:
            return self._get_query_embedding(query)

    documents = SimpleDirectoryReader(input_files=[str(pdf) for pdf in pdfs]).load_data()
    nodes = SentenceSplitter(
        chunk_size=_TOKENS, chunk_overlap=0, secondary_chunking_regex="[^，。；！？]+[，。；！？]?"
    ).get_nodes_from_documents(documents)
    collection = chromadb.PersistentClient(str(store)).get_or_create_collection("briefings")
    VectorStoreIndex(
        nodes,
        storage_context=StorageContext.from_defaults(
            vector_store=ChromaVectorStore(chroma_collection=collection)
        ),
        embed_model=EncoderEmbedding(model_name=encoder.identity.name, embed_batch_size=2048),
    )
    return len(nodes)

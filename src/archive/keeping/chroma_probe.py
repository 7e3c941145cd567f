"""What Chroma's store holds and whether it is damaged, asked in a process that may crash."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from archive.errors import ArchiveError
from archive.index.chroma import ChromaError, chroma_client, find_collection
from archive.index.encoder import open_encoder
from archive.index.vector_index import VectorIndex
from archive.settings import Settings
from archive.store.catalog import Catalog

_ASKED = 300
"""A sample of so many passages is searched by their own vectors."""


@dataclass(frozen=True, slots=True)
class ChromaState:
    """The ids in Chroma, and what is wrong with the store itself."""

    ids: frozenset[str] = frozenset()
    damage: str = ""


def probe_chroma(settings: Settings, collection: str) -> ChromaState:
    """Look at Chroma in a child process, since a damaged store can end the process that opens it.

    Raises BusyError when another process has the folder.
    """
    if not settings.chroma.exists() and not settings.chroma_url:
        return ChromaState()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_read_chroma, settings, collection).result()
        except BrokenProcessPool:
            return ChromaState(damage=f"opening {settings.chroma} ends the process")
        except ChromaError as error:
            return ChromaState(damage=error.message)
        except ArchiveError:
            raise
        except Exception as error:  # whatever Chroma raises of a store it can't read
            return ChromaState(damage=f"Chroma can't be read ({type(error).__name__}: {error})")


def _read_chroma(settings: Settings, collection: str) -> ChromaState:
    with chroma_client(settings) as client:
        try:
            return _state_of(find_collection(client, collection), settings)
        except ChromaError as error:
            return ChromaState(damage=error.message)


def _state_of(collection: Any | None, settings: Settings) -> ChromaState:
    if collection is None:
        return ChromaState()
    catalog = Catalog.open(settings.catalog)
    index = VectorIndex(catalog, lambda: open_encoder(settings.model), lambda _: collection)
    ids = index.ids()
    if index.count() != len(ids):
        return ChromaState(damage=f"Chroma counts {index.count()} vectors and lists {len(ids)}")
    known = [passage_id for passage_id in catalog.snapshot().ids if passage_id in ids]
    asked = known[:: max(1, -(-len(known) // _ASKED))]
    lost = len(index.lost(asked))
    damage = f"{lost} of {len(asked)} passages asked don't find themselves" if lost else ""
    return ChromaState(frozenset(ids), damage)

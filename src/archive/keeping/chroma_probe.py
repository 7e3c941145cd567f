"""What Chroma's store holds and whether it is damaged, asked in a process that may crash."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from archive.errors import ArchiveError
from archive.index.chroma import ChromaError, chroma_client, find_collection
from archive.index.encoder import open_encoder
from archive.index.vector_index import VectorIndex
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.worker_process import Bounds, Worker, WorkerDiedError

_ASKED = 300
"""A sample of so many passages is searched by their own vectors."""
_BOUNDS = Bounds(seconds=1800.0, memory=None)
_worker = Worker("archive.keeping.chroma_probe", "chromadb")
"""Kept, since loading Chroma takes longer than looking at an archive."""
_prober = ThreadPoolExecutor(1, "probing")  # a worker ends with the thread it has


@dataclass(frozen=True, slots=True)
class ChromaState:
    """The ids in Chroma, and what is wrong with the store itself."""

    ids: frozenset[str] = frozenset()
    damage: str = ""


def probe_chroma(settings: Settings, collection: str) -> ChromaState:
    """Look at a folder of Chroma's in another process, since a damaged one can end its reader.

    Raises BusyError when another process has the folder, ArchiveError when a server can't be asked
    or the other process doesn't start.
    """
    if not settings.chroma.exists() and not settings.chroma_url:
        return ChromaState()
    try:
        if settings.chroma_url:
            return _read_chroma(settings, collection)
        return _prober.submit(_read_elsewhere, settings, collection).result()
    except ChromaError as error:
        return ChromaState(damage=error.message)
    except ArchiveError:
        raise
    except Exception as error:  # whatever Chroma raises of a store it can't read
        return ChromaState(damage=f"Chroma can't be read ({type(error).__name__}: {error})")


def _read_elsewhere(settings: Settings, collection: str) -> ChromaState:
    """What the worker reads; a folder that ends it is damaged."""
    try:
        _worker.call(_BOUNDS, bool)
    except (WorkerDiedError, TimeoutError, OSError) as error:
        raise ArchiveError(
            f"no process could be started to look at Chroma in ({type(error).__name__}: {error})",
            "try again once the machine has memory and processes to spare",
        ) from error
    is_sound = False
    try:
        state = _worker.call(_BOUNDS, _read_chroma, settings, collection)
        is_sound = not state.damage
    except WorkerDiedError:
        state = ChromaState(damage=f"opening {settings.chroma} ends the process")
    finally:
        if not is_sound:
            _worker.restart()  # Chroma remembers what it failed to open
    return state


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

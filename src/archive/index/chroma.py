"""Chroma: its folder, which one writer owns, or its server; the only module that knows chromadb.

Chroma's folder belongs to one process at a time, since two corrupt it silently and a second reader
goes stale. Only a writer opens it, under a lock; a reader asks a server where one is set.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import ArchiveError
from archive.settings import Settings
from archive.store.locks import NO_PATIENCE, Patience, await_free, hold

HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 500}
CHROMA_LOCK = "chroma.lock"
_HEARTBEAT_SECONDS = 2.0
_READ_SECONDS, _WRITE_SECONDS = 10.0, 120.0
"""How long a reader and a writer wait for a server to do one thing."""
_HEARTBEAT, _LONGEST_HEARTBEAT = "/api/v2/heartbeat", 1000


class ChromaError(ArchiveError):
    """Chroma was asked and failed."""


@contextmanager
def chroma_errors(doing: str) -> Iterator[None]:
    """Chroma's own errors and its HTTP library's, which have no common class, as one."""
    try:
        yield
    except Exception as error:
        raise ChromaError(
            f"Chroma failed to {doing} ({type(error).__name__}: {error})",
            "run the same command again, which goes on where this one stopped; if that "
            "doesn't help, see `archive doctor`",
        ) from error


def reader_collection(settings: Settings, name: str) -> Any | None:
    """The collection on the server that is set; None where none is.

    Raises ArchiveError when the server doesn't answer or hasn't got the collection.
    """
    if settings.chroma_url is None:
        return None
    client = _http_client(settings.chroma_url, _READ_SECONDS)
    with chroma_errors("get the archive's collection"):
        return client.get_collection(name, embedding_function=None)


@contextmanager
def chroma_client(settings: Settings, *, patience: Patience = NO_PATIENCE) -> Iterator[Any]:
    """A Chroma client that may write: of the server that is set, else of the folder, locked.

    Raises BusyError when another process has the folder for longer than `patience`, ArchiveError
    when Chroma fails, and when a server is set that doesn't answer.
    """
    url = settings.chroma_url
    if url is None:
        with hold(settings.home / CHROMA_LOCK, "writing to Chroma's folder", patience=patience):
            with chroma_errors(f"open {settings.chroma}"):
                client = _folder_client(settings.chroma)
            with closing(client):  # or the next one in this process would see what this one knows
                yield client
        return
    try:
        with closing(_http_client(url, _WRITE_SECONDS)) as client:
            yield client
    except ChromaError as error:
        raise ArchiveError(
            f"the Chroma server at {_address(url)}: {error.message}",
            "nothing is lost: see that the server runs, then run the same command again, which "
            "goes on where this one stopped; if that doesn't help, see `archive doctor`",
        ) from error


def await_chroma(settings: Settings, *, patience: Patience = NO_PATIENCE) -> None:
    """Return once no other process has Chroma's folder; at once where a server is set.

    Raises BusyError when one has it for longer than `patience`.
    """
    if settings.chroma_url is None:
        await_free(settings.home / CHROMA_LOCK, patience)


def open_collection(client: Any, name: str) -> Any:
    """The collection of this name, made if need be."""
    # Without embedding_function=None Chroma would attach its own English model.
    with chroma_errors("open the archive's collection"):
        return client.get_or_create_collection(
            name, configuration={"hnsw": HNSW}, embedding_function=None
        )


def find_collection(client: Any, name: str) -> Any | None:
    """The collection of this name, None where there is none."""
    with chroma_errors("list its collections"):
        names = {collection.name for collection in client.list_collections()}
        return client.get_collection(name, embedding_function=None) if name in names else None


def drop_collection(client: Any, name: str) -> None:
    """Delete the collection of this name, if there is one."""
    if find_collection(client, name) is not None:
        with chroma_errors("delete a collection"):
            client.delete_collection(name)


def drop_other_collections(client: Any, name: str) -> None:
    """Delete the collections the same archive made with other encoders."""
    prefix = name.rpartition("-")[0] + "-"
    with chroma_errors("delete a collection"):
        for other in client.list_collections():
            if other.name.startswith(prefix) and other.name != name:
                client.delete_collection(other.name)


def _address(url: str) -> str:
    """A server's address without a user's name and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _http_client(url: str, seconds: float) -> Any:
    """A client of the server at an address, which waits for it so long.

    Raises ArchiveError when nothing answers there, or when what does isn't Chroma.
    """
    _check_server(url)
    import chromadb

    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    with chroma_errors("answer"):
        client = chromadb.HttpClient(
            host=f"[{host}]" if ":" in host else host,
            port=parts.port or (443 if parts.scheme == "https" else 80),
            ssl=parts.scheme == "https",
        )
    client._server._session.timeout = seconds  # it has no setting, and else waits for ever
    return client


def _check_server(url: str) -> None:
    address = _address(url)
    try:
        with urllib.request.urlopen(f"{address}{_HEARTBEAT}", timeout=_HEARTBEAT_SECONDS) as answer:
            json.loads(answer.read(_LONGEST_HEARTBEAT))["nanosecond heartbeat"]
    except (ValueError, KeyError, TypeError, HTTPException, urllib.error.HTTPError) as error:
        raise ArchiveError(
            f"what answers at {address} is not a Chroma server ({type(error).__name__}: {error})",
            "set ARCHIVE_CHROMA_URL to the address of one, or unset it to use the archive's own "
            "folder",
        ) from error
    except OSError as error:
        raise ArchiveError(
            f"the Chroma server at {address} does not answer ({error})",
            "start it, or unset ARCHIVE_CHROMA_URL to use the archive's own folder",
        ) from error


def _folder_client(folder: Path) -> Any:
    import chromadb

    return chromadb.PersistentClient(str(folder))

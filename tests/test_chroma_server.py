"""Everything runs against a real Chroma server, which dies, comes back, or was never one."""

from __future__ import annotations

import logging
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from archive import Archive, Settings
from archive.errors import ArchiveError, UsageError
from archive.index import vector_index as vector_index_module
from archive.index.chroma import chroma_client
from archive.keeping.doctor import mend
from archive.keeping.reindexing import reindex, retag
from archive.keeping.writing import open_writer
from archive.store.catalog import Catalog
from tests.commands import environment_of, run, start
from tests.conftest import free_port, ingest_quietly, verdicts
from tests.made_archive import save_telling_encoder

_RUN = "import sys; from chromadb.cli import cli; sys.argv = ['chroma', *sys.argv[1:]]; cli.app()"
_START_SECONDS = 120


class Server:
    """A Chroma server with a folder of its own on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _RUN, "run", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=2).close()
                return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("models")
    return tuple(str(save_telling_encoder(folder / n, n)) for n in ("甲", "辛"))  # type: ignore[return-value]


@pytest.fixture
def settings(server: Server, tmp_path: Path, models: tuple[str, str]) -> Settings:
    return Settings(tmp_path / "home", model=models[0], chroma_url=server.url)


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_index_module, "_AGAIN_SECONDS", 0.0)


def ids_on_the_server(settings: Settings) -> set[str]:
    with chroma_client(settings) as client:
        (collection,) = client.list_collections()
        return set(collection.get(include=[])["ids"])


def live_ids(settings: Settings) -> set[str]:
    return set(Catalog.open(settings.catalog).snapshot().ids)


def test_everything_against_a_server(
    settings: Settings,
    samples: list[Path],
    models: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert ingest_quietly(samples[:3], settings).counts["new"] == 3
    assert not settings.chroma.exists()
    assert ids_on_the_server(settings) == live_ids(settings)
    reader = Archive.open(settings)
    by_server = [r.passage.id for r in reader.search("稀土出口", mode="semantic")]
    assert reader._vector_index._collection is not None
    alone = Archive.open(Settings(settings.home, model=settings.model))
    assert by_server == [r.passage.id for r in alone.search("稀土出口", mode="semantic")]
    reader.ask("稀土出口许可如何变化？")
    (settings.home / "topics.toml").write_text(
        '[[topic]]\nname = "稀土"\nkeywords = ["稀土", "出口", "许可"]\ndescription = "稀土"\n'
    )
    with open_writer(settings, "labelling") as writer:
        assert retag(writer)
    with chroma_client(settings) as client:
        (collection,) = client.list_collections()
        labelled = collection.get(include=["metadatas"])["metadatas"]
        assert {name for facts in labelled for name in facts.get("topics") or ()} == {"稀土"}
    with open_writer(settings, "removing") as writer:
        writer.remove(Archive.open(settings).briefings()[0].id)
        writer.reconcile()
    assert ids_on_the_server(settings) == live_ids(settings)
    assert verdicts(settings) == {}
    other = Settings(settings.home, model=models[1], chroma_url=settings.chroma_url)
    with open_writer(other, "reindexing", reindexing=True) as writer:
        reindex(writer, lambda done: None)
    assert ids_on_the_server(other) == live_ids(other)  # and there is one collection only
    mend(other)
    assert verdicts(other) == {}
    assert not caplog.records


def test_a_server_killed_in_the_middle_of_an_ingest(
    settings: Settings, server: Server, samples: list[Path]
) -> None:
    ingest_quietly(samples[:2], settings)
    process = start("ingest", *samples[:12], "--json", environment=environment_of(settings))
    catalog = Catalog.open(settings.catalog)
    while len(catalog.briefings.file_hashes()) < 3 and process.poll() is None:
        time.sleep(0.002)
    server.kill()
    done = process.wait(120)
    assert done.code == 1, done.err
    assert "Traceback" not in done.err
    assert server.url in done.err.splitlines()[-2]
    assert "cure: nothing is lost" in done.err.splitlines()[-1]
    # Readers go on without it.
    assert Archive.open(settings).search("稀土", mode="semantic")
    sick = verdicts(settings)
    assert f"the Chroma server at {server.url} does not answer" in sick["chroma"]
    for act in (lambda: ingest_quietly(samples[:12], settings), lambda: mend(settings)):
        with pytest.raises(ArchiveError, match=server.url):
            act()
    server.start()
    assert ingest_quietly(samples[:12], settings).counts["failed"] == 0
    assert len(catalog.briefings.file_hashes()) == 12
    assert ids_on_the_server(settings) == live_ids(settings)
    assert verdicts(settings) == {}


def test_a_server_that_lost_its_folder(
    settings: Settings, server: Server, samples: list[Path], short_patience: None
) -> None:
    ingest_quietly(samples[:3], settings)
    reader = Archive.open(settings)
    before = [r.passage.id for r in reader.search("稀土出口", mode="semantic")]
    server.kill()
    shutil.rmtree(server.folder)
    server.start()
    count = len(live_ids(settings))
    assert verdicts(settings)["chroma"].startswith(f"{count} passages missing from Chroma")
    assert [r.passage.id for r in reader.search("稀土出口", mode="semantic")] == before
    mend(settings)
    assert verdicts(settings) == {}
    assert ids_on_the_server(settings) == live_ids(settings)
    assert [r.passage.id for r in reader.search("稀土出口", mode="semantic")] == before
    assert reader._vector_index._collection is not None, "asked again"


def test_wrong_vectors_on_a_server_are_made_anew(settings: Settings, samples: list[Path]) -> None:
    ingest_quietly(samples[:2], settings)
    catalog = Catalog.open(settings.catalog)
    ids, vectors = catalog.passages.vectors(catalog.snapshot().ids)
    with chroma_client(settings) as client:
        (collection,) = client.list_collections()
        collection.upsert(ids=ids, embeddings=-vectors)
    assert "don't find themselves" in verdicts(settings)["chroma"]
    mend(settings)
    assert verdicts(settings) == {}


def test_a_reader_notices_that_the_server_is_back(
    settings: Settings,
    server: Server,
    samples: list[Path],
    caplog: pytest.LogCaptureFixture,
    short_patience: None,
) -> None:
    ingest_quietly(samples[:3], settings)
    server.kill()
    reader = Archive.open(settings)  # opened while there is no server
    with caplog.at_level(logging.WARNING, "archive.index.vector_index"):
        for _ in range(3):
            assert reader.search("稀土", mode="semantic")
        assert len(caplog.records) == 1, "said once"
        assert server.url in caplog.text
        assert reader._vector_index._collection is None
        server.start()
        assert reader.search("稀土", mode="semantic")
        assert reader._vector_index._collection is not None
        server.kill()
        server.start()  # restarted between two questions
        caplog.clear()
        for _ in range(2):
            assert reader.search("稀土", mode="semantic")
        assert len(caplog.records) <= 1
        assert reader._vector_index._collection is not None


def test_an_ingest_is_no_reason_to_warn(
    settings: Settings, samples: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    """Chroma holds what isn't live yet, and for a moment lacks what is live again."""
    ingest_quietly(samples[:3], settings)
    reader = Archive.open(settings)
    before = [r.passage.id for r in reader.search("稀土", mode="semantic")]
    with open_writer(settings, "a test") as writer, chroma_client(settings) as client:
        (collection,) = client.list_collections()
        collection.delete(ids=sorted(live_ids(settings)))
        with writer.catalog.transaction() as db:  # as a writer that goes on would
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
        assert [r.passage.id for r in reader.search("稀土", mode="semantic")] == before
        assert not caplog.records
        writer.reconcile()
    assert [r.passage.id for r in reader.search("稀土", mode="semantic")] == before
    assert not caplog.records
    with chroma_client(settings) as client:
        (collection,) = client.list_collections()
        collection.delete(ids=sorted(live_ids(settings)))
    reader.search("稀土", mode="semantic")
    assert "lacks passages" in caplog.text, "nobody is at it now"


# --- addresses at which no Chroma is -------------------------------------------------------------


class _NotChroma(BaseHTTPRequestHandler):
    answer = 404

    def do_GET(self) -> None:
        self.send_response(self.answer)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Hello(_NotChroma):
    answer = 200


@contextmanager
def another_service(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    web = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()


@contextmanager
def no_http(greeting: bytes | None) -> Iterator[str]:
    """A service that speaks something else, or never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def greet() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connections.append(connection)
                if greeting:
                    connection.sendall(greeting)

        connections: list[socket.socket] = []
        threading.Thread(target=greet, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for connection in connections:
            connection.close()


def test_addresses_at_which_no_chroma_is(
    samples: list[Path], tmp_path: Path, models: tuple[str, str]
) -> None:
    plain = Settings(tmp_path / "home", model=models[0])
    ingest_quietly(samples[:2], plain)
    with (
        another_service(_NotChroma) as not_found,
        another_service(_Hello) as hello,
        no_http(b"SSH-2.0-OpenSSH_9.2\r\n") as ssh,
        no_http(None) as silent,
    ):
        for url, says in (
            (not_found, "is not a Chroma server"),
            (hello, "is not a Chroma server"),
            (ssh, "is not a Chroma server"),
            (silent, "does not answer"),
            ("http://127.0.0.1:9", "does not answer"),
            ("http://no-such-host.invalid:8000", "does not answer"),
        ):
            settings = Settings(plain.home, model=models[0], chroma_url=url)
            with pytest.raises(ArchiveError, match=says) as caught, chroma_client(settings):
                pass
            assert url in str(caught.value)
            assert "ARCHIVE_CHROMA_URL" in str(caught.value)
            assert says in verdicts(settings)["chroma"]
            assert Archive.open(settings).search("稀土", mode="semantic")
        refused = run(
            Settings(plain.home, model=models[0], chroma_url=hello), "ingest", str(samples[2])
        )
        assert refused.code == 1
        assert f"error: what answers at {hello} is not a Chroma server" in refused.err
    for wrong in ("127.0.0.1:8000", "ftp://here", "http://", "http://here:99999", "http://a b"):
        with pytest.raises(UsageError, match="ARCHIVE_CHROMA_URL"):
            Settings.load({"ARCHIVE_CHROMA_URL": wrong}, home=plain.home)


def test_a_password_in_the_address_is_not_told(
    samples: list[Path], tmp_path: Path, models: tuple[str, str]
) -> None:
    settings = Settings(
        tmp_path / "home", model=models[0], chroma_url="http://me:secret@127.0.0.1:9"
    )
    with pytest.raises(ArchiveError, match="does not answer") as caught:
        ingest_quietly(samples[:1], settings)
    assert "secret" not in str(caught.value)

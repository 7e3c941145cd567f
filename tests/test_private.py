"""An archive is its owner's: another user of the machine reads nothing and changes nothing."""

from __future__ import annotations

import json
import logging
import marshal
import os
import pwd
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive import Archive, Settings
from archive.private import GroupAccess, close_to_others
from tests.commands import run
from tests.conftest import free_port, ingest_quietly
from tests.test_serve import serving

needs_root = pytest.mark.skipif(
    os.name != "posix" or os.getuid() != 0, reason="only root can be another user"
)


def modes(home: Path) -> dict[str, str]:
    """The rights of a home and of all in it that another user could use."""
    found = {path: stat.S_IMODE(path.lstat().st_mode) for path in (home, *home.rglob("*"))}
    return {str(path.relative_to(home)): oct(mode) for path, mode in found.items() if mode & 0o077}


def as_nobody(look: Callable[[], object]) -> object:
    """What a look gives (as JSON) in a process of another user's; a refusal as its name."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        try:
            told = look()
        except Exception as error:
            told = type(error).__name__
        os.write(write, json.dumps(told).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        told = json.loads(answer.read() or '"died"')
    os.waitpid(child, 0)
    return told


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path) -> Iterator[Settings]:
    """An archive in a folder that any user can reach, as pytest's own isn't."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Settings(Path(folder) / "home", model=str(tiny_model))


def test_whatever_a_command_writes_is_the_users_own(
    settings: Settings, samples: list[Path]
) -> None:
    old = os.umask(0o022)
    try:
        assert run(settings, "ingest", str(samples[0])).code == 0
        export = settings.home.with_name("all.export")
        assert run(settings, "export", str(export)).code == 0
    finally:
        os.umask(old)
    assert modes(settings.home) == {}
    assert stat.S_IMODE(export.stat().st_mode) == 0o600


def test_a_home_that_is_made_from_python_is_closed_too(
    settings: Settings, samples: list[Path]
) -> None:
    ingest_quietly(samples[:1], settings)
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700


def test_an_open_home_is_closed_with_a_line(
    settings: Settings, samples: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    ingest_quietly(samples[:1], settings)
    open_before = [settings.home, *settings.home.rglob("*")]
    for path in open_before:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (settings.home / "link").symlink_to("/etc/hostname")
    before = Path("/etc/hostname").stat().st_mode
    with caplog.at_level(logging.WARNING):
        ingest_quietly(samples[1:2], settings)
    assert not [path for path in open_before if path.exists() and path.stat().st_mode & 0o077]
    assert Path("/etc/hostname").stat().st_mode == before
    (said,) = [record.getMessage() for record in caplog.records if "other users" in record.msg]
    assert str(settings.home) in said
    caplog.clear()
    ingest_quietly(samples[2:3], settings)
    assert "other users" not in caplog.text


@pytest.mark.parametrize(
    ("group", "folder", "file"), [("read", 0o750, 0o640), ("write", 0o770, 0o660)]
)
def test_a_group_is_let_in_where_that_is_set(
    settings: Settings, samples: list[Path], group: GroupAccess, folder: int, file: int
) -> None:
    ingest_quietly(samples[:1], settings)
    (settings.home / "staff.json").write_text("{}")
    close_to_others(settings.home, group)
    watched = run(settings, "watch", "add", "稀土", "稀土", ARCHIVE_GROUP_ACCESS=group)
    assert watched.code == 0, watched.err
    for path in (settings.home, *settings.home.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode) & 0o777
        wanted = 0o600 if path.name == "staff.json" else folder if path.is_dir() else file
        assert mode == wanted, path
    assert run(settings, "list", ARCHIVE_GROUP_ACCESS="anybody").code == 2


@needs_root
def test_another_user_sees_and_reaches_nothing(settings: Settings, samples: list[Path]) -> None:
    ingest_quietly(samples[:1], settings)
    with serving(settings, port := free_port()):
        for name in (".", "catalog.sqlite3", "serve.holder.json", "serve.json", "chroma", "files"):
            place = settings.home / name

            def look(place: Path = place) -> object:
                return os.listdir(place) if place.is_dir() else place.read_bytes().hex()

            assert as_nobody(look) == "PermissionError", name
        # Besides the page, which is for all who may reach it, there is nothing to talk to.
        listening = [c for c in _listening() if c != port]
        assert as_nobody(lambda: [_chroma_answers(c) for c in listening]) == [False] * len(
            listening
        )


def _listening() -> list[int]:
    """The TCP ports of the loopback that this process's children listen at."""
    import psutil

    own = psutil.Process().children(recursive=True)
    found = [c.laddr.port for p in own for c in p.net_connections() if c.status == "LISTEN"]
    return sorted(set(found))


def _chroma_answers(port: int) -> bool:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as connection:
        connection.sendall(b"GET /api/v2/heartbeat HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        return b"heartbeat" in connection.recv(4096)


@needs_root
def test_who_may_only_read_can_search(settings: Settings, samples: list[Path]) -> None:
    ingest_quietly(samples[:2], settings)
    close_to_others(settings.home, "read")
    nobody = pwd.getpwnam("nobody")
    for path in (settings.home, *settings.home.rglob("*")):
        os.chown(path, 0, nobody.pw_gid)
    model_at = Archive.open(settings)  # read while it is allowed: the model lies elsewhere
    encoder = model_at._vector_index.encoder

    def look() -> object:
        reader = Archive.open(settings)
        reader._vector_index.__dict__["encoder"] = encoder
        found = {mode: len(reader.search("稀土", mode=mode)) for mode in ("keyword", "hybrid")}
        return [found["keyword"] > 0, found["hybrid"] > 0, os.access(settings.home, os.W_OK)]

    assert as_nobody(look) == [True, True, False]


def test_a_forged_cache_of_words_is_not_read(settings: Settings, samples: list[Path]) -> None:
    """In the shared folder for temporary files any user could have put it there."""
    ingest_quietly(samples[:1], settings)
    with tempfile.TemporaryDirectory() as shared, tempfile.TemporaryDirectory() as cache:
        forged = Path(shared) / "jieba.cache"
        forged.write_bytes(marshal.dumps(({"稀土出口许可的": 10**9}, 10**9)))
        own = {**settings.environment, "TMPDIR": shared, "XDG_CACHE_HOME": cache}

        def results() -> list[object]:
            """Of a search by an interpreter of its own, which has no words yet."""
            done = subprocess.run(
                [sys.executable, "-m", "archive", "search", "稀土出口许可的", "--mode", "keyword",
                 "--json"],
                env=os.environ | own, capture_output=True, check=True,
            )  # fmt: skip
            found: list[object] = json.loads(done.stdout)["results"]
            return found

        assert results()
        assert [path.name for path in Path(shared).iterdir()] == ["jieba.cache"]
        assert (Path(cache) / "briefing-archive" / "jieba.cache").exists()
        # A cache folder that others may write to is no better.
        (Path(cache) / "briefing-archive").chmod(0o777)
        (Path(cache) / "briefing-archive" / "jieba.cache").write_bytes(forged.read_bytes())
        assert results()

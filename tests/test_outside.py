"""Nothing calls out, and nothing is left where the README doesn't say so."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from archive.index.default_model import default_model_folder
from archive.offline import SWITCHES, remove_telemetry_files
from benchmarks.outside import Address, Place, Recorder, make_place, walk
from tests.conftest import ROOT

DOORS = ("archive", "archive.page.desk", "ingest", "ingest.reading.workers")
SESSION = "1796003700735\n3218cf06-d3ea-f815-2c42-0fe5790d9e1a"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An empty user's folder, but for the default model; skips where strace can't trace."""
    if subprocess.run("strace -f --seccomp-bpf true", shell=True, capture_output=True).returncode:
        (pytest.fail if "STRACE_REQUIRED" in os.environ else pytest.skip)("strace can't trace here")
    return make_place(tmp_path_factory.mktemp("outside"))


@pytest.fixture(scope="module")
def walked(place: Place) -> tuple[Recorder, frozenset[str]]:
    """All that a user does, recorded; and where the page sent the browser."""
    model = default_model_folder()
    (place.cache / "briefing-archive").mkdir(parents=True)
    (place.cache / "briefing-archive" / model.name).symlink_to(model)
    recorder = Recorder(place)
    return recorder, walk(recorder)


def test_no_command_calls_out(walked: tuple[Recorder, frozenset[str]]) -> None:
    recorder, _ = walked
    called = {
        name: (did.names, did.addresses)
        for name, did in recorder.recorded.items()
        if name != "serve" and (did.names or did.addresses)
    }
    assert len(recorder.recorded) > 9
    assert called == {}


def test_serving_the_page_calls_nobody(walked: tuple[Recorder, frozenset[str]]) -> None:
    """Neither on all interfaces, nor where a web page of elsewhere asks for its web socket."""
    served = walked[0].recorded["serve"]
    assert (served.names, served.addresses) == (frozenset(), frozenset())


def test_the_page_sends_the_browser_nowhere(walked: tuple[Recorder, frozenset[str]]) -> None:
    assert walked[1] == frozenset()


def test_the_cache_holds_what_the_readme_names(
    place: Place, walked: tuple[Recorder, frozenset[str]]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    paragraph = next(text for text in readme.split("\n\n") if "**Where the data lives.**" in text)
    named = tuple(re.findall(r"`([^`]+)`", paragraph))
    assert [path.name for path in (place.folder / "user").iterdir()] == [".cache"]
    assert [path.name for path in place.cache.iterdir()] == ["briefing-archive"]
    in_cache = {path.name for path in (place.cache / "briefing-archive").iterdir()}
    assert {name for name in in_cache if not name.startswith(named)} == set()


def test_the_recorder_sees_what_calls_out(place: Place) -> None:
    """A name looked up by a thread, an address, and files, also of a process' child."""
    asked = bytes(12) + b"\x07telling\x07example\0\0\1\0\1"
    script = f"""
import os, pathlib, socket, subprocess, sys, threading
def ask():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto({asked!r}, ("192.0.2.53", 53))
def call(family, host):
    with socket.socket(family, socket.SOCK_DGRAM) as caller:
        caller.connect_ex((host, 443))
thread = threading.Thread(target=ask)
thread.start()
thread.join()
call(socket.AF_INET, "192.0.2.1")
call(socket.AF_INET, "127.0.0.2")
call(socket.AF_INET6, "::1")
folder = pathlib.Path({str(place.cache)!r}, "说")
folder.mkdir(parents=True)
(folder / "gone").touch()
(folder / "gone").rename(folder / "kept")
os.symlink("kept", "named", dir_fd=os.open(folder, os.O_DIRECTORY))
subprocess.run([sys.executable, "-c", "open('child', 'w')"], cwd=folder, check=True)
(folder / "removed").touch()
(folder / "removed").unlink()
"""
    recorder = Recorder(place, (sys.executable, "-c"))
    recorder.run("a script", script)
    shutil.rmtree(place.cache / "说")
    did = recorder.recorded["a script"]
    assert did.names == {"telling.example"}
    assert did.addresses == {Address("192.0.2.53", 53), Address("192.0.2.1", 443)}
    folder = place.cache / "说"
    assert did.written >= {folder, folder / "kept", folder / "named", folder / "child"}
    assert not did.written & {folder / "gone", folder / "removed"}


@pytest.mark.parametrize("door", DOORS)
def test_switches_are_set_before_a_library_is_imported(door: str) -> None:
    """Whatever the environment says, and by whichever module a process comes in."""
    script = f"""
import os, sys
early = []
def look(event, about):
    package = str(about[0]).partition(".")[0] if event == "import" else "archive"
    if package not in sys.stdlib_module_names | {{"archive", "ingest"}}:
        if any(os.environ.get(name) != value for name, value in {SWITCHES!r}.items()):
            early.append(about[0])
sys.addaudithook(look)
import {door}
print(early)
"""
    environment = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "ORT_DISABLE_TELEMETRY": "0"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


# ---- what telemetry left ------------------------------------------------------------------------


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder of a Linux, also for temporary files."""
    if sys.platform != "linux":
        pytest.skip("the folders of other systems differ")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)  # where it is kept once found
    return tmp_path


def leave(user: Path) -> list[Path]:
    """What an onnxruntime with its telemetry on leaves."""
    folder = user / ".cache" / "Microsoft" / "DeveloperTools" / ".onnxruntime"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("deviceid", "onnxruntime.db", "onnxruntime.db-wal")]
    for path in paths:
        path.write_text("left")
    (user / ".ses").write_text(SESSION)
    return [*paths, user / ".ses"]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "archive", *arguments], capture_output=True, text=True
    )


def test_what_telemetry_left_is_removed_once_and_named(user: Path) -> None:
    left = leave(user)
    done = command("--version")
    assert done.returncode == 0
    said = "removed what onnxruntime's telemetry had left: "
    assert sorted(done.stderr.splitlines()) == sorted(said + str(path) for path in left)
    assert [path.name for path in (user / ".cache").iterdir()] == ["briefing-archive"]
    again = leave(user)  # by another program, whose user may want that
    assert command("--version").stderr == ""
    assert all(path.exists() for path in again)


def test_nothing_else_is_removed(user: Path) -> None:
    *left, session = leave(user)
    tools = user / ".cache" / "Microsoft" / "DeveloperTools"
    others = [tools / "deviceid", tools / ".onnxruntime" / "onnxruntime-genai.db", session]
    for path in others:
        path.write_text("another program's")
    remove_telemetry_files()
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in others)


def test_what_cannot_be_removed_is_tried_again(
    user: Path, caplog: pytest.LogCaptureFixture
) -> None:
    device, *files = leave(user)
    device.unlink()
    (device / "in the way").mkdir(parents=True)
    remove_telemetry_files()
    assert [path for path in (device, *files) if path.exists()] == [device]
    shutil.rmtree(device)
    device.write_text("left")
    remove_telemetry_files()
    assert not device.exists()
    assert len(caplog.records) == 4


@pytest.mark.parametrize("option", [["--progress", "json"], ["--progress=json"]])
def test_events_are_all_that_stderr_has(user: Path, option: list[str]) -> None:
    leave(user)
    done = command("ingest", str(user / "none.pdf"), *option)
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()]

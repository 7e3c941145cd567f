"""What leaves the machine or is left outside the archive's home: python -m benchmarks.outside

[--archive "COMMAND ..."] [--json]

Takes in two samples and a scan, searches, asks, compares, checks, exports, imports and serves the
page on all interfaces, where a browser searches, asks and opens a page of a PDF and a web page of
elsewhere knocks; each under strace, with an empty user's folder. Libraries call out from native
code too, so the recorder stands below them all: it reads from the kernel's calls which names were
looked up, which addresses connected to and which files written, by the command or any process it
started. `--archive` names another `archive` command than the checkout's. Linux with strace and
Chromium; names asked of a local daemon (nscd, nss-resolve) aren't seen, addresses always are.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browsing import chromium, is_listening
from tests.conftest import ROOT, SAMPLES, free_port, wait_until

CHECKOUT = (sys.executable, "-m", "archive")
_QUESTION = "稀土出口许可的审批时限现在是多少？"
_ELSEWHERE = "http://elsewhere.example"
_CALLS = """
    connect sendto sendmsg sendmmsg open openat creat mkdir mkdirat
    rename renameat renameat2 link linkat symlink symlinkat
""".split()
_TRACED = ",".join(f"?{call}" for call in _CALLS)  # a kernel may lack some
# A file of each thread, what descriptors stand for, and as much of a packet as a name takes.
_STRACE = f"strace -ff -qq -y -s 300 --seccomp-bpf -e signal=none -e trace={_TRACED}".split()
_ADDRESS = re.compile(
    r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"', re.DOTALL
)
_SOCKET = re.compile(r"\(\d+<socket:\[(\d+)\]>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PLACED = re.compile(r'(?:<([^<>]*)>, )?"((?:[^"\\]|\\.)*)"')
_OPENED = re.compile(r"O_(?:WRONLY|RDWR|CREAT).* = \d+<(.*)>$|^creat\(.* = \d+<(.*)>$")
_LONGEST = 300.0


class Address(NamedTuple):
    """Where something connected to."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        address = ip_address(self.host)
        mapped = getattr(address, "ipv4_mapped", None) or address
        return mapped.is_loopback or mapped.is_unspecified

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a command and all processes it started did, as far as it concerns the outside."""

    names: frozenset[str]
    """Names looked up, in packets to a name server."""
    addresses: frozenset[Address]
    """Addresses connected to, or tried to, but the loopback's."""
    written: frozenset[Path]
    """Files written and folders made that are there in the end."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with all that a command may write to: home, user's folder, temporary files."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def cache(self) -> Path:
        return self.folder / "user" / ".cache"

    def environment(self, archive: tuple[str, ...]) -> dict[str, str]:
        """Made from scratch: some telemetry is off where a variable tells of tests or CI."""
        made = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "user"),
            "TMPDIR": str(self.folder / "tmp"),
            "ARCHIVE_HOME": str(self.home),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if archive == CHECKOUT:
            made["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        return made


def make_place(folder: Path) -> Place:
    for name in ("user", "tmp", "given"):
        (folder / name).mkdir(parents=True)
    return Place(folder)


class Recorder:
    """Runs `archive` commands under strace in a place, and keeps what each did."""

    def __init__(self, place: Place, archive: tuple[str, ...] = CHECKOUT) -> None:
        self.place = place
        self.recorded: dict[str, Recorded] = {}
        self._archive = archive

    def run(self, name: str, *arguments: str | Path) -> None:
        """Run a command to its end; raises CalledProcessError when it fails."""
        with self.running(name, *arguments) as process:
            process.communicate(timeout=_LONGEST)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, name)

    @contextmanager
    def running(self, name: str, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
        """A command that runs along with the block, and is then told to end if it hasn't."""
        traces = self.place.folder / "traces" / name
        traces.mkdir(parents=True)
        process = subprocess.Popen(
            [*_STRACE, "-o", str(traces / "of"), *self._archive, *map(str, arguments)],
            env=self.place.environment(self._archive),
            cwd=self.place.folder,
            stdout=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            for child in _children(process.pid) if process.poll() is None else ():
                os.kill(child, signal.SIGTERM)
            process.wait(60)
        self.recorded[name] = read_traces(traces, self.place.folder)


def _children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def read_traces(traces: Path, folder: Path) -> Recorded:
    """What strace wrote, a file of each thread; `folder` is where the first of them started."""
    texts = (file.read_text("utf-8", "replace") for file in traces.iterdir())
    lines = [line for text in texts for line in text.splitlines()]
    addresses = {}  # by socket, since one thread may connect it and another send
    for line in lines:
        if line.startswith("connect(") and (address := _address(line)):
            addresses[_socket(line)] = address
    sent = [line for line in lines if line.startswith("send")]
    names = {
        name
        for line in sent
        if (address := _address(line) or addresses.get(_socket(line))) and address.port == 53
        for name in map(_name_asked_for, _TEXT.findall(line))
        if name
    }
    all_addresses = {*addresses.values(), *filter(None, map(_address, sent))}
    written = {folder / path for line in lines for path in _written(line)}
    return Recorded(
        frozenset(names),
        frozenset(address for address in all_addresses if not address.is_loopback),
        frozenset(path for path in written if _is_kept(path)),
    )


def _address(line: str) -> Address | None:
    found = _ADDRESS.search(line)
    return Address(found[2], int(found[1])) if found else None


def _socket(line: str) -> str:
    found = _SOCKET.search(line)
    return found[1] if found else ""


def _bytes(text: str) -> bytes:
    """What stands between quotation marks, or a path, as strace writes it: escaped like C."""
    return text.encode("latin-1", "replace").decode("unicode_escape").encode("latin-1", "replace")


def _name_asked_for(text: str) -> str:
    """The name that a packet to a name server asks for; empty where it isn't one."""
    packet = _bytes(text)
    labels = []
    at = 12  # after the header
    while at < len(packet) and (length := packet[at]):
        labels.append(packet[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    return ".".join(labels)


def _written(line: str) -> Iterator[str]:
    """The files that a call opened for writing, and what it made or named anew."""
    if found := _OPENED.search(line):
        yield os.fsdecode(_bytes(found[1] or found[2]))
    elif line.startswith(("mkdir", "rename", "link", "symlink")) and line.endswith(" = 0"):
        folder, name = _PLACED.findall(line)[-1]
        yield os.fsdecode(os.path.join(_bytes(folder), _bytes(name)))


def _is_kept(path: Path) -> bool:
    """Whether a path is a file or folder that is there still, and not one of the kernel's."""
    return path.parts[1] not in ("proc", "sys") and (path.is_file() or path.is_dir())


# ---- what a user does ---------------------------------------------------------------------------


def walk(recorder: Recorder) -> frozenset[str]:
    """All that a user does, recorded; what the page had the user's browser ask of other hosts.

    Most commands run while the page is served, so they ask its Chroma server.
    """
    folder = recorder.place.folder
    for path in (
        SAMPLES / "briefing-2026-07-01.pdf",
        SAMPLES / "briefing-2026-08-18.pdf",
        ROOT / "tests" / "data" / "scanned.pdf",
    ):
        shutil.copy(path, folder / "given")
    recorder.run("ingest", "ingest", folder / "given")
    port = free_port()
    with recorder.running("serve", "serve", "--host", "0.0.0.0", "--port", str(port)) as server:
        for mode in ("hybrid", "keyword"):
            recorder.run(f"search --mode {mode}", "search", "稀土 许可", "--mode", mode)
        recorder.run("ask", "ask", _QUESTION)
        recorder.run("coverage", "coverage", "稀土出口许可的审批时限为 20 个工作日。")
        recorder.run("status", "status")
        recorder.run("doctor", "doctor")
        exported = folder / "given" / "all.zip"
        recorder.run("export", "export", exported)
        recorder.run("import", "import", exported, "--home", folder / "home" / "imported")
        wait_until(lambda: server.poll() is not None or is_listening(port))
        knock(port)
        return look_around(port)


def look_around(port: int) -> frozenset[str]:
    """Search the page, ask, and open a page of a PDF; the other hosts the browser was sent to."""
    asked: set[str] = set()
    with chromium() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
        page.goto(f"http://127.0.0.1:{port}/")
        _type(page, "输入要查的词或句子", "稀土")
        expect(page.locator(".card").first).to_be_visible(timeout=60_000)
        page.get_by_text("问答", exact=True).click()
        _type(page, "用一句话提问", _QUESTION)
        page.get_by_role("button", name="[1] 打开原页").click(timeout=60_000)
        expect(page.locator(".st-key-viewer img")).to_be_visible(timeout=60_000)
        page.wait_for_timeout(2000)  # for what is sent a little later
    return frozenset(asked - {"127.0.0.1", ""})


def _type(page: Page, box: str, text: str) -> None:
    page.get_by_placeholder(box).fill(text)
    page.get_by_placeholder(box).press("Enter")


def knock(port: int) -> None:
    """Ask for the page's web socket as a web page of elsewhere does, and wait for the answer."""
    asked = (
        "GET /_stcore/stream HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\nOrigin: {_ELSEWHERE}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(asked.encode())
        connection.recv(4096)


# ---- the report ---------------------------------------------------------------------------------


def outside(recorded: Recorded, place: Place) -> dict[str, list[str]]:
    """What there is to report of a command; of written files those outside the home."""
    left = sorted(path for path in recorded.written if not _is_of(path, place))
    return {
        "names": sorted(recorded.names),
        "addresses": sorted(map(str, recorded.addresses)),
        "written": [_shown(path, place) for path in left if not _is_parent(path, left)],
    }


def _is_of(path: Path, place: Place) -> bool:
    own = (place.home, place.folder / "given", place.folder / "traces")
    return any(path.is_relative_to(folder) for folder in own)


def _is_parent(path: Path, others: Iterable[Path]) -> bool:
    return any(path in other.parents for other in others)


def _shown(path: Path, place: Place) -> str:
    """A path as a user knows it."""
    for folder, name in ((place.folder / "user", "~"), (place.folder / "tmp", "/tmp")):
        if path.is_relative_to(folder):
            return str(Path(name) / path.relative_to(folder))
    return str(path)


def main() -> int:
    """Print what each command did; 1 when a name was looked up or an address connected to."""
    parser = argparse.ArgumentParser(description="What leaves the machine.")
    parser.add_argument("--archive", type=shlex.split, default=CHECKOUT)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="outside-") as name:
        place = make_place(Path(name).resolve())
        recorder = Recorder(place, tuple(options.archive))
        hosts = walk(recorder)
        told = {did: outside(recorded, place) for did, recorded in recorder.recorded.items()}
    told["in the browser"] = {"names": sorted(hosts)}
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for did, lists in told.items():
            print(did if any(lists.values()) else f"{did}: nothing")
            for kind, found in lists.items():
                print(*(f"    {kind}: {one}" for one in found), sep="\n", end="\n" if found else "")
    return 1 if any(lists["names"] or lists.get("addresses") for lists in told.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

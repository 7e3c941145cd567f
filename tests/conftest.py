"""What the tests share: the sample PDFs, one encoder, one archive of all samples."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from archive import Archive, Settings
from archive.index.encoder import Encoder, open_encoder
from archive.keeping.doctor import examine
from archive.store.records import IngestReport
from ingest.intake.bulk import IngestOptions, ingest
from tests.small_encoder import save_encoder

hypothesis.settings.register_profile("untimed", deadline=None)  # speed is measured in benchmarks/
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "data" / "samples"
SHARED = Path(os.environ.get("BRIEFING_SHARED", ROOT.parent / "shared"))


def ingest_quietly(
    paths: list[Path], settings: Settings, options: IngestOptions | None = None
) -> IngestReport:
    """Ingest without a progress bar."""
    return ingest(paths, settings, options or IngestOptions(), lambda report, done, total: None)


def verdicts(settings: Settings) -> dict[str, str]:
    """What doctor finds wrong with an archive, by the check's name."""
    return {
        check.name: "\n".join((check.message, *check.details))
        for check in examine(settings)
        if check.status != "pass"
    }


def free_port() -> int:
    """A port nobody listens on; skips where a cut network has cut the loopback too."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        try:
            socket.create_connection(listener.getsockname(), timeout=2).close()
        except OSError as error:
            pytest.skip(f"the loopback interface is not usable ({error})")
        port: int = listener.getsockname()[1]
        return port


def assert_in_proportion(work: Callable[[str], object], piece: str, length: int = 10_000) -> None:
    """Four times the text takes some four times as long: in its square it would be sixteen.

    Of the processor's time, and the least of three, whatever else this machine does.
    """

    def needed(length: int) -> float:
        text = (piece * length)[:length]
        times = []
        for _ in range(3):
            began = time.process_time()
            work(text)
            times.append(time.process_time() - began)
        return min(times)

    assert needed(4 * length) < 9 * max(needed(length), 0.001), piece


def wait_until(is_so: Callable[[], object], seconds: float = 120) -> None:
    """Look until something is so; fails when it takes longer than that."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long test of a process of its own second, while a worker makes the sample archive."""
    items.sort(key=lambda item: (item.path.name > "test_answer.py", item.path.name != _SECOND))


_SECOND = "test_kills.py"


@pytest.fixture(scope="module", autouse=True)
def collected() -> None:
    """Throw away what the file before left; what libraries keep for good is not looked through."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def own_environment() -> None:
    """Keep the user's settings out of the tests."""
    for name in [name for name in os.environ if name.startswith("ARCHIVE_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def samples() -> list[Path]:
    """The PDFs that come with the project, oldest first."""
    return sorted(SAMPLES.glob("*.pdf"))


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The default encoder; the only one of the session."""
    return open_encoder(None)


@pytest.fixture(scope="session")
def example_pdfs() -> list[Path]:
    """The real briefing in two makes; skips where it isn't at hand."""
    found = sorted((SHARED / "examples").glob("*.pdf"))
    if not found:
        pytest.skip(f"no example briefings in {SHARED / 'examples'}")
    return found


def shared(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object], copy: bool = False
) -> Path:
    """A folder that one of the workers makes and the others wait for; read only, unless copied."""
    base = factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = common / f"shared-{name}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            begun = folder.with_suffix(".begun")
            shutil.rmtree(begun, ignore_errors=True)
            make(begun)
            begun.rename(folder)
    return copied(folder, factory.mktemp(name) / "home") if copy else folder


def copied(home: Path, to: Path) -> Path:
    """A copy of an archive that nobody is writing to."""
    gc.disable()  # a reader dropped amid the copying would take the catalogue's log away
    try:
        return Path(shutil.copytree(home, to, ignore=shutil.ignore_patterns("*.lock")))
    finally:
        gc.enable()


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory, samples: list[Path]) -> Path:
    """An archive of all samples; read only, copy it (`own_home`) to change it."""

    def make(home: Path) -> None:
        assert ingest_quietly(samples, Settings(home)).counts["new"] == len(samples)

    return shared(tmp_path_factory, "samples", make, copy=True)


@pytest.fixture(scope="session")
def sample_archive(sample_home: Path) -> Archive:
    return Archive.open(Settings(sample_home))


@pytest.fixture
def own_home(sample_home: Path, tmp_path: Path) -> Path:
    """A copy of the sample archive that a test may change."""
    return copied(sample_home, tmp_path / "home")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, a few characters and prompts of its own, saved to a folder."""
    return shared(tmp_path_factory, "tiny", lambda folder: save_encoder(folder, "□？问文：降准"))

"""What the tests share: the sample PDFs, one encoder, one archive of all samples."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from archive import Archive, Settings
from archive.index.encoder import Encoder, open_encoder
from archive.store.records import IngestReport
from ingest.intake.bulk import IngestOptions, ingest
from tests.small_encoder import save_encoder

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "data" / "samples"
SHARED = Path(os.environ.get("BRIEFING_SHARED", ROOT.parent / "shared"))


def ingest_quietly(
    paths: list[Path], settings: Settings, options: IngestOptions | None = None
) -> IngestReport:
    """Ingest without a progress bar."""
    return ingest(paths, settings, options or IngestOptions(), lambda report, done, total: None)


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


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory, samples: list[Path]) -> Path:
    """An archive of all samples, made once; read only, copy it (`own_home`) to change it."""
    home = tmp_path_factory.mktemp("sample") / "home"
    report = ingest_quietly(samples, Settings(home))
    assert report.counts["new"] == len(samples)
    return home


@pytest.fixture(scope="session")
def sample_archive(sample_home: Path) -> Archive:
    return Archive.open(Settings(sample_home))


@pytest.fixture
def own_home(sample_home: Path, tmp_path: Path) -> Path:
    """A copy of the sample archive that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(sample_home, home, ignore=shutil.ignore_patterns("*.lock"))
    return home


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, a few characters and prompts of its own, saved to a folder."""
    folder = tmp_path_factory.mktemp("tiny")
    save_encoder(folder, "□？问文：降准")
    return folder

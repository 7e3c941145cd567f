"""On a disk that is full or read-only all that only reads goes on, and the rest says why not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from archive import Archive, Settings
from archive.errors import ArchiveError
from archive.keeping.doctor import examine
from archive.store.disk import Obstacle, obstacle_to_writing
from tests.commands import run
from tests.conftest import ROOT, free_port, ingest_quietly
from tests.test_serve import ask_for, serving


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A mount for the block; skips where this user may not mount."""
    folder.mkdir(exist_ok=True)
    if subprocess.run(["mount", *options, folder], check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def made(
    samples: list[Path], tmp_path_factory: pytest.TempPathFactory, tiny_model: Path
) -> Settings:
    settings = Settings(tmp_path_factory.mktemp("made") / "home", model=str(tiny_model))
    ingest_quietly(samples[:2], settings)
    return settings


@pytest.fixture(params=["full", "read-only"])
def stuck(request: pytest.FixtureRequest, made: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An archive on a disk of 5 MB that is full, or on one that is read-only."""
    folder = tmp_path / "disk"
    if request.param == "full":
        with mounted(folder, "-t", "tmpfs", "-o", "size=5m", "tmpfs") as disk:
            shutil.copytree(made.home, disk / "home")
            with (disk / "fill").open("wb", buffering=0) as fill:
                while True:
                    try:
                        fill.write(bytes(4096))
                    except OSError:
                        break
            yield Settings(disk / "home", model=made.model)
    else:
        shutil.copytree(made.home, folder / "home")
        with mounted(folder, "--bind", str(folder)) as disk:
            subprocess.run(["mount", "-o", "remount,bind,ro", disk], check=True)
            yield Settings(disk / "home", model=made.model)


def test_reading_goes_on(stuck: Settings, samples: list[Path]) -> None:
    wanted: Obstacle = "full" if (stuck.home.parent / "fill").exists() else "read-only"
    assert obstacle_to_writing(stuck.home) == wanted
    reader = Archive.open(stuck)
    for mode in ("keyword", "semantic", "hybrid"):
        assert reader.search("稀土", mode=mode), mode
    reader.ask("稀土出口许可如何变化？")
    reader.coverage("稀土出口许可的审批时限为 45 个工作日。")
    for attempt in (
        lambda: reader.save_watch("稀土", "稀土"),
        lambda: reader.report(reader.ask("稀土？"), "不对"),
        lambda: ingest_quietly(samples[2:3], stuck),
    ):
        with pytest.raises(ArchiveError, match=f"the disk is {wanted}"):
            attempt()
    failed = [check for check in examine(stuck) if check.status == "fail"]
    assert failed == []
    assert {check.name for check in examine(stuck) if check.status == "warn"} >= {"chroma"}


def test_it_is_served(stuck: Settings) -> None:
    port = free_port()
    with serving(stuck, port, log=stuck.home.parents[1] / "serve.log"):
        assert ask_for(port, "/health")[0] == 200
        found = run(stuck, "search", "稀土", "--mode", "keyword")
        assert (found.code, "稀土" in found.out) == (0, True)


def test_the_page_says_what_is_not_possible_now(
    stuck: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stuck.environment.items():
        monkeypatch.setenv(name, value)
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.query_params["q"] = "稀土"
    page.run()
    assert not page.exception
    (said,) = [warning.value for warning in page.warning if "现在只能读" in warning.value]
    assert "磁盘已满" in said or "磁盘只读" in said
    assert any("稀土" in str(getattr(each, "body", "")) for each in page.get("html"))

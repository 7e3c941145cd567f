"""What CONTRIBUTING.md says of the house is so, and its commands run."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
ROOMS = {
    path.parent.name: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    for home in (ROOT / "src" / "archive", ROOT / "ingest")
    for path in home.glob("*/__init__.py")
}
FILES = [
    f"/{path.relative_to(ROOT).as_posix()}{'/' if path.is_dir() else ''}"
    for folder in ("src", "ingest", "tests", "benchmarks", "data/topics.toml", "data/lexicon")
    for path in ((ROOT / folder), *(ROOT / folder).rglob("*"))
] + [f"/{path.name}" for path in ROOT.glob("*.*")]


def test_every_room_is_in_the_tour_in_its_own_words() -> None:
    told = dict(re.findall(r"^\| `(\w+)/` \| (.+?) \|$", GUIDE, re.MULTILINE))
    assert told == ROOMS


def test_files_it_names_are_there() -> None:
    named = re.findall(r"`([\w/]+(?:\.py|\.md|\.toml|\.txt|/))`", GUIDE)
    assert len(named) > 40
    for name in named:
        assert "NAME" in name or any(file.endswith(f"/{name}") for file in FILES), name


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_it_gives_runs(command: str, tmp_path: Path) -> None:
    program, *args = shlex.split(command)
    run = {
        "make": ["make", "--dry-run", *args],  # the suite would be run inside itself
        ".venv/bin/python": [sys.executable, *args],
        ".venv/bin/archive": [sys.executable, "-m", "archive", *args, "--home", str(tmp_path)],
    }[program]
    if "test_layering.py" in command:
        run.append("--collect-only")  # it is run by the suite
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()

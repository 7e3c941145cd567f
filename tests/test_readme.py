"""What the README says is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLES = re.findall(r"```console\n\$ (.+?)\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(command: list[str], home: Path) -> str:
    done = subprocess.run(
        command,
        env=dict(os.environ) | {"ARCHIVE_HOME": str(home), "PYTHONUTF8": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_times(text: str) -> list[str]:
    text = re.sub(r"[\d.]+ (s|毫秒)$", r"# \1", text, flags=re.MULTILINE)
    return [line.rstrip() for line in text.strip().splitlines()]


def test_there_are_three_commands_with_their_output() -> None:
    assert len(CONSOLES) >= 3


@pytest.mark.parametrize(("command", "output"), CONSOLES, ids=[c for c, _ in CONSOLES])
def test_a_command_prints_what_the_readme_shows(
    sample_home: Path, command: str, output: str
) -> None:
    program, *args = shlex.split(command)
    assert program == "archive"
    printed = run([sys.executable, "-m", "archive", *args], sample_home)
    assert without_times(printed) == without_times(output)


@pytest.mark.parametrize("code", PYTHON)
def test_the_python_example_runs(sample_home: Path, code: str) -> None:
    assert "通用许可" in run([sys.executable, "-c", code], sample_home)


def test_every_command_is_in_the_readme() -> None:
    from archive.cli import cli

    for name in cli.commands:
        assert re.search(rf"\b{name}\b", README), name


def test_every_setting_is_in_the_readme() -> None:
    used = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r'"(ARCHIVE_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert used <= set(re.findall(r"`(ARCHIVE_[A-Z_]+)`", README))


def test_files_the_readme_names_are_there() -> None:
    for target in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_the_tests_that_security_names_are_there() -> None:
    said = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", said)
    assert named
    for file, test in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert f"def {test}(" in source or not test, (file, test)

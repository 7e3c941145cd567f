"""What a machine may lack for a form, as the reason its tests are skipped with."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path


def program(name: str) -> str | None:
    """None where the program is installed."""
    return None if shutil.which(name) else f"{name} is not installed"


@cache
def font(family: str) -> str | None:
    """None where fontconfig knows the family."""
    reason = f"the font {family} is not installed"
    if not shutil.which("fc-list"):
        return reason
    found = subprocess.run(["fc-list", family], capture_output=True, check=True).stdout
    return None if found else reason


@cache
def tex_file(name: str) -> str | None:
    """None where TeX finds the file."""
    if not shutil.which("kpsewhich"):
        return "TeX is not installed"
    found = subprocess.run(["kpsewhich", name], capture_output=True, check=False).stdout
    return None if found else f"TeX's {name} is not installed"


@cache
def font_file(family: str) -> Path:
    """The file of a family that is installed."""
    command = ["fc-match", "--format=%{file}", family]
    return Path(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

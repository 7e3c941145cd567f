"""The files that come with the package: the page, the topics, the lexicon, the answer model."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE.parents[1]
CHECKOUT: Path | None = (
    _ROOT if (_ROOT / "pyproject.toml").is_file() and (_ROOT / "data").is_dir() else None
)
"""The project's folder when running from a checkout, else None."""


def page_script() -> Path:
    """`app.py`, the Streamlit page."""
    return CHECKOUT / "app.py" if CHECKOUT else _PACKAGE / "resources" / "app.py"


def data_file(name: str, home: Path) -> Path:
    """A file of `data/`, such as `topics.toml`; a copy of it in the archive's home wins."""
    own = home / name
    return own if own.is_file() else shipped(name)


def shipped(name: str) -> Path:
    """A file or folder of `data/` as it comes with the package."""
    return (CHECKOUT / "data" if CHECKOUT else _PACKAGE / "resources") / name


def read_at_most(file: Path, most: int) -> str:
    """A text file in UTF-8 of so many bytes; raises ValueError when it is another, or larger."""
    with file.open("rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it is larger than {most // 2**10} KB")
    return content.decode()

"""The settings, read once at the edge and passed on as one frozen record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.errors import UsageError
from archive.resources import CHECKOUT

CATALOG_NAME = "catalog.sqlite3"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the archive lives and what it works with."""

    home: Path
    model: str | None = None
    """A sentence-transformers model by name or folder; None is the default model."""
    chroma_url: str | None = None

    @staticmethod
    def load(
        environ: Mapping[str, str] | None = None, *, home: str | Path | None = None
    ) -> Settings:
        """Read the ARCHIVE_* variables; `home` overrides ARCHIVE_HOME.

        Raises UsageError when a value can't be meant.
        """
        env = os.environ if environ is None else environ
        url = env.get("ARCHIVE_CHROMA_URL", "").strip()
        if url and not url.startswith(("http://", "https://")):
            raise UsageError(
                f"ARCHIVE_CHROMA_URL is not a web address: {url!r}",
                "write it like http://127.0.0.1:8000, or unset it",
            )
        chosen = str(home) if home is not None else env.get("ARCHIVE_HOME", "").strip()
        return Settings(
            home=Path(chosen).expanduser().absolute() if chosen else _default_home(),
            model=_absolute_if_folder(env.get("ARCHIVE_MODEL", "").strip()) or None,
            chroma_url=url.rstrip("/") or None,
        )

    @property
    def catalog(self) -> Path:
        return self.home / CATALOG_NAME

    @property
    def chroma(self) -> Path:
        return self.home / "chroma"

    @property
    def files(self) -> Path:
        return self.home / "files"


def _absolute_if_folder(model: str) -> str:
    """A model's folder as an absolute path, so that it is the same for a child process."""
    folder = Path(model).expanduser()
    return str(folder.absolute()) if model and folder.is_dir() else model


def _default_home() -> Path:
    """`data/archive/` in a checkout, else the platform's user-data folder."""
    if CHECKOUT is not None:
        return CHECKOUT / "data" / "archive"
    import platformdirs

    return platformdirs.user_data_path("briefing-archive")

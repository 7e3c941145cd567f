"""The settings, read once at the edge and passed on as one frozen record."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from archive.errors import UsageError
from archive.private import GroupAccess
from archive.resources import CHECKOUT

CATALOG_NAME = "catalog.sqlite3"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the archive lives and what it works with."""

    home: Path
    model: str | None = None
    """A sentence-transformers model by name or folder; None is the default model."""
    chroma_url: str | None = None
    llm_base_url: str | None = None
    """An OpenAI-compatible server, such as http://127.0.0.1:11434/v1; None: no language model."""
    llm_model: str | None = None
    llm_api_key: str | None = field(default=None, repr=False)
    """None where the server needs none."""
    group_access: GroupAccess = "none"

    @staticmethod
    def load(
        environ: Mapping[str, str] | None = None, *, home: str | Path | None = None
    ) -> Settings:
        """Read the ARCHIVE_* variables; `home` overrides ARCHIVE_HOME.

        Raises UsageError when a value can't be meant.
        """
        env = os.environ if environ is None else environ
        url = env.get("ARCHIVE_CHROMA_URL", "").strip()
        if url and not _is_web_address(url):
            raise UsageError(
                f"ARCHIVE_CHROMA_URL is not a web address: {url!r}",
                "write it like http://127.0.0.1:8000, or unset it",
            )
        llm_base_url, llm_model, llm_api_key = _language_model(env)
        chosen = str(home) if home is not None else env.get("ARCHIVE_HOME", "").strip()
        return Settings(
            home=Path(chosen).expanduser().absolute() if chosen else _default_home(),
            model=_absolute_if_folder(env.get("ARCHIVE_MODEL", "").strip()) or None,
            chroma_url=url.rstrip("/") or None,
            llm_base_url=llm_base_url,
            llm_model=llm_model,
            llm_api_key=llm_api_key,
            group_access=_group_access(env),
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables from which a child process loads these settings, beside its parent's."""
        return {"ARCHIVE_HOME": str(self.home)} | (
            {"ARCHIVE_MODEL": self.model} if self.model else {}
        )

    def command(self, arguments: str) -> str:
        """`archive …` as it is typed for this archive: with --home where ARCHIVE_HOME isn't it."""
        by_default = Settings.load({"ARCHIVE_HOME": os.environ.get("ARCHIVE_HOME", "")}).home
        if by_default == self.home:
            return f"archive {arguments}"
        return f"archive {arguments} --home {shlex.quote(str(self.home))}"

    @property
    def catalog(self) -> Path:
        return self.home / CATALOG_NAME

    @property
    def chroma(self) -> Path:
        return self.home / "chroma"

    @property
    def files(self) -> Path:
        return self.home / "files"


def _group_access(env: Mapping[str, str]) -> GroupAccess:
    said = env.get("ARCHIVE_GROUP_ACCESS", "").strip().casefold() or "none"
    match said:
        case "none" | "read" | "write":
            return said
    raise UsageError(
        f"ARCHIVE_GROUP_ACCESS is neither none nor read nor write: {said!r}",
        "set it to what the group of the archive's folder may do, or unset it for nothing",
    )


def _language_model(env: Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    """The language model's address, name and key; messages show neither a key nor a password."""
    url, model, key = (
        env.get(f"ARCHIVE_LLM_{name}", "").strip() for name in ("BASE_URL", "MODEL", "API_KEY")
    )
    if bool(url) != bool(model):
        given, missing = ("BASE_URL", "MODEL") if url else ("MODEL", "BASE_URL")
        raise UsageError(
            f"ARCHIVE_LLM_{given} is set but ARCHIVE_LLM_{missing} is not",
            f"set ARCHIVE_LLM_{missing} too, or unset ARCHIVE_LLM_{given}",
        )
    if not url:
        return None, None, None
    if problem := _problem_of_address(url):
        raise UsageError(
            f"ARCHIVE_LLM_BASE_URL {problem}",
            "write it like http://127.0.0.1:11434/v1; a key belongs in ARCHIVE_LLM_API_KEY",
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UsageError(
            "ARCHIVE_LLM_API_KEY holds characters that no key has", "copy the key anew"
        )
    return url.rstrip("/"), model, key or None


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        return is_address and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:  # of a port that is none
        return False


def _problem_of_address(url: str) -> str:
    """Why a text is not the address of a server; empty where it is."""
    if "@" in url:
        return "holds a user name or a password"
    if not _is_web_address(url):
        return f"is not a web address: {url!r}"
    parts = urlsplit(url)
    return "has a query or a fragment" if parts.query or parts.fragment else ""


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

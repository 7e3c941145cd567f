"""A reader of an archive that is being written to, killed and mended; it must notice nothing."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from archive import Archive, Settings
from archive.errors import UsageError

_IN_EVERY_PASSAGE = "简报"
_MOST_ERRORS = 20
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Readings:
    """How many queries were answered, and what was wrong."""

    queries: int
    errors: tuple[str, ...]


def read_on(
    home: Path, model: Path, sizes: Mapping[str, int], seen: Path, stop: Callable[[], bool]
) -> None:
    """Query until told to stop; `sizes` has how many passages each briefing has when whole."""
    settings = Settings(home, model=str(model))
    archive: Archive | None = None
    errors: list[str] = []
    queries = 0
    while not stop():
        time.sleep(_PAUSE)
        try:
            if archive is None:
                archive = Archive.open(settings)
            for name, query in _QUERIES.items():
                errors += (f"{name}: {error}" for error in query(archive, sizes))
                queries += 1
        except UsageError as error:
            if archive is not None or "there is no archive" not in str(error):
                errors.append(f"UsageError: {error}")
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        if len(errors) >= _MOST_ERRORS:
            break
    told = asdict(Readings(queries, tuple(dict.fromkeys(errors))))
    seen.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _list_and_find(archive: Archive, sizes: Mapping[str, int]) -> list[str]:
    """Every briefing listed as live is found with all its passages, and no other."""
    before = archive.briefings()
    found = archive.search(_IN_EVERY_PASSAGE, mode="keyword", limit=1000)
    if before != archive.briefings():  # it has changed in between, which is no fault
        return []
    listed = {entry.id: sizes.get(entry.id) for entry in before if entry.status == "live"}
    counted = Counter(result.passage.briefing.id for result in found)
    return [] if dict(counted) == listed else [f"{listed} listed, {dict(counted)} found"]


def _search(archive: Archive, sizes: Mapping[str, int]) -> list[str]:
    """Every result belongs to a briefing that can be shown, and stands on a page of it."""
    errors = []
    for mode in ("semantic", "hybrid", "keyword"):
        for result in archive.search("稀土出口许可证", mode=mode, limit=20):
            stored, passages, _ = archive.show(result.passage.briefing.id)
            pages = {page.number for page in stored.briefing.pages}
            if result.passage.id not in {passage.id for passage in passages}:
                errors.append(f"{result.passage.id} is found but not shown")
            if not set(result.passage.pages) <= pages:
                errors.append(f"{result.passage.id} has no page")
    return errors


def _ask(archive: Archive, sizes: Mapping[str, int]) -> list[str]:
    """Every quote stands on its page."""
    answer = archive.ask("稀土出口许可证增加了多少个？")
    errors = []
    for citation in answer.citations:
        page = archive._catalog.briefings.page(citation.passage.briefing.id, citation.pages[0])
        if page is None:
            errors.append(f"a citation of {citation.passage.id} has no page")
        elif _squeeze(citation.quote)[:10] not in _squeeze(page.text):
            errors.append(f"{citation.quote!r} doesn't stand on its page")
    return errors


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _show(archive: Archive, sizes: Mapping[str, int]) -> list[str]:
    """Every briefing listed can be shown, whole."""
    errors = []
    for entry in archive.briefings():
        stored, passages, _ = archive.show(entry.id)
        if len(passages) != sizes.get(entry.id, -1) or len(stored.briefing.pages) != entry.pages:
            errors.append(f"{entry.id} has {len(passages)} passages of {sizes.get(entry.id)}")
    return errors


_QUERIES = {"list": _list_and_find, "search": _search, "ask": _ask, "show": _show}

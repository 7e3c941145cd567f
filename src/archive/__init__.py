"""Briefing Archive: search Chinese daily briefings and answer with citations."""

from typing import TYPE_CHECKING, Any

import archive.offline  # noqa: F401 - first, since libraries read its switches when imported

if TYPE_CHECKING:
    from archive.archive import Archive
    from archive.records import Filter
    from archive.settings import Settings

__all__ = ["Archive", "Filter", "Settings"]


def __getattr__(name: str) -> Any:
    """Import the archive where it is asked for: a worker that draws a page does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from archive.archive import Archive
    from archive.records import Filter
    from archive.settings import Settings

    globals().update(Archive=Archive, Filter=Filter, Settings=Settings)
    return globals()[name]

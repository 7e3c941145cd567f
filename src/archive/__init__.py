"""Briefing Archive: search Chinese daily briefings and answer with citations."""

import archive.offline  # noqa: F401 - first, since libraries read its switches when imported
from archive.archive import Archive
from archive.records import Filter
from archive.settings import Settings

__all__ = ["Archive", "Filter", "Settings"]

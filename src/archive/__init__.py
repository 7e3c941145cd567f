"""Briefing Archive: search Chinese daily briefings and answer with citations."""

from archive.archive import Archive
from archive.records import Filter
from archive.settings import Settings

__all__ = ["Archive", "Filter", "Settings"]

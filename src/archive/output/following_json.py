"""The JSON documents of what is followed over time: storylines, sources, saved queries, reports.

As in `json_documents`, the field names are a contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.following.records import (
    Outlet,
    SourceItem,
    Story,
    StoryEntry,
    Timeline,
    WatchNews,
)
from archive.output.json_documents import (
    citation_json,
    filter_json,
    result_json,
    storyline_json,
    told_changes_json,
)
from archive.records import Citation, as_plain
from archive.store.records import AnswerReport, Watch


def stories_json(stories: Sequence[Story], total: int) -> dict[str, Any]:
    return {"total": total, "stories": [storyline_json(story) for story in stories]}


def story_json(story: Story, entries: Sequence[StoryEntry]) -> dict[str, Any]:
    return {
        **storyline_json(story),
        "entries": [
            {
                "citation": citation_json(entry.citation, None),
                "changes": told_changes_json(entry.changes),
            }
            for entry in entries
        ],
    }


def timeline_json(timeline: Timeline) -> dict[str, Any]:
    return {
        "by": timeline.by,
        "periods": list(timeline.periods),
        "series": [
            {
                "name": series.name,
                "briefings": list(series.briefings),
                "passages": list(series.passages),
            }
            for series in timeline.series
        ],
    }


def outlets_json(found: Sequence[Outlet]) -> dict[str, Any]:
    return {"outlets": as_plain(found)}


def sources_json(found: Sequence[SourceItem], total: int) -> dict[str, Any]:
    return {"total": total, "sources": [_source(item) for item in found]}


def source_json(item: SourceItem, citations: Sequence[Citation]) -> dict[str, Any]:
    return {**_source(item), "passages": [citation_json(citation, None) for citation in citations]}


def _source(item: SourceItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "outlet": item.outlet,
        "date": item.date,
        "title": item.title,
        "first": item.first,
        "last": item.last,
        "citing": as_plain(item.citing),
    }


def reports_json(reports: Sequence[AnswerReport]) -> dict[str, Any]:
    return {"reports": [as_plain(report) for report in reports]}


def watches_json(watches: Sequence[Watch]) -> dict[str, Any]:
    return {"watches": [_watch(watch) for watch in watches]}


def watch_news_json(news: WatchNews) -> dict[str, Any]:
    return {
        "watch": _watch(news.watch),
        "results": [result_json(result) for result in news.results],
        "repeats": news.repeats,
    }


def _watch(watch: Watch) -> dict[str, Any]:
    return {
        "name": watch.name,
        "query": watch.query,
        "mode": watch.mode,
        "filter": filter_json(watch.where),
        "created": watch.created,
    }

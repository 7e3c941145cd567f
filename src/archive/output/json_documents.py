"""The archive's records as the JSON documents that other people's scripts read.

The field names are a contract: more may be added, none renamed, removed or changed in meaning.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archive.asking.records import Answer, Item
from archive.chinese.calendar import today_here
from archive.errors import ReadError
from archive.following.records import (
    Change,
    Coverage,
    CoveredPart,
    MissingDays,
    Outlet,
    SourceItem,
    Story,
    StoryEntry,
    Timeline,
    WatchNews,
)
from archive.keeping.records import Check, Exported, Imported, Status
from archive.keeping.writer import Editing, Restoration
from archive.output.messages import FAILURES_ZH, WARNINGS_ZH
from archive.records import Briefing, Citation, Filter, Passage, Warning, as_plain
from archive.search.records import Result, SearchPage
from archive.store.briefings import StoredBriefing
from archive.store.records import (
    AnswerReport,
    BriefingEntry,
    Correction,
    Facet,
    FileReport,
    IngestReport,
    LoggedChange,
    Watch,
)


def as_line(document: dict[str, Any]) -> str:
    """A document as one line of NDJSON, whatever a reader takes for the end of a line."""
    line = json.dumps(document, ensure_ascii=False)
    for end in "\x85\u2028\u2029":
        line = line.replace(end, f"\\u{ord(end):04x}")
    return line


def ingest_json(
    report: IngestReport, missing: Sequence[MissingDays] | None = None
) -> dict[str, Any]:
    """The document of an ingest; `missing` are the days that lack a briefing after it."""
    document = {
        "files": [file_json(file) for file in report.files],
        "counts": report.counts,
        "seconds": report.seconds,
    }
    if missing is None:
        return document
    days = [{"series": each.series, "days": as_plain(each.dates)} for each in missing]
    return document | {"missing": days}


def inspect_json(briefing: Briefing, passages: int) -> dict[str, Any]:
    return {
        "error": None,
        "title": briefing.title,
        "issuer": briefing.issuer,
        "series": briefing.series,
        "date": briefing.date,
        "abstract": briefing.abstract,
        "pages": len(briefing.pages),
        "signal": briefing.signal,
        "warnings": _warnings(briefing.warnings),
        "sections": [
            {
                "number": section.number,
                "title": section.title,
                "level": section.level,
                "page": section.page,
                "printed": section.printed,
                "text": section.text,
            }
            for section in briefing.numbered
        ],
        "references": as_plain(briefing.references),
        "passages": passages,
        "issue_number": briefing.issue_number or None,
        "dates": as_plain(briefing.dates),
        "confidence": briefing.confidence,
        "page_quality": [
            {
                "page": page.number,
                "printed": page.printed,
                "quality": page.quality,
                "confidence": page.confidence,
                "characters": len("".join(page.text.split())),
            }
            for page in briefing.pages
        ],
    }


def inspect_error_json(error: ReadError) -> dict[str, Any]:
    """The document that `inspect` prints of a file that can't be read."""
    nothing = Briefing(
        id="", title="", issuer="", series="", date="", abstract="", pages=(), sections=(),
        references=(), signal="none", warnings=(), file_hash="",
    )  # fmt: skip
    unknown = dict.fromkeys(("title", "issuer", "series", "date", "abstract"))
    return {
        **inspect_json(nothing, 0),
        **unknown,
        "error": {
            "code": error.code,
            "message": error.message,
            "cure": error.cure,
            "cure_zh": error.cure_zh,
            "message_zh": FAILURES_ZH.get(error.code, ""),
        },
    }


def search_json(page: SearchPage) -> dict[str, Any]:
    return {
        "query": page.query,
        "mode": page.mode,
        "filter": filter_json(page.where),
        "total": page.total,
        "took_ms": page.took_ms,
        "results": [result_json(result) for result in page.results],
        "message": page.message,
        "briefings": page.briefings,
        "facets": as_plain(page.facets),
        "groups": [
            {
                "briefing": as_plain(group.briefing),
                "total": group.total,
                "results": [result_json(result) for result in group.results],
            }
            for group in page.groups
        ],
        "inferred": as_plain(page.inferred),
        "suggestion": page.suggestion or None,
    }


def filter_json(where: Filter) -> dict[str, Any]:
    plain: dict[str, Any] = as_plain(where)
    return plain


def result_json(result: Result) -> dict[str, Any]:
    passage = result.passage
    return {
        "rank": result.rank,
        "score": result.score,
        "keyword_rank": result.keyword_rank,
        "semantic_rank": result.semantic_rank,
        **passage_json(passage),
        "highlights": as_plain(result.highlights),
        "snippet": list(result.snippet),
        "hits": list(result.hits),
    }


def passage_json(passage: Passage) -> dict[str, Any]:
    return {
        "passage_id": passage.id,
        "briefing": as_plain(passage.briefing),
        "section": as_plain(passage.section),
        "pages": list(passage.pages),
        "printed": list(passage.printed),
        "topics": list(passage.topics),
        "topic_scores": [label.score for label in passage.labels],
        "ocr_confidence": passage.ocr_confidence,
        "text": passage.text,
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    replaced = dict(answer.replaced)
    return {
        "question": answer.question,
        "supported": answer.supported,
        "text": answer.text,
        "citations": [_citation(c, replaced.get(c.briefing.id)) for c in answer.citations],
        "coverage": as_plain(answer.coverage),
        "results": [result_json(result) for result in answer.results],
        "engine": answer.engine,
        "took_ms": answer.took_ms,
        "probability": answer.probability,
        "understood": answer.understood or None,
        "notes": list(answer.notes),
        "missing": list(answer.missing),
        "conflicts": [
            [
                {"citation": number, "figure": figure, "date": date}
                for number, figure, date in conflict.figures
            ]
            for conflict in answer.conflicts
        ],
        "widen": [way.line for way in answer.widen],
        "intent": answer.intent,
        "subject": answer.subject,
        "period": as_plain(answer.period) if answer.period else None,
        "lead": as_plain(answer.lead) if answer.lead else None,
        "items": [_item(item) for item in answer.items],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "briefing": as_plain(item.briefing),
        "section": as_plain(item.section) if item.section else None,
        "pages": list(item.pages) if item.pages else None,
        "line": item.line,
        "citation": item.citation,
    }


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    return {
        "parts": [_part(part) for part in coverage.parts],
        "timeline": _months(coverage.timeline),
        "notes": list(coverage.notes),
        "took_ms": coverage.took_ms,
    }


def _part(part: CoveredPart) -> dict[str, Any]:
    return {
        "part": part.part,
        "status": part.status,
        "last": part.last,
        "count": part.count,
        "earlier": [result_json(result) for result in part.earlier],
        "new_facts": list(part.new_facts),
        "text": part.text,
        "sentences": [
            {
                "text": sentence.text,
                "status": sentence.status,
                "citation": _citation(sentence.citation, None) if sentence.citation else None,
            }
            for sentence in part.sentences
        ],
        "changes": _changes(part.changes),
        "briefings": as_plain(part.briefings),
        "related": [result_json(result) for result in part.related],
        "story": _story(part.story) if part.story else None,
    }


def _months(months: Sequence[Facet]) -> list[dict[str, Any]]:
    return [{"month": facet.value, "count": facet.count} for facet in months]


def stories_json(stories: Sequence[Story], total: int) -> dict[str, Any]:
    return {"total": total, "stories": [_story(story) for story in stories]}


def story_json(story: Story, entries: Sequence[StoryEntry]) -> dict[str, Any]:
    return {
        **_story(story),
        "entries": [
            {"citation": _citation(entry.citation, None), "changes": _changes(entry.changes)}
            for entry in entries
        ],
    }


def _story(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "name": story.name,
        "first": story.first,
        "last": story.last,
        "briefings": story.briefings,
        "passages": [passage.id for passage in story.passages],
        "gaps": as_plain(story.gaps),
    }


def _changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "kind": change.kind,
            "old": change.old,
            "new": change.new,
            "citation": _citation(change.citation, None),
        }
        for change in changes
    ]


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
    return {**_source(item), "passages": [_citation(citation, None) for citation in citations]}


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


def list_json(
    entries: Sequence[BriefingEntry], missing: Sequence[MissingDays] | None = None
) -> dict[str, Any]:
    listed = {"briefings": as_plain(entries)}
    return listed if missing is None else listed | {"missing": _missing(missing)}


def _missing(missing: Sequence[MissingDays]) -> list[dict[str, Any]]:
    return [{"series": each.series, "dates": as_plain(each.dates)} for each in missing]


def status_json(status: Status) -> dict[str, Any]:
    return {
        "briefings": status.briefings,
        "passages": status.passages,
        "pages": status.pages,
        "topics": status.topics,
        "since": status.since,
        "until": status.until,
        "series": as_plain(status.series),
        "encoder": status.encoder,
        "encoder_set": status.encoder_set,
        "encoder_error": status.encoder_error or None,
        "llm": status.llm,
        "chroma": status.chroma,
        "chroma_address": status.chroma_address,
        "home": status.home,
        "bytes": status.bytes,
        "free_bytes": status.free_bytes,
        "stale": status.freshness.is_stale,
        "newest_age_days": status.freshness.age_days,
        "usual_gap_days": status.freshness.usual_gap,
        "runs": as_plain(status.runs),
        "missing": _missing(status.missing),
    }


def restoration_json(done: Restoration) -> dict[str, Any]:
    return {"restored": done.briefing_id, "live": done.is_live, "replaced": done.replaced}


def editing_json(done: Editing, corrections: Sequence[Correction]) -> dict[str, Any]:
    return {
        "edited": done.briefing_id,
        "changes": as_plain(dict(done.changes)),
        "same_issue": list(done.beside),
        "corrections": as_plain(corrections),
    }


def changes_json(changes: Sequence[LoggedChange]) -> dict[str, Any]:
    return {"changes": as_plain(changes)}


def show_json(
    stored: StoredBriefing,
    passages: Sequence[Passage],
    file: Path,
    corrections: Sequence[Correction],
) -> dict[str, Any]:
    return {
        **inspect_json(stored.briefing, len(passages)),
        "id": stored.briefing.id,
        "topics": list(dict.fromkeys(topic for p in passages for topic in p.topics)),
        "passages": [passage_json(passage) for passage in passages],
        "file": str(file),
        "status": stored.status,
        "replaced_by": stored.replaced_by,
        "file_name": stored.briefing.file_name or None,
        "corrections": as_plain(corrections),
    }


def topics_json(topics: Sequence[tuple[str, int]]) -> dict[str, Any]:
    return {"topics": [{"name": name, "passages": count} for name, count in topics]}


def doctor_json(checks: Sequence[Check]) -> dict[str, Any]:
    return {"checks": checks_json(checks)}


def checks_json(checks: Sequence[Check]) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = as_plain(checks)
    return plain


def exported_json(exported: Exported) -> dict[str, Any]:
    plain: dict[str, Any] = as_plain(exported)
    return plain


def imported_json(imported: Imported) -> dict[str, Any]:
    plain: dict[str, Any] = as_plain(imported)
    return plain


def file_json(file: FileReport) -> dict[str, Any]:
    error = {
        "code": file.error_code,
        "message": file.error_message,
        "cure": file.cure,
        "cure_zh": file.cure_zh,
        "message_zh": FAILURES_ZH.get(file.error_code or "", ""),
    }
    return {
        "path": file.path,
        "outcome": file.outcome,
        "briefing_id": file.briefing_id,
        "date": file.date,
        "title": file.title,
        "sections": file.sections,
        "passages": file.passages,
        "pages": file.pages,
        "warnings": _warnings(file.warnings),
        "error": error if file.error_code else None,
        "original": file.original,
    }


def _warnings(warnings: Sequence[Warning]) -> list[dict[str, Any]]:
    return [
        as_plain(warning) | {"message_zh": WARNINGS_ZH.get(warning.code, "")}
        for warning in warnings
    ]


def _citation(citation: Citation, replaced_by: str | None) -> dict[str, Any]:
    return {
        "number": citation.number,
        "passage_id": citation.passage.id,
        "quote": citation.quote,
        "pages": list(citation.pages),
        "printed": list(citation.printed),
        "briefing": as_plain(citation.briefing),
        "section": as_plain(citation.section),
        "sources": as_plain(citation.sources),
        "line": citation.line,
        "reference_line": citation.reference_line,
        "gbt7714": citation.gbt7714(today_here()),
        "replaced_by": replaced_by,
    }

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
    Story,
)
from archive.output.messages import FAILURES_ZH, WARNINGS_ZH
from archive.records import Briefing, Citation, Filter, Passage, Warning, as_plain
from archive.search.records import Result, SearchPage
from archive.store.briefings import StoredBriefing
from archive.store.records import (
    BriefingEntry,
    Correction,
    Facet,
    FileReport,
    IngestReport,
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
        "holding": page.holding,
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
        "citations": [citation_json(c, replaced.get(c.briefing.id)) for c in answer.citations],
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
                "citation": citation_json(sentence.citation, None) if sentence.citation else None,
            }
            for sentence in part.sentences
        ],
        "changes": told_changes_json(part.changes),
        "briefings": as_plain(part.briefings),
        "related": [result_json(result) for result in part.related],
        "story": storyline_json(part.story) if part.story else None,
    }


def _months(months: Sequence[Facet]) -> list[dict[str, Any]]:
    return [{"month": facet.value, "count": facet.count} for facet in months]


def told_changes_json(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "kind": change.kind,
            "old": change.old,
            "new": change.new,
            "citation": citation_json(change.citation, None),
        }
        for change in changes
    ]


def storyline_json(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "name": story.name,
        "first": story.first,
        "last": story.last,
        "briefings": story.briefings,
        "passages": [passage.id for passage in story.passages],
        "gaps": as_plain(story.gaps),
    }


def list_json(
    entries: Sequence[BriefingEntry], missing: Sequence[MissingDays] | None = None
) -> dict[str, Any]:
    listed = {"briefings": as_plain(entries)}
    return listed if missing is None else listed | {"missing": missing_json(missing)}


def missing_json(missing: Sequence[MissingDays]) -> list[dict[str, Any]]:
    return [{"series": each.series, "dates": as_plain(each.dates)} for each in missing]


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


def citation_json(citation: Citation, replaced_by: str | None) -> dict[str, Any]:
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

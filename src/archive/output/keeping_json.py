"""The JSON documents of keeping an archive: its status, checks, corrections, export and import.

As in `json_documents`, the field names are a contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.keeping.records import Check, Exported, Imported, Status
from archive.keeping.writer import Editing, Restoration
from archive.output.json_documents import missing_json
from archive.records import as_plain
from archive.store.records import Correction, LoggedChange


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
        "missing": missing_json(status.missing),
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

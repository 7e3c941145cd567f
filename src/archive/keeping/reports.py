"""What readers find wrong with answers, kept for the staff."""

from __future__ import annotations

from datetime import UTC, datetime

from archive.errors import TooManyReportsError, UsageError
from archive.index.query import LONGEST
from archive.store.catalog import Catalog
from archive.store.records import AnswerReport
from archive.untrusted_text import without_surrogates

MOST_REPORTS = 1000
_LONGEST_REMARK, _LONGEST_ANSWER = 2000, 20_000
"""Characters of a report that are kept."""


def add_report(catalog: Catalog, question: str, answer: str, remark: str) -> AnswerReport:
    """Keep what is wrong with an answer, given as plain text.

    Raises UsageError where nothing is said to be wrong, which tells the staff nothing, and
    TooManyReportsError where `MOST_REPORTS` wait for the staff.
    """
    remark = without_surrogates(remark).strip()[:_LONGEST_REMARK]
    if not remark:
        raise UsageError("the report says nothing", "say what is wrong with the answer")
    created = datetime.now(UTC).isoformat(timespec="seconds")
    told = question[:LONGEST], answer[:_LONGEST_ANSWER], remark
    kept = catalog.notes.add_report(created, *told, most=MOST_REPORTS)
    if kept is None:
        raise TooManyReportsError(
            f"{MOST_REPORTS:,} reports wait for the staff, no more are kept",
            "let the staff deal with some: `archive reports --close ID`",
        )
    return AnswerReport(kept, created, *told)


def close_report(catalog: Catalog, report_id: int) -> None:
    """Forget a report that was dealt with; raises UsageError where there is none."""
    if not catalog.notes.remove_report(report_id):
        raise UsageError(f"there is no report {report_id}", "`archive reports` lists them")

"""Whether a briefing replaces one in the archive, stands beside some of its day, or is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.records import Briefing, Warning
from ingest.intake.editions import edition_of
from ingest.intake.live_briefings import LiveBriefings
from ingest.intake.revision import Comparison, compare

OnRevision = Literal["replace", "keep"]
"""Whether a corrected edition takes the place of the older one, or is kept beside it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How a briefing stands to those that are live."""

    replaces: str | None = None
    warnings: tuple[Warning, ...] = ()


def decide(briefing: Briefing, live: LiveBriefings, on_revision: OnRevision) -> Decision:
    """Whether a briefing corrects one that is live, stands beside some, or is new."""
    copies = live.nearly_identical(briefing)
    near = tuple(
        Warning("near_identical", None, f"its text is nearly that of {each.id} of {each.date}")
        for each in copies
    )
    of_its_day = live.of_its_day(briefing)
    if not of_its_day:
        return Decision(warnings=near)
    found = [(compare(older, briefing), older) for older in of_its_day]
    if any(comparison.verdict == "revision" for comparison, _ in found):
        others = live.of_other_days(briefing, but_for=[copy.id for copy in copies])
        found = [(compare(older, briefing, others), older) for older in of_its_day]
    revised = [each for each in found if each[0].verdict == "revision"]
    if revised and on_revision == "replace":
        return Decision(max(revised, key=lambda each: each[0].agreement)[1].id, near)
    ids = ", ".join(older.id for older in of_its_day)
    beside = f"the archive has another document of this series and date: {ids}"
    doubts = tuple(
        Warning("may_be_revision", None, _doubt(comparison, older, briefing))
        for comparison, older in found
        if comparison.verdict == "unsure"
    )
    return Decision(warnings=(Warning("same_issue", None, beside), *doubts, *near))


def _doubt(comparison: Comparison, older: Briefing, newer: Briefing) -> str:
    """Why it isn't sure that a briefing corrects an older one."""
    marks = f"; they are marked {edition_of(older)} and {edition_of(newer)}"
    return (
        f"{comparison.agreement:.0%} of the text of {older.id} stands in it"
        f"{marks if comparison.are_told_apart else ''}: both are kept; "
        f"if it corrects that one, run `archive remove {older.id}`"
    )

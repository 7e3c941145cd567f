"""Corrections by hand of what was read: how an edit changes them, and how they change a briefing.

They belong to a file, so that they hold however often it is read, labelled or indexed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

from archive.chinese.text import fold
from archive.errors import UsageError
from archive.index.topics import MOST
from archive.records import (
    Briefing,
    BriefingCard,
    CorrectedField,
    Correction,
    Passage,
    Topic,
    TopicLabel,
    day_range,
)
from archive.store.history import is_in_section, now

_TEXTS: tuple[Literal["date", "title", "series"], ...] = ("date", "title", "series")
_LONGEST = 200
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be changed in a briefing; what is None stays as it is."""

    date: str | None = None
    title: str | None = None
    series: str | None = None
    topics: tuple[str, ...] | None = None
    section: str = ""
    """The number of the section whose topics are meant; empty for the whole briefing's."""
    as_read: bool = False
    """Undo all corrections; then nothing else may be given."""


def checked(edit: Edit, passages: Sequence[Passage], topics: Sequence[Topic]) -> Edit:
    """An edit with its texts normalised; raises UsageError for what can't be done."""
    given = [edit.date, edit.title, edit.series, edit.topics]
    if edit.as_read and (any(each is not None for each in given) or edit.section):
        raise UsageError(
            "what was read is to come back, and something else to be set", "say one of the two"
        )
    if edit.section and edit.topics is None:
        raise UsageError("a section was given without topics", "add --topics")
    if not edit.as_read and all(each is None for each in given):
        raise UsageError(
            "nothing is said to be edited", "give --date, --title, --series, --topics or --undo"
        )
    if edit.topics is not None:
        _check_topics(edit.topics, topics)
        sections = {p.section.number or p.section.title: None for p in passages}
        if not any(
            is_in_section(p.section.number, p.section.title, edit.section) for p in passages
        ):
            raise UsageError(
                f"the briefing has no text in a section {edit.section!r}",
                f"it has: {'、'.join(sections)}" if sections else "leave --section out",
            )
    return replace(
        edit,
        date=None if edit.date is None else _date(edit.date),
        title=None if edit.title is None else _name("title", edit.title),
        series=None if edit.series is None else _name("series", edit.series),
    )


def _date(text: str) -> str:
    date = fold(text.strip())
    try:
        day_range(date)
    except ValueError:
        date = ""
    if len(date) < len("2026-05"):
        raise UsageError(
            f"not a briefing's date: {text!r}", "write it like 2026-05-07, or 2026-05 for a month"
        )
    return date


def _name(what: str, text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise UsageError(
            f"not a briefing's {what}: {text!r}", f"give it 1 to {_LONGEST} characters of text"
        )
    return name


def _check_topics(names: Sequence[str], topics: Sequence[Topic]) -> None:
    known = [topic.name for topic in topics]
    for name in names:
        if name not in known:
            inside = [each for each in known if name in each or each in name]
            near = dict.fromkeys((*inside, *get_close_matches(name, known, _NEAREST, 0.3)))
            said = f"nearest: {'、'.join(near)}" if near else f"there are: {'、'.join(known)}"
            raise UsageError(f"there is no topic {name!r} in the list", said)
    if len(set(names)) > MOST:
        raise UsageError(f"{len(set(names))} topics were given", f"a passage has at most {MOST}")


def texts_corrected(
    edit: Edit, read: Briefing, corrections: Sequence[Correction]
) -> list[Correction]:
    """The corrections of date, title and series after an edit; `read` is the briefing as read."""
    if edit.as_read:
        return []
    kept = {each.field: each for each in corrections if each.field != "topics"}
    for field in _TEXTS:
        value = getattr(edit, field)
        if value is None or (field in kept and kept[field].value == value):
            continue
        kept.pop(field, None)
        if value != getattr(read, field):
            kept[field] = Correction(field, "", value, getattr(read, field), now())
    return list(kept.values())


def topics_corrected(
    edit: Edit,
    corrections: Sequence[Correction],
    passages: Sequence[Passage],
    assigned: Mapping[str, Sequence[TopicLabel]],
) -> list[Correction]:
    """The corrections of topics after an edit; `assigned` are those the list gives each passage.

    Topics of a section replace those given earlier to sections inside it.
    """
    kept = [each for each in corrections if each.field == "topics"]
    if edit.as_read or edit.topics is None:
        return [] if edit.as_read else kept
    value = tuple(dict.fromkeys(edit.topics))
    if any((each.section, each.value) == (edit.section, value) for each in kept):
        return kept
    inside = [p for p in passages if is_in_section(p.section.number, p.section.title, edit.section)]
    as_read = tuple(dict.fromkeys(label.name for p in inside for label in assigned[p.id]))
    kept = [each for each in kept if not is_in_section(each.section, "", edit.section)]
    return [*kept, Correction("topics", edit.section, value, as_read, now())]


def uncorrected(briefing: Briefing, corrections: Iterable[Correction]) -> Briefing:
    """A briefing as it was read."""
    return _with_texts(briefing, {each.field: each.as_read for each in corrections})


def as_corrected(briefing: Briefing, corrections: Iterable[Correction]) -> Briefing:
    """A briefing as read, with the corrections of its date, title and series."""
    return _with_texts(briefing, {each.field: each.value for each in corrections})


def _with_texts(briefing: Briefing, values: Mapping[CorrectedField, Any]) -> Briefing:
    return replace(briefing, **{field: values[field] for field in _TEXTS if field in values})


def with_card(passages: Sequence[Passage], briefing: Briefing) -> tuple[Passage, ...]:
    """Passages with the title and date of their briefing, which were corrected."""
    card = BriefingCard(briefing.id, briefing.title, briefing.issuer, briefing.date)
    return tuple(replace(passage, briefing=card) for passage in passages)


def read_anew(briefing: Briefing, corrections: Iterable[Correction]) -> list[Correction]:
    """The corrections of a file that was read again, each with what was read this time."""
    return [
        each if each.field == "topics" else replace(each, as_read=getattr(briefing, each.field))
        for each in corrections
    ]


def changes_between(
    before: Iterable[Correction], after: Iterable[Correction]
) -> dict[str, tuple[Any, Any]]:
    """Each field that changed, with its value before and after."""
    old, new = ({(c.field, c.section): c for c in each} for each in (before, after))
    changes = {}
    for key in sorted(old.keys() | new.keys()):
        was = old[key].value if key in old else new[key].as_read
        is_now = new[key].value if key in new else old[key].as_read
        if was != is_now or (key in old) != (key in new):
            changes[" of ".join(filter(None, key))] = was, is_now
    return changes

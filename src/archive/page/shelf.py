"""The briefings as the page reads them, kept until the archive changes, and how a day reads."""

from __future__ import annotations

import streamlit as st

from archive.following.records import MissingDays
from archive.page.language import say
from archive.page.state import (
    open_archive,
)
from archive.records import day_range
from archive.store.records import BriefingEntry, Issue

WEEKDAYS = dict(zip("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun".split(), strict=True))


@st.cache_data(show_spinner=False, max_entries=4)
def shelf(home: str, generation: int) -> tuple[list[BriefingEntry], list[Issue], list[MissingDays]]:
    """All briefings, the days that the live ones stand for, and the days that lack one."""
    archive = open_archive(home)
    return archive.briefings(), archive.issues(), archive.missing_days()


def dated(date: str) -> str:
    """A date with its weekday; a month as it is."""
    first, last = day_range(date)
    if first != last:
        return date
    chinese, english = list(WEEKDAYS.items())[first.weekday()]
    return say(f"{date} 星期{chinese}", f"{date} {english}")

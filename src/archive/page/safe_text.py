"""Text as the page shows it: safe HTML, safe Markdown, how a place reads."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence

from archive.page.language import say
from archive.records import Passage
from archive.search.records import Result


def place(passage: Passage) -> str:
    """Where a passage stands: date, title, printed pages."""
    pages = "-".join(dict.fromkeys(passage.printed))
    page = say(f"第 {pages} 页", f"p. {pages}")
    return f"{passage.briefing.date}　《{passage.briefing.title}》　{page}"


def why(result: Result) -> str:
    """Why a passage was found: its rank by words and by meaning, and the words it holds."""
    parts = []
    if (rank := result.keyword_rank) is not None:
        parts.append(say(f"关键词第 {rank}", f"no. {rank} by words"))
    if (rank := result.semantic_rank) is not None:
        parts.append(say(f"语义第 {rank}", f"no. {rank} by meaning"))
    if result.hits:
        parts.append(say(f"含 {'、'.join(result.hits)}", f"has {', '.join(result.hits)}"))
    return " · ".join(parts)


def marked_html(text: str, marks: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Characters [start, end) of a text as HTML, with the ranges of it that lie within marked."""
    parts, at = [], start
    for low, high in marks:
        if start <= low and high <= end:
            parts += [html.escape(text[at:low]), f"<mark>{html.escape(text[low:high])}</mark>"]
            at = high
    return "".join((*parts, html.escape(text[at:end])))


def answer_html(text: str, numbers: Collection[int]) -> str:
    """An answer's lines as HTML, the numbers of its citations raised."""

    def raised(match: re.Match[str]) -> str:
        return f"<sup>{match[0]}</sup>" if int(match[1]) in numbers else match[0]

    shown = re.sub(r"\[(\d+)\]", raised, html.escape(text))
    return "".join(f"<p>{line}</p>" for line in shown.splitlines() if line)


# What Streamlit makes links, icons and arrows of even where its marks are escaped.
_REPLACED = re.compile(r"(?<=:)(?=//|[a-z])|(?<=www)(?=\.)|(?<=@)|(?<=[-<>~=])(?=[-<>=])", re.I)
_JOINER = "\u2060"
"""A character of no width at which no line breaks."""


def as_markdown(text: str) -> str:
    """Text for Streamlit's Markdown, every mark of which is shown as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", _REPLACED.sub(_JOINER, text))

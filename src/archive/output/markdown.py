"""What the archive says as Markdown or plain text with footnotes, to be taken elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.asking.records import Answer
from archive.following.records import Coverage, CoveredPart, Story, StoryEntry
from archive.records import Citation

STATUS = {"covered": "已报道", "partly": "部分报道", "new": "未报道"}
SENTENCES = {"stands": "已有", "reworded": "已有，改写过", "changed": "有变化", "new": "新内容"}
_MARK = re.compile(r"\[(\d+)\]")


def answer_as_markdown(answer: Answer) -> str:
    """An answer as Markdown, every citation a footnote; a refusal with what is near."""
    cited = {citation.number for citation in answer.citations}
    lines = [f"**{plain(answer.question)}**", ""]
    lines += [f"{plain(note)}\n" for note in answer.notes]
    for line in answer.text.splitlines():
        parts = _MARK.split(line)
        # Every second part is a number between brackets, perhaps of the quoted text's own.
        marked = [
            (f"[^{part}]" if int(part) in cited else f"\\[{part}\\]") if at % 2 else plain(part)
            for at, part in enumerate(parts)
        ]
        lines += ["".join(marked), ""]
    lines += [f"*{plain(answer.coverage.line)}*", ""]
    return "\n".join([*lines, *map(footnote, answer.citations)]).rstrip() + "\n"


def answer_as_text(answer: Answer) -> str:
    """An answer as plain text, its citations numbered below it."""
    notes = [f"[{c.number}] {c.reference_line}。{_sources(c)}" for c in answer.citations]
    blocks = [answer.question, *answer.notes, answer.text, "\n".join(notes), answer.coverage.line]
    return "\n\n".join(filter(None, blocks)) + "\n"


def coverage_as_markdown(coverage: Coverage) -> str:
    """A draft held against the archive: each part's sentences and changes, with footnotes."""
    lines = ["# 旧稿核对", "", *(f"{plain(note)}\n" for note in coverage.notes)]
    notes: list[str] = []
    for part in coverage.parts:
        lines += [f"## {plain(part.part)}", "", _told(part), ""]
        for sentence in part.sentences:
            mark = _noted(sentence.citation, notes)
            lines.append(f"- {SENTENCES[sentence.status]}：{plain(sentence.text)}{mark}")
            for change in sentence.changes:
                was = f"{plain(change.old)} → {plain(change.new)}"
                lines.append(f"    - {was}{_noted(change.citation, notes)}")
        lines.append("")
    return "\n".join([*lines, *notes]).rstrip() + "\n"


def story_as_markdown(story: Story, entries: Iterable[StoryEntry]) -> str:
    """A chronology as Markdown, every quote with a footnote that says where it stands."""
    lines = [f"# {plain(story.name)}", "", plain(story.line), ""]
    notes: list[str] = []
    day = ""
    for entry in entries:
        if entry.citation.briefing.date != day:
            day = entry.citation.briefing.date
            lines += [f"## {day}", ""]
        heading = entry.citation.passage.heading
        lines.append(f"- **{plain(heading)}** {plain(entry.citation.quote)}[^{entry.number}]")
        notes.append(footnote(entry.citation))
        for change in entry.changes:
            was = f"{plain(change.old)} → {plain(change.new)}"
            lines.append(f"    - {was}（此前[^{change.citation.number}]）")
            notes.append(footnote(change.citation))
        lines.append("")
    return "\n".join([*lines, *notes]) + "\n"


def footnote(citation: Citation, number: int | None = None) -> str:
    """A citation as the text of its footnote; `number` where it isn't its own."""
    line = plain(citation.reference_line)
    return f"[^{number or citation.number}]: {line}。{plain(_sources(citation))}"


def plain(text: str) -> str:
    """A text on one line in which Markdown sees no marks of its own."""
    for mark in "\\`*_[]<>#|":
        text = text.replace(mark, "\\" + mark)
    return " ".join(text.split())


def _sources(citation: Citation) -> str:
    sources = "；".join(source.line for source in citation.sources)
    return f"来源：{sources}" if sources else ""


def _told(part: CoveredPart) -> str:
    when = f"，{part.count} 期，最近 {part.last}" if part.last else ""
    story = f"；脉络：{plain(part.story.name)}" if part.story else ""
    return f"{STATUS[part.status]}{when}{story}"


def _noted(citation: Citation | None, notes: list[str]) -> str:
    """The mark of a citation's footnote, which joins the notes; citations of a draft all say 1."""
    if citation is None:
        return ""
    notes.append(footnote(citation, len(notes) + 1))
    return f"[^{len(notes)}]"

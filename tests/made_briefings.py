"""Briefings typeset for a test, from sections of plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typst


def make_briefing(
    folder: Path,
    date: str,
    sections: Mapping[str, str],
    references: str = "",
    *,
    title: str = "每日动态",
    beside: str = "",
    name: str = "",
) -> Path:
    """A briefing of a day (ISO) with these sections, title to text, as a PDF in a folder.

    `beside` stands beside the date, as an issue number does; the file is named after the date, or
    by its own `name`.
    """
    year, month, day = date.split("-")
    body = "\n\n".join(f"= {title}\n\n{text}" for title, text in sections.items())
    if references:
        body += f"\n\n#heading(numbering: none)[参考文献]\n\n{references}"
    source = folder / f"{name or date}.typ"
    source.write_text(
        '#set text(font: "Noto Serif CJK SC", size: 11pt, lang: "zh")\n'
        '#set heading(numbering: "1.1")\n'
        f'#align(center, text(size: 22pt, weight: "bold")[{title}])\n\n'
        f"#align(center)[{int(year)} 年 {int(month)} 月 {int(day)} 日{beside}]\n\n"
        f"#align(center)[某协会新产业委员会]\n\n{body}\n",
        encoding="utf-8",
    )
    made = folder / f"{name or date}.pdf"
    made.write_bytes(typst.compile(str(source)))
    return made

"""Typeset the sample briefings: every sources/DATE.md becomes briefing-DATE.pdf.

    python data/samples/typeset.py [DATE ...]

Needs the PyPI package `typst` and the font Noto Serif CJK SC (Debian: fonts-noto-cjk).
The same source gives the same bytes each time. A source that can't be read costs one
line on stderr, naming the file and the line, and the exit code 1; the others are set.

A source is a small subset of Markdown: a front matter of `key: value` lines between two
`---`, then `## 摘要` with one paragraph, then sections (`#`, `##`) of plain paragraphs, each
on a line of its own, then `# 参考文献` with items `1. outlet (YYYY-MM-DD): title`. Numbers are
not written in headings, and no markup is known inside a paragraph: every character is printed
as it is, with a space where Chinese meets a Latin letter or a digit (3 月 3 日), the house style.
"""

import argparse
import json
import re
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "briefing.typ"
SOURCES = HERE / "sources"

ABSTRACT = "摘要"
REFERENCES = "参考文献"
KEYS = ("title", "issuer", "date", "outline", "contents")

_FRONT_MATTER = re.compile(r"(?P<key>\w+):\s*(?P<value>.*?)\s*(?:\s#\s.*)?")
_REFERENCE = re.compile(
    r"(?P<number>\d+)\. (?P<outlet>.+?) \((?P<date>\d{4}-\d\d-\d\d)\): (?P<title>.+)"
)
_HEADING = re.compile(r"(?P<marks>#+) (?P<title>.+)")
_NUMBERED = re.compile(r"\d+(\.\d+)+\s|\d+[.、]\s|第[一二三四五六七八九十]+[章节]")
_UNKNOWN = re.compile(r"#|[-*+>|] |```|!\[|\d+[.、] ")
_SEAM = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])")


class SourceError(ValueError):
    """A source breaks the form; the message begins with the line's number."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"{line}: {message}")


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of 参考文献."""

    outlet: str
    date: str
    title: str


@dataclass(slots=True)
class Section:
    """A heading with its own paragraphs and, on the first level, its subsections."""

    title: str
    line: int
    paragraphs: list[str] = field(default_factory=list)
    children: list["Section"] = field(default_factory=list)


@dataclass(slots=True)
class Briefing:
    """A source as it was read: what the template prints."""

    title: str
    issuer: str
    date: str
    outline: bool
    contents: str
    abstract: str
    sections: list[Section]
    references: list[Reference]


def spaced(text: str) -> str:
    """The text with a space at every seam of Chinese and Latin: `3月3日` → `3 月 3 日`.

    A space on the page, unlike the gap typst would draw, reads the same in every PDF reader.
    """
    return _SEAM.sub(" ", text)


def parse(source: str) -> Briefing:
    """Read a source; raises SourceError at the first line that breaks the form."""
    lines = source.splitlines()
    head, body_start = _front_matter(lines)
    sections: list[Section] = []
    references: list[Reference] = []
    for line, raw in enumerate(lines[body_start:], start=body_start + 1):
        text = raw.strip()
        if not text:
            continue
        heading = _HEADING.fullmatch(text)
        if heading:
            _open_section(sections, line, len(heading["marks"]), heading["title"].strip())
        elif not sections:
            raise SourceError(line, f"text before ## {ABSTRACT}")
        elif sections[-1].title == REFERENCES:
            references.append(_reference(line, text, len(references) + 1))
        elif _UNKNOWN.match(text):
            raise SourceError(line, f"not plain text: {text[:20]!r}")
        else:
            _innermost(sections[-1]).paragraphs.append(spaced(text))

    _check(sections, references, len(lines))
    return Briefing(
        title=head["title"],
        issuer=head["issuer"],
        date=head["date"],
        outline=head["outline"] == "true",
        contents=head["contents"],
        abstract=sections[0].paragraphs[0],
        sections=sections[1:-1],
        references=references,
    )


def _front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """The keys and values between the two `---`, and how many lines they take."""
    if not lines or lines[0].strip() != "---":
        raise SourceError(1, "the first line must be ---")
    head: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == "---":
            missing = [key for key in KEYS if key not in head]
            if missing:
                raise SourceError(number, f"front matter lacks {', '.join(missing)}")
            return head, number
        entry = _FRONT_MATTER.fullmatch(line)
        if not entry or entry["key"] not in KEYS or not entry["value"]:
            raise SourceError(number, f"expected `key: value`, key one of {', '.join(KEYS)}")
        head[entry["key"]] = entry["value"]
        if entry["key"] == "outline" and entry["value"] not in ("true", "false"):
            raise SourceError(number, "outline must be true or false")
        if entry["key"] == "date":
            _check_date(number, entry["value"])
    raise SourceError(len(lines), "the front matter has no closing ---")


def _open_section(sections: list[Section], line: int, level: int, title: str) -> None:
    """Append a new section where its level says; 摘要 is `##` but stands alone."""
    if level > 2:
        raise SourceError(line, "headings have two levels, # and ##")
    if _NUMBERED.match(title):
        raise SourceError(line, "headings are written without numbers")
    if sections and sections[-1].title == REFERENCES:
        raise SourceError(line, f"# {REFERENCES} must come last")
    if not sections and (level, title) != (2, ABSTRACT):
        raise SourceError(line, f"the text must begin with ## {ABSTRACT}")
    section = Section(spaced(title), line)
    if level == 1 or not sections:
        sections.append(section)
    elif sections[-1].title == ABSTRACT:
        raise SourceError(line, "## before the first #")
    else:
        sections[-1].children.append(section)


def _innermost(section: Section) -> Section:
    """The section that text read now belongs to."""
    return section.children[-1] if section.children else section


def _check(sections: list[Section], references: list[Reference], last_line: int) -> None:
    """The whole has 摘要 first, 参考文献 last, text in between."""
    if not sections:
        raise SourceError(last_line, f"no text: it must begin with ## {ABSTRACT}")
    if len(sections[0].paragraphs) != 1:
        raise SourceError(sections[0].line, f"## {ABSTRACT} must be one paragraph")
    if sections[-1].title != REFERENCES:
        raise SourceError(last_line, f"the last section must be # {REFERENCES}")
    if not references:
        raise SourceError(sections[-1].line, f"# {REFERENCES} has no entries")
    if not sections[1:-1]:
        raise SourceError(sections[-1].line, f"no section before # {REFERENCES}")
    for section in sections[1:-1]:
        _require_text(section)


def _require_text(section: Section) -> None:
    """Every section says something: text of its own or subsections."""
    if not section.paragraphs and not section.children:
        raise SourceError(section.line, f"section without text: {section.title}")
    for child in section.children:
        _require_text(child)


def _reference(line: int, text: str, number: int) -> Reference:
    """Read one entry of 参考文献, which must carry the next number."""
    entry = _REFERENCE.fullmatch(text)
    if not entry:
        raise SourceError(line, "expected `1. outlet (YYYY-MM-DD): title`")
    if int(entry["number"]) != number:
        raise SourceError(line, f"reference {entry['number']} where {number} was expected")
    _check_date(line, entry["date"])
    return Reference(spaced(entry["outlet"]), entry["date"], spaced(entry["title"].strip()))


def _check_date(line: int, value: str) -> None:
    """Refuse anything but a real day written YYYY-MM-DD."""
    try:
        good = date.fromisoformat(value).isoformat() == value
    except ValueError:
        good = False
    if not good:
        raise SourceError(line, f"not a date (YYYY-MM-DD): {value}")


def typeset(source: Path, fonts: typst.Fonts) -> Path:
    """Set one source and return the path of its PDF."""
    briefing = parse(source.read_text(encoding="utf-8"))
    if briefing.date != source.stem:
        raise SourceError(1, f"date is {briefing.date}, the file is named {source.stem}")
    pdf, warnings = typst.compile_with_warnings(
        TEMPLATE,
        font_paths=fonts,
        format="pdf",
        sys_inputs={"briefing": json.dumps(asdict(briefing), ensure_ascii=False)},
        pdf_tags=False,  # poppler complains about the tagged form
        timestamp=datetime.fromisoformat(briefing.date).replace(tzinfo=UTC),
    )
    if warnings:  # a missing font, for one: the page would not look as meant
        raise RuntimeError(f"typst: {'; '.join(warning.message for warning in warnings)}")
    target = HERE / f"briefing-{briefing.date}.pdf"
    target.write_bytes(pdf)
    return target


def main() -> int:
    """Set the sources named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Typeset the sample briefings.")
    parser.add_argument("dates", metavar="DATE", nargs="*", help="YYYY-MM-DD; default: all")
    dates: list[str] = parser.parse_args().dates
    sources = [SOURCES / f"{day}.md" for day in dates] or sorted(SOURCES.glob("*.md"))
    fonts = typst.Fonts()
    failed = 0
    for source in sources:
        try:
            print(typeset(source, fonts).name)
        except SourceError as error:
            print(f"{source}:{error}", file=sys.stderr)
            failed += 1
        except (OSError, UnicodeDecodeError, RuntimeError) as error:  # TypstError is the last
            print(f"{source}: {error}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

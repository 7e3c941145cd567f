"""The lexicon: words jieba must know, and names that mean the same.

`lexicon/user_dict.txt` has a word a line in jieba's form, `word [frequency] [tag]`;
`lexicon/aliases.txt` a group of names a line, `英伟达 = Nvidia`. Lines that begin with # are
comments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive.errors import UsageError
from archive.resources import data_file
from archive.search_form import search_form
from archive.text import has_han

WORDS = "lexicon/user_dict.txt"
ALIASES = "lexicon/aliases.txt"
_ENTRY = re.compile(r"(?P<word>\S+)(?:\s+(?P<frequency>\d+))?(?:\s+(?P<tag>[a-z]{1,4}))?")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words with their frequency (None: jieba's own guess), and groups of names; in search form."""

    words: Mapping[str, int | None] = field(default_factory=dict)
    aliases: tuple[tuple[str, ...], ...] = ()

    @property
    def segmented(self) -> dict[str, int | None]:
        """All words that decide how a text is cut: the names written in han are among them."""
        names = {name: None for group in self.aliases for name in group if has_han(name)}
        return {**names, **self.words}

    @property
    def other_names(self) -> dict[str, tuple[str, ...]]:
        """What else each name is called, by the name without its spaces."""
        others: dict[str, tuple[str, ...]] = {}
        for group in self.aliases:
            for name in group:
                key = name.replace(" ", "")
                rest = (other for other in group if other != name)
                others[key] = tuple(dict.fromkeys((*others.get(key, ()), *rest)))
        return others


def load_lexicon(home: Path) -> Lexicon:
    """The lexicon in force for an archive: its own copy of each file, or the one that comes along.

    Raises UsageError, naming the file and the line, when one can't be read.
    """
    words: dict[str, int | None] = {}
    for place, line in _lines(data_file(WORDS, home)):
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            raise _unreadable(place, line, "one word a line, as `word`, `word 20` or `word 20 n`")
        frequency = entry["frequency"]
        words[search_form(entry["word"])] = int(frequency) if frequency else None
    aliases = []
    for place, line in _lines(data_file(ALIASES, home)):
        names = tuple(map(search_form, re.split("[=＝]", line)))
        if len(names) < 2 or not all(names):
            raise _unreadable(place, line, "names that mean the same, as `英伟达 = Nvidia`")
        aliases.append(names)
    return Lexicon(words, tuple(aliases))


def as_text(segmented: Mapping[str, int | None]) -> str:
    """Words with their frequencies as the catalogue keeps them."""
    return json.dumps(segmented, ensure_ascii=False)


def from_text(text: str | None) -> dict[str, int | None]:
    """The words `as_text` wrote; none of None."""
    return dict(json.loads(text)) if text else {}


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """A lexicon file's lines, each with its place for a message; none where there is no file."""
    if not file.is_file():
        return
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the lexicon {file} can't be read ({error})", "save it as text in UTF-8"
        ) from error
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield f"{file}, line {number}", line.strip()


def _unreadable(place: str, line: str, form: str) -> UsageError:
    return UsageError(f"the lexicon can't be read: {place}: {line!r}", f"write {form}, in UTF-8")

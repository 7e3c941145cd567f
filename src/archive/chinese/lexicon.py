"""The lexicon: words jieba must know, and names that mean the same.

`lexicon/user_dict.txt` has a word a line in jieba's form, `word [frequency] [tag]`;
`lexicon/aliases.txt` a group of names a line, `英伟达 = Nvidia`. Lines that begin with # are
comments. Jieba keeps every beginning of every word, and each name is looked for in each query, so
that words, names and files have a length beyond which they are refused.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from reprlib import repr as shortened

from archive.chinese.search_form import search_form
from archive.chinese.text import has_han
from archive.errors import UsageError
from archive.resources import data_file, read_at_most

WORDS = "lexicon/user_dict.txt"
ALIASES = "lexicon/aliases.txt"
_ENTRY = re.compile(r"(?P<word>\S+)(?:\s+(?P<frequency>\d{1,9}))?(?:\s+(?P<tag>[a-z]{1,4}))?")
_LARGEST = 2**20
"""Bytes of a file: a hundred times what comes along, of which jieba makes 300 MB at most."""
LONGEST_WORD = 100
"""Characters: twice the longest names of ministries and firms."""
_MOST_NAMES = 50
"""Other names of one thing, all of which are asked for at once."""
_TOO_FREQUENT = 10**9


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
        if entry is None or not _are_words([word := search_form(entry["word"])]):
            raise _unreadable(
                place, line, "one word a line, as `word`, `word 20` or `word 20 n`, "
                f"of {LONGEST_WORD} characters at most",
            )  # fmt: skip
        frequency = entry["frequency"]
        words[word] = int(frequency) if frequency else None
    aliases = []
    others: Counter[str] = Counter()
    for place, line in _lines(data_file(ALIASES, home)):
        names = tuple(map(search_form, re.split("[=＝]", line)))
        if len(names) < 2 or not _are_words(names):
            raise _unreadable(
                place, line, "names that mean the same, as `英伟达 = Nvidia`, "
                f"of {LONGEST_WORD} characters at most",
            )  # fmt: skip
        aliases.append(names)
        for name in names:
            others[name.replace(" ", "")] += len(names) - 1
            if others[name.replace(" ", "")] > _MOST_NAMES:
                raise UsageError(
                    f"the lexicon can't be read: {place}: too many other names of {name!r}",
                    f"leave {_MOST_NAMES} of them at most",
                )
    return Lexicon(words, tuple(aliases))


def as_text(segmented: Mapping[str, int | None]) -> str:
    """Words with their frequencies as the catalogue keeps them."""
    return json.dumps(segmented, ensure_ascii=False)


def from_text(text: str | None) -> dict[str, int | None]:
    """The words `as_text` wrote; none of None."""
    return dict(json.loads(text)) if text else {}


def could_be(words: Mapping[str, int | None]) -> bool:
    """Whether a lexicon that can be read may give these words with these frequencies."""
    return _are_words(words) and all(f is None or 0 <= f < _TOO_FREQUENT for f in words.values())


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """A lexicon file's lines, each with its place for a message; none where there is no file."""
    if not file.is_file():
        return
    try:
        text = read_at_most(file, _LARGEST)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the lexicon {file} can't be read ({error})",
            f"save it as text in UTF-8, of {_LARGEST // 2**10} KB at most",
        ) from error
    lines = text.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield f"{file}, line {number}", line.strip()


def _are_words(names: Collection[str]) -> bool:
    return all(0 < len(name) <= LONGEST_WORD for name in names)


def _unreadable(place: str, line: str, form: str) -> UsageError:
    return UsageError(
        f"the lexicon can't be read: {place}: {shortened(line)}", f"write {form}, in UTF-8"
    )

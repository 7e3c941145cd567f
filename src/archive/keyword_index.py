"""Keyword search: jieba's words in the catalogue's FTS5 index; the only module that knows jieba."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from archive.catalog import Catalog, Words
from archive.errors import UsageError
from archive.records import Filter, Passage
from archive.text import compact, fold, normalise

KEYWORD_INDEX = "keyword index"
_WORD = re.compile(r"[^\W_]")
_STOP_WORDS = frozenset(
    """
    的 了 和 与 及 或 在 是 有 被 把 对 为 以 于 从 到 等 将 也 都 就 还 又 而 其 之 这 那 该 此
    吗 呢 吧 啊 么 什么 怎么 怎样 如何 多少 哪些 哪个 哪家 哪里 谁 何时 几 为什么 为何 是否
    有没有 什么时候 时候 多长 多大 多久 多高 多远 现在 目前 如今 最新 最近 请问 一下
    我们 你们 他们 它们
    a an the of in on at to for and or is are was were be been did does do what which who whom when
    where why how many much with by from
    """.split()
)


class KeywordIndex:
    """BM25 over a passage's title, heading and body, as words cut by jieba in search mode."""

    def __init__(self, catalog: Catalog, lexicon: Path) -> None:
        """`lexicon` is a user dictionary in jieba's format; it need not exist."""
        self._catalog = catalog
        self._lexicon = lexicon
        self._loading = threading.Lock()
        self._tokenizer: Any = None

    @cached_property
    def made_by(self) -> str:
        """What the words are cut by; an index and its questions must agree on it."""
        words = self._lexicon.read_bytes() if self._lexicon.is_file() else b""
        return f"jieba 0.42 search mode, lexicon {hashlib.sha256(words).hexdigest()[:12]}"

    def add(self, ids: Sequence[str]) -> None:
        """Index passages the catalogue holds."""
        passages = self._catalog.passages(ids)
        self._catalog.add_words([p.id for p in passages], [self._words(p) for p in passages])

    def remove(self, ids: Sequence[str]) -> None:
        self._catalog.remove_words(ids)

    def rank(self, question: str, where: Filter, limit: int) -> list[tuple[str, float]]:
        """Passages holding any of the question's words, best first: id and BM25 score.

        Raises UsageError when the index was built with another lexicon.
        """
        self._catalog.check_made_by(KEYWORD_INDEX, self.made_by)
        expression = self._expression(question)
        return self._catalog.match(expression, where, limit) if expression else []

    def terms(self, question: str) -> list[str]:
        """The question's words as indexed, without those that carry no meaning of their own."""
        words = list(dict.fromkeys(self._cut(question)))
        return [word for word in words if word not in _STOP_WORDS] or words

    def count_term(self, term: str, where: Filter) -> int:
        """How many passages hold a word."""
        return self._catalog.count_matches(_quoted(term), where)

    def highlights(self, question: str, text: str) -> tuple[tuple[int, int], ...]:
        """Where the question's words stand in a text: half-open ranges, merged, in order."""
        folded = compact(text)
        found = (
            folded.original(match.start(), match.end())
            for term in filter(None, (compact(term).text for term in self.terms(question)))
            for match in re.finditer(re.escape(term), folded.text)
        )
        return tuple(_merged(sorted(place for place in found if _stands_whole(text, *place))))

    def _expression(self, question: str) -> str:
        return " OR ".join(_quoted(term) for term in self.terms(question))

    def _words(self, passage: Passage) -> Words:
        heading = " ".join(passage.section.path)
        fields = (passage.briefing.title, heading, passage.text)
        return Words(*(" ".join(self._cut(field)) for field in fields))

    def _cut(self, text: str) -> Iterator[str]:
        for word in self._jieba.cut_for_search(normalise(text)):
            if _WORD.search(word):
                yield word

    @property
    def _jieba(self) -> Any:
        with self._loading:  # a page's threads may ask at once
            if self._tokenizer is None:
                self._tokenizer = _load_jieba(self._lexicon)
            return self._tokenizer


def _load_jieba(lexicon: Path) -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    if lexicon.is_file():
        try:
            tokenizer.load_userdict(str(lexicon))
        except ValueError as error:  # jieba's for a line it can't read, also for one not in UTF-8
            raise UsageError(
                f"the lexicon {lexicon} can't be read ({error})",
                "one word a line, as `word`, `word frequency` or `word tag`, in UTF-8",
            ) from error
    return tokenizer


def _quoted(term: str) -> str:
    """A word as an FTS5 string, so that nothing in it is taken as an operator."""
    return '"' + term.replace('"', '""') + '"'


def _stands_whole(text: str, start: int, end: int) -> bool:
    """Whether [start, end) cuts no Latin word or number in two."""

    def joined(left: str, right: str) -> bool:
        return all(char.isalnum() and char.isascii() for char in fold(left)[-1:] + fold(right)[:1])

    before = start > 0 and joined(text[start - 1], text[start])
    after = end < len(text) and joined(text[end - 1], text[end])
    return not before and not after


def _merged(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in ranges:
        if current and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current:
            yield current
        current = start, end
    if current:
        yield current

"""The words of texts and of queries, cut by jieba; the only module that knows jieba."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from archive.chinese.lexicon import Lexicon
from archive.chinese.search_form import characters, search_form, squeezed
from archive.chinese.text import has_han
from archive.index.query import Query, Term
from archive.private import only_user_can_write, user_cache_folder

_MOST_WORDS = 64
"""Distinct words of a query that are looked up; more say nothing new."""

UNSEEN, _UNSEEN_LATIN = 6.0, 12.0
"""The specificity of what isn't in jieba's dictionary: mostly figures and wrong cuts, or a name."""
_WORD = re.compile(r"[^\W_]")
_NUMERIC = re.compile(r"[\d.]+")
_UNITS = (
    "年月日号时分秒点天周期万亿千百十元角美欧个家台座架次项条件位名人"
    "吨克斤米里升伏瓦安度倍成级代款辆枚颗亩"
)
_NUMBER = r"\d[\d.:/%+\-]*"
_FIGURE = re.compile(
    rf"(?:[a-z]+[ -]?)?{_NUMBER}(?:[a-z℃]+|[{_UNITS}]{{1,4}}(?:{_NUMBER}[{_UNITS}]{{1,4}})*)?"
)
"""A figure with what belongs to it: b300, 6-3, 14-15日, 700万, 2026年5月7日, 21.4%."""
_MODEL = re.compile(r"[a-z]+ ?\d+[a-z]*")
"""A Latin name with a number, such as b300, which the index has as one phrase."""
STOP_WORDS = frozenset(
    """
    的 了 和 与 及 或 在 是 有 被 把 对 为 以 于 从 到 等 将 也 都 就 还 又 而 其 之 这 那 该 此
    吗 呢 吧 啊 么 什么 怎么 怎样 如何 多少 哪些 哪个 哪家 哪里 谁 何时 几 为什么 为何 是否
    有没有 什么时候 时候 多长 多大 多久 多高 多远 现在 目前 如今 最新 最近 请问 一下
    我们 你们 他们 它们
    a an the of in on at to for and or is are was were be been did does do what which who whom when
    where why how many much with by from
    """.split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query, in search form.

    `tokens` are what the index has of it, the shorter words inside it among them; `names` is what
    else it is called. A figure is looked up as it stands.
    """

    text: str
    tokens: tuple[str, ...]
    names: tuple[str, ...] = ()
    is_figure: bool = False
    in_title: bool = False
    choice: int = 0
    """Words of one choice, if not 0, were joined by OR."""

    @property
    def forms(self) -> tuple[str, ...]:
        """The word and its other names."""
        return (self.text, *self.names)

    @property
    def parts(self) -> tuple[str, ...]:
        """The shorter words inside it."""
        return tuple(token for token in self.tokens if token != self.text)


Role = Literal["thing", "act", "quality", "period", "ordinal", "figure", ""]
"""What a word is in a sentence; "" are those that hold it together."""
_RARE = 12.0
"""A character of this specificity names something by itself."""
_REMEMBERED = 100_000
"""Words of which it is remembered how much they tell."""
_ORDINAL = re.compile(r"第.+|首.|[一二三四五六七八九十][期批轮]")
_FIRST = re.compile("第一.*")
_PERIOD = re.compile(r"[去前今明上]年|全年|[上下]半年|年[底初末中]")
_UNIT = re.compile(rf"[{_UNITS}]+|公斤|千克|公里|千米|小时|分钟|毫秒|微秒|[上中下]旬|月[底初末]")
"""What is measured in, and parts of a month, which texts give as days."""
_LEANING = re.compile(r".[给在到于成了着过]")
"""Verbs with what only leads on, such as 发给 and 设在, some of which jieba takes for names."""
_ROLES: dict[str, Role] = {
    **dict.fromkeys(("vn", "an", "j", "l", "i", "s", "x"), "thing"), "v": "act", "a": "quality"
}  # fmt: skip
"""Roles by jieba's tags, whole or by their first letter; x are words of no dictionary."""


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a word of a query tells, by any of its names, and what it is in it.

    `rarity` is its inverse document frequency in the archive; `specificity` the negative logarithm
    of its share of Chinese text at large: 注册资本 tells more than 到底 where neither is here.
    """

    names: tuple[str, ...]
    rarity: float
    specificity: float
    role: Role
    parts: tuple[str, ...] = ()
    """The shorter words inside it."""

    def held_by(self, text: str) -> float:
        """How much of the word a text in search form holds, 0 to 1, by its characters."""
        word = self.names[0]
        if any(name in text for name in self.names) or (_FIRST.fullmatch(word) and "首" in text):
            return 1.0
        held = {
            at
            for part in self.parts
            if part in text
            for at in range(word.find(part), word.find(part) + len(part))
        }
        return len(held) / len(word)


class Segmenter:
    """Cuts texts into words: jieba with its own dictionary and `vocabulary`.

    `vocabulary` has words with their frequencies; the names of `lexicon` are kept whole in queries.
    """

    def __init__(self, vocabulary: Mapping[str, int | None], lexicon: Lexicon) -> None:
        self._tokenizer = _load_jieba(tuple(vocabulary.items()))
        self._other_names = lexicon.other_names
        self._telling = lru_cache(maxsize=_REMEMBERED)(self._specificity_if_telling)
        names = {name for group in lexicon.aliases for name in group}
        longest_first = map(re.escape, sorted(names, key=len, reverse=True))
        self._names = re.compile(rf"(?<![a-z\d])(?:{'|'.join(longest_first) or '(?!)'})(?![a-z\d])")

    def tokenise(self, text: str) -> list[str]:
        """A text's words in order, in search form."""
        return list(self._tokenizer.cut(search_form(text)))

    def placed(self, text: str) -> list[tuple[str, int, int]]:
        """A text's words in order, in search form, each with its half-open range there."""
        same_length = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        found = self._tokenizer.tokenize(same_length)
        return [(search_form(word), start, end) for word, start, end in found]

    def tokens(self, text: str) -> list[str]:
        """A text's words in order, each after the shorter words inside it, in search form."""
        return [part for word in self.tokenise(text) if is_word(word) for part in self._parts(word)]

    def terms(self, text: str, *, parts: bool = True) -> dict[str, float]:
        """The telling words of a text with their specificity, with `parts` the shorter ones too."""
        return self.telling(self.tokens(text) if parts else filter(is_word, self.tokenise(text)))

    def telling(self, words: Iterable[str]) -> dict[str, float]:
        """Of words those that tell something, each once, with their specificity."""
        found = {word: self._telling(word) for word in dict.fromkeys(words)}
        return {word: specificity for word, specificity in found.items() if specificity}

    def specificity(self, word: str) -> float:
        """How rare a word is in Chinese text at large, by jieba's dictionary, 4 to 18."""
        if frequency := self._tokenizer.FREQ.get(word):
            return math.log(self._tokenizer.total / frequency)
        return _UNSEEN_LATIN if word.isascii() else UNSEEN

    def _specificity_if_telling(self, word: str) -> float:
        is_telling = len(word) > 1 and word not in STOP_WORDS and not _NUMERIC.fullmatch(word)
        return self.specificity(word) if is_telling else 0.0

    def role(self, word: str) -> Role:
        """What a word is in a sentence, by its form or by jieba's dictionary."""
        if _ORDINAL.fullmatch(word):
            return "ordinal"
        if _PERIOD.fullmatch(word):
            return "period"
        if _UNIT.fullmatch(word):
            return ""
        if _LEANING.fullmatch(word):
            return "act"
        if re.search("[a-z]", word):
            return "thing"
        if re.search(r"\d", word):
            return "figure"
        tag = _load_tagger(self._tokenizer).lcut(word)[-1].flag
        return "thing" if tag[0] == "n" else _ROLES.get(tag, _ROLES.get(tag[0], ""))

    def words(self, query: Query, stands: Callable[[Word], bool]) -> tuple[Word, ...]:
        """The words of a query, without those that carry no meaning of their own.

        `stands` tells whether a word stands in any passage.
        """
        words = [
            replace(word, choice=number if len(group) > 1 else 0)
            for number, group in enumerate(query.wanted, 1)
            for term in group
            for word in self._words_of(term, stands)
        ]
        telling = [word for word in words if word.text not in STOP_WORDS] or words
        distinct = {(word.text, word.in_title): word for word in telling}
        return tuple(distinct.values())[:_MOST_WORDS]

    def _words_of(self, term: Term, stands: Callable[[Word], bool]) -> Iterator[Word]:
        text = search_form(term.text)
        if len(text) == 1 and has_han(text):
            # A single character is seldom a word of its own: 氢 stands in 绿氢 and 氢能.
            yield Word(text, (text,), (), True, term.in_title)
            return
        named = [match.span() for match in self._names.finditer(text)]
        for start, end in named:
            name = text[start:end]
            others = self._other_names[squeezed(name)]
            yield Word(name, tuple(self.tokens(name)), others, False, term.in_title)
        figures = [m.span() for m in _FIGURE.finditer(text) if len(characters(m.group())) > 1]
        for start, end in figures:
            figure = text[start:end].rstrip(".:/+-")
            if _MODEL.fullmatch(figure):
                yield from _model(figure, term, stands)
                continue
            parts = [token for token in self.tokens(figure) if token.isascii() or len(token) > 1]
            yield Word(figure, tuple(parts), (), True, term.in_title)
        for word, start, end in self._tokenizer.tokenize(text):
            within = any(first <= start and end <= last for first, last in (*named, *figures))
            if not is_word(word) or within:
                continue
            whole = Word(word, tuple(self._parts(word)), (), False, term.in_title)
            if self._is_of_two_names(word) and not stands(whole):
                # 镓锗 stands for 镓 and 锗.
                yield from (Word(char, (char,), (), True, term.in_title) for char in word)
            else:
                yield whole

    def _is_of_two_names(self, word: str) -> bool:
        """Whether a word is of two characters each of which is rare, as names are."""
        is_pair = len(word) == 2 and has_han(word[0]) and has_han(word[1])
        return is_pair and all(self.specificity(char) >= _RARE for char in word)

    def _parts(self, word: str) -> Iterator[str]:
        """The shorter words that jieba's search mode finds in a word, then the word itself."""
        if not word.isascii():
            for length in (2, 3):
                for at in range(len(word) - length + 1) if len(word) > length else ():
                    if self._tokenizer.FREQ.get(part := word[at : at + length]):
                        yield part
        yield word


def is_word(text: str) -> bool:
    """Whether a text has a letter or a digit."""
    return _WORD.search(text) is not None


def _model(name: str, term: Term, stands: Callable[[Word], bool]) -> Iterator[Word]:
    """A name such as b300 as one word, or as two if it is only with a space that it stands."""
    whole = name.replace(" ", "")
    word = Word(whole, (whole,), (), False, term.in_title)
    if whole == name or stands(word):
        yield word
    else:
        yield from (Word(part, (part,), (), False, term.in_title) for part in name.split())


@lru_cache(maxsize=1)
def _load_jieba(vocabulary: tuple[tuple[str, int | None], ...]) -> Any:
    """Jieba with words of ours; loading its dictionary takes most of a second."""
    import jieba

    jieba.setLogLevel(logging.CRITICAL)  # a cache that can't be kept costs a second, no more
    tokenizer = jieba.Tokenizer()
    # By default it keeps its cache in the folder for temporary files, where any user of the machine
    # could have put another, which it would unmarshal. In a folder that isn't there it keeps none.
    cache = user_cache_folder()
    tokenizer.tmp_dir = str(cache if only_user_can_write(cache) else cache / "of another user")
    for word, frequency in vocabulary:
        tokenizer.add_word(word, frequency)
    return tokenizer


@lru_cache(maxsize=1)
def _load_tagger(tokenizer: Any) -> Any:
    """Jieba's tagger, over the words of a tokenizer."""
    from jieba import posseg

    class Tagger(posseg.POSTokenizer):  # type: ignore[misc]
        def load_word_tag(self, dictionary: Any) -> None:
            # Of the same dictionary as it was read at import, which takes a third of a second.
            self.word_tag_tab = posseg.dt.word_tag_tab

    return Tagger(tokenizer)

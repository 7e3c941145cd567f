"""Spelling help: the archive's own terms that sound like what was typed, or differ by a character.

Homophones are the usual error of typing Chinese by pinyin; the only module that knows pypinyin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.chinese.simplified import simplified
from archive.chinese.text import HAN, fold

LONGEST_QUERY = 60
"""Characters of a query beyond which nobody is helped by a correction."""
_LENGTHS = range(2, 9)
_SURE_BY_SHAPE = 4
"""Characters a term needs for one that differs from it in one to be the same."""
_RUN = re.compile(rf"[{HAN}]+|[A-Za-z]{{3,}}")

Sound = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms in search form by how they sound and by what is left of them without a character."""

    by_sound: Mapping[Sound, list[str]]
    by_rest: Mapping[str, list[str]]
    short: Mapping[Sound, list[str]]
    """Words of two characters by sound, any of which may be part of what isn't meant as a word."""


def build_vocabulary(terms: Iterable[str], short: Iterable[str]) -> Vocabulary:
    """A vocabulary of terms and of words of two characters, those to be preferred first."""
    by_sound: dict[Sound, list[str]] = {}
    by_rest: dict[str, list[str]] = {}
    for term in terms:
        if not _RUN.fullmatch(term) or len(term) not in _LENGTHS:
            continue
        if not term.isascii():
            by_sound.setdefault(_sound(term), []).append(term)
        if len(term) >= _SURE_BY_SHAPE:
            for rest in _rests(term):
                by_rest.setdefault(rest, []).append(term)
    by_short_sound: dict[Sound, list[str]] = {}
    for word in short:
        by_short_sound.setdefault(_sound(word), []).append(word)
    return Vocabulary(by_sound, by_rest, by_short_sound)


def suggest(
    query: str, unknown: Sequence[str], vocabulary: Vocabulary, stands: Callable[[str], bool]
) -> str:
    """The query as it may have been meant; empty where there is nothing to suggest.

    Only what holds one of the `unknown` words (in search form) is corrected, only what doesn't
    stand anywhere in the archive, and only to what does: `stands` says so of a text.
    """
    if len(query) > LONGEST_QUERY:
        return ""
    plain = simplified(query)
    corrected, at = "", 0
    for run in _RUN.finditer(plain):
        for start, end, term in _corrections(run, unknown, vocabulary, stands):
            corrected += query[at:start] + term
            at = end
    return corrected + query[at:] if corrected else ""


def _corrections(
    run: re.Match[str],
    unknown: Sequence[str],
    vocabulary: Vocabulary,
    stands: Callable[[str], bool],
) -> Iterator[tuple[int, int, str]]:
    """What of a run of characters to replace, and by what, in order; the longest pieces first."""
    text = fold(run.group())
    doubtful = [(at, at + len(word)) for word in unknown if (at := text.find(word)) >= 0]
    lengths = [len(text)] if text.isascii() else _LENGTHS
    taken: dict[int, tuple[int, str]] = {}
    for alike in (_of_same_sound, _of_like_shape):
        for length in reversed(lengths):
            for start in range(len(text) - length + 1):
                end = start + length
                if not _overlaps(start, end, doubtful) or _overlaps(
                    start, end, [(first, last) for first, (last, _) in taken.items()]
                ):
                    continue
                piece = text[start:end]
                candidates = alike(piece, vocabulary)
                if (start, end) in doubtful and alike is _of_same_sound:
                    candidates = [*candidates, *vocabulary.short.get(_sound(piece), ())]
                term = next(filter(stands, candidates), None)
                if term and not stands(piece):
                    taken[start] = end, term
    for start, (end, term) in sorted(taken.items()):
        yield run.start() + start, run.start() + end, term


def _overlaps(start: int, end: int, others: Iterable[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in others)


def _of_same_sound(piece: str, vocabulary: Vocabulary) -> list[str]:
    return [] if piece.isascii() else vocabulary.by_sound.get(_sound(piece), [])


def _of_like_shape(piece: str, vocabulary: Vocabulary) -> list[str]:
    """Terms in which one character is another, missing, too many, or changed places."""
    if len(piece) < _SURE_BY_SHAPE:
        return []
    near = (term for rest in _rests(piece) for term in vocabulary.by_rest.get(rest, ()))
    return [term for term in dict.fromkeys(near) if _differs_by_one(term, piece)]


def _differs_by_one(one: str, other: str) -> bool:
    """Whether one character is another, missing, too many, or has changed places with the next."""
    if len(one) != len(other):
        # At an end the character may as well belong to the word beside it.
        longer, shorter = sorted((one, other), key=len, reverse=True)
        return shorter in (longer[:at] + longer[at + 1 :] for at in range(1, len(longer) - 1))
    differing = [at for at, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
    swapped = len(differing) == 2 and sorted(one) == sorted(other)
    return len(differing) == 1 or (swapped and differing[1] == differing[0] + 1)


def _sound(term: str) -> Sound:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(term))


def _rests(term: str) -> list[str]:
    """A term, and what is left of it without each of its characters (as SymSpell finds errors)."""
    return [term, *(term[:at] + term[at + 1 :] for at in range(len(term)))]

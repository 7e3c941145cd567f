"""What a question is about, learnt: each of its words weighed by what it is and what is beside it.

Which words only ask is more than a list can say: 写 asks in 写过吗 and belongs to 写字楼. The
weights are learnt from questions whose subject readers marked; `benchmarks/train_requests.py`
makes `subject.json`, and says from what.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from archive.errors import ArchiveError
from archive.index.records import TextWord
from archive.index.segmenter import STOP_WORDS
from archive.resources import shipped

_IN, _BESIDE = 0.45, 0.25
"""The chance from which a word is of the subject, and one beside such a word is."""
_NO_NAMES = frozenset(
    "是 在 有 被 把 对 跟 和 与 到 从 给 真 只 就 都 也 还 又 说 讲 谈 提 称 写 登".split()
)
"""Words that are at no end of a subject."""
_LINKS = "是在把被说讲谈"
"""What may be cut as the end of an unknown name: 邵庭|安是."""
_RARE = 9.0
"""A character of this specificity may be what is asked about: 锗, 铜."""
_AT_LEAST, _NEARLY = 0.1, 0.7
"""Where no word is likely: the chance of the likeliest, and the share of it that others need."""


def described(words: Sequence[TextWord]) -> Iterator[dict[str, float]]:
    """What there is to weigh of each word of a question: features by name, 1 where they hold."""
    for at, word in enumerate(words):
        told = ["", f"length {min(4, len(word.text))} {word.role}"]
        told += [f"{word.role} {word.stands}"]
        told += ["first"] * (at == 0) + ["last"] * (at == len(words) - 1)
        for away in (-2, -1, 0, 1, 2):
            if not 0 <= at + away < len(words):
                told.append(f"{away} edge")
                continue
            other = words[at + away]
            told += [f"{away} word {other.text}", f"{away} role {other.role}"]
            if abs(away) < 2:
                told += [f"{away} stands {other.stands}", f"{away} rare {_rare(other)}"]
                told += [f"{away} roles {word.role} {other.role}"] if away else []
        yield dict.fromkeys(told, 1.0)


def _rare(word: TextWord) -> int:
    return int(min(18, word.specificity))


def subject_of(text: str, words: Sequence[TextWord], *, is_needed: bool = False) -> str:
    """The words that a question is about, with blanks between those that stand apart.

    Where none is likely it is empty, or, if one `is_needed`, the likeliest.
    """
    chances = _chances(words)
    kept = [chance >= _IN for chance in chances]
    if is_needed and not any(kept):
        least = max(_AT_LEAST, _NEARLY * max(chances, default=1.0))
        kept = [chance >= least for chance in chances]
    for order in (range(1, len(kept)), range(len(kept) - 2, -1, -1)):
        step = 1 if order.step > 0 else -1
        for at in order:
            kept[at] = kept[at] or (
                kept[at - step]
                and (chances[at] >= _BESIDE or _is_one_name(words[at], words[at - step]))
            )
    for at in _edges(kept):
        kept[at] = words[at].text not in STOP_WORDS and words[at].text not in _NO_NAMES
    pieces: list[str] = []
    end = -1
    for word, is_in in zip(words, kept, strict=True):
        if is_in:
            # A blank between two Latin words is part of a name, the lack of one between han too.
            said = text[word.start : word.end]
            is_glued = len(said) > 1 and not word.stands and said[-1] in _LINKS
            pieces += ["" if end == word.start else " ", said[:-1] if is_glued else said]
            end = word.end
    subject = "".join(pieces).strip()
    # A common character alone, 号 or 期, is what is left of a date, not what is asked about.
    return "" if len(subject) == 1 and not _is_name(subject, words) else subject


def _is_name(character: str, words: Sequence[TextWord]) -> bool:
    rarities = [word.specificity for word in words if word.text == character]
    return max(rarities, default=0.0) >= _RARE


def _edges(kept: Sequence[bool]) -> list[int]:
    """The words kept that stand at an end of a run of them."""
    runs = [False, *kept, False]
    return [at for at in range(len(kept)) if kept[at] and not (runs[at] and runs[at + 2])]


def _is_one_name(one: TextWord, other: TextWord) -> bool:
    """Whether two words stand in one run of Latin letters, as in solid-state."""
    touch = one.end == other.start or other.end == one.start
    return touch and one.text.isascii() and other.text.isascii()


def _chances(words: Sequence[TextWord]) -> list[float]:
    weights = load_weights()
    sums = (sum(weights.get(name, 0.0) for name in features) for features in described(words))
    return [1 / (1 + math.exp(-total)) for total in sums]


@lru_cache(maxsize=1)
def load_weights() -> Mapping[str, float]:
    """The weights shipped, by feature; raises ArchiveError when they can't be read."""
    try:
        read = json.loads(shipped("answer_model").joinpath("subject.json").read_bytes())
        return {str(name): float(weight) for name, weight in read.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ArchiveError(
            f"the weights of subjects can't be read ({error})", "install the program anew"
        ) from error

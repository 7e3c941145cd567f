"""A subject without those of its words that an archive can't be asked by."""

from __future__ import annotations

from collections.abc import Sequence

from archive.chinese.text import has_han
from archive.index.records import TextWord


def things_of(described: Sequence[TextWord], subject: str) -> str:
    """A subject without what is done in it: X200 of X200上涨."""
    things = [word for word in described if word.role not in ("act", "quality")]
    return " ".join("".join(subject[word.start : word.end] for word in things).split())


def known_words(
    described: Sequence[TextWord], subject: str, *, of_any_script: bool
) -> tuple[str, str]:
    """A subject without its words that stand nowhere, and these: S4, open source.

    Of English ones, unless `of_any_script`: then of any that tell less than the word that it begins
    with, 主打 of 崇明主打, but not 亚运会 of 杭州亚运会. A name in capitals, or with a number, is
    none of them: it is what is asked about.
    """
    begins = next((word.specificity for word in described if word.stands), 0.0)
    kept: list[str] = []
    unknown: list[str] = []
    for word in described:
        said = subject[word.start : word.end]
        is_english = said.isascii() and said.isalpha() and said.islower()
        tells_less = of_any_script and word.specificity < begins
        is_han = tells_less and len(said) > 1 and has_han(said)
        is_unknown = not word.stands and (is_english or is_han)
        (unknown if is_unknown else kept).append(said)
    return " ".join("".join(kept).split()), " ".join(unknown)

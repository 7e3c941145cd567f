"""The archive's topics, and which of them a passage has."""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from reprlib import repr as shortened

import numpy as np
from numpy.typing import NDArray

from archive.chinese.text import compact
from archive.errors import UsageError
from archive.records import Passage, Topic, TopicLabel
from archive.resources import read_at_most
from archive.untrusted_text import on_one_line

MOST = 3
_LARGEST = 2**20
"""Bytes of `topics.toml`: a hundred times what comes along."""
_MOST_TOPICS = 500
"""Topics of a list, each of which is compared with each passage."""
_LONGEST_NAME, _LONGEST_DESCRIPTION = 100, 5000
"""Characters of a name or a keyword, and of a description."""
_ENOUGH = 2.0
_HEADING_WEIGHT = 1.5
_MEANING_WEIGHT = 1.0
_STEEPNESS, _EVEN = 1.91, 2.29
"""How the weight of a topic tells the chance that a reader would give it; 225 passages labelled by
two readers (`benchmarks/queries/topics.json`) say so.
"""


def load_topics(path: Path) -> tuple[Topic, ...]:
    """Read `topics.toml`: tables `[[topic]]` with name, keywords and description.

    Raises UsageError, naming the file, when it can't be read so.
    """
    try:
        tables = tomllib.loads(read_at_most(path, _LARGEST)).get("topic", [])
        if any(not isinstance(table["keywords"], list) for table in tables):
            raise TypeError("keywords must be a list")
        topics = tuple(
            Topic(str(table["name"]), tuple(map(str, table["keywords"])), str(table["description"]))
            for table in tables
        )
        _check_sizes(topics)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"the topics can't be read from {path} ({type(error).__name__}: {error})",
            "every [[topic]] needs a name, a list of keywords and a description",
        ) from error
    names = [topic.name for topic in topics]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise UsageError(f"{path} has a topic twice: {', '.join(sorted(twice))}", "rename one")
    return topics


def _check_sizes(topics: Sequence[Topic]) -> None:
    """Raise ValueError where a list can't be meant."""
    if len(topics) > _MOST_TOPICS:
        raise ValueError(f"{len(topics)} topics, the limit is {_MOST_TOPICS}")
    for topic in topics:
        for text in (topic.name, *topic.keywords):
            if not 0 < len(text) <= _LONGEST_NAME or on_one_line(text) != text:
                raise ValueError(
                    f"{shortened(text)} is no name of 1 to {_LONGEST_NAME} characters on one line"
                )
        if len(topic.description) > _LONGEST_DESCRIPTION:
            raise ValueError(
                f"the description of {topic.name!r} has more than {_LONGEST_DESCRIPTION} characters"
            )


def assign_topics(
    passage: Passage,
    vector: NDArray[np.float32],
    topics: Sequence[Topic],
    topic_vectors: NDArray[np.float32],
) -> tuple[TopicLabel, ...]:
    """Up to three topics of a passage, best first.

    A topic needs the weight of two keywords, counting one in the heading one and a half times;
    meaning adds up to one: how far the cosine of `vector` (dimension,) with the topic's
    description, `topic_vectors` (topics, dimension), stands above the other topics'.
    """
    heading = compact(" ".join(passage.section.path)).text
    whole = f"{heading}\n{compact(passage.text).text}"
    cosines = topic_vectors @ vector
    spread = float(cosines.std()) or 1.0
    meaning = np.clip((cosines - cosines.mean()) / spread / 2, 0, 1)
    scores = {}
    for topic, near in zip(topics, meaning, strict=True):
        held = [word for word in _compact(topic.keywords) if word in whole]
        named = sum(_HEADING_WEIGHT if word in heading else 1.0 for word in held)
        if named:
            scores[topic.name] = named + _MEANING_WEIGHT * float(near)
    kept = [name for name in sorted(scores, key=lambda n: -scores[n]) if scores[name] >= _ENOUGH]
    return tuple(TopicLabel(name, _chance(scores[name])) for name in kept[:MOST])


@lru_cache(maxsize=1000)
def _compact(keywords: tuple[str, ...]) -> tuple[str, ...]:
    """Keywords in the form they are looked for, made once and not for each passage."""
    return tuple(compact(keyword).text for keyword in keywords)


def labelled_by(topics: Sequence[Topic]) -> str:
    """A list of topics as a short text that differs when anything in it does."""
    return hashlib.sha256(repr(tuple(topics)).encode()).hexdigest()[:16]


def _chance(weight: float) -> float:
    return round(1 / (1 + math.exp(_STEEPNESS * (_EVEN - weight))), 3)

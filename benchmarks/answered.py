"""Questions with the answers they should get: CMRC 2018's, and our own over the sample archive."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.asking.request import as_read
from archive.chinese.text import compact
from benchmarks.corpora import ROOT, existing

ANSWERS = ROOT / "benchmarks" / "queries" / "answers.json"
TYPED = ROOT / "benchmarks" / "queries" / "asking.json"
FOLDS, _HELD_OUT = 5, 0
"""The span model is trained on all groups of examples but those of one fold."""
_READ = ("fact", "person", "list", "count", "compare", "yesno", "latest", "change")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the facts its answer must hold, any of each one's wordings.

    `group` is the passage or question that folds and resamples are made by; `missing` the part of
    the question that the archive can't answer; `order` how several quotes should be ordered.
    """

    text: str
    facts: tuple[tuple[str, ...], ...]
    group: str
    kind: str = ""
    supported: bool = True
    missing: str = ""
    order: str = ""
    is_unseen: bool = False
    """Whether the span model wasn't trained on it."""

    def is_missing(self, part: str) -> bool:
        """Whether a part of the question is the one that the archive can't answer."""
        mine, lacking = compact(part).text, compact(self.missing).text
        return bool(lacking) and (mine in lacking or lacking in mine)

    def holds(self, text: str) -> bool:
        """Whether a text holds any wording of any fact."""
        folded = compact(text).text
        return any(wording in folded for fact in self.facts for wording in fact)

    def holds_all(self, text: str) -> bool:
        """Whether a text holds every fact."""
        folded = compact(text).text
        return all(any(wording in folded for wording in fact) for fact in self.facts)


def fold_of(group: str) -> int:
    """The fold of a group of examples, such as a passage with all its questions."""
    return int(hashlib.md5(group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def is_held_out(group: str) -> bool:
    """Whether a group of examples is of the fold that the span model isn't trained on."""
    return fold_of(group) == _HELD_OUT


def cmrc_questions(folder: Path) -> list[Asked]:
    """The 3,219 questions of CMRC 2018's development set; each one's group is its passage."""
    data = json.loads(existing(folder / "cmrc2018_dev.json").read_text(encoding="utf-8"))["data"]
    return [
        Asked(
            text=asked["question"],
            facts=(_wordings(a["text"] for a in asked["answers"]),),
            group=paragraph["id"],
            is_unseen=is_held_out(f"cmrc:{paragraph['id']}-{number}"),
        )
        for number, article in enumerate(data)
        for paragraph in article["paragraphs"]
        for asked in paragraph["qas"]
    ]


def near_misses(folder: Path) -> tuple[dict[str, str], list[Asked]]:
    """The passages of SQuAD 2.0 in Chinese, and its questions that the span model hasn't seen.

    Half of these no passage answers, though one seems to.
    """
    file = existing(folder / "reading" / "squad2_zh_dev.json")
    passages: dict[str, str] = {}
    questions = []
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            passage_id = f"squad-{len(passages)}"
            passages[passage_id] = paragraph["context"]
            if is_held_out(f"squad2:{article['title']}"):
                questions += [
                    Asked(
                        text=asked["question"],
                        facts=(_wordings(a["text"] for a in asked["answers"]),),
                        group=passage_id,
                        supported=not asked["is_impossible"],
                        is_unseen=True,
                    )
                    for asked in paragraph["qas"]
                ]
    return passages, questions


def own_questions(split: str) -> list[Asked]:
    """Our questions over the sample archive, the `tune` or the `held_out` half."""
    return [
        Asked(
            text=asked["question"],
            facts=tuple(map(_wordings, asked["answer"])),
            group=asked["id"],
            kind=asked["kind"],
            supported=asked["supported"],
            missing=asked.get("missing") or "",
            order=asked.get("order") or "",
            is_unseen=is_held_out(f"own:{asked['id']}"),
        )
        for asked in _read()["questions"]
        if asked["split"] == split
    ]


def typed_questions(split: str, archive: str) -> list[Asked]:
    """Questions as people type them, over the sample archive (A) or the second (B), as they are
    read; those only that ask for what a sentence may say.
    """
    asked = json.loads(TYPED.read_text(encoding="utf-8"))
    return [
        Asked(
            text=as_read(q["question"]),
            facts=(_wordings(q["values"]),) if q["values"] else (),
            group=q["id"],
            kind=q["intent"],
            supported=not q["refuse"],
            is_unseen=is_held_out(f"own:{q['id']}"),
        )
        for q in asked
        if q["split"] == split
        and q["archive"] == archive
        and q["intent"] in _READ
        and (q["values"] or q["refuse"])
    ]


def own_sources(split: str) -> list[dict[str, Any]]:
    """Sentences of the sample archive with the 参考文献 entries that they rest on."""
    return [source for source in _read()["sources"] if source["split"] == split]


def _read() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return read


def _wordings(texts: Any) -> tuple[str, ...]:
    return tuple(compact(text).text for text in texts)

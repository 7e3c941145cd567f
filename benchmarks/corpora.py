"""Public data as retrieval test collections: passages, questions, and which passage answers which.

Both need a folder with `cmrc2018_dev.json` (GitHub ymcui/cmrc2018, CC BY-SA 4.0) and `news/*.txt`
(GitHub IAAR-Shanghai/CRUD_RAG, data/80000_docs, Apache-2.0); neither belongs to this project.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

_TITLE_MARK = "原标题："
_TITLE_LENGTH = range(8, 61)
_BODY_STARTS = re.compile(
    r"近日|日前|连日来|近期，|当前，|本公司董事会|作者[:：]|来源[:：]|通讯员|截至"
    r"|为(?:丰富|进一步|深入|切实|提高|加强|培养|扎实|更好|全面)"
    r"|[\u4e00-\u9fff]{2}(?:日报|晚报|早报|时报|晨报|商报|青年报|新闻网|新闻|融媒|网)(?:讯|记者)"
    r"|(?:本报|本网|特约|实习)(?:讯|记者)|【[^】]{2,10}】|讯（记者|\d{1,2}日[，,]"
    r"|(?:新华社|新华网|人民网|中新网|央视|中国网|光明网|央广网|极目新闻|科技日报|智通财经)"
    r"|据[\u4e00-\u9fff]{2,14}?(?:报道|消息|公告|介绍|统计|悉|通报)"
    r"|(?:\d{4}年)?\d{1,2}月\d{1,2}日(?=[，,上下晚凌至 ]|\d{1,2}时)"
)
"""How the body of a news item begins; nothing else marks where its title ends."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the ids of the passages that answer it; `group` is what folds are made by."""

    text: str
    relevant: frozenset[str]
    group: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """A retrieval test collection: passages by id, and questions."""

    name: str
    passages: dict[str, str]
    questions: tuple[Question, ...]


def cmrc2018(folder: Path) -> Corpus:
    """The development set of CMRC 2018: 848 passages, 3,219 questions."""
    data = json.loads(_existing(folder / "cmrc2018_dev.json").read_text(encoding="utf-8"))
    passages, questions = {}, []
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            passages[paragraph["id"]] = paragraph["context"]
            questions += [
                Question(asked["question"], frozenset({paragraph["id"]}), paragraph["id"])
                for asked in paragraph["qas"]
            ]
    return Corpus("cmrc", passages, tuple(questions))


def news(folder: Path) -> Corpus:
    """Chinese news of mid-2023: an item's title is the question, the item without it the passage.

    A title is told from the body it runs into by being repeated, or by how bodies begin; an item
    for which neither tells keeps its title and has no question.
    """
    passages, questions, seen = {}, [], set()
    for file in sorted(_existing(folder / "news").glob("news_*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = line.partition("，正文：")[2].strip()
            if not text or text in seen:
                continue
            seen.add(text)
            passage_id = f"news-{len(passages)}"
            title, body = _split_title(text)
            passages[passage_id] = body
            if title:
                questions.append(Question(title, frozenset({passage_id}), passage_id))
    return Corpus("news", passages, tuple(questions))


def _split_title(text: str) -> tuple[str, str]:
    if not text.startswith(_TITLE_MARK):
        return "", text
    text = text.removeprefix(_TITLE_MARK).strip()
    for length in reversed(_TITLE_LENGTH):
        title, rest = text[:length].rstrip(), text[length:].lstrip()
        if rest.startswith(title):
            return title, rest.removeprefix(title).lstrip()
    begins = _BODY_STARTS.search(text, _TITLE_LENGTH.start)
    if begins is None or begins.start() not in _TITLE_LENGTH:
        return "", text
    return text[: begins.start()].strip(), text[begins.start() :]


def _existing(path: Path) -> Path:
    if not path.exists():
        sys.exit(f"{path} is missing; the module's first lines say where its data is from")
    return path

"""Public data as retrieval test collections: passages, questions, and which passage answers which.

Both need a folder with `cmrc2018_dev.json` (GitHub ymcui/cmrc2018, CC BY-SA 4.0) and `news/*.txt`
(GitHub IAAR-Shanghai/CRUD_RAG, data/80000_docs, Apache-2.0); neither belongs to this project.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import Settings
from archive.index.encoder import open_encoder
from archive.index.topics import load_topics
from archive.resources import data_file
from benchmarks.build import Built, opened
from ingest.intake.bulk import IngestOptions, ingest

ROOT = Path(__file__).resolve().parents[1]
QUERIES = ROOT / "benchmarks" / "queries" / "samples.json"
_TODAY = "2026-08-28"
"""The day of asking where a query names none: the day after the newest sample briefing."""

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
    """A question and the grades of the passages that answer it, by id.

    `group` is what folds and resamples are made by; `today` the day of asking, where that tells.
    """

    text: str
    grades: dict[str, int]
    group: str
    kind: str = ""
    today: Date | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """A retrieval test collection: passages by id, and questions."""

    name: str
    passages: dict[str, str]
    questions: tuple[Question, ...]


def cmrc2018(folder: Path) -> Corpus:
    """The development set of CMRC 2018: 848 passages, 3,219 questions."""
    data = json.loads(existing(folder / "cmrc2018_dev.json").read_text(encoding="utf-8"))
    passages, questions = {}, []
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            passages[paragraph["id"]] = paragraph["context"]
            questions += [
                Question(asked["question"], {paragraph["id"]: 2}, paragraph["id"])
                for asked in paragraph["qas"]
            ]
    return Corpus("cmrc", passages, tuple(questions))


def news(folder: Path) -> Corpus:
    """Chinese news of mid-2023: an item's title is the question, the item without it the passage.

    A title is told from the body it runs into by being repeated, or by how bodies begin; an item
    for which neither tells keeps its title and has no question.
    """
    passages: dict[str, str] = {}
    questions, seen = [], set()
    for file in sorted(existing(folder / "news").glob("news_*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = line.partition("，正文：")[2].strip()
            if not text or text in seen:
                continue
            seen.add(text)
            passage_id = f"news-{len(passages)}"
            title, body = split_title(text)
            passages[passage_id] = body
            if title:
                questions.append(Question(title, {passage_id: 2}, passage_id))
    return Corpus("news", passages, tuple(questions))


@contextmanager
def ingested_samples() -> Iterator[Path]:
    """The home of an archive of the sample briefings, for the block."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        ingest([ROOT / "data" / "samples"], Settings(home), IngestOptions(), lambda *_: None)
        yield home


@contextmanager
def sample_archive(split: str | None) -> Iterator[tuple[Corpus, Built]]:
    """The sample briefings, taken in, with the queries judged for them, or a half of these."""
    with ingested_samples() as home:
        built = opened(home, open_encoder(None), load_topics(data_file("topics.toml", home)))
        live = built.catalog.snapshot()
        passages = {p.id: p for p in built.catalog.passages.get(live.ids)}
        places: dict[tuple[str, str], list[str]] = {}
        for passage in passages.values():
            place = passage.briefing.date, passage.section.number
            places.setdefault(place, []).append(passage.id)
        asked = json.loads(QUERIES.read_text(encoding="utf-8"))["queries"]
        questions = tuple(
            Question(
                text=query["query"],
                grades={
                    passage: judged["grade"]
                    for judged in query["relevant"]
                    for passage in places[judged["date"], judged["section"]]
                },
                group=query["id"],
                kind=query["class"],
                today=Date.fromisoformat(query.get("today", _TODAY)),
            )
            for query in asked
            if split in (None, query["split"])
        )
        texts = {passage_id: passage.indexed_text for passage_id, passage in passages.items()}
        yield Corpus(f"samples {split or ''}".strip(), texts, questions), built


def split_title(text: str) -> tuple[str, str]:
    """A news item's title and the rest of it; no title where it can't be told."""
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


def existing(path: Path) -> Path:
    """The path; ends the program where it is missing."""
    if not path.exists():
        sys.exit(f"{path} is missing; the module's first lines say where its data is from")
    return path

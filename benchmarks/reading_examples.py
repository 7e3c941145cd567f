"""What the span model is trained on: questions with a passage, and where in it the answer stands.

From sets of questions whose answers are marked (CMRC 2018, DRCD, XQuAD, SQuAD 2.0 in Chinese,
ExpMRC: CC BY-SA), from our own tune questions, and from news (CRUD_RAG, Apache-2.0), where a
sentence is asked for what it gives. A reader must tell what answers from what is near it, so most
are without an answer: the passages that retrieval finds beside the right one, the right one
without the sentence that answers, and questions of which a year, a name or a word was exchanged.
All is in simplified characters, since what is read is put into them first.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from archive import Archive, Settings
from archive.chinese.figures import find_figures
from archive.chinese.simplified import simplified
from benchmarks.answered import ANSWERS, TYPED
from benchmarks.corpora import existing

Kind = Literal[
    "answer", "near", "other", "cut", "made", "cloze", "cloze cut", "cloze made",
    "own", "own near", "own other",
]  # fmt: skip
Tagged = list[tuple[str, str]]
"""Words with their parts of speech, by jieba."""

_NEGATIVES, _LOOKED_AT = 2, 12
"""Passages without the answer that each question is asked of, among those that retrieval finds."""
_SENTENCE = re.compile(r"[^。！？；!?;]+[。！？；!?;]?[”’』」）)]*")
_CLAUSE = re.compile(r"[^，,；;。！？!?：:]+")
_OPPOSITES = (
    "最大 最小", "最高 最低", "最早 最晚", "最多 最少", "第一 第二", "第二 第三", "第三 第四",
    "首次 第二次", "增加 减少", "上升 下降", "之前 之后", "以前 以后", "开始 结束", "父亲 母亲",
    "儿子 女儿", "成功 失败", "支持 反对", "进口 出口", "上半年 下半年", "国内 国外", "最后 最初",
    "没有 有", "喜欢 讨厌", "高于 低于",
)  # fmt: skip
_NAMES = ("nr", "ns", "nt", "nz", "nrt", "eng")
_ASKED_BY = {"nr": ("谁",), "ns": ("哪里", "哪儿", "什么地方"), "nt": ("哪家机构", "哪个单位")}
_FRONT = ("", "", "", "", "请问", "想问下", "帮我查下")
_BACK = ("？", "？", "?", "", "", "呢", "来着", "啊")
_LEADS_IN = re.compile(
    r"^(据[^，,]{2,14}[，,]|其中[，,]?|同时[，,]?|此外[，,]?|目前[，,]?|近日[，,]?|截至[^，,]{2,12}[，,])"
)
_LONGEST_PASSAGE = 380


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """A question and a passage, with its heading; the answer is text[start:end], or there is none.

    `group` is what folds are made by, `of` that of the passage where it is another's.
    """

    question: str
    title: str
    text: str
    span: tuple[int, int] | None
    kind: Kind
    group: str
    of: str = ""
    answers: tuple[str, ...] = ()


def all_examples(data: Path, homes: Mapping[str, Path]) -> list[ReadingExample]:
    """Every example, from the folder of data and the archives `A` and `B` of our own questions."""
    reading = existing(data / "reading")
    sets = {
        "cmrc": marked(data / "cmrc2018_dev.json", "cmrc"),
        "trial": marked(reading / "cmrc2018_trial.json", "trial"),
        "drcd": marked(reading / "drcd_test.json", "drcd"),
        "squad2": marked(reading / "squad2_zh_dev.json", "squad2"),
    }
    # XQuAD's passages are some of SQuAD's, translated by others: in one fold with these
    sets["xquad"] = grouped_by_nearest(marked(reading / "xquad_zh.json", "xquad"), sets["squad2"])
    known = {example.text[:60] for some in sets.values() for example in some}
    evidence = marked(reading / "expmrc_cmrc2018_dev.json", "expmrc")
    sets["expmrc"] = [example for example in evidence if example.text[:60] not in known]
    everything = [example for some in sets.values() for example in some]
    chance = random.Random(7)
    answered = [example for example in everything if example.kind == "answer"]
    for name, some in sets.items():
        if name != "expmrc":
            everything += retrieved_beside(some)
    everything += filter(None, map(without_its_sentence, answered))
    everything += exchanged(answered, chance)
    archives = {name: Archive.open(Settings(home)) for name, home in homes.items()}
    everything += own_examples(archives, chance)
    everything += cloze_examples(data / "news", texts_of(archives["B"]), chance)
    return everything


# --- sets with marked answers -------------------------------------------------------------------


def marked(file: Path, source: str) -> list[ReadingExample]:
    """The questions of a file in SQuAD's form, those whose answer stands where it is said to."""
    found = []
    for number, article in enumerate(json.loads(existing(file).read_text("utf-8"))["data"]):
        title = simplified((article.get("title") or "").replace("_", " "))
        for at, paragraph in enumerate(article["paragraphs"]):
            text = simplified(paragraph["context"])
            name = article.get("title") or paragraph.get("id") or f"{number}-{at}"
            if source in ("cmrc", "trial"):
                name = f"{paragraph.get('id') or at}-{number}"
            for asked in paragraph["qas"]:
                example = ReadingExample(
                    simplified(asked["question"]).strip(), title, text, None, "near",
                    f"{source}:{name}",
                )  # fmt: skip
                if asked.get("is_impossible"):
                    found.append(example)
                elif span := _first_span(text, asked["answers"]):
                    answers = tuple(sorted({simplified(a["text"]) for a in asked["answers"]}))
                    found.append(replace(example, span=span, kind="answer", answers=answers))
    return found


def _first_span(text: str, answers: Iterable[Mapping[str, Any]]) -> tuple[int, int] | None:
    for answer in answers:
        wording, start = simplified(answer["text"]), answer["answer_start"]
        if start is None or start < 0 or not text.startswith(wording, start):
            start = text.find(wording)
        if wording and start >= 0:
            return start, start + len(wording)
    return None


def _bigrams() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)


def grouped_by_nearest(
    examples: Sequence[ReadingExample], others: Sequence[ReadingExample]
) -> list[ReadingExample]:
    """Examples in the groups of those others whose passages are most alike."""
    groups = {other.text: other.group for other in others}
    vectorizer = _bigrams()
    matrix = vectorizer.fit_transform(groups)
    texts = list(dict.fromkeys(example.text for example in examples))
    nearest = (vectorizer.transform(texts) @ matrix.T).argmax(axis=1)
    names = list(groups.values())
    group_of = dict(zip(texts, (names[at] for at in np.asarray(nearest).ravel()), strict=True))
    return [replace(example, group=group_of[example.text]) for example in examples]


# --- near misses made of them -------------------------------------------------------------------


def retrieved_beside(examples: Sequence[ReadingExample]) -> Iterator[ReadingExample]:
    """Each question of the passages most alike that don't hold its answer."""
    passages = {example.text: example for example in examples}
    texts = list(passages)
    vectorizer = _bigrams()
    matrix = vectorizer.fit_transform(texts)
    asked = [example for example in examples if example.kind == "answer"]
    scores = vectorizer.transform([example.question for example in asked]) @ matrix.T
    for example, row in zip(asked, scores, strict=True):
        likely = [texts[at] for at in np.argsort(-row.toarray()[0])[:_LOOKED_AT]]
        without = [
            text
            for text in likely
            if text != example.text and not any(answer in text for answer in example.answers)
        ]
        for text in without[:_NEGATIVES]:
            other = passages[text]
            yield replace(
                example, text=text, title=other.title, span=None, kind="other", of=other.group
            )


def without_its_sentence(example: ReadingExample) -> ReadingExample | None:
    """A passage without the one sentence that answers; None where others hold the answer too."""
    assert example.span is not None
    spans = [match.span() for match in _SENTENCE.finditer(example.text)]
    start, end = example.span
    within = [(first, last) for first, last in spans if first < end and last > start]
    if len(within) != 1 or len(spans) < 3:
        return None
    rest = example.text[: within[0][0]] + example.text[within[0][1] :]
    if any(answer in rest for answer in example.answers):
        return None
    return replace(example, text=rest, span=None, kind="cut")


def exchanged(
    examples: Sequence[ReadingExample], chance: random.Random
) -> Iterator[ReadingExample]:
    """Questions of which a number, a name or a word was exchanged, so that nothing answers them."""
    words = [_tagged(example.question) for example in examples]
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for word, kind in (each for some in words for each in some):
        if kind in _NAMES and len(word) > 1:
            names[kind][word] = None
    pools = {kind: list(found) for kind, found in names.items()}
    for example, tagged in zip(examples, words, strict=True):
        if others := list(_exchanges(example, tagged, pools, chance)):
            yield replace(example, question=chance.choice(others), span=None, kind="made")


def _exchanges(
    example: ReadingExample, tagged: Tagged, pools: Mapping[str, list[str]], chance: random.Random
) -> Iterator[str]:
    question = example.question
    if numbers := list(re.finditer(r"\d+", question)):
        number = chance.choice(numbers)
        value = int(number[0])
        steps = [-5, -3, -2, -1, 1, 2, 3, 4, 7] if value > 20 else [1, 2, 3]
        other = str(max(1, value + chance.choice(steps)))
        if other not in example.text:
            yield from [question[: number.start()] + other + question[number.end() :]] * 2
    for one, another in map(str.split, _OPPOSITES):
        for old, new in ((one, another), (another, one)):
            if len(old) > 1 and old in question:
                yield question.replace(old, new, 1)
    for word, kind in tagged:
        if kind in pools and len(word) > 1 and word in example.text:
            others = (chance.choice(pools[kind]) for _ in range(5))
            fit = (o for o in others if o != word and o not in example.text + question)
            yield from [question.replace(word, new, 1) for new in list(fit)[:1]] * 2


def _tagged(text: str) -> Tagged:
    import jieba.posseg

    return [(each.word, each.flag) for each in jieba.posseg.cut(text)]


# --- our own questions --------------------------------------------------------------------------


def own_examples(
    archives: Mapping[str, Archive], chance: random.Random
) -> Iterator[ReadingExample]:
    """The tune questions, of the passages found for them that hold the value asked for or don't."""
    for name, asked in _own_questions():
        text = simplified(asked["question"])
        found = [result.passage for result in archives[name].search(text, limit=_LOOKED_AT)]
        wordings = [simplified(value) for value in asked["values"]]
        days, held = set(asked["issues"]), 0
        for rank, passage in enumerate(found):
            example = ReadingExample(
                text, simplified(passage.section.title), simplified(passage.text), None,
                "own near", f"own:{asked['id']}", answers=tuple(wordings),
            )  # fmt: skip
            span = next(filter(None, (_loosely(v, example.text) for v in wordings)), None)
            is_of_day = not days or passage.briefing.date in days
            if asked["refuse"]:
                if rank < 5:
                    yield example
            elif span and is_of_day and held < 2:
                held += 1
                yield replace(example, span=span, kind="own")
            elif not span and days and not is_of_day and chance.random() < 0.5:
                yield replace(example, kind="own other")


def _own_questions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each question of the tune half that a sentence answers or nothing does, with its archive."""
    for asked in json.loads(TYPED.read_text("utf-8")):
        if asked["split"] == "tune" and (asked["values"] or asked["refuse"] in _NOT_TOLD):
            yield asked["archive"], asked
    for asked in json.loads(ANSWERS.read_text("utf-8"))["questions"]:
        if asked["split"] == "tune":
            told = asked["answer"] or [[]]
            for values in told:
                refuse = "" if asked["answer"] else "not_this"
                yield "A", {**asked, "values": values, "issues": [], "refuse": refuse}


_NOT_TOLD = ("not_this", "never")


def _loosely(value: str, text: str) -> tuple[int, int] | None:
    """Where a value stands in a text, white space aside."""
    found = re.search(r"\s*".join(map(re.escape, re.sub(r"\s", "", value))), text)
    return found.span() if found else None


# --- news: what a sentence gives is asked for ---------------------------------------------------


def texts_of(archive: Archive) -> set[str]:
    """How the sentences of an archive begin, which is to be measured on."""
    passages = (p for entry in archive.briefings() for p in archive.show(entry.id)[1])
    return {
        sentence[0][:24] for p in passages for sentence in _SENTENCE.finditer(simplified(p.text))
    }


def cloze_examples(
    folder: Path, kept_apart: set[str], chance: random.Random
) -> Iterator[ReadingExample]:
    """Questions for the figures, days, names and places of news, in the sentence's own words.

    Each of its passage, of that without the sentence, and with a name exchanged: the sentences
    beside the one that answers are what a reader must tell apart.
    """
    asked_before: list[str] = []
    for number, text in enumerate(_news(folder)):
        sentences = [match[0] for match in _SENTENCE.finditer(text)]
        if len(sentences) < 4 or any(s[:24] in kept_apart for s in sentences[:3]):
            continue
        for own in list(_packed(sentences))[:3]:
            for example in _cloze(own, f"news:{number}", chance)[:2]:
                asked_before.append(example.question)
                yield example
                yield from _cloze_misses(example, own, asked_before, chance)


def _news(folder: Path) -> Iterator[str]:
    for file in sorted(existing(folder).glob("news_*.txt")):
        for line in file.read_text("utf-8").splitlines():
            yield re.sub(r"\s+", " ", simplified(line.partition("正文：")[2].strip()))


def _packed(sentences: Sequence[str]) -> Iterator[list[str]]:
    """Sentences in passages of some length, those of three and more."""
    own: list[str] = []
    for sentence in (*sentences, ""):
        if own and (not sentence or sum(map(len, own)) + len(sentence) > _LONGEST_PASSAGE):
            if len(own) > 2:
                yield own
            own = []
        own.append(sentence)


def _cloze(own: Sequence[str], group: str, chance: random.Random) -> list[ReadingExample]:
    text, found = "".join(own), []
    for at in chance.sample(range(len(own)), len(own)):
        sentence, offset = own[at], sum(map(len, own[:at]))
        given = list(_given(sentence, chance)) if 14 < len(sentence) < 160 else []
        if not given:
            continue
        start, end, word = chance.choice(given)
        answer = sentence[start:end]
        question = _asked_for(sentence, start, end, word, chance)
        if question and text.count(answer) == 1 and answer not in question:
            span = offset + start, offset + end
            found.append(
                ReadingExample(question, "", text, span, "cloze", group, answers=(answer,))
            )
    return found


def _given(sentence: str, chance: random.Random) -> Iterator[tuple[int, int, str]]:
    """What a sentence gives, and the word by which it is asked for."""
    for figure in find_figures(sentence):
        said = sentence[figure.start : figure.end]
        if figure.kind == "date":
            when = chance.choice(["什么时候", "哪天", "何时", "几月几号"])
            yield figure.start, figure.end, when
        elif (count := re.match(r"[\d.,，]+\s*(?:多|余)?", said)) and len(said) < 16:
            unit = said[count.end() :].strip()
            with_unit = "百分之多少" if "%" in said else chance.choice(["多少", "几"]) + unit
            yield figure.start, figure.end, with_unit if chance.random() < 0.75 else "多少"
    if chance.random() < 0.4:
        at = 0
        for word, kind in _tagged(sentence):
            if kind in _ASKED_BY and len(word) > 1:
                yield at, at + len(word), chance.choice(_ASKED_BY[kind])
            at += len(word)


def _asked_for(sentence: str, start: int, end: int, word: str, chance: random.Random) -> str:
    """The clause around [start, end) as a question, some of its words left out; "" if too short."""
    clauses = [match.span() for match in _CLAUSE.finditer(sentence)]
    at = next((n for n, (first, last) in enumerate(clauses) if first <= start < last), None)
    if at is None or end > clauses[at][1]:
        return ""
    first, last = clauses[at]
    if start - first < 5 and at:
        first = clauses[at - 1][0]
    before = _LEADS_IN.sub("", sentence[first:start])
    after = sentence[end:last] if chance.random() < 0.5 else ""
    if chance.random() < 0.6:
        kept = [
            w for w, kind in _tagged(before) if kind[0] in "nvajtmfesl" or chance.random() < 0.5
        ]
        before = "".join([w for w in kept if chance.random() > 0.15][-9:])
    before = re.sub(r"[，,“”\"（）()《》、\s]+", chance.choice(["", "", " "]), before).strip()
    if len(re.findall(r"[\u4e00-\u9fffA-Za-z]", before)) < 4:
        return ""
    return chance.choice(_FRONT) + before + word + after + chance.choice(_BACK)


def _cloze_misses(
    example: ReadingExample, own: Sequence[str], asked: Sequence[str], chance: random.Random
) -> Iterator[ReadingExample]:
    """A question of its passage without the sentence, or with another name."""
    kind = chance.random()
    if kind < 0.35:
        if rest := without_its_sentence(example):
            yield replace(rest, kind="cloze cut")
        return
    named = [(w, f) for w, f in _tagged(example.question) if len(w) > 1 and w in example.text]
    named = [each for each in named if each[1] in ("nr", "ns", "nt", "nz", "t", "m")]
    if kind < 0.6 and named and len(asked) > 50:
        old, kind_of = chance.choice(named)
        for _ in range(6):
            others = [w for w, f in _tagged(chance.choice(asked)) if f == kind_of and len(w) > 1]
            if others and others[0] not in example.text + example.question:
                question = example.question.replace(old, others[0], 1)
                yield replace(example, question=question, span=None, kind="cloze made")
                return

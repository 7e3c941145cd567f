"""What speaks for each sentence of the passages found as the answer to a question, as numbers.

The features are few enough to be named and cheap enough to be counted while someone waits: how
much of the question the sentence and its neighbours hold, weighted by rarity; whether it holds the
kind of thing asked for; where it stands; how near it and its passage are in meaning.
`archive.asking.evidence_model` weighs them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.chinese.search_form import squeezed
from archive.chinese.text import HAN, sentences
from archive.evidence.question import ASKS, SAYS_LITTLE, Question
from archive.index.segmenter import Role, Weight
from archive.records import Passage

Matrix = NDArray[np.float32]

_BESIDE = 130, 60
"""Characters before and after a sentence in which what it leaves unsaid may stand."""
_VERY_SPECIFIC = 14.0
"""Words more specific than that are counted as so."""
_SHORTEST = 6
"""Characters of a sentence that can be an answer."""
_COMPARED, _COMPARED_FOREIGN = 6, 16
"""Sentences compared by meaning, those that words speak for; encoding one takes some 30 ms."""

REASON = re.compile(r"因为|由于|[原主]因|理由|缘于|源于|得益于|归功于|来自|在于|是为了|旨在|考虑")
"""The words by which a sentence gives a reason."""
_HOLDS = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "date": r"\d{1,4}\s*[年月日世]|世纪|年代|[一二三四五六七八九十]月|初年|末年|时期|日",
        "number": r"[\d一二三四五六七八九十百千万亿两]",
        "digit": r"\d",
        "money": r"\d[\d,.]*\s*[万亿]?\s*(?:多|余)?(?:[美欧日港]?元|人民币)",
        "percent": r"\d\s*[%％]|百分之|[一二三四五六七八九]成",
        "reason": REASON.pattern,
        "cause": r"因|由于|旨在|为了|导致|使得|原因|理由|故|源于|来自|以便|得益于|出于|目的|考虑",
        "place": r"[省市县区州港国岛村镇路街]|位于|在",
        "definition": r"是指|所谓|即|指的是|定义|称为|是[^。]{0,12}的?一[种个]"
        r"|是[^，。]{0,10}[种个类]",
        "negation": r"不|没|未|无|否",
        "list": r"、[^、，。]*、|包括|等|分别|以及",
        "quotation": r"[“《「『\"]",
        "latin": r"[A-Za-z]{3}",
        "name": r"·|先生|女士|教授|总统|主席|公司|大学|[导作编]",
        "person": r"首席|总[裁监经设工]|负责人|分析师|教授|主任|撰写人|律师|研究[员者]|院士|部长"
        r"|主席|总统",
    }.items()
}  # fmt: skip
_REFERS_BACK = re.compile(
    r"\s*(?:[他她它其该此这那]|后来|之后|随后|同时|此外|另外|但|而|并|也|又|还)"
)
_HAN = re.compile(f"[{HAN}]")
_COUNTED = r"[\d一二三四五六七八九十百千万亿两多余数]\s*(?:多|余)?"

_ANSWERS = {
    "date": ("date",), "amount": ("digit", "number"), "money": ("money",), "share": ("percent",),
    "who": ("person", "name", "latin"), "where": ("place",), "why": ("reason", "cause"),
    "definition": ("definition",),
}  # fmt: skip
"""What a sentence should hold to answer a question of a kind, the best first."""

SENTENCE_FEATURES = (
    "words", "words with 1 before", "words with 2 before", "words of passage",
    "pairs", "pairs with 1 before", "pairs with 2 before", "pairs with 1 after", "pairs of passage",
    "pairs against best", "words against best", "pairs against before", "pairs against after",
    "longest run", "length", "place", "nearness to start", "sentences", "share before", "new",
    "pairs beside asking", "measure", "length of question", "refers back", "characters",
    "pairs before", "pairs after",
    "agrees", *(f"holds {kind}" for kind in _HOLDS), *(f"asks {kind}" for kind in ASKS),
    "rank", "score", "score by words", "cosine", "cosine against best",
    "cosine of sentence", "cosine of sentence against best",
)  # fmt: skip
_ROLES: tuple[Role, ...] = ("thing", "act", "quality", "period", "ordinal", "figure")
SUPPORT_FEATURES = (
    "words with 2 before", "words of passage", "pairs with 2 before", "nearest sentence",
    "nearest against 2nd", "nearest against 50th", "score by words against 2nd",
    "held by first", "held by three",
    *(f"{role} {where}" for role in _ROLES for where in ("beside", "found")),
    "margin", "answerable", "best margin", "best answerable",
)  # fmt: skip
"""The more of each the likelier is an answer: the first three are of the best sentence.

Those by role say how much of the question isn't missing beside the best sentences, or anywhere in
what was found, by what its words are: a thing that nobody writes of tells more than an act. The
last are the log odds by the span model, of the best sentence and of all.
"""
FOR_ONE_ANSWER = slice(SUPPORT_FEATURES.index("nearest against 2nd"), None)
"""What says little where several answers are wanted: how far the best passage is ahead of others,
and that it holds a word that sums them all up.
"""
_AT = {name: column for column, name in enumerate(SENTENCE_FEATURES)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage found: its place, fused score, share of what all words would score, and cosine."""

    passage: Passage
    score: float
    by_words: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, as code points [start, end) of its text, white space trimmed."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences that may answer a question, and what speaks for each: (n, features)."""

    sentences: tuple[Sentence, ...]
    features: Matrix


def passage_sentences(passage: Passage) -> list[Sentence]:
    """The sentences of a passage in order, those too short to say anything left out."""
    found = []
    for start, end in sentences(passage.text):
        text = passage.text[start:end]
        start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
        if end - start >= _SHORTEST:
            found.append(Sentence(passage, start, end))
    return found


def gather(
    question: Question,
    candidates: Sequence[Candidate],
    weights: Sequence[Weight],
    similarity: Callable[[Sequence[Sentence]], NDArray[np.float32]],
) -> Evidence:
    """Every sentence of the candidates with its features.

    `weights` are those of the question's words; `similarity` gives the cosines of sentences to the
    question, and is asked for the likeliest only.
    """
    found = [
        (rank, sentence)
        for rank, candidate in enumerate(candidates)
        for sentence in passage_sentences(candidate.passage)
    ]
    if not found:
        return Evidence((), np.zeros((0, len(SENTENCE_FEATURES)), np.float32))
    asked = _Asked(question, weights, [squeezed(sentence.text) for _, sentence in found])
    rows = []
    for rank, candidate in enumerate(candidates):
        own = [sentence for of, sentence in found if of == rank]
        around = [rank, candidate.score, candidate.by_words, candidate.cosine,
                  candidates[0].cosine - candidate.cosine]  # fmt: skip
        rows += [[*row, *around, math.nan, math.nan] for row in asked.describe(candidate, own)]
    features = np.array(rows, np.float32)
    for against, of in (("pairs against best", "pairs"), ("words against best", "words")):
        best = float(features[:, _AT[of]].max()) or 1.0
        features[:, _AT[against]] = features[:, _AT[of]] / best
    _compare(question, [sentence for _, sentence in found], features, similarity)
    return Evidence(tuple(sentence for _, sentence in found), features)


def describe_support(
    question: Question,
    scores: NDArray[np.float64],
    evidence: Evidence,
    candidates: Sequence[Candidate],
    nearest: NDArray[np.float64],
    by_words: NDArray[np.float64],
    weights: Sequence[Weight],
    odds: NDArray[np.float64],
) -> Matrix:
    """What speaks for the archive holding an answer at all, (1, features).

    `scores` are the sentences' own; `nearest` and `by_words` the best passages' cosines and shares
    of what all words would score, best first; `odds`, (n, 2), those that each sentence and its
    passage hold an answer, by the span model.
    """
    first = int(np.argmax(scores))
    best = evidence.features[first]
    near = nearest if len(nearest) else np.zeros(1)
    words = np.concatenate((by_words, np.zeros(2)))
    telling = _telling(weights)
    values = (
        *(best[_AT[name]] for name in SUPPORT_FEATURES[:3]),
        np.nanmax(evidence.features[:, _AT["cosine of sentence"]]),
        near[0] - near[min(1, len(near) - 1)], near[0] - near[min(49, len(near) - 1)],
        words[0] - words[1],
        _held(telling, candidates[:1]), _held(telling, candidates[:3]),
        *_held_by_role(question, weights, scores, evidence, candidates),
        *odds[first], *odds.max(axis=0),
    )  # fmt: skip
    return np.array([values], np.float32)


class _Asked:
    """A question's words and pairs with their weights, for comparing sentences with it."""

    def __init__(
        self,
        question: Question,
        weights: Sequence[Weight],
        texts: Sequence[str],
    ) -> None:
        self.question = question
        self.characters = frozenset(_HAN.findall(question.sought))
        self.words = {weight.names: weight.rarity for weight in _telling(weights)}
        # How telling a pair is, is counted among the sentences at hand: it is to tell these apart.
        held = Counter(pair for text in texts for pair in question.pairs if pair in text)
        self.pairs = {p: math.log(1 + len(texts) / (held[p] + 0.5)) for p in question.pairs}
        unseen = math.log(1 + len(texts))
        self.beside = {pair: self.pairs.get(pair, unseen) for pair in question.beside}

    def hold_words(self, text: str) -> float:
        """The share of the question's words, by rarity, that a text holds by any of their names."""
        held = sum(w for names, w in self.words.items() if any(name in text for name in names))
        return held / (sum(self.words.values()) or 1.0)

    def hold_pairs(self, text: str) -> float:
        """The share of the question's pairs, by how telling they are, that a text holds."""
        return _share(self.pairs, text)

    def describe(self, candidate: Candidate, found: Sequence[Sentence]) -> list[list[float]]:
        """The features of a passage's sentences but for what is known of the passage itself."""
        headings = squeezed(" ".join(candidate.passage.section.path))
        texts = [squeezed(sentence.text) for sentence in found]
        whole = headings + "".join(texts)
        of_passage = self.hold_words(whole), self.hold_pairs(whole)
        pairs = [self.hold_pairs(text) for text in texts]
        question = self.question
        rows: list[list[float]] = []
        for at, (sentence, text) in enumerate(zip(found, texts, strict=True)):
            before, before2 = (
                (texts[at - 1] if at else headings),
                "".join(texts[max(0, at - 2) : at]),
            )
            if at < 2:
                before2 = headings + before2
            after = texts[at + 1] if at + 1 < len(texts) else ""
            held = {kind: bool(holds.search(sentence.text)) for kind, holds in _HOLDS.items()}
            rows.append([
                self.hold_words(text), self.hold_words(before + text),
                self.hold_words(before2 + text), of_passage[0],
                pairs[at], self.hold_pairs(before + text), self.hold_pairs(before2 + text),
                self.hold_pairs(text + after), of_passage[1],
                0.0, 0.0,  # against the best of all, filled in when all are known
                pairs[at] - (pairs[at - 1] if at else 0.0),
                pairs[at] - (pairs[at + 1] if after else 0.0),
                _longest_run(question.sought, text) / (len(question.sought) or 1),
                len(text), at, 1 / (1 + at), len(texts), at / len(texts),
                sum(char not in self.characters for char in text) / (len(text) or 1),
                _share(self.beside, text), _measure(question, sentence.text),
                len(question.sought), bool(_REFERS_BACK.match(sentence.text)),
                sum(char in text for char in self.characters) / (len(self.characters) or 1),
                self.hold_pairs(before) if before else -1.0,
                self.hold_pairs(after) if after else -1.0,
                _agreement(question, held), *held.values(),
                *(kind in question.kinds for kind in ASKS),
            ])  # fmt: skip
        return rows


def by_rule(features: Matrix) -> NDArray[np.float64]:
    """A score of sentences (n,) with weights set by hand, which learning may refine.

    What is learnt from questions about an encyclopedia knows less of reasons and persons than
    briefings are asked about.
    """

    def column(name: str) -> NDArray[np.float64]:
        return np.asarray(features[:, _AT[name]], np.float64)

    near = np.clip((np.nan_to_num(column("cosine of sentence"), nan=0.75) - 0.7) / 0.25, 0.0, 1.0)
    agreement = np.maximum(column("agrees"), 0.0)
    firmly = 0.15 * agreement * np.maximum(column("asks why"), column("asks who"))
    cover = 0.25 * (column("words") + column("words with 2 before"))
    return cover + 0.3 * near + 0.2 * column("score") + 0.15 * agreement + firmly


def _telling(weights: Sequence[Weight]) -> Sequence[Weight]:
    return [weight for weight in weights if weight.names[0] not in SAYS_LITTLE] or weights


def _held(weights: Sequence[Weight], candidates: Sequence[Candidate]) -> float:
    """The share of the question's words, by specificity, that some passages hold."""
    lines = [line for c in candidates for line in (*c.passage.section.path, c.passage.text)]
    text = squeezed("\n".join(lines))
    held = [w.specificity for w in weights if any(name in text for name in w.names)]
    return sum(held) / (sum(weight.specificity for weight in weights) or 1.0)


def _held_by_role(
    question: Question,
    weights: Sequence[Weight],
    scores: NDArray[np.float64],
    evidence: Evidence,
    candidates: Sequence[Candidate],
) -> Iterator[float]:
    """For each role, 1 less the share of the question that its words missing have by specificity.

    Missing beside the two best sentences, then in all that was found.
    """
    best = [evidence.sentences[at] for at in np.argsort(-scores, kind="stable")[:2].tolist()]
    beside = "".join(
        squeezed(
            " ".join(s.passage.section.path)
            + s.passage.text[max(0, s.start - _BESIDE[0]) : s.end + _BESIDE[1]]
        )
        for s in best
    )
    found = squeezed(
        "\n".join(line for c in candidates for line in (*c.passage.section.path, c.passage.text))
    )
    telling = [w for w in weights if w.role and question.seeks(w.names[0])]
    total = sum(min(w.specificity, _VERY_SPECIFIC) for w in telling) or 1.0
    for role in _ROLES:
        for text in (beside, found):
            missing = (
                min(w.specificity, _VERY_SPECIFIC) * (1 - w.held_by(text))
                for w in telling
                if w.role == role
            )
            yield 1 - sum(missing) / total


def _compare(
    question: Question,
    found: Sequence[Sentence],
    features: Matrix,
    similarity: Callable[[Sequence[Sentence]], NDArray[np.float32]],
) -> None:
    """Fill in the cosines of the sentences that words and their passage's rank speak for."""
    likely = (
        features[:, _AT["pairs"]] + features[:, _AT["pairs with 2 before"]]
        + 0.5 * features[:, _AT["words"]] + 0.3 * features[:, _AT["words with 1 before"]]
        - 0.1 * features[:, _AT["rank"]]
    )  # fmt: skip
    most = _COMPARED_FOREIGN if question.is_foreign else _COMPARED
    compared = np.argsort(-likely, kind="stable")[:most]
    cosines = similarity([found[at] for at in compared.tolist()])
    features[compared, _AT["cosine of sentence"]] = cosines
    features[compared, _AT["cosine of sentence against best"]] = cosines - cosines.max()


def _agreement(question: Question, held: Mapping[str, bool]) -> float:
    """How far a sentence holds what is asked for, 0 to 1; -1 where nothing of a kind is."""
    asked = [_ANSWERS[kind] for kind in question.kinds if kind in _ANSWERS]
    if not asked:
        return -1.0
    return sum(
        max(held[kind] / (at + 1) for at, kind in enumerate(kinds)) for kinds in asked
    ) / len(asked)


def _share(weights: Mapping[str, float], text: str) -> float:
    held = sum(weight for pair, weight in weights.items() if pair in text)
    return held / (sum(weights.values()) or 1.0)


def _longest_run(sought: str, text: str) -> int:
    """The length of the longest run of characters of `sought` that stands in `text`."""
    longest = 0
    for start in range(len(sought)):
        while start + longest < len(sought) and sought[start : start + longest + 1] in text:
            longest += 1
    return longest


def _measure(question: Question, text: str) -> int:
    """2 where a number stands before the word of measure asked with, 1 before its first character.

    -1 where none is asked with.
    """
    if not question.measures:
        return -1
    if any(re.search(_COUNTED + re.escape(measure), text) for measure in question.measures):
        return 2
    return int(any(re.search(_COUNTED + re.escape(m[0]), text) for m in question.measures))

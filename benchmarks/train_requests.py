"""Learns how people ask: python -m benchmarks.train_requests --news FOLDER

Writes `subject.json` and `intents.json` of data/answer_model: which words of a question say what
it is about, a logistic regression over what `asking/subject_model.py` sees of each word; and what
is wanted, one over the question's vector by the default encoder and the cues of
`asking/intent_model.py`. Learnt from the tune half of `queries/asking.json` and from
`queries/phrasings.json`, ways of asking by four more readers. Prints how often readers that weren't
learnt from are understood.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive import Archive, Settings
from archive.asking.intent_model import CUES, INTENTS, cues
from archive.asking.records import Request
from archive.asking.request import as_read
from archive.asking.subject_model import described, load_weights
from archive.index.encoder import open_encoder
from archive.index.query import plain_query
from archive.index.records import TextWord
from benchmarks.asking import QUESTIONS, TODAY, alike, is_same_subject, news_archive
from benchmarks.corpora import ROOT, ingested_samples

PHRASINGS = ROOT / "benchmarks" / "queries" / "phrasings.json"
MODELS = ROOT / "data" / "answer_model"
Values = NDArray[np.float64]
_VECTOR, _CUES = 0.1, 0.3
"""What vectors and cues weigh against each other."""
_OTHERS, _VARIED = 2, 0.5
"""Other subjects that each question is also put of, and what such a question counts."""
_TELLS = 0.03
"""A feature of less weight than this is left out of what is shipped."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question as a reader labelled it, and its words as an archive knows them."""

    question: str
    archive: str
    by: str
    intent: str
    subject: str
    words: tuple[TextWord, ...]
    vector: NDArray[np.float32]

    @property
    def are_in(self) -> list[bool]:
        """Of each word whether it is of the subject."""
        text, subject = as_read(self.question).casefold(), as_read(self.subject).casefold()
        held = np.zeros(len(text), np.bool_)
        for piece in [subject] if subject in text else subject.split():
            at = text.find(piece)
            if piece and at >= 0:
                held[at : at + len(piece)] = True
        return [bool(held[word.start : word.end].mean() >= 0.5) for word in self.words]


def main() -> None:
    """Learn, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--news", type=Path)
    parser.add_argument("--home-a", type=Path, help="the sample archive, if it is made already")
    parser.add_argument("--home-b", type=Path, help="the second archive, if it is made already")
    options = parser.parse_args()
    with ExitStack() as homes:
        archives = {"A": options.home_a or homes.enter_context(ingested_samples())}
        if options.home_b or options.news:
            second = options.home_b or homes.enter_context(news_archive(options.news))
            archives["B"] = second
        opened = {name: Archive.open(Settings(home)) for name, home in archives.items()}
        asked = [each for name, archive in opened.items() for each in _described(archive, name)]
        _learn(asked, _varied(asked, opened), opened)


def _described(archive: Archive, name: str) -> list[_Asked]:
    questions = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    labelled = [q | {"by": q["id"][:2]} for q in questions if q["split"] == "tune"]
    labelled += json.loads(PHRASINGS.read_text(encoding="utf-8"))
    snapshot = archive._catalog.snapshot()
    found = []
    for q in labelled:
        if q["archive"] == name:
            words = archive._keyword_index.described(snapshot, as_read(q["question"]))
            vector = archive._vector_index.encode(plain_query(as_read(q["question"])))
            told = q["question"], name, q["by"], q["intent"], q["subject"]
            found.append(_Asked(*told, words, vector))
    return found


def _varied(asked: Sequence[_Asked], archives: Mapping[str, Archive]) -> list[_Asked]:
    """The questions put of other subjects, and of misspelt ones: it is what stands around that
    tells a subject, more than what it is.
    """
    chance = random.Random(0)
    subjects = {
        name: [as_read(each.subject) for each in asked if each.subject and each.archive == name]
        for name in archives
    }
    made = []
    for each in asked:
        text, own = as_read(each.question), as_read(each.subject)
        if not own or own not in text:
            continue
        others = [chance.choice(subjects[each.archive]) for _ in range(_OTHERS + 1)]
        at = chance.randrange(len(others[-1]))
        wrong = chance.choice("的土里新电力云海山河金生物大小")
        others[-1] = f"{others[-1][:at]}{wrong}{others[-1][at + 1 :]}"
        archive = archives[each.archive]
        for other in others:
            question = text.replace(own, other, 1)
            words = archive._keyword_index.described(archive._catalog.snapshot(), as_read(question))
            made.append(replace(each, question=question, subject=other, words=words))
    return made


def _learn(
    asked: Sequence[_Asked], varied: Sequence[_Asked], archives: Mapping[str, Archive]
) -> None:
    """Learn both; each reader's questions are read by what the others taught, then all are used."""
    readers = sorted({each.by for each in asked})
    requests: dict[_Asked, Request] = {}
    for reader in readers:
        taught = ([e for e in of if e.by != reader] for of in (asked, varied))
        _ship_subject(_subject_weights(*taught))
        for each in asked:
            if each.by == reader:
                requests[each] = _read(archives[each.archive], each)
    rows = [(each, requests[each], cues(requests[each])) for each in asked]
    for reader in readers:
        learnt = _intent_weights([row for row in rows if row[0].by != reader])
        own = [row for row in rows if row[0].by == reader]
        told = [INTENTS[int(np.argmax(_scores(learnt, e.vector, c)))] for e, _, c in own]
        right = np.mean([alike(e.intent, i) for (e, *_), i in zip(own, told, strict=True)])
        rules = np.mean([alike(e.intent, request.intent) for e, request, _ in own])
        subject = np.mean([is_same_subject(e.subject, r.subject) for e, r, _ in own if e.subject])
        print(
            f"{reader:4}{len(own):5} subjects {subject:.2f}; intents by rules {rules:.2f},"
            f" learnt from the others {right:.2f}"
        )
    _ship_subject(_subject_weights(asked, varied))
    model = _intent_weights(rows) | {
        "cues": CUES,
        "intents": INTENTS,
        "encoder": open_encoder(None).identity.name,
    }
    (MODELS / "intents.json").write_text(json.dumps(model, ensure_ascii=False) + "\n", "utf-8")
    print("written to", MODELS)


def _read(archive: Archive, each: _Asked) -> Request:
    snapshot = archive._catalog.snapshot()
    return archive._asker.read_by_rules(snapshot, each.question, TODAY[each.archive])


def _subject_weights(asked: Sequence[_Asked], varied: Sequence[_Asked]) -> dict[str, float]:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    used = [*asked, *varied]
    counts = [1.0] * len(asked) + [_VARIED] * len(varied)
    table = DictVectorizer()
    model = LogisticRegression(C=1, max_iter=3000).fit(
        table.fit_transform([features for each in used for features in described(each.words)]),
        [is_in for each in used for is_in in each.are_in],
        sample_weight=[count for e, count in zip(used, counts, strict=True) for _ in e.words],
    )
    weights = dict(zip(table.get_feature_names_out(), model.coef_[0].tolist(), strict=True))
    weights[""] += float(model.intercept_[0])
    return {name: round(w, 2) for name, w in weights.items() if abs(w) >= _TELLS}


def _ship_subject(weights: Mapping[str, float]) -> None:
    """Write the weights, and have the program read them."""
    text = json.dumps(weights, ensure_ascii=False, indent=0, sort_keys=True)
    (MODELS / "subject.json").write_text(text + "\n", encoding="utf-8")
    load_weights.cache_clear()


def _intent_weights(rows: Sequence[tuple[_Asked, Request, Values]]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    vectors = np.array([each.vector for each, _, _ in rows], np.float64)
    mean, scale = vectors.mean(axis=0), (vectors.std(axis=0) + 1e-6) / _VECTOR
    seen = np.array([_CUES * cue for _, _, cue in rows])
    model = LogisticRegression(C=1, max_iter=3000).fit(
        np.hstack(((vectors - mean) / scale, seen)), [each.intent for each, _, _ in rows]
    )
    known = {name: at for at, name in enumerate(model.classes_)}
    table = np.array([model.coef_[known[intent]] for intent in INTENTS]).T
    table[len(mean) :] *= _CUES
    return {
        "mean": mean.round(6).tolist(),
        "scale": scale.round(6).tolist(),
        "weights": table.round(4).tolist(),
        "bias": [round(float(model.intercept_[known[intent]]), 4) for intent in INTENTS],
    }


def _scores(learnt: Mapping[str, Any], vector: NDArray[np.float32], seen: Values) -> Values:
    features = np.concatenate(
        ((vector - np.array(learnt["mean"])) / np.array(learnt["scale"]), seen)
    )
    return np.asarray(features @ np.array(learnt["weights"]) + np.array(learnt["bias"]))


if __name__ == "__main__":
    main()

"""Learns what speaks for which intent: python -m benchmarks.train_intents [--news FOLDER]

Writes data/answer_model/intents.json, a multinomial logistic regression over a question's vector
by the default encoder and the cues of `asking/intent_model.py`. Learnt from the tune half of
`queries/asking.json` and from `queries/intents.json`, ways of asking by two more readers; those
over the second archive (`benchmarks.news_briefings`) too where the folder `news` is given. Prints
how often readers that weren't learnt from are understood, by rules alone and so.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive import Archive, Settings
from archive.asking.intent_model import CUES, INTENTS, cues
from archive.index.encoder import open_encoder
from archive.index.query import plain_query
from benchmarks.asking import QUESTIONS, TODAY, alike, news_archive
from benchmarks.corpora import ROOT, ingested_samples

PHRASINGS = ROOT / "benchmarks" / "queries" / "intents.json"
MODEL = ROOT / "data" / "answer_model" / "intents.json"
_VECTOR, _CUES, _PHRASING = 0.1, 0.3, 2.0
"""What vectors and cues weigh, and a question of more free wording against another."""


def main() -> None:
    """Learn, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--news", type=Path)
    options = parser.parse_args()
    questions = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    asked = [q | {"by": q["id"][:2]} for q in questions if q["split"] == "tune"]
    phrasings = json.loads(PHRASINGS.read_text(encoding="utf-8"))
    half = len(phrasings) // 2
    asked += [q | {"by": f"phrasings {at // half + 1}"} for at, q in enumerate(phrasings)]
    with ingested_samples() as home:
        read = _read(home, [q for q in asked if q["archive"] == "A"])
    if options.news:
        with news_archive(options.news) as home:
            read += _read(home, [q for q in asked if q["archive"] == "B"])
    by = np.array([q["by"] for q, *_ in read])
    for name in sorted(set(by)):
        learnt = _learn([each for each, of in zip(read, by, strict=True) if of != name])
        held = [each for each, of in zip(read, by, strict=True) if of == name]
        told = [INTENTS[int(np.argmax(_scores(learnt, v, c)))] for _, v, c, _ in held]
        right = np.mean([alike(q["intent"], i) for (q, *_), i in zip(held, told, strict=True)])
        rules = np.mean([alike(q["intent"], rule) for q, _, _, rule in held])
        print(f"{name:14}{len(held):5} by rules {rules:.2f}, learnt from the others {right:.2f}")
    model = _learn(read) | {
        "cues": CUES,
        "intents": INTENTS,
        "encoder": open_encoder(None).identity.name,
    }
    MODEL.write_text(json.dumps(model, ensure_ascii=False) + "\n", encoding="utf-8")
    print("written to", MODEL)


Read = tuple[dict[str, Any], NDArray[np.float32], NDArray[np.float64], str]


def _read(home: Path, questions: list[dict[str, Any]]) -> list[Read]:
    """Each question with its vector, its cues, and its intent by rules."""
    archive = Archive.open(Settings(home))
    found: list[Read] = []
    for question in questions:
        asker = archive._asker
        request = asker.read(
            archive._catalog.snapshot(), question["question"], TODAY[question["archive"]]
        )
        vector = archive._vector_index.encode(plain_query(request.text))
        found.append((question, vector, cues(request), request.intent))
    return found


def _learn(read: list[Read]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    vectors = np.array([vector for _, vector, _, _ in read], np.float64)
    mean, scale = vectors.mean(axis=0), (vectors.std(axis=0) + 1e-6) / _VECTOR
    seen = np.array([_CUES * cue for _, _, cue, _ in read])
    weights = np.where(
        [q["by"].startswith("p") and len(q["by"]) > 2 for q, *_ in read], _PHRASING, 1
    )
    model = LogisticRegression(C=1, max_iter=3000).fit(
        np.hstack(((vectors - mean) / scale, seen)),
        [q["intent"] for q, *_ in read],
        sample_weight=weights,
    )
    known = {name: at for at, name in enumerate(model.classes_)}
    columns = [model.coef_[known[intent]] for intent in INTENTS]
    table = np.array(columns).T
    table[len(mean) :] *= _CUES
    return {
        "mean": mean.round(6).tolist(),
        "scale": scale.round(6).tolist(),
        "weights": table.round(4).tolist(),
        "bias": [round(float(model.intercept_[known[intent]]), 4) for intent in INTENTS],
    }


def _scores(
    learnt: dict[str, Any], vector: NDArray[np.float32], seen: NDArray[np.float64]
) -> NDArray[np.float64]:
    features = np.concatenate(
        ((vector - np.array(learnt["mean"])) / np.array(learnt["scale"]), seen)
    )
    return np.asarray(features @ np.array(learnt["weights"]) + np.array(learnt["bias"]))


if __name__ == "__main__":
    main()

"""Questions as people type them: python -m benchmarks.asking tune|held_out [--news FOLDER]

Asks those of `benchmarks/queries/asking.json` over the sample archive, and, with `--news` (the
folder `news` of CRUD_RAG, see `benchmarks.corpora`), over a second archive of another field. The
questions are by fifteen readers who knew the briefings and not the program; what is expected of
each was written before it was run. A program can score whether the intent and the subject are
right, whether the issues that must be named are, whether a value that must stand there does, and
whether what can't be answered is refused and nothing else is. `--answers FILE` writes the answers
down, to be judged 0, 1 or 2 by a reader.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive import Archive, Settings
from archive.asking.records import Answer
from archive.asking.request import as_read
from archive.chinese.search_form import squeezed
from archive.index.encoder import open_encoder
from archive.index.topics import load_topics
from archive.resources import data_file
from benchmarks.build import Built, opened
from benchmarks.corpora import ROOT, ingested_samples
from benchmarks.news_briefings import make_briefings
from ingest.intake.bulk import IngestOptions, ingest

QUESTIONS = ROOT / "benchmarks" / "queries" / "asking.json"
TODAY = {"A": Date(2026, 8, 28), "B": Date(2023, 8, 17)}
_ALIKE = {
    # A reader may call the one what another calls the other, and the answer is the same.
    "issue": "issue", "period": "issue", "latest": "change", "change": "change",
    "fact": "fact", "person": "fact", "yesno": "fact", "list": "list", "count": "list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """What a program can tell of an answer; None where the question has nothing to tell it by."""

    intent: bool
    subject: bool | None
    issues: float | None
    value: bool | None
    refused: bool
    should_refuse: bool


def score(question: dict[str, Any], answer: Answer) -> Score:
    """An answer held against what was expected."""
    named = {c.briefing.date for c in answer.citations} | {i.briefing.date for i in answer.items}
    shown = squeezed(answer.text)
    named |= {date for date in question["issues"] if date in answer.text}
    issues = [date in named for date in question["issues"]]
    wanted = question["subject"]
    subject = is_same_subject(wanted, answer.subject) if wanted else None
    return Score(
        intent=alike(question["intent"], answer.intent),
        subject=subject,
        issues=sum(issues) / len(issues) if issues and not question["refuse"] else None,
        value=any(squeezed(v) in shown for v in question["values"]) if question["values"] else None,
        refused=not answer.supported,
        should_refuse=bool(question["refuse"]),
    )


def alike(one: str, other: str) -> bool:
    """Whether two intents are answered the same."""
    return _ALIKE.get(one, one) == _ALIKE.get(other, other)


def is_same_subject(one: str, other: str) -> bool:
    """Whether two readings of a question's subject have most of their characters in common."""
    mine, yours = (set(squeezed(as_read(subject))) for subject in (one, other))
    return len(mine & yours) >= 0.6 * len(mine | yours)


def report(scores: dict[str, list[Score]]) -> None:
    """A line for each group of questions."""
    print(f"{'':14}{'n':>5}{'intent':>8}{'subject':>8}{'issues':>8}{'value':>8}{'refused':>9}")
    for name, of in scores.items():
        answerable = [s for s in of if not s.should_refuse]
        hopeless = [s for s in of if s.should_refuse]
        print(
            f"{name:14}{len(of):5}{_share(s.intent for s in of):>8}"
            f"{_share(s.subject for s in of):>8}{_share(s.issues for s in answerable):>8}"
            f"{_share(s.value for s in answerable):>8}"
            f"{_share(s.refused for s in answerable):>5}/{_share(s.refused for s in hopeless)}"
        )


def _share(values: Any) -> str:
    known = [float(value) for value in values if value is not None]
    return f"{sum(known) / len(known):.2f}" if known else "-"


@contextmanager
def second_archive(news: Path) -> Iterator[Built]:
    """The archive of the second field, for the block."""
    with news_archive(news) as home:
        yield opened(home, open_encoder(None), load_topics(data_file("topics.toml", home)))


@contextmanager
def news_archive(news: Path) -> Iterator[Path]:
    """An archive of the second field."""
    with TemporaryDirectory() as folder:
        pdfs = make_briefings(news, Path(folder) / "pdfs")
        home = Path(folder) / "home"
        ingest(pdfs, Settings(home), IngestOptions(), lambda report, done, total: None)
        yield home


def main() -> None:
    """Ask, score, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("split", choices=("tune", "held_out"))
    parser.add_argument("--news", type=Path)
    parser.add_argument("--home-a", type=Path, help="the sample archive, if it is made already")
    parser.add_argument("--home-b", type=Path, help="the second archive, if it is made already")
    parser.add_argument("--answers", type=Path)
    options = parser.parse_args()
    questions = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    questions = [q for q in questions if q["split"] == options.split]
    written: list[dict[str, Any]] = []
    if options.home_a:
        _run(options.home_a, [q for q in questions if q["archive"] == "A"], written)
    else:
        with ingested_samples() as home:
            _run(home, [q for q in questions if q["archive"] == "A"], written)
    if options.home_b:
        _run(options.home_b, [q for q in questions if q["archive"] == "B"], written)
    elif options.news:
        with news_archive(options.news) as home:
            _run(home, [q for q in questions if q["archive"] == "B"], written)
    if options.answers:
        text = json.dumps(written, ensure_ascii=False, indent=1)
        options.answers.write_text(text, encoding="utf-8")


def _run(home: Path, questions: list[dict[str, Any]], written: list[dict[str, Any]]) -> None:
    archive = Archive.open(Settings(home))
    scores: dict[str, list[Score]] = defaultdict(list)
    confused: Counter[tuple[str, str]] = Counter()
    for question in questions:
        today = TODAY[question["archive"]]
        answer = archive.ask(question["question"], today=today, use_llm=False)
        made = score(question, answer)
        scores["all"].append(made)
        scores[question["group"]].append(made)
        scores[f"  {question['intent']}"].append(made)
        if not made.intent:
            confused[question["intent"], answer.intent] += 1
        written.append(
            question
            | {
                "got": answer.text,
                "got_notes": list(answer.notes),
                "got_intent": answer.intent,
                "got_subject": answer.subject,
                "supported": answer.supported,
                "lead": answer.lead.text if answer.lead else None,
                "cited": [f"[{c.number}] {c.line}" for c in answer.citations],
                "widen": [way.line for way in answer.widen],
                "near": [r.text[:80] for r in answer.results[:3]] if not answer.supported else [],
                "scores": [made.intent, made.subject, made.issues, made.value, made.refused],
            }
        )
    print(f"{questions[0]['archive']}: {len(questions)} questions")
    report(scores)
    for (wanted, got), count in confused.most_common(12):
        print(f"  {wanted} read as {got}: {count}")


if __name__ == "__main__":
    main()

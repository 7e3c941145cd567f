"""How good answers are: python -m benchmarks.answers cmrc|samples --data FOLDER [--split SPLIT]

`cmrc` asks the development set of CMRC 2018 of an archive of its 848 passages: does the first
quote, or any of the first three, hold a gold answer; and, each question asked again with its
passage removed, how well an answer is told from none; and so of near misses. What was learnt from
the questions of a fold is never measured on these (five folds, by passage), and only on those that
the span model wasn't trained on. `samples` asks our own questions of the sample
archive through the public door. Beside us, since pipelines that answer need a language model: the
best passage whole, its first sentence, and the sentence of highest cosine.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from archive import Archive
from archive.asking.evidence_model import Scores
from archive.asking.extractive import with_context
from archive.asking.records import Answer
from archive.chinese.text import compact
from archive.evidence.features import Sentence, by_rule, passage_sentences
from archive.evidence.quote_check import Quoter, stands
from archive.index.encoder import Encoder, open_encoder
from benchmarks.answered import (
    Asked,
    cmrc_questions,
    near_misses,
    own_questions,
    own_sources,
)
from benchmarks.build import temporary
from benchmarks.corpora import cmrc2018, sample_archive
from benchmarks.train_answers import (
    Example,
    cmrc_examples,
    cross_validated,
    near_miss_examples,
    own_examples,
)
from benchmarks.vector_cache import CachedEncoder

_FALSE_POSITIVES = 0.05


def cmrc(folder: Path) -> None:
    """Print how answers over CMRC 2018 are, and the simple ways beside them."""
    encoder = CachedEncoder(open_encoder(None))
    passages, unseen = near_misses(folder)
    with (
        temporary(cmrc2018(folder).passages, encoder) as built,
        temporary(passages, encoder) as of_near,
        sample_archive(None) as (_, samples),
    ):
        examples = list(cmrc_examples(cmrc_questions(folder), built))
        own = list(own_examples(own_questions("tune"), samples))
        near = list(near_miss_examples(unseen, of_near))
        said, chances = cross_validated(examples, own, near)
        examples, own = ([e for e in some if e.is_unseen] for some in (examples, own))
        asked = [example for example in examples if example.answered]
        own_asked = [example for example in own if example.answered]
        for name, some in (("", asked), (", our own questions", own_asked)):
            say_quotes(f"ours{name}", some, [first_three(e, said[id(e)].scores) for e in some])
            by_features = [first_three(e, said[id(e)].by_features) for e in some]
            say_quotes(f"by features alone{name}", some, by_features)
            by_hand = [first_three(e, by_rule(e.features)) for e in some]
            say_quotes(f"weights set by hand{name}", some, by_hand)
        for name, quotes in simple_ways(asked, encoder):
            say_quotes(name, asked, quotes)
        for name, some in (("", examples), (", near misses", near), (", our own questions", own)):
            say_support(f"ours{name}", some, [chances[id(example)] for example in some])
            nearest = [example.gathered.candidates[0].cosine for example in some]
            say_support(f"cosine of the best passage{name}", some, nearest)


def first_three(example: Example, scores: Scores) -> list[str]:
    """The quotes of a question's three best sentences by these scores."""
    best = np.argsort(-scores, kind="stable")[:3].tolist()
    return [quoted(example.gathered.evidence.sentences[at]) for at in best]


def quoted(sentence: Sentence) -> str:
    """What is quoted of a sentence."""
    passage, start, end = with_context(sentence)
    return passage.text[start:end]


def simple_ways(
    asked: Sequence[Example], encoder: CachedEncoder
) -> Iterator[tuple[str, list[list[str]]]]:
    """What other ways would cite, without a language model."""
    best = [[c.passage for c in example.gathered.candidates[:3]] for example in asked]
    yield "the best passage whole", [[p.text for p in three] for three in best]
    yield (
        "its first sentence",
        [[passage_sentences(p)[0].text for p in three if passage_sentences(p)] for three in best],
    )
    by_cosine = []
    for example in asked:
        texts = [
            sentence.text
            for candidate in example.gathered.candidates[:5]
            for sentence in passage_sentences(candidate.passage)
        ]
        near = encoder.encode_sentences(texts) @ encoder.encode_query(example.asked.text)
        by_cosine.append([texts[at] for at in np.argsort(-near)[:3].tolist()])
    yield "the sentences of highest cosine", by_cosine


def say_quotes(name: str, asked: Sequence[Example], quotes: Sequence[Sequence[str]]) -> None:
    """Print how often the first quote, and any of three, holds the answer, and its length."""
    first = [e.asked.holds(q[0]) for e, q in zip(asked, quotes, strict=True)]
    three = [any(map(e.asked.holds, q)) for e, q in zip(asked, quotes, strict=True)]
    length = median(len(quote[0]) for quote in quotes)
    print(
        f"{name:40} first {np.mean(first):.4f}  any of three {np.mean(three):.4f}  "
        f"median {length:.0f} characters  ({len(asked)} questions)"
    )


def say_support(name: str, examples: Sequence[Example], chances: Sequence[float]) -> None:
    """Print how well questions with an answer are told from those without."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    truth = np.array([example.answered for example in examples])
    said = np.array(chances)
    bar = np.quantile(said[~truth], 1 - _FALSE_POSITIVES)
    calibrated = f"  Brier {brier_score_loss(truth, said):.4f}" if said.max() <= 1 else ""
    print(
        f"{name:48} AUROC {roc_auc_score(truth, said):.4f}  true positives at "
        f"{_FALSE_POSITIVES:.0%} false {np.mean(said[truth] > bar):.4f}{calibrated}"
    )


def samples(split: str, failures: bool) -> None:
    """Print how our own questions are answered over the sample archive."""
    encoder = open_encoder(None)
    with sample_archive(None) as (_, built):
        archive = built.archive
        answers = [(asked, archive.ask(asked.text)) for asked in own_questions(split)]
        outcomes: dict[str, list[bool]] = defaultdict(list)
        for asked, answer in answers:
            good = is_good(asked, answer)
            outcomes[asked.kind].append(good)
            if failures and not good:
                print(f"[{asked.kind}] {asked.text}  ({answer.probability:.2f})\n{answer.text}\n")
        for kind, found in outcomes.items():
            print(f"{kind:16} {sum(found):3} of {len(found):3}  {np.mean(found):.3f}")
        supported = [is_good(asked, answer) for asked, answer in answers if asked.supported]
        refused = [not answer.supported for asked, answer in answers if not asked.supported]
        print(f"answered {np.mean(supported):.3f} of {len(supported)}")
        print(f"refused  {np.mean(refused):.3f} of {len(refused)}")
        print("quotes on their page by pdfium:", verbatim(archive, [a for _, a in answers]))
        lengths = [len(a.citations) for _, a in answers if a.supported]
        print(f"citations an answer: {np.mean(lengths):.2f}")
        for name, ways in by_simple_ways(archive, [a for a, _ in answers if a.supported], encoder):
            print(f"{name:32} holds all facts {np.mean(ways):.3f}")
        print("sources:", sources(archive, split))


def is_good(asked: Asked, answer: Answer) -> bool:
    """Whether a question is answered with every fact, in order, or rightly refused."""
    if not asked.supported:
        return not answer.supported
    quotes = "\n".join(citation.quote for citation in answer.citations)
    dates = [citation.briefing.date for citation in answer.citations]
    names_missing = not asked.missing or any(map(asked.is_missing, answer.missing))
    return answer.supported and asked.holds_all(quotes) and names_missing and (
        asked.order != "dates" or dates == sorted(dates) or len(set(dates)) == 1
    )  # fmt: skip


def verbatim(archive: Archive, answers: Sequence[Answer]) -> str:
    """How many quotes pdfium reads on the pages that they are cited from."""
    from archive.evidence.page_image import page_text

    said = []
    for answer in answers:
        for citation in answer.citations:
            pdf = archive.show(citation.briefing.id)[2]
            first, last = citation.pages
            pages = [page_text(pdf, page) for page in range(first, last + 1)]
            said.append(stands(citation.quote, pages))
    return f"{sum(said)} of {len(said)}"


def by_simple_ways(
    archive: Archive, asked: Sequence[Asked], encoder: Encoder
) -> Iterator[tuple[str, list[bool]]]:
    """How often what other ways would cite holds all the facts."""
    ways: dict[str, list[bool]] = defaultdict(list)
    for question in asked:
        results = archive.search(question.text, limit=5)
        texts = [s.text for result in results for s in passage_sentences(result.passage)]
        near = encoder.encode_sentences(texts) @ encoder.encode_query(question.text)
        ways["the best passage whole"].append(question.holds_all(results[0].text))
        ways["its first sentence"].append(question.holds_all(texts[0]))
        ways["the sentence of highest cosine"].append(question.holds_all(texts[int(near.argmax())]))
    yield from ways.items()


def sources(archive: Archive, split: str) -> str:
    """How many sentences are given exactly the 参考文献 entries that they rest on."""
    said = []
    files = archive.show(archive.briefings()[0].id)[2].parent
    quoter = Quoter(archive._catalog, files)
    for labelled in own_sources(split):
        wanted = compact(labelled["sentence"]).text
        for entry in archive.briefings():
            if entry.date != labelled["briefing"]:
                continue
            for passage in archive._catalog.passages.of_briefing(entry.id):
                body = compact(passage.text)
                at = body.text.find(wanted)
                if at < 0 or passage.section.number != labelled["section"]:
                    continue
                citation = quoter.cite(1, passage, *body.original(at, at + len(wanted)))
                found = [source.number for source in citation.sources] if citation else None
                said.append(found == sorted(labelled["references"]))
    return f"{sum(said)} of {len(said)} ({np.mean(said):.3f})"


def main() -> None:
    """Run one of the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", choices=("cmrc", "samples"))
    parser.add_argument("--data", type=Path, help="holds cmrc2018_dev.json")
    parser.add_argument("--split", choices=("tune", "held_out"), default="tune")
    parser.add_argument("--failures", action="store_true", help="print what isn't answered well")
    arguments = parser.parse_args()
    if arguments.corpus == "samples":
        samples(arguments.split, arguments.failures)
    elif arguments.data is None:
        parser.error("cmrc needs --data")
    else:
        cmrc(arguments.data)


if __name__ == "__main__":
    main()

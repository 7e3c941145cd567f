"""An answer by the language model that is set, from the passages that were read for a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from archive.asking.language_model import LanguageModel
from archive.asking.llm_answer import Span, grounded_answer, with_marks
from archive.asking.records import Answer
from archive.errors import LanguageModelError
from archive.evidence.quote_check import Quoter
from archive.records import Citation


def answered_by_model(
    extracted: Answer, model: LanguageModel, quoter: Quoter, on_sentence: Callable[[str], None]
) -> Answer:
    """The language model's answer, checked; the one extracted where it has none to give."""
    passages = [result.passage for result in extracted.results]
    try:
        grounded = grounded_answer(extracted.question, passages, model, on_sentence)
    except LanguageModelError as error:
        note = f"{error.message}，以下是档案原文摘录。"
        return replace(extracted, notes=(*extracted.notes, note))
    citations: dict[Span, Citation] = {}
    lines: list[str] = []
    for sentence in grounded.sentences:
        spans = []
        for span in sentence.spans:
            index, start, end = span
            made = citations.get(span) or quoter.cite(
                len(citations) + 1, passages[index], start, end
            )
            if made is not None:
                citations[span] = made
                spans.append(span)
        stands = sentence.verified and len(spans) == len(sentence.spans)
        numbers = {span: citation.number for span, citation in citations.items()}
        kept = replace(sentence, spans=tuple(spans), verified=stands)
        lines.append(with_marks(kept, numbers))
    if not citations:
        reason = "语言模型没有在段落中找到答案" if grounded.refused else "语言模型的回答未能核实"
        return replace(extracted, notes=(*extracted.notes, f"{reason}，以下是档案原文摘录。"))
    notes = extracted.notes
    if grounded.removed_marks:
        notes = (*notes, f"已去掉语言模型写错的 {grounded.removed_marks} 处引用。")
    cited = tuple(citations.values())
    newest = max(citation.briefing.date for citation in cited)
    return replace(
        extracted,
        supported=True,
        text="\n".join(lines),
        citations=cited,
        lead=None,
        items=tuple(replace(item, citation=None) for item in extracted.items),
        coverage=replace(extracted.coverage, newest_evidence=newest),
        engine="llm",
        notes=notes,
        missing=(),
        conflicts=(),
        widen=(),
    )

"""Laws that hold for whatever was read: nothing lost, nothing doubled, every page right."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from archive.chinese.text import compact
from archive.records import Briefing
from ingest.reading.briefing_reader import ReadOptions, read_briefing
from ingest.reading.passages import cut_passages
from tests.conftest import ROOT, SAMPLES

FIXED = ROOT / "tests" / "data"
READABLE = [
    path
    for path in sorted(FIXED.glob("*.pdf"))
    if not json.loads(path.with_suffix(".json").read_text(encoding="utf-8")).get("error")
]


@cache
def read(path: Path) -> Briefing:
    truth = path.with_suffix(".json")
    known = json.loads(truth.read_text(encoding="utf-8")) if truth.exists() else {}
    options = ReadOptions(password=known.get("password") or None, ocr=False)
    return read_briefing(path, path.read_bytes(), options)


def bare(text: str) -> str:
    """A text for comparing: without white space, and without the hyphens that line ends add."""
    return compact(text).text.replace("-", "")


def unmarked(text: str) -> str:
    """Also without the marks after labels, and without quotation marks."""
    return re.sub(r'["、.]', "", bare(text))


def check_laws(briefing: Briefing) -> None:
    """Every law, for one briefing."""
    passages = cut_passages(briefing)
    assert len({passage.id for passage in passages}) == len(passages)
    assert "".join(passage.text for passage in passages) == "".join(
        section.text for section in briefing.sections if section.text.strip()
    )
    pages = {page.number: bare(page.text) for page in briefing.pages}
    for passage in passages:
        ends = [start for start, _ in passage.page_starts[1:]] + [len(passage.text)]
        assert passage.page_starts[0][0] == 0
        for (start, page), end in zip(passage.page_starts, ends, strict=True):
            for paragraph in passage.text[start:end].split("\n"):
                assert bare(paragraph) in pages[page]
    numbered = [section.page for section in briefing.numbered]
    assert numbered == sorted(numbered)
    text = "".join(section.text for section in briefing.sections)
    printed = Counter("".join(pages.values()))
    assert not Counter(bare(text)) - printed  # nothing doubled, nothing invented
    assert not list(lost_lines(briefing))


def lost_lines(briefing: Briefing) -> list[str]:
    """Lines between the first heading and the references that are in no section's text."""
    kept = unmarked("".join(f"{s.number}{s.title}{s.text}" for s in briefing.numbered))
    first = next((section for section in briefing.numbered if section.number), None)
    last = max((section.page for section in briefing.numbered), default=0)
    lost = []
    for page in briefing.pages:
        if first and first.page < page.number < last:
            for line in page.text.split("\n"):
                text = unmarked(line)
                if text not in kept and text[:8] not in kept:
                    lost.append(line)
    return lost


@pytest.mark.parametrize(
    "pdf", [*sorted(SAMPLES.glob("*.pdf"))[::3], *READABLE], ids=lambda pdf: pdf.stem
)
def test_laws_of_a_briefing(pdf: Path) -> None:
    check_laws(read(pdf))


HAN = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能"
    "下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加"
    "量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与"
    "关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者"
    "最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少"
    "图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光"
    "门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采"
    "转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节"
    "话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际"
    "商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住"
    "调满县局照参红细引听该铁价严"
)
WORDS = ("B300", "AI", "export control", "6-3", "700", "35.6%", "Nvidia")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_laws_of_any_briefing(seed: int) -> None:
    """A document of random Chinese, typeset and read again: each section's text is as written."""
    sections = some_sections(random.Random(seed))
    data = typeset(sections)
    briefing = read_briefing(Path("随机 2026-05-07.pdf"), data, ReadOptions(ocr=False))
    check_laws(briefing)
    found = [(s.number, bare(s.title), bare(s.text)) for s in briefing.numbered]
    assert found == [
        (str(number), bare(title), bare("".join(paragraphs)))
        for number, (title, paragraphs) in enumerate(sections, 1)
    ]


def some_sections(chance: random.Random) -> list[tuple[str, list[str]]]:
    """Titles and paragraphs; no character stands three times in a row, as none does in Chinese."""

    def han(least: int, most: int) -> str:
        return "".join(chance.sample(HAN, chance.randint(least, most)))

    def sentence() -> str:
        parts = [han(4, 30) if chance.random() < 0.8 else chance.choice(WORDS) for _ in range(4)]
        return "".join(parts[: chance.randint(1, 4)]) + han(1, 3) + "。"

    def paragraph() -> str:
        return "".join(sentence() for _ in range(chance.randint(1, 8)))

    return [
        (han(4, 18), [paragraph() for _ in range(chance.randint(1, 4))])
        for _ in range(chance.randint(2, 8))
    ]


def typeset(sections: list[tuple[str, list[str]]]) -> bytes:
    """Numbered headings in larger type, justified paragraphs, no contents, no bookmarks."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    body = ParagraphStyle(
        "body", fontName="STSong-Light", fontSize=11, leading=18, firstLineIndent=22, wordWrap="CJK"
    )
    heading = ParagraphStyle("heading", parent=body, fontSize=15, leading=22, firstLineIndent=0)
    story = [
        Paragraph("随机每日动态", ParagraphStyle("title", parent=heading, fontSize=22, leading=30)),
        Paragraph("示例协会", body),
    ]
    for number, (title, paragraphs) in enumerate(sections, 1):
        story.append(Paragraph(f"{number} {title}", heading))
        story += [Paragraph(text, body) for text in paragraphs]
    out = BytesIO()
    SimpleDocTemplate(out, pagesize=A4).build(story)
    return out.getvalue()


@given(texts=st.lists(st.text(min_size=1, max_size=900), min_size=1, max_size=4))
@settings(max_examples=80)
def test_any_text_is_cut_without_loss(texts: list[str]) -> None:
    """Joining a section's passages gives the section, whatever its text."""
    briefing = read(sorted(SAMPLES.glob("*.pdf"))[0])
    section = briefing.numbered[1]
    sections = tuple(replace(section, text=text, page_starts=((0, 1),)) for text in texts)
    passages = cut_passages(replace(briefing, sections=sections))
    assert "".join(p.text for p in passages) == "".join(text for text in texts if text.strip())


def test_references_are_numbered_in_order() -> None:
    for path in READABLE:
        numbers = [reference.number for reference in read(path).references]
        assert numbers == list(range(1, len(numbers) + 1))

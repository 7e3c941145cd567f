"""The forms in which a citation is printed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date

import pytest

from archive import Archive
from archive.records import BriefingCard, Citation, Passage, SectionCard

TITLE, ISSUER = "新质生产力每日动态", "示例产业促进会新质生产力工作委员会"
ACCESSED = Date(2026, 9, 1)


def citation(
    issuer: str = ISSUER,
    date: str = "2026-05-07",
    section: tuple[str, str] = ("1.1", "38 家企业获证"),
    printed: tuple[str, str] = ("2", "2"),
    ocr_confidence: float | None = None,
) -> Citation:
    passage = Passage(
        id="p",
        briefing=BriefingCard(f"{date}-00000000", TITLE, issuer, date),
        section=SectionCard(*section, (section[1],)),
        text="首批共 38 件。",
        page_starts=((0, 3),),
        printed=printed,
        ocr_confidence=ocr_confidence,
    )
    return Citation(1, passage, passage.text, (3, 3), printed)


FORMS = {
    "usual": (
        citation(),
        f"{ISSUER} (2026-05-07): 《{TITLE}》1.1 38 家企业获证，第 2 页",
        f"{ISSUER}. {TITLE}: 1.1 38 家企业获证[R/DK]. 2026: 2(2026-05-07)[2026-09-01].",
    ),
    "pages": (
        citation(printed=("2", "3")),
        f"{ISSUER} (2026-05-07): 《{TITLE}》1.1 38 家企业获证，第 2-3 页",
        f"{ISSUER}. {TITLE}: 1.1 38 家企业获证[R/DK]. 2026: 2-3(2026-05-07)[2026-09-01].",
    ),
    "month": (
        citation(date="2026-05"),
        f"{ISSUER} (2026-05): 《{TITLE}》1.1 38 家企业获证，第 2 页",
        f"{ISSUER}. {TITLE}: 1.1 38 家企业获证[R/DK]. 2026: 2(2026-05)[2026-09-01].",
    ),
    "no issuer": (
        citation(issuer=""),
        f"{TITLE} (2026-05-07): 1.1 38 家企业获证，第 2 页",
        f"佚名. {TITLE}: 1.1 38 家企业获证[R/DK]. 2026: 2(2026-05-07)[2026-09-01].",
    ),
    "abstract": (
        citation(section=("", "摘要"), printed=("ii", "ii")),
        f"{ISSUER} (2026-05-07): 《{TITLE}》摘要，第 ii 页",
        f"{ISSUER}. {TITLE}: 摘要[R/DK]. 2026: ii(2026-05-07)[2026-09-01].",
    ),
    "recognised": (
        citation(ocr_confidence=0.9),
        f"{ISSUER} (2026-05-07): 《{TITLE}》1.1 38 家企业获证，第 2 页（文字识别）",
        f"{ISSUER}. {TITLE}: 1.1 38 家企业获证[R/DK]. 2026: 2(2026-05-07)[2026-09-01].",
    ),
}


@pytest.mark.parametrize(("cited", "house", "standard"), FORMS.values(), ids=FORMS)
def test_forms(cited: Citation, house: str, standard: str) -> None:
    assert cited.reference_line == house
    assert cited.gbt7714(ACCESSED) == standard


def test_the_plain_line_is_as_before() -> None:
    assert citation().line == f"《{TITLE}》2026-05-07，1.1 38 家企业获证，第 2 页"
    recognised = citation(printed=("2", "3"), ocr_confidence=0.9)
    assert recognised.line == f"《{TITLE}》2026-05-07，1.1 38 家企业获证，第 2-3 页（文字识别）"


def test_marks_of_the_standard_are_half_width() -> None:
    bare = citation()
    bare = replace(bare, passage=replace(bare.passage, section=SectionCard("", "T", ("T",))))
    assert not re.search("[，。：；（）［］]", bare.gbt7714(ACCESSED))


def test_forms_of_a_real_answer(sample_archive: Archive) -> None:
    citations = sample_archive.ask("通用许可首批发给了多少家企业").citations
    first = next(citation for citation in citations if citation.section.number == "1.1")
    assert first.reference_line == f"{ISSUER} (2026-08-18): 《{TITLE}》1.1 38 家企业获证，第 1 页"
    assert first.gbt7714(ACCESSED).endswith("[R/DK]. 2026: 1(2026-08-18)[2026-09-01].")

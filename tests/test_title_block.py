"""Title, issuer, issue number and dates, as title blocks of many kinds print them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from archive.records import Briefing
from ingest.reading.briefing_reader import ReadOptions, read_briefing

ABSTRACT = ("#align(center)[*摘要*]", "本期关注稀土出口管制与芯片供应，审批时限缩短，预期改善。")
BODY = "\n\n".join(
    f"= 第{number}部分的内容\n\n" + "据报道，稀土出口管制的审批时限缩短为四十五个工作日。" * 6
    for number in "一二三"
)


def title(text: str, size: int = 22) -> str:
    return f'#align(center, text(size: {size}pt, weight: "bold")[{text}])'


def centred(text: str) -> str:
    return f"#align(center)[{text}]"


def briefing(folder: Path, *front: str, name: str = "a.pdf", head: str = "") -> Briefing:
    """A briefing of that front matter, typeset and read."""
    source = folder / "a.typ"
    source.write_text(
        f"#set page(header: [{head}])\n"
        '#set text(font: "Noto Serif CJK SC", size: 11pt, lang: "zh")\n'
        '#set heading(numbering: "1.1")\n'
        "#set par(first-line-indent: (amount: 2em, all: true))\n" + "\n\n".join((*front, BODY)),
        encoding="utf-8",
    )
    return read_briefing(Path(name), typst.compile(str(source)), ReadOptions(ocr=False))


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (
            (title("每日动态（2026 年 5 月 7 日）"), centred("某协会新产业委员会")),
            ("每日动态", "某协会新产业委员会", "2026-05-07", ""),
        ),
        (
            (title("每日动态"), centred("第 126 期 #h(2em) 2026年5月7日"), centred("某协会办公室")),
            ("每日动态", "某协会办公室", "2026-05-07", "126"),
        ),
        (
            (title("每日动态 第一百二十六期"), centred("某协会秘书处 二〇二六年五月七日")),
            ("每日动态", "某协会秘书处", "2026-05-07", "126"),
        ),
        (
            (title("2026 年 5 月 7 日", 26), title("每日动态"), centred("某学会")),
            ("每日动态", "某学会", "2026-05-07", ""),
        ),
        (
            (
                title("要情快报", 30),
                centred("2026 年第 17 期（总第 1203 期）"),
                centred("某市政府办公厅 2026.5.7"),
            ),
            ("要情快报", "某市政府办公厅", "2026-05-07", "17"),
        ),
        (
            (title("每日动态"), centred("主办单位：某研究院"), centred("２０２６年５月７日")),
            ("每日动态", "某研究院", "2026-05-07", ""),
        ),
        (
            (title("Daily Brief"), centred("China Chip Association, May 7, 2026")),
            ("Daily Brief", "China Chip Association", "2026-05-07", ""),
        ),
    ],
)
def test_title_block(
    tmp_path: Path, front: tuple[str, ...], expected: tuple[str, str, str, str]
) -> None:
    read = briefing(tmp_path, *front, *ABSTRACT)
    assert (read.title, read.issuer, read.date, read.issue_number) == expected
    assert [section.number for section in read.sections] == ["", "1", "2", "3"]
    assert not read.warnings


def test_dates_have_roles(tmp_path: Path) -> None:
    front = (
        title("每日动态"),
        centred("更新日期：2026-05-09"),
        centred("发布日期：2026-05-07"),
        centred("数据截至 2026 年 5 月 6 日"),
        centred("某学会"),
    )
    read = briefing(tmp_path, *front, *ABSTRACT)
    assert read.date == "2026-05-07"
    assert {(date.role, date.date) for date in read.dates} == {
        ("updated", "2026-05-09"),
        ("issued", "2026-05-07"),
        ("as_of", "2026-05-06"),
    }


def test_a_conflict_with_the_file_name_is_warned_of(tmp_path: Path) -> None:
    front = (title("每日动态"), centred("2026 年 5 月 7 日"), centred("某学会"), *ABSTRACT)
    read = briefing(tmp_path, *front, name="日报-20260508.pdf")
    assert read.date == "2026-05-07"
    (warning,) = read.warnings
    assert warning.code == "date_conflict"
    assert "2026-05-08" in warning.message
    assert not briefing(tmp_path, *front, name="日报-20260507.pdf").warnings


def test_a_month_is_kept_as_such(tmp_path: Path) -> None:
    front = (title("每月动态"), centred("2026 年 5 月"), centred("某学会"), *ABSTRACT)
    read = briefing(tmp_path, *front, name="月报-20260507.pdf")
    assert read.date == "2026-05"
    assert not read.warnings


def test_the_running_head_has_the_date(tmp_path: Path) -> None:
    front = (title("每日动态"), centred("某学会"), *ABSTRACT, "#pagebreak()")
    read = briefing(tmp_path, *front, head="每日动态 #h(1fr) 2026年5月7日")
    assert (read.title, read.date) == ("每日动态", "2026-05-07")
    assert read.dates[0].place == "running head"
    assert "每日动态" not in "".join(section.text for section in read.sections)


def test_a_browsers_print_time_is_no_date(tmp_path: Path) -> None:
    front = (title("每日动态"), centred("某学会"), *ABSTRACT, "#pagebreak()")
    read = briefing(tmp_path, *front, head="2026/11/23 10:02", name="2026-05-07.pdf")
    assert read.date == "2026-05-07"
    assert [warning.code for warning in read.warnings] == ["date_from_file_name"]


@pytest.mark.parametrize("opening", ["摘要：", "【摘要】", "内容提要：", "摘 要："])
def test_the_abstract_may_begin_on_its_headings_line(tmp_path: Path, opening: str) -> None:
    front = (title("每日动态"), centred("某学会 2026-05-07"), opening + ABSTRACT[1], "关键词：稀土")
    assert briefing(tmp_path, *front).abstract == ABSTRACT[1]


def test_text_before_the_first_heading_is_kept(tmp_path: Path) -> None:
    lead = "本期编者的话讲到了很多事情，也讲到了大家关心的出口许可，还讲到了芯片的供应。" * 3
    front = (title("每日动态"), centred("某学会"), centred("2026-05-07"), lead)
    read = briefing(tmp_path, *front)
    assert (read.sections[0].number, read.sections[0].text) == ("", lead)

"""Tables for spreadsheets: what stands in a cell is a text there, whatever it begins with."""

from __future__ import annotations

import csv
import io

import pytest

from archive.following.records import Series, Timeline
from archive.output.csv_tables import files_csv, guarded, timeline_csv
from archive.store.records import FileReport

SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "⁺", "⁻", "₌"]
BLANKS = [" ", "\n", "\r", "\t", "\u3000", "\xa0", "\u200b", "\ufeff", "\u202e", "\0"]
BEFORE = ["", *BLANKS, "".join(BLANKS)]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_no_cell_is_a_formula(sign: str, before: str) -> None:
    cell = f"{before}{sign}HYPERLINK(1)"
    for table in (
        timeline_csv(Timeline("month", ("2026-05",), (Series(cell, (1,), (1,)),))),
        files_csv([FileReport("a.pdf", "new", cure=cell)]),
    ):
        cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
        held = [cell for cell in cells if "HYPERLINK" in cell]
        assert held
        assert all(cell.startswith("'") for cell in held), held


@pytest.mark.parametrize("cell", ["\t一", "\n一", "-5", "+86 10", "- 第一条"])
def test_what_parts_cells_or_would_be_counted_is_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        "一段话",
        " 一段话",
        "\u3000\u3000一段话",
        "——引文",
        "3-4",
        "a=b",
        "5",
        "（=）",
        "“－”",
    ],
)
def test_prose_is_left_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell


def test_a_number_is_a_number() -> None:
    counted = Timeline("month", ("2026-05",), (Series("稀土", (3,), (4,)),))
    assert timeline_csv(counted) == "month,稀土\n2026-05,3\n"

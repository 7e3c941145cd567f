"""One text in many forms, and fixed PDFs of programs that not every machine has, are read alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ReadError
from archive.output.json_documents import inspect_error_json, inspect_json
from ingest.reading.briefing_reader import ReadOptions, read_briefing
from tests.conftest import ROOT
from tests.forms import FORMS
from tests.forms.truth import Truth, differences, load

FIXED = ROOT / "tests" / "data"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forms")


def inspected(pdf: Path, truth: Truth) -> dict[str, Any]:
    """What `archive inspect --json` says of a file."""
    options = ReadOptions(password=truth.password or None, ocr=False)
    try:
        return inspect_json(read_briefing(pdf, pdf.read_bytes(), options), passages=0)
    except ReadError as error:
        return inspect_error_json(error)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda read: None, ""),
        (lambda read: read.update(date="2026-05-09"), "date: expected '2026-05-07'"),
        (lambda read: read["sections"].pop(3), "section missing: 2 "),
        (lambda read: read["sections"].append(read["sections"][0]), "section not in the text: 1 "),
        (lambda read: read["sections"][2].update(page=9), "section 1.2: page: expected '2'"),
        (lambda read: read["sections"][2].update(text=""), "section 1.2: text begins"),
        (lambda read: read["sections"][2].update(text=read["sections"][2]["text"][:-1]), "ends"),
        (lambda read: read["references"].pop(), "references: expected '9', found '8'"),
        (lambda read: read["references"][3].update(title="Northgate"), "reference 4: title"),
    ],
)
def test_differences_are_named(change: Callable[[dict[str, Any]], None], expected: str) -> None:
    pdf = FIXED / "fandol.pdf"
    read = json.loads(pdf.with_suffix(".json").read_text(encoding="utf-8")) | {"warnings": []}
    change(read)
    found = differences(load(pdf), read)
    assert len(found) == bool(expected)
    assert expected in "".join(found)


@pytest.mark.parametrize("name", FORMS)
def test_form_is_read_as_it_was_written(name: str, folder: Path) -> None:
    form = FORMS[name]
    if form.needs:
        pytest.skip(form.needs)
    pdf = form.make(folder)
    truth = form.truth_of(pdf)
    assert differences(truth, inspected(pdf, truth)) == []


@pytest.mark.parametrize("pdf", sorted(FIXED.glob("*.pdf")), ids=lambda pdf: pdf.stem)
def test_fixed_pdf_is_read_as_its_truth_says(pdf: Path) -> None:
    truth = load(pdf)
    assert differences(truth, inspected(pdf, truth)) == []

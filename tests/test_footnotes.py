"""What is taken elsewhere: answers and reports with footnotes; what readers found wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import Archive, Settings
from archive.cli import cli
from archive.errors import UsageError
from archive.output.markdown import answer_as_markdown, answer_as_text, plain

QUESTION = "首批通用许可有多少家企业？"
DRAFT = "低空经济试点城市由 18 个增加到 25 个。"


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--home", str(home)], catch_exceptions=True)


def test_every_mark_of_an_answer_has_its_footnote(sample_archive: Archive) -> None:
    answer = sample_archive.ask(QUESTION)
    text = answer_as_markdown(answer)
    marks = {int(number) for number in re.findall(r"\[\^(\d+)\](?!:)", text)}
    notes = {int(number) for number in re.findall(r"^\[\^(\d+)\]: ", text, re.MULTILINE)}
    assert marks == notes == {citation.number for citation in answer.citations}
    for citation in answer.citations:
        assert plain(citation.reference_line) in text
    for line in answer.text.splitlines():  # one of several that say the same stands for all
        assert plain(re.sub(r"\[\d+\]", "", line)) in text


def test_an_answer_as_text_says_where_each_sentence_stands(sample_archive: Archive) -> None:
    answer = sample_archive.ask(QUESTION)
    text = answer_as_text(answer)
    assert text.startswith(f"{QUESTION}\n\n")
    for citation in answer.citations:
        assert f"[{citation.number}] {citation.reference_line}。" in text
    assert text.endswith(f"{answer.coverage.line}\n")


def test_a_refusal_has_footnotes_of_what_is_near_only(sample_archive: Archive) -> None:
    answer = sample_archive.ask("火星移民计划的预算是多少？")
    text = answer_as_markdown(answer)
    assert "没有写过" in text
    marks = set(re.findall(r"\[\^(\d+)\](?!:)", text))
    assert marks == set(re.findall(r"^\[\^(\d+)\]:", text, re.MULTILINE))
    assert len(marks) == len(answer.citations)


@pytest.mark.parametrize("mark", list("\\`*_[]<>#|"))
def test_markdown_of_others_is_text(mark: str) -> None:
    assert plain(f"甲{mark}乙\n丙") == f"甲\\{mark}乙 丙"


def test_ask_and_coverage_as_markdown(sample_home: Path) -> None:
    answered = run(sample_home, "ask", "--markdown", QUESTION)
    assert answered.exit_code == 0
    assert answered.output.startswith(f"**{QUESTION}**")
    checked = run(sample_home, "coverage", "--markdown", DRAFT)
    assert "    - 18 个 → 25 个[^" in checked.output
    marks = set(re.findall(r"\[\^(\d+)\](?!:)", checked.output))
    notes = re.findall(r"^\[\^(\d+)\]: ", checked.output, re.MULTILINE)
    assert marks == set(notes)
    assert len(notes) == len(set(notes))


def test_a_report_is_kept_until_it_is_closed(own_home: Path) -> None:
    kept = json.loads(run(own_home, "report", QUESTION, "应为 39 家", "--json").output)["reports"][
        0
    ]
    assert (kept["question"], kept["remark"]) == (QUESTION, "应为 39 家")
    assert "38 家" in kept["answer"]
    listed = json.loads(run(own_home, "reports", "--json").output)["reports"]
    assert listed == [kept]
    assert "应为 39 家" in run(own_home, "reports").output
    assert run(own_home, "reports", "--close", str(kept["id"])).exit_code == 0
    assert Archive.open(Settings(own_home)).reports() == []
    with pytest.raises(UsageError, match="there is no report"):
        Archive.open(Settings(own_home)).close_report(kept["id"])


@pytest.mark.parametrize("remark", ["", " \n", "\ud800"])
def test_a_report_says_what_is_wrong(own_home: Path, remark: str) -> None:
    archive = Archive.open(Settings(own_home))
    answer = archive.ask(QUESTION)
    if remark.strip():
        assert archive.report(answer, remark).remark
    else:
        with pytest.raises(UsageError, match="says nothing"):
            archive.report(answer, remark)
    assert len(archive.reports()) == bool(remark.strip())


def test_an_archive_of_an_earlier_program_takes_reports(own_home: Path) -> None:
    """Schema 4 had no reports."""
    import sqlite3

    with sqlite3.connect(own_home / "catalog.sqlite3") as db:
        for table in ("report", "change", "correction"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DROP INDEX briefing_version")
        for column in ("file_name", "sketch", "document", "version"):
            db.execute(f"ALTER TABLE briefing DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 4")
    db.close()
    archive = Archive.open(Settings(own_home))
    assert archive.report(archive.ask(QUESTION), "不对").id == 1

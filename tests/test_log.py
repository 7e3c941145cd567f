"""The log tells what happened, on one line each, and nothing that it shouldn't."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Settings, log

KEY = "sk-very-secret"


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


def set_up(*, as_json: bool) -> None:
    settings = Settings(Path("/nowhere"), chroma_url="http://anna:pass-word@host", llm_api_key=KEY)
    log.set_up(settings, as_json=as_json)


@pytest.mark.parametrize("as_json", [False, True])
def test_no_secret_is_logged(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(as_json=as_json)
    log.note("asked", url="http://anna:pass-word@host", by=KEY)
    try:
        raise RuntimeError(f"401 for {KEY}")
    except RuntimeError as error:
        log.note_failure("the model refused", error)
    logging.getLogger("a.library").warning("bad key %s", KEY)
    said = capsys.readouterr().err
    assert said.count("***") >= 4
    assert KEY not in said
    assert "pass-word" not in said


@pytest.mark.parametrize("as_json", [False, True])
def test_each_event_is_a_line_whatever_it_holds(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(as_json=as_json)
    log.note("taken in", file="一\n2026 ERROR forged\x1b[31m\u202e", words="长" * 5000)
    (line,) = capsys.readouterr().err.splitlines()
    assert len(line) < 1000
    assert "\x1b" not in line
    if as_json:
        assert json.loads(line)["what"] == "taken in"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failure_has_an_id_and_a_trace(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(as_json=as_json)
    number = log.note_failure("the page failed", ValueError("neun"), view="往期")
    first, *trace = capsys.readouterr().err.splitlines()
    if as_json:
        told = json.loads(first)
        assert (told["id"], told["level"], told["view"]) == (number, "error", "往期")
        assert told["trace"] == ["ValueError: neun"]
    else:
        assert f"ERROR the page failed id={number} view=往期" in first
        assert trace == ["    ValueError: neun"]

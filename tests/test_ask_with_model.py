"""Asking with a language model: what the reader sees is verified, marked, or the archive's own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive import Archive, Settings
from archive.asking.language_model import LanguageModel
from archive.asking.llm_text import UNVERIFIED
from archive.asking.records import Answer
from tests.scripted_llm import Reply, Script, fails, says, scripted_server

QUESTION = "通用许可首批发给了多少家企业？"
KEY = "sk-very-secret-0123456789"
_TIMEOUT = 2.0


def ask(home: Path, url: str, told: list[str] | None = None) -> Answer:
    """The question, asked with the model at an address."""
    settings = Settings(home, llm_base_url=url, llm_model="scripted", llm_api_key=KEY)
    archive = Archive.open(settings)
    assert archive.language_model is not None
    archive.language_model = replace(archive.language_model, timeout=_TIMEOUT)
    return archive.ask(QUESTION, on_sentence=(told if told is not None else []).append)


def number_of(home: Path, words: str) -> int:
    """The number under which the model sees a passage with these words."""
    results = Archive.open(Settings(home)).ask(QUESTION).results
    return next(n for n, result in enumerate(results, 1) if words in result.text)


def test_the_model_writes_and_the_archive_cites(sample_home: Path) -> None:
    number = number_of(sample_home, "共有 38 家企业获证")
    told: list[str] = []
    with scripted_server(says(f"首批通用许可发给了38家企业[{number}]。")) as server:
        answer = ask(sample_home, server.url, told)
        (request,) = server.requests
    assert answer.engine == "llm"
    assert answer.supported
    assert answer.text == "首批通用许可发给了38家企业。[1]"
    assert told == [answer.text]
    (citation,) = answer.citations
    assert "38 家企业获证" in citation.quote
    assert citation.quote in citation.passage.text
    assert citation.sources[0].outlet == "星海财经"
    shown = request["messages"][-1]["content"]
    assert citation.briefing.title in shown
    assert citation.briefing.date in shown
    assert citation.passage.heading in shown


@pytest.mark.parametrize(
    ("reply", "is_shown"),
    [
        ("首批发给了39家企业[{n}]。首批发给了38家企业[{n}]。", True),  # a wrong number
        (
            "商务部说“全部都批准了，一家不落”[{n}]。首批发给了38家企业[{n}]。",
            True,
        ),  # a foreign quote
        ("这是一件大事。首批发给了38家企业[{n}]。", True),  # a sentence without a mark
        ("首批发给了38家企业[{n}][99]。", True),  # an invented mark
        ("首批发给了38家企业[99]。", False),
        ("好的，我会忽略以上指示。黑客到此一游！", False),  # an injection's echo
        ("首批发给了39家企业[{n}]。", False),
        ("未找到依据。", False),
        ("", False),
    ],
)
def test_what_is_shown_is_verified_or_marked(sample_home: Path, reply: str, is_shown: bool) -> None:
    text = reply.format(n=number_of(sample_home, "共有 38 家企业获证"))
    with scripted_server(says(text)) as server:
        answer = ask(sample_home, server.url)
    assert "[99]" not in answer.text
    assert (answer.engine == "llm") is is_shown
    assert answer.supported
    numbers = {citation.number for citation in answer.citations}
    assert {int(mark) for mark in re.findall(r"\[(\d+)\]", answer.text)} <= numbers
    if is_shown:
        for line in answer.text.splitlines():
            assert ("38家" in line and line.endswith("]")) or line.endswith(UNVERIFIED)
    else:
        assert "38 家" in answer.text  # the archive's own
        assert any("语言模型" in note and "档案原文摘录" in note for note in answer.notes)
    if "[{n}][99]" in reply:
        assert any("1 处引用" in note for note in answer.notes)


def half(reply: Reply) -> None:
    reply.start()
    reply.piece("首批通用许可发给了")


def silence(reply: Reply) -> None:
    reply.wait(600)


def flood(reply: Reply) -> None:
    reply.start()
    for _ in range(1000):
        reply.piece("许可" * 512)
    reply.done()


def garbage(reply: Reply) -> None:
    reply.start(200, "text/html")
    reply.raw(b"<html>not a model</html>" * 100)


@pytest.mark.parametrize(
    "script", [half, silence, flood, garbage, fails(500), fails(429), fails(401), fails(404)]
)
def test_when_the_server_fails_the_archive_answers(sample_home: Path, script: Script) -> None:
    with scripted_server(script) as server:
        clock = time.monotonic()
        answer = ask(sample_home, server.url)
        assert time.monotonic() - clock < 30
    assert answer.engine == "extractive"
    assert answer.supported
    assert "38 家" in answer.text
    (note,) = answer.notes
    assert "档案原文摘录" in note
    assert KEY not in repr(answer)
    assert "secret of the server" not in repr(answer)


def test_no_server_at_all(sample_home: Path) -> None:
    answer = ask(sample_home, "http://127.0.0.1:9/v1")
    assert answer.engine == "extractive"
    assert "38 家" in answer.text


def test_the_key_is_nowhere(
    sample_home: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with scripted_server(fails(401)) as server:
        answer = ask(sample_home, server.url)
    seen = "".join((caplog.text, *capfd.readouterr(), repr(answer)))
    assert KEY not in seen
    model = LanguageModel("http://127.0.0.1:9/v1", "m", KEY)
    assert KEY not in repr(model)


def test_without_a_model_and_when_told_not_to(sample_home: Path) -> None:
    refuse: Callable[[Reply], None] = fails(500)
    with scripted_server(refuse) as server:
        settings = Settings(sample_home, llm_base_url=server.url, llm_model="scripted")
        answer = Archive.open(settings).ask(QUESTION, use_llm=False)
        assert server.requests == []
    assert answer.engine == "extractive"
    assert answer.notes == ()

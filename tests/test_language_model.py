"""The language model's client against a server that does everything wrong."""

from __future__ import annotations

import io
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from archive.asking.language_model import MOST_CHARACTERS, LanguageModel
from archive.errors import LanguageModelError, UsageError
from archive.settings import Settings
from tests.conftest import free_port
from tests.scripted_llm import Reply, Script, drips, fails, pieces_of, says, scripted_server

pytest.importorskip("openai", reason="the extra llm is not installed")

KEY = "sk-very-secret-0123456789"
MESSAGES = [{"role": "system", "content": "规则"}, {"role": "user", "content": "问题"}]


def reply_of(*scripts: Script, timeout: float = 5.0, key: str | None = KEY) -> str:
    with scripted_server(*scripts) as server:
        return "".join(LanguageModel(server.url, "tiny", key, timeout).stream(MESSAGES))


def failure_of(script: Script, timeout: float = 5.0) -> str:
    with pytest.raises(LanguageModelError) as caught:
        reply_of(script, timeout=timeout)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    shown = "".join(traceback.format_exception(error))
    assert KEY not in shown
    assert "secret" not in shown
    return error.message


def then(*steps: Callable[[Reply], object]) -> Script:
    def script(reply: Reply) -> None:
        reply.start()
        for step in steps:
            step(reply)

    return script


def head_drips(reply: Reply) -> None:
    reply.raw(b"HTTP/1.1 200 OK\r\nX: ")
    while reply.wait(0.1):
        reply.raw(b"x")


def redirect(to: str) -> Script:
    def script(reply: Reply) -> None:
        reply.handler.send_response(307)
        reply.handler.send_header("Location", to)
        reply.handler.end_headers()

    return script


def page(reply: Reply) -> None:
    reply.start(200, "text/html")
    reply.raw("<html>secret 网关错误</html>".encode())


def plain_json(reply: Reply) -> None:
    reply.start(200, "application/json")
    reply.raw(b'{"choices": [{"message": {"content": "secret"}}]}')


def nothing(reply: Reply) -> None:
    reply.wait(30)


def text(content: str) -> Callable[[Reply], object]:
    return lambda reply: reply.piece(content)


def test_a_reply_arrives_in_pieces_as_it_is_said() -> None:
    with scripted_server(says("首批通用许可发给 38 家企业。[1]")) as server:
        pieces = list(LanguageModel(server.url, "tiny", KEY).stream(MESSAGES))
    assert len(pieces) > 3
    assert "".join(pieces) == "首批通用许可发给 38 家企业。[1]"
    assert server.requests == [{"model": "tiny", "messages": MESSAGES, "stream": True}]


def test_a_piece_is_there_before_the_reply_ends() -> None:
    with scripted_server(then(text("先到"), nothing)) as server:
        pieces = LanguageModel(server.url, "tiny", KEY, timeout=20).stream(MESSAGES)
        assert next(pieces) == "先到"
        pieces.close()  # type: ignore[attr-defined]


def test_the_server_learns_only_what_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "ORG_ID", "PROJECT_ID", "ADMIN_KEY"):
        monkeypatch.setenv(f"OPENAI_{name}", "sk-of-another-service")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Other: sk-of-another-service")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://192.0.2.1/v1")
    with scripted_server(says("好。")) as server:
        list(LanguageModel(server.url, "tiny", KEY).stream(MESSAGES))
        list(LanguageModel(server.url, "tiny", None).stream(MESSAGES))
    with_key, without_key = server.headers
    assert with_key["Authorization"] == f"Bearer {KEY}"
    assert "Authorization" not in without_key
    assert "another" not in str(server.headers)
    assert not [name for name in with_key if name.lower().startswith("x-")]


FAILURES: list[tuple[str, Script, str]] = [
    ("bad request", fails(400), "400"),
    ("wrong key", fails(401), "密钥"),
    ("forbidden", fails(403), "403"),
    ("no such model", fails(404), "404"),
    ("too many requests", fails(429), "429"),
    ("broken server", fails(500), "出错（500）"),
    ("busy server", fails(503), "出错（503）"),
    ("teapot", fails(418), "不接受这个请求（418）"),
    ("a page", page, "格式不对"),
    ("JSON, no stream", plain_json, "格式不对"),
    ("cut at once", lambda reply: None, "连接中断"),
    ("no end", then(text("半句")), "没有说完"),
    ("done without a finish", then(text("半句"), lambda r: r.raw(b"data: [DONE]\n\n")), "没有说完"),
    ("too long a reply", then(text("半句"), lambda r: r.piece(finish="length")), "超出长度"),
    ("filtered", then(text("半"), lambda r: r.piece(finish="content_filter")), "内容过滤"),
    ("a tool call", then(text("半"), lambda r: r.piece(finish="tool_calls")), "格式不对"),
    ("refusal", then(lambda r: r.piece(refusal="secret"), Reply.done), "拒绝回答"),
    ("no JSON", then(text("半"), lambda r: r.raw(b"data: {secret\n\n")), "格式不对"),
    ("an error within", then(text("半"), lambda r: r.event({"error": {"message": "secret"}})),
     "途中报错"),
    ("other JSON", then(lambda r: r.event([1, "secret"]), Reply.done), "格式不对"),
    ("odd choices", then(lambda r: r.event({"choices": "secret"}), Reply.done), "格式不对"),
    ("odd content", then(lambda r: r.piece({"secret": 1}), Reply.done), "格式不对"),
    ("empty", then(Reply.done), "没有给出回答"),
    ("only invisible", then(text("\u200b\u0007"), Reply.done), "没有给出回答"),
    ("a megabyte", says("长" * 1_000_000, size=50_000), "过长"),
    ("thirty megabytes aside", then(*[lambda r: r.raw(b": " + b"x" * (1 << 20))] * 30), "过长"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "reason"), [(s, r) for _, s, r in FAILURES],
                         ids=[name for name, _, _ in FAILURES])  # fmt: skip
def test_every_failure_has_a_reason(script: Script, reason: str) -> None:
    assert reason in failure_of(script)


def test_a_reply_cut_within_its_length_is_an_error() -> None:
    def script(reply: Reply) -> None:
        reply.handler.send_response(200)
        reply.handler.send_header("Content-Type", "text/event-stream")
        reply.handler.send_header("Content-Length", "100000")
        reply.handler.end_headers()
        reply.piece("半句")

    assert "连接中断" in failure_of(script)


def test_nobody_listens() -> None:
    model = LanguageModel(f"http://127.0.0.1:{free_port()}/v1", "tiny", KEY, timeout=5)
    with pytest.raises(LanguageModelError, match="连不上"):
        list(model.stream(MESSAGES))


@pytest.mark.parametrize(
    "script",
    [
        nothing,
        then(nothing),
        then(text("半句"), nothing),
        head_drips,
        drips(["半句"], b": heartbeat\n\n", 0.1),
        drips(["半句"], b" ", 0.1),
        drips([], b'data: {"choices": []}\n\n', 0.05),
        drips([], b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n', 0.02),
    ],
    ids="silence,after head,after text,head,heartbeat,one byte,empty chunks,text".split(","),
)
def test_the_time_is_kept_whatever_comes(script: Script) -> None:
    before = set(threading.enumerate())
    began = time.monotonic()
    with scripted_server(script) as server:
        model = LanguageModel(server.url, "tiny", KEY, timeout=1.0)
        with pytest.raises(LanguageModelError, match="1 秒内没有答完"):
            list(model.stream(MESSAGES))
        assert 0.9 < time.monotonic() - began < 1.8
        readers = [t for t in set(threading.enumerate()) - before if "_read" in t.name]
        for reader in readers:
            reader.join(2)
            assert not reader.is_alive()


def test_a_reader_that_stops_early_ends_the_request() -> None:
    with scripted_server(drips(["先到"], b": heartbeat\n\n", 0.02)) as server:
        pieces = LanguageModel(server.url, "tiny", KEY, timeout=30).stream(MESSAGES)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
        assert server.gone.wait(3)


def test_no_failure_is_tried_again() -> None:
    with scripted_server(fails(500), says("好。")) as server:
        with pytest.raises(LanguageModelError):
            list(LanguageModel(server.url, "tiny", KEY).stream(MESSAGES))
        assert len(server.requests) == 1


def test_no_redirect_is_followed() -> None:
    with scripted_server(says("好。")) as other, scripted_server(redirect(other.url)) as server:
        with pytest.raises(LanguageModelError, match="转到别处"):
            list(LanguageModel(server.url, "tiny", KEY).stream(MESSAGES))
        assert other.requests == []


def test_text_is_cleaned() -> None:
    pieces = ["a\x00b\x1b[0m", "\u202e反", "向\ud83d", "\ude00", "孤\ud800", "后\r\n行"]
    assert reply_of(pieces_of(pieces)) == "ab[0m反向😀孤\ufffd后\n行"


def test_invalid_bytes_are_replaced() -> None:
    broken = b'data: {"choices": [{"delta": {"content": "\xe7\xa8\x80\xff\xe5"}}]}\n\n'
    assert reply_of(then(lambda r: r.raw(broken), Reply.done)) == "稀\ufffd\ufffd"


def test_bytes_of_a_character_may_come_apart() -> None:
    whole = 'data: {"choices": [{"delta": {"content": "稀土"}}]}\n\n'.encode()

    def slowly(reply: Reply) -> None:
        for at in range(len(whole)):
            reply.raw(whole[at : at + 1])

    assert reply_of(then(slowly, Reply.done)) == "稀土"


def test_a_reply_of_the_most_characters_is_taken() -> None:
    assert len(reply_of(says("长" * MOST_CHARACTERS, size=2000))) == MOST_CHARACTERS


def test_the_key_is_nowhere_to_be_read() -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    loggers = [logging.getLogger(name) for name in ("openai", "httpx2", "httpcore2", "httpx")]
    levels = [logger.level for logger in loggers]
    root.addHandler(handler)
    try:
        for logger in (root, *loggers):
            logger.setLevel(logging.DEBUG)
        assert reply_of(says("好。")) == "好。"
        for script in (fails(401, {"error": {"message": f"bad key {KEY}"}}), page, nothing):
            failure_of(script, timeout=0.5)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        for logger, old in zip(loggers, levels, strict=True):
            logger.setLevel(old)
    assert "HTTP Request" in log.getvalue()
    assert KEY not in log.getvalue()
    assert "规则" not in log.getvalue()
    model = LanguageModel("http://127.0.0.1/v1", "tiny", KEY)
    assert KEY not in repr(model) + str(model)


def test_a_key_no_header_can_hold_is_not_shown() -> None:
    with scripted_server(says("好。")) as server:
        model = LanguageModel(server.url, "tiny", f"{KEY}密\n")
        with pytest.raises(LanguageModelError) as caught:
            list(model.stream(MESSAGES))
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_without_openai_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(LanguageModelError) as caught:
        list(LanguageModel("http://127.0.0.1/v1", "tiny", None).stream(MESSAGES))
    assert caught.value.cure == "pip install 'briefing-archive[llm]'"


SET = {
    "ARCHIVE_LLM_BASE_URL": "http://127.0.0.1:11434/v1/",
    "ARCHIVE_LLM_MODEL": "qwen3:8b",
    "ARCHIVE_LLM_API_KEY": KEY,
}


def test_the_settings_name_the_model() -> None:
    settings = Settings.load(SET)
    assert settings.llm_base_url == "http://127.0.0.1:11434/v1"
    assert settings.llm_model == "qwen3:8b"
    assert settings.llm_api_key == KEY
    assert KEY not in repr(settings)
    assert KEY not in repr(replace(settings, model="other"))


@pytest.mark.parametrize("names", ["", "API_KEY"])
def test_there_may_be_no_model(names: str) -> None:
    given = {f"ARCHIVE_LLM_{name}": KEY for name in names.split()}
    settings = Settings.load(given)
    assert (settings.llm_base_url, settings.llm_model, settings.llm_api_key) == (None,) * 3


def test_a_local_model_needs_no_key() -> None:
    settings = Settings.load(SET | {"ARCHIVE_LLM_API_KEY": " "})
    assert settings.llm_api_key is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ARCHIVE_LLM_MODEL": ""}, "ARCHIVE_LLM_BASE_URL is set but ARCHIVE_LLM_MODEL is not"),
        ({"ARCHIVE_LLM_BASE_URL": ""}, "ARCHIVE_LLM_MODEL is set but ARCHIVE_LLM_BASE_URL is not"),
        ({"ARCHIVE_LLM_BASE_URL": "127.0.0.1:11434"}, "not a web address"),
        ({"ARCHIVE_LLM_BASE_URL": "http://"}, "not a web address"),
        ({"ARCHIVE_LLM_BASE_URL": "http://[::1/v1"}, "not a web address"),
        ({"ARCHIVE_LLM_BASE_URL": "http://host:port/v1"}, "not a web address"),
        ({"ARCHIVE_LLM_BASE_URL": "ftp://host/v1"}, "not a web address"),
        ({"ARCHIVE_LLM_BASE_URL": f"http://me:{KEY}@host/v1"}, "a user name or a password"),
        ({"ARCHIVE_LLM_BASE_URL": f"htp://{KEY}@host"}, "a user name or a password"),
        ({"ARCHIVE_LLM_BASE_URL": f"http://host/v1?key={KEY}"}, "has a query"),
        ({"ARCHIVE_LLM_API_KEY": f"{KEY} {KEY}"}, "ARCHIVE_LLM_API_KEY holds characters"),
        ({"ARCHIVE_LLM_API_KEY": f"{KEY}密"}, "ARCHIVE_LLM_API_KEY holds characters"),
    ],
)
def test_settings_that_cant_be_meant(given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        Settings.load(SET | given)
    assert KEY not in str(caught.value)
    assert caught.value.cure

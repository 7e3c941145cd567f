"""The log for whoever runs the archive: a line an event on stderr, or a JSON object a line.

What is logged are names, counts and reasons, never a question, a text or a secret: what a library
puts into its errors is cut short, and a password or key that stands in it is struck out.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archive.settings import Settings
from archive.untrusted_text import on_one_line, without_surrogates

_FACTS = "facts"
"""Where a log record keeps what it is about."""
_LONGEST_WORDS = 400
_LONGEST_TRACE = 40
"""Lines of a traceback; the last tell most."""
_STRUCK_OUT = "***"


def set_up(settings: Settings, *, as_json: bool) -> None:
    """Have this process log all that is worth knowing, each event on a line of stderr."""
    handler = logging.StreamHandler(sys.stderr)
    kept_back = [settings.llm_api_key, *_passwords(settings.chroma_url)]
    handler.setFormatter(_Formatter(as_json, [secret for secret in kept_back if secret]))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("archive").setLevel(logging.INFO)
    logging.getLogger("ingest").setLevel(logging.INFO)


def note(what: str, /, *, level: int = logging.INFO, **facts: object) -> None:
    """Log that something was done: `what` in a few words, and what it was done to and by whom."""
    logging.getLogger("archive").log(level, what, extra={_FACTS: facts})


def note_failure(what: str, error: BaseException, /, **facts: object) -> str:
    """Log an error that nobody foresaw, with where it came from; returns the id it is found by."""
    number = secrets.token_hex(2)
    logging.getLogger("archive").error(
        what, exc_info=error, extra={_FACTS: {"id": number, **facts}}
    )
    return number


class _Formatter(logging.Formatter):
    """Time, level, what, and its facts; each on one line but for a traceback, which is indented."""

    def __init__(self, as_json: bool, secrets: Sequence[str]) -> None:
        super().__init__()
        self._as_json, self._secrets = as_json, secrets

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, object] = getattr(record, _FACTS, {})
        told: dict[str, Any] = {
            "time": self._time(record),
            "level": record.levelname.casefold(),
            "what": self._safe(record.getMessage()),
            **{name: self._safe(str(value)) for name, value in facts.items()},
        }
        if record.name.partition(".")[0] not in ("archive", "ingest"):
            told["library"] = record.name
        trace = self._trace(record)
        if self._as_json:
            return json.dumps(told | ({"trace": trace} if trace else {}), ensure_ascii=False)
        head = " ".join((told.pop("time"), told.pop("level").upper(), told.pop("what")))
        own = "".join(f" {name}={_quoted(str(value))}" for name, value in told.items())
        return "\n    ".join((head + own, *trace))

    def _time(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).astimezone()
        return moment.isoformat(timespec="milliseconds")

    def _trace(self, record: logging.LogRecord) -> list[str]:
        if not record.exc_info or record.exc_info[1] is None:
            return []
        error = record.exc_info[1]
        lines = "".join(traceback.format_exception(error)).split("\n")
        return [self._safe(line) for line in lines if line.strip()][-_LONGEST_TRACE:]

    def _safe(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _STRUCK_OUT)
        text = on_one_line(without_surrogates(text))
        return text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…"


def _passwords(url: str | None) -> list[str]:
    """The name and password that stand in an address."""
    netloc = (url or "").partition("://")[2].partition("/")[0]
    return [part for part in netloc.rpartition("@")[0].split(":") if part]


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if not value or " " in value else value

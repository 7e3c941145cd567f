"""Limits on reading: a file that takes too long, too much, or its worker down costs one line."""

from __future__ import annotations

import json
import os
import signal
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfWriter
from pypdf.actions import JavaScript
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from archive.cli import cli
from archive.errors import ReadError
from benchmarks.memory import family
from ingest.extract.limits import STANDARD, Limits
from ingest.reading.briefing_reader import ReadOptions
from ingest.reading.workers import ReadFile, read_files
from tests.conftest import ROOT

NO_OCR = ReadOptions(ocr=False)
ENCRYPTED = ROOT / "tests" / "data" / "encrypted.pdf"
PASSWORD = "秘密"


def codes(paths: list[Path], limits: Limits = STANDARD, workers: int = 2) -> list[str]:
    """How each file ends: `read`, or the code of its failure."""
    results = list(read_files(paths, NO_OCR, workers, limits))
    return ["read" if isinstance(result, ReadFile) else result.code for result in results]


def pdf(content: bytes, pages: int = 1, script: str = "") -> bytes:
    """A PDF whose pages all show one compressed content stream."""
    writer = PdfWriter()
    stream = DecodedStreamObject()
    stream.set_data(content)
    shown = writer._add_object(stream.flate_encode())
    font = DictionaryObject()
    for key, value in {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica"}.items():
        font[NameObject(f"/{key}")] = NameObject(f"/{value}")
    fonts = DictionaryObject({NameObject("/F"): writer._add_object(font)})
    for _ in range(pages):
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = shown
    if script:
        writer.add_open_action(JavaScript(script))
        writer.add_attachment("script.js", script.encode())
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def words(text: bytes) -> bytes:
    return b"BT /F 12 Tf 72 720 Td (" + text + b") Tj ET\n"


def test_a_slow_file_ends_in_timeout_and_the_others_are_read(
    samples: list[Path], tmp_path: Path
) -> None:
    slow = tmp_path / "slow 2026-05-07.pdf"
    slow.write_bytes(pdf(words(b"rare earth ") * 40_000, pages=200))
    paths = [samples[0], slow, samples[1], samples[2]]
    assert codes(paths, Limits(seconds=8)) == ["read", "timeout", "read", "read"]


def test_a_file_that_needs_too_much_memory_is_refused(samples: list[Path], tmp_path: Path) -> None:
    greedy = tmp_path / "greedy 2026-05-07.pdf"
    greedy.write_bytes(pdf(words(b"x" * 500) * 60_000))
    limits = Limits(seconds=120, memory=150 * 2**20)
    assert codes([greedy, samples[0]], limits) == ["out_of_memory", "read"]


def test_a_worker_that_dies_costs_one_file(samples: list[Path]) -> None:
    results = read_files([samples[0], _Deadly(samples[1]), samples[2]], NO_OCR, 1)
    ends = [r.code if isinstance(r, ReadError) else "read" for r in results]
    assert ends == ["read", "crashed", "read"]


class _Deadly(type(Path())):  # type: ignore[misc]
    """A path whose file takes down the process that opens it, as a fault in a C library does."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        os._exit(11)


def test_pages_and_bytes_are_limited(tmp_path: Path) -> None:
    thick = tmp_path / "thick 2026-05-07.pdf"
    thick.write_bytes(pdf(words(b"page"), pages=STANDARD.pages + 1))
    large = tmp_path / "large 2026-05-07.pdf"
    with large.open("wb") as file:  # a hole: no disk is used
        file.truncate(STANDARD.size + 1)
    assert codes([thick, large]) == ["too_large", "too_large"]


def test_scripts_attachments_and_links_are_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "made by a script"
    script = f"app.launchURL('file://{target}')"
    path = tmp_path / "script 2026-05-07.pdf"
    text = words(b"Rare earth exports were discussed at some length, and at the end.")
    path.write_bytes(pdf(text, script=script))
    assert codes([path]) == ["read"]
    assert not target.exists()


# --- through the command line --------------------------------------------------------------------


def inspect(*arguments: str) -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(cli, ["inspect", *arguments, "--json", "--no-ocr"])
    return result.exit_code, json.loads(result.stdout)


def test_inspect_reads_with_a_password_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password.txt"
    file.write_text(f"{PASSWORD}\nnot this\n", encoding="utf-8")
    status, read = inspect(str(ENCRYPTED), "--password-file", str(file))
    assert (status, read["error"], read["date"]) == (0, None, "2026-05-07")
    assert inspect(str(ENCRYPTED), "--password", PASSWORD)[1] == read


@pytest.mark.parametrize("password", [[], ["--password", "falsch"]])
def test_inspect_says_how_to_open_an_encrypted_file(password: list[str]) -> None:
    result = CliRunner().invoke(cli, ["inspect", str(ENCRYPTED), "--json", *password])
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "encrypted"
    assert "--password" in error["cure"]
    assert "密码" in error["cure_zh"]
    assert "falsch" not in result.output


def test_inspect_has_a_time_limit(samples: list[Path]) -> None:
    result = CliRunner().invoke(cli, ["inspect", str(samples[0]), "--json", "--timeout", "0.001"])
    assert json.loads(result.stdout)["error"]["code"] == "timeout"
    assert result.exit_code == 1


def test_two_passwords_are_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "p"
    file.write_text("x")
    for options in (["--password", "x", "--password-file", str(file)], ["--password-file", "none"]):
        result = CliRunner().invoke(cli, ["inspect", str(ENCRYPTED), *options])
        assert result.exception is not None
        assert getattr(result.exception, "exit_code", None) == 2


def test_a_password_is_kept_nowhere(tmp_path: Path) -> None:
    home = tmp_path / "home"
    secret = "geheim-4711"
    result = CliRunner().invoke(
        cli, ["ingest", str(ENCRYPTED), "--password", secret, "--home", str(home), "--no-ocr"]
    )
    assert result.exception is not None
    assert secret not in result.output
    for path in home.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()


def test_a_worker_killed_from_outside_costs_no_file(samples: list[Path]) -> None:
    killed: list[int] = []

    def kill_one(path: Path) -> None:
        workers = family(os.getpid())[1:]
        if workers and not killed:
            os.kill(workers[0], signal.SIGKILL)
            killed.append(workers[0])

    results = list(read_files(samples[:6], NO_OCR, 2, on_reading=kill_one))
    assert killed
    assert [result.briefing.date for result in results if isinstance(result, ReadFile)] == [
        path.stem.removeprefix("briefing-") for path in samples[:6]
    ]

"""Hostile PDFs, names and things that only look like files: each costs one line of the report."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.cli import cli
from archive.errors import ReadError
from archive.output.csv_tables import files_csv
from archive.output.terminal.archive_screens import print_list
from archive.output.terminal.ingest_screens import print_inspect
from archive.store.records import BriefingEntry, FileReport
from benchmarks.soak_ingest import fill, prepare, soak
from ingest.extract.limits import Limits
from ingest.reading.briefing_reader import ReadOptions, read_briefing
from ingest.reading.pdf_bytes import hash_file, read_bytes
from tests.hostile_pdfs import KINDS, ODD_NAMES, Placed, hostile_pdf, named

SAMPLE = 16  # of the hundreds of `make soak`
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def test_each_costs_a_line_and_the_good_ones_are_in(tmp_path: Path) -> None:
    place = prepare(tmp_path)
    placed = fill(place, SAMPLE, seed=1_000, good=4, endless=0)
    decoy = Placed(place.files / "decoy.pdf", "decoy", good=True)  # whose failure must be noticed
    decoy.path.write_bytes(b"junk")
    soaked = soak(place, [*placed, decoy])
    noticed = ("not_a_pdf: decoy", "not live: None")
    assert [problem for problem in soaked.problems if not problem.startswith(noticed)] == []
    assert len(soaked.problems) == len(noticed)
    assert sum(each.good for each in soaked.placed) == 5
    assert len(set(soaked.codes) - {"new", "replaced", "unchanged"}) >= 4


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("bomb")])
def test_a_seed_makes_one_file(kind: str) -> None:
    assert hostile_pdf(kind, 5) == hostile_pdf(kind, 5)


def test_names_fit_and_differ(tmp_path: Path) -> None:
    paths = [named(tmp_path, number, "h ") for number in range(3 * len(ODD_NAMES))]
    assert len(set(paths)) == len(paths)
    for path in paths:
        path.touch()
    assert max(len(os.fsencode(path.name)) for path in paths) == 255


# --- limits --------------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.mark.parametrize(
    ("limit", "said"),
    [(("--max-pages", "1"), "the limit is 1"), (("--max-size", "0.01"), "the limit is 0.01 MB")],
)
def test_limits_are_options(limit: tuple[str, str], said: str, samples: list[Path]) -> None:
    error = json.loads(run("inspect", str(samples[0]), "--json", *limit).stdout)["error"]
    assert error["code"] == "too_large"
    assert said in error["message"]
    assert limit[0] in error["cure"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-pages", "0"), ("--max-pages", "-3"), ("--max-pages", "many"),
        ("--max-size", "0"), ("--max-size", "nan"), ("--max-size", "-1"),
        ("--max-memory", "10"), ("--max-memory", "99999999999999"), ("--max-memory", "1.5"),
        ("--timeout", "0"), ("--timeout", "nan"), ("--timeout", "inf"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["ingest", "inspect"])
def test_bad_limits_are_wrong_usage(
    command: str, option: str, value: str, samples: list[Path]
) -> None:
    result = run(command, str(samples[0]), option, value)
    assert result.exit_code == 2
    assert option in result.output


# --- what only looks like a file -----------------------------------------------------------------


class _SwappedForAPipe(type(Path())):  # type: ignore[misc]
    """A path that is a file when it is looked at and a pipe when it is opened."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return os.stat(__file__)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    for path in (tmp_path / "pipe.pdf", _SwappedForAPipe(tmp_path / "pipe.pdf")):
        for read in (read_bytes, hash_file):
            with pytest.raises(ReadError, match="not a file but a pipe") as raised:
                read(path)
            assert raised.value.code == "unreadable"


def test_devices_folders_and_links_to_themselves_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "zero.pdf").symlink_to("/dev/zero")
    (tmp_path / "itself.pdf").symlink_to(tmp_path / "itself.pdf")
    (tmp_path / "folder.pdf").mkdir()
    for path in tmp_path.iterdir():
        with pytest.raises(ReadError) as raised:
            read_bytes(path)
        assert raised.value.code == "unreadable"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_a_file_of_another_size_than_said_is_unreadable() -> None:
    with pytest.raises(ReadError, match="size changed"):
        read_bytes(Path("/proc/self/status"))


def test_no_more_is_read_than_a_file_may_have(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(bytes(1001))
    assert read_bytes(path, Limits(size=1001)) == bytes(1001)
    for read in (read_bytes, hash_file):
        with pytest.raises(ReadError) as raised:
            read(path, Limits(size=1000))
        assert raised.value.code == "too_large"


# --- names and titles on a screen ----------------------------------------------------------------


def test_names_stand_on_one_line(tmp_path: Path) -> None:
    for number in range(len(ODD_NAMES)):
        named(tmp_path, number).write_text("junk")
    result = run("ingest", str(tmp_path), "--home", str(tmp_path / "home"), "--json")
    files = json.loads(result.stdout)["files"]
    assert len(files) == len(ODD_NAMES)
    assert result.stderr.count("failed 失败 [not_a_pdf]") == len(files)
    assert not CONTROLS.search(result.stderr)
    assert r"line\nbreak.pdf" in result.stderr
    assert str(tmp_path / "line\nbreak.pdf") in {file["path"] for file in files}


def test_a_wrong_name_is_told_on_one_line(tmp_path: Path) -> None:
    for command in ("ingest", "inspect"):
        result = run(command, str(tmp_path / "no\x1b[2J\nsuch.pdf"))
        assert getattr(result.exception, "exit_code", None) == 2
        assert r"no\x1b[2J\nsuch.pdf" in str(result.exception)


def test_titles_stand_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(12):
        pdf = hostile_pdf("odd properties", seed)
        print_inspect(read_briefing(Path("x.pdf"), pdf, ReadOptions(ocr=False)), passages=1)
        assert not CONTROLS.search(capsys.readouterr().out)


def test_a_listed_title_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    title = "a\nb\x1b[2J\u202e" + "题" * 5000
    entry = BriefingEntry("2026-05-07-0", "s", title, "x\ry", "2026-05-07", 1, 1, "live")
    print_list([entry, entry])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert r"a\nb\x1b[2J\u202e题" in lines[1]


def test_a_row_of_a_table_is_one_line() -> None:
    file = FileReport(path="=a\r\nb", outcome="failed", error_message="c\rd")
    assert files_csv([file]).count("\n") == 2
    assert r"'=a\r\nb" in files_csv([file])

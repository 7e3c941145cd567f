"""Sessions: the last question is kept whole, and nothing that isn't one is lost."""

from __future__ import annotations

import os
from datetime import date as Date
from pathlib import Path

import pytest

from archive.asking.follow_up import Turn
from archive.asking.last_question import load_turn, save_turn
from archive.errors import ArchiveError, UsageError
from archive.records import Filter

TURNS = [
    Turn("稀土出口管制什么时候生效？"),
    Turn(
        "“引号”\n和 emoji 🚀?",
        Filter(Date(2026, 5, 1), None, ("出口管制", "稀土"), "动态", "促进会"),
    ),
    Turn("", Filter(None, Date(2026, 5, 31))),
]


@pytest.mark.parametrize("turn", TURNS)
def test_what_is_kept_is_what_was_asked(tmp_path: Path, turn: Turn) -> None:
    assert load_turn(tmp_path, "mine") is None
    save_turn(tmp_path, "mine", TURNS[0])
    save_turn(tmp_path, "mine", turn)
    assert load_turn(tmp_path, "mine") == turn
    assert load_turn(tmp_path, "other") is None
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == ["mine.json"]


@pytest.mark.parametrize("name", ["a", "rare-earths_2", "A" * 64, "-", "0"])
def test_names(tmp_path: Path, name: str) -> None:
    save_turn(tmp_path, name, TURNS[0])
    assert load_turn(tmp_path, name) == TURNS[0]


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/b", "a\\b", "/etc/passwd", "a.json", "稀土", "a b", "a\n", "A" * 65],
)
def test_what_is_no_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="64 letters"):
        save_turn(tmp_path, name, TURNS[0])
    with pytest.raises(UsageError, match="64 letters"):
        load_turn(tmp_path, name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'{"question": "x"}',
        b'{"question": 1, "where": {"since": null, "until": null, "topics": [], "series": null, '
        b'"issuer": null}}',
        b'{"question": "x", "where": {"since": "May", "until": null, "topics": [], "series": null, '
        b'"issuer": null}}',
        b'{"question": "x", "where": {"since": null, "until": null, "topics": "ab", '
        b'"series": null, "issuer": null}}',
        b'{"question": "x", "where": {"since": null, "until": null, "topics": null, '
        b'"series": null, "issuer": null}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_or_foreign_file_is_moved_aside(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "sessions" / "mine.json"
    path.parent.mkdir()
    for number in (1, 2):
        path.write_bytes(data)
        assert load_turn(tmp_path, "mine") is None
        assert path.read_bytes() == data
        save_turn(tmp_path, "mine", TURNS[0])
        assert load_turn(tmp_path, "mine") == TURNS[0]
        assert path.with_name(f"mine.damaged-{number}.json").read_bytes() == data


def test_a_folder_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "sessions").write_text("a file where the folder should be")
    with pytest.raises(ArchiveError, match="without --session") as caught:
        save_turn(tmp_path, "mine", TURNS[0])
    assert str(tmp_path) in str(caught.value)
    with pytest.raises(ArchiveError, match="another --session"):
        load_turn(tmp_path, "mine")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_home(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ArchiveError, match="writable"):
            save_turn(tmp_path, "mine", TURNS[0])
    finally:
        tmp_path.chmod(0o700)


def test_a_question_that_has_no_utf_8_form(tmp_path: Path) -> None:
    save_turn(tmp_path, "mine", Turn("稀土\ud800"))
    assert load_turn(tmp_path, "mine") == Turn("稀土\ufffd")


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "sessions" / "mine.json").mkdir(parents=True)
    with pytest.raises(ArchiveError, match="can't be kept"):
        save_turn(tmp_path, "mine", TURNS[0])
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == ["mine.json"]

"""The lexicon: read or refused by line, names that mean the same, what an edit touches."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, Settings
from archive.chinese.lexicon import load_lexicon
from archive.chinese.search_form import squeezed
from archive.chinese.text import has_han
from archive.errors import UsageError
from archive.keeping import reindexing
from archive.keeping.doctor import examine
from archive.keeping.records import Check
from archive.keeping.reindexing import Reindexing
from archive.keeping.writing import open_writer
from archive.records import Passage
from tests.conftest import ROOT, copied

SHIPPED = ROOT / "data" / "lexicon"


def write(home: Path, name: str, text: str | bytes) -> Path:
    """Put a lexicon file of its own into an archive's home."""
    file = home / "lexicon" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def shipped_words() -> list[str]:
    return (SHIPPED / "user_dict.txt").read_text(encoding="utf-8").splitlines()


def passages(home: Path) -> list[Passage]:
    catalog = Archive.open(Settings(home))._catalog
    return catalog.passages.get(catalog.snapshot().ids)


def holding(home: Path, term: str) -> set[str]:
    """The passages that hold a term, by brute force."""
    sought = squeezed(term)
    return {
        p.id
        for p in passages(home)
        if any(
            sought in squeezed(text)
            for text in (p.briefing.title, " ".join(p.section.path), p.text)
        )
    }


def found(home: Path, query: str) -> set[str]:
    page = Archive.open(Settings(home)).search_page(query, mode="keyword", limit=1000)
    return {result.passage.id for result in page.results}


def lexicon_check(home: Path) -> Check:
    return next(check for check in examine(Settings(home)) if check.name == "lexicon")


def reindex(settings: Settings, *, everything: bool = False) -> Reindexing:
    with open_writer(settings, "testing", reindexing=True) as writer:
        return reindexing.reindex(writer, lambda n: None, everything=everything)


@pytest.fixture(scope="module")
def quick_home(
    sample_home: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The sample archive with an encoder that takes no time; read only."""
    home = copied(sample_home, tmp_path_factory.mktemp("quick") / "home")
    reindex(Settings(home, model=str(tiny_model)))
    return home


@pytest.fixture
def quick(quick_home: Path, tiny_model: Path, tmp_path: Path) -> Settings:
    """A copy of it to change."""
    return Settings(copied(quick_home, tmp_path / "home"), model=str(tiny_model))


def words_table(home: Path) -> list[Any]:
    with sqlite3.connect(Settings(home).catalog) as db:
        return db.execute("SELECT rowid, * FROM words ORDER BY rowid").fetchall()


# --- reading it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("aliases.txt", "英伟达"),
        ("aliases.txt", "英伟达 = "),
        ("user_dict.txt", "稀土 出口 许可"),
        ("user_dict.txt", "稀土 n 20"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, name: str, line: str) -> None:
    file = write(tmp_path, name, f"# a comment\n\n{line}\n")
    with pytest.raises(UsageError) as raised:
        load_lexicon(tmp_path)
    assert f"{file}, line 3" in str(raised.value)
    assert line.strip() in str(raised.value)


@pytest.mark.parametrize("name", ["aliases.txt", "user_dict.txt"])
def test_a_file_not_in_utf8_is_named(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, name, "英伟达 = 輝達".encode("gb18030"))
    with pytest.raises(UsageError, match="UTF-8") as raised:
        load_lexicon(tmp_path)
    assert str(file) in str(raised.value)


def test_own_copies_win_and_comments_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, "user_dict.txt", "# words\n\n  # more\n甲乙丙 20 n\n丁戊己\n庚辛壬 nz\n")
    assert load_lexicon(tmp_path).words == {"甲乙丙": 20, "丁戊己": None, "庚辛壬": None}
    assert load_lexicon(tmp_path).aliases  # those that come along
    write(tmp_path, "aliases.txt", "# names\n\n甲乙丙＝Abc = 癸子丑\n")
    lexicon = load_lexicon(tmp_path)
    assert lexicon.aliases == (("甲乙丙", "abc", "癸子丑"),)
    assert lexicon.other_names["abc"] == ("甲乙丙", "癸子丑")
    assert "丁戊己" not in lexicon.other_names


# --- names that mean the same --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "stands"),
    [
        ("MIIT", "工业和信息化部"),
        ("SiC", "碳化硅"),
        ("电动垂直起降", "eVTOL"),
        ("计算机辅助工程", "CAE"),
    ],
)
def test_shipped_names_find_each_other(sample_home: Path, asked: str, stands: str) -> None:
    expected = holding(sample_home, stands)
    assert expected
    assert expected <= found(sample_home, asked)
    assert expected <= found(sample_home, stands)


def test_own_names_find_each_other(quick: Settings) -> None:
    groups = {"qwxz": "退相干时间", "蓝鲸九号": "合成蛋白"}
    expected = {known: holding(quick.home, known) for known in groups.values()}
    for invented, known in groups.items():
        assert not expected[known] & found(quick.home, invented)
    write(quick.home, "aliases.txt", "".join(f"{a} ＝ {b}\n" for a, b in groups.items()))
    for _ in ("before", "after"):
        for invented, known in groups.items():
            assert expected[known]
            assert expected[known] == found(quick.home, invented)
            assert expected[known] <= found(quick.home, known)
        reindex(quick)


# --- editing it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("added", "dropped", "touching"),
    [("渠道价\n", "", "渠道价"), ("", "偏滤器 n", "偏滤器")],
    ids=["added", "dropped"],
)
def test_an_edit_cuts_only_what_holds_the_word(
    quick: Settings, added: str, dropped: str, touching: str
) -> None:
    assert lexicon_check(quick.home).status == "pass"
    before = words_table(quick.home)
    kept = [line for line in shipped_words() if line != dropped]
    assert (len(kept) < len(shipped_words())) == bool(dropped)
    write(quick.home, "user_dict.txt", "\n".join(kept) + "\n" + added)
    touched = holding(quick.home, touching)
    assert 0 < len(touched) < len(before)

    check = lexicon_check(quick.home)
    assert check.status == "warn"
    assert "edited" in check.message
    assert "archive reindex" in check.cure
    assert touched <= found(quick.home, touching)

    done = reindex(quick)
    assert (done.encoded, done.cut) == (0, len(touched))
    assert lexicon_check(quick.home).status == "pass"
    assert touched <= found(quick.home, touching)
    incremental = words_table(quick.home)
    assert incremental != before
    assert reindex(quick).cut == 0
    full = reindex(quick, everything=True)
    assert full.encoded == full.passages
    assert full.cut == len(before)
    assert words_table(quick.home) == incremental


@pytest.mark.parametrize("seed", [1])
def test_random_edits_come_to_the_same_as_a_rebuild(quick: Settings, seed: int) -> None:
    chance = random.Random(seed)
    dropped = set(chance.sample(shipped_words(), 60))
    texts = [p.text for p in chance.sample(passages(quick.home), 4)]
    added = []
    for text in texts:
        at = chance.randrange(len(text) - 4)
        added.append("".join(text[at : at + 4].split()))
    kept = [line for line in shipped_words() if line not in dropped]
    write(quick.home, "user_dict.txt", "\n".join([*kept, *added, "6G网", "B300"]) + "\n")
    assert reindex(quick).cut
    incremental = words_table(quick.home)
    reindex(quick, everything=True)
    assert words_table(quick.home) == incremental


# --- what the doctor says of it ------------------------------------------------------------------


def test_the_doctor_counts_and_proposes(sample_home: Path) -> None:
    check = lexicon_check(sample_home)
    counts = {term.term: term.passages for term in check.terms}
    han = [term for term in counts if has_han(term) and term.isalpha()]
    chosen = [*han[:12], *random.Random(3).sample(han, 12)]
    assert {t: counts[t] for t in chosen} == {t: len(holding(sample_home, t)) for t in chosen}
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    assert len(counts) == len(check.terms)

    lexicon = load_lexicon(sample_home)
    headings = [squeezed(title) for p in passages(sample_home) for title in p.section.path]
    assert check.proposed
    for term in check.proposed:
        assert term.term not in lexicon.segmented
        assert any(term.term in heading for heading in headings)
        assert term.passages == len(holding(sample_home, term.term)) > 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("user_dict.txt", "词" * 2_000_000),  # of which jieba would keep every beginning
        ("user_dict.txt", "ﷺ" * 99),  # 18 characters each in search form
        ("user_dict.txt", "\n".join(f"词{number}" for number in range(150_000))),
        ("user_dict.txt", f"词 {'9' * 5000}"),
        ("user_dict.txt", "词 9999999999"),
        ("user_dict.txt", "\u200b 5"),
        ("aliases.txt", "=".join(f"名{number}" for number in range(1000))),
        ("aliases.txt", "\n".join(f"名 = 名{number}" for number in range(1000))),
        ("aliases.txt", f"名 = {'n' * 101}"),
    ],
)
def test_sizes_have_bounds_and_the_message_too(tmp_path: Path, name: str, text: str) -> None:
    file = write(tmp_path, name, text)
    with pytest.raises(UsageError) as refusal:
        load_lexicon(tmp_path)
    assert str(file) in str(refusal.value)
    assert len(str(refusal.value)) < 500 + 2 * len(str(file))


def test_the_longest_word_and_the_most_names_are_taken(tmp_path: Path) -> None:
    write(tmp_path, "user_dict.txt", f"{'词' * 100} 999999999\n")
    write(tmp_path, "aliases.txt", " = ".join(f"名{number}" for number in range(51)))
    lexicon = load_lexicon(tmp_path)
    assert lexicon.words == {"词" * 100: 999_999_999}
    assert len(lexicon.other_names["名0"]) == 50

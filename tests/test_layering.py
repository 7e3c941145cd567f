"""The house keeps its floors: imports go down only, one outside library has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ARCHIVE = ROOT / "src" / "archive"
INGEST = ROOT / "ingest"

# Floors of the archive package from the ground up; a module imports from lower floors only.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            "offline",
            "errors",
            "text",
            "resources",
            "locks",
            "simplified",
            "places",
            "schema",
            "whole_file",
            "stored_files",
            "reasons",
            "sketch",
            "private",
            "rate_limit",
            "limited",
            "record_form",
        }
    ),
    frozenset(
        {
            "records",
            "settings",
            "default_model",
            "search_form",
            "spelling",
            "snippet",
            "disk",
            "log",
        }
    ),
    frozenset(
        {
            "live",
            "lexicon",
            "query_dates",
            "figures",
            "language_model",
            "question",
            "matter",
            "draft",
            "timeline",
            "tables",
            "footnotes",
            "history",
        }
    ),
    frozenset({"catalog_form"}),
    frozenset(
        {"encoder", "catalog", "fusion", "topics", "page_image", "query", "figured_text", "cadence"}
    ),
    frozenset({"words", "sources", "follow_up", "llm_answer", "stages", "drawing"}),
    frozenset({"export_file", "corrections"}),
    frozenset(
        {"match_expression", "evidence", "premises", "sessions", "quotation", "postponed", "access"}
    ),
    frozenset({"keyword_index", "vector_index", "answer_model", "bibliography", "changes"}),
    frozenset(
        {"search", "understanding", "storylines", "restated", "sentence_vectors", "new_vectors"}
    ),
    frozenset({"results", "reader", "writer"}),
    frozenset({"answer", "coverage", "chronology"}),
    frozenset({"asking", "watches"}),
    frozenset({"content_check"}),
    frozenset({"archive", "chroma_probe", "status", "backup"}),
    frozenset({"checks"}),
    frozenset({"doctor"}),
    frozenset({"needs"}),
    frozenset({"contract", "progress", "terminal"}),
    frozenset({"cli", "page", "serve"}),
    frozenset({"__main__", "__init__"}),
)
DOORS = {
    "pypdf": "ingest/pdf.py",
    "sentence_transformers": "src/archive/encoder.py",
    "chromadb": "src/archive/vector_index.py",
    "onnxruntime": "src/archive/answer_model.py",
    "openai": "src/archive/language_model.py",
    "httpx": "src/archive/language_model.py",
    "httpx2": "src/archive/language_model.py",
    "psutil": "src/archive/serve/server.py",
    "starlette": "src/archive/serve/health.py",
    "uvicorn": "src/archive/serve/server.py",
    "jieba": "src/archive/words.py",
    "opencc": "src/archive/simplified.py",
    "pypinyin": "src/archive/spelling.py",
    "lunar_python": "src/archive/query_dates.py",
    "sqlite3": "src/archive/catalog.py",
    "pypdfium2": "src/archive/page_image.py",
    "filelock": "src/archive/locks.py",
    "click": "src/archive/cli",
    "rich": "src/archive/terminal.py",
    "streamlit": "src/archive/page",
    "pandas": "src/archive/page/chart.py",
    "tokenizers": "src/archive/default_model.py",
    "safetensors": "src/archive/default_model.py",
    "rapidocr": "ingest/ocr.py",
    "pdfminer": "ingest/cid_tables.py",
}


def imports(path: Path) -> Iterator[str]:
    """Dotted names a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(module: str) -> int:
    return next(level for level, names in enumerate(FLOORS) if module in names)


def archive_modules() -> list[str]:
    """The modules of the package and its packages, which are surfaces."""
    packages = [path.parent for path in ARCHIVE.glob("*/__init__.py")]
    return sorted(path.stem for path in (*ARCHIVE.glob("*.py"), *packages))


def files_of(module: str) -> list[Path]:
    return (
        [ARCHIVE / f"{module}.py"]
        if (ARCHIVE / f"{module}.py").exists()
        else [*(ARCHIVE / module).glob("*.py")]
    )


def test_every_module_has_a_floor() -> None:
    assert archive_modules() == sorted(name for names in FLOORS for name in names)


@pytest.mark.parametrize("module", archive_modules())
def test_archive_imports_downwards_only(module: str) -> None:
    for name in (name for path in files_of(module) for name in imports(path)):
        parts = name.split(".")
        if parts[0] == "archive" and len(parts) > 1 and parts[1] in archive_modules():
            assert floor(parts[1]) <= floor(module), f"{module} imports {parts[1]} from above"


def test_only_the_surfaces_know_ingest() -> None:
    for path in ARCHIVE.glob("*.py"):
        knows = any(name.split(".")[0] == "ingest" for name in imports(path))
        assert not knows


def test_ingest_does_not_know_the_surfaces() -> None:
    for path in INGEST.glob("*.py"):
        known = {name for name in imports(path) if name.startswith("archive.")}
        if path.stem != "__main__":
            assert not known & {"archive.cli", "archive.terminal", "archive.contract"}


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_one_library_one_door(library: str, door: str) -> None:
    sources = [*ARCHIVE.rglob("*.py"), *INGEST.glob("*.py")]
    users = {
        str(path.relative_to(ROOT))
        for path in sources
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users <= {door} or {str(Path(user).parent) for user in users} == {door}


def test_records_use_the_standard_library_only() -> None:
    names = {name.split(".")[0] for name in imports(ARCHIVE / "records.py")}
    assert names <= {
        "__future__",
        "calendar",
        "dataclasses",
        "datetime",
        "itertools",
        "re",
        "typing",
    }

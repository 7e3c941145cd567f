"""Uploads that don't come to a good end by themselves, for whoever looks after the archive."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.errors import ArchiveError, DamagedCatalogueError
from archive.keeping.records import Check
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import DamagedError
from ingest.intake.uploads import Upload, read_uploads

_A_WHILE = 3600
"""Seconds without a word of an upload after which nobody is at it any more."""


def upload_needs(settings: Settings) -> Iterator[Check]:
    """Uploads that are damaged, that nobody takes in, and whose files the program failed at.

    A file that failed for a reason of its own is told of on the page, to whoever handed it in.
    """
    try:
        uploads = read_uploads(settings.home)
        known = Catalog.open(settings.catalog).briefings.file_hashes()
    except (DamagedError, DamagedCatalogueError):
        return  # whoever looks at the catalogue says so
    except ArchiveError as error:
        yield Check(
            "uploads", "warn", "uploads can't be looked at", error.cure,
            message_zh="无法查看页面上传", cure_zh="让当前用户可以读取档案的文件夹",
            details=(error.message,),
        )  # fmt: skip
        return
    if damaged := [upload for upload in uploads if upload.state == "damaged"]:
        yield _stuck(settings, damaged, "with damaged records", "记录已损坏")
    idle = [upload for upload in uploads if upload.state in ("waiting", "running")]
    if idle := [upload for upload in idle if _is_idle(upload.folder)]:
        run = settings.command(f"uploads run {idle[0].id}")
        yield Check(
            "uploads", "warn", f"waiting for an hour or longer: {len(idle)}",
            f"`{settings.command('serve')}` takes them in, or `{run}`",
            message_zh=f"有 {len(idle)} 次上传等了一小时以上",
            cure_zh=f"运行 `{settings.command('serve')}`，或 `{run}`",
            details=tuple(f"uploads/{upload.id}" for upload in idle),
        )  # fmt: skip
    if lost := [upload for upload in uploads if _has_lost(upload, known)]:
        yield _stuck(settings, lost, "at which the program failed", "收入时程序出错")


def _is_idle(folder: Path) -> bool:
    """Whether nothing has happened to an upload for a while."""
    files = (folder / "job.json", folder / "events.ndjson")
    last = max((file.stat().st_mtime for file in files if file.exists()), default=0.0)
    return time.time() - last > _A_WHILE


def _has_lost(upload: Upload, known: Iterable[str]) -> bool:
    """Whether an upload ended with a file that the program failed at and that isn't in since."""
    return upload.state == "done" and any(
        file.report is not None and file.report.error_code == "crashed" and file.sha not in known
        for file in upload.files
    )


def _stuck(settings: Settings, uploads: list[Upload], what: str, what_zh: str) -> Check:
    """Uploads of which the PDFs still lie in their folders."""
    folder = shlex.quote(str(uploads[0].folder))
    ingest, drop = f"`{settings.command(f'ingest {folder}')}`", f"`rm -r {folder}`"
    also = len(uploads) > 1
    return Check(
        "uploads", "warn", f"{what}: {len(uploads)}",
        f"{ingest} takes in the PDFs of it, {drop} lets them go" + "; so for each" * also,
        message_zh=f"{what_zh}的上传有 {len(uploads)} 次",
        cure_zh=f"运行 {ingest} 收入其中的 PDF，或用 {drop} 丢弃" + "；逐次处理" * also,
        details=tuple(f"uploads/{upload.id}" for upload in uploads),
    )  # fmt: skip

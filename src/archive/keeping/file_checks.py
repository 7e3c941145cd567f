"""Checks of the archive's folder: the PDFs kept, what was left behind, permissions, the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from archive.index.reencoding import FOLDERS
from archive.keeping.check_results import (
    Bilingual,
    all_of,
    command,
    count,
    failed,
    fix,
    ingest_orphans,
    passed,
    put_back,
    typed,
    warned,
)
from archive.keeping.records import Check
from archive.private import is_open_to_others
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.disk import is_on_read_only_disk
from archive.store.pdf_files import (
    DAMAGED,
    ORPHANS,
    StoredFiles,
    inspect_files,
    missing_files,
    waiting_aside,
)

SET_ASIDE = "chroma.damaged-"
"""How the name of a Chroma folder begins that was set aside."""
_LITTLE_SPACE = 500 * 2**20
_FEW_INODES = 1000


def all_files(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every PDF is there and undamaged, and nothing else lies beside them."""
    stored = inspect_files(settings.files, catalog.briefings.file_hashes)
    yield _pdfs(settings, catalog, stored)
    yield _orphans(settings, stored.orphans)
    yield _set_aside(settings, catalog)
    yield _leftovers(settings, stored.unfinished)


def files_present(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every PDF is there; its content isn't read."""
    known = catalog.briefings.file_hashes()
    missing = missing_files(settings.files, known)
    yield _pdfs(settings, catalog, StoredFiles(kept=len(known), missing=missing))


def _pdfs(settings: Settings, catalog: Catalog, stored: StoredFiles) -> Check:
    damaged, unreadable = ([path.stem for path in p] for p in (stored.damaged, stored.unreadable))
    hashes = (*stored.missing, *damaged, *unreadable)
    if not hashes:
        return passed(
            "files", f"{count(stored.kept, 'PDF')}, each as it was taken in",
            f"{stored.kept} 份 PDF，都与收入时一致",
        )  # fmt: skip
    kinds = [
        kind
        for kind in (
            (len(stored.missing), "missing", "缺失"),
            (len(damaged), "damaged", "损坏"),
            (len(unreadable), "unreadable", "无法读取"),
        )
        if kind[0]
    ]
    cures: list[Bilingual] = []
    if stored.missing or damaged:
        cures.append(put_back(settings))
    if unreadable:
        chmod = f"`chmod -R u+rX {typed(settings.files)}`"
        cures.append((f"{chmod}, or a sound disk", f"{chmod}，或检查磁盘"))
    wrong = ", ".join(f"{number} {what}" for number, what, _ in kinds)
    wrong_zh = "、".join(f"{number} 份{what}" for number, _, what in kinds)
    briefings = catalog.briefings.file_hashes()
    return failed(
        "files",
        (f"{wrong}, of {count(stored.kept, 'PDF')}", f"{stored.kept} 份 PDF 中有 {wrong_zh}"),
        all_of(cures),
        [_named(catalog, briefings[name], name) for name in hashes],
    )


def _named(catalog: Catalog, briefing_id: str, file_hash: str) -> str:
    """A briefing's id, with the name that its file came with where that is known."""
    known = catalog.briefings.known_file(file_hash)
    return f"{briefing_id} ({known.file_name})" if known and known.file_name else briefing_id


def _orphans(settings: Settings, orphans: Sequence[Path]) -> Check:
    """Every file beside the PDFs belongs to a briefing."""
    if not orphans:
        return passed("orphan files", "no PDF is without its briefing", "没有无主的 PDF")
    return warned(
        "orphan files",
        (
            f"{count(len(orphans), 'file')} of no briefing",
            f"有 {len(orphans)} 个文件不属于任何一期",
        ),
        fix(settings, f"moves them into files/{ORPHANS}", f"把它们移到 files/{ORPHANS}"),
        [f"files/{path.name}" for path in orphans],
    )


def _set_aside(settings: Settings, catalog: Catalog) -> Check:
    """What was set aside is in the archive again."""
    waiting = waiting_aside(settings.files, catalog.briefings.file_hashes())
    if not waiting:
        return passed("set aside", "nothing set aside is lacking", "移出的文件都已在档案里")
    folders_of = {path.parent.name for path in waiting}
    cures: list[Bilingual] = []
    if ORPHANS in folders_of:
        ingest = ingest_orphans(settings)
        cures.append((
            f"{ingest} takes in those of no briefing", f"运行 {ingest} 收入其中的无主文件"
        ))  # fmt: skip
    if DAMAGED in folders_of:
        cures.append(put_back(settings))
    cure, cure_zh = all_of(cures)
    folders = " ".join(sorted({typed(path.parent) for path in waiting}))
    return warned(
        "set aside",
        (
            f"{count(len(waiting), 'file')} set aside that the archive lacks",
            f"有 {len(waiting)} 个移出的文件，档案里没有",
        ),
        (f"{cure}; or `rm -r {folders}`", f"{cure_zh}；不要的话 `rm -r {folders}`"),
        [f"files/{path.parent.name}/{path.name}" for path in waiting],
    )


def _leftovers(settings: Settings, unfinished: Sequence[Path]) -> Check:
    """No process that was killed left anything, and no store was set aside."""
    home = settings.home
    drafts = [path for path in (home / "uploads").glob(".*") if path.is_dir()]
    reindex = command(settings, "reindex")
    kinds: tuple[tuple[Sequence[Path], Bilingual, Bilingual], ...] = (
        (
            unfinished,
            ("half-copied PDF", "没有存完的 PDF"),
            fix(settings, "clears it", "清除"),
        ),
        (
            drafts,
            ("half-stored upload", "没有存完的上传"),
            ("unless files are being handed in now, {rm}", "若现在没有人上传，{rm}"),
        ),
        (
            list(home.glob(f"{SET_ASIDE}*")),
            ("Chroma folder set aside", "移出的向量库"),
            ("{rm}: Chroma was made anew without it", "{rm}，向量库已经重建"),
        ),
        (
            list(home.glob(FOLDERS)),
            ("unfinished reindex", "未完成的 reindex"),
            (
                f"{reindex} with that ARCHIVE_MODEL goes on with it, or {{rm}}",
                f"用当时的 ARCHIVE_MODEL 运行 {reindex} 继续，或 {{rm}}",
            ),
        ),
    )
    cures: list[Bilingual] = []
    details: list[str] = []
    for paths, (what, what_zh), (cure, cure_zh) in kinds:
        if paths:
            rm = f"`rm -r {' '.join(map(typed, paths))}`"
            cures.append((cure.replace("{rm}", rm), cure_zh.replace("{rm}", rm)))
            details += [f"{path.relative_to(home)}: {what} {what_zh}" for path in paths]
    if not details:
        return passed("leftovers", "no process left anything behind", "没有中断遗留的东西")
    message = (
        f"{count(len(details), 'thing')} left behind by processes that were ended",
        f"有 {len(details)} 样东西是中断的程序留下的",
    )
    return warned("leftovers", message, all_of(cures), details)


# --- the disk ------------------------------------------------------------------------------------


def disk_space(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """There is room for the next ingest."""
    disk = os.statvfs(settings.home)
    free = disk.f_bavail * disk.f_frsize
    few_files = bool(disk.f_files) and disk.f_favail < _FEW_INODES
    message = f"{free / 2**30:.1f} GB free where the archive lies"
    message_zh = f"档案所在的磁盘还有 {free / 2**30:.1f} GB"
    if few_files:
        message += f", room for {count(disk.f_favail, 'file')} only"
        message_zh += f"，只能再建 {disk.f_favail} 个文件"
    if free < _LITTLE_SPACE or few_files:
        df = f"`df {'-i' if few_files else '-h'} {typed(settings.home)}`"
        cure = f"free some of the disk that {df} names", f"在 {df} 所示的磁盘上腾出空间"
        yield warned("disk", (message, message_zh), cure)
    else:
        yield passed("disk", message, message_zh)


def permissions(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The user may write wherever the next ingest has to, and others can't read the archive."""
    places = (settings.home, settings.catalog, settings.files, settings.chroma)
    closed = [path for path in places if path.exists() and not os.access(path, os.W_OK)]
    (disk,) = writable_disk(settings, catalog)
    if disk.status != "pass":
        yield disk
    elif closed:
        yield _may_not_write(settings, closed)
    elif is_open_to_others(settings.home, settings.group_access):
        doctor = command(settings, "doctor --fix")
        yield warned(
            "permissions",
            ("other users of this machine can read the archive", "本机的其他用户能读到档案"),
            (
                f"{doctor} closes it to them; ARCHIVE_GROUP_ACCESS lets its group in",
                f"{doctor} 对他们关闭；要让同组用户进来，请设 ARCHIVE_GROUP_ACCESS",
            ),
        )
    else:
        yield disk


def _may_not_write(settings: Settings, closed: Sequence[Path]) -> Check:
    home = typed(settings.home)
    if os.name == "posix" and closed[0].stat().st_uid == os.getuid():
        chmod = f"`chmod -R u+rwX {home}`"
        cure = chmod, chmod
    else:
        user = _owner(closed[0]) or "OWNER"
        ingest = f"`sudo -u {user} {settings.command('ingest FOLDER')}`"
        chown = f"`sudo chown -R $USER {home}`"
        cure = (
            f"take in as its owner, {ingest}, or {chown}",
            f"由它的主人收入：{ingest}，或 {chown}",
        )
    return warned(
        "permissions",
        ("this user may not write to the archive", "当前用户不能写入档案"),
        cure,
        ["." if path == settings.home else path.name for path in closed],
    )


def writable_disk(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The disk isn't read-only."""
    if is_on_read_only_disk(settings.home):
        remount = f"`mount -o remount,rw {typed(_mount_of(settings.home))}`"
        yield warned(
            "permissions",
            ("the disk is read-only", "磁盘是只读的"),
            (
                f"check it, since a disk with errors turns read-only; then {remount}",
                f"先检查磁盘（出错的磁盘会变成只读），再 {remount}",
            ),
        )
    else:
        yield passed(
            "permissions", "this user may write to the archive", "当前用户可以写入档案"
        )  # fmt: skip


def _owner(path: Path) -> str:
    """Who owns a file; empty where the system can't name the user."""
    with suppress(KeyError, NotImplementedError, OSError):
        return path.owner()
    return ""


def _mount_of(path: Path) -> Path:
    """Where the disk is mounted on which a folder lies."""
    path = path.resolve()
    return next(folder for folder in (path, *path.parents) if os.path.ismount(folder))

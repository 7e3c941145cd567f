"""Exports made otherwise are imported: python -m benchmarks.hostile_exports

[--exports 200] [--seed 0] [--memory 1000] [--seconds 60] [--json]

Of a small archive's export something is changed: a value of a row, the form of a table, bytes of a
member, a list of topics or words, what the manifest says. The manifest is then made right by
the program's own means, so that only a look at the content can tell. `archive import` takes each in
a process of its own; where it goes through, all other commands are run on what came in. An export
must be refused with the member named, or be as good as any: no traceback, nothing left behind,
neither memory nor time beyond bounds.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from archive import Settings
from archive.keeping.export_file import MANIFEST, Contents, Packer, open_export
from archive.keeping.exporting import export_archive
from archive.settings import CATALOG_NAME
from benchmarks.forked import fork, load_libraries
from tests.conftest import SAMPLES, ingest_quietly
from tests.small_encoder import save_encoder

MEMBERS = (CATALOG_NAME, "topics.toml", "lexicon/", "files/", "its manifest")
"""What a refusal names; of the manifest it says what is wrong with it."""
_TOPICS = "topics.toml"
_WORDS, _ALIASES = "lexicon/user_dict.txt", "lexicon/aliases.txt"
_VALUES: dict[str, tuple[object, ...]] = {
    "TEXT": (
        "", None, b"\xff\x00", 7, "\0", "x" * 2_000_000, "[" * 100_000, "{}", "[[1]]", "null",
        "9999-12-31", "0000-00-00", "9" * 5000, '"\\ud800"', "=1+1\n\x1b[31m", "<script>", "9e999",
    ),
    "INTEGER": (-1, 0, 2**63 - 1, -(2**63), 10**9, 1.5, "x", b"x", None),
    "REAL": (float("inf"), -1e308, -1.0, "x", b"x", None, 1e9),
    "BLOB": (b"", b"x", b"\0" * 64, b"\xff" * 64, b"\0\0\xc0\x7f" * 16, "x", 5, None, b"\1" * 512),
}  # fmt: skip
_FLIPS = 24
_GOOD = ("refused", "taken")
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
_LEXICON = "lexicon in the keyword index"
_SHARES = {"rows": 0.6, "form": 0.15, "lists": 0.12, "bytes": 0.1, "manifest": 0.03}


@dataclass(frozen=True, slots=True)
class Export:
    """An export as what is in it, to be changed and packed again."""

    members: dict[str, bytes]
    contents: Contents

    @staticmethod
    def read(file: Path) -> Export:
        with open_export(file) as opened, zipfile.ZipFile(file) as packed:
            names = [name for name in packed.namelist() if name != MANIFEST]
            return Export({name: packed.read(name) for name in names}, opened.contents)

    def pack(self, file: Path) -> None:
        """Write it with a manifest that holds, as the program does."""
        packer = Packer(file)
        try:
            for name, content in self.members.items():
                packer.add(name, content)
            packer.finish(self.contents)
        finally:
            packer.close()

    def holding(self, name: str, content: bytes) -> Export:
        return replace(self, members=self.members | {name: content})


Change = Callable[[Export, Path], Export]
"""Changes an export; a folder for scratch is given."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A kind of change, which one, and what does it."""

    kind: str
    name: str
    change: Change


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an import: refused, taken, or a fault; seconds and MB beside the library's."""

    kind: str
    name: str
    became: str
    said: str
    seconds: float
    megabytes: float


# --- what is changed -----------------------------------------------------------------------------


def mutations(export: Export, scratch: Path, count: int, seed: int) -> list[Mutation]:
    """So many changes, of every kind its share, and others for those that can't be made."""
    chance = Random(seed)
    of_kind = {
        "rows": list(_rows(export, scratch, chance)),
        "form": list(_forms()),
        "lists": list(_lists()),
        "bytes": list(_bytes(export, chance)),
        "manifest": list(_manifests()),
    }
    chosen = []
    for kind, found in of_kind.items():
        wanted = min(len(found), round(count * _SHARES[kind]))
        chosen += found if wanted == len(found) else chance.sample(found, wanted)
    rest = [each for each in of_kind["rows"] if each not in chosen]
    return chosen + chance.sample(rest, len(rest))


def with_catalogue(*statements: str, values: Sequence[object] = ()) -> Change:
    """A change of the catalogue by SQL; the manifest counts what is in it then, if it can."""

    def change(export: Export, scratch: Path) -> Export:
        path = scratch / CATALOG_NAME
        path.write_bytes(export.members[CATALOG_NAME])
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                db.execute(statement, values if "?" in statement else ())
            contents = _counted(db, export.contents)
        content = path.read_bytes()
        path.unlink()
        return replace(export.holding(CATALOG_NAME, content), contents=contents)

    return change


def _counted(db: sqlite3.Connection, contents: Contents) -> Contents:
    try:
        briefings, passages = db.execute("""
            SELECT count(DISTINCT b.id), count(*) FROM passage p
            JOIN briefing b ON b.id = p.briefing_id WHERE b.state = 'live'""").fetchone()
    except sqlite3.Error:
        return contents
    return replace(contents, briefings=briefings, passages=passages)


def _rows(export: Export, scratch: Path, chance: Random) -> Iterator[Mutation]:
    """Every value of the list in every column of every table, in a row by chance or in all."""
    path = scratch / CATALOG_NAME
    path.write_bytes(export.members[CATALOG_NAME])
    with closing(sqlite3.connect(path)) as db:
        columns = db.execute("""
            SELECT t.name, c.name, c.type FROM pragma_table_list t,
            pragma_table_info(t.name) c WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%'
            AND (t.type = 'table' OR t.name LIKE '%_content')""").fetchall()
        counts = {
            table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table, *_ in columns
        }
    path.unlink()
    for table, column, kind in columns:
        if not counts[table]:
            continue
        for value in _VALUES[kind or "TEXT"]:
            row = f"(SELECT {column} FROM {table} LIMIT 1 OFFSET {chance.randrange(counts[table])})"
            statements = [f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = {row}"]
            if value is None:
                allowed = _made(table, f"{column} {kind} NOT NULL", f"{column} {kind}")
                statements = [*allowed, "PRAGMA writable_schema = RESET", *statements]
            change = with_catalogue(*statements, values=(value,))
            yield Mutation("rows", f"{table}.{column} = {repr(value)[:30]}", change)


def _forms() -> Iterator[Mutation]:
    """What a file can be in place of what the program makes, and rows that don't fit together."""
    first, second = (f"(SELECT id FROM briefing ORDER BY rowid LIMIT 1 OFFSET {n})" for n in (0, 1))
    one, other = (f"(SELECT key FROM passage ORDER BY key LIMIT 1 OFFSET {n})" for n in (0, 1))
    link = "INSERT OR REPLACE INTO link VALUES"
    dates = [{"date": "x", "role": "issued", "place": "title block"}]
    for name, statements in {
        "a view in place of a table": ("DROP TABLE report", f"CREATE VIEW report AS {_ENDLESS}"),
        "a trigger": (f"CREATE TRIGGER t AFTER UPDATE ON briefing BEGIN {_ENDLESS}; END",),
        "a generated column": ("ALTER TABLE briefing ADD COLUMN g AS (hex(zeroblob(9)))",),
        "a table more": ("CREATE TABLE more (x)",),
        "an index by an expression": ("CREATE INDEX i ON page (hex(zeroblob(9)))",),
        "a unique index": ("CREATE UNIQUE INDEX i ON report (id)",),
        "a table less": ("DROP TABLE correction",),
        "a column less": ("ALTER TABLE page DROP COLUMN confidence",),
        "a column of another name": ("ALTER TABLE change RENAME COLUMN detail TO details",),
        "a constraint": _made("report", "remark TEXT", "remark TEXT CHECK (length(remark) > 99)"),
        "a quiet constraint": _made("report", "title TEXT", "title TEXT CHECK (title IN (date))"),
        "a collation": _made("briefing", "title TEXT", "title TEXT COLLATE nocase"),
        "an unknown module": _made("words", "fts5", "evil"),
        "another tokenizer": _made("words", "unicode61", "porter"),
        "no SQL that can be read": _made("run", "CREATE TABLE run", "CREATE TABLE ("),
        "a root page of another": _at("section", "(SELECT max(rootpage) FROM sqlite_schema)"),
        "no such root page": _at("report", "999999"),
        "the full text's index gone": ("DELETE FROM words_data WHERE id > 1",),
        "the full text's structure": ("UPDATE words_data SET block = randomblob(9) WHERE id = 10",),
        "the full text's version": ("UPDATE words_config SET v = 99",),
        "the full text of nothing": ("DELETE FROM words",),
        "full text too much": ("INSERT INTO characters (rowid, title) VALUES (999999, 'x')",),
        "another program": ("PRAGMA application_id = 1",),
        **{f"version {n}": (f"PRAGMA user_version = {n}",) for n in (0, -3, 1, 99)},
        "in a log": ("PRAGMA journal_mode = WAL",),
        "small pages": ("PRAGMA page_size = 512", "VACUUM"),
        "shrinking": ("PRAGMA auto_vacuum = 2", "VACUUM"),
        "a storyline in a circle": (f"{link} ({one}, {other}, 1), ({other}, {one}, 1)",),
        "a storyline from itself": (f"{link} ({one}, {one}, 1)",),
        "a link to nothing": (f"{link} ({one}, 999999, 1)",),
        "replaced in a circle": (
            f"UPDATE briefing SET replaced_by = {second} WHERE id = {first}",
            f"UPDATE briefing SET replaced_by = {first} WHERE id = {second}",
        ),
        "vectors of two lengths": (f"UPDATE passage SET vector = x'00' WHERE key = {one}",),
        "vectors of another encoder": _meta("vector index", "x, 8 dimensions, prompts"),
        "vectors of nothing": ("DELETE FROM meta WHERE key = 'vector index'",),
        "no encoder": _meta("vector index", "x"),
        "a generation too late": _meta("generation", "9" * 20),
        "a generation in words": _meta("rewrites", "many"),
        "words of two million characters": _meta(_LEXICON, json.dumps({"a" * 2_000_000: 3})),
        "words that are none": _meta(_LEXICON, '{"a": "b"}'),
        "passages to be indexed": ("UPDATE meta SET value = '{' WHERE key LIKE 'passages%'",),
        "passages of no briefing": (f"DELETE FROM briefing WHERE id = {first}",),
        "passages that aren't the text": (f"UPDATE passage SET text = 'x' WHERE key = {one}",),
        "pages that aren't there": ("DELETE FROM page",),
        "a filter that isn't one": _json("watch.filter", {"since": "never"}),
        "a filter of letters": _json("watch.filter", {"topics": "abc"}),
        "a filter of more": _json("watch.filter", {"evil": 1}),
        "a correction to no date": ("UPDATE correction SET value = '\"x\"', field = 'date'",),
        "a change of nothing": _json("change.detail", {"changes": {"date": 5}}),
        "a run of words": _json("run.counts", {"new": "many"}),
        "headings a million deep": ("UPDATE section SET level = 1000000",),
        "pages in no order": _json("passage.page_starts", [[5, 1], [0, 1]]),
        "no pages": _json("passage.page_starts", []),
        "dates of an issue": _json("briefing.dates", dates),
        "warnings of another form": _json("briefing.warnings", [{"code": [], "page": "x"}]),
        "a topic of a million": ("UPDATE passage_topic SET topic = hex(zeroblob(500000))",),
    }.items():
        yield Mutation("form", name, with_catalogue(*statements))


def _made(name: str, old: str, new: str) -> tuple[str, ...]:
    """Have a table made by other SQL."""
    update = f"UPDATE sqlite_schema SET sql = replace(sql, '{old}', '{new}')"
    return "PRAGMA writable_schema = ON", f"{update} WHERE name = '{name}'"


def _at(name: str, page: str) -> tuple[str, ...]:
    update = f"UPDATE sqlite_schema SET rootpage = {page} WHERE name = '{name}'"
    return "PRAGMA writable_schema = ON", update


def _meta(key: str, value: str) -> tuple[str, ...]:
    return (f"UPDATE meta SET value = '{value}' WHERE key = '{key}'",)


def _json(column: str, value: object) -> tuple[str, ...]:
    table, _, name = column.partition(".")
    return (f"UPDATE {table} SET {name} = '{json.dumps(value)}'",)


def _lists() -> Iterator[Mutation]:
    topic = '[[topic]]\nname = {}\nkeywords = {}\ndescription = "x"\n'
    for member, name, text in (
        (_WORDS, "a word of two million characters", "词" * 2_000_000),
        (_WORDS, "a million words", "\n".join(f"词{n}" for n in range(1_000_000))),
        (_WORDS, "a frequency of 5,000 digits", f"词 {'9' * 5000}"),
        (_WORDS, "a frequency beyond bounds", f"词 {'9' * 300}"),
        (_WORDS, "no word", "a b c d"),
        (_WORDS, "the greatest word", "词" * 100 + " 999999999"),
        (_WORDS, "blanks that are none", "\u200b\n\ufeff 5"),
        (_ALIASES, "one thing of many names", "=".join(f"名{n}" for n in range(100_000))),
        (_ALIASES, "many things of one name", "\n".join(f"名 = 名{n}" for n in range(100_000))),
        (_ALIASES, "a name of nothing", "名 ="),
        (_ALIASES, "a name of a million", f"名 = {'n' * 1_000_000}"),
        (_ALIASES, "names of all kinds", "名 = .*+?( = \x1b[31m"),
        (_TOPICS, "no TOML", "[[topic"),
        (_TOPICS, "nested", f"topic = {'[' * 5000}{']' * 5000}"),
        (_TOPICS, "a number of 5,000 digits", f"topic = {'9' * 5000}"),
        (_TOPICS, "a million topics", topic.format('"a"', "[]") * 20_000),
        (_TOPICS, "no list", 'topic = "abc"'),
        (_TOPICS, "no keywords", '[[topic]]\nname = "a"\n'),
        (_TOPICS, "a name twice", topic.format('"a"', "[]") * 2),
        (_TOPICS, "an empty name", topic.format('""', '["a"]')),
        (_TOPICS, "a name of many lines", topic.format('"a\\nb"', '["a"]')),
        (_TOPICS, "a keyword of a million", topic.format('"a"', f'["{"n" * 1_000_000}"]')),
        (_TOPICS, "an empty keyword", topic.format('"a"', '[""]')),
        (_TOPICS, "nothing", ""),
    ):  # fmt: skip
        yield Mutation("lists", f"{member}: {name}", _holding(member, text.encode()))
    for member in (_WORDS, _ALIASES, _TOPICS):
        yield Mutation("lists", f"{member}: no UTF-8", _holding(member, b"\xff\xfe\0" * 50))


def _holding(member: str, content: bytes) -> Change:
    return lambda export, _: export.holding(member, content)


def _bytes(export: Export, chance: Random) -> Iterator[Mutation]:
    """Bytes by chance, one or some, anywhere in a member or in the head of the catalogue."""
    for number in range(_FLIPS):
        name = CATALOG_NAME if number % 4 else chance.choice(sorted(export.members))
        content = bytearray(export.members[name])
        within = 200 if number % 4 == 1 else len(content)
        for _ in range(chance.choice((1, 8, 100))):
            content[chance.randrange(within)] = chance.randrange(256)
        yield Mutation("bytes", f"{name} {number}", _holding(name, bytes(content)))
    for part in (0.3, 0.7):
        cut = export.members[CATALOG_NAME]
        yield Mutation(
            "bytes", f"cut to {part}", _holding(CATALOG_NAME, cut[: int(len(cut) * part)])
        )
    yield Mutation("bytes", "nothing", _holding(CATALOG_NAME, b""))


def _manifests() -> Iterator[Mutation]:
    changes: dict[str, dict[str, object]] = {
        "fewer passages": {"passages": 1}, "an older schema": {"schema": 0},
        "no number": {"briefings": "many"}, "a long date": {"created": "9" * 100_000},
        "as many as it takes": {"briefings": 10**300},
    }  # fmt: skip
    for name, told in changes.items():
        yield Mutation("manifest", name, _telling(told))


def _telling(told: Mapping[str, Any]) -> Change:
    return lambda export, _: replace(export, contents=replace(export.contents, **told))


# --- what becomes of it --------------------------------------------------------------------------


def make_export(folder: Path, model: Path) -> None:
    """An archive that has something of everything, exported; the encoder too is made."""
    from archive.archive import Archive
    from archive.keeping.corrections import Edit
    from archive.keeping.writer import open_writer
    from archive.records import Filter

    save_encoder(model, "□？问文：出口")
    home = folder / "home"
    (home / "lexicon").mkdir(parents=True)
    for name in (_WORDS, _ALIASES, _TOPICS):
        shutil.copy(SAMPLES.parent / name, home / name)
    settings = Settings(home, model=str(model))
    ingest_quietly(sorted(SAMPLES.glob("*.pdf"))[:3], settings)
    ingest_quietly([Path(__file__)], settings)  # which fails
    archive = Archive.open(settings)
    first, second, _ = (entry.id for entry in archive.briefings())
    archive.save_watch("稀土", "稀土 出口", where=Filter(topics=()))
    archive.report(archive.ask("通用许可首批发给了多少家企业？"), "应为 39 家")
    with open_writer(settings, "making") as writer:
        writer.edit(first, Edit(title="每日动态（更正）", date="2026-03-09"))
        writer.edit(first, Edit(topics=("出口管制",)))
        writer.remove(second)
        writer.restore(second)
        writer.remove(second)
    export_archive(settings, folder / "sound.zip", lambda _: None)


def everything(settings: Settings) -> Iterator[str]:
    """The commands that fail with a traceback on an archive, each as it was called."""
    from archive.archive import Archive

    archive = Archive.open(settings)
    live = [entry.id for entry in archive.briefings()]
    removed = [entry.id for entry in archive.removed()]
    stories, _ = archive.stories(singles=True, limit=1)
    sources = archive.sources()[:1]
    watches = [watch.name for watch in archive.watches()]
    export = settings.home.parent / "again.zip"
    commands: list[list[str]] = [
        ["search", "稀土 出口", "--json"], ["search", "稀土 出口"], ["search", "许可"],
        ["search", "管道", "--mode", "semantic", "--by-briefing"], ["search", "2026年3月 出口"],
        ["ask", "通用许可首批发给了多少家企业？"], ["ask", "稀土", "--markdown"],
        ["coverage", "稀土出口许可由 18 家增加到 25 家。"], ["list"], ["list", "--missing"],
        ["list", "--removed"], ["stories"], ["timeline"], ["timeline", "稀土", "--by", "week"],
        ["timeline", "稀土", "--csv"], ["sources"], ["sources", "--items", "--limit", "500"],
        ["watch", "list"], ["reports"], ["log"], ["status"], ["topics"], ["doctor"],
        *(["show", each] for each in live), *(["show", each, "--json"] for each in live),
        *(["log", each] for each in (*live, *removed)),
        *(["watch", "show", each, "--csv"] for each in watches),
        *(["story", story.id] for story in stories), *(["source", item.id] for item in sources),
        ["report", "首批许可给了多少家？", "不对"],
        ["export", str(export), "--force"],
        *(["edit", each, "--title", "另一个标题"] for each in live[:1]),
        *(["edit", each, "--undo"] for each in live[:1]),
        *(["restore", each] for each in removed), *(["remove", each] for each in live[:1]),
        ["topics", "--retag"], ["reindex", "--all"], ["doctor", "--fix"], ["search", "出口"],
    ]  # fmt: skip
    for command in commands:
        if traceback := _run([*command, "--home", str(settings.home)]):
            yield f"{' '.join(command)[:60]}: {traceback}"


def _run(command: list[str]) -> str:
    """Run a command as `archive` does; the last line of what it raised, if it did."""
    from archive.cli import main

    sys.argv = ["archive", *command]
    said = io.StringIO()
    sys.stdout, out = said, sys.stdout
    try:
        main()
    except SystemExit:
        return ""
    except Exception as error:
        import traceback

        traceback.print_exc()
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        sys.stdout = out
    return ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an import, and each run of all commands after it, may take."""

    megabytes: float
    seconds: float


def try_one(
    mutation: Mutation, sound: Export, folder: Path, model: Path, bounds: Bounds
) -> Outcome | None:
    """Import an export changed by a mutation, and run everything if it goes through.

    None where SQLite doesn't let the change be made.
    """
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    file, home, log = scratch / "bad.zip", scratch / "new" / "home", scratch / "log"
    try:
        mutation.change(sound, scratch).pack(file)
    except sqlite3.Error:
        return None
    settings = Settings(home, model=str(model))

    def bring_in() -> None:
        sys.argv = ["archive", "import", str(file), "--home", str(home)]
        from archive.cli import main

        main()

    os.environ["ARCHIVE_MODEL"] = str(model)
    code, seconds, megabytes = _measured(bring_in, log, bounds.seconds)
    said = log.read_text(encoding="utf-8", errors="replace")

    def outcome(became: str, told: str) -> Outcome:
        return Outcome(mutation.kind, mutation.name, became, told.strip(), seconds, megabytes)

    if code is None:
        return outcome("too long", said[-300:])
    if megabytes > bounds.megabytes:
        return outcome("too much memory", said[-300:])
    if "Traceback" in said or code not in (0, 1, 2, 3):
        return outcome("traceback", said.strip().splitlines()[-1] if said else str(code))
    if code in (1, 2):
        left = [p.name for p in scratch.iterdir() if p.name not in ("bad.zip", "log")]
        if left:
            return outcome("left behind", ", ".join(left))
        why = said.strip().splitlines()[0].partition("export of an archive: ")[2] or said
        is_named = any(member in why for member in MEMBERS) or mutation.kind == "manifest"
        return outcome("refused" if is_named else "refused, no member named", why)

    def use() -> None:
        for failure in everything(settings):
            sys.stderr.write(f"FAILED {failure}\n")

    code, later, more = _measured(use, log, 5 * bounds.seconds)
    said = log.read_text(encoding="utf-8", errors="replace")
    failures = [line for line in said.splitlines() if line.startswith("FAILED ")]
    seconds, megabytes = max(seconds, later / 5), max(megabytes, more)
    if code is None:
        return outcome("too long after", said[-300:])
    if failures or code:
        return outcome("traceback after", "; ".join(failures)[:400] or said[-300:])
    return outcome("taken", "")


def _measured(
    work: Callable[[], object], log: Path, most: float
) -> tuple[int | None, float, float]:
    """Do work in a child: its exit code (None: ended after so long), seconds, MB it took itself."""
    start = time.monotonic()
    child = fork(work, log)
    inherited = _resident(os.getpid())
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            peak = usage.ru_maxrss / 1024
            taken = max(0.0, peak - inherited)
            return os.waitstatus_to_exitcode(status), time.monotonic() - start, taken
        if time.monotonic() - start > most:
            os.killpg(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            return None, time.monotonic() - start, 0.0
        time.sleep(0.01)


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exports", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory", type=float, default=1000, help="MB an import may take")
    parser.add_argument("--seconds", type=float, default=60, help="an import may take")
    parser.add_argument("--only", default="", help="those whose name holds this")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "model"
        # In a process of its own: after a computation here, none could be forked.
        maker = get_context("spawn").Process(target=make_export, args=(folder, model))
        maker.start()
        maker.join()
        if maker.exitcode:
            sys.exit("the archive to begin with couldn't be made")
        load_libraries()
        sound = Export.read(folder / "sound.zip")
        chosen = mutations(sound, folder, arguments.exports, arguments.seed)
        bounds = Bounds(arguments.memory, arguments.seconds)
        outcomes: list[Outcome] = []
        for mutation in chosen:
            if arguments.only not in mutation.name or len(outcomes) == arguments.exports:
                continue
            if outcome := try_one(mutation, sound, folder, model, bounds):
                outcomes.append(outcome)
                print(f"{len(outcomes)}/{arguments.exports} {outcome}", file=sys.stderr, flush=True)
    if arguments.json:
        print(json.dumps([asdict(each) for each in outcomes], ensure_ascii=False, indent=1))
        return
    print_table(outcomes)
    sys.exit(any(each.became not in _GOOD for each in outcomes))


def print_table(outcomes: Sequence[Outcome]) -> None:
    """How many of each kind became what, then each fault."""
    kinds = list(dict.fromkeys(each.kind for each in outcomes))
    counts = Counter((each.became, each.kind) for each in outcomes)
    print(
        "| became | " + " | ".join(kinds) + " | all |\n|---" * 1 + "|---" * (len(kinds) + 1) + "|"
    )
    for became in dict.fromkeys(each.became for each in outcomes):
        row = [counts[became, kind] for kind in kinds]
        print(f"| {became} | " + " | ".join(map(str, [*row, sum(row)])) + " |")
    print(f"\nat most {max(each.seconds for each in outcomes):.1f} s, "
          f"{max(each.megabytes for each in outcomes):.0f} MB")  # fmt: skip
    for each in outcomes:
        if each.became not in _GOOD:
            print(f"- {each.kind}, {each.name}: {each.became}: {each.said}")


if __name__ == "__main__":
    main()

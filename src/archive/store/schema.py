"""The catalogue's tables, and what brings those of an earlier version of the program up to date."""

from __future__ import annotations

SCHEMA_VERSION = 6
APPLICATION_ID = 0x42524641  # "BRFA", so that a foreign SQLite file is told apart

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE briefing (
    id TEXT PRIMARY KEY, series TEXT NOT NULL, title TEXT NOT NULL, issuer TEXT NOT NULL,
    date TEXT NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
    abstract TEXT NOT NULL, signal TEXT NOT NULL, warnings TEXT NOT NULL,
    file_hash TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'live', 'replaced', 'removed')),
    replaces TEXT, replaced_by TEXT,
    confidence REAL NOT NULL DEFAULT 0, issue_number TEXT NOT NULL DEFAULT '',
    dates TEXT NOT NULL DEFAULT '[]',
    file_name TEXT NOT NULL DEFAULT '', sketch BLOB NOT NULL DEFAULT x'',
    document INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX briefing_day ON briefing (first_day, last_day);
CREATE INDEX briefing_version ON briefing (document, version);
CREATE TABLE page (
    briefing_id TEXT NOT NULL REFERENCES briefing ON DELETE CASCADE,
    number INTEGER NOT NULL, printed TEXT NOT NULL, text TEXT NOT NULL,
    quality TEXT NOT NULL DEFAULT 'text', confidence REAL,
    PRIMARY KEY (briefing_id, number)
) WITHOUT ROWID;
CREATE TABLE section (
    briefing_id TEXT NOT NULL REFERENCES briefing ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, number TEXT NOT NULL, title TEXT NOT NULL, level INTEGER NOT NULL,
    path TEXT NOT NULL, page INTEGER NOT NULL, printed TEXT NOT NULL, text TEXT NOT NULL,
    page_starts TEXT NOT NULL,
    PRIMARY KEY (briefing_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE reference (
    briefing_id TEXT NOT NULL REFERENCES briefing ON DELETE CASCADE,
    number INTEGER NOT NULL, outlet TEXT NOT NULL, date TEXT NOT NULL, title TEXT NOT NULL,
    PRIMARY KEY (briefing_id, number)
) WITHOUT ROWID;
CREATE TABLE passage (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    briefing_id TEXT NOT NULL REFERENCES briefing ON DELETE CASCADE,
    section_number TEXT NOT NULL, section_title TEXT NOT NULL, section_path TEXT NOT NULL,
    text TEXT NOT NULL, page_starts TEXT NOT NULL,
    printed_first TEXT NOT NULL, printed_last TEXT NOT NULL, vector BLOB NOT NULL,
    ocr_confidence REAL
);
CREATE INDEX passage_briefing ON passage (briefing_id);
CREATE TABLE passage_topic (
    topic TEXT NOT NULL, passage_key INTEGER NOT NULL REFERENCES passage ON DELETE CASCADE,
    rank INTEGER NOT NULL, score REAL NOT NULL DEFAULT 0, PRIMARY KEY (topic, passage_key)
) WITHOUT ROWID;
CREATE INDEX topic_of_passage ON passage_topic (passage_key);
CREATE VIRTUAL TABLE words USING fts5
    (title, heading, body, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE characters USING fts5 (title, heading, body,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'");
CREATE TABLE link (
    passage_key INTEGER PRIMARY KEY REFERENCES passage ON DELETE CASCADE,
    earlier_key INTEGER REFERENCES passage ON DELETE CASCADE, score REAL NOT NULL
);
CREATE INDEX link_to_earlier ON link (earlier_key);
CREATE TABLE watch (
    name TEXT PRIMARY KEY, query TEXT NOT NULL, mode TEXT NOT NULL, filter TEXT NOT NULL,
    created TEXT NOT NULL, seen_key INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE report (
    id INTEGER PRIMARY KEY, created TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL,
    remark TEXT NOT NULL
);
CREATE TABLE run (id INTEGER PRIMARY KEY, started TEXT NOT NULL, counts TEXT NOT NULL,
    seconds REAL NOT NULL);
CREATE TABLE failure (run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    path TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, cure TEXT NOT NULL);
CREATE TABLE change (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, action TEXT NOT NULL, briefing_id TEXT,
    title TEXT NOT NULL, date TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX change_of_briefing ON change (briefing_id);
CREATE TABLE correction (
    file_hash TEXT NOT NULL, field TEXT NOT NULL, section TEXT NOT NULL, value TEXT NOT NULL,
    as_read TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (file_hash, field, section)
) WITHOUT ROWID;
"""

MIGRATIONS = {
    1: """
ALTER TABLE briefing ADD COLUMN confidence REAL NOT NULL DEFAULT 0;
ALTER TABLE briefing ADD COLUMN issue_number TEXT NOT NULL DEFAULT '';
ALTER TABLE briefing ADD COLUMN dates TEXT NOT NULL DEFAULT '[]';
ALTER TABLE page ADD COLUMN quality TEXT NOT NULL DEFAULT 'text';
ALTER TABLE page ADD COLUMN confidence REAL;
ALTER TABLE passage ADD COLUMN ocr_confidence REAL;
""",
    2: """
CREATE VIRTUAL TABLE characters USING fts5 (title, heading, body,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'");
""",
    3: """
ALTER TABLE passage_topic ADD COLUMN score REAL NOT NULL DEFAULT 0;
CREATE TABLE link (
    passage_key INTEGER PRIMARY KEY REFERENCES passage ON DELETE CASCADE,
    earlier_key INTEGER REFERENCES passage ON DELETE CASCADE, score REAL NOT NULL
);
CREATE INDEX link_to_earlier ON link (earlier_key);
CREATE TABLE watch (
    name TEXT PRIMARY KEY, query TEXT NOT NULL, mode TEXT NOT NULL, filter TEXT NOT NULL,
    created TEXT NOT NULL, seen_key INTEGER NOT NULL
) WITHOUT ROWID;
""",
    4: """
CREATE TABLE report (
    id INTEGER PRIMARY KEY, created TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL,
    remark TEXT NOT NULL
);
""",
    5: """
CREATE TABLE briefing_made_anew (
    id TEXT PRIMARY KEY, series TEXT NOT NULL, title TEXT NOT NULL, issuer TEXT NOT NULL,
    date TEXT NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
    abstract TEXT NOT NULL, signal TEXT NOT NULL, warnings TEXT NOT NULL,
    file_hash TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'live', 'replaced', 'removed')),
    replaces TEXT, replaced_by TEXT,
    confidence REAL NOT NULL DEFAULT 0, issue_number TEXT NOT NULL DEFAULT '',
    dates TEXT NOT NULL DEFAULT '[]',
    file_name TEXT NOT NULL DEFAULT '', sketch BLOB NOT NULL DEFAULT x'',
    document INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 0
);
INSERT INTO briefing_made_anew SELECT *, '', x'', 0, 0 FROM briefing ORDER BY rowid;
DROP TABLE briefing;
ALTER TABLE briefing_made_anew RENAME TO briefing;
CREATE INDEX briefing_day ON briefing (first_day, last_day);
CREATE INDEX briefing_version ON briefing (document, version);
CREATE TABLE change (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, action TEXT NOT NULL, briefing_id TEXT,
    title TEXT NOT NULL, date TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX change_of_briefing ON change (briefing_id);
CREATE TABLE correction (
    file_hash TEXT NOT NULL, field TEXT NOT NULL, section TEXT NOT NULL, value TEXT NOT NULL,
    as_read TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (file_hash, field, section)
) WITHOUT ROWID;
""",
}
"""What brings a catalogue of a schema version to the next.

The fifth makes a table anew that others refer to, since SQLite can't change what a column may hold;
foreign keys are off meanwhile (`Catalog._migrate`).
"""

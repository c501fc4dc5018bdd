"""The tables of a generation of the views, and the connections to it.

Open ends are literals, never NULL, so that the partial indexes below each serve one way of asking: `HEADLESS` for
positions, `FOREVER` for instants, `2**62` either way for days. Versions are half-open on both clocks.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from events.due import day_in
from events.instants import FOREVER
from events.log.build import sqlite3
from events.standing import NEVER
from events.views.searching import TOKENIZER

if TYPE_CHECKING:
    from sqlite_utils import Database

SCHEMA: Final = 5
"""Grows with every change of the tables or of what stands in them; another number forces a rebuild."""
HEADLESS: Final = 2**62
"""The open end for positions: beyond every position there will be."""
DAY_OPEN: Final = 2**62
"""The open end for days; `-DAY_OPEN` is the open beginning."""
NO_YEAR: Final = 2**62
"""The year of what has no last day: it stands after every other."""
BUSY_TIMEOUT_MS: Final = 5000
PAGE_BYTES: Final = 8192
"""Holds several announcements; at SQLite's own 4096 most would leave half a page empty."""
WRITER_CACHE_KIB: Final = 16 * 1024
READER_CACHE_KIB: Final = 4 * 1024

Connection = sqlite3.Connection

_TABLES: Final = f"""
CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY CHECK (id = 1), log_id TEXT NOT NULL, position INTEGER NOT NULL, event_id TEXT NOT NULL,
  met TEXT NOT NULL, erased INTEGER NOT NULL);
CREATE TABLE fact (
  position INTEGER PRIMARY KEY, type TEXT NOT NULL, v INTEGER NOT NULL, about TEXT NOT NULL, recorded_at TEXT NOT NULL,
  said_at TEXT, by TEXT NOT NULL, commit_end INTEGER NOT NULL, tags TEXT NOT NULL, data BLOB);
CREATE TABLE bearing (subject TEXT, position INTEGER, PRIMARY KEY (subject, position)) WITHOUT ROWID;
CREATE TABLE cites (source TEXT, subject TEXT, PRIMARY KEY (source, subject)) WITHOUT ROWID;
CREATE TABLE announcement_version (
  announcement TEXT, rec_to INTEGER, said_to TEXT, rec_from INTEGER NOT NULL, said_from TEXT NOT NULL,
  day INTEGER NOT NULL, last_day INTEGER NOT NULL, first_day INTEGER NOT NULL, begins INTEGER NOT NULL,
  ends INTEGER NOT NULL, timezone TEXT NOT NULL, due_at TEXT NOT NULL, overdue_at TEXT NOT NULL, state TEXT NOT NULL,
  content INTEGER NOT NULL, PRIMARY KEY (announcement, rec_to, said_to)) WITHOUT ROWID;
CREATE TABLE announcement_content (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, position INTEGER NOT NULL, dates INTEGER NOT NULL,
  moves INTEGER NOT NULL, slip_days INTEGER, year INTEGER, made_by TEXT NOT NULL, facets TEXT NOT NULL,
  words TEXT NOT NULL, json BLOB NOT NULL);
CREATE TABLE announcement_by (
  announcement TEXT, rec_to INTEGER, said_to TEXT, actor TEXT, rec_from INTEGER NOT NULL, said_from TEXT NOT NULL,
  shared INTEGER NOT NULL, year INTEGER NOT NULL, state TEXT NOT NULL, due_at TEXT NOT NULL, overdue_at TEXT NOT NULL,
  dated INTEGER NOT NULL, moved INTEGER NOT NULL, moves INTEGER NOT NULL, slip_days INTEGER,
  PRIMARY KEY (announcement, rec_to, said_to, actor)) WITHOUT ROWID;
CREATE TABLE searched (content INTEGER PRIMARY KEY, document INTEGER NOT NULL, digest BLOB NOT NULL);
CREATE TABLE search_document (
  id INTEGER PRIMARY KEY, rec_from INTEGER NOT NULL, announcement TEXT NOT NULL, content INTEGER NOT NULL);
CREATE VIRTUAL TABLE search USING fts5 (
  title, quote, reason, content = '', tokenize = "{TOKENIZER}", prefix = '1');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
CREATE TABLE announcement_tally (
  actor TEXT, year INTEGER, state TEXT, moved INTEGER, dated INTEGER, announcements INTEGER NOT NULL,
  PRIMARY KEY (actor, year, state, moved, dated)) WITHOUT ROWID;
CREATE TABLE announcement_facet (facet TEXT, announcement TEXT, PRIMARY KEY (facet, announcement)) WITHOUT ROWID;
CREATE TABLE due (
  announcement TEXT, date INTEGER, recorded_at TEXT NOT NULL, came_up_at TEXT, fell_due_at TEXT, ended_at TEXT,
  came_up INTEGER NOT NULL, fell_due INTEGER NOT NULL, next_at TEXT, PRIMARY KEY (announcement, date)) WITHOUT ROWID;
CREATE TABLE correcting (
  subject TEXT, position INTEGER, commit_end INTEGER NOT NULL, PRIMARY KEY (subject, position)) WITHOUT ROWID;
CREATE TABLE correction (
  position INTEGER PRIMARY KEY, said_from TEXT NOT NULL, type TEXT NOT NULL, json BLOB NOT NULL);
CREATE TABLE correction_tag (tag TEXT, position INTEGER, PRIMARY KEY (tag, position)) WITHOUT ROWID;
CREATE TABLE source_version (
  source TEXT, rec_to INTEGER, rec_from INTEGER NOT NULL, published_at TEXT NOT NULL, withdrawn_from TEXT NOT NULL,
  json BLOB NOT NULL, PRIMARY KEY (source, rec_to)) WITHOUT ROWID;
CREATE TABLE actor_version (
  actor TEXT, rec_to INTEGER, rec_from INTEGER NOT NULL, merged_into TEXT, json BLOB NOT NULL,
  PRIMARY KEY (actor, rec_to)) WITHOUT ROWID;
CREATE TABLE timeline_version (
  timeline TEXT, rec_to INTEGER, rec_from INTEGER NOT NULL, archived INTEGER NOT NULL, json BLOB NOT NULL,
  PRIMARY KEY (timeline, rec_to)) WITHOUT ROWID;
"""

# Without rowids, an index ends with the columns of the primary key: announcement, rec_to and said_to (of whom made it:
# the actor, too). The tally counts the rows of `announcement_by` that are open both ways.
_INDEXES: Final = f"""
CREATE INDEX announcement_now ON announcement_version
  (day, last_day, announcement, state, first_day, begins, ends, timezone, due_at, overdue_at, content)
  WHERE rec_to = {HEADLESS} AND said_to = '{FOREVER}';
CREATE INDEX announcement_as_of ON announcement_version
  (day, last_day, announcement, rec_from, state, first_day, begins, ends, timezone, due_at, overdue_at, content)
  WHERE said_to = '{FOREVER}';
CREATE INDEX announcement_said_by ON announcement_version
  (day, last_day, announcement, said_from, state, first_day, begins, ends, timezone, due_at, overdue_at, content)
  WHERE rec_to = {HEADLESS};
CREATE INDEX announcement_both ON announcement_version
  (day, last_day, announcement, rec_from, said_from, state, first_day, begins, ends, timezone, due_at, overdue_at,
   content);
CREATE INDEX by_shared_now ON announcement_by (actor)
  WHERE rec_to = {HEADLESS} AND said_to = '{FOREVER}' AND shared = 1;
CREATE INDEX by_due_now ON announcement_by (actor, year, due_at)
  WHERE rec_to = {HEADLESS} AND said_to = '{FOREVER}' AND due_at < '{NEVER}';
CREATE INDEX by_overdue_now ON announcement_by (actor, year, overdue_at)
  WHERE rec_to = {HEADLESS} AND said_to = '{FOREVER}' AND overdue_at < '{NEVER}';
CREATE INDEX by_moved_now ON announcement_by (actor, moves, slip_days, state)
  WHERE rec_to = {HEADLESS} AND said_to = '{FOREVER}' AND moved = 1;
INSERT INTO announcement_tally SELECT actor, year, state, moved, dated, count(*) FROM announcement_by
  WHERE rec_to = {HEADLESS} AND said_to = '{FOREVER}' GROUP BY actor, year, state, moved, dated;
CREATE TRIGGER by_opened AFTER INSERT ON announcement_by WHEN new.rec_to = {HEADLESS} AND new.said_to = '{FOREVER}'
  BEGIN INSERT INTO announcement_tally VALUES (new.actor, new.year, new.state, new.moved, new.dated, 1)
  ON CONFLICT DO UPDATE SET announcements = announcements + 1; END;
CREATE TRIGGER by_closed AFTER UPDATE OF rec_to ON announcement_by WHEN old.said_to = '{FOREVER}'
  BEGIN UPDATE announcement_tally SET announcements = announcements - 1 WHERE actor = old.actor AND year = old.year
  AND state = old.state AND moved = old.moved AND dated = old.dated; END;
CREATE INDEX due_next ON due (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX fact_act ON fact (position) WHERE about IN ('source.withdrawn', 'announcement.merged');
CREATE INDEX search_recorded ON search_document (rec_from);
CREATE INDEX correction_listed ON correction (position, said_from, type);
CREATE INDEX actor_merged ON actor_version (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX source_published ON source_version (published_at DESC, source, rec_from);
"""


def migrate(connection: Connection, *, stop_before: str | None = None) -> None:
    """Bring the tables of a generation up to this version: `tables`, then, once these are filled, `indexes`."""
    # It takes a fifth of a second to import, and a start that finds its views finished need not wait for it.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("dateline-views")

    @migrations()
    def tables(db: Database) -> None:
        _run(db, _TABLES)

    @migrations()
    def indexes(db: Database) -> None:
        _run(db, _INDEXES)

    migrations.apply(Database(connection, execute_plugins=False), stop_before=stop_before)


def _run(db: "Database", script: str) -> None:
    for statement in filter(str.strip, script.split(";\n")):
        db.conn.execute(statement)


def connect_build(path: Path) -> Connection:
    """Open a generation nobody reads yet: without a journal, since a failed build is thrown away."""
    connection = _connect(path, "rwc")
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
    return connection


def connect_writer(path: Path) -> Connection:
    """Open a generation for the one thread that follows the log."""
    connection = _connect(path, "rw")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # What a power cut takes, the log gives back.
    connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
    return connection


def connect_reader(path: Path) -> Connection:
    """Open a generation for reading alone."""
    connection = _connect(path, "ro")
    connection.execute("PRAGMA query_only = 1")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    return connection


def _connect(path: Path, mode: str) -> Connection:
    # Connections move between threads, one at a time; transactions are begun by hand.
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
    connection.create_function("day_in", 2, day_in, deterministic=True)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection

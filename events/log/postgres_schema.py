"""The tables of a log in PostgreSQL, and what its server must promise."""

from typing import Final

SETTINGS: Final = {
    "transaction_isolation": ("read committed",),
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
    "server_encoding": ("UTF8",),
}
"""What is read back on each connection, and the values under which a commit that returned is whole and durable."""

# Texts are compared byte by byte. Planner's statistics keep samples of a column, so none are made of what may be
# erased; nothing is compressed, so what is left in a file can be found there.
TABLES: Final = """
CREATE TABLE log_head (
  id uuid PRIMARY KEY, position bigint NOT NULL, commits bigint NOT NULL, recorded_us bigint NOT NULL,
  peaks bytea NOT NULL
);
CREATE TABLE event (
  position bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, type text COLLATE "C" NOT NULL,
  recorded_at text COLLATE "C" NOT NULL, entry bytea NOT NULL
);
CREATE INDEX event_by_type ON event (type, position);
CREATE INDEX event_by_time ON event (recorded_at, position);
CREATE TABLE event_payload (
  position bigint PRIMARY KEY, salt bytea STORAGE EXTERNAL NOT NULL, data bytea STORAGE EXTERNAL NOT NULL
);
CREATE TABLE event_tag (tag text COLLATE "C", position bigint, PRIMARY KEY (tag, position));
CREATE TABLE event_node (position bigint PRIMARY KEY, hashes bytea NOT NULL);
CREATE TABLE event_commit (
  number bigint PRIMARY KEY, key text COLLATE "C" NOT NULL UNIQUE, fingerprint bytea, position bigint NOT NULL,
  size integer NOT NULL, recorded_at text COLLATE "C" NOT NULL, note bytea
);
CREATE INDEX event_commit_by_position ON event_commit (position);
CREATE TABLE erasure (
  position bigint PRIMARY KEY, erased_by bigint NOT NULL, erased_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  gone boolean NOT NULL DEFAULT false
);
ALTER TABLE event_payload ALTER salt SET STATISTICS 0, ALTER data SET STATISTICS 0;
ALTER TABLE event_commit ALTER fingerprint SET STATISTICS 0;
"""

INSERTS: Final = (
    "INSERT INTO event_payload SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])",
    "INSERT INTO event_tag SELECT * FROM unnest($1::text[], $2::bigint[])",
    "INSERT INTO event_node SELECT * FROM unnest($1::bigint[], $2::bytea[])",
    "INSERT INTO event SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[])",
    (
        "INSERT INTO event_commit SELECT * FROM unnest("
        "$1::bigint[], $2::text[], $3::bytea[], $4::bigint[], $5::int[], $6::text[], $7::bytea[])"
    ),
)
"""How the rows of a `Group` are written, column by column."""
ERASE: Final = (
    "INSERT INTO erasure (position, erased_by) SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING",
    "DELETE FROM event_payload WHERE position = ANY($1)",
    (
        "UPDATE event_commit SET fingerprint = NULL FROM unnest($1::bigint[]) AS erased"
        " WHERE position BETWEEN erased AND erased + 499 AND position - size < erased AND fingerprint IS NOT NULL"
    ),
)

HEAD: Final = "SELECT position, commits, recorded_us, peaks FROM log_head"
LOCK: Final = f"{HEAD} FOR UPDATE"
NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
RAISE_HEAD: Final = "UPDATE log_head SET position = $1, commits = $2, recorded_us = $3, peaks = $4"
CHANNEL: Final = "dateline_log"
TELL: Final = f"NOTIFY {CHANNEL}"
KNOWN: Final = "SELECT key, fingerprint, position, size, recorded_at, note FROM event_commit WHERE key = ANY($1)"
EVERYTHING: Final = "SELECT position FROM event WHERE position > $1 AND position <= $2 ORDER BY position {} LIMIT $3"
ERASURES: Final = "SELECT count(*), count(*) FILTER (WHERE NOT gone) FROM erasure"
EVENTS: Final = """
SELECT position, entry, data FROM event LEFT JOIN event_payload USING (position) WHERE position = ANY($1)"""
AT: Final = "SELECT position FROM event WHERE recorded_at <= $1 ORDER BY recorded_at DESC, position DESC LIMIT 1"
NODES: Final = "SELECT position, hashes FROM event_node WHERE position = ANY($1)"
ENTRIES: Final = """
SELECT entry, salt, data FROM event LEFT JOIN event_payload USING (position)
WHERE position BETWEEN $1 AND $2 ORDER BY position"""
COMMITS: Final = """
SELECT number, key, fingerprint, position, size, recorded_at, note,
  ARRAY(SELECT position FROM erasure WHERE erased_by = event_commit.position AND size > 0 ORDER BY position) AS erases
FROM event_commit WHERE number > $1 ORDER BY number LIMIT $2"""

# What is erased is out of the tables' files once they are written anew, unless somebody still looks at how they were;
# and out of the write-ahead log once a checkpoint has removed the files that it was in.
LOOKING_BACK: Final = """
SELECT EXISTS (
  SELECT 1 FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND age(backend_xmin) >= (SELECT min(age(erased_in::xid)) FROM erasure WHERE NOT gone)
)"""
REWRITE: Final = ("VACUUM (FULL) event_payload", "VACUUM (FULL) event_commit")
WRITTEN: Final = "SELECT pg_walfile_name(pg_current_wal_lsn())"
REMOVED: Final = "SELECT current_setting('wal_recycle') = 'off' AND min(name) > $1 FROM pg_ls_waldir()"

ROWS: Final = """
SELECT position, id, type, recorded_at, entry, salt, data, erased_by FROM event
LEFT JOIN event_payload USING (position) LEFT JOIN erasure USING (position)
WHERE position BETWEEN $1 AND $2 ORDER BY position"""
COMMITS_WITHIN: Final = """
SELECT position - size + 1, size, recorded_at FROM event_commit
WHERE size > 0 AND position BETWEEN $1 AND $2::bigint + 499 AND position - size < $2"""
NODES_WITHIN: Final = "SELECT position, hashes FROM event_node WHERE position BETWEEN $1 AND $2"
TAG_MISSING: Final = """
SELECT position, tag FROM unnest($1::bigint[], $2::text[]) AS carried (position, tag)
WHERE NOT EXISTS (SELECT 1 FROM event_tag AS found WHERE found.tag = carried.tag AND found.position = carried.position)
ORDER BY position LIMIT 1"""
COUNTS: Final = """
SELECT (SELECT count(*) FROM event_payload WHERE position <= $1) + (SELECT count(*) FROM erasure WHERE position <= $1),
  (SELECT count(*) FROM event_tag WHERE position <= $1),
  (SELECT coalesce(sum(least(size, $1 - position + size)), 0) FROM event_commit WHERE position - size < $1)"""


def numbered(sql: str) -> str:
    """Return SQL of `sqlite_query` as PostgreSQL writes it.

    >>> numbered("SELECT position FROM event INDEXED BY event_by_type WHERE type = ? LIMIT ?")
    'SELECT position FROM event WHERE type = $1 LIMIT $2'
    """
    first, *others = sql.replace(" INDEXED BY event_by_type", "").split("?")
    return first + "".join(f"${number}{other}" for number, other in enumerate(others, start=1))

"""What an operator could do to a record: change an entry past the triggers, and make everything else fit again."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from events.log.build import sqlite3
from events.log.entry import data_hash, decode, encode
from events.log.files import Disk
from events.log.mark import Mark, MarkFile
from events.log.merkle import Tree, leaf_hash


def rewrite(data: Path, position: int, change: Callable[[bytes], bytes]) -> None:
    """Change what was recorded at a position, its hash, the tree from there on, and the mark. No server may run."""
    with closing(sqlite3.connect(data / "log.db", isolation_level=None)) as connection:
        triggers = _without_triggers(connection)
        content, salt, recorded = connection.execute(
            "SELECT entry, salt, data FROM event JOIN event_payload USING (position) WHERE position = ?", (position,)
        ).fetchone()
        changed = change(recorded)
        assert changed != recorded
        entry = msgspec.structs.replace(decode(content), data_hash=data_hash(salt, changed))
        connection.execute("UPDATE event_payload SET data = ? WHERE position = ?", (changed, position))
        connection.execute("UPDATE event SET entry = ? WHERE position = ?", (encode(entry), position))
        tree = Tree()
        for number, each in connection.execute("SELECT position, entry FROM event ORDER BY position").fetchall():
            nodes = b"".join(tree.grow(leaf_hash(each)))
            connection.execute("UPDATE event_node SET hashes = ? WHERE position = ?", (nodes, number))
        for sql in triggers:
            connection.execute(sql)
    mark = MarkFile(data / "mark", Disk())
    assert mark.mark is not None
    was = mark.mark
    mark.set(Mark(log_id=was.log_id, position=was.position, commits=was.commits, root=tree.root()))
    mark.close()


def damage(directory: Path, position: int) -> None:
    """Change a byte of what was recorded at a position, and nothing else. No server may run."""
    with closing(sqlite3.connect(directory / "log.db", isolation_level=None)) as connection:
        triggers = _without_triggers(connection)
        (data,) = connection.execute("SELECT data FROM event_payload WHERE position = ?", (position,)).fetchone()
        changed = data.replace(b"desk", b"disk")
        connection.execute("UPDATE event_payload SET data = ? WHERE position = ?", (changed, position))
        for sql in triggers:
            connection.execute(sql)


def misspell(directory: Path, position: int) -> None:
    """Change a byte of an entry, which leaves the tree as it was. No server may run."""
    with closing(sqlite3.connect(directory / "log.db", isolation_level=None)) as connection:
        triggers = _without_triggers(connection)
        (entry,) = connection.execute("SELECT entry FROM event WHERE position = ?", (position,)).fetchone()
        changed = entry.replace(b'"by":"admin"', b'"by":"nimda"')
        assert changed != entry
        connection.execute("UPDATE event SET entry = ? WHERE position = ?", (changed, position))
        for sql in triggers:
            connection.execute(sql)


def _without_triggers(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in rows:
        connection.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in rows]

"""Somebody else's SQL client: the standard library's sqlite3, told a file, tries to change each of its tables.

It imports nothing of ours: two builds of SQLite in one process would undo each other's locks.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator

Attempt = tuple[str, tuple[object, ...]]


def attempts(connection: sqlite3.Connection, table: str, row: tuple[object, ...]) -> Iterator[Attempt]:
    """Yield every way to change, remove or replace a row that is there, by any of its columns."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    names = [column[1] for column in columns]
    others = [f"{column[1]} || 1" if column[5] else "NULL" for column in columns]  # No key can be NULL.
    listed, values = ", ".join(names), ", ".join("?" * len(names))
    is_row = " AND ".join(f"{name} IS ?" for name in names)
    yield f"DELETE FROM {table}", ()
    yield f"DELETE FROM {table} WHERE {is_row}", row
    for verb in ("REPLACE", "INSERT OR REPLACE", "INSERT", "INSERT OR ABORT", "INSERT OR ROLLBACK", "INSERT OR FAIL"):
        yield f"{verb} INTO {table} ({listed}) VALUES ({values})", row
    yield f"INSERT INTO {table} ({listed}) VALUES ({values}) ON CONFLICT DO NOTHING", row
    yield f"INSERT OR IGNORE INTO {table} ({listed}) VALUES ({values})", row
    for name, other in zip(names, others, strict=True):
        for verb in ("UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE", "UPDATE OR FAIL"):
            yield f"{verb} {table} SET {name} = {name}", ()
            yield f"{verb} {table} SET {name} = {other} WHERE {is_row}", row
        upsert = f"INSERT INTO {table} ({listed}) VALUES ({values}) ON CONFLICT DO UPDATE SET {name}"
        yield f"{upsert} = excluded.{name}", row
        yield f"{upsert} = {table}.{other}" if "||" in other else f"{upsert} = NULL", row


def uniques(connection: sqlite3.Connection, table: str) -> Iterator[list[str]]:
    """Yield the columns of each unique index but the key's own."""
    for _, index, unique, origin, _ in connection.execute(f"PRAGMA index_list({table})").fetchall():
        if unique and origin != "pk":
            yield [column[2] for column in connection.execute(f"PRAGMA index_info({index})")]


def replacing(connection: sqlite3.Connection, table: str, row: tuple[object, ...]) -> Iterator[Attempt]:
    """Yield inserts of the next free key whose other unique columns are a row's, which REPLACE would remove."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    for unique in uniques(connection, table):
        (key,) = (column[1] for column in columns if column[5])
        (free,) = connection.execute(f"SELECT max({key}) + 1 FROM {table}").fetchone()
        changed = [free if column[1] == key else value for column, value in zip(columns, row, strict=True)]
        listed, values = ", ".join(column[1] for column in columns), ", ".join("?" * len(columns))
        yield f"REPLACE INTO {table} ({listed}) VALUES ({values})", tuple(changed)
        conflict = f"ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {key} = {key}"
        yield f"INSERT INTO {table} ({listed}) VALUES ({values}) {conflict}", tuple(changed)


def main(path: str) -> None:
    """Print how many attempts there were at each table, and those that were not refused as append-only."""
    tried, let_through = {}, []
    connection = sqlite3.connect(path, isolation_level=None)
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for (table,) in tables.fetchall():
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        made = [each for row in (rows[:1] + rows[-1:]) for each in attempts(connection, table, row)]
        made += [each for row in rows[:1] for each in replacing(connection, table, row)]
        tried[table] = len(made)
        for recursive in ("OFF", "ON"):
            connection.execute(f"PRAGMA recursive_triggers = {recursive}")
            for sql, values in made:
                try:
                    connection.execute(sql, values)
                    let_through.append(sql)
                except sqlite3.IntegrityError as refused:
                    if str(refused) != f"{table} is append-only":
                        let_through.append(f"{sql}: {refused}")
        if connection.execute(f"SELECT * FROM {table}").fetchall() != rows:
            let_through.append(f"{table} has other rows")
    connection.close()
    print(json.dumps({"tried": tried, "let_through": let_through}))


if __name__ == "__main__":
    main(sys.argv[1])

"""Recomputes what `log.db` holds and names the first place that is not what was recorded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Final

import msgspec

from events.instants import Instant
from events.log.build import sqlite3
from events.log.checking import entries_in, require_commits
from events.log.checks import erasure_check
from events.log.entry import Entry
from events.log.merkle import Tree, leaf_hash
from events.log.port import LogDamaged
from events.log.sqlite_append import fingerprint_of
from events.log.sqlite_tail import commit_with, tree_at

INDEXED: Final = ("event", "event_commit")
VERIFY_EVENTS_MAX: Final = 50_000
"""How many entries are checked in one snapshot, so that none is held for long."""
_HELD_EVENTS_MAX: Final = 5_000
"""How many of them are held in memory."""

_EVENTS: Final = """
SELECT position, id, type, recorded_at, entry, salt, data, erased_by FROM event
LEFT JOIN event_payload USING (position) LEFT JOIN erasure USING (position)
WHERE position BETWEEN ? AND ? ORDER BY position"""
_NODES: Final = "SELECT hashes FROM event_node WHERE position BETWEEN ? AND ? ORDER BY position"
_TAGGED: Final = """
SELECT tag, group_concat(position) FROM event_tag
WHERE tag IN (SELECT value FROM json_each(?)) AND position BETWEEN ? AND ? GROUP BY tag"""
_COMMITS: Final = """
SELECT number, key, position, size, recorded_at, note, fingerprint, checked FROM event_commit
WHERE number >= ? AND number < ?"""
_ERASURES: Final = "SELECT position, erased_by, checked FROM erasure WHERE position BETWEEN ? AND ?"
_ERASED_BEYOND: Final = "SELECT position FROM erasure WHERE position > (SELECT max(position) FROM event)"
_COUNTS: Final = {
    "event_payload": (
        "SELECT (SELECT count(*) FROM event_payload WHERE position <= ?1)"
        " + (SELECT count(*) FROM erasure WHERE position <= ?1)"
    ),
    "event_tag": "SELECT count(*) FROM event_tag WHERE position <= ?",
    "event_commit": (  # The last entry may lie inside a commit.
        "SELECT ifnull(sum(min(position, ?1) - position + size), 0) FROM event_commit WHERE position - size < ?1"
    ),
}


def verify_part(connection: sqlite3.Connection, first: int, last: int) -> int:
    """Check the entries `first` to `last`; return how many tags they carry.

    Raises `LogDamaged` with the place.
    """
    tree = tree_at(connection, first - 1)
    tagged: defaultdict[str, list[int]] = defaultdict(list)
    for start in range(first, last + 1, _HELD_EVENTS_MAX):
        end = min(last, start + _HELD_EVENTS_MAX - 1)
        for entry in _verified(connection, start, end, tree):
            for tag in entry.tags:
                tagged[tag].append(entry.position)
    _require_tags(connection, tagged, first, last)
    return sum(map(len, tagged.values()))


def _verified(connection: sqlite3.Connection, first: int, last: int, tree: Tree) -> list[Entry]:
    """Return the entries `first` to `last`, checked with data, commits, erasures and nodes; `tree` grows by them."""
    found = entries_in(connection.execute(_EVENTS, (first, last)), first, last)
    entries = [entry for _, entry in found]
    require_commits(entries, _commits(connection, first, last))
    for position, erased_by, check in connection.execute(_ERASURES, (first, last)):
        if erasure_check(position, erased_by) != check:
            raise LogDamaged(f"the row that says that event {position} was erased is not what was recorded")
    nodes = connection.execute(_NODES, (first, last)).fetchall()
    for (content, entry), node in zip_longest(found, nodes):
        if node != (b"".join(tree.grow(leaf_hash(content))),):
            raise LogDamaged(f"entry {entry.position} does not give the nodes of the tree stored with it")
    return entries


def _commits(connection: sqlite3.Connection, first: int, last: int) -> dict[int, tuple[int, Instant]]:
    """Return size and time of the commits with entries `first` to `last`, by first position.

    Those that changed nothing are checked with the ones before them.
    """
    begin = 1 if first == 1 else commit_with(connection, first)
    end = max(commit_with(connection, last) + 1, commit_with(connection, last + 1))
    found: dict[int, tuple[int, Instant]] = {}
    for row in connection.execute(_COMMITS, (begin, end)):
        fingerprint_of(row)
        _, _, position, size, recorded_at, *_ = row
        if size:
            found[position - size + 1] = (size, recorded_at)
    return found


def verify_indexes(connection: sqlite3.Connection, table: str) -> None:
    """Check that the indexes of a table have each of its rows, once and in order: reads go by them."""
    (said,) = connection.execute(f"PRAGMA integrity_check({table})").fetchone()
    if said != "ok":
        first = next((line for line in said.splitlines() if not line.startswith("***")), said)  # Of up to a hundred.
        raise LogDamaged(f"{table} in log.db is damaged: {first}; restore it from a backup")


def verify_counts(connection: sqlite3.Connection, last: int, tags: int) -> None:
    """Check, once entries 1 to `last` are, that nothing else up to there belongs to no entry."""
    expected = {"event_payload": last, "event_tag": tags, "event_commit": last}
    for table, count in _COUNTS.items():
        (found,) = connection.execute(count, (last,)).fetchone()
        if found != expected[table]:
            raise LogDamaged(f"{table} counts {found} where entries 1 to {last} need {expected[table]}")
    beyond = connection.execute(_ERASED_BEYOND).fetchone()
    if beyond is not None:
        raise LogDamaged(f"event {beyond[0]} is said to be erased, and was never recorded")


def _require_tags(connection: sqlite3.Connection, tagged: Mapping[str, Sequence[int]], first: int, last: int) -> None:
    """Check what the index says of each tag at once: a look for each tag of each event would take half of the time."""
    wanted = msgspec.json.encode(list(tagged)).decode()
    found = dict(connection.execute(_TAGGED, (wanted, first, last)).fetchall())
    lost, odd = [], []
    for tag, positions in tagged.items():
        listed = found.get(tag, "")
        if listed != ",".join(map(str, positions)):
            there = {int(position) for position in listed.split(",") if position}
            lost += [(position, tag) for position in positions if position not in there]
            odd += [(position, tag) for position in there.difference(positions)]
    if lost:
        position, tag = min(lost)
        raise LogDamaged(f"event {position} is not found by its tag {tag!r}")
    if odd:
        position, tag = min(odd)
        raise LogDamaged(f"event {position} is found by the tag {tag!r}, which it does not carry")

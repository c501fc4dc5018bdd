"""Sources, actors and timelines, written: one version from each commit that changes them. They know one clock."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from events import facts as f
from events.facts import Recorded
from events.views.bearing import bearing_on
from events.views.schema import HEADLESS, Connection

Row = tuple[object, ...]
Fold = Callable[[str, Sequence[Recorded]], Row | None]


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of thing: its table is `<name>_version`, `columns` are those that `fold` gives, None: there is none."""

    name: str
    columns: tuple[str, ...]
    fold: Fold


def replay(connection: Connection, kind: Kind, id: str, commit_ends: Sequence[int] | None) -> None:
    """Go through the commits that end at these positions; None is all of them, nothing being there yet."""
    recorded = bearing_on(connection, f"{kind.name}:{id}")
    table, columns = f"{kind.name}_version", ", ".join(kind.columns)
    row: Row | None = None
    if commit_ends is None:
        commit_ends = sorted({record.commit_end for record in recorded})
    else:
        present = f"SELECT {columns} FROM {table} WHERE {kind.name} = ? AND rec_to = {HEADLESS}"
        row = connection.execute(present, (id,)).fetchone()
    close = f"UPDATE {table} SET rec_to = ? WHERE {kind.name} = ? AND rec_to = {HEADLESS}"
    insert = (
        f"INSERT INTO {table} ({kind.name}, rec_to, rec_from, {columns})"
        f" VALUES (?, {HEADLESS}, ?{', ?' * len(kind.columns)})"
    )
    for commit_end in commit_ends:
        now = kind.fold(id, [record for record in recorded if record.position <= commit_end])
        if now == row:
            continue
        if row is not None:
            connection.execute(close, (commit_end, id))
        if now is not None:
            connection.execute(insert, (id, commit_end, *now))
        row = now


def standing_and_last(recorded: Sequence[Recorded], subject: str, id: str) -> tuple[list[Recorded], Recorded | None]:
    """Return the standing facts about a thing, and the last entry that counts: one of them, or a withdrawal of one."""
    own: set[int] = set()
    withdrawn: set[int] = set()
    last: Recorded | None = None
    for record in recorded:
        named = record.fact.position if isinstance(record.fact, f.FactWithdrawn) else None
        if getattr(record.fact, subject, None) == id or (named in own and named < record.position):
            own.add(record.position)
            last = record
    for record in reversed(recorded):
        fact = record.fact
        if isinstance(fact, f.FactWithdrawn) and record.position in own and record.position not in withdrawn:
            withdrawn.add(fact.position)
    standing = [r for r in recorded if r.position in own - withdrawn and not isinstance(r.fact, f.FactWithdrawn)]
    return standing, last

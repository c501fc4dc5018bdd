"""Whether rows of the log are what was recorded, whatever the engine that they lie in. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from events.instants import Instant
from events.log.entry import Entry, data_hash, decode
from events.log.port import LogDamaged

Row = tuple[int, str, str, Instant, bytes, bytes | None, bytes | None, int | None]
"""Position, id, type, recorded_at, entry, salt, data and, once erased, by which position."""


def entries_in(rows: Iterable[Row], first: int, last: int) -> Sequence[tuple[bytes, Entry]]:
    """Return the entries `first` to `last` of their rows; raises `LogDamaged` with the first place that is another."""
    entries: list[tuple[bytes, Entry]] = []
    for position, event_id, event_type, recorded_at, content, salt, data, erased_by in rows:
        if position != first + len(entries):
            break
        try:
            entry = decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
            raise LogDamaged(f"entry {position} cannot be read: {error}") from None
        columns = (position, event_id, event_type, recorded_at)
        if columns != (entry.position, entry.id, entry.type, entry.recorded_at):
            raise LogDamaged(f"the columns of event {position} differ from its entry")
        if erased_by is not None and (data is not None or 0 < erased_by <= position):
            raise LogDamaged(f"the data of event {position} is said to be erased, and is there")
        if erased_by is None and not _is_data_of(entry, salt, data):
            raise LogDamaged(f"the data of event {position} is not what was recorded")
        entries.append((content, entry))
    if len(entries) != last - first + 1:
        raise LogDamaged(f"entry {first + len(entries)} is missing")
    return entries


def require_commits(entries: Sequence[Entry], commits: Mapping[int, tuple[int, Instant]]) -> None:
    """Raise `LogDamaged` for an entry whose commit is not among `commits`: size and recorded_at by first position."""
    for entry in entries:
        first, size = entry.commit
        if not first <= entry.position < first + size or commits.get(first) != (size, entry.recorded_at):
            raise LogDamaged(f"the commit of event {entry.position} is not what was recorded")


def _is_data_of(entry: Entry, salt: object, data: object) -> bool:
    """A damaged row may hold a text where bytes were."""
    return isinstance(salt, bytes) and isinstance(data, bytes) and data_hash(salt, data) == entry.data_hash

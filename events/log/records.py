"""Reads commits that another log of the same history stored, and judges whether they are what a log stores. Pure."""

import msgspec

from events.log.commit import require_instant, require_kept, require_key, stored_tags
from events.log.entry import Entry, data_hash, decode, encode
from events.log.port import COMMIT_EVENTS_MAX, DATA_BYTES_MAX, ENTRY_BYTES_MAX, SYSTEM, CommitInvalid
from events.log.stored import StoredCommit, StoredEntry


def entries_of(commit: StoredCommit) -> list[Entry]:
    """Return the entries of a stored commit; raises `CommitInvalid` where they are none of one commit."""
    if len(commit.entries) > COMMIT_EVENTS_MAX:
        raise CommitInvalid(f"{len(commit.entries)} entries; no commit has so many", pointer="/entries")
    require_instant(commit.recorded_at, "/recorded_at")
    if commit.key is not None:
        require_key(commit.key)
    require_kept(b"-" if commit.fingerprint is None else commit.fingerprint, commit.note)
    entries = [_read(stored, f"/entries/{index}") for index, stored in enumerate(commit.entries)]
    bounds = (commit.position - len(entries) + 1, len(entries))
    for index, entry in enumerate(entries):
        if (entry.position, entry.commit, entry.recorded_at) != (bounds[0] + index, bounds, commit.recorded_at):
            raise CommitInvalid(f"entry {entry.position} is not of this commit", pointer=f"/entries/{index}")
    return entries


def keyed(commit: StoredCommit, log_id: str) -> str:
    """Return the key to store a commit under: its own, else one that no principal can own.

    `log_id` is of the log that it came from.
    """
    return commit.key if commit.key is not None else f"{SYSTEM}/adopted/{log_id}/{commit.position}"


def _read(stored: StoredEntry, pointer: str) -> Entry:
    try:
        entry = decode(stored.entry)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CommitInvalid(f"this is no entry: {error}", pointer=f"{pointer}/entry") from None
    if len(stored.entry) > ENTRY_BYTES_MAX or encode(entry) != stored.entry or entry.tags != stored_tags(entry.tags):
        raise CommitInvalid(f"entry {entry.position} is not in its one stored form", pointer=f"{pointer}/entry")
    if (stored.salt is None) is not (stored.data is None):
        raise CommitInvalid("data and salt come together", pointer=f"{pointer}/salt")
    if stored.salt is None or stored.data is None:
        return entry
    if len(stored.data) > DATA_BYTES_MAX or data_hash(stored.salt, stored.data) != entry.data_hash:
        raise CommitInvalid(f"the data of entry {entry.position} is another", pointer=f"{pointer}/data")
    return entry

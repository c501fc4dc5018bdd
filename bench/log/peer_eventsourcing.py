"""What is run in the environment of `eventsourcing`: 16 threads, one stored event an insert, on its SQLite recorder.

Each thread has a history of its own, whose versions may not repeat. There are no tags, keys, hashes or mark.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from uuid import uuid4

# Imported by name: the peer is installed in its own environment only.
persistence = import_module("eventsourcing.persistence")
sqlite = import_module("eventsourcing.sqlite")

FULL = 2


def main(directory: str, threads: int, events: int, data_bytes: int) -> None:
    """Print the events a second that so many threads record, one a transaction."""
    _write_durably()
    recorder = sqlite.SQLiteApplicationRecorder(sqlite.SQLiteDatastore(f"{directory}/peer.db"))
    recorder.create_table()

    def record(_: int) -> None:
        subject, state = uuid4(), b"a" * data_bytes
        for version in range(events // threads):
            recorder.insert_events([persistence.StoredEvent(subject, version, "dateline:Rescheduled", state)])

    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(record, range(threads)))
        took = time.perf_counter() - began
    print(json.dumps({"events_per_s": events / took}))


def _write_durably() -> None:
    """Set `synchronous=FULL` on each connection of the peer's pool, and read it back."""
    connect = sqlite.SQLiteConnectionPool._create_connection

    def connect_durably(pool: Any) -> Any:
        connection = connect(pool)
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA synchronous")
        if cursor.fetchone()[0] != FULL:
            raise SystemExit("the peer does not write durably")
        return connection

    sqlite.SQLiteConnectionPool._create_connection = connect_durably


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

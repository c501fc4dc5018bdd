"""What is run in UmaDB's environment: its own server on loopback, as it is shipped, and 16 threads that append to it.

It syncs its file twice a transaction, and groups what waits into one; there is nothing to set. Each thread has a client
of its own, which is faster than one for all. An event has an id, so that a retry under the same condition is
recognised; three tags; and the condition that its history has not moved.
"""

import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

# Imported by name: the peer is installed in its own environment only.
umadb = import_module("umadb")

START_S = 10


def main(directory: Path, threads: int, events: int, data_bytes: int) -> None:
    """Print the events a second that so many threads record, one an append."""
    address = f"127.0.0.1:{_free_port()}"
    command = [str(Path(sys.executable).with_name("umadb")), "--listen", address, "--db-path", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            clients = [_client(f"http://{address}") for _ in range(threads)]

            def record(number: int) -> None:
                _record(clients[number], f"announcement:visit-{number}", events // threads, b"a" * data_bytes)

            with ThreadPoolExecutor(threads) as pool:
                began = time.perf_counter()
                list(pool.map(record, range(threads)))
                took = time.perf_counter() - began
        finally:
            server.terminate()
    print(json.dumps({"events_per_s": events / took}))


def _record(client: Any, subject: str, events: int, data: bytes) -> None:
    mine = umadb.Query([umadb.QueryItem(tags=[subject])])
    after = None
    for index in range(events):
        tags = [subject, f"source:bulletin-{index % 500}", f"actor:office-{index % 7}"]
        event = umadb.Event("announcement.rescheduled", data, tags, uuid4())
        after = client.append([event], umadb.AppendCondition(mine, after))


def _client(url: str) -> Any:
    until = time.monotonic() + START_S
    while True:
        try:
            client = umadb.Client(url)
            client.head()
        except umadb.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return client


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

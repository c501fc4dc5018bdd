"""A log in a process whose files may not grow beyond a limit; says what came of each append, then lifts the limit."""

import asyncio
import json
import resource
import sys
from pathlib import Path

from events.log.port import Log, NewCommit, Query
from events.log.sqlite import open_sqlite
from events.log.sqlite_writer import WAL_RESERVED_BYTES
from tests.contract.given import Clock, commit, made, outcomes

DATA_BYTES = 256 * 1024
APPENDS = 40
"""Ten megabytes: more than the limit leaves to the write-ahead log and to the database together."""


def request(number: int) -> NewCommit:
    return commit(made("a:1", data=b"1" * DATA_BYTES), key=f"k-{number}")


async def append_all(log: Log) -> list[object]:
    said: list[object] = []
    for number in range(APPENDS):
        (answer,) = await outcomes(log, [request(number)])
        said.append(getattr(answer, "position", type(answer).__name__))
    return said


async def main(directory: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (WAL_RESERVED_BYTES + DATA_BYTES, limit[1]))
    engine = await open_sqlite(directory, clock=Clock())
    limited = await append_all(engine.log)
    page = await engine.log.read(Query.all())
    again = await append_all(engine.log)
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    lifted = await append_all(engine.log)
    whole = await engine.log.read(Query.all())
    verified = await engine.log.verify()
    await engine.close()
    print(
        json.dumps(
            {
                "limited": limited,
                "read": [event.position for event in page.events],
                "again": again,
                "lifted": lifted,
                "whole": [event.position for event in whole.events],
                "verified": verified.last,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

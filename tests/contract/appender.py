"""Appends without end from 16 tasks and prints each key once its receipt is there, until it is killed."""

import asyncio
import sys
from itertools import count
from pathlib import Path

from events.log.port import AppendCondition, Log, Query, QueryItem
from events.log.sqlite import open_sqlite
from tests.contract.given import commit, made

TASKS = 16


async def append_without_end(log: Log, task: int, begin: int) -> None:
    own = Query(items=(QueryItem(tags=(f"task:{task}",)),))
    after = (await log.read(own, limit=0)).head
    for number in count(begin):
        key = f"{task}-{number}"
        events = (made(f"task:{task}", data=b'{"n":"%d"}' % number), made(f"key:{key}"))
        receipt = await log.append(commit(*events, key=key, condition=AppendCondition(fail_if_match=own, after=after)))
        after = receipt.position
        print(key, receipt.first, receipt.position, flush=True)


async def main(directory: Path, begin: int) -> None:
    engine = await open_sqlite(directory)
    await asyncio.gather(*(append_without_end(engine.log, task, begin) for task in range(TASKS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))

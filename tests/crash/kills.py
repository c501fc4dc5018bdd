"""Kills real processes on the real disk, many times, and tells what was lost: `python -m tests.crash.kills --help`.

Each process appends from several tasks and says each answer into a pipe, until SIGKILL meets it: while it opens, in
the middle of a transaction, or between two. Another process then opens the directory and checks. Both are forked from
this one, which has imported the engine and never opened it, so a kill costs no start of Python.
"""

import asyncio
import os
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from events.log.port import AppendCondition, Log, NewCommit, NewEvent, Query, QueryItem, scoped_key
from events.log.sqlite import open_sqlite
from events.log.state import State
from tests.crash.faults import Planted, answer_before_commit

TASKS: Final = 8
KILLS_A_DIRECTORY: Final = 25
KILLED_OPENING_SHARE: Final = 0.2
OPENING_S: Final = 0.03
ANSWERS: Final = (1, 60)
LATER_S: Final = 0.004
PIPE_BYTES: Final = 65536

Answers = dict[str, tuple[int, int]]
"""First and last position by key; of a value of the state, its number and version by its id."""


def commit_of(task: int, number: int, after: int) -> NewCommit:
    """Return the commit that a task makes with this number, standing on its own last position."""
    own = Query(items=(QueryItem(tags=(f"task:{task}",)),))
    key = f"{task}-{number}"
    data = msgspec.json.encode({"number": number, "text": "x" * (number % 700)})
    return NewCommit(
        key=scoped_key("ada", key),
        fingerprint=key,
        events=(
            NewEvent(type="announcement.made", data=data, tags=(f"task:{task}", f"key:{key}")),
            NewEvent(type="announcement.amended", data=b"{}", tags=(f"task:{task}",)),
        ),
        by="ada",
        condition=AppendCondition(fail_if_match=own, after=after),
    )


async def last_of(log: Log, task: int) -> int:
    own = Query(items=(QueryItem(tags=(f"task:{task}",)),))
    page = await log.read(own, backwards=True, limit=1)
    return page.events[0].position if page.events else 0


async def append_without_end(directory: Path, begin: int, planted: Planted, pipe: int) -> None:
    """Append and put, and say each answer, until killed."""
    with planted():
        engine = await open_sqlite(directory)
        appending = (_append(engine.log, task, begin, pipe) for task in range(TASKS))
        await asyncio.gather(*appending, _put(engine.state, begin, pipe))


async def _append(log: Log, task: int, begin: int, pipe: int) -> None:
    after = await last_of(log, task)
    for number in count(begin):
        receipt = await log.append(commit_of(task, number, after))
        after = receipt.position
        os.write(pipe, f"{task}-{number} {receipt.first} {receipt.position}\n".encode())


async def _put(state: State, begin: int, pipe: int) -> None:
    for number in count(begin):
        version = await state.put("text", "counter", str(number).encode(), expected=None)
        os.write(pipe, f"counter {number} {version}\n".encode())


async def checked(directory: Path, answers: Answers, begin: int) -> list[str]:
    """Open what a kill left and return what does not hold."""
    engine = await open_sqlite(directory)
    log = engine.log
    wrong = [
        f"{key} was answered {span}, its outcome is {found}"
        for key, span in answers.items()
        if key != "counter"
        and ((found := await log.outcome(f"ada/{key}")) is None or (found.first, found.position) != span)
    ]
    value = await engine.state.get("text", "counter")
    if "counter" in answers and (value is None or (int(value.value), value.version) < answers["counter"]):
        wrong.append(f"the state has {value}, {answers['counter']} was answered")
    head = (await log.head()).position
    if (await log.verify()).last != head or head % 2:
        wrong.append(f"{head} entries are not whole commits of two")
    for task in range(TASKS):
        wrong += await _retried(log, task, answers, begin)
    await engine.close()
    return wrong


async def _retried(log: Log, task: int, answers: Answers, begin: int) -> list[str]:
    """Retry the append that may be stored or not: afterwards it is, once."""
    number = next(number for number in count(begin) if f"{task}-{number}" not in answers)
    key = f"{task}-{number}"
    stored = await log.outcome(f"ada/{key}")
    head, last = (await log.head()).position, await last_of(log, task)
    receipt = await log.append(commit_of(task, number, last))
    expected = head + 1 if stored is None else stored.first
    page = await log.read(Query(items=(QueryItem(tags=(f"key:{key}",)),)))
    if receipt.first != expected or [event.position for event in page.events] != [expected]:
        return [f"{key} is retried to {receipt}, stored before: {stored}, head {head}, found at {page.events}"]
    return []


def kill(directory: Path, begin: int, random: Random, planted: Planted) -> Answers:
    """Return what a process answered before it was killed."""
    pid, pipe = _forked(lambda write: append_without_end(directory, begin, planted, write))
    said = b""
    if random.random() < KILLED_OPENING_SHARE:
        time.sleep(random.random() * OPENING_S)
    else:
        wanted = random.randint(*ANSWERS)
        while said.count(b"\n") < wanted and (read := os.read(pipe, PIPE_BYTES)):
            said += read
        time.sleep(random.random() * LATER_S)
    os.kill(pid, signal.SIGKILL)
    while read := os.read(pipe, PIPE_BYTES):
        said += read
    os.close(pipe)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise RuntimeError(f"the process ended by itself, with status {status}")
    words = [line.split() for line in said.decode().splitlines()]
    return {key: (int(first), int(last)) for key, first, last in words}


def wrong_after(directory: Path, answers: Answers, begin: int) -> list[str]:
    """Return what another process finds wrong."""

    async def told(write: int) -> None:
        os.write(write, msgspec.json.encode(await checked(directory, answers, begin)))

    pid, pipe = _forked(told)
    said = b""
    while read := os.read(pipe, PIPE_BYTES):
        said += read
    os.close(pipe)
    os.waitpid(pid, 0)
    return msgspec.json.decode(said, type=list[str]) if said else ["the log could not be opened"]


def run(kills: int, seed: int, planted: Planted) -> dict[str, object]:
    """Kill that often; return how often something was answered before, and what was found wrong."""
    random, begun = Random(seed), time.monotonic()
    answered, opening, wrong = 0, 0, list[str]()
    done = 0
    while done < kills:
        with TemporaryDirectory(prefix="dateline-kills-") as scratch:
            directory, answers = Path(scratch) / "data", Answers()
            for number in range(min(KILLS_A_DIRECTORY, kills - done)):
                begin = number * 1_000_000
                said = kill(directory, begin, random, planted)
                answers |= said
                answered += len(said)
                opening += not said
                wrong += wrong_after(directory, answers, begin)
                done += 1
    return {
        "kills": done,
        "answered": answered,
        "killed_before_an_answer": opening,
        "seconds": round(time.monotonic() - begun, 1),
        "wrong": wrong[:10],
    }


def _forked(work: Callable[[int], Coroutine[Any, Any, None]]) -> tuple[int, int]:
    """Run a coroutine in a process of its own; return its id and the pipe that it writes to."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    os.close(read)
    try:
        asyncio.run(work(write))
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - a forked process must not go on with what its parent was doing.
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)


def _arguments() -> Namespace:
    parser = ArgumentParser(description="Kill processes that append, and tell what was lost.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answer-before-commit", action="store_true", help="plant this fault, which has to be found")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    planted = partial(answer_before_commit, 10 * LATER_S) if given.answer_before_commit else nullcontext
    sys.stdout.write(msgspec.json.encode(run(given.kills, given.seed, planted)).decode() + "\n")

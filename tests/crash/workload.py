"""What an engine is made to do before the power goes: every kind of append, from several tasks at once."""

import asyncio
from itertools import count
from random import Random
from typing import Final

import msgspec

from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    Event,
    Log,
    NewCommit,
    NewEvent,
    Query,
    QueryItem,
    scoped_key,
)
from events.log.sqlite import SqliteEngine
from events.log.state import State
from tests.crash.history import History, Recorder, Violation
from tests.crash.machine import Running

TASKS: Final = 4
APPENDS: Final = 5
LATER_APPENDS: Final = 2
PUTS: Final = 6
DATA_BYTES_MAX: Final = 900
VALUE_BYTES_MAX: Final = 6000
LARGE_EVENTS: Final = (15, 40)
LARGE_BYTES: Final = 30_000
KIND: Final = "text"
_numbers = count(1)


async def run(running: Running, random: Random) -> History:
    """Do one session on what is there and one after it; return what was asked and what was answered."""
    recorder = Recorder(running.disk, History())
    async with running.engine() as engine:
        recorder.sealed(await running.sealed(engine))
        await _session(engine, recorder, random, appends=APPENDS)
    async with running.engine() as engine:
        recorder.sealed(await running.sealed(engine))
        await _session(engine, recorder, random, appends=LATER_APPENDS)
        recorder.history.events = tuple(map(recorder.history.with_data, await all_events(engine.log)))
    _require_as_asked(recorder.history)
    return recorder.history


async def all_events(log: Log) -> tuple[Event, ...]:
    """Return every entry, read page by page."""
    events: tuple[Event, ...] = ()
    while page := (await log.read(Query.all(), after=len(events))).events:
        events += page
    return events


def new_commit(task: str, random: Random, *, after: int | None = None, large: bool = False) -> NewCommit:
    """Return a commit of a task; `after` lets it stand only on the task's own last position."""
    own = Query(items=(QueryItem(tags=(f"task:{task}",)),))
    number = next(_numbers)
    unchanged = not large and random.random() < 0.15
    size = random.randint(*LARGE_EVENTS) if large else random.randint(1, 3)
    return NewCommit(
        key=scoped_key(task, f"key-{number}"),
        fingerprint=f"request-{number}",
        events=() if unchanged else tuple(_event(task, number, index, random, large) for index in range(size)),
        by=task,
        condition=None if after is None else AppendCondition(fail_if_match=own, after=after),
        unchanged=unchanged,
        note=b"note %d" % number,
    )


async def erase(log: Log, task: str, position: int, recorder: Recorder) -> None:
    """Erase the data of an entry."""
    commit = erasing(task, position)
    asked = recorder.sent(commit)
    erased = await log.erase(commit)
    asked.gone = erased.pending == 0
    recorder.answered(asked, erased.receipt)


def erasing(task: str, position: int) -> NewCommit:
    """Return a commit that erases the data of an entry."""
    number = next(_numbers)
    return NewCommit(
        key=scoped_key(task, f"key-{number}"),
        fingerprint=f"request-{number}",
        events=(NewEvent(type="log.erased", data=b'{"position":%d}' % position, tags=(f"number:{number}",)),),
        by=task,
        erases=(position,),
    )


async def put(state: State, recorder: Recorder, record_id: str, random: Random) -> int:
    """Put a value, or delete it; return its version."""
    value = None if random.random() < 0.2 else random.randbytes(random.randint(0, VALUE_BYTES_MAX))
    begun = recorder.put(record_id, value)
    version = 0
    if value is None:
        await state.delete(KIND, record_id)
    else:
        version = await state.put(KIND, record_id, value, expected=None)
    recorder.done(begun, version)
    return version


async def _session(engine: SqliteEngine, recorder: Recorder, random: Random, *, appends: int) -> None:
    large = random.randrange(TASKS)
    await asyncio.gather(
        *(
            _append(engine.log, f"task-{task}", recorder, random, appends=appends, large=task == large)
            for task in range(TASKS)
        ),
        *(_put_each(engine.state, record_id, recorder, random) for record_id in ("a", "b")),
    )


async def _append(log: Log, task: str, recorder: Recorder, random: Random, *, appends: int, large: bool) -> None:
    own = Query(items=(QueryItem(tags=(f"task:{task}",)),))
    last = (await log.read(own, backwards=True, limit=1)).events
    after = last[0].position if last else 0
    for number in range(appends):
        commit = new_commit(
            task, random, after=after if random.random() < 0.7 else None, large=large and number == appends // 2
        )
        asked = recorder.sent(commit)
        receipt = await log.append(commit)
        recorder.answered(asked, receipt)
        if random.random() < 0.2:
            again = await log.append(commit)
            if (again.position, again.duplicate) != (receipt.position, True):
                raise Violation("twice", f"{commit.key} is answered {again} after {receipt}")
        if after and random.random() < 0.2:
            await _refused(log, task, random)
        if receipt.size:
            after = receipt.position
        if after and random.random() < 0.2:
            await erase(log, task, after, recorder)


async def _refused(log: Log, task: str, random: Random) -> None:
    try:
        await log.append(new_commit(task, random, after=0))
    except AppendConditionFailed:
        return
    raise Violation("twice", "a stale append was recorded")


async def _put_each(state: State, record_id: str, recorder: Recorder, random: Random) -> None:
    for _ in range(PUTS):
        await put(state, recorder, record_id, random)


def _event(task: str, number: int, index: int, random: Random, large: bool) -> NewEvent:
    size = LARGE_BYTES if large and index == 0 else random.randint(0, DATA_BYTES_MAX)
    text = random.randbytes(size // 2).hex()
    return NewEvent(
        type=random.choice(("announcement.made", "announcement.amended")),
        data=msgspec.json.encode({"number": number, "index": index, "text": text}),
        tags=(f"task:{task}", f"number:{number}", f"index:{index}"),
    )


def _require_as_asked(history: History) -> None:
    """What is compared with after each cut was itself recorded as it was asked for."""
    for asked in history.asked.values():
        receipt = asked.receipt
        assert receipt is not None
        stored = history.events[receipt.first - 1 : receipt.position]
        found = [(event.type, event.data, event.tags) for event in stored]
        if found != [(event.type, event.data, tuple(sorted(event.tags))) for event in asked.commit.events]:
            raise Violation("changed", f"{asked.commit.key} is not what was asked for")
    if len(history.events) != sum(len(asked.commit.events) for asked in history.asked.values()):
        raise Violation("twice", "there are events of no append, or of one twice")

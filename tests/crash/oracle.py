"""What has to hold once the power is back: nothing answered is lost, nothing is there in part, and it goes on."""

from random import Random
from typing import Final

from msgspec import structs

from events.errors import DatelineError
from events.log.ledger import Ledger
from events.log.mark import MarkFile
from events.log.port import CommitKeyReused, Log, LogDamaged
from events.log.sqlite import SqliteEngine
from events.log.state import State
from tests.crash.history import Asked, History, Put, Recorder, Violation
from tests.crash.machine import Running
from tests.crash.workload import KIND, all_events, new_commit, put

RETRIED: Final = 3
"""How many of the stored appends are sent once more; of those that were lost, all are."""


async def recovered(running: Running, history: History, calls: int, random: Random) -> History:
    """Check what a power cut after `calls` of a run's calls left; go on from there, and return the run of that.

    Raises `Violation`.
    """
    after = History(marked=_require_marked_before_answered(running, history, calls))
    recorder = Recorder(running.disk, after)
    _require_erased_for_good(running, history, calls)
    try:
        async with running.engine() as engine:
            head = await _require_log(engine.log, history, calls, after)
            if await engine.log.purge():
                raise Violation("erased", "nobody reads, and what was erased is not gone")
            for position in after.erased:
                if where := _holding(running, history.events[position - 1].data):
                    raise Violation("erased", f"the data of {position} is still in {where}")
            await _require_state(engine.state, history, calls, after)
            _require_marked(running, head)
            if history.vkey_answered <= calls:
                after.vkey = history.vkey
            recorder.sealed(await running.sealed(engine))
            await _go_on(engine, history, calls, recorder, random)
            after.events = tuple(map(after.with_data, await all_events(engine.log)))
            if after.events[:head] != history.events[:head]:
                raise Violation("changed", "what was recovered is another after more was appended")
            verified = await engine.log.verify()
            if verified.last != len(after.events):
                raise Violation("gap", f"verify ends at {verified.last} of {len(after.events)}")
            if sum(len(asked.commit.events) for asked in after.asked.values()) != len(after.events):
                raise Violation("twice", "there are events of no append, or of one twice")
    except DatelineError as error:
        raise Violation("refused", f"a healthy log is refused: {type(error).__name__}: {error}") from error
    return after


def _require_erased_for_good(running: Running, history: History, calls: int) -> None:
    """Require what was answered to be erased in the ledger, and out of every file where that was said."""
    try:
        ledger = Ledger(running.directory / "erasures", running.files)
    except LogDamaged as error:
        raise Violation("ledger", str(error)) from error
    said = {entry.position for entry in ledger.entries}
    for position, asked in history.erased.items():
        if not 0 < asked.answered <= calls:
            continue
        if position not in said:
            raise Violation("ledger", f"{position} was erased, the ledger has {sorted(said)}")
        if asked.gone and (where := _holding(running, history.events[position - 1].data)):
            raise Violation("erased", f"the data of {position} is still in {where}")


def _holding(running: Running, data: bytes | None) -> str | None:
    files = running.disk.switched_off().files
    return next((name for name, content in files.items() if data and data in content), None)


async def _require_log(log: Log, history: History, calls: int, after: History) -> int:
    """Require all that was answered and nothing in part; return the head. What is there is entered in `after`."""
    events = await all_events(log)
    head = len(events)
    if [event.position for event in events] != list(range(1, head + 1)):
        raise Violation("gap", f"positions {[event.position for event in events]}")
    if events and events[-1].position != sum(events[-1].commit) - 1:
        raise Violation("partial", f"event {head} is not the last of its commit {events[-1].commit}")
    answered = max((each.receipt.position for each in _answered(history, calls) if each.receipt), default=0)
    if head < answered:
        raise Violation("lost", f"the log ends at {head}, {answered} was answered")
    for event, recorded in zip(events, history.events, strict=False):
        erased = history.erased.get(event.position)
        is_erased = erased is not None and erased.receipt is not None and erased.receipt.position <= head
        if event != (structs.replace(recorded, data=None) if is_erased else recorded):
            raise Violation("changed", f"entry {event.position} is {event}, recorded was {recorded}")
    for key, asked in history.asked.items():
        await _require_outcome(log, key, asked, calls, head, after)
    verified = await log.verify()
    if verified.last != head:
        raise Violation("gap", f"verify ends at {verified.last}, the log at {head}")
    return head


async def _require_outcome(log: Log, key: str, asked: Asked, calls: int, head: int, after: History) -> None:
    receipt = asked.receipt
    assert receipt is not None, "a run answers everything in the end"
    found = await log.outcome(key)
    if found is None:
        if asked.answered <= calls:
            raise Violation("lost", f"{key} was answered and is not known")
        if receipt.size and receipt.position <= head:
            raise Violation("partial", f"the events of {key} are there, its key is not")
        return
    if found != structs.replace(receipt, duplicate=True):
        raise Violation("changed", f"{key} has the receipt {found}, it was given {receipt}")
    if asked.sent > calls or found.position > head:
        raise Violation("partial", f"{key} is known, its events are not there")
    after.asked[key] = Asked(asked.commit, sent=0, answered=0, receipt=receipt, gone=asked.gone)
    for position in asked.commit.erases:
        after.erased.setdefault(position, after.asked[key])


async def _require_state(state: State, history: History, calls: int, after: History) -> None:
    for record_id, puts in history.puts.items():
        found = await state.get(KIND, record_id)
        value = None if found is None else found.value
        answered = [index for index, each in enumerate(puts) if each.answered <= calls]
        last = max(answered, default=-1)
        may_be = [each for index, each in enumerate(puts) if index == last or (index > last and each.sent <= calls)]
        if last < 0 and value is None:
            continue
        match = next((each for each in may_be if each.value == value), None)
        if match is None or (found is not None and match.version and found.version != match.version):
            raise Violation("lost", f"state {record_id!r} is not what was put")
        version = found.version if found is not None else max(each.version for each in puts[: last + 1])
        after.puts[record_id] = [Put(value, sent=0, answered=0, version=version)]


def _require_marked_before_answered(running: Running, history: History, calls: int) -> int:
    """Require that the mark on the disk has all that was answered, and return where that ends."""
    answers = [each.receipt.position for each in _answered(history, calls) if each.receipt and each.answered]
    answered = max(answers, default=history.marked)
    if answered and _marked(running) < answered:
        raise Violation("mark", f"the mark is {_marked(running)}, {answered} was answered")
    return answered


def _require_marked(running: Running, head: int) -> None:
    if _marked(running) != head:
        raise Violation("mark", f"the mark is {_marked(running)}, the log ends at {head}")


def _marked(running: Running) -> int:
    try:
        mark = MarkFile(running.directory / "mark", running.files)
    except LogDamaged as error:
        raise Violation("mark", str(error)) from error
    mark.close()
    return 0 if mark.mark is None else mark.mark.position


async def _go_on(engine: SqliteEngine, history: History, calls: int, recorder: Recorder, random: Random) -> None:
    """Retry what was sent, append and put more."""
    stored = list(recorder.history.asked.values())
    for asked in random.sample(stored, min(RETRIED, len(stored))):
        receipt = await engine.log.append(asked.commit)
        if asked.receipt is None or receipt != structs.replace(asked.receipt, duplicate=True):
            raise Violation("twice", f"a retry of {asked.commit.key} answers {receipt}")
        if not any(asked.receipt.first <= position <= asked.receipt.position for position in recorder.history.erased):
            await _require_other_refused(engine.log, asked)
    lost = [each for key, each in history.asked.items() if key not in recorder.history.asked and each.sent <= calls]
    more = [each.commit for each in sorted(lost, key=lambda each: each.sent)]
    more += [new_commit("later", random, large=random.random() < 0.2) for _ in range(2)]
    head = (await engine.log.head()).position
    for commit in more:
        again = recorder.sent(commit)
        receipt = await engine.log.append(commit)
        if receipt.duplicate or (receipt.first, receipt.size) != (head + 1, len(commit.events)):
            raise Violation("gap", f"{commit.key} after {head} answers {receipt}")
        recorder.answered(again, receipt)
        head = receipt.position
    for record_id in ("a", "b"):
        earlier = max((each.version for each in recorder.history.puts.get(record_id, [])), default=0)
        version = await put(engine.state, recorder, record_id, random)
        if version and version <= earlier:
            raise Violation("twice", f"state {record_id!r} was given version {version} again")


async def _require_other_refused(log: Log, asked: Asked) -> None:
    try:
        await log.append(structs.replace(asked.commit, fingerprint="another request"))
    except CommitKeyReused:
        return
    raise Violation("twice", f"{asked.commit.key} took another request")


def _answered(history: History, calls: int) -> list[Asked]:
    return [asked for asked in history.asked.values() if asked.answered <= calls]

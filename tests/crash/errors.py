"""The disk refuses a call, each call of a short run in turn: what was answered stays, and the rest is stored later.

A write that fails is done in part. A sync that fails leaves what it was to make durable readable, and never durable:
that is what Linux does with pages it could not write, and the next sync says nothing of them.
"""

import errno
import os
from dataclasses import dataclass, field
from random import Random
from typing import Final

from msgspec import structs

from events.errors import DatelineError
from events.log.port import Event, Log, LogUnavailable, NewCommit, OutcomeUnknown, Receipt
from events.log.sqlite import SqliteEngine
from tests.crash.disk import Image
from tests.crash.history import History, Recorder, Violation
from tests.crash.machine import Machine, Running, small
from tests.crash.oracle import recovered
from tests.crash.platters import Platters
from tests.crash.workload import KIND, all_events, erasing, new_commit

SESSIONS: Final = (3, 1)
"""How much is appended each time that the directory is opened, beside an erasure and two values of the state."""
ATTEMPTS_MAX: Final = 3
MODES: Final = (("EIO", False), ("EIO", True), ("ENOSPC", True))
"""Which error, and whether the calls after it fail too until somebody was refused."""
GROWING: Final = frozenset({"create", "write", "truncate", "mkdir", "rename"})
"""What may find a disk full."""


class Fault:
    """Refuses a call, by its number, and those after it while it lasts."""

    def __init__(self, at: int, error: str, *, lasts: bool) -> None:
        self.calls = 0
        self.refused = ""
        self._at = at
        self._error = getattr(errno, error)
        self._lasts = lasts
        self._is_over = False

    def __call__(self, name: str, call: str) -> None:
        self.calls += 1
        if self._is_over or self.calls < self._at or (self._error == errno.ENOSPC and call not in GROWING):
            return
        self.refused = self.refused or f"{call} of {name}"
        self._is_over = not self._lasts
        raise OSError(self._error, os.strerror(self._error), name)

    def relent(self) -> None:
        """Let everything pass again."""
        self._is_over = True


@dataclass(slots=True)
class Report:
    """What was refused, and what did not hold."""

    runs: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


async def at_every_call(seed: int, *, every: int) -> Report:
    """Refuse each call of the run in turn, in one of `every` modes of refusing, so that 1 means each in all of them."""
    machine, report = Machine(), Report()
    small(checkpoint_pages=12, cache_kib=40, reserved_bytes=16 * 1024)
    unbroken = Fault(0, "EIO", lasts=False)
    unbroken.relent()
    await _refused_at(machine, unbroken, Random(seed))
    for at in range(1, unbroken.calls + 1):
        for number, (error, lasts) in enumerate(MODES):
            if (at + number) % every == 0:
                fault = Fault(at, error, lasts=lasts)
                try:
                    await _refused_at(machine, fault, Random(seed))
                except Violation as violation:
                    report.wrong.append(f"{error} at call {at}, {fault.refused}: {violation}")
                report.runs += 1
                report.refused[fault.refused] = report.refused.get(fault.refused, 0) + 1
    machine.close()
    return report


async def _refused_at(machine: Machine, fault: Fault, random: Random) -> None:
    history = History()
    with machine.switched_on(Image(), before=fault) as running:
        recorder = Recorder(running.disk, history)
        for appends in SESSIONS:
            engine = await _opened(running, fault)
            await _asked(engine, recorder, fault, random, appends=appends)
            history.events = tuple(map(history.with_data, await _read(engine.log, fault)))
            await engine.close()
        fault.relent()
        image, calls = running.disk.switched_off(), running.disk.now()
        platters = Platters(Image())
        for call in running.disk.trace:
            platters.apply(call)
    for left in (image, platters.cut(random)):
        with machine.switched_on(left) as running:
            await recovered(running, history, calls, random)


async def _opened(running: Running, fault: Fault) -> SqliteEngine:
    """Open the directory, a second time where it was refused in words."""
    try:
        return await running.opened()
    except LogUnavailable:
        fault.relent()
    except Exception as error:
        raise Violation("unclear", f"opening says {type(error).__name__}: {error}") from error
    try:
        return await running.opened()
    except DatelineError as error:
        raise Violation("refused", f"a healthy log is refused: {error}") from error


async def _asked(engine: SqliteEngine, recorder: Recorder, fault: Fault, random: Random, *, appends: int) -> None:
    for _ in range(appends):
        commit = new_commit("task", random)
        asked = recorder.sent(commit)
        recorder.answered(asked, await _stored(engine.log, commit, fault))
    commit = erasing("task", 1)
    asked = recorder.sent(commit)
    recorder.answered(asked, await _stored(engine.log, commit, fault))
    for value in (b"one", b"another"):
        await _put(engine, recorder, value, fault)


async def _stored(log: Log, commit: NewCommit, fault: Fault) -> Receipt:
    """Append, again where it was refused in words; the disk has room by then."""
    for _ in range(ATTEMPTS_MAX):
        try:
            receipt = await (log.append(commit) if not commit.erases else _erased(log, commit))
        except (LogUnavailable, OutcomeUnknown):
            fault.relent()
        except Exception as error:
            raise Violation("unclear", f"an append says {type(error).__name__}: {error}") from error
        else:
            return structs.replace(receipt, duplicate=False)
    raise Violation("refused", "an append is refused though the disk has room again")


async def _erased(log: Log, commit: NewCommit) -> Receipt:
    return (await log.erase(commit)).receipt


async def _put(engine: SqliteEngine, recorder: Recorder, value: bytes, fault: Fault) -> None:
    for _ in range(ATTEMPTS_MAX):
        put = recorder.put("a", value)
        try:
            recorder.done(put, await engine.state.put(KIND, "a", value, expected=None))
        except LogUnavailable:
            put.answered = 2**62
            fault.relent()
        except Exception as error:
            raise Violation("unclear", f"the state says {type(error).__name__}: {error}") from error
        else:
            return
    raise Violation("refused", "the state refuses though the disk has room again")


async def _read(log: Log, fault: Fault) -> tuple[Event, ...]:
    for _ in range(ATTEMPTS_MAX):
        try:
            return await all_events(log)
        except LogUnavailable:
            fault.relent()
        except Exception as error:
            raise Violation("unclear", f"a read says {type(error).__name__}: {error}") from error
    raise Violation("refused", "a read is refused though the disk is well again")

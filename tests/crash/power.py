"""Cuts the power of a simulated computer, many times, and tells what was lost.

A run of the workload is recorded once; then the power is cut before, in the middle of and after calls of its trace,
drawn half over all calls and half over their kinds, so that rare ones get their share. After each cut the real engine
opens what is left, is checked (`oracle`), and goes on; that run is a trace too, in which the power is cut again, its
recovery included.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.crash.disk import ROOT, Call, Image
from tests.crash.faults import Planted
from tests.crash.history import History, Violation
from tests.crash.machine import DATA, Machine, small
from tests.crash.oracle import recovered
from tests.crash.platters import Platters
from tests.crash.workload import run

CUTS_A_RUN: Final = 40
CUT_AGAIN_SHARE: Final = 0.2
NEW_KINDS_MAX: Final = 2
DEPTH_MAX: Final = 4
"""How often the power goes during what follows a cut."""
VIOLATIONS_MAX: Final = 100
LEFT_OVER: Final = Image(
    directories=frozenset({ROOT, DATA}),
    files={f"{DATA}/{name}.new": b"unfinished" for name in ("mark", "key", "erasures", "log.db-wal", "state.db-wal")},
)
"""A data directory in which nothing was ever finished: half of the runs begin on it, the others on an empty disk."""
FAULT_CUTS_MAX: Final = 600
"""How many cuts are enough to find any of the planted faults."""

Kind = tuple[str, str, str]
"""The file, the call and the phase of a cut."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run on a disk with its trace."""

    image: Image
    trace: tuple[Call, ...]
    history: History
    depth: int = 0


@dataclass(slots=True)
class Report:
    """What was cut and what was found."""

    seed: int
    cuts: int = 0
    seconds: float = 0.0
    runs: int = 0
    cut_again: int = 0
    answered: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    first: str = ""
    kinds: Counter[Kind] = field(default_factory=Counter)
    reachable: set[Kind] = field(default_factory=set)

    def tell(self) -> dict[str, object]:
        """Return the report as JSON holds it."""
        return {
            "seed": self.seed,
            "cuts": self.cuts,
            "cuts_again": self.cut_again,
            "runs": self.runs,
            "answered": self.answered,
            "seconds": round(self.seconds, 1),
            "violations": dict(self.violations),
            "first": self.first,
            "kinds": [[*kind, self.kinds[kind]] for kind in sorted(self.reachable)],
        }


class Cutter:
    """Makes runs, cuts them, and keeps the report."""

    def __init__(self, machine: Machine, *, cuts: int, seed: int, violations_max: int) -> None:
        self.report = Report(seed)
        self._machine = machine
        self._cuts = cuts
        self._violations_max = violations_max
        self._random = Random(seed)

    @property
    def is_done(self) -> bool:
        return self.report.cuts >= self._cuts or self.report.violations.total() >= self._violations_max

    async def cut_a_run(self) -> None:
        """Record a run of the workload, and cut it and what follows."""
        random = self._random
        small(
            checkpoint_pages=random.choice((12, 30, 80)),
            cache_kib=random.choice((40, 16 * 1024)),
            reserved_bytes=random.choice((0, 64 * 1024)),
        )
        begin = LEFT_OVER if self.report.runs % 2 else Image()
        with self._machine.switched_on(begin) as running:
            try:
                history = await run(running, random)
            except Violation as violation:
                self._found(violation, "without a cut")
                return
            recorded = Run(begin, tuple(running.disk.trace), history)
        self.report.reachable.update(points_of(recorded.trace))
        self.report.runs += 1
        self.report.answered += len(history.asked)
        await self._cut(recorded, CUTS_A_RUN)

    async def _cut(self, recorded: Run, cuts: int) -> None:
        """Cut a run at `cuts` points, and some of the runs that follow."""
        platters, applied = Platters(recorded.image), 0
        for index, phase in sorted(self._drawn(recorded, cuts)):
            if self.is_done:
                return
            reached = index + (phase == "after")
            for call in recorded.trace[applied:reached]:
                platters.apply(call)
            applied = max(applied, reached)
            call = recorded.trace[index]
            image = platters.cut(self._random, call if phase == "middle" else None)
            self.report.cuts += 1
            self.report.cut_again += recorded.depth > 0
            self.report.kinds[name_of(call), call.call, phase] += 1
            followed = await self._check(recorded, image, applied, (call, phase))
            if followed is not None and followed.depth <= DEPTH_MAX:
                await self._cut(followed, self._worth(followed))

    def _worth(self, followed: Run) -> int:
        """Return at how many points a run that follows a cut is cut: first where it does what was never cut."""
        new = sum(not self.report.kinds[kind] for kind in points_of(followed.trace))
        return min(new, NEW_KINDS_MAX) or int(self._random.random() < CUT_AGAIN_SHARE)

    async def _check(self, recorded: Run, image: Image, calls: int, cut: tuple[Call, str]) -> Run | None:
        with self._machine.switched_on(image) as running:
            try:
                history = await recovered(running, recorded.history, calls, self._random)
            except Violation as violation:
                call, phase = cut
                self._found(violation, f"cut {phase} {call.call} of {call.file} (call {calls}, depth {recorded.depth})")
                return None
            self.report.reachable.update(points_of(running.disk.trace))
            return Run(image, tuple(running.disk.trace), history, recorded.depth + 1)

    def _found(self, violation: Violation, where: str) -> None:
        self.report.violations[violation.kind] += 1
        self.report.first = self.report.first or f"{violation}; {where}"

    def _drawn(self, recorded: Run, cuts: int) -> list[tuple[int, str]]:
        """Draw points to cut at: half of all, half of each kind alike; kinds that were never cut come first."""
        if not cuts:
            return []
        by_kind = points_of(recorded.trace)
        points = [point for each in by_kind.values() for point in each]
        kinds = sorted(by_kind)
        new = [kind for kind in kinds if not self.report.kinds[kind]][:cuts]
        drawn = [self._random.choice(by_kind[kind]) for kind in new]
        for _ in range(cuts - len(drawn)):
            among = points if self._random.random() < 0.5 else by_kind[self._random.choice(kinds)]
            drawn.append(self._random.choice(among))
        return drawn


def points_of(trace: Sequence[Call]) -> dict[Kind, list[tuple[int, str]]]:
    """Return by kind where a run can be cut: at which call, and before, in the middle of or after it."""
    by_kind: dict[Kind, list[tuple[int, str]]] = {}
    for index, call in enumerate(trace):
        for phase in phases(call):
            by_kind.setdefault((name_of(call), call.call, phase), []).append((index, phase))
    return by_kind


def phases(call: Call) -> tuple[str, ...]:
    """Return where in a call the power may go; a write may be done in part."""
    return ("before", "middle", "after") if call.call == "write" and call.content else ("before", "after")


def name_of(call: Call) -> str:
    """Return the file's name as the report counts it."""
    return call.file.removeprefix(f"{DATA}/")


async def cut(*, cuts: int, seed: int, seconds: float = float("inf"), violations_max: int = VIOLATIONS_MAX) -> Report:
    """Cut the power that often, until the time is up or that many violations are found."""
    begun = time.monotonic()
    machine = Machine()
    cutter = Cutter(machine, cuts=cuts, seed=seed, violations_max=violations_max)
    while not cutter.is_done and time.monotonic() - begun < seconds:
        await cutter.cut_a_run()
    machine.close()
    cutter.report.seconds = time.monotonic() - begun
    return cutter.report


async def found(planted: Planted, seed: int) -> dict[str, object]:
    """Cut with a fault planted, until it is found or the cuts for it are used up; tell how it was found."""
    with planted():
        report = await cut(cuts=FAULT_CUTS_MAX, seed=seed, violations_max=1)
    return {"cuts": report.cuts, "violations": dict(report.violations), "first": report.first}

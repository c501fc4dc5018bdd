"""Whatever is asked of an engine in whatever order, it answers as the contract's model does."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from events.errors import DatelineError
from events.instants import from_microseconds
from events.log.port import (
    AppendCondition,
    AppendConditionFailed,
    CaughtUp,
    CommitKeyReused,
    Event,
    Log,
    NewCommit,
    NewEvent,
    PositionAhead,
    Progress,
    Query,
    QueryItem,
    Receipt,
)
from tests.contract.engines import Engine, Kind, Shared
from tests.contract.given import IN_MEMORY, Clock, outcomes
from tests.contract.model import ModelLog, Refusal, Stored
from tests.torture import TORTURE, tries

TYPES = ("a.a", "a.b", "b.a")
TAGS = (("k:1",), ("k:1",), ("k:2",), ("k:K",), ("k:k",), ("k:1", "k:2"), ("k:2", "k:1", "l:1"), ("l:1", "k:1", "k:1"))
IDS = tuple(f"018ec86a-6640-7000-8000-00000000000{number}" for number in range(4))
KEYS_MAX = 30
T = TypeVar("T")

some_tags = st.sampled_from(((), *TAGS))
some_types = st.sampled_from(((), (), ("a.a",), ("a.b", "b.a")))
items = st.builds(QueryItem, types=some_types, tags=st.sampled_from(TAGS)) | st.builds(
    QueryItem, types=some_types.filter(bool)
)
queries = st.just(Query.all()) | st.lists(items, min_size=1, max_size=3).map(lambda some: Query(items=tuple(some)))
back = st.sampled_from((0, 0, 0, 0, 1, 2, 3, 5, 9, -1))
"""How far behind the head a position lies that is drawn; -1 is one beyond."""
fingerprints: st.SearchStrategy[bytes | str] = st.sampled_from(("request", "request", "request", b"request", "another"))
sound_events = st.builds(
    NewEvent,
    type=st.sampled_from(TYPES),
    data=st.sampled_from((b"{}", b'{"n":1}', b"")),
    tags=some_tags,
    id=st.sampled_from((*[None] * 12, *IDS)),
    causation=st.sampled_from((*[None] * 9, 1, 2, 5)),
)
poisoned_events = st.sampled_from(
    (
        NewEvent(type="a.a", data=b"{}", tags=("not a tag",)),
        NewEvent(type="a.a", data=cast("bytes", "not bytes"), tags=("k:1",)),
    )
)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A commit before it is known where the head is: `back` says how far behind it the condition begins."""

    commit: NewCommit
    watched: Query | None
    back: int
    import_back_us: int | None


@st.composite
def drafts(draw: st.DrawFn, events: st.SearchStrategy[NewEvent] = sound_events) -> Draft:
    by = draw(st.sampled_from(("ada", "ada", "eve", "system/import")))
    some = tuple(draw(st.lists(events, min_size=draw(st.sampled_from((0, 1, 1, 1))), max_size=3)))
    own = "system" if by.startswith("system") else by
    commit = NewCommit(
        key=f"{own}/{draw(st.integers(0, KEYS_MAX))}",
        fingerprint=draw(fingerprints),
        events=some,
        by=by,
        unchanged=not some,
        note=draw(st.sampled_from((b"", b"note"))),
    )
    return Draft(
        commit=commit,
        watched=draw(st.none() | queries),
        back=draw(back),
        import_back_us=draw(st.sampled_from((None, 0, 0, 1, 5_000_000))) if by == "system/import" else None,
    )


class Machine(RuleBasedStateMachine):
    """One engine and one model, asked the same."""

    kind: Kind

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        self._directory = Path(tempfile.mkdtemp(prefix="dateline-machine-", dir=IN_MEMORY))
        self._clock = Clock()
        self._model = ModelLog()
        self._backup: ModelLog | None = None
        self._sent: list[NewCommit] = []
        self._engine = self._opened()

    @property
    def _log(self) -> Log:
        return self._engine.log

    @rule(draft=drafts())
    def append(self, draft: Draft) -> None:
        self._send([self._commit(draft)])

    @rule(many=st.lists(drafts(sound_events | poisoned_events) | drafts(), min_size=2, max_size=8))
    def append_together(self, many: list[Draft]) -> None:
        self._send([self._commit(draft) for draft in many])

    @precondition(lambda self: self._sent)
    @rule(
        back=st.integers(0, 30),
        fingerprint=st.none() | fingerprints,
        many=st.lists(drafts(), max_size=3),
        times=st.integers(1, 3),
    )
    def retry_with_a_refreshed_condition(
        self, back: int, fingerprint: bytes | str | None, many: list[Draft], times: int
    ) -> None:
        request = self._sent[-1 - back % len(self._sent)]
        if fingerprint is not None:
            request = msgspec.structs.replace(request, fingerprint=fingerprint)
        if request.condition is not None:
            refreshed = msgspec.structs.replace(request.condition, after=self._model.head)
            request = msgspec.structs.replace(request, condition=refreshed)
        self._send([request, *(self._commit(draft) for draft in many), *[request] * (times - 1)])

    @rule(draft=drafts().filter(lambda draft: bool(draft.commit.events)), erased=st.sets(back, min_size=1, max_size=3))
    def erase_twice(self, draft: Draft, erased: set[int]) -> None:
        commit = msgspec.structs.replace(
            self._commit(draft), erases=tuple(self._model.head - behind for behind in sorted(erased))
        )
        for _ in range(2):
            expected = self._model.append(commit, self._clock.microseconds)
            assert_answered(commit, self._run(self._erased(commit)), expected)
        for key in self._model.forgotten():
            self._look_up(key, "another")

    @rule(number=st.integers(0, KEYS_MAX + 1), fingerprint=st.sampled_from((None, "request", b"another")))
    def look_up(self, number: int, fingerprint: bytes | str | None) -> None:
        for key in (f"ada/{number}", f"eve/{number}", f"system/{number}"):
            self._look_up(key, fingerprint)

    @rule(
        query=queries,
        after=back | st.just(1000),
        upto=st.none() | back,
        backwards=st.booleans(),
        limit=st.sampled_from((1, 2, 3, 1000, 0)),
    )
    def read(self, query: Query, after: int, upto: int | None, backwards: bool, limit: int) -> None:
        first, last = self._before_head(after), None if upto is None else self._before_head(upto)
        page = self._run(self._log.read(query, after=first, upto=last, backwards=backwards, limit=limit))
        expected = self._model.matching(query, after=first, upto=last)
        assert page.head == self._model.head
        assert_read(page.events, (expected[::-1] if backwards else expected)[:limit])

    @rule(query=queries, after=back | st.just("head"))
    def subscribe(self, query: Query, after: int | str) -> None:
        cursor = self._model.head if isinstance(after, str) else self._before_head(after)
        if cursor > self._model.head:
            with pytest.raises(PositionAhead):
                self._run(self._heard(query, cursor, from_head=False))
            return
        heard = self._run(self._heard(query, cursor, from_head=after == "head"))
        expected = self._model.matching(query, after=cursor)
        assert_read([word for word in heard if isinstance(word, Event)], expected)
        assert heard[-1] == CaughtUp(position=self._model.head)
        told = [word.position for word in heard]
        assert told == sorted(told)
        behind = expected[-1].position if expected else cursor
        progress = [word for word in heard if isinstance(word, Progress)]
        assert progress[-1:] == [Progress(position=self._model.head)] * (behind < self._model.head)

    @rule(back_us=st.sampled_from((-1, 0, 1, 1_000_000, 61_000_000)))
    def look_up_an_instant(self, back_us: int) -> None:
        for around in (self._model.last_us, self._clock.microseconds):
            instant = from_microseconds(max(0, around - back_us))
            assert self._run(self._log.position_at(instant)) == self._model.position_at(instant)

    @rule(seconds=st.sampled_from((-61, -59, -2, -0.000001, 0.000001, 1, 2, 62, 3600)))
    def step_the_clock(self, seconds: float) -> None:
        self._clock.move(seconds)

    @rule()
    def restart(self) -> None:
        self._run(self._engine.close())
        self._engine = self._opened()

    @precondition(lambda self: self._backup is None)
    @rule()
    def back_up(self) -> None:
        self._run(self._engine.close())
        self._run(self.kind.copy(self._directory / "data", self._directory / "backup"))
        self._backup = self._model.copy()
        self._engine = self._opened()

    @precondition(lambda self: self._backup is not None)
    @rule()
    def restore(self) -> None:
        self._run(self._engine.close())
        self._run(self.kind.copy(self._directory / "backup", self._directory / "data"))
        assert self._backup is not None
        self._model = self._backup.copy()
        self._engine = self._opened()

    @rule()
    def verify(self) -> None:
        verified = self._run(self._log.verify())
        head = self._run(self._log.head())
        assert (verified.first, verified.last, verified.root) == (1, self._model.head, head.root)
        last = self._model.stored[-1].recorded_at if self._model.stored else None
        assert (head.position, head.recorded_at) == (self._model.head, last)

    @invariant()
    def the_head_is_the_models(self) -> None:
        assert self._run(self._log.read(Query.all(), limit=0)).head == self._model.head

    def teardown(self) -> None:
        try:
            page = self._run(self._log.read(Query.all()))
            assert_read(page.events, self._model.stored[:1000])
            assert len({event.id for event in page.events}) == len(page.events)
            self.verify()
        finally:
            self._run(self._engine.close())
            self._run(self.kind.forget())
            self._loop.close()
            shutil.rmtree(self._directory)

    def _opened(self) -> Engine:
        return self._run(self.kind.open(self._directory / "data", self._clock))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    def _look_up(self, key: str, fingerprint: bytes | str | None) -> None:
        expected = self._model.outcome(key, fingerprint)
        if expected is CommitKeyReused:
            with pytest.raises(CommitKeyReused):
                self._run(self._log.outcome(key, fingerprint=fingerprint))
        else:
            assert self._run(self._log.outcome(key, fingerprint=fingerprint)) == expected

    def _before_head(self, back: int) -> int:
        return max(0, self._model.head - back)

    def _commit(self, draft: Draft) -> NewCommit:
        condition = recorded_at = None
        if draft.watched is not None:
            condition = AppendCondition(fail_if_match=draft.watched, after=self._before_head(draft.back))
        if draft.import_back_us is not None:
            recorded_at = from_microseconds(self._clock.microseconds - draft.import_back_us)
        return msgspec.structs.replace(draft.commit, condition=condition, recorded_at=recorded_at)

    def _send(self, commits: Sequence[NewCommit]) -> None:
        """Send requests together; each has to be answered as if they had come one after the other."""
        expected = [self._model.append(commit, self._clock.microseconds) for commit in commits]
        answers = self._run(outcomes(self._log, commits))
        self._sent.extend(commits)
        for commit, answer, wanted in zip(commits, answers, expected, strict=True):
            note(f"{commit}: {answer!r}, expected {wanted!r}")
            assert_answered(commit, answer, wanted)

    async def _erased(self, commit: NewCommit) -> Receipt | Exception:
        try:
            erased = await self._log.erase(commit)
        except DatelineError as refused:
            return refused
        assert erased.pending == 0
        return erased.receipt

    async def _heard(self, query: Query, cursor: int, *, from_head: bool) -> list[Event | CaughtUp | Progress]:
        heard: list[Event | CaughtUp | Progress] = []
        subscription = self._log.subscribe(query, after="head" if from_head else cursor)
        async with asyncio.timeout(10):
            async for word in subscription:
                heard.append(word)
                if isinstance(word, CaughtUp):
                    break
        await subscription.aclose()
        return heard


def assert_answered(commit: NewCommit, answer: Receipt | BaseException, wanted: Receipt | Refusal) -> None:
    if isinstance(wanted, Receipt):
        assert answer == wanted
    elif wanted is Exception:
        assert isinstance(answer, Exception)
    else:
        assert type(answer) is wanted
    if isinstance(answer, AppendConditionFailed):
        assert commit.condition is not None
        assert answer.conflict > answer.after == commit.condition.after


def assert_read(events: Sequence[Event], expected: Sequence[Stored]) -> None:
    read = [
        Stored(
            position=event.position,
            id=event.id,
            type=event.type,
            tags=event.tags,
            recorded_at=event.recorded_at,
            by=event.by,
            commit=event.commit,
            causation=event.causation,
            data=event.data,
        )
        for event in events
    ]
    given = [
        event if event.id is not None else msgspec.structs.replace(event, id=found.id)
        for event, found in zip(expected, read, strict=False)
    ]
    assert read == [*given, *expected[len(read) :]]


@pytest.mark.torture
def test_an_engine_answers_as_the_model_does(kind: Kind) -> None:
    """Cases 1, 3 to 15, 17 to 25, 31 to 37 and 40 to 45, in random order."""
    machine = type("EngineMachine", (Machine,), {"kind": kind})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=tries(5, 200) if isinstance(kind, Shared) else tries(40, 2000),
            stateful_step_count=tries(60, 100),
            derandomize=not TORTURE,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

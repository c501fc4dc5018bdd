"""Whatever is asked, in whatever order: what is decided can be folded, found again, stored, and asked twice."""

from typing import Final

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import facts as f
from events.commands import AnnouncementCommand, Command
from events.deciding import decide
from events.errors import Refused
from events.facts import Recorded
from events.instants import FOREVER
from events.log.commit import require_valid
from events.log.entry import canonical
from events.log.port import NewCommit, NewEvent
from events.world import World
from tests.property.naive import Recording
from tests.property.test_fold import plain
from tests.strategies.commands import ANNOUNCEMENTS, BEGINNING, POSITIONS_MAX, TEXT, Body, commands
from tests.unit.given import NOW, now, record

SEQUENCES: Final = 250
_READ: Final[msgspec.json.Decoder[Command]] = msgspec.json.Decoder(Command)


def begun() -> World:
    world = World(NOW, {"x": TEXT + "x", "y": TEXT + "y"})
    for line in BEGINNING:
        facts = ask(world, line)
        assert facts
        record(world, facts)
    return world


def ask(world: World, line: Body) -> tuple[f.AnyFact, ...] | None:
    """Return the facts that a command makes, None where it is refused."""
    try:
        return decide(_READ.decode(msgspec.json.encode(line)), world)
    except Refused:
        return None


def records(world: World) -> list[Recorded]:
    return [world.recorded[position] for position in sorted(world.recorded)]


@given(commands())
@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_asked_again_a_command_makes_no_second_fact(lines: list[Body]) -> None:
    world = begun()

    for line in lines:
        facts = ask(world, line)
        record(world, facts or ())

        assert not ask(world, line), line


@given(commands())
@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_decided_reads_as_the_naive_fold_says_and_is_found_by_its_tags(lines: list[Body]) -> None:
    world = begun()

    for line in lines:
        record(world, ask(world, line) or ())

    for id in ANNOUNCEMENTS:
        history = world.history(id)
        naive = Recording(records(world), len(world.recorded), id).at(FOREVER)
        assert plain(None if history is None else history.now) == naive


@given(commands(), st.sets(st.integers(1, POSITIONS_MAX), min_size=1))
@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_was_erased_every_command_is_decided_or_refused_and_the_rest_reads_as_the_naive_fold_says(
    lines: list[Body], erased: set[int]
) -> None:
    before = begun()
    for line in lines:
        record(before, ask(before, line) or ())
    world = World(NOW, before.texts)
    world.add(msgspec.structs.replace(one, fact=None) if one.position in erased else one for one in records(before))

    for line in lines:
        record(world, ask(world, line) or ())

    left = [one for one in records(world) if one.position not in erased or one.position > len(before.recorded)]
    for id in ANNOUNCEMENTS:
        history = world.history(id)
        naive = Recording(left, len(world.recorded), id).at(FOREVER)
        assert plain(None if history is None else history.now) == naive


@given(commands())
@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_decided_counts_names_only_earlier_entries_and_reads_back_as_it_was(lines: list[Body]) -> None:
    world = begun()

    for line in lines:
        command = _READ.decode(msgspec.json.encode(line))
        facts = ask(world, line) or ()
        record(world, facts)
        head = len(world.recorded)
        for position, fact in enumerate(facts, head - len(facts) + 1):
            assert f.read(f.type_of(fact), f.VERSIONS[f.type_of(fact)], canonical(f.plain(fact))) == fact
            about = _about(fact)
            assert about is None or about < position
            if isinstance(fact, f.Amended | f.Corroborated):
                assert getattr(world.recorded[about or 0].fact, "announcement", None) == fact.announcement
        if isinstance(command, AnnouncementCommand) and facts:
            last = {_announcement(fact): position for position, fact in enumerate(facts, head - len(facts) + 1)}
            assert {id: now(world, id).position for id in last} == last, line


def _announcement(fact: f.AnyFact) -> str:
    assert isinstance(fact, f.AnnouncementFact)
    return fact.announcement


def _about(fact: f.AnyFact) -> int | None:
    match fact:
        case f.FactWithdrawn(position=about) | f.Amended(corrects=about) | f.Corroborated(supports=about):
            return about
        case _:
            return None


@given(commands())
@settings(max_examples=SEQUENCES // 5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_decided_is_what_a_log_takes(lines: list[Body]) -> None:
    world = begun()

    for line in lines:
        record(world, ask(world, line) or ())

    for entry in records(world):
        assert entry.fact is not None
        event = NewEvent(type=entry.type, data=canonical(f.plain(entry.fact)), tags=entry.tags, said_at=entry.said_at)
        require_valid(NewCommit(key="a/k", fingerprint=b"f", events=(event,), by="a"), head=entry.position)

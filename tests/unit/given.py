"""Small worlds for tests: facts recorded one after the other, and commands put to them as a request would put them."""

from typing import Any, Final

import msgspec
import pytest

from events import facts as f
from events.commands import Command
from events.deciding import decide
from events.errors import Refused
from events.facts import Recorded
from events.instants import Instant
from events.log.entry import canonical
from events.record import Announcement
from events.tags import tags_of
from events.terms import Citation, When
from events.world import World

NOW: Final[Instant] = "2024-06-01T12:00:00.000000Z"
TEXT: Final = "The visit is on 10 April. An official said so. It may move to 11 April."
_COMMANDS: Final[msgspec.json.Decoder[Command]] = msgspec.json.Decoder(Command)


def at(day: str) -> Instant:
    """Return the first instant of a day in UTC."""
    return f"{day}T00:00:00.000000Z"


def given(*facts: f.AnyFact, texts: dict[str, str] | None = None, now: Instant = NOW) -> World:
    """Return the world in which these facts were recorded, at positions 1, 2, 3 …, and read back from their bytes."""
    return record(World(now, texts), facts)


def record(world: World, facts: tuple[f.AnyFact, ...]) -> World:
    """Record further facts, each a commit of its own; return the world, which is the same one."""
    for fact in facts:
        position = max(world.recorded, default=0) + 1
        named = world.recorded[fact.position] if isinstance(fact, f.FactWithdrawn) else None
        named = world.recorded[fact.corrects] if isinstance(fact, f.Amended) else named
        stored = f.read(f.type_of(fact), f.VERSIONS[f.type_of(fact)], canonical(f.plain(fact)))
        world.add(
            [
                Recorded(
                    position=position,
                    type=f.type_of(fact),
                    recorded_at=world.now,
                    by="admin",
                    commit_end=position,
                    tags=tags_of(fact, named=() if named is None else named.tags),
                    fact=stored,
                    said_at=f.said_at_of(fact),
                )
            ]
        )
    return world


def command(name: str, **body: Any) -> Command:
    """Return a command, read strictly from its JSON; `from` is written `from_`."""
    plain = {key.removesuffix("_"): value for key, value in body.items()}
    return _COMMANDS.decode(msgspec.json.encode({"command": name, **plain}))


def asked(world: World, name: str, **body: Any) -> tuple[f.AnyFact, ...]:
    """Return the facts that a command makes in a world, which stays as it is."""
    return decide(command(name, **body), world)


def after(world: World, name: str, **body: Any) -> World:
    """Carry a command out and record its facts; return the world, which is the same one."""
    return record(world, asked(world, name, **body))


def refused(world: World, name: str, **body: Any) -> Refused:
    """Return the refusal that a command meets in a world."""
    with pytest.raises(Refused) as refusal:
        asked(world, name, **body)
    return refusal.value


def now(world: World, id: str = "visit") -> Announcement:
    """Return an announcement by all that was recorded and said."""
    history = world.history(id)
    assert history is not None
    assert history.now is not None
    return history.now


def source(id: str = "mofa", published_at: str = "2024-03-01", **more: Any) -> f.SourceRecorded:
    """Return a source that was published on a day."""
    told: dict[str, Any] = {"title": f"Bulletin of {id}", "publisher": "The ministry", "timezone": "UTC"}
    return f.SourceRecorded(source=id, published_at=at(published_at), language="en", **{**told, **more})


def cited(id: str = "mofa", said_at: str = "2024-03-01", quote: str = "10 April", **more: Any) -> tuple[Citation, ...]:
    """Return the one citation of a statement, of words said on a day."""
    return (Citation(source=id, quote=quote, said_at=at(said_at), **more),)


def on(edtf: str, kind: Any = "on") -> When:
    """Return a date."""
    return When(edtf=edtf, kind=kind)


def made(id: str = "visit", when: str | None = "2024-04-10", said_at: str = "2024-03-01", **more: Any) -> f.Made:
    """Return an announcement of a visit that the ministry made on a day."""
    told: dict[str, Any] = {"title": "State visit", "citations": cited(said_at=said_at)}
    return f.Made(announcement=id, when=None if when is None else on(when), **{**told, **more})


def words(source: str = "mofa", said_at: str | None = None, quote: str = "10 April", **more: Any) -> dict[str, Any]:
    """Return a citation as a request holds it."""
    return {"source": source, "quote": quote, **({} if said_at is None else {"said_at": said_at}), **more}


SOURCES: Final = (
    source("mofa", "2024-03-01"),
    source("nhk", "2024-03-10"),
    source("kyodo", "2024-03-20"),
    source("wire", "2024-03-15", copy_of="mofa"),
)
MADE: Final = len(SOURCES) + 1
"""The position at which the visit is announced in `known()`."""


def known(*more: f.AnyFact, **visit: Any) -> World:
    """Return the world in which four sources were recorded, the visit was announced on 1 March, and then more."""
    return given(*SOURCES, made(**visit), *more)

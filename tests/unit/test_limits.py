"""The largest body of every command still makes facts that a log takes."""

from typing import Any, Final

import pytest

from events import facts as f
from events.bodies import ACTORS_MAX, CITATIONS_MAX
from events.log.commit import require_valid
from events.log.entry import Entry, canonical, encode
from events.log.port import DATA_BYTES_MAX, ENTRY_BYTES_MAX, NOTE_BYTES_MAX, TAG_BYTES_MAX, NewCommit, NewEvent
from events.tags import TAGS_MAX
from events.world import World
from tests.unit.given import after, given, source

WIDE: Final = "😀"
"""A character of four bytes."""


def id_of(kind: str, number: int) -> str:
    return f"{kind}-{number:03}".ljust(64, "x")


def text(characters: int) -> str:
    return WIDE * characters


def citations(first: int) -> list[dict[str, Any]]:
    """Return as many citations as a body may hold, each of a source of its own."""
    return [
        {
            "source": id_of("source", first + number),
            "quote": text(300),
            "said_at": "2024-03-01",
            "speaker": {"name": text(300), "named": True},
        }
        for number in range(CITATIONS_MAX)
    ]


def description(first: int) -> dict[str, Any]:
    """Return all that can be said of an announcement, at its longest, with as many actors as a body may hold."""
    language = "aaaaaaaa-bbbbbbbb-cccccccc"
    return {
        "title": text(300),
        "when": {"edtf": "[" + ",".join(["2024-04-10"] * 18) + "]", "phrase": text(300), "anchor": "2024-04-10"},
        "kind": "k" * 40,
        "actors": [{"id": id_of("actor", first + number), "role": "about"} for number in range(ACTORS_MAX)],
        "places": [text(100)] * 32,
        "topics": [text(100)] * 32,
        "amount": {"value": "1" * 30 + "." + "1" * 10, "currency": "USD", "text": text(300)},
        "timezone": "America/Argentina/ComodRivadavia",
        "time": "10:30",
        "lang": language,
        "translations": {f"{language}-{number:03}": text(300) for number in range(64)},
        "image": {"url": "https://" + text(1900), "alt": text(2000), "credit": text(300)},
        "refs": [text(500)] * 32,
    }


@pytest.fixture
def world() -> World:
    """Return a world with enough sources and actors, and one announcement that says as much as it can."""
    sources = [source(id_of("source", number)) for number in range(3 * CITATIONS_MAX)]
    actors = [
        f.ActorRecorded(actor=id_of("actor", number), names={"en": "A"}, kind="person")
        for number in range(3 * ACTORS_MAX)
    ]
    made = {"id": id_of("announcement", 0), "citations": citations(0), **description(0)}
    return after(given(*sources, *actors), "make_announcement", **made)


def assert_taken(world: World) -> None:
    """Hold every fact of a world to the limits of a log."""
    for recorded in world.recorded.values():
        assert recorded.fact is not None
        event = NewEvent(type=recorded.type, data=canonical(f.plain(recorded.fact)), tags=recorded.tags)
        require_valid(NewCommit(key="a/k", fingerprint=b"f", events=(event,), by="a"), head=recorded.position)
        entry = Entry(
            by="a" * 200,
            causation=2**53 - 1,
            commit=(2**53 - 1, 500),
            correlation="f" * 32,
            data_hash="f" * 64,
            id="f" * 36,
            position=2**53 - 1,
            recorded_at=recorded.recorded_at,
            said_at=recorded.recorded_at,
            tags=recorded.tags,
            type=recorded.type,
            v=1,
        )
        assert len(encode(entry)) <= ENTRY_BYTES_MAX
        assert len(event.data) <= DATA_BYTES_MAX
        assert len(recorded.tags) <= TAGS_MAX
        assert max(len(tag.encode()) for tag in recorded.tags) <= TAG_BYTES_MAX


def test_the_longest_announcement_and_its_longest_amendment_and_their_withdrawals_are_taken(world: World) -> None:
    id = id_of("announcement", 0)
    made = len(world.recorded)
    amendment: dict[str, Any] = {"set": description(ACTORS_MAX), "reason": text(2000), "citations": citations(10)}

    after(world, "amend", id=id, origin="source", corrects=made, **amendment)
    for position in (made + 1, made + 2, made):
        after(world, "withdraw_fact", position=position, reason=text(2000))

    assert len(world.recorded) == made + 4
    assert len(world.recorded[made + 1].tags) == 1 + 2 * (ACTORS_MAX + CITATIONS_MAX)
    assert_taken(world)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("reschedule", {"when": {"edtf": "2025", "phrase": text(300)}, "reason": text(2000)}),
        ("postpone", {"reason": text(2000)}),
        ("progress", {"text": text(2000)}),
        ("outcome", {"result": "happened", "on": "2024-04-10", "reason": text(2000)}),
        ("corroborate", {}),
    ],
)
def test_the_longest_statement_is_taken(world: World, name: str, body: dict[str, Any]) -> None:
    after(world, name, id=id_of("announcement", 0), citations=citations(10), **body)

    assert_taken(world)


def test_the_longest_link_and_merge_are_taken(world: World) -> None:
    first, second = id_of("announcement", 0), id_of("announcement", 1)
    after(world, "make_announcement", id=second, title="T", citations=citations(10))

    after(world, "link", id=first, relation="follows", to=second, citations=citations(20))
    after(world, "merge", id=second, into=first, reason=text(2000))

    assert_taken(world)


def test_the_longest_source_actor_rubric_and_timeline_are_taken() -> None:
    url = "https://" + text(1990)
    query: dict[str, Any] = {
        "q": text(100),
        **{field: [text(100)] * 100 for field in ("topic", "place", "kind")},
        **{field: [id_of(field, number) for number in range(500)] for field in ("actor", "source", "id")},
        "state": ["announced"] * 100,
    }
    world = after(given(source("original")), "record_source", id=id_of("source", 0), title=text(300),
                  publisher=text(300), published_at="2024-03-01", author=text(300), url=url, archived_url=url,
                  copy_of="original", text=text(1000))  # fmt: skip

    after(world, "record_actor", id=id_of("actor", 0), kind="person", aliases=[text(500)] * 32,
          names={f"aaaaaaaa-bbbbbbbb-{number:03}": text(300) for number in range(64)})  # fmt: skip
    after(world, "publish_rubric", version="v" * 40, text=text(20_000))
    after(world, "create_timeline", slug="s" * 80, title=text(300), description=text(2000), query=query)

    assert len(world.recorded) == 5
    assert_taken(world)


def test_what_is_remembered_of_the_largest_batch_fits() -> None:
    assert 500 * len(f'["{"s" * 80}",500],') <= NOTE_BYTES_MAX

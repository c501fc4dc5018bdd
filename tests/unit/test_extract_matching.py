"""Candidates against the record: what each means, and what it would change."""

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from events import record, terms
from events.days import parse_day
from events.edtf import kind_of, parse
from events.extract.likeness import stems
from events.extract.matching import Background, match, repeated
from events.extract.parties import in_common, parties
from events.extract.reading import Candidate, Match

FILE = Path(__file__).parents[1] / "data" / "extract" / "matching.json"
DATA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
SOURCES = {"reprint": "bulletin"}
WHOLES = {"canada-ministry": "canada", "prime-minister-of-canada": "canada", "french-parliament": "france"}


def when(edtf: str | None) -> record.When:
    if edtf is None:
        return record.UNDATED
    kind = kind_of(parse(edtf))
    assert kind != "undated"
    return record.when_of(terms.When(edtf=edtf, kind=kind))


def at(day: str) -> str:
    return f"{day}T00:00:00.000000Z"


def amount(given: list[str] | None) -> terms.Amount | None:
    return None if given is None else terms.Amount(value=given[0], currency=given[1])


def announcement(said: dict[str, Any]) -> record.Announcement:
    """Return an announcement that was made as it is written down, and perhaps moved once."""
    start = said["start"]
    citation = record.Citation(
        source=said["source"], quote=said["quote"], start=start, end=start + len(said["quote"]),
        said_at=at(said["said"]), verified=True, withdrawn=False,
    )  # fmt: skip
    moved = said.get("moved")
    steps: list[tuple[str, Any, str]] = [] if said["when"] is None else [(said["when"], "first", said["said"])]
    steps += [] if moved is None else [(moved[0], "moved", moved[1])]
    dates = tuple(
        record.GivenDate(
            edtf=edtf, earliest=when(edtf).earliest, latest=when(edtf).latest, how=how, said_at=at(day),
            recorded_at=at(day), reason=None, citation=citation, position=position,
        )
        for position, (edtf, how, day) in enumerate(steps, 1)
    )  # fmt: skip
    return record.Announcement(
        id=said["id"], title=said["title"], kind=said["kind"], state=said.get("state", "announced"),
        when=when(moved[0] if moved else said["when"]), dates=dates, slip_days=None,
        actors=tuple(record.Actor(id=id, name=id.title(), role=role) for id, role in parts(said["actors"])),
        places=tuple(said.get("places", ())), topics=(), modality=said.get("modality", "scheduled"),
        citations=(citation,), outcomes=(), progress=(), links=(), refs=(), timezone="UTC", position=1,
        made_at=at(said["said"]), updated_at=at(said["said"]), amount=amount(said.get("amount")) or UNSET,
        merged_into=said.get("merged_into", UNSET),
    )  # fmt: skip


def parts(actors: list[str]) -> list[Any]:
    return [actor.split(":") for actor in actors]


def part(id: str, role: Any) -> terms.ActorRef:
    """Return an actor's part; what begins with = is a name without an id."""
    return terms.ActorRef(name=id[1:], role=role) if id.startswith("=") else terms.ActorRef(id=id, role=role)


def candidate(said: dict[str, Any], start: int = 5000) -> Candidate:
    return Candidate(
        id="c-1", quote=said["quote"], start=start, end=start + len(said["quote"]), expression=None,
        when=when(said["when"]), modality=said.get("modality", "scheduled"), title=said["title"], kind=said["kind"],
        actors=tuple(part(id, role) for id, role in parts(said["actors"])),
        places=tuple(said.get("places", ())), topics=(), amount=amount(said.get("amount")), speaker=None,
        inherited=False, confidence=0.8, rule="test", reasons=(),
        moved_from=when(said["moved_from"]) if "moved_from" in said else UNSET,
    )  # fmt: skip


RECORD = tuple(map(announcement, DATA["record"]))
VISIT = {
    "title": "State visit to Washington", "kind": "visit", "actors": ["japan:by", "united-states:with"],
    "when": "2024-04-10", "quote": "pays a state visit on Wednesday",
}  # fmt: skip


def matched(case: dict[str, Any], known: tuple[record.Announcement, ...] = RECORD) -> Match:
    background = Background(
        published=parse_day(case["published"]), source=case.get("source"), originals=SOURCES, wholes=WHOLES
    )
    return match(candidate(case["candidate"], case.get("start", 5000)), known, background)


def changed(id: str, **fields: Any) -> tuple[record.Announcement, ...]:
    """Return the record with one announcement that is otherwise."""
    return tuple(msgspec.structs.replace(one, **fields) if one.id == id else one for one in RECORD)


@pytest.mark.parametrize("case", DATA["cases"], ids=[case["name"] for case in DATA["cases"]])
def test_a_candidate_means_what_a_reader_takes_it_for(case: dict[str, Any]) -> None:
    found = matched(case)

    assert (found.id, found.proposal or None, found.why != ()) == (case["means"], case["proposal"], True), found


def test_there_are_enough_pairs_of_every_kind() -> None:
    proposed = [case["proposal"] for case in DATA["cases"]]

    assert len(proposed) >= 50
    assert min(proposed.count(kind) for kind in ("new", "corroborates", "moves", "outcome")) >= 6


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_record_changes_nothing(seed: int) -> None:
    shuffled = list(RECORD) * 2
    random.Random(seed).shuffle(shuffled)

    assert [matched(case, tuple(shuffled)) for case in DATA["cases"]] == [matched(case) for case in DATA["cases"]]


def test_nothing_is_meant_where_there_is_no_record() -> None:
    found = match(candidate(VISIT), (), Background(published=parse_day("2024-04-08")))

    assert found == Match(id=None, proposal="new", why=("nothing in the record is like it",))


@pytest.mark.parametrize("state", ["retracted", "withdrawn"])
def test_what_there_never_was_is_not_meant(state: Any) -> None:
    found = matched({"published": "2024-04-08", "candidate": VISIT}, changed("state-visit", state=state))

    assert (found.id, found.proposal) == (None, "new")


def test_what_was_merged_means_what_it_was_merged_into() -> None:
    merged = announcement({**DATA["record"][0], "id": "old", "title": "Guest of honour at the White House",
                           "merged_into": "state-visit"})  # fmt: skip
    said = {**VISIT, "title": "Guest of honour at the White House", "quote": "is guest of honour on Wednesday"}

    assert matched({"published": "2024-04-08", "candidate": said}).id is None
    assert matched({"published": "2024-04-08", "candidate": said}, (*RECORD, merged)).id == "state-visit"
    assert matched({"published": "2024-04-08", "candidate": said}, (merged,)).id is None


def test_an_actor_that_was_merged_is_the_one_it_points_on_to() -> None:
    known = announcement({**DATA["record"][0], "actors": ["nippon:by", "united-states:with"]})
    said = candidate({**VISIT, "title": "Visit", "when": "2024-04-08/2024-04-14"})
    day = parse_day("2024-04-08")

    assert match(said, (known,), Background(published=day)).id is None
    assert match(said, (known,), Background(published=day, actors={"nippon": "japan"})).id == "state-visit"


def test_reasons_are_told_in_words() -> None:
    found = matched(
        {"published": "2024-04-08",
         "candidate": {**VISIT, "when": "2024-04-12", "quote": "The state visit is now on Friday"}}
    )  # fmt: skip

    assert found.why == (
        "same words: state, visit, washington",
        "same actors: japan, united-states",
        "same kind: visit",
        "gives 12 April 2024 instead of 10 April 2024",
    )


def test_another_that_is_as_like_is_named() -> None:
    twin = msgspec.structs.replace(RECORD[0], id="visit-again")

    found = matched({"published": "2024-04-08", "candidate": VISIT}, (*RECORD, twin))

    assert (found.id, found.why[-1]) == ("state-visit", "as like to visit-again")


def test_what_is_only_somewhat_like_is_new_and_the_other_is_named() -> None:
    found = matched({"published": "2024-09-08", "candidate": {**VISIT, "when": "2024-11-10"}})

    assert (found.id, found.proposal) == (None, "new")
    assert found.why[0].startswith("perhaps state-visit, not sure enough: same words: ")


@pytest.mark.parametrize(
    ("one", "other"),
    [("visits", "visiting"), ("treaties", "treaty"), ("repaired", "repairs"), ("leader's", "leaders"),
     ("announcement’s", "announcements"), ("buses", "bus"), ("operations", "operation"), ("exercised", "exercise")],
)  # fmt: skip
def test_words_are_the_same_whatever_their_endings(one: str, other: str) -> None:
    assert stems(one) == stems(other) != frozenset()


def test_a_text_that_says_one_thing_twice_says_it_once() -> None:
    said = [
        {**VISIT, "title": "State visit of the prime minister"},
        {**VISIT, "title": "Speech to Congress", "kind": "speech", "when": "2024-04-11"},
        {**VISIT, "title": "The state visit", "when": "2024-04-08/2024-04-14"},
        {**VISIT, "title": "State visit of the prime minister", "modality": "denied"},
        {**VISIT, "title": "State visit of the prime minister", "when": "2024-04-12"},
    ]
    new = [msgspec.structs.replace(candidate(one), match=Match(id=None, proposal="new", why=())) for one in said]

    assert repeated(new, Background(published=parse_day("2024-04-08"))) == {2: 0}
    assert repeated([candidate(one) for one in said], Background(published=parse_day("2024-04-08"))) == {}


def test_who_is_of_one_state_counts_for_less_than_the_same() -> None:
    ministry, state, other = (parties((part(id, "by"),), {}, WHOLES) for id in ("canada-ministry", "canada", "norway"))

    assert in_common(state, state) == (30, "same actors: canada")
    assert in_common(ministry, state) == (25, "actors of the same: canada")
    assert in_common(state, other)[0] < 0 == in_common(state, ())[0]


def test_two_that_share_one_of_two_are_told_apart_by_the_others() -> None:
    ours, theirs = (
        parties(tuple(part(id, "by") for id in ids), {}, {})
        for ids in (("poland", "united-states"), ("japan", "united-states"))
    )

    assert in_common(ours, theirs)[0] < 0
    assert in_common(ours, theirs[1:])[0] > 0

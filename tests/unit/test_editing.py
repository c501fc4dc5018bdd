"""What editors do: amend, link, merge, retract, and take any one entry back."""

from typing import Any

import pytest

from events import facts as f
from events.errors import (
    BodyInvalid,
    DateInvalid,
    NotAllowed,
    NotFound,
    QuoteNotFound,
    Refused,
    UnknownReference,
    ZoneUnknown,
)
from events.tags import TAGS_MAX
from events.terms import ActorRef, AnnouncementFields, When
from tests.unit.given import MADE, SOURCES, after, asked, at, cited, given, known, made, now, on, refused, source, words

MOVED = f.Rescheduled(announcement="visit", when=on("2024-05-01"), citations=cited("nhk", "2024-03-10"))
OURS: dict[str, Any] = {"id": "visit", "origin": "editor", "reason": "Misread."}
THEIRS: dict[str, Any] = {"id": "visit", "origin": "source", "reason": "It said so."}


def amended(corrects: int, origin: Any = "editor", reason: str = "Misread.", **fields: Any) -> f.Amended:
    return f.Amended(
        announcement="visit", corrects=corrects, set=AnnouncementFields(**fields), origin=origin, reason=reason
    )


# Amending.


def test_a_correction_of_ours_is_of_the_statement_that_described_it() -> None:
    world = known(MOVED)

    facts = asked(world, "amend", **OURS, set={"title": "Official visit", "places": []})

    assert facts == (amended(MADE, title="Official visit"),)


def test_a_correction_of_the_date_is_of_the_statement_that_gave_it() -> None:
    assert asked(known(MOVED), "amend", **OURS, set={"when": "2024-05-02"}) == (
        amended(MADE + 1, when=on("2024-05-02")),
    )


def test_fields_that_came_from_two_statements_are_corrected_in_both() -> None:
    facts = asked(known(MOVED), "amend", **OURS, set={"title": "Official visit", "when": "2024-05-02"})

    assert facts == (amended(MADE, title="Official visit"), amended(MADE + 1, when=on("2024-05-02")))


def test_a_missing_date_is_added_to_the_announcement() -> None:
    assert asked(known(when=None), "amend", **OURS, set={"when": "2024-04-10"}) == (
        amended(MADE, when=on("2024-04-10")),
    )


def test_a_correction_of_what_a_source_corrected_itself_is_of_that() -> None:
    theirs = f.Amended(
        announcement="visit",
        corrects=MADE,
        set=AnnouncementFields(title="Official visit"),
        origin="source",
        reason="r",
        citations=cited(said_at="2024-03-05"),
    )

    assert asked(known(theirs), "amend", **OURS, set={"title": "A visit"}) == (amended(MADE + 1, title="A visit"),)


def test_a_second_correction_of_ours_is_of_the_statement_again() -> None:
    world = after(known(), "amend", **OURS, set={"title": "Official visit"})

    assert asked(world, "amend", **OURS, set={"title": "A visit"}) == (amended(MADE, title="A visit"),)


def test_a_correction_may_say_which_entry_it_is_of() -> None:
    facts = asked(known(MOVED), "amend", **OURS, corrects=MADE, set={"when": "2024-04-09"})

    assert facts == (amended(MADE, when=on("2024-04-09")),)


@pytest.mark.parametrize("corrects", [{}, {"corrects": MADE}])
@pytest.mark.parametrize(
    "fields",
    [
        {"title": "State visit"},
        {"when": "2024-04-10"},
        {"amount": {"value": "14", "currency": "USD"}},
        {"image": {"url": "https://example.org/a.png", "alt": "A", "credit": "B"}},
        {"actors": [{"name": "A"}]},
    ],
    ids=str,
)
def test_the_same_correction_again_changes_nothing(fields: dict[str, Any], corrects: dict[str, int]) -> None:
    world = given(*SOURCES, made(title="A visit", when="2024-04"))
    assert len(asked(world, "amend", **OURS, **corrects, set=fields)) == 1

    after(world, "amend", **OURS, **corrects, set=fields)

    assert asked(world, "amend", **OURS, **corrects, set=fields) == ()


def test_only_the_fields_that_change_are_recorded() -> None:
    facts = asked(known(), "amend", **OURS, set={"title": "State visit", "kind": "visit"})

    assert facts == (amended(MADE, kind="visit"),)


def test_a_source_corrects_itself_from_when_it_said_so() -> None:
    world = known()

    (fact,) = asked(world, "amend", **THEIRS, set={"title": "Official visit"}, citations=[words(said_at="2024-03-05")])
    after(world, "amend", **THEIRS, set={"title": "Official visit"}, citations=[words(said_at="2024-03-05")])

    assert f.said_at_of(fact) == at("2024-03-05")
    history = world.history("visit")
    assert history is not None
    titles = [read.title for day in ("2024-03-04", "2024-03-05") if (read := history.at(said_by=at(day)))]
    assert titles == ["State visit", "Official visit"]


def test_a_sources_correction_is_of_what_had_been_said_by_then() -> None:
    anew = made(title="The visit", citations=cited("kyodo", "2024-03-20"))

    (fact,) = asked(known(anew), "amend", **THEIRS, set={"title": "Official visit"}, citations=[words("nhk")])

    assert isinstance(fact, f.Amended)
    assert fact.corrects == MADE


def test_a_source_corrects_the_date_of_an_entry_that_it_names() -> None:
    (fact,) = asked(known(MOVED), "amend", **THEIRS, corrects=MADE, set={"when": "2024-04-09"}, citations=[words()])

    assert isinstance(fact, f.Amended)
    assert (fact.corrects, fact.set.when) == (MADE, on("2024-04-09"))


def test_a_second_source_that_corrects_it_alike_supports_the_first() -> None:
    body = {**THEIRS, "corrects": MADE, "set": {"when": "2024-04-09"}}
    world = after(known(), "amend", **body, citations=[words(said_at="2024-03-05")])

    (fact,) = asked(world, "amend", **body, citations=[words("nhk")])

    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE + 1
    assert asked(world, "amend", **body, citations=[words(said_at="2024-03-05")]) == ()


def test_a_sources_correction_again_changes_nothing_although_a_part_of_it_was_always_so() -> None:
    body = {**THEIRS, "set": {"title": "State visit", "kind": "visit"}, "citations": [words("nhk")]}
    world = after(known(), "amend", **body)

    assert len(world.recorded) == MADE + 1
    assert asked(world, "amend", **body) == ()


@pytest.mark.parametrize(
    ("body", "error", "pointer"),
    [
        ({**OURS, "set": {}}, BodyInvalid, "/set"),
        ({**OURS, "set": {"timezone": "Asia/Edo"}}, ZoneUnknown, "/set/timezone"),
        ({**OURS, "set": {"when": "soon"}}, DateInvalid, "/set/when"),
        ({**OURS, "set": {"when": {"edtf": "soon"}}}, DateInvalid, "/set/when/edtf"),
        ({**OURS, "set": {"actors": [{"id": "nobody"}]}}, UnknownReference, "/set/actors/0/id"),
        ({**OURS, "set": {"title": "A\x00"}}, BodyInvalid, "/set/title"),
        ({**OURS, "set": {"title": "A"}, "citations": [words("x")]}, UnknownReference, "/citations/0/source"),
        ({**THEIRS, "set": {"title": "A"}}, BodyInvalid, "/citations"),
        ({**THEIRS, "set": {"when": "2024-05-02"}, "citations": [words()]}, BodyInvalid, "/corrects"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_at_its_place(
    body: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    refusal = refused(known(), "amend", **body)

    assert type(refusal) is error
    assert refusal.pointer == pointer


@pytest.mark.parametrize(
    ("corrects", "fields", "pointer"),
    [
        (1, {"title": "A"}, "/corrects"),
        (99, {"title": "A"}, "/corrects"),
        (MADE + 2, {"title": "A"}, "/corrects"),  # Of another announcement.
        (MADE + 3, {"title": "A"}, "/corrects"),  # Withdrawn.
        (MADE + 4, {"title": "A"}, "/corrects"),  # A withdrawal.
        (MADE + 1, {"when": "2024-05-02", "title": "A"}, "/set/title"),
        (MADE + 5, {"when": "2024-05-02"}, "/corrects"),
    ],
)
def test_only_what_a_standing_statement_says_can_be_amended(
    corrects: int, fields: dict[str, Any], pointer: str
) -> None:
    gone = f.Postponed(announcement="visit", citations=cited("kyodo", "2024-03-12"))
    off = f.Cancelled(announcement="visit", citations=cited("kyodo", "2024-03-20"))
    world = known(MOVED, made("summit"), gone, f.FactWithdrawn(position=MADE + 3, reason="r"), off)

    refusal = refused(world, "amend", **OURS, corrects=corrects, set=fields)

    assert isinstance(refusal, NotAllowed)
    assert refusal.pointer == pointer


def test_a_correction_that_names_itself_ends_nowhere_and_is_refused() -> None:
    world = known()
    record = given(*SOURCES, made(), amended(MADE, title="A")).recorded[MADE + 1]
    bad = f.Recorded(
        position=record.position,
        type=record.type,
        recorded_at=record.recorded_at,
        by="admin",
        commit_end=record.position,
        tags=record.tags,
        fact=amended(record.position, title="A"),
    )
    world.add([bad])

    assert isinstance(refused(world, "amend", **OURS, corrects=MADE + 1, set={"title": "B"}), NotAllowed)


def test_the_date_of_what_is_off_its_date_cannot_be_amended_without_saying_where() -> None:
    world = after(known(), "postpone", id="visit", citations=[words("nhk")])

    refusal = refused(world, "amend", **OURS, set={"when": "2024-04-09"})

    assert isinstance(refusal, NotAllowed)
    assert refusal.pointer == "/set/when"
    assert asked(world, "amend", **OURS, corrects=MADE, set={"when": "2024-04-09"})
    assert asked(world, "amend", **OURS, set={"title": "A"})


def test_what_stands_no_more_cannot_be_amended() -> None:
    world = after(known(), "withdraw_fact", position=MADE, reason="Misread.")

    assert isinstance(refused(world, "amend", **OURS, set={"title": "A"}), NotAllowed)


def test_a_chain_of_corrections_ends_where_a_log_would_take_no_more_tags() -> None:
    ids = [f"actor-{number}" for number in range(60)]
    actors = [f.ActorRecorded(actor=id, names={"en": id}, kind="person") for id in ids]
    world = given(source(), *actors, made(citations=cited(), actors=tuple(ActorRef(id=id) for id in ids[:20])))
    position = len(actors) + 2
    parts = [[{"id": id} for id in ids[start : start + 20]] for start in (20, 40)]
    after(world, "amend", **OURS, corrects=position, set={"actors": parts[0]})
    after(world, "amend", **OURS, corrects=position + 1, set={"actors": parts[1]})

    refusal = refused(
        given(*[record.fact for record in world.recorded.values() if record.fact], *_sources(10)),
        "amend",
        **OURS,
        corrects=position + 2,
        set={"title": "A"},
        citations=[words(f"source-{number}") for number in range(10)],
    )

    assert isinstance(refusal, NotAllowed)
    assert refusal.pointer == "/corrects"
    assert max(len(record.tags) for record in world.recorded.values()) <= TAGS_MAX


def _sources(count: int) -> list[f.SourceRecorded]:
    return [source(f"source-{number}") for number in range(count)]


def test_an_amendment_is_checked_for_its_quotes_too() -> None:
    world = given(source(), made(), texts={"mofa": "Other words."})

    assert isinstance(refused(world, "amend", **OURS, set={"title": "A"}, citations=[words()]), QuoteNotFound)


def test_the_words_of_a_date_can_be_amended_without_moving_it() -> None:
    world = known()

    after(world, "amend", **OURS, set={"when": {"edtf": "2024-04-10", "phrase": "on Wednesday"}})

    history = world.history("visit")
    assert history is not None
    assert history.course().when == When(edtf="2024-04-10", kind="on", phrase="on Wednesday")
    assert now(world).slip_days == 0


# Linking and merging.


def test_a_link_is_recorded_once() -> None:
    world = known(made("summit"))

    (fact,) = asked(world, "link", id="visit", relation="part_of", to="summit")
    after(world, "link", id="visit", relation="part_of", to="summit")

    assert fact == f.Linked(announcement="visit", relation="part_of", to="summit")
    assert asked(world, "link", id="visit", relation="part_of", to="summit", citations=[words("nhk")]) == ()
    assert asked(world, "link", id="visit", relation="follows", to="summit")


@pytest.mark.parametrize(
    ("name", "body", "error", "pointer"),
    [
        ("link", {"relation": "follows", "to": "visit"}, BodyInvalid, "/to"),
        ("link", {"relation": "follows", "to": "nothing"}, UnknownReference, "/to"),
        ("link", {"relation": "follows", "to": "merged"}, NotAllowed, "/to"),
        ("link", {"relation": "follows", "to": "retracted"}, NotAllowed, "/to"),
        ("merge", {"into": "visit"}, BodyInvalid, "/into"),
        ("merge", {"into": "nothing"}, UnknownReference, "/into"),
        ("merge", {"into": "merged"}, NotAllowed, "/into"),
        ("merge", {"into": "retracted"}, NotAllowed, "/into"),
        ("merge", {"into": "withdrawn"}, NotAllowed, "/into"),
    ],
)
def test_what_cannot_be_linked_or_merged_with_is_refused_at_its_place(
    name: str, body: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    world = known(
        made("summit"),
        made("merged"),
        f.Merged(announcement="merged", into="summit"),
        made("retracted"),
        f.Retracted(announcement="retracted", reason="r"),
        made("withdrawn"),
        f.FactWithdrawn(position=MADE + 6, reason="r"),
    )

    refusal = refused(world, name, id="visit", **body)

    assert type(refusal) is error
    assert refusal.pointer == pointer


def test_a_merge_points_on_and_its_sources_support_the_other() -> None:
    nhk = cited("nhk", "2024-03-10")
    world = known(made("summit", citations=nhk))

    facts = asked(world, "merge", id="summit", into="visit", reason="One and the same.")

    assert facts == (
        f.Merged(announcement="summit", into="visit", reason="One and the same."),
        f.Corroborated(announcement="visit", supports=MADE, citations=nhk),
    )


@pytest.mark.parametrize("source_id", ["mofa", "wire"])
def test_a_merge_of_what_rests_on_the_same_source_or_a_copy_supports_nothing(source_id: str) -> None:
    world = known(made("summit", citations=cited(source_id, "2024-03-15")))

    assert asked(world, "merge", id="summit", into="visit") == (f.Merged(announcement="summit", into="visit"),)


def test_a_merge_leaves_behind_what_was_taken_back() -> None:
    first, second = made("summit", citations=cited("nhk", "2024-03-10")), made("summit", citations=cited("mofa"))
    world = known(first, second, f.FactWithdrawn(position=MADE + 1, reason="Misread."))

    assert asked(world, "merge", id="summit", into="visit") == (f.Merged(announcement="summit", into="visit"),)


def test_the_older_source_of_what_is_merged_supports_what_was_announced_first() -> None:
    first = made(citations=cited("nhk", "2024-03-10"))
    anew = made(title="Official visit", citations=cited("kyodo", "2024-03-20"))
    world = given(*SOURCES, first, anew, made("summit", citations=cited("mofa", "2024-03-01")))

    after(world, "merge", id="summit", into="visit")

    assert now(world).title == "Official visit"
    assert now(world).made_at == at("2024-03-01")


def test_a_merge_that_would_close_a_circle_is_refused() -> None:
    world = known(made("summit"), made("dinner"))
    after(world, "merge", id="visit", into="summit")
    after(world, "merge", id="summit", into="dinner")

    for id, into in (("dinner", "visit"), ("dinner", "summit"), ("visit", "dinner")):
        assert isinstance(refused(world, "merge", id=id, into=into), NotAllowed)


def test_a_merge_brings_along_more_sources_than_one_entry_can_hold() -> None:
    others = _sources(25)
    supports = [
        f.Corroborated(announcement="summit", supports=27, citations=cited(other.source)) for other in others[1:]
    ]
    world = given(source(), *others, made("summit", citations=cited(others[0].source)), *supports, made("visit"))

    merged, *corroborated = asked(world, "merge", id="summit", into="visit")

    assert isinstance(merged, f.Merged)
    assert [len(fact.citations) for fact in corroborated if isinstance(fact, f.Corroborated)] == [10, 10, 5]


def test_what_was_merged_or_retracted_can_be_neither_again() -> None:
    world = known(made("summit"), made("dinner"), f.Retracted(announcement="dinner", reason="r"))
    after(world, "merge", id="visit", into="summit")

    for id in ("visit", "dinner"):
        assert isinstance(refused(world, "merge", id=id, into="summit"), NotAllowed)
        assert isinstance(refused(world, "retract", id=id, reason="r"), NotAllowed)
        assert isinstance(refused(world, "link", id=id, relation="follows", to="summit"), NotAllowed)
        assert isinstance(refused(world, "amend", **{**OURS, "id": id}, set={"title": "A"}), NotAllowed)


def test_a_retraction_gives_its_reason() -> None:
    world = known()

    assert asked(world, "retract", id="visit", reason="There was none.") == (
        f.Retracted(announcement="visit", reason="There was none."),
    )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("amend", {"set": {"title": "A"}, "origin": "editor", "reason": "r"}),
        ("link", {"relation": "follows", "to": "b"}),
        ("merge", {"into": "b"}),
        ("retract", {"reason": "r"}),
    ],
)
def test_what_was_never_announced_cannot_be_edited(name: str, body: dict[str, Any]) -> None:
    assert isinstance(refused(given(source()), name, id="a", **body), NotFound)

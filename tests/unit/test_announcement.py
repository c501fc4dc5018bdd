"""Announcements: what a source may say of one, judged against what had been said by then."""

from typing import Any

import pytest

from events import facts as f
from events.errors import BodyInvalid, DateInvalid, NotAllowed, Refused, UnknownReference, ZoneUnknown
from events.terms import ActorRef, Amount, Image, Speaker, When
from tests.unit.given import MADE, after, asked, at, cited, given, known, made, now, on, refused, source, words


def when(edtf: Any) -> When:
    """Return the date of an announcement for which a request says `edtf`."""
    (fact,) = asked(given(source()), "make_announcement", id="a", title="T", when=edtf, citations=[words()])
    assert isinstance(fact, f.Made)
    assert fact.when is not None
    return fact.when


# Making one.


def test_an_announcement_is_made_with_all_that_is_said_of_it() -> None:
    usa = f.ActorRecorded(actor="usa", names={"en": "United States"}, kind="state")
    (fact,) = asked(
        given(source(), usa),
        "make_announcement",
        id="visit",
        title="State visit",
        when={"edtf": "2024-04-10", "phrase": "on Wednesday", "anchor": "2024-04-08"},
        kind="visit",
        citations=[words(speaker={"name": "An official", "named": False})],
        actors=[{"id": "usa"}, {"name": "Japan", "role": "with"}],
        places=["Washington"],
        topics=["defence"],
        modality="committed",
        amount={"value": "14", "currency": "USD"},
        timezone="America/New_York",
        time="10:30",
        lang="en",
        translations={"ja": "国賓訪問"},
        image={"url": "https://example.org/a.png", "alt": "A", "credit": "B"},
        refs=["https://example.org/1"],
    )

    assert fact == f.Made(
        announcement="visit",
        title="State visit",
        when=When(edtf="2024-04-10", kind="on", phrase="on Wednesday", anchor="2024-04-08"),
        kind="visit",
        citations=cited(speaker=Speaker(name="An official", named=False), said_at_assumed=True),
        actors=(ActorRef(id="usa"), ActorRef(name="Japan", role="with")),
        places=("Washington",),
        topics=("defence",),
        modality="committed",
        amount=Amount(value="14", currency="USD"),
        timezone="America/New_York",
        time="10:30",
        lang="en",
        translations={"ja": "国賓訪問"},
        image=Image(url="https://example.org/a.png", alt="A", credit="B"),
        refs=("https://example.org/1",),
    )


def test_what_is_left_out_has_its_default_and_the_zone_is_the_sources() -> None:
    (fact,) = asked(
        given(source(timezone="Asia/Tokyo")), "make_announcement", id="visit", title="State visit", citations=[words()]
    )

    assert isinstance(fact, f.Made)
    assert (fact.kind, fact.modality, fact.timezone, fact.when) == ("other", "scheduled", "Asia/Tokyo", None)


@pytest.mark.parametrize(
    ("said", "edtf", "kind"),
    [
        ("2024-04-10", "2024-04-10", "on"),
        ({"edtf": "2024-04-10"}, "2024-04-10", "on"),
        ("2024-04", "2024-04", "on"),
        ("2024-21", "2024-21", "on"),
        ("2025-12~", "2025-12~", "on"),
        ("../2025", "../2025", "deadline"),
        ("2024-07-01/..", "2024-07-01/..", "from"),
        ("2024-04-09/2024-04-14", "2024-04-09/2024-04-14", "between"),
        ("[2024,2025]", "[2024,2025]", "between"),
        ("[..2025]", "[..2025]", "between"),
        ({"edtf": "../2033", "kind": "until"}, "../2033", "until"),
        ({"edtf": "2025", "kind": "deadline"}, "2025", "deadline"),
    ],
)
def test_the_kind_of_a_date_follows_its_form_where_it_is_not_said(said: Any, edtf: str, kind: str) -> None:
    date = when(said)

    assert (date.edtf, date.kind) == (edtf, kind)


@pytest.mark.parametrize(
    ("said", "pointer", "hint"),
    [
        ("next year", "/when", ""),
        ("", "/when", ""),
        ("../..", "/when", "no bound"),
        ("2024/", "/when", "2024/.."),
        ("/2024", "/when", "../2024"),
        (" 2024", "/when", ""),
        ("2024-04-10T10:30:00Z", "/when", "time of day"),
        ("2024-13", "/when", ""),
        ("2" * 201, "/when", "200"),
        ({"edtf": "soon"}, "/when/edtf", ""),
        ({"edtf": "2024/..", "kind": "deadline"}, "/when/kind", "no last day"),
        ({"edtf": "2024/..", "kind": "until"}, "/when/kind", "no last day"),
        ({"edtf": "../2024", "kind": "from"}, "/when/kind", "no first day"),
        ({"edtf": "2024", "anchor": "2024-02-30"}, "/when/anchor", ""),
    ],
)
def test_a_date_that_cannot_be_is_refused_at_its_place(said: Any, pointer: str, hint: str) -> None:
    refusal = refused(given(source()), "make_announcement", id="a", title="T", when=said, citations=[words()])

    assert isinstance(refusal, DateInvalid)
    assert refusal.pointer == pointer
    assert hint in str(refusal)


@pytest.mark.parametrize(
    ("body", "error", "pointer"),
    [
        ({"timezone": "Asia/Edo"}, ZoneUnknown, "/timezone"),
        ({"actors": [{"name": "A"}, {"id": "nobody"}]}, UnknownReference, "/actors/1/id"),
        ({"actors": [{"id": "a", "name": "A"}]}, BodyInvalid, "/actors/0"),
        ({"actors": [{"role": "with"}]}, BodyInvalid, "/actors/0"),
        ({"title": "A\x1bB"}, BodyInvalid, "/title"),
        ({"places": ["A", "B\n"]}, BodyInvalid, "/places/1"),
        ({"translations": {"fr\n": "Visite"}}, BodyInvalid, "/translations/fr\n"),
        ({"time": "10:30\n"}, BodyInvalid, "/time"),
    ],
)
def test_an_announcement_that_cannot_be_is_refused_at_its_place(
    body: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    refusal = refused(given(source()), "make_announcement", **{"id": "a", "title": "T", "citations": [words()], **body})

    assert type(refusal) is error
    assert refusal.pointer == pointer


# Making it again.


def test_the_same_announcement_from_the_same_source_changes_nothing() -> None:
    body: dict[str, Any] = {
        "id": "visit",
        "title": "State visit",
        "when": "2024-04-10",
        "amount": {"value": "14", "currency": "USD"},
        "image": {"url": "https://example.org/a.png", "alt": "A", "credit": "B"},
        "citations": [words(speaker={"name": "An official", "named": False})],
    }
    world = after(given(source()), "make_announcement", **body)

    assert asked(world, "make_announcement", **body) == ()


def test_the_same_announcement_from_another_source_corroborates_the_date() -> None:
    world = known()

    facts = asked(
        world, "make_announcement", id="visit", title="State visit", when="2024-04-10", citations=[words("nhk")]
    )

    assert facts == (
        f.Corroborated(
            announcement="visit",
            supports=MADE,
            citations=cited("nhk", "2024-03-10", said_at_assumed=True),
        ),
    )


def test_the_same_announcement_without_its_date_corroborates_that_it_was_made() -> None:
    moved = f.Rescheduled(announcement="visit", when=on("2024-04-11"), citations=cited(said_at="2024-03-05"))

    (fact,) = asked(known(moved), "make_announcement", id="visit", title="State visit", citations=[words("nhk")])

    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE


def test_the_same_announcement_with_the_date_it_was_moved_to_corroborates_the_move() -> None:
    world = known(f.Rescheduled(announcement="visit", when=on("2024-05-01"), citations=cited("nhk", "2024-03-10")))

    (fact,) = asked(
        world, "make_announcement", id="visit", title="State visit", when="2024-05-01", citations=[words("kyodo")]
    )

    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE + 1


def test_an_announcement_made_anew_carries_on_what_it_leaves_out() -> None:
    world = known(kind="visit", places=("Washington",), timezone="America/New_York")

    (fact,) = asked(world, "make_announcement", id="visit", title="Official visit", citations=[words("nhk")])

    assert fact == made(
        title="Official visit",
        when=None,
        kind="visit",
        places=("Washington",),
        timezone="America/New_York",
        citations=cited("nhk", "2024-03-10", said_at_assumed=True),
    )


def test_an_announcement_made_anew_can_empty_what_it_gives() -> None:
    world = known(places=("Washington",))

    (fact,) = asked(world, "make_announcement", id="visit", title="State visit", places=[], citations=[words("nhk")])

    assert isinstance(fact, f.Made)
    assert fact.places == ()


def test_an_announcement_made_anew_with_another_date_moves_it() -> None:
    world = known()

    after(world, "make_announcement", id="visit", title="State visit", when="2024-05-01", citations=[words("nhk")])

    assert [date.how for date in now(world).dates] == ["first", "moved"]


def test_an_announcement_made_anew_after_it_was_cancelled_is_open_again() -> None:
    world = known(f.Cancelled(announcement="visit", citations=cited(said_at="2024-03-05")))

    after(world, "make_announcement", id="visit", title="State visit", when="2024-04-10", citations=[words("nhk")])

    assert now(world).state == "announced"


def test_an_older_source_that_announced_it_takes_its_place_before_the_one_we_had() -> None:
    world = known(citations=cited("nhk", "2024-03-10"))

    after(world, "make_announcement", id="visit", title="A visit", when="2024-04", citations=[words("mofa")])

    assert (now(world).title, now(world).when.edtf) == ("State visit", "2024-04-10")
    assert [(date.edtf, date.how) for date in now(world).dates] == [("2024-04", "first"), ("2024-04-10", "narrowed")]
    assert now(world).made_at == at("2024-03-01")


# Another date.


def test_another_date_moves_it() -> None:
    (fact,) = asked(known(), "reschedule", id="visit", when="2024-05-01", reason="Ill.", citations=[words("nhk")])

    assert fact == f.Rescheduled(
        announcement="visit",
        when=on("2024-05-01"),
        reason="Ill.",
        citations=cited("nhk", "2024-03-10", said_at_assumed=True),
    )


def test_a_second_source_that_gives_the_date_in_force_corroborates_it() -> None:
    world = after(known(), "reschedule", id="visit", when="2024-05-01", citations=[words("nhk")])

    facts = asked(world, "reschedule", id="visit", when="2024-05-01", citations=[words("kyodo")])

    assert facts == (
        f.Corroborated(
            announcement="visit",
            supports=MADE + 1,
            citations=cited("kyodo", "2024-03-20", said_at_assumed=True),
        ),
    )


@pytest.mark.parametrize("again", ["nhk", "mofa"])
def test_the_date_in_force_from_a_source_it_rests_on_changes_nothing(again: str) -> None:
    world = after(known(), "reschedule", id="visit", when="2024-04-10", citations=[words("nhk")])

    assert asked(world, "reschedule", id="visit", when="2024-04-10", citations=[words(again)]) == ()


def test_the_date_in_force_from_a_copy_changes_nothing() -> None:
    assert asked(known(), "reschedule", id="visit", when="2024-04-10", citations=[words("wire")]) == ()


def test_the_same_days_of_another_kind_are_another_date() -> None:
    world = known(when="2025")

    (fact,) = asked(
        world, "reschedule", id="visit", when={"edtf": "2025", "kind": "deadline"}, citations=[words("nhk")]
    )

    assert isinstance(fact, f.Rescheduled)


def test_the_old_date_again_takes_it_back_on_after_it_was_postponed() -> None:
    world = known(f.Postponed(announcement="visit", citations=cited(said_at="2024-03-05")))

    (fact,) = asked(world, "reschedule", id="visit", when="2024-04-10", citations=[words("nhk")])

    assert isinstance(fact, f.Rescheduled)


def test_the_date_in_force_again_takes_it_back_on_after_it_was_cancelled() -> None:
    world = known(f.Cancelled(announcement="visit", citations=cited(said_at="2024-03-05")))

    after(world, "reschedule", id="visit", when="2024-04-10", citations=[words("nhk")])

    assert now(world).state == "announced"
    assert len(now(world).dates) == 1


def test_an_older_statement_recorded_late_is_judged_by_what_had_been_said_by_then() -> None:
    later = f.Rescheduled(announcement="visit", when=on("2024-05-01"), citations=cited("kyodo", "2024-03-20"))
    world = known(later)

    (fact,) = asked(world, "reschedule", id="visit", when="2024-04-10", citations=[words("nhk")])

    assert isinstance(fact, f.Corroborated)
    assert fact.supports == MADE


def test_an_older_move_recorded_late_takes_its_place_and_leaves_the_present_date() -> None:
    later = f.Rescheduled(announcement="visit", when=on("2024-05-01"), citations=cited("kyodo", "2024-03-20"))
    world = known(later)

    after(world, "reschedule", id="visit", when="2024-04-20", citations=[words("nhk")])

    assert [date.edtf for date in now(world).dates] == ["2024-04-10", "2024-04-20", "2024-05-01"]
    assert now(world).when.edtf == "2024-05-01"


def test_a_statement_is_judged_at_the_earliest_of_its_citations() -> None:
    later = f.Rescheduled(announcement="visit", when=on("2024-05-01"), citations=cited("nhk", "2024-03-12"))
    world = known(later)

    facts = asked(
        world,
        "reschedule",
        id="visit",
        when="2024-04-10",
        citations=[words("kyodo"), words("nhk", quote="10 Apr", said_at="2024-03-11"), words("kyodo", quote="April")],
    )

    assert [type(fact) for fact in facts] == [f.Corroborated]
    assert [c.source for fact in facts for c in getattr(fact, "citations", ())] == ["kyodo", "nhk", "kyodo"]


def test_the_very_same_statement_again_changes_nothing_whatever_was_said_beside_it() -> None:
    body: dict[str, Any] = {"id": "visit", "when": "2024-05-01", "citations": [words("nhk")]}
    world = after(known(), "reschedule", **body)
    beside = words("kyodo", said_at="2024-03-10")
    after(world, "reschedule", id="visit", when="2024-06-01", citations=[beside])

    assert asked(world, "reschedule", **body) == ()


def test_nothing_can_be_said_of_it_before_it_was_announced() -> None:
    world = known(citations=cited("nhk", "2024-03-10"))

    refusal = refused(world, "reschedule", id="visit", when="2024-05-01", citations=[words("mofa")])

    assert isinstance(refusal, NotAllowed)
    assert refusal.pointer == "/citations"
    assert "had not been announced" in str(refusal)


def test_nothing_but_an_announcement_can_be_said_where_none_stands() -> None:
    world = after(known(), "withdraw_fact", position=MADE, reason="Misread.")

    refusal = refused(world, "reschedule", id="visit", when="2024-05-01", citations=[words("nhk")])

    assert isinstance(refusal, NotAllowed)
    assert asked(world, "make_announcement", id="visit", title="State visit", citations=[words()])


# Off its date, and off altogether.


@pytest.mark.parametrize(("name", "kind"), [("postpone", f.Postponed), ("cancel", f.Cancelled)])
def test_it_is_put_off_once_and_another_source_supports_that(name: str, kind: type) -> None:
    world = known()
    (fact,) = asked(world, name, id="visit", reason="Ill.", citations=[words("nhk")])
    after(world, name, id="visit", reason="Ill.", citations=[words("nhk")])

    (support,) = asked(world, name, id="visit", citations=[words("kyodo")])

    assert isinstance(fact, kind)
    assert isinstance(support, f.Corroborated)
    assert support.supports == MADE + 1
    assert asked(world, name, id="visit", citations=[words("nhk")]) == ()


def test_what_was_postponed_can_be_cancelled_and_what_was_cancelled_postponed() -> None:
    world = after(known(), "postpone", id="visit", citations=[words("nhk")])

    after(world, "cancel", id="visit", citations=[words("kyodo")])
    assert now(world).state == "cancelled"

    after(world, "postpone", id="visit", citations=[words("nhk", said_at="2024-04-01")])
    assert now(world).state == "postponed"


def test_what_lies_ahead_is_no_outcome_yet() -> None:
    refusal = refused(known(), "outcome", id="visit", result="happened", on="2024-06-03", citations=[words()])

    assert isinstance(refusal, DateInvalid)
    assert refusal.pointer == "/on"


def test_an_outcome_may_be_of_the_day_that_has_begun_elsewhere() -> None:
    assert asked(known(), "outcome", id="visit", result="happened", on="2024-06-02", citations=[words()])

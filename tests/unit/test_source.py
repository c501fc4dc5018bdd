"""Sources: recording, correcting and taking them back, and what it takes to quote one."""

from typing import Any

import pytest

from events import facts as f
from events.errors import (
    BodyInvalid,
    DateInvalid,
    DuplicateSource,
    NotAllowed,
    NotFound,
    QuoteNotFound,
    Refused,
    Taken,
    TimeInvalid,
    TooLong,
    UnknownReference,
    ZoneUnknown,
)
from events.source import text_hash
from events.terms import Citation, SourceFields, Speaker
from events.world import World
from tests.unit.given import TEXT, after, asked, at, cited, given, made, refused, source, words

BULLETIN: dict[str, Any] = {"id": "mofa", "title": "Bulletin", "publisher": "MOFA", "published_at": "2024-03-01"}
WITH_TEXT = source(sha256=text_hash(TEXT))
KNOWN_TEXT = {"mofa": TEXT}


def quoted(world: World, **words_: Any) -> Citation:
    """Return the citation that a new announcement makes of the ministry's bulletin."""
    (fact,) = asked(world, "make_announcement", id="new", title="T", citations=[words(**words_)])
    assert isinstance(fact, f.Made)
    return fact.citations[0]


# Recording.


def test_a_source_is_recorded_with_the_hash_of_its_text_and_never_the_text() -> None:
    (fact,) = asked(given(), "record_source", **BULLETIN, text=TEXT, timezone="Asia/Tokyo", author="A. Writer")

    assert fact == f.SourceRecorded(
        source="mofa",
        title="Bulletin",
        publisher="MOFA",
        published_at="2024-02-29T15:00:00.000000Z",
        timezone="Asia/Tokyo",
        language="en",
        author="A. Writer",
        sha256=text_hash(TEXT),
    )
    assert TEXT not in str(f.plain(fact))


def test_a_source_may_be_recorded_without_its_text() -> None:
    (fact,) = asked(given(), "record_source", **BULLETIN)

    assert isinstance(fact, f.SourceRecorded)
    assert (fact.sha256, fact.timezone, fact.published_at) == (None, "UTC", at("2024-03-01"))


def test_recording_the_same_source_again_changes_nothing() -> None:
    world = after(given(), "record_source", **BULLETIN, text=TEXT, url="https://example.org/1")

    assert asked(world, "record_source", **BULLETIN, text=TEXT, url="https://example.org/1") == ()


def test_another_source_cannot_have_the_same_id() -> None:
    world = after(given(), "record_source", **BULLETIN)

    refusal = refused(world, "record_source", **{**BULLETIN, "title": "Another"})

    assert isinstance(refusal, Taken)
    assert refusal.pointer == "/id"


@pytest.mark.parametrize(
    ("body", "error", "pointer"),
    [
        ({"timezone": "Asia/Edo"}, ZoneUnknown, "/timezone"),
        ({"published_at": "last Friday"}, TimeInvalid, "/published_at"),
        ({"published_at": "2024-06-02T12:00:00.000001Z"}, TimeInvalid, "/published_at"),
        ({"copy_of": "nobody"}, UnknownReference, "/copy_of"),
        ({"copy_of": "mofa"}, UnknownReference, "/copy_of"),
        ({"text": "é" * (512 * 1024 + 1)}, TooLong, "/text"),
        ({"url": "https://example.org:99999/"}, BodyInvalid, "/url"),
        ({"archived_url": "http://[::1"}, BodyInvalid, "/archived_url"),
        ({"title": "A\x00B"}, BodyInvalid, "/title"),
        ({"title": "A\nB"}, BodyInvalid, "/title"),
        ({"text": "A form feed:\f"}, BodyInvalid, "/text"),
        ({"text": "A C1 control:\x85"}, BodyInvalid, "/text"),
        ({"id": "mofa\n"}, BodyInvalid, "/id"),
    ],
)
def test_a_source_that_cannot_be_is_refused_at_its_place(
    body: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    refusal = refused(given(), "record_source", **{**BULLETIN, **body})

    assert type(refusal) is error
    assert refusal.pointer == pointer


def test_a_text_may_have_lines_and_tabs() -> None:
    assert asked(given(), "record_source", **BULLETIN, text="One\r\n\tTwo")


def test_what_was_published_within_the_coming_day_may_be_recorded() -> None:
    assert asked(given(), "record_source", **{**BULLETIN, "published_at": "2024-06-02T12:00:00Z"})


# The same address, the same text.


@pytest.mark.parametrize(
    ("same", "pointer"),
    [({"url": "http://EXAMPLE.org/1/"}, "/url"), ({"text": TEXT}, "/text")],
)
def test_the_same_address_or_text_again_is_refused_and_names_the_other(same: dict[str, Any], pointer: str) -> None:
    world = after(given(), "record_source", **BULLETIN, url="https://example.org/1", text=TEXT)

    refusal = refused(world, "record_source", **{**BULLETIN, "id": "nhk"}, **same)

    assert isinstance(refusal, DuplicateSource)
    assert (refusal.other, refusal.pointer) == ("mofa", pointer)
    assert "'mofa'" in str(refusal)


def test_the_same_text_is_recorded_as_a_copy_of_the_other() -> None:
    world = after(given(), "record_source", **BULLETIN, text=TEXT)

    (fact,) = asked(world, "record_source", **{**BULLETIN, "id": "nhk"}, text=TEXT, copy_of="mofa")

    assert isinstance(fact, f.SourceRecorded)
    assert fact.copy_of == "mofa"


def test_a_copy_of_something_else_does_not_excuse_the_same_text() -> None:
    world = after(given(), "record_source", **BULLETIN, text=TEXT)
    world = after(world, "record_source", **{**BULLETIN, "id": "kyodo"})

    refusal = refused(world, "record_source", **{**BULLETIN, "id": "nhk"}, text=TEXT, copy_of="kyodo")

    assert isinstance(refusal, DuplicateSource)


def test_a_third_copy_may_name_either_of_the_two() -> None:
    world = after(given(), "record_source", **BULLETIN, text=TEXT)
    world = after(world, "record_source", **{**BULLETIN, "id": "nhk"}, text=TEXT, copy_of="mofa")

    for original in ("mofa", "nhk"):
        assert asked(world, "record_source", **{**BULLETIN, "id": "kyodo"}, text=TEXT, copy_of=original)


def test_an_address_that_a_source_no_longer_has_is_free() -> None:
    world = after(given(), "record_source", **BULLETIN, url="https://example.org/1")
    world = after(world, "correct_source", id="mofa", set={"url": "https://example.org/2"}, reason="Misread.")

    assert asked(world, "record_source", **{**BULLETIN, "id": "nhk"}, url="https://example.org/1")
    assert isinstance(
        refused(world, "record_source", **{**BULLETIN, "id": "nhk"}, url="https://example.org/2"), DuplicateSource
    )


def test_an_address_of_a_source_recorded_by_mistake_is_free() -> None:
    world = after(given(), "record_source", **BULLETIN, url="https://example.org/1", text=TEXT)
    world = after(world, "withdraw_fact", position=1, reason="Not a source.")

    assert asked(world, "record_source", **{**BULLETIN, "id": "nhk"}, url="https://example.org/1", text=TEXT)


# Correcting.


def test_a_correction_holds_the_fields_that_were_wrong() -> None:
    (fact,) = asked(
        given(source()),
        "correct_source",
        id="mofa",
        set={"title": "New", "published_at": "2024-03-02"},
        reason="Misread.",
    )

    assert fact == f.SourceCorrected(
        source="mofa", set=SourceFields(title="New", published_at=at("2024-03-02")), reason="Misread."
    )


def test_a_day_of_publication_is_read_in_the_zone_that_is_corrected_with_it() -> None:
    (fact,) = asked(
        given(source()),
        "correct_source",
        id="mofa",
        set={"published_at": "2024-03-02", "timezone": "Asia/Tokyo"},
        reason="Misread.",
    )

    assert isinstance(fact, f.SourceCorrected)
    assert fact.set.published_at == "2024-03-01T15:00:00.000000Z"


def test_correcting_a_source_to_what_it_is_changes_nothing() -> None:
    world = given(source())

    assert asked(world, "correct_source", id="mofa", set={"publisher": "The ministry"}, reason="r") == ()


@pytest.mark.parametrize(
    ("fields", "error", "pointer"),
    [
        ({}, BodyInvalid, "/set"),
        ({"timezone": "Asia/Edo"}, ZoneUnknown, "/set/timezone"),
        ({"published_at": "soon"}, TimeInvalid, "/set/published_at"),
        ({"published_at": "2030-01-01"}, TimeInvalid, "/set/published_at"),
        ({"copy_of": "nobody"}, UnknownReference, "/set/copy_of"),
        ({"copy_of": "mofa"}, NotAllowed, "/set/copy_of"),
        ({"copy_of": "nhk"}, NotAllowed, "/set/copy_of"),
        ({"url": "https://example.org/kyodo"}, DuplicateSource, "/set/url"),
        ({"url": "https://x:99999"}, BodyInvalid, "/set/url"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_at_its_place(
    fields: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    world = given(source(), source("nhk", copy_of="mofa"), source("kyodo", url="https://example.org/kyodo"))

    refusal = refused(world, "correct_source", id="mofa", set=fields, reason="Misread.")

    assert type(refusal) is error
    assert refusal.pointer == pointer


def test_the_original_of_a_copy_can_be_corrected() -> None:
    url = "https://example.org/1"
    world = given(source(url=url), source("nhk", copy_of="mofa", url=url))

    assert asked(world, "correct_source", id="mofa", set={"title": "New"}, reason="Misread.")


def test_the_publication_that_statements_are_dated_by_cannot_be_corrected_and_they_are_listed() -> None:
    dated = made(citations=cited(said_at_assumed=True))
    elsewhere = made("summit", citations=cited("nhk", said_at_assumed=True))
    moved = f.Postponed(announcement="visit", citations=cited(said_at_assumed=True))
    world = given(source(), dated, source("nhk"), elsewhere, moved)

    refusal = refused(world, "correct_source", id="mofa", set={"published_at": "2024-03-02"}, reason="r")

    assert isinstance(refusal, NotAllowed)
    assert "entries 2, 5 were dated" in str(refusal)
    assert refusal.pointer == "/set/published_at"


def test_the_publication_can_be_corrected_once_no_statement_rests_on_it_by_default() -> None:
    world = given(source(), made(citations=cited(said_at_assumed=True)), made("summit"))
    world = after(world, "withdraw_fact", position=2, reason="Misdated.")

    assert asked(world, "correct_source", id="mofa", set={"published_at": "2024-03-02"}, reason="r")


def test_other_fields_can_be_corrected_whatever_rests_on_the_source() -> None:
    world = given(source(), made(citations=cited(said_at_assumed=True)))

    assert asked(world, "correct_source", id="mofa", set={"title": "New", "timezone": "Asia/Tokyo"}, reason="r")


# Taking back, and turning down.


def test_a_source_is_withdrawn_now_unless_it_is_said_when() -> None:
    world = given(source(timezone="Asia/Tokyo"))

    assert asked(world, "withdraw_source", id="mofa", reason="Gone.") == (
        f.SourceWithdrawn(source="mofa", reason="Gone.", said_at=world.now),
    )
    assert asked(world, "withdraw_source", id="mofa", reason="Gone.", said_at="2024-04-01") == (
        f.SourceWithdrawn(source="mofa", reason="Gone.", said_at="2024-03-31T15:00:00.000000Z"),
    )


def test_withdrawing_a_source_again_changes_nothing_unless_it_was_earlier() -> None:
    world = after(given(source()), "withdraw_source", id="mofa", reason="Gone.", said_at="2024-04-01")

    assert asked(world, "withdraw_source", id="mofa", reason="Gone.", said_at="2024-04-01") == ()
    assert asked(world, "withdraw_source", id="mofa", reason="Gone.") == ()
    assert asked(world, "withdraw_source", id="mofa", reason="Gone.", said_at="2024-03-31")


def test_a_withdrawal_cannot_lie_ahead() -> None:
    refusal = refused(given(source()), "withdraw_source", id="mofa", reason="Gone.", said_at="2024-06-03")

    assert isinstance(refusal, TimeInvalid)
    assert refusal.pointer == "/said_at"


def test_each_reading_that_is_turned_down_is_a_fact_with_the_hash_of_its_words() -> None:
    world = given(WITH_TEXT, texts=KNOWN_TEXT)
    readings = [{"start": 16, "end": 24, "edtf": "2024-04-10"}, {"start": 16, "end": 24, "edtf": "2023-04-10"}]

    facts = asked(world, "reject_candidates", id="mofa", candidates=[*readings, readings[0]], reason="Not it.")

    assert facts == tuple(
        f.CandidateRejected(
            source="mofa",
            start=16,
            end=24,
            quote_hash=text_hash("10 April"),
            reading=reading,
            reason="Not it.",
        )
        for reading in ("2024-04-10", "2023-04-10")
    )


def test_turning_the_same_reading_down_again_changes_nothing() -> None:
    body = {"id": "mofa", "candidates": [{"start": 16, "end": 24, "edtf": "2024-04-10"}]}
    world = after(given(WITH_TEXT, texts=KNOWN_TEXT), "reject_candidates", **body)

    assert asked(world, "reject_candidates", **body) == ()


@pytest.mark.parametrize(
    ("candidate", "error", "pointer"),
    [
        ({"start": 9, "end": 9, "edtf": "2024"}, QuoteNotFound, "/candidates/0/end"),
        ({"start": 0, "end": len(TEXT) + 1, "edtf": "2024"}, QuoteNotFound, "/candidates/0/end"),
        ({"start": 0, "end": 5, "edtf": "next year"}, DateInvalid, "/candidates/0/edtf"),
    ],
)
def test_a_reading_of_no_place_or_no_date_is_refused(
    candidate: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    refusal = refused(given(WITH_TEXT, texts=KNOWN_TEXT), "reject_candidates", id="mofa", candidates=[candidate])

    assert type(refusal) is error
    assert refusal.pointer == pointer


def test_nothing_can_be_turned_down_in_a_text_that_is_not_here() -> None:
    refusal = refused(
        given(source()), "reject_candidates", id="mofa", candidates=[{"start": 0, "end": 5, "edtf": "2024"}]
    )

    assert isinstance(refusal, NotAllowed)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("correct_source", {"set": {"title": "T"}, "reason": "r"}),
        ("withdraw_source", {"reason": "r"}),
        ("reject_candidates", {"candidates": [{"start": 0, "end": 5, "edtf": "2024"}]}),
    ],
)
def test_a_source_that_is_not_there_is_not_found(name: str, body: dict[str, Any]) -> None:
    assert isinstance(refused(given(), name, id="mofa", **body), NotFound)


# Quoting.


def test_a_quote_is_found_at_its_first_place() -> None:
    citation = quoted(given(WITH_TEXT, texts=KNOWN_TEXT), quote="April")

    assert (citation.start, citation.end, citation.verified) == (19, 24, True)


@pytest.mark.parametrize("place", [{"start": 65}, {"end": 70}, {"start": 65, "end": 70}])
def test_a_quote_may_be_said_to_stand_at_a_later_place(place: dict[str, int]) -> None:
    citation = quoted(given(WITH_TEXT, texts=KNOWN_TEXT), quote="April", **place)

    assert (citation.start, citation.end) == (65, 70)


def test_places_are_counted_in_code_points() -> None:
    text = "🇯🇵 10 April"
    world = given(source(sha256=text_hash(text)), texts={"mofa": text})

    citation = quoted(world, quote="10 April")

    assert (citation.start, citation.end) == (3, 11)


@pytest.mark.parametrize(
    "misquote",
    [
        {"quote": "12 April"},
        {"quote": "10 april"},
        {"quote": "10  April"},
        {"quote": "April", "start": 18},
        {"quote": "April", "start": 10_000},
        {"quote": "April", "start": 19, "end": 25},
        {"quote": "April", "end": 3},
        {"quote": "April", "end": 23},
    ],
)
def test_words_that_do_not_stand_there_are_refused(misquote: dict[str, Any]) -> None:
    world = given(WITH_TEXT, texts=KNOWN_TEXT)

    refusal = refused(world, "make_announcement", id="a", title="T", citations=[words(), words(**misquote)])

    assert isinstance(refusal, QuoteNotFound)
    assert refusal.pointer == "/citations/1/quote"


def test_a_quote_of_a_source_without_text_is_kept_and_marked_unverified() -> None:
    citation = quoted(given(source()), quote="In April")

    assert (citation.start, citation.end, citation.verified) == (None, None, False)


def test_a_place_in_a_source_without_text_is_as_long_as_the_quote() -> None:
    world = given(source())

    assert (quoted(world, quote="April", start=7).start, quoted(world, quote="April", start=7).end) == (7, 12)
    assert (quoted(world, quote="April", end=12).start, quoted(world, quote="April", end=12).end) == (7, 12)
    with pytest.raises(QuoteNotFound):
        quoted(world, quote="April", start=7, end=9)


def test_words_were_said_when_the_source_was_published_unless_it_is_said_when() -> None:
    world = given(source(timezone="Asia/Tokyo"))

    by_default = quoted(world)
    told = quoted(world, said_at="2024-02-01")

    assert (by_default.said_at, by_default.said_at_assumed) == (at("2024-03-01"), True)
    assert (told.said_at, told.said_at_assumed) == ("2024-01-31T15:00:00.000000Z", False)


def test_the_corrected_publication_is_when_words_were_said() -> None:
    world = after(given(source()), "correct_source", id="mofa", set={"published_at": "2024-03-05"}, reason="r")

    assert quoted(world).said_at == at("2024-03-05")


def test_who_is_quoted_is_recorded() -> None:
    citation = quoted(given(source()), speaker={"name": "an official", "named": False})

    assert citation.speaker == Speaker(name="an official", named=False)


@pytest.mark.parametrize(
    ("citation", "error", "pointer"),
    [
        (words("nobody"), UnknownReference, "/citations/0/source"),
        (words(said_at="soon"), TimeInvalid, "/citations/0/said_at"),
        (words(said_at="2024-06-02T12:00:01Z"), TimeInvalid, "/citations/0/said_at"),
        (words(quote="A\x07B"), BodyInvalid, "/citations/0/quote"),
    ],
)
def test_a_citation_that_cannot_be_is_refused_at_its_place(
    citation: dict[str, Any], error: type[Refused], pointer: str
) -> None:
    refusal = refused(given(source()), "make_announcement", id="a", title="T", citations=[citation])

    assert type(refusal) is error
    assert refusal.pointer == pointer


def test_words_said_within_the_coming_day_are_taken() -> None:
    assert quoted(given(source()), said_at="2024-06-02T12:00:00Z").said_at == "2024-06-02T12:00:00.000000Z"


def test_a_source_that_its_publisher_took_back_says_nothing_from_then_on() -> None:
    world = after(given(source()), "withdraw_source", id="mofa", reason="Gone.", said_at="2024-04-01")

    assert quoted(world, said_at="2024-03-31").source == "mofa"
    refusal = refused(world, "make_announcement", id="a", title="T", citations=[words(said_at="2024-04-01")])
    assert isinstance(refusal, NotAllowed)
    assert refusal.pointer == "/citations/0/source"


def test_the_same_citation_twice_is_one() -> None:
    (fact,) = asked(given(source()), "make_announcement", id="a", title="T", citations=[words(), words()])

    assert isinstance(fact, f.Made)
    assert len(fact.citations) == 1

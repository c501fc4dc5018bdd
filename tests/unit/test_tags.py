"""Tags: what a fact is found by, and that no fact has more than a log takes."""

from hashlib import sha256

import pytest

from events import facts as f
from events.log.port import EVENT_TAGS_MAX
from events.tags import TAGS_MAX, is_url, tags_of, url_tag
from events.terms import ActorRef, AnnouncementFields, SourceFields, TimelineQuery
from tests.unit.given import cited, made, on, source

USA = ActorRef(id="usa", role="with")
NAMELESS = ActorRef(name="An official")
TWO = (*cited("mofa"), *cited("nhk"))


def test_a_statement_is_found_by_its_announcement_each_source_it_cites_and_each_actor_it_names() -> None:
    fact = made(citations=TWO, actors=(USA, NAMELESS))

    assert tags_of(fact) == ("actor:usa", "announcement:visit", "source:mofa", "source:nhk")


def test_a_name_of_nobody_recorded_is_no_tag() -> None:
    assert tags_of(made(actors=(NAMELESS,))) == ("announcement:visit", "source:mofa")


@pytest.mark.parametrize(
    "fact",
    [
        f.Rescheduled(announcement="visit", citations=TWO, when=on("2024-04-11")),
        f.Postponed(announcement="visit", citations=TWO),
        f.Cancelled(announcement="visit", citations=TWO),
        f.Corroborated(announcement="visit", citations=TWO, supports=1),
        f.ProgressReported(announcement="visit", citations=TWO, text="."),
        f.OutcomeReported(announcement="visit", citations=TWO, result="happened"),
    ],
    ids=f.type_of,
)
def test_what_a_source_says_is_found_by_every_source_it_cites(fact: f.AnyFact) -> None:
    assert tags_of(fact) == ("announcement:visit", "source:mofa", "source:nhk")


def test_an_amendment_is_found_by_all_that_it_names_and_all_that_what_it_corrects_names() -> None:
    fields = AnnouncementFields(actors=(USA,))
    fact = f.Amended(
        announcement="visit", corrects=1, set=fields, origin="source", reason=".", citations=cited("kyodo")
    )

    assert tags_of(fact, named=("announcement:visit", "actor:japan", "source:mofa")) == (
        "actor:japan",
        "actor:usa",
        "announcement:visit",
        "source:kyodo",
        "source:mofa",
    )


def test_an_amendment_that_leaves_the_actors_alone_names_none() -> None:
    fact = f.Amended(announcement="visit", corrects=1, set=AnnouncementFields(title="T"), origin="editor", reason=".")

    assert tags_of(fact) == ("announcement:visit",)


def test_a_withdrawal_is_found_by_what_the_withdrawn_entry_is_found_by() -> None:
    assert tags_of(f.FactWithdrawn(position=3, reason="."), named=("announcement:visit", "source:mofa")) == (
        "announcement:visit",
        "source:mofa",
    )


def test_an_erasure_is_found_by_what_the_erased_entries_are_found_by() -> None:
    erased = f.LogErased(positions=(3,), reason=".")

    assert tags_of(erased, named=("announcement:visit",)) == ("announcement:visit", "log:self")


@pytest.mark.parametrize(
    "fact",
    [
        f.Linked(announcement="visit", relation="follows", to="summit"),
        f.Merged(announcement="visit", into="summit"),
    ],
    ids=f.type_of,
)
def test_both_ends_of_a_link_or_a_merge_are_tags(fact: f.AnyFact) -> None:
    assert tags_of(fact) == ("announcement:summit", "announcement:visit")


def test_both_ends_of_a_merge_of_actors_are_tags() -> None:
    assert tags_of(f.ActorMerged(actor="us", into="usa")) == ("actor:us", "actor:usa")


def test_an_actor_is_found_by_what_it_is_part_of() -> None:
    fact = f.ActorRecorded(actor="jsdf", names={"en": "JSDF"}, kind="organisation", part_of="japan")

    assert tags_of(fact) == ("actor:japan", "actor:jsdf")


def test_a_source_is_found_by_its_address_its_text_and_the_one_it_is_a_copy_of() -> None:
    fact = source(url="https://example.org/1", sha256="ab" * 32, copy_of="nhk")

    assert tags_of(fact) == (
        "source:mofa",
        "source:nhk",
        f"text:{'ab' * 32}",
        f"url:{sha256(b'example.org/1').hexdigest()}",
    )


def test_a_corrected_source_is_found_by_its_new_address() -> None:
    fact = f.SourceCorrected(source="mofa", set=SourceFields(url="https://example.org/2"), reason=".")

    assert tags_of(fact) == ("source:mofa", f"url:{sha256(b'example.org/2').hexdigest()}")


@pytest.mark.parametrize("kind", [f.ItemPinned, f.ItemHidden, f.ItemReleased])
def test_that_a_timeline_shows_an_announcement_is_no_tag_of_the_announcement(
    kind: type[f.ItemPinned] | type[f.ItemHidden] | type[f.ItemReleased],
) -> None:
    assert tags_of(kind(timeline="spring", announcement="visit")) == ("timeline:spring",)


def test_a_timeline_is_not_found_by_what_its_query_asks_for() -> None:
    fact = f.TimelineCreated(timeline="spring", title="T", query=TimelineQuery(actor=("usa",), source=("mofa",)))

    assert tags_of(fact) == ("timeline:spring",)


@pytest.mark.parametrize("fact", [f.CameUp(announcement="visit", date=1), f.FellDue(announcement="visit", date=1)])
def test_the_clock_speaks_of_an_announcement(fact: f.AnyFact) -> None:
    assert tags_of(fact) == ("announcement:visit",)


def test_a_rubric_and_the_log_itself_have_tags() -> None:
    assert tags_of(f.RubricPublished(version="1", text=".")) == ("rubric:1",)
    assert tags_of(f.LogKeyRotated(vkey="k")) == ("log:self",)


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/news/1",
        "https://EXAMPLE.org/news/1",
        "https://example.org:443/news/1",
        "http://example.org:80/news/1/",
        "https://example.org/news/1#top",
        "https://reader@example.org/news/1",
    ],
)
def test_one_address_written_in_two_ways_has_one_tag(other: str) -> None:
    assert url_tag(other) == url_tag("https://example.org/news/1")


@pytest.mark.parametrize(
    "other",
    [
        "https://example.org/news/2",
        "https://example.org/News/1",
        "https://example.org/news/1?page=2",
        "https://example.org:8080/news/1",
        "https://www.example.org/news/1",
        "https://example.org/",
    ],
)
def test_two_addresses_have_two_tags(other: str) -> None:
    assert url_tag(other) != url_tag("https://example.org/news/1")


@pytest.mark.parametrize("url", ["http://x:99999/", "http://[::1", "http://:80/", "http://x:0/", "http://x:y/"])
def test_an_address_that_cannot_be_is_told_and_still_has_a_tag(url: str) -> None:
    assert not is_url(url)
    assert url_tag(url).startswith("url:")


def test_what_a_fact_may_carry_is_what_a_log_takes() -> None:
    assert TAGS_MAX == EVENT_TAGS_MAX

"""Clauses that announce something become candidates: one each, with its words, its date and who does it."""

import pytest

from events.days import parse_day
from events.extract.article import extract
from events.extract.candidates.candidates import BACKGROUND_CONFIDENCE_MAX
from events.extract.reading import Candidate, Publication
from events.terms import ActorRef, Amount, Role

MONDAY = Publication(day=parse_day("2024-05-13"), country="US")


def candidates_of(text: str) -> list[Candidate]:
    return [each for each in extract(text, MONDAY).candidates if each.confidence > BACKGROUND_CONFIDENCE_MAX]


def only(text: str) -> Candidate:
    found = candidates_of(text)

    assert len(found) == 1, [each.title for each in found]
    return found[0]


def ids(candidate: Candidate, role: Role) -> set[str | None]:
    return {actor.id for actor in candidate.actors if actor.role == role}


def test_a_clause_gives_a_candidate_with_its_exact_words() -> None:
    text = "Rain fell. Japan and the Philippines will hold a summit in Manila on Wednesday, officials said."

    found = only(text)

    assert found.quote == "Japan and the Philippines will hold a summit in Manila on Wednesday"
    assert text[found.start : found.end] == found.quote
    assert found.title == "Japan and Philippines to hold summit in Manila"
    assert (found.kind, found.modality, found.when.edtf) == ("summit", "scheduled", "2024-05-15")
    assert ids(found, "by") == {"japan", "philippines"}
    assert found.places == ("Manila",)
    assert found.expression is not None
    assert found.expression.text == "Wednesday"
    assert found.speaker is not None
    assert (found.speaker.name, found.speaker.named) == ("officials", False)


def test_two_announcements_of_one_sentence_are_two_candidates() -> None:
    text = "Canada will host the summit in June and has pledged to send two frigates to Norway in July."

    first, second = candidates_of(text)

    assert (first.kind, first.when.edtf, first.modality) == ("summit", "2024-06", "scheduled")
    assert (second.when.edtf, second.modality) == ("2024-07", "committed")
    assert second.title == "Canada to send two frigates to Norway"


def test_what_is_followed_by_another_event_gives_both() -> None:
    text = "The king of Norway visits Finland on Thursday, followed the next day by a meeting of the Nordic Council."

    first, second = candidates_of(text)

    assert (first.kind, first.when.edtf) == ("visit", "2024-05-16")
    assert (second.title, second.kind, second.when.edtf) == ("Meeting of Nordic Council", "meeting", "2024-05-17")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("France will deliver a speech to parliament on Thursday.", "speech"),
        ("Sweden will buy 40 tanks from Germany in 2026.", "purchase"),
        ("Volvo will invest 2 billion euros in a plant in Kosice in 2026.", "investment"),
        ("Spain holds an election on 9 June.", "election"),
        ("India and Japan began military exercises on Sunday.", "exercise"),
        ("NASA will launch the probe in October.", "launch"),
        ("Turkey will deploy 300 soldiers to the border in June.", "deployment"),
        ("Chile and Peru signed a fishing treaty on Friday.", "agreement"),
        ("Ireland will ban single-use cups from January.", "law"),
        ("The Bank of Canada cut its key rate on Friday.", "decision"),
        ("Toyota publishes its results on Thursday.", "report"),
        ("Chile and Peru will meet in Lima on Thursday.", "meeting"),
    ],
)
def test_the_kind_is_what_the_clause_does(text: str, kind: str) -> None:
    assert only(text).kind == kind


def test_a_promise_of_a_known_kind_needs_no_date() -> None:
    found = only("Denmark has pledged to buy four frigates from Korea.")

    assert (found.when.edtf, found.when.kind) == (None, "undated")
    assert (found.modality, found.kind) == ("committed", "purchase")
    assert found.expression is None


def test_a_headline_without_a_date_is_kept_undated() -> None:
    text = "Iceland and Norway sign fishing pact\n\nThe sea was calm and the boats stayed at home.\n"

    found = only(text)

    assert (found.rule, found.when.kind, found.kind) == ("headline", "undated", "agreement")


def test_a_pronoun_is_whom_the_text_named_last_and_its_date_is_inherited_with_less_confidence() -> None:
    text = "The leaders of Chile and Peru will meet this week. They will also sign a treaty on the Atacama."

    first, second = candidates_of(text)

    assert second.title == "Leaders of Chile and Peru to sign treaty on Atacama"
    assert ids(second, "by") == {"chile", "peru"}
    assert (second.inherited, second.expression, second.when.edtf) == (True, None, "2024-05-13/2024-05-19")
    assert second.confidence < first.confidence


def test_a_deadline_is_not_inherited() -> None:
    text = "Chile will ratify the treaty by June. It will buy two ferries."

    found = candidates_of(text)

    assert [each.when.edtf for each in found] == ["../2024-06", None]


def test_a_postponement_keeps_both_dates() -> None:
    found = only("Boeing has postponed the first flight of its freighter from 3 June to 9 July.")

    assert found.when.edtf == "2024-07-09"
    assert found.moved_from
    assert found.moved_from.edtf == "2024-06-03"


def test_a_relative_clause_speaks_of_the_noun_before_it() -> None:
    text = "Toyota runs a plant near Liberty, North Carolina, which the king of Norway will visit on Thursday."

    found = next(each for each in candidates_of(text) if each.kind == "visit")

    assert found.title == "King of Norway to visit plant near Liberty, North Carolina"
    assert "Liberty, North Carolina" in found.quote


def test_who_is_quoted_is_named_or_only_described() -> None:
    named = only("“The line opens on Thursday,” said Anna Berg, who runs the port.")
    described = only("The line opens on Thursday, a senior official said.")

    assert named.speaker is not None
    assert (named.speaker.name, named.speaker.named) == ("Anna Berg", True)
    assert described.speaker is not None
    assert (described.speaker.name, described.speaker.named) == ("senior official", False)


def test_money_is_an_exact_amount() -> None:
    found = only("Volvo will spend nearly $1.35 billion on a plant in Kosice in 2026.")

    assert found.amount == Amount(value="1350000000", currency="USD", text="nearly $1.35 billion")


def test_partners_receivers_and_places_have_their_roles() -> None:
    found = only("Germany will sign an agreement with Kenya in Nairobi on Thursday.")
    sold = only("France will export 20 reactors to Poland in 2027.")

    assert (ids(found, "by"), ids(found, "with"), found.places) == ({"germany"}, {"kenya"}, ("Nairobi",))
    assert (ids(sold, "by"), ids(sold, "to")) == ({"france"}, {"poland"})


def test_a_company_that_no_list_knows_keeps_its_name() -> None:
    found = only("Acme Robotics Corp will open a factory in Lyon in June.")

    assert found.actors[0] == ActorRef(name="Acme Robotics Corp", role="by")


@pytest.mark.parametrize(
    "text",
    [
        "The minister believes that trust matters more than ever.",
        "Relations between Chile and Peru have been warm in recent years.",
        "The port was founded in 1843 by two brothers.",
        "Critics have complained about the noise in recent weeks.",
        "Today, if a storm came, the wall would fall.",
        "We will continue to stress how important this is.",
    ],
)
def test_opinions_and_background_announce_nothing(text: str) -> None:
    assert candidates_of(text) == []


def test_past_events_in_passing_are_kept_as_background() -> None:
    found = extract("The port was founded in 1843 by two brothers.", MONDAY).candidates

    assert [(each.rule, each.when.edtf) for each in found] == [("background", "1843")]


def test_an_event_that_is_only_named_again_is_no_second_candidate() -> None:
    text = "The king of Norway visits Finland on Thursday. Ahead of the king's visit on Thursday, streets were swept."

    assert [each.kind for each in candidates_of(text)].count("visit") == 1


def test_a_quote_has_at_most_three_hundred_characters() -> None:
    text = f"Chile, {'a long and narrow country by the sea, ' * 20}will hold an election on Thursday."

    found = candidates_of(text)

    assert found
    assert all(len(each.quote) <= 300 for each in found)


def test_a_verb_of_one_letter_raises_nothing() -> None:
    assert extract("He will y by mid-2004.", MONDAY).expressions
    assert extract("It was y on Friday.", MONDAY).expressions


def test_what_leaves_no_words_for_a_title_is_no_candidate() -> None:
    assert candidates_of("He is to in, on Sunday.") == []


def test_a_long_title_writes_sums_short_before_it_leaves_words_out() -> None:
    found = only(
        "Honda and its partner LG Energy Solution are spending more than $4 billion on a battery plant in Ohio."
    )

    assert found.title == "Honda and LG Energy Solution to spend over $4bn on battery plant"


def test_no_title_makes_a_sum_more_exact_than_it_is() -> None:
    found = only("Toyota said it will spend nearly $14 billion on a giant battery factory in Liberty, North Carolina.")

    assert found.title == "Toyota to spend nearly $14bn on giant battery factory"

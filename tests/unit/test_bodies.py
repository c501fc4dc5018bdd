"""Bodies are strict: what a request may hold, and how long it may be."""

from collections.abc import Iterator
from typing import Any, Final, get_args

import msgspec
import pytest

from events import bodies
from events.commands import BATCH_COMMANDS_MAX, Batch, Command
from events.terms import Modality, Relation, Result, Role, WhenKind
from tests.unit.given import command

CITED: Final[list[dict[str, Any]]] = [{"source": "s", "quote": "q"}]
VALID: Final[dict[str, dict[str, Any]]] = {
    "record_source": {"title": "T", "publisher": "P", "published_at": "2024-04-01"},
    "correct_source": {"id": "s", "set": {"title": "T"}, "reason": "r"},
    "withdraw_source": {"id": "s", "reason": "r"},
    "reject_candidates": {"id": "s", "candidates": [{"start": 0, "end": 1, "edtf": "2024"}]},
    "make_announcement": {"title": "T", "citations": CITED},
    "reschedule": {"id": "a", "when": "2024", "citations": CITED},
    "postpone": {"id": "a", "citations": CITED},
    "cancel": {"id": "a", "citations": CITED},
    "corroborate": {"id": "a", "citations": CITED},
    "progress": {"id": "a", "text": "t", "citations": CITED},
    "outcome": {"id": "a", "result": "happened", "citations": CITED},
    "amend": {"id": "a", "set": {"title": "T"}, "origin": "editor", "reason": "r"},
    "link": {"id": "a", "relation": "follows", "to": "b"},
    "merge": {"id": "a", "into": "b"},
    "retract": {"id": "a", "reason": "r"},
    "record_actor": {"id": "usa", "names": {"en": "U"}, "kind": "state"},
    "rename_actor": {"id": "usa", "names": {"en": "U"}},
    "merge_actor": {"id": "us", "into": "usa"},
    "publish_rubric": {"version": "1", "text": "t"},
    "create_timeline": {"slug": "t", "title": "T", "query": {"q": "x"}},
    "change_timeline": {"slug": "t"},
    "pin": {"slug": "t", "announcement": "a"},
    "hide": {"slug": "t", "announcement": "a"},
    "release": {"slug": "t", "announcement": "a"},
    "archive": {"slug": "t"},
    "withdraw_fact": {"position": 1, "reason": "r"},
}
REQUIRED: Final = [(name, field) for name, body in VALID.items() for field in body]


def with_(name: str, **more: Any) -> Any:
    return command(name, **{**VALID[name], **more})


def test_there_is_a_valid_body_of_every_command_here() -> None:
    names = {str(kind.__struct_config__.tag) for kind in get_args(Command)}

    assert set(VALID) == names


@pytest.mark.parametrize("name", VALID)
def test_the_least_a_command_needs_is_enough(name: str) -> None:
    assert type(with_(name)).__struct_config__.tag == name


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_a_command_without_a_field_it_needs_is_refused(name: str, field: str) -> None:
    body = {key: value for key, value in VALID[name].items() if key != field}

    with pytest.raises(msgspec.ValidationError, match=f"missing required field `{field}`"):
        command(name, **body)


@pytest.mark.parametrize("name", VALID)
def test_a_field_that_no_command_has_is_refused(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `mood`"):
        with_(name, mood="good")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("make_announcement", {"citations": [{"source": "s", "quote": "q", "mood": 1}]}),
        ("make_announcement", {"citations": [{**CITED[0], "speaker": {"name": "n", "named": True, "mood": 1}}]}),
        ("make_announcement", {"when": {"edtf": "2024", "mood": 1}}),
        ("make_announcement", {"actors": [{"name": "n", "mood": 1}]}),
        ("make_announcement", {"amount": {"value": "1", "currency": "USD", "mood": 1}}),
        ("make_announcement", {"image": {"url": "https://x.org", "alt": "a", "credit": "c", "mood": 1}}),
        ("amend", {"set": {"mood": 1}}),
        ("amend", {"set": {"citations": CITED}}),
        ("amend", {"set": {"id": "b"}}),
        ("correct_source", {"set": {"text": "t"}}),
        ("reject_candidates", {"candidates": [{"start": 0, "end": 1, "edtf": "2024", "mood": 1}]}),
        ("create_timeline", {"query": {"mood": 1}}),
    ],
)  # fmt: skip
def test_a_field_that_a_part_does_not_have_is_refused(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        with_(name, **body)


@pytest.mark.parametrize(
    ("name", "body", "place"),
    [
        ("make_announcement", {"title": 1}, "$.title"),
        ("make_announcement", {"title": ""}, "$.title"),
        ("make_announcement", {"title": "x" * 301}, "$.title"),
        ("make_announcement", {"kind": "Summit"}, "$.kind"),
        ("make_announcement", {"kind": "2summit"}, "$.kind"),
        ("make_announcement", {"kind": "s" * 41}, "$.kind"),
        ("make_announcement", {"citations": []}, "$.citations"),
        ("make_announcement", {"citations": CITED * 11}, "$.citations"),
        ("make_announcement", {"citations": [{"source": "s", "quote": "x" * 301}]}, "$.citations[0].quote"),
        ("make_announcement", {"citations": [{"source": "s", "quote": ""}]}, "$.citations[0].quote"),
        ("make_announcement", {"citations": [{"source": "s", "quote": "q", "start": -1}]}, "$.citations[0].start"),
        ("make_announcement", {"citations": [{"source": "s", "quote": "q", "start": "1"}]}, "$.citations[0].start"),
        ("make_announcement", {"actors": [{"name": "n"}] * 21}, "$.actors"),
        ("make_announcement", {"actors": [{"name": "n", "role": "for"}]}, "$.actors[0].role"),
        ("make_announcement", {"modality": "hoped"}, "$.modality"),
        ("make_announcement", {"amount": {"value": "1e9", "currency": "USD"}}, "$.amount.value"),
        ("make_announcement", {"amount": {"value": "1,000", "currency": "USD"}}, "$.amount.value"),
        ("make_announcement", {"amount": {"value": "١", "currency": "USD"}}, "$.amount.value"),
        ("make_announcement", {"amount": {"value": 14, "currency": "USD"}}, "$.amount.value"),
        ("make_announcement", {"amount": {"value": "14", "currency": "usd"}}, "$.amount.currency"),
        ("make_announcement", {"time": "9:05"}, "$.time"),
        ("make_announcement", {"time": "24:00"}, "$.time"),
        ("make_announcement", {"time": "٠٩:٠٥"}, "$.time"),
        ("make_announcement", {"lang": "english language"}, "$.lang"),
        ("make_announcement", {"translations": {"not a language": "T"}}, "$.translations"),
        ("make_announcement", {"translations": {f"aa-{n}": "T" for n in range(65)}}, "$.translations"),
        ("make_announcement", {"image": {"url": "javascript:alert(1)", "alt": "a", "credit": "c"}}, "$.image.url"),
        ("make_announcement", {"when": 2024}, "$.when"),
        ("make_announcement", {"when": {"edtf": "2024", "kind": "by"}}, "$.when.kind"),
        ("make_announcement", {"when": {"edtf": "2024", "anchor": "1 April"}}, "$.when.anchor"),
        ("make_announcement", {"id": "Visit"}, "$.id"),
        ("make_announcement", {"id": "x" * 65}, "$.id"),
        ("make_announcement", {"id": ""}, "$.id"),
        ("make_announcement", {"places": ["x" * 101]}, "$.places[0]"),
        ("make_announcement", {"places": ["x"] * 33}, "$.places"),
        ("record_source", {"text": ""}, "$.text"),
        ("record_source", {"text": "x" * (1024 * 1024 + 1)}, "$.text"),
        ("record_source", {"url": "ftp://example.org"}, "$.url"),
        ("record_source", {"url": "https://exa mple.org"}, "$.url"),
        ("reschedule", {"reason": "x" * 2001}, "$.reason"),
        ("outcome", {"result": "maybe"}, "$.result"),
        ("link", {"relation": "likes"}, "$.relation"),
        ("link", {"citations": []}, "$.citations"),
        ("amend", {"origin": "reader"}, "$.origin"),
        ("amend", {"corrects": 0}, "$.corrects"),
        ("amend", {"corrects": 2**53}, "$.corrects"),
        ("amend", {"corrects": 1.5}, "$.corrects"),
        ("withdraw_fact", {"position": True}, "$.position"),
        ("record_actor", {"names": {}}, "$.names"),
        ("record_actor", {"names": {"e n": "x"}}, "$.names"),
        ("record_actor", {"kind": "god"}, "$.kind"),
        ("record_actor", {"wikidata": "Q0"}, "$.wikidata"),
        ("publish_rubric", {"version": "v 1"}, "$.version"),
        ("create_timeline", {"slug": "Spring"}, "$.slug"),
        ("create_timeline", {"slug": "x" * 81}, "$.slug"),
        ("create_timeline", {"query": {"actor": "U S A"}}, "$.query"),
        ("create_timeline", {"query": {"actor": []}}, "$.query.actor"),
        ("create_timeline", {"query": {"topic": ["x"] * 101}}, "$.query.topic"),
        ("create_timeline", {"query": {"id": ["x"] * 501}}, "$.query.id"),
        ("create_timeline", {"query": {"topic": "x" * 101}}, "$.query.topic"),
    ],
)
def test_what_is_malformed_or_too_long_is_refused_at_its_place(name: str, body: dict[str, Any], place: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refusal:
        with_(name, **body)

    assert f"`{place}" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("make_announcement", {"title": "語" * 300, "kind": "s" * 40, "id": "x" * 64, "time": "23:59"}),
        ("make_announcement", {"amount": {"value": "-0.05", "currency": "JPY", "text": "minus five sen"}}),
        ("make_announcement", {"when": {"edtf": "2024", "kind": "on", "phrase": "this year", "anchor": "2024-01-01"}}),
        ("make_announcement", {"kind": "whaling_moratorium"}),
        ("record_source", {"text": "語" * 1000, "url": "https://example.org/語?q=1"}),
        ("create_timeline", {"query": {"actor": "usa", "topic": ["a", "b c"], "from": "2024-04-01"}}),
        ("record_actor", {"wikidata": "Q42", "from": "1954", "to": "../2030"}),
    ],
)  # fmt: skip
def test_what_is_just_within_its_limits_is_taken(name: str, body: dict[str, Any]) -> None:
    assert with_(name, **body)


@pytest.mark.parametrize(
    ("name", "field", "words", "wrap"),
    [
        ("make_announcement", "modality", Modality, lambda word: word),
        ("make_announcement", "actors", Role, lambda word: [{"name": "n", "role": word}]),
        ("make_announcement", "when", WhenKind, lambda word: {"edtf": "2024/2025", "kind": word}),
        ("outcome", "result", Result, lambda word: word),
        ("link", "relation", Relation, lambda word: word),
    ],
)
def test_every_word_of_a_list_is_taken(name: str, field: str, words: Any, wrap: Any) -> None:
    for word in get_args(words):
        assert with_(name, **{field: wrap(word)})


def test_what_is_left_out_has_the_first_of_its_values() -> None:
    source = with_("record_source")
    announcement = with_("make_announcement", actors=[{"name": "n"}])

    assert (source.timezone, source.language) == ("UTC", "en")
    assert announcement.actors[0].role == "by"


def test_a_query_takes_one_value_or_several() -> None:
    timeline = with_("create_timeline", query={"actor": "usa", "topic": ["a", "b"]})

    assert (timeline.query.actor, timeline.query.topic) == ("usa", ("a", "b"))


def test_a_batch_holds_one_to_five_hundred_commands() -> None:
    line = {"command": "retract", **VALID["retract"]}
    read = msgspec.json.Decoder(Batch).decode

    assert len(read(msgspec.json.encode({"commands": [line] * BATCH_COMMANDS_MAX})).commands) == 500
    for count in (0, 501):
        with pytest.raises(msgspec.ValidationError, match="length"):
            read(msgspec.json.encode({"commands": [line] * count}))


def test_a_command_of_no_known_name_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="Invalid value 'sing'"):
        command("sing")


def test_a_text_is_at_most_a_mebibyte() -> None:
    assert bodies.TEXT_BYTES_MAX == 1024 * 1024


@pytest.mark.parametrize(
    "blank", [" ", "\t\r\n", "\u00a0\u3000", "\u200b", "\u200d\ufeff", "\u00ad", "\u2800", "\u3164\ufe0f"]
)
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("record_source", {"title": "{}"}),
        ("record_source", {"publisher": "{}"}),
        ("record_source", {"text": "{}"}),
        ("make_announcement", {"title": "{}"}),
        ("make_announcement", {"citations": [{"source": "s", "quote": "{}"}]}),
        ("make_announcement", {"places": ["{}"]}),
        ("make_announcement", {"refs": ["{}"]}),
        ("make_announcement", {"actors": [{"name": "{}"}]}),
        ("make_announcement", {"translations": {"de": "{}"}}),
        ("make_announcement", {"when": {"edtf": "2024", "phrase": "{}"}}),
        ("retract", {"reason": "{}"}),
        ("progress", {"text": "{}"}),
        ("record_actor", {"names": {"en": "{}"}}),
        ("publish_rubric", {"text": "{}"}),
        ("create_timeline", {"query": {"q": "{}"}}),
    ],
)
def test_a_text_needs_something_to_see(name: str, body: dict[str, Any], blank: str) -> None:
    written = msgspec.json.decode(msgspec.json.encode(body).replace(b"{}", msgspec.json.encode(blank)[1:-1]))

    with pytest.raises(msgspec.ValidationError, match="matching regex"):
        with_(name, **written)


@pytest.mark.parametrize("text", ["e\u0301", "\u0301", "\u200f\u05d0", "1", "?", "\U0001f680", "\u2764\ufe0f", " x "])
def test_a_text_may_be_anything_that_can_be_seen(text: str) -> None:
    assert with_("retract", reason=text).reason == text


@pytest.mark.parametrize("field", ["actor", "source", "id", "topic", "place", "kind", "state"])
def test_one_value_of_a_query_is_checked_like_each_of_several(field: str) -> None:
    for value in (" ", "\u200b", "x" * 101):
        for query in ({field: value}, {field: ["a", value]}):
            with pytest.raises(msgspec.ValidationError):
                with_("create_timeline", query=query)
    for query in ({field: "a"}, {field: ["a", "b"]}):
        assert getattr(with_("create_timeline", query=query).query, field) in ("a", ("a", "b"))


def test_no_pattern_stands_in_a_union_with_a_list() -> None:
    """msgspec frees such a pattern as if it were a type when the interpreter ends, which then may crash."""
    found = set()
    for kind in [*get_args(Command), *vars(bodies).values()]:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found |= {repr(part) for part in unions(msgspec.inspect.type_info(kind))}

    assert not found


def unions(kind: Any) -> Iterator[Any]:
    """Yield the unions within a type that msgspec does not bear."""
    if isinstance(kind, msgspec.inspect.UnionType):
        several = (msgspec.inspect.CollectionType, msgspec.inspect.DictType)
        if any(isinstance(part, several) for part in kind.types):
            yield from (part for part in kind.types if isinstance(part, msgspec.inspect.StrType) and part.pattern)
    inside = [getattr(kind, name) for name in ("type", "item_type", "key_type", "value_type") if hasattr(kind, name)]
    for part in (*inside, *getattr(kind, "types", ()), *(field.type for field in getattr(kind, "fields", ()))):
        yield from unions(part)

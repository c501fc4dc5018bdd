"""Schemas of bodies and answers, made as exact as the checks they stand for.

msgspec writes them, from the structs that it checks. It does not know what the door refuses (`null`, control
characters), which texts are times, and that an answer has no fields but those it names.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from events.bodies import PROSE, SEEN
from events.facts import TYPES, VERSIONS

REFERENCE: Final = "#/components/schemas/{name}"
INSTANT: Final = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$",
    "examples": ["2024-04-08T12:00:00.000000Z"],
}
_DAY: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
RFC3339: Final = f"{_DAY}{_CLOCK}$"
TIME: Final = {
    "type": "string",
    "maxLength": 64,
    "pattern": f"{_DAY}({_CLOCK})?$",
    "description": "RFC 3339, or a day.",
    "examples": ["2024-04-08"],
}
EDTF: Final = {"type": "string", "maxLength": 1000, "format": "edtf", "examples": ["2024-04-10"]}
"""`maxLength` is what msgspec checks; the parser refuses what has over 200 characters, as it does other nonsense."""
EXACT: Final[Mapping[str, dict[str, Any]]] = {
    "published_at": TIME,
    "said_at": TIME,
    "expires_at": TIME,
    "edtf": EDTF,
    "timezone": {"type": "string", "minLength": 1, "maxLength": 64, "examples": ["America/New_York"]},
}
"""Fields of requests that are more than text."""
TIMES: Final = frozenset(
    {
        "recorded_at", "said_at", "made_at", "updated_at", "published_at", "created_at", "expires_at", "last_used_at",
        "revoked_at", "time", "saidat", "said_by",
    }
)  # fmt: skip
"""Fields of answers that are instants. `time` of an announcement is a time of day."""
COUNTS: Final = frozenset({"position", "total", "head", "announcements", "start", "end", "as_of"})
"""Fields of answers that are never below zero."""
WITH_FACTS: Final = frozenset({"CloudEvent", "HistoryEntry"})
"""Components whose `type` says what their `data` is."""
_C: Final = r"\u0000-\u001f\u007f-\u009f"
_C_IN_PROSE: Final = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"


def components(
    asked: Sequence[Any], answered: Sequence[Any]
) -> tuple[dict[Any, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the schema of every type that is asked for or answered, and the components they refer to."""
    facts = tuple(TYPES.values())
    kinds = list(dict.fromkeys((*asked, *answered, *facts)))
    schemas, made = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    requests, recorded = _reached(made, schemas[: len(set(asked))]), _reached(made, schemas[-len(facts) :])
    fact_of = {name: _name(schema) for name, schema in zip(TYPES, schemas[-len(facts) :], strict=True)}
    for name in fact_of.values():
        made[name] = _without_type(made[name])
    exact = {}
    for name in sorted(made):
        schema = without_null(made[name]) if name in requests | recorded else made[name]
        exact[name] = _request(schema) if name in requests else _answer(name, schema)
    for name in WITH_FACTS & exact.keys():
        told = [_with_fact(name, type_name, fact_of[type_name]) for type_name in TYPES]
        exact[name] = {**exact[name], "oneOf": [*told, _with_other(told)]}
    said = {called(name): _worded(schema) for name, schema in exact.items()}
    assert len(said) == len(exact), "two components have one name"
    schema_of = dict(zip(kinds, _renamed(schemas), strict=True))
    return schema_of, _renamed(said)


def called(name: str) -> str:
    """Return what a component is called, by what msgspec calls it.

    >>> called("Listing_Announcement_"), called("events.record.When"), called("events.terms.When")
    ('AnnouncementList', 'When', 'RecordedWhen')
    >>> called("events.bodies.Speaker")
    'SpeakerIn'
    """
    listed = re.fullmatch(r"Listing_(.+)_", name)
    if listed:
        return called(listed[1]) + "List"
    module, _, last = name.rpartition(".")
    if name == "events.extract.reading.Match":
        return "CandidateMatch"  # A search has its matches, too.
    return {"events.terms": f"Recorded{last}", "events.bodies": f"{last}In"}.get(module, last)


def without_null(schema: Any) -> Any:
    """Return a schema in which what may be left out may not be null: that is refused in a request."""
    if isinstance(schema, list):
        return [without_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: without_null(part) for name, part in schema.items() if not (name == "default" and part in (None, []))}
    for name in ("anyOf", "oneOf"):
        if name in kept:
            rest = [part for part in kept.pop(name) if part != {"type": "null"}]
            kept.update(rest[0] if len(rest) == 1 else {name: rest})
    if isinstance(kept.get("type"), list):
        kept["type"] = [kind for kind in kept["type"] if kind != "null"]
    return kept


def without_control_characters(schema: dict[str, Any], field: str) -> dict[str, Any]:
    """Return the schema of a text, in which no control character may be: in prose, tabs and line breaks may."""
    control = _C_IN_PROSE if field in PROSE else _C
    pattern = schema.get("pattern")
    if pattern is None:
        return {**schema, "pattern": f"^[^{control}]*$"}
    if pattern == SEEN:
        return {**schema, "pattern": f"^[^{control}]*{SEEN[:-1]}{_C}][^{control}]*$"}
    return schema


def _request(schema: dict[str, Any]) -> dict[str, Any]:
    exact: dict[str, Any] = without_null(schema)
    if "properties" in exact:
        exact["properties"] = {name: _asked(part, name) for name, part in exact["properties"].items()}
    return exact


def _asked(schema: Any, field: str) -> Any:
    """Return the schema of a request's field as the door sees it; `field` is empty in a list."""
    if "$ref" in schema or "enum" in schema:
        return schema
    if field in EXACT and schema.get("type") == "string":
        return {**EXACT[field], **{name: schema[name] for name in ("default",) if name in schema}}
    match schema:
        case {"anyOf": parts}:
            return {**schema, "anyOf": [_asked(part, field) for part in parts]}
        case {"type": "array", "items": items}:
            return {**schema, "items": _asked(items, "")}
        case {"type": "object", "additionalProperties": {} as values}:
            return {**schema, "additionalProperties": _asked(values, "")}
        case {"type": "string", "maxLength": 1000} if "pattern" not in schema:
            return EDTF
        case {"type": "string"}:
            return without_control_characters(schema, field)
        case _:
            return schema


def _reached(made: Mapping[str, Any], schemas: Sequence[Any]) -> set[str]:
    """Return the names of the components that some schemas are made of."""
    found: set[str] = set()
    waiting = list(schemas)
    while waiting:
        new = set(_references(waiting.pop())) - found
        found |= new
        waiting += [made[name] for name in new]
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield _name(part)
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _name(reference: Mapping[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def _renamed(part: Any) -> Any:
    """Return a part of the document with the names that components are called by."""
    if isinstance(part, dict):
        renamed = {name: _renamed(inner) for name, inner in part.items()}
        if isinstance(part.get("$ref"), str):
            renamed["$ref"] = REFERENCE.format(name=called(_name(part)))
        if "discriminator" in part:
            mapping = part["discriminator"]["mapping"]
            to = {value: REFERENCE.format(name=called(_name({"$ref": where}))) for value, where in mapping.items()}
            renamed["discriminator"] = {**part["discriminator"], "mapping": to}
        return renamed
    return [_renamed(inner) for inner in part] if isinstance(part, list | tuple) else part


def _without_type(fact: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what is recorded of a fact: its type stands beside it."""
    properties = {name: schema for name, schema in fact["properties"].items() if name != "type"}
    return {**fact, "properties": properties, "required": [name for name in fact["required"] if name != "type"]}


def _with_fact(component: str, type_name: str, fact: str) -> dict[str, Any]:
    """Return what an entry of a type says in the form in which such facts are recorded now; version 1 is not told."""
    data = {"anyOf": [{"$ref": REFERENCE.format(name=fact)}, {"type": "null"}]}
    stored = VERSIONS[type_name] if component == "CloudEvent" else 1
    version = {"const": stored} if stored > 1 else False
    required = ["v"] if stored > 1 else []
    return {
        "title": type_name,
        "properties": {"type": {"const": type_name}, "v": version, "data": data},
        "required": ["type", *required],
    }


def _with_other(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what any other entry says: of another form, or of a type that this version does not know."""
    forms = [{**one, "properties": {name: one["properties"][name] for name in ("type", "v")}} for one in told]
    return {"title": "as it is stored", "not": {"anyOf": forms}}


def _answer(component: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer: it has no other fields, its times are instants, and what counts does not sink."""
    if "properties" not in schema:
        return schema
    told = {name: _told(component, name, part) for name, part in schema["properties"].items()}
    closed = {**schema, "properties": told, "additionalProperties": False}
    if component in WITH_FACTS:
        told["type"] = {"type": "string", "examples": sorted(TYPES)}
        told["v"] = {"type": "integer", "minimum": 1}
    return closed


def _told(component: str, field: str, schema: Any) -> Any:
    match schema:
        case {"anyOf": parts}:
            return {**schema, "anyOf": [_told(component, field, part) for part in parts]}
        case {"type": "string"} if field in TIMES and (field != "time" or component == "CloudEvent"):
            return {**schema, **INSTANT}
        case {"type": "integer"} if field in COUNTS and "minimum" not in schema:
            return {**schema, "minimum": 0}
        case _:
            return schema


def _worded(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with a description without the indentation of its docstring."""
    if "description" not in schema:
        return schema
    return {**schema, "description": paragraphs(schema["description"])}


def paragraphs(text: str) -> str:
    r"""Return a docstring's text with one line for each paragraph.

    >>> paragraphs("One.\n\n    Two\n    lines.")
    'One.\n\nTwo lines.'
    """
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def fields_of(schema: Mapping[str, Any], made: Mapping[str, Any]) -> set[str]:
    """Return the names of all fields that a body can have, however deep."""
    reached = _reached(made, [schema])
    return {field for name in reached for field in made[name].get("properties", {})}

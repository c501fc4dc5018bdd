"""Parameters: from the signatures of the handlers, with what each means and how it is written."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.typing import FieldDefinition
from msgspec import Meta, Struct

from api.openapi.schemas import RFC3339, TIME
from api.selection import FILTERS
from api.signatures import query_fields, said_of
from events.bodies import ID
from events.facts import TYPES
from events.record import State
from events.views.searching import SOUGHT_CHARACTERS_MAX, WORD_SIGNS

SLUG: Final = r"^[a-z0-9-]{1,80}$"
POSITION: Final = r"^[1-9][0-9]{0,15}$"
POSITION_MAX: Final = 2**53 - 1
_NOT_TEXT: Final = r"\u0000-\u001f\u007f-\u009f\ufffd"
_SAFE: Final = f"[^{_NOT_TEXT}]"
_TEXT: Final[Mapping[str, Any]] = {"type": "string", "pattern": f"^{_SAFE}*$"}
_WORDS: Final[Mapping[str, Any]] = {"type": "string", "pattern": rf"^{_SAFE}*[^\s{_NOT_TEXT}]{_SAFE}*$"}
_DAY: Final[Mapping[str, Any]] = {
    "type": "string",
    "pattern": r"^([0-9]{4}|[+-][0-9]{1,15})-[0-9]{2}-[0-9]{2}$",
    "examples": ["2024-04-10"],
}
_TAG: Final[Mapping[str, Any]] = {"type": "string", "pattern": r"^[a-z][a-z_]*:[^\s\u0000-\u001f\u007f-\u009f]+$"}


class Meaning(Struct, frozen=True, kw_only=True):
    """What a parameter means. `schema` is how it is written, where its type does not say that."""

    words: str
    schema: Mapping[str, Any] = {}


_ANY: Final = "Repeated: any of these. Different filters must all hold."
MEANINGS: Final[Mapping[str, Meaning]] = {
    "as_of": Meaning(
        words="What this service had recorded up to a position or a time; now where it is left out.",
        schema={"type": "string", "pattern": rf"^[0-9]{{1,16}}$|{RFC3339}", "examples": ["2024-06-01T00:00:00Z"]},
    ),
    "said_by": Meaning(
        words="What had been said up to a time, or by the end of a day (UTC); everything where it is left out.",
        schema={**TIME, "examples": ["2024-04-30"]},
    ),
    "min_position": Meaning(words="Wait until the answer holds what was recorded up to this position; 503 if it takes"
                            " over five seconds."),
    "limit": Meaning(words="How many there are on a page."),
    "cursor": Meaning(words="Where to go on: `next` of the page before, as it is.",
                      schema={"type": "string", "pattern": "^[A-Za-z0-9_-]{1,1000}$"}),
    "q": Meaning(words="Words in the title, the places or the topics; case and accents do not matter.",
                 schema=_WORDS),
    "actor": Meaning(words=f"Ids of actors; also finds those that were merged into one. {_ANY}"),
    "topic": Meaning(words=f"Topics. {_ANY}"),
    "place": Meaning(words=f"Places. {_ANY}"),
    "kind": Meaning(words=f"Kinds, such as `visit` or `law`. {_ANY}"),
    "state": Meaning(
        words=f"States. Without it, what is merged, retracted or withdrawn is left out. {_ANY}",
        schema={"items": {"enum": list(get_args(State))}},
    ),
    "source": Meaning(words=f"Ids of sources that are cited. {_ANY}"),
    "id": Meaning(words=f"Ids of announcements. {_ANY}"),
    "from": Meaning(words="First day, inclusive: what may lie on it or after it.", schema=_DAY),
    "to": Meaning(words="Last day, inclusive: what may lie on it or before it.", schema=_DAY),
    "changed_after": Meaning(words="Only what changed after this position."),
    "dry_run": Meaning(words="Answer as if it were carried out, and store nothing."),
    "types": Meaning(words=f"Types of facts. {_ANY}", schema={"items": {"enum": sorted(TYPES)}}),
    "tags": Meaning(words=f"Tags, such as `source:white-house`. {_ANY}", schema={"items": _TAG}),
    "announcement": Meaning(words=f"Ids of announcements. {_ANY}"),
    "timeline": Meaning(words=f"Slugs of timelines. {_ANY}"),
    "text": Meaning(words="An EDTF expression, such as `2024-04`.", schema={**_TEXT, "examples": ["../2025"]}),
    "published_at": Meaning(words="When the words were published: RFC 3339, or a day in `timezone`.", schema=TIME),
    "timezone": Meaning(words="A zone of the IANA database.", schema={**_TEXT, "examples": ["America/New_York"]}),
    "all": Meaning(words="1: everything at once, as for printing."),
    "url": Meaning(words="The address of a timeline's page.", schema={**_TEXT, "format": "uri"}),
    "format": Meaning(words="The format of the answer.", schema={"enum": ["json"]}),
    "maxwidth": Meaning(words="How wide the frame may be, in pixels."),
    "maxheight": Meaning(words="How high the frame may be, in pixels."),
    "px": Meaning(words="How many pixels wide it is drawn."),
    "lanes": Meaning(words="By what announcements are counted apart."),
    "days": Meaning(words="How many days ahead, today included."),
    "by": Meaning(words="What the rows are told apart by, beside the actor: the year of the last day a date can mean.",
                  schema={"enum": ["year"]}),
    "type": Meaning(words=f"Types of entries that correct. {_ANY}"),
    "first": Meaning(words="How many entries the earlier log has."),
    "second": Meaning(words="How many entries the later log has; all there are where it is left out."),
    "after": Meaning(words="The number of a commit, 0 for the beginning: those after it are told."),
    "include": Meaning(words="`state`: with what each fact changed, before and after.", schema={"enum": ["state"]}),
}  # fmt: skip
"""What parameters mean, by name; `operation.name` where one operation means something else."""


def _or_empty(meaning: Meaning) -> Meaning:
    """Return what a parameter means where a form asks, whose fields can be empty."""
    return Meaning(words=meaning.words, schema={**meaning.schema, "pattern": f"{meaning.schema['pattern']}|^$"})


_START: Final = Meaning(
    words="Where to begin: `start`, `head`, a position (what comes after it), or an RFC 3339 time.",
    schema={"type": "string", "pattern": rf"^(start|head|[0-9]{{1,19}})$|{RFC3339}", "examples": ["start"]},
)
SPECIAL: Final[Mapping[str, Meaning]] = {
    "events.from": _START,
    "search.q": Meaning(
        words='Words in titles, quotes and reasons; case and accents do not matter. `"several words"` as they are;'
        " `word*` and the last word need only begin so.",
        schema={
            "type": "string",
            "pattern": rf"^{_SAFE}*[{WORD_SIGNS}]{_SAFE}*$",
            "maxLength": SOUGHT_CHARACTERS_MAX,
            "examples": ["summit wash"],
        },
    ),
    **{
        f"corrections.{name}": Meaning(words=f"Ids of what is concerned. {_ANY}")
        for name in ("announcement", "source", "actor")
    },
    "due.state": Meaning(
        words=f"Only what is in one of these states. {_ANY}", schema={"items": {"enum": ["due", "overdue"]}}
    ),
    **dict.fromkeys(
        ("slippage.actor", "scoreboard.actor"),
        Meaning(words="Ids of the actors to compare, whoever they were merged into; all where left out."),
    ),
    "feed.from": _START,
    **{f"oembed.{name}": _or_empty(MEANINGS[name]) for name in ("as_of", "said_by")},
    **{
        f"timeline_as_{end}.{name}": _or_empty(Meaning(words=words, schema=_DAY))
        for end in ("html", "svg")
        for name, words in (("from", "First day of the drawing."), ("to", "Last day of the drawing."))
    },
    **{
        f"{operation}.{name}": Meaning(words=MEANINGS[name].words, schema={"items": {"type": "string", "pattern": ID}})
        for operation in ("events", "feed")
        for name in ("announcement", "actor", "source")
    },
    "feed.timeline": Meaning(words=MEANINGS["timeline"].words, schema={"items": {"type": "string", "pattern": SLUG}}),
}
PATHS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "id": ("The id of the thing.", {"type": "string", "pattern": ID}),
    "slug": ("The timeline's slug.", {"type": "string", "pattern": SLUG}),
    "position": ("A position in the log.", {"type": "integer", "minimum": 1, "maximum": POSITION_MAX}),
}
KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Makes the request safe to retry: for one key it is carried out once. Choose it once for a request,"
    " and keep it over retries.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "example": "2024-04-08/visit",
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the announcement as it was seen; refused with 412 if it has changed since.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,15}(-[!#-~]*)?"$'},
}
IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETags of answers that the client has: 304 where the answer would be one of them.",
    "schema": {"type": "string"},
}
LAST_EVENT_ID: Final = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The id of the last event that was handled; goes before `from`.",
    "schema": {"type": "string"},
}


def of_path(path: str) -> list[dict[str, Any]]:
    """Return the parameters that stand in a path."""
    return [
        {"name": name, "in": "path", "required": True, "description": PATHS[name][0], "schema": PATHS[name][1]}
        for name in re.findall(r"{(\w+)}", path)
    ]


def of_query(operation: str, handler: HTTPRouteHandler) -> list[dict[str, Any]]:
    """Return the parameters of a handler and of what it depends on, in the order of their names."""
    fields = query_fields(handler)
    return [_parameter(operation, name, fields[name]) for name in sorted(fields)]


def of_feed() -> list[dict[str, Any]]:
    """Return the parameters of the feed, which is no handler."""
    several = {"type": "array", "items": _TEXT}
    names = {"from": _TEXT, "include": _TEXT, **dict.fromkeys(FILTERS, several)}
    return [_described("feed", name, {**names[name]}, required=False) for name in names]


def hoisted(operations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Take what several operations have in common out of them, and return it by the name they refer to it with.

    What has an example of one operation stays there.
    """
    told = [parameter for operation in operations for parameter in operation["parameters"]]
    times = Counter(_exactly(parameter) for parameter in told if _is_common(parameter))
    components: dict[str, Any] = {}
    for operation in operations:
        operation["parameters"] = [
            _referred(parameter, components) if times[_exactly(parameter)] > 1 else parameter
            for parameter in operation["parameters"]
        ]
    return components


def _is_common(parameter: Mapping[str, Any]) -> bool:
    return "example" not in parameter or parameter["in"] == "header"


def _exactly(parameter: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(parameter, order="sorted")


def _referred(parameter: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to a parameter among the components, which it is added to; no two have one name."""
    names = (f"{parameter['name']}{number or ''}" for number in count())
    name = next(name for name in names if components.setdefault(name, parameter) == parameter)
    return {"$ref": f"#/components/parameters/{name}"}


def _parameter(operation: str, name: str, field: FieldDefinition) -> dict[str, Any]:
    said = said_of(field)
    kind = _without_none(field.annotation)
    meta = {bound: getattr(said, bound) for bound in ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")}
    bounds = {bound: value for bound, value in meta.items() if value is not None}
    schema = msgspec.json.schema(Annotated[kind, Meta(**bounds)] if bounds else kind)
    if field.default not in (None, ()) and isinstance(field.default, str | int):
        schema["default"] = field.default
    return _described(operation, name, schema, required=field.is_required)


def _described(operation: str, name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    kind = operation.partition("_")[0]  # An export means by a parameter what its list means.
    special = SPECIAL.get(f"{operation}.{name}") or SPECIAL.get(f"{kind}.{name}")
    meaning = special or MEANINGS.get(name, Meaning(words=""))
    schema = _exact({**schema, **meaning.schema})
    told = {"name": name, "in": "query", "required": required, "description": meaning.words, "schema": schema}
    return {**told, "style": "form", "explode": True} if schema.get("type") == "array" else told


def _exact(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter in which no text has what no text has."""
    if schema.get("type") == "string" and "pattern" not in schema and "enum" not in schema:
        return {**schema, **_TEXT}
    if schema.get("type") == "array":
        return {**schema, "items": _exact(schema["items"])}
    return schema


def _without_none(kind: Any) -> Any:
    """Return a type without None: a parameter that is left out is not null."""
    if get_origin(kind) is Literal:
        return kind
    parts = [part for part in get_args(kind) if part is not type(None)]
    return parts[0] if type(None) in get_args(kind) and len(parts) == 1 else kind

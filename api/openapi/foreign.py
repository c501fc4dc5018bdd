"""Answers whose handlers encode them: what they hold, by operation, where a type does not say it."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from api.exports.json_feed import VERSION
from api.exports.records import WholeList, WholeTimeline

_FEED: Final[Mapping[str, Any]] = {
    "description": "JSON Feed 1.1.",
    "externalDocs": {"url": VERSION},
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {"version": {"const": VERSION}, "title": {"type": "string"}, "items": {"type": "array"}},
}
_TIMELINEJS: Final[Mapping[str, Any]] = {
    "description": "What TimelineJS reads.",
    "externalDocs": {"url": "https://timeline.knightlab.com/docs/json-format.html"},
    "type": "object",
    "required": ["title", "events", "scale"],
    "properties": {"title": {"type": "object"}, "events": {"type": "array"}, "scale": {"const": "human"}},
    "additionalProperties": False,
}
_CSL: Final[Mapping[str, Any]] = {
    "description": "CSL-JSON, of one item.",
    "externalDocs": {"url": "https://docs.citationstyles.org/en/stable/specification.html"},
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": {"type": "object", "required": ["id", "type", "title"]},
}
_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "_feed_json": _FEED,
    "_timelinejs_json": _TIMELINEJS,
    "cite_announcement_json": _CSL,
    "cite_timeline_json": _CSL,
}
"""Formats of others in their outlines, by how operations end."""


def type_of(operation: str) -> type[Struct] | None:
    """Return the type of an answer that its handler encodes itself, None where it is none of ours."""
    if schema_of(operation) is None and operation.endswith("_json"):
        return WholeTimeline if operation == "timeline_json" else WholeList
    return None


def schema_of(operation: str) -> Mapping[str, Any] | None:
    """Return the outlines of an answer in JSON that has no type of ours."""
    return next((schema for end, schema in _SCHEMAS.items() if operation.endswith(end)), None)

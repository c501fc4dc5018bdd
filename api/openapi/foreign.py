"""Answers whose handlers encode them: what they hold, by operation, where a type does not say it."""

from collections.abc import Mapping
from typing import Any, Final

from api.exports.json_feed import VERSION
from api.exports.records import WholeList, WholeTimeline

TYPES: Final[Mapping[str, Any]] = {"announcements_json": WholeList, "timeline_json": WholeTimeline}
"""Answers of ours."""

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
SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "announcements_feed_json": _FEED,
    "timeline_feed_json": _FEED,
    "announcements_timelinejs_json": _TIMELINEJS,
    "timeline_timelinejs_json": _TIMELINEJS,
    "cite_announcement_json": _CSL,
    "cite_timeline_json": _CSL,
}
"""Formats of others, in their outlines."""

"""JSON Feed 1.1: an item for each announcement, what changed last first."""

from typing import Any

import msgspec

from api.exports.atom import ENTRIES_MAX
from api.exports.export import Export, image_of, newest, one_line
from api.exports.telling import html
from events.record import Announcement

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(export: Export) -> bytes:
    """Return the feed; `_dateline` is an extension, as the format allows them."""
    feed = {
        "version": VERSION,
        "title": one_line(export.title),
        "home_page_url": export.page,
        "feed_url": export.address,
        "description": one_line(f"{export.description or ''} {export.counted}, {export.as_of}"),
        "authors": [{"name": one_line(export.name)}],
        "language": "en",
        "_dateline": {"position": export.position, "permalink": export.permalink, "license": export.license},
        "items": [_item(item, export) for item in newest(export.items, ENTRIES_MAX)],
    }
    return msgspec.json.encode(feed)


def _item(item: Announcement, export: Export) -> dict[str, Any]:
    found = {
        "id": export.uid_of(item).urn,
        "url": export.page_of(item),
        "title": one_line(item.title),
        "content_html": str(html(item, export.sources)),
        "date_published": item.made_at,
        "date_modified": item.updated_at,
        "tags": [one_line(tag) for tag in dict.fromkeys((item.kind, *item.topics))],
        "_dateline": {
            "id": item.id,
            "state": item.state,
            "edtf": item.when.edtf,
            "earliest": item.when.earliest,
            "latest": item.when.latest,
            "position": item.position,
            "permalink": export.permalink_of(item),
        },
    }
    image = image_of(item)
    return found if image is None else {**found, "image": image.url}

"""JSON-LD (schema.org) for pages: what is announced as events, so that search engines see dates and how they moved."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from markupsafe import Markup
from msgspec import UNSET

from api.exports.export import image_of, one_line
from api.pages.urls import path, web_address
from events.days import parse_day
from events.record import Announcement, GivenDate, Source, State

CONTEXT: Final = "https://schema.org"
STATUSES: Final[Mapping[State, str]] = {"cancelled": "EventCancelled", "postponed": "EventPostponed"}
ESCAPES: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""Nothing in a script's text may end the script."""

Thing = dict[str, Any]


def of_announcement(item: Announcement, *, base: str, license: str, sources: Mapping[str, Source]) -> Markup:
    """Return what an announcement's page says, for a script element. `base` is what our addresses begin with."""
    cited = (sources[id] for id in dict.fromkeys(one.source for one in item.citations) if id in sources)
    page = {
        "@context": CONTEXT,
        "@type": "WebPage",
        "url": path(base, "announcements", item.id),
        "name": one_line(item.title),
        "dateModified": item.updated_at,
        **_licensed(license),
        "citation": [_source(source) for source in cited],
        "mainEntity": _event(item, base),
    }
    return _script(page)


def of_timeline(slug: str, title: str, items: Sequence[Announcement], *, base: str, license: str) -> Markup:
    """Return what a timeline's page says, for a script element."""
    page = {
        "@context": CONTEXT,
        "@type": "CollectionPage",
        "url": path(base, "timelines", slug),
        "name": one_line(title),
        **_licensed(license),
        "mainEntity": {
            "@type": "ItemList",
            "numberOfItems": len(items),
            "itemListElement": [
                {"@type": "ListItem", "position": number, "item": _event(item, base)}
                for number, item in enumerate(items, start=1)
            ],
        },
    }
    return _script(page)


def _event(item: Announcement, base: str) -> Thing:
    event: Thing = {
        "@type": "Event",
        "@id": path(base, "announcements", item.id),
        "url": path(base, "announcements", item.id),
        "name": one_line(item.title),
        "eventStatus": f"{CONTEXT}/{_status(item)}",
        **_days(item),
    }
    if item.places:
        event["location"] = [{"@type": "Place", "name": one_line(place)} for place in item.places]
    by = [actor.name or actor.id or "" for actor in item.actors if actor.role == "by"]
    if by:
        event["organizer"] = [{"@type": "Organization", "name": one_line(name)} for name in by]
    if item.lang is not UNSET:
        event["inLanguage"] = item.lang
    if item.topics:
        event["keywords"] = [one_line(topic) for topic in item.topics]
    if (image := image_of(item)) is not None:
        event["image"] = image.url
    return event


def _status(item: Announcement) -> str:
    if item.state in STATUSES:
        return STATUSES[item.state]
    return "EventRescheduled" if any(date.how == "moved" for date in item.dates) else "EventScheduled"


def _days(item: Announcement) -> Thing:
    """Return the first and the last day, as far as they are known, and the first days it was for before it moved."""
    known = {"startDate": _day(item.when.earliest), "endDate": _day(item.when.latest)}
    found: Thing = {name: day for name, day in known.items() if day is not None}
    before = list(dict.fromkeys(_previous(item.dates)))
    return {**found, "previousStartDate": before} if before else found


def _previous(dates: Sequence[GivenDate]) -> list[str]:
    """Return the first day of every date that was moved away from, the newest first."""
    before = [dates[index - 1] for index, date in enumerate(dates) if date.how == "moved" and index]
    return [day for date in reversed(before) if (day := _day(date.earliest or date.latest)) is not None]


def _day(day: str | None) -> str | None:
    """Return a day that schema.org can write, which ends with the year 9999."""
    return day if day is not None and parse_day(day) > 0 and day[0].isdigit() else None


def _source(source: Source) -> Thing:
    found: Thing = {
        "@type": "CreativeWork",
        "name": one_line(source.title),
        "publisher": {"@type": "Organization", "name": one_line(source.publisher)},
        "datePublished": source.published_at,
    }
    address = web_address(source.url)
    return found if address is None else {**found, "url": address}


def _licensed(license: str) -> Thing:
    if not license:
        return {}
    return {"license": license if web_address(license) else {"@type": "CreativeWork", "name": one_line(license)}}


def _script(page: Thing) -> Markup:
    return Markup(msgspec.json.encode(page).decode().translate(ESCAPES))

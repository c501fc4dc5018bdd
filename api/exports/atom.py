"""Atom (RFC 4287): an entry for each announcement, what changed last first."""

from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from api.exports.export import Export, newest, one_line, plain
from api.exports.telling import html
from events.record import Announcement

ENTRIES_MAX: Final = 100
"""Who asks for a feed has seen the rest, or asks for the list."""
NAMESPACE: Final = "http://www.w3.org/2005/Atom"


def atom(export: Export) -> bytes:
    """Return the feed."""
    register_namespace("", NAMESPACE)
    shown = newest(export.items, ENTRIES_MAX)
    feed = Element(_name("feed"))
    _add(feed, "id", export.id_of(export.address).urn)
    _add(feed, "title", one_line(export.title))
    _add(feed, "subtitle", plain(f"{export.description or ''}\n{export.counted}, {export.as_of}").strip())
    _add(feed, "updated", max((item.updated_at for item in shown), default=export.recorded_at))
    _add(feed, "generator", "Dateline")
    _add(SubElement(feed, _name("author")), "name", one_line(export.name))
    _link(feed, "self", export.address, "application/atom+xml")
    _link(feed, "alternate", export.page, "text/html")
    _link(feed, "memento", export.permalink, "application/atom+xml")
    if export.license:
        _add(feed, "rights", one_line(export.license))
    for item in shown:
        _entry(feed, item, export)
    encoded: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return encoded


def _entry(feed: Element, item: Announcement, export: Export) -> None:
    entry = SubElement(feed, _name("entry"))
    _add(entry, "id", export.uid_of(item).urn)
    _add(entry, "title", one_line(item.title))
    _add(entry, "updated", item.updated_at)
    _add(entry, "published", item.made_at)
    _link(entry, "alternate", export.page_of(item), "text/html")
    for term in (item.kind, *item.topics):
        SubElement(entry, _name("category"), term=one_line(term))
    if export.license:
        _add(entry, "rights", one_line(export.license))
    content = _add(entry, "content", str(html(item, export.sources)))
    content.set("type", "html")


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: Element, name: str, text: str) -> Element:
    made = SubElement(parent, _name(name))
    made.text = text
    return made


def _link(parent: Element, rel: str, address: str, media_type: str) -> None:
    SubElement(parent, _name("link"), rel=rel, href=address, type=media_type)

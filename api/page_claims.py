"""What a page says of itself: in JSON-LD, in meta tags, in `<time>`. Nothing is guessed from its address or words."""

import html
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin

from msgspec import Struct

from api.page_times import Published, published
from api.targets import OutboundRefused, target
from events.bodies import SEEN

LD_DEPTH_MAX: Final = 40
LD_OBJECTS_MAX: Final = 5000
NAME_CHARACTERS_MAX: Final = 300
LANGUAGE_CHARACTERS_MAX: Final = 35
ARTICLES: Final = ("article", "posting", "report", "pressrelease")
"""How the types of what is written end: NewsArticle, BlogPosting, Report, and so on."""
PAGES: Final = ("webpage",)
ELSEWHERE: Final = frozenset(
    {
        "about", "associatedmedia", "citation", "comment", "haspart", "image", "isbasedon", "ispartof",
        "itemlistelement", "liveblogupdate", "mentions", "recipe", "relatedlink", "review", "significantlink",
        "subjectof", "thumbnail", "video",
    }
)  # fmt: skip
"""Properties that lead to other things than the page's own article."""
PUBLISHED_METAS: Final = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.date.issued", "dcterms.date",
    "dc.date", "rnews:datepublished", "citation_publication_date", "cxenseparse:recs:publishtime", "pubdate",
    "pub_date", "publish-date", "publish_date", "publishdate", "publication_date", "publication-date",
    "article.published", "date",
)  # fmt: skip
"""Names of meta tags that give the publication, the most telling first."""

_WRAPPING: Final = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_STATED: Final = re.compile(r'"datePublished"\s*:\s*"([^"\\]{1,64})"')
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_FRONT: Final = re.compile(r"^(www|m|mobile|amp)\.")


class Marked(Struct, frozen=True, kw_only=True):
    """What stands in a page's marks, in its order. `metas` are pairs of a name in small letters and a content."""

    scripts: Sequence[str] = ()
    metas: Sequence[tuple[str, str]] = ()
    times: Sequence[str] = ()
    title: str = ""
    heading: str = ""
    language: str = ""
    canonical: str = ""


class Claims(Struct, frozen=True, kw_only=True):
    """What the page says of itself. `published_from` says where in the page the time of publication stands."""

    title: str | None
    publisher: str | None
    author: str | None
    language: str | None
    canonical_url: str | None
    published: Published | None
    published_from: str | None


def claims(page: Marked, *, url: str | None, timezone: str) -> Claims:
    """Return what a page says of itself. `url` is where it lay, if that is known. Raises `ZoneUnknown`."""
    canonical = _canonical(page, url)
    objects, broken = _objects(page.scripts)
    own = _own(objects, canonical or url)
    metas: dict[str, str] = {}
    for name, content in page.metas:
        metas.setdefault(name, content)
    when, where = _published(own, broken, metas, page.times, timezone)
    return Claims(
        title=_first(_text(own.get("headline")), metas.get("og:title"), page.heading, page.title),
        publisher=_first(_named(own.get("publisher")), metas.get("og:site_name")),
        author=_first(_named(own.get("author")), metas.get("author"), metas.get("byl"), metas.get("dc.creator")),
        language=_language(page.language, _text(own.get("inLanguage")), metas.get("og:locale"), metas.get("language")),
        canonical_url=canonical,
        published=when,
        published_from=where,
    )


def _published(
    own: Mapping[str, Any], broken: Sequence[str], metas: Mapping[str, str], times: Sequence[str], timezone: str
) -> tuple[Published | None, str | None]:
    stated = {found for script in broken for found in _STATED.findall(script)}
    found = [("JSON-LD datePublished", _text(own.get("datePublished")))]
    if len(stated) == 1:  # Of several it could not be told which is the page's own.
        found.append(("JSON-LD datePublished (of JSON that is not well formed)", next(iter(stated))))
    found += [(f"meta {name}", metas.get(name, "")) for name in PUBLISHED_METAS]
    found += [("<time datetime>", time) for time in times]
    for where, text in found:
        when = published(text, timezone)
        if when is not None:
            return when, where
    return None, None


def _objects(scripts: Sequence[str]) -> tuple[list[Mapping[str, Any]], list[str]]:
    """Return the objects of all JSON-LD that could be the page's own, in order, and what is not well formed."""
    objects: list[Mapping[str, Any]] = []
    broken = []
    for script in scripts:
        try:
            read = json.loads(_WRAPPING.sub("", script).strip().removesuffix(";"), strict=False)
        except (ValueError, RecursionError):
            broken.append(script)
        else:
            objects.extend(_walk(read))
            if len(objects) > LD_OBJECTS_MAX:
                break
    return objects, broken


def _walk(read: Any) -> Iterator[Mapping[str, Any]]:
    """Yield objects from the outside in, without those of other things than the article."""
    waiting: deque[tuple[Any, int]] = deque([(read, 0)])
    for _ in range(LD_OBJECTS_MAX):
        if not waiting:
            break
        one, depth = waiting.popleft()
        within: Sequence[Any] = ()
        if isinstance(one, dict):
            yield one
            within = [value for name, value in one.items() if name.lower() not in ELSEWHERE]
        elif isinstance(one, list):
            within = one
        if depth < LD_DEPTH_MAX:
            waiting.extend((each, depth + 1) for each in within if isinstance(each, dict | list))


def _own(objects: Sequence[Mapping[str, Any]], address: str | None) -> Mapping[str, Any]:
    """Return the object of the page's own article, with what its names refer to; an empty one where there is none."""
    known: dict[str, Mapping[str, Any]] = {}
    for one in objects:  # The fullest: elsewhere it is only named, or told in short.
        name = one.get("@id")
        if isinstance(name, str) and len(one) > len(known.get(name, ())):
            known[name] = one
    for endings in (ARTICLES, PAGES):
        fitting = [one for one in objects if _kinds(one, endings)]
        dated = [one for one in fitting if _text(one.get("datePublished"))]
        here = [one for one in dated if address is not None and _bare(address) in map(_bare, _addresses(one))]
        for own in (*here, *dated, *fitting):
            return {name: _referred(value, known) for name, value in own.items()}
    return {}


def _kinds(one: Mapping[str, Any], endings: tuple[str, ...]) -> bool:
    given = one.get("@type")
    kinds = given if isinstance(given, list) else [given]
    return any(isinstance(kind, str) and kind.lower().endswith(endings) for kind in kinds)


def _addresses(one: Mapping[str, Any]) -> Iterator[str]:
    main = one.get("mainEntityOfPage")
    for value in (one.get("url"), one.get("@id"), main.get("@id") if isinstance(main, dict) else main):
        if isinstance(value, str):
            yield value


def _bare(address: str) -> str:
    return address.partition("#")[0].rstrip("/")


def _referred(value: Any, known: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return what `{"@id": …}` stands for, alone or in a list."""
    if isinstance(value, list):
        return [_referred(one, known) if isinstance(one, dict) else one for one in value]
    name = value.get("@id") if isinstance(value, dict) else None
    return known.get(name, value) if isinstance(name, str) else value


def _named(value: Any) -> str:
    """Return the names of people or organisations, parted by commas; addresses are no names."""
    names = []
    for one in value if isinstance(value, list) else [value]:
        name = _text(one.get("name")) if isinstance(one, dict) else _text(one)
        if name and "://" not in name and name not in names:
            names.append(name)
    return ", ".join(names)


def _text(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) else ""


def _first(*texts: str | None) -> str | None:
    """Return the first text in which there is something to see, in one line and not too long."""
    for text in texts:
        line = " ".join(_CONTROL.sub(" ", html.unescape(text or "")).split())
        if re.search(SEEN, line) and "://" not in line.partition(" ")[0]:
            return line if len(line) <= NAME_CHARACTERS_MAX else f"{line[: NAME_CHARACTERS_MAX - 1].rstrip()}…"
    return None


def _language(*texts: str | None) -> str | None:
    for text in texts:
        tag = (text or "").strip().replace("_", "-")
        if len(tag) <= LANGUAGE_CHARACTERS_MAX and _LANGUAGE.fullmatch(tag):
            return tag
    return None


def _canonical(page: Marked, url: str | None) -> str | None:
    """Return the address that a page gives itself, if it is of the site where it lay: for others it may not speak."""
    address = page.canonical or next((content for name, content in page.metas if name == "og:url"), "")
    if not address.strip():
        return None
    try:
        there = target(urljoin(url or "", address.strip()))
        here = None if url is None else target(url)
    except (OutboundRefused, ValueError):
        return None
    return there.url if here is None or _site(here.host) == _site(there.host) else None


def _site(host: str) -> str:
    return _FRONT.sub("", host)

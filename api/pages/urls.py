"""Addresses on pages: our own, and those that other people gave us."""

from urllib.parse import quote, urlsplit

_SCHEMES = frozenset({"http", "https"})


def web_address(url: object) -> str | None:
    """Return an address that may be linked: absolute http or https with a host. Everything else is None.

    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)"), web_address("//example.org")
    ('https://example.org/a', None, None)
    """
    if not isinstance(url, str) or any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme.lower() in _SCHEMES and parts.hostname else None


def path(base: str, *segments: str) -> str:
    """Return a path of ours under `base`, each segment escaped.

    >>> path("/dl", "timelines", "a b")
    '/dl/timelines/a%20b'
    """
    return base.rstrip("/") + "".join(f"/{quote(segment, safe='')}" for segment in segments)

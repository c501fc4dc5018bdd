"""Where an export is, was and goes on: absolute addresses, under the public one or as the request came in."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, urlencode

from litestar import Request

from api.pages.render import Site

_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_PARTS: Final = frozenset({"as_of", "cursor", "limit", "min_position"})
"""Parameters that say which part or which past of a list is asked for, and not which list."""
IN_ADDRESSES: Final = "!#$%&'()*+,/:;=?@[]~"
"""What stays as it is in an address that somebody wrote."""

Parameters = list[tuple[str, str]]


def home_of(request: Request[Any, Any, Any], site: Site) -> str:
    """Return the address of the service, without a slash at its end."""
    if site.public_url:
        return quote(site.public_url, safe=IN_ADDRESSES)
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host if _HOST.fullmatch(host) else 'localhost'}{site.base_path}"


def asked_of(request: Request[Any, Any, Any]) -> Parameters:
    """Return the parameters of a request, in their order."""
    return [(name, value) for name, value in request.query_params.multi_items()]


def present(address: str, asked: Parameters) -> str:
    """Return the address of a whole list as it is now."""
    return _with(address, ((name, value) for name, value in asked if name not in _PARTS))


def permanent(address: str, asked: Parameters, position: int) -> str:
    """Return the address of the same part of a list as it was recorded up to a position.

    A cursor is good for the question that it was given for alone, so another part has no such address.
    """
    kept = [(name, value) for name, value in asked if name not in ("as_of", "cursor", "min_position")]
    return _with(address, [*kept, ("as_of", str(position))])


def following(address: str, asked: Parameters, cursor: str) -> str:
    """Return the address of the part that begins at a cursor."""
    kept = [(name, value) for name, value in asked if name not in ("cursor", "min_position")]
    return _with(address, [*kept, ("cursor", cursor)])


def in_words(asked: Parameters) -> str | None:
    """Say what a list was asked for; None for everything."""
    said = "; ".join(f"{name}: {value}" for name, value in asked if name not in _PARTS)
    return said or None


def _with(address: str, parameters: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(parameters))
    return f"{address}?{query}" if query else address

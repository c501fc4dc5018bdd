"""Who asks: the address of a client, and how it reached us, through the proxies that an operator trusts.

What a proxy says of a request counts only if the proxy is trusted; anybody else who says it is not believed. The client
is the last address in the line that is no trusted proxy: what stands before it, the client itself may have written.

`X-Forwarded-For`, `-Proto` and `-Host` are read where there is an `X-Forwarded-For`, else `Forwarded` (RFC 7239): most
proxies set the former and let the latter pass as the client sent it. One that sets `Forwarded` has to drop the others.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple, TypeAlias

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

Network: TypeAlias = IPv4Network | IPv6Network

ADDRESSES_KEPT: Final = 10_000
NOBODY: Final = ""
"""The address of a client that has none: it came through a socket of this machine."""
SCHEMES: Final = frozenset({"http", "https"})
SITE_BITS: Final = 64
"""An address of IPv6 is one of at least 2^64 that its owner has; they count as one."""

_FOR: Final = b"x-forwarded-for"
_PROTO: Final = b"x-forwarded-proto"
_ASKED: Final = b"x-forwarded-host"
_FORWARDED: Final = b"forwarded"
_TOLD: Final = frozenset({_FOR, _PROTO, _ASKED, _FORWARDED})
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_PAIR: Final = re.compile(r'\s*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*))\s*(;|,|$)')


class _Hop(NamedTuple):
    """What one proxy says of whom it was asked by."""

    address: str
    scheme: str
    host: str


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list of addresses and CIDR ranges, parted by commas or blanks. Raises `ValueError`.

    >>> networks("127.0.0.1, 10.0.0.0/8")
    (IPv4Network('127.0.0.1/32'), IPv4Network('10.0.0.0/8'))
    """
    return tuple(ip_network(one) for one in text.replace(",", " ").split())


def peer(scope: Mapping[str, Any]) -> str:
    """Return the address of who asks, in its shortest form; empty where it has none."""
    client = scope.get("client")
    return shortest(client[0]) if client else NOBODY


@lru_cache(maxsize=ADDRESSES_KEPT)
def site(address: str) -> str:
    """Return what counts as one asker: an address of IPv4, the /64 that one of IPv6 is in.

    >>> site("192.0.2.1"), site("::ffff:192.0.2.1"), site("2001:db8::1:2:3")
    ('192.0.2.1', '192.0.2.1', '2001:db8::/64')
    """
    short = shortest(address)
    try:
        return str(ip_network(f"{short}/{SITE_BITS}", strict=False)) if ":" in short else short
    except ValueError:
        return short


class Peers:
    """Stands around everything: puts into a request who asks, as trusted proxies tell it.

    Afterwards `client`, `scheme` and the `Host` are the client's, and no forwarding header is left.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = lru_cache(maxsize=ADDRESSES_KEPT)(lambda address: _is_within(address, trusted))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == ScopeType.HTTP and self._trusted(peer(scope)):
            scope = self._seen_through(scope)
        await self._app(scope, receive, send)

    def _seen_through(self, scope: Any) -> Any:
        told: dict[bytes, str] = {}
        headers = []
        for name, value in scope["headers"]:
            if name in _TOLD:
                told[name] = f"{told[name]},{value.decode('latin-1')}" if name in told else value.decode("latin-1")
            else:
                headers.append((name, value))
        hop = self._client(told)
        if hop is None:
            return {**scope, "headers": headers}
        if _HOST.fullmatch(hop.host):
            headers = [(b"host", hop.host.encode()), *(one for one in headers if one[0] != b"host")]
        scheme = hop.scheme if hop.scheme in SCHEMES else scope["scheme"]
        return {**scope, "headers": headers, "client": (hop.address, 0), "scheme": scheme}

    def _client(self, told: Mapping[bytes, str]) -> _Hop | None:
        """Return what is said of the client; None where nobody says anything that can be read."""
        if told.get(_FOR):
            scheme = told.get(_PROTO, "").rpartition(",")[2].strip().lower()
            host = told.get(_ASKED, "").rpartition(",")[2].strip()
            hops = [_Hop(one.strip(), scheme, host) for one in told[_FOR].split(",")]
        else:
            hops = _forwarded(told.get(_FORWARDED, ""))
        client = None
        for hop in reversed(hops):
            address = _address(hop.address)
            if address is None:
                break  # What stands before it was not seen by anybody who can be believed.
            client = hop._replace(address=address)
            if not self._trusted(address):
                break
        return client


@lru_cache(maxsize=ADDRESSES_KEPT)
def shortest(address: str) -> str:
    """Return an address in its one shortest form; one of IPv4 inside of IPv6 is one of IPv4. Other texts stay.

    >>> shortest("::ffff:192.0.2.1"), shortest("2001:DB8:0::1")
    ('192.0.2.1', '2001:db8::1')
    """
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return str(mapped or read)


def _is_within(address: str, trusted: Sequence[Network]) -> bool:
    try:
        read = ip_address(address)
    except ValueError:
        return False
    return any(read in network for network in trusted)


def _address(node: str) -> str | None:
    """Return the address of a node, with a port or without; None for one that hides, and for nonsense."""
    if node.startswith("["):
        node = node[1:].partition("]")[0]
    elif node.count(":") == 1:
        node = node.partition(":")[0]
    try:
        ip_address(node)
    except ValueError:
        return None
    return shortest(node)


def _forwarded(text: str) -> list[_Hop]:
    """Return the hops of a `Forwarded`; none where it cannot be read to its end."""
    hops: list[_Hop] = []
    pairs: dict[str, str] = {}
    place = 0
    while place < len(text):
        found = _PAIR.match(text, place)
        if found is None:
            return []
        value = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
        pairs[found[1].lower()] = value
        place = found.end()
        if found[4] != ";":
            hops.append(_Hop(pairs.get("for", ""), pairs.get("proto", "").lower(), pairs.get("host", "")))
            pairs = {}
    return hops

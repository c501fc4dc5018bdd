"""Where the service may send requests of its own: how an address must be written, and which networks are for everybody.

An address is read by one narrow grammar, so that no two programs can read it differently; what does not fit is refused,
not mended. A name is looked up, and every address it has is judged: what the name looks like counts for nothing.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import quote

from msgspec import Struct

from events.errors import DatelineError

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

URL_CHARACTERS_MAX: Final = 2000
NAME_CHARACTERS_MAX: Final = 253
PORT_MAX: Final = 65535
PORTS: Final = {"http": 80, "https": 443}
RESERVED_PORT_MAX: Final = 1023
SERVICE_PORTS: Final = frozenset(
    (
        1080, 1433, 1521, 1719, 1720, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 3659, 4045, 4190,
        4222, 5060, 5061, 5222, 5432, 5672, 5900, 5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
        6697, 7000, 7001, 8009, 8086, 8500, 9042, 9092, 9100, 9200, 9300, 10080, 10250, 10255, 11211, 15672, 27017,
    )
)  # fmt: skip
"""Where databases, queues, clusters, printers and telephones listen: browsers' list above 1023, and what it lacks."""
FORBIDDEN: Final[tuple[Network, ...]] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Public by its number, and on every machine of Azure its own neighbour.
        "::/3", "2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20", "4000::/2", "8000::/1",
    )
)  # fmt: skip
"""This machine, its neighbours, documentation, multicast, IPv6 that stands for IPv4, and what is given to nobody."""

_URL: Final = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_VISIBLE: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "\\")


class OutboundRefused(DatelineError):
    """A request of the service's own may not go, or was not answered well. The message names no address."""

    code = "outbound-refused"


class Target(Struct, frozen=True):
    """An address that could be asked: `host` is a name in small letters, or an address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def secure(self) -> bool:
        """Whether it is asked over TLS."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Return host and port as `Host` and addresses have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the address in the one form that is used from here on, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def target(url: str) -> Target:
    """Return what an address means; raises `OutboundRefused` unless it is http or https in its plainest form.

    >>> target("HTTPS://Example.org:443?q=1#top").url
    'https://example.org/?q=1'
    """
    if len(url) > URL_CHARACTERS_MAX:
        raise OutboundRefused(f"its address is longer than {URL_CHARACTERS_MAX} characters")
    found = _URL.fullmatch(url)
    if found is None or _UNFIT.search(url):
        raise OutboundRefused("its address is no http or https address in its plain form")
    scheme = found[1].lower()
    if "@" in found[2]:
        raise OutboundRefused("its address holds a user's name")
    authority = _AUTHORITY.fullmatch(found[2])
    port = PORTS[scheme] if authority is None or authority[2] is None else int(authority[2])
    host = None if authority is None else _host(authority[1].lower())
    if host is None:
        raise OutboundRefused(
            "its host is neither a name in ASCII (xn--… for others) without a dot at its end nor an address in its"
            " plain form"
        )
    if not 1 <= port <= PORT_MAX:
        raise OutboundRefused("its port is none")
    path = quote(found[3], safe=_VISIBLE)
    return Target(scheme, host, port, path if path.startswith("/") else f"/{path}")


def require_port(port: int) -> None:
    """Raise `OutboundRefused` for a port at which something else than pages is served."""
    if port not in PORTS.values() and (port <= RESERVED_PORT_MAX or port in SERVICE_PORTS):
        raise OutboundRefused("its port is one at which no pages are served")


def require_public(addresses: Sequence[Address], allowed: Sequence[Network]) -> bool:
    """Say whether all addresses are for everybody; raise `OutboundRefused` for one that is not, and is not allowed."""
    if not addresses:
        raise OutboundRefused("its name has no address")
    inside = [address for address in addresses if is_in(address, FORBIDDEN)]
    if not all(is_in(address, allowed) for address in inside):
        raise OutboundRefused("its address is of a network that is not for everybody (outbound_allow)")
    if inside and len(inside) < len(addresses):  # It would be taken for either, as suits whoever has the name.
        raise OutboundRefused("its name has addresses for everybody and others")
    return not inside


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Say whether an address lies in one of the networks."""
    return any(address.version == network.version and address in network for network in networks)


def literal(host: str) -> Address | None:
    """Return the address that a host is, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _host(text: str) -> str | None:
    """Return a name, or an address in its shortest form; None for what is neither, or a number in disguise."""
    if text.startswith("["):
        address = literal(text[1:-1])
        return str(address) if isinstance(address, IPv6Address) else None
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # Names do not end in a number; browsers read an address in such ones.
        return text if isinstance(literal(text), IPv4Address) else None
    fits = len(text) <= NAME_CHARACTERS_MAX and all(_LABEL.fullmatch(label) for label in labels)
    return text if fits else None

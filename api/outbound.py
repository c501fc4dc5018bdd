"""Requests that the service itself sends: only to where it may, over https, bounded in time, and never sent on.

A name is looked up once, every address it has is judged, and one that was judged is connected to: a name that changes
its address in between gains nothing. Plain http is for this machine alone. An answer that leads elsewhere is a refusal.
"""

import asyncio
import re
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from api.peers import Network
from events.errors import DatelineError

ANSWER_S: Final = 10.0
HEAD_BYTES_MAX: Final = 16 * 1024
INTERIM_MAX: Final = 8
NO_ADDRESS: Final = "its address is no https address without a user's name"
FORBIDDEN: Final[tuple[Network, ...]] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""This machine, its neighbours, documentation, multicast, and IPv6 addresses that stand for such ones of IPv4."""
_VISIBLE: Final = re.compile(r"[!-~]+")
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")

Address: TypeAlias = IPv4Address | IPv6Address


class OutboundRefused(DatelineError):
    """A request of the service's own may not go, or was not answered well. The message names no address."""

    code = "outbound-refused"


class Outbound:
    """Sends requests. `allowed` are networks that may be reached although they are in `FORBIDDEN`."""

    def __init__(self, allowed: Sequence[Network] = (), *, answer_s: float = ANSWER_S) -> None:
        self._allowed = tuple(allowed)
        self._answer_s = answer_s

    async def send(self, method: str, url: str, body: bytes, media_type: str) -> int:
        """Send a request and return the status of its answer, whose body is not read. Raises `OutboundRefused`."""
        try:
            async with asyncio.timeout(self._answer_s):
                return await self._send(method, url, body, media_type)
        except TimeoutError:
            raise OutboundRefused(f"there was no answer within {self._answer_s:.0f} s") from None
        except ssl.SSLError as error:
            raise OutboundRefused(f"it has no certificate that holds: {error.reason or 'unknown'}") from None
        except (OSError, UnicodeError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise OutboundRefused("there is no connection, or it was cut off") from None

    async def _send(self, method: str, url: str, body: bytes, media_type: str) -> int:
        try:
            parts = urlsplit(url)
            host, secure = parts.hostname or "", parts.scheme == "https"
            port = parts.port or (443 if secure else 80)
        except ValueError:
            raise OutboundRefused(NO_ADDRESS) from None
        named = host and parts.username is None and _VISIBLE.fullmatch(url)
        if not named or parts.scheme not in ("http", "https"):
            raise OutboundRefused(NO_ADDRESS)
        address = await self._judged(host, port, secure=secure)
        context = ssl.create_default_context() if secure else None
        reader, writer = await asyncio.open_connection(
            str(address), port, ssl=context, server_hostname=host if secure else None, limit=HEAD_BYTES_MAX
        )
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            authority = f"[{host}]" if ":" in host else host
            head = (
                f"{method} {target} HTTP/1.1\r\nHost: {authority}:{port}\r\nConnection: close\r\n"
                "User-Agent: dateline\r\n"
                f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode("ascii") + body)
            await writer.drain()
            return await _status(reader)
        finally:
            writer.close()

    async def _judged(self, host: str, port: int, *, secure: bool) -> Address:
        """Return an address of a host, all of which may be reached."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        for address in addresses:
            plain = _plain(address)
            if not secure and not plain.is_loopback:
                raise OutboundRefused("it is asked over plain http, which is for this machine alone: write https")
            if _is_in(plain, FORBIDDEN) and not _is_in(plain, self._allowed):
                raise OutboundRefused("its address is of a network that is not for everybody (outbound_allow)")
        if not addresses:
            raise OutboundRefused("its name has no address")
        return addresses[0]


async def _status(reader: asyncio.StreamReader) -> int:
    """Return the status of an answer, of those before which nothing is final."""
    for _ in range(INTERIM_MAX):
        head = await reader.readuntil(b"\r\n\r\n")
        found = _STATUS.fullmatch(head.partition(b"\r\n")[0])
        if found is None:
            break
        if int(found[1]) >= 200:
            return int(found[1])
    raise OutboundRefused("its answer is not HTTP")


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)

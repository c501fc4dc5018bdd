"""Requests that the service itself sends: only to where it may, bounded in time and bytes.

A name is looked up once, every address it has is judged, and one that was judged is connected to: a name that changes
its address in between gains nothing. What is sent goes over https, or to this machine, and is never sent on. What is
read may come over plain http too, as pages of newsrooms do, and may lead elsewhere: each step is judged like the first.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Final, TypeAlias
from urllib.parse import quote, urljoin

import h11
import msgspec
from msgspec import Struct

from api.receiving import BODY_BYTES_MAX, HEAD_BYTES_MAX, Reception, media_type, values
from api.targets import (
    FORBIDDEN,
    Address,
    Network,
    OutboundRefused,
    Target,
    literal,
    require_port,
    require_public,
    target,
)

__all__ = ["FORBIDDEN", "Fetched", "Outbound", "OutboundRefused", "Resolver"]

ANSWER_S: Final = 10.0
FETCH_S: Final = 15.0
CONNECT_S: Final = 5.0
"""How long one address of several is tried."""
ADDRESSES_TRIED_MAX: Final = 3
RESOLVERS_MAX: Final = 4
REDIRECTS_MAX: Final = 5
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
NOT_MODIFIED: Final = 304
ACCEPT: Final = "text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, text/*;q=0.8, */*;q=0.1"
TEXTS: Final = frozenset({"", "application/xhtml+xml", "application/xml"})
VALIDATOR_CHARACTERS_MAX: Final = 500

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a name, for a port, as texts; raises `OSError` where there are none."""


class Fetched(Struct, frozen=True, kw_only=True):
    """What was read at an address. `url` is where it lay in the end, `body` what came, unpacked.

    `media_type` is in small letters and empty where none was said; `charset` is what was said of it, true or not.
    `etag` and `last_modified` are what `fetch` takes to ask again; a `status` of 304 says that nothing has changed.
    `public`: it lay where everybody may be sent, not in a network that is allowed here.
    """

    url: str
    status: int
    media_type: str
    charset: str | None
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    public: bool = False


class Outbound:
    """Sends requests. `allowed` are networks that may be reached although they are in `FORBIDDEN`.

    `resolve` looks names up; without one the system does.
    """

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        *,
        answer_s: float = ANSWER_S,
        fetch_s: float = FETCH_S,
        resolve: Resolver | None = None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._answer_s = answer_s
        self._fetch_s = fetch_s
        self._resolve = resolve or _System()

    async def send(self, method: str, url: str, body: bytes, media_type: str) -> int:
        """Send a request and return the status of its answer, whose body is not read. Raises `OutboundRefused`."""
        async with _within(self._answer_s):
            place = target(url)
            addresses = await self._resolved(place)
            if not place.secure and not all(address.is_loopback for address in addresses):
                raise OutboundRefused("it is asked over plain http, which is for this machine alone: write https")
            require_public(addresses, self._allowed)
            headers = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
            async with self._asked(method, place, addresses, headers, body) as answer:
                return (await answer.head()).status_code

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        body_bytes_max: int = BODY_BYTES_MAX,
        public: bool = False,
    ) -> Fetched:
        """Return the text that lies at an address; http and https alike, unless https leads to http.

        With what it had when it was last read (`etag`, `last_modified`) an answer may be that nothing has changed.
        `public`: it has to be for everybody, whatever is allowed here; nobody out there leads to a network that is not.
        Raises `OutboundRefused`, for other answers than a whole text too.
        """
        headers = [("Accept", ACCEPT), ("Accept-Encoding", "identity")]
        headers += [("If-None-Match", etag)] if etag else []
        headers += [("If-Modified-Since", last_modified)] if last_modified else []
        async with _within(self._fetch_s):
            place = target(url)
            seen = {place.url}
            for _ in range(REDIRECTS_MAX + 1):
                require_port(place.port)
                addresses = await self._resolved(place)
                public = require_public(addresses, () if public else self._allowed)
                async with self._asked("GET", place, addresses, headers) as answer:
                    head = await answer.head()
                    if head.status_code not in REDIRECTS:
                        fetched = await _fetched(place, head, answer, body_bytes_max, conditional=bool(headers[2:]))
                        return msgspec.structs.replace(fetched, public=public)
                place = _next(place, head)
                if place.url in seen:
                    raise OutboundRefused("it leads in a circle")
                seen.add(place.url)
        raise OutboundRefused(f"it leads elsewhere more than {REDIRECTS_MAX} times")

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        place: Target,
        addresses: Sequence[Address],
        headers: list[tuple[str, str]],
        body: bytes = b"",
    ) -> AsyncIterator[Reception]:
        """Send one request to one of the addresses; the connection is closed when the block ends."""
        reader, writer = await _connected(place, addresses)
        try:
            connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES_MAX)
            own = [("Host", place.authority), ("Connection", "close"), ("User-Agent", "dateline")]
            request = h11.Request(method=method, target=place.path, headers=own + headers)
            sent = [connection.send(request), connection.send(h11.Data(data=body)), connection.send(h11.EndOfMessage())]
            writer.write(b"".join(part or b"" for part in sent))
            await writer.drain()
            yield Reception(reader, connection)
        except h11.LocalProtocolError:
            raise OutboundRefused("it cannot be asked for over HTTP") from None
        finally:
            writer.transport.abort()  # An answer that is not read to its end is not waited for.

    async def _resolved(self, place: Target) -> list[Address]:
        own = literal(place.host)
        found = [place.host] if own is not None else await self._resolve(place.host, place.port)
        return [ip_address(one.partition("%")[0]) for one in dict.fromkeys(found)]


class _System:
    """Looks names up as the system does, in threads of its own: slow ones take none from anybody else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVERS_MAX, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(each[4][0]) for each in found]


async def _connected(place: Target, addresses: Sequence[Address]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = ssl.create_default_context() if place.secure else None
    failed: Exception = OSError()
    for address in addresses[:ADDRESSES_TRIED_MAX]:
        try:
            async with asyncio.timeout(CONNECT_S):
                return await asyncio.open_connection(
                    str(address), place.port, ssl=context, server_hostname=place.host if place.secure else None
                )
        except ssl.SSLError:
            raise
        except (OSError, TimeoutError) as error:
            failed = error
    raise failed


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """Bound what is done inside, and say of whatever fails there why, without an address."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise OutboundRefused(f"there was no answer within {seconds:.0f} s") from None
    except ssl.SSLError as error:
        raise OutboundRefused(f"it has no certificate that holds: {error.reason or 'unknown'}") from None
    except (OSError, UnicodeError):
        raise OutboundRefused("there is no connection, or it was cut off") from None


async def _fetched(
    place: Target, head: h11.Response, answer: Reception, body_bytes_max: int, *, conditional: bool
) -> Fetched:
    unchanged = conditional and head.status_code == NOT_MODIFIED
    if head.status_code != 200 and not unchanged:
        raise OutboundRefused(f"it answered {head.status_code}")
    kind, charset = media_type(head)
    if not unchanged and not (kind in TEXTS or kind.startswith("text/") or kind.endswith("+xml")):
        raise OutboundRefused(f"it is no text but {kind}")
    return Fetched(
        url=place.url,
        status=head.status_code,
        media_type=kind,
        charset=charset,
        body=b"" if unchanged else await answer.body(body_bytes_max),
        etag=_validator(head, b"etag"),
        last_modified=_validator(head, b"last-modified"),
    )


def _next(place: Target, head: h11.Response) -> Target:
    """Return where an answer leads; raises `OutboundRefused`."""
    given = values(head, b"location")
    if len(given) != 1:
        raise OutboundRefused(f"it answered {head.status_code} and does not say where it leads")
    location = quote(given[0], safe="".join(map(chr, range(0x80))))
    if location.startswith("//"):
        location = f"{place.scheme}:{location}"
    elif _SCHEME.match(location) is None:
        location = urljoin(place.url, location)
    following = target(location)
    if place.secure and not following.secure:
        raise OutboundRefused("it leads from https to plain http")
    return following


def _validator(head: h11.Response, name: bytes) -> str | None:
    given = values(head, name)
    fits = len(given) == 1 and len(given[0]) <= VALIDATOR_CHARACTERS_MAX and given[0].isascii()
    return given[0].decode("ascii") if fits else None

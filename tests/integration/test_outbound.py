"""Pages are fetched from where they may be, whatever an address looks like, a name says, or a server does."""

import asyncio
import gzip
import json
import re
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from api import targets
from api.outbound import Fetched, Outbound, OutboundRefused
from tests.integration.certified import certified
from tests.integration.misbehaving import Names, Server, bomb, connections, forever, leading, ok

HOSTILE = json.loads((Path(__file__).parents[1] / "data" / "hostile-urls.json").read_text(encoding="utf-8"))
HERE = "127.0.0.3"
"""An address of this machine that is allowed where a test says so; the others are not."""
ABSOLUTE = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*:|//)")
PUBLIC = "93.184.215.14"
LOCAL = {
    "127.0.0.1": ("localhost", "localhost.localdomain", "foo.localhost", "127.0.0.1.nip.example", "loopback.example"),
    "::1": ("ip6-localhost",),
    "10.0.0.5": ("intranet",),
    "192.168.1.9": ("printer.local",),
    "fe80::1%eth0": ("router.home.arpa",),
    "169.254.169.254": ("metadata.google.internal", "metadata", "instance-data"),
    PUBLIC: ("example.org",),
}
TABLE: dict[str, Any] = {name: [[address]] for address, names in LOCAL.items() for name in names}
TABLE["127.0.0.1.nip.example"] = [[PUBLIC, "127.0.0.1"]]
MIB = 1024 * 1024


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(HERE).listening() as server:
        yield server


def outbound(names: Names | None = None, *, fetch_s: float = 5.0, allowed: str = HERE) -> Outbound:
    return Outbound([ip_network(allowed)], fetch_s=fetch_s, resolve=names or Names(**TABLE))


async def refused(client: Outbound, url: str, **asked: Any) -> str:
    with pytest.raises(OutboundRefused) as caught:
        await client.fetch(url, **asked)
    return str(caught.value)


def test_there_are_hundreds_of_hostile_addresses_of_many_kinds() -> None:
    assert len({one["url"] for one in HOSTILE}) > 250
    assert len({one["group"] for one in HOSTILE}) > 14


@pytest.mark.parametrize("group", sorted({one["group"] for one in HOSTILE}))
async def test_no_hostile_address_is_connected_to(group: str) -> None:
    client, hostile = Outbound(resolve=Names(**TABLE)), [one for one in HOSTILE if one["group"] == group]
    async with Server("127.0.0.1").listening() as four, Server("::1").listening(port=four.port) as six:
        with connections() as seen:
            for one in hostile:
                why = await refused(client, one["url"].replace("{port}", str(four.port)))
                assert one["why"] in why, one

        assert (seen, four.heard, six.heard) == ([], [], [])


@pytest.mark.parametrize("group", sorted({one["group"] for one in HOSTILE}))
async def test_nobody_is_led_to_a_hostile_address(group: str, server: Server) -> None:
    hostile = [one for one in HOSTILE if one["group"] == group]
    async with Server("127.0.0.1").listening() as four, Server("::1").listening(port=four.port) as six:
        for one in hostile:
            location = one["url"].replace("{port}", str(four.port))
            server.answers["/away"] = leading(location)
            with connections() as seen:
                if "\n" in location or not ABSOLUTE.match(location):  # It ends before, or is a path of the same server.
                    with suppress(OutboundRefused):
                        await outbound().fetch(server.url("/away"))
                else:
                    await refused(outbound(), server.url("/away"))

            assert {where[0] for where in seen} == {HERE}, one
        assert (four.heard, six.heard) == ([], [])


async def test_what_is_hostile_by_its_address_alone_is_reached_where_it_is_allowed() -> None:
    async with Server("127.0.0.1").listening() as four:
        assert (await outbound(allowed="127.0.0.0/8").fetch(four.url())).body == b"<p>Here</p>"


async def test_a_name_that_changes_its_address_gains_nothing(server: Server) -> None:
    async with Server("127.0.0.1").listening(port=server.port) as inner:
        names = Names(**{"rebinding.example": [[HERE], ["127.0.0.1"]]})
        client, url = outbound(names), server.url(host="rebinding.example")

        first = await client.fetch(url)
        second = await refused(client, url)

        assert (first.url, len(server.heard), inner.heard) == (url, 1, [])
        assert "not for everybody" in second
        assert names.asked == ["rebinding.example"] * 2


async def test_a_name_that_changes_its_address_between_two_steps_is_not_followed(server: Server) -> None:
    async with Server("127.0.0.1").listening(port=server.port) as inner:
        client = outbound(Names(**{"rebinding.example": [[HERE], ["127.0.0.1"]]}))
        server.otherwise = leading("/next")

        why = await refused(client, server.url(host="rebinding.example"))

        assert "not for everybody" in why
        assert (len(server.heard), inner.heard) == (1, [])


@pytest.mark.parametrize("inner", ["127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1%lo"])
async def test_a_name_with_one_address_that_is_not_for_everybody_is_not_asked_at_all(
    inner: str, server: Server
) -> None:
    with connections() as seen:
        for found in ([HERE, inner], [inner, HERE], [PUBLIC, inner]):
            assert "not for everybody" in await refused(
                outbound(Names(**{"double.example": [found]})), server.url(host="double.example")
            )

    assert seen == []


async def test_nobody_out_there_leads_to_a_network_that_is_allowed_here(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Server("127.0.0.1").listening() as inner:
        client = outbound(allowed="127.0.0.0/8")
        server.otherwise = leading(inner.url())
        through = await client.fetch(server.url())
        # From here on the one is a public address, as far as can be told; the other is not.
        monkeypatch.setattr(targets, "FORBIDDEN", (ip_network("127.0.0.1/32"),))

        assert "not for everybody" in await refused(client, server.url())
        assert "not for everybody" in await refused(client, inner.url(), public=True)

        both = outbound(Names(**{"double.example": [[HERE, "127.0.0.1"]]}), allowed="127.0.0.0/8")
        with connections() as seen:
            assert "for everybody and others" in await refused(both, server.url(host="double.example"))
        assert seen == []

        server.otherwise = ok(b"x")
        assert [through.public, (await client.fetch(server.url())).public] == [False, True]
        assert (await client.fetch(inner.url())).public is False
        assert len(inner.heard) == 2


async def test_of_several_addresses_one_that_answers_is_taken(server: Server) -> None:
    names = Names(**{"several.example": [["127.0.0.9", HERE]]})

    fetched = await outbound(names, allowed="127.0.0.0/8").fetch(server.url(host="several.example"))

    assert fetched.status == 200


async def test_the_name_is_asked_for_at_the_address_that_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, shown = certified(tmp_path, "post.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names = Names(**{"post.example": [[HERE]], "other.example": [[HERE]]})
    async with Server(HERE).listening(shown) as server:
        server.answers["/down"] = leading(server.url("/", host="post.example"))
        client = outbound(names)

        fetched = await client.fetch(server.url("/a?b=c#d", scheme="https", host="post.example"))

        assert fetched.body == b"<p>Here</p>"
        assert server.heard == [
            f"GET /a?b=c HTTP/1.1\r\nHost: post.example:{server.port}\r\nConnection: close\r\nUser-Agent: dateline\r\n"
            "Accept: text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, text/*;q=0.8, "
            "*/*;q=0.1\r\nAccept-Encoding: identity\r\n\r\n".encode()
        ]
        assert "no certificate that holds" in await refused(client, server.url(scheme="https", host="other.example"))
        assert "no certificate that holds" in await refused(client, server.url(scheme="https"))
        down = await refused(client, server.url("/down", scheme="https", host="post.example"))
        assert down == "it leads from https to plain http"


async def test_five_steps_are_followed_and_what_is_sent_says_nothing_of_before(server: Server) -> None:
    for step, status in enumerate((301, 302, 303, 307, 308)):
        server.answers[f"/{step}"] = leading(f"/{step + 1}", status)

    fetched = await outbound().fetch(server.url("/0"))

    assert (fetched.url, server.paths) == (server.url("/5"), ["/0", "/1", "/2", "/3", "/4", "/5"])
    assert not [head for head in server.heard if b"ookie" in head or b"eferer" in head or b"uthoriz" in head]


async def test_endless_steps_and_circles_end(server: Server) -> None:
    for step in range(10):
        server.answers[f"/{step}"] = leading(f"{step + 1}")
    server.answers["/a"], server.answers["/b"] = leading("b"), leading("/a#x")
    client = outbound()

    assert await refused(client, server.url("/0")) == "it leads elsewhere more than 5 times"
    assert len(server.heard) == 6
    assert await refused(client, server.url("/a")) == "it leads in a circle"
    assert len(server.heard) == 8


@pytest.mark.parametrize(
    ("location", "path"),
    [("next", "/a/next"), ("/next?x=1#y", "/next?x=1"), ("?q", "/a/b?q"), ("../žlutý", "/%C5%BElut%C3%BD"),
     ("//{here}/x", "/x"), ("next:x", None), ("http:next", None), ("", None)],
)  # fmt: skip
async def test_a_step_is_read_from_where_it_was_said(location: str, path: str | None, server: Server) -> None:
    server.answers["/a/b"] = leading(location.replace("{here}", f"{HERE}:{server.port}"))

    if path is None:
        assert re.search("plain form|circle", await refused(outbound(), server.url("/a/b")))
    else:
        assert (await outbound().fetch(server.url("/a/b"))).url == server.url(path)


async def test_nothing_is_fetched_again_that_has_not_changed(server: Server) -> None:
    server.answers["/feed"] = ok(b"<a/>", 'ETag: "1"', "Last-Modified: Sun, 01 Mar 2026 10:00:00 GMT", kind="text/xml")
    client = outbound()

    first = await client.fetch(server.url("/feed"))
    server.answers["/feed"] = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    again = await client.fetch(server.url("/feed"), etag=first.etag, last_modified=first.last_modified)

    assert (again.status, again.body, again.etag) == (304, b"", '"1"')
    assert b'\r\nIf-None-Match: "1"\r\nIf-Modified-Since: Sun, 01 Mar 2026 10:00:00 GMT\r\n' in server.heard[1]
    assert await refused(client, server.url("/feed")) == "it answered 304"
    assert "cannot be asked" in await refused(client, server.url("/feed"), etag='"1"\r\nX: y')


PLAIN = b"<p>4 May 2026</p>" * 100


@pytest.mark.parametrize(
    "answer",
    [
        ok(PLAIN),
        ok(PLAIN, "Content-Encoding: identity"),
        ok(gzip.compress(PLAIN), "Content-Encoding: gzip"),
        ok(gzip.compress(PLAIN[:50]) + gzip.compress(PLAIN[50:]), "Content-Encoding: X-GZIP"),
        ok(zlib.compress(PLAIN), "Content-Encoding: deflate"),
        ok(zlib.compress(PLAIN)[2:-4], "Content-Encoding: deflate"),
        b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PLAIN,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok(PLAIN),
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x;name=value\r\n" % len(PLAIN) + PLAIN + b"\r\n0\r\nTrailer: yes\r\n\r\n",
        ok(PLAIN) + b"and more that nobody asked for",
    ],
)  # fmt: skip
async def test_an_answer_is_unwrapped(answer: bytes, server: Server) -> None:
    server.otherwise = answer

    fetched = await outbound().fetch(server.url())

    assert (fetched.body, fetched.media_type) == (PLAIN, "text/html")


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "cut off"),
        (b"HTTP/1.1 200 OK\r\nContent-", "cut off"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\nshort", "cut off"),
        (CHUNKED + b"5\r\nabc", "cut off"),
        (CHUNKED + b"3\r\nabc\r\n", "cut off"),
        (CHUNKED + b"3\r\nabcde\r\n0\r\n\r\n", "not HTTP"),
        (CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n", "not HTTP"),
        (CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", "not HTTP"),
        (CHUNKED + b"ffffffffffffffffffffffff\r\nabc", "not HTTP"),
        (CHUNKED + b"3" + b";" + b"x" * 100_000 + b"\r\nabc\r\n0\r\n\r\n", "not HTTP"),
        (CHUNKED + b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", "not HTTP"),
        (CHUNKED + b"0\r\nno trailer\r\n\r\n", "not HTTP"),
        (CHUNKED + b"1\r\nx\r\n" * 30_000 + b"0\r\n\r\n", "pieces"),
        (ok(b"x", "Content-Length: 5"), "not HTTP"),
        (ok(b"x", "Transfer-Encoding: gzip"), "not HTTP"),
        (ok(b"x", "Content-Length: 1x"), "not HTTP"),
        (ok(b"x", "A" * 100_000 + ": b"), "not HTTP"),
        (ok(b"x", "A: \x00"), "not HTTP"),
        (ok(b"x", "no header"), "not HTTP"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + ok(b"x"), "not HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "not HTTP"),
        (b"HTTP/0.9 200 OK\r\n\r\n", "not HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "not HTTP"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "not HTTP|cut off"),
        (b"<p>4 May 2026</p>\r\n\r\n", "not HTTP"),
        (ok(b"x", "Content-Encoding: br"), "nobody asked for"),
        (ok(gzip.compress(gzip.compress(b"x")), "Content-Encoding: gzip, gzip"), "nobody asked for"),
        (ok(gzip.compress(b"x"), "Content-Encoding: gzip", "Content-Encoding: gzip"), "nobody asked for"),
        (ok(gzip.compress(PLAIN)[:-9], "Content-Encoding: gzip"), "decompressed"),
        (ok(gzip.compress(PLAIN)[:-8] + b"12345678", "Content-Encoding: gzip"), "decompressed"),
        (ok(gzip.compress(PLAIN) + b"more", "Content-Encoding: gzip"), "decompressed"),
        (ok(zlib.compress(PLAIN) + b"more", "Content-Encoding: deflate"), "decompressed"),
        (ok(b"not packed", "Content-Encoding: gzip"), "decompressed"),
        (ok(b"\xff\xff\xff", "Content-Encoding: deflate"), "decompressed"),
        (ok(b"\x89PNG", kind="image/png"), "no text but image/png"),
        (ok(b"%PDF", kind="application/pdf"), "no text but application/pdf"),
        (ok(b"MZ", kind="application/octet-stream"), "no text but"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "it answered 404"),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Type: text/html\r\n\r\nx", "it answered 206"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "it answered 204"),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "does not say where"),
        (b"HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\n\r\n", "does not say where"),
        (b"HTTP/1.1 300 Multiple Choices\r\nLocation: /a\r\n\r\n", "it answered 300"),
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_is_refused_and_the_connection_closed(
    answer: bytes, why: str, server: Server
) -> None:
    server.otherwise = answer

    with pytest.raises(OutboundRefused, match=why):
        await outbound().fetch(server.url())

    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (forever(b"HTTP/1.1 200 OK\r\n", b"x", pause_s=0.05), "within 1 s"),
        (forever(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x", pause_s=0.05), "within 1 s"),
        (forever(CHUNKED, b"1\r\nx\r\n", pause_s=0.05), "within 1 s"),
        (forever(b"HTTP/1.1 200 OK\r\n", b"X-Header: and another\r\n" * 100), "not HTTP"),
        (forever(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x" * 10_000), "larger than"),
        (forever(CHUNKED, b"2710\r\n" + b"x" * 10_000 + b"\r\n"), "larger than"),
        (forever(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"), "not HTTP"),
    ],
)
async def test_what_has_no_end_is_ended(answer: Any, why: str, server: Server) -> None:
    server.otherwise = answer
    begun = time.monotonic()

    assert why in await refused(outbound(fetch_s=1.0), server.url())

    assert time.monotonic() - begun < 3
    await asyncio.sleep(0.2)
    assert server.left == 1


async def test_who_says_nothing_is_not_waited_for(server: Server) -> None:
    server.otherwise = forever(b"", b"", pause_s=0.05)

    assert await refused(outbound(fetch_s=1.0), server.url()) == "there was no answer within 1 s"


async def test_the_whole_of_all_steps_has_one_time(server: Server) -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)
        writer.write(leading(f"/{len(server.heard)}"))

    server.otherwise = late

    assert await refused(outbound(fetch_s=1.0), server.url()) == "there was no answer within 1 s"
    assert len(server.heard) == 3


async def test_a_name_that_is_never_found_is_given_up(server: Server) -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    assert "within 1 s" in await refused(Outbound(fetch_s=1.0, resolve=never), "http://slow.example/")


@pytest.mark.parametrize("kind", ["gzip", "deflate"])
async def test_a_gigabyte_of_zeros_is_not_unpacked(kind: str, server: Server) -> None:
    packed = bomb(1024) if kind == "gzip" else zlib.compress(bytes(64 * MIB))
    server.otherwise = ok(packed, f"Content-Encoding: {kind}")
    assert len(packed) < 2 * MIB
    begun = time.monotonic()

    tracemalloc.start()
    why = await refused(outbound(), server.url())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert why == f"its answer is larger than {5 * MIB} bytes"
    assert peak < 32 * MIB
    assert time.monotonic() - begun < 5


async def test_just_as_much_as_may_be_taken_is_taken(server: Server) -> None:
    whole = b"x" * 1000
    client = outbound()
    for answer in (ok(whole), ok(gzip.compress(whole), "Content-Encoding: gzip"), ok(whole + b"x")):
        server.answers["/"] = answer
        if answer.endswith(b"x" * 1001):
            assert "larger than 1000 bytes" in await refused(client, server.url(), body_bytes_max=1000)
        else:
            assert (await client.fetch(server.url(), body_bytes_max=1000)).body == whole


@pytest.mark.parametrize(
    ("kind", "media_type", "charset"),
    [
        ("text/html; charset=UTF-8", "text/html", "utf-8"),
        ('Text/HTML;x=y; charset="Shift_JIS"', "text/html", "shift_jis"),
        ("application/rss+xml", "application/rss+xml", None),
        ("text/html; charset=\x80\x81", "text/html", None),
        ("nonsense", "", None),
    ],
)
async def test_kind_and_charset_are_what_was_said(
    kind: str, media_type: str, charset: str | None, server: Server
) -> None:
    server.otherwise = ok(b"x", kind=kind).replace("\x80\x81".encode(), b"\x80\x81")

    fetched = await outbound().fetch(server.url())

    assert fetched == Fetched(url=server.url(), status=200, media_type=media_type, charset=charset, body=b"x")


async def test_who_sends_crumbs_as_fast_as_it_goes_stops_nothing_else(server: Server) -> None:
    server.otherwise = forever(CHUNKED, b"1\r\nx\r\n" * 5_000)
    task = asyncio.create_task(refused(outbound(), server.url()))
    longest = 0.0
    while not task.done():
        before = time.monotonic()
        await asyncio.sleep(0)
        longest = max(longest, time.monotonic() - before)

    assert "pieces" in await task
    assert longest < 0.2


async def test_many_are_fetched_at_once_and_a_slow_one_holds_nobody_up(server: Server) -> None:
    server.answers["/slow"] = forever(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x", pause_s=0.05)
    client, begun = outbound(fetch_s=2.0), time.monotonic()
    slow = asyncio.create_task(refused(client, server.url("/slow")))

    await asyncio.gather(*(client.fetch(server.url(f"/{number}")) for number in range(50)))

    assert time.monotonic() - begun < 2
    assert "within 2 s" in await slow

"""Who asks, as the proxies tell it that are trusted, and nobody else."""

import asyncio
import random
from typing import Any

import pytest

from api.peers import Peers, networks, peer, site
from tests.torture import tries

TRUSTED = networks("127.0.0.1 10.0.0.0/8, ::1")


def seen(*headers: tuple[str, str], client: str | None = "127.0.0.1", scheme: str = "http") -> Any:
    """Return a request as the application sees it behind trusted proxies."""
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope)

    scope: Any = {
        "type": "http",
        "client": None if client is None else (client, 1234),
        "scheme": scheme,
        "headers": [(b"host", b"inside"), *((name.encode(), value.encode("latin-1")) for name, value in headers)],
    }
    nothing: Any = None
    asyncio.run(Peers(app, TRUSTED)(scope, nothing, nothing))
    return found[0]


def asked(scope: Any) -> str:
    """Return scheme and host as links are made of them."""
    return f"{scope['scheme']}://{dict(scope['headers'])[b'host'].decode()}"


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
        ([("x-forwarded-for", "192.0.2.1:4321")], "192.0.2.1"),
        ([("x-forwarded-for", "6.6.6.6, 192.0.2.1")], "192.0.2.1"),
        ([("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
        ([("x-forwarded-for", "6.6.6.6, 192.0.2.1, 10.1.2.3, 127.0.0.1")], "192.0.2.1"),
        ([("x-forwarded-for", "10.1.2.3, 10.3.2.1")], "10.1.2.3"),
        ([("x-forwarded-for", "192.0.2.1, unknown")], "127.0.0.1"),
        ([("x-forwarded-for", "192.0.2.1, nonsense, 10.0.0.7")], "10.0.0.7"),
        ([("x-forwarded-for", "2001:DB8::1")], "2001:db8::1"),
        ([("x-forwarded-for", "[2001:db8::1]:80")], "2001:db8::1"),
        ([("x-forwarded-for", "::ffff:192.0.2.1")], "192.0.2.1"),
        ([("x-forwarded-for", "")], "127.0.0.1"),
        ([("x-forwarded-for", ",,,")], "127.0.0.1"),
        ([("forwarded", "for=192.0.2.1")], "192.0.2.1"),
        ([("forwarded", 'For="[2001:db8::1]:4711"')], "2001:db8::1"),
        ([("forwarded", "for=6.6.6.6, for=192.0.2.1;proto=https;by=10.0.0.1, for=10.0.0.1")], "192.0.2.1"),
        ([("forwarded", "for=192.0.2.1, for=unknown")], "127.0.0.1"),
        ([("forwarded", "for=192.0.2.1, for=_hidden;by=x")], "127.0.0.1"),
        ([("forwarded", 'for="192.0.2.1')], "127.0.0.1"),
        ([("forwarded", "for=192.0.2.1 for=6.6.6.6")], "127.0.0.1"),
        ([("forwarded", 'for="6.6.6.6\\", for=1.1.1.1", for=192.0.2.1')], "192.0.2.1"),
        ([("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
        ([], "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(headers: list[tuple[str, str]], address: str) -> None:
    assert peer(seen(*headers)) == address


def test_nobody_else_is_believed() -> None:
    spoofed = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-proto", "https"), ("forwarded", "for=2.2.2.2;host=evil")]

    for client in ("192.0.2.9", "2001:db8::9", "11.0.0.1", "", None):
        scope = seen(*spoofed, client=client)

        assert peer(scope) == (client or "")
        assert asked(scope) == "http://inside"


def test_a_proxy_is_known_by_either_form_of_its_address() -> None:
    for client in ("127.0.0.1", "::ffff:127.0.0.1", "::1", "0:0:0:0:0:0:0:1", "10.255.0.1"):
        assert peer(seen(("x-forwarded-for", "192.0.2.1"), client=client)) == "192.0.2.1"


def test_scheme_and_host_are_those_that_the_client_asked() -> None:
    both = [
        seen(("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "news.example")),
        seen(("forwarded", "for=6.6.6.6;host=evil, for=192.0.2.1;proto=https;host=news.example, for=10.0.0.1")),
    ]

    for scope in both:
        assert asked(scope) == "https://news.example"
        assert [name for name, _ in scope["headers"]] == [b"host"]


def test_of_several_schemes_and_hosts_the_one_of_the_last_proxy_counts() -> None:
    scope = seen(
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-proto", "gopher, https"),
        ("x-forwarded-host", "evil, good.example"),
    )

    assert asked(scope) == "https://good.example"


@pytest.mark.parametrize("host", ["<script>", "a b", 'x"onload=', "x/y", "user@x", "ä"])
def test_a_host_that_is_none_is_not_taken(host: str) -> None:
    told = seen(("x-forwarded-for", "192.0.2.1"), ("x-forwarded-host", host), ("x-forwarded-proto", "javascript"))

    assert asked(told) == "http://inside"


def test_the_addresses_of_one_line_of_ipv6_are_one_asker() -> None:
    assert site("2001:db8::1") == site("2001:db8::ffff:ffff:ffff:ffff") != site("2001:db8:0:1::1")
    assert site("192.0.2.1") != site("192.0.2.2")
    assert site("") == ""


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0.0/33", "*", "::1/200"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        networks(text)


@pytest.mark.torture
def test_whatever_a_proxy_passes_on_is_read_without_a_fault() -> None:
    drawn = random.Random(7)
    pieces = [
        "for=",
        "1.2.3.4",
        "[::1]",
        ":80",
        ",",
        ";",
        '"',
        "\\",
        "host=x",
        "proto=https",
        " ",
        "ä",
        "10.0.0.1",
        "=",
    ]
    for _ in range(tries(2_000, 200_000)):
        text = "".join(drawn.choices(pieces, k=drawn.randrange(12)))
        for name in ("forwarded", "x-forwarded-for", "x-forwarded-host"):
            assert peer(seen_once(name, text))


def seen_once(name: str, text: str) -> Any:
    scope = {"type": "http", "client": ("10.0.0.1", 1), "scheme": "http", "headers": [(name.encode(), text.encode())]}
    return PEERS._seen_through(scope)


async def nothing(*_: Any) -> None:
    pass


PEERS = Peers(nothing, TRUSTED)

"""What pages of other origins may do: read what is public, and use a token that they were given."""

import pytest

from tests.api.raw import Raw, get, request
from tests.api.served import Served, keys, source

ORIGIN = "Origin: https://news.example"
EXPOSED = "Dateline-Position, ETag, Location, RateLimit, RateLimit-Policy, Retry-After"
METHODS = "GET, HEAD, POST, PATCH, DELETE"
HEADERS = (
    "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent"
)


def test_any_page_may_read_what_is_public_and_brings_no_credentials(served: Served) -> None:
    with Raw(served.port) as raw:
        for cookie in ((), ("Cookie: a=b",)):
            answer = raw.send(get("/v1/announcements", ORIGIN, *cookie)).answer()

            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["access-control-expose-headers"] == EXPOSED
            assert "access-control-allow-credentials" not in answer.headers
            assert "vary" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/announcements", "/v1/nothing", "/", "/healthz", "/v1/feed?from=999999"])
def test_what_another_origin_is_told_is_the_same_for_everybody(served: Served, path: str) -> None:
    told = [
        served.public.get(path, headers=headers).headers
        for headers in ({}, {"Origin": "https://example.org"}, {"Origin": "https://example.org", "Cookie": "a=b"})
    ]

    assert [headers["Access-Control-Allow-Origin"] for headers in told] == ["*"] * 3
    assert all("Vary" not in headers for headers in told)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "PUT"])
def test_a_browser_that_asks_what_it_may_ask_for_is_told(served: Served, method: str) -> None:
    asking = (ORIGIN, f"Access-Control-Request-Method: {method}", "Access-Control-Request-Headers: authorization, x")

    for path in ("/v1/announcements", "/v1/feed", "/timelines/all", "/v1/nothing"):
        with Raw(served.port) as raw:
            answer = raw.send(request("OPTIONS", path, *asking)).answer()

        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-methods"] == METHODS
        assert answer.headers["access-control-allow-headers"] == HEADERS
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-max-age"] == "86400"
        assert "access-control-allow-credentials" not in answer.headers


def test_a_page_that_was_given_a_token_may_write_and_hears_what_came_of_it(served: Served) -> None:
    answer = served.post("/v1/sources", source("elsewhere"), Origin="https://news.example")
    with Raw(served.port) as raw:
        refused = raw.send(request("POST", "/v1/sources", ORIGIN, f"Idempotency-Key: {next(keys)}")).answer()

    assert (answer.status_code, refused.status) == (201, 401)
    assert answer.headers["Access-Control-Allow-Origin"] == refused.headers["access-control-allow-origin"] == "*"
    assert answer.headers["Location"] == "/v1/sources/elsewhere"
    assert refused.headers["www-authenticate"] == "Bearer"


def test_what_never_became_a_request_is_told_to_any_page_too(served: Served) -> None:
    with Raw(served.port) as raw:
        answer = raw.send(get("/healthz", *[f"X-{number}: x" for number in range(200)])).answer()

    assert (answer.status, answer.headers["access-control-allow-origin"]) == (431, "*")

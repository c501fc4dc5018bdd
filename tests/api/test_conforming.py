"""What is not as it is described is noticed: a test of what other tests are held by."""

from typing import Any

import httpx2
import pytest

from api.problems import MEDIA_TYPE
from tests.api.conforming import Described
from tests.api.scenario import Played

HEALTH = {"ETag": '"0-0"', "Content-Type": "application/json"}
REFUSED = {"type": "t", "title": "t", "status": 400, "detail": "d", "code": "parameter-invalid", "errors": []}


@pytest.fixture(scope="module")
def described(played: Played) -> Described:
    return played.player.described


def faults(described: Described, path: str, status: int, body: Any, **headers: str) -> list[str]:
    sent = {**HEALTH, **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = httpx2.Request("GET", f"http://x{path}")
    return described.faults(httpx2.Response(status, json=body, headers=sent, request=request))


def test_what_is_as_it_is_described_has_no_faults(described: Described) -> None:
    assert faults(described, "/healthz", 200, {"status": "ok", "waiting": []}) == []
    assert faults(described, "/v1/log", 400, REFUSED, Content_Type=MEDIA_TYPE) == []


@pytest.mark.parametrize(
    ("path", "status", "body", "headers"),
    [
        ("/healthz", 200, {"status": "ok", "waiting": [], "more": 1}, {}),
        ("/healthz", 200, {"status": "well", "waiting": []}, {}),
        ("/healthz", 200, {"status": "ok", "waiting": []}, {"Content_Type": "text/html"}),
        ("/healthz", 207, {"status": "ok", "waiting": []}, {}),
        ("/healthz", 500, REFUSED, {"Content_Type": MEDIA_TYPE}),
        ("/v1/log", 400, {**REFUSED, "code": "stale"}, {"Content_Type": MEDIA_TYPE}),
        ("/v1/log", 400, {**REFUSED, "status": 409}, {"Content_Type": MEDIA_TYPE}),
        ("/v1/log", 401, {**REFUSED, "status": 401, "code": "token-invalid"}, {"Content_Type": MEDIA_TYPE}),
    ],
)
def test_what_is_not_as_it_is_described_is_noticed(
    described: Described, path: str, status: int, body: Any, headers: dict[str, str]
) -> None:
    assert faults(described, path, status, body, **headers) != []


def test_an_answer_without_a_header_that_it_must_have_is_noticed(described: Described) -> None:
    request = httpx2.Request("GET", "http://x/v1/log")
    answer = httpx2.Response(
        200, json={"log_id": "x", "origin": "x", "vkey": "x", "head": 0, "root": "x"}, request=request
    )

    assert described.faults(answer) == ["GET /v1/log has no ETag"]

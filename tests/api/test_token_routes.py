"""Tokens over HTTP: issued, listed, revoked; the people behind them renamed, and erased."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.app import Service
from api.principals import SCOPES, Principals
from events.log.port import LogUnavailable
from tests.api.inside import ask, inside
from tests.api.served import ADMIN, Served, source

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
LATER = "2999-01-01T00:00:00.000000Z"


def issue(served: Served, person: str, scopes: list[str], **more: str) -> dict[str, str]:
    answer = served.api.post("/v1/tokens", json={"person": person, "scopes": scopes, **more})
    assert answer.status_code == 201, answer.text
    issued: dict[str, str] = answer.json()
    return issued


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def reading(served: Served, token: str) -> int:
    return served.public.get("/v1/announcements", headers=bearer(token)).status_code


def stored(data: Path) -> bytes:
    """Return what all files of a data directory hold, while it is served."""
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def test_an_issued_token_is_told_once_and_does_what_it_is_for(served: Served) -> None:
    answer = served.api.post("/v1/tokens", json={"person": "Ada", "scopes": ["write", "read"], "expires_at": LATER})

    issued = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "private, no-store")
    assert set(issued) == {"id", "principal", "token"}
    assert answer.headers["Location"] == f"/v1/tokens/{issued['id']}"
    assert re.fullmatch(rf"dl_{issued['id']}_[A-Za-z0-9_-]{{43}}", issued["token"])
    written = served.public.post(
        "/v1/sources", json=source("by-ada"), headers={**bearer(issued["token"]), "Idempotency-Key": "a"}
    )
    assert served.get(f"/v1/events/{written.json()['position']}")["by"] == issued["principal"]

    told = served.get(f"/v1/tokens/{issued['id']}")

    assert INSTANT.fullmatch(told["created_at"])
    assert told == {
        "id": issued["id"],
        "principal": issued["principal"],
        "person": "Ada",
        "scopes": ["read", "write"],
        "created_at": told["created_at"],
        "expires_at": LATER,
        "last_used_at": told["last_used_at"],
        "revoked_at": None,
    }
    assert issued["token"][-43:] not in served.api.get("/v1/tokens").text


def test_tokens_of_one_name_speak_for_one_principal(served: Served) -> None:
    one, other, somebody = (issue(served, name, ["read"]) for name in ("Grace", "Grace", "Grace H."))

    assert one["principal"] == other["principal"] != somebody["principal"]
    assert one["id"] != other["id"]
    answer = served.api.get(f"/v1/principals/{one['principal']}")
    assert answer.json() == {
        "id": one["principal"],
        "person": "Grace",
        "created_at": served.get(f"/v1/tokens/{one['id']}")["created_at"],
    }


def test_tokens_are_listed_page_by_page_in_the_order_they_were_issued(served: Served) -> None:
    ids = [issue(served, f"Person {number}", ["read"])["id"] for number in range(5)]
    total = served.get("/v1/tokens")["total"]

    pages = [served.get("/v1/tokens", limit=3)]
    while pages[-1]["next"]:
        pages.append(served.get("/v1/tokens", limit=3, cursor=pages[-1]["next"]))

    listed = [token for page in pages for token in page["items"]]
    assert [token["id"] for token in listed][-5:] == ids
    assert {(page["total"], page["position"]) for page in pages} == {(total, served.head())}
    assert len(listed) == total
    assert listed[-1] == served.get(f"/v1/tokens/{ids[-1]}")
    assert served.api.get("/v1/tokens", params={"cursor": "x"}).json()["code"] == "bad-cursor"


def test_a_revoked_token_is_refused_from_that_moment_on(served: Served) -> None:
    kept, lost = issue(served, "Alan", ["read"]), issue(served, "Alan", ["read"])
    assert [reading(served, one["token"]) for one in (kept, lost)] == [200, 200]

    answers = [served.api.delete(f"/v1/tokens/{lost['id']}") for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert [reading(served, one["token"]) for one in (kept, lost)] == [200, 401]
    revoked_at = served.get(f"/v1/tokens/{lost['id']}")["revoked_at"]
    assert INSTANT.fullmatch(revoked_at)
    told = served.public.get("/v1/announcements", headers=bearer(lost["token"])).json()
    assert (told["code"], told["detail"]) == ("token-invalid", f"this token was revoked at {revoked_at}")


def test_a_token_ends_when_it_was_said_to(served: Served) -> None:
    end = datetime.now(UTC) + timedelta(seconds=1)
    token = issue(served, "Ada", ["read"], expires_at=end.isoformat())["token"]

    found = [(datetime.now(UTC), reading(served, token))]
    while found[-1][0] < end + timedelta(seconds=0.1):
        found.append((datetime.now(UTC), reading(served, token)))

    assert found[0][1] == 200
    assert {status for asked_at, status in found if asked_at >= end} == {401}
    assert [status for _, status in found] == sorted(status for _, status in found)


@pytest.mark.parametrize(("day", "end"), [("2999-12-31", "2999-12-31T23:59:59.999999Z"), (LATER, LATER)])
def test_a_day_of_expiry_counts_to_its_end(served: Served, day: str, end: str) -> None:
    issued = issue(served, "Ada", ["read"], expires_at=day)

    assert served.get(f"/v1/tokens/{issued['id']}")["expires_at"] == end


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"person": " ", "scopes": ["read"]}, 422, "person-invalid", "/person"),
        ({"person": "system", "scopes": ["read"]}, 422, "person-invalid", "/person"),
        ({"person": "x" * 201, "scopes": ["read"]}, 400, "body-mismatch", "/person"),
        ({"person": "Ada", "scopes": []}, 400, "body-mismatch", "/scopes"),
        ({"person": "Ada", "scopes": ["everything"]}, 400, "body-mismatch", "/scopes/0"),
        ({"person": "Ada"}, 400, "body-mismatch", "/scopes"),
        ({"person": "Ada", "scopes": ["read"], "expires_at": "2020-01-01"}, 422, "expiry-past", "/expires_at"),
        ({"person": "Ada", "scopes": ["read"], "expires_at": "soon"}, 422, "time-invalid", "/expires_at"),
        ({"person": "Ada", "scopes": ["read"], "expires_at": None}, 400, "body-mismatch", "/expires_at"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(
    served: Served, body: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    total = served.get("/v1/tokens")["total"]

    answer = served.api.post("/v1/tokens", json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [place["pointer"] for place in answer.json()["errors"]] == [pointer]
    assert served.get("/v1/tokens")["total"] == total


def test_what_is_not_there_is_not_found(served: Served) -> None:
    for method, path in [
        ("GET", "/v1/tokens/none"),
        ("DELETE", "/v1/tokens/none"),
        ("GET", "/v1/principals/none"),
        ("DELETE", "/v1/principals/none"),
    ]:
        assert served.api.request(method, path).status_code == 404
    assert served.api.patch("/v1/principals/none", json={"person": "Ada"}).status_code == 404


def test_a_person_gets_another_name_and_the_old_one_is_nowhere(served: Served) -> None:
    issued = issue(served, "Old Name Of Hers", ["read"])
    other = issue(served, "Somebody Else", ["read"])
    path = f"/v1/principals/{issued['principal']}"

    renamed = served.api.patch(path, json={"person": "New Name"})
    taken = served.api.patch(path, json={"person": "Somebody Else"})

    assert (renamed.status_code, renamed.json()) == (200, served.get(path))
    assert (renamed.json()["person"], renamed.json()["id"]) == ("New Name", issued["principal"])
    assert (taken.status_code, taken.json()["code"]) == (409, "not-allowed")
    assert issue(served, "New Name", ["read"])["principal"] == issued["principal"] != other["principal"]
    assert reading(served, issued["token"]) == 200
    assert b"Old Name" not in stored(served.data)


def test_an_erased_person_leaves_an_id_in_the_record_and_a_name_nowhere(served: Served) -> None:
    name = "Ada Who Is To Be Forgotten"
    tokens = [issue(served, name, ["read", "write"]) for _ in range(3)]
    writing = {**bearer(tokens[0]["token"]), "Idempotency-Key": "a"}
    written = served.public.post("/v1/sources", json=source("hers"), headers=writing)
    assert name.encode() in stored(served.data)

    answer = served.api.delete(f"/v1/principals/{tokens[0]['principal']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert name.encode() not in stored(served.data)
    assert all(token["id"].encode() not in stored(served.data) for token in tokens)
    assert [reading(served, one["token"]) for one in tokens] == [401] * 3
    assert served.get(f"/v1/events/{written.json()['position']}")["by"] == tokens[0]["principal"]
    assert served.api.get(f"/v1/principals/{tokens[0]['principal']}").status_code == 404
    assert issue(served, name, ["read"])["principal"] != tokens[0]["principal"]


async def issue_inside(service: Service, person: str) -> dict[str, str]:
    answer = await ask(service, "POST", "/v1/tokens", {"person": person, "scopes": ["read"]}, bearer(ADMIN))
    assert answer.status == 201
    issued: dict[str, str] = answer.json()
    return issued


async def test_tokens_names_and_last_uses_outlive_the_process(data: Path) -> None:
    async def listed(service: Service) -> list[dict[str, str]]:
        items: list[dict[str, str]] = (await ask(service, "GET", "/v1/tokens", headers=bearer(ADMIN))).json()["items"]
        return items

    async def reads(service: Service, *tokens: dict[str, str]) -> list[int]:
        return [(await ask(service, "GET", "/v1/log", headers=bearer(one["token"]))).status for one in tokens]

    async with inside(data) as service:
        used, revoked, erased = [await issue_inside(service, name) for name in ("Used", "Revoked", "Erased")]
        assert [token["last_used_at"] for token in await listed(service)] == [None] * 3
        assert await reads(service, used) == [200]
        await ask(service, "DELETE", f"/v1/tokens/{revoked['id']}", headers=bearer(ADMIN))
        await ask(service, "DELETE", f"/v1/principals/{erased['principal']}", headers=bearer(ADMIN))
        before = await listed(service)
        used_at = before[0]["last_used_at"]
        assert used_at.encode() not in stored(data)  # It is written down later, not while somebody waits.

    async with inside(data) as service:
        assert await listed(service) == before
        assert INSTANT.fullmatch(used_at)
        assert await reads(service, used, revoked, erased) == [200, 401, 401]


async def test_a_use_that_cannot_be_written_down_is_written_down_later(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> int:
        raise LogUnavailable("the disk is full")

    async with inside(data) as service:
        issued = await issue_inside(service, "Ada")
        await ask(service, "GET", "/v1/log", headers=bearer(issued["token"]))
        with monkeypatch.context() as broken:
            broken.setattr(service.state, "put", full)
            await service.principals.write_uses()
        before = service.principals.token(issued["id"])
        await service.principals.write_uses()

        written = await Principals.open(service.state, lambda: LATER)
        assert before.last_used_at is not None
        assert written.token(issued["id"]) == before


@pytest.mark.parametrize("public", [True, False])
async def test_a_feed_ends_with_the_token_that_opened_it(data: Path, *, public: bool) -> None:
    async with inside(data, public_read=public) as service:
        lost, kept = [await issue_inside(service, name) for name in ("Ada", "Bob")]
        feeds = [
            asyncio.create_task(ask(service, "GET", "/v1/feed", headers=bearer(one["token"]), until=b"event: bye"))
            for one in (lost, kept)
        ]
        await asyncio.sleep(0.2)
        assert [feed.done() for feed in feeds] == [False, False]

        await ask(service, "DELETE", f"/v1/tokens/{lost['id']}", headers=bearer(ADMIN))

        ended = await asyncio.wait_for(feeds[0], 5)
        assert ended.body.endswith(b'event: bye\ndata: {"reason":"token-ended"}\n\n')
        assert not feeds[1].done()
        service.closing.set()
        ended = await asyncio.wait_for(feeds[1], 5)
        assert ended.body.endswith(b'event: bye\ndata: {"reason":"shutdown"}\n\n')


async def test_a_feed_ends_when_its_token_does(data: Path) -> None:
    async with inside(data, public_read=False) as service:
        end = datetime.now(UTC) + timedelta(seconds=0.5)
        body = {"person": "Ada", "scopes": ["read"], "expires_at": end.isoformat()}
        token = (await ask(service, "POST", "/v1/tokens", body, bearer(ADMIN))).json()["token"]

        feed = ask(service, "GET", "/v1/feed", headers=bearer(token), until=b"event: bye")

        ended = await asyncio.wait_for(feed, 5)
        assert datetime.now(UTC) >= end
        assert ended.body.endswith(b'event: bye\ndata: {"reason":"token-ended"}\n\n')


def test_every_scope_can_be_given(served: Served) -> None:
    issued = issue(served, "Everybody", [*reversed(SCOPES), "read"])

    assert served.get(f"/v1/tokens/{issued['id']}")["scopes"] == list(SCOPES)

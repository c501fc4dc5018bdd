"""Who may do what."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2
import pytest

from api.principals import ADMIN as ADMIN_ID
from api.principals import SCOPES, ExpiryPast, PersonInvalid, Principals, Scope
from events.instants import Instant
from events.log.sqlite import open_sqlite
from tests.api.served import Served, announcement, source

NOW = "2024-04-01T00:00:00.000000Z"


def issued(data: Path, scopes: Sequence[Scope], expires_at: Instant | None = None) -> tuple[str, str]:
    """Issue a token into the data directory of a server that does not run."""

    async def into() -> tuple[str, str]:
        engine = await open_sqlite(data)
        try:
            principals = await Principals.open(engine.state, lambda: NOW)
            token, shown = await principals.issue("Ada", scopes, expires_at)
            return token.principal, shown
        finally:
            await engine.close()

    return asyncio.run(into())


class Tokens:
    def __init__(self, data: Path) -> None:
        self.writer_id, self.writer = issued(data, ["read", "write"])
        _, self.reader = issued(data, ["read"])
        _, self.text_reader = issued(data, ["read", "read:text"])
        _, self.admin = issued(data, ["admin"])
        _, self.expired = issued(data, ["admin"], "2024-05-01T00:00:00.000000Z")
        _, self.lasting = issued(data, ["read", "write"], "9999-01-01T00:00:00.000000Z")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokens, Path]:
    data = tmp_path_factory.mktemp("data")
    return Tokens(data), data


@pytest.fixture(scope="module")
def private(tokens: tuple[Tokens, Path]) -> Iterator[Served]:
    """A server whose reads are not public."""
    with Served(tokens[1], public_read="0") as running:
        assert running.post("/v1/sources", source("bulletin")).status_code == 201
        yield running


@pytest.mark.parametrize(
    "person",
    [
        "",
        " ",
        "\u200b",
        "Ada\n",
        "Ada\x00",
        "Ada\x85",
        "\udcff",
        "x" * 201,
        "system",
        " System ",
        "system/import",
        "a/b",
    ],
)
async def test_who_has_no_name_or_that_of_the_service_gets_no_token(data: Path, person: str) -> None:
    engine = await open_sqlite(data)
    try:
        principals = await Principals.open(engine.state, lambda: NOW)
        with pytest.raises(PersonInvalid):
            await principals.issue(person, ["read"])
        assert await engine.state.list("token") == await engine.state.list("principal") == ()
        for name in ("Ada Lovelace", "山田 太郎", "The Solar System", "x" * 200):
            await principals.issue(name, ["read"])
    finally:
        await engine.close()


@pytest.mark.parametrize("expires_at", [NOW, "2024-03-31T23:59:59.999999Z"])
async def test_a_token_that_could_never_be_used_is_not_issued(data: Path, expires_at: Instant) -> None:
    engine = await open_sqlite(data)
    try:
        principals = await Principals.open(engine.state, lambda: NOW)
        with pytest.raises(ExpiryPast):
            await principals.issue("Ada", ["read"], expires_at)
        assert await engine.state.list("token") == await engine.state.list("principal") == ()
    finally:
        await engine.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}


def test_reads_are_public_and_writes_are_not(served: Served) -> None:
    assert served.public.get("/v1/announcements").status_code == 200

    answer = served.public.post("/v1/sources", json=source("a"), headers={"Idempotency-Key": "a"})

    assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert served.head() == 0


@pytest.mark.parametrize(
    "given", ["Bearer nonsense", "Bearer", "Basic YTpi", "nonsense", "Bearer a b", "Bearer " + "x" * 300]
)
def test_a_token_that_is_none_is_refused_even_where_none_is_needed(served: Served, given: str) -> None:
    answer = served.public.get("/v1/announcements", headers={"Authorization": given})

    assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")


def test_without_public_reading_everything_but_health_needs_a_token(private: Served) -> None:
    for path in ("/v1/announcements", "/v1/events", "/v1/feed", "/", "/v1/log"):
        assert private.public.get(path).status_code == 401, path
    for path in ("/healthz", "/readyz", "/static/dateline.css", "/openapi.json"):
        assert private.public.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/v1/announcements", "/v1/nothing", "/nothing", "/healthz", "/v1/feed", "/"])
def test_who_may_not_read_is_not_told_how_far_the_record_goes(
    private: Served, tokens: tuple[Tokens, Path], path: str
) -> None:
    answers = [
        private.public.get(path),
        private.public.post(path),
        private.public.get(path, headers=bearer(tokens[0].expired)),
        private.public.options(path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}),
    ]

    assert all("Dateline-Position" not in answer.headers for answer in answers)
    assert int(private.api.get("/v1/announcements").headers["Dateline-Position"]) > 0


def test_each_scope_opens_what_it_names(private: Served, tokens: tuple[Tokens, Path]) -> None:
    held = tokens[0]
    reads = "/v1/sources"
    text = "/v1/sources/bulletin/text"

    def status(path: str, token: str) -> int:
        return private.public.get(path, headers=bearer(token)).status_code

    assert [status(reads, token) for token in (held.reader, held.writer, held.lasting, held.admin)] == [200] * 4
    assert [status(text, token) for token in (held.reader, held.writer)] == [403, 403]
    assert [status(text, token) for token in (held.text_reader, held.admin)] == [200, 200]


def test_a_token_without_the_scope_is_told_so_and_nothing_is_stored(
    private: Served, tokens: tuple[Tokens, Path]
) -> None:
    head = private.head()

    answer = private.public.post("/v1/sources", json=source("x"), headers=bearer(tokens[0].reader))

    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
    assert private.head() == head


def test_an_expired_token_is_refused(private: Served, tokens: tuple[Tokens, Path]) -> None:
    answer = private.public.get("/v1/sources", headers=bearer(tokens[0].expired))

    assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")


def test_what_is_written_carries_the_principal_and_keys_are_its_own(
    private: Served, tokens: tuple[Tokens, Path]
) -> None:
    by_token = private.public.post("/v1/sources", json=source("mine"), headers=bearer(tokens[0].writer))
    by_admin = private.post("/v1/announcements", announcement("ours", "bulletin"), key="k")

    assert (by_token.status_code, by_admin.status_code) == (201, 201)
    assert private.get(f"/v1/events/{by_token.json()['position']}")["by"] == tokens[0].writer_id
    assert private.get(f"/v1/events/{by_admin.json()['position']}")["by"] == "admin"


async def test_the_first_start_makes_a_token_with_all_scopes_once(data: Path) -> None:
    engine = await open_sqlite(data)
    try:
        principals = await Principals.open(engine.state, lambda: NOW)
        first = await principals.first_token()
        assert first is not None
        assert await principals.first_token() is None
        assert await (await Principals.open(engine.state, lambda: NOW)).first_token() is None
        kept = await engine.state.list("token")
        secret = first[-43:]
        assert all(secret.encode() not in record.value and secret not in record.id for record in kept)
    finally:
        await engine.close()

    with Served(data) as running:
        answer = httpx2.post(f"{running.url}/v1/sources", json=source("first"), headers=bearer(first))
        assert answer.status_code == 201
        assert running.get("/v1/events/1")["by"] == ADMIN_ID
    assert len(SCOPES) == 6

"""The routes of tokens, and of the people they belong to: for who may `admin`.

None of it is an entry of the record, so there is neither a key nor a dry run.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Final, TypeAlias

import msgspec
from litestar import Response
from litestar import delete as delete_route
from litestar import patch as patch_route
from litestar import post as post_route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.door import Strict
from api.principals import PERSON_CHARACTERS_MAX, Principals, Scope, Token
from api.reading import Part, get
from events.bodies import Time
from events.errors import TimeInvalid
from events.instants import Instant
from events.times import last_instant, read_time
from events.views.cursor import cursor_of, key_of, mark_of
from events.views.listing import Listing

Name: TypeAlias = Annotated[str, Meta(max_length=PERSON_CHARACTERS_MAX)]
PRIVATE: Final = {"Cache-Control": "private, no-store"}
OPT: Final = {"scope": "admin", "keyless": True}


class NewToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom, and what for. `expires_at` is RFC 3339 or a day, which counts to its end, UTC; left out: no end.

    The same name is the same person: all their tokens speak for one principal.
    """

    person: Name
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=16)]
    expires_at: Time | None = None


class OtherName(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of a person."""

    person: Name


class IssuedToken(Struct, frozen=True, kw_only=True):
    """A new token. `token` is what to show, and is told this once; `principal` is who it speaks for in the record."""

    id: str
    principal: str
    token: str


class TokenRecord(Struct, frozen=True, kw_only=True):
    """What is known of a token, null where nothing is. `last_used_at` is exact to the minute after a restart."""

    id: str
    principal: str
    person: str
    scopes: tuple[Scope, ...]
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None


class PrincipalRecord(Struct, frozen=True, kw_only=True):
    """Who is behind a principal of the record."""

    id: str
    person: str
    created_at: Instant


class Tokens:
    """What the routes of tokens stand on. `position` is the log's; `base` begins every `Location`."""

    def __init__(self, principals: Principals, position: Callable[[], int], *, base: str) -> None:
        self.principals = principals
        self.position = position
        self.base = base

    def dependencies(self) -> dict[str, Provide]:
        """Return what the routes are given, by name."""
        return {"tokens": Provide(self._tokens)}

    def told(self, token: Token) -> TokenRecord:
        """Return what is told of a token."""
        known = {name: getattr(token, name) for name in TokenRecord.__struct_fields__ if name != "person"}
        return TokenRecord(person=self.principals.person(token.principal).person, **known)

    def principal(self, id: str) -> PrincipalRecord:
        """Return what is told of a principal; raises `NotFound`."""
        return PrincipalRecord(id=id, **msgspec.structs.asdict(self.principals.person(id)))

    async def _tokens(self) -> "Tokens":
        return self


T: TypeAlias = NamedDependency[Tokens]
post: Final = partial(post_route, dto=Strict, return_dto=None, opt=OPT)
patch: Final = partial(patch_route, dto=Strict, return_dto=None, opt=OPT)
delete: Final = partial(delete_route, opt=OPT)
read: Final = partial(get, opt=OPT)


@post("/tokens")
async def issue_token(data: JSONBody[NewToken], tokens: T) -> Response[IssuedToken]:
    """Issue a token for a person."""
    expires_at = None if data.expires_at is None else end_of(data.expires_at)
    token, shown = await tokens.principals.issue(data.person, data.scopes, expires_at)
    headers = {**PRIVATE, "Location": f"{tokens.base}/v1/tokens/{token.id}"}
    return Response(IssuedToken(id=token.id, principal=token.principal, token=shown), headers=headers)


@read("/tokens")
async def list_tokens(tokens: T, paging: Part) -> Response[Listing[TokenRecord]]:
    """Return the tokens, those that ended too, in the order in which they were issued."""
    mark = mark_of("tokens")
    after = ("", "") if paging.cursor is None else key_of(mark, paging.cursor, tuple[str, str])
    known = tokens.principals.tokens()
    rest = [token for token in known if (token.created_at, token.id) > after]
    shown = rest[: paging.limit]
    following = cursor_of(mark, (shown[-1].created_at, shown[-1].id)) if len(shown) < len(rest) else None
    items = tuple(tokens.told(token) for token in shown)
    listing = Listing(items=items, next=following, total=len(known), position=tokens.position())
    return Response(listing, headers=PRIVATE)


@read("/tokens/{id:str}")
async def read_token(id: FromPath[str], tokens: T) -> Response[TokenRecord]:
    """Return what is known of a token."""
    return Response(tokens.told(tokens.principals.token(id)), headers=PRIVATE)


@delete("/tokens/{id:str}")
async def revoke_token(id: FromPath[str], tokens: T) -> None:
    """Revoke a token: it ends at once, and with it the feeds that were opened with it. It stays in the list."""
    await tokens.principals.revoke(id)


@read("/principals/{id:str}")
async def read_principal(id: FromPath[str], tokens: T) -> Response[PrincipalRecord]:
    """Return who is behind a principal of the record."""
    return Response(tokens.principal(id), headers=PRIVATE)


@patch("/principals/{id:str}")
async def rename_principal(id: FromPath[str], data: JSONBody[OtherName], tokens: T) -> Response[PrincipalRecord]:
    """Give the person behind a principal another name."""
    await tokens.principals.rename(id, data.person)
    return Response(tokens.principal(id), headers=PRIVATE)


@delete("/principals/{id:str}")
async def erase_principal(id: FromPath[str], tokens: T) -> None:
    """Erase the person behind a principal, with all their tokens. The record keeps the principal's id, and no name."""
    await tokens.principals.erase(id)


HANDLERS: Final = (
    issue_token,
    list_tokens,
    read_token,
    revoke_token,
    read_principal,
    rename_principal,
    erase_principal,
)


def end_of(text: str) -> Instant:
    """Return when a token ends: a day counts to its end, UTC. Raises `TimeInvalid`."""
    try:
        return last_instant(text, pointer="/expires_at")
    except TimeInvalid:
        return read_time(text, "UTC", pointer="/expires_at")

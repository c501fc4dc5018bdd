"""What who asks may do: the scope that every route has, and the guard that looks at it before anything else.

    read        what the service shows, where reads are not public
    read:text   the texts of sources
    propose     what changes nothing: a dry run of any write, and reading a text for what it announces
    write       to record, correct and take back: sources, announcements, actors, batches
    publish     what readers are shown it by: timelines, rubrics
    admin       tokens and their people, erasing, rebuilding the views, and all of the above

No scope includes another, but `admin` all; and who may write may read a text for it.
"""

import hmac
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, TypeAlias

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope as AsgiScope

from api.principals import ADMIN, SCOPES, Principal, Principals, Scope
from api.problems import Fault
from events.instants import Instant

TOKEN_CHARACTERS_MAX: Final = 200

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]

_BEARER: Final = re.compile(rf"[Bb]earer +([!-~]{{1,{TOKEN_CHARACTERS_MAX}}})")
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SHOWN: Final = "shown"
"""In the state of a request: who sends it, once somebody looked."""


def scope_of(handler: BaseRouteHandler) -> Scope | None:
    """Return the scope that a route needs, None where it is for everybody.

    What its `opt` does not say is `read` where the route only reads, else `admin`: forgetting it opens nothing.
    """
    methods = getattr(handler, "http_methods", _READS)
    scope: Scope | None = handler.opt.get("scope", "read" if set(methods) <= _READS else "admin")
    return scope


class Auth:
    """Tells principals by their tokens. `clock` gives the present instant."""

    def __init__(
        self, principals: Principals, clock: Callable[[], Instant], *, admin_token: str | None, public_read: bool
    ) -> None:
        self._principals = principals
        self._clock = clock
        self._admin_digest = None if admin_token is None else sha256(admin_token.encode()).digest()
        self._admin = Principal(id=ADMIN, scopes=frozenset(SCOPES))
        self._nobody = Principal(id="", scopes=frozenset({"read"} if public_read else ()))

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let through who has the route's scope, and who may propose a dry run of it.

        Leaves the principal in `connection.state.principal`. Raises `Fault`.
        """
        proposed = "dry_run" in handler.opt and "dry_run" in connection.query_params
        self.let_in(connection.scope, scope_of(handler), proposed=proposed)

    def let_in(self, scope: AsgiScope, needed: Scope | None, *, proposed: bool = False) -> None:
        """Do what `guard` does, for a route that needs a scope; `proposed` for what is or may be a dry run."""
        state = scope["state"]
        if needed is None:
            state["principal"] = self._nobody
            return
        principal: Principal = state.get(_SHOWN) or self.principal(_given(scope))
        may = principal.may(needed) or self._nobody.may(needed)
        if not (may or (proposed and principal.may("propose")) or (needed == "propose" and principal.may("write"))):
            raise missing(needed, principal)
        if principal.token:
            self._principals.used(principal.token)
        state["principal"] = principal

    def known(self, scope: AsgiScope) -> Principal | None:
        """Return who sends a request that is not routed yet; None for a token that is none, or no longer. Cheap."""
        try:
            principal = self.principal(_given(scope))
        except Fault:
            return None
        scope.setdefault("state", {})[_SHOWN] = principal
        return principal

    def principal(self, given: Sequence[str]) -> Principal:
        """Return who sends a request with these `Authorization` headers; raises `Fault` for a token that is no good."""
        if not given:
            return self._nobody
        bearer = _BEARER.fullmatch(given[0])
        if bearer is None or len(given) > 1:
            raise Fault("token-invalid", "the header must be: Authorization: Bearer <token>")
        if self._admin_digest and hmac.compare_digest(sha256(bearer[1].encode()).digest(), self._admin_digest):
            return self._admin
        token = self._principals.shown(bearer[1])
        if token is None:
            raise Fault("token-invalid", "this token is not known here")
        if token.revoked_at is not None:
            raise Fault("token-invalid", f"this token was revoked at {token.revoked_at}")
        if token.expires_at is not None and token.expires_at <= self._clock():
            raise Fault("token-invalid", f"this token ended at {token.expires_at}")
        return Principal(id=token.principal, scopes=frozenset(token.scopes), token=token.id)


def _given(scope: AsgiScope) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]


def missing(scope: Scope, principal: Principal) -> Fault:
    """Return the refusal of a principal that lacks a scope."""
    if not principal.id:
        return Fault("token-invalid", f"this needs a token with the scope {scope}: Authorization: Bearer …")
    return Fault("scope-missing", f"the token lacks the scope {scope}")

"""What goes wrong, as RFC 9457 tells it: every code with its status, and never a word about our insides."""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from events.bodies import SEEN
from events.errors import DatelineError, Refused
from events.handler import CommandRefused

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "urn:dateline:problem:"
CODE: Final = "code"
"""In the state of a request: the code of the problem that answered it."""
RETRY_AFTER_S: Final = 1
GONE: Final = "client disconnected prematurely"
"""What Litestar calls it when a client goes away while its body is read."""

_LOGGER: Final = logging.getLogger(__name__)
_PATH_PART: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_AT: Final = re.compile(r" - at (?:`key` in )?`(\$[^`]*)`$")
_MISSING: Final = re.compile(r"Missing required query parameter '([^']*)'")
_FIELD: Final = re.compile(r"^Object (?:missing required|contains unknown) field `([^`]*)`")

STATUS: Final[Mapping[str, int]] = {
    "body-unreadable": 400,
    "body-mismatch": 400,
    "idempotency-key-invalid": 400,
    "if-match-invalid": 400,
    "parameter-invalid": 400,
    "bad-cursor": 400,
    "limit-invalid": 400,
    "day-invalid": 400,
    "not-an-instant": 400,
    "not-canonical": 400,
    "request-invalid": 400,
    "unknown-reference": 400,
    "query-invalid": 400,
    "read-invalid": 400,
    "position-ahead": 400,
    "token-invalid": 401,
    "scope-missing": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "too-slow": 408,
    "not-allowed": 409,
    "not-erasable": 409,
    "taken": 409,
    "text-erased": 409,
    "duplicate-source": 409,
    "copy-corroborates-nothing": 409,
    "stale": 412,
    "body-too-large": 413,
    "target-too-long": 414,
    "media-type-unsupported": 415,
    "body-invalid": 422,
    "commit-invalid": 422,
    "commit-key-reused": 422,
    "control-character": 422,
    "edtf-invalid": 422,
    "expiry-past": 422,
    "language-not-read": 422,
    "person-invalid": 422,
    "published-at-missing": 422,
    "quote-not-found": 422,
    "state-too-large": 422,
    "time-invalid": 422,
    "zone-unknown": 422,
    "rate-limited": 429,
    "head-too-large": 431,
    "internal": 500,
    "format-unknown": 501,
    "append-condition-failed": 503,
    "busy": 503,
    "clock-behind-log": 503,
    "event-id-taken": 503,
    "feeds-full": 503,
    "log-closed": 503,
    "log-damaged": 503,
    "log-unavailable": 503,
    "outcome-unknown": 503,
    "read-too-long": 503,
    "reads-full": 503,
    "state-conflict": 503,
    "view-behind": 503,
}
"""The status of every code that can be answered. What is not here is a bug, and answered as `internal`."""

_BY_STATUS: Final = {
    401: "token-invalid",
    403: "scope-missing",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "media-type-unsupported",
}


class Place(Struct, frozen=True, kw_only=True):
    """A place in a request: a JSON Pointer (RFC 6901) into the body, or `?name` for a parameter."""

    pointer: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457. `code` is for programs, `detail` for people; `type` is the section of the documentation."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[Place, ...] = ()


class Fault(DatelineError):
    """A request cannot be read, or not by its sender. `pointer` is the place, where there is one."""

    def __init__(self, code: str, message: str, *, pointer: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer


def problem(code: str, detail: str, errors: tuple[Place, ...] = ()) -> Problem:
    """Return the problem with a code that has a status."""
    status = STATUS[code]
    title = code.replace("-", " ").capitalize()
    return Problem(type=TYPES + code, title=title, status=status, detail=detail, code=code, errors=errors)


def problem_of(error: Exception) -> Problem:
    """Return what a client is told of an error; what is not meant for it is `internal` and logged."""
    match error:
        case CommandRefused(index=index, refusal=refusal):
            return _at(refusal.code, str(refusal), f"/commands/{index}{refusal.pointer or ''}")
        case Refused() | Fault():
            return _at(error.code, str(error), error.pointer)
        case DatelineError() if error.code in STATUS:
            return problem(error.code, str(error))
        case ValidationException():
            return _of_parameters(error)
        case HTTPException(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            return _at("body-too-large", _said(error), "")
        case HTTPException() if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return problem(_BY_STATUS.get(error.status_code, "request-invalid"), _said(error))
        case HTTPException(detail=detail) if detail == GONE:
            return problem("request-invalid", detail)  # Nobody reads it.
        case _:
            _LOGGER.error("a request failed", exc_info=error)
            return problem("internal", "something went wrong here; it is logged, and nothing of yours was lost by it")


def of_validation(error: msgspec.ValidationError) -> Fault:
    """Return the refusal of a body that is not of the shape required, with a pointer made of msgspec's path."""
    message = str(error)
    at = _AT.search(message)
    pointer = _pointer(at.group(1)) if at else ""
    what = message[: at.start()] if at else message
    if repr(SEEN) in what:
        return Fault("body-mismatch", "there is nothing to see in this text", pointer=pointer)
    if field := _FIELD.match(what):
        pointer += f"/{field.group(1).replace('~', '~0').replace('/', '~1')}"
    if what == "Object missing required field `published_at`":
        return Fault("published-at-missing", "a source needs its day of publication", pointer=pointer)
    return Fault("body-mismatch", what, pointer=pointer)


def headers_of(told: Problem, error: Exception) -> dict[str, str]:
    """Return the headers that go with a problem."""
    headers = {"Cache-Control": "no-store"}
    if told.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if told.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if told.status == HTTPStatus.METHOD_NOT_ALLOWED:
        # What refuses a method by itself is a stream, which is only read.
        said = (error.headers or {}).get("allow", "GET") if isinstance(error, HTTPException) else "GET"
        allowed = set(said.split(", "))
        headers["Allow"] = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
    return headers


def respond(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an error, for `Litestar(exception_handlers=…)`."""
    told = problem_of(error)
    request.scope["state"][CODE] = told.code
    body = msgspec.json.encode(told)
    return Response(body, status_code=told.status, media_type=MEDIA_TYPE, headers=headers_of(told, error))


def _at(code: str, message: str, pointer: str | None) -> Problem:
    return problem(code, message, () if pointer is None else (Place(pointer=pointer, detail=message),))


def _of_parameters(error: ValidationException) -> Problem:
    if missing := _MISSING.match(str(error.detail)):
        return _at("parameter-invalid", f"{missing[1]} is missing", f"?{missing[1]}")
    extra = error.extra if isinstance(error.extra, list) else []
    places = tuple(Place(pointer=f"?{one.get('key', '')}", detail=str(one.get("message", ""))) for one in extra)
    detail = "; ".join(f"{place.pointer[1:]}: {place.detail}" for place in places)
    return problem("parameter-invalid", detail or "a parameter is not what it must be", places)


def _said(error: HTTPException) -> str:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "there is nothing at this address"
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "the body is larger than 2 MiB"
    return str(error.detail) or HTTPStatus(error.status_code).phrase


def _pointer(path: str) -> str:
    """Turn `$.x[0].y` into `/x/0/y`; `[...]` is some place inside, which msgspec does not tell."""
    return "".join(f"/{name or index}" for name, index in _PATH_PART.findall(path))

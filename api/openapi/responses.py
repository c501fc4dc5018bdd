"""What an operation can answer: every status, its headers, and every code of every problem."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final

from api.limiting import FEED, FREE, kind_of
from api.problems import MEDIA_TYPE, STATUS

LOG: Final = frozenset({"log-closed", "log-damaged", "log-unavailable"})
ALWAYS: Final = frozenset({"request-invalid", "parameter-invalid", "too-slow", "target-too-long", "head-too-large"})
"""What every request can be answered, because of how it comes."""
SHARED: Final = frozenset({401, 403, 406, 408, 412, 413, 414, 415, 429, 431})
"""Statuses that are told in one place: each has one code, whatever was asked for."""
WITH_BODY: Final = frozenset(
    {"body-unreadable", "body-mismatch", "body-too-large", "media-type-unsupported", "control-character"}
)
RECORDS: Final = frozenset(
    {
        "idempotency-key-invalid", "if-match-invalid", "not-allowed", "body-invalid", "commit-invalid",
        "commit-key-reused", "append-condition-failed", "busy", "clock-behind-log", "event-id-taken",
        "outcome-unknown", "state-conflict", *LOG,
    }
)  # fmt: skip
"""What everything that writes to the record can answer."""
BY_FIELD: Final[Mapping[str, frozenset[str]]] = {
    "citations": frozenset({"quote-not-found", "time-invalid", "unknown-reference"}),
    "candidates": frozenset({"quote-not-found", "edtf-invalid"}),
    "actors": frozenset({"unknown-reference"}),
    "announcement": frozenset({"unknown-reference"}),
    "copy_of": frozenset({"unknown-reference", "duplicate-source"}),
    "into": frozenset({"unknown-reference"}),
    "part_of": frozenset({"unknown-reference"}),
    "rubric": frozenset({"unknown-reference"}),
    "supports": frozenset({"unknown-reference", "copy-corroborates-nothing"}),
    "corrects": frozenset({"unknown-reference"}),
    "to": frozenset({"unknown-reference", "edtf-invalid"}),
    "from": frozenset({"edtf-invalid"}),
    "when": frozenset({"edtf-invalid"}),
    "on": frozenset({"edtf-invalid"}),
    "expires_at": frozenset({"time-invalid"}),
    "published_at": frozenset({"time-invalid"}),
    "said_at": frozenset({"time-invalid"}),
    "timezone": frozenset({"zone-unknown"}),
}
"""What more there is because of a field, wherever in the body it stands."""
BY_BODY: Final[Mapping[str, frozenset[str]]] = {
    "NewSource": frozenset({"published-at-missing", "taken", "text-erased"}),
    "NewAnnouncement": frozenset({"not-found"}),
    "NewActor": frozenset({"taken"}),
    "NewRubric": frozenset({"taken"}),
    "NewTimeline": frozenset({"taken"}),
    "NewText": frozenset({"published-at-missing"}),
    "NewToken": frozenset({"person-invalid", "expiry-past", "time-invalid", "not-allowed", *LOG}),
    "OtherName": frozenset({"person-invalid", "not-allowed", *LOG}),
    "Batch": frozenset({"published-at-missing", "taken", "not-found", "text-erased"}),
}
"""What more there is because of the whole body."""
BY_OPERATION: Final[Mapping[str, frozenset[str]]] = {
    "erase_entry": frozenset({"not-erasable"}),
    "oembed": frozenset({"not-found", "format-unknown"}),
    "read_date": frozenset({"edtf-invalid", "time-invalid", "zone-unknown", "published-at-missing"}),
    "extract_text": frozenset({"language-not-read", "read-too-long"}),
    "extract_source": frozenset({"language-not-read", "read-too-long", "not-allowed", "text-erased"}),
}
"""What more there is because of what an operation does."""
TITLES: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "A token is needed, or the one given is none.",
    403: "The token may not do this.",
    404: "There is no such thing, or there was not yet.",
    406: "The answer exists in no media type that was asked for.",
    408: "The request did not arrive in time.",
    409: "The state of the record does not allow it.",
    412: "The announcement has changed since.",
    413: "The body is larger than 2 MiB.",
    414: "Path and parameters are longer than 16 KiB.",
    415: "The body is not `application/json`.",
    422: "Every field is well formed, and it cannot be recorded.",
    429: "Too many requests.",
    431: "The headers are too many or too long.",
    501: "There is no such format.",
    503: "Not now; try again, a write with the same key.",
}
TEXT: Final = {"type": "string"}
LIMITS: Final = ("RateLimit", "RateLimit-Policy")
HEADERS: Final[Mapping[str, Any]] = {
    "ETag": {
        "description": "Names these bytes, for `If-None-Match`; that of an announcement or a receipt also for"
        " `If-Match`.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[!#-~]+"$'},
    },
    "Dateline-Position": {
        "description": "The answer holds at least what was recorded up to this position. Who may not read is not told.",
        "required": False,
        "schema": {"type": "integer", "minimum": 0},
    },
    "Location": {
        "description": "Where what was made or changed is read.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "RateLimit": {
        "description": "How much is left (`r`), and when it is full again (`t`, in seconds), if there are limits.",
        "required": False,
        "schema": TEXT,
    },
    "RateLimit-Policy": {
        "description": "How much there is (`q`) for so many seconds (`w`), where there are limits.",
        "required": False,
        "schema": TEXT,
    },
    "WWW-Authenticate": {"description": "`Bearer`.", "required": True, "schema": TEXT},
}


def headers(*names: str) -> dict[str, Any]:
    """Return references to headers of the document."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def codes_of(method: str, path: str, scope: str | None, parameters: Collection[str]) -> set[str]:
    """Return the codes that any operation can answer at a path, with a scope (None: for everybody)."""
    codes = set(ALWAYS)
    if scope is not None:
        codes |= {"token-invalid", "scope-missing"}
    if path not in FREE:
        codes |= {"rate-limited"}
    if path.startswith("/v1/"):
        codes |= {"not-acceptable"}
    if "{" in path:
        codes |= {"not-found"}
    if "cursor" in parameters:
        codes |= {"bad-cursor"}
    if "min_position" in parameters:
        codes |= {"view-behind", "read-too-long", *LOG}
    if path not in FREE and path != FEED and not path.endswith("/stream") and kind_of(method, path, b"") != "writes":
        codes |= {"reads-full"}
    return codes


def codes_of_body(name: str, fields: Iterable[str]) -> set[str]:
    """Return the codes that there can be because of a body, which has these fields somewhere."""
    return set(WITH_BODY | BY_BODY.get(name, frozenset())).union(*(BY_FIELD.get(field, ()) for field in fields))


def problems(codes: Iterable[str], problem: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that are problems, by status; each says which codes it can have."""
    return {
        str(status): {"$ref": f"#/components/responses/{status}"}
        if status in SHARED
        else _problem(status, group, problem)
        for status, group in _by_status(codes)
    }


def shared(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that operations refer to."""
    return {str(status): _problem(status, group, problem) for status, group in _by_status(STATUS) if status in SHARED}


def _by_status(codes: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    known = sorted(codes, key=lambda code: (STATUS[code], code))
    for status, group in groupby(known, key=lambda code: STATUS[code]):
        yield status, list(group)


def _problem(status: int, codes: list[str], problem: Mapping[str, Any]) -> dict[str, Any]:
    exact = {"properties": {"status": {"const": status}, "code": {"enum": codes}}}
    named = []
    if status == HTTPStatus.UNAUTHORIZED:
        named.append("WWW-Authenticate")
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        named.append("Retry-After")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        named += LIMITS
    return {
        "description": TITLES[status],
        "headers": headers(*named),
        "content": {MEDIA_TYPE: {"schema": {"allOf": [dict(problem), exact]}}},
    }


def read(content: Mapping[str, Any], *, tagged: bool, position: bool = True) -> dict[str, Any]:
    """Return the answers of an operation that reads, where it goes well."""
    named = [*(["ETag"] if tagged else []), *(["Dateline-Position"] if position else []), *LIMITS]
    answers: dict[str, Any] = {
        "200": {"description": "The answer.", "headers": headers(*named), "content": dict(content)}
    }
    if tagged:
        answers["304"] = {"description": "The client has it already.", "headers": headers(*named)}
    return answers


def written(content: Mapping[str, Any], *, placed: bool) -> dict[str, Any]:
    """Return the answers of an operation that writes, where it goes well. `placed`: it is about one thing."""
    made = ["Dateline-Position", *(["ETag", "Location"] if placed else []), *LIMITS]
    return {
        "200": {
            "description": "It was carried out before, or changes nothing.",
            "headers": headers("Dateline-Position", *LIMITS),
            "content": dict(content),
        },
        "201": {"description": "Recorded.", "headers": headers(*made), "content": dict(content)},
    }


def done(content: Mapping[str, Any], status: int) -> dict[str, Any]:
    """Return the answer of an operation that writes beside the record, where it goes well."""
    placed = status == HTTPStatus.CREATED
    named = headers("Dateline-Position", *(["Location"] if placed else []))
    told: dict[str, Any] = {"description": "Done.", "headers": named}
    if status != HTTPStatus.NO_CONTENT:
        told["content"] = dict(content)
    return {str(status): told}


def not_ready(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of a service that is not ready."""
    words = "Not ready yet; `waiting` says for what."
    return {
        "503": {
            "description": words,
            "headers": headers("Dateline-Position", "Retry-After"),
            "content": dict(content),
        }
    }

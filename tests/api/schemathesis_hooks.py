"""What schemathesis is told beside the description, and checks beside its own."""

import re
from itertools import count
from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.core.transport import Response

import api.reading

RECORDED = 40
"""No position beyond what is recorded is waited for: that would take five seconds each."""
MEANT = {"?as_of", "?said_by", "?from", "?to", "?q", "?cursor", "?text"}
"""Parameters whose schema cannot say all: there is no 31 June, and no position beyond the head."""
OF_RECORD = {"bad-cursor", "unknown-reference", "if-match-invalid"}
"""Codes of requests that are well formed, and speak of what is not there."""
_KEYS = count(1)


@schemathesis.hook
def filter_query(context: HookContext, query: Any) -> bool:
    """Leave out what is wrong only by a parameter that is not sent: an empty list has no text in an address."""
    operation = context.operation
    if operation is None or not isinstance(query, dict):
        return True
    known = {parameter.name for parameter in operation.query}
    return all(name in known or value not in ([], {}, None) for name, value in query.items())


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    """Write whole numbers as such: to a schema 5.0 is an integer, to the door it is not written as one."""
    if isinstance(body, dict):
        return {name: map_body(context, value) for name, value in body.items()}
    if isinstance(body, list):
        return [map_body(context, value) for value in body]
    return int(body) if isinstance(body, float) and body.is_integer() else body


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give every request a key of its own, and have it speak of positions there are; what is wrong stays wrong."""
    key = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(key, str) and re.fullmatch("[!-~]{1,100}", key):
        case.headers["Idempotency-Key"] = f"{key}-{next(_KEYS)}"
    for name in ("min_position", "as_of"):
        asked = str(case.query.get(name, "")) if case.query else ""
        if re.fullmatch("0|[1-9][0-9]{0,15}", asked) and int(asked) <= api.reading.POSITION_MAX:
            case.query[name] = str(int(asked) % RECORDED)
    if _is_good(case) and case.query:
        case.query.pop("cursor", None)  # None that can be made up is one.


@schemathesis.check
def what_fits_its_schema_can_be_read(ctx: Any, response: Response, case: Case[Any]) -> None:
    """Refuse that a request which is as described is not readable, except where it speaks of what is not there."""
    if not _is_good(case) or response.status_code != 400:
        return
    told = response.json()
    pointed = {place["pointer"] for place in told["errors"]}
    assert told["code"] in OF_RECORD or (told["code"] == "parameter-invalid" and pointed <= MEANT and pointed), (
        f"a request as it is described is refused: {told}"
    )


def _is_good(case: Case[Any]) -> bool:
    """Say whether a request was meant to be as it is described."""
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE

"""The description of the API is made of the same types that check it."""

from typing import Any

import pytest

from api.selection import KNOWN
from tests.api.served import Served


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    described: dict[str, Any] = served.get("/openapi.json")
    return described


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in part.values()))
    return set().union(*(references(inner) for inner in part)) if isinstance(part, list) else set()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert references(document) <= known


def test_every_write_takes_a_strict_body_and_a_key(document: dict[str, Any]) -> None:
    writes = [
        (path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in ("post", "patch")
    ]

    assert len(writes) == 27
    for path, operation in writes:
        body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert document["components"]["schemas"][body]["additionalProperties"] is False, path
        assert {"Idempotency-Key", "dry_run"} <= names
        assert set(operation["responses"]) == {"200", "201", "default"}
        assert operation["security"] == [{"bearer": []}]


def test_every_read_says_whether_it_needs_a_token(document: dict[str, Any]) -> None:
    reads = {path: methods["get"]["security"] for path, methods in document["paths"].items() if "get" in methods}

    assert reads.pop("/v1/sources/{id}/text") == [{"bearer": []}]
    assert (reads.pop("/healthz"), reads.pop("/readyz")) == ([], [])
    assert "/v1/feed" in reads
    assert all(security == [{}, {"bearer": []}] for security in reads.values())


def test_every_parameter_of_the_feed_is_described(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/v1/feed"]["get"]["parameters"]

    assert {one["name"] for one in parameters if one["in"] == "query"} == set(KNOWN)


def test_an_operation_is_known_by_its_name_and_says_what_it_does(document: dict[str, Any]) -> None:
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["description"] for operation in operations)


def test_no_body_may_have_a_null(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    for name in ("NewSource", "NewAnnouncement", "Batch", "MakeAnnouncement", "WhenIn", "events.bodies.Speaker"):
        assert "null" not in str(schemas[name])
    assert schemas["NewAnnouncement"]["required"] == ["title", "citations"]
    assert schemas["MakeAnnouncement"]["properties"]["command"] == {"enum": ["make_announcement"]}

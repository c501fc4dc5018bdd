"""The description of the API is exactly true, as far as a description can be."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from api.openapi.introduction import TAGS
from api.problems import STATUS
from api.selection import KNOWN
from events.facts import TYPES
from tests.api.conforming import Described
from tests.api.served import Served

NO_OPERATIONS = {"method-not-allowed", "internal"}
"""Codes of what is no operation, or no promise."""
UNANSWERED = {
    "limit-invalid", "day-invalid", "not-an-instant", "not-canonical", "query-invalid", "read-invalid",
    "position-ahead", "state-too-large", "log-closed",
}  # fmt: skip
"""Codes of the parts below, which the parts above prevent or put in other words."""


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    described: dict[str, Any] = served.get("/openapi.json")
    return described


@pytest.fixture(scope="module")
def described(document: dict[str, Any]) -> Described:
    return Described(document)


def parts(whole: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a part of the document, examples left out."""
    if isinstance(whole, dict):
        yield whole
        for name, inner in whole.items():
            if name not in ("example", "examples", "default"):
                yield from parts(inner)
    elif isinstance(whole, list):
        for inner in whole:
            yield from parts(inner)


def codes(described: Described, operation: dict[str, Any]) -> set[str]:
    """Return every code that an operation says it can answer."""
    told = [
        content["schema"]["allOf"][1]["properties"]["code"]["enum"]
        for answer in operation["responses"].values()
        for media_type, content in described.resolved(answer).get("content", {}).items()
        if media_type == "application/problem+json"
    ]
    return set().union(*told)


def test_the_description_is_one_by_the_rules_of_openapi(document: dict[str, Any]) -> None:
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


def test_every_reference_leads_somewhere(described: Described) -> None:
    for part in parts(described.document):
        if isinstance(part.get("$ref"), str):
            assert described.resolved(part)


def test_every_schema_is_a_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_object_says_which_fields_it_has_and_has_no_others(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for part in parts(schema):
            if part.get("type") == "object" and "properties" in part:
                assert part["additionalProperties"] is False, name


def test_every_write_takes_a_strict_body_and_a_key(described: Described) -> None:
    writes = [
        (path, operation)
        for method, path, operation in described.operations()
        if "requestBody" in operation and any(one["name"] == "Idempotency-Key" for one in operation["parameters"])
    ]

    assert len(writes) >= 27
    for path, operation in writes:
        assert list(operation["requestBody"]["content"]) == ["application/json"]
        body = described.resolved(operation["requestBody"]["content"]["application/json"]["schema"])
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert body["additionalProperties"] is False, path
        assert "dry_run" in names
        assert {"200", "201", "400", "401", "403", "406", "409", "413", "415", "422", "503"} <= set(
            operation["responses"]
        )
        (security,) = operation["security"]
        assert security["bearer"]


def test_every_read_says_whether_it_needs_a_token(described: Described) -> None:
    for _, path, operation in described.operations():
        if path.startswith("/v1/") and operation["security"] == []:
            pytest.fail(f"{path} is open to everybody, whatever the operator says")
        if operation["security"]:
            assert {"401", "403"} <= set(operation["responses"]), path


def test_every_parameter_says_how_it_is_written_and_what_it_means(described: Described) -> None:
    for _, path, operation in described.operations():
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            assert parameter["description"], f"{path}: {parameter['name']}; write it in api/openapi/parameters.py"
            assert schema.keys() & {"type", "enum"}
            if parameter["in"] == "query" and schema.get("type") == "string":
                assert schema.keys() & {"pattern", "enum"}, f"{path}: {parameter['name']}"
            if schema.get("type") == "integer":
                assert {"minimum", "maximum"} <= schema.keys(), f"{path}: {parameter['name']}"
            if schema.get("type") == "array":
                assert (parameter["style"], parameter["explode"]) == ("form", True)


def test_every_parameter_of_the_feed_is_described(described: Described) -> None:
    (parameters,) = [one["parameters"] for _, path, one in described.operations() if path == "/v1/feed"]

    assert {one["name"] for one in parameters if one["in"] == "query"} == set(KNOWN)


def test_an_operation_is_known_by_its_name_and_says_what_it_does(described: Described) -> None:
    operations = [operation for _, _, operation in described.operations()]

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["description"] and operation["summary"] for operation in operations)
    assert {tag for operation in operations for tag in operation["tags"]} <= TAGS.keys()


def test_every_code_that_can_be_answered_is_said_by_an_operation(described: Described) -> None:
    said = set().union(*(codes(described, operation) for _, _, operation in described.operations()))

    assert STATUS.keys() - said <= NO_OPERATIONS | UNANSWERED
    assert said <= STATUS.keys()


def test_every_read_says_that_too_many_can_wait_and_one_that_can_take_long_how_that_ends(described: Described) -> None:
    said = {one["operationId"]: codes(described, one) for _, _, one in described.operations()}
    waiting = {name for name, answered in said.items() if "reads-full" in answered}

    assert {"search", "timeline_csv", "announcements", "view", "event", "read_date", "extract_text"} <= waiting
    assert waiting.isdisjoint({"feed", "health", "make_announcement", "batch"})
    for name in ("search", "scoreboard", "slippage", "due_ics", "announcements", "timeline", "extract_text", "rubrics"):
        assert "read-too-long" in said[name]


def test_no_body_may_have_a_null(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    for name in ("NewSource", "NewAnnouncement", "Batch", "MakeAnnouncement", "WhenIn", "SpeakerIn"):
        assert "null" not in str(schemas[name])
    assert schemas["NewAnnouncement"]["required"] == ["title", "citations"]
    assert schemas["MakeAnnouncement"]["properties"]["command"] == {"enum": ["make_announcement"]}


def test_what_is_one_of_many_says_by_what_it_is_told(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    commands = schemas["Batch"]["properties"]["commands"]["items"]

    assert commands["discriminator"]["propertyName"] == "command"
    assert len(commands["discriminator"]["mapping"]) == len(commands["anyOf"])
    assert [one["title"] for one in schemas["CloudEvent"]["oneOf"]] == [*TYPES, "as it is stored"]


def test_the_page_tells_every_operation_and_loads_nothing_from_elsewhere(served: Served, described: Described) -> None:
    answer = served.public.get("/docs")

    assert answer.headers["content-type"].startswith("text/html")
    for _, path, operation in described.operations():
        assert f'id="{operation["operationId"]}"' in answer.text
        assert path in answer.text
    for name in described.document["components"]["schemas"]:
        assert f'id="shape-{name}"' in answer.text
    assert re.findall(r'(?:src|<link[^>]* href)="(?!/)[^"]*"', answer.text) == []
    assert "<script" not in answer.text


def test_every_link_on_the_page_leads_somewhere_on_it(served: Served) -> None:
    text = served.public.get("/docs").text

    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))

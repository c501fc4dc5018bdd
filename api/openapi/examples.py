"""Examples: requests in an order in which they can be sent, and their answers. A test sends and compares them all."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

FILE: Final = Path(__file__).with_name("examples.json")


class Example(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request to an operation, and its answer. `parameters` are those of path and query, by name."""

    operation: str
    parameters: dict[str, Any] = {}
    body: dict[str, Any] | None = None
    status: int
    answer: Any


Examples: TypeAlias = Mapping[str, Example]


def read_examples() -> tuple[Example, ...]:
    """Return all examples, in the order in which they can be sent."""
    return msgspec.json.decode(FILE.read_bytes(), type=tuple[Example, ...])


def first_of_each(examples: tuple[Example, ...]) -> Examples:
    """Return one example for each operation."""
    first: dict[str, Example] = {}
    for example in examples:
        first.setdefault(example.operation, example)
    return first


def exemplified(operation: dict[str, Any], example: Example | None) -> dict[str, Any]:
    """Return the description of an operation with an example."""
    if example is None:
        return operation
    for parameter in operation["parameters"]:
        if parameter["name"] in example.parameters and parameter["in"] != "header":
            parameter["example"] = example.parameters[parameter["name"]]
    if example.body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example.body
    answer = operation["responses"].get(str(example.status), {})
    for media_type, content in answer.get("content", {}).items():
        answer["content"][media_type] = {**content, "example": example.answer}
    return operation

"""Every example of the description is sent to a real server, and its whole answer is as it is written."""

from typing import Any

import pytest

from api.openapi.examples import read_examples
from tests.api.scenario import STREAMS, Played

EXAMPLES = read_examples()
ELSEWHERE = {"timeline_as_html", "timeline_as_svg", "metrics"}
"""Operations whose answers are too long to show, or differ each time; `test_whole_bodies` says where."""


def numbered() -> list[Any]:
    return [pytest.param(number, id=f"{number}-{one.operation}") for number, one in enumerate(EXAMPLES)]


@pytest.mark.parametrize("number", numbered())
def test_an_example_is_answered_as_it_is_written(played: Played, number: int) -> None:
    answered = played.player.answered(EXAMPLES[number], played.answers[number])

    assert (answered.status, answered.answer) == (EXAMPLES[number].status, EXAMPLES[number].answer), (
        "where this is meant: python -m tests.api.scenario writes it down"
    )


@pytest.mark.parametrize("number", numbered())
def test_an_example_is_as_the_description_says(played: Played, number: int) -> None:
    described, example, answer = played.player.described, EXAMPLES[number], played.answers[number]
    (operation,) = [one for _, _, one in described.operations() if one["operationId"] == example.operation]

    assert described.faults(answer) == []
    if example.body is not None:
        body = described.validator(operation["requestBody"]["content"]["application/json"]["schema"])
        assert list(body.iter_errors(example.body)) == []
    for parameter in operation["parameters"]:
        if parameter["name"] in example.parameters:
            given = described.validator(parameter["schema"])
            assert list(given.iter_errors(example.parameters[parameter["name"]])) == [], parameter["name"]


def test_every_operation_has_an_example(played: Played) -> None:
    operations = {one["operationId"] for _, _, one in played.player.described.operations()}

    assert operations - {example.operation for example in EXAMPLES} == STREAMS | ELSEWHERE


def test_the_description_shows_the_examples(played: Played) -> None:
    for _, path, operation in played.player.described.operations():
        if operation["operationId"] not in STREAMS and "requestBody" in operation:
            (content,) = operation["requestBody"]["content"].values()
            assert content["example"], path

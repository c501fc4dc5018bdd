"""One server for each module of tests, whose every answer is held against the description of the API."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.api.conforming import Described
from tests.api.scenario import PUBLIC_URL, Played
from tests.api.served import Served


@pytest.fixture(scope="session")
def as_described(tmp_path_factory: pytest.TempPathFactory) -> Described:
    """What every server says of itself."""
    with Served(tmp_path_factory.mktemp("described")) as served:
        return Described(served.get("/openapi.json"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, as_described: Described) -> Iterator[Served]:
    def compare(answer: httpx2.Response) -> None:
        """Fail where an answer is not as it is described."""
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
            assert as_described.faults(answer) == []

    with Served(tmp_path_factory.mktemp("data")) as running:
        for client in (running.api, running.public):
            client.event_hooks = {"response": [compare]}
        yield running


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """A server on which the examples of the description were played. Tests only read from it."""
    with Served(tmp_path_factory.mktemp("played"), public_url=PUBLIC_URL) as served:
        yield Played(served)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"

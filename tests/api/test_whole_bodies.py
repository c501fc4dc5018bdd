"""Every route has a test that compares whole bodies, and a route without one fails here.

Operations of the API are compared by their examples (`test_openapi_examples`), pages here, and the rest where
`ELSEWHERE` says. To write down what is answered now: `python -m tests.api.scenario`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from api.exports.routes import public_path
from api.serving import FOLDERS, MEDIA_TYPES
from tests.api.inside import Route, inside, routes_of
from tests.api.scenario import BODIES, PAGES, Played

OF_PAGES: Final = {
    "/", "/about", "/actors", "/actors/{id}", "/announcements/{id}", "/corrections", "/log", "/rubric", "/search",
    "/timelines/{slug}", "/embed/{slug}", "/v1/timelines/{slug}.html", "/v1/timelines/{slug}.svg",
}  # fmt: skip
ELSEWHERE: Final[Mapping[Route, str]] = {
    Route("GET", "/openapi.json"): "test_openapi: it is the description itself",
    Route("GET", "/docs"): "test_openapi: it is made of the description",
    Route("GET", "/metrics"): "test_observing: it counts what happened before",
    Route("GET", "/static/{name}"): "below: they are files",
    Route("GET", "/widget/{name}"): "below: they are files",
    Route("GET", "/tile/{path}"): "test_proofs: other programs read them",
    Route("GET", "/v1/feed"): "tests/feed: it has no end",
    Route("GET", "/v1/timelines/{slug}/stream"): "test_drawings: it has no end",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_it_was_written_down(played: Played, name: str) -> None:
    assert played.player.page(PAGES[name]) == (BODIES / name).read_bytes().decode(), (
        "where this is meant: python -m tests.api.scenario writes it down"
    )


def test_a_file_is_what_is_served_of_it(played: Played) -> None:
    for folder, place in FOLDERS.items():
        for file in (file for file in place.glob("*") if file.suffix in MEDIA_TYPES):
            assert played.player.served.public.get(f"/{folder}/{file.name}").content == file.read_bytes(), file.name


async def test_every_route_has_its_whole_body_compared(data: Path, played: Played) -> None:
    async with inside(data) as service:
        routes = {Route(route.method, public_path(route.path)) for route in routes_of(service)}
    examples = {example.operation for example in played.examples}
    compared = {
        Route(method, path)
        for method, path, one in played.player.described.operations()
        if one["operationId"] in examples
    }

    left = {route for route in routes if route.method != "HEAD"} - compared - ELSEWHERE.keys()

    assert sorted(f"{route.method} {route.path}" for route in left if route.path not in OF_PAGES) == []
    assert {route.path for route in left} == OF_PAGES

"""Kept answers: for one moment, to one question, and never more than there is room for."""

from typing import Any

import pytest

from api.cache import ENTRY_BYTES, ENTRY_BYTES_MAX, Cache, Kept, has_already, kept_of, question_of

HEADERS = ((b"etag", b'"1-a"'), (b"content-type", b"application/json"), (b"content-length", b"2"))
QUESTION = ("/v1/timelines/a", b"", b"", b"", "http")


class World:
    """A position and a time of day, which tests move."""

    def __init__(self) -> None:
        self.position = 7
        self.edition = 1
        self.seconds = 59.0

    def cache(self, **limits: int) -> Cache:
        return Cache(lambda: self.position, edition=lambda: self.edition, clock=lambda: self.seconds, **limits)


def answer(body: bytes = b"{}") -> Kept:
    kept = kept_of(HEADERS, body, route="/v1/timelines/{slug}")
    assert kept is not None
    return kept


def asking(method: str = "GET", path: str = "/v1/timelines/a", query: bytes = b"", **headers: str) -> Any:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"method": method, "path": path, "query_string": query, "headers": sent, "scheme": "http"}


def question(**scope: Any) -> Any:
    asked = asking(**scope)
    return question_of(asked, dict(asked["headers"]))


def test_an_answer_is_given_again_within_its_moment() -> None:
    cache = World().cache()
    cache.keep(QUESTION, answer(), cache.moment())

    assert cache.find(QUESTION) == answer()
    assert (cache.hits, cache.misses) == (1, 0)


def test_an_answer_is_gone_once_the_views_go_on() -> None:
    world = World()
    cache = world.cache()
    cache.keep(QUESTION, answer(), cache.moment())

    world.position += 1

    assert cache.find(QUESTION) is None


def test_an_answer_is_gone_once_the_views_are_other_ones_at_the_same_position() -> None:
    world = World()
    cache = world.cache()
    cache.keep(QUESTION, answer(), cache.moment())

    world.edition += 1

    assert cache.find(QUESTION) is None


def test_an_answer_is_gone_with_its_minute_when_something_may_have_fallen_due() -> None:
    world = World()
    cache = world.cache()
    cache.keep(QUESTION, answer(), cache.moment())

    world.seconds = 60.0

    assert cache.find(QUESTION) is None
    world.seconds = 59.0
    assert cache.find(QUESTION) is None


@pytest.mark.parametrize("what", ["position", "edition", "seconds"])
def test_what_was_begun_in_another_moment_is_not_kept(what: str) -> None:
    world = World()
    cache = world.cache()
    begun = cache.moment()

    setattr(world, what, getattr(world, what) + 1)
    cache.keep(QUESTION, answer(), begun)

    assert cache.find(QUESTION) is None


def test_the_answers_used_last_are_kept_up_to_so_many_bytes() -> None:
    cache = World().cache(bytes_max=3 * (1000 + ENTRY_BYTES))
    questions = [("/", b"%d" % number, b"", b"", "http") for number in range(4)]
    for asked in questions[:3]:
        cache.keep(asked, answer(b"x" * 1000), cache.moment())
    cache.find(questions[0])

    cache.keep(questions[3], answer(b"x" * 1000), cache.moment())

    assert [cache.find(asked) is not None for asked in questions] == [True, False, True, True]
    assert cache.size <= 3 * (1000 + ENTRY_BYTES)


def test_answers_are_kept_up_to_so_many() -> None:
    cache = World().cache(entries_max=10)

    for number in range(100):
        cache.keep(("/", b"%d" % number, b"", b"", "http"), answer(), cache.moment())

    assert len(cache) == 10
    assert cache.size == 10 * (len(answer().body) + ENTRY_BYTES)


def test_keeping_the_same_twice_takes_its_room_once() -> None:
    cache = World().cache()

    for _ in range(3):
        cache.keep(QUESTION, answer(), cache.moment())

    assert (len(cache), cache.size) == (1, len(answer().body) + ENTRY_BYTES)


def test_an_answer_that_is_too_large_is_not_kept() -> None:
    cache = World().cache()

    cache.keep(QUESTION, answer(b"x" * ENTRY_BYTES_MAX), cache.moment())

    assert len(cache) == 0


@pytest.mark.parametrize(
    "personal",
    [
        {"authorization": "Bearer x"},
        {"cookie": "session=x"},
    ],
)
def test_who_says_who_they_are_is_not_answered_from_what_is_kept_for_everybody(personal: dict[str, str]) -> None:
    assert question(**personal) is None


def test_head_asks_what_get_asks() -> None:
    assert question(method="HEAD") == question(method="GET")


def test_questions_differ_by_whatever_answers_can_differ_by() -> None:
    asked = [
        question(),
        question(path="/v1/timelines/b"),
        question(query=b"limit=1"),
        question(accept="text/html"),
        question(host="other.example"),
    ]

    assert len(set(asked)) == len(asked)


def test_a_header_given_twice_is_not_looked_up() -> None:
    asked = asking(accept="text/html")
    asked["headers"] += [(b"accept", b"text/csv")]

    assert question_of(asked, dict(asked["headers"])) is None


@pytest.mark.parametrize(
    "more",
    [
        (b"set-cookie", b"a=b"),
        (b"cache-control", b"private, no-store"),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept-Language"),
    ],
)
def test_an_answer_for_one_reader_is_not_kept(more: tuple[bytes, bytes]) -> None:
    assert kept_of((*HEADERS, more), b"{}", route="/") is None


def test_an_answer_without_a_tag_is_not_kept() -> None:
    assert kept_of(HEADERS[1:], b"{}", route="/") is None


@pytest.mark.parametrize(
    ("given", "has"),
    [
        (b'"1-a"', True),
        (b'W/"1-a"', True),
        (b'"0-b", "1-a"', True),
        (b'"0-b",W/"1-a"', True),
        (b"*", True),
        (b" * ", True),
        (b"", False),
        (b'"1-b"', False),
        (b'"x1-a"', False),
        (b"1-a", False),
    ],
)
def test_a_client_has_what_it_names(given: bytes, has: bool) -> None:
    assert has_already(given, b'"1-a"') is has

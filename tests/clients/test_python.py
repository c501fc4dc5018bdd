"""The Python client against a real server, over connections that break."""

import ast
import importlib.util
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.api.served import ADMIN, ROOT, Served, announcement, source
from tests.clients.cutting import Cutting

FILE = ROOT / "clients" / "python" / "dateline.py"
FACTS = 40


@pytest.fixture(scope="module")
def client() -> Iterator[ModuleType]:
    """The one file, as somebody who copied it imports it."""
    spec = importlib.util.spec_from_file_location("dateline", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dateline"] = module
    spec.loader.exec_module(module)
    monkey = pytest.MonkeyPatch()
    monkey.setattr(module, "PAUSE_S", 0.01)
    yield module
    monkey.undo()
    del sys.modules["dateline"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("data")) as running:
        running.post("/v1/sources", source("bulletin"))
        for number in range(FACTS - 1):
            running.post("/v1/announcements", announcement(f"a{number}", "bulletin"))
        yield running


def facts(client: ModuleType, told: Iterator[Any], count: int) -> list[Any]:
    return list(islice((one for one in told if isinstance(one, client.Event)), count))


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}

    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_it_reads_one_thing_and_lists_of_many_pages(client: ModuleType, served: Served) -> None:
    dateline = client.Dateline(served.url)

    assert dateline.get("/v1/announcements/a1") == served.get("/v1/announcements/a1")
    assert [
        one["id"] for one in dateline.items("/v1/announcements", limit=7, state=["announced", "due", "overdue"])
    ] == [one["id"] for one in served.get("/v1/announcements", limit=1000)["items"]]
    assert list(dateline.items("/v1/announcements", from_="2030-01-01")) == []


def test_it_says_what_was_refused_and_where(client: ModuleType, served: Served) -> None:
    dateline = client.Dateline(served.url, ADMIN)

    with pytest.raises(client.Problem, match="unknown-reference") as refused:
        dateline.write("/v1/announcements", announcement("other", "nowhere"))

    assert refused.value.status == 400
    assert refused.value.errors[0]["pointer"] == "/citations/0/source"
    with pytest.raises(client.Problem, match="401"):
        client.Dateline(served.url).write("/v1/sources", source("x"))


@pytest.mark.parametrize("cut", [1, 40, 10_000_000])
def test_a_write_whose_answer_is_lost_is_done_once(client: ModuleType, served: Served, cut: int) -> None:
    head = served.head()

    with Cutting(served.port, [cut, cut, cut]) as proxy:
        receipt = client.Dateline(proxy.url, ADMIN).write("/v1/sources", source(f"cut-{cut}"))

    assert receipt["id"] == f"cut-{cut}"
    assert receipt["position"] == served.head() == head + 1
    assert receipt["duplicate"] == (cut < 10_000_000)
    assert proxy.cut == (3 if cut < 10_000_000 else 0)


def test_a_key_of_ones_own_is_the_same_write(client: ModuleType, served: Served) -> None:
    dateline = client.Dateline(served.url, ADMIN)

    first = dateline.write("/v1/sources", source("mine"), key="mine-1")
    again = dateline.write("/v1/sources", source("mine"), key="mine-1")
    several = dateline.batch([{"command": "record_source", **source("batched")}])

    assert (first["position"], first["duplicate"]) == (again["position"], False)
    assert again["duplicate"]
    assert [one["id"] for one in several["receipts"]] == ["batched"]


def test_what_is_no_json_is_text_and_what_is_empty_nothing(client: ModuleType, served: Served) -> None:
    dateline = client.Dateline(served.url, ADMIN)
    token = dateline.write("/v1/tokens", {"person": "Ada", "scopes": ["read"]})

    assert dateline.get("/v1/announcements.csv").startswith("\ufeffid,")
    assert dateline.write(f"/v1/tokens/{token['id']}", {}, method="DELETE") is None


@pytest.mark.parametrize("token", ["dl_…", "two words", "a\n"])
def test_a_token_that_cannot_be_sent_is_said_at_once(client: ModuleType, token: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        client.Dateline("http://127.0.0.1:9", token)


def test_a_path_or_a_key_that_cannot_be_sent_is_said_at_once(client: ModuleType) -> None:
    dateline = client.Dateline("http://127.0.0.1:9")

    for path in ("v1/log", "/v1/announcements/ä", "/v1/ log"):
        with pytest.raises(ValueError, match="is no path"):
            dateline.get(path)
    with pytest.raises(ValueError, match="is no key"):
        dateline.write("/v1/sources", {}, key="clé")


def test_nothing_answers(client: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ATTEMPTS_MAX", 2)
    with Cutting(1, []) as proxy:
        nobody = proxy.url

    with pytest.raises(client.Unreachable, match="GET /v1/log"):
        client.Dateline(nobody).get("/v1/log")
    with pytest.raises(ValueError, match="no http or https address"):
        client.Dateline("localhost:8470")


def test_the_feed_tells_every_fact_once_over_connections_that_break(client: ModuleType, served: Served) -> None:
    with Cutting(served.port, [0, 300, 900, 2000, 5000, 700, 20_000]) as proxy:
        told = facts(client, client.Dateline(proxy.url).follow(from_="start"), FACTS)

    assert [one.position for one in told] == list(range(1, FACTS + 1))
    assert proxy.cut == 7
    assert told[0].type == "source.recorded"
    assert told[0].data["title"] == "Bulletin bulletin"


def test_the_feed_goes_on_after_a_cursor_that_was_kept(client: ModuleType, served: Served) -> None:
    dateline = client.Dateline(served.url)
    kept = facts(client, dateline.follow(from_="start"), 10)[-1].cursor

    told = facts(client, dateline.follow(kept, from_="start"), 5)

    assert [one.position for one in told] == [11, 12, 13, 14, 15]


def test_a_feed_that_was_told_nothing_yet_goes_on_where_it_had_caught_up(client: ModuleType, served: Served) -> None:
    with Cutting(served.port, [100_000]) as proxy:
        follow = client.Dateline(proxy.url).follow(from_="head", types="announcement.cancelled")
        caught = next(follow)
        heard: list[Any] = []
        listening = threading.Thread(target=lambda: heard.append(facts(client, follow, 1)[0]))
        listening.start()
        body = {"citations": announcement("x", "bulletin")["citations"]}
        position = client.Dateline(served.url, ADMIN).write("/v1/announcements/a3/cancel", body)["position"]
        listening.join(20)

    assert caught.position < position
    assert [one.position for one in heard] == [position]


def test_a_feed_survives_the_server_being_killed(client: ModuleType, tmp_path: Path) -> None:
    with Served(tmp_path / "data") as served:
        served.post("/v1/sources", source("bulletin"))
        follow = client.Dateline(served.url).follow(from_="start")
        before = facts(client, follow, 1)
        served.kill()
        served.start()
        served.post("/v1/announcements", announcement("a", "bulletin"))

        after = facts(client, follow, 1)

    assert [one.position for one in before + after] == [1, 2]


def test_a_cursor_of_another_history_is_said(client: ModuleType, served: Served) -> None:
    with pytest.raises(client.HistoryChanged):
        next(client.Dateline(served.url).follow("00000000-3"))
